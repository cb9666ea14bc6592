"""Whose database it is, which schema it has, and what happens to it when that is not ours."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database, Migrations

from archive.dedup.sketches import SKETCH_VERSION
from archive.errors import DiskFull, MigrationError, StoreError
from archive.model import SearchRequest
from archive.store import Store
from archive.store.connection import APPLICATION_ID, SCHEMA_VERSION, open_reader
from archive.store.migrating import open_writer
from archive.store.migrations import (
    MIGRATION_SET,
    MIGRATIONS,
    m001_spine,
    m002_links,
    m003_site_learning,
    m004_frontier,
)
from scraper.similarity import text_digest
from tests.dedup import edits

from .conftest import Keeper

URL = "https://a.example/1"


@pytest.fixture
def made(path: Path) -> Path:
    with Store.open(path) as store:
        Keeper(store).keep(URL, "One text.")
    return path


def later(*steps: Callable[[Database], None]) -> Migrations:
    """The schema of a version to come: today's steps and more."""
    migrations = Migrations(MIGRATION_SET)
    for step in (*(today.fn for today in MIGRATIONS._migrations), *steps):
        migrations()(step)
    return migrations


def m900_moods(db: Database) -> None:
    db.execute("CREATE TABLE moods (id INTEGER PRIMARY KEY)")


def m901_fails(db: Database) -> None:
    db.execute("CREATE TABLE half_done (id INTEGER PRIMARY KEY)")
    db.execute("INSERT INTO nowhere VALUES (1)")


def test_the_header_says_whose_file_it_is(made: Path) -> None:
    header = made.read_bytes()[:100]
    assert int.from_bytes(header[68:72], "big") == APPLICATION_ID
    assert int.from_bytes(header[60:64], "big") == SCHEMA_VERSION


def test_it_is_a_durable_database(path: Path) -> None:
    with Store.open(path) as store:
        read = {
            name: store._connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert read == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def test_opening_again_changes_nothing(made: Path) -> None:
    before = made.read_bytes()
    with Store.open(made) as store:
        assert store.article(URL).text == "One text."
    assert made.read_bytes() == before
    assert [file.name for file in made.parent.iterdir()] == ["archive.db"]


def test_a_path_may_hold_any_character(tmp_path: Path) -> None:
    path = tmp_path / "a b?c#d%20é&mode=ro" / "archive.db"
    path.parent.mkdir()
    with Store.open(path) as store:
        Keeper(store).keep(URL, "One text.")
    assert path.exists()


def test_a_newer_schema_is_refused_and_left_alone(made: Path) -> None:
    open_writer(made, migrations=later(m900_moods)).close()
    before = made.read_bytes()
    for read_only in (False, True):
        with pytest.raises(
            MigrationError,
            match=rf"newer version \(its schema is {SCHEMA_VERSION + 1}, {SCHEMA_VERSION} is known",
        ):
            Store.open(made, read_only=read_only)
    assert made.read_bytes() == before


def test_a_migration_keeps_a_copy_of_what_was(made: Path) -> None:
    open_writer(made, migrations=later(m900_moods)).close()
    copy = made.with_name("archive.db.before-m900_moods")
    with Store.open(copy) as store:
        assert store.article(URL).text == "One text."
        store.check_integrity()
    with closing(sqlite3.connect(made)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION + 1,)
    assert not list(made.parent.glob("*.part"))


def test_keys_of_an_older_archive_are_made_anew(path: Path) -> None:
    """They lay in a b-tree once. What is held is compared again by the next run, and its copies found."""
    before = Migrations(MIGRATION_SET)
    for step in (m001_spine, m002_links, m003_site_learning, m004_frontier):
        before()(step)
    open_writer(path, migrations=before).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO sites (site, name, first_captured, last_captured) VALUES ('a.example', 'A', '', '')"
        )
        for number, said in enumerate((edits.text(1), edits.lead_reworded(edits.text(1)))):
            connection.execute(
                "INSERT INTO articles (url, site, text, text_sha256, word_count, first_captured, last_captured) "
                "VALUES (?, 'a.example', ?, ?, 400, '2017-10-08T12:00:00Z', '2017-10-08T12:00:00Z')",
                [f"https://a.example/{number}", said, text_digest(said)],
            )
        connection.execute("INSERT INTO sketch_keys VALUES (1, 1)")
        connection.execute("INSERT INTO meta (key, value) VALUES ('sketch_version', ?)", [SKETCH_VERSION])
    with Store.open(path) as store:
        assert store.link_unlinked() == 2
        assert store.status().origins == 1


def test_a_failed_migration_leaves_the_step_before_it(made: Path) -> None:
    with pytest.raises(MigrationError, match="nowhere"):
        open_writer(made, migrations=later(m900_moods, m901_fails))
    db = open_writer(made, migrations=later(m900_moods))
    names = set(db.table_names())
    db.close()
    assert "moods" in names
    assert "half_done" not in names


def test_a_reader_does_not_migrate(made: Path) -> None:
    with pytest.raises(MigrationError, match="older version"):
        open_reader(made, schema_version=SCHEMA_VERSION + 1)


def test_a_reader_creates_and_writes_nothing(made: Path) -> None:
    with Store.open(made, read_only=True) as store:
        assert store.search(SearchRequest("text")).total == 1
        with pytest.raises(StoreError, match="reading only"):
            Keeper(store).keep("https://a.example/2", "Another.")
    missing = made.with_name("missing.db")
    with pytest.raises(StoreError, match="does not exist"):
        Store.open(missing, read_only=True)
    assert not missing.exists()


def test_a_database_of_someone_else_is_left_as_it_is(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE recipes (id INTEGER PRIMARY KEY)")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="not one of an archive"):
        Store.open(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_named(path: Path) -> None:
    path.write_bytes(b"this is not a database, however long it may be" * 100)
    with pytest.raises(StoreError, match=r"archive\.db"):
        Store.open(path)


def test_damage_is_named(made: Path) -> None:
    octets = bytearray(made.read_bytes())
    for at in range(4096, len(octets), 4096):
        octets[at : at + 64] = os.urandom(64)
    made.write_bytes(octets)
    with pytest.raises(StoreError, match=r"archive\.db"), Store.open(made) as store:
        store.check_integrity()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nowhere"):
        Store.open(tmp_path / "nowhere" / "archive.db")


def test_a_closed_store_says_so(made: Path) -> None:
    store = Store.open(made)
    store.close()
    with pytest.raises(StoreError):
        store.status()


def test_the_schema_version_counts_the_migrations() -> None:
    assert len(MIGRATIONS.pending(Database(memory=True))) == SCHEMA_VERSION


def test_reading_does_not_import_what_only_writing_needs(made: Path) -> None:
    script = (
        "import sys; from archive.model import SearchRequest; from archive.store import Store\n"
        "with Store.open(sys.argv[1], read_only=True) as store: assert store.search(SearchRequest('text')).total\n"
        "assert 'sqlite_utils' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script, str(made)], check=True, cwd=Path(__file__).parents[2])


def test_a_full_disk_writes_nothing_and_is_no_end(path: Path) -> None:
    with Store.open(path) as store:
        keeper = Keeper(store)
        keeper.keep(URL, "One text.")
        pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
        store._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(DiskFull, match=r"archive\.db"):
            keeper.keep("https://a.example/2", "Many different words. " * 5000)
        assert store.status().articles == 1
        store._connection.execute("PRAGMA max_page_count = 1000000")
        keeper.keep("https://a.example/2", "Many different words. " * 5000)
        store.check_integrity()
        assert store.status().articles == 2


def test_threads_may_share_a_store(path: Path) -> None:
    with Store.open(path) as store:
        keeper = Keeper(store)
        lock = threading.Lock()

        def work(worker: int) -> None:
            for number in range(8):
                with lock:  # decided and saved by one at a time, as the pipeline does
                    keeper.keep(f"https://{worker}.example/{number}", f"Text {worker} {number}.")
                assert store.search(SearchRequest(f'"text {worker} {number}"')).total == 1

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, range(4)))
        assert store.status().articles == 32
        store.check_integrity()
