"""The index of sketch keys: which articles a key was made of. Part of the transaction of whoever calls.

Keys are as good as random, so that each one written to a b-tree dirties a page of its own, and an article has some
two hundred. Keys of the newest articles therefore wait, one row an article, until a batch of them is sorted into
the table. Measured (SQLite 3.40.1, 170 keys an article, 20,000 articles, CPU): one by one 2,000 us an article, in
batches of 500 from 400 to 850 us; looking up 170 keys 400 to 550 us, in one statement.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Final

import numpy as np

from scraper.minhash import Hashes

BATCH: Final = 500
"""Articles whose keys wait: what they hold in memory is 10 MB, and sorting them in takes half a second."""

MOST_POSTINGS: Final = 256
"""A key is not written for more articles than this: beyond it, it tells nothing that is not known already."""

_VARIABLES: Final = 500


class KeyIndex:
    """Articles by key. It remembers the waiting ones, so use a new one after a transaction that failed."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._waiting: dict[int, list[int]] = {}
        self._count = 0
        for article_id, blob in connection.execute("SELECT article_id, keys FROM sketch_keys_waiting"):
            self._remember(article_id, np.frombuffer(blob, "<u8"))

    def lookup(self, keys: Hashes) -> dict[int, list[int]]:
        """The articles of each key that any article has, in order of id."""
        wanted = np.sort(keys).tolist()
        found: dict[int, list[int]] = {}
        for start in range(0, len(wanted), _VARIABLES):
            some = wanted[start : start + _VARIABLES]
            marks = ",".join("?" * len(some))
            for key, article_id in self._connection.execute(
                f"SELECT key, article_id FROM sketch_keys WHERE key IN ({marks})",  # noqa: S608 - question marks
                some,
            ):
                found.setdefault(key, []).append(article_id)
        for key in wanted:
            waiting = self._waiting.get(key)
            if waiting:
                found[key] = sorted({*found.get(key, ()), *waiting})
        return found

    def add(self, article_id: int, keys: Hashes, known: dict[int, list[int]]) -> None:
        """Write the keys of an article. known: what `lookup` found for them."""
        crowded = [key for key, articles in known.items() if len(articles) >= MOST_POSTINGS]
        if crowded:
            keys = np.setdiff1d(keys, np.array(crowded, np.uint64))
        self._connection.execute(
            "INSERT INTO sketch_keys_waiting (article_id, keys) VALUES (?, ?)",
            [article_id, keys.astype("<u8").tobytes()],
        )
        self._remember(article_id, keys)
        if self._count >= BATCH:
            self._settle()

    def remove(self, article_id: int, keys: Hashes) -> None:
        """Forget the keys of an article."""
        self._connection.execute("DELETE FROM sketch_keys_waiting WHERE article_id = ?", [article_id])
        self._connection.executemany(
            "DELETE FROM sketch_keys WHERE key = ? AND article_id = ?",
            [(key, article_id) for key in keys.tolist()],
        )
        for key in keys.tolist():
            waiting = self._waiting.get(key)
            if waiting and article_id in waiting:
                waiting.remove(article_id)

    def _remember(self, article_id: int, keys: Iterable[int] | Hashes) -> None:
        self._count += 1
        for key in np.asarray(keys).tolist():
            self._waiting.setdefault(key, []).append(article_id)

    def _settle(self) -> None:
        """Sort what waits into the table."""
        pairs = sorted(
            (key, article_id) for key, articles in self._waiting.items() for article_id in articles
        )
        self._connection.executemany(
            "INSERT OR IGNORE INTO sketch_keys (key, article_id) VALUES (?, ?)", pairs
        )
        self._connection.execute("DELETE FROM sketch_keys_waiting")
        self._waiting.clear()
        self._count = 0
