"""What is known of jobs and their sources, and of what these announced and is not held; on a lent connection."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, get_args

from archive.jobs.model import SourceState
from archive.model import OUTCOMES, Supporting
from archive.store.frontier import SOURCES_SQL, source_from_row
from archive.store.rows import rows_of, time_from_column, time_to_column

_SUPPORTING_SQL: Final = ", ".join(f"'{word}'" for word in get_args(Supporting))

_IS_ASKED: Final = """
    (s.declared = 1 OR s.depth > 0 AND EXISTS (
        SELECT 1 FROM sources AS r WHERE r.job = s.job AND r.key = s.root AND r.declared = 1
    ))
"""
"""Whether a source is asked still: its job declares it, or the one that it was come to from."""


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as the database knows it.

    ended: `None` while its last run is under way, or where that was cut off. counts: outcomes of that run;
    captures: of all, those of sources left aside. pages: addresses it wants by their state in the frontier;
    left_out: those it does not want.
    """

    name: str
    last_run: datetime | None = None
    ended: datetime | None = None
    counts: dict[str, int] = field(default_factory=dict)
    captures: dict[str, int] = field(default_factory=dict)
    pages: dict[str, int] = field(default_factory=dict)
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Unheld:
    """An address that was announced and that no article is held of.

    state: waiting, refused, failed or given-up. outcome, error: of the last time it was asked; `None`: never yet.
    sources: how many announced it, source: one of them.
    """

    url: str
    job: str
    source: str
    sources: int
    title: str | None
    published: str | None
    first_seen: datetime
    state: str
    outcome: str | None
    error: str | None
    attempts: int
    due_at: datetime | None


def read_job_rows(connection: sqlite3.Connection) -> dict[str, JobRow]:
    """Every job that was ever run or that something was queued for, by name."""
    runs = {
        row["name"]: row
        for row in rows_of(
            connection.execute(
                """
                SELECT j.name, r.started_at, r.ended_at, r.counts
                FROM jobs AS j LEFT JOIN runs AS r ON r.id = (SELECT max(id) FROM runs WHERE job = j.name)
                ORDER BY j.name
                """
            )
        )
    }
    captures = _counts(
        connection.execute(
            f"""
            SELECT job, outcome, count(*) FROM captures
            WHERE job IS NOT NULL AND outcome NOT IN ({_SUPPORTING_SQL})
                AND NOT EXISTS (SELECT 1 FROM sources AS s WHERE s.key = captures.key AND s.job = captures.job)
            GROUP BY 1, 2
            """  # noqa: S608 - our own words
        )
    )
    pages = _counts(
        connection.execute(
            """
            SELECT job, CASE WHEN wanted THEN state ELSE 'left-out' END, count(*) FROM (
                SELECT s.job, f.state, max(s.left_out IS NULL) AS wanted
                FROM sightings AS s JOIN frontier AS f ON f.id = s.url_id GROUP BY s.job, f.id
            ) GROUP BY 1, 2
            """
        )
    )
    return {
        name: JobRow(
            name,
            _time(row["started_at"]),
            _time(row["ended_at"]),
            {word: n for word, n in json.loads(row["counts"] or "{}").items() if n},
            {word: captures[name][word] for word in OUTCOMES if word in captures.get(name, {})},
            {state: n for state, n in pages.get(name, {}).items() if state != "left-out"},
            pages.get(name, {}).get("left-out", 0),
        )
        for name, row in runs.items()
    }


def read_sources(connection: sqlite3.Connection, *, ended: bool = False) -> tuple[SourceState, ...]:
    """The sources that are asked, job by job, the declared ones first. ended: and those that are no longer."""
    found = connection.execute(
        f"{SOURCES_SQL} WHERE {_IS_ASKED if not ended else 'true'} ORDER BY s.job, s.depth, s.id"
    )
    return tuple(map(source_from_row, rows_of(found)))


def read_unheld(
    connection: sqlite3.Connection, jobs: Iterable[str], since: datetime, limit: int | None = None
) -> tuple[Unheld, ...]:
    """What was announced to jobs since then and is wanted and not held, the newest first."""
    found = rows_of(
        connection.execute(
            """
            SELECT f.url, s.job, min(s.source) AS source, count(*) AS sources, f.title, f.published,
                min(s.first_seen) AS first_seen, f.state, f.outcome, f.error, f.attempts, f.due_at
            FROM sightings AS s JOIN frontier AS f ON f.id = s.url_id
            WHERE f.article_id IS NULL AND s.left_out IS NULL AND s.last_seen >= :since
                AND s.job IN (SELECT value FROM json_each(:jobs))
            GROUP BY s.job, f.id ORDER BY first_seen DESC, f.id DESC LIMIT :limit
            """,
            {"since": time_to_column(since), "jobs": json.dumps(list(jobs)), "limit": limit or -1},
        )
    )
    return tuple(
        Unheld(
            **{
                **row,
                "first_seen": time_from_column(row["first_seen"]),
                "due_at": _time(row["due_at"]),
            }
        )
        for row in found
    )


def read_announced(
    connection: sqlite3.Connection, jobs: Iterable[str], since: date
) -> dict[tuple[str, str], Counter[date]]:
    """How many addresses were announced by job, declared source (its key) and day.

    The day is that of publication where it is stated, else the one on which the address was first seen: what a feed
    still had when it could be asked again fills the days before.
    """
    found: dict[tuple[str, str], Counter[date]] = {}
    for row in rows_of(
        connection.execute(
            """
            SELECT s.job, r.root, substr(coalesce(f.published, s.first_seen), 1, 10) AS day,
                count(DISTINCT f.id) AS announced
            FROM sightings AS s JOIN frontier AS f ON f.id = s.url_id
            JOIN sources AS r ON r.job = s.job AND r.key = s.source
            WHERE s.last_seen >= :since AND s.job IN (SELECT value FROM json_each(:jobs))
                AND day >= :since GROUP BY 1, 2, 3
            """,
            {"since": since.isoformat(), "jobs": json.dumps(list(jobs))},
        )
    ):
        try:
            day = date.fromisoformat(row["day"])
        except ValueError:
            continue
        found.setdefault((row["job"], row["root"]), Counter())[day] += row["announced"]
    return found


def read_asked(
    connection: sqlite3.Connection, keys: Iterable[str], first: date, last: date
) -> dict[str, int]:
    """How often sources were asked in these days, by what became of it. keys: their addresses, normalised."""
    return dict(
        connection.execute(
            """
            SELECT outcome, count(*) FROM captures
            WHERE key IN (SELECT value FROM json_each(:keys))
                AND requested_at >= :first AND requested_at < :last || '~' AND outcome NOT IN ('retried', 'robots-txt')
            GROUP BY 1
            """,
            {"keys": json.dumps(list(keys)), "first": first.isoformat(), "last": last.isoformat()},
        ).fetchall()
    )


def _counts(rows: Iterable[tuple[str, str, int]]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for name, word, count in rows:
        found.setdefault(name, {})[word] = count
    return found


def _time(column: str | None) -> datetime | None:
    return time_from_column(column) if column else None
