"""The matches that a search puts in order, each with its rank, and how many there are besides. Reads alone.

Where very many articles match, those with the words in their titles come first and then the newest: to weigh a word
bm25 goes through all of its matches, however few are ranked, which took 60 ms for half a million. Titles are looked at
of the newest `TITLED_MATCHES`; beside a filter, of those alone that are ranked.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from archive.search.order import Match
from archive.search.query import InTitle, Node, Term, excludes, wanted_terms
from archive.store.marking import matching_titles, one_word_needed, whole_words_needed
from archive.store.matching import searched
from archive.store.memo import Memo
from archive.store.newest import matching_bits, newest_matches, walk
from archive.store.passing import Passed
from archive.store.story_facts import with_facts
from archive.store.weighing import estimated, weighed

TITLED_MATCHES: Final = 10_000
"""Of very many matches the newest that are looked at for words in their titles, in 7 ms; of 50,000 it takes 30."""

TITLED_SINGLY: Final = 3_000
"""Of few matches so many titles are read, 5 us each."""

TITLE_WEIGHT: Final = 5.0
"""A word in the title counts as five in the text. By judgement, not by measurement."""

_WALKED_FOR_A_TITLE: Final = 150
"""Articles that have a word are walked for those that have it in the title at the cost of reading one title: 20 ns
against 5 us, and some left for what is guessed wrong."""

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
    found = newest_matches(connection, words, max(ranked_matches, TITLED_MATCHES), very_common, memo)
    ids = found.ids[:ranked_matches]
    very_many = found.total >= very_common
    heavy = None if very_many else weighed(connection, root, very_common)
    if heavy is not None:
        ranks = _weights(connection, words if heavy == root else heavy, ids, every=heavy == root)
        return Ranked(with_facts(connection, ranks, memo), found.total, found.total)
    if all(isinstance(leaf, InTitle) for leaf in wanted_terms(root)):
        return Ranked(
            with_facts(connection, dict.fromkeys(ids, -TITLE_WEIGHT), memo), found.total, found.total
        )
    if very_many:
        titled = _in_titles(connection, words, found.ids[:TITLED_MATCHES], ranked_matches)
        ids = ids[: max(ranked_matches - len(titled), 0)]
    elif len(ids) > TITLED_SINGLY:
        titled = _in_titles(connection, words, ids, ranked_matches)
    else:
        return Ranked(_unweighed(connection, root, ids, memo), found.total, found.total)
    ranks = dict.fromkeys(ids, UNWEIGHED) | dict.fromkeys(titled, -TITLE_WEIGHT)
    return Ranked(with_facts(connection, ranks, memo), found.total, found.total)


def ranked_of_passed(
    connection: sqlite3.Connection,
    root: Node,
    words: Node,
    passed: Callable[[bool], Passed],
    ranked_matches: int,
    very_common: int,
    memo: Memo,
    *,
    by_bits: bool,
) -> Ranked:
    """As `ranked_by_words`, of articles that pass filters. passed: those, as it is told whether the words weigh.

    by_bits: whether all that have the words are looked for anyway.
    """
    heavy = weighed(connection, root, very_common)
    if heavy is not None:
        if by_bits:
            total = matching_bits(connection, words, memo).total
        else:
            total = newest_matches(connection, words, 0, very_common, memo).total
        heavy = heavy if total < very_common else None
    pairs, total, texts = passed(heavy is not None)
    newest = pairs[:ranked_matches]
    if heavy is None:
        ids = [number for _, number in newest]
        return Ranked(_unweighed(connection, root, ids, memo, by_heads=True), total, texts)
    found_by = list(dict.fromkeys(text for text, _ in newest))
    weights = _weights(connection, words if heavy == root else heavy, found_by, every=False)
    ranks: dict[int, float] = {}
    for text, number in newest:
        if text in weights:  # else it was changed since it was found
            ranks[number] = min(weights[text], ranks.get(number, 0.0))
    return Ranked(with_facts(connection, ranks, memo), total, texts)


def _unweighed(
    connection: sqlite3.Connection, root: Node, ids: Sequence[int], memo: Memo, *, by_heads: bool = False
) -> list[Match]:
    """Some articles as matches that are not weighed, those with the words in their titles once more and before: to
    read these titles costs less than the index does, which has one list of a word for titles and texts.

    by_heads: or in the title of what they are copies of.
    """
    matches = with_facts(connection, dict.fromkeys(ids, UNWEIGHED), memo)
    asked = set(ids)
    if by_heads:
        asked |= {one.duplicate_of for one in matches if one.duplicate_of is not None}
    # of the titles that have one of some words the rest is seen to below
    needed = one_word_needed(root)
    whole = max(whole_words_needed(root), key=len, default="")
    if whole and estimated(connection, whole) < _WALKED_FOR_A_TITLE * len(asked):
        asked.intersection_update(walk(connection, in_titles(Term(whole)), min(asked) - 1, max(asked)))
        needed = ()
    one_of = " OR ".join(["instr(lower(title), ?)"] * len(needed) or ["true"])
    # the facts are in an index: in the table two of them come after the text, which may be long
    titles = connection.execute(
        "SELECT articles.id, title FROM json_each(?) CROSS JOIN articles ON articles.id = value "  # noqa: S608 - ours
        f"WHERE {one_of} OR length(title) < length(CAST(title AS BLOB))",
        [json.dumps(sorted(asked)), *needed],
    ).fetchall()
    found = matching_titles(root, titles)
    titled = [
        one._replace(rank=-TITLE_WEIGHT)
        for one in matches
        if one.id in found or (by_heads and one.duplicate_of in found)
    ]
    return [*titled, *matches]


def in_titles(words: Node) -> str:
    """The expression that finds what has the words in its title."""
    match = f"{{title}} : ({searched(words)})"
    # what must not be in a text may stand there beside the title
    return f"({searched(words)}) AND ({match})" if excludes(words) else match


def _in_titles(connection: sqlite3.Connection, words: Node, ids: Sequence[int], most: int) -> list[int]:
    """The newest of some articles, newest first, that have all words in their titles."""
    if not ids:
        return []
    return walk(connection, in_titles(words), ids[-1] - 1, ids[0])[: -most - 1 : -1]


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
