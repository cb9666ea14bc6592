"""RSS and Atom by feedparser, and JSON Feed 1.1 (jsonfeed.org), from bytes that we fetched. Pure."""

from __future__ import annotations

import io
import itertools
import json
import re
from collections.abc import Iterator
from typing import Any, Final

import feedparser

from scraper.discover.links import first_of_each, iso_time, joined, plain, time_of
from scraper.discover.model import Announced, DiscoveryLimits, Found, Refused

_NEXT = ("next", "prev-archive")
"""Relations of a feed's link to its older entries: paged and archived feeds (RFC 5005, 3 and 4)."""


def read_feed(payload: bytes, url: str, content_type: str | None, limits: DiscoveryLimits) -> Found:
    """An RSS or Atom feed, however broken. feedparser is given bytes and never fetches."""
    payload, left_out = _bounded(payload, limits)
    headers = {"content-location": url}
    if content_type:
        headers["content-type"] = content_type
    read: Any = feedparser.parse(
        io.BytesIO(payload), response_headers=headers, resolve_relative_uris=False, sanitize_html=False
    )
    kind = "atom" if str(read.get("version", "")).startswith("atom") else "rss"
    base = url
    items: dict[str, Announced] = {}
    refused = [Refused(url, left_out)] if left_out else []
    for entry in read.entries[: limits.feed_entries]:
        address = next(
            (found for href in _links_of(entry) if (found := joined(href, base, limits.url_length))), None
        )
        if address is None:
            said = next(_links_of(entry), "")
            refused.append(Refused(said[: limits.url_length] or url, "names no web address"))
            continue
        items.setdefault(
            address,
            Announced(
                address,
                title=plain(entry.get("title"), limits.summary_length),
                published=time_of(entry.get("published_parsed")) or time_of(entry.get("updated_parsed")),
                summary=plain(entry.get("summary"), limits.summary_length),
                source=url,
                tags=_terms(entry),
            ),
        )
    more = [
        found
        for link in read.feed.get("links", ())
        if link.get("rel") in _NEXT and (found := joined(link.get("href"), base, limits.url_length))
    ]
    fault = None
    if not read.version and not items:
        why = f": {str(read.bozo_exception)[:200]}" if read.get("bozo") else ""
        fault = f"{url}: not a feed that can be read{why}"
    return Found(kind, tuple(items.values()), first_of_each(more), tuple(refused), fault)


_ENTRY: Final = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?(?:item|entry)[\s/>]", re.I)
_ROOT: Final = re.compile(rb"<((?:[A-Za-z_][\w.-]*:)?(?:rss|feed|RDF))\b", re.I)


def _bounded(payload: bytes, limits: DiscoveryLimits) -> tuple[bytes, str | None]:
    """A feed as far as its limits allow, closed before the first entry beyond them, and what is left out."""
    root = _ROOT.search(payload)
    if root is None:  # UTF-16, or no feed: its entries cannot be counted, and may be small
        most = limits.feed_bytes // 10
        return payload[:most], f"longer than {most} bytes: the rest is left out" if len(
            payload
        ) > most else None
    within = payload[: limits.feed_bytes]
    starts = [one.start() for one in itertools.islice(_ENTRY.finditer(within), limits.feed_entries + 1)]
    if len(starts) > limits.feed_entries:
        end, why = starts[-1], f"more than {limits.feed_entries} entries"
    elif len(payload) > limits.feed_bytes:
        end, why = starts[-1] if starts else root.end(), f"longer than {limits.feed_bytes} bytes"
    else:
        return payload, None
    channel = b"</channel>" if root[1].lower() == b"rss" else b""
    return payload[:end] + channel + b"</" + root[1] + b">", f"{why}: the rest is left out"


def _links_of(entry: Any) -> Iterator[str]:
    """Where an entry may lead, the publisher's own address before that of a service in between."""
    for name in ("feedburner_origlink", "link"):
        if entry.get(name):
            yield str(entry[name])
    for link in entry.get("links", ()):
        if link.get("rel", "alternate") == "alternate" and link.get("href"):
            yield str(link["href"])
    if str(entry.get("id", "")).startswith(("http://", "https://")):
        yield str(entry["id"])


def _terms(entry: Any) -> tuple[str, ...]:
    words = (plain(tag.get("term") or tag.get("label"), 100) for tag in entry.get("tags", ()))
    return first_of_each(word for word in words if word)[:20]


def read_json_feed(payload: bytes, url: str, limits: DiscoveryLimits) -> Found:
    """A JSON Feed. One whose items are not what the specification says gives those that are."""
    try:
        read = json.loads(payload)
    except (ValueError, RecursionError) as error:
        return Found("json-feed", fault=f"{url}: not JSON: {error}")
    entries = read.get("items") if isinstance(read, dict) else None
    if not isinstance(entries, list):
        return Found("json-feed", fault=f"{url}: JSON, and no JSON Feed: it has no list of items")
    items: dict[str, Announced] = {}
    refused: list[Refused] = []
    if len(entries) > limits.feed_entries:
        refused.append(Refused(url, f"more than {limits.feed_entries} entries: the rest is left out"))
    for entry in entries[: limits.feed_entries]:
        if not isinstance(entry, dict):
            continue
        said = {name: value for name, value in entry.items() if isinstance(value, str)}
        address = next(
            (
                found
                for name in ("url", "external_url", "id")
                if (found := joined(said.get(name), url if name != "id" else "", limits.url_length))
            ),
            None,
        )
        if address is None:
            refused.append(Refused(said.get("id", url)[: limits.url_length], "names no web address"))
            continue
        tags = entry.get("tags")
        items.setdefault(
            address,
            Announced(
                address,
                title=plain(said.get("title"), limits.summary_length),
                published=iso_time(said.get("date_published")) or iso_time(said.get("date_modified")),
                summary=plain(
                    said.get("summary") or said.get("content_text") or said.get("content_html"),
                    limits.summary_length,
                ),
                source=url,
                tags=first_of_each(tag for tag in tags if isinstance(tag, str))[:20]
                if isinstance(tags, list)
                else (),
            ),
        )
    following = read.get("next_url")
    more = joined(following, url, limits.url_length) if isinstance(following, str) else None
    return Found("json-feed", tuple(items.values()), (more,) if more else (), tuple(refused))
