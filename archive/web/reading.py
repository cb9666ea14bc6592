"""What the pages show of an archive beyond what the store's own values say: captures by number, origins, copies.

Every function reads one connection that Datasette lends (`execute_fn`), inside a time limit.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from archive.errors import MigrationError, NotFound, StoreError
from archive.model import Article, CaptureRow
from archive.store.connection import SCHEMA_VERSION
from archive.store.rows import ArticleVersion, capture_from_row, rows_of
from scraper.model import Candidate, FieldOrigin, RecordLocation

if TYPE_CHECKING:
    from datasette.database import Database

T = TypeVar("T")

MAX_COPIES: Final = 100
MAX_CAPTURES: Final = 100
"""What an article page lists at the most. A wire text may have more copies, a home page more captures; the tables
have them all."""

_STEPS: Final = 2_000
"""Instructions of SQLite's machine between two looks at the clock: far less than a millisecond of work."""


class TooSlow(StoreError):
    """A query that was stopped at its time limit."""


@dataclass(frozen=True, slots=True)
class Copy:
    """Another article of the same text. exact: word for word, else a near-duplicate of one cluster."""

    id: int
    url: str
    title: str | None
    site: str
    published: str | None
    language: str | None
    exact: bool


async def read(served: Database, limit_ms: int, function: Callable[[sqlite3.Connection], T]) -> T:
    """What `function` makes of the database, called in one of Datasette's threads.

    Raises: TooSlow, after `limit_ms` milliseconds of one call; StoreError; NotFound.
    """

    def call(connection: sqlite3.Connection) -> T:
        try:
            with _time_limit(connection, limit_ms), _plain_rows(connection):
                _refuse_other_schema(connection)
                return function(connection)
        except sqlite3.OperationalError as error:
            if error.args == ("interrupted",):
                raise TooSlow(f"that took longer than {limit_ms} ms and was stopped") from error
            raise StoreError(f"the database cannot be read: {error}") from error
        except sqlite3.Error as error:
            raise StoreError(f"the database cannot be read: {error}") from error

    result: T = await served.execute_fn(call)
    return result


@contextmanager
def _plain_rows(connection: sqlite3.Connection) -> Iterator[None]:
    """Rows as tuples, as everywhere else in this package: Datasette's are `sqlite3.Row`, which have no order."""
    factory, connection.row_factory = connection.row_factory, None
    try:
        yield
    finally:
        connection.row_factory = factory


def _refuse_other_schema(connection: sqlite3.Connection) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version < SCHEMA_VERSION:
        raise MigrationError(
            "this archive was made by an older version: the next archive add or crawl brings it up to date"
        )
    if version > SCHEMA_VERSION:
        raise MigrationError(
            "this archive was made by a newer version: upgrade with pip install -U article-archive"
        )


@contextmanager
def _time_limit(connection: sqlite3.Connection, limit_ms: int) -> Iterator[None]:
    deadline = time.monotonic() + limit_ms / 1000
    connection.set_progress_handler(lambda: int(time.monotonic() > deadline), _STEPS)
    try:
        yield
    finally:
        connection.set_progress_handler(None, _STEPS)


def read_capture(connection: sqlite3.Connection, capture_id: int) -> tuple[CaptureRow, int | None]:
    """A capture by its number, and the article it led to. Raises: NotFound."""
    found = rows_of(connection.execute("SELECT * FROM captures WHERE id = ?", [capture_id]))
    if not found:
        raise NotFound(f"no capture with the number {capture_id}")
    return capture_from_row(found[0]), found[0]["article_id"]


def find_capture(connection: sqlite3.Connection, location: RecordLocation) -> int | None:
    """The number of the capture whose record stands there."""
    found = connection.execute(
        "SELECT id FROM captures WHERE warc_file = ? AND warc_offset = ?",
        [location.warc_file, location.offset],
    ).fetchone()
    return found[0] if found else None


def read_captures(connection: sqlite3.Connection, article_id: int) -> tuple[tuple[int, CaptureRow], ...]:
    """The captures on the way to an article with their numbers, latest first, `MAX_CAPTURES` of them."""
    rows = rows_of(
        connection.execute(
            "SELECT * FROM captures WHERE article_id = ? ORDER BY requested_at DESC, id DESC LIMIT ?",
            [article_id, MAX_CAPTURES],
        )
    )
    return tuple((row["id"], capture_from_row(row)) for row in rows)


def read_origins(connection: sqlite3.Connection, article_id: int) -> dict[str, FieldOrigin]:
    """Every value that the page offered for each field, in the order found; fields by name."""
    rows: list[Any] = rows_of(
        connection.execute(
            "SELECT * FROM field_origins WHERE article_id = ? ORDER BY field, position", [article_id]
        )
    )
    fields: dict[str, list[Any]] = {}
    for row in rows:
        fields.setdefault(row["field"], []).append(row)
    return {
        field: FieldOrigin(
            chosen=next((row["origin"] for row in candidates if row["chosen"]), None),
            candidates=tuple(Candidate(row["value"], row["origin"]) for row in candidates),
        )
        for field, candidates in fields.items()
    }


def read_copies(connection: sqlite3.Connection, article: Article) -> tuple[Copy, ...]:
    """The other articles with this text or of this cluster: exact ones first, then by number."""
    head = article.duplicate_of or article.id
    rows = rows_of(
        connection.execute(
            """
            SELECT id, url, title, site, published, language, max(exact) AS exact FROM (
                SELECT *, 1 AS exact FROM articles WHERE id = :head OR duplicate_of = :head
                UNION ALL
                SELECT *, 0 FROM articles WHERE cluster_id = :cluster
            ) WHERE id <> :id GROUP BY id ORDER BY exact DESC, id LIMIT :limit
            """,
            {"head": head, "cluster": article.cluster_id, "id": article.id, "limit": MAX_COPIES},
        )
    )
    return tuple(Copy(**{**row, "exact": bool(row["exact"])}) for row in rows)


def read_beginnings(
    connection: sqlite3.Connection, articles: Iterable[int], characters: int
) -> dict[int, str]:
    """The first characters of the texts of articles."""
    return {
        article: connection.execute(
            "SELECT substr(coalesce(head.text, a.text), 1, ?) FROM articles AS a "
            "LEFT JOIN articles AS head ON head.id = a.duplicate_of WHERE a.id = ?",
            [characters, article],
        ).fetchone()[0]
        for article in articles
    }


def by_number(versions: tuple[ArticleVersion, ...]) -> tuple[ArticleVersion, ...]:
    """One entry for each version, its latest reading. How often we read a version anew is no change of it."""
    return tuple({one.version: one for one in versions}.values())


def write_marker(connection: sqlite3.Connection) -> tuple[Any, ...]:
    """What changes whenever something was added: the last number of every table that counts on."""
    return tuple(
        map(tuple, connection.execute("SELECT name, seq FROM sqlite_sequence ORDER BY name").fetchall())
    )
