"""The kept blocks of a page as a tree: quotes, lists, items, tables, and the texts in them. Markdown and HTML are
both written from it, so that neither has a structure that the other does not.

A page may do what neither allows (an item outside a list, a paragraph between items); the tree never does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeGuard

from scraper.model import DEEPEST, WIDEST, Block, Cell, Container, Link

LISTS: Final = frozenset({"ul", "ol", "dl"})
ITEMS: Final = frozenset({"li", "dt", "dd"})
_HEADING = re.compile("h([1-6])")
_TITLE: Final = 1

_LAYOUT_SHARE: Final = 0.5
_LAYOUT_BLOCKS: Final = 4
"""A list item that holds more than half of the text, in four blocks at the least, lays the page out: no author writes
an article as one point of a list."""


class Text(NamedTuple):
    """Some text and its links. start: where it stands in the page's text; links count from the text's beginning."""

    text: str
    start: int
    links: tuple[Link, ...] = ()


class Leaf(NamedTuple):
    """A paragraph (`p`), a heading (`h2` … `h6`: the title is the `h1`), or preformatted text (`pre`).

    texts: one; of preformatted text as many as the page has boxes in it, each of them on lines of its own.
    pre: which preformatted text of the page's it is of.
    """

    kind: str
    texts: tuple[Text, ...]
    pre: Container | None = None


class Field(NamedTuple):
    """A cell of a table with its text."""

    cell: Cell
    text: Text


class Row(NamedTuple):
    """A row of a table. at: its place among all rows of the page's table, those that are not kept included."""

    at: int
    fields: tuple[Field, ...]

    def width(self, of_table: int) -> int:
        """How many columns are to be written of it, in a table of so many."""
        return of_table if of_table <= WIDEST else _end(self)

    @property
    def is_head(self) -> bool:
        """Whether every cell of it is a heading."""
        return all(one.cell.is_head for one in self.fields)


@dataclass(slots=True)
class Node:
    """A container: `page`, `quote`, `table`, `ul`, `ol`, `dl`, or an item, which stands in a list and nowhere else.

    Children of a list are items, of a table rows, of all others leaves and containers. at: of an item of an `ol` its
    number, where the page gives one.
    """

    kind: str
    at: int | None = None
    children: list[Node | Leaf | Row] = field(default_factory=list)


def is_item(child: Node | Leaf | Row) -> TypeGuard[Node]:
    """Whether a child is an item of a list."""
    return isinstance(child, Node) and child.kind in ITEMS


def numbers_of(ordered: Node) -> list[int]:
    """The numbers that the items of an ordered list show."""
    numbers: list[int] = []
    for item in ordered.children:
        known = item.at if isinstance(item, Node) else None
        numbers.append(known if known is not None else numbers[-1] + 1 if numbers else 1)
    return numbers


def heads_of(table: Node) -> int:
    """How many rows at the top of a table are its head; the first, where every row says that it is one."""
    rows = rows_of(table)
    heads = next((n for n, row in enumerate(rows) if not row.is_head), len(rows))
    return heads if heads < len(rows) else 1


def rows_of(table: Node) -> list[Row]:
    """The rows of a table."""
    return [row for row in table.children if isinstance(row, Row)]


def width_of(table: Node) -> int:
    """How many columns a table has."""
    return max(map(_end, rows_of(table)))


def _end(row: Row) -> int:
    return max(one.cell.column + one.cell.columns for one in row.fields)


def structure_of(blocks: Iterable[Block]) -> Node:
    """The kept ones of a page's blocks as a tree."""
    kept = [block for block in blocks if block.kept]
    paths = _without_layout(kept)
    tree = Node("page")
    opened: list[tuple[Container, Node]] = []
    start = 0
    for index, (block, within) in enumerate(zip(kept, paths, strict=True)):
        if not block.text.strip():
            start += len(block.text) + len("\n\n")
            continue
        path = _sound(within if block.within else _by_kind(block, index))
        row = path.pop() if path and path[-1].kind == "row" else None
        pre = path.pop() if path and path[-1].kind == "pre" else None
        same = _same(opened, path)
        del opened[same:]
        for container in path[same:]:
            opened.append((container, _open(opened[-1][1] if opened else tree, container)))
        around = opened[-1][1] if opened else tree
        if row is not None:
            is_head = not block.within and not around.children  # nothing is known but that it is the first
            around.children.append(_row(block, row, start, is_head=is_head))
        else:
            _add(around, block, start, pre)
        start += len(block.text) + len("\n\n")
    return tree


def _same(opened: Sequence[tuple[Container, Node]], path: Sequence[Container]) -> int:
    """How many containers of a path are open already."""
    same = 0
    while same < min(len(opened), len(path)) and opened[same][0] == path[same]:
        same += 1
    return same


def _open(parent: Node, container: Container) -> Node:
    last = parent.children[-1] if parent.children else None
    if container.number < 0 and parent.kind in LISTS and isinstance(last, Node):
        return last  # what stands between two items belongs to the one before
    node = Node(container.kind, container.at)
    parent.children.append(node)
    return node


def _add(parent: Node, block: Block, start: int, pre: Container | None) -> None:
    text = Text(block.text, start, block.links)
    if block.kind == "pre":
        last = parent.children[-1] if parent.children else None
        if pre is not None and isinstance(last, Leaf) and last.pre == pre:
            parent.children[-1] = last._replace(texts=(*last.texts, text))
        else:
            parent.children.append(Leaf("pre", (text,), pre))
        return
    heading = _HEADING.fullmatch(block.kind)
    level = max(int(heading.group(1)), _TITLE + 1) if heading else 0
    parent.children.append(Leaf(f"h{level}" if level else "p", (text,)))


def _row(block: Block, row: Container, start: int, *, is_head: bool) -> Row:
    """A row with the fields of its text, each with its own links; empty ones are left to the table."""
    parts = block.text.split("\t")
    cells = block.cells
    if len(cells) != len(parts):
        cells = tuple(Cell(column, is_head=is_head) for column in range(len(parts)))
    fields = []
    at = 0
    for cell, part in zip(cells, parts, strict=True):
        end = at + len(part)
        links = tuple(
            Link(link.start - at, link.end - at, link.url)
            for link in block.links
            if at <= link.start and link.end <= end
        )
        fields.append(Field(cell, Text(part, start + at, links)))
        at = end + 1
    return Row(row.at or 0, tuple(fields))


def _by_kind(block: Block, index: int) -> list[Container]:
    """What a block stands in that does not say so: neighbours of one kind stand in one container."""
    number = -1 - index
    if block.kind == "li":
        return [Container("ul", 0), Container("li", index + 1)]
    if block.kind == "quote":
        return [Container("quote", 0)]
    if block.kind == "cell":
        return [Container("table", 0), Container("row", number, index)]
    return []


def _sound(path: Iterable[Container]) -> list[Container]:
    """A path on which items stand in lists, lists hold items, and a table or preformatted text comes last.

    What had to be put in has a number below zero. A caption that is kept stands outside of its table.
    """
    whole = list(path)
    of_row = [one.kind for one in whole[-2:]] == ["table", "row"]
    last = whole[-2:] if of_row else [one for one in whole[-1:] if one.kind == "pre"]
    above_it = [one for one in whole[: len(whole) - len(last)] if one.kind not in ("table", "row", "pre")]
    found: list[Container] = []
    for container in [*above_it[:DEEPEST], *last]:  # as stored by an earlier version, or written by others
        above = found[-1] if found else None
        in_list = above is not None and above.kind in LISTS
        if container.kind in ITEMS and not in_list:
            kind = "ul" if container.kind == "li" else "dl"
            found.append(Container(kind, -1 - (above.number if above else 0)))
        elif container.kind not in ITEMS and above is not None and in_list:
            found.append(Container("dd" if above.kind == "dl" else "li", -1 - above.number))
        found.append(container)
    if found and found[-1].kind in LISTS:  # text right in a list
        around = found[-1]
        found.append(Container("dd" if around.kind == "dl" else "li", -1 - around.number))
    return found


def _without_layout(kept: Sequence[Block]) -> list[tuple[Container, ...]]:
    """The paths of the blocks without the containers that hold all of them, and items that hold most of the text.

    Old pages indent their text by a quote or a list. Nothing is taken from one block alone.
    """
    paths = [block.within for block in kept]
    if len(kept) < 2:
        return paths
    common = 0
    while all(len(path) > common for path in paths) and len({path[common] for path in paths}) == 1:
        common += 1
    while common and paths[0][common - 1].kind in LISTS | {"table", "row", "pre"}:
        common -= 1
    paths = [path[common:] for path in paths]
    whole = sum(len(block.text) for block in kept)
    while True:
        held: dict[Container, tuple[int, int]] = {}
        for block, path in zip(kept, paths, strict=True):
            for container in path:
                if container.kind in ITEMS:
                    characters, blocks = held.get(container, (0, 0))
                    held[container] = characters + len(block.text), blocks + 1
        layout = {
            item
            for item, (characters, blocks) in held.items()
            if characters > _LAYOUT_SHARE * whole and blocks >= _LAYOUT_BLOCKS
        }
        if not layout:
            return paths
        paths = [_below(path, layout) for path in paths]


def _below(path: tuple[Container, ...], layout: set[Container]) -> tuple[Container, ...]:
    """What is left of a path below the last item of it that lays the page out."""
    last = max((at for at, container in enumerate(path) if container in layout), default=-1)
    return path[last + 1 :]
