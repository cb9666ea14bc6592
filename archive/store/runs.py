"""Sorted runs: the postings of many articles, in order of key, written once and merged with others of their size.

A log-structured merge tree. Keys are as good as random, so that in a b-tree each one
dirties a page of its own; in a run 336 share a page, and each is written five times on the way to a million articles.
Source: O'Neil, Cheng, Gawlick, O'Neil, The Log-Structured Merge-Tree, Acta Informatica 33, 1996. Everything here is
part of the transaction of whoever calls.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from archive.dedup.membership import Asked, as_filter, fill, make_filter, probable
from scraper.minhash import Hashes

Ids = npt.NDArray[np.uint32]

CHUNK: Final = 336
"""Postings in a row of `sketch_chunks`: 8 octets of key and 4 of article each, so that a row fills a page of 4096."""

FAN: Final = 4
"""So many runs of one size become one: fewer are rewritten more often, more are asked more often."""

LEVELS: Final = 5
"""Runs of the last size are not merged: 4**4 batches, some 128,000 articles and 320 MB, which is the longest that one
transaction can be kept busy (some seconds)."""

PATIENCE: Final = 4
"""Look-ups after which the filter of a run is read. A command that adds one article does without: at a million
articles all filters together are 370 MB, as long to read as five look-ups take without them."""

_AT_ONCE: Final = 500_000
"""Postings merged at a time."""

_CHUNKS_OF: Final = "id >= :run << 32 AND id < (:run + 1) << 32"


class Postings(NamedTuple):
    """Keys in order, and beside each an article that has it."""

    keys: Hashes
    articles: Ids


class Run:
    """One sorted run. Its fences, the first key of each chunk, and its filter are read when first needed."""

    def __init__(self, connection: sqlite3.Connection, run_id: int, level: int, postings: int) -> None:
        self.run_id, self.level, self.postings = run_id, level, postings
        self._connection = connection
        self._fences: Hashes | None = None
        self._filter: Hashes | None = None
        self._asked = 0

    def lookup(self, keys: Sequence[int], those: Asked, found: dict[int, list[int]]) -> None:
        """Add to `found` the articles of each key. those: the keys, as filters are asked."""
        for key in self._probable(keys, those):
            for chunk in self._chunks_of(key):
                held = self._chunk(chunk)
                first, end = _between(held.keys, key)
                if first < end:
                    found.setdefault(key, []).extend(held.articles[first:end].tolist())

    def remove(self, keys: Sequence[int], those: Asked, article_id: int) -> None:
        """Take out the postings of an article under these keys, where it has them here."""
        for key in self._probable(keys, those):
            for chunk in self._chunks_of(key):
                held = self._chunk(chunk)
                first, end = _between(held.keys, key)
                gone = first + np.flatnonzero(held.articles[first:end] == article_id)
                if len(gone):
                    self._connection.execute(
                        "UPDATE sketch_chunks SET postings = ? WHERE id = ?",
                        [
                            _octets(np.delete(held.keys, gone), np.delete(held.articles, gone)),
                            self.run_id << 32 | chunk,
                        ],
                    )

    def _probable(self, keys: Sequence[int], those: Asked) -> Iterable[int]:
        """The keys that are here, and few others; all of them before the filter is worth reading."""
        self._asked += 1
        if self._filter is None and self._asked > PATIENCE:
            self._filter = as_filter(self._blob("filter"))
        if self._filter is None:
            return keys
        return [keys[at] for at in probable(self._filter, those).tolist()]

    def _chunk(self, number: int) -> Postings:
        (octets,) = self._connection.execute(
            "SELECT postings FROM sketch_chunks WHERE id = ?", [self.run_id << 32 | number]
        ).fetchone()
        return _postings(octets)

    def slices(self) -> Iterator[Postings]:
        """All postings in order, some chunks at a time."""
        cursor = self._connection.execute(
            f"SELECT postings FROM sketch_chunks WHERE {_CHUNKS_OF} ORDER BY id",  # noqa: S608 - our own words
            {"run": self.run_id},
        )
        while rows := cursor.fetchmany(_AT_ONCE // FAN // CHUNK):
            chunks = [_postings(octets) for (octets,) in rows]
            yield Postings(
                np.concatenate([one.keys for one in chunks]), np.concatenate([one.articles for one in chunks])
            )

    def _chunks_of(self, key: int) -> range:
        """The chunks that may have a key: one, but for a key that a chunk begins with."""
        if self._fences is None:
            self._fences = np.frombuffer(self._blob("fences"), "<u8")
        first, end = _between(self._fences, key)
        return range(max(first - 1, 0), end)

    def _blob(self, column: str) -> bytes:
        (octets,) = self._connection.execute(
            f"SELECT {column} FROM sketch_runs WHERE id = ?",  # noqa: S608 - our own words
            [self.run_id],
        ).fetchone()
        return bytes(octets)


def read_runs(connection: sqlite3.Connection) -> list[Run]:
    """The runs of a database, the largest first."""
    rows = connection.execute("SELECT id, level, postings FROM sketch_runs ORDER BY level DESC, id")
    return [Run(connection, *row) for row in rows]


def add_run(connection: sqlite3.Connection, runs: list[Run], postings: Postings) -> list[Run]:
    """Write postings, in order of key, as a new run, and merge runs of one size when there are enough of them."""
    runs = [*runs, _write(connection, 0, len(postings.keys), iter([postings]))]
    for level in range(LEVELS - 1):
        equals = [run for run in runs if run.level == level]
        if len(equals) < FAN:
            break
        total = sum(run.postings for run in equals)
        merged = _write(connection, level + 1, total, _merged([run.slices() for run in equals]))
        for run in equals:
            connection.execute(f"DELETE FROM sketch_chunks WHERE {_CHUNKS_OF}", {"run": run.run_id})  # noqa: S608
            connection.execute("DELETE FROM sketch_runs WHERE id = ?", [run.run_id])
        runs = [merged, *(run for run in runs if run not in equals)]
    return sorted(runs, key=lambda run: (-run.level, run.run_id))


def _write(connection: sqlite3.Connection, level: int, most: int, slices: Iterator[Postings]) -> Run:
    """Write a run. most: at least as many postings as there are."""
    (run_id,) = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM sketch_runs").fetchone()
    filled, fences, chunks, count = make_filter(most), [np.empty(0, np.uint64)], 0, 0
    for keys, articles in _in_chunks(slices):
        fill(filled, keys)
        rows = [
            (run_id << 32 | number, _octets(keys[start : start + CHUNK], articles[start : start + CHUNK]))
            for number, start in enumerate(range(0, len(keys), CHUNK), chunks)
        ]
        connection.executemany("INSERT INTO sketch_chunks (id, postings) VALUES (?, ?)", rows)
        fences.append(keys[::CHUNK])
        chunks, count = chunks + len(rows), count + len(keys)
    first_keys = np.concatenate(fences).astype("<u8", copy=False)
    connection.execute(
        "INSERT INTO sketch_runs (id, level, postings, fences, filter) VALUES (?, ?, ?, ?, ?)",
        [run_id, level, count, first_keys.tobytes(), filled.astype("<u8", copy=False).tobytes()],
    )
    return Run(connection, run_id, level, count)


def _in_chunks(slices: Iterator[Postings]) -> Iterator[Postings]:
    """The same postings in pieces that are whole chunks, the last aside."""
    left: Postings | None = None
    for one in slices:
        joined = one if left is None else _joined([left, one])
        whole = len(joined.keys) // CHUNK * CHUNK
        yield Postings(joined.keys[:whole], joined.articles[:whole])
        left = Postings(joined.keys[whole:], joined.articles[whole:])
    if left is not None and len(left.keys):
        yield left


def _merged(sources: list[Iterator[Postings]]) -> Iterator[Postings]:
    """The postings of sources that are each in order, in order, a slice of each at a time."""
    empty = Postings(np.empty(0, np.uint64), np.empty(0, np.uint32))
    heads: list[Postings] = [next(source, empty) for source in sources]
    while any(len(head.keys) for head in heads):
        # What is not above the last key of any slice is complete: nothing that comes later belongs before it.
        limit = min(head.keys[-1] for head in heads if len(head.keys))
        parts = []
        for at, head in enumerate(heads):
            end = int(head.keys.searchsorted(limit, "right"))
            parts.append(Postings(head.keys[:end], head.articles[:end]))
            rest = Postings(head.keys[end:], head.articles[end:])
            heads[at] = rest if len(rest.keys) else next(sources[at], empty)
        yield sort_postings(_joined(parts))


def sort_postings(postings: Postings) -> Postings:
    """The same postings in order of key."""
    order = np.argsort(postings.keys, kind="stable")
    return Postings(postings.keys[order], postings.articles[order])


def _joined(parts: Sequence[Postings]) -> Postings:
    return Postings(
        np.concatenate([part.keys for part in parts]), np.concatenate([part.articles for part in parts])
    )


def _between(keys: Hashes, key: int) -> tuple[int, int]:
    wanted = np.uint64(key)
    return int(keys.searchsorted(wanted)), int(keys.searchsorted(wanted, "right"))


def _octets(keys: Hashes, articles: Ids) -> bytes:
    return keys.astype("<u8", copy=False).tobytes() + articles.astype("<u4", copy=False).tobytes()


def _postings(octets: bytes) -> Postings:
    count = len(octets) // 12
    return Postings(np.frombuffer(octets, "<u8", count), np.frombuffer(octets, "<u4", count, 8 * count))
