"""Where a site itself says that its news are: autodiscovery links of a page, and `Sitemap:` of robots.txt. Pure."""

from __future__ import annotations

import re
from typing import Final

from lxml.html import HtmlElement

from scraper.discover.links import first_of_each, joined
from scraper.discover.model import DiscoveryLimits
from scraper.extract.page import parse

_FEED_TYPES: Final = frozenset(
    ["application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"]
)
_SITEMAP = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.I | re.M)
_COMMENTS = re.compile(r"comment|kommentar|commentaire|comentario|تعليق|yorum|комментари", re.I)
_NEWS = re.compile(r"news", re.I)

MOST_SOURCES: Final = 50
"""Sources taken from one site: some name a feed for every tag."""


def sources_of_site(
    page: bytes, url: str, robots_txt: str | None, *, limits: DiscoveryLimits | None = None
) -> tuple[str, ...]:
    """Addresses of a site's feeds and sitemaps, those that bring news soonest first: feeds, news sitemaps, others.

    page: of the site, as it came, url: that answered. robots_txt: of its host, where it is known. Feeds of comments
    are left out (autodiscovery: HTML Living Standard, 4.6.7.1; `Sitemap:`: sitemaps.org).
    """
    limits = limits or DiscoveryLimits()
    root = parse(page).root
    base = next((joined(one.get("href"), url, limits.url_length) for one in root.iter("base")), None) or url
    feeds = [
        address
        for link in root.iter("link", "a")
        if _is_feed(link) and (address := joined(link.get("href"), base, limits.url_length))
    ]
    maps = [
        address
        for said in _SITEMAP.findall(robots_txt or "")
        if (address := joined(said, url, limits.url_length))
    ]
    maps.sort(key=lambda address: _NEWS.search(address) is None)
    return first_of_each([*feeds, *maps])[:MOST_SOURCES]


def _is_feed(link: HtmlElement) -> bool:
    relations = (link.get("rel") or "").lower().split()
    mime = (link.get("type") or "").partition(";")[0].strip().lower()
    said = f"{link.get('title') or ''} {link.get('href') or ''}"
    return "alternate" in relations and mime in _FEED_TYPES and not _COMMENTS.search(said)
