"""Responses as octets: heads, chunks and where a body ends."""

from __future__ import annotations

import h11
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.fetch.message import dechunk, head_end, parse_head, read_body
from tests.loopback import chunked


@given(st.binary(max_size=2000), st.integers(1, 400), st.binary(max_size=20))
@settings(deadline=None)
def test_chunks_are_put_together(body: bytes, size: int, after: bytes) -> None:
    sent = chunked(body, size)
    assert dechunk(sent + after) == dechunk(sent)
    found = dechunk(sent + after)
    assert (found.payload, found.consumed, found.complete) == (body, len(sent), True)


@given(st.binary(min_size=1, max_size=500), st.integers(1, 100), st.data())
@settings(deadline=None)
def test_a_cut_body_gives_what_came(body: bytes, size: int, data: st.DataObject) -> None:
    sent = chunked(body, size)
    cut = data.draw(st.integers(0, len(sent) - 1))
    found = dechunk(sent[:cut])
    assert not found.complete
    assert body.startswith(found.payload)
    assert found.consumed <= cut


def test_chunk_extensions_and_trailers_are_skipped() -> None:
    sent = b'5;name="v"\r\nhello\r\n6 \r\n world\r\n0\r\nDigest: x\r\nOther: y\r\n\r\n'
    assert dechunk(sent + b"HTTP/1.1 200") == dechunk(sent)
    assert dechunk(sent).payload == b"hello world"
    assert dechunk(sent).consumed == len(sent)


@pytest.mark.parametrize(
    "sent",
    [
        b"zz\r\nhello\r\n0\r\n\r\n",
        b"-5\r\nhello\r\n0\r\n\r\n",
        b"1_0\r\n" + b"x" * 16,
        b"5\nhello\n0\n\n",
        b"",
    ],
)
def test_a_bad_chunk_is_never_complete(sent: bytes) -> None:
    assert not dechunk(sent).complete
    assert dechunk(sent).payload == b""


def test_a_chunk_of_the_wrong_size_ends_the_body() -> None:
    found = dechunk(b"5\r\nhello\r\n3\r\nworld\r\n0\r\n\r\n")
    assert not found.complete
    assert found.payload == b"hellowor"


@given(
    st.lists(
        st.sampled_from([b"5\r\n", b"hello", b"\r\n", b"0\r\n", b";x", b"1", b"A: b\r\n", b"\n"]), max_size=14
    )
)
@settings(max_examples=300, deadline=None)
def test_chunks_are_read_as_the_parser_above_the_socket_reads_them(pieces: list[bytes]) -> None:
    sent = b"".join(pieces)
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="GET", target="/", headers=[("Host", "x")]))
    connection.send(h11.EndOfMessage())
    connection.receive_data(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + sent)
    payload = b""
    complete = False
    try:
        while (event := connection.next_event()) is not h11.NEED_DATA:
            if isinstance(event, h11.Data):
                payload += event.data
            if isinstance(event, h11.EndOfMessage):
                complete = True
                break
    except h11.RemoteProtocolError:
        pass
    found = dechunk(sent)
    assert found.payload == payload
    if complete:
        assert found.complete
        assert len(sent) - found.consumed == len(connection.trailing_data[0])


def test_a_head_keeps_order_case_and_duplicates() -> None:
    octets = (
        b"HTTP/1.1 200 Fine\r\nX-B: 1\r\nx-a:2 \r\nX-B:  3\r\n folded\r\n\tagain\r\n"
        b"no colon\r\nE\xe9: \xe9\r\n\r\n"
    )
    head = parse_head(octets)
    assert head is not None
    assert (head.version, head.status, head.reason) == ("1.1", 200, "Fine")
    assert head.headers == (("X-B", "1"), ("x-a", "2"), ("X-B", "3 folded again"), ("Eé", "é"))
    assert head.values("x-b") == ["1", "3 folded again"]


def test_what_is_no_status_line_is_no_head() -> None:
    assert parse_head(b"ICY 200 OK\r\n\r\n") is None
    assert parse_head(b"") is None
    assert parse_head(b"HTTP/1.1 200\r\n\r\n") is not None


def test_a_head_ends_with_its_first_blank_line() -> None:
    assert head_end(b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody\n\n") == 25
    assert head_end(b"HTTP/1.1 200 OK\nA: b\n\nbody") == 22
    assert head_end(b"HTTP/1.1 200 OK\r\nA: b\r\n") is None


@pytest.mark.parametrize(
    ("fields", "octets", "payload", "consumed", "complete"),
    [
        (b"Content-Length: 5", b"hello and more", b"hello", 5, True),
        (b"Content-Length: 5, 5", b"hello", b"hello", 5, True),
        (b"Content-Length: 9", b"hello", b"hello", 5, False),
        (b"Content-Length: 99\r\nTransfer-Encoding: Chunked", b"1\r\na\r\n0\r\n\r\n", b"a", 11, True),
        (b"Connection: close", b"hello", b"hello", 5, True),
        (b"Content-Length: \xb2", b"hello", b"hello", 5, True),
    ],
)
def test_a_body_ends_where_its_framing_says(
    fields: bytes, octets: bytes, payload: bytes, consumed: int, complete: bool
) -> None:
    head = parse_head(b"HTTP/1.1 200 OK\r\n" + fields + b"\r\n\r\n")
    assert head is not None
    body = read_body(head, octets)
    assert (body.payload, body.consumed, body.complete) == (payload, consumed, complete)


def test_an_answer_without_content_has_no_body() -> None:
    head = parse_head(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n")
    assert head is not None
    assert read_body(head, b"next").consumed == 0
