"""The frozen values of crawling: what a source announced, what is to be asked, what came of asking a source."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, Protocol

Standing = Literal["held", "known", "source"]
"""What is known of an address: an article is held, it was seen before, it is a source of the job."""

Answered = Literal["read", "unchanged", "gone", "robots", "failed"]
"""What became of a source that was asked: read for what it announces, or as before, or why it could not be."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """An address that was announced somewhere, as one job sees it.

    url: as announced. key: normalised. published: as announced, ISO 8601 where it is a date at all.
    matches: whether title or announcement hold a word that the job wants; left_out: why it is not asked for.
    seen_at: when it was seen, where that was earlier than now, as in a list of bookmarks.
    """

    url: str
    key: str
    title: str | None = None
    published: str | None = None
    tags: tuple[str, ...] = ()
    matches: bool = True
    left_out: str | None = None
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed that was imported. key: normalised. tags: what its articles are filed under."""

    url: str
    key: str
    title: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """A source that another source names: a part of a sitemap, the next page, a feed of the site."""

    url: str
    key: str
    kind: str = "auto"


@dataclass(frozen=True, slots=True)
class SourceReading:
    """What came of asking one source of a job, ready to be stored.

    key: of the source as it was asked for. moved_to: where it has moved for good. kind: what it turned out to be.
    rules: a digest of what the job chose by. period: from one run of the job to the next.
    """

    job: str
    key: str
    answered: Answered
    period: timedelta
    error: str | None = None
    kind: str | None = None
    moved_to: str | None = None
    rules: str = ""
    sightings: tuple[Sighting, ...] = ()
    branches: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True)
class Noted:
    """What the store made of a `SourceReading`. seen: addresses announced; new: never seen before, anywhere."""

    seen: int = 0
    new: int = 0
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SourceAnswer:
    """A source as it came. url: the target URI that answered. robots_txt: of its host, where it was asked for too."""

    payload: bytes
    url: str
    content_type: str | None = None
    robots_txt: str | None = None
    moved_to: str | None = None


class SourceReader(Protocol):
    """What reads the answer of one source, and is told when that is on disk."""

    def read(self, answer: SourceAnswer) -> SourceReading:
        """What it announces."""

    def without(self, answered: Answered, error: str | None = None) -> SourceReading:
        """What to note where there is nothing to read."""


@dataclass(frozen=True, slots=True)
class Order:
    """An address to ask, and for whom.

    again: ask although it is held. source: what it announces is read, and it is no article.
    conditional: send the validators of what is held. wants: whether a page of this title and text is to be kept.
    delay: seconds after each of its requests, at least.
    """

    url: str
    job: str | None = None
    tags: tuple[str, ...] = ()
    again: bool = False
    source: SourceReader | None = None
    conditional: bool = True
    wants: Callable[[str | None, str], bool] | None = None
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class SourceResult:
    """What became of one source that was asked; made only after everything about it is safe on disk."""

    job: str
    url: str
    answered: Answered
    kind: str | None = None
    seen: int = 0
    new: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """An address of the frontier that is to be asked. article_id: what is held of it; told: whether this job knows.

    matches: whether its announcement holds a word that the job wants, so that its text need not.
    """

    id: int
    url: str
    tags: tuple[str, ...]
    matches: bool
    article_id: int | None
    is_due: bool


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source of a job, as it stands. pause: from the last asking to the next. failures: in a row.

    seen, new: of the last reading. first_asked, asked_at, answered_at, news_at: `None` until there was one.
    title, tags: as they were imported; what it announces is filed under these, too. root: the key of the declared
    source that it was come to from, its own where it is one.
    """

    id: int
    job: str
    url: str
    key: str
    kind: str
    found_kind: str | None
    parent: str | None
    depth: int
    rules: str
    first_asked: datetime | None
    asked_at: datetime | None
    answered_at: datetime | None
    news_at: datetime | None
    due_at: datetime | None
    pause: timedelta | None
    failures: int
    error: str | None
    seen: int
    new: int
    moved_to: str | None
    title: str | None = None
    tags: tuple[str, ...] = ()
    root: str = ""


def new_source(
    job: str, url: str, key: str, kind: str = "auto", *, depth: int = 0, parent: str | None = None
) -> SourceState:
    """A source that was never asked."""
    return SourceState(
        id=0,
        job=job,
        url=url,
        key=key,
        kind=kind,
        found_kind=None,
        parent=parent,
        depth=depth,
        rules="",
        first_asked=None,
        asked_at=None,
        answered_at=None,
        news_at=None,
        due_at=None,
        pause=None,
        failures=0,
        error=None,
        seen=0,
        new=0,
        moved_to=None,
        root=key,
    )


def keys_of(sightings: Iterable[Sighting]) -> dict[str, Sighting]:
    """Sightings by key. The first of a key counts: what it lacks is filled from the others, their tags are joined, and
    one that is not left out is enough."""
    found: dict[str, Sighting] = {}
    for one in sightings:
        first = found.get(one.key)
        found[one.key] = one if first is None else _joined(first, one)
    return found


def _joined(first: Sighting, other: Sighting) -> Sighting:
    times = [one.seen_at for one in (first, other) if one.seen_at is not None]
    return replace(
        first,
        title=first.title or other.title,
        published=first.published or other.published,
        tags=tuple(dict.fromkeys((*first.tags, *other.tags))),
        matches=first.matches or other.matches,
        left_out=first.left_out and other.left_out,
        seen_at=min(times, default=None),
    )
