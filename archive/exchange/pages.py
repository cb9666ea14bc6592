"""Which records of imported WARC files are pages, the redirects that led to each, and the fetches they are together.

The files are read twice: once for an index on disk, and then a page at a time in the order of their capture, so that
memory does not grow with them and an article's versions come in the order in which they were published.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin

from archive.exchange.spill import Spill
from archive.intake import SavedPage
from archive.model import CaptureRow, Kept
from archive.outcomes import key_of, safe_uri
from archive.recovery import LeftBehind, error_of, exchange_of
from archive.store import Store
from archive.store.payloads import PayloadCapture
from scraper.errors import BadUrl, WarcError
from scraper.model import Exchange, Fetched, RecordLocation
from scraper.urls import normalise
from scraper.warc import (
    Problem,
    Record,
    WrittenRecord,
    capture_metadata,
    http_response,
    iter_records,
    read_record,
)
from scraper.warc.digest import differing_digest
from scraper.warc.http import HttpResponse

MAX_RECORD: Final = 64 * 1024 * 1024
"""A longer record is no page: browsers' own limits are lower, and a bomb would fill memory."""

MAX_HOPS: Final = 10
_CLOCKS: Final = timedelta(days=1)
"""So far another machine's clock may be ahead. What is of a later day would stand for good before all that is true."""

_PAGES: Final = frozenset({"text/html", "application/xhtml+xml"})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


class PageIndex:
    """The pages among the records of some files. Close it, or use `with`."""

    def __init__(self, folder: Path, notice: Callable[[str], None], now: datetime) -> None:
        self._folder = folder
        self._latest = now + _CLOCKS
        self._notice = notice
        self._spill = Spill()
        self._rows = self._spill.connection
        self._rows.execute(
            "CREATE TABLE records (file, at, length, id, type, key, moment, status, leads_to, digest, page, used)"
        )
        self._rows.execute("CREATE TABLE said (id PRIMARY KEY, content) WITHOUT ROWID")
        self.others = 0

    def __enter__(self) -> PageIndex:
        return self

    def __exit__(self, *_: object) -> None:
        self._spill.connection.close()

    def add(self, path: Path, *, only: frozenset[str] | None = None) -> None:
        """Index a file. only: the keys of the addresses that are pages; without it, whatever is HTML."""
        for record in iter_records(path, on_damage=self._damaged, max_bytes=MAX_RECORD):
            if record.type == "metadata" and record.concurrent_to:
                self._note_metadata(record)
            elif record.type in ("response", "revisit", "resource"):
                self._note(record, only)
        self._rows.execute("CREATE INDEX IF NOT EXISTS led ON records (leads_to, moment)")

    def __len__(self) -> int:
        return int(self._rows.execute("SELECT count(*) FROM records WHERE page").fetchone()[0])

    def fetches(self, store: Store, tags: tuple[str, ...]) -> Iterator[LeftBehind | SavedPage | None]:
        """The pages that the store does not hold yet, each with the redirects before it, oldest first.

        `None` before each that repeats an earlier one: that must be stored by then.
        """
        found = self._rows.execute(
            "SELECT file, at, length, id, type, key, moment FROM records WHERE page ORDER BY moment, file, at"
        )
        for file, at, length, record_id, kind, key, moment in found:
            if store.has_capture_at(file, at):
                continue
            location = RecordLocation(file, at, length)
            known = self._known(record_id, tags)
            if kind == "revisit":
                yield None
            try:
                if kind == "resource":
                    yield self._saved(location, known)
                else:
                    yield self._fetch(location, key, moment, store, known)
            except WarcError as error:
                self._notice(str(error))

    def _note(self, record: Record, only: frozenset[str] | None) -> None:
        uri = record.target_uri or ""
        if not uri.lower().startswith(("http://", "https://")) or record.date is None:
            self.others += 1
            return
        key, status, leads_to, is_page = key_of(uri), None, None, False
        if record.type == "resource":
            is_page = _mime(record.get("Content-Type")) in _PAGES
        else:
            try:
                answer = http_response(record)
            except WarcError as error:
                self._notice(str(error))
                return
            status = answer.status
            where = answer.header("location")
            if status in _REDIRECTS and where:
                leads_to = _joined(uri, where)
            is_page = status == 200 and _is_html(answer)
        is_page = is_page and (only is None or key in only)
        if is_page and (why := self._fault(uri, record.date)):
            self._notice(f"{record.file} at byte {record.offset}: {why}: left out")
            return
        if not is_page and leads_to is None:
            self.others += 1
            return
        row = (
            *(record.file, record.offset, record.length, record.record_id, record.type, key),
            *(record.date.isoformat(), status, leads_to, record.get("WARC-Payload-Digest"), is_page, False),
        )
        self._rows.execute(f"INSERT INTO records VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608 - marks

    def _fault(self, uri: str, moment: datetime) -> str | None:
        """Why a page cannot be an article of that address and time; `None` where it can."""
        try:
            normalise(safe_uri(uri))
        except BadUrl as error:
            return str(error)
        return "it is of a time to come" if moment > self._latest else None

    def _note_metadata(self, record: Record) -> None:
        try:
            content = capture_metadata(record)
        except WarcError:
            return
        if content is not None:
            row = (record.concurrent_to[0], json.dumps(content))
            self._rows.execute("INSERT OR REPLACE INTO said VALUES (?, ?)", row)

    def _known(self, record_id: str, tags: tuple[str, ...]) -> dict[str, Any]:
        """What a metadata record of ours says of a capture, and what it is filed under now."""
        row = self._rows.execute("SELECT content FROM said WHERE id = ?", [record_id]).fetchone()
        said = json.loads(row[0]) if row else {}
        own = said.get("tags")
        kept = [str(tag) for tag in own] if isinstance(own, list) else []
        return {
            "tags": list(dict.fromkeys([*kept, *tags])),
            "asked": said.get("asked"),
            "memento": said.get("memento"),
        }

    def _saved(self, location: RecordLocation, known: dict[str, Any]) -> SavedPage:
        record = self._read(location)
        uri, moment = safe_uri(record.target_uri or ""), record.date
        assert moment is not None  # noqa: S101 - or it would not be in the index
        digest, mime = record.get("WARC-Payload-Digest"), record.get("Content-Type")
        row = CaptureRow(uri, key_of(uri), moment, "new", mime=mime, location=location, payload_digest=digest)
        written = WrittenRecord(record.record_id or "", moment, location, digest)
        return SavedPage(row, written, record.block, tuple(known["tags"]))

    def _fetch(
        self, location: RecordLocation, key: str, moment: str, store: Store, known: dict[str, Any]
    ) -> LeftBehind:
        record = self._read(location)
        exchange, revisit_of = _exchange(record), None
        if record.type == "response":
            _check_digest(record, exchange)
        if record.type == "revisit":
            original = _original(record, store)
            body = http_response(read_record(self._folder, original.location, max_bytes=MAX_RECORD)).payload
            exchange, revisit_of = replace(exchange, payload=body or b"", truncated=None), original.capture_id
        hops = [self._hop(one) for one in self._hops(key, moment, store)]
        kept = (*(one for _, one in hops), Kept(location, record.get("WARC-Payload-Digest"), revisit_of))
        exchanges: tuple[Exchange, ...] = (*(one for one, _ in hops), exchange)
        asked = known.get("asked")
        return LeftBehind(
            fetched=Fetched(
                url=asked if isinstance(asked, str) else exchanges[0].target_uri,
                exchanges=exchanges,
                error=error_of(exchange),
            ),
            locations=kept,
            record=WrittenRecord(
                record.record_id or "", exchange.requested_at, location, kept[-1].payload_digest
            ),
            known=known,
        )

    def _hops(self, key: str, moment: str, store: Store) -> list[RecordLocation]:
        """The redirects that led to an address by then, first to last; each leads to one capture only."""
        hops: list[RecordLocation] = []
        while len(hops) < MAX_HOPS:
            row = self._rows.execute(
                "SELECT rowid, file, at, length, key, moment FROM records "
                "WHERE leads_to = ? AND moment <= ? AND NOT used AND key <> leads_to ORDER BY moment DESC LIMIT 1",
                [key, moment],
            ).fetchone()
            if row is None:
                break
            number, file, at, length, before, then = row
            self._rows.execute("UPDATE records SET used = 1 WHERE rowid = ?", [number])
            if store.has_capture_at(file, at):  # an import that was stopped has got so far
                continue
            key, moment = before, then
            hops.insert(0, RecordLocation(file, at, length))
        return hops

    def _hop(self, location: RecordLocation) -> tuple[Exchange, Kept]:
        record = self._read(location)
        return _exchange(record), Kept(location, record.get("WARC-Payload-Digest"))

    def _read(self, location: RecordLocation) -> Record:
        return read_record(self._folder, location, max_bytes=MAX_RECORD)

    def _damaged(self, problem: Problem) -> None:
        self._notice(f"left out: {problem}")


def keys_of(addresses: Iterable[str]) -> frozenset[str]:
    """The keys of some addresses."""
    return frozenset(map(key_of, addresses))


def _original(record: Record, store: Store) -> PayloadCapture:
    """The capture whose payload a revisit record repeats. Raises: WarcError, when it is not held."""
    uri, said, digest = (
        record.get(f"WARC-{name}") for name in ("Refers-To-Target-URI", "Refers-To-Date", "Payload-Digest")
    )
    found = None
    if uri and said:
        try:
            found = store.capture_of(safe_uri(uri.strip("<>")), datetime.fromisoformat(said))
        except ValueError:
            found = None
    found = found or (store.capture_with_payload(digest) if digest else None)
    if found is None:
        raise WarcError(
            record.file, record.offset, "it revisits a page that is neither held nor in these files"
        )
    return found


def _check_digest(record: Record, exchange: Exchange) -> None:
    """Raises: WarcError, when the payload is not the one that its digest names. wget, and warcio once, take the digest
    over the body as it came, chunks and all; an unknown or cut one proves nothing (warc-specifications #22, #61)."""
    stated = record.get("WARC-Payload-Digest")
    if stated is None or record.get("WARC-Truncated"):
        return
    try:
        differing = [
            differing_digest(stated, one) for one in (exchange.payload, record.block[exchange.head_length :])
        ]
    except ValueError:
        return
    if all(differing):
        why = f"its payload has the digest {differing[0]}, not {stated} as the record says: left out"
        raise WarcError(record.file, record.offset, why)


def _exchange(record: Record) -> Exchange:
    """What a record holds, under an address that may be stored: other tools keep passwords in theirs."""
    exchange = exchange_of(record)
    return replace(exchange, target_uri=safe_uri(exchange.target_uri))


def _joined(uri: str, where: str) -> str | None:
    try:
        return key_of(urljoin(uri, where))
    except ValueError:
        return None


def _mime(content_type: str | None) -> str:
    return (content_type or "").split(";", 1)[0].strip().lower()


def _is_html(answer: HttpResponse) -> bool:
    stated = answer.header("content-type")
    if stated:
        return _mime(stated) in _PAGES
    return (answer.payload or b"").lstrip()[:1] == b"<"
