"""The index: kept by triggers, rebuilt by SQLite alone, found by the tools that people use."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from datasette.app import Datasette
from datasette.utils import detect_fts
from sqlite_utils import Database

from archive.errors import StoreError
from archive.store import Store
from tests.program import SQLITE_UTILS, archive

from .conftest import Keeper

TEXTS = {
    "https://a.example/1": ("Battle of al-Mayādīn", "The army entered the town, café by café."),
    "https://a.example/2": ("معركة الرقة", "قال الجيش يوم السبت إنّ المعركة في الرقّة مستمرة منذ ٢٠١٧"),
    "https://a.example/3": ("Die Straße", "Größe und Maß der Straße nach Diyarbakır."),
    "https://a.example/4": (None, "Plain text without any title at all."),
    "https://a.example/5": ("Battle of al-Mayādīn, copied", "The army entered the town, café by café."),
}


@pytest.fixture
def filled(keeper: Keeper) -> Keeper:
    for url, (title, text) in TEXTS.items():
        keeper.keep(url, text, title)
    keeper.keep("https://a.example/1", "The army left the town – again.", "Battle over")
    keeper.keep("https://a.example/3", "Straße gesperrt.", "Die Straße")
    return keeper


@pytest.fixture
def filled_path(filled: Keeper) -> Path:
    return filled.store.path


def vocabulary(path: Path) -> list[tuple[str, ...]]:
    """Every instance of every term: the whole of what an FTS5 index says."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "CREATE VIRTUAL TABLE temp.instances USING fts5vocab(main, articles_fts, instance)"
        )
        return connection.execute(
            "SELECT term, doc, col, offset FROM instances ORDER BY 1, 2, 3, 4"
        ).fetchall()


def test_a_rebuilt_index_is_the_one_the_triggers_kept(filled: Keeper, path: Path) -> None:
    kept = vocabulary(path)
    filled.store.rebuild_index()
    assert vocabulary(path) == kept
    assert len(kept) > 40


def test_plain_sqlite_can_rebuild_check_and_edit(filled_path: Path) -> None:
    kept = vocabulary(filled_path)
    with closing(sqlite3.connect(filled_path)) as connection, connection:
        connection.execute("INSERT INTO articles_fts (articles_fts) VALUES ('rebuild')")
        connection.execute("UPDATE articles SET title = 'المدينة' WHERE id = 4")
        connection.execute("INSERT INTO articles_fts (articles_fts, rank) VALUES ('integrity-check', 1)")
        found = connection.execute(
            "SELECT rowid FROM articles_fts WHERE articles_fts MATCH 'المدينه'"
        ).fetchall()
        assert found == [(4,)]
        connection.execute("UPDATE articles SET title = NULL WHERE id = 4")
    assert vocabulary(filled_path) == kept


def test_deleted_articles_leave_the_index(path: Path, filled: Keeper) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM articles")
        connection.execute("INSERT INTO articles_fts (articles_fts, rank) VALUES ('integrity-check', 1)")
        connection.rollback()
    filled.store.check_integrity()


def test_a_damaged_index_is_named(keeper: Keeper, path: Path) -> None:
    keeper.keep("https://a.example/1", "One text.")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO articles_fts (articles_fts, rowid, title, text) VALUES ('delete', 1, 'A title', 'One text.')"
        )
    with pytest.raises(StoreError, match=r"archive\.db"):
        keeper.store.check_integrity()
    keeper.store.rebuild_index()
    keeper.store.check_integrity()


def test_touching_an_article_does_not_index_it_again(keeper: Keeper, store: Store) -> None:
    keeper.keep("https://a.example/1", "One text.")
    before = store._connection.execute(
        "SELECT count(*), sum(length(block)) FROM articles_fts_data"
    ).fetchone()
    keeper.keep("https://a.example/1", "One text.")
    assert (
        store._connection.execute("SELECT count(*), sum(length(block)) FROM articles_fts_data").fetchone()
        == before
    )


def test_datasette_and_sqlite_utils_find_the_index(filled_path: Path) -> None:
    with closing(sqlite3.connect(filled_path)) as connection:
        assert detect_fts(connection, "articles") == "articles_fts"
    assert Database(filled_path).table("articles").detect_fts() == "articles_fts"


@pytest.fixture
def get(filled_path: Path) -> Callable[[str], dict[str, object]]:
    """The JSON that plain Datasette, without a plugin of ours, gives for a path."""

    def get(address: str) -> dict[str, object]:
        async def ask() -> dict[str, object]:
            datasette = Datasette([str(filled_path)], settings={"num_sql_threads": 1})
            response = await datasette.client.get(address)
            assert response.status_code == 200, response.text
            answer: dict[str, object] = json.loads(response.text)
            return answer

        return asyncio.run(ask())

    return get


@pytest.mark.parametrize(
    ("typed", "ids"),
    [
        ("mayadin", [5]),
        ("Straße", [3]),
        ("strasse", [3]),
        ("الرقة", [2]),
        ("الرقه", [2]),
        ("2017", [2]),
        ("cafe", [5]),
    ],
)
def test_datasette_searches_articles_in_either_spelling(get, typed: str, ids: list[int]) -> None:
    answer = get(f"/archive/articles.json?_search={typed}&_shape=objects&_nofacet=1")
    assert [row["id"] for row in answer["rows"]] == ids


def test_datasette_shows_the_columns_of_the_contract(get) -> None:
    answer = get("/archive/articles.json?_shape=objects&_size=1")
    contract = [
        "id", "url", "canonical_url", "site", "title", "authors", "published", "modified", "language", "text",
        "word_count", "text_sha256", "source", "cluster_id", "first_captured", "last_captured", "version",
        "duplicate_of",
    ]  # fmt: skip
    assert list(answer["rows"][0])[: len(contract)] == contract
    captures = get("/archive/captures.json?_shape=objects&_size=1&_labels=on&_sort=id")
    assert captures["rows"][0]["article_id"] == {"value": 1, "label": "Battle over"}


def test_sqlite_utils_reads_every_table(filled_path: Path) -> None:
    def run(*arguments: str) -> str:
        said = archive(filled_path.parent, *arguments, program=SQLITE_UTILS)
        assert said.code == 0, said.err
        return said.out

    rows = json.loads(run("rows", str(filled_path), "articles"))
    assert [row["url"] for row in rows] == list(TEXTS)
    assert json.loads(rows[0]["authors"]) == []
    found = json.loads(run("search", str(filled_path), "articles", "mayadin", "-c", "id"))
    assert found == [{"id": 5}]
    tables = {row["table"] for row in json.loads(run("tables", str(filled_path)))}
    assert tables >= {
        "articles", "versions", "captures", "sites", "jobs", "runs", "passages", "clusters", "field_origins", "tags",
        "article_tags", "articles_fts",
    }  # fmt: skip
