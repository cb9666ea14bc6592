"""How jobs and their sources do, and what is missing: for `archive jobs`, `archive gaps` and the page /jobs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from archive.jobs.crawl import due_at, jobs_of
from archive.jobs.model import SourceState, new_source
from archive.jobs.schedule import Health, health_of
from archive.jobs.settings import IMPORTED, Job
from archive.jobs.silence import Silence, silences
from archive.store.overview import (
    JobRow,
    Unheld,
    read_announced,
    read_asked,
    read_job_rows,
    read_sources,
    read_unheld,
)
from scraper.errors import BadUrl
from scraper.urls import normalise

if TYPE_CHECKING:
    import sqlite3

    from archive.app import Archive

Cause = Literal["silent", "failed", "not asked"]
"""Why nothing was announced: the source had nothing, it could not be read, or nobody asked it."""


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """A source and how it does."""

    source: SourceState
    health: Health


@dataclass(frozen=True, slots=True)
class JobState:
    """A job and how it does.

    schedule: as written; `None` where the configuration no longer has the job. next_run: when it is due, `None`:
    never. row: what the database knows of it. sources: the declared ones first.
    """

    name: str
    schedule: str | None
    next_run: datetime | None
    is_due: bool
    row: JobRow
    sources: tuple[SourceHealth, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceSilence:
    """Days on which a declared source announced unusually little."""

    job: str
    source: str
    silence: Silence
    cause: Cause


@dataclass(frozen=True, slots=True)
class Gaps:
    """What is missing since a time: addresses announced and not held, silences, sources that do not do well."""

    since: datetime
    unheld: tuple[Unheld, ...] = ()
    silences: tuple[SourceSilence, ...] = ()
    sources: tuple[SourceHealth, ...] = field(default=())


def source_health(source: SourceState, now: datetime) -> SourceHealth:
    """A source and how it does at a time."""
    return SourceHealth(
        source,
        health_of(
            now,
            first_asked=source.first_asked,
            last_good=source.answered_at,
            failures=source.failures,
            last_new=source.news_at,
        ),
    )


def source_json(one: SourceHealth) -> dict[str, Any]:
    """A source with the keys that scripts get."""
    source = one.source
    return {
        "job": source.job,
        "url": source.url,
        "kind": source.found_kind or source.kind,
        "health": one.health,
        "title": source.title,
        "depth": source.depth,
        "parent": source.parent,
        "asked_at": source.asked_at,
        "answered_at": source.answered_at,
        "news_at": source.news_at,
        "due_at": source.due_at,
        "failures": source.failures,
        "error": source.error,
        "seen": source.seen,
        "new": source.new,
        "moved_to": source.moved_to,
    }


def silence_json(one: SourceSilence) -> dict[str, Any]:
    """A silence with the keys that scripts get."""
    return {
        "job": one.job,
        "source": one.source,
        "first": one.silence.first.isoformat(),
        "last": one.silence.last.isoformat(),
        "announced": one.silence.announced,
        "usual": round(one.silence.usual, 1),
        "cause": one.cause,
    }


def job_states(archive: Archive) -> tuple[JobState, ...]:
    """Every job of the configuration, and those that were run and are there no more. Raises: StoreError."""
    now = archive.now()
    rows: dict[str, JobRow] = {}
    sources: dict[str, list[SourceHealth]] = {}
    if archive.exists:
        frontier = archive.store.frontier
        rows = frontier.look(read_job_rows)
        for one in frontier.look(read_sources):
            sources.setdefault(one.job, []).append(source_health(one, now))
    jobs = jobs_of(archive.config)
    found = []
    for name in (*jobs, *(name for name in rows if name not in jobs)):
        row = rows.get(name, JobRow(name))
        job = jobs.get(name)
        if name == IMPORTED and not row.pages and name not in sources:
            continue  # nothing was ever imported
        if job is None:
            found.append(JobState(name, None, None, False, row, tuple(sources.get(name, ()))))
            continue
        known = {one.source.key for one in sources.get(name, ())}
        never_asked = (
            source_health(new_source(name, at.url, at.key, at.kind), now)
            for at in job.sources
            if at.key not in known
        )
        next_run = _next_run(archive, job, row, now)
        found.append(
            JobState(
                name,
                "while some wait" if name == IMPORTED else job.schedule.text,
                next_run,
                next_run is not None and next_run <= now,
                row,
                (*never_asked, *sources.get(name, ())),
            )
        )
    return tuple(found)


def _next_run(archive: Archive, job: Job, row: JobRow, now: datetime) -> datetime | None:
    if job.name == IMPORTED:
        has_work = archive.exists and archive.store.frontier.has_work(job, now, at_once=False)
        return now if has_work else None
    is_whole = row.last_run is None or row.ended is not None
    return due_at(archive.config, job, (row.last_run, is_whole), now)


def gaps(archive: Archive, jobs: Sequence[str], since: datetime) -> Gaps:
    """What is missing for these jobs since a time. Raises: ArchiveError, where there is no archive; StoreError."""
    now = archive.now()
    frontier = archive.store.frontier
    wanted = set(jobs)
    sources = [one for one in frontier.look(read_sources) if one.job in wanted]
    ailing = [
        health
        for one in sources
        if (health := source_health(one, now)).health in ("dead", "failing", "quiet")
    ]
    worst_first = sorted(ailing, key=lambda one: ("dead", "failing", "quiet").index(one.health))
    return Gaps(
        since,
        frontier.look(lambda connection: read_unheld(connection, jobs, since)),
        frontier.look(lambda connection: read_silences(connection, sources, since, now)),
        tuple(worst_first),
    )


def read_silences(
    connection: sqlite3.Connection, sources: Iterable[SourceState], since: datetime, now: datetime
) -> tuple[SourceSilence, ...]:
    """The silences of declared sources since a time, up to yesterday; today is not over."""
    sources = tuple(sources)
    announced = read_announced(connection, {one.job for one in sources}, since.date())
    family: dict[tuple[str, str], set[str]] = {}
    for one in sources:
        family.setdefault((one.job, one.root), set()).update(_addresses(one))
    found = []
    last = now.astimezone(UTC).date() - timedelta(days=1)
    for one in sources:
        if one.depth or one.first_asked is None:
            continue
        first = max(since.date(), one.first_asked.date() + timedelta(days=1))
        for silence in silences(announced.get((one.job, one.key), {}), first, last):
            cause = _cause(connection, family[one.job, one.key], silence.first, silence.last)
            found.append(SourceSilence(one.job, one.url, silence, cause))
    return tuple(sorted(found, key=lambda one: one.silence.first, reverse=True))


def _cause(connection: sqlite3.Connection, keys: set[str], first: date, last: date) -> Cause:
    asked = read_asked(connection, keys, first, last)
    if not asked:
        return "not asked"
    return "silent" if "source" in asked else "failed"


def _addresses(source: SourceState) -> set[str]:
    """Every key that a source is asked by."""
    try:
        return {source.key, normalise(source.moved_to)} if source.moved_to else {source.key}
    except BadUrl:
        return {source.key}
