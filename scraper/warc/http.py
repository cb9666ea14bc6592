"""A recorded HTTP/1.x message taken apart again: status line, headers, payload.  Pure.

Written apart from the fetcher on purpose: it judges what the fetcher recorded. It is tolerant of what real servers
send (bare LF, folded lines, spaces before a colon, no reason phrase, chunk extensions, trailers) and never guesses
a payload where the framing does not define one.
Source: RFC 9112, sections 4 to 8.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

Headers = tuple[tuple[str, str], ...]

_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_LINE = re.compile(rb"\r?\n")
_STATUS_LINE = re.compile(rb"(HTTP/\d(?:\.\d)?)[ \t]+(\d{3})(?:[ \t]+(.*))?")
_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;|$)")
_MAX_CHUNK_LINE_BYTES = 16 * 1024
"""h11 takes no longer line, so nothing longer can have been fetched whole."""

_NO_CONTENT = frozenset({204, 304})


class NotHttp(ValueError):
    """These octets do not begin with the status line of an HTTP/1.x response."""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A response as recorded.

    headers: as received, in order, duplicates kept, decoded as ISO 8859-1; folded lines joined by one space.
    head_length: octets up to and including the blank line.
    payload: after transfer decoding, before content decoding; `None` where the framing defines none
        (contradicting Content-Length fields, a transfer coding other than chunked).
    complete: whether everything the framing announces is there.
    """

    version: str
    status: int
    reason: str
    headers: Headers
    head_length: int
    payload: bytes | None
    complete: bool

    def header(self, name: str) -> str | None:
        """The first value of a header, whatever the case of its name."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


def parse_response(block: bytes) -> HttpResponse:
    """The HTTP response that the block of a `response` record holds.

    Raises: NotHttp, when there is no status line.
    """
    first, headers, head_length, head_complete = _split_head(block)
    found = _STATUS_LINE.fullmatch(first.strip(b" \t"))
    if found is None:
        raise NotHttp(f"no HTTP status line: {first[:80]!r}")
    version, status, reason = found.group(1).decode(), int(found.group(2)), found.group(3) or b""
    payload: bytes | None
    if not head_complete:
        payload, complete = b"", False
    elif status in _NO_CONTENT or status // 100 == 1:
        payload, complete = b"", True
    else:
        payload, complete = _payload(headers, block, head_length, until_close=True)
    return HttpResponse(version, status, reason.decode("latin-1"), headers, head_length, payload, complete)


def request_payload(block: bytes) -> bytes | None:
    """The payload of a recorded request; empty for most, `None` where the framing defines none."""
    _, headers, head_length, head_complete = _split_head(block)
    return _payload(headers, block, head_length, until_close=False)[0] if head_complete else b""


def remove_chunking(data: bytes, start: int = 0) -> tuple[bytes, bool]:
    """The content of a chunked body that begins at `start`, and whether it ends as it should.

    What follows a missing end, or a chunk that is none, is not taken: the content is what stood before it.
    """
    view, content, at = memoryview(data), bytearray(), start
    while True:
        end = data.find(b"\n", at, at + _MAX_CHUNK_LINE_BYTES)
        size = _CHUNK_SIZE.match(data[at:end].removesuffix(b"\r")) if end >= 0 else None
        if size is None:
            return bytes(content), False
        length, at = int(size.group(1), 16), end + 1
        if length == 0:
            return bytes(content), _trailers_end(data, at)
        content += view[at : at + length]  # no list of pieces: a hostile body has millions of them
        at += length
        # A server that ends its lines with LF alone does so in both: else a stray LF would pass for the end of a chunk.
        line_end = b"\r\n" if data[end - 1 : end] == b"\r" else b"\n"
        if not data.startswith(line_end, at):
            return bytes(content), False
        at += len(line_end)


def _trailers_end(data: bytes, at: int) -> bool:
    """Whether the blank line comes that ends the trailers, none of which is the usual case."""
    return data.startswith((b"\r\n", b"\n"), at) or _END_OF_HEAD.search(data, at) is not None


def _split_head(block: bytes) -> tuple[bytes, Headers, int, bool]:
    """First line, headers, length of the head with its blank line, and whether that line is there."""
    end = _END_OF_HEAD.search(block)
    head_length = end.end() if end else len(block)
    first, *lines = _LINE.split(block[: end.start() if end else len(block)])
    headers: list[tuple[str, str]] = []
    for line in lines:
        if line[:1] in {b" ", b"\t"} and headers:
            name, value = headers[-1]
            folded = line.decode("latin-1").strip(" \t")
            headers[-1] = (name, f"{value} {folded}".strip(" "))
            continue
        key, colon, rest = line.partition(b":")
        if colon:
            headers.append((key.decode("latin-1").strip(" \t"), rest.decode("latin-1").strip(" \t")))
    return first, tuple(headers), head_length, end is not None


def _payload(headers: Headers, block: bytes, start: int, *, until_close: bool) -> tuple[bytes | None, bool]:
    """The payload that RFC 9112, section 6.3, gives to these headers, and whether it is complete."""
    codings = [part for part in _listed(headers, "transfer-encoding") if part != "identity"]
    if codings == ["chunked"]:
        return remove_chunking(block, start)
    if codings:
        return None, False
    lengths = set(_listed(headers, "content-length"))
    if not lengths:
        return (block[start:], True) if until_close else (b"", True)
    if len(lengths) > 1 or not (length := lengths.pop()).isdecimal() or not length.isascii():
        return None, False
    return block[start : start + int(length)], len(block) - start >= int(length)


def _listed(headers: Headers, name: str) -> list[str]:
    """The members of a comma-separated header, lower case, all its lines together."""
    joined = ",".join(value for key, value in headers if key.lower() == name)
    return [part for part in (piece.strip(" \t").lower() for piece in joined.split(",")) if part]
