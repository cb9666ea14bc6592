"""A story that stands on its page twice: once to be read and once to be printed, or for wide screens and for phones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from scraper.extract.blocks import TextBlock

_FEWEST: Final = 3
_PROSE: Final = 10
_SHARE: Final = 1 / 3
"""Paragraphs in a row, of so many words each, and the share of the page's paragraphs that say the same as ones before.
By reason: two of 981 development pages have their story twice, and no other repeats a tenth of it so."""


def told_again(blocks: Sequence[TextBlock], words: Sequence[float], likely: Sequence[bool]) -> frozenset[int]:
    """The blocks that tell the story of a page a second time, in the words and the order of the first; mostly none.

    words: of each block. likely: whether a block is likely content; where the first telling is not, the second is it.
    """
    prose = [
        block
        for block in blocks
        if words[block.index] >= _PROSE and block.kind != "cell" and likely[block.index]
    ]
    first: dict[str, int] = {}
    again: set[int] = set()
    at = 0
    while at < len(prose):
        told = first.setdefault(prose[at].text, at)
        length = 0
        while (
            told + length < at < at + length + 1 <= len(prose)
            and prose[told + length].text == prose[at + length].text
        ):
            length += 1
        if length >= _FEWEST:
            again.update(block.index for block in prose[at : at + length])
        at += max(length, 1)
    whole = sum(words[block.index] for block in prose)
    return frozenset(again) if sum(words[index] for index in again) >= _SHARE * whole else frozenset()
