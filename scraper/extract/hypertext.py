"""The kept blocks of a page as HTML: headings, lists, quotes, tables, preformatted text and links.

Nothing of the page's own markup is used. Every text is escaped, and only what leads to the web is a link.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import urlsplit

from scraper.extract.structure import (
    Field,
    Leaf,
    Node,
    Row,
    Text,
    heads_of,
    numbers_of,
    rows_of,
    structure_of,
    width_of,
)
from scraper.model import Block

Show = Callable[[str, int], str]
"""A stretch of text on one line, and where it stands in the page's text, as HTML."""


def escape(text: str, _start: int = 0) -> str:
    """A text as HTML that shows just that, in an element."""
    return html.escape(text, quote=False)


def blocks_to_html(blocks: Iterable[Block], *, show: Show = escape, frame: tuple[str, str] = ("", "")) -> str:
    """The kept ones of some blocks as HTML, a line a block.

    show: writes the texts, in their order, where something in them is to be marked. frame: what to put around tables,
    which may be wider than the page.
    """
    return _Writer(show, frame).children(structure_of(blocks).children)


class _Writer:
    def __init__(self, show: Show, frame: tuple[str, str]) -> None:
        self.show = show
        self.frame = frame

    def children(self, children: Sequence[Node | Leaf | Row]) -> str:
        return "\n".join(
            self.leaf(child) if isinstance(child, Leaf) else self.node(child) for child in children
        )

    def leaf(self, leaf: Leaf) -> str:
        if leaf.kind == "pre":
            return f"<pre>\n{chr(10).join(map(self.lines, leaf.texts))}</pre>"
        return f"<{leaf.kind}>{'<br>'.join(self.lines(one, '<br>') for one in leaf.texts)}</{leaf.kind}>"

    def node(self, node: Node | Row) -> str:
        if isinstance(node, Row):  # stands in a table alone
            return ""
        if node.kind == "table":
            return self.table(node)
        if node.kind == "quote":
            return f"<blockquote>\n{self.children(node.children)}\n</blockquote>"
        if node.kind == "ol":
            return self.ordered(node)
        if node.kind in ("ul", "dl"):
            inside = "\n".join(self.item(one, node.kind) for one in node.children if isinstance(one, Node))
            return f"<{node.kind}>\n{inside}\n</{node.kind}>"
        return self.children(node.children)

    def item(self, item: Node, of: str, value: int | None = None) -> str:
        tag = "li" if of != "dl" else "dt" if item.kind == "dt" else "dd"
        number = f' value="{value}"' if value is not None else ""
        match item.children:
            case [Leaf("p", texts), *rest]:  # a line needs no paragraph around it
                if not any(isinstance(one, Leaf) for one in rest):
                    first = "<br>".join(self.lines(one, "<br>") for one in texts)
                    return f"<{tag}{number}>{first}{self._below(rest)}</{tag}>"
        return f"<{tag}{number}>\n{self.children(item.children)}\n</{tag}>"

    def _below(self, children: Sequence[Node | Leaf | Row]) -> str:
        return f"\n{self.children(children)}\n" if children else ""

    def ordered(self, node: Node) -> str:
        """An ordered list; a number that does not follow the one before is said with the item."""
        numbers = numbers_of(node)
        start = f' start="{numbers[0]}"' if numbers[0] != 1 else ""
        is_counted = numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        items = [
            self.item(one, "ol", None if is_counted else number)
            for one, number in zip(node.children, numbers, strict=True)
            if isinstance(one, Node)
        ]
        inside = "\n".join(items)
        return f"<ol{start if is_counted else ''}>\n{inside}\n</ol>"

    def table(self, table: Node) -> str:
        rows, heads = rows_of(table), heads_of(table)
        width = width_of(table)
        written = _rows_with_cells(rows, heads, width)
        parts = []
        for tag, some in (("thead", written[:heads]), ("tbody", written[heads:])):
            if some:
                inside = "\n".join(
                    f"<tr>{''.join(self.cell(one, tag, rows) for one, rows in row)}</tr>" for row in some
                )
                parts.append(f"<{tag}>\n{inside}\n</{tag}>")
        inside = "\n".join(parts)
        return f"{self.frame[0]}<table>\n{inside}\n</table>{self.frame[1]}"

    def cell(self, one: Field | None, of: str, rows: int) -> str:
        if one is None:
            return "<td></td>"
        tag = "th" if one.cell.is_head or of == "thead" else "td"
        attributes = f' rowspan="{rows}"' if rows > 1 else ""
        attributes += f' colspan="{one.cell.columns}"' if one.cell.columns > 1 else ""
        if tag == "th":
            attributes += f' scope="{"col" if of == "thead" else "row"}"'
        return f"<{tag}{attributes}>{self.lines(one.text, '<br>')}</{tag}>"

    def lines(self, text: Text, line_break: str = "\n") -> str:
        """A text with its links, each line by itself."""
        parts = []
        at = 0
        for start, end, url in text.links:
            if not _is_of_web(url) or start < at:
                continue
            address = html.escape(url, quote=True)
            parts.append(self.stretch(text.text[at:start], text.start + at, line_break))
            shown = self.stretch(text.text[start:end], text.start + start, line_break)
            parts.append(f'<a href="{address}" rel="noreferrer noopener">{shown}</a>')
            at = end
        parts.append(self.stretch(text.text[at:], text.start + at, line_break))
        return "".join(parts)

    def stretch(self, text: str, start: int, line_break: str) -> str:
        shown = []
        for line in text.split("\n"):
            shown.append(self.show(line, start) if line else "")
            start += len(line) + 1
        return line_break.join(shown)


def _rows_with_cells(rows: Sequence[Row], heads: int, width: int) -> list[list[tuple[Field | None, int]]]:
    """The rows with a cell for every column that none spans, and how many of the rows each spans.

    A cell spans rows of its own part of the table, head or body, and of those only what is kept.
    """
    left = [0] * width  # rows that the cell above still spans, by column
    written: list[list[tuple[Field | None, int]]] = []
    for index, row in enumerate(rows):
        if index == heads:
            left = [0] * width
        part = rows[index : heads if index < heads else len(rows)]
        fields = {one.cell.column: one for one in row.fields}
        cells: list[tuple[Field | None, int]] = []
        column = 0
        while column < row.width(width):
            one = fields.get(column)
            if one is None and left[column]:
                left[column] -= 1
                column += 1
                continue
            wide = one.cell.columns if one is not None else 1
            deep = sum(1 for other in part if other.at < row.at + one.cell.rows) if one is not None else 1
            cells.append((one, max(1, deep)))
            for spanned in range(column, column + wide):
                left[spanned] = max(0, deep - 1)
            column += wide
        written.append(cells)
    return written


def _is_of_web(url: str) -> bool:
    try:
        return urlsplit(url).scheme.lower() in ("http", "https")
    except ValueError:
        return False
