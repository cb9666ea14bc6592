"""Opening the database for writing: made where there is none, brought up to date where it is older."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlite_utils import Database, Migrations

from archive.errors import MigrationError
from archive.store.connection import (
    APPLICATION_ID,
    application_of,
    closed_on_error,
    connect,
    not_an_archive,
    refuse_newer,
    transaction,
)
from archive.store.migrations import MIGRATIONS

_LOG_BYTES: Final = 2**26
"""To which the log is cut when what it holds is in the database: merging runs of keys makes it ten times as long."""


def open_writer(path: Path, *, migrations: Migrations = MIGRATIONS) -> Database:
    """The database at a path, its schema up to date. An existing one is copied beside itself before it changes.

    Raises: MigrationError, when it was made by a newer version or cannot be brought up to date; StoreError, when
    it is not an archive; sqlite3.Error.
    """
    with closed_on_error(connect(path, "rwc")) as connection:
        _refuse_strangers(connection, path)
        refuse_newer(connection, path, _steps(migrations))
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES}")
        db = Database(connection, execute_plugins=False)
        _migrate(db, path, migrations)
        return db


def _steps(migrations: Migrations) -> int:
    return len(migrations.pending(Database(memory=True, execute_plugins=False)))


def _refuse_strangers(connection: sqlite3.Connection, path: Path) -> None:
    application = application_of(connection)
    if application == APPLICATION_ID:
        return
    empty = not connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    if application != 0 or not empty:
        raise not_an_archive(path)


def _migrate(db: Database, path: Path, migrations: Migrations) -> None:
    pending = migrations.pending(db)
    if not pending:
        return
    try:
        if migrations.applied(db):
            _copy(db, path.with_name(f"{path.name}.before-{pending[0].name}"))
        while _migrate_one_step(db, migrations):
            pass
    except (sqlite3.Error, OSError) as error:
        raise MigrationError(f"{path} could not be brought up to date: {error}") from error


def _migrate_one_step(db: Database, migrations: Migrations) -> bool:
    """Apply the first pending step, if any, in one transaction; another process may have been faster."""
    with transaction(db.conn):
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
