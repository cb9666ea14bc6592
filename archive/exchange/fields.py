"""An article as one flat row: the fields that JSON Lines, CSV and Parquet have in common. Pure."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

from archive.model import Article

FIELDS: Final = (
    "id", "url", "canonical_url", "site", "site_name", "title", "authors", "published", "modified", "language",
    "text", "word_count", "text_sha256", "source", "dateline", "section", "keywords", "tags", "captions", "images",
    "cluster_id", "duplicate_of", "version", "first_captured", "last_captured", "warc_file", "warc_offset",
    "warc_length",
)  # fmt: skip
"""Names of the fields in order; the tables of the database call them the same."""


def row_of(article: Article) -> dict[str, Any]:
    """Every field of an article by its name; lists are lists, times are aware datetimes.

    authors, keywords, tags, captions: texts. images: `url`, `caption`, `alt`. warc_file, warc_offset, warc_length: the
    record of its latest capture, or of the earlier one that holds the same payload.
    """
    warc = article.warc
    place = {
        "warc_file": warc.warc_file if warc else None,
        "warc_offset": warc.offset if warc else None,
        "warc_length": warc.length if warc else None,
    }
    values = {name: place[name] if name in place else getattr(article, name) for name in FIELDS}
    values["images"] = [asdict(image) for image in article.images]
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def instant(moment: datetime) -> str:
    """A time in UTC as ISO 8601 ending in `Z`."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
