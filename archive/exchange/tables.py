"""Tables of addresses: any CSV file with a column of them, and those that Pocket and Instapaper export. Pure."""

from __future__ import annotations

import csv
import io
import json
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Final

from archive.exchange.bookmarks import read_bookmarks
from archive.exchange.model import Collector, Listing, UnreadableFile, moment_of, tags_of, text_of
from scraper.discover.links import iso_time

COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "url": ("url", "uri", "link", "address", "href", "location"),
    "title": ("title", "headline", "name"),
    "tags": ("tags", "tag", "labels", "keywords", "categories", "folder"),
    "added": ("added", "time added", "timestamp", "created", "created at", "saved", "date added"),
    "published": ("published", "publish date", "published at", "date", "publication date"),
}
"""What a column is taken for by its name, whatever its case, the first that there is."""

MOST_UNPACKED: Final = 500_000_000
"""Bytes that a zip file may hold once unpacked."""

_NOT_UNZIPPED: Final = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError,
    RuntimeError,  # encrypted, or packed in a way Python does not know
    OSError,  # from bzip2
    ValueError,  # a place before the file begins
)  # fmt: skip
"""What reading a damaged zip file out of memory raises: found by changing every octet of one."""

_STATES: Final = frozenset(["unread", "archive", "starred", "liked"])
"""Folders of Instapaper that say how far its reader came, not what a page is about."""

csv.field_size_limit(10_000_000)


def read_table(payload: bytes, columns: Mapping[str, str] | None = None) -> Listing:
    """The addresses of a CSV file whose first line names its columns.

    columns: `url`, `title`, `tags`, `added`, `published` to the name of a column, where that is none of `COLUMNS`.
    Raises: UnreadableFile, when there is no column of addresses; it says which columns there are.
    """
    found = Collector()
    for where, row in _rows(text_of(payload), columns or {}):
        found.add(
            where,
            row.get("url"),
            title=row.get("title"),
            tags=_tags(row.get("tags")),
            added=moment_of(row.get("added")),
            published=iso_time(row.get("published")),
        )
    return found.listing()


def read_pocket(payload: bytes) -> Listing:
    """What Pocket exported: a zip file of CSV files, one of these, or the page of links of earlier years.

    Raises: UnreadableFile.
    """
    if payload.startswith(b"PK"):
        found = [read_pocket(part) for part in _unzipped(payload)]
        return Listing(
            tuple(entry for one in found for entry in one.entries),
            tuple(skipped for one in found for skipped in one.skipped),
        )
    if text_of(payload[:1000]).lstrip().startswith("<"):
        return read_bookmarks(payload)
    return read_table(payload)


def read_instapaper(payload: bytes) -> Listing:
    """What Instapaper exports: `URL,Title,Selection,Folder,Timestamp` and, of late, `Tags`. Raises: UnreadableFile."""
    found = Collector()
    for where, row in _rows(text_of(payload), {}, ("folder",)):
        folder = (row.get("folder") or "").strip()
        tags = _tags(row.get("tags"))
        found.add(
            where,
            row.get("url"),
            title=row.get("title"),
            tags=tags if not folder or folder.lower() in _STATES else (folder, *tags),
            added=moment_of(row.get("added")),
        )
    return found.listing()


def _rows(
    text: str, columns: Mapping[str, str], more: tuple[str, ...] = ()
) -> Iterator[tuple[str, dict[str, str]]]:
    """Where each row stands, and its values by what they are. more: columns that are wanted by their own name."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    head = [_plain(name) for name in next(lines, [])]
    places = {name: at for at, name in reversed(list(enumerate(head)))}
    found: dict[str, int] = {name: places[name] for name in more if name in places}
    taken = set(found.values())
    for meaning, names in COLUMNS.items():
        named = columns.get(meaning)
        if named is not None and _plain(named) not in places:
            raise UnreadableFile(f"there is no column {named!r}; there are: {', '.join(head) or 'none'}")
        for name in (_plain(named),) if named is not None else names:
            if name in places and places[name] not in taken:
                found.setdefault(meaning, places[name])
                break
    if "url" not in found:
        raise UnreadableFile(
            "its first line names no column of addresses (url, link, address); it says: "
            f"{', '.join(head)[:200] or 'nothing'}. --column url=NAME says which one it is"
        )
    for row in _safely(lines):
        if any(value.strip() for value in row):
            yield (
                f"line {lines.line_num}",
                {name: row[at] for name, at in found.items() if at < len(row)},
            )


def _safely(lines: Iterator[list[str]]) -> Iterator[list[str]]:
    try:
        yield from lines
    except csv.Error as error:
        raise UnreadableFile(f"not a table that can be read: {error}") from error


def _delimiter(text: str) -> str:
    """What parts the columns: what stands most often in the first line, a comma where nothing does."""
    first = text.partition("\n")[0]
    return max(",;\t|", key=lambda mark: (first.count(mark), mark == ","))


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", name.strip().lower())


def _tags(said: str | None) -> tuple[str, ...]:
    """Tags in one cell: a JSON array, or parted by `|` (Pocket), or by commas and semicolons."""
    text = (said or "").strip()
    if text.startswith("["):
        try:
            read = json.loads(text)
        except ValueError:
            read = None
        if isinstance(read, list):
            return tuple(one for one in read if isinstance(one, str))
    return tags_of(text, "|" if "|" in text else ",;")


def _unzipped(payload: bytes) -> list[bytes]:
    """The CSV files within a zip file, no more than `MOST_UNPACKED` of them together."""
    parts: list[bytes] = []
    left = MOST_UNPACKED
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as held:
            for name in sorted(held.namelist()):
                if not name.lower().endswith((".csv", ".html", ".htm")) or "__MACOSX" in name:
                    continue
                with held.open(name) as file:
                    parts.append(file.read(left + 1))
                left -= len(parts[-1])
                if left < 0:
                    raise UnreadableFile(f"longer than {MOST_UNPACKED} bytes once it is unpacked")
    except _NOT_UNZIPPED as error:
        raise UnreadableFile(f"a zip file that cannot be read: {error}") from error
    if not parts:
        raise UnreadableFile("a zip file without a CSV file in it")
    return parts
