"""Beginnings of words that too many articles have: which words to look for instead.

FTS5 answers `co*` by joining the matches of every word that begins so before it gives the first, newest or not, and
does it again to count and to rank. Its own remedy, an index of beginnings (`prefix='3'`), was measured: 70 % more index
and 65 % more CPU to keep it, 130 % and 105 % for two and three letters, and four letters are as slow as before. Where
only the newest matches are shown anyway, the words that most of them have do as well.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from typing import Final

from archive.search.fold import fold
from archive.search.names import WORD
from archive.search.query import AnyOf, Node, Term
from archive.search.sounds import plain

SAMPLE: Final = 120
"""Articles that tell how common a beginning is, and which words begin so: one in 40 has 3 of them, give or take 2."""

_NEWEST: Final = 50
"""Of these, the newest: they are what is shown."""

_CHARACTERS: Final = 2_500
"""Of each of them: a long one must not cost more than the search."""

MAX_WORDS: Final = 16
"""A match of one of them costs 0.4 us, of one of 48 twice as much."""


def with_commonest(connection: sqlite3.Connection, root: Node, too_many: int) -> Node:
    """The query with the commonest words in place of a beginning that at least `too_many` articles have.

    Only where it is looked for by itself, or beside alternatives: with another word all that have both are wanted.
    """
    if isinstance(root, AnyOf):
        return AnyOf(tuple(with_commonest(connection, part, too_many) for part in root.parts))
    if not isinstance(root, Term) or not root.prefix or not WORD.fullmatch(root.text):
        return root
    (newest,) = connection.execute("SELECT coalesce(max(id), 0) FROM articles").fetchone()
    if newest < too_many:
        return root
    share, words = _begun(connection, plain(root.text), newest)
    if share * newest < too_many:
        return root
    return AnyOf(tuple(Term(word) for word in words))


def _begun(connection: sqlite3.Connection, beginning: str, newest: int) -> tuple[float, list[str]]:
    """How large a share of the articles has words that begin so, and which, the commonest first."""
    some = {newest * at // (SAMPLE - _NEWEST) for at in range(1, SAMPLE - _NEWEST)}
    some |= set(range(newest, newest - _NEWEST, -1))
    rows = connection.execute(
        f"SELECT coalesce(title, '') || ' ' || substr(text, 1, {_CHARACTERS}) FROM articles "  # noqa: S608 - a number
        f"WHERE id IN ({','.join(map(str, some))}) AND duplicate_of IS NULL"
    ).fetchall()
    pattern = re.compile(rf"(?<!\w){re.escape(beginning)}\w*")
    counts: Counter[str] = Counter()
    having = 0
    for (text,) in rows:
        found = set(pattern.findall(fold(text).lower()))
        having += bool(found)
        counts.update(found)
    words = sorted(counts, key=lambda word: (-counts[word], word))
    return having / max(1, len(rows)), words[:MAX_WORDS]
