"""Captured pages taken out of their WARC files again, to be read once more without asking any host.

A page is read again when its site is known better than it was, when the extractor or the reader's own rules have
changed, and to explain what was decided of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlsplit

from archive.errors import NotFound
from archive.model import HELD, CaptureRow, Reading, Reread, SiteFurniture, SiteWitness, StoredReading
from archive.outcomes import draft_of
from archive.recovery import exchange_of
from archive.rules import rules_digest, rules_for
from archive.store import Store
from scraper.errors import BadUrl, DecodeError, ExtractionFailed, WarcError
from scraper.fetch.decode import Decoded
from scraper.model import Exchange, Furniture, Page, RecordLocation, SiteRules
from scraper.urls import site_of
from scraper.warc import read_record

Decode = Callable[[Exchange], Decoded]

AHEAD: Final = 16
"""Pages that are handed to the worker processes before the first of them is stored: bounds what is held in memory."""


class Extraction(Protocol):
    """What reads pages: the pool of worker processes, or anything like it."""

    def submit(
        self,
        payload: bytes,
        url: str,
        *,
        content_type: str | None = None,
        furniture: Furniture | None = None,
        rules: SiteRules | None = None,
        witness: bool = False,
        captured: datetime | None = None,
    ) -> Future[Page]:
        """A page, later. The future raises ExtractionFailed."""


@dataclass(frozen=True, slots=True)
class CapturedPage:
    """A page as it was captured. payload: after content decoding. captured: when it was asked for."""

    payload: bytes
    url: str
    content_type: str | None
    captured: datetime | None = None


def captured_page(folder: Path, captures: Iterable[CaptureRow], decode: Decode) -> CapturedPage:
    """The page of the latest of these captures whose record holds one whole.

    A revisit record holds none: the capture it repeats is among the earlier ones. Raises: NotFound, with what
    stood in the way of the last that was tried.
    """
    why = "no capture of it holds a page"
    held = [one for one in captures if one.outcome in HELD and one.location is not None]
    for capture in sorted(held, key=lambda one: one.requested_at, reverse=True):
        try:
            found = page_at(folder, capture.location, capture.url, decode)
        except NotFound as error:
            why = str(error)
            continue
        if found is not None:
            return found
    raise NotFound(f"its page cannot be read again: {why}")


def page_at(folder: Path, location: RecordLocation | None, url: str, decode: Decode) -> CapturedPage | None:
    """The page in a record; `None` where it holds none whole. url: of a page that the reader saved, or
    of the one that a web archive's copy is of.

    Raises: NotFound, where the record cannot be read.
    """
    if location is None:
        return None
    try:
        record = read_record(folder, location)
        if record.type == "resource":
            return CapturedPage(record.block, url, record.get("Content-Type"), record.date)
        if record.type != "response":
            return None
        exchange = exchange_of(record)
        decoded = decode(exchange)
    except (WarcError, DecodeError, OSError) as error:
        raise NotFound(str(error)) from error
    # A copy from a web archive is a page of its own address, whatever the archive's is (RFC 7089, 2.1.1).
    shown = url if exchange.header("memento-datetime") else exchange.target_uri
    if decoded.truncated:
        return None
    return CapturedPage(decoded.data, shown, exchange.content_type, exchange.requested_at)


@dataclass(frozen=True, slots=True)
class SiteReader:
    """Reads pages with what is known of their sites: their furniture, and the reader's own rules.

    furniture: of a site, as `Store.furniture` gives it. extractor: names and versions of what reads.
    """

    extraction: Extraction
    furniture: Callable[[str], SiteFurniture]
    rules: tuple[SiteRules, ...]
    extractor: str

    def submit(self, page: CapturedPage) -> tuple[Future[Page], int]:
        """The page, later, and the revision of the furniture that it is read with."""
        known = self.furniture(_site(page.url))
        future = self.extraction.submit(
            page.payload,
            page.url,
            content_type=page.content_type,
            furniture=known.furniture,
            rules=self.rules_of(page.url),
            witness=True,
            captured=page.captured,
        )
        return future, known.revision

    def rules_of(self, url: str) -> SiteRules | None:
        """The reader's own rules for a page."""
        return rules_for(_host(url), self.rules) if self.rules else None

    def extractor_of(self, url: str) -> str:
        """What reads this page: an article's `extractor`. The reader's own rules for it are part of that."""
        rules = self.rules_of(url)
        return self.extractor if rules is None else f"{self.extractor} rules/{rules_digest(rules)}"


def _site(url: str) -> str:
    try:
        return site_of(url)
    except BadUrl:
        return ""


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


@dataclass(frozen=True, slots=True)
class Begun:
    """A reading under way. revision: of the furniture that it is read with."""

    of: StoredReading
    future: Future[Page]
    revision: int


class Rereader:
    """Reads the captured pages of articles again, and stores what comes of it.

    folder: of the WARC files. decode: the payload of an exchange after content decoding, capped.
    """

    def __init__(self, store: Store, reader: SiteReader, folder: Path, decode: Decode) -> None:
        self._store = store
        self._reader = reader
        self._folder = folder
        self._decode = decode

    def begin(self, of: StoredReading) -> Begun:
        """Have a page read. Raises: NotFound, where its record holds no page."""
        page = page_at(self._folder, of.location, of.url, self._decode)
        if page is None:
            raise NotFound("its record holds no whole page")
        return Begun(of, *self._reader.submit(page))

    def settle(self, begun: Begun, *, write: bool = True) -> Reread:
        """Store what was read, once it is; without `write`, only say what would be."""
        of = begun.of
        try:
            page = begun.future.result()
        except ExtractionFailed as error:
            return self.give_up(of, f"not read again: {error}", write=write)
        if page.verdict != "article" or not page.text:
            return self.give_up(of, page.verdict, write=write, outcome="rejected")
        reading = Reading(
            of,
            draft_of(page, of.url, self._reader.extractor_of(of.url), of.requested_at),
            SiteWitness(page.witness, begun.revision) if page.witness is not None else None,
        )
        return self._store.save_reading(reading) if write else self._store.judge_reading(reading)

    def give_up(self, of: StoredReading, why: str, *, write: bool, outcome: str = "failed") -> Reread:
        """Leave an article as it is, and do not try again by itself."""
        if write and of.standing:
            self._store.settle(of.article_id)
        article = self._store.article(of.article_id)
        return Reread(
            of.article_id,
            article.url,
            of.version,
            "rejected" if outcome == "rejected" else "failed",
            title=article.title,
            words_before=article.word_count,
            words_after=article.word_count,
            error=why,
        )

    def run(
        self, articles: Iterable[int], *, write: bool = True, stopping: Callable[[], bool] = lambda: False
    ) -> Iterator[Reread]:
        """Read every version of these articles again, in order, some ahead of the others."""
        under_way: deque[Begun | Reread] = deque()
        for article_id in articles:
            for of in self._store.readings(article_id):
                if stopping():
                    return
                try:
                    under_way.append(self.begin(of))
                except NotFound as error:
                    under_way.append(self.give_up(of, str(error), write=write))
                if len(under_way) >= AHEAD:
                    yield self._done(under_way.popleft(), write)
        while under_way and not stopping():
            yield self._done(under_way.popleft(), write)

    def _done(self, one: Begun | Reread, write: bool) -> Reread:
        return one if isinstance(one, Reread) else self.settle(one, write=write)
