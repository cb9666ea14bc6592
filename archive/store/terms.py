"""The words of the archive that may be names, by their skeletons: what spellings are found in. Inside a transaction.

A word goes to a page of its own in a b-tree, and an article has a hundred of them. So the words of the newest articles
wait, one row an article, written in the transaction of the article, until a batch of them, or the end of the run, sorts
them in. A search looks into both. Nothing is taken out again: a word that no article has any more is found to have no
match when it is looked for, and the counts only say how a word is mostly written.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable
from typing import Final

from archive.search.query import Node, match_expression
from archive.search.skeletons import skeletons
from archive.search.spellings import Known
from archive.search.terms import terms_of

TERMS_VERSION: Final = "3"
"""Of the rules of `archive.search.skeletons` and `archive.search.terms`. Another number fills the table anew."""

BATCH: Final = 128
"""Articles whose words wait. Twice as many save a tenth of the sorting and double what a search reads besides."""

ALL_COUNTED: Final = 2_000
COUNTED: Final = 8
"""After so many articles it is known how most words are written, and one article in eight goes on telling."""

_STORED: Final = 100_000
"""Words that are known to stand in the tables, so that they need not be read and sorted in again: 10 MB of memory, a
third of the CPU and nine in ten insertions spared."""

_VARIABLES: Final = 500


class TermIndex:
    """Writes the words of articles. It counts those that wait, so use a new one after a transaction that failed."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._waiting: int | None = None
        self._stored: set[str] = set()

    def note(self, article_id: int) -> None:
        """Note the words of an article as it stands now."""
        (title, text) = self._connection.execute(
            "SELECT coalesce(title, ''), text FROM articles WHERE id = ?", [article_id]
        ).fetchone()
        self._add(article_id, title, text)

    def _add(self, article_id: int, title: str, text: str) -> None:
        terms = terms_of(title, text, counted=article_id <= ALL_COUNTED or article_id % COUNTED == 0)
        keyed = [
            f"{skeleton}\t{term}\n"
            for term in terms.names - self._stored
            for skeleton in (("",) if term in terms.acronyms else skeletons(term))
        ]
        self._connection.execute(
            "INSERT OR REPLACE INTO terms_waiting (article_id, keyed, names, small) VALUES (?, ?, ?, ?)",
            [article_id, "\n" + "".join(keyed), f" {' '.join(terms.inside)} ", f" {' '.join(terms.small)} "],
        )
        if self._waiting is None:
            (self._waiting,) = self._connection.execute("SELECT count(*) FROM terms_waiting").fetchone()
        else:
            self._waiting += 1
        if self._waiting >= BATCH:
            self.settle()

    def settle(self) -> None:
        """Sort what waits into the tables."""
        keyed: set[str] = set()
        names: Counter[str] = Counter()
        small: Counter[str] = Counter()
        for some, capitalised, others in self._connection.execute(
            "SELECT keyed, names, small FROM terms_waiting"
        ):
            keyed.update(some.split("\n"))
            names.update(capitalised.split())
            small.update(others.split())
        keyed.discard("")
        pairs = sorted((skeleton, term) for skeleton, _, term in (line.partition("\t") for line in keyed))
        terms = {term for _, term in pairs}
        self._connection.executemany(
            "INSERT OR IGNORE INTO term_skeletons (skeleton, term) VALUES (?, ?)",
            [pair for pair in pairs if pair[0]],
        )
        self._connection.executemany(
            "INSERT OR IGNORE INTO terms (term) VALUES (?)", [(term,) for term in sorted(terms)]
        )
        self._connection.executemany(
            "UPDATE terms SET capitalised = capitalised + ?, small = small + ? WHERE term = ?",
            [(names[term], small[term], term) for term in sorted(names.keys() | small.keys())],
        )
        self._connection.execute("DELETE FROM terms_waiting")
        self._waiting = 0
        # what stood in capitals alone so far may be a name yet
        found = {term for skeleton, term in pairs if skeleton}
        self._stored = found if len(self._stored) > _STORED else self._stored | found

    # -- what was held before -----------------------------------------------------------------------------

    def is_current(self) -> bool:
        """Whether the words of everything held were noted by the rules of today."""
        return self._meta("terms_version") == TERMS_VERSION

    def note_more(self, limit: int) -> int:
        """Note the words of some of the articles that were held before; how many, 0 when that was all.

        How far it came stands in `meta`, part of the same transaction.
        """
        if self._meta("noting_terms") != TERMS_VERSION:
            for table in ("terms", "term_skeletons", "terms_waiting"):
                self._connection.execute(f"DELETE FROM {table}")  # noqa: S608 - our own words
            self._waiting, self._stored = 0, set()
            self._note("noting_terms", TERMS_VERSION)
            self._note("terms_through", "0")
        found = self._connection.execute(
            "SELECT id, coalesce(title, ''), text FROM articles WHERE id > ? ORDER BY id LIMIT ?",
            [int(self._meta("terms_through") or 0), limit],
        ).fetchall()
        for article_id, title, text in found:
            self._add(article_id, title, text)
        if found:
            self._note("terms_through", str(found[-1][0]))
        else:
            self.settle()
            self._note("terms_version", TERMS_VERSION)
        return len(found)

    def _meta(self, key: str) -> str | None:
        found = self._connection.execute("SELECT value FROM meta WHERE key = ?", [key]).fetchone()
        return found[0] if found else None

    def _note(self, key: str, value: str) -> None:
        self._connection.execute(
            "INSERT INTO meta (key, value) VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = :value",
            {"key": key, "value": value},
        )


class StoredLexicon:
    """The words of an archive, for one search: `archive.search.variants.Lexicon`."""

    def __init__(self, connection: sqlite3.Connection, searched: str) -> None:
        self._connection = connection
        self._searched = searched
        rows = connection.execute("SELECT keyed, names, small FROM terms_waiting").fetchall()
        columns = zip(*rows, strict=True) if rows else ((), (), ())
        self._keyed, self._names, self._small = map("".join, columns)
        self._seen: dict[Node, bool] = {}

    def by_skeleton(self, keys: Iterable[str]) -> list[Known]:
        """The words with one of these skeletons."""
        keys = sorted(keys)
        terms: set[str] = set()
        for at in range(0, len(keys), _VARIABLES):
            some = keys[at : at + _VARIABLES]
            terms.update(
                term
                for (term,) in self._connection.execute(
                    f"SELECT term FROM term_skeletons WHERE skeleton IN ({_marks(some)})",  # noqa: S608 - question marks
                    some,
                )
            )
        if self._keyed:
            for key in keys:
                terms.update(self._waiting(f"\n{key}\t"))
        return list(self.known(terms).values())

    def known(self, words: Iterable[str]) -> dict[str, Known]:
        """Those of some words that are names somewhere, or may be."""
        words = sorted(words)
        found: dict[str, Known] = {}
        for at in range(0, len(words), _VARIABLES):
            some = words[at : at + _VARIABLES]
            for row in self._connection.execute(
                f"SELECT term, capitalised, small FROM terms WHERE term IN ({_marks(some)})",  # noqa: S608 - as above
                some,
            ):
                found[row[0]] = Known(*row)
        if self._keyed:
            for word in words:
                held = found.get(word)
                if held is not None or f"\t{word}\n" in self._keyed:
                    _, capitalised, small = held or Known(word)
                    found[word] = Known(
                        word,
                        capitalised + self._names.count(f" {word} "),
                        small + self._small.count(f" {word} "),
                    )
        return found

    def occurs(self, node: Node) -> bool:
        """Whether any article has it in its title or text."""
        if node not in self._seen:
            self._seen[node] = (
                self._connection.execute(
                    "SELECT 1 FROM articles_fts WHERE articles_fts MATCH ? LIMIT 1",
                    [f"{self._searched} : {match_expression(node)}"],
                ).fetchone()
                is not None
            )
        return self._seen[node]

    def _waiting(self, start: str) -> Iterable[str]:
        at = self._keyed.find(start)
        while at >= 0:
            end = self._keyed.index("\n", at + 1)
            yield self._keyed[at + len(start) : end]
            at = self._keyed.find(start, end)


def _marks(values: list[str]) -> str:
    return ",".join("?" * len(values))
