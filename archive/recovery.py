"""What a run that died left in the WARC files, taken in by the next one.

A capture is safe in its WARC before it is read and before the database knows of it. When a run is killed between
the two, its captures stand in the files and nobody was told of them. Here they become fetches again, so that the
pipeline can go on with them where it was cut off, without asking any host.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from archive.model import Kept
from archive.store.payloads import PayloadCapture
from scraper.errors import BadResponse, BadStatus, FetchError, WarcError
from scraper.model import Exchange, Fetched, Truncation
from scraper.urls import normalise
from scraper.warc import Orphan, Record, Recovery, WrittenRecord, capture_metadata, http_response, read_record
from scraper.warc.http import Headers, HttpResponse
from scraper.warc.record import payload_digest

_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,100}<(?:!doctype|html|\?xml)\b", re.I)
"""How a page begins. No gzip, deflate or zstd stream does, and hardly a Brotli one."""


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """One fetch found in the WARC files and not in the database.

    locations: of each exchange, support first, with its payload digest. record: of the last response.
    known: what the metadata record beside it says, when the run lived long enough to write it.
    """

    fetched: Fetched
    locations: tuple[Kept, ...]
    record: WrittenRecord
    known: Mapping[str, object]


CaptureOf = Callable[[str, datetime], PayloadCapture | None]
"""Target URI and date -> the capture of then, as the database knows it."""


@dataclass(frozen=True, slots=True)
class _Found:
    """An exchange read back, the record it was read from, and the capture that the record revisits."""

    exchange: Exchange
    record: Record
    revisit_of: int | None

    @property
    def kept(self) -> Kept:
        """Where it stands, with the digest that its record states."""
        digest = self.record.get("WARC-Payload-Digest")
        if digest is None and self.revisit_of is None:
            digest = payload_digest(self.exchange)
        return Kept(self.record.location, digest, self.revisit_of)


def captures_left_behind(folder: Path, recovery: Recovery, capture_of: CaptureOf) -> Iterator[LeftBehind]:
    """The fetches among the orphans of a recovery, each redirect chain as one; damaged records are passed by.

    Bodies are read one chain at a time, so memory holds no more than that. The body of a revisit is read from the
    record that it names.
    """
    said = dict(_metadata(folder, recovery.orphans))
    chain: list[_Found] = []
    support: list[_Found] = []
    for orphan in recovery.orphans:
        if orphan.type not in ("response", "revisit"):
            continue
        try:
            record = read_record(folder, orphan.location)
            exchange = exchange_of(record)
            original = None
            if orphan.type == "revisit":
                original = _original(record, capture_of)
                if exchange.status != 304:
                    body = http_response(read_record(folder, original.location)).payload
                    exchange = replace(exchange, payload=body or b"", truncated=None)
        except WarcError:
            continue
        found = _Found(exchange, record, original.capture_id if original else None)
        if chain and not _leads_to(chain[-1].exchange, exchange.target_uri):
            yield _left_behind(support, chain, said)
            chain, support = [], []
        if not chain and urlsplit(exchange.target_uri).path == "/robots.txt":
            support.append(found)
        else:
            chain.append(found)
    if chain:
        yield _left_behind(support, chain, said)


def _original(record: Record, capture_of: CaptureOf) -> PayloadCapture:
    """The capture that a revisit record names. Raises: WarcError, when the database knows none."""
    uri, date = record.get("WARC-Refers-To-Target-URI"), record.get("WARC-Refers-To-Date")
    try:
        found = capture_of(uri, datetime.fromisoformat(date)) if uri and date else None
    except ValueError:
        found = None
    if found is None:
        raise WarcError(record.file, record.offset, "it revisits a capture that is not known")
    return found


def exchange_of(record: Record) -> Exchange:
    """The exchange that a response record holds, without its request. Raises: WarcError, when it holds none."""
    answer = http_response(record)
    if record.target_uri is None or record.date is None:
        raise WarcError(record.file, record.offset, "the record has no target URI or no date")
    stated = record.get("WARC-Truncated")
    truncated: Truncation | None = None
    if stated in ("length", "time", "disconnect"):
        truncated = stated  # type: ignore[assignment]  # the line above is the check
    elif not answer.complete:
        truncated = "disconnect"
    return Exchange(
        target_uri=record.target_uri,
        requested_at=record.date,
        ip_address=record.get("WARC-IP-Address"),
        request=b"",
        response=record.block,
        head_length=answer.head_length,
        status=answer.status,
        headers=_true_headers(answer),
        payload=answer.payload or b"",
        truncated=truncated,
    )


def _true_headers(answer: HttpResponse) -> Headers:
    """The headers, without a content coding that the payload plainly is not in: some tools that archive from inside a
    browser keep the decoded page under the header of the coded one."""
    if not _MARKUP.match(answer.payload or b""):
        return answer.headers
    return tuple(pair for pair in answer.headers if pair[0].lower() != "content-encoding")


def _metadata(folder: Path, orphans: Iterable[Orphan]) -> Iterator[tuple[str, Mapping[str, object]]]:
    for orphan in orphans:
        if orphan.type != "metadata" or not orphan.concurrent_to:
            continue
        try:
            content = capture_metadata(read_record(folder, orphan.location))
        except WarcError:
            continue
        if content is not None:
            yield orphan.concurrent_to[0], content


def _leads_to(exchange: Exchange, target_uri: str) -> bool:
    """Whether an answer redirects to this target URI, or is a try that came before it (429, 503)."""
    location = exchange.header("location")
    if 300 <= exchange.status < 400 and location:
        try:
            return normalise(urljoin(exchange.target_uri, location)) == normalise(target_uri)
        except ValueError:
            return False
    return exchange.status in (429, 503) and exchange.target_uri == target_uri


def _left_behind(
    support: list[_Found], chain: list[_Found], said: Mapping[str, Mapping[str, object]]
) -> LeftBehind:
    last, record = chain[-1].exchange, chain[-1].record
    identity = record.record_id or ""
    known = said.get(identity, {})
    asked = known.get("asked")
    return LeftBehind(
        fetched=Fetched(
            url=asked if isinstance(asked, str) else chain[0].exchange.target_uri,
            exchanges=tuple(one.exchange for one in chain),
            support=tuple(one.exchange for one in support),
            error=error_of(last),
        ),
        locations=tuple(one.kept for one in (*support, *chain)),
        record=WrittenRecord(identity, last.requested_at, record.location, chain[-1].kept.payload_digest),
        known=known,
    )


def error_of(exchange: Exchange) -> FetchError | None:
    """What kept this answer from being a page, judged again from the record."""
    uri = exchange.target_uri
    if exchange.truncated is not None:
        return BadResponse(uri, f"{uri}: the body was cut ({exchange.truncated})")
    if not 200 <= exchange.status < 300 and exchange.status != 304:
        return BadStatus(uri, exchange.status, f"{uri}: HTTP {exchange.status}")
    return None
