"""Sitemaps, their indexes and Google's news sitemaps, read as they stream by: sitemaps.org 0.9, sitemap-news 0.9.

No entity is expanded and nothing outside is loaded; a sitemap that declares entities is refused by `read_source`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

from lxml import etree

from scraper.discover.links import first_of_each, iso_time, joined, plain
from scraper.discover.model import Announced, DiscoveryLimits, Found, Refused

_NEWS = "news"


class _TooDeep(Exception):
    """Elements within elements, more than a sitemap has."""


def read_sitemap(payload: bytes, url: str, limits: DiscoveryLimits) -> Found:
    """A sitemap or an index of sitemaps. Of one that breaks off, what stands before the break."""
    items: dict[str, Announced] = {}
    parts: list[tuple[str, str]] = []
    refused: list[Refused] = []
    kind, fault, count = "sitemap", None, 0
    try:
        for entry in _entries(payload, limits):
            count += 1
            if count > limits.urls:
                refused.append(Refused(url, f"names more than {limits.urls} addresses: the rest is left out"))
                break
            is_part = _name(entry) == "sitemap"
            kind = "sitemap-index" if is_part else kind
            fields = _fields(entry)
            address = joined(fields.get("loc"), url, limits.url_length)
            if address is None:
                said = (fields.get("loc") or url)[: limits.url_length]
                refused.append(Refused(said, "names no web address"))
            elif is_part:
                parts.append((iso_time(fields.get("lastmod")) or "", address))
            else:
                kind = "news-sitemap" if _NEWS in fields else kind
                items.setdefault(
                    address,
                    Announced(
                        address,
                        title=plain(fields.get("title"), limits.summary_length),
                        published=iso_time(fields.get("publication_date")) or iso_time(fields.get("lastmod")),
                        source=url,
                        tags=_keywords(fields.get("keywords")),
                    ),
                )
    except (etree.XMLSyntaxError, _TooDeep) as error:
        fault = f"{url}: not a sitemap that can be read: {str(error)[:200]}"
    if fault is None and not count and not _is_empty_sitemap(payload):
        fault = f"{url}: not a sitemap: it has no url and no sitemap"
    parts.sort(key=lambda part: part[0], reverse=True)
    return Found(kind, tuple(items.values()), first_of_each(part[1] for part in parts), tuple(refused), fault)


def read_text_sitemap(payload: bytes, url: str, limits: DiscoveryLimits) -> Found:
    """A sitemap as plain text, one address a line (sitemaps.org, "Other Sitemap formats")."""
    lines = payload.decode("utf-8", "replace").lstrip("\ufeff").split()
    found = first_of_each(
        address
        for line in lines[: limits.urls]
        if line.startswith(("http://", "https://")) and (address := joined(line, url, limits.url_length))
    )
    fault = None if found else f"{url}: not a sitemap: it names no address"
    return Found("sitemap", tuple(Announced(address, source=url) for address in found), fault=fault)


def _entries(payload: bytes, limits: DiscoveryLimits) -> Iterator[etree._Element]:
    """Every `url` and `sitemap` element, thrown away when it has been looked at."""
    events = etree.iterparse(
        io.BytesIO(payload),
        events=("start", "end"),
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    depth = 0
    for event, element in events:
        if event == "start":
            depth += 1
            if depth > limits.depth:
                raise _TooDeep(f"more than {limits.depth} elements within each other")
            continue
        depth -= 1
        if _name(element) in ("url", "sitemap") and depth <= 1:
            yield element
            element.clear()
            while (before := element.getprevious()) is not None:
                parent = element.getparent()
                if parent is None:
                    break
                parent.remove(before)


def _fields(entry: etree._Element) -> dict[str, str]:
    """The texts within an entry by the name of their element, whatever its namespace; the first of a name counts.

    Images and videos have locations of their own, which are not the page's.
    """
    fields: dict[str, str] = {}
    for child in entry:
        name = _name(child)
        if name in ("image", "video", "link"):
            continue
        for element in child.iter(etree.Element):
            fields.setdefault(_name(element), (element.text or "").strip())
    return fields


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""


def _keywords(text: str | None) -> tuple[str, ...]:
    return first_of_each(word.strip() for word in (text or "").split(",") if word.strip())[:20]


def _is_empty_sitemap(payload: bytes) -> bool:
    head = payload[:4096].lower()
    return b"<urlset" in head or b"<sitemapindex" in head
