"""The matches that a search puts in order, each with its rank, and how many there are besides. Reads alone.

Where very many articles match, those with the words in their titles come first and then the newest: to weigh a word
bm25 goes through all of its matches, however few are ranked, which took 60 ms for half a million. Titles have an index
of their own (`archive.store.index.title_index_sql`).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Sequence
from typing import Final, NamedTuple

from archive.search.order import Match
from archive.search.query import InTitle, Node, excludes, match_expression, wanted_terms
from archive.store.bitmaps import Bits, bits_from
from archive.store.matching import searched
from archive.store.memo import Memo
from archive.store.newest import matching_bits, newest_matches
from archive.store.passing import Passed, passing_with
from archive.store.story_facts import with_facts
from archive.store.weighing import weighed

TITLED: Final = 10_000
"""So many articles with the words in their titles are looked at, the newest, in 2 ms: for most words all of them."""

_SINGLY: Final = 100
"""Of so few articles titles are asked for one by one: 20 to 90 us each, where the walk of a word takes up to 25 ms."""

TITLE_WEIGHT: Final = 5.0
"""A word in the title counts as five in the text. By judgement, not by measurement."""

UNWEIGHED: Final = -1.0
"""The rank of a match that is not weighed."""


class Ranked(NamedTuple):
    """matches: the newest, with their ranks, one perhaps twice. total, texts: how many articles match, as far as they
    were counted, and how many texts those are."""

    matches: list[Match]
    total: int
    texts: int


def ranked_by_words(
    connection: sqlite3.Connection, root: Node, words: Node, ranked_matches: int, very_common: int, memo: Memo
) -> Ranked:
    """The newest matches of a query without filters.

    words: the query as the index is asked for it, with the commonest words in place of a very common beginning.
    """
    found = newest_matches(connection, words, ranked_matches, very_common, memo)
    heavy = None if found.total >= very_common else weighed(connection, root, very_common)
    if heavy is not None:
        ranks = _weights(connection, words if heavy == root else heavy, found.ids, every=heavy == root)
    elif all(isinstance(leaf, InTitle) for leaf in wanted_terms(root)):
        ranks = dict.fromkeys(found.ids, -TITLE_WEIGHT)
    else:
        # what must not be in a text may stand there beside the title
        titled = _titled(connection, words, found.ids if excludes(words) else None)
        ranks = _titles_first(titled, found.ids, ranked_matches)
    return Ranked(with_facts(connection, ranks, memo), found.total, found.total)


def ranked_of_passed(
    connection: sqlite3.Connection,
    root: Node,
    words: Node,
    passed: Callable[[bool], Passed],
    ranked_matches: int,
    very_common: int,
    memo: Memo,
    many: Bits | None,
) -> Ranked:
    """As `ranked_by_words`, of articles that pass filters. passed: those, as it is told whether the words weigh.

    many: all that pass the filters, where `passed` has the newest alone.
    """
    heavy = weighed(connection, root, very_common)
    if heavy is not None:
        if many is not None:  # all that have the words are looked for anyway
            matched = matching_bits(connection, words, memo).total
        else:
            matched = newest_matches(connection, words, 0, very_common, memo).total
        heavy = heavy if matched < very_common else None
    pairs, total, texts = passed(heavy is not None)
    newest = pairs[:ranked_matches]
    if heavy is None:
        if many is not None:
            with_words = bits_from(_titled(connection, words)).number
            with_words &= matching_bits(connection, words, memo).number
            titled = passing_with(connection, Bits(with_words), many, ranked_matches, memo)
        else:
            some = set(_titled(connection, words, {one for pair in pairs for one in pair}))
            titled = [number for text, number in pairs if number in some or text in some]
        ranks = _titles_first(titled, [number for _, number in newest], ranked_matches)
        return Ranked(with_facts(connection, ranks, memo), total, texts)
    found_by = list(dict.fromkeys(text for text, _ in newest))
    weights = _weights(connection, words if heavy == root else heavy, found_by, every=False)
    ranks = {}
    for text, number in newest:
        if text in weights:  # else it was changed since it was found
            ranks[number] = min(weights[text], ranks.get(number, 0.0))
    return Ranked(with_facts(connection, ranks, memo), total, texts)


def in_titles(words: Node) -> str:
    """The expression that finds what has the words in its title."""
    match = f"{{title}} : ({searched(words)})"
    # what must not be in a text may stand there beside the title
    return f"({searched(words)}) AND ({match})" if excludes(words) else match


def _titled(connection: sqlite3.Connection, words: Node, among: Collection[int] | None = None) -> list[int]:
    """The newest articles that have some words in their titles, newest first. among: of these alone."""
    expression = match_expression(words)
    if among is None:
        # as one text they come out of SQLite in a third of the time that a row each takes
        (found,) = connection.execute(
            "SELECT json_group_array(id) FROM "
            "(SELECT rowid AS id FROM titles_fts WHERE titles_fts MATCH ? ORDER BY rowid DESC LIMIT ?)",
            [expression, TITLED],
        ).fetchone()
        ids: list[int] = json.loads(found)
        return sorted(ids, reverse=True)  # as they are already, but SQLite promises no order
    if len(among) <= _SINGLY:
        sql = (
            "SELECT t.rowid FROM json_each(?) AS one CROSS JOIN titles_fts AS t "
            "WHERE titles_fts MATCH ? AND t.rowid = one.value"
        )
        rows = connection.execute(sql, [json.dumps(sorted(among, reverse=True)), expression])
    else:
        sql = (
            "SELECT rowid FROM titles_fts WHERE titles_fts MATCH ? AND rowid BETWEEN ? AND ? "
            "AND +rowid IN (SELECT value FROM json_each(?))"
        )
        rows = connection.execute(sql, [expression, min(among), max(among), json.dumps(list(among))])
        return [number for (number,) in rows][::-1]
    return [number for (number,) in rows]


def _titles_first(titled: list[int], ids: list[int], most: int) -> dict[int, float]:
    """The newest `most` of some articles with their ranks, those with the words in their titles before others."""
    ranks = dict.fromkeys(titled[:most], -TITLE_WEIGHT)
    for number in ids:
        if len(ranks) >= most:
            break
        ranks.setdefault(number, UNWEIGHED)
    return ranks


def _weights(
    connection: sqlite3.Connection, heavy: Node, ids: Sequence[int], *, every: bool
) -> dict[int, float]:
    """How much some articles weigh, newest first. every: all between them match."""
    if not ids:
        return {}
    only = "" if every else "AND +rowid IN (SELECT value FROM json_each(:ids))"
    rows = connection.execute(
        "SELECT rowid, bm25(articles_fts, :title_weight, 1.0, 0.0) FROM articles_fts "  # noqa: S608 - words of ours
        f"WHERE articles_fts MATCH :weighed AND rowid BETWEEN :oldest AND :newest {only}",
        {
            "title_weight": TITLE_WEIGHT,
            "weighed": searched(heavy),
            "oldest": ids[-1],
            "newest": ids[0],
            "ids": json.dumps(list(ids)),
        },
    )
    return dict(rows.fetchall())
