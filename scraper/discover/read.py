"""The bytes of a source, whatever it is, as what it announces. Pure: nothing is fetched."""

from __future__ import annotations

import re
import zlib
from typing import Final
from urllib.parse import urlsplit

from scraper.discover.feeds import read_feed, read_json_feed
from scraper.discover.model import DiscoveryLimits, Found
from scraper.discover.pages import read_page
from scraper.discover.sitemaps import read_sitemap, read_text_sitemap

_GZIP: Final = b"\x1f\x8b"
_ENTITY = re.compile(rb"<!ENTITY\b", re.I)
_ROOT = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?(rss|feed|RDF|urlset|sitemapindex|html|body|head)\b", re.I)
_HEAD_BYTES: Final = 4096

_KINDS: Final = {"feed": ("rss", "feed", "rdf"), "sitemap": ("urlset", "sitemapindex", "rss", "feed")}


def read_source(
    payload: bytes,
    url: str,
    *,
    content_type: str | None = None,
    kind: str = "auto",
    limits: DiscoveryLimits | None = None,
) -> Found:
    """What a source announces.

    payload: as it came, after content decoding; gzip within it is undone. url: that answered.
    kind: `auto`, or what the source is said to be: `feed`, `sitemap`, `news-sitemap`, `page`; then anything else
    is a fault.
    Never raises for what stands in the bytes: what cannot be read is the `fault`.
    """
    limits = limits or DiscoveryLimits()
    data, fault = _unpacked(payload, url, limits)
    if fault is not None:
        return Found(_kind_of_fault(kind), fault=fault)
    if not data.strip():
        return Found(_kind_of_fault(kind), fault=f"{url}: answered with nothing")
    if kind == "page":
        return read_page(data, url, content_type, limits)
    root = _root_of(data)
    if root in ("rss", "feed", "rdf", "urlset", "sitemapindex") and _declares_entities(data):
        return Found(_kind_of_fault(kind), fault=f"{url}: declares entities, which no feed or sitemap needs")
    if root in ("rss", "feed", "rdf"):
        return read_feed(data, url, content_type, limits)
    if root in ("urlset", "sitemapindex"):
        return read_sitemap(data, url, limits)
    if _looks_like_json(data):
        return read_json_feed(data, url, limits)
    if root is None and _is_plain_list(data, url, content_type, kind):
        return read_text_sitemap(data, url, limits)
    if kind == "feed" or (kind == "auto" and root is None and _is_xml(data, content_type)):
        if _declares_entities(data):
            return Found("rss", fault=f"{url}: declares entities, which no feed or sitemap needs")
        return read_feed(data, url, content_type, limits)
    if kind in ("sitemap", "news-sitemap"):
        said = "a page of HTML" if root in ("html", "body", "head") else "something else"
        return Found(kind, fault=f"{url}: is to be a {kind.replace('-', ' ')}, and is {said}")
    return read_page(data, url, content_type, limits)


def _kind_of_fault(kind: str) -> str:
    return {"auto": "page", "feed": "rss"}.get(kind, kind)


def _unpacked(payload: bytes, url: str, limits: DiscoveryLimits) -> tuple[bytes, str | None]:
    """The payload without gzip, no more than the limit of it."""
    data = payload
    if payload.startswith(_GZIP):
        inflater = zlib.decompressobj(31)
        try:
            data = inflater.decompress(payload, limits.decoded_bytes + 1)
        except zlib.error as error:
            return b"", f"{url}: not gzip that can be read: {error}"
    if len(data) > limits.decoded_bytes:
        return b"", f"{url}: longer than {limits.decoded_bytes} bytes, more than a sitemap may be"
    return data, None


def _root_of(data: bytes) -> str | None:
    """The first element that tells what the bytes are, lower case."""
    found = _ROOT.search(_narrow(data[:_HEAD_BYTES]))
    return found[1].decode().lower() if found else None


def _narrow(head: bytes) -> bytes:
    """UTF-16 read as if it were ASCII: its markup is."""
    return head.replace(b"\0", b"") if b"\0" in head else head


def _declares_entities(data: bytes) -> bool:
    """Whether there is an entity declaration anywhere: in a feed it has no use but to grow or to read files."""
    return _ENTITY.search(_narrow(data)) is not None


def _looks_like_json(data: bytes) -> bool:
    return data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def _is_xml(data: bytes, content_type: str | None) -> bool:
    mime = (content_type or "").partition(";")[0].strip().lower()
    return data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<?xml") or mime.endswith(("/xml", "+xml"))


def _is_plain_list(data: bytes, url: str, content_type: str | None, kind: str) -> bool:
    """Whether bytes are addresses, one a line."""
    mime = (content_type or "").partition(";")[0].strip().lower()
    if kind == "auto" and mime != "text/plain" and not urlsplit(url).path.endswith(".txt"):
        return False
    return data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"http://", b"https://"))
