"""trafilatura's opinion of which text is the main content, as text.

The one room that imports trafilatura. It is the second opinion where the block model is unsure, asked in its precision
mode and without comments; its fast mode would save a third of that time and lose a page of scrapinghub's 87. It works
on a copy of the tree, so ours stays whole, save that tables that only lay the page out are no tables any more: it would
print them as tables of data, page furniture and all.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

import trafilatura
from lxml.html import HtmlElement

_TABLE_PARTS = ("table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th")

for _name in ("trafilatura", "htmldate", "readability", "justext"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


def ask(root: HtmlElement, layout_tables: Iterable[HtmlElement], url: str) -> str:
    """The main content as trafilatura's precision mode sees it, a line a paragraph; empty when it finds none."""
    for table in layout_tables:
        _unframe(table)
    with _without_wide_cells(root):
        document = trafilatura.bare_extraction(
            root, url=url or None, include_comments=False, include_tables=True, favor_precision=True
        )
    return (getattr(document, "text", None) or "") if document is not None else ""


_MOST_SPANNED: Final = 5_000
"""All spans of a page together, up to which trafilatura sees them: the development pages have 3,723 at the most. It
makes every empty cell and counts its row anew for each: 3,600 cells that span all they may took ten minutes."""


@contextmanager
def _without_wide_cells(root: HtmlElement) -> Iterator[None]:
    """The page without its spans where they stand for very many cells, all of them empty."""
    cells = [
        (cell, name)
        for cell in root.iter("td", "th")
        for name in ("colspan", "rowspan")
        if name in cell.attrib
    ]
    spans = [(cell, name, cell.attrib[name]) for cell, name in cells]
    if sum(min(int(value), 100) if value.isdecimal() else 1 for _, _, value in spans) <= _MOST_SPANNED:
        yield
        return
    try:
        for cell, name, _ in spans:
            del cell.attrib[name]
        yield
    finally:
        for cell, name, value in spans:
            cell.set(name, value)


def _unframe(table: HtmlElement) -> None:
    """Rename the parts of one layout table to `div`; tables of data inside stay."""
    waiting = [table]
    while waiting:
        element = waiting.pop()
        element.tag = "div"
        waiting.extend(child for child in element if child.tag in _TABLE_PARTS and child.tag != "table")
