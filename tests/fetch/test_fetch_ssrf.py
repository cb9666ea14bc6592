"""Requests to the inside: none arrives, whatever the URL, the redirect, the name or the robots.txt says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from scraper.errors import AddressRefused, BadUrl
from scraper.fetch.client import Fetcher
from scraper.fetch.settings import FetchSettings
from scraper.fetch.wire import system_resolver
from tests.loopback import Loopback, page, redirect

OUTSIDE = "127.0.0.1"
INSIDE = "127.0.0.66"
SETTINGS = FetchSettings(
    allow_networks=(f"{OUTSIDE}/32",), delay=0, robots=False, total_timeout=3, connect_timeout=1
)
"""127.0.0.1 plays the public web here; 127.0.0.66 is the service that nobody may reach."""


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback({"/secret": page("internal")}, addresses=(OUTSIDE, INSIDE)) as started:
        yield started


def _assert_untouched(server: Loopback) -> None:
    assert [hit for hit in server.hits if hit.address == INSIDE] == []


SPELLINGS = [
    "127.0.0.66",
    "2130706498",
    "0x7f000042",
    "0x7f.0.0.0x42",
    "0177.0.0.0102",
    "127.66",
    "127.0.66",
    "１２７.0.0.66",
    "127。0。0。66",
    "[::ffff:127.0.0.66]",
    "[::ffff:7f00:42]",
    "[::127.0.0.66]",
    "[64:ff9b::7f00:42]",
    "[2002:7f00:42::]",
    "[::1]",
    "[::]",
    "0.0.0.0",
    "0",
    "10.0.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.168.0.1",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "224.0.0.1",
    "user@127.0.0.66",
    "127.0.0.1@127.0.0.66",
    "127.0.0.66.",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_an_inside_address_is_refused_however_it_is_written(spelling: str, server: Loopback) -> None:
    with Fetcher(SETTINGS) as fetcher:
        fetched = fetcher.fetch(f"http://{spelling}:{server.port}/secret")
    assert isinstance(fetched.error, AddressRefused)
    assert "fetch.allow_networks" in str(fetched.error)
    assert not fetched.error.retryable
    _assert_untouched(server)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_redirect_to_the_inside_is_refused(spelling: str, server: Loopback) -> None:
    server.routes["/"] = redirect(f"http://{spelling}:{server.port}/secret".encode().decode("latin-1"))
    with Fetcher(SETTINGS) as fetcher:
        fetched = fetcher.fetch(server.url("/"))
    assert isinstance(fetched.error, AddressRefused)
    assert len(fetched.exchanges) == 1
    _assert_untouched(server)


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "gopher://127.0.0.66/", "ftp://127.0.0.66/", "dict://x"]
)
def test_a_redirect_to_another_scheme_is_refused(location: str, server: Loopback) -> None:
    server.routes["/"] = redirect(location)
    with Fetcher(SETTINGS) as fetcher:
        assert isinstance(fetcher.fetch(server.url("/")).error, BadUrl)


def test_a_name_that_leads_inside_is_refused(server: Loopback) -> None:
    with Fetcher(SETTINGS, resolver=lambda _host, _port: [INSIDE]) as fetcher:
        error = fetcher.fetch(server.url("/secret", "intranet.example")).error
    assert isinstance(error, AddressRefused)
    assert "intranet.example leads to 127.0.0.66 (loopback)" in str(error)
    _assert_untouched(server)


def test_localhost_is_refused(server: Loopback) -> None:
    with Fetcher(FetchSettings(robots=False), resolver=system_resolver) as fetcher:
        assert isinstance(fetcher.fetch(server.url("/secret", "localhost")).error, AddressRefused)
    assert server.hits == []


def test_of_many_addresses_only_the_allowed_are_used(server: Loopback) -> None:
    server.routes["/"] = page("outside")
    with Fetcher(SETTINGS, resolver=lambda _host, _port: [INSIDE, "::1", OUTSIDE]) as fetcher:
        fetched = fetcher.fetch(server.url("/", "both.example"))
    assert fetched.error is None
    assert fetched.exchanges[0].ip_address == OUTSIDE
    _assert_untouched(server)


def test_a_name_that_changes_its_address_is_judged_at_each_connection(server: Loopback) -> None:
    answers = iter([[OUTSIDE], [INSIDE], [INSIDE]])
    server.routes["/"] = page("outside", headers=(("Connection", "close"),))
    with Fetcher(SETTINGS, resolver=lambda _host, _port: next(answers)) as fetcher:
        assert fetcher.fetch(server.url("/", "rebinding.example")).error is None
        assert isinstance(fetcher.fetch(server.url("/secret", "rebinding.example")).error, AddressRefused)
        assert isinstance(fetcher.fetch(server.url("/secret", "rebinding.example")).error, AddressRefused)
    _assert_untouched(server)


def test_a_name_is_looked_up_once_for_a_connection(server: Loopback) -> None:
    asked = []

    def resolver(host: str, _port: int) -> list[str]:
        asked.append(host)
        return [OUTSIDE] if len(asked) == 1 else [INSIDE]

    server.routes["/"] = page("outside")
    with Fetcher(SETTINGS, resolver=resolver) as fetcher:
        assert fetcher.fetch(server.url("/", "rebinding.example")).error is None
    assert asked == ["rebinding.example"]
    _assert_untouched(server)


def test_robots_txt_is_under_the_same_guard(server: Loopback) -> None:
    server.routes[f"{OUTSIDE}/robots.txt"] = redirect(server.url("/secret", INSIDE))
    with Fetcher(replace(SETTINGS, robots=True)) as fetcher:
        fetched = fetcher.fetch(server.url("/"))
        inside = fetcher.fetch(server.url("/secret", INSIDE))
    assert isinstance(fetched.error, AddressRefused)
    assert isinstance(inside.error, AddressRefused)
    assert server.paths == ["/robots.txt"]
    _assert_untouched(server)
