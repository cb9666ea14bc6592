"""Sites that do not answer are left alone for a while, and what is known of them outlives a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import wait
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scraper.errors import Unreachable
from scraper.fetch.client import Fetcher
from scraper.fetch.health import (
    BREAKS_AT,
    FIRST_REST,
    LONGEST_REST,
    WELL,
    HostHealth,
    after_failure,
    after_retry_after,
)
from scraper.fetch.pool import FetchPool
from scraper.fetch.robots import RobotsAnswer
from scraper.fetch.settings import FetchSettings
from scraper.model import Fetched
from tests.loopback import LOOPBACK, Loopback, page, status

NOW = datetime(2017, 10, 3, 12, tzinfo=UTC)
SETTINGS = FetchSettings(
    allow_networks=LOOPBACK, delay=0.0, robots=False, tries=1, connect_timeout=2, total_timeout=5
)


def failed(times: int) -> HostHealth:
    """A site that failed so many times in a row, each time when it was asked again."""
    health, now = WELL, NOW
    for _ in range(times):
        health = after_failure(health, now, "no answer", 0.0)
        now = health.until or now
    return health


def test_a_few_failures_are_no_reason() -> None:
    assert failed(BREAKS_AT - 1).until is None


def test_the_rest_doubles_up_to_a_day() -> None:
    now, rests = NOW, []
    health = failed(BREAKS_AT - 1)
    for _ in range(12):
        health = after_failure(health, now, "no answer", 0.0)
        assert health.until is not None
        rests.append(health.until - now)
        now = health.until
    assert rests[:3] == [FIRST_REST, 2 * FIRST_REST, 4 * FIRST_REST]
    assert rests[-1] == LONGEST_REST
    assert health.since == NOW


def test_what_was_under_way_makes_no_rest_longer() -> None:
    health = failed(BREAKS_AT)
    assert health.until == NOW + FIRST_REST
    again = after_failure(health, NOW + timedelta(seconds=1), "another", 0.0)
    assert (again.failures, again.until, again.error) == (BREAKS_AT, health.until, "another")


def test_a_site_that_asks_for_a_long_pause_is_given_it_up_to_a_day() -> None:
    asked = after_retry_after(WELL, NOW, "answered 429", 7200.0)
    assert asked.until == NOW + timedelta(hours=2)
    assert asked.why("a.example") == (
        "a.example asked to be left alone, and is until 2017-10-03 14:00 UTC; it said: answered 429"
    )
    assert after_retry_after(asked, NOW, "again", 60.0).until == asked.until
    assert after_retry_after(WELL, NOW, "for ever", 1e18).until == NOW + LONGEST_REST


def fetch(
    urls: list[str], health: Mapping[str, HostHealth] | None = None
) -> tuple[list[Fetched], dict[str, HostHealth]]:
    with (
        Fetcher(SETTINGS, now=lambda: NOW) as fetcher,
        FetchPool(fetcher, chance=lambda: 0.0, health=health) as pool,
    ):
        found = []
        for url in urls:
            future = pool.submit(url)
            wait([future], timeout=10)
            pool.release()
            found.append(future.result())
        return found, pool.new_health()


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback(
        {"/": page("x"), "127.0.0.2/": status(502)}, addresses=("127.0.0.1", "127.0.0.2")
    ) as started:
        yield started


def test_a_site_that_fails_again_and_again_is_asked_no_more(server: Loopback) -> None:
    bad = [server.url("/", "127.0.0.2")] * 9
    found, health = fetch([server.url("/"), *bad])
    assert len([hit for hit in server.hits if hit.address == "127.0.0.2"]) == BREAKS_AT
    assert isinstance(found[-1].error, Unreachable)
    assert found[-1].error.retryable
    assert "is left alone until 2017-10-03 12:10 UTC" in str(found[-1].error)
    assert health["127.0.0.2"].until == NOW + FIRST_REST


def test_a_retry_after_too_long_for_this_run_is_left_to_another(server: Loopback) -> None:
    server.routes["/busy"] = status(429, ("Retry-After", "3600"))
    found, health = fetch([server.url("/busy"), server.url("/")])
    assert [hit.path for hit in server.hits] == ["/busy"]
    assert "asked to be left alone" in str(found[1].error)
    assert health["127.0.0.1"].until == NOW + timedelta(hours=1)
    (later,), _ = fetch([server.url("/")], {"127.0.0.1": replace(health["127.0.0.1"], until=NOW)})
    assert later.error is None


def test_a_rest_from_an_earlier_run_is_kept_and_ends_with_an_answer(server: Loopback) -> None:
    resting = {"127.0.0.1": HostHealth(7, NOW, NOW + timedelta(hours=1), "no answer")}
    fetch([server.url("/")], resting)
    assert server.hits == []
    over = {"127.0.0.1": HostHealth(7, NOW - timedelta(days=1), NOW, "no answer")}
    _, health = fetch([server.url("/")], over)
    assert health == {"127.0.0.1": WELL}


def test_a_dead_line_of_our_own_is_held_against_nobody(server: Loopback) -> None:
    found, health = fetch([server.url("/", "127.0.0.2")] * 9)
    assert all(one.error for one in found)
    assert health == {}


def test_what_a_robots_txt_said_outlives_a_run_for_a_day() -> None:
    settings = FetchSettings(allow_networks=LOOPBACK, delay=0.0)
    rules = "User-agent: *\nDisallow: /no"
    with Loopback(
        {"/robots.txt": page("User-agent: *\nDisallow: /no", content_type="text/plain"), "/": page("x")}
    ) as server:
        with Fetcher(settings, now=lambda: NOW) as first:
            first.fetch(server.url("/"))
            (said,) = first.new_robots()
            assert first.new_robots() == ()
        assert said == RobotsAnswer(server.url(""), rules.encode(), NOW)
        with Fetcher(settings, now=lambda: NOW + timedelta(hours=23), robots=[said]) as second:
            assert second.fetch(server.url("/")).error is None
            assert "forbids" in str(second.fetch(server.url("/no")).error)
        assert server.paths == ["/robots.txt", "/", "/"]
        with Fetcher(settings, now=lambda: NOW + timedelta(hours=25), robots=[said]) as third:
            third.fetch(server.url("/"))
        assert server.paths[3:] == ["/robots.txt", "/"]
