"""What a page declares about itself for machines: `meta`, `link`, JSON-LD, `title`, `lang`.

One pass over the elements that can hold a declaration. Values are cleaned here and judged elsewhere: a field has
as many candidates as the page gives, and `title`, `authors`, `dates` and `metadata` choose.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from scraper.extract.text import line, storable

_LONGEST_JSON: Final = 2_000_000
"""Characters of one JSON-LD script that are read. Whole article bodies stay far below it."""

_LONGEST_VALUE: Final = 2_000
"""Characters of one declared value that are read: titles, names, dates and descriptions are shorter."""

_MOST_NODES: Final = 2_000
"""Objects taken from all JSON-LD of a page; lists of products and comments go on for ever."""

_ARTICLE_TYPES: Final = re.compile(
    r"(Article|BlogPosting|Posting|Report|Review|NewsItem|LiveBlogPosting|AnalysisNews|OpinionNews|Recipe)$"
)
_PAGE_TYPES: Final = frozenset(
    [
        "WebPage",
        "ItemPage",
        "AboutPage",
        "MedicalWebPage",
        "CreativeWork",
        "VideoObject",
        "AudioObject",
        "PodcastEpisode",
    ]
)
_CONTROL = re.compile("[\x00-\x1f]")
_CDATA = re.compile(r"^\s*(?://\s*)?<!\[CDATA\[|(?://\s*)?\]\]>\s*;?\s*$")

JsonObject = dict[str, Any]


@dataclass(slots=True)
class Declared:
    """The declarations of one page, in document order.

    meta: lower-case `property`, `name`, `itemprop` or `http-equiv` -> contents.
    articles: JSON-LD objects that describe an article, the most telling first. pages: those of web pages.
    nodes: every JSON-LD object. links: `rel` -> targets, absolute where they can be made so.
    """

    base: str
    meta: dict[str, list[str]] = field(default_factory=dict)
    links: dict[str, list[str]] = field(default_factory=dict)
    alternates: list[tuple[str, str]] = field(default_factory=list)
    title: str | None = None
    language: str | None = None
    nodes: list[JsonObject] = field(default_factory=list)
    articles: list[JsonObject] = field(default_factory=list)
    pages: list[JsonObject] = field(default_factory=list)

    def first(self, *names: str) -> str | None:
        """The first non-empty content of the first of these metas that has one."""
        return next((value for name in names for value in self.meta.get(name, ())), None)

    def values(self, *names: str) -> Iterator[tuple[str, str]]:
        """Every (name, content) of these metas, in the order of the names."""
        for name in names:
            for value in self.meta.get(name, ()):
                yield name, value


def read(root: HtmlElement, url: str) -> Declared:
    """What the page declares. Broken JSON-LD is passed over, as every consumer of it does."""
    found = Declared(base=url, language=_language(root))
    scripts: list[str] = []
    for element in root.iter("meta", "link", "base", "title", "script"):
        tag = element.tag
        if tag == "meta":
            _meta(found, element)
        elif tag == "link":
            _link(found, element)
        elif tag == "script":
            if "ld+json" in (element.get("type") or "").lower() and element.text:
                scripts.append(element.text)
        elif tag == "title":
            parent = element.getparent()
            if found.title is None and (parent is None or parent.tag not in ("svg", "symbol", "g")):
                found.title = line(element.text_content()[:_LONGEST_VALUE]) or None
        elif tag == "base" and found.base == url and element.get("href"):
            found.base = absolute(element.get("href"), url) or url
    for script in scripts:
        _json_ld(found, script)
    found.articles.sort(key=_detail, reverse=True)
    return found


def absolute(reference: str | None, base: str) -> str | None:
    """The http or https URL that a reference on the page leads to; `None` for any other."""
    if not reference:
        return None
    try:
        joined = urljoin(base, storable(reference).strip())
        parts = urlsplit(joined)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:  # an unclosed bracket of an IPv6 address, an impossible port
        return None
    return joined.replace(" ", "%20") if usable and not _CONTROL.search(joined) else None


def strings(value: object) -> Iterator[str]:
    """The clean strings in a JSON-LD value: itself, the members of a list, the `@value` of a typed literal."""
    if isinstance(value, str):
        clean = plain(value)
        if clean:
            yield clean
    elif isinstance(value, list):
        for member in value[:_MOST_NODES]:
            if not isinstance(member, list):
                yield from strings(member)
    elif isinstance(value, dict) and isinstance(value.get("@value"), str):
        yield from strings(value["@value"])


def types(node: JsonObject) -> list[str]:
    """The schema.org types of a JSON-LD object, without the vocabulary's address."""
    return [name.rsplit("/", 1)[-1].rsplit(":", 1)[-1] for name in strings(node.get("@type"))]


_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")


def plain(value: str) -> str:
    """A declared value as one clean line: character references resolved (twice where they were escaped twice)."""
    value = value[:_LONGEST_VALUE]
    if "&" in value:
        value = html.unescape(value)
        if "&" in value:
            value = html.unescape(value)
    return line(_TAG.sub("", value) if "<" in value else value)


def _language(root: HtmlElement) -> str | None:
    for holder in (root, root.find("body")):
        if holder is not None:
            value = holder.get("lang") or holder.get("xml:lang")
            if value and value.strip():
                return line(value)
    return None


def _meta(found: Declared, element: HtmlElement) -> None:
    content = element.get("content")
    if content is None:
        return
    value = plain(content)
    if not value:
        return
    for attribute in ("property", "name", "itemprop", "http-equiv"):
        name = element.get(attribute)
        if name:
            for key in name.lower().split():
                held = found.meta.setdefault(key, [])
                if value not in held and len(held) < 50:
                    held.append(value)


def _link(found: Declared, element: HtmlElement) -> None:
    target = element.get("href")
    if not target:
        return
    for relation in (element.get("rel") or "").lower().split():
        held = found.links.setdefault(relation, [])
        if len(held) < 50:
            held.append(target)


def _json_ld(found: Declared, script: str) -> None:
    if len(script) > _LONGEST_JSON:
        return
    text = script.strip()
    if "CDATA" in text or "]]>" in text:
        text = _CDATA.sub("", _CDATA.sub("", text))
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError):  # nested beyond Python's stack: no description of an article is
        _salvage(found, text)
        return
    waiting: list[object] = [value]
    while waiting and len(found.nodes) < _MOST_NODES:
        item = waiting.pop(0)
        if isinstance(item, list):
            waiting[:0] = item[:_MOST_NODES]
        elif isinstance(item, dict):
            found.nodes.append(item)
            kinds = types(item)
            if any(_ARTICLE_TYPES.search(kind) for kind in kinds):
                found.articles.append(item)
            elif any(kind in _PAGE_TYPES for kind in kinds):
                found.pages.append(item)
            for key in ("@graph", "mainEntity", "mainEntityOfPage"):
                inner = item.get(key)
                if isinstance(inner, (dict, list)):
                    waiting.append(inner)


_DATE_PAIR = re.compile(r'"(datePublished|dateModified)"\s*:\s*"([^"\\]{8,40})"')


def _salvage(found: Declared, text: str) -> None:
    """The dates of a description that is no JSON, as a stray quotation mark in a headline makes it. Names and titles
    are not taken: where they end is what is broken."""
    if not _ARTICLE_NAME.search(text):
        return
    pairs = _DATE_PAIR.findall(text)
    if pairs and all(len({value for name, value in pairs if name == one}) <= 1 for one, _ in pairs):
        found.articles.append({"@type": "Article", **dict(pairs)})


_ARTICLE_NAME: Final = re.compile(r'"@type"\s*:\s*\[?\s*"\w*(?:Article|Posting|NewsItem)"')


def _detail(node: JsonObject) -> int:
    """How much an article's description says: the page's own is fuller than those of its teasers."""
    return sum(
        1
        for key in ("headline", "datePublished", "author", "publisher", "articleBody", "image")
        if node.get(key)
    )
