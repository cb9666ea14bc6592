"""Jobs carried out one after another under one lock, or whenever they are due until told to stop."""

from __future__ import annotations

import difflib
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from archive.config import Config
from archive.errors import JobError, LockHeld, StoreError
from archive.jobs.model import SourceResult
from archive.jobs.schedule import MOST_SOURCES
from archive.jobs.settings import IMPORTED, IMPORTS, Job
from archive.jobs.times import next_run, period_of
from archive.model import ItemResult
from archive.store import Store
from scraper.urls import host_of, registrable_domain

if TYPE_CHECKING:
    from archive.app import Archive
    from archive.running import Tools

LOOK_AGAIN: Final = 60.0
"""Seconds that `watch` sleeps at most: the machine may have slept too, or its clock been set."""


@dataclass(frozen=True, slots=True)
class JobBegun:
    """A job's turn has come. due: pages that are due, as far as is known before its sources are asked."""

    job: str
    due: int = 0


@dataclass(frozen=True, slots=True)
class JobEnded:
    """A job has had its turn. counts: by outcome word. asked: pages that were asked; left: that are due still."""

    job: str
    counts: dict[str, int] = field(default_factory=dict)
    left: int = 0
    asked: int = 0


@dataclass(frozen=True, slots=True)
class JobItem:
    """What became of one address, and for which job."""

    job: str
    result: ItemResult


CrawlEvent = JobBegun | JobItem | SourceResult | JobEnded


def jobs_of(config: Config) -> dict[str, Job]:
    """The jobs of a configuration by name, and the one that carries out what was imported, last."""
    return {job.name: job for job in (*config.jobs, IMPORTS)}


def chosen(config: Config, names: Iterable[str]) -> list[Job]:
    """The jobs of these names, all where none is named. Raises: JobError."""
    jobs = jobs_of(config)
    found = []
    for name in dict.fromkeys(names):
        if name not in jobs:
            near = difflib.get_close_matches(name, jobs, n=1)
            meant = f"did you mean {near[0]}?" if near else f"there are: {', '.join(jobs)}"
            raise JobError(name, f"there is no job {name!r} in the configuration; {meant}")
        found.append(jobs[name])
    return found or list(jobs.values())


def system_zone() -> str | None:
    """The name of the machine's time zone, where it has one."""
    import os  # noqa: PLC0415

    named = os.environ.get("TZ", "").removeprefix(":")
    if named:
        return named
    try:
        return str(Path("/etc/localtime").resolve()).partition("/zoneinfo/")[2] or None
    except OSError:
        return None


def period_of_job(config: Config, now: datetime, job: Job) -> timedelta:
    """The time from one run of a job to the next, about now."""
    return period_of(job.schedule, now, config.crawl.zone(system_zone()))


def due_at(config: Config, job: Job, state: tuple[datetime | None, bool], now: datetime) -> datetime:
    """When a job is due: now, where it never ran, was cut off, or ran by a clock that has been set back since; see
    `Frontier.last_run`."""
    last, ended = state
    if last is not None and last > now:
        return now
    due = next_run(job.schedule, last, config.crawl.zone(system_zone()))
    return now if due is None or not ended else due


def is_due(config: Config, store: Store, job: Job, now: datetime) -> bool:
    """Whether a job is to run: by its schedule, or because the last run was cut off; imports, while some wait."""
    if job.name == IMPORTED:
        return store.frontier.has_work(job, now, at_once=False)
    return due_at(config, job, store.frontier.last_run(job.name), now) <= now


def crawl(
    archive: Archive,
    names: Iterable[str],
    *,
    due: bool,
    limit: int | None,
    max_time: timedelta | None,
    on_host: Callable[[str], None] | None,
) -> Iterator[CrawlEvent]:
    """As `Archive.crawl`."""
    jobs = chosen(archive.config, names)
    if due and not any_due(archive, jobs):
        return
    with (
        archive.runs.lock("crawl", 0.0 if due else None),
        archive.runs.tools(spare=True) as tools,
        _Ending(archive, max_time) as ending,
    ):
        for job in jobs:
            if ending.has_come or (limit is not None and limit <= 0):
                return
            for event in _carry_out(archive, job, tools, ending, due=due, limit=limit, on_host=on_host):
                if limit is not None and isinstance(event, JobEnded):
                    limit -= event.asked
                yield event


def _carry_out(
    archive: Archive,
    job: Job,
    tools: Tools,
    ending: _Ending,
    *,
    due: bool,
    limit: int | None,
    on_host: Callable[[str], None] | None,
) -> Iterator[CrawlEvent]:
    from archive.jobs.runner import JobRun  # noqa: PLC0415  -- the readers of feeds; who plans needs none

    config, now = archive.config, archive.now
    if not _has_turn(archive, job, due=due):
        return
    was_set_back = _was_set_back(archive, job)
    with archive.runs.run("crawl", tools, job=job.name, on_host=on_host) as (pipeline, counts):
        store = pipeline.store
        if was_set_back:
            store.frontier.forget_the_future(now())
        store.frontier.declare(job)
        yield JobBegun(job.name, store.frontier.left(job.name, now()))
        run = JobRun(
            store,
            job,
            now=now,
            period=period_of_job(config, now(), job),
            at_once=not due,
            limit=limit,
            rests=lambda url: tools.fetch.rests(registrable_domain(host_of(url))),
        )
        with ending.of(run.stop, pipeline.stop):
            for result in pipeline.carry_out(run.orders()):
                run.note(result)
                if isinstance(result, SourceResult):
                    yield result
                else:
                    counts[result.outcome] += 1
                    yield JobItem(job.name, result)
        left = store.frontier.left(job.name, now())
    yield JobEnded(job.name, counts, left, run.asked)


def _has_turn(archive: Archive, job: Job, *, due: bool) -> bool:
    """Whether a job is to be carried out: when due, or at all; imports, where there are any."""
    if due or not archive.exists:
        return any_due(archive, [job])
    try:
        with Store.open(archive.config.database, read_only=True) as store:
            return _is_any(store, job, archive.now())
    except StoreError:
        return True


def _was_set_back(archive: Archive, job: Job) -> bool:
    """Whether a job ran last at a time that is still to come: the clock was wrong then, or is now."""
    if not archive.exists:
        return False
    try:
        with Store.open(archive.config.database, read_only=True) as store:
            last, _ = store.frontier.last_run(job.name)
    except StoreError:
        return False
    return last is not None and last > archive.now()


def _is_any(store: Store, job: Job, now: datetime) -> bool:
    return job.name != IMPORTED or store.frontier.has_work(job, now, at_once=True)


@dataclass(frozen=True, slots=True)
class Planned:
    """What a crawl would ask. action: `source` to see what it announces, `fetch` a page, `again` one that is held."""

    job: str
    action: Literal["source", "fetch", "again"]
    url: str


def plan(archive: Archive, names: Iterable[str], *, due: bool) -> Iterator[Planned]:
    """What `crawl` would begin with, as far as is known before any source is asked; asks and writes nothing.

    Raises: JobError; StoreError.
    """
    now = archive.now()
    for job in chosen(archive.config, names):
        if not archive.exists:
            yield from (Planned(job.name, "source", source.url) for source in job.sources)
            continue
        store = archive.store
        if not (is_due(archive.config, store, job, now) if due else _is_any(store, job, now)):
            continue
        known = {one.key for one in store.frontier.sources(job.name)}
        yield from (Planned(job.name, "source", one.url) for one in job.sources if one.key not in known)
        for source in store.frontier.due_sources(job.name, now, at_once=not due, limit=MOST_SOURCES):
            yield Planned(job.name, "source", source.moved_to or source.url)
        for page in store.frontier.due_pages(job.name, now, limit=job.max_pages, revisit=job.revisit):
            if page.is_due:
                yield Planned(job.name, "again" if page.article_id is not None else "fetch", page.url)


def any_due(archive: Archive, jobs: Iterable[Job]) -> bool:
    """Whether one of the jobs is due, as far as can be told without the lock: that is looked at again under it."""
    if not archive.exists:
        return any(job.name != IMPORTED for job in jobs)
    try:
        with Store.open(archive.config.database, read_only=True) as store:
            return any(is_due(archive.config, store, job, archive.now()) for job in jobs)
    except StoreError:
        return True  # an older database, which a run brings up to date; or a fault, which a run tells of


class _Ending:
    """Ends what is under way when the time is over, or the archive is told to stop."""

    def __init__(self, archive: Archive, max_time: timedelta | None) -> None:
        self._archive = archive
        self._timer = (
            threading.Timer(max_time.total_seconds(), self._end, [True]) if max_time is not None else None
        )
        self._steps: tuple[Callable[[], None], ...] = ()
        self._lock = threading.RLock()
        self.has_come = False

    def __enter__(self) -> _Ending:
        self._archive.runs.was_stopped = False
        self._archive.runs.on_stop(self._end)
        if self._timer is not None:
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.runs.on_stop(None)
        if self._timer is not None:
            self._timer.cancel()

    def _end(self, by_time: bool = False) -> None:
        self.has_come = True
        with self._lock:
            for step in self._steps if by_time else self._steps[:1]:
                step()

    @contextmanager
    def of(self, stop_orders: Callable[[], None], stop_pipeline: Callable[[], None]) -> Iterator[None]:
        """While the context lasts, these end what is under way. `Archive.stop` stops the pipeline itself."""
        with self._lock:
            self._steps = (stop_orders, stop_pipeline)
        if self.has_come:
            stop_orders()
            stop_pipeline()
        try:
            yield
        finally:
            with self._lock:
                self._steps = ()


def watch(
    archive: Archive,
    names: Iterable[str],
    *,
    limit: int | None = None,
    max_time: timedelta | None = None,
    on_host: Callable[[str], None] | None = None,
    notice: Callable[[str], None] = lambda _: None,
) -> Iterator[CrawlEvent]:
    """Carry out jobs whenever they are due, until the archive is told to stop. The lock is held while a job runs.

    limit, max_time: of each round.
    """
    jobs = chosen(archive.config, names)
    while True:
        pause: float | None = None
        try:
            yield from crawl(
                archive, [job.name for job in jobs], due=True, limit=limit, max_time=max_time, on_host=on_host
            )
        except LockHeld as error:
            notice(f"{error}; trying again in {LOOK_AGAIN:.0f} seconds")
            pause = LOOK_AGAIN
        if archive.was_stopped or not _sleep(archive, jobs, pause, notice):
            return


def _sleep(archive: Archive, jobs: list[Job], pause: float | None, notice: Callable[[str], None]) -> bool:
    """Wait until a job is due; whether one is, and not the end of all."""
    told = threading.Event()
    archive.runs.was_stopped = False
    archive.runs.on_stop(told.set)
    try:
        if pause is not None:
            return not told.wait(pause)
        due = next_due(archive, jobs)
        if due is not None and due > archive.now():
            notice(
                f"the next job is due at {due.astimezone(archive.config.crawl.zone(system_zone())):%Y-%m-%d %H:%M %Z}"
            )
        while not told.is_set():
            left = (due - archive.now()).total_seconds() if due is not None else LOOK_AGAIN
            if left <= 0 or any_due(archive, jobs):
                return True
            told.wait(min(left, LOOK_AGAIN))
        return False
    finally:
        archive.runs.on_stop(None)


def next_due(archive: Archive, jobs: Iterable[Job]) -> datetime | None:
    """When the first of the jobs is due; `None` where none ever is, or that cannot be told."""
    now = archive.now()
    scheduled = [job for job in jobs if job.name != IMPORTED]
    if not archive.exists:
        return now if scheduled else None
    try:
        with Store.open(archive.config.database, read_only=True) as store:
            return min(
                (due_at(archive.config, job, store.frontier.last_run(job.name), now) for job in scheduled),
                default=None,
            )
    except StoreError:
        return now
