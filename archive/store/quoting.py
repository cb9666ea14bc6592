"""Articles that may hold a quotation, by the index: those with its words in order, and those with most of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from archive.model import CaptureRow
from archive.search.fold import fold
from archive.store.matching import FOLDED_COLUMNS
from archive.store.rows import capture_from_row, rows_of
from scraper.model import RecordLocation

LIKELY: Final = 60
"""Articles with most of the words that are looked through when no one has them in order."""

MAX_WORDS: Final = 12
"""Words of a quotation that are asked for at once: the longest, which fewest texts have. Ranking costs some
microseconds for each text that has any of them."""


class Held(NamedTuple):
    """A text that is held: title and text of an article as it stands."""

    article_id: int
    title: str
    text: str


def with_phrases(connection: sqlite3.Connection, phrases: Sequence[str]) -> Iterator[Held]:
    """The articles that have the words of each phrase side by side, the earliest captured first."""
    match = " AND ".join(_quoted(phrase) for phrase in phrases if _has_word(phrase))
    if match:
        yield from _matching(connection, match, "a.first_captured, a.id", -1)


def with_words(connection: sqlite3.Connection, words: Sequence[str], limit: int = LIKELY) -> Iterator[Held]:
    """The articles that have most of these words, the likeliest first."""
    asked = dict.fromkeys(word for word in map(fold, words) if _has_word(word))
    match = " OR ".join(_quoted(word) for word in sorted(asked, key=len, reverse=True)[:MAX_WORDS])
    if match:
        yield from _matching(connection, match, "bm25(articles_fts)", limit)


def capture_at(connection: sqlite3.Connection, location: RecordLocation) -> CaptureRow | None:
    """The capture whose record stands there."""
    found = rows_of(
        connection.execute(
            "SELECT * FROM captures WHERE warc_file = ? AND warc_offset = ?",
            [location.warc_file, location.offset],
        )
    )
    return capture_from_row(found[0]) if found else None


def copies_of(connection: sqlite3.Connection, article_id: int) -> tuple[int, ...]:
    """The articles that hold the text of another, which is their text too."""
    found = connection.execute("SELECT id FROM articles WHERE duplicate_of = ? ORDER BY id", [article_id])
    return tuple(one for (one,) in found)


def _matching(connection: sqlite3.Connection, match: str, order: str, limit: int) -> Iterator[Held]:
    found = connection.execute(
        f"""
        SELECT a.id, coalesce(a.title, ''), a.text
        FROM articles_fts CROSS JOIN articles AS a ON a.id = articles_fts.rowid
        WHERE articles_fts MATCH ? ORDER BY {order} LIMIT ?
        """,  # noqa: S608 - our own words; what was typed is bound
        [f"{FOLDED_COLUMNS} : ({match})", limit],
    )
    yield from map(Held._make, found)


def _quoted(phrase: str) -> str:
    return '"' + fold(phrase).replace('"', " ").replace("\0", " ") + '"'


def _has_word(phrase: str) -> bool:
    return any(character.isalnum() for character in phrase)
