"""A page cut into blocks: one walk of the tree that puts every text node into exactly one block, in document order.

A text node is what HTML calls one, as far as a reader could ever see it: text inside `script`, `style`, `noscript`,
`template` (save one that is an element's shadow tree) and `head`, and the fall-back content of frames and embedded
objects, is not text of the page by definition and is never looked at. Everything else is, hidden boxes and form labels
included: what is dropped is dropped by a rule with a name, not by oversight.

A new block begins and ends with every box (`p`, `div`, `li`, an unknown custom element, …) and at two line breaks in
a row. A table of data gives one block a row, its cells parted by a tab; a table that only lays the page out gives
none of its own, its cells are boxes like any other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from lxml.etree import iterwalk
from lxml.html import HtmlElement

from scraper.extract.elements import (
    ARTICLE,
    ASIDE,
    BOXES,
    CAPTION,
    CONTROL,
    DATA,
    DIALOG,
    FIGURE,
    FOOTER,
    FORM,
    GRAPHIC,
    HEADER,
    HIDDEN,
    HOLDS_TEXT,
    INLINE,
    KIND_OF,
    LIST,
    MAIN,
    NAV,
    NO_FIELD,
    QUOTE,
    TAG_CONTEXT,
    UNSEEN,
    Context,
    context_of,
    is_shadow_root,
)
from scraper.extract.menus import OF_MENUS, Menus, is_menu, is_mute, texts_of
from scraper.extract.tables import is_data_table
from scraper.extract.text import collapse, storable

__all__ = [
    "ARTICLE",
    "ASIDE",
    "CAPTION",
    "CONTROL",
    "DATA",
    "DIALOG",
    "FIGURE",
    "FOOTER",
    "FORM",
    "GRAPHIC",
    "HEADER",
    "HIDDEN",
    "INLINE",
    "LIST",
    "MAIN",
    "NAV",
    "QUOTE",
    "UNSEEN",
    "Blocks",
    "Mark",
    "Place",
    "TextBlock",
    "cut",
]


@dataclass(slots=True)
class Place:
    """The box a block stands in, with what is known of the boxes around it. One object a box of the page.

    attributes: of the element, read once for all who ask. controls: form fields right inside. images_inside: images
    anywhere inside.
    """

    element: HtmlElement
    attributes: Mapping[str, str]
    parent: Place | None
    context: Context
    kind: str
    depth: int
    controls: int = 0
    images_inside: int = 0

    def ancestors(self) -> list[Place]:
        """The boxes around this one, the nearest first, itself included."""
        found: list[Place] = []
        place: Place | None = self
        while place is not None:
            found.append(place)
            place = place.parent
        return found


@dataclass(slots=True)
class TextBlock:
    """One block of text as cut from the page.

    index: its position among all blocks. nodes: how many text nodes it is made of.
    link_chars: characters of `text` that stand inside links. targets: where those links lead, as written.
    strong: whether the whole of it is bold. link_density: the share of its characters that stand inside links.
    """

    index: int
    text: str
    kind: str
    place: Place
    nodes: int
    link_chars: int
    targets: tuple[str, ...]
    strong: bool
    link_density: float


@dataclass(slots=True)
class Mark:
    """An element that says something about the page, and the index of the block that follows or holds its text."""

    element: HtmlElement
    at: int


@dataclass(slots=True)
class Blocks:
    """Everything one walk found: the blocks, and where the elements stand that metadata is read from.

    fields: the boxes with fields of a form right inside, in the order in which they begin. marks: elements that carry
    `itemprop`, `rel=author`, `datetime` or a class that speaks of an author or a date. images: every `img`.
    layout_tables: tables that hold no data.
    """

    blocks: list[TextBlock] = field(default_factory=list)
    fields: list[Place] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    images: list[Mark] = field(default_factory=list)
    layout_tables: list[HtmlElement] = field(default_factory=list)


def cut(root: HtmlElement, *, brief: bool = False) -> Blocks:
    """The blocks of a page, in document order, and the marks met on the way. Does not change the tree.

    brief: walk through no box of a menu that holds links alone: each link is a block of that box, and nothing inside
    is marked. The texts are the same.
    """
    return _Walk(Menus() if brief else None).run(root)


_SPEAKING = re.compile(
    r"author|byline|autor|verfasser|redact|writer|date|time|publi|posted|tarih|fecha|datum"
)


_NO_ATTRIBUTES: Final[Mapping[str, str]] = {}


class _Walk:
    """The state of one walk: the block being gathered, and the box it belongs to."""

    def __init__(self, menus: Menus | None) -> None:
        self.menus = menus  # those that need no walk, where it is to be brief
        self.found = Blocks()
        self.places: list[Place] = []  # the boxes now open
        self.before = [0]  # for each of them, how many boxes with fields began before it
        self.parts: list[str] = []
        self.nodes = 0
        self.link_chars = 0
        self.strong_chars = 0
        self.targets: list[str] = []
        self.links: list[
            str | None
        ] = []  # targets of the links now open; `None` of an anchor that leads nowhere
        self.strong = 0
        self.breaks = 0
        self.row: Place | None = None  # the row of a data table now open: its cells do not end the block
        self.preserved = 0
        self.spoken: dict[str, bool] = {}  # what was found of classes and ids: most stand on many elements

    def run(self, root: HtmlElement) -> Blocks:
        body = root.find("body") if root.tag == "html" else None
        top = root if body is None else body
        place = Place(top, dict(top.items()), None, 0, "p", 0)
        walker = iterwalk(top, events=("start", "end"))
        places, parts, links, start, menus = self.places, self.parts, self.links, self.start, self.menus
        places.append(place)
        next(walker)
        text = top.text
        if text and not text.isspace():
            self.text(text)
        box = top  # the innermost one that is open
        for event, element in walker:
            tag = element.tag
            if event == "start":
                if (tag in UNSEEN and not is_shadow_root(element)) or (
                    menus and tag == "svg" and is_mute(element)
                ):
                    walker.skip_subtree()
                    continue
                if start(element, tag):
                    box = element
                    if menus and places[-1].context & OF_MENUS and self.take_links(menus):
                        walker.skip_subtree()
                        continue
                text = element.text
            else:
                if tag == "a" and links:
                    links.pop()
                elif tag in _MARKED:
                    self.marked(element, tag, ends=True)
                if element is box:
                    if element is top:
                        break
                    self.end_box(tag)
                    box = places[-1].element
                text = element.tail
            # most text nodes are the white space between two boxes
            if text and (parts or not text.isspace()):
                self.text(text)
        self.flush(places[-1])
        return self.found

    def start(self, element: HtmlElement, tag: str) -> bool:
        """Take in the beginning of an element. Returns: whether it is a box."""
        items = element.items()
        context = 0
        if items:
            attributes: Mapping[str, str] = dict(items)
            if (
                ("class" in attributes and self.speaks(attributes["class"]))
                or ("id" in attributes and self.speaks(attributes["id"]))
                or tag in _TIMES
                or attributes.get("itemprop")
                or ("rel" in attributes and "author" in attributes["rel"])
            ):
                self.found.marks.append(Mark(element, len(self.found.blocks)))
            if "style" in attributes or "role" in attributes or "hidden" in attributes:
                context = context_of(attributes)
        else:
            attributes = _NO_ATTRIBUTES
        if tag in INLINE:
            if tag == "a":
                self.links.append(attributes.get("href", "" if attributes.keys() - _OF_ANCHORS else None))
            elif tag in _MARKED:
                self.marked(element, tag, ends=False)
            elif tag == "img":
                self.found.images.append(Mark(element, len(self.found.blocks)))
                self.places[-1].images_inside += 1
            elif tag == "input" and self.is_field(attributes, context):
                self.field_in(self.places[-1])
            is_box = (context & HIDDEN != 0 or tag == "label") and self.row is None and tag != "input"
        elif tag == "br":
            self.line_break(self.places[-1])
            is_box = False
        else:
            is_box = (
                tag in BOXES
                or not self.parts  # an unknown element is part of a line only within one
                or element.getparent().tag not in HOLDS_TEXT
                or (context & HIDDEN != 0 and self.row is None)
            )
        if is_box:
            self.box(element, tag, attributes, context)
        return is_box

    def marked(self, element: HtmlElement, tag: str, *, ends: bool) -> None:
        """Take in that bold text or a quotation within a line begins or ends."""
        if tag == "q":
            self.parts.append(_marks_around(element)[ends])
        else:
            self.strong += -1 if ends else 1

    def is_field(self, attributes: Mapping[str, str], context: Context) -> bool:
        """Whether an `input` is a field of a form. A box outside of any is for the reader to tick, as in a recipe, or
        hidden and folds something."""
        kind = attributes.get("type", "").lower()
        if kind != "checkbox" or "role" in attributes or context & HIDDEN:
            return kind not in NO_FIELD
        return self.places[-1].context & FORM != 0

    def field_in(self, place: Place) -> None:
        """Note a field of a form right inside the innermost box."""
        if not place.controls:
            self.found.fields.insert(self.before[-1], place)
        place.controls += 1

    def speaks(self, names: str) -> bool:
        """Whether classes or an id promise an author or a date."""
        known = self.spoken.get(names)
        if known is None:
            known = self.spoken[names] = _SPEAKING.search(names.lower()) is not None
        return known

    def box(self, element: HtmlElement, tag: str, attributes: Mapping[str, str], context: Context) -> None:
        places = self.places
        parent = places[-1]
        if self.row is None:
            if self.parts or self.breaks:
                self.flush(parent)
        elif tag in ("td", "th"):
            self.parts.append("\t")
        else:
            self.parts.append(" ")
        if tag == "table" and self.row is None:
            if is_data_table(element):
                context |= DATA
            else:
                self.found.layout_tables.append(element)
        kind = KIND_OF.get(tag) or (parent.kind if parent.kind not in _OWN_LINE else "p")
        inherited = parent.context | context | TAG_CONTEXT.get(tag, 0)
        if inherited & DATA and kind == "p" and tag in ("tr", "td", "th"):
            kind = "cell"
        if tag in ("textarea", "select"):
            self.field_in(parent)
        place = Place(element, attributes, parent, inherited, kind, parent.depth + 1)
        places.append(place)
        self.before.append(len(self.found.fields))
        if tag == "tr" and inherited & DATA and self.row is None:
            self.row = place
        elif tag in _PRESERVES:
            self.preserved += 1

    def end_box(self, tag: str) -> None:
        places = self.places
        place = places.pop()
        self.before.pop()
        if self.row is None:
            if self.parts or self.breaks:
                self.flush(place)
        elif self.row is place:
            self.flush(place)
            self.row = None
        if tag in _PRESERVES and self.preserved:
            self.preserved -= 1
        if place.images_inside:
            places[-1].images_inside += place.images_inside

    def line_break(self, place: Place) -> None:
        if self.row is not None:
            self.parts.append(" ")
            return
        self.breaks += 1
        if self.breaks > 1 and not self.preserved:
            self.flush(place)
        elif self.parts:
            self.parts.append("\n")

    def text(self, text: str) -> None:
        """Take in a text node: some text, or the white space after some."""
        if self.row is not None and "\t" in text:
            # a tab parts cells, and there are not as many as there are tabs
            text = text.replace("\t", " ")
        self.parts.append(text if self.preserved or "\n" not in text else text.replace("\n", " "))
        if text.isspace():
            return
        self.breaks = 0
        self.nodes += 1
        target = self.links[-1] if self.links else None
        if target is not None or self.strong:
            length = len(collapse(text))
            if target is not None:
                self.link_chars += length
                self.targets.append(target)
            if self.strong:
                self.strong_chars += length

    def flush(self, place: Place) -> None:
        """End the block being gathered, if it holds any text."""
        if self.nodes:
            text = "".join(self.parts)
            if self.preserved:
                text = _preserve(text)
            elif text.isprintable():  # nothing printable is unstorable, or a line break or a tab
                text = " ".join(text.split())
            else:
                text = _tidy(text, self.row is not None)
            if text:
                self.append(text, place)
        self.parts.clear()
        self.targets.clear()
        self.nodes = self.link_chars = self.strong_chars = self.breaks = 0

    def append(self, text: str, place: Place) -> None:
        blocks = self.found.blocks
        length, link_chars = len(text), self.link_chars
        blocks.append(
            TextBlock(
                len(blocks),
                text,
                place.kind,
                place,
                self.nodes,
                link_chars,
                tuple(dict.fromkeys(self.targets)) if self.targets else (),
                self.strong_chars >= 0.9 * length,
                1.0 if link_chars >= length else link_chars / length,
            )
        )

    def take_links(self, menus: Menus) -> bool:
        """Take in the links of the box just begun, where it is of a menu and holds nothing else. Returns: whether."""
        place = self.places[-1]
        if self.row is not None or self.links or not is_menu(place.context):
            return False
        outermost = place.parent is None or not is_menu(place.parent.context)
        if not menus.links_alone(place.element, outermost=outermost):
            return False
        blocks = self.found.blocks
        last = None  # the link that the last block is
        for item in place.element.iterdescendants("a", "img"):
            if item.tag == "img":
                is_inside = last is not None and last in item.iterancestors("a")
                self.found.images.append(Mark(item, len(blocks) - is_inside))
                place.images_inside += 1
                continue
            texts = texts_of(item)
            text = " ".join(texts)
            text = collapse(text if text.isprintable() else storable(text))
            if text:
                last = item
                length = len(text)
                targets = (item.get("href", ""),)
                blocks.append(
                    TextBlock(len(blocks), text, "li", place, len(texts), length, targets, False, 1.0)
                )
        return True


_OF_ANCHORS: Final = frozenset(["name", "id"])
"""What an `a` without `href` has that is a place to jump to. One with more is often a button, made so by a script."""

_MARKED: Final = frozenset(["b", "strong", "q"])
_PRESERVES: Final = frozenset(["pre", "listing", "xmp"])
_TIMES: Final = frozenset(["time", "relative-time"])

_QUOTATION: Final = re.compile(r"""\s*["'«»‹›„‚“”‘’「『]""")


def _marks_around(quoted: HtmlElement) -> tuple[str, str]:
    """The quotation marks that browsers put around a `q`, where its author wrote none.

    Source: HTML Living Standard, 15.3.6 "Quotes", without the choice by language.
    """
    if _QUOTATION.match(quoted.text or ""):
        return "", ""
    inner = next(quoted.iterancestors("q"), None) is not None
    return ("‘", "’") if inner else ("“", "”")


_OWN_LINE: Final = frozenset(f"h{n}" for n in range(1, 7))
"""Kinds that a box inside does not inherit: a paragraph inside an `h2` is a paragraph."""


def _tidy(text: str, is_row: bool) -> str:
    """One block's text: white space collapsed, a line break kept, the cells of a row parted by one tab."""
    text = storable(text)
    if is_row:
        return _collapse_but_tabs(text).strip()
    if "\n" in text:
        return "\n".join(filter(None, map(collapse, text.split("\n"))))
    return collapse(text)


def _collapse_but_tabs(text: str) -> str:
    """White space collapsed, tabs left standing."""
    return "\t".join(collapse(cell) for cell in text.split("\t"))


def _preserve(text: str) -> str:
    """A preformatted block's text: lines as they are, nothing at the ends."""
    return storable(text).replace("\r\n", "\n").replace("\r", "\n").strip("\n ").rstrip()
