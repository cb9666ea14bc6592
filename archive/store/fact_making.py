"""Making and checking the bits of facts, which `archive.store.fact_bits` reads. Inside a transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Final

from archive.search.order import day_of
from archive.store import bitmaps
from archive.store.bitmap_making import FROM_ARTICLES
from archive.store.bitmaps import set_bits
from archive.store.fact_bits import DAY_OCTETS, day_number, packed

_ROW: Final = "INSERT INTO fact_bitmaps (fact, value, block, articles) VALUES (?, ?, ?, ?)"


def fact_sql(block_bits: int = bitmaps.BLOCK_BITS) -> tuple[str, ...]:
    """The statements that make the table, and the triggers by which a block whose facts change loses its rows."""

    def lose(row: str) -> str:
        return (
            f"DELETE FROM fact_bitmaps WHERE block = {row}.id >> {block_bits}; "  # noqa: S608 - numbers
            f"DELETE FROM fact_bitmaps WHERE fact = 'copied' AND block = {row}.duplicate_of >> {block_bits};"
        )

    facts = ("id", "site", "language", "published", "duplicate_of")
    changed = " OR ".join(f"new.{fact} IS NOT old.{fact}" for fact in facts)
    return (
        # articles: bit n, the lowest first, is the article of id (block << 15) + n, compressed with zlib where that
        # halves the octets of a block. fact, value: language and site as they are; `published` and a binary place
        # of the day, or '' for those that have one; `article`, `copy`, `copied` and `linked`, those with a cluster or
        # that copy, of value ''. Of a block that is made there is `article`; without `published` its dates, without
        # `copied` or `linked` the articles are asked. `day` is no bits: three octets an article, the lowest first, are
        # the number of its day (archive.search.order), 0 where it has none.
        """
        CREATE TABLE fact_bitmaps (
            fact TEXT NOT NULL,
            value TEXT NOT NULL,
            block INTEGER NOT NULL,
            articles BLOB NOT NULL,
            PRIMARY KEY (fact, value, block)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX fact_bitmaps_block ON fact_bitmaps (block)",
        f"CREATE TRIGGER fact_bitmaps_insert AFTER INSERT ON articles BEGIN {lose('new')} END",
        f"CREATE TRIGGER fact_bitmaps_update AFTER UPDATE OF {', '.join(facts)} ON articles WHEN {changed} "
        f"BEGIN {lose('old')} {lose('new')} END",
        f"CREATE TRIGGER fact_bitmaps_delete AFTER DELETE ON articles BEGIN {lose('old')} END",
    )


def linked_sql(block_bits: int = bitmaps.BLOCK_BITS) -> tuple[str, ...]:
    """The statement by which a block loses the bits of which of its articles are in clusters."""
    lose = f"DELETE FROM fact_bitmaps WHERE fact = 'linked' AND block = new.id >> {block_bits};"  # noqa: S608 - a number
    return (
        "CREATE TRIGGER fact_bitmaps_linked AFTER UPDATE OF cluster_id ON articles "
        f"WHEN (new.cluster_id IS NULL) <> (old.cluster_id IS NULL) BEGIN {lose} END",
    )


def make_next(connection: sqlite3.Connection, *, from_articles: int = FROM_ARTICLES) -> int | None:
    """Make the bits of the first block that lacks some; which that was, `None` where there is none.

    Takes a tenth of a second of a block of 32,768 articles. Unlike the bits of words, which take ten times that, those
    of the last block are made before it is full.
    """
    (newest,) = connection.execute("SELECT coalesce(max(id), -1) FROM articles").fetchone()
    if newest < from_articles:
        return None
    made = {
        block
        for (block,) in connection.execute(
            "SELECT block FROM fact_bitmaps WHERE fact IN ('article', 'copied', 'linked') "
            "GROUP BY block HAVING count(*) = 3"
        )
    }
    block = next((one for one in range((newest >> bitmaps.BLOCK_BITS) + 1) if one not in made), None)
    if block is not None:
        connection.execute("DELETE FROM fact_bitmaps WHERE block = ?", [block])
        rows = _rows_of_block(connection, block)
        connection.executemany(_ROW, [(fact, value, block, octets) for (fact, value), octets in rows])
    return block


def forget_all(connection: sqlite3.Connection) -> None:
    """Forget all bits; they are made again as of new blocks."""
    connection.execute("DELETE FROM fact_bitmaps")


def check(connection: sqlite3.Connection) -> None:
    """Compare the bits with the articles. Raises: sqlite3.DatabaseError where they differ."""
    for (block,) in connection.execute("SELECT block FROM fact_bitmaps WHERE fact = 'article'").fetchall():
        held = {
            (fact, value): octets
            for fact, value, octets in connection.execute(
                "SELECT fact, value, articles FROM fact_bitmaps WHERE block = ?", [block]
            )
        }
        should = dict(_rows_of_block(connection, block))
        for fact in ("copied", "linked"):
            if (fact, "") not in held:
                del should[fact, ""]
        if held != should:
            every = sorted(held.keys() | should.keys())
            fact, value = next(one for one in every if held.get(one) != should.get(one))
            raise sqlite3.DatabaseError(
                f"fact_bitmaps of {fact} {value!r}, block {block}, differ from articles"
            )


def _rows_of_block(connection: sqlite3.Connection, block: int) -> Iterator[tuple[tuple[str, str], bytes]]:
    """The rows of a block; none of its days, where one of them is no date (`archive.store.fact_bits.day_number`)."""
    size = 1 << bitmaps.BLOCK_BITS
    first, last = block * size, (block + 1) * size - 1
    of_value: dict[tuple[str, str], list[int]] = {("article", ""): [], ("copy", ""): [], ("linked", ""): []}
    of_date: dict[str, list[int]] = {}
    day_numbers = bytearray(DAY_OCTETS * size)
    rows = connection.execute(
        "SELECT id, site, lower(language), published, duplicate_of, cluster_id "
        "FROM articles INDEXED BY articles_facts WHERE id BETWEEN ? AND ?",
        [first, last],
    )
    for number, site, language, published, copied, cluster in rows:
        at = number - first
        of_value["article", ""].append(at)
        of_value.setdefault(("site", site), []).append(at)
        if language is not None:
            of_value.setdefault(("language", language), []).append(at)
        if copied is not None:
            of_value["copy", ""].append(at)
        if copied is not None or cluster is not None:
            of_value["linked", ""].append(at)
        if published is not None:
            of_date.setdefault(published, []).append(at)
    heads = connection.execute(
        "SELECT duplicate_of FROM articles WHERE duplicate_of BETWEEN ? AND ?", [first, last]
    )
    of_value["copied", ""] = [number - first for (number,) in heads]
    days = {published: day_number(published) for published in of_date}
    if None not in days.values():
        of_value["published", ""] = []
        for published, some in of_date.items():
            of_value["published", ""] += some
            place, rest = 0, days[published] or 0
            while rest:
                if rest & 1:
                    of_value.setdefault(("published", str(place)), []).extend(some)
                place, rest = place + 1, rest >> 1
    for published, some in of_date.items():
        octets_of_day = (day_of(published) or 0).to_bytes(DAY_OCTETS, "little")
        for at in some:
            day_numbers[DAY_OCTETS * at : DAY_OCTETS * (at + 1)] = octets_of_day
    yield ("day", ""), bytes(day_numbers)
    for value, some in of_value.items():
        octets = bytearray(size >> 3)
        set_bits(octets, some)
        yield value, packed(bytes(octets))
