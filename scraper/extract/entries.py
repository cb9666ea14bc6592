"""What a page lists: headlines that lead to other pages, each with the text under it.

A front page, a tag and a list of search results are made of such entries, whether these are teasers or whole posts; an
article has text of its own. Which of them a page is, `verdict` decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple
from urllib.parse import urljoin, urlsplit

from scraper.extract.blocks import TextBlock
from scraper.extract.datetext import dates_in
from scraper.extract.text import count_words
from scraper.urls import registrable_domain

_HEADINGS: Final = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_LINK: Final = 0.8
_LEAST_HEADLINE: Final = 3
_LEAST_UNHEADED: Final = 4
"""Words of a link that is a headline: in a heading, and elsewhere."""

_NEAR: Final = 5
"""Blocks under a headline among which its date is looked for, and the one over it."""

_DATE_LINE: Final = 12
"""Words of a line under a headline that is looked through for a date: "By Jane Doe on 5 March 2024, in Harbour"."""


class Entry(NamedTuple):
    """One headline and what stands under it, up to the next. words: of its text that is kept. dated: it has a day."""

    headline: TextBlock
    words: int
    dated: bool


Own = frozenset[str]
"""The registrable domains of one site."""


def own_domains(urls: Iterable[str | None]) -> Own:
    """The registrable domains of the addresses by which a page names itself."""
    return frozenset(filter(None, map(_domain_of, filter(None, urls))))


def leaves(block: TextBlock, own: Own) -> bool:
    """Whether every link of a block leads to another site: what an article lists, not what a site does."""
    return bool(own and block.targets) and all(
        (domain := _domain_of(target)) and domain not in own for target in block.targets
    )


def _domain_of(target: str) -> str:
    """The registrable domain that a link names; nothing where it is of the page's own site, or leads to no page."""
    try:
        parts = urlsplit(target.strip())
        return registrable_domain(parts.hostname or "") if parts.scheme in ("http", "https", "") else ""
    except ValueError:
        return ""


class Listing(NamedTuple):
    """The entries of a page that have text, in order, and the words of its text that stand before them all."""

    entries: Sequence[Entry]
    own_words: int


def listing_of(
    blocks: Sequence[TextBlock], kept: Sequence[TextBlock], url: str, own: Own = frozenset()
) -> Listing:
    """The entries of a page, and what it says itself. kept: the blocks of its text. url: where it was found. own: the
    domains of its site; a headline that leads to another is none of its entries."""
    headlines = [block for block in headlines_in(blocks, url) if not leaves(block, own)]
    if not headlines:
        return Listing((), _words(kept))
    counts = {block.index: count_words(block.text) for block in kept}
    ends = [*(headline.index for headline in headlines[1:]), len(blocks)]
    entries = []
    for headline, end in zip(headlines, ends, strict=True):
        below = range(headline.index + 1, end)
        words = sum(counts.get(index, 0) for index in below)
        if words:
            near = [headline.index - 1, *range(headline.index + 1, min(end, headline.index + _NEAR))]
            dated = any(_is_dated(blocks[index]) for index in near if index >= 0)
            entries.append(Entry(headline, words, dated))
    first = headlines[0].index
    return Listing(entries, sum(count for index, count in counts.items() if index < first))


def headlines_in(blocks: Sequence[TextBlock], url: str) -> list[TextBlock]:
    """The blocks that are a link to another page as a whole, and long enough for a headline; of two to one page, the
    first."""
    own = _page_of(url, "")
    found: list[TextBlock] = []
    seen: set[str] = {own, ""}
    for block in blocks:
        if block.link_density <= _LINK or len(block.targets) != 1:
            continue
        least = _LEAST_HEADLINE if block.kind in _HEADINGS else _LEAST_UNHEADED
        if count_words(block.text) < least:
            continue
        page = _page_of(url, block.targets[0])
        if page not in seen:
            seen.add(page)
            found.append(block)
    return found


def _page_of(base: str, target: str) -> str:
    """The page that a link leads to, without its fragment; nothing where it leads to none."""
    try:
        parts = urlsplit(urljoin(base, target.strip()))
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https", ""):
        return ""
    return f"{parts.netloc}{parts.path.rstrip('/')}?{parts.query}"


def _is_dated(block: TextBlock) -> bool:
    text = block.text
    return (
        any(map(str.isdigit, text))
        and count_words(text) <= _DATE_LINE
        and next(iter(dates_in(text, order="dmy")), None) is not None
    )


def _words(kept: Sequence[TextBlock]) -> int:
    return sum(count_words(block.text) for block in kept)
