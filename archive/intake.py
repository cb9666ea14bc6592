"""A run over what is there already: pages in WARC files, of a run that died or of another tool, pages that a reader
saved, and articles that were read elsewhere.

They go the way of what is fetched, from the page on: read in the worker processes, compared in the order of their
capture, stored, said. Only asking and keeping fall away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from archive.dedup.decide import decide
from archive.item import Item, Results, without_bodies
from archive.model import ArticleDraft, CaptureRow, Intent, ItemResult
from archive.outcomes import key_of, safe_uri
from archive.pipeline import Pipeline
from archive.recovery import LeftBehind
from archive.rereading import AHEAD, CapturedPage
from scraper.fetch.memento import memento_from
from scraper.urls import normalise, with_scheme
from scraper.warc import WrittenRecord


@dataclass(frozen=True, slots=True)
class SavedPage:
    """A page that came without its HTTP response, in a `resource` record. row: as far as it is known."""

    row: CaptureRow
    record: WrittenRecord
    payload: bytes
    tags: tuple[str, ...]


class Intake(Pipeline):
    """A run that takes in what is there. Used by one thread, as every run is."""

    def add_saved_page(self, payload: bytes, url: str, mime: str) -> Iterator[ItemResult]:
        """Take in a page that the reader's own browser saved, as a `resource` record. Raises: BadUrl."""
        uri, key = safe_uri(url), normalise(url)
        self._check_room()
        written = self._writer.write_resource(uri, payload, mime, self._now())
        resource = CaptureRow(
            uri,
            key,
            written.date,
            "new",
            mime=mime,
            location=written.location,
            payload_digest=written.payload_digest,
            job=self._job,
        )
        item = Item(url, key, record=written, resource=resource, tags=self._tags, job=self._job)
        self._start(item)
        self._read(item, CapturedPage(payload, url, mime, written.date))
        yield from (result for result in self._loop() if isinstance(result, ItemResult))

    def take_in(self, left: LeftBehind) -> Results:
        """Go on with a fetch that an earlier run had kept when it was killed."""
        fetched = left.fetched
        job = left.known.get("job")
        tags = left.known.get("tags")
        answer = fetched.exchanges[-1]
        of_archive = self._archive is not None and self._archive.owns(answer.target_uri)
        copy = memento_from(left.known.get("memento"))
        if copy is None and of_archive and self._archive is not None:
            copy = self._archive.copy_in(answer)
        fetched = replace(fetched, url=copy.original if copy is not None else fetched.url)
        order = self._order_for(with_scheme(fetched.url))
        if order is not None:
            job, tags = order.job, [*(tags if isinstance(tags, list) else ()), *order.tags]
        item = Item(
            fetched.url,
            key_of(fetched.url),
            order,
            fetched=without_bodies(fetched),
            locations=list(left.locations),
            record=left.record,
            tags=tuple(str(tag) for tag in tags) if isinstance(tags, list) else (),
            job=job if isinstance(job, str) else None,
            memento=copy,
        )
        if of_archive and copy is None:
            item.note_lookup(self._now())  # the page that it was about is taken in by itself, and asks anew
            self._store.save(Intent("lookup", item.lookups, run_id=self._run_id))
            return
        self._start(item)
        yield from self._judge(item, fetched)
        yield from self._loop()

    def _start(self, item: Item) -> None:
        """Begin with one item that no input gave."""
        self._more_input = False
        self._pending.acquire()
        self._on_the_way[item.key] = item

    def take_in_all(self, found: Iterable[LeftBehind | SavedPage | None]) -> Iterator[ItemResult]:
        """The results as pages are done; some are read ahead of the others.

        found: pages, the oldest first; `None` where the next one needs all before it to be stored.
        """
        for one in found:
            key = "" if one is None else _key(one)
            while not self.stopping and (
                len(self._on_the_way) >= (1 if one is None else AHEAD) or key in self._on_the_way
            ):
                yield from _items(self._events.get()())
            if self.stopping:
                break
            if one is not None:
                yield from _items(self._begin(one))
            while not self._events.empty():
                yield from _items(self._events.get()())
        self._more_input = False
        yield from _items(self._loop())

    def _begin(self, one: LeftBehind | SavedPage) -> Results:
        if isinstance(one, SavedPage):
            row = one.row
            item = Item(row.url, row.key, record=one.record, resource=row, tags=one.tags)
            self._start(item)
            self._read(item, CapturedPage(one.payload, row.url, row.mime, row.requested_at))
            return
        tags, copy = one.known.get("tags"), memento_from(one.known.get("memento"))
        fetched = one.fetched if copy is None else replace(one.fetched, url=copy.original)
        item = Item(
            fetched.url,
            key_of(fetched.url),
            fetched=without_bodies(fetched),
            locations=list(one.locations),
            record=one.record,
            tags=tuple(map(str, tags)) if isinstance(tags, list) else (),
            memento=copy,
        )
        self._start(item)
        yield from self._judge(item, fetched)

    def take_in_article(
        self, draft: ArticleDraft, payload: bytes, mime: str, captured: datetime, tags: tuple[str, ...]
    ) -> Iterator[ItemResult]:
        """Store an article that was read elsewhere. payload: what says so, kept as a `resource` record.

        captured: when its page was. One that is held already, word for word, is `known`.
        """
        known, twin = self._store.known(draft.url), self._store.article_with_text(draft.text_sha256)
        outcome, article_id, duplicate_of = decide(known, twin, draft)
        if known is not None and outcome == "unchanged":
            yield self._known(draft.url, known, tags, None)
            return
        self._check_room()
        written = self._writer.write_resource(draft.url, payload, mime, captured)
        row = CaptureRow(
            draft.url,
            draft.url,
            captured,
            outcome,
            mime=mime,
            location=written.location,
            payload_digest=written.payload_digest,
        )
        item = Item(draft.url, draft.url, record=written, resource=row, tags=tags)
        self._start(item)
        intent = Intent(outcome, (), draft=draft, article_id=article_id, duplicate_of=duplicate_of)
        yield from _items(self._finish(item, outcome, intent=intent, title=draft.title))


def _key(one: LeftBehind | SavedPage) -> str:
    return one.row.key if isinstance(one, SavedPage) else key_of(one.fetched.url)


def _items(results: Results) -> Iterator[ItemResult]:
    return (one for one in results if isinstance(one, ItemResult))
