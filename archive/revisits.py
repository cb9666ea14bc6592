"""Which earlier capture holds a payload already, so that a revisit record can stand in place of a second body.

A body is replaced by a pointer only after the record it points to has been read from the disk and found to hold
that payload whole: an archive must not lose a page because an old file of it was lost.
Source: ISO 28500:2017 (WARC 1.1), section 6.7.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from archive.store import Store
from archive.store.payloads import PayloadCapture
from scraper.errors import WarcError
from scraper.model import Exchange
from scraper.warc import Original, Record, http_response, payload_digest, read_record


@dataclass(frozen=True, slots=True)
class Held:
    """An earlier capture whose record holds a payload. capture_id: its row. validators: headers that ask whether
    it still stands (RFC 9110, section 13.1), empty where the server gave none."""

    capture_id: int
    original: Original
    validators: Mapping[str, str]


def held_payloads(store: Store, folder: Path, exchanges: Sequence[Exchange]) -> dict[int, Held]:
    """Index of an exchange -> the earlier capture with the same payload; those without one are left out."""
    found = {}
    for index, exchange in enumerate(exchanges):
        if exchange.status != 200 or exchange.truncated is not None or not exchange.payload:
            continue
        digest = payload_digest(exchange)
        capture = store.capture_with_payload(digest) if digest is not None else None
        held = _held(folder, capture) if capture is not None else None
        if held is not None:
            found[index] = held
    return found


def held_answer(store: Store, folder: Path, key: str) -> Held | None:
    """The capture that made the article of a normalised URL what it is; `None` where none can be read."""
    capture = store.standing_payload(key)
    return _held(folder, capture) if capture is not None else None


def held_source(store: Store, folder: Path, key: str) -> Held | None:
    """The capture that holds what a source said when it was read last; `None` where none can be read."""
    capture = store.source_payload(key)
    return _held(folder, capture) if capture is not None else None


def _held(folder: Path, capture: PayloadCapture) -> Held | None:
    try:
        record = read_record(folder, capture.location)
        answer = http_response(record)
    except (WarcError, OSError):
        return None  # it cannot be read, so nothing may point to it
    if not _holds_all(record, capture) or not answer.complete:
        return None
    names = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
    validators = {names[name.lower()]: value for name, value in answer.headers if name.lower() in names}
    original = Original(capture.url, capture.requested_at, record.record_id)
    return Held(capture.capture_id, original, validators)


def _holds_all(record: Record, capture: PayloadCapture) -> bool:
    return (
        record.type == "response"
        and record.get("WARC-Truncated") is None
        and record.get("WARC-Payload-Digest") == capture.payload_digest
    )
