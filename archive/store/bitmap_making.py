"""Making and checking the bits of very common words, which `archive.store.bitmaps` reads. Inside a transaction."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Final

from archive.search.fold import fold
from archive.store import bitmaps
from archive.store.bitmaps import word_of_index
from archive.store.index import TOKENIZER

FROM_ARTICLES: Final = 200_000
"""In smaller archives the index answers everything in time: the worst, a very common word on one site, took 170 ms of
a million before there were bits (`benchmarks/search.py`)."""

COMMON: Final = 0.05
"""Of the articles of a block, so many have a word that gets a row there: of a million 50,000, walked in 3 ms."""

_SAMPLE: Final = 500
"""Articles of a block in which its common words are looked for. Of a word that 5 % have it has 25, give or take 5."""

_SAMPLED: Final = 0.6
"""Of `COMMON`, the share in the sample from which on a word is counted in the whole block."""


def block_sql(block_bits: int = bitmaps.BLOCK_BITS) -> tuple[str, ...]:
    """The statements that make the table, and the triggers by which a block that changes loses its rows."""

    def lose(row: str) -> str:
        return f"DELETE FROM word_bitmaps WHERE block = {row}.id >> {block_bits};"  # noqa: S608 - a number

    changed = "new.id <> old.id OR new.title IS NOT old.title OR new.text IS NOT old.text"
    return (
        # articles: bit n, the lowest first, is the article of id (block << 15) + n. word: as the index holds it; a row
        # of word '' and no bits says that a block is made.
        """
        CREATE TABLE word_bitmaps (
            word TEXT NOT NULL,
            block INTEGER NOT NULL,
            articles BLOB NOT NULL,
            PRIMARY KEY (word, block)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX word_bitmaps_block ON word_bitmaps (block)",
        f"CREATE TRIGGER word_bitmaps_insert AFTER INSERT ON articles BEGIN {lose('new')} END",
        f"CREATE TRIGGER word_bitmaps_update AFTER UPDATE OF id, title, text ON articles WHEN {changed} "
        f"BEGIN {lose('old')} {lose('new')} END",
        f"CREATE TRIGGER word_bitmaps_delete AFTER DELETE ON articles BEGIN {lose('old')} END",
    )


def make_next(connection: sqlite3.Connection, *, from_articles: int = FROM_ARTICLES) -> int | None:
    """Make the bits of the first full block that has none; which that was, `None` where there is none.

    Takes a second of a block of 32,768 articles.
    """
    (newest,) = connection.execute("SELECT coalesce(max(id), -1) FROM articles").fetchone()
    if newest < from_articles:
        return None
    made = {block for (block,) in connection.execute("SELECT block FROM word_bitmaps WHERE word = ''")}
    block = next((one for one in range((newest + 1) >> bitmaps.BLOCK_BITS) if one not in made), None)
    if block is not None:
        connection.executemany(
            "INSERT INTO word_bitmaps (word, block, articles) VALUES (?, ?, ?)",
            [
                ("", block, b""),
                *((word, block, octets) for word, octets in _bits_of_block(connection, block)),
            ],
        )
    return block


def forget_all(connection: sqlite3.Connection) -> None:
    """Forget all bits; they are made again as of new blocks."""
    connection.execute("DELETE FROM word_bitmaps")


def check(connection: sqlite3.Connection) -> None:
    """Compare the bits with the index. Raises: sqlite3.DatabaseError where they differ."""
    for word, block, octets in connection.execute("SELECT word, block, articles FROM word_bitmaps"):
        if word and octets != _octets(connection, word, block):
            raise sqlite3.DatabaseError(f"word_bitmaps of {word!r}, block {block}, differ from articles_fts")


def _bits_of_block(connection: sqlite3.Connection, block: int) -> list[tuple[str, bytes]]:
    size = 1 << bitmaps.BLOCK_BITS
    found = []
    for word in _common_words(connection, block * size, size):
        octets = _octets(connection, word, block)
        if int.from_bytes(octets, "little").bit_count() >= COMMON * size:
            found.append((word, octets))
    return found


def _octets(connection: sqlite3.Connection, word: str, block: int) -> bytes:
    first = block << bitmaps.BLOCK_BITS
    size = 1 << bitmaps.BLOCK_BITS
    octets = bytearray(size >> 3)
    found = bitmaps.ids_between(connection, word, first, first + size - 1)
    bitmaps.set_bits(octets, (one - first for one in found))
    return bytes(octets)


def _common_words(connection: sqlite3.Connection, first: int, size: int) -> list[str]:
    """The words that are common in some of the articles of a block, as FTS5 reads them, in order."""
    step = max(size // _SAMPLE, 1)
    some = ",".join(str(one) for one in range(first, first + size, step))
    texts = connection.execute(
        f"SELECT coalesce(title, ''), text FROM articles WHERE id IN ({some}) AND duplicate_of IS NULL"  # noqa: S608 - numbers
    ).fetchall()
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as sample:
        sample.execute(f'CREATE VIRTUAL TABLE sampled USING fts5(title, text, tokenize="{TOKENIZER}")')
        sample.execute("CREATE VIRTUAL TABLE words USING fts5vocab(sampled, row)")
        sample.execute("BEGIN")
        sample.executemany(
            "INSERT INTO sampled (title, text) VALUES (?, ?)",
            [(fold(title), fold(text)) for title, text in texts],
        )
        least = COMMON * _SAMPLED * len(texts)
        found = sample.execute("SELECT term FROM words WHERE doc >= ? ORDER BY term", [least])
        return [word for (word,) in found if word_of_index(word) == word]
