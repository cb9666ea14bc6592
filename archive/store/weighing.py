"""Which words of a query bm25 weighs where an archive is large: the ones that few articles have.

Before bm25 gives the rank of its first match it goes through every article of every word of the expression, whichever
of them the rest of the query or a filter leaves: 20 ms for 400,000 articles, and for a phrase of common words as much
as finding it took, 40 to 170 ms. What it learns there is the weight of each word, the smaller the more articles have it
(Robertson and Zaragoza, *The Probabilistic Relevance Framework: BM25 and Beyond*, 2009, section 3). So beside rarer
words those that very many articles have are looked for, but do not weigh.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from archive.search.names import WORD
from archive.search.query import AllOf, AnyOf, InTitle, Near, Node, Term
from archive.store.matching import searched

SAMPLE: Final = 8_000
"""The newest articles, in which a word is counted: in 0.1 to 1.3 ms, where counting all takes 2 to 50."""


def weighed(connection: sqlite3.Connection, root: Node, too_many: int) -> Node | None:
    """The part of a query that bm25 is to weigh; `None` where that is nothing, the query itself where it is all.

    too_many: articles that have a word which does not weigh, estimated from the newest.
    """
    (newest,) = connection.execute("SELECT coalesce(max(id), 0) FROM articles").fetchone()
    if newest < too_many:
        return root
    return _weighed(root, _Counter(connection, newest, too_many))


def _count_since(connection: sqlite3.Connection, word: str, since: int) -> int:
    (count,) = connection.execute(
        "SELECT count(*) FROM articles_fts WHERE articles_fts MATCH ? AND rowid > ?",
        [searched(Term(word)), since],
    ).fetchone()
    return int(count)


class _Counter:
    def __init__(self, connection: sqlite3.Connection, newest: int, too_many: int) -> None:
        self._connection = connection
        self._since = max(newest - SAMPLE, 0)
        self._limit = too_many * (newest - self._since) // newest
        self._common: dict[str, bool] = {}

    def is_common(self, word: str) -> bool:
        """Whether more articles have a word than may, as the newest have it."""
        if word not in self._common:
            self._common[word] = _count_since(self._connection, word, self._since) > self._limit
        return self._common[word]


def _weighed(node: Node, counter: _Counter) -> Node | None:
    match node:
        case AllOf(parts, _):
            left = [one for part in parts if (one := _weighed(part, counter)) is not None]
            if not left:
                return None
            if len(left) == len(parts) and not node.without:
                return node
            return left[0] if len(left) == 1 else AllOf(tuple(left))
        case AnyOf(parts):
            return None if any(_weighed(part, counter) is None for part in parts) else node
        case InTitle(term):
            # FTS5 has one list of a word for all columns, and reads it whole for one of them
            return None if _weighed(term, counter) is None else node
        case Near(words):
            return None if any(map(counter.is_common, words)) else node
        case Term(text, prefix):
            # of a phrase the places of its commonest word cost most, and they are read as often as it is weighed
            return None if not prefix and any(map(counter.is_common, WORD.findall(text))) else node
