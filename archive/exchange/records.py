"""WARC records of chosen articles copied whole into another file, byte for byte as they stand in ours.

With each response goes what belongs to it: its request, the metadata record beside it, the record that holds its
payload where it is a revisit, and the warcinfo record of the file it comes from.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple, Protocol
from uuid import uuid4

from archive.exchange.export import Order
from archive.exchange.spill import Spill
from archive.store.snapshot import KeptCapture
from scraper.model import RecordLocation
from scraper.warc.members import BadMember, next_record_offset, read_member
from scraper.warc.parse import Record, parse_record
from scraper.warc.reader import final_name, warc_files
from scraper.warc.record import warcinfo_draft
from scraper.warc.serialise import append_member

_WAITING: Final = 16
"""Records that may stand before the response they belong to: other tools write the request first."""

_NAMED_FILES: Final = 50
"""Files that the warcinfo record names; the records themselves name the rest by their own warcinfo records."""


class Sink(Protocol):
    """What copied records are written to."""

    def write(self, data: bytes, /) -> object:
        """Take all of these octets."""


class Copied(NamedTuple):
    """A record that was copied for a capture. location: where it stands now."""

    capture: KeptCapture
    location: RecordLocation


@dataclass(frozen=True, slots=True)
class Wanted:
    """The captures whose records are to be copied, on disk, by file and offset."""

    spill: Spill

    @classmethod
    def of(cls, captures: Iterable[KeptCapture]) -> Wanted:
        """Those captures, each record once."""
        spill = Spill()
        spill.connection.execute(
            "CREATE TABLE wanted (file, at, length, id, url, moment, status, mime, digest, page, revisit,"
            " PRIMARY KEY (file, at)) WITHOUT ROWID"
        )
        spill.connection.execute("CREATE TABLE ids (id PRIMARY KEY) WITHOUT ROWID")
        spill.connection.executemany(
            "INSERT OR IGNORE INTO wanted VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (*_place(one), one.capture_id, one.url, one.requested_at.isoformat(), one.status, one.mime,
                 one.payload_digest, one.is_page, one.is_revisit)
                for one in captures
            ),
        )  # fmt: skip
        return cls(spill)

    def __len__(self) -> int:
        return int(self.spill.connection.execute("SELECT count(*) FROM wanted").fetchone()[0])

    def files(self) -> dict[str, int]:
        """Names of the files in order, with the offset of the first record that is wanted of each."""
        return dict(
            self.spill.connection.execute("SELECT file, min(at) FROM wanted GROUP BY file ORDER BY file")
        )

    def at(self, file: str, offset: int) -> KeptCapture | None:
        """The capture whose record stands there, if it is wanted."""
        row = self.spill.connection.execute(
            "SELECT id, url, moment, status, mime, digest, page, revisit, length FROM wanted WHERE file = ? AND at = ?",
            [file, offset],
        ).fetchone()
        if row is None:
            return None
        number, url, moment, status, mime, digest, page, revisit, length = row
        location = RecordLocation(file, offset, length)
        instant = datetime.fromisoformat(moment)
        return KeptCapture(number, url, instant, status, mime, digest, bool(page), bool(revisit), location)

    def remember(self, record_id: str) -> None:
        """Note the id of a record that was copied."""
        self.spill.connection.execute("INSERT OR IGNORE INTO ids VALUES (?)", [record_id])

    def remembers(self, record_ids: Iterable[str]) -> bool:
        """Whether any of these was copied."""
        return any(
            self.spill.connection.execute("SELECT 1 FROM ids WHERE id = ?", [one]).fetchone()
            for one in record_ids
        )


def _place(capture: KeptCapture) -> tuple[str, int, int]:
    return capture.location.warc_file, capture.location.offset, capture.location.length


def copy_records(order: Order, target: Sink, name: str) -> Iterator[Copied]:
    """Copy the records of what is chosen, file by file, and say where each stands now.

    name: of the file that is written. What cannot be read is told to `order.notice` and left out.
    """
    wanted = Wanted.of(order.snapshot.captures())
    with wanted.spill:
        copier = _Copier(order, wanted, target, name)
        yield from copier.run()


class _Copier:
    def __init__(self, order: Order, wanted: Wanted, target: Sink, name: str) -> None:
        self._order = order
        self._wanted = wanted
        self._target = target
        self._name = name
        self._size = 0
        self._done = 0
        self._total = len(wanted)

    def run(self) -> Iterator[Copied]:
        files = self._wanted.files()
        self._put(self._warcinfo(files))
        folder = self._order.warc_folder
        paths = {final_name(path): path for path in (warc_files(folder) if folder.is_dir() else ())}
        names = sorted(paths)
        for name, first in files.items():
            if name not in paths:
                self._order.notice(f"{name}: the file is missing; its records are left out")
                continue
            yield from self._copy_from(paths[name], name, first)
            after = names[names.index(name) + 1 :][:1]
            if after and after[0] not in files:  # a file may be closed between a response and its metadata
                yield from self._copy_from(paths[after[0]], after[0], 0, most=_WAITING)
        missing = self._total - self._done
        if missing:
            self._order.notice(
                f"{missing} records could not be read where they should stand, and are left out"
            )

    def _warcinfo(self, files: Mapping[str, int]) -> bytes:
        named = ", ".join(list(files)[:_NAMED_FILES]) + (" and others" if len(files) > _NAMED_FILES else "")
        info = {
            "software": self._order.software,
            "isPartOf": "article-archive",
            "description": f"Records copied byte for byte ({self._order.snapshot.choice}) from {named or 'no file'}",
        }
        buffer = bytearray()
        append_member(buffer, warcinfo_draft(uuid4().urn, self._order.now, self._name, info), None)
        return bytes(buffer)

    def _copy_from(self, path: Path, name: str, first: int, most: int | None = None) -> Iterator[Copied]:
        """Copy what is wanted of one file. most: read no more records than so many."""
        try:
            with path.open("rb", buffering=128 * 1024) as stream:
                waiting: deque[Record] = deque(maxlen=_WAITING)
                introduced = False
                for number, record in enumerate(self._records(stream, name, first)):
                    if number == most:
                        return
                    capture = self._wanted.at(name, record.offset)
                    belongs = record.type in ("request", "metadata") and self._wanted.remembers(
                        record.concurrent_to
                    )
                    if capture is None and not belongs:
                        if record.type in ("request", "metadata"):
                            waiting.append(record)
                        continue
                    if not introduced:
                        self._introduce(stream, name)
                        introduced = True
                    if capture is None:
                        self._copy(stream, record.location)
                        continue
                    for earlier in waiting:
                        if _belongs(earlier, record):
                            self._copy(stream, earlier.location)
                    waiting.clear()
                    at = self._copy(stream, record.location)
                    if record.record_id:
                        self._wanted.remember(record.record_id)
                    self._done += 1
                    self._order.progress(self._done, self._total)
                    yield Copied(capture, at)
        except OSError as error:
            self._order.notice(f"{name}: cannot be read: {error.strerror or error}; its records are left out")

    def _records(self, stream: BinaryIO, name: str, first: int) -> Iterator[Record]:
        """The records from a little before the first that is wanted, without what is damaged."""
        offset: int | None = self._before(stream, name, first)
        while offset is not None:
            try:
                member = read_member(stream, offset)
                if member is None:
                    return
                record, _ = parse_record(member.data, file=name, offset=offset, length=member.length)
            except (BadMember, ValueError) as error:
                self._order.notice(f"{name} at byte {offset}: {error}; left out")
                offset = next_record_offset(stream, offset + 1)
                continue
            yield record
            offset += member.length

    def _before(self, stream: BinaryIO, name: str, first: int) -> int:
        """Where to begin: our own files have nothing before a response that belongs to it, others may have."""
        record = self._record_at(stream, name, 0)
        ours = record is not None and b"software: article-archive/" in record.block
        return first if ours else 0

    def _introduce(self, stream: BinaryIO, name: str) -> None:
        """The warcinfo record that opens the file, which its records name as theirs."""
        record = self._record_at(stream, name, 0)
        if record is None or record.type != "warcinfo" or not record.record_id:
            return
        if not self._wanted.remembers([record.record_id]):
            self._copy(stream, record.location)
            self._wanted.remember(record.record_id)

    @staticmethod
    def _record_at(stream: BinaryIO, name: str, offset: int) -> Record | None:
        try:
            member = read_member(stream, offset)
            if member is None:
                return None
            return parse_record(member.data, file=name, offset=offset, length=member.length)[0]
        except (BadMember, ValueError):
            return None

    def _copy(self, stream: BinaryIO, location: RecordLocation) -> RecordLocation:
        """Copy the bytes of a record; where they stand now."""
        octets = os.pread(stream.fileno(), location.length, location.offset)
        return self._put(octets)

    def _put(self, octets: bytes) -> RecordLocation:
        at = RecordLocation(self._name, self._size, len(octets))
        self._target.write(octets)
        self._size += len(octets)
        return at


def _belongs(earlier: Record, record: Record) -> bool:
    """Whether a record that stands before another is tied to it."""
    return earlier.record_id in record.concurrent_to or record.record_id in earlier.concurrent_to
