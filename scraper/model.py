"""The frozen values of the web side: what was exchanged, what was captured, what was read.

Everything here is plain data, made once and handed on. Times are aware UTC datetimes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Literal, NamedTuple

from scraper.errors import FetchError

Truncation = Literal["length", "time", "disconnect"]
"""Why a body was cut: a value of WARC-Truncated (ISO 28500:2017, 5.13)."""

Verdict = Literal[
    "article", "index", "soft-404", "bot-wall", "consent", "paywall", "empty", "not-html", "non-article"
]
"""What a page is. Only `article` becomes one; the others say why it does not."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One HTTP/1.1 request and the octets that came back over the socket.

    target_uri: as sent, without fragment and without user information.
    request, response: every octet written and read, in order; `response` starts at the final status line
        (interim 1xx responses stand before it) and keeps transfer and content coding.
    head_length: octets of `response` up to and including the blank line that ends the head.
    payload: the body after transfer decoding and before content decoding (what WARC-Payload-Digest is over).
    headers: name and value as received, in order, duplicates kept, decoded as ISO 8859-1.
    """

    target_uri: str
    requested_at: datetime
    ip_address: str | None
    request: bytes
    response: bytes
    head_length: int
    status: int
    headers: tuple[tuple[str, str], ...]
    payload: bytes
    truncated: Truncation | None = None

    def header(self, name: str) -> str | None:
        """The first value of a header, whatever the case of its name; `None` where it is absent."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @property
    def content_type(self) -> str | None:
        """The Content-Type header as sent, parameters included."""
        return self.header("content-type")

    @property
    def mime(self) -> str | None:
        """The media type alone, lower case."""
        value = self.content_type
        return value.split(";", 1)[0].strip().lower() or None if value else None

    @property
    def content_codings(self) -> tuple[str, ...]:
        """Content codings in the order they were applied, lower case, `identity` left out."""
        joined = ",".join(value for key, value in self.headers if key.lower() == "content-encoding")
        codings = (part.strip().lower() for part in joined.split(","))
        return tuple(coding for coding in codings if coding and coding != "identity")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A URL that was asked for, every exchange on the way, and how it ended.

    url: as given. exchanges: hops of the redirect chain and repeated tries, in order; last the answer.
    support: exchanges that were needed on the way (robots.txt), kept in the WARC, never an article.
    error: why there is no page; `None` when the last exchange is a complete 2xx, or a 304 that was asked for.
    """

    url: str
    exchanges: tuple[Exchange, ...]
    support: tuple[Exchange, ...] = ()
    error: FetchError | None = None


@dataclass(frozen=True, slots=True)
class RecordLocation:
    """Where a record stands: final file name, offset and length in bytes of the file as stored."""

    warc_file: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """One value that the page offers for a field, and where it stands (`json-ld`, `og:title`, …)."""

    value: str
    origin: str


@dataclass(frozen=True, slots=True)
class FieldOrigin:
    """Every value a page offers for one field. `chosen` is the origin taken, `None` when none was."""

    chosen: str | None
    candidates: tuple[Candidate, ...]

    @property
    def conflicting(self) -> bool:
        """Whether the candidates disagree."""
        return len({candidate.value for candidate in self.candidates}) > 1


class Link(NamedTuple):
    """A link in a block: its characters from `start` to before `end` lead to `url`, absolute, http or https."""

    start: int
    end: int
    url: str


class Container(NamedTuple):
    """What a kept block stands in, as the page has it.

    kind: `quote`, `ul`, `ol`, `li`, `dl`, `dt`, `dd`, `table`, `row` or `pre`. number: which of the page's it is.
    at: of an item of an `ol` the number that it shows, of a row its place in the table; `None` for all others.
    """

    kind: str
    number: int
    at: int | None = None


WIDEST = 100
"""Columns of a table: in a wider one spans mean nothing, and short rows stay short."""

DEEPEST = 30
"""Lists, quotes and so on inside each other: what stands deeper in a page stands in the outer ones alone."""


class Cell(NamedTuple):
    """A cell of a table, a field of its row's text: the column it begins in, how many columns and rows it spans."""

    column: int
    columns: int = 1
    rows: int = 1
    is_head: bool = False


class Block(NamedTuple):
    """One block of text of the page, in document order, and what was decided about it.

    A tuple, because a page has hundreds and a tuple is made in a quarter of the time.
    kind: `p`, `h1` … `h6`, `li`, `quote`, `pre`, `cell`, `caption`, or `other`.
    rule: the name of the rule, or `model`, that decided.
    score: the model's probability that it is main content. links: of a kept block, in the order of its text.
    within: of a kept block, what it stands in, the outermost first. cells: of a kept row of a table, one for each
    field of its text; none where they cannot be told.
    """

    text: str
    kept: bool
    rule: str
    kind: str = "p"
    score: float | None = None
    links: tuple[Link, ...] = ()
    within: tuple[Container, ...] = ()
    cells: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Image:
    """An image of the main content. url: absolute http or https."""

    url: str
    caption: str | None = None
    alt: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """What one page says: its main content, its metadata, and why.

    text: paragraphs joined by a blank line; empty unless `verdict` is `article` (or `paywall`: what is free).
    published, modified: ISO 8601 date, or date and time with the offset the page states; never a guess.
    sources: agencies and outlets named as the source ("AFP"), never a person.
    reason: one line for a verdict other than `article`: the evidence it rests on; for an article too long to be read to
    its end (10,000 blocks), how much was left out.
    witness: what an article shows of its site, packed (`scraper.extract.witness`); only where it was asked for.
    """

    verdict: Verdict
    text: str = ""
    title: str | None = None
    authors: tuple[str, ...] = ()
    published: str | None = None
    modified: str | None = None
    language: str | None = None
    site_name: str | None = None
    canonical_url: str | None = None
    sources: tuple[str, ...] = ()
    dateline: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    origins: Mapping[str, FieldOrigin] = field(default_factory=lambda: MappingProxyType({}))
    blocks: tuple[Block, ...] = ()
    reason: str | None = None
    encoding: str | None = None
    witness: bytes | None = None


@dataclass(frozen=True, slots=True)
class SiteRules:
    """A reader's own rules for one site and its subdomains: CSS selectors (`scraper.extract.site_rules`).

    site: a host in lower case, without `www.`. drop, keep: elements whose blocks go or stay, whatever else is known
    of them; of two around a block the inner one counts. title, author, date: elements that a field is taken from.
    """

    site: str
    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    title: str | None = None
    author: str | None = None
    date: str | None = None


@dataclass(frozen=True, slots=True)
class Furniture:
    """What one site repeats around its articles: normalised block texts, with the articles they stood on.

    articles: how many different articles it was learnt from. blocks: normalised text -> number of articles; in an
    archive the hash of the text, `#` and its hexadecimal digits.
    """

    articles: int = 0
    blocks: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
