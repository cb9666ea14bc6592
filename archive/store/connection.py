"""Connections to the database, one transaction at a time, and the errors of SQLite said in our words.

Write-ahead log with `synchronous=FULL`: a committed transaction survives a killed process and a power cut
(`../shared/facts/trust.md`, section 4). One writer at a time, whoever holds the archive's lock; readers go on
beside it. Reading needs nothing but the `sqlite3` of Python; `archive.store.migrating` opens for writing.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal
from urllib.parse import quote

from archive.errors import DiskFull, LockHeld, MigrationError, NotAnArchive, OlderSchema, StoreError

APPLICATION_ID: Final = 0x41417231
"""`AAr1`, at octet 68 of the file: https://www.sqlite.org/fileformat2.html#application_id."""

SCHEMA_VERSION: Final = 11
"""Steps of `archive.store.migrations`, as the header of the file (`user_version`) counts them."""

BUSY_SECONDS: Final = 30.0
"""How long to wait for another connection's transaction: `../shared/facts/trust.md`, section 4."""


def open_reader(path: Path, *, schema_version: int = SCHEMA_VERSION) -> sqlite3.Connection:
    """A connection that can only read: nothing is created, migrated or written.

    Raises: MigrationError, when the database was made by another version; StoreError, when it is not there,
    cannot be opened or is not an archive.
    """
    if not path.exists():
        raise StoreError(f"{path} does not exist")
    with closed_on_error(connect(path, "ro")) as connection:
        if application_of(connection) != APPLICATION_ID:
            raise not_an_archive(path)
        version = refuse_newer(connection, path, schema_version)
        if version < schema_version:
            raise OlderSchema(
                f"{path} was made by an older version: the next archive add or crawl brings it up to date"
            )
        return connection


def connect(path: Path, mode: Literal["ro", "rwc"]) -> sqlite3.Connection:
    """A connection as every one of ours is. It may be used from any thread, by one at a time."""
    still = "&immutable=1" if mode == "ro" and _cannot_change(path) else ""
    connection = sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?mode={mode}{still}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,  # transactions are begun and ended by `transaction` alone
        check_same_thread=False,
    )
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _cannot_change(path: Path) -> bool:
    """Whether a database lies on a disk that cannot be written, as a copy on a read-only medium does.

    SQLite reads a database in WAL mode only where it can make its index of the log, unless it is told that
    nothing will change (https://www.sqlite.org/wal.html#readonly).
    """
    log = path.with_name(f"{path.name}-wal")
    return not os.access(path.parent, os.W_OK) and not (log.exists() and log.stat().st_size)


def private_copy(connection: sqlite3.Connection) -> sqlite3.Connection:
    """A copy of a database as it stands, for what has to write but must not write there; gone once it is closed.

    It is one snapshot, taken without a lock that a writer would wait for, and lies in memory or, where it is large,
    in a file of SQLite's own in the folder for temporary files (https://www.sqlite.org/inmemorydb.html#temp_db).
    """
    with closed_on_error(sqlite3.connect("", isolation_level=None)) as copy:
        connection.backup(copy)
        return copy


@contextmanager
def closed_on_error(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """The connection, closed if what is done with it fails."""
    try:
        yield connection
    except BaseException:
        connection.close()
        raise


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """One transaction that holds the write lock from its start, so it cannot fail half-way for want of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # SQLite ends a transaction by itself on some errors, a full disk among them.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


_NO_ROOM = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_TRUNCATE})
"""A full disk, and what a file-size limit looks like to SQLite."""


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Errors of SQLite as errors of the archive, with the path of the database in them."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        if code in _NO_ROOM:
            raise DiskFull(f"no room on the disk, or under a limit of the system, to write {path}") from error
        if code == sqlite3.SQLITE_BUSY:
            raise LockHeld(str(path), "a program other than archive is writing to this database") from error
        raise StoreError(f"{path}: {error}") from error


def application_of(connection: sqlite3.Connection) -> int:
    """Whose database it is, as its header says; 0 where it does not."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    return int(application)


def not_an_archive(path: Path) -> StoreError:
    """The error for a database that someone else made."""
    return NotAnArchive(f"{path} is a SQLite database, but not one of an archive: it was left as it is")


def refuse_newer(connection: sqlite3.Connection, path: Path, schema_version: int) -> int:
    """The version of the schema of a database. Raises: MigrationError, when it is later than the one known."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > schema_version:
        raise MigrationError(
            f"{path} was made by a newer version (its schema is {version}, {schema_version} is known here): "
            "upgrade with pip install -U article-archive"
        )
    return int(version)
