"""The text of a gallery: on a page that declares an article of nothing but pictures, it is what stands under them."""

from __future__ import annotations

from typing import Final

from scraper.extract.blocks import ASIDE, FOOTER, HEADER, NAV, Blocks, TextBlock
from scraper.extract.declared import Declared
from scraper.extract.model.judge import Decision
from scraper.extract.seen import TOLD, declares_article
from scraper.extract.text import count_words

GALLERY: Final = "gallery"
"""The rule by which captions are kept."""

_LEAST_PICTURES: Final = 3
"""Captions of a gallery. One may stand under the picture of a story whose text a script was to write."""

_LEAST_TEXT: Final = 5
"""Words of main content from which on a page has a text beside its captions."""

_LINK: Final = 0.5


def keep_captions(found: Blocks, decisions: list[Decision], declared: Declared) -> list[Decision]:
    """The decisions on a page, its captions kept where it declares an article and they are all the text that it has.

    They stay the captions of its images as well.
    """
    if not declares_article(declared):
        return decisions
    text = sum(
        count_words(block.text)
        for block, decision in zip(found.blocks, decisions, strict=True)
        if decision.kept
    )
    if text >= _LEAST_TEXT:
        return decisions
    captions = [
        block
        for block, decision in zip(found.blocks, decisions, strict=True)
        if decision.rule == "caption" and not decision.kept and _is_in_the_middle(block)
    ]
    if len(captions) < _LEAST_PICTURES or sum(count_words(block.text) for block in captions) < TOLD:
        return decisions
    kept = {block.index for block in captions}
    return [
        Decision(True, GALLERY, decision.score) if index in kept else decision
        for index, decision in enumerate(decisions)
    ]


def _is_in_the_middle(block: TextBlock) -> bool:
    return block.link_density < _LINK and not block.place.context & (NAV | ASIDE | FOOTER | HEADER)
