"""What wallabag exports as JSON: a list of entries. Their saved text is left there: pages are asked for anew. Pure."""

from __future__ import annotations

import json
from typing import Any

from archive.exchange.model import Collector, Listing, UnreadableFile, moment_of, tags_of, text_of
from scraper.discover.links import iso_time


def read_wallabag(payload: bytes) -> Listing:
    """The entries of an export, of version 1 or 2, or of the pages of its API. Raises: UnreadableFile."""
    try:
        read = json.loads(text_of(payload))
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(
            f"not JSON: {str(error)[:200]}; wallabag exports it under All entries"
        ) from error
    if isinstance(read, dict):
        embedded = read.get("_embedded")
        read = embedded.get("items") if isinstance(embedded, dict) else read.get("items")
    if not isinstance(read, list):
        raise UnreadableFile("JSON, and no list of entries, as wallabag exports it under All entries")
    found = Collector()
    for number, entry in enumerate(read, 1):
        where = f"entry {number}"
        if not isinstance(entry, dict):
            found.skip(where, str(entry), "it is no entry")
            continue
        url = _text(entry.get("url")) or _text(entry.get("given_url")) or _text(entry.get("origin_url"))
        found.add(
            where,
            url,
            title=_text(entry.get("title")),
            tags=_tags(entry.get("tags")),
            added=moment_of(entry.get("created_at")),
            published=iso_time(_text(entry.get("published_at"))),
        )
    return found.listing()


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _tags(value: Any) -> tuple[str, ...]:
    """Tags as an export has them (words), as the API has them (objects), or as version 1 had them (one text)."""
    if isinstance(value, str):
        return tags_of(value)
    if not isinstance(value, list):
        return ()
    words = (one.get("label") if isinstance(one, dict) else one for one in value)
    return tuple(word for word in words if isinstance(word, str))
