"""Opening the database, one transaction at a time, and the errors of SQLite said in our words.

Write-ahead log with `synchronous=FULL`: a committed transaction survives a killed process and a power cut
(`../shared/facts/trust.md`, section 4). One writer at a time, whoever holds the
archive's lock; readers go on beside it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from sqlite_utils import Database, Migrations

from archive.errors import ArchiveError, DiskFull, MigrationError, StoreError
from archive.store.migrations import APPLICATION_ID, MIGRATIONS

BUSY_SECONDS: Final = 30.0
"""How long to wait for another connection's transaction: `../shared/facts/trust.md`, section 4."""


def open_database(path: Path, *, read_only: bool = False, migrations: Migrations = MIGRATIONS) -> Database:
    """A connection to the database of an archive, its schema up to date.

    It may be used from any thread, by one at a time. Read-only, nothing is created, migrated or written.

    Raises: MigrationError, when it was made by a newer version, or read-only by an older one; StoreError, when
    it cannot be opened or is not an archive.
    """
    with translated(path):
        connection = _connect(path, read_only=read_only)
        try:
            db = Database(connection, execute_plugins=False)
            _refuse_strangers(db, path, empty_is_new=not read_only)
            _refuse_newer(db, path, migrations)
            if read_only:
                _refuse_older(db, path, migrations)
            else:
                connection.execute("PRAGMA journal_mode = WAL")
                _migrate(db, path, migrations)
        except BaseException:
            connection.close()
            raise
        return db


@contextmanager
def transaction(db: Database) -> Iterator[None]:
    """One transaction that holds the write lock from its start, so it cannot fail half-way for want of it."""
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.conn.execute("COMMIT")
    except BaseException:
        # SQLite ends a transaction by itself on some errors, a full disk among them.
        if db.conn.in_transaction:
            db.conn.execute("ROLLBACK")
        raise


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Errors of SQLite as errors of the archive, with the path of the database in them."""
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            raise DiskFull(f"no room on the disk to write {path}") from error
        raise StoreError(f"{path}: {error}") from error


def _connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    if read_only and not path.exists():
        raise StoreError(f"{path} does not exist")
    mode = "ro" if read_only else "rwc"
    connection = sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?mode={mode}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,  # transactions are begun and ended by `transaction` alone
        check_same_thread=False,
    )
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _refuse_strangers(db: Database, path: Path, *, empty_is_new: bool) -> None:
    (application,) = db.execute("PRAGMA application_id").fetchone()
    if application == APPLICATION_ID:
        return
    empty = not db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    if not (empty and empty_is_new and application == 0):
        raise StoreError(f"{path} is a SQLite database, but not one of an archive: it was left as it is")


def _refuse_newer(db: Database, path: Path, migrations: Migrations) -> None:
    known = {step.name for step in migrations.pending(Database(memory=True, execute_plugins=False))}
    unknown = [step.name for step in migrations.applied(db) if step.name not in known]
    if unknown:
        raise MigrationError(
            f"{path} was made by a newer version ({unknown[-1]} is not known here): "
            "upgrade with pip install -U article-archive"
        )


def _refuse_older(db: Database, path: Path, migrations: Migrations) -> None:
    if migrations.pending(db):
        raise MigrationError(
            f"{path} was made by an older version: the next archive add or crawl brings it up to date"
        )


def _migrate(db: Database, path: Path, migrations: Migrations) -> None:
    pending = migrations.pending(db)
    if not pending:
        return
    if migrations.applied(db):
        _copy(db, path.with_name(f"{path.name}.before-{pending[0].name}"))
    try:
        while _migrate_one_step(db, migrations):
            pass
    except (sqlite3.Error, ArchiveError) as error:
        raise MigrationError(f"{path} could not be brought up to date: {error}") from error


def _migrate_one_step(db: Database, migrations: Migrations) -> bool:
    """Apply the first pending step, if any, in one transaction; another process may have been faster."""
    with transaction(db):
        pending = [step.name for step in migrations.pending(db)]
        if not pending:
            return False
        migrations.apply(db, stop_before=pending[1:])
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {len(migrations.applied(db))}")
    return True


def _copy(db: Database, target: Path) -> None:
    """A whole copy of the database as it stands, under its name only once it is complete and on disk."""
    unfinished = target.with_name(target.name + ".part")
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(unfinished)) as copy:
        db.conn.backup(copy)
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.replace(target)
