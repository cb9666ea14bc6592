"""The lines near the headline: where a page says who wrote the article, and when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from scraper.extract.blocks import ARTICLE, ASIDE, FOOTER, FORM, NAV, TextBlock
from scraper.extract.elements import Context
from scraper.extract.text import count_words

_BEFORE: Final = 8
_AFTER: Final = 12
INSIDE: Final = 5
"""Blocks above the headline, below it, and at the head of the text that are looked at."""

_BOXES: Final = 4
"""How many boxes up a line above the headline must share one with it: the site's header does not."""

_SHORT_PROSE: Final = 20
"""Words from which a block is prose."""

_BEGINNING: Final = 200
"""Characters in which a paragraph shows that it is one."""

_HEADINGS: Final = frozenset(f"h{n}" for n in range(1, 7))


def neighbourhood(
    blocks: Sequence[TextBlock], headline_at: int | None, kept: Sequence[int]
) -> list[TextBlock]:
    """The short blocks between headline and text, then those just above and just inside them.

    Here a page says who wrote the article, and when.
    """
    if headline_at is None and not kept:
        return []
    text_at = kept[0] if kept else None
    top = headline_at if headline_at is not None and (text_at is None or headline_at < text_at) else text_at
    if top is None:
        top = headline_at or 0
    between = list(blocks[top + 1 : text_at if text_at is not None and text_at > top else top + 1 + _AFTER])
    if len(between) > 2 * _AFTER:  # the headline stands in a menu too: what counts is nearest to either end
        between = between[:_AFTER] + between[-_AFTER:]
    inside = blocks[kept[0] : min(kept[0] + INSIDE, kept[-1] + 1)] if kept else []
    anchors = [blocks[index] for index in (top, text_at) if index is not None]
    own = {id(place) for anchor in anchors for place in anchor.place.ancestors()[:_BOXES] if place.depth > 0}
    wide = {
        id(place) for anchor in anchors for place in anchor.place.ancestors()[: 2 * _BOXES] if place.depth > 0
    }
    before = [
        block
        for block in reversed(blocks[max(0, top - _BEFORE) : top])
        if any(
            id(place) in (wide if block.kind in _HEADINGS else own)
            for place in block.place.ancestors()[:_BOXES]
        )
    ]
    contexts = [anchor.place.context for anchor in anchors]
    above = {block.index for block in (*between, *before)}
    near = {block.index: block for block in (*between, *before, *inside)}
    return [
        block
        for block in near.values()
        if not is_prose(block)
        and any(
            _is_of_the_article(block.place.context, context, block.index in above) for context in contexts
        )
    ]


def _is_of_the_article(context: Context, headline: Context, is_above: bool) -> bool:
    """Whether a line stands in no menu, sidebar, footer or form that the headline does not stand in as well.

    An article's own footer or sidebar above its text is the exception: themes put the byline there.
    """
    own = ASIDE | FOOTER if is_above and context & headline & ARTICLE else 0
    return not context & ~headline & (NAV | ASIDE | FOOTER | FORM) & ~own


def is_prose(block: TextBlock) -> bool:
    """Whether a block is a paragraph, rather than a line about the article."""
    # a beginning has no more words than the whole, and in most paragraphs it has enough
    text = block.text
    return len(text) >= _SHORT_PROSE and (
        count_words(text[:_BEGINNING]) >= _SHORT_PROSE
        or (len(text) > _BEGINNING and count_words(text) >= _SHORT_PROSE)
    )
