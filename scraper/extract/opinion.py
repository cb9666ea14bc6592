"""trafilatura's opinion of which text is the main content, as text.

The one room that imports trafilatura. It is the second opinion where the block model is unsure, asked in its precision
mode and without comments; its fast mode would save a third of that time and lose a page of scrapinghub's 87. It works
on a copy of the tree, so ours stays whole, save that tables that only lay the page out are no tables any more: it would
print them as tables of data, page furniture and all.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

import trafilatura
from lxml.html import HtmlElement

_TABLE_PARTS = ("table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th")

for _name in ("trafilatura", "htmldate", "readability", "justext"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


def ask(root: HtmlElement, layout_tables: Iterable[HtmlElement], url: str) -> str:
    """The main content as trafilatura's precision mode sees it, a line a paragraph; empty when it finds none."""
    for table in layout_tables:
        _unframe(table)
    document = trafilatura.bare_extraction(
        root, url=url or None, include_comments=False, include_tables=True, favor_precision=True
    )
    return (getattr(document, "text", None) or "") if document is not None else ""


def _unframe(table: HtmlElement) -> None:
    """Rename the parts of one layout table to `div`; tables of data inside stay."""
    waiting = [table]
    while waiting:
        element = waiting.pop()
        element.tag = "div"
        waiting.extend(child for child in element if child.tag in _TABLE_PARTS and child.tag != "table")
