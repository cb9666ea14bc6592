"""What is decided of a block once its probability is known: rules with names, each of which can be taken out.

The model says how likely a block is main content, and the rules say what follows. The headline and captions are fields
of their own, and what a site repeats around its articles is its furniture; other marks raise what a block needs. Each
was measured on the out-of-fold probabilities of the development pages; of those that decide few blocks there, the share
they decided rightly is given. Left out, since the trees know them already and they gained nothing: cutting at gaps of
words, whole tables, filling gaps between kept blocks, runs of links.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scraper.extract.model.features import Table
from scraper.extract.model.marks import Mark
from scraper.extract.model.standing import ITEMS

Flags = NDArray[np.bool_]

THRESHOLD: Final = 0.42
"""The probability from which a block is kept. Between .38 and .46 the corpora differ by less than their noise."""

_NEVER: Final = 2.0

NEEDS: Final[dict[Mark, float]] = {
    "headline": _NEVER,
    "furniture": _NEVER,
    "other-article": _NEVER,  # +.0047 scrapinghub, +.0023 fundus; four pages, and not a word of their own articles
    "told-again": _NEVER,  # the story a second time: 10 of 10 on one page, and two more have it twice
    "hidden-formula": _NEVER,  # MathML and TeX behind the picture that readers see: 109 of 109, but all on one page
    "hidden": _NEVER,  # a block alone in a hidden box: 7 of 7 over four seeds
    "comment": 0.9,  # 37 of 38, +.0037 scrapinghub
    "caption": 0.9,  # 150 of 163, +.0020 fundus, +.0010 segments; of what is likelier, 21 of 25 are text
    "site-call": _NEVER,  # a whole line of `calls.json`: 66 of 69 over four seeds, +.0008 scrapinghub
    "byline": 0.9,  # 13 of 15
    "pointer": 0.9,  # "Read more", "Related stories", "Advertisement": 10 of 14, +.0003 segments
    "date-line": 0.8,  # 7 of 8; dates that are text come at .89 and more, those of publication mostly below
    "form": 0.75,  # 37 of 41, +.0005 fundus; without names of classes it is all that tells a label from a line
    "link-line": 0.7,  # a block that is a link as a whole, amid the text: +.0013 segments
    "aside": 0.9,  # 11 of 11, +.0010 fundus
}
"""The probability from which a block that carries a mark is kept all the same."""

SPARES: Final[dict[Mark, float]] = {
    "crosshead": 0.2,  # 145 of 163, +.0005 segments, +.0004 readability
    "linked-crosshead": 0.3,  # 30 of 30, +.0005 readability, most of it one list of games
    "introduced-link": 0.1,  # 70 of 70, on two pages
    "introduced-item": 0.2,  # 62 of 63, +.0002 readability
    "listed-item": 0.35,  # 76 of 100, +.0004 readability, -.0002 scrapinghub (one block)
    "unfolded": 0.1,  # by reason: "Read more" shows them; two blocks of the development pages, clutter at .01
    "linked-item": 0.2,  # 110 of 129, +.0016 readability, no other corpus moves
}
"""The probability from which a block that stands with kept text is kept too. Counted over four seeds of the trees, two
of them looked at only when the figures stood. Left out: a lone link between two paragraphs. The corpora would like it
at .42 (39 of 54, +.0004 readability, +.0002 segments), but a related headline amid the text looks the same. And a list
right between two paragraphs that are surely text: a newspaper calls to its newsletter and its channels by one."""

_LINKED: Final[dict[Mark, Mark]] = {
    "linked-crosshead": "link-line",
    "linked-item": "link-line",
    "introduced-link": "link-line",
}
"""What a block is that does not stand with text."""

_TEXT: Final[tuple[Mark | None, ...]] = (None, "introduced-item", "listed-item", "post-time", "unfolded")
"""Marks of blocks that are text where they are likely."""

_INTRODUCED: Final[tuple[Mark, ...]] = ("introduced-item", "introduced-link")
"""Marks of items that stand with the line before their list."""

_OF_ITEMS: Final = 0.5
"""Of the words of the items around one, in the run of items that it stands in, so many must be kept text."""

_HIDDEN_SHARE: Final = 1 / 3
"""Of the likely words, so many alone in hidden boxes: a script is to show the text, and hidden means nothing there.
By reason: of the development pages the share is at most .23 where the text is none."""

_SECTIONS: Final = 3
"""Linked headings between kept paragraphs from which on they are the article's sections. One alone looks the same as
another story's headline set amid the text; by reason, not by measure: nearly no development page has such a one."""

LONE_PARAGRAPH: Final = "lone-paragraph"

POST_TIME: Final = "post-time"

_POSTS: Final = 3
"""Times of day over kept text from which on they are those of a live blog, all kept or none. By reason: no development
page has such lines; of one live blog the first were kept at .44 and more, and the later dropped at .32."""

RULES: Final[tuple[str, ...]] = (LONE_PARAGRAPH, *NEEDS, *SPARES, POST_TIME)
"""Every rule by its name."""

_FEW_WORDS: Final = 25
_OF_THE_BEST: Final = 0.5


@dataclass(frozen=True, slots=True)
class Judged:
    """A page before its rules: probabilities and marks of its blocks, and the table they were read from."""

    probabilities: NDArray[np.float64]
    marks: Sequence[Mark | None]
    table: Table


def apply_rules(page: Judged, rules: Collection[str] = RULES) -> tuple[Flags, list[str]]:
    """Which blocks are kept, and for each the rule that decided: `model` where none spoke."""
    probabilities = page.probabilities
    kept = np.asarray(probabilities >= THRESHOLD)
    names = ["model"] * len(kept)
    if LONE_PARAGRAPH in rules:
        for index in map(int, np.flatnonzero(lone_paragraph(page, kept))):
            kept[index], names[index] = True, LONE_PARAGRAPH
    spared = stands_with_text(page)
    times = times_of_posts(page)
    ignored = {"hidden"} if is_unveiled(page) else set()
    for index, (mark, probability) in enumerate(zip(page.marks, probabilities.tolist(), strict=True)):
        if mark is None or mark in ignored:
            continue
        if mark == POST_TIME:
            if mark in rules and index in times and times[index] != (probability >= THRESHOLD):
                kept[index], names[index] = times[index], mark
            continue
        if mark in SPARES:
            usual = _LINKED.get(mark)
            least = THRESHOLD if usual is None or usual not in rules else NEEDS[usual]
            if mark in rules and spared[index] and SPARES[mark] <= probability < least:
                kept[index], names[index] = True, mark
            elif usual is not None and usual in rules and probability < least:
                kept[index], names[index] = False, usual
        elif mark in rules and probability < NEEDS[mark]:
            kept[index], names[index] = False, mark
    return kept, names


def times_of_posts(page: Judged) -> dict[int, bool]:
    """The times of day over the posts of a live blog, by index, and whether they are kept: all or none."""
    likely = (page.probabilities >= THRESHOLD).tolist()
    over_text = [
        index
        for index, mark in enumerate(page.marks)
        if mark == POST_TIME and any(likely[index + 1 : index + 3])
    ]
    if len(over_text) < _POSTS:
        return {}
    kept = bool(page.probabilities[over_text].mean() >= THRESHOLD)
    return dict.fromkeys(over_text, kept)


def is_unveiled(page: Judged) -> bool:
    """Whether much of what is likely stands alone in hidden boxes: a script shows such paragraphs one by one."""
    likely = page.probabilities >= THRESHOLD
    hidden = likely & np.asarray([mark == "hidden" for mark in page.marks], np.bool_)
    return float(page.table.words[hidden].sum()) > _HIDDEN_SHARE * float(page.table.words[likely].sum())


def stands_with_text(page: Judged) -> list[bool]:
    """Whether the blocks of `SPARES` stand with text that is kept.

    A heading does over text, with text before; a linked one between two of its blocks, where the page has several such;
    an item does in a list that the text introduces, or where the items around it are text for the most part. Read
    from probabilities and marks alone, never from what another rule has decided: taking out a rule changes no block but
    its own.
    """
    likely = (page.probabilities >= THRESHOLD).tolist()
    text = [probable and mark in _TEXT for probable, mark in zip(likely, page.marks, strict=True)]
    spared = among_items(page, text)
    sections: list[int] = []
    begun = introduced = False
    for index, mark in enumerate(page.marks):
        follows = index + 1 < len(text) and text[index + 1]
        if mark == "crosshead":
            spared[index] = begun and follows
        elif mark == "linked-crosshead" and follows and text[index - 1]:
            sections.append(index)
        elif mark == "unfolded":
            spared[index] = begun
        elif mark in _INTRODUCED:
            spared[index] = spared[index] or introduced
        if mark not in _INTRODUCED:
            introduced = text[index]
        begun = begun or text[index]
    if len(sections) >= _SECTIONS:
        for index in sections:
            spared[index] = True
    return spared


def among_items(page: Judged, text: Sequence[bool]) -> list[bool]:
    """Whether the items around each, in a run of items of lists, are text for the most part. text: of each block."""
    spared = [False] * len(text)
    for are_items, run in groupby(range(len(text)), lambda index: page.marks[index] in ITEMS):
        if not are_items:
            continue
        items = list(run)
        words = [float(page.table.words[index]) for index in items]
        kept = [count if text[index] else 0.0 for index, count in zip(items, words, strict=True)]
        for index, count, own in zip(items, words, kept, strict=True):
            others = sum(words) - count
            spared[index] = others > 0 and sum(kept) - own >= _OF_ITEMS * others
    return spared


def lone_paragraph(page: Judged, kept: Flags) -> Flags:
    """On a page of which fewer than 25 words would be kept, the blocks that come near its best one.

    An article of one paragraph is unlike the pages the model knows; better its likeliest text than none. Such pages ask
    for the second opinion first, so this is for those on which the other extractor finds nothing either: none of the
    development pages.
    """
    if not len(kept) or float(page.table.words[kept].sum()) >= _FEW_WORDS:
        return np.zeros(len(kept), np.bool_)
    return np.asarray(~kept & (page.probabilities >= _OF_THE_BEST * page.probabilities.max()))
