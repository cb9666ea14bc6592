"""The dates that a page shows its readers: beside the headline, where the text opens, and below it.

A date inside the story is part of what it tells, and says when the article appeared only where nothing else does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from scraper.extract.blocks import ASIDE, NAV, TextBlock
from scraper.extract.dated import (
    APPEARED,
    DATE_SHARE,
    LONGEST_LINE,
    OF_STATE,
    PUBLISHED,
    PUBLISHED_ON,
    UPDATED,
    Dated,
    share,
)
from scraper.extract.datetext import Found, Order, dates_in
from scraper.extract.elements import QUOTE
from scraper.extract.names import BEFORE_DATE, BY, EDGES, PARTICLES, SHORT_NAME, is_person, names_in
from scraper.extract.near import INSIDE, is_prose
from scraper.extract.text import count_words, words

_MOST_DAYS: Final = 2
"""Different days on one line: published and updated. A strip of five is an archive."""

_BELOW: Final = 8
"""Blocks after the end of the text in which a date is looked for."""

_LONGEST_PLACE: Final = 30
_SET_OFF = re.compile(r"\s*[)|–—:•·\n„“\"(\-]")


def story_at(blocks: Sequence[TextBlock], kept: Sequence[int]) -> int | None:
    """The first paragraph of the text: the line from which on a page tells its story. `None` where it has none."""
    return next((index for index in kept if is_prose(blocks[index]) or _is_sentence(blocks[index])), None)


def _is_sentence(block: TextBlock) -> bool:
    """Whether a block is a sentence of the text, however short."""
    return (
        block.kind == "p"
        and count_words(block.text) >= _SHORTEST_SENTENCE
        and _SENTENCE_END.search(block.text) is not None
        and not any(map(str.isdigit, block.text))
    )


_SHORTEST_SENTENCE: Final = 8
"""Words from which a line that ends as a sentence does is one, and no byline."""

_SENTENCE_END = re.compile(r"[.!?。！？؟।][\"'”’»)]*$")


def beside_headline(
    around: Sequence[TextBlock],
    kept: Sequence[int],
    story: int | None,
    headline: TextBlock | None,
    language: str | None,
    order: Order | None,
) -> Iterator[Dated]:
    """The dates of the lines near the headline that are not of the story.

    story: what `story_at` gives. A caption's date is its picture's, unless the theme puts the headline into it too; a
    table's and a quotation's are of what these tell.
    """
    text = set(kept)
    for block in around:
        if story is not None and block.index > story and (block.index in text or block.kind in _HEADINGS):
            continue
        if block.kind == "cell" or block.place.context & QUOTE:
            continue
        if block.kind == "caption" and not (headline and _stands_in_caption(headline)):
            continue
        yield from _dates_of_line(block, language, order)


_HEADINGS: Final = frozenset(f"h{n}" for n in range(1, 7))


def _stands_in_caption(headline: TextBlock) -> bool:
    return any(place.element.tag == "figcaption" for place in (headline.place, *headline.place.ancestors()))


def in_story(
    blocks: Sequence[TextBlock],
    kept: Sequence[int],
    story: int | None,
    language: str | None,
    order: Order | None,
) -> Iterator[Dated]:
    """The one date in the story that can be its own: with a label, or as the opening of a paragraph of prose.

    Asked only of a page that has no other. Where two paragraphs open with dates, they are the story's.
    """
    opened: list[Dated] = []
    for index in kept if story is not None else ():
        block = blocks[index]
        if index <= (story or 0) or block.kind != "p":
            continue
        if is_prose(block):
            first = _opened_with(block.text, 1, language, order)
            opened += [Dated(first.stamp, "opening")] if first else []
        elif len(block.text) <= LONGEST_LINE:
            dates = list(dates_in(block.text, language=language, order=order))
            if len(dates) == 1 and PUBLISHED_ON.match(block.text[: dates[0].start]):
                yield Dated(dates[0].stamp, "story", labelled=True)
    if len(opened) == 1:
        yield opened[0]


def _dates_of_line(block: TextBlock, language: str | None, order: Order | None) -> Iterator[Dated]:
    if len(block.text) > LONGEST_LINE:
        return
    days = {found.stamp.day for found in dates_in(block.text, language=language, order=order or "dmy")}
    if 0 < len(days) <= _MOST_DAYS:
        dates = list(dates_in(block.text, language=language, order=order))
        opens = bool(dates) and dates[0].start <= 1 and _SET_OFF.match(block.text, dates[0].end) is not None
        dense = share(dates, block.text) >= DATE_SHARE
        plain = (
            ((opens or dense) and not _tells(block.text, dates, item=block.kind == "li"))
            or _is_dated_byline(block.text, dates)
            or _has_line_of_date(block.text, language, order)
        )
        yield from _labelled(block.text, dates, unlabelled=plain)


def _has_line_of_date(text: str, language: str | None, order: Order | None) -> bool:
    """Whether a line of several says a date and nothing else, as under a byline on pages laid out with tables."""
    lines = text.split("\n")
    return len(lines) > 1 and any(
        share(list(dates_in(one, language=language, order=order)), one) > 1 - DATE_SHARE for one in lines
    )


def _tells(text: str, dates: Sequence[Found], *, item: bool = False) -> bool:
    """Whether a line with dates tells what happened then, or will: "Doors open on 20 April 2025.".

    It does where it is a sentence, or where words that are no label stand between two days. item: whether the line is
    one of a list, where sentences have no full stop.
    """
    if not dates or BY.match(text):
        return False
    before, after = text[: dates[0].start], text[dates[-1].end :]
    if len({found.stamp.day for found in dates}) > 1:
        between = text[dates[0].end : dates[-1].start]
        labels = before + between
        if _count_lower(between) and not any(
            label.search(labels) for label in (UPDATED, PUBLISHED, OF_STATE)
        ):
            return True
    return (
        (item or _SENTENCE_END.search(after) is not None)
        and not any(mark in before for mark in ":：|")
        and _count_lower(before) + _count_lower(after) > 1
    )


def _count_lower(text: str) -> int:
    return sum(word[0].islower() for word in words(text))


def _is_dated_byline(text: str, dates: Sequence[Found]) -> bool:
    """Whether all that stands beside the dates of a line is names of writers, however long they are."""
    if not dates:
        return False
    line = text[: dates[0].start] if dates[0].start > 1 else text[dates[-1].end :]
    byline = BEFORE_DATE.sub("", line).strip(EDGES)
    if sum(ch.isalnum() for ch in line) < sum(ch.isalnum() for ch in text) * (1 - DATE_SHARE):
        return False  # something follows
    names = names_in(byline)
    return (
        0 < len(names) <= _MOST_WRITERS
        and all(
            SHORT_NAME.fullmatch(name)
            and is_person(name)
            and all(word[0].isupper() or word in PARTICLES for word in name.split())
            for name in names
        )
        and sum(len(name) for name in names) >= _NAMES_SHARE * len(BY.sub("", byline))
    )


_MOST_WRITERS: Final = 5
_NAMES_SHARE: Final = 0.7
"""Of the characters of a byline without "By", how many its names make up; the rest is commas and "and"."""


def _labelled(text: str, dates: Sequence[Found], *, unlabelled: bool) -> Iterator[Dated]:
    """The dates of a line, by the words before each; those without a label only where they may have none."""
    start = 0
    for found in dates:
        label = text[max(start, found.start - 40) : found.start]
        start = found.end
        updated = UPDATED.search(label)
        published = PUBLISHED.search(label)
        if updated and not (published and published.start() > updated.start()):
            yield Dated(found.stamp, "visible", modified=True, labelled=OF_STATE.search(label) is not None)
        elif published or unlabelled:
            yield Dated(found.stamp, "visible", labelled=APPEARED.search(label) is not None)


def opening(
    blocks: Sequence[TextBlock],
    kept: Sequence[int],
    story: int | None,
    language: str | None,
    order: Order | None,
) -> Iterator[Dated]:
    """The date with which the text itself opens, set off from it: "01.02.2022 - ", "Berlin, 1 February 2022:"."""
    for place, index in enumerate(kept[:INSIDE]):
        if story is not None and index > story:
            return
        first = _opened_with(blocks[index].text, _LONGEST_PLACE if place == 0 else 1, language, order)
        if first is not None:
            if is_prose(blocks[index]) or not _tells(blocks[index].text, [first]):
                yield Dated(first.stamp, "opening")
            return


def _opened_with(text: str, most_before: int, language: str | None, order: Order | None) -> Found | None:
    """The date that a text begins with, after a few characters at most, and that is set off from the rest."""
    text = text[:LONGEST_LINE]
    first = next(dates_in(text, language=language, order=order), None)
    return first if first and first.start <= most_before and _SET_OFF.match(text, first.end) else None


def below(
    blocks: Sequence[TextBlock], kept: Sequence[int], language: str | None, order: Order | None
) -> Iterator[Dated]:
    """Dates right below the text, but only those that say what happened then."""
    if not kept:
        return
    for block in blocks[kept[-1] + 1 : kept[-1] + 1 + _BELOW]:
        if len(block.text) <= 2 * LONGEST_LINE and not block.place.context & (NAV | ASIDE):
            dates = list(dates_in(block.text, language=language, order=order))
            if 0 < len({found.stamp.day for found in dates}) <= _MOST_DAYS:
                for found in dates:
                    label = block.text[max(0, found.start - 30) : found.start]
                    if PUBLISHED_ON.search(label):
                        yield Dated(found.stamp, "below")
                    elif UPDATED.match(label.strip()):
                        yield Dated(
                            found.stamp, "below", modified=True, labelled=OF_STATE.search(label) is not None
                        )
