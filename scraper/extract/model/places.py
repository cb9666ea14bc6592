"""The numbers of the boxes around a block: what else stands in them, what they are called, which holds the core.

The *core* is the box whose children hold the most prose; how far a block's boxes are from it is what tells the text
column from a side column of equal style.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from scraper.extract.blocks import HIDDEN, INLINE, Place, TextBlock
from scraper.extract.model.words import Groups, name_groups

TAGS: Final = (
    "article", "main", "aside", "footer", "nav", "header", "form", "table", "li", "figure", "figcaption", "blockquote",
    "dl", "pre", "section", "button", "address", "p", "div", "td", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol",
    "label", "details",
)  # fmt: skip
"""Tags that are looked for among a block's boxes. Bit n of a tag set is the tag of that position."""

_TAG_BIT: Final = {tag: 1 << bit for bit, tag in enumerate(TAGS)}
_PROSE_WORDS: Final = 10
_PROSE_LINKS: Final = 0.35
_LINE_BOXES: Final = frozenset(["p", "span", "blockquote", "font", "center"])
_ITALIC: Final = frozenset(["em", "i"])
_FAR: Final = 30
_WHOLE_PAGE: Final = frozenset(["html", "body"])
"""Boxes whose names say something of the page, and nothing of one block more than of another."""


@dataclass(slots=True)
class Box:
    """A box that holds text. Sums are over all blocks inside; `prose` counts characters of paragraphs.

    inherited, within: the name groups and tags of the box and all boxes around it. up: how many steps lead up to a
    box that also holds the core; down: from there down to the core; relative: the names met on the way up.
    """

    place: Place
    parent: Box | None
    index: int
    tag: int
    names: Groups
    signature: str
    inherited: Groups = 0
    within: int = 0
    depth: int = 0
    hidden: bool = False
    chars: float = 0.0
    link_chars: float = 0.0
    prose: float = 0.0
    blocks: int = 0
    first: int = 0
    last: int = 0
    up: int = -1
    down: int = _FAR
    relative: Groups = 0
    in50: int = -1
    in80: int = -1


@dataclass(slots=True)
class BoxTable:
    """boxes: each after the box around it. of: the box of each block. inner: name groups of an inline element that
    opens a block's box. italic: whether such an element is `em` or `i`. core: `None` on a page without prose."""

    boxes: list[Box] = field(default_factory=list)
    of: list[Box] = field(default_factory=list)
    inner: list[Groups] = field(default_factory=list)
    italic: list[bool] = field(default_factory=list)
    is_prose: list[bool] = field(default_factory=list)
    prose: float = 0.0
    core: Box | None = None


def tabulate(blocks: Sequence[TextBlock], words: Sequence[float]) -> BoxTable:
    """The boxes of a page's blocks with their sums, seen from the core."""
    table = BoxTable()
    known: dict[int, Box] = {}
    columns: dict[int, float] = {}
    for block, count in zip(blocks, words, strict=True):
        place = block.place
        box = known.get(id(place)) or _enter(place, table, known)
        length = float(len(block.text))
        prose = (
            (count >= _PROSE_WORDS or length > 80) and block.link_density < _PROSE_LINKS and not box.hidden
        )
        table.of.append(box)
        table.is_prose.append(prose)
        if not box.blocks:
            box.first = block.index
        box.last = block.index
        box.blocks += 1
        box.chars += length
        box.link_chars += min(length, block.link_chars)
        if prose:
            box.prose += length
            column = box.parent if box.parent is not None and place.element.tag in _LINE_BOXES else box
            columns[column.index] = columns.get(column.index, 0.0) + length
        inner, tag = _inner(place)
        table.inner.append(inner)
        table.italic.append(tag in _ITALIC)
    _sum_up(table)
    if columns:
        table.core = table.boxes[max(columns, key=columns.__getitem__)]
    _see_from_core(table)
    return table


def _enter(place: Place, table: BoxTable, known: dict[int, Box]) -> Box:
    """A new box, after those around it."""
    chain = [place]
    while chain[-1].parent is not None and id(chain[-1].parent) not in known:
        chain.append(chain[-1].parent)
    top = chain[-1].parent
    parent = known[id(top)] if top is not None else None
    for step in reversed(chain):
        tag = step.element.tag
        attributes = step.attributes
        names = 0 if tag in _WHOLE_PAGE else name_groups(tag, attributes)
        classes = attributes.get("class", "").split(None, 1)
        box = Box(
            step,
            parent,
            len(table.boxes),
            _TAG_BIT.get(tag, 0),
            names,
            f"{tag}.{classes[0] if classes else ''}",
        )
        box.inherited, box.within = names, box.tag
        box.hidden = bool(step.context & HIDDEN) or attributes.get("aria-hidden") == "true"
        if parent is not None:
            box.inherited |= parent.inherited
            box.within |= parent.within
            box.hidden = box.hidden or parent.hidden
            box.depth = parent.depth + 1
        table.boxes.append(box)
        known[id(step)] = box
        parent = box
    return known[id(place)]


def _inner(place: Place) -> tuple[Groups, str]:
    """What an inline element that opens the box is called, and its tag; no tag where text or a box comes first."""
    element = place.element
    if len(element) == 0 or (element.text and not element.text.isspace()):
        return 0, ""
    child = element[0]
    tag = child.tag
    if tag not in INLINE:
        return 0, ""
    return name_groups(tag, dict(child.items())), tag


def _sum_up(table: BoxTable) -> None:
    """Add what each box holds to the box around it."""
    for box in reversed(table.boxes):
        parent = box.parent
        if parent is not None and box.blocks:
            parent.first = min(parent.first, box.first) if parent.blocks else box.first
            parent.last = max(parent.last, box.last)
            parent.blocks += box.blocks
            parent.chars += box.chars
            parent.link_chars += box.link_chars
            parent.prose += box.prose
    table.prose = table.boxes[0].prose if table.boxes else 0.0


def _see_from_core(table: BoxTable) -> None:
    """Every box's way to the core, and whether it lies in the deepest box with half, or four fifths, of the prose."""
    down = 0
    step = table.core
    while step is not None:
        step.up, step.down = 0, down
        down += 1
        step = step.parent
    half = _deepest_with(table, 0.5)
    four_fifths = _deepest_with(table, 0.8)
    for box in table.boxes:
        parent = box.parent
        if parent is None:
            box.up = max(0, box.up)
        elif box.up < 0:
            box.up, box.down, box.relative = parent.up + 1, parent.down, parent.relative | box.names
        box.in50 = 0 if box is half else _further(parent.in50 if parent is not None else -1)
        box.in80 = 0 if box is four_fifths else _further(parent.in80 if parent is not None else -1)


def _deepest_with(table: BoxTable, share: float) -> Box | None:
    """The deepest box with this share of the page's prose; the first of equally deep ones."""
    if not table.prose:
        return None
    return max((box for box in table.boxes if box.prose >= share * table.prose), key=lambda box: box.depth)


def _further(steps: int) -> int:
    """One step further inside; -1 stays outside."""
    return steps + 1 if steps >= 0 else -1
