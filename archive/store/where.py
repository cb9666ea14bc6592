"""Articles chosen by an SQL condition that a reader typed: a connection of its own that can only read."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from archive.errors import BadCondition
from archive.store.connection import open_reader

_READS: Final = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
)
_NO_FUNCTIONS: Final = frozenset({"load_extension"})
_STEPS: Final = 100_000
"""Instructions of SQLite between two looks at whether the reader has pressed Ctrl-C."""


def articles_where(path: Path, condition: str | None) -> list[int]:
    """The ids of the articles for which a condition on `articles` holds, in order; without one, of all.

    condition: what stands after WHERE, like `site = 'example.org' AND published >= '2017'`; it may look into other
    tables. Nothing but reading is allowed. Raises: BadCondition, with what SQLite says of it.
    """
    with closing(open_reader(path)) as connection:
        if condition is None:
            return [one for (one,) in connection.execute("SELECT id FROM articles ORDER BY id")]
        connection.execute("PRAGMA query_only = ON")
        connection.set_authorizer(_only_reads)
        connection.set_progress_handler(lambda: 0, _STEPS)
        try:
            # In lines of its own, so that a comment in the condition does not reach what follows.
            found = connection.execute(
                f"SELECT id FROM articles WHERE (\n{condition}\n) ORDER BY id"  # noqa: S608 - only read, see above
            ).fetchall()
        except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
            raise BadCondition(condition, str(error)) from error
    ids = [one for (one, *_) in found]
    if not all(isinstance(one, int) for one in ids):
        raise BadCondition(condition, "it is no condition on articles")
    return ids


def _only_reads(action: int, _first: str | None, second: str | None, *_: str | None) -> int:
    if action not in _READS or (action == sqlite3.SQLITE_FUNCTION and second in _NO_FUNCTIONS):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK
