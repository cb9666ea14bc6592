"""The newest articles that have some words, and how many have them: by bits, or one walk of the index. Reads alone.

FTS5 keeps the articles of a word in ascending order. To walk a phrase from the newest on takes nearly twice as long as
from the oldest on (48 ms against 27), and where words hardly ever stand together it looks at a bound only when they do:
down from the newest, `rowid >= …` is seen at the next match below and not before, which may be the oldest article of
all; up from the bound, the lists end. So the walk goes up, but from where the newest that are wanted probably begin.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Final, NamedTuple

from archive.search.query import InTitle, Leaf, Node, Term
from archive.store.bitmaps import Bits, bits_from, bits_of, least_of, walk
from archive.store.matching import leaves, searched
from archive.store.memo import Memo
from archive.store.scarce import SINGLY, Few

FIRST: Final = 20_000
"""Articles, the newest, that are looked at first and say how far down the walk must begin: a fiftieth of a million."""

_FARTHER: Final = 1.3
"""Times as far down as they say the newest that are wanted reach."""

_LOWEST: Final = -(2**63)
_EVERY: Final = 2**63 - 1


class Newest(NamedTuple):
    """ids: of the newest matches, newest first. total: how many match, as far as they were counted."""

    ids: list[int]
    total: int


def newest_matches(connection: sqlite3.Connection, node: Node, wanted: int, most: int, memo: Memo) -> Newest:
    """The `wanted` newest articles that have what is looked for, and how many have it, as far as `most`."""
    held: tuple[int, int, Newest] | None = memo.last(("newest", node))
    if held is not None:
        were_wanted, at_most, found = held
        every = len(found.ids) < were_wanted
        if (every or wanted <= were_wanted) and (most <= at_most or found.total < at_most):
            return Newest(found.ids[:wanted], min(found.total, most))
    found = _newest_matches(connection, node, wanted, most, memo)
    memo.keep(("newest", node), (wanted, most, found))
    return found


def _newest_matches(connection: sqlite3.Connection, node: Node, wanted: int, most: int, memo: Memo) -> Newest:
    some = _of_alternatives(connection, node, wanted, most, memo)
    if some is not None:
        return some
    bits = bits_of(connection, node, memo)
    if bits is not None:
        return Newest(bits.newest(wanted), min(bits.total, most))
    expression = searched(node)
    (newest,) = connection.execute("SELECT coalesce(max(id), 0) FROM articles").fetchone()
    since = newest - FIRST
    if since <= 0 or any(map(_is_beginning, leaves(node))):
        # for a beginning each walk joins the lists of all words that begin so before it gives its first match
        since = _LOWEST
    ids = walk(connection, expression, since, newest)
    if since > _LOWEST and len(ids) < wanted:
        share = len(ids) / (newest - since)
        if share * newest > 2 * wanted:
            before, since = since, max(newest - int(_FARTHER * wanted / share), 0)
            ids = walk(connection, expression, since, before) + ids
        if len(ids) < wanted:
            ids = walk(connection, expression, _LOWEST, since) + ids
            since = _LOWEST
    total = len(ids)
    if since > _LOWEST and total < most:
        (earlier,) = connection.execute(
            "SELECT count(*) FROM (SELECT rowid FROM articles_fts WHERE articles_fts MATCH ? AND rowid <= ? LIMIT ?)",
            [expression, since, most - total],
        ).fetchone()
        total += earlier
    ids.reverse()
    return Newest(ids[:wanted], min(total, most))


def matching_bits(connection: sqlite3.Connection, node: Node, memo: Memo) -> Bits:
    """All articles that have what is looked for, as bits."""
    return memo.once(("matching", node), lambda: _matching_bits(connection, node, memo))


def _matching_bits(connection: sqlite3.Connection, node: Node, memo: Memo) -> Bits:
    bits = bits_of(connection, node, memo)
    if bits is not None:
        return bits
    least = least_of(connection, node, memo)
    if least is None:
        return bits_from(newest_matches(connection, node, _EVERY, _EVERY, memo).ids)
    (newest,) = connection.execute("SELECT coalesce(max(id), 0) FROM articles").fetchone()
    ids = [] if least.rest is None else walk(connection, searched(least.rest), _LOWEST, newest)
    for first, last in least.unmade:
        ids += walk(connection, searched(node), first - 1, last)
    return Bits(least.bits.number | bits_from(ids).number)


def _of_alternatives(
    connection: sqlite3.Connection, node: Node, wanted: int, most: int, memo: Memo
) -> Newest | None:
    """The same of alternatives of which the very common ones alone find as many as are wanted and counted.

    So many are known by bits, and where the newest begin; the index is asked from there on, and for the blocks without
    bits, in one walk for all words where each word for itself would take several times as long.
    """
    least = least_of(connection, node, memo)
    if least is None or least.bits.total < max(wanted, most):
        return None
    known = least.bits.newest(wanted)
    lowest = known[-1] - 1 if known else _LOWEST
    (newest,) = connection.execute("SELECT coalesce(max(id), 0) FROM articles").fetchone()
    ids: list[int] = []
    until, since = newest, newest - int(_FARTHER * wanted)
    while wanted:
        since = max(since, lowest)
        found = {one for one in known if since < one <= until}
        if least.rest is not None:
            # the last blocks are often without bits, and are walked for all words anyway
            below = least.unmade[-1][0] - 1 if least.unmade and least.unmade[-1][1] >= until else until
            found.update(walk(connection, searched(least.rest), since, min(until, below)))
        for first, last in least.unmade:
            if last > since and first <= until:
                found.update(walk(connection, searched(node), max(first - 1, since), min(last, until)))
        ids += sorted(found, reverse=True)
        if len(ids) >= wanted or since == lowest:
            break
        until, since = since, newest - int(_FARTHER * wanted / len(ids) * (newest - since)) if ids else lowest
    return Newest(ids[:wanted], most)


def found_among(
    connection: sqlite3.Connection, node: Node, few: Few, memo: Memo, *, singly: bool
) -> list[tuple[int, int]]:
    """Which articles have what is looked for and find which of few, as `Few.found_by` says it.

    singly: whether to ask for each of them where that is faster for very common words.
    """
    texts = few.texts()
    if not texts:
        return []
    bits = bits_of(connection, node, memo, (texts[0], texts[-1]))
    if bits is not None:
        return few.found_by(bits.among(texts))
    asked = json.dumps(texts)
    if singly and len(texts) <= SINGLY:
        rows = connection.execute(
            "SELECT f.rowid FROM json_each(?) AS one CROSS JOIN articles_fts AS f "
            "WHERE articles_fts MATCH ? AND f.rowid = one.value",
            [asked, searched(node)],
        )
    else:
        rows = connection.execute(
            "SELECT rowid FROM articles_fts WHERE articles_fts MATCH ? AND rowid BETWEEN ? AND ? "
            "AND +rowid IN (SELECT value FROM json_each(?))",
            [searched(node), texts[0], texts[-1], asked],
        )
    return few.found_by(number for (number,) in rows)


def _is_beginning(leaf: Leaf) -> bool:
    term = leaf.term if isinstance(leaf, InTitle) else leaf
    return isinstance(term, Term) and term.prefix
