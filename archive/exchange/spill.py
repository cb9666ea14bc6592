"""Room for what must be put in order before it is written, on disk instead of in memory: a temporary SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Self


class Spill:
    """A private database that is gone when it is closed, and holds a few megabytes in memory at the most."""

    def __init__(self) -> None:
        self.connection = sqlite3.connect("", isolation_level=None)  # "" is a file that SQLite deletes
        self.connection.execute("PRAGMA cache_size = -4000")
        self.connection.execute("PRAGMA journal_mode = OFF")
        self.connection.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()


class SortedLines:
    """Lines given in any order and taken out in the order of their octets, each once."""

    def __init__(self, spill: Spill) -> None:
        self._connection = spill.connection
        self._connection.execute("CREATE TABLE lines (line TEXT PRIMARY KEY) WITHOUT ROWID")

    def add(self, line: str) -> None:
        """Take a line."""
        self._connection.execute("INSERT OR IGNORE INTO lines VALUES (?)", [line])

    def __iter__(self) -> Iterator[str]:
        for (line,) in self._connection.execute("SELECT line FROM lines ORDER BY line"):
            yield line
