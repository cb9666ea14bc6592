"""Whether bytes may be a page at all, from their first few: what is a picture, a feed or a program is not parsed."""

from __future__ import annotations

import re
from typing import Final

from scraper.extract.verdict import Judgement

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
