"""What a fetch records, follows and refuses to follow."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from scraper.errors import BadResponse, BadStatus, BadUrl, DecodeError, TooManyRedirects, Unreachable
from scraper.fetch.client import Fetcher
from scraper.fetch.settings import FetchSettings
from tests.loopback import LOOPBACK, Answer, Asked, Loopback, chunked, encoded, page, raw, redirect, status

SETTINGS = FetchSettings(allow_networks=LOOPBACK, delay=0, robots=False, total_timeout=10, idle_timeout=5)
TEXT = "<p>Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. " * 400


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with Fetcher(SETTINGS, now=lambda: datetime(2026, 11, 22, 8, 0, tzinfo=UTC)) as made:
        yield made


ANSWERS = {
    "/length": page(TEXT),
    "/chunked": page(TEXT, chunk=777),
    "/gzip": page(TEXT, coding="gzip"),
    "/gzip-chunked": page(TEXT, coding="gzip", chunk=100),
    "/deflate": page(TEXT, coding="deflate"),
    "/br": page(TEXT, coding="br"),
    "/zstd": page(TEXT, coding="zstd", chunk=13),
    "/until-close": raw(b"HTTP/1.0 200 OK\r\n\r\n" + TEXT.encode()),
    "/odd-head": raw(
        b"HTTP/1.1 200  Very  fine \r\nsErVer:  a\r\nX-Two: 1\r\nX-Two:\t2\r\nX-Latin: caf\xe9\r\n"
        b"X-Folded: a\r\n  b\r\nContent-Length: %d\r\n\r\n" % len(TEXT.encode()) + TEXT.encode(),
        close=False,
    ),
    "/bare-newlines": raw(b"HTTP/1.1 200 OK\nContent-Length: %d\n\n" % len(TEXT.encode()) + TEXT.encode()),
    "/extensions": raw(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"%x;a=b\r\n%s\r\n0\r\nX-Trailer: end\r\n\r\n" % (len(TEXT.encode()), TEXT.encode()),
        close=False,
    ),
    "/slow-pieces": raw(b"HTTP/1.1 20", 0.02, b"0 OK\r\nContent-Length: 2\r", 0.02, b"\n\r", 0.02, b"\nok"),
}


@pytest.mark.parametrize("path", ANSWERS)
def test_the_recorded_octets_are_the_ones_that_crossed_the_socket(path: str, fetcher: Fetcher) -> None:
    with Loopback(ANSWERS) as server:
        fetched = fetcher.fetch(server.url(path))
        (hit,) = server.hits
    assert fetched.error is None
    (exchange,) = fetched.exchanges
    assert exchange.request == hit.request
    assert exchange.response == bytes(hit.response)
    assert exchange.response[: exchange.head_length].endswith((b"\r\n\r\n", b"\n\n"))
    assert exchange.truncated is None
    assert exchange.status == 200
    assert exchange.ip_address == "127.0.0.1"
    assert exchange.target_uri == server.url(path)
    assert exchange.requested_at == datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
    if path != "/slow-pieces":
        assert fetcher.decoded(exchange).data == TEXT.encode()


def test_headers_are_kept_in_order_with_case_and_duplicates(fetcher: Fetcher) -> None:
    with Loopback(ANSWERS) as server:
        (exchange,) = fetcher.fetch(server.url("/odd-head")).exchanges
    assert exchange.headers[:5] == (
        ("sErVer", "a"),
        ("X-Two", "1"),
        ("X-Two", "2"),
        ("X-Latin", "café"),
        ("X-Folded", "a b"),
    )


def test_a_request_says_who_asks_and_is_sent_as_given(fetcher: Fetcher) -> None:
    with Loopback({}) as server:
        fetcher.fetch(server.url("/A/../b%2f?z=1&a= ü#x"))
        (hit,) = server.hits
    assert hit.request.startswith(b"GET /A/../b%2f?z=1&a=%20%C3%BC HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"\r\nUser-Agent: article-archive/" in hit.request
    assert b"\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n" in hit.request
    assert b"ookie" not in hit.request


def test_the_contact_stands_in_the_user_agent() -> None:
    settings = FetchSettings(contact="https://example.org/bot")
    assert settings.agent.startswith("article-archive/")
    assert settings.agent.endswith(" (+https://example.org/bot)")
    tokens = [it.product_token for it in (settings, FetchSettings(user_agent="Reader/1.0 (x)"))]
    assert tokens == ["article-archive", "Reader"]
    with pytest.raises(ValueError, match="contact"):
        FetchSettings(contact="a\r\nX: y")
    with pytest.raises(ValueError, match="allow_networks"):
        FetchSettings(allow_networks=("everything",))


def test_interim_responses_stand_before_the_record(fetcher: Fetcher) -> None:
    final = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
    with Loopback({"/": raw(early + final, close=False)}) as server:
        fetched = fetcher.fetch(server.url())
    assert fetched.error is None
    assert fetched.exchanges[0].response == final
    assert fetched.exchanges[0].headers == (("Content-Length", "2"),)


def test_a_connection_is_used_again_and_exchanges_do_not_mix(fetcher: Fetcher) -> None:
    routes = {
        f"/{index}": page(f"page {index} " * index, chunk=3 if index % 2 else None) for index in range(1, 30)
    }
    with Loopback(routes) as server:
        for index in range(1, 30):
            (exchange,) = fetcher.fetch(server.url(f"/{index}")).exchanges
            assert exchange.response == bytes(server.hits[-1].response)
            assert exchange.payload == f"page {index} ".encode() * index
        assert server.connections == 1


def test_octets_after_an_answer_belong_to_no_exchange(fetcher: Fetcher) -> None:
    smuggled = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood"
    in_chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"good", 2)
    routes = {
        "/length": raw(whole + smuggled, close=False),
        "/chunks": raw(in_chunks + smuggled, close=False),
        "/not-modified": raw(b"HTTP/1.1 304 Not Modified\r\n\r\n" + smuggled, close=False),
        "/late": raw(whole, 0.05, smuggled, close=False),
        "/next": page("next"),
    }
    with Loopback(routes) as server:
        for path, expected in (("/length", whole), ("/chunks", in_chunks), ("/late", whole)):
            fetched = fetcher.fetch(server.url(path))
            assert fetched.exchanges[0].response == expected
            if path == "/late":
                time.sleep(0.1)
            assert fetcher.fetch(server.url("/next")).exchanges[0].payload == b"next"
        fetcher.fetch(server.url("/not-modified"))
        assert fetcher.fetch(server.url("/next")).exchanges[0].payload == b"next"


def test_a_kept_connection_that_was_closed_meanwhile_is_replaced(fetcher: Fetcher) -> None:
    served = 0

    def once_a_connection(_: Asked) -> Answer:
        nonlocal served
        served += 1
        # Announce that the connection lives on, then close it as the next request comes in.
        if served == 2:
            return raw(close=True)
        return page("hello")

    with Loopback({"/": once_a_connection}) as server:
        assert fetcher.fetch(server.url()).error is None
        again = fetcher.fetch(server.url())
        assert again.error is None
        assert again.exchanges[0].request == server.hits[-1].request
        assert len(again.exchanges) == 1
        assert [hit.connection for hit in server.hits] == [1, 1, 2]


def test_a_new_connection_that_closes_is_not_asked_again(fetcher: Fetcher) -> None:
    with Loopback({"/": raw(close=True)}) as server:
        fetched = fetcher.fetch(server.url())
        assert len(server.hits) == 1
    assert isinstance(fetched.error, Unreachable)
    assert fetched.error.retryable


def test_every_hop_of_a_redirect_is_recorded(fetcher: Fetcher) -> None:
    routes = {
        "/a": redirect("b", 301),
        "/c": page("there", code=200),
    }
    with Loopback(routes, addresses=("127.0.0.1", "127.0.0.2")) as server:
        server.routes["/b"] = redirect(server.url("/c#part", "127.0.0.2"), 307)
        fetched = fetcher.fetch(server.url("/a"))
        assert fetched.error is None
        assert fetched.url == server.url("/a")
        assert [it.target_uri for it in fetched.exchanges] == [
            server.url("/a"),
            server.url("/b"),
            server.url("/c", "127.0.0.2"),
        ]
        assert [it.response for it in fetched.exchanges] == [bytes(hit.response) for hit in server.hits]
        assert [it.ip_address for it in fetched.exchanges] == ["127.0.0.1", "127.0.0.1", "127.0.0.2"]


def test_redirects_end_at_the_tenth(fetcher: Fetcher) -> None:
    with Loopback({f"/{n}": redirect(f"/{n + 1}") for n in range(20)}) as server:
        fetched = fetcher.fetch(server.url("/0"))
        assert len(server.hits) == 11
    assert isinstance(fetched.error, TooManyRedirects)
    assert len(fetched.exchanges) == 11


@pytest.mark.parametrize("routes", [{"/a": redirect("/a")}, {"/a": redirect("/b"), "/b": redirect("/a#x")}])
def test_a_circle_of_redirects_is_seen_at_once(routes: dict[str, Answer], fetcher: Fetcher) -> None:
    with Loopback(routes) as server:
        fetched = fetcher.fetch(server.url("/a"))
        assert len(server.hits) == len(routes)
    assert isinstance(fetched.error, TooManyRedirects)


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "ftp://127.0.0.1/", "data:text/html,x", "http://"]
)
def test_a_redirect_out_of_the_web_is_refused(location: str, fetcher: Fetcher) -> None:
    with Loopback({"/": redirect(location)}) as server:
        fetched = fetcher.fetch(server.url())
    assert isinstance(fetched.error, BadUrl)
    assert len(fetched.exchanges) == 1


def test_a_redirect_is_followed_even_if_its_body_is_cut(fetcher: Fetcher) -> None:
    cut = b"HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 100\r\n\r\nshort"
    with Loopback({"/": raw(cut), "/there": page("there")}) as server:
        fetched = fetcher.fetch(server.url())
    assert fetched.error is None
    assert fetched.exchanges[0].truncated == "disconnect"
    assert fetched.exchanges[0].response == cut


def test_credentials_stay_with_their_origin_and_conditions_with_their_url(fetcher: Fetcher) -> None:
    given = {
        "Authorization": "Basic c2VjcmV0",
        "cookie": "a=b",
        "If-None-Match": '"x"',
        "Accept-Language": "de",
    }
    routes = {
        "/a": redirect("/b"),
        "/d": page("end"),
    }
    with Loopback(routes, addresses=("127.0.0.1", "127.0.0.2")) as server:
        server.routes["/b"] = redirect(server.url("/c", "127.0.0.2"))
        server.routes["127.0.0.2/c"] = redirect(server.url("/d", "127.0.0.1"))
        assert fetcher.fetch(server.url("/a"), headers=given).error is None
        sent = [hit.request.lower() for hit in server.hits]
    assert [b"c2vjcmv0" in it for it in sent] == [True, True, False, False]
    assert [b"a=b" in it for it in sent] == [True, True, False, False]
    assert [b"if-none-match" in it for it in sent] == [True, False, False, False]
    assert all(b"accept-language: de" in it for it in sent)


def test_cookies_are_not_kept_and_user_information_is_not_sent(fetcher: Fetcher) -> None:
    with Loopback({"/": page("x", headers=(("Set-Cookie", "a=b; Path=/"),))}) as server:
        url = server.url().replace("http://", "http://user:secret@")
        for _ in range(2):
            fetched = fetcher.fetch(url)
            assert fetched.error is None
        requests = b"".join(hit.request for hit in server.hits).lower()
    assert b"cookie:" not in requests
    assert b"authorization" not in requests
    assert b"secret" not in requests
    assert "secret" not in fetched.exchanges[0].target_uri


@pytest.mark.parametrize(
    ("code", "retryable"),
    [
        (400, False),
        (401, False),
        (403, False),
        (404, False),
        (410, False),
        (429, True),
        (500, False),
        (503, True),
    ],
)
def test_an_answer_that_is_no_page_is_recorded_and_an_error(
    code: int, retryable: bool, fetcher: Fetcher
) -> None:
    with Loopback({"/": status(code)}) as server:
        fetched = fetcher.fetch(server.url())
        assert len(server.hits) == 1
    assert isinstance(fetched.error, BadStatus)
    assert (fetched.error.status, fetched.error.retryable) == (code, retryable)
    assert fetched.exchanges[0].payload == f"status {code}".encode()


@pytest.mark.parametrize("code", [300, 302, 304, 305])
def test_a_redirect_that_leads_nowhere_is_no_page(code: int, fetcher: Fetcher) -> None:
    with Loopback({"/": status(code)}) as server:
        fetched = fetcher.fetch(server.url())
    assert isinstance(fetched.error, BadStatus)
    assert fetched.error.status == code


def test_not_modified_is_an_answer_to_a_condition(fetcher: Fetcher) -> None:
    def conditional(asked: Asked) -> Answer:
        return (
            status(304)
            if asked.headers.get("if-none-match") == '"v1"'
            else page("v1", headers=(("ETag", '"v1"'),))
        )

    with Loopback({"/": conditional}) as server:
        first = fetcher.fetch(server.url())
        second = fetcher.fetch(
            server.url(), headers={"If-None-Match": first.exchanges[0].header("etag") or ""}
        )
    assert (first.error, second.error) == (None, None)
    assert second.exchanges[0].status == 304
    assert second.exchanges[0].payload == b""


def test_an_upgrade_that_nobody_asked_for_is_a_bad_response(fetcher: Fetcher) -> None:
    with Loopback({"/": raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nabc")}) as server:
        assert isinstance(fetcher.fetch(server.url()).error, BadResponse)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "example.org", "", "http://a b/"])
def test_a_url_that_cannot_be_asked_for_is_a_value_too(url: str, fetcher: Fetcher) -> None:
    fetched = fetcher.fetch(url)
    assert isinstance(fetched.error, BadUrl)
    assert fetched.exchanges == ()
    assert fetched.url == url


def test_a_header_that_cannot_be_sent_is_an_error_and_not_an_injection(fetcher: Fetcher) -> None:
    with Loopback({"/": page("x")}) as server:
        fetched = fetcher.fetch(server.url(), headers={"If-None-Match": '"a"\r\nX-Evil: 1'})
        assert server.hits == []
    assert isinstance(fetched.error, BadUrl)


def test_a_damaged_coding_is_found_when_it_is_undone(fetcher: Fetcher) -> None:
    broken = encoded(TEXT.encode(), "gzip")[:-20]
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(broken) + broken
    cut = (
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % (len(broken) + 20)
        + broken
    )
    with Loopback({"/": raw(answer), "/cut": raw(cut)}) as server:
        (exchange,) = fetcher.fetch(server.url()).exchanges
        with pytest.raises(DecodeError):
            fetcher.decoded(exchange)
        fetched = fetcher.fetch(server.url("/cut"))
    assert isinstance(fetched.error, BadResponse)
    found = fetcher.decoded(fetched.exchanges[0])
    assert found.truncated
    assert TEXT.encode().startswith(found.data)


def test_a_proxy_from_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with Loopback({"/": page("direct")}) as server, Loopback({}) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url())
        with Fetcher(SETTINGS) as under_proxy:
            assert under_proxy.fetch(server.url()).exchanges[0].payload == b"direct"
        assert proxy.hits == []
