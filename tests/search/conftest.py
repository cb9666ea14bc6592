"""SQLite's own tokenizer, to hold our words against."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

import pytest

from archive.store.index import TOKENIZER


@pytest.fixture(scope="session")
def connection() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.execute(f'CREATE VIRTUAL TABLE texts USING fts5(text, tokenize="{TOKENIZER}")')
    connection.execute("CREATE VIRTUAL TABLE terms USING fts5vocab(texts, instance)")
    yield connection
    connection.close()


@pytest.fixture(scope="session")
def tokens(connection: sqlite3.Connection) -> Callable[[str], list[str]]:
    def tokens_of(text: str) -> list[str]:
        connection.execute("DELETE FROM texts")
        connection.execute("INSERT INTO texts VALUES (?)", [text])
        return [term for (term,) in connection.execute("SELECT term FROM terms ORDER BY offset")]

    return tokens_of
