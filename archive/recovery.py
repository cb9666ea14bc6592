"""What a run that died left in the WARC files, taken in by the next one.

A capture is safe in its WARC before it is read and before the database knows of it. When a run is killed between
the two, its captures stand in the files and nobody was told of them. Here they become fetches again, so that the
pipeline can go on with them where it was cut off, without asking any host.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from scraper.errors import BadResponse, BadStatus, FetchError, WarcError
from scraper.model import Exchange, Fetched, RecordLocation, Truncation
from scraper.urls import normalise
from scraper.warc import Orphan, Record, Recovery, WrittenRecord, capture_metadata, http_response, read_record
from scraper.warc.record import payload_digest


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """One fetch found in the WARC files and not in the database.

    locations: of each exchange, support first, with its payload digest. record: of the last response.
    known: what the metadata record beside it says, when the run lived long enough to write it.
    """

    fetched: Fetched
    locations: tuple[tuple[RecordLocation, str | None], ...]
    record: WrittenRecord
    known: Mapping[str, object]


def captures_left_behind(folder: Path, recovery: Recovery) -> Iterator[LeftBehind]:
    """The fetches among the orphans of a recovery, each redirect chain as one; damaged records are passed by.

    Bodies are read one chain at a time, so memory holds no more than that.
    """
    said = dict(_metadata(folder, recovery.orphans))
    chain: list[tuple[Exchange, Record]] = []
    support: list[tuple[Exchange, Record]] = []
    for orphan in recovery.orphans:
        if orphan.type != "response":
            continue
        try:
            record = read_record(folder, orphan.location)
            exchange = exchange_of(record)
        except WarcError:
            continue
        if chain and not _leads_to(chain[-1][0], exchange.target_uri):
            yield _left_behind(support, chain, said)
            chain, support = [], []
        if not chain and urlsplit(exchange.target_uri).path == "/robots.txt":
            support.append((exchange, record))
        else:
            chain.append((exchange, record))
    if chain:
        yield _left_behind(support, chain, said)


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
        headers=answer.headers,
        payload=answer.payload or b"",
        truncated=truncated,
    )


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
    support: list[tuple[Exchange, Record]],
    chain: list[tuple[Exchange, Record]],
    said: Mapping[str, Mapping[str, object]],
) -> LeftBehind:
    last, record = chain[-1]
    identity, digest = record.record_id or "", payload_digest(last)
    known = said.get(identity, {})
    asked = known.get("asked")
    return LeftBehind(
        fetched=Fetched(
            url=asked if isinstance(asked, str) else chain[0][0].target_uri,
            exchanges=tuple(exchange for exchange, _ in chain),
            support=tuple(exchange for exchange, _ in support),
            error=_error_of(last),
        ),
        locations=tuple((one.location, payload_digest(exchange)) for exchange, one in (*support, *chain)),
        record=WrittenRecord(identity, last.requested_at, record.location, digest),
        known=known,
    )


def _error_of(exchange: Exchange) -> FetchError | None:
    """What kept this answer from being a page, judged again from the record."""
    uri = exchange.target_uri
    if exchange.truncated is not None:
        return BadResponse(uri, f"{uri}: the body was cut ({exchange.truncated})")
    if not 200 <= exchange.status < 300:
        return BadStatus(uri, exchange.status, f"{uri}: HTTP {exchange.status}")
    return None
