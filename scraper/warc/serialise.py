"""A record turned into one gzip member.  The one module that writes through warcio.

warcio lays out the record; three things are ours. The HTTP head goes in as part of the block, since warcio would
write it anew from its parsed form (reordered, re-encoded) and a record holds the octets received. The digests are
set beforehand, since warcio takes the payload with its chunk framing (warcio #74). And the compressor is ISA-L:
deflate at level 9 is about nine tenths of the cost of warcio's own writer (`../shared/facts/fetch-store.md`, 2).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Protocol

from isal import isal_zlib
from warcio.recordloader import ArcWarcRecord  # type: ignore[import-untyped]  # warcio ships no types
from warcio.statusandheaders import StatusAndHeaders  # type: ignore[import-untyped]  # the same
from warcio.warcwriter import WARCWriter  # type: ignore[import-untyped]  # the same

from scraper.warc.record import Draft

DEFAULT_LEVEL = 2
MAX_LEVEL = 9
_ISAL_MAX_LEVEL = 3
_GZIP = 16 + zlib.MAX_WBITS
_PIECE_BYTES = 256 * 1024
"""A block is compressed piece by piece, so that a large one is never held twice uncompressed."""


class _Compressor(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


def append_member(
    buffer: bytearray, draft: Draft, warcinfo_id: str | None, level: int = DEFAULT_LEVEL
) -> int:
    """Add the record to `buffer` as one gzip member and return the member's length in bytes.

    level: 0 to 3 by ISA-L, 4 to 9 by zlib (six times slower for an eighth less space).
    """
    start = len(buffer)
    headers = StatusAndHeaders("", draft.named_fields(warcinfo_id), protocol="WARC/1.1")
    stream = BytesIO(draft.block)
    # The type as warcio is told it is never `revisit`: it would leave the block out and write a head of its own.
    kind = "response" if draft.type == "revisit" else draft.type
    record = ArcWarcRecord("warc", kind, headers, stream, None, draft.content_type, len(draft.block))
    _PlainWriter(_Member(buffer, level), gzip=False, warc_version="1.1").write_record(record)
    return len(buffer) - start


class _Member:
    """The file that warcio writes to: each record is one `write` after another, and then `flush`."""

    def __init__(self, buffer: bytearray, level: int) -> None:
        self._buffer = buffer
        self._compressor = _compressor(level)

    def write(self, data: bytes) -> None:
        self._buffer += self._compressor.compress(data)

    def flush(self) -> None:
        self._buffer += self._compressor.flush()


class _PlainWriter(WARCWriter):  # type: ignore[misc]  # a class without types
    """warcio's writer, without its own digests and with larger pieces."""

    def ensure_digest(self, record: object, block: bool = True, payload: bool = True) -> None:
        """Leave the digests as they were set."""

    @staticmethod
    def _iter_stream(stream: BytesIO) -> Iterator[bytes]:
        while piece := stream.read(_PIECE_BYTES):
            yield piece


def _compressor(level: int) -> _Compressor:
    if not 0 <= level <= MAX_LEVEL:
        raise ValueError(f"compression level {level} is not between 0 and {MAX_LEVEL}")
    if level <= _ISAL_MAX_LEVEL:
        return isal_zlib.compressobj(level, isal_zlib.DEFLATED, _GZIP)
    return zlib.compressobj(level, zlib.DEFLATED, _GZIP)
