"""What a block looks like besides text, before it is judged: a headline, a caption, a byline, a pointer to elsewhere.

A mark alone drops no block (save the headline and the site's furniture): it raises the probability that the block
needs, see `rules`.
"""

from __future__ import annotations

import re
from typing import Final, Literal

import numpy as np
from lxml.html import HtmlElement
from numpy.typing import NDArray

from scraper.extract.blocks import ASIDE, CAPTION, CONTROL, DATA, HIDDEN, INLINE, Blocks, Place, TextBlock
from scraper.extract.datetext import dates_in
from scraper.extract.furniture import is_furniture, is_link
from scraper.extract.model.again import told_again
from scraper.extract.model.calls import LONGEST, is_call
from scraper.extract.model.elsewhere import other_articles
from scraper.extract.model.features import Table
from scraper.extract.model.places import BoxTable
from scraper.extract.model.standing import standing
from scraper.extract.model.words import NAME_GROUPS, PHRASE_GROUPS, Groups, phrase_groups
from scraper.extract.text import squeeze
from scraper.model import Furniture

Mark = Literal[
    "headline", "furniture", "other-article", "told-again", "comment", "hidden-formula", "hidden", "caption",
    "site-call", "byline", "pointer", "date-line", "form", "link-line", "aside",
    "post-time", "crosshead", "linked-crosshead", "introduced-item", "introduced-link", "listed-item", "linked-item",
    "unfolded",
]  # fmt: skip
"""In the order in which they are looked for; a block carries the first that fits, and one of the last seven only where
it would carry none or be a link line: see `standing`."""

_LONGEST_CAPTION: Final = 60
_LONGEST_BYLINE: Final = 8
_LONGEST_POINTER: Final = 12
_LONGEST_DATE_LINE: Final = 14
_BESIDE_A_DATE: Final = 3
_LONGEST_TIME: Final = 4
"""Words."""

_LONGEST_FORM: Final = 1_000
"""Characters in a box with fields: a form that holds more is the page (ASP.NET puts all of it into one)."""

_LONGEST_LABEL: Final = 30
_AROUND_A_LABEL: Final = 5
"""Boxes around a block among which the form is looked for."""

_LONGEST_OVER_TITLE: Final = 20
_LINK: Final = 0.8
_BYLINE: Final = 1 << PHRASE_GROUPS.index("byline")
_COMMENT: Final = 1 << NAME_GROUPS.index("comment")
_CAPTION_NAME: Final = 1 << NAME_GROUPS.index("caption")
_POINTER: Final = 1 << PHRASE_GROUPS.index("more") | 1 << PHRASE_GROUPS.index("ad")
_SENTENCE_ENDS: Final = (".", "!", "?", "…", "。", "؟")
_NAMED_CAPTION = re.compile(
    r"caption|legende|bildunter|photo-?credit|image-?credit|img-?desc|foto-?text", re.I
)
_DATED: Final = ("quote", "cell")
"""Kinds that a date belongs to: it signs a quoted message, and fills a table of dates."""

_PARTS: Final = ("li", "quote", "cell")
"""Kinds that are a part of the text even where a picture is all that stands beside them: a step, an exercise."""

_HEADINGS: Final = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])

_MAY_STAY: Final = 0.1
"""The probability under which a block is kept for want of anything better alone: it is not asked whether it calls on
readers or is hidden."""

_SAID: Final = ("quote", "cell", "pre")
"""Kinds of which a line is not the site's own word."""

_SAID_OR_HEADING: Final = (*_SAID, *_HEADINGS)
"""The same for lines of one word: "Advertising" heads a part of a text on it."""

_YEAR = re.compile(r"(?:19|20)\d\d")
_CLOCK_OR_FIGURE = re.compile(r"\d+(?:[:.h]\d+)*")
_TIME_OF_DAY = re.compile(
    r"(?:[01]?\d|2[0-4])\s?[:.h]\s?[0-5]\d\s*(?:uhr|h|[ap]\.?m\.?)?\s*\(?(?:gmt|utc|bst|[cew]es?t|[ecmp][sd]t)?\)?",
    re.I,
)
_WORD = re.compile(r"[^\W\d_]+")

_LISTS: Final = frozenset(["ul", "ol"])
_LIKELY: Final = 0.5


def mark_blocks(
    found: Blocks,
    table: Table,
    title: str | None,
    title_at: int | None,
    furniture: Furniture | None = None,
    probabilities: NDArray[np.float64] | None = None,
) -> list[Mark | None]:
    """The mark of each block, in order; `None` for most.

    probabilities: of each block, where they are known: what is surely this page's own is no furniture.
    """
    if not found.blocks:
        return []
    page = _Page(found, table, title, title_at, furniture, probabilities)
    marks = [page.mark(block) for block in found.blocks]
    stands = standing(
        found.blocks,
        [mark is None or mark == "post-time" for mark in marks],
        [mark == "link-line" for mark in marks],
        lambda block: bool((table.beginnings[block.index] or _beginning(block.text)) & _POINTER),
    )
    return [mark if stand is None else stand for mark, stand in zip(marks, stands, strict=True)]


def _beginning(text: str) -> Groups:
    """The phrase groups that a short link begins with: the table has none of menus (`texts`)."""
    return phrase_groups(_WORD.findall(text.lower()), text)[0]


def _list_of(place: Place) -> HtmlElement | None:
    """The list that a box is in."""
    while place.parent is not None:
        if place.element.tag in _LISTS:
            return place.element
        place = place.parent
    return None


class _Page:
    """What the marks need to know of a page."""

    def __init__(
        self,
        found: Blocks,
        table: Table,
        title: str | None,
        title_at: int | None,
        furniture: Furniture | None,
        probabilities: NDArray[np.float64] | None,
    ) -> None:
        self.blocks = found.blocks
        self.table = table
        self.furniture = furniture
        self.probabilities = np.zeros(len(found.blocks)) if probabilities is None else probabilities
        self.may_stay = (
            [True] * len(found.blocks) if probabilities is None else (probabilities >= _MAY_STAY).tolist()
        )
        self.title = squeeze(title) if title else ""
        self.least = len(self.title) // 3  # squeezed Hangul has three characters for one
        self.most = 2 * len(self.title) + _LONGEST_OVER_TITLE
        self.title_at = title_at
        core = table.boxes.core
        self.text_at = len(found.blocks) if core is None else table.boxes.first[core]
        self.boxes, self.called = table.boxes.of, _called(table.boxes, title_at)
        # where the text itself stands in an aside, standing in one says nothing
        self.has_asides = core is None or not table.boxes.places[core].context & ASIDE
        self.words: list[float] = table.words.tolist()
        self.alone: list[float] = table.matrix[:, table.names.index("alone_with_picture")].tolist()
        likely = [True] * len(found.blocks) if probabilities is None else (probabilities >= _LIKELY).tolist()
        again = told_again(self.blocks, self.words, likely)
        self.others: dict[int, Mark] = dict.fromkeys(again, "told-again")
        for blocks in other_articles(found.blocks, table.boxes, title_at):
            self.others.update(dict.fromkeys(blocks, "other-article"))
        self.formulas: dict[int, bool] = {}
        self.own_lists: dict[HtmlElement, bool] = {}
        self.with_fields = _boxes_with_fields(found)
        self.beside_pictures = {mark.at + step for mark in found.images for step in range(-1, 5)}

    def mark(self, block: TextBlock) -> Mark | None:
        """The mark of one block."""
        words = self.words[block.index]
        if self.title and self.shows_title(block):
            return "headline"
        if self.repeats(block) and not self.is_among_own(block):
            return "furniture"
        if block.index in self.others:
            return self.others[block.index]
        called = self.called[self.boxes[block.index]]
        if called & _COMMENT:
            return "comment"
        if block.place.context & HIDDEN and (hidden := self.hidden_mark(block)):
            return hidden
        if block.place.element.tag == "title":  # of a drawing, or astray: no browser shows it
            return "hidden"
        if called & _CAPTION_NAME or self.is_caption(block):
            return "caption"
        if words <= LONGEST and (leads := self.leads_away(block)):
            return leads
        if block.link_density > _LINK:
            return "link-line"
        if words <= _LONGEST_DATE_LINE and block.kind not in _DATED and _is_date_line(block.text):
            return "date-line"
        if self.with_fields and words <= _LONGEST_LABEL and self.is_in_form(block):
            return "form"
        if self.has_asides and block.place.context & ASIDE:
            return "aside"
        is_time = words <= _LONGEST_TIME and block.text[0].isdigit() and _TIME_OF_DAY.fullmatch(block.text)
        return "post-time" if is_time else None

    def repeats(self, block: TextBlock) -> bool:
        """Whether a block is known to be repeated by its site."""
        return self.furniture is not None and is_furniture(
            self.furniture, block, float(self.probabilities[block.index])
        )

    def is_among_own(self, block: TextBlock) -> bool:
        """Whether a repeated block is an item of a list that has others which are this page's own.

        Recipes share their ingredients and steps; what a site repeats it repeats as a list.
        """
        if not self.is_likely_item(block):
            return False
        items = _list_of(block.place)
        if items is None:
            return False
        if items not in self.own_lists:
            self.own_lists[items] = any(
                self.is_likely_item(one) and _list_of(one.place) is items and not self.repeats(one)
                for one in self.blocks
            )
        return self.own_lists[items]

    def is_likely_item(self, block: TextBlock) -> bool:
        """Whether a block is an item of a list, no link, and likelier content than not."""
        return block.kind == "li" and not is_link(block) and float(self.probabilities[block.index]) >= _LIKELY

    def leads_away(self, block: TextBlock) -> Literal["site-call", "byline", "pointer"] | None:
        """The mark of a short line that calls on readers, names the author or leads to another text."""
        if (
            self.may_stay[block.index]
            and block.kind not in (_SAID if " " in block.text else _SAID_OR_HEADING)
            and is_call(block.text, links=block.link_chars > 0)
        ):
            return "site-call"
        begins = self.table.beginnings[block.index]
        if begins & (_BYLINE | _POINTER) and not block.text.endswith(_SENTENCE_ENDS):
            words = self.words[block.index]
            if begins & _BYLINE and words <= _LONGEST_BYLINE:
                return "byline"
            if begins & _POINTER and words <= _LONGEST_POINTER:
                return "pointer"
        return None

    def shows_title(self, block: TextBlock) -> bool:
        """Whether a block is the title, standing as a heading or before the text."""
        text = block.text
        if not self.least <= len(text) <= self.most:
            return False
        # a look at the first letter spares nineteen blocks in twenty the rest
        if text.isascii() and text[0].isalnum() and text[0].lower() != self.title[0]:
            return False
        if squeeze(text) != self.title:
            return False
        return block.index == self.title_at or block.kind in ("h1", "h2") or block.index <= self.text_at

    def is_formula(self, place: Place) -> bool:
        """Whether a box stands within a formula or holds nothing else. Asked once a box: it may hold many blocks."""
        key = id(place)
        if key not in self.formulas:
            element = place.element
            within = element.tag == "math" or next(element.iterancestors("math"), None) is not None
            formula = None if within else element.find(".//math")
            self.formulas[key] = within or (
                formula is not None
                and len(squeeze(element.text_content())) <= len(squeeze(formula.text_content()))
            )
        return self.formulas[key]

    def hidden_mark(self, block: TextBlock) -> Literal["hidden-formula", "hidden"] | None:
        """The mark of a block in a hidden box, if that says something."""
        if self.is_formula(block.place):
            return "hidden-formula"
        return "hidden" if self.may_stay[block.index] and self.is_hidden_alone(block) else None

    def is_hidden_alone(self, block: TextBlock) -> bool:
        """Whether a block is all that a box hides, and nothing before it looks like what unfolds it.

        Several paragraphs in one hidden box are text behind a button, and one under a heading answers it.
        """
        if block.kind in _PARTS:
            return False
        box = block.place
        while box.parent is not None and box.parent.context & HIDDEN:
            box = box.parent
        if box.element.tag in INLINE:  # the rest of a sentence
            return False
        at = block.index
        near = [step for step in (at - 1, at + 1) if 0 <= step < len(self.blocks)]
        if any(box in self.blocks[step].place.ancestors() for step in near):
            return False
        before = self.blocks[at - 1] if at else None
        return before is None or not (
            before.place.context & CONTROL or (before.kind in _HEADINGS and at - 1 != self.title_at)
        )

    def is_caption(self, block: TextBlock) -> bool:
        """Whether a block is marked as a caption, called one beside a picture, or stands alone in a box with one."""
        if block.link_density > 0.5:
            return False
        if block.kind == "caption" or block.place.context & CAPTION:
            return not block.place.context & DATA
        if self.words[block.index] > _LONGEST_CAPTION:
            return False
        if self.alone[block.index] and block.kind not in _PARTS:
            return True
        if block.index not in self.beside_pictures:
            return False
        names = block.place.attributes
        return _NAMED_CAPTION.search(f"{names.get('class', '')} {names.get('id', '')}") is not None

    def is_in_form(self, block: TextBlock) -> bool:
        """Whether a block stands among the fields of a form: the nearest box with a field in it holds little text."""
        boxes = self.table.boxes
        box = boxes.of[block.index]
        for _ in range(_AROUND_A_LABEL):
            if boxes.chars[box] > _LONGEST_FORM:
                return False
            if id(boxes.places[box]) in self.with_fields:
                return True
            if not box:
                return False
            box = boxes.parents[box]
        return False


def _called(boxes: BoxTable, title_at: int | None) -> list[Groups]:
    """What each box is called by itself and those around it, up to the one that also holds the text.

    That is the core, unless readers wrote more than the author: where the core stands among comments, it is the
    headline, if that stands outside of them.
    """
    core = boxes.core
    if core is None or title_at is None or not boxes.inherited[core] & _COMMENT:
        return boxes.relative
    around = {box := boxes.of[title_at]}
    while box:
        around.add(box := boxes.parents[box])
    called: list[Groups] = []
    for box, parent in enumerate(boxes.parents):
        called.append(0 if box in around or not box else called[parent] | boxes.names[box])
    return [theirs & _COMMENT | ours for theirs, ours in zip(called, boxes.relative, strict=True)]


def _boxes_with_fields(found: Blocks) -> set[int]:
    """The identities of the places that hold a field of a form, or are near around one that does."""
    holders: set[int] = set()
    for place in found.fields:
        step: Place | None = place
        for _ in range(_AROUND_A_LABEL):
            if step is None or id(step) in holders:
                break
            holders.add(id(step))
            step = step.parent
    return holders


def _is_date_line(text: str) -> bool:
    """Whether a line says a date and hardly anything else: "Published 8 October 2017, 14:33"."""
    if not _YEAR.search(text):
        return False
    rest = text
    for date in sorted(dates_in(text, order="dmy"), key=lambda date: -date.start):
        rest = f"{rest[: date.start]} {rest[date.end :]}"
    return rest != text and len(_WORD.findall(_CLOCK_OR_FIGURE.sub(" ", rest))) <= _BESIDE_A_DATE
