"""robots.txt: asked first, once, and obeyed (RFC 9309)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from scraper.errors import RobotsDenied, Unreachable
from scraper.fetch.client import Fetcher
from scraper.fetch.pool import FetchPool
from scraper.fetch.robots import KEPT_SECONDS, RobotsBook, Rules, read_rules
from scraper.fetch.settings import FetchSettings
from tests.loopback import LOOPBACK, Answer, Loopback, forever, page, raw, redirect, status

SETTINGS = FetchSettings(allow_networks=LOOPBACK, delay=0, total_timeout=3, idle_timeout=0.5, tries=2)
UTF8 = "text/plain; charset=utf-8"


class Clock:
    """A clock that is told the time."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def _robots(text: str, **more: object) -> Answer:
    return page(text, content_type=UTF8, **more)  # type: ignore[arg-type]  # passed through as given


@pytest.fixture
def server() -> Iterator[Loopback]:
    routes = {"/": page("home"), "/open": page("open"), "/closed/x": page("closed")}
    with Loopback(routes, addresses=("127.0.0.1", "127.0.0.2")) as started:
        yield started


def test_robots_txt_is_asked_first_and_once(server: Loopback) -> None:
    server.routes["/robots.txt"] = _robots("User-agent: *\nDisallow: /closed\n")
    with Fetcher(SETTINGS) as fetcher:
        first = fetcher.fetch(server.url("/"))
        second = fetcher.fetch(server.url("/open"))
        closed = fetcher.fetch(server.url("/closed/x"))
    assert server.paths == ["/robots.txt", "/", "/open"]
    assert [it.target_uri for it in first.support] == [server.url("/robots.txt")]
    assert (first.error, second.error, second.support) == (None, None, ())
    assert isinstance(closed.error, RobotsDenied)
    assert closed.exchanges == ()
    assert "article-archive" in str(closed.error)


def test_rules_for_our_name_go_before_those_for_all(server: Loopback) -> None:
    server.routes["/robots.txt"] = _robots(
        "User-agent: *\nDisallow: /\n\nUser-agent: Article-Archive\nDisallow: /closed\nCrawl-delay: 7\n"
    )
    with Fetcher(SETTINGS, sleep=lambda _: None) as fetcher:
        assert fetcher.fetch(server.url("/open")).error is None
        assert isinstance(fetcher.fetch(server.url("/closed/x")).error, RobotsDenied)
        assert fetcher.crawl_delay(server.url("").rstrip("/")) == 7.0
        assert fetcher.delay_for(server.url("").rstrip("/")) == 7.0


def test_a_crawl_delay_is_obeyed_up_to_a_limit(server: Loopback) -> None:
    server.routes["/robots.txt"] = _robots("User-agent: *\nCrawl-delay: 86400\n")
    with Fetcher(SETTINGS, sleep=lambda _: None) as fetcher:
        fetcher.fetch(server.url("/"))
        assert fetcher.delay_for(server.url("")) == SETTINGS.max_crawl_delay


def test_robots_can_be_turned_off(server: Loopback) -> None:
    server.routes["/robots.txt"] = _robots("User-agent: *\nDisallow: /\n")
    with Fetcher(replace(SETTINGS, robots=False)) as fetcher:
        assert fetcher.fetch(server.url("/")).error is None
    assert server.paths == ["/"]


@pytest.mark.parametrize("code", [401, 403, 404, 410, 418])
def test_a_4xx_means_there_are_no_rules(code: int, server: Loopback) -> None:
    server.routes["/robots.txt"] = status(code)
    with Fetcher(SETTINGS) as fetcher:
        assert fetcher.fetch(server.url("/")).error is None


@pytest.mark.parametrize("code", [429, 500, 503])
def test_a_server_error_means_not_now(code: int, server: Loopback) -> None:
    clock = Clock()
    server.routes["/robots.txt"] = status(code)
    with Fetcher(SETTINGS, monotonic=clock) as fetcher:
        for path in ("/", "/open"):
            fetched = fetcher.fetch(server.url(path))
            assert isinstance(fetched.error, Unreachable)
            assert fetched.error.retryable
            assert f"answered {code}" in str(fetched.error)
        assert server.paths == ["/robots.txt"]
        server.routes["/robots.txt"] = status(404)
        clock.now += 301
        assert fetcher.fetch(server.url("/")).error is None


@pytest.mark.parametrize(
    "answer", [raw(), raw(30.0), raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nUser-a")]
)
def test_rules_that_cannot_be_had_are_no_permission(answer: Answer, server: Loopback) -> None:
    server.routes["/robots.txt"] = answer
    with Fetcher(SETTINGS) as fetcher:
        fetched = fetcher.fetch(server.url("/"))
        assert fetched.error is not None
        assert fetched.error.retryable
        fetcher.fetch(server.url("/"))
        fetcher.fetch(server.url("/"))
    assert server.paths == ["/robots.txt"] * SETTINGS.tries


def test_a_pool_does_not_wait_for_a_host_whose_rules_are_not_to_be_had(server: Loopback) -> None:
    server.routes["/robots.txt"] = status(503)
    with Fetcher(SETTINGS) as fetcher, FetchPool(fetcher) as pool:
        futures = [pool.submit(server.url(path)) for path in ("/", "/open", "/closed/x")]
        assert [type(future.result(5).error) for future in futures] == [Unreachable] * 3
    assert server.paths == ["/robots.txt"]


def test_an_encoding_that_cannot_be_undone_holds_no_rules(server: Loopback) -> None:
    server.routes["/robots.txt"] = page("Disallow: /", headers=(("Content-Encoding", "sdch"),))
    with Fetcher(SETTINGS) as fetcher:
        assert fetcher.fetch(server.url("/")).error is None


def test_redirects_to_robots_txt_are_followed_five_times(server: Loopback) -> None:
    for number in range(1, 9):
        server.routes[f"/{number}"] = redirect(f"/{number + 1}")
    server.routes["/robots.txt"] = redirect("/4")
    server.routes["/8"] = _robots("User-agent: *\nDisallow: /\n")
    with Fetcher(SETTINGS) as fetcher:
        assert isinstance(fetcher.fetch(server.url("/")).error, RobotsDenied)
    server.routes["/robots.txt"] = redirect("/3")
    with Fetcher(SETTINGS) as fetcher:
        fetched = fetcher.fetch(server.url("/"))
        assert fetched.error is None
        assert len(fetched.support) == 6


def test_rules_found_at_another_origin_are_not_asked_for_there_again(server: Loopback) -> None:
    server.routes["127.0.0.1/robots.txt"] = redirect(server.url("/robots.txt", "127.0.0.2"))
    server.routes["127.0.0.1/"] = redirect(server.url("/open", "127.0.0.2"))
    server.routes["127.0.0.2/robots.txt"] = _robots("User-agent: *\nAllow: /\n")
    with Fetcher(SETTINGS) as fetcher:
        assert fetcher.fetch(server.url("/")).error is None
    assert server.paths == ["/robots.txt", "/robots.txt", "/", "/open"]


def test_every_hop_of_a_redirect_is_asked_about(server: Loopback) -> None:
    server.routes["127.0.0.1/"] = redirect(server.url("/closed/x", "127.0.0.2"))
    server.routes["127.0.0.2/robots.txt"] = _robots("User-agent: *\nDisallow: /closed\n")
    with Fetcher(SETTINGS) as fetcher:
        fetched = fetcher.fetch(server.url("/"))
    assert isinstance(fetched.error, RobotsDenied)
    assert len(fetched.exchanges) == 1
    assert len(fetched.support) == 2
    assert "/closed/x" not in server.paths


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_rules_may_be_encoded(coding: str, server: Loopback) -> None:
    server.routes["/robots.txt"] = _robots("\ufeffUser-agent: *\nDisallow: /closed\n", coding=coding)
    with Fetcher(SETTINGS) as fetcher:
        assert isinstance(fetcher.fetch(server.url("/closed/x")).error, RobotsDenied)


def test_an_endless_robots_txt_is_read_to_its_limit(server: Loopback) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nUser-agent: *\nDisallow: /closed\n"
    server.routes["/robots.txt"] = forever(b"# filling filling filling\n" * 500, after=head)
    with Fetcher(SETTINGS) as fetcher:
        denied = fetcher.fetch(server.url("/closed/x"))
        assert isinstance(denied.error, RobotsDenied)
        assert denied.support[0].truncated == "length"
        assert fetcher.fetch(server.url("/open")).error is None


def test_rules_beyond_the_limit_and_the_line_it_cuts_are_not_read() -> None:
    text = b"User-agent: *\nDisallow: /a\nDisallow: /b\n"
    rules = read_rules(text, len(text) - 3)
    assert not rules.allows("http://example.org/a", "x")
    assert rules.allows("http://example.org/b", "x")
    assert not read_rules(text, len(text)).allows("http://example.org/b", "x")


@pytest.mark.parametrize(
    "octets", [b"", b"\xff\xfe\x00", b"<html>no rules</html>", b"\x00" * 500, b"Disallow: /"]
)
def test_what_holds_no_rules_allows_everything(octets: bytes) -> None:
    assert read_rules(octets, 1000).allows("http://example.org/", "article-archive")


def test_many_wildcards_are_matched_in_linear_time() -> None:
    rules = read_rules(b"User-agent: *\nDisallow: /" + b"*a" * 2000 + b"*b$\n", 500_000)
    assert rules.allows("http://example.org/" + "a" * 1900, "x")


def test_sitemaps_are_named() -> None:
    assert read_rules(b"Sitemap: https://example.org/s.xml\n", 1000).sitemaps == (
        "https://example.org/s.xml",
    )


def test_rules_are_asked_for_again_after_a_day() -> None:
    clock = Clock()
    book = RobotsBook(tries=3, monotonic=clock)
    book.keep("http://example.org", Rules())
    clock.now += KEPT_SECONDS - 1
    assert book.known("http://example.org") is not None
    clock.now += 2
    assert book.known("http://example.org") is None


def test_threads_that_meet_a_host_together_ask_it_once(server: Loopback) -> None:
    server.routes["/robots.txt"] = raw(0.3, *status(404).pieces(), close=False)
    with Fetcher(SETTINGS) as fetcher:
        errors = []
        threads = [
            threading.Thread(target=lambda: errors.append(fetcher.fetch(server.url("/open")).error))
            for _ in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(5)
    assert errors == [None] * 6
    assert server.paths.count("/robots.txt") == 1
