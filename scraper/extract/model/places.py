"""The numbers of the boxes around a block: what else stands in them, what they are called, which holds the core.

The *core* is the box whose children hold the most prose; how far a block's boxes are from it is what tells the text
column from a side column of equal style.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scraper.extract.blocks import HIDDEN, INLINE, Place, TextBlock
from scraper.extract.model.words import Groups, name_groups

Index = NDArray[np.int64]
Sums = NDArray[np.float64]
Flags = NDArray[np.bool_]

TAGS: Final = (
    "article", "main", "aside", "footer", "nav", "header", "form", "table", "li", "figure", "figcaption", "blockquote",
    "dl", "pre", "section", "button", "address", "p", "div", "td", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol",
    "label", "details",
)  # fmt: skip
"""Tags that are looked for among a block's boxes. Bit n of a tag set is the tag of that position."""

_TAG_BIT: Final = {tag: 1 << bit for bit, tag in enumerate(TAGS)}
_PROSE_WORDS: Final = 10
_PROSE_CHARS: Final = 80
_PROSE_LINKS: Final = 0.35
_LINE_BOXES: Final = frozenset(["p", "span", "blockquote", "font", "center"])
_ITALIC: Final = frozenset(["em", "i"])
_FAR: Final = 30
_WHOLE_PAGE: Final = frozenset(["html", "body"])
"""Boxes whose names say something of the page, and nothing of one block more than of another."""


def _sums() -> Sums:
    return np.zeros(0)


def _index() -> Index:
    return np.zeros(0, np.int64)


@dataclass(slots=True)
class BoxTable:
    """The boxes of a page that hold text: a number each, and columns of what is known of them.

    A box comes after the one around it, and 0 is the outermost, around all others. So what stands inside box n are the
    boxes from n on to before `ends[n]`, and what they hold is a difference of running sums.

    parents: the box around each; the outermost stands for its own. names, inherited: name groups of the box; of it and
    all boxes around it. tags, within: the same of tags, as sets of `TAGS`. articles: the nearest `article`, itself
    included, or -1. first, last: the blocks in it. chars, link_chars, prose, blocks: sums over all blocks inside;
    `prose` counts characters of paragraphs. up: how many steps lead up to a box that also holds the core; down: from
    there down to the core; relative: the names met on the way up. in_half, in_four_fifths: how many steps inside the
    deepest box with that share of the page's prose, -1 outside. core: `None` on a page without prose.

    of, inner, italic, is_prose have an entry a block: its box; name groups of an inline element that opens the box, and
    whether that is `em` or `i`; whether the block is a paragraph.
    """

    places: list[Place] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    depths: list[int] = field(default_factory=list)
    names: list[Groups] = field(default_factory=list)
    inherited: list[Groups] = field(default_factory=list)
    tags: list[int] = field(default_factory=list)
    within: list[int] = field(default_factory=list)
    articles: list[int] = field(default_factory=list)
    signatures: list[str] = field(default_factory=list)
    hidden: list[bool] = field(default_factory=list)
    first: list[int] = field(default_factory=list)
    last: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    chars: Sums = field(default_factory=_sums)
    link_chars: Sums = field(default_factory=_sums)
    prose: Sums = field(default_factory=_sums)
    blocks: Sums = field(default_factory=_sums)
    core: int | None = None
    up: Index = field(default_factory=_index)
    down: Index = field(default_factory=_index)
    relative: list[Groups] = field(default_factory=list)
    in_half: Index = field(default_factory=_index)
    in_four_fifths: Index = field(default_factory=_index)
    of: list[int] = field(default_factory=list)
    inner: list[Groups] = field(default_factory=list)
    italic: list[bool] = field(default_factory=list)
    is_prose: list[bool] = field(default_factory=list)

    @property
    def all_prose(self) -> float:
        """Characters of paragraphs on the whole page."""
        return float(self.prose[0]) if len(self.prose) else 0.0


def tabulate(blocks: Sequence[TextBlock], words: Sequence[float], *, lean: bool = False) -> BoxTable:
    """The boxes of a page's blocks with their sums, seen from the core. lean: what opens a box is not looked at."""
    table = BoxTable()
    known: dict[int, int] = {}
    for block in blocks:
        place = block.place
        box = known.get(id(place), -1)
        if box < 0:
            box = _enter(place, block.index, table, known)
        table.of.append(box)
        table.last[box] = block.index
        inner, tag = (0, "") if lean else _inner(place)
        table.inner.append(inner)
        table.italic.append(tag in _ITALIC)
    _find_ends(table)
    if blocks:
        columns = _sum_up(table, blocks, words)
        if columns:
            table.core = max(columns, key=columns.__getitem__)
        _see_from_core(table)
    return table


def _enter(place: Place, at: int, table: BoxTable, known: dict[int, int]) -> int:
    """The number of a new box, entered after those around it that are new as well. at: the block that it came with."""
    chain = [place]
    while chain[-1].parent is not None and id(chain[-1].parent) not in known:
        chain.append(chain[-1].parent)
    top = chain[-1].parent
    parent = known[id(top)] if top is not None else -1
    box = len(table.places)
    for step in reversed(chain):
        attributes = step.attributes
        tag = step.element.tag
        bit = _TAG_BIT.get(tag, 0)
        names = 0 if tag in _WHOLE_PAGE else name_groups(tag, attributes)
        classes = attributes.get("class", "").split(None, 1)
        hidden = step.context & HIDDEN != 0 or attributes.get("aria-hidden") == "true"
        if parent < 0:
            parent = 0
            table.depths.append(0)
            table.inherited.append(names)
            table.within.append(bit)
            table.hidden.append(hidden)
            table.articles.append(box if tag == "article" else -1)
        else:
            table.depths.append(table.depths[parent] + 1)
            table.inherited.append(table.inherited[parent] | names)
            table.within.append(table.within[parent] | bit)
            table.hidden.append(hidden or table.hidden[parent])
            table.articles.append(box if tag == "article" else table.articles[parent])
        table.places.append(step)
        table.parents.append(parent)
        table.names.append(names)
        table.tags.append(bit)
        table.signatures.append(f"{tag}.{classes[0] if classes else ''}")
        table.first.append(at)
        table.last.append(at)
        known[id(step)] = parent = box
        box += 1
    return parent


def _inner(place: Place) -> tuple[Groups, str]:
    """What an inline element that opens the box is called, and its tag; no tag where text or a box comes first."""
    element = place.element
    child = next(iter(element), None)  # to ask how many there are counts them
    if child is None or (element.text and not element.text.isspace()):
        return 0, ""
    tag = child.tag
    if tag not in INLINE:
        return 0, ""
    return name_groups(tag, dict(child.items())), tag


def _find_ends(table: BoxTable) -> None:
    """Where each box ends, and the last block in it: inner boxes before outer ones."""
    parents, last = table.parents, table.last
    ends = table.ends = list(range(1, len(parents) + 1))
    for box in range(len(parents) - 1, 0, -1):
        parent = parents[box]
        ends[parent] = max(ends[parent], ends[box])
        last[parent] = max(last[parent], last[box])


def _sum_up(table: BoxTable, blocks: Sequence[TextBlock], words: Sequence[float]) -> dict[int, float]:
    """Fill in what each box holds. Returns: characters of paragraphs by column of text, in document order.

    The column of a paragraph is the box around it, where it is alone in a box of lines.
    """
    here = np.asarray(table.of, np.int64)
    ends = np.asarray(table.ends, np.int64)
    length = np.asarray([len(block.text) for block in blocks], np.float64)
    links = np.asarray([block.link_chars for block in blocks], np.float64)
    density = np.asarray([block.link_density for block in blocks], np.float64)
    hidden = np.asarray(table.hidden, np.bool_)[here]
    is_prose = ((np.asarray(words, np.float64) >= _PROSE_WORDS) | (length > _PROSE_CHARS)) & ~hidden
    is_prose &= density < _PROSE_LINKS

    def inside(own: Sums | None) -> Sums:
        running = np.concatenate([[0.0], np.cumsum(np.bincount(here, own, len(ends)))])
        return np.asarray(running[ends] - running[:-1])

    table.is_prose = is_prose.tolist()
    table.chars, table.link_chars = inside(length), inside(np.minimum(length, links))
    table.prose, table.blocks = inside(np.where(is_prose, length, 0.0)), inside(None)
    columns: dict[int, float] = {}
    for at in np.flatnonzero(is_prose).tolist():
        box = table.of[at]
        if table.places[box].element.tag in _LINE_BOXES:
            box = table.parents[box]
        columns[box] = columns.get(box, 0.0) + len(blocks[at].text)
    return columns


def _see_from_core(table: BoxTable) -> None:
    """Every box's way to the core, and whether it lies in the deepest box with half, or four fifths, of the prose."""
    depths = np.asarray(table.depths, np.int64)
    path: list[int] = []  # from the outermost box to the core
    if table.core is not None:
        path.append(table.core)
        while path[-1]:
            path.append(table.parents[path[-1]])
        path.reverse()
    table.up = depths.copy()
    table.down = np.full(len(depths), _FAR)
    for steps, box in enumerate(path):  # what stands in an inner one of them is written last
        inside = slice(box, table.ends[box])
        table.up[inside] -= depths[box] if not steps else 1
        table.down[inside] = len(path) - 1 - steps
    on_path = set(path or [0])
    for box, parent in enumerate(table.parents):
        table.relative.append(0 if box in on_path else table.relative[parent] | table.names[box])
    table.in_half = _steps_inside(table, depths, 0.5)
    table.in_four_fifths = _steps_inside(table, depths, 0.8)


def _steps_inside(table: BoxTable, depths: Index, share: float) -> Index:
    """How deep each box lies in the deepest box with this share of the page's prose; -1 outside.

    Of equally deep ones the first is taken.
    """
    steps = np.full(len(depths), -1)
    if table.all_prose:
        deepest = int(np.argmax(np.where(table.prose >= share * table.all_prose, depths, -1)))
        inside = slice(deepest, table.ends[deepest])
        steps[inside] = depths[inside] - depths[deepest]
    return steps
