"""The text of an article for its page: with the structure it has, its links, and what other articles share of it."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final

from markupsafe import Markup

from archive.model import Article
from archive.rendering import held_blocks
from archive.web.relations import Marking, SharedPassage
from scraper.extract.hypertext import blocks_to_html

_FRAME: Final = ('<div class="scroll" tabindex="0" role="group" aria-label="Table">', "</div>")
"""A table may be wider than the page: it moves sideways by itself, by keys too."""


def body_of(article: Article, passages: Iterable[SharedPassage]) -> Markup:
    """An article's text as HTML, every character of it escaped. passages: marked, each with its anchor."""
    marking = Marking(passages)

    def show(text: str, start: int) -> str:
        return "".join(
            "".join(f'<span class="anchor" id="{escape(anchor)}"></span>' for anchor in one.anchors)
            + (
                f'<span class="passage">{escape(one.text)}</span>'
                if one.shared
                else escape(one.text, quote=False)
            )
            for one in marking.stretches(text, start)
        )

    return Markup(blocks_to_html(held_blocks(article), show=show, frame=_FRAME))  # noqa: S704  -- escaped by both
