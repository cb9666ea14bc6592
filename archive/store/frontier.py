"""The frontier: every address that was seen, where and when, what became of it, and when it is due.

What is written here stands in the transaction of the capture that it follows from, so that no crash can part the
two: a feed is never known to be read without what it announced, nor a page to be answered without its answer.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

from archive.jobs.choice import NO_MATCH
from archive.jobs.model import (
    Branch,
    Feed,
    Noted,
    Page,
    Sighting,
    SourceReading,
    SourceState,
    Standing,
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
from archive.jobs.settings import IMPORTED, Job
from archive.model import HELD, CaptureRow, Outcome
from archive.store.hosts import read_health, read_robots, write_health, write_robots
from archive.store.reading import find_known
from archive.store.rows import (
    Row,
    list_from_column,
    list_to_column,
    rows_of,
    text_or_none,
    time_from_column,
    time_to_column,
)
from archive.store.sanitise import clean_line
from scraper.fetch.health import HostHealth
from scraper.fetch.robots import RobotsAnswer

if TYPE_CHECKING:
    from sqlite_utils import Database

T = TypeVar("T")

_HELD_SQL = ", ".join(f"'{outcome}'" for outcome in sorted(HELD))

MOST_BRANCHES: Final = 5000
"""Sources that one job may come to by following others: a sitemap index has up to 50,000 parts, and a calendar has
no end. The parts that are named first are taken."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is known of an address in the frontier, for whoever finds its capture left behind by a dead run."""

    job: str
    tags: tuple[str, ...]
    matches: bool
    article_id: int | None


class Frontier:
    """The frontier of an open store. alone: for reading; writing: a transaction."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        alone: Callable[[], AbstractContextManager[None]],
        writing: Callable[[], AbstractContextManager[Database]],
    ) -> None:
        self._connection = connection
        self._alone = alone
        self._writing = writing

    def look(self, read: Callable[[sqlite3.Connection], T]) -> T:
        """What a reader of `archive.store.overview` finds."""
        with self._alone():
            return read(self._connection)

    # -- sources ------------------------------------------------------------------------------------------

    def declare(self, job: Job) -> None:
        """Take down a job's sources as its configuration has them now. One that is no longer named is not asked."""
        with self._writing() as db:
            touch_job(db, job.name)
            if job.name == IMPORTED:  # whose sources no configuration names
                return
            db.execute("UPDATE sources SET declared = 0 WHERE job = ? AND depth = 0", [job.name])
            for source in job.sources:
                db.execute(
                    """
                    INSERT INTO sources (job, key, url, kind, root, depth, declared)
                    VALUES (:job, :key, :url, :kind, :key, 0, 1)
                    ON CONFLICT (job, key) DO UPDATE SET
                        url = :url, kind = :kind, root = :key, parent = NULL, depth = 0, declared = 1
                    """,
                    {"job": job.name, "key": source.key, "url": source.url, "kind": source.kind},
                )

    def subscribe(self, feeds: Iterable[Feed], job: str) -> None:
        """Take down feeds that were imported, all of them or none, as sources of a job until they are taken out."""
        with self._writing() as db:
            touch_job(db, job)
            for feed in feeds:
                db.execute(
                    """
                    INSERT INTO sources (job, key, url, kind, root, depth, declared, title, tags)
                    VALUES (:job, :key, :url, 'auto', :key, 0, 1, :title, :tags)
                    ON CONFLICT (job, key) DO UPDATE SET
                        url = :url, root = :key, parent = NULL, depth = 0, declared = 1, title = :title, tags = :tags
                    """,
                    {
                        "job": job,
                        "key": clean_line(feed.key),
                        "url": clean_line(feed.url),
                        "title": text_or_none(feed.title),
                        "tags": list_to_column(feed.tags),
                    },
                )

    def unsubscribe(self, keys: Iterable[str], job: str) -> int:
        """Ask these sources of a job no more; how many it asked until now. What they announced stays."""
        with self._writing() as db:
            return sum(
                db.execute(
                    "UPDATE sources SET declared = 0 WHERE job = ? AND key = ? AND declared = 1",
                    [job, clean_line(key)],
                ).rowcount
                for key in keys
            )

    def due_sources(self, job: str, now: datetime, *, at_once: bool, limit: int) -> tuple[SourceState, ...]:
        """Sources of a job to ask now, those longest due first. at_once: the declared ones whether due or not."""
        with self._alone():
            found = self._connection.execute(
                f"""
                {SOURCES_SQL}
                WHERE s.job = :job AND ({"s.depth = 0 OR" if at_once else ""} s.due_at IS NULL OR s.due_at <= :now)
                AND (s.declared = 1 OR s.depth > 0 AND EXISTS (
                    SELECT 1 FROM sources AS r WHERE r.job = s.job AND r.key = s.root AND r.declared = 1
                ))
                ORDER BY s.depth, s.due_at, s.id LIMIT :limit
                """,  # noqa: S608 - our own words
                {"job": job, "now": time_to_column(now), "limit": limit},
            )
            return tuple(map(source_from_row, rows_of(found)))

    def sources(self, job: str) -> tuple[SourceState, ...]:
        """Every source of a job, declared or come to from another."""
        with self._alone():
            found = self._connection.execute(f"{SOURCES_SQL} WHERE s.job = ? ORDER BY s.depth, s.id", [job])
            return tuple(map(source_from_row, rows_of(found)))

    def source_at(self, url: str, key: str) -> SourceState | None:
        """The source that is asked for at an address, of whichever job asked it last. key: the address normalised."""
        with self._alone():
            found = rows_of(
                self._connection.execute(
                    f"{SOURCES_SQL} WHERE s.key = ? OR s.moved_to = ? "
                    "ORDER BY s.key = ? DESC, s.declared DESC, s.asked_at DESC LIMIT 1",
                    [clean_line(key), clean_line(url), clean_line(key)],
                )
            )
        return source_from_row(found[0]) if found else None

    def last_run(self, job: str) -> tuple[datetime | None, bool]:
        """When a job was run last, and whether that run came to its end. One that was killed did not."""
        with self._alone():
            found = self._connection.execute(
                "SELECT started_at, ended_at IS NOT NULL FROM runs WHERE job = ? ORDER BY id DESC LIMIT 1",
                [job],
            ).fetchone()
        return (time_from_column(found[0]), bool(found[1])) if found else (None, True)

    # -- hosts --------------------------------------------------------------------------------------------

    def health(self) -> dict[str, HostHealth]:
        """Sites that failed when they were asked last, by registrable domain."""
        with self._alone():
            return read_health(self._connection)

    def robots(self, now: datetime) -> tuple[RobotsAnswer, ...]:
        """What robots.txt files said, as far as it holds still."""
        with self._alone():
            return read_robots(self._connection, now)

    def note_hosts(self, health: Mapping[str, HostHealth], robots: Iterable[RobotsAnswer]) -> None:
        """Note what has become known of sites and of their robots.txt files."""
        with self._writing() as db:
            write_health(db, health)
            write_robots(db, robots)

    # -- pages --------------------------------------------------------------------------------------------

    def queue(self, sightings: Iterable[Sighting], *, job: str, source: str, at: datetime) -> Noted:
        """Put addresses into the frontier, as seen in a source that is none of the web: a list, a file, a feed read by
        somebody else. All of them, or none."""
        with self._writing() as db:
            touch_job(db, job)
            seen, new = _sight(db, job, source, tuple(sightings), at)
        return Noted(seen, new)

    def standing(self, keys: Iterable[str], job: str) -> dict[str, Standing]:
        """What is known already of normalised URLs, as far as anything is."""
        found: dict[str, Standing] = {}
        with self._alone():
            for key in keys:
                clean = clean_line(key)
                row = self._connection.execute("SELECT state FROM frontier WHERE key = ?", [clean]).fetchone()
                if (row is not None and row[0] == "held") or find_known(self._connection, clean) is not None:
                    found[key] = "held"
                elif row is not None:
                    found[key] = "known"
                elif self._connection.execute(
                    "SELECT 1 FROM sources WHERE job = ? AND key = ? AND declared = 1", [job, clean]
                ).fetchone():
                    found[key] = "source"
        return found

    def has_work(self, job: Job, now: datetime, *, at_once: bool) -> bool:
        """Whether there is anything to ask for a job, or to tell it of; at_once: as for `due_sources`."""
        return bool(
            self.due_sources(job.name, now, at_once=at_once, limit=1)
            or self.due_pages(job.name, now, limit=1, revisit=job.revisit)
        )

    def due_pages(self, job: str, now: datetime, *, limit: int, revisit: bool) -> tuple[Page, ...]:
        """Pages of a job to ask now: those never asked first, then the newest. revisit: and those held, when due.

        A page that is held already and that this job has only now come across stands among them, not due.
        """
        with self._alone():
            found = rows_of(
                self._connection.execute(
                    f"""
                    SELECT f.id, f.article_id, max(s.matches) AS matches, json_group_array(s.tags) AS tags,
                        coalesce(f.due_at <= :now, 0) AS is_due,
                        CASE WHEN f.article_id IS NULL THEN f.url ELSE coalesce((
                            SELECT c.url FROM captures AS c
                            WHERE c.article_id = f.article_id AND c.outcome IN ({_HELD_SQL}) AND c.status = 200
                            ORDER BY c.id DESC LIMIT 1
                        ), f.url) END AS url
                    FROM sightings AS s JOIN frontier AS f ON f.id = s.url_id
                    WHERE s.job = :job AND s.left_out IS NULL AND (
                        (f.due_at <= :now AND (f.article_id IS NULL OR :revisit))
                        OR (f.article_id IS NOT NULL AND s.told = 0)
                    )
                    GROUP BY f.id
                    ORDER BY f.article_id IS NOT NULL, f.attempts, coalesce(f.published, f.first_seen) DESC, f.id
                    LIMIT :limit
                    """,  # noqa: S608 - our own words
                    {"job": job, "now": time_to_column(now), "limit": limit, "revisit": revisit},
                )
            )
        return tuple(
            Page(
                id=row["id"],
                url=row["url"],
                tags=_tags_of(row["tags"]),
                matches=bool(row["matches"]),
                article_id=row["article_id"],
                is_due=bool(row["is_due"]),
            )
            for row in found
        )

    def wanted(self, key: str) -> Wanted | None:
        """For which job an address is wanted, where one is."""
        with self._alone():
            found = rows_of(
                self._connection.execute(
                    """
                    SELECT s.job, max(s.matches) AS matches, json_group_array(s.tags) AS tags, f.article_id
                    FROM frontier AS f JOIN sightings AS s ON s.url_id = f.id
                    WHERE f.key = ? AND s.left_out IS NULL GROUP BY s.job ORDER BY min(s.first_seen) LIMIT 1
                    """,
                    [clean_line(key)],
                )
            )
        if not found:
            return None
        row = found[0]
        return Wanted(row["job"], _tags_of(row["tags"]), bool(row["matches"]), row["article_id"])

    def tell(self, key: str, job: str | None) -> None:
        """A job was told that an address is held."""
        with self._writing() as db:
            db.execute(
                "UPDATE sightings SET told = 1 WHERE job = ? AND url_id IN (SELECT id FROM frontier WHERE key = ?)",
                [job, clean_line(key)],
            )

    def left(self, job: str, now: datetime) -> int:
        """How many pages of a job are due and were never answered."""
        with self._alone():
            (count,) = self._connection.execute(
                "SELECT count(DISTINCT f.id) FROM sightings AS s JOIN frontier AS f ON f.id = s.url_id "
                "WHERE s.job = ? AND s.left_out IS NULL AND f.article_id IS NULL AND f.due_at <= ?",
                [job, time_to_column(now)],
            ).fetchone()
        return int(count)


# -- inside the transaction of a capture ------------------------------------------------------------------


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
    seen, new = _sight(db, reading.job, source["key"], reading.sightings, at)
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


def _sight(
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


# -- rows -------------------------------------------------------------------------------------------------

SOURCES_SQL = "SELECT s.* FROM sources AS s"


def source_from_row(row: Row) -> SourceState:
    """A source, of a row of `sources`."""

    def time(name: str) -> datetime | None:
        return time_from_column(row[name]) if row[name] else None

    return SourceState(
        id=row["id"],
        job=row["job"],
        url=row["url"],
        key=row["key"],
        kind=row["kind"],
        found_kind=row["found_kind"],
        parent=row["parent"],
        depth=row["depth"],
        rules=row["rules"],
        first_asked=time("first_asked"),
        asked_at=time("asked_at"),
        answered_at=time("answered_at"),
        news_at=time("news_at"),
        due_at=time("due_at"),
        pause=timedelta(seconds=row["pause_seconds"]) if row["pause_seconds"] else None,
        failures=row["failures"],
        error=row["error"],
        seen=row["seen"],
        new=row["new"],
        moved_to=row["moved_to"],
        title=row["title"],
        tags=list_from_column(row["tags"]),
        root=row["root"],
    )


def _tags_of(column: str) -> tuple[str, ...]:
    """Tags of all sightings of an address, of a JSON array of JSON arrays."""
    found: dict[str, Any] = {}
    for tags in json.loads(column):
        found |= dict.fromkeys(list_from_column(tags))
    return tuple(found)
