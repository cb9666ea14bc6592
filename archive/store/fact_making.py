"""Making and checking the bits of facts, which `archive.store.fact_bits` reads. Inside a transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Final

from archive.search.order import day_of
from archive.store import bitmaps
from archive.store.bitmap_making import FROM_ARTICLES
from archive.store.bitmaps import set_bits
from archive.store.fact_bits import DAY_OCTETS, day_number, packed

GROUPS: Final = {"copied": (), "linked": (), "captured": ("job", "outcome"), "tagged": ("tag",)}
"""What a block may lose alone: the fact whose row says that it is known, and those that go with it."""

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
        # the number of its day (archive.search.order), 0 where it has none. `job` and `outcome` are of captures,
        # and known where there is `captured`; `tag` is known where there is `tagged`.
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


def captured_sql(block_bits: int = bitmaps.BLOCK_BITS) -> tuple[str, ...]:
    """The statements by which a block loses the bits of jobs and outcomes, or of tags, when those change."""

    def lose(group: str, row: str) -> str:
        facts = ", ".join(f"'{fact}'" for fact in (group, *GROUPS[group]))
        return (
            f"DELETE FROM fact_bitmaps WHERE block = {row}.article_id >> {block_bits} AND fact IN ({facts});"  # noqa: S608
        )

    same = "article_id = new.article_id AND job IS new.job AND outcome = new.outcome AND id <> new.id"
    changed = " OR ".join(f"new.{fact} IS NOT old.{fact}" for fact in ("article_id", "job", "outcome"))
    either = f"{lose('tagged', 'old')} {lose('tagged', 'new')}"
    return (
        # A page that is fetched again and has not changed, by the same job, tells nothing new.
        "CREATE TRIGGER fact_bitmaps_captured AFTER INSERT ON captures WHEN new.article_id IS NOT NULL "  # noqa: S608
        f"AND NOT EXISTS (SELECT 1 FROM captures WHERE {same}) BEGIN {lose('captured', 'new')} END",
        "CREATE TRIGGER fact_bitmaps_recaptured AFTER UPDATE OF article_id, job, outcome ON captures "
        f"WHEN {changed} BEGIN {lose('captured', 'old')} {lose('captured', 'new')} END",
        f"CREATE TRIGGER fact_bitmaps_uncaptured AFTER DELETE ON captures BEGIN {lose('captured', 'old')} END",
        f"CREATE TRIGGER fact_bitmaps_tagged AFTER INSERT ON article_tags BEGIN {lose('tagged', 'new')} END",
        f"CREATE TRIGGER fact_bitmaps_retagged AFTER UPDATE ON article_tags BEGIN {either} END",
        f"CREATE TRIGGER fact_bitmaps_untagged AFTER DELETE ON article_tags BEGIN {lose('tagged', 'old')} END",
        "CREATE TRIGGER fact_bitmaps_renamed AFTER UPDATE ON tags "
        "BEGIN DELETE FROM fact_bitmaps WHERE fact IN ('tagged', 'tag'); END",
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
            "SELECT block FROM fact_bitmaps WHERE fact IN (SELECT value FROM json_each(?)) "
            "GROUP BY block HAVING count(*) = ?",
            [json.dumps(["article", *GROUPS]), 1 + len(GROUPS)],
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
        for group, facts in GROUPS.items():
            if (group, "") not in held:
                should = {key: octets for key, octets in should.items() if key[0] not in (group, *facts)}
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
    of_value |= _captured_and_tagged(connection, first, last)
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


def _captured_and_tagged(
    connection: sqlite3.Connection, first: int, last: int
) -> dict[tuple[str, str], list[int]]:
    """For each job, outcome and tag the articles of a block that have it, counted from its first."""
    found: dict[tuple[str, str], set[int]] = {("captured", ""): set(), ("tagged", ""): set()}
    captured = connection.execute(
        "SELECT DISTINCT article_id, job, outcome FROM captures WHERE article_id BETWEEN ? AND ?",
        [first, last],
    )
    for number, job, outcome in captured:
        found["captured", ""].add(number - first)
        found.setdefault(("outcome", outcome), set()).add(number - first)
        if job is not None:
            found.setdefault(("job", job), set()).add(number - first)
    tagged = connection.execute(
        "SELECT article_id, name FROM article_tags JOIN tags ON tags.id = tag_id WHERE article_id BETWEEN ? AND ?",
        [first, last],
    )
    for number, name in tagged:
        found["tagged", ""].add(number - first)
        found.setdefault(("tag", name), set()).add(number - first)
    return {key: sorted(some) for key, some in found.items()}
