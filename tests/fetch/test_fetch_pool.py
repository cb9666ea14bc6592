"""Many URLs at once: polite, tried again, paused when nobody reads, ended when told to."""

from __future__ import annotations

import itertools
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, as_completed, wait
from dataclasses import replace
from pathlib import Path

import pytest

from scraper.errors import BadResponse, BadStatus, BadUrl, RobotsDenied, Unreachable
from scraper.fetch.client import Fetcher
from scraper.fetch.pool import FetchPool
from scraper.fetch.settings import FetchSettings
from scraper.model import Fetched
from tests.loopback import LOOPBACK, Answer, Asked, Hit, Loopback, drip, forever, page, raw, redirect, status

SETTINGS = FetchSettings(
    allow_networks=LOOPBACK, delay=0.15, connections=8, total_timeout=20, idle_timeout=10, min_rate=0
)
HOSTS = tuple(f"127.0.0.{number}" for number in range(1, 6))


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback({f"/{number}": page(f"page {number}") for number in range(8)}, addresses=HOSTS) as started:
        yield started


def _fetch_all(settings: FetchSettings, urls: Sequence[str]) -> dict[str, Fetched]:
    with Fetcher(settings) as fetcher, FetchPool(fetcher, chance=lambda: 0.0) as pool:
        futures = {pool.submit(url): url for url in urls}
        found = {}
        for future in as_completed(futures, timeout=30):
            found[futures[future]] = future.result()
            pool.release()
        return found


def _eventually(holds: Callable[[], bool]) -> None:
    for _ in range(500):
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError("it never came to that")


def _assert_polite(hits: list[Hit], delay: float) -> None:
    for host in {hit.address for hit in hits}:
        own = [hit for hit in hits if hit.address == host]
        for earlier, later in itertools.pairwise(own):
            assert later.began >= earlier.began + delay, f"{later.path} hurried {host}"


def test_a_host_is_given_its_pause_and_hosts_are_asked_side_by_side(server: Loopback) -> None:
    urls = [server.url(f"/{number}", host) for host in HOSTS for number in range(3)]
    found = _fetch_all(SETTINGS, urls)
    assert all(it.error is None for it in found.values())
    assert len(server.hits) == len(HOSTS) * 4  # robots.txt and three pages each
    _assert_polite(server.hits, SETTINGS.delay)
    last_first = max(min(hit.began for hit in server.hits if hit.address == host) for host in HOSTS)
    for host in HOSTS:  # nobody is nearly done before everybody has begun
        assert sorted(hit.began for hit in server.hits if hit.address == host)[3] > last_first


def test_the_pause_begins_when_the_answer_has_ended(server: Loopback) -> None:
    server.routes["/slow"] = raw(0.3, *page("slow").pieces(), close=False)
    _fetch_all(replace(SETTINGS, robots=False), [server.url("/slow"), server.url("/1")])
    slow, other = server.hits
    assert (slow.path, other.path) == ("/slow", "/1")
    assert other.began >= slow.began + 0.3 + SETTINGS.delay


def test_redirects_and_tries_are_given_the_pause_too(server: Loopback) -> None:
    codes = iter([503, 503])

    def busy(_: Asked) -> Answer:
        return status(next(codes), ("Retry-After", "0"))

    server.routes["/moved"] = redirect("/hop")
    server.routes["/hop"] = redirect("/1")
    server.routes["/busy"] = lambda asked: busy(asked) if server.paths.count("/busy") < 3 else page("at last")
    found = _fetch_all(SETTINGS, [server.url("/moved"), server.url("/busy")])
    assert all(it.error is None for it in found.values())
    assert len(server.hits) == 1 + 3 + 3
    _assert_polite(server.hits, SETTINGS.delay)
    tried = found[server.url("/busy")]
    assert [it.status for it in tried.exchanges] == [503, 503, 200]
    assert tried.exchanges[-1].payload == b"at last"


def test_a_crawl_delay_longer_than_ours_is_kept(server: Loopback) -> None:
    server.routes["/robots.txt"] = page("User-agent: *\nCrawl-delay: 0.4\n", content_type="text/plain")
    _fetch_all(SETTINGS, [server.url("/0"), server.url("/1")])
    _assert_polite(server.hits, 0.4)


def test_a_slow_host_does_not_hold_up_the_others(server: Loopback) -> None:
    server.routes["127.0.0.1/slow"] = raw(30.0)
    slow = [server.url("/slow")] + [server.url(f"/{number}") for number in range(3)]
    fast = [server.url(f"/{number}", "127.0.0.2") for number in range(3)]
    with Fetcher(SETTINGS) as fetcher, FetchPool(fetcher) as pool:
        futures = [pool.submit(url) for url in slow]
        others = [pool.submit(url) for url in fast]
        wait(others, timeout=8)
        assert not futures[0].done()
        assert all(future.result().error is None for future in others)


def test_more_slow_hosts_than_connections_do_not_hold_up_the_others(server: Loopback) -> None:
    slow = [server.url("/slow", host) for host in HOSTS[:4]]
    server.routes["/slow"] = raw(30.0)
    settings = replace(SETTINGS, connections=2, spare_connections=4, stalls_after=0.05, robots=False)
    with Fetcher(settings) as fetcher, FetchPool(fetcher) as pool:
        held = [pool.submit(url) for url in slow]
        others = [pool.submit(server.url(f"/{number}", HOSTS[4])) for number in range(3)]
        assert wait(others, timeout=8).not_done == set()
        assert not any(future.done() for future in held)


def test_what_is_not_asked_costs_a_host_no_pause(server: Loopback) -> None:
    server.routes["/robots.txt"] = page("User-agent: *\nDisallow: /no\n", content_type="text/plain")
    urls = [server.url(f"/no/{number}") for number in range(50)]
    begin = time.monotonic()
    found = _fetch_all(replace(SETTINGS, delay=0.5), [*urls, server.url("/1")])
    assert time.monotonic() - begin < 5
    assert all(isinstance(found[url].error, RobotsDenied) for url in urls)
    assert server.paths == ["/robots.txt", "/1"]


def test_what_a_host_asked_after_the_last_try_holds_for_its_other_pages(server: Loopback) -> None:
    server.routes["/busy"] = status(429, ("Retry-After", "1"))
    settings = replace(SETTINGS, delay=0.0, robots=False, tries=1)
    found = _fetch_all(settings, [server.url("/busy"), server.url("/1")])
    assert isinstance(found[server.url("/busy")].error, BadStatus)
    first, second = server.hits
    assert (first.path, second.path) == ("/busy", "/1")
    assert second.began >= first.sent_at + 1.0


def test_pauses_grow_from_page_to_page_while_a_host_fails(server: Loopback) -> None:
    server.routes["/x"] = server.routes["/y"] = raw(reset=True)
    settings = replace(SETTINGS, delay=0.0, robots=False, tries=1, max_retry_wait=2.0)
    _fetch_all(settings, [server.url("/x"), server.url("/y"), server.url("/1")])
    first, second, third = server.hits
    assert second.began >= first.began + 1.0
    assert third.began >= second.began + 2.0


def test_retry_after_is_obeyed_for_the_whole_host(server: Loopback) -> None:
    server.routes["/busy"] = lambda _: (
        status(429, ("Retry-After", "1")) if server.paths.count("/busy") == 1 else page("now")
    )
    found = _fetch_all(replace(SETTINGS, delay=0.0, robots=False), [server.url("/busy"), server.url("/1")])
    assert all(it.error is None for it in found.values())
    first, *later = server.hits
    assert first.path == "/busy"
    assert all(hit.began >= first.began + 1.0 for hit in later)


def test_retry_after_is_capped_and_tries_end(server: Loopback) -> None:
    server.routes["/busy"] = status(429, ("Retry-After", "86400"))
    settings = replace(SETTINGS, delay=0.0, robots=False, max_retry_wait=0.1)
    fetched = _fetch_all(settings, [server.url("/busy")])[server.url("/busy")]
    assert isinstance(fetched.error, BadStatus)
    assert fetched.error.status == 429
    assert len(fetched.exchanges) == len(server.hits) == settings.tries


@pytest.mark.parametrize("code", [400, 403, 404, 410, 500])
def test_other_answers_are_not_asked_again(code: int, server: Loopback) -> None:
    server.routes["/x"] = status(code)
    _fetch_all(replace(SETTINGS, robots=False), [server.url("/x")])
    assert len(server.hits) == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (raw(reset=True), Unreachable),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut"), BadResponse),
    ],
)
def test_a_broken_connection_is_tried_again(answer: Answer, kind: type[Exception], server: Loopback) -> None:
    settings = replace(SETTINGS, delay=0.0, robots=False, max_retry_wait=0.05)
    server.routes["/x"] = lambda _: answer if server.paths.count("/x") == 1 else page("whole")
    fetched = _fetch_all(settings, [server.url("/x")])[server.url("/x")]
    assert fetched.error is None
    assert fetched.exchanges[-1].payload == b"whole"
    server.routes["/y"] = answer
    fetched = _fetch_all(settings, [server.url("/y")])[server.url("/y")]
    assert type(fetched.error) is kind
    assert server.paths.count("/y") == settings.tries


@pytest.mark.parametrize("answer", [raw(30.0), drip(b"x" * 1000, 0.02, after=b"HTTP/1.1 200 OK\r\n\r\n")])
def test_what_used_up_its_time_is_not_tried_again(answer: Answer, server: Loopback) -> None:
    server.routes["/x"] = answer
    settings = replace(SETTINGS, robots=False, total_timeout=0.5, idle_timeout=0.4)
    fetched = _fetch_all(settings, [server.url("/x")])[server.url("/x")]
    assert fetched.error is not None
    assert fetched.error.retryable
    assert len(server.hits) == 1


def test_a_url_that_cannot_be_asked_for_has_a_result_too(server: Loopback) -> None:
    found = _fetch_all(SETTINGS, ["ftp://example.org/", "", server.url("/1")])
    assert isinstance(found["ftp://example.org/"].error, BadUrl)
    assert isinstance(found[""].error, BadUrl)
    assert found[server.url("/1")].error is None


def test_headers_go_with_their_url(server: Loopback) -> None:
    with Fetcher(SETTINGS) as fetcher, FetchPool(fetcher) as pool:
        pool.submit(server.url("/1"), headers={"If-None-Match": '"v1"'}).result(5)
    assert b'If-None-Match: "v1"' in server.hits[-1].request
    assert b"If-None-Match" not in server.hits[0].request


def test_fetching_pauses_while_results_are_not_read(server: Loopback) -> None:
    urls = [server.url(f"/{number}", host) for host in HOSTS for number in range(4)]
    settings = replace(SETTINGS, delay=0.0, robots=False, max_unread=3)
    most = 0
    with Fetcher(settings) as fetcher, FetchPool(fetcher) as pool:
        waiting: set[Future[Fetched]] = {pool.submit(url) for url in urls}
        _eventually(lambda: pool.unread == 3)
        time.sleep(0.2)
        assert pool.unread == 3
        assert len(server.hits) == 3
        while waiting:
            done, waiting = wait(waiting, timeout=10, return_when="FIRST_COMPLETED")
            for future in done:
                most = max(most, pool.unread)
                assert future.result().error is None
                pool.release()
    assert most == 3
    assert len(server.hits) == len(urls)


def test_fetching_pauses_while_much_is_unread(server: Loopback) -> None:
    urls = [server.url("/big", host) for host in HOSTS]
    server.routes["/big"] = page("x" * 300_000)
    settings = replace(SETTINGS, robots=False, max_unread_bytes=500_000, connections=1)
    with Fetcher(settings) as fetcher, FetchPool(fetcher) as pool:
        for url in urls:
            pool.submit(url)
        for _ in range(3):
            _eventually(lambda: pool.unread == 1)
            time.sleep(0.1)
            assert pool.unread == 1
            pool.release()


def test_large_answers_take_turns(server: Loopback) -> None:
    server.routes["/big"] = page("x" * 3_000_000)
    settings = replace(SETTINGS, robots=False, large_bytes=100_000, large_at_once=1, connections=5)
    found = _fetch_all(settings, [server.url("/big", host) for host in HOSTS])
    assert [it.error for it in found.values()] == [None] * 5
    assert all(len(it.exchanges[0].payload) == 3_000_000 for it in found.values())


CHILD = textwrap.dedent(
    """
    import sys
    from concurrent.futures import as_completed
    from scraper.fetch.client import Fetcher
    from scraper.fetch.pool import FetchPool
    from scraper.fetch.settings import FetchSettings
    settings = FetchSettings(allow_networks=("127.0.0.0/8",), robots=False, delay=0)
    with Fetcher(settings) as fetcher, FetchPool(fetcher) as pool:
        futures = {pool.submit(url) for url in sys.argv[1:]}
        while futures:
            future = next(as_completed(futures))
            futures.remove(future)
            assert len(future.result().exchanges[0].response) == 20_000_000
            del future
            pool.release()
    print(int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0]))
    """
)


def test_memory_stays_low_while_many_hosts_send_without_end() -> None:
    hosts = tuple(f"127.0.1.{number}" for number in range(1, 13))
    endless = forever(b"x" * 60_000, after=b"HTTP/1.1 200 OK\r\n\r\n")
    with Loopback({"/": endless}, addresses=hosts) as server:
        child = subprocess.run(
            [sys.executable, "-c", CHILD, *(server.url("/", host) for host in hosts)],
            capture_output=True,
            check=True,
            timeout=100,
            cwd=Path(__file__).parents[2],
        )
    assert int(child.stdout) < 250_000  # KiB; twelve answers with their payloads are 480 MB


def _never(_host: str, _port: int) -> list[str]:
    time.sleep(8)
    return []


def test_closing_breaks_off_what_is_under_way(server: Loopback) -> None:
    ok = b"HTTP/1.1 200 OK\r\n"
    server.routes |= {
        "127.0.0.1/x": raw(30.0),
        "127.0.0.2/x": drip(b"y" * 10_000, 0.05, after=ok + b"\r\n"),
        "127.0.0.3/x": forever(b"HTTP/1.1 103 Hm\r\n\r\n", pause=0.3),
        "127.0.0.4/x": status(503, ("Retry-After", "200")),
    }
    settings = replace(SETTINGS, robots=False)
    before = threading.active_count()
    with socket.create_server(("127.0.0.9", 0)) as silent, Fetcher(settings, resolver=_never) as fetcher:
        pool = FetchPool(fetcher)
        under_way = [pool.submit(server.url("/x", host)) for host in HOSTS[:4]]
        under_way.append(pool.submit(f"https://127.0.0.9:{silent.getsockname()[1]}/"))
        under_way.append(pool.submit("http://never.example/"))
        queued = [pool.submit(server.url(f"/{number}")) for number in range(3)]
        time.sleep(0.5)
        begin = time.monotonic()
        pool.close()
        assert time.monotonic() - begin < 5
        assert all(future.done() for future in under_way + queued)
        for future in under_way:
            error = future.result().error
            assert isinstance(error, Unreachable)
            assert error.retryable
            assert "stopped" in str(error)
        for future in queued:
            with pytest.raises(CancelledError):
                future.result()
        with pytest.raises(RuntimeError):
            pool.submit(server.url("/1"))
        assert threading.active_count() <= before + 1 + 4  # the sleeping resolver, the server's own
        pool.close()


def test_closing_without_cancelling_waits_for_everything(server: Loopback) -> None:
    with Fetcher(SETTINGS) as fetcher:
        pool = FetchPool(fetcher)
        futures = [pool.submit(server.url(f"/{number}")) for number in range(3)]
        pool.close(cancel=False)
        assert [future.result(0).error for future in futures] == [None] * 3
        assert fetcher.fetch(server.url("/1")).error is None


def test_a_future_that_is_cancelled_in_time_is_never_asked(server: Loopback) -> None:
    with Fetcher(SETTINGS) as fetcher, FetchPool(fetcher) as pool:
        first = pool.submit(server.url("/0"))
        second = pool.submit(server.url("/1"))
        third = pool.submit(server.url("/2"))
        assert second.cancel()
        assert first.result(5).error is None
        assert third.result(5).error is None
    assert "/1" not in server.paths


def test_many_hosts_with_many_pages_all_come() -> None:
    hosts = tuple(f"127.0.1.{number}" for number in range(1, 31))
    routes = {f"/{number}": page(f"{number}" * 1000, coding="gzip") for number in range(10)}
    with Loopback(routes, addresses=hosts) as server:
        urls = [server.url(f"/{number}", host) for number in range(10) for host in hosts]
        found = _fetch_all(replace(SETTINGS, delay=0.0, connections=16), urls)
        assert [it.error for it in found.values() if it.error] == []
        assert len(found) == 300
        assert len(server.hits) == 330
        for url, fetched in found.items():
            assert fetched.url == url
            assert fetched.exchanges[-1].target_uri == url
