"""`archive similar`, and how many origins a search has."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.model import SearchRequest
from archive.store import Store
from tests.dedup import edits
from tests.loopback import Loopback
from tests.program import archive
from tests.store.conftest import Keeper
from tests.stories import story

TEXT = edits.text(1) + "\n\nThe lighthouse burns."


@pytest.fixture
def held(tmp_path: Path) -> Path:
    """A story, its copy, a near-copy, a story that borrows two paragraphs of it, and another."""
    (tmp_path / "data").mkdir()
    other = edits.text(2).split("\n\n")
    with Store.open(tmp_path / "data/archive.db") as store:
        keeper = Keeper(store)
        keeper.keep("https://a.example/1", TEXT, "First", published="2017-10-06")
        keeper.keep("https://b.example/1", TEXT, "Copy", published="2017-10-07")
        keeper.keep("https://c.example/1", edits.lead_reworded(TEXT), "Near", published="2017-10-07")
        keeper.keep("https://d.example/1", "\n\n".join((*other, *TEXT.split("\n\n")[1:3])), "Borrower")
        keeper.keep(
            "https://e.example/1", edits.text(3) + " The lighthouse again.", "Other", published="2017-10-08"
        )
    return tmp_path


def test_everything_that_is_like_an_article_is_listed_the_likest_first(held: Path) -> None:
    said = archive(held, "similar", "https://a.example/1", "--json")
    assert (said.code, [(line["article_id"], line["relation"]) for line in said.lines[:-1]]) == (
        0, [(2, "copy"), (3, "near"), (4, "contained-in")],
    )  # fmt: skip
    assert said.summary["cluster"] == {
        "cluster_id": 1, "articles": 3, "origin_id": 1, "origin_basis": "published", "earliest_id": 1, "agencies": [],
    }  # fmt: skip
    assert said.lines[1]["jaccard"] > 0.6
    borrowed = archive(held, "similar", "4", "--json").lines[:-1]
    assert [(line["article_id"], line["relation"], line["passages"]) for line in borrowed] == [
        (1, "contains", 1), (3, "contains", 1),
    ]  # fmt: skip


def test_a_copy_shows_what_its_head_is_like(held: Path) -> None:
    lines = archive(held, "similar", "2", "--json").lines[:-1]
    assert [(line["article_id"], line["relation"]) for line in lines[:2]] == [(1, "copy"), (3, "near")]


def test_similar_is_told_to_a_reader(held: Path) -> None:
    said = archive(held, "similar", "1")
    assert "same text" in said.out.splitlines()[0]
    assert said.err == "3 articles in cluster 1; likely origin: article 1 (published first)\n"
    assert archive(held, "similar", "5").err == "nothing like article 5 is held\n"


def test_a_search_counts_articles_and_origins(held: Path) -> None:
    said = archive(held, "search", "lighthouse", "--json").summary
    assert (said["total"], said["articles"], said["origins"]) == (3, 4, 2)
    assert "4 articles, 2 origins" in archive(held, "search", "lighthouse").err
    with Store.open(held / "data/archive.db", read_only=True) as store:
        assert store.origins(SearchRequest("lighthouse site:b.example")).articles == 1
        assert store.origins(SearchRequest("")).articles == 5
        assert store.origins(SearchRequest("((")).articles in (0, 5)


def test_pages_that_are_copies_are_linked_as_they_come(tmp_path: Path) -> None:
    with Loopback(
        {"/a": story(1), "/b": story(1, sidebar="x"), "/c": story(1, extra=" Dogs pay half.")}
    ) as server:
        archive(tmp_path, "add", *map(server.url, ("/a", "/b", "/c")))
    said = archive(tmp_path, "similar", "1", "--json")
    assert {line["relation"] for line in said.lines[:-1]} == {"copy", "near"}
