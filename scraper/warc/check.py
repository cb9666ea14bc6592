"""The strict check of WARC files: every octet, every rule, every digest.  Shell: reads the disk.

It finds what `warcio check` passes: a file cut in its last record, a field injected through a target URI, octets
between records. It inflates with zlib and parses with our own reader, so it shares no code with what wrote the
file. One record is held at a time; of the file it remembers the ids and dates.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from scraper.warc.members import (
    MAX_RECORD_BYTES,
    BadMember,
    Member,
    next_record_offset,
    read_member,
    zlib_inflater,
)
from scraper.warc.parse import Record, parse_record
from scraper.warc.reader import Problem, final_name, warc_files
from scraper.warc.rules import record_faults


def check_file(path: Path) -> tuple[Problem, ...]:
    """Everything that is wrong with one WARC file, in order; empty when nothing is.

    A `metadata` record may be tied to a record of another file (files are closed between the two); whether that
    one exists only `check_folder` can say.
    Raises: OSError, when the file cannot be read.
    """
    return tuple(_check(path).problems)


def check_folder(folder: Path) -> tuple[Problem, ...]:
    """Everything that is wrong with the WARC files of a folder, ids and ties across files included."""
    problems: list[Problem] = []
    seen: dict[str, str] = {}
    checks = [_check(path) for path in warc_files(folder)]
    for check in checks:
        problems += check.problems
        for record_id in check.dates:
            if record_id in seen:
                message = f"this record id stands in {seen[record_id]} too"
                problems.append(Problem(check.name, check.offsets[record_id], record_id, message))
            seen[record_id] = check.name
    for check in checks:
        problems += [
            Problem(check.name, tie.offset, tie.record_id, f"it is tied to {tie.to}, which no file holds")
            for tie in check.outward
            if tie.to not in seen
        ]
    return tuple(problems)


@dataclass(frozen=True, slots=True)
class _Tie:
    """A WARC-Concurrent-To: who says so, and to whom."""

    offset: int
    record_id: str | None
    record_type: str
    date: str | None
    to: str


@dataclass(slots=True)
class _Check:
    """What is known of a file while it is read.

    named: the warcinfo record that its records name. outward: ties of metadata records that leave the file.
    """

    name: str
    named: str | None = None
    problems: list[Problem] = field(default_factory=list)
    dates: dict[str, str | None] = field(default_factory=dict)
    offsets: dict[str, int] = field(default_factory=dict)
    warcinfo_ids: set[str] = field(default_factory=set)
    ties: list[_Tie] = field(default_factory=list)
    outward: list[_Tie] = field(default_factory=list)

    def report(self, offset: int, message: str, record_id: str | None = None) -> None:
        self.problems.append(Problem(self.name, offset, record_id, message))

    def take(self, record: Record) -> None:
        """Judge a record by its place in the file, and remember it."""
        record_id = record.record_id
        if record.offset == 0 and record.type != "warcinfo":
            self.report(0, "the file does not begin with a warcinfo record", record_id)
        if record_id in self.dates:
            self.report(record.offset, f"record id stands at byte {self.offsets[record_id]} too", record_id)
        elif record_id:
            self.dates[record_id] = record.get("WARC-Date")
            self.offsets[record_id] = record.offset
        if record.type == "warcinfo" and record_id:
            self.warcinfo_ids.add(record_id)
        stated = record.warcinfo_id
        self.named = stated or self.named
        if stated and stated not in self.warcinfo_ids:
            self.report(record.offset, f"no warcinfo record {stated} stands before it", record_id)
        date = record.get("WARC-Date")
        self.ties += [
            _Tie(record.offset, record_id, record.type, date, other) for other in record.concurrent_to
        ]

    def resolve_ties(self) -> None:
        """Every tie leads to a record, and both ends name the same instant (WARC 1.1, 5.4)."""
        for tie in self.ties:
            if tie.to in self.dates:
                if tie.date != self.dates[tie.to]:
                    message = f"its WARC-Date {tie.date} is not that of {tie.to}, to which it is concurrent"
                    self.report(tie.offset, message, tie.record_id)
            elif tie.record_type == "metadata":
                self.outward.append(tie)
            else:
                self.report(
                    tie.offset, f"it is tied to {tie.to}, which the file does not hold", tie.record_id
                )


def _check(path: Path) -> _Check:
    check, offset = _Check(final_name(path)), 0
    with path.open("rb", buffering=128 * 1024) as stream:
        while True:
            try:
                member = read_member(stream, offset, inflater=zlib_inflater)
            except BadMember as error:
                found = next_record_offset(stream, offset + 1, warcinfo_id=check.named)
                check.report(offset, _damage(stream, offset, error, found))
                if found is None:
                    break
                offset = found
                continue
            if member is None:
                break
            _check_member(check, member)
            offset += member.length
    if offset == 0 and not check.problems:
        check.report(0, "the file holds no record")
    check.resolve_ties()
    return check


def _check_member(check: _Check, member: Member) -> None:
    if member.size > len(member.data):
        check.report(
            member.offset, f"a record of {member.size} octets, more than {MAX_RECORD_BYTES}: not checked"
        )
        return
    try:
        record, faults = parse_record(
            member.data, file=check.name, offset=member.offset, length=member.length
        )
    except ValueError as error:
        check.report(member.offset, str(error))
        return
    for message in (*faults, *record_faults(record)):
        check.report(member.offset, message, record.record_id)
    check.take(record)


def _damage(stream: BinaryIO, offset: int, error: BadMember, found: int | None) -> str:
    """The damage, and how far it reaches."""
    end = found if found is not None else stream.seek(0, 2)
    return f"{error.reason}; {end - offset} bytes are no whole record"
