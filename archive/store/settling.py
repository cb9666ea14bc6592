"""What a capture means for the frontier: what became of an address, what a source announced, when both are due again.

All of it is written in the transaction of the capture that it follows from, so that no crash can part the two: a feed
is never known to be read without what it announced, nor a page to be answered without its answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from archive.jobs.choice import NO_MATCH
from archive.jobs.model import (
    Branch,
    Noted,
    Sighting,
    SourceReading,
    keys_of,
)
from archive.jobs.schedule import (
    Policy,
    chance_of,
    poll_pause,
    poll_pause_after_failure,
    retry_pause,
    revisit_pause,
)
from archive.model import HELD, CaptureRow, Outcome
from archive.store.reading import find_known
from archive.store.rows import (
    Row,
    list_to_column,
    rows_of,
    text_or_none,
    time_from_column,
    time_to_column,
)
from archive.store.sanitise import clean_line

if TYPE_CHECKING:
    from sqlite_utils import Database


MOST_BRANCHES: Final = 5000
"""Sources that one job may come to by following others: a sitemap index has up to 50,000 parts, and a calendar has
no end. The parts that are named first are taken."""


def settle(
    db: Database, captures: Sequence[CaptureRow], outcome: Outcome, article_id: int | None, policy: Policy
) -> None:
    """Write to the frontier what became of an address: of every hop on the way, and of all that lead to its article."""
    last = captures[-1]
    keys = {clean_line(one.key) for one in captures if one.outcome != "robots-txt"}
    marks = ", ".join("?" * len(keys))
    rows = rows_of(
        db.execute(
            f"""
            SELECT f.*, a.published AS stated FROM frontier AS f
            LEFT JOIN articles AS a ON a.id = coalesce(?, f.article_id)
            WHERE f.key IN ({marks}) OR (f.article_id = ? AND ?)
            """,  # noqa: S608 - question marks
            [article_id, *keys, article_id, outcome in HELD],
        )
    )
    for row in rows:
        _settle_row(db, row, last, outcome, article_id, policy)


def _settle_row(
    db: Database, row: Row, last: CaptureRow, outcome: Outcome, article_id: int | None, policy: Policy
) -> None:
    at = last.requested_at
    attempts = 0 if outcome in HELD else row["attempts"] + 1
    held = article_id if outcome in HELD else row["article_id"]
    if outcome in HELD:
        age = at - _since(row["stated"], row["published"], row["first_seen"])
        pause = revisit_pause(age, outcome == "changed", policy)
    else:
        pause = retry_pause(outcome, last.error, attempts, chance_of(row["key"]))
    due_at = at + pause if pause is not None else None
    if last.error == NO_MATCH:
        db.execute(
            "UPDATE sightings SET left_out = ? WHERE url_id = ? AND job IS ? AND matches = 0",
            [NO_MATCH, row["id"], last.job],
        )
        if db.execute(
            "SELECT 1 FROM sightings WHERE url_id = ? AND left_out IS NULL", [row["id"]]
        ).fetchone():
            due_at = at  # another job wants it, whatever it says
    db.execute(
        """
        UPDATE frontier SET state = ?, outcome = ?, error = ?, attempts = ?, asked_at = ?, due_at = ?, article_id = ?
        WHERE id = ?
        """,
        [
            _state(outcome, held, due_at),
            outcome,
            text_or_none(last.error),
            attempts,
            time_to_column(at),
            time_to_column(due_at) if due_at is not None else None,
            held,
            row["id"],
        ],
    )
    if outcome in HELD:
        db.execute("UPDATE sightings SET told = 1 WHERE url_id = ?", [row["id"]])


def _state(outcome: Outcome, article_id: int | None, due_at: datetime | None) -> str:
    if article_id is not None:
        return "held"
    if outcome == "failed":
        return "failed" if due_at is not None else "given-up"
    return "refused"


def note_reading(db: Database, reading: SourceReading, at: datetime, policy: Policy) -> Noted:
    """Write what came of asking a source: its state, what it announced, the sources it names, when it is due again."""
    named = [reading.job, clean_line(reading.key)]
    found = rows_of(db.execute("SELECT * FROM sources WHERE job = ? AND key = ?", named))
    if not found:
        return Noted()
    source = found[0]
    seen, new = sight(db, reading.job, source["key"], reading.sightings, at)
    _branch(db, source, reading.branches)
    good = reading.answered in ("read", "unchanged")
    failures = 0 if good else source["failures"] + 1
    if good:
        before = timedelta(seconds=source["pause_seconds"]) if source["pause_seconds"] else None
        pause = poll_pause(before, seen, new, reading.period, policy)
    else:
        pause = poll_pause_after_failure(failures, reading.period, policy)
    stamp = time_to_column(at)
    due_at = at + pause - min(pause / 10, timedelta(seconds=30))  # not to miss the run of the job by a second
    values = {
        "first_asked": source["first_asked"] or stamp,
        "asked_at": stamp,
        "answered_at": stamp if good else source["answered_at"],
        "news_at": stamp if new else source["news_at"],
        "due_at": time_to_column(due_at),
        "pause_seconds": pause.total_seconds(),
        "failures": failures,
        "error": text_or_none(reading.error),
        "outcome": reading.answered,
        # An address that it moved to and that fails is forgotten: the one that was declared is asked again.
        "moved_to": (text_or_none(reading.moved_to) or source["moved_to"]) if good else None,
    }
    if reading.answered == "read":
        values |= {"seen": seen, "new": new, "found_kind": reading.kind, "rules": reading.rules}
    elif reading.answered == "unchanged":
        values |= {"new": 0}
    db.table("sources").update(source["id"], values)
    return Noted(seen, new, due_at)


def _branch(db: Database, source: Row, branches: Sequence[Branch]) -> None:
    if not branches:
        return
    (count,) = db.execute("SELECT count(*) FROM sources WHERE job = ?", [source["job"]]).fetchone()
    for branch in branches[: max(0, MOST_BRANCHES - count)]:
        db.execute(
            """
            INSERT INTO sources (job, key, url, kind, root, parent, depth, declared) VALUES (?, ?, ?, ?, ?, ?, ?, 0)
            ON CONFLICT (job, key) DO UPDATE SET root = excluded.root, parent = excluded.parent, depth = excluded.depth
            WHERE declared = 0 AND excluded.depth < depth
            """,
            [
                source["job"],
                clean_line(branch.key),
                clean_line(branch.url),
                branch.kind,
                source["root"],
                source["key"],
                source["depth"] + 1,
            ],
        )


def sight(
    db: Database, job: str, source: str, sightings: Sequence[Sighting], at: datetime
) -> tuple[int, int]:
    """Put what was announced into the frontier; how many addresses, and how many were never seen before."""
    by_key = {clean_line(key): one for key, one in keys_of(sightings).items()}
    new = 0
    now = time_to_column(at)
    for key, one in by_key.items():
        seen_at = time_to_column(min(one.seen_at, at)) if one.seen_at is not None else now
        row = db.execute("SELECT id, error, article_id FROM frontier WHERE key = ?", [key]).fetchone()
        if row is None:
            new += 1
            url_id = _insert(db, key, one, seen_at, now)
            again = False
        else:
            url_id, error, _ = row
            db.execute(
                "UPDATE frontier SET first_seen = min(first_seen, ?), last_seen = ?, title = coalesce(title, ?), "
                "published = coalesce(published, ?) WHERE id = ?",
                [seen_at, now, text_or_none(one.title), text_or_none(one.published), url_id],
            )
            again = error == NO_MATCH
        values = {
            "url_id": url_id,
            "job": job,
            "source": clean_line(source),
            "seen_at": seen_at,
            "now": now,
            "tags": list_to_column(one.tags),
            "matches": int(one.matches),
            "left_out": text_or_none(one.left_out),
        }
        db.execute(
            """
            INSERT INTO sightings (url_id, job, source, first_seen, last_seen, tags, matches, left_out)
            VALUES (:url_id, :job, :source, :seen_at, :now, :tags, :matches, :left_out)
            ON CONFLICT (job, url_id, source) DO UPDATE SET
                first_seen = min(first_seen, :seen_at), last_seen = :now,
                told = CASE WHEN tags = :tags THEN told ELSE 0 END,  -- what is held gets the new tags
                tags = :tags, matches = max(matches, :matches),
                left_out = CASE
                    WHEN :left_out IS NULL AND left_out = :no_match AND :matches = 0 THEN left_out ELSE :left_out
                END
            """,
            values | {"no_match": NO_MATCH},
        )
        if again:  # it was kept from another job for want of its words; this one may want it as it is
            db.execute(
                "UPDATE frontier SET due_at = ?, error = NULL WHERE id = ? AND EXISTS "
                "(SELECT 1 FROM sightings WHERE url_id = ? AND left_out IS NULL)",
                [now, url_id, url_id],
            )
    return len(by_key), new


def _insert(db: Database, key: str, one: Sighting, seen_at: str, now: str) -> int:
    """A new row of the frontier. What is held of the address already is due when its first look would have been."""
    known = find_known(db.conn, key)
    cursor = db.execute(
        """
        INSERT INTO frontier (key, url, title, published, first_seen, last_seen, state, due_at, article_id)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        [
            key,
            clean_line(one.url),
            text_or_none(one.title),
            text_or_none(one.published),
            seen_at,
            now,
            "held" if known else "waiting",
            _due_of_known(db, known.article_id) if known else now,
            known.article_id if known else None,
        ],
    )
    assert cursor.lastrowid is not None  # noqa: S101 - SQLite gives one to every row that is inserted
    return cursor.lastrowid


def _due_of_known(db: Database, article_id: int) -> str | None:
    (published, first, last) = db.execute(
        "SELECT published, first_captured, last_captured FROM articles WHERE id = ?", [article_id]
    ).fetchone()
    at = time_from_column(last)
    pause = revisit_pause(at - _since(published, None, first), False, Policy())
    return time_to_column(at + pause) if pause is not None else None


def _since(stated: str | None, announced: str | None, first_seen: str) -> datetime:
    """From when on an article ages: its date, else the announced one, else when it was seen first.

    Never later than that: what is announced for tomorrow is as old as its announcement.
    """
    seen = time_from_column(first_seen)
    for text in (stated, announced):
        if text:
            try:
                when = datetime.fromisoformat(text)
            except ValueError:
                continue
            return min(when if when.tzinfo else when.replace(tzinfo=UTC), seen)
    return seen


def touch_job(db: Database, job: str) -> None:
    """The row of a job, made where there is none."""
    db.execute("INSERT INTO jobs (name) VALUES (?) ON CONFLICT DO NOTHING", [clean_line(job)])
