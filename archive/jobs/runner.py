"""One run of one job: its sources asked, what they announce put into the frontier, and what is due there asked.

The runner gives orders and takes results; the pipeline carries them out, and the store remembers. Nothing is kept
here that would be missed if the process died.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, Protocol
from urllib.parse import urlsplit

from archive.jobs.choice import has_words, left_out
from archive.jobs.model import (
    Answered,
    Branch,
    Order,
    Sighting,
    SourceAnswer,
    SourceReading,
    SourceResult,
    SourceState,
)
from archive.jobs.schedule import MOST_SOURCES
from archive.jobs.settings import Job
from archive.model import ItemResult
from archive.store import Store
from scraper.discover import Announced, Found, read_source, sources_of_site
from scraper.errors import BadUrl
from scraper.urls import normalise

MOST_BRANCHES_OF_ONE: Final = 1000
"""Sources that one source may name in one reading, further ones are seen when it is read again."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a job makes of what a source announced."""

    sightings: tuple[Sighting, ...]
    branches: tuple[Branch, ...]
    kind: str
    fault: str | None
    refused: tuple[tuple[str, str], ...] = ()


def read_answer(job: Job, source: SourceState, answer: SourceAnswer) -> Choice:
    """What a source announces, and what the job wants of it. Pure."""
    depth_left = source.depth < job.max_depth
    is_site = source.kind == "site" or (source.kind == "auto" and _is_front(source.url))
    if is_site and depth_left:
        named = sources_of_site(answer.payload, answer.url, answer.robots_txt)
        if named:
            return Choice((), tuple(_branches(named, "auto")), "site", None)
    kind = "page" if source.kind == "site" else source.kind
    found: Found = read_source(answer.payload, answer.url, content_type=answer.content_type, kind=kind)
    sightings = tuple(
        one for one in (_sighting(job, item, source.tags) for item in found.items) if one is not None
    )
    branches = tuple(_branches(found.more, _kind_of_more(found.kind))) if depth_left else ()
    refused = tuple((one.url, one.reason) for one in found.refused)
    return Choice(
        sightings, branches[:MOST_BRANCHES_OF_ONE], found.kind, _fault(source, answer, found), refused
    )


def _fault(source: SourceState, answer: SourceAnswer, found: Found) -> str | None:
    """What is wrong with a source: that it cannot be read, or is a feed no more. A page in its place that leads to
    articles goes on being read."""
    before = source.found_kind
    if (
        found.fault is None
        and found.kind == "page"
        and before not in (None, "page", "site")
        and not found.items
    ):
        return f"{answer.url}: was {before}, and is now a page that leads to no article"
    return found.fault


def _is_front(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query


def _kind_of_more(kind: str) -> str:
    """What the sources that a source names are read as: a sitemap's parts and a page's next page are of its kind."""
    return "page" if kind == "page" else "auto"


def _branches(urls: tuple[str, ...], kind: str) -> Iterator[Branch]:
    for url in urls:
        try:
            yield Branch(url, normalise(url), kind)
        except BadUrl:
            continue


def _sighting(job: Job, item: Announced, tags: tuple[str, ...]) -> Sighting | None:
    """An announcement as the job sees it; `None` where it is no address at all. tags: of its source."""
    try:
        key = normalise(item.url)
    except BadUrl:
        return None
    return Sighting(
        item.url,
        key,
        title=item.title,
        published=item.published,
        tags=tuple(dict.fromkeys((*job.tags, *tags))),
        matches=has_words(job.match, item.title, item.summary),
        left_out=left_out(item.url, job.include, job.exclude),
    )


def rules_of(job: Job, source: SourceState) -> str:
    """A digest of everything that a job chooses by: when it changes, a source is read again though it has not."""
    said = repr(
        (
            [one.text for one in job.include],
            [one.text for one in job.exclude],
            job.match,
            (*job.tags, *source.tags),
            job.max_depth,
            source.kind,
        )
    )
    return sha256(said.encode()).hexdigest()[:16]


class JobSourceReader:
    """Reads one source for one job: what `archive.jobs.model.SourceReader` asks for."""

    def __init__(self, job: Job, source: SourceState, period: timedelta) -> None:
        self._job = job
        self._source = source
        self._period = period

    def read(self, answer: SourceAnswer) -> SourceReading:
        """What it announces. Never raises for what stands in it."""
        choice = read_answer(self._job, self._source, answer)
        return SourceReading(
            self._job.name,
            self._source.key,
            "failed" if choice.fault is not None else "read",
            self._period,
            error=choice.fault,
            kind=choice.kind,
            moved_to=answer.moved_to,
            rules=rules_of(self._job, self._source),
            sightings=choice.sightings,
            branches=choice.branches,
        )

    def without(self, answered: Answered, error: str | None = None) -> SourceReading:
        """What to note where there is nothing to read."""
        return SourceReading(self._job.name, self._source.key, answered, self._period, error=error)


def source_order(job: Job, source: SourceState, period: timedelta) -> Order:
    """The order to ask a source: with validators, unless what the job chooses by has changed since it was read."""
    return Order(
        source.moved_to or source.url,
        job=job.name,
        source=JobSourceReader(job, source, period),
        conditional=source.rules == rules_of(job, source),
    )


def page_order(job: Job, url: str, tags: tuple[str, ...], *, matches: bool, again: bool) -> Order:
    """The order to ask a page."""
    words = job.match
    wants: Callable[[str | None, str], bool] | None = None
    if words and not matches:
        wants = lambda title, text: has_words(words, title, text)  # noqa: E731
    return Order(url, job=job.name, tags=tags, again=again, wants=wants, delay=job.delay)


class Adoption(Protocol):
    """What an address was to be asked for, as far as configuration and frontier know."""

    def __call__(self, url: str) -> Order | None: ...


def order_for(store: Store, jobs: dict[str, Job], period: Callable[[Job], timedelta]) -> Adoption:
    """What to do with the capture of an address that a dead run left behind: as that run would have done."""

    def find(url: str) -> Order | None:
        try:
            key = normalise(url)
        except BadUrl:
            return None
        source = store.frontier.source_at(url, key)
        if source is not None and source.job in jobs:
            job = jobs[source.job]
            return source_order(job, source, period(job))
        wanted = store.frontier.wanted(key)
        if wanted is None or wanted.job not in jobs:
            return None
        return page_order(jobs[wanted.job], url, wanted.tags, matches=wanted.matches, again=True)

    return find


class JobRun:
    """One run of one job. `orders` is iterated in a thread of its own; `note` is told of every result.

    at_once: ask the declared sources whether they are due or not. limit: pages to ask at most.
    rests: whether the site of a URL is left alone now; what is due there stays due.
    """

    def __init__(
        self,
        store: Store,
        job: Job,
        *,
        now: Callable[[], datetime],
        period: timedelta,
        at_once: bool,
        limit: int | None = None,
        rests: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._store = store
        self._job = job
        self._now = now
        self._began = now()
        self._period = period
        self._at_once = at_once
        self._left = min(job.max_pages, limit) if limit is not None else job.max_pages
        self._rests = rests
        self._changed = threading.Condition()
        self._open_sources = 0
        self._version = 0
        self._stopped = False
        self.asked = 0

    def orders(self) -> Iterator[Order]:
        """What to ask, as it becomes known: sources first, and pages as they are announced. Ends when all is answered
        that could announce more."""
        sources: set[int] = set()
        pages: set[int] = set()
        while not self._stopped:
            with self._changed:
                version = self._version
            for source in self._sources(sources):
                sources.add(source.id)
                if self._rests(source.url):
                    continue
                with self._changed:
                    self._open_sources += 1
                yield source_order(self._job, source, self._period)
            yield from self._pages(pages)
            with self._changed:
                while version == self._version and self._open_sources and not self._stopped:
                    self._changed.wait()
                if version == self._version:
                    return

    def _sources(self, given: set[int]) -> list[SourceState]:
        found = self._store.frontier.due_sources(
            self._job.name, self._began, at_once=self._at_once, limit=MOST_SOURCES
        )
        return [one for one in found if one.id not in given][: MOST_SOURCES - len(given)]

    def _pages(self, given: set[int]) -> Iterator[Order]:
        if self._left <= 0:
            return
        found = self._store.frontier.due_pages(
            self._job.name, self._now(), limit=self._left + len(given), revisit=self._job.revisit
        )
        for page in found:
            if page.id in given or self._stopped:
                continue
            if self._left <= 0:
                return
            given.add(page.id)
            if page.is_due and self._rests(page.url):
                continue
            if page.is_due:  # one that is held costs nothing to be told of
                self._left -= 1
                self.asked += 1
            yield page_order(
                self._job,
                page.url,
                page.tags,
                matches=page.matches,
                again=page.is_due and page.article_id is not None,
            )

    def note(self, result: ItemResult | SourceResult) -> None:
        """A result has come: what a source announced may be asked now."""
        if isinstance(result, SourceResult):
            with self._changed:
                self._open_sources -= 1
                self._version += 1
                self._changed.notify_all()

    def stop(self) -> None:
        """Give no more orders."""
        self._stopped = True
        with self._changed:
            self._changed.notify_all()
