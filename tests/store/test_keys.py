"""The index of sketch keys: what a plain dictionary would find, however the keys lie in runs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from archive.dedup.membership import asked, fill, make_filter, probable
from archive.store import Store
from archive.store.keys import MOST_POSTINGS, KeyIndex
from archive.store.runs import CHUNK, PATIENCE, Postings, add_run, read_runs
from scraper.minhash import Hashes


@pytest.fixture
def connection(tmp_path: Path) -> Iterable[sqlite3.Connection]:
    Store.open(tmp_path / "archive.db").close()
    opened = sqlite3.connect(tmp_path / "archive.db", isolation_level=None)
    opened.execute("PRAGMA synchronous = OFF")
    yield opened
    opened.close()


def runs_of(connection: sqlite3.Connection) -> list[int]:
    return [level for (level,) in connection.execute("SELECT level FROM sketch_runs ORDER BY id")]


def drawn(chance: np.random.Generator, count: int, of: int = 2**62) -> Hashes:
    return np.unique(chance.integers(0, of, count).astype(np.uint64))


def test_a_filter_passes_all_it_has_and_one_stranger_in_four_hundred() -> None:
    chance = np.random.default_rng(1)
    own, strangers = drawn(chance, 40_000), drawn(chance, 100_000)
    words = make_filter(len(own))
    fill(words, own)
    assert len(probable(words, asked(own))) == len(own)
    assert len(probable(words, asked(strangers))) < 0.0035 * len(strangers)


@pytest.mark.parametrize("universe", [2**62, 400])
def test_the_index_finds_what_a_dictionary_would(connection: sqlite3.Connection, universe: int) -> None:
    """With keys that hardly anyone shares and with keys that many share; with articles that go and come again."""
    chance = np.random.default_rng(2)
    index, held, plain = KeyIndex(connection, batch=5), {}, {}
    for article in range(1, 106):
        keys = drawn(chance, 140, universe)
        keys = keys if universe > 2**32 or not held else np.union1d(keys[:100], held[min(held)][:20])
        known = index.lookup(keys)
        assert known == {key: sorted(plain[key]) for key in keys.tolist() if plain.get(key)}
        index.add(article, keys, known)
        held[article] = keys
        for key in keys.tolist():
            plain.setdefault(key, set()).add(article)
        if article % 7 == 0:
            gone = int(chance.choice(list(held)))
            for key in held[gone].tolist():
                plain[key].discard(gone)
            index.remove(gone, held.pop(gone))
    assert set(runs_of(connection)) == {0, 1, 2}
    some = chance.choice(np.array(list(plain), np.uint64), 300, replace=False)
    for asking in (KeyIndex(connection, batch=5), index):
        for _ in range(PATIENCE + 1):  # without the filters, and with them
            found = asking.lookup(some)
        assert found == {key: sorted(plain[key]) for key in some.tolist() if plain[key]}


def test_a_key_that_fills_chunks_is_found_in_all_of_them(connection: sqlite3.Connection) -> None:
    for first in (0, 5 * CHUNK):
        articles = np.arange(first, first + 3 * CHUNK, dtype=np.uint32)
        keys = np.full(len(articles), 7, np.uint64)
        keys[: CHUNK // 2], keys[-CHUNK // 2 :] = 3, 9
        runs = add_run(connection, read_runs(connection), Postings(keys, articles))
    found: dict[int, list[int]] = {}
    keys = np.array([2, 3, 7, 8, 9, 10], np.uint64)
    for run in runs:
        run.lookup(keys.tolist(), asked(keys), found)
    assert {key: len(ids) for key, ids in found.items()} == {3: CHUNK, 7: 4 * CHUNK, 9: CHUNK}
    runs[0].remove(keys.tolist(), asked(keys), CHUNK + 5)
    found.clear()
    for run in runs:
        run.lookup([7], asked(keys[2:3]), found)
    assert len(found[7]) == 4 * CHUNK - 1
    assert CHUNK + 5 not in found[7]


def test_a_key_of_very_many_articles_is_not_written_for_more(connection: sqlite3.Connection) -> None:
    index, key = KeyIndex(connection, batch=50), np.array([5], np.uint64)
    for article in range(1, MOST_POSTINGS + 20):
        index.add(article, key, index.lookup(key))
    assert len(index.lookup(key)[5]) == MOST_POSTINGS


def test_what_a_transaction_took_back_is_not_found(connection: sqlite3.Connection) -> None:
    """A new index after a transaction that failed in the midst of merging knows nothing of it."""
    chance = np.random.default_rng(3)
    kept, lost = drawn(chance, 50), drawn(chance, 50)
    index = KeyIndex(connection, batch=1)
    for article in range(1, 4):
        index.add(article, kept, {})
    connection.execute("BEGIN")
    index.add(4, lost, {})
    assert runs_of(connection) == [1]
    connection.execute("ROLLBACK")
    again = KeyIndex(connection, batch=1)
    assert (again.lookup(lost), runs_of(connection)) == ({}, [0, 0, 0])
    assert set(map(tuple, again.lookup(kept).values())) == {(1, 2, 3)}
