"""The plugin among others: there for an archive, absent for every other database, and cheap for both."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from archive.store.connection import APPLICATION_ID as STORED_APPLICATION_ID
from archive.web import get_metadata, register_routes
from archive.web.attached import APPLICATION_ID, attached_archive
from archive.web.describe import COLUMNS, SETTINGS_OF_TABLES, TABLES
from archive.web.reading import TooSlow, read
from tests.web.kept import FERRY, STORIES, keep
from tests.web.served import Served

ROUTES = (
    "/",
    "/search",
    "/article/1",
    "/record/1",
    "/.json",
    "/search.json",
    "/article/1.json",
    "/record/1.json",
)

On = Callable[..., Served]


@pytest.fixture
def stranger(tmp_path: Path) -> Path:
    """A database of someone else's, with tables named as ours are."""
    path = tmp_path / "stranger.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE articles (id INTEGER PRIMARY KEY, title TEXT)")
        connection.execute("INSERT INTO articles (title) VALUES ('not ours')")
        connection.commit()
    return path


def test_a_datasette_without_an_archive_keeps_its_own_pages(stranger: Path, on: On) -> None:
    served = on(stranger)
    assert "stranger" in served.text("/")
    assert served.get("/").headers.get("content-security-policy") is None
    for path in ("/search", "/article/1", "/record/1", "/-/article-archive/page-0.css"):
        assert served.get(path).status_code == 404, path
    assert register_routes(served.datasette) == []
    assert get_metadata(served.datasette) is None


def test_a_file_that_is_no_database_is_no_archive(tmp_path: Path, on: On) -> None:
    (tmp_path / "broken.db").write_bytes(b"SQLite format 3\x00" + b"\xff" * 200)
    served = on(tmp_path / "broken.db")
    assert attached_archive(served.datasette) is None
    assert attached_archive(on(memory=True).datasette) is None


def test_an_archive_among_other_databases_is_found_and_the_others_are_named(
    folder: Path, stranger: Path, on: On
) -> None:
    served = on(stranger, folder / "data" / "archive.db")
    assert 'href="/stranger"' in served.text("/")
    assert served.get("/stranger/articles").status_code == 200
    assert FERRY.title in served.text("/article/1")


def test_an_archive_that_says_so_only_in_its_write_ahead_log_is_one(tmp_path: Path, on: On) -> None:
    database = keep(tmp_path / "whole", STORIES[:1])
    with closing(sqlite3.connect(database)) as writer:
        writer.execute("PRAGMA application_id = 0")
        writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        writer.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        for name in ("archive.db", "archive.db-wal"):
            (tmp_path / name).write_bytes(database.with_name(name).read_bytes())
    assert (tmp_path / "archive.db").read_bytes()[68:72] == bytes(4)
    assert attached_archive(on(tmp_path / "archive.db").datasette) is not None


def test_importing_the_plugin_imports_nothing_that_is_heavy() -> None:
    code = (
        "import datasette.app, sys; before = set(sys.modules); import archive.web; "
        "print(*(set(sys.modules) - before))"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=_root()
    )
    assert set(said.stdout.split()) <= {"archive", "archive.web", "archive.web.attached"}


def _root() -> Path:
    return Path(__file__).parents[2]


def test_the_plugin_and_the_store_mean_the_same_application() -> None:
    assert APPLICATION_ID == STORED_APPLICATION_ID


@pytest.mark.parametrize(
    "rule",
    [
        {"databases": {"archive": {"tables": {"articles": {"allow": {"id": "editor"}}}}}},
        {"databases": {"archive": {"allow": {"id": "editor"}}}},
        {"allow": {"id": "editor"}},
    ],
)
def test_who_may_not_see_the_articles_sees_none_of_our_pages(
    folder: Path, on: On, rule: dict[str, Any]
) -> None:
    served = on(folder / "data" / "archive.db", metadata=rule)
    cookie = {"ds_actor": served.datasette.sign({"a": {"id": "editor"}}, "actor")}
    for path in ROUTES:
        assert served.get(path).status_code == 403, path
        assert served.get(path, cookies=cookie).status_code == 200, path


def test_a_database_that_is_hidden_is_not_named(folder: Path, stranger: Path, on: On) -> None:
    rule = {"databases": {"stranger": {"allow": {"id": "editor"}}}}
    assert "stranger" not in on(folder / "data" / "archive.db", stranger, metadata=rule).text("/")


def test_every_column_of_every_table_is_described(tmp_path: Path) -> None:
    database = keep(tmp_path, STORIES[:1])
    with closing(sqlite3.connect(database)) as connection:
        names = [
            name
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
            )
            if not re.match(r"sqlite_|(articles|authors|titles|unspaced)_fts_|_sqlite_migrations", name)
        ]
        stored = {
            name: {row[1] for row in connection.execute(f"PRAGMA table_info([{name}])")} for name in names
        }
    assert {name: set(columns) for name, columns in COLUMNS.items()} == stored
    assert TABLES.keys() == COLUMNS.keys()
    assert SETTINGS_OF_TABLES.keys() <= stored.keys() | {"_sqlite_migrations"}


def test_datasette_shows_the_descriptions(folder: Path, on: On) -> None:
    page = on(folder / "data" / "archive.db").text("/archive/captures")
    assert TABLES["captures"] in page
    assert COLUMNS["captures"]["key"] in page


def test_a_description_of_the_operators_own_stays(folder: Path, on: On) -> None:
    own = {"databases": {"archive": {"tables": {"captures": {"columns": {"key": "My own words."}}}}}}
    page = on(folder / "data" / "archive.db", metadata=own).text("/archive/captures")
    assert "My own words." in page
    assert COLUMNS["captures"]["mime"] in page


def test_an_immutable_archive_is_served_too(tmp_path: Path, on: On) -> None:
    database = keep(tmp_path, STORIES)
    served = on(immutables=[str(database)])
    assert "Frost halves" in served.text("/search?q=ferry")


def test_an_archive_of_another_version_says_what_to_do(tmp_path: Path, on: On) -> None:
    database = keep(tmp_path, STORIES[:1])
    for version, remedy in ((0, "the next archive add"), (99, "upgrade with pip")):
        with closing(sqlite3.connect(database)) as connection:
            connection.execute(f"PRAGMA user_version = {version}")
            connection.commit()
        answer = on(database).get("/search")
        assert answer.status_code == 503
        assert remedy in answer.text


def test_a_query_that_takes_too_long_is_stopped(
    folder: Path, on: On, loop: asyncio.AbstractEventLoop
) -> None:
    database = attached_archive(on(folder / "data" / "archive.db").datasette)
    assert database is not None
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    with pytest.raises(TooSlow, match="longer than 20 ms"):
        loop.run_until_complete(read(database, 20, lambda connection: connection.execute(endless).fetchone()))
    one = loop.run_until_complete(
        read(database, 20, lambda connection: connection.execute("SELECT 1").fetchone())
    )
    assert tuple(one) == (1,), "the connection is whole again"


def test_the_warc_folder_is_found_by_the_config_that_names_the_database(tmp_path: Path, on: On) -> None:
    keep(tmp_path, STORIES[:1])
    (tmp_path / "data" / "warc").rename(tmp_path / "records")
    assert on(tmp_path / "data" / "archive.db").get("/record/1").status_code == 503
    (tmp_path / "config.toml").write_text('[archive]\nname = "The Orlen File"\nwarc = "records"\n')
    served = on(tmp_path / "data" / "archive.db")
    assert served.get("/record/1").status_code == 200
    assert "The Orlen File" in served.text("/")


def test_the_configuration_of_datasette_may_name_the_warc_folder(tmp_path: Path, on: On) -> None:
    keep(tmp_path, STORIES[:1])
    (tmp_path / "data" / "warc").rename(tmp_path / "records")
    given = {"plugins": {"article_archive": {"warc": str(tmp_path / "records"), "name": "Told"}}}
    served = on(tmp_path / "data" / "archive.db", metadata=given)
    assert served.get("/record/1").status_code == 200
    assert "Told" in served.text("/")


def test_reading_leaves_the_database_to_its_writer(tmp_path: Path, on: On) -> None:
    database = keep(tmp_path, STORIES[:1])
    served = on(database)
    with closing(sqlite3.connect(database, timeout=0)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE articles SET title = 'half done'")
        for path in ("/", "/search?q=ferry", "/article/1", "/archive/articles"):
            page = served.text(path)
            assert "sails again from Orlen" in page
            assert "half done" not in page
        writer.execute("COMMIT")
    assert "half done" in served.text("/article/1")


def test_pages_are_read_again_in_a_datasette_of_any_working_folder(
    on: On, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a config.toml, by a path from the working folder; rules and synonyms are found as `archive` does."""
    keep(tmp_path / "one", [FERRY])
    (tmp_path / "one" / "rules.toml").write_text('[site."harbour.example"]\ndrop = ["p:last-of-type"]\n')
    (tmp_path / "one" / "synonyms.txt").write_text("shaft, qwerty\n")
    for folder, file in (
        ("one", "data/archive.db"),
        ("one/data", "archive.db"),
        (".", "one/data/archive.db"),
    ):
        monkeypatch.chdir(tmp_path / folder)
        served = on(Path(file))
        explained = served.json("/article/1/explain.json")
        assert explained["text"].startswith("The ferry between Orlen"), folder
        assert "eleven crowns" not in explained["text"], folder
        assert served.json("/search.json?q=qwerty")["total"] == 1
