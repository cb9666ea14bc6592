"""What HTML's elements are to a block of text: its walls, its kind, and what standing inside one means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from lxml.html import HtmlElement

from scraper.extract.text import word_set

UNSEEN: Final = word_set("script style noscript template head iframe frameset noframes noembed object embed")
"""Elements whose text no reader sees: no block is made of it, by definition (see `blocks`)."""

_SHADOW_ROOT: Final = frozenset(["open", "closed"])


def is_shadow_root(element: HtmlElement) -> bool:
    """Whether one of `UNSEEN` is shown all the same: a template that is its parent's shadow tree.

    Source: HTML Living Standard, 4.12.3, `shadowrootmode`.
    """
    return element.tag == "template" and element.get("shadowrootmode", "").lower() in _SHADOW_ROOT


INLINE: Final = word_set(
    """a abbr acronym audio b bdi bdo big canvas cite code data del dfn em font i img input ins kbd label mark math
    meter nobr output picture progress q rp rt ruby s samp small source span strike strong sub sup svg time tt u var
    video wbr annotation g mi mn mo mrow mfrac msub msup msubsup msqrt mtext semantics path text tspan use link meta
    track area base"""
)
"""Elements that do not end a line of text."""

BOXES: Final = word_set(
    """address article aside blockquote body br button caption center col colgroup dd details dialog dir div dl dt
    fieldset figcaption figure footer form frame h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main
    marquee menu multicol nav ol optgroup option p plaintext pre search section select summary svg table tbody td
    textarea tfoot th thead tr ul xmp"""
)
"""Elements that do. One that HTML does not know is a box too, unless it stands inside a line of text."""

HOLDS_TEXT: Final = INLINE | {"p", "h1", "h2", "h3", "h4", "h5", "h6"}
"""Elements inside which an unknown element is part of a line."""

Context = int
"""A set of the bits below: what a block stands inside of."""

(
    NAV,
    ASIDE,
    FOOTER,
    HEADER,
    FORM,
    CONTROL,
    FIGURE,
    CAPTION,
    HIDDEN,
    QUOTE,
    LIST,
    DATA,
    ARTICLE,
    MAIN,
    GRAPHIC,
    DIALOG,
) = (1 << n for n in range(16))

TAG_CONTEXT: Final = {
    "nav": NAV,
    "menu": NAV,
    "aside": ASIDE,
    "footer": FOOTER,
    "header": HEADER,
    "form": FORM,
    "fieldset": FORM,
    "button": CONTROL,
    "select": CONTROL,
    "textarea": CONTROL,
    "label": CONTROL,
    "legend": CONTROL,
    "output": CONTROL,
    "figure": FIGURE,
    "figcaption": FIGURE | CAPTION,
    "caption": CAPTION,
    "blockquote": QUOTE,
    "ul": LIST,
    "ol": LIST,
    "dl": LIST,
    "article": ARTICLE,
    "main": MAIN,
    "svg": GRAPHIC,
    "canvas": GRAPHIC,
    "audio": GRAPHIC,
    "video": GRAPHIC,
    "map": GRAPHIC,
    "dialog": DIALOG,
}
"""What standing inside an element means for a block, by the element's tag."""

_ROLE_CONTEXT: Final = {
    "navigation": NAV,
    "menu": NAV,
    "menubar": NAV,
    "complementary": ASIDE,
    "contentinfo": FOOTER,
    "banner": HEADER,
    "search": FORM,
    "form": FORM,
    "button": CONTROL,
    "main": MAIN,
    "article": ARTICLE,
    "dialog": DIALOG,
    "alertdialog": DIALOG,
}
KIND_OF: Final = {
    **{f"h{n}": f"h{n}" for n in range(1, 7)},
    "li": "li",
    "dt": "li",
    "dd": "li",
    "blockquote": "quote",
    "pre": "pre",
    "listing": "pre",
    "xmp": "pre",
    "figcaption": "caption",
    "caption": "caption",
    "button": "other",
    "select": "other",
    "option": "other",
    "textarea": "other",
    "legend": "other",
    "svg": "other",
}
NO_FIELD: Final = frozenset(["hidden", "submit", "button", "image", "reset"])
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)


def context_of(attributes: Mapping[str, str]) -> Context:
    """What an element's attributes say of standing inside it, beside its tag (`TAG_CONTEXT`)."""
    context = 0
    role = attributes.get("role")
    if role:
        context |= _ROLE_CONTEXT.get(role.strip().lower(), 0)
    style = attributes.get("style")
    if "hidden" in attributes or (style and _HIDDEN_STYLE.search(style)):
        context |= HIDDEN
    return context
