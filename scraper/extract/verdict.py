"""What a page is, from evidence that can be named: an article, or why it is none.

Conservative on purpose. A page that is wrongly called an article can be removed by its reader; an article that is
wrongly called a cookie wall is lost in silence. So every verdict but `article` needs its own words on the page and
the absence of a story.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final, NamedTuple
from urllib.parse import SplitResult, parse_qs, urlsplit

from scraper.extract.blocks import FOOTER, HEADER, NAV, Blocks, TextBlock
from scraper.extract.declared import Declared, strings
from scraper.extract.entries import Own, leaves, listing_of, own_domains
from scraper.extract.text import count_words, fold
from scraper.extract.walls import (
    LONGEST_ASKING,
    LONGEST_SAYING,
    PHRASES,
    WRITTEN,
    asked_line,
    asks,
    breaks_off,
    reports,
    told,
)
from scraper.model import Verdict


class Judgement(NamedTuple):
    """A verdict, and the one line of evidence it rests on; `None` for an article."""

    verdict: Verdict
    reason: str | None


_AT_THE_ENDS: Final = {
    verdict: (
        tuple(f"{phrase} " for phrase in PHRASES[verdict] if not phrase.isdigit()),
        tuple(f" {phrase}" for phrase in PHRASES[verdict] if not phrase.isdigit()),
    )
    for verdict in ("bot-wall", "soft-404")
}
"""Verdict -> how titles begin and end that say so: looking for all at once is quick."""

_STORY: Final = 120
"""Words of main content from which a page is an article whatever else stands on it."""

_FREE_PART: Final = 250
"""Words of main content up to which a page that asks for a subscription is called paywalled."""

_LEAST: Final = 5
"""Words below which there is nothing to keep."""

_TEASER: Final = 60
_WALL_WORDS: Final = 40
_WALL_BLOCKS: Final = 40
_INDEX_LINKS: Final = 12

_ENTRIES: Final = 5
"""Headlines with kept text under each from which on a page may be a list of others. Nineteen of the development pages
with a labelled text have so many and none of their own: links to related stories begin before the text or stand amid
it. One is the front page of a blog; the others are articles, on which no title, address or dates speak of a list."""

_OF_ENTRIES: Final = 0.8
"""Of these, so many must be dated for the dates to speak; and of a list's text, so much must stand under headlines."""

_TOLD: Final = 20
"""Words of kept text that ask for nothing from which on a page with a cookie banner tells something: two short lines
of news. The walls seen have none."""

_TOLD_IN_A_BLOCK: Final = 10
"""Words of a paragraph: headings and the lines of an offer have fewer."""

_TOLD_WHERE_DECLARED: Final = 10
"""The same of a page that declares an article: a sentence. Walls declare none."""


def judge(
    found: Blocks, kept: Sequence[TextBlock], declared: Declared, title: str | None, url: str
) -> Judgement:
    """The verdict on a parsed page.

    kept: the blocks of its text. url: where it was found; the front page is at `/`.
    """
    seen = _Seen(found, kept, declared, title, url)
    if not found.blocks:
        return Judgement("empty", "the page shows no text at all")
    for check in (_bot_wall, _soft_404, _index, _list, _paywall, _consent, _frame, _nothing):
        judgement = check(seen)
        if judgement is not None:
            return judgement
    return Judgement("article", None)


_FRONT: Final = re.compile(r"/?(?:page/\d+/?)?")
"""The path of a front page, and of those that follow it."""


class _Seen:
    """What the checks look at, counted once."""

    def __init__(
        self, found: Blocks, kept: Sequence[TextBlock], declared: Declared, title: str | None, url: str
    ) -> None:
        self.blocks = found.blocks
        self.declared = declared
        self.url = url
        self.front = _FRONT.fullmatch(urlsplit(url).path) is not None
        self.kept = kept
        self.count = _count(kept)
        titles = [value for value in (title, declared.title) if value]
        self.titles = [fold(value) for value in titles]
        self.title_parts = [fold(part) for value in titles for part in _TITLE_PARTS.split(value)]

    @cached_property
    def own(self) -> Own:
        """The domains of the site; none where headlines may lead anywhere: on a front page, which may list others'."""
        if self.url and self.front:
            return frozenset()
        return own_domains(
            [self.url, *self.declared.links.get("canonical", ()), self.declared.first("og:url")]
        )

    @cached_property
    def linked(self) -> list[int]:
        """Where the lines stand that are a link as a whole, and lead to another page of the site."""
        return [
            block.index
            for block in self.blocks
            if block.link_density > 0.8 and block.text.count(" ") >= 3 and not leaves(block, self.own)
        ]

    @property
    def longest_run(self) -> int:
        """Words of the longest stretch of text with no linked headline in it."""
        counts = [count_words(block.text) for block in self.kept]
        return _longest_run(self.kept, counts, self.linked)

    @cached_property
    def short_blocks(self) -> list[tuple[TextBlock, str]]:
        """The short blocks of the page, each with its text folded."""
        return [(block, fold(block.text)) for block in self.blocks[:400] if len(block.text) <= 300]

    @cached_property
    def text(self) -> str:
        """Those, each on a line: no phrase reaches over its end."""
        return "\n".join(line for _, line in self.short_blocks)

    def said(self, verdict: str) -> Iterator[str]:
        """The phrases of a verdict that stand on the page."""
        return (WRITTEN[phrase] for phrase in PHRASES[verdict] if phrase in self.text)

    def titled(self, verdict: str) -> str | None:
        """The first phrase of a verdict that its title begins or ends with; a number must be a part of the title."""
        phrases = PHRASES[verdict]
        said = next((part for part in (*self.title_parts, *self.titles) if part in phrases), None)
        if said is None:
            begin, end = _AT_THE_ENDS[verdict]
            for title in self.titles:
                if title.startswith(begin) or title.endswith(end):
                    said = next(
                        phrase for phrase in phrases if not phrase.isdigit() and _opens(title, phrase)
                    )
                    break
        return None if said is None else WRITTEN[said]

    def tells(self, verdict: str) -> bool:
        """Whether there is a story beside the words of a verdict: so many words that do not speak of what such a page
        speaks of, or that report; on a page that declares an article, a few that do not say its very phrases."""
        if self.declares_article:
            return told(self.kept, PHRASES[verdict]) >= _TOLD_WHERE_DECLARED
        return told(self.kept, PHRASES[verdict], PHRASES[f"{verdict}-words"]) >= _TOLD

    @property
    def declares_article(self) -> bool:
        kind = (self.declared.first("og:type") or "").lower()
        return bool(self.declared.articles) or kind in ("article", "news", "news.article")


def _count(kept: Sequence[TextBlock]) -> int:
    """The words of a text; once they are so many that no check asks how many, those of the blocks up to there."""
    count = 0
    for block in kept:
        count += count_words(block.text)
        if count >= _FREE_PART:
            break
    return count


def _longest_run(kept: Sequence[TextBlock], counts: Sequence[int], linked: Sequence[int]) -> int:
    """Words of the longest stretch of text with no linked headline in it: a story has one, teasers have none."""
    longest = run = 0
    marks = iter([*linked, float("inf")])
    mark = next(marks)
    for block, count in zip(kept, counts, strict=True):
        if block.index > mark:
            run = 0
            while block.index > mark:
                mark = next(marks)
        run += count
        longest = max(longest, run)
    return longest


def _bot_wall(seen: _Seen) -> Judgement | None:
    if seen.count >= _STORY:
        return None
    phrase = seen.titled("bot-wall")
    if phrase is None and seen.count < _WALL_WORDS and len(seen.blocks) < _WALL_BLOCKS:
        phrase = next(seen.said("bot-wall"), None)
    return (
        Judgement("bot-wall", f"the page says “{phrase}” and has {seen.count} words of text")
        if phrase and not seen.tells("bot-wall")
        else None
    )


def _soft_404(seen: _Seen) -> Judgement | None:
    """A title that says so, and no story: the latest news, which many such pages offer instead, are none."""
    phrase = seen.titled("soft-404")
    if phrase is None:
        return None
    story = seen.count >= _STORY or (seen.declares_article and seen.tells("soft-404"))
    if story and (len(seen.linked) < _ENTRIES or seen.longest_run >= _TEASER):
        return None
    return Judgement("soft-404", f"its title says “{phrase}”, and it has {seen.count} words of text")


def _index(seen: _Seen) -> Judgement | None:
    """Mostly headlines that lead elsewhere, and no stretch of text that could be a story."""
    if seen.declares_article or len(seen.linked) < _INDEX_LINKS:
        return None
    longest = seen.longest_run
    if longest >= (_STORY if seen.front else _TEASER):
        return None
    return Judgement(
        "index",
        f"{len(seen.linked)} linked headlines, and no more than {longest} words of text between two",
    )


def _list(seen: _Seen) -> Judgement | None:
    """A few headlines that lead elsewhere, each with text under it, no text beside, and a sign that this is a list."""
    if (
        seen.declares_article
        or len(seen.linked) < _ENTRIES
        or len({bisect(seen.linked, block.index) for block in seen.kept}) < _ENTRIES
    ):
        return None
    listing = listing_of(seen.blocks, seen.kept, seen.url, seen.own)
    listed = sum(entry.words for entry in listing.entries)
    if len(listing.entries) < _ENTRIES or listed < _OF_ENTRIES * (listed + listing.own_words):
        return None
    dated = sum(entry.dated for entry in listing.entries)
    if seen.url and seen.front:
        sign = "it is the front page"
    elif phrase := _listing_title(seen):
        sign = f"its title says “{phrase}”"
    elif part := _listing_address(urlsplit(seen.url)):
        sign = f"its address says “{part}”"
    elif dated >= _OF_ENTRIES * len(listing.entries):
        sign = f"{dated} of them have a date of their own"
    else:
        return None
    return Judgement("index", f"{len(listing.entries)} linked headlines with text under each, and {sign}")


def _listing_title(seen: _Seen) -> str | None:
    """The phrase by which a title names a list: a part of the title, or of several words and its beginning."""
    return next(
        (
            WRITTEN[phrase]
            for phrase in PHRASES["index"]
            if phrase in seen.title_parts
            or (" " in phrase and any(_opens(part, phrase) for part in seen.title_parts))
        ),
        None,
    )


def _listing_address(url: SplitResult) -> str | None:
    """The part of an address that names a list: a folder of the path, or the field of a search."""
    folders = [fold(folder) for folder in url.path.split("/")]
    named = next((part for part in PHRASES["index-path"] if part in folders), None)
    return named or next((key for key in ("s", "q", "query") if key in parse_qs(url.query)), None)


def _paywall(seen: _Seen) -> Judgement | None:
    if seen.count >= _FREE_PART:
        return None
    free = _free(seen.declared)
    line = _asked_to_pay(seen) if free is not True else None
    if line is not None:
        return Judgement("paywall", f"the page says “{line}” after {seen.count} free words")
    if free is False and seen.count < _STORY:
        return Judgement("paywall", f"it declares isAccessibleForFree false, and {seen.count} words are free")
    return None


def _asked_to_pay(seen: _Seen) -> str | None:
    """What the page says to those who have not paid, or the line that says how to read on; `None` where it is said in
    the midst of the text, or by the story itself.

    That subscribers may log in is said over and under free articles too: of itself it is a wall's where the text
    breaks off, or is no more than a teaser.
    """
    phrases = [phrase for phrase in PHRASES["paywall"] if phrase in seen.text]
    to_read = any(phrase in seen.text for phrase in PHRASES["paywall-to-read"])
    if not phrases and not to_read:
        return None
    kept = {block.index for block in seen.kept}
    prose = [block for block in seen.kept if _is_told(block, phrases)]
    cut_short = seen.count < _TEASER or not prose or breaks_off(prose[-1].text)
    for block, line in seen.short_blocks:
        in_text = block.index in kept
        if prose and block.index < prose[-1].index and (in_text or block.index > prose[0].index):
            continue
        if any(line != title and line in title for title in seen.titles):
            continue
        longest = LONGEST_SAYING if in_text else LONGEST_ASKING
        for phrase in phrases:
            counts = cut_short or phrase not in PHRASES["paywall-login"]
            if counts and phrase in line and asks(block.text, phrase, longest):
                return WRITTEN[phrase]
        if to_read and (asked := asked_line(block.text, longest)):
            return asked
    return None


def _is_told(block: TextBlock, phrases: Sequence[str]) -> bool:
    """Whether a kept block is of the story: a paragraph, and not the wall's own."""
    if count_words(block.text) < _TOLD_IN_A_BLOCK:
        return False
    return reports(block.text) or not (
        any(asks(block.text, phrase) for phrase in phrases) or asked_line(block.text)
    )


def _consent(seen: _Seen) -> Judgement | None:
    """A page that asks for consent and tells nothing: what it says besides is a banner's over a short story."""
    if seen.count >= _FREE_PART:
        return None
    phrases = list(seen.said("consent"))
    prose = sum(1 for block in seen.blocks if block.text.count(" ") >= 25 and block.link_density < 0.3)
    if (
        not phrases
        or told(seen.kept, PHRASES["consent-words"]) >= _TOLD
        or (seen.count >= _TEASER and (len(phrases) < 2 or seen.declares_article))
    ):
        return None
    if seen.count < _TEASER and prose >= 3:
        return None
    return Judgement("consent", f"the page says “{phrases[0]}” and tells no story")


def _frame(seen: _Seen) -> Judgement | None:
    """A page of which a script was to write the text: nothing is there but what the site puts around it."""
    if seen.count >= _WALL_WORDS or not seen.kept or not all(map(_is_frame, seen.kept)):
        return None
    return Judgement("empty", "no text but in its header and footer")


def _is_frame(block: TextBlock) -> bool:
    return (
        bool(block.place.context & (FOOTER | NAV))
        or "©" in block.text
        or (bool(block.place.context & HEADER) and count_words(block.text) < _LEAST)
    )


def _nothing(seen: _Seen) -> Judgement | None:
    if seen.count >= _LEAST:
        return None
    whole = sum(count_words(block.text) for block in seen.blocks)
    if whole < 2 * _LEAST:
        return Judgement("empty", f"{whole} words on the whole page")
    return Judgement("non-article", f"{seen.count} words of main content among {whole} on the page")


_TITLE_PARTS: Final = re.compile(r"\s[-\u2013\u2014|]\s|[|:\u00b7\u00bb\u203a!?.\u061f\uff01\uff1a]+(?:\s|$)")
"""What stands between the parts of a title."""


def _opens(value: str, phrase: str) -> bool:
    return value == phrase or value.startswith(phrase + " ") or value.endswith(" " + phrase)


def _free(declared: Declared) -> bool | None:
    """What the page declares of its access (schema.org `isAccessibleForFree`); `None` where it says nothing."""
    for node in [*declared.articles, *declared.pages]:
        value = node.get("isAccessibleForFree")
        if isinstance(value, bool):
            return value
        for said in strings(value):
            if said.lower() in ("true", "false"):
                return said.lower() == "true"
    tier = (declared.first("article:content_tier") or "").lower()
    return {"free": True, "locked": False}.get(tier)
