"""The kept blocks of a page as Markdown (CommonMark, with GitHub's tables).

Made from the same blocks as the text, so that neither says what the other does not. Marks that the author wrote are
escaped: an asterisk in the text stays an asterisk.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final
from urllib.parse import quote

from scraper.model import Block, Page

_INLINE = re.compile(r"([\\`*_\[\]<>])")
_AT_LINE_START = re.compile(r"^(\s*)(#{1,6}(?=\s)|[-+](?=\s)|\d{1,9}(?=[.)]\s)|=+$|-{3,}$|~{3,})")
_NO_TARGET = re.compile(r"[\s()<>|\\]")
"""What would end a link's target, or a cell."""

_FENCE: Final = "```"


def to_markdown(page: Page, *, with_title: bool = True) -> str:
    """The page's main content as Markdown, ending in a newline; empty when it has none.

    with_title: put the title above it as the first heading.
    """
    kept = [block for block in page.blocks if block.kept]
    if not kept or not page.text:
        return ""
    parts = [f"# {_inline(page.title)}"] if with_title and page.title else []
    for kind, blocks in groupby(kept, key=lambda block: block.kind):
        parts.extend(_group(kind, list(blocks)))
    return "\n\n".join(parts) + "\n"


def _group(kind: str, blocks: list[Block]) -> Iterator[str]:
    """Neighbouring blocks of one kind: the items of a list and the rows of a table belong together."""
    if kind == "pre":
        yield from (_fenced(block.text) for block in blocks)
        return
    texts = [_linked(block) for block in blocks]
    if kind == "li":
        yield "\n".join("- " + _lines(text).replace("\n", "\n  ") for text in texts)
    elif kind == "cell":
        yield _table(texts)
    elif kind == "quote":
        yield "\n>\n".join("> " + _lines(text).replace("\n", "\n> ") for text in texts)
    elif kind[0] == "h" and kind[1:].isdigit():
        yield from (f"{'#' * max(2, int(kind[1:]))} {' '.join(text.split())}" for text in texts)
    else:
        yield from map(_lines, texts)


def _linked(block: Block) -> str:
    """A block's text, escaped, with its links; lines and cells stay as they are."""
    parts = []
    at = 0
    for start, end, url in block.links:
        shown = _inline(block.text[start:end])
        parts.append(f"{_inline(block.text[at:start])}[{shown}]({_NO_TARGET.sub(_percent, url)})")
        at = end
    return "".join(parts) + _inline(block.text[at:])


def _percent(match: re.Match[str]) -> str:
    return quote(match.group(), safe="")


def _fenced(text: str) -> str:
    fence = _FENCE
    while fence in text:
        fence += "`"
    return f"{fence}\n{text}\n{fence}"


def _inline(text: str) -> str:
    return _INLINE.sub(r"\\\1", text)


def _lines(escaped: str) -> str:
    """The lines of a paragraph; a line break of the author's is one here, too."""
    return "\\\n".join(map(_line, escaped.split("\n")))


def _line(escaped: str) -> str:
    match = _AT_LINE_START.match(escaped)
    if match is None:
        return escaped
    at = match.end() if match.group(2).isdigit() else match.start(2)
    return f"{escaped[:at]}\\{escaped[at:]}"


def _table(rows: Iterable[str]) -> str:
    """Rows of tab-separated cells; the first stands as the head, which GitHub's tables cannot do without."""
    cells = [[cell.replace("|", r"\|").replace("\n", " ") for cell in row.split("\t")] for row in rows]
    width = max(len(row) for row in cells)
    lines = ["| " + " | ".join([*row, *[""] * (width - len(row))]) + " |" for row in cells]
    lines.insert(1, "|" + " --- |" * width)
    return "\n".join(lines)
