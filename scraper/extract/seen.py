"""A page as the verdicts look at it: its text, its titles, its lines and its links, each counted once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final
from urllib.parse import urlsplit

from scraper.extract.blocks import ASIDE, FOOTER, FORM, HEADER, HIDDEN, NAV, Blocks, TextBlock
from scraper.extract.declared import Declared
from scraper.extract.entries import Own, leaves, own_domains
from scraper.extract.text import count_words
from scraper.extract.walls import PHRASES, WRITTEN, asks, key, says_alone, told

FREE_PART: Final = 250
"""Words of main content up to which a page that asks for a subscription is called paywalled."""

TOLD: Final = 20
"""Words of kept text that ask for nothing from which on a page tells something: two short lines of news. The walls
seen have none."""

_TOLD_WHERE_DECLARED: Final = 10
"""The same of a page that declares an article: one sentence. Walls declare none."""

TEASER: Final = 60

ENTRIES: Final = 5
"""Headlines with kept text under each from which on a page may be a list of others. Nineteen of the development pages
with a labelled text have so many and none of their own: links to related stories begin before the text or stand amid
it. One is the front page of a blog; the others are articles, on which no title, address or dates speak of a list."""

_LINE_OF_LINKS: Final = 0.8

_LINKED_HALF: Final = 0.5
_LABEL: Final = 24
"""Characters of a day beside a link: "Wednesday, 25 September:" has 24."""

_AROUND: Final = NAV | FOOTER | HEADER | ASIDE | HIDDEN | FORM

_FRONT: Final = re.compile(r"/?(?:page/\d+/?)?")
"""The path of a front page, and of those that follow it."""

_TITLE_PARTS: Final = re.compile(r"\s[-\u2013\u2014|]\s|[|:\u00b7\u00bb\u203a!?.\u061f\uff01\uff1a]+(?:\s|$)")
"""What stands between the parts of a title."""

_AT_THE_ENDS: Final = {
    verdict: (
        tuple(f"{phrase} " for phrase in PHRASES[verdict] if not phrase.isdigit()),
        tuple(f" {phrase}" for phrase in PHRASES[verdict] if not phrase.isdigit()),
    )
    for verdict in ("bot-wall", "soft-404")
}
"""Verdict -> how titles begin and end that say so: looking for all at once is quick."""


class Seen:
    """What the checks look at, counted once."""

    def __init__(
        self, found: Blocks, kept: Sequence[TextBlock], declared: Declared, title: str | None, url: str
    ) -> None:
        self.blocks = found.blocks
        self.declared = declared
        self.url = url
        self.front = _FRONT.fullmatch(urlsplit(url).path) is not None
        self.kept = kept
        self.count = count(kept)
        titles = [value for value in (title, declared.title) if value]
        self.titles = [key(value) for value in titles]
        self.title_parts = [key(part) for value in titles for part in _TITLE_PARTS.split(value)]

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
        """Where the lines stand that are a link, as a whole or with a day beside it, and lead to another page of the
        site."""
        return [
            block.index
            for block in self.blocks
            if (block.link_density > _LINE_OF_LINKS or _is_dated_link(block))
            and block.text.count(" ") >= 3
            and not leaves(block, self.own)
        ]

    @cached_property
    def shown(self) -> list[TextBlock]:
        """The blocks of the middle of the page, kept or not, that are no link."""
        return [
            block
            for block in self.blocks
            if block.link_density < _LINE_OF_LINKS and not block.place.context & _AROUND
        ]

    @property
    def longest_run(self) -> int:
        """Words of the longest stretch of text with no linked headline in it."""
        counts = [count_words(block.text) for block in self.kept]
        return _longest_run(self.kept, counts, self.linked)

    @cached_property
    def short_blocks(self) -> list[tuple[TextBlock, str]]:
        """The short blocks of the page, each with its text folded."""
        return [(block, key(block.text)) for block in self.blocks[:400] if len(block.text) <= 300]

    @cached_property
    def text(self) -> str:
        """Those, each on a line: no phrase reaches over its end."""
        return "\n".join(line for _, line in self.short_blocks)

    def said(self, verdict: str) -> Iterator[str]:
        """The phrases of a verdict that stand on the page."""
        return (WRITTEN[phrase] for phrase in PHRASES[verdict] if phrase in self.text)

    def says_alone(self, written: str) -> bool:
        """Whether a line says a phrase and little else."""
        phrase = key(written)
        return any(phrase in line and says_alone(block.text, phrase) for block, line in self.short_blocks)

    def notice(self, phrase: str) -> int | None:
        """Where the page says a phrase to its reader: before its text, by its title, or in a line that is seen and no
        link; `None` where it does not."""
        if any(phrase in title for title in self.titles):
            return 0
        return next(
            (
                block.index
                for block, line in self.short_blocks
                if phrase in line
                and block.link_density < _LINE_OF_LINKS
                and not block.place.context & (HIDDEN | NAV | FOOTER)
                and asks(block.text, phrase)
            ),
            None,
        )

    def own_text(self, after: int) -> Sequence[TextBlock]:
        """The kept text up to the first of its headlines that lead elsewhere, after a block; all of it, where there
        are not five such headlines, or a story stands between two of them."""
        if len(self.linked) < ENTRIES or self.longest_run >= TEASER:
            return self.kept
        end = next((index for index in self.linked if index > after), len(self.blocks))
        return [block for block in self.kept if block.index < end]

    def titled(self, verdict: str) -> str | None:
        """The first phrase of a verdict that its title begins or ends with; a number must be a part of the title."""
        phrases = PHRASES[verdict]
        said = next((part for part in (*self.title_parts, *self.titles) if part in phrases), None)
        if said is None:
            begin, end = _AT_THE_ENDS[verdict]
            for title in self.titles:
                if title.startswith(begin) or title.endswith(end):
                    said = next(phrase for phrase in phrases if not phrase.isdigit() and opens(title, phrase))
                    break
        return None if said is None else WRITTEN[said]

    def tells(self, verdict: str) -> bool:
        """Whether there is a story beside the words of a verdict: so many words that do not speak of what such a page
        speaks of, or that report; on a page that declares an article, a few that do not say its very phrases."""
        stems = [PHRASES[verdict]]
        if not self.declares_article or verdict == "soft-404":
            stems.append(PHRASES[f"{verdict}-words"])
        least = _TOLD_WHERE_DECLARED if self.declares_article else TOLD
        return told(self.kept, *stems, to_nobody=True) >= least

    @property
    def declares_article(self) -> bool:
        return declares_article(self.declared)


def declares_article(declared: Declared) -> bool:
    """Whether a page says of itself that it is an article."""
    kind = (declared.first("og:type") or "").lower()
    return bool(declared.articles) or kind in ("article", "news", "news.article")


def _is_dated_link(block: TextBlock) -> bool:
    """Whether a line is a link and, before or after it, a few characters with a number: "3 March: Ferry sails"."""
    beside = len(block.text) - block.link_chars
    if len(block.targets) != 1 or not 0 < beside <= _LABEL or block.link_density < _LINKED_HALF:
        return False
    return any(map(str.isdigit, block.text[:beside])) or any(map(str.isdigit, block.text[-beside:]))


def count(kept: Sequence[TextBlock]) -> int:
    """The words of a text; once they are so many that no check asks how many, those of the blocks up to there."""
    words = 0
    for block in kept:
        words += count_words(block.text)
        if words >= FREE_PART:
            break
    return words


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


def opens(value: str, phrase: str) -> bool:
    """Whether a title is a phrase, or begins or ends with it."""
    return value == phrase or value.startswith(phrase + " ") or value.endswith(" " + phrase)
