"""What a page is, from evidence that can be named: an article, or why it is none.

Conservative on purpose. A page that is wrongly called an article can be removed by its reader; an article that is
wrongly called a cookie wall is lost in silence. So every verdict but `article` needs its own words on the page and
the absence of a story.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from scraper.extract.blocks import Blocks
from scraper.extract.declared import Declared, strings, types
from scraper.extract.resources import table
from scraper.extract.text import count_words, fold
from scraper.model import Verdict


class Judgement(NamedTuple):
    """A verdict, and the one line of evidence it rests on; `None` for an article."""

    verdict: Verdict
    reason: str | None


_HTML_TYPES: Final = frozenset(
    ["text/html", "application/xhtml+xml", "application/xml", "text/xml", "text/plain", ""]
)
_MAGIC: Final = (
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"RIFF", "a RIFF file"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "gzip data"),
    (b"\x7fELF", "a program"),
    (b"OggS", "an Ogg file"),
    (b"ID3", "an MP3 file"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"wOFF", "a font"),
    (b"wOF2", "a font"),
)
_FEED = re.compile(
    rb"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?P<root>rss|feed|rdf:RDF|urlset|sitemapindex|opml|svg)\b",
    re.I | re.S,
)
_JSON = re.compile(rb"^\s*(?:\{\s*\"|\[\s*[\[{\"\d]|\{\s*\})")
_TAG = re.compile(
    rb"<(?:!doctype|html|head|body|p|div|article|section|table|h1|h2|title|meta|span|br|a|script|main|ul)\b",
    re.I,
)
_SNIFFED: Final = 4096


def not_html(payload: bytes, content_type: str | None) -> Judgement | None:
    """The verdict `not-html` for bytes that are no page; `None` where they may be one."""
    mime = (content_type or "").split(";", 1)[0].strip().lower()
    head = payload[:_SNIFFED]
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return Judgement("not-html", f"the bytes are those of {name}")
    feed = _FEED.match(head)
    if feed:
        return Judgement("not-html", f"the root element is <{feed['root'].decode('ascii', 'replace')}>")
    looks_like_html = _TAG.search(head) is not None
    if _JSON.match(head) and not looks_like_html:
        return Judgement("not-html", "the bytes are JSON")
    if mime not in _HTML_TYPES and not looks_like_html:
        return Judgement("not-html", f"Content-Type is {mime[:60]}, and nothing in it looks like HTML")
    if head.count(b"\x00") > len(head) / 10 and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Judgement("not-html", "the bytes are binary: one in ten is NUL")
    return None


_PHRASES: Final = MappingProxyType(
    {verdict: tuple(fold(phrase) for phrase in phrases) for verdict, phrases in table("verdict_phrases.json").items()}
)
"""Verdict -> what pages that are no article say, folded."""

_STORY: Final = 120
"""Words of main content from which a page is an article whatever else stands on it."""

_FREE_PART: Final = 250
"""Words of main content up to which a page that asks for a subscription is called paywalled."""

_LEAST: Final = 5
"""Words below which there is nothing to keep."""


def judge(found: Blocks, declared: Declared, title: str | None, text: str, url_path: str) -> Judgement:
    """The verdict on a parsed page whose text was chosen."""
    count = count_words(text)
    visible = [fold(block.text) for block in found.blocks[:400] if len(block.text) <= 300]
    titles = [fold(value) for value in (title, declared.title) if value]
    if not found.blocks:
        return Judgement("empty", "the page shows no text at all")
    if count < _STORY:
        for phrase in _PHRASES["bot-wall"]:
            if any(_opens(value, phrase) for value in titles) or (
                count < 40 and len(found.blocks) < 40 and _said(phrase, visible)
            ):
                return Judgement("bot-wall", f"the page says \u201c{phrase}\u201d and {count} words of text")
        for phrase in _PHRASES["soft-404"]:
            if any(_opens(value, phrase) for value in titles):
                return Judgement(
                    "soft-404", f"its title says \u201c{phrase}\u201d, and it has {count} words of text"
                )
    if _declares_article(declared) is False and count < _STORY and _is_index(found, url_path):
        return Judgement("index", _index_reason(found))
    if count < _FREE_PART:
        walled = next((phrase for phrase in _PHRASES["paywall"] if _said(phrase, visible)), None)
        if walled is not None and _free(declared) is not True:
            return Judgement("paywall", f"the page says \u201c{walled}\u201d after {count} free words")
        if _free(declared) is False and count < _STORY:
            return Judgement("paywall", f"it declares isAccessibleForFree false, and {count} words are free")
    if count < 60:
        asked = next((phrase for phrase in _PHRASES["consent"] if _said(phrase, visible)), None)
        if asked is not None and _prose(found) < 3:
            return Judgement("consent", f"the page says \u201c{asked}\u201d and tells no story")
    if count < _LEAST:
        if _is_index(found, url_path):
            return Judgement("index", _index_reason(found))
        if sum(count_words(block.text) for block in found.blocks) < 10:
            return Judgement("empty", f"{count} words of main content on the whole page")
        return Judgement("non-article", f"{count} words of main content")
    if url_path in ("", "/") and _is_index(found, url_path) and _declares_article(declared) is not True:
        return Judgement("index", _index_reason(found))
    return Judgement("article", None)


def _opens(value: str, phrase: str) -> bool:
    return value == phrase or value.startswith(phrase + " ") or value.endswith(" " + phrase)


def _said(phrase: str, visible: Sequence[str]) -> bool:
    return any(phrase in value for value in visible)


def _declares_article(declared: Declared) -> bool:
    return bool(declared.articles) or (declared.first("og:type") or "").lower() in (
        "article",
        "news",
        "news.article",
    )


def _free(declared: Declared) -> bool | None:
    """What the page declares of its access (schema.org `isAccessibleForFree`); `None` where it says nothing."""
    for node in [*declared.articles, *declared.pages]:
        value = node.get("isAccessibleForFree")
        if isinstance(value, bool):
            return value
        for said in strings(value):
            if said.lower() in ("true", "false"):
                return said.lower() == "true"
    tier = (declared.first("article:content_tier") or "").lower()
    return {"free": True, "locked": False}.get(tier)


def _prose(found: Blocks) -> int:
    """Blocks that read like paragraphs: 25 words or more, hardly a link."""
    return sum(1 for block in found.blocks if block.text.count(" ") >= 25 and block.link_density < 0.3)


def _is_index(found: Blocks, url_path: str) -> bool:
    """Whether the page is mostly headlines that lead elsewhere."""
    linked = sum(1 for block in found.blocks if block.link_density > 0.8 and block.text.count(" ") >= 3)
    front = url_path.rstrip("/") == ""
    return linked >= (12 if front else 20) and _prose(found) <= linked // (4 if front else 10)


def _index_reason(found: Blocks) -> str:
    linked = sum(1 for block in found.blocks if block.link_density > 0.8 and block.text.count(" ") >= 3)
    return f"{linked} linked headlines and {_prose(found)} paragraphs"


def is_collection(declared: Declared) -> bool:
    """Whether the page declares itself a list of other pages."""
    return any(kind in ("CollectionPage", "ItemList") for node in declared.nodes for kind in types(node))
