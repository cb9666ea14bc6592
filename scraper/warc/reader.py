"""WARC records read back: one by its location, or a whole file in order.  Shell: reads the disk.

A file that is still being written has the suffix `.open`; both names are looked for, and the final one is reported.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from scraper.errors import WarcError
from scraper.model import RecordLocation
from scraper.warc.http import HttpResponse, NotHttp, parse_response
from scraper.warc.members import MAX_RECORD_BYTES, BadMember, Member, next_record_offset, read_member
from scraper.warc.parse import Record, parse_record
from scraper.warc.record import CAPTURE_METADATA

OPEN_SUFFIX = ".open"
_BUFFER_BYTES = 128 * 1024


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a WARC file. offset: in bytes of the file as stored; record_id: where it is known."""

    path: str
    offset: int
    record_id: str | None
    message: str

    def __str__(self) -> str:
        record = f" ({self.record_id})" if self.record_id else ""
        return f"{self.path} at byte {self.offset}{record}: {self.message}"


def final_name(path: Path) -> str:
    """The name that the file has, or will have once it is no longer written to."""
    return path.name.removesuffix(OPEN_SUFFIX)


def warc_files(folder: Path) -> tuple[Path, ...]:
    """The WARC files of a folder, those still open among them, in order of name."""
    found = [*folder.glob("*.warc.gz"), *folder.glob(f"*.warc.gz{OPEN_SUFFIX}")]
    return tuple(sorted((path for path in found if path.is_file()), key=final_name))


def read_record(folder: Path, location: RecordLocation, *, max_bytes: int = MAX_RECORD_BYTES) -> Record:
    """The record at a location, its gzip checksum and its length checked.

    max_bytes: refuse a record longer than this.
    Raises: WarcError, when the file is missing or no such record stands there; OSError, when it cannot be read.
    """
    with _open_for_reading(folder, location.warc_file) as stream:
        try:
            member = read_member(stream, location.offset, max_bytes=max_bytes)
        except BadMember as error:
            raise WarcError(location.warc_file, location.offset, error.reason) from error
    if member is None:
        raise WarcError(location.warc_file, location.offset, "the file ends before this record")
    if member.length != location.length:
        message = f"the record is {member.length} bytes long, not {location.length}"
        raise WarcError(location.warc_file, location.offset, message)
    return _record(member, location.warc_file)


def read_octets(folder: Path, location: RecordLocation) -> bytes:
    """The bytes of a record as they stand in its file, compressed. Raises: WarcError, when the file is missing or
    shorter; OSError, when it cannot be read."""
    with _open_for_reading(folder, location.warc_file) as stream:
        stream.seek(location.offset)
        octets = stream.read(location.length)
    if len(octets) != location.length:
        raise WarcError(location.warc_file, location.offset, "the file ends before this record does")
    return octets


def iter_records(
    path: Path,
    *,
    start: int = 0,
    on_damage: Callable[[Problem], None] | None = None,
    max_bytes: int = MAX_RECORD_BYTES,
) -> Iterator[Record]:
    """The records of a file in order, holding one at a time.

    start: offset of the first, which must be a record boundary.
    on_damage: told of whatever is no record; reading then goes on at the next whole record. Without it, the
        first damage ends the iteration.
    Raises: WarcError, on damage when there is no `on_damage`.
    """
    name, offset, named = final_name(path), start, None
    with path.open("rb", buffering=_BUFFER_BYTES) as stream:
        while True:
            try:
                member = read_member(stream, offset, max_bytes=max_bytes)
                if member is None:
                    return
                record = _record(member, name)
            except (BadMember, WarcError) as error:
                if on_damage is None:
                    raise WarcError(name, offset, error.reason) from error
                on_damage(Problem(name, offset, None, error.reason))
                found = next_record_offset(stream, offset + 1, warcinfo_id=named)
                if found is None:
                    return
                offset = found
            else:
                yield record
                named = record.warcinfo_id or named
                offset += member.length


def http_response(record: Record) -> HttpResponse:
    """Status, headers and payload (after transfer decoding) of a `response` or `revisit` record.

    Raises: WarcError, when its block is no HTTP response.
    """
    try:
        return parse_response(record.block)
    except NotHttp as error:
        raise WarcError(record.file, record.offset, str(error)) from error


def capture_metadata(record: Record) -> dict[str, object] | None:
    """The content of a `metadata` record of ours; `None` when it is another tool's or another kind.

    Raises: WarcError, when it says that it is JSON and is not.
    """
    if record.type != "metadata" or record.get("Content-Type") != "application/json":
        return None
    try:
        content = json.loads(record.block)
    except ValueError as error:
        raise WarcError(record.file, record.offset, f"metadata is no JSON: {error}") from error
    ours = isinstance(content, dict) and content.get("type") == CAPTURE_METADATA
    return content if ours else None


def _open_for_reading(folder: Path, name: str) -> BinaryIO:
    if Path(name).name != name:
        raise WarcError(name, 0, "this is no plain file name")
    # The final name again at the end: the file may be renamed between the first look and the second.
    for candidate in (name, name + OPEN_SUFFIX, name):
        try:
            return (folder / candidate).open("rb", buffering=_BUFFER_BYTES)
        except FileNotFoundError:
            continue
    raise WarcError(name, 0, "the file is missing")


def _record(member: Member, name: str) -> Record:
    """The record of a member; style is not judged here, only what would make its content wrong."""
    if member.size > len(member.data):
        raise WarcError(name, member.offset, f"the record is longer than {len(member.data)} octets")
    try:
        record, _ = parse_record(member.data, file=name, offset=member.offset, length=member.length)
    except ValueError as error:
        raise WarcError(name, member.offset, str(error)) from error
    if record.content_length != len(record.block):
        raise WarcError(name, member.offset, "the block is not as long as Content-Length says")
    return record
