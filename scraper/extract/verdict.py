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

from scraper.extract.blocks import Blocks, TextBlock
from scraper.extract.declared import Declared, strings
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
    if payload[4:8] == b"ftyp":
        return Judgement("not-html", "the bytes are those of a film or a sound")
    binary = len(head) - len(head.translate(None, _BINARY))
    if binary > len(head) * _BINARY_SHARE and not head.startswith(_UTF16):
        return Judgement("not-html", "the bytes are binary: text has no such control characters")
    return None


_UTF16: Final = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
"""How a page in UTF-16 begins: with a mark, or with its first bracket."""

_BINARY: Final = bytes((*range(0x09), 0x0B, *range(0x0E, 0x1B), *range(0x1C, 0x20)))
"""Octets that no text in a charset of the web has (MIME Sniffing Standard, section 3: binary data byte)."""

_BINARY_SHARE: Final = 0.03
"""Of random octets a tenth is of that kind; a page with a stray one in a hundred is still a page."""


_PHRASES: Final = MappingProxyType(
    {
        verdict: tuple(fold(phrase) for phrase in phrases)
        for verdict, phrases in table("verdict_phrases.json").items()
    }
)
"""Verdict -> what pages that are no article say, folded."""

_STORY: Final = 120
"""Words of main content from which a page is an article whatever else stands on it."""

_FREE_PART: Final = 250
"""Words of main content up to which a page that asks for a subscription is called paywalled."""

_LEAST: Final = 5
_TEASER: Final = 60
_WALL_WORDS: Final = 40
_WALL_BLOCKS: Final = 40
_INDEX_LINKS: Final = 12
"""Words below which there is nothing to keep."""


def judge(
    found: Blocks, kept: Sequence[TextBlock], declared: Declared, title: str | None, url_path: str
) -> Judgement:
    """The verdict on a parsed page.

    kept: the blocks of its text. url_path: the path it was found under; the front page is at `/`.
    """
    seen = _Seen(found, kept, declared, title, url_path)
    if not found.blocks:
        return Judgement("empty", "the page shows no text at all")
    for check in (_bot_wall, _soft_404, _index, _paywall, _consent, _nothing):
        judgement = check(seen)
        if judgement is not None:
            return judgement
    return Judgement("article", None)


class _Seen:
    """What the checks look at, counted once."""

    def __init__(
        self, found: Blocks, kept: Sequence[TextBlock], declared: Declared, title: str | None, url_path: str
    ) -> None:
        self.blocks = found.blocks
        self.declared = declared
        self.front = url_path.rstrip("/") == ""
        self.kept = kept
        self.count = _count(kept)
        self.titles = [fold(value) for value in (title, declared.title) if value]
        self.linked = [
            block.index for block in found.blocks if block.link_density > 0.8 and block.text.count(" ") >= 3
        ]
        self._lines: str | None = None

    @property
    def longest_run(self) -> int:
        """Words of the longest stretch of text with no linked headline in it."""
        counts = [count_words(block.text) for block in self.kept]
        return _longest_run(self.kept, counts, self.linked)

    @property
    def lines(self) -> str:
        """The short blocks of the page, folded, each on a line: no phrase reaches over its end."""
        if self._lines is None:
            short = [block.text for block in self.blocks[:400] if len(block.text) <= 300]
            self._lines = "\n".join(map(fold, short))
        return self._lines

    def says(self, verdict: str) -> str | None:
        """The first phrase of a verdict that stands on the page."""
        return next((phrase for phrase in _PHRASES[verdict] if phrase in self.lines), None)

    def titled(self, verdict: str) -> str | None:
        """The first phrase of a verdict that its title begins or ends with."""
        return next(
            (phrase for phrase in _PHRASES[verdict] if any(_opens(value, phrase) for value in self.titles)),
            None,
        )

    @property
    def declares_article(self) -> bool:
        kind = (self.declared.first("og:type") or "").lower()
        return bool(self.declared.articles) or kind in ("article", "news", "news.article")


def _count(kept: Sequence[TextBlock]) -> int:
    """The words of a text; once they are so many that no check asks how many, those of the blocks up to there."""
    count = 0
    for block in kept:
        count += count_words(block.text)
        if count >= _FREE_PART:
            break
    return count


def _longest_run(kept: Sequence[TextBlock], counts: Sequence[int], linked: Sequence[int]) -> int:
    """Words of the longest stretch of text with no linked headline in it: a story has one, teasers have none."""
    longest = run = 0
    marks = iter([*linked, float("inf")])
    mark = next(marks)
    for block, count in zip(kept, counts, strict=True):
        if block.index > mark:
            run = 0
            while block.index > mark:
                mark = next(marks)
        run += count
        longest = max(longest, run)
    return longest


def _bot_wall(seen: _Seen) -> Judgement | None:
    if seen.count >= _STORY:
        return None
    phrase = seen.titled("bot-wall")
    if phrase is None and seen.count < _WALL_WORDS and len(seen.blocks) < _WALL_BLOCKS:
        phrase = seen.says("bot-wall")
    return (
        Judgement("bot-wall", f"the page says “{phrase}” and has {seen.count} words of text")
        if phrase
        else None
    )


def _soft_404(seen: _Seen) -> Judgement | None:
    phrase = seen.titled("soft-404") if seen.count < _STORY else None
    return (
        Judgement("soft-404", f"its title says “{phrase}”, and it has {seen.count} words of text")
        if phrase
        else None
    )


def _index(seen: _Seen) -> Judgement | None:
    """Mostly headlines that lead elsewhere, and no stretch of text that could be a story."""
    if seen.declares_article or len(seen.linked) < _INDEX_LINKS:
        return None
    longest = seen.longest_run
    if longest >= (_STORY if seen.front else _TEASER):
        return None
    return Judgement(
        "index",
        f"{len(seen.linked)} linked headlines, and no more than {longest} words of text between two",
    )


def _paywall(seen: _Seen) -> Judgement | None:
    if seen.count >= _FREE_PART:
        return None
    free = _free(seen.declared)
    phrase = seen.says("paywall") if free is not True else None
    if phrase is not None:
        return Judgement("paywall", f"the page says “{phrase}” after {seen.count} free words")
    if free is False and seen.count < _STORY:
        return Judgement("paywall", f"it declares isAccessibleForFree false, and {seen.count} words are free")
    return None


def _consent(seen: _Seen) -> Judgement | None:
    if seen.count >= _TEASER:
        return None
    phrase = seen.says("consent")
    prose = sum(1 for block in seen.blocks if block.text.count(" ") >= 25 and block.link_density < 0.3)
    return (
        Judgement("consent", f"the page says “{phrase}” and tells no story") if phrase and prose < 3 else None
    )


def _nothing(seen: _Seen) -> Judgement | None:
    if seen.count >= _LEAST:
        return None
    whole = sum(count_words(block.text) for block in seen.blocks)
    if whole < 2 * _LEAST:
        return Judgement("empty", f"{whole} words on the whole page")
    return Judgement("non-article", f"{seen.count} words of main content among {whole} on the page")


def _opens(value: str, phrase: str) -> bool:
    return value == phrase or value.startswith(phrase + " ") or value.endswith(" " + phrase)


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
