"""What matches are put in order by, beside their ranks: the story each is of, and its day. Reads alone.

To look up an article in an index takes 2 to 3 us, and a search has 3,000 matches: 8 ms, of which most are the newest
and stand side by side. So where a block of articles has facts (`archive.store.fact_bits`), the days of all are read at
once, in 40 us, and those articles alone are looked up that are of a cluster or copy another one.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from archive.search.order import Match, day_of
from archive.store import bitmaps
from archive.store.bitmaps import MADE_OF_FACTS, made_of
from archive.store.fact_bits import DAY_OCTETS, unpacked
from archive.store.memo import Memo

_SINGLY: Final = 20
"""Of a block so many matches are looked up in the time that its days take."""


def with_facts(connection: sqlite3.Connection, ranks: dict[int, float], memo: Memo) -> list[Match]:
    """Articles, given with their ranks, as matches; one that is gone is left out."""
    found, others = _from_days(connection, ranks, memo)
    rows = connection.execute(
        "SELECT articles.id, duplicate_of, cluster_id, published "
        "FROM json_each(?) CROSS JOIN articles INDEXED BY articles_facts ON articles.id = value",
        [json.dumps(others)],
    )
    found += [
        Match(number, ranks[number], head, cluster, day_of(published))
        for number, head, cluster, published in rows
    ]
    return found


def _from_days(
    connection: sqlite3.Connection, ranks: dict[int, float], memo: Memo
) -> tuple[list[Match], list[int]]:
    """The matches that blocks tell all of, and the articles that are to be looked up."""
    by_block = _by_block(ranks)
    many = [block for block, ids in by_block.items() if len(ids) > _SINGLY]
    if not many or made_of(connection, memo, MADE_OF_FACTS) is None:
        return [], list(ranks)
    # in one statement, which sees one state of the archive
    rows: dict[int, dict[str, bytes]] = {}
    for block, fact, octets in connection.execute(
        "SELECT block, fact, articles FROM fact_bitmaps WHERE fact IN ('article', 'day', 'linked') AND value = '' "
        "AND block IN (SELECT value FROM json_each(?))",
        [json.dumps(many)],
    ):
        rows.setdefault(block, {})[fact] = octets
    found: list[Match] = []
    others: list[int] = []
    for block, ids in by_block.items():
        facts = rows.get(block, {})
        if len(facts) < 3:
            others += ids
            continue
        first, days = block << bitmaps.BLOCK_BITS, facts["day"]
        alone = _alone(unpacked(facts["article"]), unpacked(facts["linked"]))
        for number in ids:
            at = number - first
            if alone[at] == "1":
                at *= DAY_OCTETS
                day = days[at] | days[at + 1] << 8 | days[at + 2] << 16
                found.append(Match(number, ranks[number], None, None, day or None))
            else:
                others.append(number)
    return found, others


def _alone(held: bytes, linked: bytes) -> str:
    """A digit for each article of a block, the lowest first: 1 where it is held and linked with no other one."""
    both = int.from_bytes(held, "little") & ~int.from_bytes(linked, "little")
    return f"{both:0{1 << bitmaps.BLOCK_BITS}b}"[::-1]


def _by_block(ids: Iterable[int]) -> dict[int, list[int]]:
    blocks: defaultdict[int, list[int]] = defaultdict(list)
    bits = bitmaps.BLOCK_BITS
    for number in ids:
        blocks[number >> bits].append(number)
    return blocks
