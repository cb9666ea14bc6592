"""What is known of blocks before any of them is judged: which show the headline, are captions, or are furniture."""

from __future__ import annotations

import re
from typing import Final, Literal

from scraper.extract.blocks import CAPTION, DATA, Blocks, TextBlock
from scraper.extract.model.features import Table
from scraper.extract.text import fold, squeeze
from scraper.model import Furniture

Mark = Literal["headline", "caption", "furniture"]

_FEWEST_ARTICLES: Final = 2
"""Different articles that a piece of a site's furniture must have been seen around."""

_LONGEST_CAPTION_WORDS: Final = 60
_LONGEST_OVER_TITLE: Final = 20
_NAMED_CAPTION = re.compile(
    r"caption|legende|bildunter|photo-?credit|image-?credit|img-?desc|foto-?text", re.I
)


def mark_blocks(
    found: Blocks, table: Table, title: str | None, title_at: int | None, furniture: Furniture | None = None
) -> list[Mark | None]:
    """The mark of each block, in order; `None` for most."""
    marks: list[Mark | None] = [None] * len(found.blocks)
    if not marks:
        return marks
    squeezed = squeeze(title) if title else ""
    text_at = table.boxes.core.first if table.boxes.core else len(marks)
    repeated = furniture.blocks if furniture and furniture.articles >= _FEWEST_ARTICLES else {}
    alone = table.matrix[:, table.names.index("alone_with_picture")]
    beside_pictures = {mark.at + step for mark in found.images for step in range(-1, 5)}
    for index, block in enumerate(found.blocks):
        if squeezed and _shows(block, squeezed, title_at, text_at):
            marks[index] = "headline"
        elif repeated and repeated.get(fold(block.text), 0) >= _FEWEST_ARTICLES:
            marks[index] = "furniture"
        elif _is_caption(block, bool(alone[index]), index in beside_pictures, float(table.words[index])):
            marks[index] = "caption"
    return marks


def _shows(block: TextBlock, title: str, title_at: int | None, text_at: int) -> bool:
    """Whether a block is the title, standing as a heading or before the text. title: squeezed."""
    if len(block.text) > 2 * len(title) + _LONGEST_OVER_TITLE or squeeze(block.text) != title:
        return False
    return block.index == title_at or block.kind in ("h1", "h2") or block.index <= text_at


def _is_caption(block: TextBlock, alone: bool, beside_picture: bool, words: float) -> bool:
    """Whether a block is marked as a caption, is called one beside a picture, or stands alone in a box with one."""
    if block.link_density > 0.5:
        return False
    if block.kind == "caption" or block.place.context & CAPTION:
        return not block.place.context & DATA
    if words > _LONGEST_CAPTION_WORDS:
        return False
    if alone:
        return True
    if not beside_picture:
        return False
    element = block.place.element
    return _NAMED_CAPTION.search(f"{element.get('class') or ''} {element.get('id') or ''}") is not None
