"""What a source announces, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["rss", "atom", "json-feed", "sitemap", "news-sitemap", "sitemap-index", "page"]
"""What a source turned out to be."""


@dataclass(frozen=True, slots=True)
class Announced:
    """An article that a source names.

    url: absolute, http or https. published: ISO 8601, as announced; of a plain sitemap the last modification, which
    is all it says. summary: plain text. source: URL of the feed, sitemap or page that named it.
    """

    url: str
    title: str | None = None
    published: str | None = None
    summary: str | None = None
    source: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """An address that a source names and that is not asked for, and why: one word or a few."""

    url: str
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """What one source says.

    items: each address once, in the order of the source. more: other sources that it names, those to ask first
    first: parts of a sitemap index by their last change, the next page of a feed (RFC 5005) or of a list.
    fault: one line, when the bytes could not be read as what they are; `items` may hold what came before the fault.
    """

    kind: str
    items: tuple[Announced, ...] = ()
    more: tuple[str, ...] = ()
    refused: tuple[Refused, ...] = ()
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class DiscoveryLimits:
    """Bounds for sources that anybody may have written.

    decoded_bytes, urls: of one sitemap (sitemaps.org: 50 MB and 50,000). feed_entries, feed_bytes: of one feed;
    either takes feedparser a second or two. page_links: articles taken from one page of links. page_anchors: links
    of it that are looked at. url_length: characters. summary_length: characters kept of a summary. depth: elements
    within elements.
    """

    decoded_bytes: int = 52_428_800
    urls: int = 50_000
    feed_entries: int = 5_000
    feed_bytes: int = 10_000_000
    page_links: int = 500
    page_anchors: int = 5_000
    url_length: int = 2_000
    summary_length: int = 2_000
    depth: int = 100
