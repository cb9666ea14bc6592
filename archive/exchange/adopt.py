"""WARC files of other tools, taken under our roof: copied whole into the archive's folder, under a name that says so.

The records stay as they were written, octet for octet. Only how they are packed may change: a file that is not
compressed, or is one gzip stream, becomes one gzip member a record (WARC 1.1, annex A), so that each can be cut out.
What a crawler that was cut off has left of its last record becomes the last member, which readers then leave out.
"""

from __future__ import annotations

import contextlib
import errno
import gzip
import hashlib
import os
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from archive.errors import DiskFull
from archive.exchange.model import UnreadableFile
from scraper.warc.disk import make_folder, sync_folder
from scraper.warc.members import BadMember, read_member

PREFIX: Final = "imported-"
_NAME: Final = re.compile(r"imported-[0-9a-f]{12}-.*\.warc\.gz")
_PIECE: Final = 1024 * 1024
_HEAD_BYTES: Final = 1024 * 1024
"""More than the head of any record. What has none within it is no WARC file."""

_LENGTH: Final = re.compile(rb"\r?\ncontent-length:[ \t]*(\d{1,15})[ \t]*(?=\r?\n|$)", re.I)
_END: Final = re.compile(rb"\r?\n\r?\n")
_LEVEL: Final = 6
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def is_imported(name: str) -> bool:
    """Whether a file of this name came from another tool, as its name says."""
    return _NAME.fullmatch(name) is not None


def imported_extents(folder: Path) -> dict[str, int]:
    """Names and sizes of the imported files. What is in them was never promised: an import goes on with them itself."""
    return {
        path.name: path.stat().st_size for path in folder.glob(f"{PREFIX}*.warc.gz") if is_imported(path.name)
    }


def check_beginning(source: BinaryIO, name: str) -> None:
    """Raises: UnreadableFile, when it begins like no WARC file; cheap, before anything is locked or copied."""
    start = source.read(5)
    if start == b"WARC/":
        return
    if start[:2] != b"\x1f\x8b":
        raise UnreadableFile(f"{name}: no WARC file: it begins with neither WARC/ nor a gzip header")
    try:
        held = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(start + source.read(_PIECE), 5)
    except zlib.error as error:
        raise UnreadableFile(f"{name}: no WARC file: {error}") from error
    if held != b"WARC/":
        raise UnreadableFile(f"{name}: no WARC file: what is compressed in it is none")


def adopt(
    source: BinaryIO,
    name: str,
    folder: Path,
    *,
    check_room: Callable[[], None] = lambda: None,
    sha256: str | None = None,
) -> Path:
    """The copy of a WARC file in the archive's folder; made once, however often it is asked for.

    It is named by the digest of the file's bytes and by its own name: `imported-0123456789ab-crawl.warc.gz`. A file
    that was taken in under another name is not copied again.
    sha256: what its digest must be, in hexadecimal. check_room: raises what stops the copying.
    Hold the archive's lock: copies that a killed import left are removed.
    Raises: UnreadableFile, when it is no WARC file or not the one that was promised; DiskFull; OSError.
    """
    make_folder(folder)
    for left in folder.glob(".*.importing*"):
        left.unlink()
    try:
        return _adopt(source, name, folder, check_room, sha256)
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise DiskFull(
                f"{name}: no room is left on the disk for a copy; nothing of it was kept"
            ) from error
        raise


def _adopt(
    source: BinaryIO, name: str, folder: Path, check_room: Callable[[], None], sha256: str | None
) -> Path:
    part = folder / f".{os.getpid()}.importing"
    try:
        digest = hashlib.sha256()
        with part.open("xb") as copy:
            while piece := source.read(_PIECE):
                digest.update(piece)
                copy.write(piece)
                check_room()
        if sha256 is not None and digest.hexdigest() != sha256:
            raise UnreadableFile(
                f"{name}: its SHA-256 is {digest.hexdigest()}, not {sha256} as its package says"
            )
        begins = f"{PREFIX}{digest.hexdigest()[:12]}-"
        held = sorted(path for path in folder.glob(f"{begins}*.warc.gz") if is_imported(path.name))
        if held:  # under whatever name it came before
            return held[0]
        final = folder / f"{begins}{_stem(name)}.warc.gz"
        _pack_by_record(part, name, check_room)
        _move(part, final)
        return final
    finally:
        with contextlib.suppress(FileNotFoundError):
            part.unlink()


def _stem(name: str) -> str:
    bare = re.sub(r"(\.warc)?(\.gz)?$", "", name.rpartition("/")[2], flags=re.I)
    return re.sub(r"[^A-Za-z0-9._-]+", "-", bare).strip("-.")[:100] or "file"


def _move(part: Path, final: Path) -> None:
    with part.open("rb") as written:
        os.fsync(written.fileno())
    part.replace(final)
    sync_folder(final.parent)


def _pack_by_record(path: Path, name: str, check_room: Callable[[], None]) -> None:
    """Make a copy one gzip member a record, where it is not."""
    with path.open("rb") as stream:
        start = stream.read(5)
        if start == b"WARC/":
            stream.seek(0)
            _repack(stream, path, name, check_room)
            return
        try:
            member = read_member(stream, 0, max_bytes=_HEAD_BYTES)
        except BadMember:  # cut off, or damaged: then readers go on behind it
            with contextlib.suppress(zlib.error):
                stream.seek(0)
                _repack(_Unpacked(stream), path, name, check_room)
            return
        if member is None:
            return
        head, length = _head_of(member.data, name)
        if member.size <= head + length + len(b"\r\n\r\n"):
            return
    try:
        with path.open("rb") as stream:
            _repack(_Unpacked(stream), path, name, check_room)
    except zlib.error as error:
        raise UnreadableFile(f"{name}: {error}") from error


class _Unpacked:
    """What is compressed in a file of gzip members, up to where the file ends, even inside a member."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
        self._left = b""

    def read(self, size: int, /) -> bytes:
        """At the most so many octets; none at the end. Raises: zlib.error."""
        while True:
            packed = self._inflater.unconsumed_tail or self._left or self._stream.read(_PIECE)
            self._left = b""
            if data := self._inflater.decompress(packed, size):
                return data
            if self._inflater.eof:
                self._left = self._inflater.unused_data.lstrip(b"\0") or self._stream.read(_PIECE)
                if not self._left:
                    return b""
                self._inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
            elif not packed:
                return b""


class _Source(Protocol):
    def read(self, size: int, /) -> bytes: ...


def _head_of(data: bytes, name: str) -> tuple[int, int]:
    """Octets of the head of a record, and its Content-Length. Raises: UnreadableFile."""
    end = _END.search(data)
    length = _LENGTH.search(data[: end.start()]) if end else None
    if end is None or length is None:
        raise UnreadableFile(f"{name}: a record has no head that ends, or no Content-Length")
    return end.end(), int(length.group(1))


def _repack(source: _Source, path: Path, name: str, check_room: Callable[[], None]) -> None:
    """Write the records of a stream as gzip members in place of a file."""
    packed = path.with_name(f"{path.name}.packed")
    try:
        with packed.open("xb") as target:
            held = b""
            while True:
                while len(held) < _HEAD_BYTES and not _END.search(held) and (piece := source.read(64 * 1024)):
                    held += piece
                held = held.lstrip(b"\r\n")
                if not held:
                    break
                if not held.startswith(b"WARC/"):
                    raise UnreadableFile(f"{name}: a record does not begin with a version line")
                if not _END.search(held) and len(held) < _HEAD_BYTES:  # the file ends in the head of a record
                    target.write(gzip.compress(held, mtime=0))
                    break
                head, length = _head_of(held, name)
                held = _pack_one(source, target, held, head + length)
                check_room()
        packed.replace(path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            packed.unlink()


def _pack_one(source: _Source, target: BinaryIO, held: bytes, octets: int) -> bytes:
    """Write one record of so many octets as a member, or as many as there are; what was read beyond it."""
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    left = octets
    while left:
        piece, held = (held[:left], held[left:]) if held else (source.read(min(left, _PIECE)), b"")
        if not piece:
            break
        target.write(compressor.compress(piece))
        left -= len(piece)
    if not left:
        target.write(compressor.compress(b"\r\n\r\n"))
    target.write(compressor.flush())
    return held
