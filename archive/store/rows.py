"""Values to columns and back: times, lists, places of records. Pure."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast, get_args

from archive.model import Article, ArticleDraft, CaptureRow, Known, Outcome, Supporting
from archive.store.sanitise import clean, clean_line
from scraper.model import Image, RecordLocation

Row = Mapping[str, Any]
"""A row of the database by column name."""

OUTCOME_WORDS: frozenset[str] = frozenset(get_args(Outcome) + get_args(Supporting))


@dataclass(frozen=True, slots=True)
class ArticleVersion:
    """One version of an article, whole.

    reason: `captured`, a change by its publisher, or `re-extracted`, a better reading of the same capture.
    standing: whether it is the article as it stands. warc: the record it was read from, with its payload.
    archive_url, memento_at: where a web archive's copy was had and when that archive captured it, where it is one.
    changes: the kinds of change against the version before (`archive.versions.KINDS`), the weightiest first.
    """

    version: int
    captured_at: datetime
    reason: str
    standing: bool
    title: str | None
    authors: tuple[str, ...]
    published: str | None
    modified: str | None
    language: str | None
    text: str
    word_count: int
    text_sha256: str
    extractor: str
    warc: RecordLocation | None
    changes: tuple[str, ...] = ()
    archive_url: str | None = None
    memento_at: datetime | None = None
    structure: str | None = None

    @property
    def stood_at(self) -> datetime:
        """When its publisher's page read so: captured by us, or by the web archive that we have it of."""
        return self.memento_at or self.captured_at


def rows_of(cursor: sqlite3.Cursor) -> list[Row]:
    """All rows of a cursor, by column name."""
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def time_to_column(time: datetime) -> str:
    """`YYYY-MM-DDTHH:MM:SS.ffffffZ`: of one length, so that the order of text is the order of time."""
    if time.tzinfo is None:
        raise ValueError(f"a time without its offset cannot be stored: {time.isoformat()}")
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def time_from_column(column: str) -> datetime:
    """The aware UTC datetime of a column."""
    return datetime.fromisoformat(column)


def list_to_column(values: Iterable[str]) -> str:
    """A JSON array of the values, cleaned, without empty ones."""
    return json.dumps([line for line in map(clean_line, values) if line], ensure_ascii=False)


def list_from_column(column: str) -> tuple[str, ...]:
    """The values of a JSON array of strings."""
    return tuple(json.loads(column))


def text_or_none(value: str | None) -> str | None:
    """The value on one cleaned line; `None` where nothing is left of it."""
    return (clean_line(value) or None) if value is not None else None


def location_from_row(row: Row) -> RecordLocation | None:
    """Where the record of a capture stands, `None` without one."""
    if row["warc_file"] is None:
        return None
    return RecordLocation(row["warc_file"], row["warc_offset"], row["warc_length"])


def draft_to_columns(draft: ArticleDraft) -> dict[str, str | int | None]:
    """The columns of `articles` that a draft decides; not the identity, the times and the version."""
    return {
        "canonical_url": text_or_none(draft.canonical_url),
        "title": text_or_none(draft.title),
        "authors": list_to_column(draft.authors),
        "published": text_or_none(draft.published),
        "modified": text_or_none(draft.modified),
        "language": text_or_none(draft.language),
        "text": clean(draft.text),
        "word_count": draft.word_count,
        "text_sha256": draft.text_sha256,
        "source": ", ".join(line for line in map(clean_line, draft.sources) if line) or None,
        "site_name": text_or_none(draft.site_name),
        "dateline": text_or_none(draft.dateline),
        "section": text_or_none(draft.section),
        "keywords": list_to_column(draft.keywords),
        "captions": list_to_column(draft.captions),
        "images": _images_to_column(draft.images),
        "extractor": clean_line(draft.extractor),
    }


VERSION_COLUMNS = (
    "title",
    "authors",
    "published",
    "modified",
    "language",
    "word_count",
    "text_sha256",
    "extractor",
)
"""The columns that `versions` keeps of `articles`, `text` apart."""


def capture_to_columns(
    capture: CaptureRow, article_id: int | None, run_id: int | None
) -> dict[str, str | int | None]:
    """The columns of `captures`."""
    location = capture.location
    return {
        "url": clean_line(capture.url),
        "key": clean_line(capture.key),
        "requested_at": time_to_column(capture.requested_at),
        "status": capture.status,
        "outcome": capture.outcome,
        "mime": text_or_none(capture.mime),
        "warc_file": location.warc_file if location else None,
        "warc_offset": location.offset if location else None,
        "warc_length": location.length if location else None,
        "payload_digest": capture.payload_digest,
        "revisit_of": capture.revisit_of,
        "archive_url": text_or_none(capture.archive_url),
        "memento_at": time_to_column(capture.memento_at) if capture.memento_at else None,
        "article_id": article_id,
        "job": text_or_none(capture.job),
        "run_id": run_id,
        "error": text_or_none(capture.error),
    }


def capture_from_row(row: Row) -> CaptureRow:
    """A capture as it was stored."""
    return CaptureRow(
        url=row["url"],
        key=row["key"],
        requested_at=time_from_column(row["requested_at"]),
        outcome=cast("Outcome | Supporting", row["outcome"]),
        status=row["status"],
        mime=row["mime"],
        location=location_from_row(row),
        payload_digest=row["payload_digest"],
        job=row["job"],
        error=row["error"],
        revisit_of=row["revisit_of"],
        archive_url=row["archive_url"],
        memento_at=time_from_column(row["memento_at"]) if row["memento_at"] else None,
    )


def known_from_row(row: Row) -> Known:
    """What is held, of a row of `articles`."""
    return Known(
        article_id=row["id"],
        url=row["url"],
        title=row["title"],
        published=row["published"],
        text_sha256=row["text_sha256"],
        version=row["version"],
        duplicate_of=row["duplicate_of"],
    )


def article_from_row(row: Row) -> Article:
    """An article, of a row of `reading.ARTICLE_SQL`."""
    return Article(
        id=row["id"],
        url=row["url"],
        canonical_url=row["canonical_url"],
        site=row["site"],
        site_name=row["site_name"],
        title=row["title"],
        authors=list_from_column(row["authors"]),
        published=row["published"],
        modified=row["modified"],
        language=row["language"],
        text=row["text"],
        word_count=row["word_count"],
        text_sha256=row["text_sha256"],
        source=row["source"],
        dateline=row["dateline"],
        section=row["section"],
        keywords=list_from_column(row["keywords"]),
        captions=list_from_column(row["captions"]),
        images=_images_from_column(row["images"]),
        tags=list_from_column(row["tags"]),
        cluster_id=row["cluster_id"],
        first_captured=time_from_column(row["first_captured"]),
        last_captured=time_from_column(row["last_captured"]),
        version=row["version"],
        versions=row["versions"],
        duplicate_of=row["duplicate_of"],
        warc=location_from_row(row),
        structure=row["structure"],
    )


def version_from_row(row: Row) -> ArticleVersion:
    """A version, of a row of `reading.VERSIONS_SQL`."""
    return ArticleVersion(
        version=row["version"],
        captured_at=time_from_column(row["captured_at"]),
        reason=row["reason"],
        standing=bool(row["standing"]),
        title=row["title"],
        authors=list_from_column(row["authors"]),
        published=row["published"],
        modified=row["modified"],
        language=row["language"],
        text=row["text"],
        word_count=row["word_count"],
        text_sha256=row["text_sha256"],
        extractor=row["extractor"],
        warc=location_from_row(row),
        changes=list_from_column(row["changes"]),
        archive_url=row["archive_url"],
        memento_at=time_from_column(row["memento_at"]) if row["memento_at"] else None,
        structure=row["structure"],
    )


def _images_to_column(images: Iterable[Image]) -> str:
    return json.dumps(
        [
            {"url": clean_line(i.url), "caption": text_or_none(i.caption), "alt": text_or_none(i.alt)}
            for i in images
        ],
        ensure_ascii=False,
    )


def _images_from_column(column: str) -> tuple[Image, ...]:
    return tuple(Image(item["url"], item["caption"], item["alt"]) for item in json.loads(column))
