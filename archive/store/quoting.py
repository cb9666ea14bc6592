"""Articles that may hold a quotation, by the index: those with its words in order, and those with most of them."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from archive.model import CaptureRow
from archive.search.fold import fold
from archive.store.matching import FOLDED_COLUMNS, UNSPACED
from archive.store.rows import capture_from_row, rows_of
from scraper.model import RecordLocation

LIKELY: Final = 60
"""Articles with most of the words that are looked through when no one has them in order."""

MAX_WORDS: Final = 12
"""Words of a quotation that are asked for at once: the longest, which fewest texts have. Ranking costs some
microseconds for each text that has any of them."""

_SPACED: Final = "articles_fts"
_UNSPACED: Final = "unspaced_fts"
_STRETCH: Final = re.compile(f"{UNSPACED.pattern}{{3,}}")
"""Letters in a row that the index of texts without spaces can find: three at the least."""

_PIECE: Final = 4


class Held(NamedTuple):
    """A text that is held: title and text of an article as it stands."""

    article_id: int
    title: str
    text: str


def with_phrases(connection: sqlite3.Connection, phrases: Sequence[str]) -> Iterator[Held]:
    """The articles that have the words of each phrase side by side, the earliest captured first.

    Where a script writes no spaces, its letters are looked for instead of words.
    """
    for table, parts in (
        (_UNSPACED, [part for phrase in phrases for part in _STRETCH.findall(phrase)]),
        (_SPACED, [fold(phrase) for phrase in phrases if _has_word(phrase)]),
    ):
        if parts:
            yield from _matching(connection, table, " AND ".join(map(_quoted, parts)))


def with_words(connection: sqlite3.Connection, text: str, limit: int = LIKELY) -> Iterator[Held]:
    """The articles that have most words of a text, the likeliest first; letters as of `with_phrases`."""
    pieces = [
        part[at : at + _PIECE]
        for part in _STRETCH.findall(text)
        for at in range(0, len(part) - 2, _PIECE - 1)
    ]
    words = sorted(dict.fromkeys(re.findall(r"\w+", fold(text))), key=len, reverse=True)
    for table, parts in (
        (_UNSPACED, pieces[:: 1 + len(pieces) // (2 * MAX_WORDS)]),
        (_SPACED, words[:MAX_WORDS]),
    ):
        if parts:
            yield from _matching(connection, table, " OR ".join(map(_quoted, parts)), limit)


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


def _matching(
    connection: sqlite3.Connection, table: str, match: str, limit: int | None = None
) -> Iterator[Held]:
    """Articles by an index; the likeliest so many, or all in the order of their capture."""
    order, most = ("a.first_captured, a.id", -1) if limit is None else (f"bm25({table})", limit)
    found = connection.execute(
        f"""
        SELECT a.id, coalesce(a.title, ''), a.text
        FROM {table} CROSS JOIN articles AS a ON a.id = {table}.rowid
        WHERE {table} MATCH ? ORDER BY {order} LIMIT ?
        """,  # noqa: S608 - our own words; what was typed is bound
        [f"{FOLDED_COLUMNS} : ({match})", most],
    )
    yield from map(Held._make, found)


def _quoted(phrase: str) -> str:
    return '"' + phrase.replace('"', " ").replace("\0", " ") + '"'


def _has_word(phrase: str) -> bool:
    return any(character.isalnum() for character in phrase)
