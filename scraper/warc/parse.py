"""A WARC record taken apart, and everything about its form that breaks the specification.  Pure.

Our own reader, which shares no code with warcio: what warcio writes (and misses) is judged here.
Source: ISO 28500:2017 (WARC 1.1), section 4; `../shared/facts/trust.md`, section 5.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from scraper.model import RecordLocation

_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_VERSIONS = frozenset({"WARC/1.0", "WARC/1.1"})
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")
_LENGTH = re.compile(r"[0-9]{1,15}")
_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?Z)?)?)?", re.ASCII
)
_REPEATABLE = "warc-concurrent-to"
_END_OF_RECORD = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Record:
    """A WARC record as it stands in a file.

    file, offset, length: where, in bytes of the file as stored. fields: named fields in order, as written.
    content_length: as stated, -1 where it is not. block: the octets that are there.
    """

    file: str
    offset: int
    length: int
    version: str
    fields: tuple[tuple[str, str], ...]
    content_length: int
    block: bytes

    def get(self, name: str) -> str | None:
        """The first value of a named field, whatever the case of its name."""
        wanted = name.lower()
        return next((value for key, value in self.fields if key.lower() == wanted), None)

    @property
    def location(self) -> RecordLocation:
        """Where the record stands."""
        return RecordLocation(self.file, self.offset, self.length)

    @property
    def type(self) -> str:
        """WARC-Type, lower case; empty where it is missing."""
        return (self.get("WARC-Type") or "").lower()

    @property
    def record_id(self) -> str | None:
        """WARC-Record-ID without its angle brackets."""
        return bare_uri(self.get("WARC-Record-ID"))

    @property
    def warcinfo_id(self) -> str | None:
        """The id of the `warcinfo` record that it names as its own."""
        return bare_uri(self.get("WARC-Warcinfo-ID"))

    @property
    def target_uri(self) -> str | None:
        """WARC-Target-URI; the angle brackets that some tools put around it are left out."""
        return bare_uri(self.get("WARC-Target-URI"))

    @property
    def date(self) -> datetime | None:
        """WARC-Date in UTC, fractions beyond the microsecond dropped; `None` where it is missing or no date."""
        value = self.get("WARC-Date")
        return parse_warc_date(value) if value else None

    @property
    def concurrent_to(self) -> tuple[str, ...]:
        """The ids this record is tied to, without angle brackets."""
        values = (value for key, value in self.fields if key.lower() == _REPEATABLE)
        return tuple(uri for uri in map(bare_uri, values) if uri)


def parse_record(data: bytes, *, file: str, offset: int, length: int) -> tuple[Record, tuple[str, ...]]:
    """The record that a gzip member holds, and the faults of its form.

    data: the whole content of one member; file, offset, length: where that member stands.
    Raises: ValueError, when it is no WARC record: no version line, or no blank line that ends the head.
    """
    if not data.startswith(b"WARC/"):
        raise ValueError("no WARC record: it does not begin with a version line")
    end = _END_OF_HEAD.search(data)
    if end is None:
        raise ValueError("the record's head has no end")
    faults: list[str] = []
    version, fields = _parse_head(data[: end.start()], faults)
    if end.group() != b"\r\n\r\n":
        faults.append("the head ends in a bare line feed")
    content_length = _content_length(fields, faults)
    stop = end.end() + max(content_length, 0)
    block = data[end.end() : stop]
    if content_length >= 0:
        _judge_end(data, stop, faults)
    record = Record(file, offset, length, version, tuple(fields), content_length, block)
    return record, tuple(faults)


def parse_warc_date(value: str) -> datetime | None:
    """The instant that a WARC date names, at any granularity of W3CDTF; `None` where it is none."""
    found = _DATE.fullmatch(value)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or least) for part, least in _parts(found))
    fraction = int((found.group(7) or "").ljust(6, "0")[:6])
    try:
        return datetime(year, month, day, hour, minute, second, fraction, tzinfo=UTC)
    except ValueError:
        return None


def bare_uri(value: str | None) -> str | None:
    """A URI without the angle brackets that enclose it."""
    if value and value.startswith("<") and value.endswith(">"):
        return value[1:-1]
    return value


def _parts(found: re.Match[str]) -> zip[tuple[str | None, str]]:
    return zip(found.groups()[:6], ("0", "1", "1", "0", "0", "0"), strict=True)


def _parse_head(head: bytes, faults: list[str]) -> tuple[str, list[tuple[str, str]]]:
    if re.search(rb"(?<!\r)\n", head):
        faults.append("a line of the head ends in a bare line feed")
    first, *lines = re.split(rb"\r?\n", head)
    version = first.decode("ascii", "replace")
    if version not in _VERSIONS:
        faults.append(f"version {version!r} is not WARC/1.0 or WARC/1.1")
    fields: list[tuple[str, str]] = []
    for line in lines:
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            faults.append(f"field {line[:40]!r} is not UTF-8")
            text = line.decode("utf-8", "replace")
        _parse_field(text, fields, faults)
    named = [key.lower() for key, _ in fields if key.lower() != _REPEATABLE]
    faults += [f"field {name} stands more than once" for name in sorted(set(named)) if named.count(name) > 1]
    return version, fields


def _parse_field(text: str, fields: list[tuple[str, str]], faults: list[str]) -> None:
    if text[:1] in {" ", "\t"}:
        faults.append("a field is folded over lines")
        if fields:
            name, value = fields[-1]
            fields[-1] = (name, f"{value} {text.strip()}")
        return
    key, colon, rest = text.partition(":")
    if not colon or not _NAME.fullmatch(key):
        faults.append(f"line {text[:60]!r} is no named field")
    if _CONTROL.search(rest):
        faults.append(f"field {key} holds a control character")
    if colon:
        fields.append((key.strip(), rest.strip(" \t")))


def _content_length(fields: list[tuple[str, str]], faults: list[str]) -> int:
    stated = next((value for key, value in fields if key.lower() == "content-length"), None)
    if stated is None:
        return -1  # `rules` names every mandatory field that is missing
    if not _LENGTH.fullmatch(stated):
        faults.append(f"Content-Length {stated!r} is no number")
        return -1
    return int(stated)


def _judge_end(data: bytes, stop: int, faults: list[str]) -> None:
    """What stands after the block: CRLF CRLF and nothing else."""
    rest = data[stop:]
    if len(data) < stop:
        faults.append(f"the block is {stop - len(data)} octets shorter than Content-Length")
    elif not rest.startswith(_END_OF_RECORD):
        faults.append(f"the block is not followed by CRLF CRLF but by {rest[:16]!r}: Content-Length is wrong")
    elif rest.startswith(b"WARC/", len(_END_OF_RECORD)):
        faults.append("more than one record in one gzip member")
    elif len(rest) > len(_END_OF_RECORD):
        faults.append(f"{len(rest) - len(_END_OF_RECORD)} octets after the end of the record")
