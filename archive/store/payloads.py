"""Captures by the payload that their records hold. Nothing here writes."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from archive.model import HELD
from archive.store.rows import Row, location_from_row, rows_of, time_from_column
from scraper.model import RecordLocation

_HELD_SQL = ", ".join(f"'{outcome}'" for outcome in sorted(HELD))


@dataclass(frozen=True, slots=True)
class PayloadCapture:
    """A capture whose record holds a payload, and is no revisit itself."""

    capture_id: int
    url: str
    requested_at: datetime
    location: RecordLocation
    payload_digest: str


def capture_with_payload(connection: sqlite3.Connection, digest: str) -> PayloadCapture | None:
    """The first capture of a payload, by its digest as in the record."""
    return _one(
        connection.execute(
            "SELECT * FROM captures WHERE payload_digest = ? AND warc_file IS NOT NULL AND revisit_of IS NULL "
            "AND status = 200 AND archive_url IS NULL ORDER BY id LIMIT 1",
            [digest],
        )
    )


def standing_payload(connection: sqlite3.Connection, key: str) -> PayloadCapture | None:
    """The payload that the latest capture of a URL brought, if that capture found the article as it stands."""
    return _one(
        connection.execute(
            f"""
            SELECT body.* FROM captures AS body WHERE body.id = (
                SELECT coalesce(revisit_of, id) FROM captures
                WHERE key = ? AND outcome IN ({_HELD_SQL}) ORDER BY id DESC LIMIT 1
            ) AND body.archive_url IS NULL AND body.status = 200 AND body.key = ?
            """,  # noqa: S608 - our own words
            [key, key],
        )
    )


def source_payload(connection: sqlite3.Connection, key: str) -> PayloadCapture | None:
    """The payload that the latest reading of a source was of."""
    return _one(
        connection.execute(
            """
            SELECT body.* FROM captures AS body WHERE body.id = (
                SELECT coalesce(revisit_of, id) FROM captures
                WHERE key = ? AND outcome = 'source' ORDER BY id DESC LIMIT 1
            ) AND body.status = 200 AND body.key = ?
            """,
            [key, key],
        )
    )


def capture_of(connection: sqlite3.Connection, url: str, requested_at: str) -> PayloadCapture | None:
    """The capture that a revisit record names by target URI and date."""
    return _one(
        connection.execute(
            "SELECT * FROM captures WHERE requested_at = ? AND url = ? AND archive_url IS NULL "
            "AND revisit_of IS NULL LIMIT 1",
            [requested_at, url],
        )
    )


def _one(cursor: sqlite3.Cursor) -> PayloadCapture | None:
    found = rows_of(cursor)
    return _from_row(found[0]) if found else None


def _from_row(row: Row) -> PayloadCapture | None:
    location = location_from_row(row)
    if location is None or row["payload_digest"] is None:
        return None
    return PayloadCapture(
        row["id"], row["url"], time_from_column(row["requested_at"]), location, row["payload_digest"]
    )
