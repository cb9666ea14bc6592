"""Menus of links alone, which need no walk: a page has three, and a fifth of its elements stand in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, cast

from lxml.etree import XPath
from lxml.html import HtmlElement

from scraper.extract.elements import ARTICLE, FOOTER, NAV, UNSEEN, Context

OF_MENUS: Final = NAV | FOOTER
_APART: Final = ("h1", "h2", "h3", "h4", "h5", "h6", *sorted(UNSEEN))
"""Headings, and elements whose text is none of the page's."""

_Elements = Callable[[HtmlElement], list[HtmlElement]]
_BESIDE_LINKS: Final = cast(
    _Elements, XPath("descendant-or-self::*[text()[normalize-space()]][not(ancestor-or-self::a)]")
)
_LINKS_IN_LINKS: Final = cast(_Elements, XPath("descendant::a[descendant::a]"))
_TEXTS: Final = cast(
    Callable[[HtmlElement], list[str]], XPath("descendant::text()[normalize-space()]", smart_strings=False)
)


def is_menu(context: Context) -> bool:
    """Whether a box is of a menu or of the page's footer; an article's own footer may name its author."""
    return context & NAV != 0 or context & (FOOTER | ARTICLE) == FOOTER


class Menus:
    """What is known of the menus that a walk comes through."""

    def __init__(self) -> None:
        self._mixed: set[HtmlElement] = set()

    def links_alone(self, box: HtmlElement, *, outermost: bool) -> bool:
        """Whether a box of a menu holds links and images and nothing else. outermost: whether the menu begins here."""
        if outermost:
            self._mixed |= _beyond_links(box)
        return box not in self._mixed


def _beyond_links(menu: HtmlElement) -> set[HtmlElement]:
    """The elements of a menu, itself included, in which there is more than links and images.

    Looked for once, from what is more upwards: however deep a menu is nested, no box of it is looked into twice.
    """
    mixed: set[HtmlElement] = set()
    around = menu.getparent()
    for more in (*menu.iter(*_APART), *_BESIDE_LINKS(menu), *_LINKS_IN_LINKS(menu)):
        element = more
        while element is not around and element not in mixed:
            mixed.add(element)
            element = element.getparent()
    return mixed


def texts_of(link: HtmlElement) -> list[str]:
    """The texts inside a link that are more than white space."""
    if len(link):
        return [text for text in _TEXTS(link) if not text.isspace()]
    text = link.text
    return [text] if text and not text.isspace() else []


def is_mute(drawing: HtmlElement) -> bool:
    """Whether an element holds no text."""
    return all(text.isspace() for text in drawing.itertext())
