"""The index of sketch keys: which articles a key was made of. Part of the transaction of whoever calls.

An article has some two hundred keys. Those of the newest articles wait, one row an article, until a batch of them
becomes a sorted run (`archive.store.runs`). Measured at a million articles, in `docs/deduplication.md`.
"""

from __future__ import annotations

import sqlite3
from itertools import chain
from typing import Final

import numpy as np

from archive.dedup.membership import asked
from archive.store.runs import Postings, add_run, read_runs, sort_postings
from scraper.minhash import Hashes

BATCH: Final = 500
"""Articles whose keys wait: what they hold in memory is some 10 MB."""

MOST_POSTINGS: Final = 256
"""A key is not written for more articles than this: beyond it, it tells nothing that is not known already."""


class KeyIndex:
    """Articles by key. It remembers the waiting ones, so use a new one after a transaction that failed."""

    def __init__(self, connection: sqlite3.Connection, *, batch: int = BATCH) -> None:
        self._connection = connection
        self._batch = batch
        self._runs = read_runs(connection)
        # The first article of each key that waits, and the others of the few keys that have more.
        self._first: dict[int, int] = {}
        self._more: dict[int, list[int]] = {}
        self._count = 0
        for article_id, blob in connection.execute("SELECT article_id, keys FROM sketch_keys_waiting"):
            self._remember(article_id, np.frombuffer(blob, "<u8").tolist())

    def lookup(self, keys: Hashes) -> dict[int, list[int]]:
        """The articles of each key that any article has, in order of id."""
        wanted, those = keys.tolist(), asked(keys)
        found: dict[int, list[int]] = {}
        for run in self._runs:
            run.lookup(wanted, those, found)
        for key in self._first.keys() & wanted:
            found.setdefault(key, []).extend(self._waiting(key))
        return {key: sorted(articles) for key, articles in found.items()}

    def add(self, article_id: int, keys: Hashes, known: dict[int, list[int]]) -> None:
        """Write the keys of an article. known: what `lookup` found for them."""
        crowded = [key for key, articles in known.items() if len(articles) >= MOST_POSTINGS]
        if crowded:
            keys = np.setdiff1d(keys, np.array(crowded, np.uint64))
        self._connection.execute(
            "INSERT INTO sketch_keys_waiting (article_id, keys) VALUES (?, ?)",
            [article_id, keys.astype("<u8", copy=False).tobytes()],
        )
        self._remember(article_id, keys.tolist())
        if self._count >= self._batch:
            self._settle()

    def remove(self, article_id: int, keys: Hashes) -> None:
        """Forget the keys of an article."""
        self._connection.execute("DELETE FROM sketch_keys_waiting WHERE article_id = ?", [article_id])
        wanted, those = keys.tolist(), asked(keys)
        for key in self._first.keys() & wanted:
            left = [one for one in self._waiting(key) if one != article_id]
            del self._first[key]
            self._more.pop(key, None)
            if left:
                self._first[key] = left[0]
            if left[1:]:
                self._more[key] = left[1:]
        for run in self._runs:
            run.remove(wanted, those, article_id)

    def _waiting(self, key: int) -> list[int]:
        return [self._first[key], *self._more.get(key, ())]

    def _remember(self, article_id: int, keys: list[int]) -> None:
        self._count += 1
        before = {key: self._first[key] for key in self._first.keys() & keys}
        for key in before:
            self._more.setdefault(key, []).append(article_id)
        self._first.update(dict.fromkeys(keys, article_id))
        self._first.update(before)

    def _settle(self) -> None:
        """Make what waits a run."""
        more = [(key, article_id) for key, ids in self._more.items() for article_id in ids]
        keys = np.fromiter(chain(self._first, (key for key, _ in more)), np.uint64)
        articles = np.fromiter(chain(self._first.values(), (article_id for _, article_id in more)), np.uint32)
        self._runs = add_run(self._connection, self._runs, sort_postings(Postings(keys, articles)))
        self._connection.execute("DELETE FROM sketch_keys_waiting")
        self._first.clear()
        self._more.clear()
        self._count = 0
