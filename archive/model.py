"""The frozen values of the keeping side: what we knew, what we shall write, what we hold.

A step reads `Known` and hands back an `Intent`; only the store turns an `Intent` into rows.
Times are aware UTC datetimes; ISO 8601 text ending in `Z` lives in the store alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple, get_args

from archive.jobs.model import Noted, SourceReading
from scraper.model import FieldOrigin, Furniture, Image, RecordLocation

Outcome = Literal["new", "changed", "unchanged", "duplicate", "known", "rejected", "robots", "gone", "failed"]
"""What became of a URL that was asked for. The words and their meaning are the contract's."""

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

Supporting = Literal["redirect", "robots-txt", "retried", "source", "lookup"]
"""Captures on the way to an outcome: a hop, a robots.txt, an answer that was asked again (429, 503), a feed or other
source that was read for the addresses it announces, an answer of a web archive that was asked for a copy."""

HELD: frozenset[str] = frozenset({"new", "changed", "unchanged", "duplicate"})
"""Outcomes after which a URL is `known` and not asked again without `--force`."""


@dataclass(frozen=True, slots=True)
class CaptureRow:
    """One fetch of one target URI at one instant.

    url: the target URI as requested. key: its normalised form (`scraper.urls.normalise`).
    location: `None` when nothing was received and so no record of a response stands in the WARC.
    payload_digest: as in the record, `sha256:…`, or `None`.
    revisit_of: the id of the capture that holds the payload, where the record is a revisit.
    archive_url, memento_at: of a copy from a web archive, where it was had and when that archive captured it. Then
    `url` is the page's own, the record's target URI is `archive_url`, and `requested_at` is when the copy was had.
    """

    url: str
    key: str
    requested_at: datetime
    outcome: Outcome | Supporting
    status: int | None = None
    mime: str | None = None
    location: RecordLocation | None = None
    payload_digest: str | None = None
    job: str | None = None
    error: str | None = None
    revisit_of: int | None = None
    archive_url: str | None = None
    memento_at: datetime | None = None


class Kept(NamedTuple):
    """Where an exchange stands on disk. location: `None` when nothing came back. revisit_of: as of a capture."""

    location: RecordLocation | None
    payload_digest: str | None
    revisit_of: int | None = None


@dataclass(frozen=True, slots=True)
class ArticleDraft:
    """What a page said, ready to be stored. `url` is final and normalised, `text_sha256` over its words.

    structure: of the text, packed (`scraper.extract.wire.structure_to_json`); `None` where only the text is known.
    """

    url: str
    site: str
    title: str | None
    text: str
    text_sha256: str
    word_count: int
    authors: tuple[str, ...] = ()
    published: str | None = None
    modified: str | None = None
    language: str | None = None
    canonical_url: str | None = None
    site_name: str | None = None
    sources: tuple[str, ...] = ()
    dateline: str | None = None
    section: str | None = None
    keywords: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    origins: tuple[tuple[str, FieldOrigin], ...] = ()
    extractor: str = ""
    structure: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What the store holds of a URL before a step: the article it leads to, as it stands now."""

    article_id: int
    url: str
    title: str | None
    published: str | None
    text_sha256: str
    version: int
    duplicate_of: int | None


class SiteWitness(NamedTuple):
    """What a page shows of its site, packed (`scraper.extract.witness`), and the furniture that it was read with."""

    packed: bytes
    revision: int


class SiteFurniture(NamedTuple):
    """What a site repeats around its articles, and how often it was learnt anew; `None` where nothing is known."""

    furniture: Furniture | None
    revision: int


@dataclass(frozen=True, slots=True)
class Intent:
    """Everything one item wants written, in one transaction.

    captures: at least one; all of them point at `article_id` once it is known.
    draft: for `new`, `changed` and `duplicate`; else `None`.
    article_id: the article already held, for `changed` and `unchanged`; else `None`.
    duplicate_of: the article whose text this one has exactly, for `duplicate`.
    witness: what the page shows of its site, where it is an article.
    reading: what came of asking a source; nothing else of the intent then but its captures.
    """

    outcome: Outcome | Supporting
    captures: tuple[CaptureRow, ...]
    draft: ArticleDraft | None = None
    article_id: int | None = None
    duplicate_of: int | None = None
    tags: tuple[str, ...] = ()
    run_id: int | None = None
    witness: SiteWitness | None = None
    reading: SourceReading | None = None


Rereading = Literal["re-extracted", "updated", "unchanged", "rejected", "failed"]
"""What came of reading a captured page again: another text, title or date; only other fields; nothing; a page that is
no article now, and stays as it was; a page that could not be read."""

REREADINGS: tuple[Rereading, ...] = get_args(Rereading)


@dataclass(frozen=True, slots=True)
class StoredReading:
    """One publisher's version of an article, by the capture that it was read from.

    location: of the record that holds its payload. url, requested_at: of the capture.
    """

    article_id: int
    version: int
    standing: bool
    url: str
    requested_at: datetime
    location: RecordLocation | None


@dataclass(frozen=True, slots=True)
class Reading:
    """A captured page read again, ready to be stored."""

    of: StoredReading
    draft: ArticleDraft
    witness: SiteWitness | None = None


@dataclass(frozen=True, slots=True)
class Reread:
    """What became of one version of an article that was read again.

    changes: kinds of change of text, title and date, or the names of other fields that changed. words_before,
    words_after: of its text. error: for `rejected` the verdict, for `failed` one line.
    """

    article_id: int
    url: str
    version: int
    outcome: Rereading
    title: str | None = None
    changes: tuple[str, ...] = ()
    words_before: int = 0
    words_after: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """What the store made of an `Intent`, committed. noted: of its reading."""

    article_id: int | None
    duplicate_of: int | None
    version: int | None
    noted: Noted | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """An article as held, one version of it. A duplicate's `text` is the text of the article it copies.

    structure: as of a draft; `None` too where it was stored before there was any.
    """

    id: int
    url: str
    canonical_url: str | None
    site: str
    site_name: str | None
    title: str | None
    authors: tuple[str, ...]
    published: str | None
    modified: str | None
    language: str | None
    text: str
    word_count: int
    text_sha256: str
    source: str | None
    dateline: str | None
    section: str | None
    keywords: tuple[str, ...]
    captions: tuple[str, ...]
    images: tuple[Image, ...]
    tags: tuple[str, ...]
    cluster_id: int | None
    first_captured: datetime
    last_captured: datetime
    version: int
    versions: int
    duplicate_of: int | None
    warc: RecordLocation | None
    structure: str | None = None


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search as typed, and its filters. since, until: ISO dates, both inclusive, on the published date.

    exact: only the words as they are typed, no other spellings of names. synonyms: groups of names that mean one
    thing, besides those that ship. author: words of a name, all of one author. outcome: of a capture of the article.
    fold: one result for the articles of a cluster. ordered: whether phrases may be looked for; where not, all are
    words alone (`archive.search.unordered`), those that spellings of a name make included.
    """

    query: str
    site: str | None = None
    author: str | None = None
    language: str | None = None
    outcome: str | None = None
    since: str | None = None
    until: str | None = None
    month: str | None = None
    tag: str | None = None
    job: str | None = None
    exact: bool = False
    synonyms: tuple[tuple[str, ...], ...] = ()
    fold: bool = True
    ordered: bool = True
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Hit:
    """One found article.

    snippet: an excerpt of the original text; `marks` are the (start, end) characters in it that matched.
    title_marks: the same for the title. score: higher is better. more: how many other articles its cluster has.
    """

    article_id: int
    url: str
    title: str | None
    site: str
    published: str | None
    language: str | None
    snippet: str
    marks: tuple[tuple[int, int], ...]
    title_marks: tuple[tuple[int, int], ...]
    score: float
    cluster_id: int | None = None
    more: int = 0


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Hits, best first, and how many there are in all.

    expanded_to: other spellings that were searched too. notes: how the query was read where that is not as it was
    typed, a line each: `read as words: …`, `read as: …`, `not understood: …`.
    """

    hits: tuple[Hit, ...]
    total: int
    expanded_to: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What became of one URL; made only after everything about it is safe on disk.

    url: as it was given. warc_file, warc_offset: the record of the last response, where there is one.
    error: for `rejected` the verdict, else one line. reason: the evidence for a verdict.
    archive_url, memento_at: of a web archive's copy, see `CaptureRow`.
    """

    url: str
    outcome: Outcome
    article_id: int | None = None
    duplicate_of: int | None = None
    title: str | None = None
    warc_file: str | None = None
    warc_offset: int | None = None
    error: str | None = None
    reason: str | None = None
    archive_url: str | None = None
    memento_at: datetime | None = None
