"""What a page's head says about its text: title, description, and JSON-LD's `articleBody`.

Hints, not answers: an `articleBody` is often cut short, a description belongs to the text on one site and repeats it
on the next. A block that agrees with one is merely likelier to be main content.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from lxml.html import HtmlElement

_TITLES: Final = frozenset(["og:title", "twitter:title"])
_DESCRIPTIONS: Final = frozenset(["description", "og:description", "twitter:description"])
_LONGEST_SCRIPT: Final = 2_000_000
"""Characters of JSON-LD that are parsed at most."""


@dataclass(frozen=True, slots=True)
class Hints:
    """titles: every title the head gives. description: the longest one. body: the longest `articleBody`."""

    titles: tuple[str, ...] = ()
    description: str = ""
    body: str = ""


def read_hints(root: HtmlElement) -> Hints:
    """The hints of a parsed page."""
    titles: list[str] = []
    description = body = ""
    for element in root.iter("title", "meta", "script"):
        if element.tag == "meta":
            name = (element.get("property") or element.get("name") or "").lower()
            value = element.get("content") or ""
            if name in _TITLES:
                titles.append(value)
            elif name in _DESCRIPTIONS and len(value) > len(description):
                description = value
        elif element.tag == "title":
            parent = element.getparent()
            if parent is not None and parent.tag == "head" and element.text:
                titles.append(element.text)
        elif (element.get("type") or "").strip().lower() == "application/ld+json":
            found = article_body(element.text or "")
            if len(found) > len(body):
                body = found
    return Hints(tuple(dict.fromkeys(titles)), description, body)


def article_body(script: str) -> str:
    """The longest `articleBody` anywhere in a JSON-LD script; empty where there is none or it is no JSON."""
    if "articleBody" not in script or len(script) > _LONGEST_SCRIPT:
        return ""
    try:
        pending: list[object] = [json.loads(script, strict=False)]
    except (ValueError, RecursionError):  # pages write JSON-LD by hand: no hint is no loss
        return ""
    longest = ""
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            body = value.get("articleBody")
            if isinstance(body, str) and len(body) > len(longest):
                longest = body
            pending.extend(item for item in value.values() if isinstance(item, (dict, list)))
        elif isinstance(value, list):
            pending.extend(value)
    return longest
