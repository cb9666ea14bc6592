"""An HTTP/1.1 response as octets: its head, and where its body ends. Pure.

The same rules read the socket's record while it is made and a WARC record years later, so a payload digest can
be checked from the record alone. Leniency follows h11, which drives the socket: what it takes, this takes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO
from typing import NamedTuple

_HEAD_END = re.compile(rb"\n\r?\n")
_STATUS_LINE = re.compile(rb"HTTP/(\d\.\d) (\d{3})(?: ([^\r\n]*))?\r?\n")
_CHUNK_HEADER = re.compile(rb"([0-9A-Fa-f]{1,20})[ \t]*(?:;[^\n]*)?\r\n")
_BODILESS = frozenset({204, 304})


class Head(NamedTuple):
    """A response head. headers: name and value as received, in order, decoded as ISO 8859-1."""

    version: str
    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]

    def values(self, name: str) -> list[str]:
        """Every comma-separated value of a header, in order."""
        joined = ",".join(value for key, value in self.headers if key.lower() == name)
        return [part for part in (piece.strip() for piece in joined.split(",")) if part]


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a response after transfer decoding.

    payload: before content decoding. consumed: octets of the message body as sent, framing included; what
        follows them belongs to no response. complete: whether it ended as its framing says.
    """

    payload: bytes
    consumed: int
    complete: bool


def head_end(octets: bytes | bytearray, start: int = 0) -> int | None:
    """Where a head that begins at or before `start` ends: just after its blank line; `None` if not yet."""
    match = _HEAD_END.search(octets, start)
    return match.end() if match else None


def status_of(octets: bytes | bytearray, start: int = 0) -> int | None:
    """The status of the head that begins at `start`; `None` where no status line stands."""
    match = _STATUS_LINE.match(octets, start)
    return int(match[2]) if match else None


def parse_head(octets: bytes | bytearray) -> Head | None:
    """The head of a response; `None` where it does not begin with a status line.

    octets: up to the blank line, which may be missing. Folded lines are joined by one space (RFC 9112, 5.2); lines
    without a colon are left out.
    """
    first = _STATUS_LINE.match(octets)
    if first is None:
        return None
    headers: list[tuple[str, str]] = []
    for line in bytes(octets[first.end() :]).split(b"\n"):
        text = line.rstrip(b"\r").decode("latin-1")
        if text[:1] in (" ", "\t") and headers:
            name, value = headers[-1]
            joined = value + " " + text.strip(" \t")
            headers[-1] = (name, joined.strip(" \t"))
            continue
        name, colon, value = text.partition(":")
        if colon and name:
            headers.append((name, value.strip(" \t")))
    reason = (first[3] or b"").decode("latin-1")
    return Head(first[1].decode("ascii"), int(first[2]), reason, tuple(headers))


def read_body(head: Head, octets: bytes | memoryview) -> Body:
    """The body that follows a head (RFC 9112, 6.3), for an answer to GET.

    octets: everything received after the head. Without a length or chunks the body runs to their end and
    counts as complete: only the connection knows better.
    """
    if head.status in _BODILESS:
        return Body(b"", 0, True)
    if "chunked" in (value.lower() for value in head.values("transfer-encoding")):
        return dechunk(octets)
    lengths = set(head.values("content-length"))
    if len(lengths) == 1 and (stated := lengths.pop()).isascii() and stated.isdigit():
        length = int(stated[:20])
        return Body(bytes(octets[:length]), min(length, len(octets)), len(octets) >= length)
    return Body(bytes(octets), len(octets), True)


def dechunk(octets: bytes | memoryview) -> Body:
    """A chunked body put together (RFC 9112, 7.1); trailers are skipped.

    What is broken or cut ends it: the octets up to there are the payload, and `complete` is false.
    """
    view = memoryview(octets)
    payload = BytesIO()  # not a list: a million one-octet chunks must stay a million octets
    at = 0
    while (header := _CHUNK_HEADER.match(view, at)) is not None:
        size = int(header[1], 16)
        begin = header.end()
        if size == 0:
            end = _trailers_end(view, begin)
            return Body(payload.getvalue(), end or len(view), end is not None)
        payload.write(view[begin : begin + size])
        at = begin + size + 2
        if view[begin + size : at].tobytes() != b"\r\n":
            break
    return Body(payload.getvalue(), min(at, len(view)), False)


def _trailers_end(view: memoryview, begin: int) -> int | None:
    if view[begin : begin + 2].tobytes() == b"\r\n":
        return begin + 2
    if view[begin : begin + 1].tobytes() == b"\n":
        return begin + 1
    match = _HEAD_END.search(view, begin)
    return match.end() if match else None
