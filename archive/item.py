"""One URL on its way through a run: what has come of it so far, and the rows it will leave. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime

from archive.jobs.model import Order, SourceReader, SourceResult
from archive.model import CaptureRow, ItemResult, Kept, Outcome, Supporting
from archive.outcomes import capture_rows, ends_unanswered, final_uri, key_of, safe_uri
from archive.revisits import Held
from scraper.errors import FetchError
from scraper.fetch.memento import Memento, Question
from scraper.model import Fetched
from scraper.urls import with_scheme
from scraper.warc import WrittenExchange, WrittenRecord

Results = Iterator[ItemResult | SourceResult]
"""What a step of a run yields, each only after it is safe on disk."""


@dataclass(slots=True)
class Item:
    """One URL on its way through a run.

    url: as given. key: its normalised form. followers: later spellings of the same page in the same input, and orders.
    fetched: what came, without its octets once they are on disk. locations: of its records, support first.
    record: of the last response. resource: the row of a page that the reader saved, in place of a fetch.
    question: what a web archive is asked about it. before: the captures by which it is gone; lookups: those of the
    archive's answers. gone: in words; gone_record: of the last response. memento: the copy that was had.
    holds_slot: whether its result takes up room in the fetch pool until it is finished. order: what it was asked for.
    """

    url: str
    key: str
    order: Order | None = None
    followers: list[str | Order] = field(default_factory=list)
    fetched: Fetched | None = None
    locations: list[Kept] = field(default_factory=list)
    asked_about: Held | None = None
    record: WrittenExchange | WrittenRecord | None = None
    tags: tuple[str, ...] = ()
    job: str | None = None
    holds_slot: bool = False
    resource: CaptureRow | None = None
    revision: int = 0
    question: Question | None = None
    before: tuple[CaptureRow, ...] = ()
    lookups: tuple[CaptureRow, ...] = ()
    gone: str | None = None
    gone_record: WrittenExchange | WrittenRecord | None = None
    memento: Memento | None = None

    @property
    def is_kept(self) -> bool:
        """Whether what was received is on disk."""
        return self.fetched is not None or self.resource is not None

    def rows(self, outcome: Outcome | Supporting, error: str | None, now: datetime) -> tuple[CaptureRow, ...]:
        """The captures that it came to, the outcome on the last. now: of a request that nothing answered."""
        if self.resource is not None:
            return (replace(self.resource, outcome=outcome, error=error),)
        fetched = self.fetched
        if fetched is None:  # and a web archive had no copy
            uri = safe_uri(with_scheme(self.url))
            before = self.before or (CaptureRow(uri, self.key, now, outcome, job=self.job),)
            return (*self.lookups, *before[:-1], replace(before[-1], outcome=outcome, error=error))
        unanswered = None
        if ends_unanswered(fetched):
            uri = safe_uri(final_uri(fetched))
            unanswered = CaptureRow(uri, key_of(uri), now, outcome, job=self.job, error=error)
        rows = capture_rows(fetched, self.locations, outcome, error, job=self.job, unanswered=unanswered)
        if self.memento is not None:
            copy = self.memento
            last = replace(
                rows[-1],
                url=safe_uri(copy.original),
                key=key_of(copy.original),
                archive_url=copy.archive_url,
                memento_at=copy.captured_at,
            )
            rows = (*self.before, *self.lookups, *_as_lookups(rows[:-1]), last)
        return rows

    def begin_lookup(self, now: datetime, gone: str | None) -> None:
        """Go on to a web archive. gone: what its site answered; `None` where that was not asked."""
        if self.fetched is not None:
            self.before = self.rows("gone", gone, now)
        self.gone, self.gone_record = gone, self.record
        self.fetched, self.locations, self.asked_about = None, [], None

    def note_lookup(self, now: datetime) -> None:
        """Keep in mind what a web archive has answered, and that it was no copy."""
        assert self.fetched is not None  # noqa: S101  -- it has answered, or failed to
        self.lookups = (*self.lookups, *_as_lookups(self.rows("lookup", None, now)))
        self.fetched, self.locations, self.record = None, [], self.gone_record

    @property
    def source(self) -> SourceReader | None:
        """What reads it, where it is a source and no article."""
        return self.order.source if self.order is not None else None


def _as_lookups(rows: Iterable[CaptureRow]) -> tuple[CaptureRow, ...]:
    """What a web archive answered on the way to a copy, as nothing but that."""
    return tuple(one if one.outcome == "robots-txt" else replace(one, outcome="lookup") for one in rows)


def fetched_of(future: Future[Fetched], url: str) -> Fetched:
    """What was fetched. An error that nobody foresaw ends the journey of its own URL, and of no other."""
    try:
        return future.result()
    except Exception as error:  # noqa: BLE001  -- recorded as this item's failure
        message = f"internal error while fetching: {type(error).__name__}: {error}"
        return Fetched(with_scheme(url), (), error=FetchError(safe_uri(with_scheme(url)), message))


def is_not_modified(fetched: Fetched) -> bool:
    """Whether it ended with the 304 that was asked for."""
    return fetched.error is None and fetched.exchanges[-1].status == 304


def moved_to(fetched: Fetched) -> str | None:
    """Where what was asked for has moved for good (301, 308); `None` where it has not, or a hop is for now only."""
    hops = [one for one in fetched.exchanges if 300 <= one.status < 400 and one.status != 304]
    if not hops or any(one.status not in (301, 308) for one in hops):
        return None
    return fetched.exchanges[-1].target_uri


def without_bodies(fetched: Fetched) -> Fetched:
    """The same, without the octets that are on disk now."""
    return replace(
        fetched,
        exchanges=tuple(replace(one, request=b"", response=b"", payload=b"") for one in fetched.exchanges),
        support=tuple(replace(one, request=b"", response=b"", payload=b"") for one in fetched.support),
    )


def again(result: ItemResult, url: str) -> ItemResult:
    """The result of a page that was asked for under another spelling a moment ago, and gave no article."""
    return replace(result, url=url)
