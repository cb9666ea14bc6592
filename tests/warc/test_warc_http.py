"""A recorded response gives its payload again, whatever real servers do to the framing."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scraper.fetch import message
from scraper.warc.http import NotHttp, parse_response, remove_chunking, request_payload


def test_headers_keep_case_order_and_duplicates() -> None:
    response = parse_response(b"HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nX-Y:b \r\nset-cookie:\tc\r\n\r\nbody")
    assert response.headers == (("Set-Cookie", "a"), ("X-Y", "b"), ("set-cookie", "c"))
    assert (response.version, response.status, response.reason) == ("HTTP/1.1", 200, "OK")
    assert response.payload == b"body"
    assert response.header("SET-COOKIE") == "a"


@pytest.mark.parametrize(
    ("head", "status", "reason"),
    [
        (b"HTTP/1.1 200\r\n\r\n", 200, ""),
        (b"HTTP/1.0 404  Not Found\r\n\r\n", 404, "Not Found"),
        (b"HTTP/1.1 200 OK\n\n", 200, "OK"),
        (b"HTTP/1.1 200 d\xe9j\xe0\r\n\r\n", 200, "déjà"),
    ],
)
def test_odd_status_lines_are_read(head: bytes, status: int, reason: str) -> None:
    response = parse_response(head)
    assert (response.status, response.reason, response.head_length) == (status, reason, len(head))


def test_folded_headers_and_blanks_before_the_colon_are_read() -> None:
    response = parse_response(b"HTTP/1.1 200 OK\r\nA : one\r\n\t two\r\nno colon\r\n\r\n")
    assert response.headers == (("A", "one two"),)


@pytest.mark.parametrize(
    "block", [b"", b"<html>", b"HTTP/2 200", b"ICY 200 OK\r\n\r\n", b"HTTP/1.1 20 OK\r\n\r\n"]
)
def test_what_has_no_status_line_is_not_http(block: bytes) -> None:
    if block == b"HTTP/2 200":
        assert parse_response(block).complete is False
        return
    with pytest.raises(NotHttp):
        parse_response(block)


def test_a_head_without_its_end_has_no_payload() -> None:
    response = parse_response(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n")
    assert (response.payload, response.complete) == (b"", False)


@pytest.mark.parametrize(
    ("wire", "payload", "complete"),
    [
        (b"5\r\nhello\r\n0\r\n\r\n", b"hello", True),
        (b"5;name=value\r\nhello\r\n000\r\n\r\n", b"hello", True),
        (b"5  \r\nhello\r\n0\r\nTrailer: x\r\n\r\n", b"hello", True),
        (b"5\nhello\n0\n\n", b"hello", True),
        (b"A\r\n0123456789\r\n3\r\nabc\r\n0\r\n\r\n", b"0123456789abc", True),
        (b"5\r\nhello\r\n0\r\n", b"hello", False),
        (b"5\r\nhello\r\n", b"hello", False),
        (b"5\r\nhel", b"hel", False),
        (b"5\r\nhello??0\r\n\r\n", b"hello", False),
        (
            b"5 \r\nhel0\r\n0\r\n\r\n",
            b"hel0\r",
            False,
        ),  # the LF is what is left of a CRLF that was taken for text
        (b"0x5\r\nhello\r\n0\r\n\r\n", b"", False),
        (b"-5\r\nhello\r\n0\r\n\r\n", b"", False),
        (b"<html>not chunked at all", b"", False),
        (b"", b"", False),
    ],
)
def test_chunk_framing_is_removed(wire: bytes, payload: bytes, complete: bool) -> None:
    assert remove_chunking(wire) == (payload, complete)
    response = parse_response(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\nContent-Length: 1\r\n\r\n" + wire
    )
    assert (response.payload, response.complete) == (payload, complete)


@given(st.lists(st.binary(min_size=1, max_size=40)))
def test_chunks_joined_are_the_body(parts: list[bytes]) -> None:
    wire = b"".join(b"%X\r\n%s\r\n" % (len(part), part) for part in parts)
    assert remove_chunking(b"head" + wire + b"0\r\n\r\n", 4) == (b"".join(parts), True)


@pytest.mark.parametrize(
    ("headers", "payload", "complete"),
    [
        (b"Content-Length: 3\r\n", b"bod", True),
        (b"Content-Length: 3, 3\r\nContent-Length: 3\r\n", b"bod", True),
        (b"Content-Length: 9\r\n", b"body", False),
        (b"Content-Length: 3\r\nContent-Length: 4\r\n", None, False),
        (b"Content-Length: +3\r\n", None, False),
        (b"Transfer-Encoding: gzip, chunked\r\n", None, False),
        (b"Transfer-Encoding: identity\r\n", b"body", True),
        (b"", b"body", True),
    ],
)
def test_framing_decides_the_payload(headers: bytes, payload: bytes | None, complete: bool) -> None:
    response = parse_response(b"HTTP/1.1 200 OK\r\n" + headers + b"\r\nbody")
    assert (response.payload, response.complete) == (payload, complete)


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
def test_some_answers_have_no_payload(status: bytes) -> None:
    response = parse_response(b"HTTP/1.1 " + status + b"\r\nContent-Length: 512\r\n\r\n")
    assert (response.payload, response.complete) == (b"", True)


def test_a_request_has_a_payload_only_when_it_says_so() -> None:
    assert request_payload(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n") == b""
    assert request_payload(b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nab") == b"ab"


def test_many_small_chunks_stay_small() -> None:
    wire = b"1\r\nx\r\n" * 50_000 + b"0\r\n\r\n"
    tracemalloc.start()
    content, complete = remove_chunking(wire)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (len(content), complete) == (50_000, True)
    assert peak < 500_000


WIRES = st.lists(
    st.sampled_from(
        [b"5\r\nhello\r\n", b"A;x=y\r\n0123456789\r\n", b"0\r\n", b"\r\n", b"T: x\r\n", b"5 \r\nhel", b"\n", b"zz"]
    )
).map(b"".join)  # fmt: skip
HEADERS = st.lists(
    st.sampled_from(
        [b"Transfer-Encoding: chunked\r\n", b"transfer-encoding:\tCHUNKED \r\n", b"Content-Length: 5\r\n",
         b"Content-Length: 5, 5\r\n", b"Content-Length: 7\r\n", b"Content-Length: x\r\n", b"A: b\r\n c\r\n", b"X: y\n"]
    ),
    max_size=3,
).map(b"".join)  # fmt: skip


@example(status=b"200 OK", headers=b"Transfer-Encoding: chunked\r\n", wire=b"5 \r\nhel0\r\n0\r\n\r\n")
@given(
    status=st.sampled_from([b"200 OK", b"304 Not Modified", b"204", b"404 Not Found"]),
    headers=HEADERS,
    wire=WIRES,
)
def test_reader_and_fetcher_agree_on_every_whole_answer(status: bytes, headers: bytes, wire: bytes) -> None:
    block = b"HTTP/1.1 " + status + b"\r\n" + headers + b"\r\n" + wire
    ours = parse_response(block)
    assert ours.head_length == message.head_end(block)
    head = message.parse_head(block[: ours.head_length])
    assert head is not None
    assert (ours.status, ours.headers) == (head.status, head.headers)
    theirs = message.read_body(head, block[ours.head_length :])
    if ours.complete and theirs.complete:
        assert ours.payload == theirs.payload
    assert ours.payload is None or ours.complete == theirs.complete
