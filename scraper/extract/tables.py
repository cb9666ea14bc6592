"""Tables of data told from tables that lay a page out.

Old pages and newsletters put whole pages into tables; to read such a table cell by cell prints the page's
furniture as if it were figures. The signs are those of browsers' accessibility trees (WebKit's
`AccessibilityTable::isDataTable`, Firefox's `IsProbablyLayoutTable`): nesting, boxes inside cells, long prose.
"""

from __future__ import annotations

from typing import Final

from lxml.html import HtmlElement

_LAYOUT_CONTENT: Final = (
    "table", "form", "input", "select", "textarea", "h1", "h2", "h3", "article", "section", "nav", "header", "footer",
    "aside", "main", "blockquote", "figure", "iframe", "hr",
)  # fmt: skip
"""Elements that a cell of data does not hold."""

_LONGEST_CELL: Final = 400
"""Characters. Prose of more than a short paragraph in one cell is not a figure or a name."""

_ROWS_LOOKED_AT: Final = 50
"""A table that shows no sign of layout in its first rows is one of data: enough, and bounded."""


def is_data_table(table: HtmlElement) -> bool:
    """Whether a `table` holds data, rather than laying out what stands around and in it."""
    if (table.get("role") or "").strip().lower() in ("presentation", "none"):
        return False
    if next(table.iterdescendants(*_LAYOUT_CONTENT), None) is not None:
        return False
    widest = rows = 0
    for row in table.iterdescendants("tr"):
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        widest = max(widest, len(cells))
        rows += 1
        for cell in cells:
            if sum(1 for _ in cell.iterchildren("p", "div")) > 2:
                return False
            if len("".join(cell.itertext())) > _LONGEST_CELL:
                return False
        if rows >= _ROWS_LOOKED_AT:
            break
    return widest > 1 and rows > 1
