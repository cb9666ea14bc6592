"""Servers that mean harm: each ends in its required behaviour, in time, and never as a plain success."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from scraper.errors import BadResponse, FetchError, TooLarge, TooSlow, Unreachable
from scraper.fetch.client import Fetcher
from scraper.fetch.settings import FetchSettings
from tests.loopback import LOOPBACK, Answer, Loopback, bomb, chunked, drip, forever, page, raw, redirect

SETTINGS = FetchSettings(
    allow_networks=LOOPBACK,
    delay=0,
    robots=False,
    total_timeout=1.2,
    connect_timeout=1,
    idle_timeout=0.5,
    min_rate=500,
    min_rate_after=0.6,
    max_wire_bytes=300_000,
    max_error_bytes=50_000,
    max_chunks=3000,
)
OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with Fetcher(SETTINGS) as made:
        yield made


def _lines(count: int) -> bytes:
    return b"".join(b"X-%d: y\r\n" % number for number in range(count))


NO_ANSWER: dict[str, tuple[Answer, type[FetchError]]] = {
    "a hang": (raw(30.0), Unreachable),
    "a hang within the head": (raw(OK + b"Content-Le", 30.0), Unreachable),
    "a head that drips": (drip(OK + _lines(100), 0.01), Unreachable),
    "endless interim answers, fast": (forever(b"HTTP/1.1 100 Continue\r\n\r\n"), TooLarge),
    "endless interim answers, slow": (forever(b"HTTP/1.1 103 Early\r\n\r\n", pause=0.1), Unreachable),
    "one endless header": (forever(b"a" * 1000, after=OK + b"X: "), TooLarge),
    "endless headers": (forever(b"A: b\r\n", after=OK), TooLarge),
    "a megabyte of header": (raw(OK + b"X: " + b"y" * 1_000_000 + b"\r\n\r\n"), TooLarge),
    "too many short headers": (raw(OK + _lines(300) + b"\r\nbody"), TooLarge),
    "a status line without end": (forever(b"O", after=b"HTTP/1.1 200 "), TooLarge),
    "not HTTP": (raw(b"SSH-2.0-OpenSSH_9.2\r\n" * 3 + b"\r\n"), BadResponse),
    "HTTP/0.9": (raw(b"<html>hello</html>"), Unreachable),
    "rubbish": (raw(bytes(range(256)) * 20), BadResponse),
    "a head that is cut": (raw(OK + b"Content-Length: 5\r\n"), Unreachable),
    "a reset": (raw(reset=True), Unreachable),
    "a header without a colon": (raw(OK + b"no colon\r\n\r\nbody"), BadResponse),
    "lengths that contradict": (
        raw(OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"),
        BadResponse,
    ),
    "a negative length": (raw(OK + b"Content-Length: -5\r\n\r\nhello"), BadResponse),
    "an unknown transfer coding": (
        raw(OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        BadResponse,
    ),
}

CUT: dict[str, tuple[Answer, type[FetchError], str]] = {
    "an endless body": (forever(b"x" * 60_000, after=OK + b"\r\n"), TooLarge, "length"),
    "an endless chunk": (
        forever(b"x" * 60_000, after=OK + b"Transfer-Encoding: chunked\r\n\r\nffffffffffff\r\n"),
        TooLarge,
        "length",
    ),
    "endless small chunks": (
        forever(b"1\r\nx\r\n" * 2000, after=OK + b"Transfer-Encoding: chunked\r\n\r\n"),
        TooLarge,
        "length",
    ),
    "a body longer than allowed": (page("x" * 400_000), TooLarge, "length"),
    "endless trailers": (
        forever(b"A: b\r\n" * 1000, after=OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n"),
        BadResponse,
        "disconnect",
    ),
    "a body that drips": (drip(b"x" * 1000, 0.02, after=OK + b"\r\nstart"), TooSlow, "time"),
    "a body that stops": (raw(OK + b"Content-Length: 9\r\n\r\nhel", 30.0), TooSlow, "time"),
    "a body below the rate after a fast start": (
        drip(b"x" * 1000, 0.05, after=OK + b"\r\n" + b"y" * 50_000),
        TooSlow,
        "time",
    ),
    "a body that outlasts the deadline": (
        forever(b"x" * 100, after=OK + b"\r\n", pause=0.02),
        TooSlow,
        "time",
    ),
    "an early close": (raw(OK + b"Content-Length: 100\r\n\r\nhello"), BadResponse, "disconnect"),
    "a reset within the body": (
        raw(OK + b"Content-Length: 100\r\n\r\nhello", 0.1, reset=True),
        BadResponse,
        "disconnect",
    ),
    "chunks without an end": (
        raw(OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(b"hello" * 100, 50)[:-5]),
        BadResponse,
        "disconnect",
    ),
    "a bad chunk": (
        raw(OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nZZ\r\nhello\r\n0\r\n\r\n"),
        BadResponse,
        "disconnect",
    ),
    "a chunk of the wrong size": (
        raw(OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n"),
        BadResponse,
        "disconnect",
    ),
}


@pytest.mark.parametrize("threat", NO_ANSWER)
def test_what_has_no_head_is_an_error_without_a_record(threat: str, fetcher: Fetcher) -> None:
    answer, kind = NO_ANSWER[threat]
    with Loopback({"/": answer}) as server:
        begin = time.monotonic()
        fetched = fetcher.fetch(server.url())
        assert time.monotonic() - begin < SETTINGS.total_timeout + 2.5
        assert server.hits[0].sent < 4_000_000
    assert type(fetched.error) is kind
    assert "\n" not in str(fetched.error)
    assert fetched.exchanges == ()


@pytest.mark.parametrize("threat", CUT)
def test_a_cut_body_is_kept_marked_and_never_a_success(threat: str, fetcher: Fetcher) -> None:
    answer, kind, mark = CUT[threat]
    with Loopback({"/": answer}) as server:
        begin = time.monotonic()
        fetched = fetcher.fetch(server.url())
        assert time.monotonic() - begin < SETTINGS.total_timeout + 2.5
        sent = bytes(server.hits[0].response)
    assert type(fetched.error) is kind
    (exchange,) = fetched.exchanges
    assert exchange.truncated == mark
    assert sent.startswith(exchange.response)
    assert len(exchange.response) <= SETTINGS.max_wire_bytes
    assert exchange.status == 200
    assert exchange.payload[:1] in exchange.response[exchange.head_length :]


@pytest.mark.parametrize("code", [200, 302, 404, 503])
def test_bodies_that_are_no_pages_are_kept_short(code: int, fetcher: Fetcher) -> None:
    endless = forever(b"x" * 10_000, after=b"HTTP/1.1 %d X\r\nLocation: /there\r\n\r\n" % code)
    with Loopback({"/": endless, "/there": page("there")}) as server:
        fetched = fetcher.fetch(server.url())
    first = fetched.exchanges[0]
    limit = SETTINGS.max_wire_bytes if code == 200 else first.head_length + SETTINGS.max_error_bytes
    assert len(first.response) == limit
    assert first.truncated == "length"
    assert (fetched.error is None) == (code == 302)


def test_slow_hops_share_one_deadline() -> None:
    def slow(number: int) -> Answer:
        return raw(0.3, *redirect(f"/{number + 1}").pieces(), close=False)

    with (
        Loopback({f"/{number}": slow(number) for number in range(20)}) as server,
        Fetcher(SETTINGS) as fetcher,
    ):
        begin = time.monotonic()
        fetched = fetcher.fetch(server.url("/0"))
        assert time.monotonic() - begin < SETTINGS.total_timeout + 2.5
    assert isinstance(fetched.error, Unreachable)
    assert 2 <= len(fetched.exchanges) <= 5


def test_a_name_that_is_never_found_does_not_hold_the_fetch() -> None:
    def never(_host: str, _port: int) -> list[str]:
        time.sleep(3)
        return ["127.0.0.1"]

    with Fetcher(replace(SETTINGS, connect_timeout=0.3), resolver=never) as fetcher:
        begin = time.monotonic()
        fetched = fetcher.fetch("http://slow.example/")
        assert time.monotonic() - begin < 2.5
    assert isinstance(fetched.error, Unreachable)
    assert "slow.example" in str(fetched.error)


def test_a_name_that_does_not_exist_says_so() -> None:
    def unknown(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with Fetcher(SETTINGS, resolver=unknown) as fetcher:
        error = fetcher.fetch("http://nowhere.example/").error
    assert isinstance(error, Unreachable)
    assert not error.retryable
    assert str(error) == "http://nowhere.example/: nowhere.example: no such name"


def test_a_closed_port_says_so() -> None:
    with Loopback({}) as server:
        url = server.url()
    with Fetcher(SETTINGS) as fetcher:
        error = fetcher.fetch(url).error
    assert isinstance(error, Unreachable)
    assert error.retryable
    assert "connection refused" in str(error)


def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    with Loopback({"/": page("here")}, addresses=("127.0.0.5",)) as server:
        addresses = ["127.0.0.4", "127.0.0.5"]
        with Fetcher(SETTINGS, resolver=lambda _host, _port: addresses) as fetcher:
            fetched = fetcher.fetch(server.url(address="two.example"))
        assert fetched.error is None
        assert fetched.exchanges[0].ip_address == "127.0.0.5"
        assert f"Host: two.example:{server.port}\r\n".encode() in server.hits[0].request


CHILD = textwrap.dedent(
    """
    import json, sys
    from scraper.fetch.client import Fetcher
    from scraper.fetch.settings import FetchSettings
    settings = FetchSettings(allow_networks=("127.0.0.0/8",), robots=False, delay=0)
    with Fetcher(settings) as fetcher:
        for url in sys.argv[1:]:
            exchange = fetcher.fetch(url).exchanges[-1]
            size = len(fetcher.decoded(exchange).data) if exchange.content_codings else len(exchange.response)
            peak = int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])
            print(json.dumps([exchange.truncated, size, peak]))
    """
)


def test_memory_stays_low_with_the_default_limits() -> None:
    answers = {
        "endless": forever(b"x" * 60_000, after=OK + b"\r\n"),
        "chunks": forever(
            b"1000\r\n" + b"x" * 4096 + b"\r\n", after=OK + b"Transfer-Encoding: chunked\r\n\r\n"
        ),
    }
    for coding in ("gzip", "br", "zstd"):
        packed = bomb(coding, 64 << 20)
        head = OK + b"Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (coding.encode(), len(packed))
        answers[coding] = raw(head + packed)
    with Loopback({f"/{name}": answer for name, answer in answers.items()}) as server:
        child = subprocess.run(
            [sys.executable, "-c", CHILD, *(server.url(f"/{name}") for name in answers)],
            capture_output=True,
            check=True,
            timeout=100,
            cwd=Path(__file__).parents[2],
        )
    results = dict(zip(answers, map(json.loads, child.stdout.splitlines()), strict=True))
    for name, (truncated, size, peak_kib) in results.items():
        assert peak_kib < 200_000, name
        expected = ("length", 20_000_000) if name in ("endless", "chunks") else (None, 50_000_000)
        assert (truncated, size) == expected, name
