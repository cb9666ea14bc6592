"""What the database holds, as values. Nothing here writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final

from archive.errors import NotFound, StoreError
from archive.model import HELD, Article, CaptureRow, Known, StoredReading
from archive.store.rows import (
    ArticleVersion,
    article_from_row,
    capture_from_row,
    known_from_row,
    location_from_row,
    rows_of,
    time_from_column,
    version_from_row,
)
from archive.store.sanitise import clean_line

_HELD_SQL = ", ".join(f"'{outcome}'" for outcome in sorted(HELD))

MAX_ID: Final = 2**63 - 1
"""SQLite's largest integer; a larger one raises OverflowError before SQLite sees it."""

ARTICLE_SQL = f"""
    SELECT
        a.id, a.url, a.canonical_url, a.site, a.site_name, a.title, a.authors, a.published, a.modified,
        a.language, coalesce(head.text, a.text) AS text, a.word_count, a.text_sha256, a.source, a.dateline,
        a.section, a.keywords, a.captions, a.images, a.cluster_id, a.first_captured, a.last_captured,
        a.version, a.duplicate_of, c.warc_file, c.warc_offset, c.warc_length,
        (SELECT json_group_array(name) FROM (
            SELECT t.name FROM article_tags JOIN tags AS t ON t.id = tag_id WHERE article_id = a.id ORDER BY t.name
        )) AS tags,
        (SELECT count(*) FROM versions WHERE article_id = a.id AND reason = 'captured') AS versions,
        (SELECT structure FROM versions WHERE article_id = a.id AND text IS NULL) AS structure
    FROM articles AS a
    LEFT JOIN articles AS head ON head.id = a.duplicate_of
    LEFT JOIN captures AS c ON c.id = (
        SELECT coalesce(revisit_of, id) FROM captures WHERE article_id = a.id AND outcome IN ({_HELD_SQL})
        ORDER BY requested_at DESC, id DESC LIMIT 1
    )
"""  # noqa: S608 - our own words
"""Articles `a`, whole; the record is that of the latest capture that found it, or that its payload stands in."""

VERSIONS_SQL = """
    SELECT v.*, standing.text IS NULL AS standing, standing.changes, standing.structure,
        own.archive_url, own.memento_at, c.warc_file, c.warc_offset, c.warc_length
    FROM article_versions AS v
    JOIN versions AS standing ON standing.id = v.id
    LEFT JOIN captures AS own ON own.id = v.capture_id
    LEFT JOIN captures AS c ON c.id = coalesce(own.revisit_of, own.id)
    WHERE v.article_id = ?
    ORDER BY v.version, v.id
"""


@dataclass(frozen=True, slots=True)
class Status:
    """What an archive holds, in numbers.

    origins: of the articles, where all that are alike have one. captures: by outcome word, those that came to
    nothing included. languages: articles by language, most first, unknown as the empty string. first_capture,
    last_capture: of any capture. size_bytes: of the database file.
    """

    articles: int
    origins: int
    duplicates: int
    versions: int
    captures: Mapping[str, int]
    sites: int
    languages: Mapping[str, int]
    first_capture: datetime | None
    last_capture: datetime | None
    size_bytes: int


def find_known(connection: sqlite3.Connection, key: str) -> Known | None:
    """The article that a normalised URL leads to.

    It is the article of that URL, or the one that the latest capture of that URL held or was redirected to.
    """
    found = rows_of(connection.execute("SELECT * FROM articles WHERE url = ?", [key])) or rows_of(
        connection.execute(
            f"""
            SELECT a.* FROM captures AS c JOIN articles AS a ON a.id = c.article_id
            WHERE c.key = ? AND c.outcome IN ({_HELD_SQL}, 'redirect')
            ORDER BY c.id DESC LIMIT 1
            """,  # noqa: S608 - our own words
            [key],
        )
    )
    return known_from_row(found[0]) if found else None


def head_with_text(connection: sqlite3.Connection, text_sha256: str) -> int | None:
    """The article that holds exactly this text, the oldest if there are several."""
    found = connection.execute(
        "SELECT id FROM articles WHERE text_sha256 = ? AND duplicate_of IS NULL ORDER BY id LIMIT 1",
        [text_sha256],
    ).fetchone()
    return found[0] if found else None


def read_article(connection: sqlite3.Connection, id_or_url: int | str, version: int | None) -> Article:
    """An article by its id or by a normalised URL that leads to it, as it stands or as it stood.

    Raises: NotFound.
    """
    if isinstance(id_or_url, str):
        url = clean_line(id_or_url)
        known = find_known(connection, url)
        if known is None:
            raise NotFound(f"no article with the URL {url}")
        article_id = known.article_id
    else:
        article_id = id_or_url
    if not 0 < article_id <= MAX_ID:
        raise NotFound(f"no article with the id {article_id}")
    found = rows_of(connection.execute(f"{ARTICLE_SQL} WHERE a.id = ?", [article_id]))
    if not found:
        raise NotFound(f"no article with the id {article_id}")
    article = article_from_row(found[0])
    if version is None:
        return article
    chosen = [one for one in read_versions(connection, article_id) if one.version == version]
    if not chosen:
        raise NotFound(f"article {article_id} has no version {version}: it has {article.versions}")
    return as_it_stood(article, chosen[-1])


def as_it_stood(article: Article, version: ArticleVersion) -> Article:
    """An article as one of its versions has it."""
    return replace(
        article,
        title=version.title,
        authors=version.authors,
        published=version.published,
        modified=version.modified,
        language=version.language,
        text=version.text,
        word_count=version.word_count,
        text_sha256=version.text_sha256,
        version=version.version,
        warc=version.warc,
        structure=version.structure,
    )


def read_versions(connection: sqlite3.Connection, article_id: int) -> tuple[ArticleVersion, ...]:
    """Every version of an article, oldest first."""
    return tuple(map(version_from_row, rows_of(connection.execute(VERSIONS_SQL, [article_id]))))


def extractor_of(connection: sqlite3.Connection, article_id: int) -> str | None:
    """The names and versions of what read an article as it stands."""
    found = connection.execute("SELECT extractor FROM articles WHERE id = ?", [article_id]).fetchone()
    return found[0] if found else None


def read_readings(connection: sqlite3.Connection, article_id: int) -> tuple[StoredReading, ...]:
    """Every version that an article's publisher made, oldest first, by the capture that it was read from."""
    rows = rows_of(
        connection.execute(
            """
            SELECT v.article_id, v.version, v.version = a.version AS standing, own.url, own.requested_at,
                c.warc_file, c.warc_offset, c.warc_length
            FROM versions AS v
            JOIN articles AS a ON a.id = v.article_id
            JOIN captures AS own ON own.id = v.capture_id
            LEFT JOIN captures AS c ON c.id = coalesce(own.revisit_of, own.id)
            WHERE v.article_id = ? AND v.reason = 'captured' ORDER BY v.version
            """,
            [article_id],
        )
    )
    return tuple(
        StoredReading(
            row["article_id"],
            row["version"],
            bool(row["standing"]),
            row["url"],
            time_from_column(row["requested_at"]),
            location_from_row(row),
        )
        for row in rows
    )


def read_captures(connection: sqlite3.Connection, article_id: int) -> tuple[CaptureRow, ...]:
    """Every capture on the way to an article, oldest first."""
    rows = rows_of(
        connection.execute(
            "SELECT * FROM captures WHERE article_id = ? ORDER BY requested_at, id", [article_id]
        )
    )
    return tuple(map(capture_from_row, rows))


def read_recent(connection: sqlite3.Connection, limit: int) -> tuple[Article, ...]:
    """The articles that came in last, newest first."""
    rows = rows_of(connection.execute(f"{ARTICLE_SQL} ORDER BY a.id DESC LIMIT ?", [limit]))
    return tuple(map(article_from_row, rows))


def read_extents(connection: sqlite3.Connection) -> dict[str, int]:
    """How far the database knows each WARC file: the end of its last record, in bytes."""
    return dict(
        connection.execute(
            "SELECT warc_file, max(warc_offset + warc_length) FROM captures "
            "WHERE warc_file IS NOT NULL GROUP BY warc_file"
        ).fetchall()
    )


def is_captured_at(connection: sqlite3.Connection, warc_file: str, offset: int) -> bool:
    """Whether the record at an offset of a WARC file is known."""
    return (
        connection.execute(
            "SELECT 1 FROM captures WHERE warc_file = ? AND warc_offset = ?", [warc_file, offset]
        ).fetchone()
        is not None
    )


def read_status(connection: sqlite3.Connection) -> Status:
    """What the archive holds, in numbers."""
    articles, origins, duplicates = connection.execute(
        "SELECT count(*), count(DISTINCT coalesce(cluster_id, -id)), count(duplicate_of) FROM articles"
    ).fetchone()
    (versions,) = connection.execute("SELECT count(*) FROM versions WHERE reason = 'captured'").fetchone()
    (sites,) = connection.execute("SELECT count(*) FROM sites").fetchone()
    captures = dict(connection.execute("SELECT outcome, count(*) FROM captures GROUP BY outcome").fetchall())
    languages = dict(
        connection.execute(
            "SELECT coalesce(language, ''), count(*) FROM articles GROUP BY 1 ORDER BY 2 DESC, 1"
        ).fetchall()
    )
    first, last = connection.execute("SELECT min(requested_at), max(requested_at) FROM captures").fetchone()
    (size,) = connection.execute(
        "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    ).fetchone()
    return Status(
        articles=articles,
        origins=origins,
        duplicates=duplicates,
        versions=versions,
        captures=MappingProxyType(captures),
        sites=sites,
        languages=MappingProxyType(languages),
        first_capture=time_from_column(first) if first else None,
        last_capture=time_from_column(last) if last else None,
        size_bytes=size,
    )


def check_database(connection: sqlite3.Connection) -> None:
    """Ask SQLite for damage. Raises: StoreError, with the first faults it names."""
    faults = [row[0] for row in connection.execute("PRAGMA integrity_check(5)").fetchall() if row[0] != "ok"]
    faults += [
        f"row {row} of {table} names a row of {parent} that is not there"
        for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check").fetchall()
    ]
    if faults:
        raise StoreError("; ".join(faults[:5]))
