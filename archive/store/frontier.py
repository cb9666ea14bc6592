"""The frontier: every address that was seen, where and when, what became of it, and when it is due.

What follows from a capture is written with it (`archive.store.settling`); here is what is asked of the frontier, and
what is put into it from elsewhere.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from archive.jobs.choice import NO_MATCH
from archive.jobs.model import (
    Feed,
    Noted,
    Page,
    Sighting,
    SourceState,
    Standing,
)
from archive.jobs.settings import IMPORTED, Job
from archive.model import HELD
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
from archive.store.settling import sight, touch_job
from scraper.fetch.health import HostHealth
from scraper.fetch.robots import RobotsAnswer

if TYPE_CHECKING:
    from sqlite_utils import Database

T = TypeVar("T")

_HELD_SQL = ", ".join(f"'{outcome}'" for outcome in sorted(HELD))


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

    def forget_the_future(self, now: datetime) -> None:
        """What was asked at a time that is still to come, by a wrong clock, is due now; sites left alone since then are
        not any more."""
        with self._writing() as db:
            told = {"now": time_to_column(now)}
            db.execute("UPDATE sources SET due_at = :now WHERE asked_at > :now", told)
            db.execute(
                "UPDATE frontier SET due_at = :now "
                "WHERE asked_at > :now AND (due_at IS NOT NULL OR article_id IS NOT NULL)",
                told,
            )
            db.execute("DELETE FROM robots WHERE asked_at > :now", told)
            db.execute("DELETE FROM hosts WHERE since > :now", told)

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
            seen, new = sight(db, job, source, tuple(sightings), at)
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

    def tell(self, key: str, job: str | None, *, unwanted: bool = False) -> None:
        """A job was told that an address is held. unwanted: by others; its text has none of this job's words."""
        with self._writing() as db:
            db.execute(
                """
                UPDATE sightings SET told = 1, left_out = CASE WHEN ? AND matches = 0 THEN ? ELSE left_out END
                WHERE job = ? AND url_id IN (SELECT id FROM frontier WHERE key = ?)
                """,
                [unwanted, NO_MATCH, job, clean_line(key)],
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
