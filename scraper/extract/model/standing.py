"""Where a short block stands: over text, between its paragraphs, in a list, or in one that a line introduces.

A heading of two words or an item of three looks much alike in an article and beside it; what stands next to it tells
them apart. Only the order of the page is looked at here. Whether the text beside is kept is for `rules` to say, so a
mark of this module spares a block only where it does stand with text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Final, Literal

from scraper.extract.blocks import HIDDEN, Place, TextBlock
from scraper.extract.model.calls import leads_elsewhere

Standing = Literal[
    "crosshead",
    "linked-crosshead",
    "introduced-item",
    "introduced-link",
    "listed-item",
    "linked-item",
    "unfolded",
]

ITEMS: Final[tuple[Standing, ...]] = ("introduced-item", "listed-item", "linked-item")
"""Standings of what a list is made of."""

_HEADINGS: Final = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_LISTS: Final = frozenset(["ul", "ol", "dl"])
_DEEPEST_ITEM: Final = 6
"""Boxes around a block among which its list is looked for: `li`, and a few that style it."""

_INTRODUCES: Final = (":", "\uff1a")
_MOST_LINKS: Final = 10
"""Links of a list that a line can introduce as a part of the text; those of the development pages have at most nine."""

_FEWEST_UNFOLDED: Final = 2
"""Paragraphs in one hidden box from which on they may be the rest of a text."""

_ARROW = re.compile(r"[>\u00bb\u203a\u2192\u25ba\u25b6]")
"""A line that opens with one leads away, whatever it says: ">>> More opinions"."""


def standing(
    blocks: Sequence[TextBlock],
    plain: Sequence[bool],
    linked: Sequence[bool],
    leads: Callable[[TextBlock], bool],
) -> list[Standing | None]:
    """Where each block stands; `None` for most.

    plain: whether a block carries no mark. linked: whether it is a link as a whole, and carries no other mark. leads:
    whether a block begins with words that lead elsewhere ("Read more").
    """
    found: list[Standing | None] = [None] * len(blocks)
    text = [ours and block.kind not in _HEADINGS for ours, block in zip(plain, blocks, strict=True)]
    introduced: Place | None = None  # the list whose items a line of text has introduced
    for at, block in enumerate(blocks):
        over_text = at + 1 < len(blocks) and text[at + 1]
        if block.kind in _HEADINGS:
            if not over_text or leads(block):
                continue
            if plain[at]:
                found[at] = "crosshead"
            elif linked[at] and at and text[at - 1] and not _ARROW.match(block.text):
                found[at] = "linked-crosshead"
        elif plain[at] and block.kind == "li":
            before = blocks[at - 1] if at else None
            if before is not None and before.kind != "li":
                introduces = plain[at - 1] and before.text.rstrip().endswith(_INTRODUCES)
                introduced = _list_around(block.place) if introduces else None
            in_it = introduced is not None and _list_around(block.place) is introduced
            found[at] = "introduced-item" if in_it else "listed-item"
    _links_in_lists(found, blocks, plain, linked, leads)
    _unfolded(found, blocks, plain, leads)
    return found


def _links_in_lists(
    found: list[Standing | None],
    blocks: Sequence[TextBlock],
    plain: Sequence[bool],
    linked: Sequence[bool],
    leads: Callable[[TextBlock], bool],
) -> None:
    """Say of items that are links where they stand: among others, or in a list of links that a line introduces."""
    for is_item, run in groupby(
        range(len(blocks)), lambda at: found[at] in ITEMS or (linked[at] and blocks[at].kind == "li")
    ):
        items = list(run)
        if not is_item:
            continue
        ours = [
            at for at in items if linked[at] and not _ARROW.match(blocks[at].text) and not leads(blocks[at])
        ]
        if any(found[at] for at in items):  # else links alone: a menu, or what a line introduces
            for at in ours:
                found[at] = "linked-item"
        elif len(ours) == len(items) <= _MOST_LINKS and _are_introduced(blocks, plain, items):
            for at in ours:
                found[at] = "introduced-link"


def _unfolded(
    found: list[Standing | None],
    blocks: Sequence[TextBlock],
    plain: Sequence[bool],
    leads: Callable[[TextBlock], bool],
) -> None:
    """Say of paragraphs in a hidden box that they go on with the text before it: "Read more" beside it shows them."""
    for _, run in groupby(range(len(blocks)), lambda at: id(_hidden_around(blocks[at].place))):
        hidden = list(run)
        around = _hidden_around(blocks[hidden[0]].place)
        if around is None or len(hidden) < _FEWEST_UNFOLDED:
            continue
        first, last = hidden[0], hidden[-1]
        button = [at for at in (first - 1, last + 1) if 0 <= at < len(blocks) and leads(blocks[at])]
        before = first - 2 if button == [first - 1] else first - 1
        if (
            not button
            or before < 0
            or not plain[before]
            or around.parent not in blocks[before].place.ancestors()
        ):
            continue
        for at in hidden:
            if plain[at] and found[at] is None:
                found[at] = "unfolded"


def _hidden_around(place: Place) -> Place | None:
    """The outermost hidden box around a block."""
    if not place.context & HIDDEN:
        return None
    while place.parent is not None and place.parent.context & HIDDEN:
        place = place.parent
    return place


def _are_introduced(blocks: Sequence[TextBlock], plain: Sequence[bool], items: Sequence[int]) -> bool:
    """Whether the line right before a list of links, in the same box, ends in a colon and announces no other texts."""
    before = items[0] - 1
    if before < 0 or not plain[before] or not blocks[before].text.endswith(_INTRODUCES):
        return False
    around = _list_around(blocks[items[0]].place)
    if around is None or any(_list_around(blocks[at].place) is not around for at in items):
        return False
    boxes = (blocks[before].place, blocks[before].place.parent)
    return around.parent in boxes and not leads_elsewhere(blocks[before].text)


def _list_around(place: Place) -> Place | None:
    """The list that an item stands in, whatever boxes the item itself is made of."""
    step: Place | None = place
    for _ in range(_DEEPEST_ITEM):
        if step is None or step.element.tag in _LISTS:
            return step
        step = step.parent
    return None
