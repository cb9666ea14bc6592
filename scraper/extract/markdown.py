"""The kept blocks of a page as Markdown (CommonMark, with GitHub's tables).

Made from the same blocks as the text, so that neither says what the other does not, and with the structure of the page
(`structure`). Marks that the author wrote are escaped: an asterisk in the text stays an asterisk.

What Markdown cannot say: a term and what defines it are an item and what stands in it, and a definition of nothing, as
which wikis indent, is a paragraph; a cell that spans several columns or rows stands in the first of them, and the
others are empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import quote

from scraper.extract.structure import (
    LISTS,
    Field,
    Leaf,
    Node,
    Row,
    Text,
    heads_of,
    is_item,
    numbers_of,
    rows_of,
    structure_of,
    width_of,
)
from scraper.model import Block, Page

_INLINE = re.compile(
    r"[\\`*~\[\]<>]"
    r"|(?<![^\W_])_|_(?![^\W_])"  # within a word it is no mark
    r"|&(?=#?[0-9A-Za-z]+;)"
    r"|\t"
)
_AT_LINE_START = re.compile(
    r"(?P<number>\d{1,9})(?=[.)](?:\s|$))"
    r"|#{1,6}(?=\s|$)|[-+](?=\s|$)"
    r"|[-=]+\s*$|[-:|][-:|\s]*$"  # under a line: a heading, a table
)
_CLOSING = re.compile(r"(?:^|(?<=\s))(?=#+\s*$)")
"""Before the number signs that would end a heading and go."""

_NO_TARGET = re.compile(r"[\s()<>|\\`]")
"""What would end a link's target, or a cell."""

_ENTITY = re.compile(r"&(?=#?[0-9A-Za-z]+;)")
_FENCE: Final = "```"


def to_markdown(page: Page, *, with_title: bool = True) -> str:
    """The page's main content as Markdown, ending in a newline; empty when it has none.

    with_title: put the title above it as the first heading.
    """
    if not page.text:
        return ""
    body = blocks_to_markdown(page.blocks)
    if not body or not (with_title and page.title):
        return body
    return f"# {escape_heading(page.title)}\n\n{body}"


def blocks_to_markdown(blocks: Iterable[Block]) -> str:
    """The kept ones of some blocks as Markdown, ending in a newline; empty when there are none."""
    lines = _children(structure_of(blocks).children)
    return "\n".join(lines) + "\n" if lines else ""


def escape(text: str) -> str:
    """Some lines of text as Markdown that says just that; a line break stays one."""
    return _lines(_inline(text))


def escape_line(text: str) -> str:
    """Some text as part of a line of Markdown that says just that."""
    return " ".join(_inline(text).split())


def escape_heading(text: str) -> str:
    """Some text as the words of a heading of Markdown that says just that."""
    return _heading(_inline(text))


def _children(children: Sequence[Node | Leaf | Row], *, is_tight: bool = False) -> list[str]:
    """The lines of some neighbours, an empty one between two."""
    lines: list[str] = []
    before: Node | Leaf | Row | None = None
    is_other = False  # two lists in a row are told apart by their marks
    for child in children:
        if before is not None and not is_tight:
            lines.append("")
        is_other = _are_alike(before, child) and not is_other
        lines += _leaf(child) if isinstance(child, Leaf) else _node(child, is_other=is_other)
        before = child
    return lines


def _are_alike(before: Node | Leaf | Row | None, child: Node | Leaf | Row) -> bool:
    if (
        not (isinstance(before, Node) and isinstance(child, Node))
        or _is_indented(before)
        or _is_indented(child)
    ):
        return False
    return before.kind in LISTS and child.kind in LISTS and (before.kind == "ol") == (child.kind == "ol")


def _leaf(leaf: Leaf) -> list[str]:
    if leaf.kind == "pre":
        return _fenced("\n".join(one.text for one in leaf.texts))
    (text,) = leaf.texts
    if leaf.kind == "p":
        return _lines(_linked(text)).split("\n")
    return [f"{'#' * int(leaf.kind[1:])} {_heading(_linked(text))}"]


def _node(node: Node | Row, *, is_other: bool) -> list[str]:
    if isinstance(node, Row):  # stands in a table alone
        return []
    if node.kind == "quote":
        return [f"> {line}".rstrip() for line in _children(node.children)]
    if node.kind == "table":
        return _table(node)
    if node.kind == "ol":
        return _ordered(node, is_other=is_other)
    if _is_indented(node):
        return _children([child for item in filter(is_item, node.children) for child in item.children])
    return _unordered(node, is_other=is_other)


def _is_indented(node: Node | Leaf | Row) -> bool:
    """Whether something is a list of definitions of nothing: so wikis indent a paragraph."""
    return (
        isinstance(node, Node)
        and node.kind == "dl"
        and all(is_item(one) and one.kind == "dd" for one in node.children)
    )


def _unordered(node: Node, *, is_other: bool) -> list[str]:
    items = (
        _with_definitions(node)
        if node.kind == "dl"
        else [item.children for item in node.children if is_item(item)]
    )
    mark = "*" if is_other else "-"
    return _items([(mark, children) for children in items])


def _with_definitions(node: Node) -> list[list[Node | Leaf | Row]]:
    """A term, and in the same item what defines it."""
    items: list[list[Node | Leaf | Row]] = []
    for item in filter(is_item, node.children):
        if item.kind == "dt" or not items:
            items.append([])
        items[-1] += item.children
    return items


def _ordered(node: Node, *, is_other: bool) -> list[str]:
    """An ordered list. CommonMark counts on from the first number, so one that does not follow begins a new list."""
    ends = (")", ".") if is_other else (".", ")")
    at = 0
    before: int | None = None
    items = []
    for shown, item in zip(numbers_of(node), filter(is_item, node.children), strict=True):
        number = max(0, shown)
        if before is not None and number != before + 1:
            at = 1 - at
        items.append((f"{number}{ends[at]}", item.children))
        before = number
    return _items(items)


def _items(items: Sequence[tuple[str, Sequence[Node | Leaf | Row]]]) -> list[str]:
    is_tight = all(_is_tight(children) for _, children in items)
    lines: list[str] = []
    for mark, children in items:
        if lines and not is_tight:
            lines.append("")
        indent = " " * (len(mark) + 1)
        for at, line in enumerate(_children(children, is_tight=is_tight)):
            lines.append(f"{indent if at else f'{mark} '}{line}" if line or not at else "")
    return lines


def _is_tight(children: Sequence[Node | Leaf | Row]) -> bool:
    """Whether an item is a line, perhaps with a list below that may follow one without an empty line between."""
    first, *rest = children
    if not (isinstance(first, Leaf) and first.kind == "p") or len(rest) > 1:
        return False
    return all(
        isinstance(one, Node) and (one.kind == "ul" or (one.kind == "ol" and numbers_of(one)[0] == 1))
        for one in rest
    )


def _table(table: Node) -> list[str]:
    """A table. GitHub's have one row as head: the page's, or an empty one."""
    rows = rows_of(table)
    heads = heads_of(table)
    width = width_of(table)
    lines = [_row(row.fields, row.width(width)) for row in rows]
    if not heads:
        lines.insert(0, _row((), width))
    lines.insert(1, "|" + " --- |" * width)
    return lines


def _row(fields: Sequence[Field], width: int) -> str:
    cells = [""] * width
    for one in fields:
        written = _linked(one.text).replace("|", r"\|").replace("\n", " ")
        cells[one.cell.column] = f"{cells[one.cell.column]} {written}".strip()
    return "| " + " | ".join(cells) + " |"


def _linked(text: Text) -> str:
    """A text, escaped, with its links; lines stay as they are."""
    parts = []
    at = 0
    for start, end, url in text.links:
        before = _inline(text.text[at:start])
        if before.endswith("!"):  # a picture, else
            before = before[:-1] + r"\!"
        target = _ENTITY.sub(r"\&", _NO_TARGET.sub(_percent, url))
        parts.append(f"{before}[{_inline(text.text[start:end])}]({target})")
        at = end
    return "".join(parts) + _inline(text.text[at:])


def _percent(match: re.Match[str]) -> str:
    return quote(match.group(), safe="")


def _fenced(text: str) -> list[str]:
    fence = _FENCE
    while fence in text:
        fence += "`"
    return [fence, *text.split("\n"), fence]


def _inline(text: str) -> str:
    return _INLINE.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    return " " if match.group() == "\t" else f"\\{match.group()}"


def _heading(escaped: str) -> str:
    return _CLOSING.sub(r"\\", " ".join(escaped.split()))


def _lines(escaped: str) -> str:
    """The lines of a paragraph; a line break of the author's is one here, too."""
    return "\\\n".join(_line(line.strip()) for line in escaped.split("\n") if line.strip())


def _line(escaped: str) -> str:
    match = _AT_LINE_START.match(escaped)
    if match is None:
        return escaped
    at = match.end() if match.group("number") else 0
    return f"{escaped[:at]}\\{escaped[at:]}"
