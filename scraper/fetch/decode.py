"""Content codings undone, within bounds that hold inside the decoder. Pure.

One call of a decoder can make gigabytes of a few hundred bytes (830 bytes of brotli, 320 kB of zstd: measured in
`../shared/facts/trust.md`, section 1), so no decoder here is ever allowed to give more than one small piece at a
time, and the reader stops asking once it has what it may hold.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import BytesIO
from typing import NamedTuple

import brotli  # type: ignore[import-untyped]  # it ships no types
import zstandard

from scraper.errors import DecodeError
from scraper.fetch.message import dechunk

__all__ = ["ACCEPT_ENCODING", "Decoded", "dechunk", "decode_content"]

ACCEPT_ENCODING = "gzip, deflate, br, zstd"
"""What we can undo, as a request header."""

_STEP = 64 * 1024
_GZIP_MAGIC = b"\x1f\x8b"
_MAX_PARTS = 100_000
"""Gzip members, zstd frames and blocks in one body. 50 MB in zstd are 400 blocks; 20 MB of parts that give an octet
or none would keep a decoder busy for minutes without ever reaching a limit on its output."""


class Decoded(NamedTuple):
    """A payload after its content codings. truncated: whether there was more than was asked for or had come."""

    data: bytes
    truncated: bool


def decode_content(
    payload: bytes,
    codings: Sequence[str],
    max_bytes: int,
    *,
    max_codings: int = 2,
    zstd_window: int = 8 * 1024 * 1024,
    partial: bool = False,
) -> Decoded:
    """A payload with its content codings undone, at most `max_bytes` of it.

    codings: in the order they were applied, as in Content-Encoding. max_codings: more than these is an error.
    zstd_window: bytes of the largest window a zstd frame may ask for.
    partial: the payload is known to be cut; give what can be read of it instead of raising.
    Raises: DecodeError, when a coding is unknown, damaged, cut (unless `partial`), or stacked too deep.
    """
    if len(codings) > max_codings:
        raise DecodeError(f"{len(codings)} content codings on top of each other; {max_codings} are allowed")
    if not codings or not payload:
        return Decoded(
            payload if len(payload) <= max_bytes else payload[:max_bytes], len(payload) > max_bytes
        )
    pieces: Iterator[bytes] = _slices(payload)
    for coding in reversed(codings):
        pieces = _decoder(coding, zstd_window)(pieces)
    found = BytesIO()  # its value is handed out without another copy
    try:
        for piece in pieces:
            room = max_bytes - found.tell()
            found.write(piece[:room])
            if len(piece) > room:
                return Decoded(found.getvalue(), True)
    except DecodeError:
        if not partial:
            raise
        return Decoded(found.getvalue(), True)
    return Decoded(found.getvalue(), partial)


def _slices(payload: bytes) -> Iterator[bytes]:
    view = memoryview(payload)
    for start in range(0, len(payload), _STEP):
        yield bytes(view[start : start + _STEP])


def _decoder(coding: str, zstd_window: int) -> Callable[[Iterator[bytes]], Iterator[bytes]]:
    name = coding.strip().lower()
    if name in ("gzip", "x-gzip"):
        return _gunzip
    if name == "deflate":
        return _inflate
    if name == "br":
        return _unbrotli
    if name == "zstd":
        return lambda pieces: _unzstd(pieces, zstd_window)
    raise DecodeError(f"unknown content coding {name[:40]!r}")


def _gunzip(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Members one after another; what follows the last and is no member is ignored, as browsers do."""
    source = _Source(pieces)
    while True:
        source.part()
        yield from _zlib_stream(source, zlib.decompressobj(zlib.MAX_WBITS | 16), "gzip")
        if source.peek(2) != _GZIP_MAGIC:
            return


def _inflate(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The zlib format, or the bare deflate that some servers send under its name (RFC 9110, 8.4.1.2)."""
    source = _Source(pieces)
    first = source.peek(2)
    wrapped = len(first) == 2 and first[0] & 0x0F == 8 and int.from_bytes(first) % 31 == 0
    bits = zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS
    yield from _zlib_stream(source, zlib.decompressobj(bits), "deflate")


class _Source:
    """Pieces that can be looked at before they are taken, and given back."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._held = b""
        self._at = 0
        self._parts = 0

    def take(self) -> bytes:
        """Whatever is at hand; empty at the end."""
        held, self._held = self._held[self._at :], b""
        self._at = 0
        return held or next(self._pieces, b"")

    def give_back(self, octets: bytes) -> None:
        """Put octets in front of what is left."""
        self._held = octets + self._held[self._at :]
        self._at = 0

    def peek(self, count: int) -> bytes:
        """The next `count` octets, or fewer where they end; they stay."""
        while len(self._held) - self._at < count and (more := next(self._pieces, b"")):
            self._held = self._held[self._at :] + more
            self._at = 0
        return self._held[self._at : self._at + count]

    def exactly(self, count: int) -> bytes:
        """The next `count` octets, or fewer where they end."""
        found = self.peek(count)
        self._at += len(found)
        return found

    def part(self) -> None:
        """Note that a member, frame or block begins. Raises: DecodeError, after too many."""
        self._parts += 1
        if self._parts > _MAX_PARTS:
            raise DecodeError(f"the body is damaged: more than {_MAX_PARTS} parts")


def _zlib_stream(source: _Source, decoder: zlib._Decompress, name: str) -> Iterator[bytes]:
    try:
        while not decoder.eof:
            octets = decoder.unconsumed_tail or source.take()
            if not octets:
                # Octets may still be waiting inside zlib after its last full piece.
                if rest := decoder.decompress(b"", _STEP):
                    yield rest
                    continue
                raise DecodeError(f"the {name} body ends in the middle")
            if piece := decoder.decompress(octets, _STEP):
                yield piece
    except zlib.error as error:
        raise DecodeError(f"the {name} body is damaged: {error}") from error
    source.give_back(decoder.unused_data)


def _unbrotli(pieces: Iterable[bytes]) -> Iterator[bytes]:
    source = _Source(pieces)
    decoder = brotli.Decompressor()
    try:
        while not decoder.is_finished():
            octets = source.take() if decoder.can_accept_more_data() else b""
            piece = decoder.process(octets, output_buffer_limit=_STEP)
            if piece:
                yield piece
            elif not octets and decoder.can_accept_more_data():
                raise DecodeError("the br body ends in the middle")
    except brotli.error as error:
        raise DecodeError("the br body is damaged") from error


_ZSTD_MAGIC = 0xFD2FB528
_ZSTD_SKIPPABLE = 0x184D2A50
_ZSTD_RLE = 1
_ZSTD_RESERVED = 3


def _unzstd(pieces: Iterable[bytes], window: int) -> Iterator[bytes]:
    """Frames one after another, fed block by block (RFC 8878, 3.1.1): a block makes at most 128 KiB.

    The library's own stream reader cannot tell a cut frame from a whole one, and its one-shot call has no
    limit on what it gives; feeding it single blocks gives both.
    """
    source = _Source(pieces)
    while magic_octets := source.exactly(4):
        source.part()
        magic = int.from_bytes(magic_octets, "little")
        if magic & 0xFFFFFFF0 == _ZSTD_SKIPPABLE:
            _skip(source, int.from_bytes(_need(source, 4), "little"))
            continue
        if magic != _ZSTD_MAGIC or len(magic_octets) < 4:
            raise DecodeError("the zstd body is damaged: no frame where one should begin")
        yield from _unzstd_frame(source, magic_octets, window)


def _unzstd_frame(source: _Source, magic: bytes, window: int) -> Iterator[bytes]:
    decoder = zstandard.ZstdDecompressor(max_window_size=window).decompressobj()
    descriptor = _need(source, 1)
    single_segment = descriptor[0] & 0x20
    has_checksum = descriptor[0] & 0x04
    id_length = (0, 1, 2, 4)[descriptor[0] & 0x03]
    size_length = (1 if single_segment else 0, 2, 4, 8)[descriptor[0] >> 6]
    header = _need(source, (0 if single_segment else 1) + id_length + size_length)
    feed = magic + descriptor + header
    last = False
    try:
        while not last:
            block = _need(source, 3)
            value = int.from_bytes(block, "little")
            last, kind, size = bool(value & 1), (value >> 1) & 3, value >> 3
            if kind == _ZSTD_RESERVED:
                raise DecodeError("the zstd body is damaged: a block of no known kind")
            body = _need(source, 1 if kind == _ZSTD_RLE else size)
            checksum = _need(source, 4) if last and has_checksum else b""
            source.part()
            if piece := decoder.decompress(feed + block + body + checksum):
                yield piece
            feed = b""
    except zstandard.ZstdError as error:
        raise DecodeError(f"the zstd body is damaged: {error}") from error


def _need(source: _Source, count: int) -> bytes:
    found = source.exactly(count)
    if len(found) < count:
        raise DecodeError("the zstd body ends in the middle")
    return found


def _skip(source: _Source, count: int) -> None:
    while count > 0:
        step = min(count, _STEP)
        _need(source, step)
        count -= step
