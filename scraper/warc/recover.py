"""WARC files put in order after a crash.  Shell: reads and writes the disk; run it under the archive's lock.

A writer that was killed leaves its file with the suffix `.open`, and perhaps a record that is not whole at its end.
Nothing that was promised is there: the database names a record only after it was synced. So the torn tail is cut
(its octets kept in a side file), the file gets its final name, and whole records that the database does not name
yet are reported, to be taken in. What is worse than that (a file that is missing or shorter than the database
says, damage before whole records) is reported and not touched.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from scraper.model import RecordLocation
from scraper.warc.disk import sync_folder
from scraper.warc.members import BadMember, next_record_offset, read_member
from scraper.warc.parse import Record, parse_record
from scraper.warc.reader import OPEN_SUFFIX, Problem, final_name, warc_files

_COPY_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Orphan:
    """A whole record that the database does not name. concurrent_to: ids of the records of the same capture."""

    location: RecordLocation
    type: str
    record_id: str | None
    target_uri: str | None
    concurrent_to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TornTail:
    """What was cut: `length` bytes at `offset` of `warc_file`, kept in `kept_in` beside it."""

    warc_file: str
    offset: int
    length: int
    kept_in: str


@dataclass(frozen=True, slots=True)
class Recovery:
    """What was found and done.

    finished: final names of the files that a dead writer had left open. removed: those that held nothing whole.
    torn: what was cut. orphans: whole records beyond what the database names, `warcinfo` left out.
    damage: what was not touched. busy: files whose writer is alive.
    """

    finished: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    torn: tuple[TornTail, ...] = ()
    orphans: tuple[Orphan, ...] = ()
    damage: tuple[Problem, ...] = ()
    busy: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether there was nothing to do and nothing to report."""
        return not (self.finished or self.removed or self.torn or self.orphans or self.damage)


@dataclass(slots=True)
class _Findings:
    finished: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    torn: list[TornTail] = field(default_factory=list)
    orphans: list[Orphan] = field(default_factory=list)
    damage: list[Problem] = field(default_factory=list)
    busy: list[str] = field(default_factory=list)

    def frozen(self) -> Recovery:
        return Recovery(
            finished=tuple(self.finished),
            removed=tuple(self.removed),
            torn=tuple(self.torn),
            orphans=tuple(self.orphans),
            damage=tuple(self.damage),
            busy=tuple(self.busy),
        )


def recover(
    folder: Path, extents: Mapping[str, int], *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Recovery:
    """Put the WARC files of a folder in order, and say what the database does not know of them.

    extents: final file name -> the largest offset plus length that the database names in it. Reading begins
        there, so that an intact file costs no more than a look at its length.
    now: stamps the side file of a torn tail.
    Raises: OSError, when the disk cannot be read or written; run it again afterwards.
    """
    findings = _Findings()
    paths = warc_files(folder) if folder.is_dir() else ()
    present = {final_name(path) for path in paths}
    for name in sorted(set(extents) - present):
        findings.damage.append(
            Problem(name, 0, None, "the database names records of this file, which is missing")
        )
    for path in paths:
        _recover_file(path, extents.get(final_name(path), 0), findings, now)
    return findings.frozen()


def _recover_file(path: Path, extent: int, findings: _Findings, now: Callable[[], datetime]) -> None:
    name, is_open = final_name(path), path.name.endswith(OPEN_SUFFIX)
    with path.open("r+b" if is_open else "rb") as stream:
        if is_open and _writer_lives(stream):
            findings.busy.append(name)
            return
        size = stream.seek(0, os.SEEK_END)
        if size < extent:
            message = f"the file is {size} bytes long, the database names records up to {extent}"
            findings.damage.append(Problem(name, size, None, message))
            return
        torn_at, warcinfo_id = size, _warcinfo_id(stream, name)
        for found in _beyond(stream, name, extent, warcinfo_id):
            match found:
                case Record(type="warcinfo"):
                    continue
                case Record():
                    findings.orphans.append(_orphan(found))
                case BadMember() if is_open and _is_tail(stream, found, warcinfo_id):
                    torn_at = found.offset
                case BadMember():
                    findings.damage.append(Problem(name, found.offset, None, found.reason))
        if not is_open:
            return
        if torn_at < size:
            findings.torn.append(_cut(stream, path, torn_at, size, now()))
        if torn_at == 0:
            path.unlink()
            findings.removed.append(name)
        elif path.with_name(name).exists():
            findings.damage.append(Problem(name, 0, None, "it stands there twice, once still open"))
            return
        else:
            path.rename(path.with_name(name))
            findings.finished.append(name)
        sync_folder(path.parent)


def _beyond(stream: BinaryIO, name: str, start: int, warcinfo_id: str | None) -> Iterator[Record | BadMember]:
    """Every record from `start` on, and whatever stands between them that is none."""
    offset: int | None = start
    while offset is not None:
        try:
            member = read_member(stream, offset)
            if member is None:
                return
            record, _ = parse_record(member.data, file=name, offset=offset, length=member.length)
            yield record
            offset += member.length
        except (BadMember, ValueError) as error:
            yield error if isinstance(error, BadMember) else BadMember(offset, str(error))
            offset = next_record_offset(stream, offset + 1, warcinfo_id=warcinfo_id)


def _warcinfo_id(stream: BinaryIO, name: str) -> str | None:
    """The id of the record that opens the file, which all others of the file name."""
    try:
        member = read_member(stream, 0)
        if member is None:
            return None
        record, _ = parse_record(member.data, file=name, offset=0, length=member.length)
    except (BadMember, ValueError):
        return None
    return record.record_id if record.type == "warcinfo" else None


def _is_tail(stream: BinaryIO, found: BadMember, warcinfo_id: str | None) -> bool:
    """Whether no whole record of this file follows."""
    return next_record_offset(stream, found.offset + 1, warcinfo_id=warcinfo_id) is None


def _orphan(record: Record) -> Orphan:
    return Orphan(record.location, record.type, record.record_id, record.target_uri, record.concurrent_to)


def _writer_lives(stream: BinaryIO) -> bool:
    """Whether another process holds the lock that a writer keeps on its file."""
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False  # a drive without such locks: the archive's own lock says that nobody writes
    return False


def _cut(stream: BinaryIO, path: Path, offset: int, size: int, moment: datetime) -> TornTail:
    """Copy the tail into a side file, make that safe, and only then shorten the file."""
    name = final_name(path)
    stamp = moment.astimezone(UTC).strftime("%Y%m%d%H%M%S%f")
    side = path.with_name(f"{name}.torn-{stamp}")
    stream.seek(offset)
    with side.open("xb") as kept:
        while piece := stream.read(_COPY_BYTES):
            kept.write(piece)
        kept.flush()
        os.fsync(kept.fileno())
    sync_folder(path.parent)
    os.ftruncate(stream.fileno(), offset)
    os.fsync(stream.fileno())
    return TornTail(name, offset, size - offset, side.name)
