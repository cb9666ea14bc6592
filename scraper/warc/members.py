"""Gzip members of a file, one at a time, in bounded memory.  Shell: reads the disk.

Each member stands for one WARC record (WARC 1.1, annex A), so a member's offset and length are the record's.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, Protocol, cast

from isal import igzip_lib, isal_zlib

MAX_RECORD_BYTES = 256 * 1024 * 1024
"""How much of one record is held at once. Our own are at most `fetch.max_bytes` long; other tools' may be longer."""

IsalError = cast(type[Exception], igzip_lib.IsalError)
"""The stub of isal names an instance where the class stands."""

_GZIP = 16 + zlib.MAX_WBITS
_MAGIC = b"\x1f\x8b\x08"
_INPUT_BYTES = 64 * 1024
_OUTPUT_BYTES = 1024 * 1024
_HEAD_BYTES = 16 * 1024
"""More than the named fields of any record take."""


class Inflater(Protocol):
    """What `zlib.decompressobj` and its faster twin have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def unconsumed_tail(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class BadMember(Exception):
    """What stands at `offset` is no whole gzip member. torn: the file ends before the member does."""

    def __init__(self, offset: int, reason: str, *, torn: bool = False) -> None:
        super().__init__(reason)
        self.offset = offset
        self.reason = reason
        self.torn = torn


@dataclass(frozen=True, slots=True)
class Member:
    """One whole member, its CRC and length checked. `data` is its content; `size` the content's full length.

    `size` is more than `len(data)` where the content was longer than asked for.
    """

    offset: int
    length: int
    data: bytes
    size: int


def fast_inflater() -> Inflater:
    """ISA-L, about twice as fast as zlib."""
    return isal_zlib.decompressobj(_GZIP)


def zlib_inflater() -> Inflater:
    """zlib: another implementation than the one that compressed, so that one cannot hide the other's error."""
    return zlib.decompressobj(_GZIP)


def read_member(
    stream: BinaryIO,
    offset: int,
    *,
    max_bytes: int = MAX_RECORD_BYTES,
    inflater: Callable[[], Inflater] = fast_inflater,
) -> Member | None:
    """The member at `offset`, or `None` at the end of the file.

    max_bytes: how much of the content to keep; the rest is inflated, checked and dropped.
    Raises: BadMember, when there is no whole member with a right checksum.
    """
    stream.seek(offset)
    inflate, pieces, size, taken = inflater(), list[bytes](), 0, 0
    while not inflate.eof:
        piece = inflate.unconsumed_tail
        if not piece:
            piece = stream.read(_INPUT_BYTES)
            taken += len(piece)
            if taken == 0:
                return None
            if not piece:
                raise BadMember(offset, "the file ends inside this gzip member", torn=True)
        try:
            content = inflate.decompress(piece, _OUTPUT_BYTES)
        except (zlib.error, IsalError) as error:
            first = piece if size == 0 and taken == len(piece) else b""
            raise BadMember(offset, _why(first, error)) from error
        if size < max_bytes:
            pieces.append(content[: max_bytes - size])
        size += len(content)
    return Member(offset, taken - len(inflate.unused_data), b"".join(pieces), size)


def next_record_offset(stream: BinaryIO, start: int, *, warcinfo_id: str | None = None) -> int | None:
    """Where, from `start` on, the next whole gzip member begins that holds a WARC record; `None` when none does.

    warcinfo_id: take only records that name this one as theirs. A page may be a WARC file itself, and deflate
        stores what it cannot compress as it is, so a damaged record may hold whole records of the page's making;
        the id of this file they cannot know.
    """
    mark = f"\r\nWARC-Warcinfo-ID: <{warcinfo_id}>\r\n".encode() if warcinfo_id else b""
    position, carried = start, b""
    while True:
        stream.seek(position)
        piece = stream.read(_INPUT_BYTES)
        window, base = carried + piece, position - len(carried)
        found = window.find(_MAGIC)
        while found >= 0:
            if _holds_record(stream, base + found, mark):
                return base + found
            found = window.find(_MAGIC, found + 1)
        if not piece:
            return None
        carried = window[-(len(_MAGIC) - 1) :]
        position += len(piece)


def _holds_record(stream: BinaryIO, offset: int, mark: bytes) -> bool:
    stream.seek(offset)
    try:
        # The head first: what only looks like a member is not inflated to its end.
        start = fast_inflater().decompress(stream.read(_HEAD_BYTES), _HEAD_BYTES)
        if not start.startswith(b"WARC/") or mark not in start.partition(b"\r\n\r\n")[0] + b"\r\n":
            return False
        return read_member(stream, offset, max_bytes=0) is not None
    except (BadMember, IsalError):
        return False


def _why(first: bytes, error: Exception) -> str:
    """A reason to show: whether it is no member at all, or a damaged one."""
    if first and not first.startswith(_MAGIC):
        return "no gzip member begins here"
    return f"damaged gzip member ({error})"
