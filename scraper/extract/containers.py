"""What the kept blocks of a page stand in: quotes, lists and their items, tables with their rows and cells.

Looked up after the decision, for the blocks that are kept: a page has ten times as many, and nothing is judged by it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final, NamedTuple

from lxml.html import HtmlElement

from scraper.extract.blocks import DATA, Place, TextBlock
from scraper.extract.elements import UNSEEN
from scraper.model import DEEPEST, WIDEST, Cell, Container

_KINDS: Final = {
    "blockquote": "quote",
    "ul": "ul",
    "menu": "ul",
    "dir": "ul",
    "ol": "ol",
    "li": "li",
    "dl": "dl",
    "dt": "dt",
    "dd": "dd",
    "pre": "pre",
    "listing": "pre",
    "xmp": "pre",
}

_MOST_CELLS: Final = 4_000
"""Cells of one table whose spans are looked at, as long as it has no more than `WIDEST` columns: bounds what a hostile
page can ask for."""

_MOST_COLUMNS, _MOST_ROWS = 1_000, 65_534
"""What `colspan` and `rowspan` are clamped to. Source: HTML Living Standard, 4.9.11."""

_LARGEST_NUMBER: Final = 999_999_999
"""Of an item. Source: CommonMark 0.31, 5.2; browsers take twice as much."""


class Standing(NamedTuple):
    """What one block stands in, and the cells of a row: as in `Block`."""

    within: tuple[Container, ...] = ()
    cells: tuple[Cell, ...] = ()


class _Seat(NamedTuple):
    """A cell of a row where its table puts it. has_text: whether it holds any text of the page."""

    cell: Cell
    has_text: bool


def standing_of(kept: Iterable[TextBlock]) -> dict[int, Standing]:
    """What some blocks of a page stand in, by the index of the block; those in nothing are left out."""
    page = _Page()
    found: dict[int, Standing] = {}
    for block in kept:
        within = page.path(block.place)
        if within:
            cells = page.cells(block) if within[-1].kind == "row" else ()
            found[block.index] = Standing(within, cells)
    return found


class _Page:
    """The containers met so far. Keyed by places and elements that the page keeps alive."""

    def __init__(self) -> None:
        self.paths: dict[int, tuple[Container, ...]] = {}
        self.containers = 0
        self.numbers: dict[HtmlElement, dict[HtmlElement, int]] = {}
        self.tables: dict[HtmlElement, dict[HtmlElement, tuple[int, list[_Seat]]]] = {}

    def path(self, place: Place) -> tuple[Container, ...]:
        chain: list[Place] = []
        above: Place | None = place
        while above is not None and id(above) not in self.paths:
            chain.append(above)
            above = above.parent
        within = self.paths[id(above)] if above is not None else ()
        for box in reversed(chain):
            container = self._container(box)
            if container is not None and len(within) < DEEPEST:
                within = (*within, container)
            self.paths[id(box)] = within
        return within

    def _container(self, place: Place) -> Container | None:
        element = place.element
        kind, at = _KINDS.get(element.tag), None
        if kind == "li":
            at = self._number(element)
        elif element.tag in ("table", "tr") and place.context & DATA:
            kind = "table" if element.tag == "table" else "row"
            if kind == "row":
                at = self._row(element)[0]
        if kind is None:
            return None
        self.containers += 1
        return Container(kind, self.containers, at)

    def _number(self, item: HtmlElement) -> int | None:
        """The number that an item of an ordered list shows; `None` for any other."""
        parent = item.getparent()
        if parent is None or parent.tag != "ol":
            return None
        if parent not in self.numbers:
            self.numbers[parent] = _numbers(parent)
        return self.numbers[parent].get(item)

    def _row(self, row: HtmlElement) -> tuple[int, list[_Seat]]:
        table = next(row.iterancestors("table"), None)
        if table is None:
            return 0, []
        if table not in self.tables:
            self.tables[table] = _seats(table)
        return self.tables[table].get(row, (0, []))

    def cells(self, block: TextBlock) -> tuple[Cell, ...]:
        """The cells that the fields of a row's text are; none where they cannot be told apart."""
        at, seats = self._row(block.place.element)
        first = next(
            (n for n, seat in enumerate(seats) if seat.has_text), 0
        )  # empty ones before it have no field
        fields = block.text.count("\t") + 1
        if first + fields > len(seats):
            return ()
        cells = [seat.cell for seat in seats[first : first + fields]]
        if at == 0 and block.strong:  # a heading to the eye, if not by its tags
            cells = [cell._replace(is_head=True) for cell in cells]
        return tuple(cells)


def _integer(element: HtmlElement, name: str) -> int | None:
    """An attribute that holds a whole number, as HTML reads one; `None` for any other."""
    try:
        value = int((element.get(name) or "").strip()[:20])
    except ValueError:
        return None
    return value if abs(value) <= _LARGEST_NUMBER else None


def _numbers(ordered: HtmlElement) -> dict[HtmlElement, int]:
    """The numbers of the items of an `ol`, from its `start`, `reversed` and their `value`."""
    items = list(ordered.iterchildren("li"))
    is_reversed = "reversed" in ordered.attrib
    start = _integer(ordered, "start")
    number = start if start is not None else len(items) if is_reversed else 1
    numbers = {}
    for item in items:
        own = _integer(item, "value")
        number = number if own is None else own
        numbers[item] = number
        number += -1 if is_reversed else 1
    return numbers


def _seats(table: HtmlElement) -> dict[HtmlElement, tuple[int, list[_Seat]]]:
    """The rows of a table with their places and cells. Columns in which no cell begins are not counted."""
    rows = [
        row
        for row in islice(table.iterdescendants("tr"), _MOST_CELLS)
        if next(row.iterancestors("table")) is table
    ]
    grid: list[list[tuple[HtmlElement, int, int, int]]] = []
    begun: set[int] = set()
    spanning: list[list[int]] = []  # first column, the one after the last, rows left; in order
    cells = 0
    for row in rows:
        placed: list[tuple[HtmlElement, int, int, int]] = []
        column, over = 0, 0
        for cell in row.iterchildren("td", "th"):
            cells += 1
            columns = max(1, min(_integer(cell, "colspan") or 1, _MOST_COLUMNS)) if cells < _MOST_CELLS else 1
            deep = _integer(cell, "rowspan")
            deep = 1 if deep is None or cells >= _MOST_CELLS else deep or _MOST_ROWS  # 0: to the end
            while over < len(spanning) and spanning[over][0] <= column:
                column = max(column, spanning[over][1])
                over += 1
            placed.append((cell, column, columns, max(1, min(deep, _MOST_ROWS))))
            begun.add(column)
            column += columns
        spanning = [[first, after, left - 1] for first, after, left in spanning if left > 1]
        spanning += [[first, first + wide, deep - 1] for _, first, wide, deep in placed if deep > 1]
        spanning.sort()
        grid.append(placed)
    if len(begun) > WIDEST:
        grid = [[(cell, at, 1, 1) for at, (cell, *_) in enumerate(placed)] for placed in grid]
        begun = set(range(max(map(len, grid))))
    starts = sorted(begun)
    return {
        row: (at, [_seat(*one, starts) for one in placed])
        for at, (row, placed) in enumerate(zip(rows, grid, strict=True))
    }


def _seat(element: HtmlElement, column: int, columns: int, rows: int, starts: list[int]) -> _Seat:
    first = bisect_left(starts, column)
    wide = bisect_left(starts, column + columns) - first
    is_head = element.tag == "th" or element.getparent().getparent().tag == "thead"
    return _Seat(Cell(first, wide, rows, is_head), _has_text(element))


def _has_text(cell: HtmlElement) -> bool:
    return any(not text.isspace() for text in _texts(cell))


def _texts(cell: HtmlElement) -> Sequence[str]:
    found = [cell.text or ""]
    for element in cell.iterdescendants():
        is_unseen = not isinstance(element.tag, str) or element.tag in UNSEEN
        found += ["" if is_unseen else element.text or "", element.tail or ""]
    return [text for text in found if text]
