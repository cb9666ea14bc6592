"""What a page's head says about its text: its titles and its description.

Hints, not answers: a description belongs to the text on one site and repeats it on the next. JSON-LD's `articleBody`
is none: the trees hardly asked for it (0.03 % of their gain), and parsing it costs more than half the features do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lxml.html import HtmlElement

_TITLES: Final = frozenset(["og:title", "twitter:title"])
_DESCRIPTIONS: Final = frozenset(["description", "og:description", "twitter:description"])


@dataclass(frozen=True, slots=True)
class Hints:
    """titles: every title the head gives. description: the longest one."""

    titles: tuple[str, ...] = ()
    description: str = ""


def read_hints(root: HtmlElement) -> Hints:
    """The hints of a parsed page."""
    titles: list[str] = []
    description = ""
    for element in root.iter("title", "meta"):
        if element.tag == "meta":
            name = (element.get("property") or element.get("name") or "").lower()
            value = element.get("content") or ""
            if name in _TITLES:
                titles.append(value)
            elif name in _DESCRIPTIONS and len(value) > len(description):
                description = value
        else:
            parent = element.getparent()
            if parent is not None and parent.tag == "head" and element.text:
                titles.append(element.text)
    return Hints(tuple(dict.fromkeys(titles)), description)
