"""The steps of one run, in order: ask, keep, read, compare, store, say.

Fetching happens in threads and extraction in processes that their rooms own. Everything that touches the WARC
files and the database happens in one thread, the one that iterates over `Pipeline.run`, so there is one writer
and one order of writing: whole records synced to disk, then one transaction, then the result that says so.
Nothing is decided here.
"""

from __future__ import annotations

import itertools
import queue
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from datetime import datetime
from functools import partial
from typing import cast
from urllib.parse import urlsplit

from archive.dedup.decide import decide
from archive.item import (
    Item,
    Results,
    again,
    fetched_of,
    is_not_modified,
    without_bodies,
)
from archive.jobs.choice import NO_MATCH
from archive.jobs.model import Noted, Order, SourceReading, SourceResult
from archive.model import HELD, Article, Intent, ItemResult, Kept, Known, Outcome, SiteWitness, Supporting
from archive.outcomes import (
    draft_of,
    final_uri,
    key_of,
    outcome_of,
    safe_uri,
)
from archive.rereading import CapturedPage, Rereader, SiteReader
from archive.rereads import Rereads
from archive.revisits import held_answer, held_payloads, held_source
from archive.sources import read_source_answer
from archive.store import Store
from scraper.errors import BadUrl, DecodeError, ExtractionFailed
from scraper.fetch.decode import Decoded
from scraper.fetch.memento import Memento, Question, WebArchive
from scraper.fetch.pool import FetchPool
from scraper.model import Exchange, Fetched, Page
from scraper.urls import normalise, with_scheme
from scraper.warc import WarcWriter

MAX_PENDING = 20_000
"""URLs taken from the input and not finished. Bounds memory, and lets many hosts of a sorted list run side by side."""


OUT_OF_TURN = 16
"""Pages that may wait, read, for an earlier one that is still being read, so that of two copies in one list the one
that was captured first is the article and the other its duplicate. Beyond it no slow page holds the others."""


class Pipeline:
    """One run over many URLs. Made for one run, used by one thread.

    decode: the payload of an exchange after content decoding, capped. force: ask for what is known, too.
    on_host: called with the host that has just answered, for a progress line.
    order_for: what an address was to be asked for, when a dead run left its capture behind.
    archive: a web archive that is asked for pages that are gone, with `only` in place of their sites.
    """

    def __init__(
        self,
        *,
        store: Store,
        writer: WarcWriter,
        fetch: FetchPool,
        reader: SiteReader,
        decode: Callable[[Exchange], Decoded],
        now: Callable[[], datetime],
        check_room: Callable[[], None],
        run_id: int | None = None,
        tags: tuple[str, ...] = (),
        job: str | None = None,
        force: bool = False,
        on_host: Callable[[str], None] | None = None,
        order_for: Callable[[str], Order | None] = lambda _: None,
        archive: WebArchive | None = None,
        archive_only: bool = False,
    ) -> None:
        self._store = store
        self._writer = writer
        self._fetch = fetch
        self._reader = reader
        self._decode = decode
        self._now = now
        self._check_room = check_room
        self._run_id = run_id
        self._tags = tags
        self._job = job
        self._force = force
        self._on_host = on_host
        self._order_for = order_for
        self._archive = archive
        self._archive_only = archive_only
        self._events: queue.SimpleQueue[Callable[[], Results]] = queue.SimpleQueue()
        self._pending = threading.Semaphore(MAX_PENDING)
        self._on_the_way: dict[str, Item] = {}
        self._finished_now: set[str] = set()
        self._being_read: dict[int, Item] = {}
        self._read_already: dict[int, Future[Page]] = {}
        self._turns = itertools.count()
        self._more_input = False
        self._rereads = Rereads(store, Rereader(store, reader, writer.folder, decode), self._events.put)
        self.stopping = False

    @property
    def reread(self) -> Counter[str]:
        """What came of articles that were read again, since their sites were known better."""
        return self._rereads.counts

    @property
    def store(self) -> Store:
        """The store that it writes to."""
        return self._store

    # -- the loop -----------------------------------------------------------------------------------------

    def run(self, urls: Iterable[str]) -> Iterator[ItemResult]:
        """Results as items are done, each only after it is safe on disk.

        Raises: whatever `urls` raises; DiskFull; StoreError; WarcError. What was yielded before is kept.
        """
        return (result for result in self.carry_out(urls) if isinstance(result, ItemResult))

    def carry_out(self, urls: Iterable[str | Order]) -> Results:
        """As `run`, of orders too: sources that are read for what they announce, and pages wanted by a job."""
        self._more_input = True
        threading.Thread(target=self._feed, args=(urls,), daemon=True, name="input").start()
        yield from self._loop()

    def _loop(self) -> Results:
        self._rereads.begin_stale()
        while self._more_input or self._on_the_way or self._rereads or not self._events.empty():
            handle = self._events.get()
            yield from handle()

    def stop(self, *, grace_seconds: float = 3.0) -> None:
        """Take no more URLs and let go of those that are not on disk yet. Safe in a signal handler.

        Pages that are on disk are read and stored within `grace_seconds`; those that are not done then stay in
        the WARC files, where the next run finds and takes them in.
        """
        self.stopping = True
        self._events.put(lambda: self._abandon(lambda item: not item.is_kept))
        timer = threading.Timer(grace_seconds, self._events.put, [lambda: self._abandon(lambda _: True)])
        timer.daemon = True
        timer.start()

    def _abandon(self, which: Callable[[Item], bool]) -> Results:
        self._more_input = False
        self._rereads.stop()
        yield from self._compare_in_turn()
        for key, item in list(self._on_the_way.items()):
            if which(item):
                del self._on_the_way[key]

    def _feed(self, urls: Iterable[str | Order]) -> None:
        try:
            for url in urls:
                self._pending.acquire()
                if self.stopping:
                    return
                self._events.put(partial(self._ask, url))
        except Exception as error:  # noqa: BLE001  -- handed to the thread that iterates, which raises it
            self._events.put(partial(self._end_of_input, error))
        else:
            self._events.put(partial(self._end_of_input, None))

    def _end_of_input(self, error: Exception | None) -> Results:
        self._more_input = False
        if error is not None:
            raise error
        yield from ()

    # -- ask ----------------------------------------------------------------------------------------------

    def _ask(self, given: str | Order) -> Results:
        if self.stopping:
            self._pending.release()
            return
        order = given if isinstance(given, Order) else None
        url = given.url if isinstance(given, Order) else given
        tags, job, force = self._tags, self._job, self._force
        if order is not None:
            tags, job, force = order.tags, order.job, order.again or order.source is not None
        asked = with_scheme(url)
        try:
            key = normalise(asked)
        except BadUrl as error:
            self._pending.release()
            yield ItemResult(url, "failed", error=str(error))
            return
        if key in self._on_the_way:
            self._on_the_way[key].followers.append(given)
            return
        if (not force or key in self._finished_now) and not (order and order.source):
            known = self._store.known(key)
            if known is not None:
                self._pending.release()
                yield self._known(url, known, tags, job, order)
                return
        item = Item(url, key, order, tags=tags, job=job, holds_slot=True)
        self._on_the_way[key] = item
        if self._archive is not None and self._archive_only and item.source is None:
            item.begin_lookup(self._now(), None)
            item.holds_slot = False
            self._ask_archive(item, self._archive.first(asked, self._now()))
            return
        if force and (order is None or order.conditional):
            held = held_source if item.source is not None else held_answer
            item.asked_about = held(self._store, self._writer.folder, key)
        future = self._fetch.submit(
            asked,
            headers=item.asked_about.validators if item.asked_about else None,
            delay=order.delay if order is not None else 0.0,
        )
        future.add_done_callback(lambda done: self._events.put(partial(self._keep, item, done)))

    def _known(
        self, url: str, known: Known, tags: tuple[str, ...], job: str | None, order: Order | None = None
    ) -> ItemResult:
        """What is held of a URL. Tags that are new to the article are kept, in the WARC first as everything is; not
        those of a job that does not want it."""
        article = self._store.article(known.article_id)
        unwanted = _is_unwanted(order, article)
        if unwanted:
            tags = ()
        if not set(tags) <= set(article.tags):
            self._writer.write_metadata(
                known.url, {"asked": safe_uri(url), "outcome": "known", "tags": list(tags), "job": job}
            )
            self._store.add_tags(known.article_id, tags)
        if job is not None:
            self._store.frontier.tell(key_of(with_scheme(url)), job, unwanted=unwanted)
        return ItemResult(
            url,
            "known",
            article_id=known.article_id,
            duplicate_of=known.duplicate_of,
            title=article.title,
            warc_file=article.warc.warc_file if article.warc else None,
            warc_offset=article.warc.offset if article.warc else None,
        )

    # -- keep ---------------------------------------------------------------------------------------------

    def _keep(self, item: Item, future: Future[Fetched]) -> Results:
        if self._on_the_way.get(item.key) is not item or future.cancelled():
            self._on_the_way.pop(item.key, None)
            return
        fetched = fetched_of(future, item.url)
        if self._on_host is not None:
            self._on_host(urlsplit(final_uri(fetched)).hostname or "")
        self._check_room()
        self._note_hosts()
        item.fetched = without_bodies(fetched)
        exchanges = (*fetched.support, *fetched.exchanges)
        held = held_payloads(self._store, self._writer.folder, exchanges)
        if is_not_modified(fetched) and item.asked_about is not None:
            held[len(exchanges) - 1] = item.asked_about
        written = self._writer.write_exchanges(
            exchanges, originals={index: one.original for index, one in held.items()}
        )
        item.locations = [
            Kept(one.location, one.payload_digest, held[index].capture_id if index in held else None)
            for index, one in enumerate(written)
        ]
        item.record = written[-1] if fetched.exchanges else None
        yield from self._judge(item, fetched)

    def _note_hosts(self) -> None:
        """Keep for later runs what has become known of sites."""
        health, robots = self._fetch.new_health(), self._fetch.new_robots()
        if health or robots:
            self._store.frontier.note_hosts(health, robots)

    def _judge(self, item: Item, fetched: Fetched) -> Results:
        """Send a page that is on disk to be read, and end the journey of everything else."""
        if item.source is not None:
            yield from self._judge_source(item, fetched)
            return
        if item.question is not None:
            yield from self._judge_lookup(item, fetched)
            return
        if fetched.error is not None:
            outcome = outcome_of(fetched.error)
            if outcome == "gone" and self._archive is not None and self._store.known(item.key) is None:
                item.begin_lookup(self._now(), str(fetched.error))
                self._ask_archive(item, self._archive.first(with_scheme(item.url), self._now()))
                return
            yield from self._finish(item, outcome, error=str(fetched.error))
            return
        answer = fetched.exchanges[-1]
        known = self._unchanged_payload(item, answer) if item.memento is None else None
        if known is not None:
            intent = Intent("unchanged", (), article_id=known.article_id)
            yield from self._finish(item, "unchanged", intent=intent, title=known.title)
            return
        if is_not_modified(fetched):
            error = f"{answer.target_uri}: answered 304, but what it has not modified is not held"
            yield from self._finish(item, "failed", error=error)
            return
        try:
            decoded = self._decode(answer)
        except DecodeError as error:
            yield from self._finish(item, "failed", error=f"{answer.target_uri}: {error}")
            return
        if decoded.truncated:
            yield from self._finish(
                item, "failed", error=f"{answer.target_uri}: longer than fetch.max_decoded_bytes once decoded"
            )
            return
        shown = item.memento.original if item.memento is not None else answer.target_uri
        self._read(item, CapturedPage(decoded.data, shown, answer.content_type, answer.requested_at))

    def _ask_archive(self, item: Item, question: Question) -> None:
        """Ask a web archive about a page, after whatever was asked before."""
        if item.holds_slot:
            self._fetch.release()
        item.holds_slot, item.question = True, question
        future = self._fetch.submit(question.url, headers=question.headers)
        future.add_done_callback(lambda done: self._events.put(partial(self._keep, item, done)))

    def _judge_lookup(self, item: Item, fetched: Fetched) -> Results:
        """Read the copy that a web archive has answered with, ask it further, or let the page be gone."""
        archive, question = self._archive, item.question
        assert archive is not None and question is not None  # noqa: S101, PT018  -- asked by the caller
        body = b""
        if fetched.exchanges and fetched.error is None:
            try:
                body = self._decode(fetched.exchanges[-1]).data
            except DecodeError:
                body = b""  # then it says nothing
        found = archive.after(question, fetched, body)
        if isinstance(found, Memento):
            item.question, item.memento = None, found
            yield from self._judge(item, fetched)
            return
        item.note_lookup(self._now())
        if found is not None:
            self._ask_archive(item, found)
            return
        why = f"{archive.root} has no copy of it"
        if fetched.error is not None and fetched.error.retryable:
            why = f"no copy could be had: {fetched.error}"
        about = item.gone or safe_uri(with_scheme(item.url))
        yield from self._finish(item, "gone", error=f"{about}; {why}" if item.gone else f"{about}: {why}")

    def _judge_source(self, item: Item, fetched: Fetched) -> Results:
        """Read what a source that is on disk announces, and store that with its capture."""
        outcome, reading = read_source_answer(
            item, fetched, store=self._store, decode=self._decode, robots_txt=self._fetch.robots_txt
        )
        yield from self._finish(item, outcome, error=reading.error, reading=reading)

    def _unchanged_payload(self, item: Item, answer: Exchange) -> Known | None:
        """The article of this answer, where its payload is the very one that made the article what it is."""
        key, revisit_of = key_of(answer.target_uri), item.locations[-1].revisit_of
        standing = self._store.standing_payload(key) if revisit_of is not None else None
        return self._store.known(key) if standing is not None and standing.capture_id == revisit_of else None

    def _read(self, item: Item, page: CapturedPage) -> None:
        turn = next(self._turns)
        self._being_read[turn] = item
        future, item.revision = self._reader.submit(page)
        future.add_done_callback(lambda done: self._events.put(partial(self._note_read, turn, done)))

    # -- compare, store, say ------------------------------------------------------------------------------

    def _note_read(self, turn: int, future: Future[Page]) -> Results:
        self._read_already[turn] = future
        yield from self._compare_in_turn()

    def _compare_in_turn(self) -> Results:
        """Compare what is read in the order in which it was captured, as far as `OUT_OF_TURN` allows."""
        while self._read_already:
            turn = next(iter(self._being_read))
            if turn not in self._read_already:
                if len(self._read_already) <= OUT_OF_TURN and not self.stopping:
                    return
                turn = min(self._read_already)
            yield from self._compare(self._being_read.pop(turn), self._read_already.pop(turn))

    def _compare(self, item: Item, future: Future[Page], *, standing_read: bool = False) -> Results:
        if self._on_the_way.get(item.key) is not item or future.cancelled():
            return
        try:
            page = future.result()
        except ExtractionFailed as error:  # the pool raises nothing else
            yield from self._finish(item, "failed", error=f"kept, but not read: {error}")
            return
        if page.verdict != "article":
            yield from self._finish(item, "rejected", error=page.verdict, page=page)
            return
        last = item.rows("new", None, self._now())[-1]
        captured_at = last.memento_at or last.requested_at
        draft = draft_of(page, last.url, self._reader.extractor_of(last.url), captured_at)
        known = self._store.known(draft.url)
        wants = item.order.wants if item.order is not None else None
        if wants is not None and known is None and not wants(page.title, page.text):
            yield from self._finish(item, "rejected", error=NO_MATCH, page=page)
            return
        if known is not None and known.url != draft.url:
            known = None  # a hop of another article's redirect chain, which now answers for itself
        twin = self._store.article_with_text(draft.text_sha256)
        outcome, article_id, duplicate_of = decide(known, twin, draft)
        standing = article_id if outcome == "changed" and not standing_read else None
        if standing is not None and self._store.is_read_otherwise(standing, draft.extractor):
            self._rereads.first(standing, partial(self._compare, item, future, standing_read=True))
            return
        intent = Intent(
            outcome,
            (),
            draft=None if outcome == "unchanged" else draft,
            article_id=article_id,
            duplicate_of=duplicate_of,
            witness=SiteWitness(page.witness, item.revision) if page.witness is not None else None,
        )
        yield from self._finish(item, outcome, page=page, intent=intent)

    def _finish(
        self,
        item: Item,
        outcome: Outcome | Supporting,
        *,
        error: str | None = None,
        page: Page | None = None,
        intent: Intent | None = None,
        title: str | None = None,
        reading: SourceReading | None = None,
    ) -> Results:
        rows = item.rows(outcome, error, self._now())
        last = rows[-1]
        reason = page.reason if page is not None else None
        copy = item.memento
        intent = intent or Intent(outcome, ())
        unwanted = intent.article_id is not None and _is_unwanted(
            item.order, page or self._store.article(intent.article_id)
        )
        tags = () if unwanted else item.tags
        self._writer.write_metadata(
            last.url,
            {
                "asked": safe_uri(item.url),
                "outcome": outcome,
                "tags": list(tags),
                "job": item.job,
                "error": error,
                "reason": reason,
                "extractor": self._reader.extractor_of(last.url) if page is not None else None,
                **({"memento": copy.as_dict()} if copy is not None else {}),
            },
            concurrent_to=item.record,
            date=last.requested_at,
        )
        saved = self._store.save(
            Intent(
                outcome,
                rows,
                draft=intent.draft,
                article_id=intent.article_id,
                duplicate_of=intent.duplicate_of,
                tags=tags,
                run_id=self._run_id,
                witness=intent.witness,
                reading=reading,
            )
        )
        if unwanted:
            self._store.frontier.tell(item.key, item.job, unwanted=True)
        self._rereads.begin_stale()
        del self._on_the_way[item.key]
        self._finished_now.add(item.key)
        if item.holds_slot:
            self._fetch.release()
        if reading is not None:
            noted = saved.noted or Noted()
            yield SourceResult(
                reading.job, item.url, reading.answered, reading.kind, noted.seen, noted.new, reading.error
            )
            self._pending.release()
            for (
                given
            ) in item.followers:  # what else was wanted of that address was no reading of it as this source
                self._events.put(partial(self._ask, given))
            return
        result = ItemResult(
            item.url,
            cast("Outcome", outcome),
            article_id=saved.article_id,
            duplicate_of=saved.duplicate_of,
            title=page.title if page is not None else title,
            warc_file=last.location.warc_file if last.location else None,
            warc_offset=last.location.offset if last.location else None,
            error=error,
            reason=reason,
            archive_url=last.archive_url,
            memento_at=last.memento_at,
        )
        yield result
        self._pending.release()
        for given in item.followers:
            if isinstance(given, Order) and given.source is not None:
                self._events.put(partial(self._ask, given))
                continue
            url = given.url if isinstance(given, Order) else given
            self._pending.release()
            known = self._store.known(item.key) if outcome in HELD else None
            yield self._known(url, known, (), None) if known is not None else again(result, url)


def _is_unwanted(order: Order | None, text: Article | Page) -> bool:
    """Whether the job of an order does not want what is held: it may be another's."""
    return order is not None and order.wants is not None and not order.wants(text.title, text.text)
