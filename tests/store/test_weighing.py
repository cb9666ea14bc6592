"""Words that very many articles have are looked for, but do not weigh."""

from __future__ import annotations

from collections.abc import Iterator
from sqlite3 import Connection

import pytest

from archive.model import SearchRequest
from archive.search.query import AllOf, AnyOf, InTitle, Near, Node, Term
from archive.store.connection import open_reader
from archive.store.finding import search_articles
from archive.store.weighing import weighed

from .conftest import Keeper

COMMON, RARE, OTHER = Term("harbour"), Term("bridge"), Term("quay")
TOO_MANY = 6


@pytest.fixture
def filled(keeper: Keeper) -> Iterator[Connection]:
    for at in range(12):
        text = f"This is number {at}, of a harbour" + (" and its bridge." if at % 4 == 1 else ".")
        keeper.keep(
            f"https://a.example/{at}",
            text + (" A bridge again." if at == 1 else ""),
            "The harbour bridge" if at == 5 else f"Number {at}",
            published="2015-01-01",
        )
    connection = open_reader(keeper.store.path)
    yield connection
    connection.close()


@pytest.mark.parametrize(
    ("query", "left"),
    [
        (RARE, RARE),
        (COMMON, None),
        (InTitle(COMMON), None),
        (AllOf((COMMON, RARE)), RARE),
        (AllOf((COMMON, RARE, OTHER)), AllOf((RARE, OTHER))),
        (AllOf((RARE, OTHER)), AllOf((RARE, OTHER))),
        (AllOf((RARE,), without=(COMMON,)), RARE),
        (AllOf((COMMON, InTitle(COMMON))), None),
        (AnyOf((COMMON, RARE)), None),
        (AnyOf((RARE, OTHER)), AnyOf((RARE, OTHER))),
        (Term("harbour bridge", quoted=True), None),
        (Near(("bridge", "harbour"), 3), None),
        (Near(("bridge", "quay"), 3), Near(("bridge", "quay"), 3)),
        (Term("harb", prefix=True), Term("harb", prefix=True)),
    ],
)
def test_what_weighs_of_a_query(filled: Connection, query: Node, left: Node | None) -> None:
    assert weighed(filled, query, TOO_MANY) == left


def test_in_a_small_archive_every_word_weighs(filled: Connection) -> None:
    assert weighed(filled, COMMON, 13) == COMMON


@pytest.mark.parametrize("filters", [{}, {"site": "a.example"}, {"language": "en"}, {"since": "2015"}])
@pytest.mark.parametrize(
    "query", ["harbour bridge", "harbour -bridge", '"a harbour"', "harbour number", "title:harbour"]
)
def test_the_same_articles_are_found(filled: Connection, query: str, filters: dict[str, str]) -> None:
    request = SearchRequest(query, **filters)  # type: ignore[arg-type]  # any filter
    every = search_articles(filled, request)
    some = search_articles(filled, request, very_common=TOO_MANY)
    assert {hit.article_id for hit in some.hits} == {hit.article_id for hit in every.hits}
    assert some.total == every.total


@pytest.mark.parametrize("filters", [{}, {"site": "a.example"}])
def test_the_rare_word_decides_beside_a_common_one(filled: Connection, filters: dict[str, str]) -> None:
    request = SearchRequest("harbour bridge", **filters)  # type: ignore[arg-type]  # a filter
    found = search_articles(filled, request, very_common=TOO_MANY)
    assert [hit.article_id for hit in found.hits] == [6, 2, 10]  # in the title, twice, once


def test_a_common_word_in_the_title_comes_first(filled: Connection) -> None:
    for very_common in (TOO_MANY, 50_000):
        for query in ("harbour", '"a harbour" OR "the harbour"'):
            found = search_articles(filled, SearchRequest(query), very_common=very_common)
            assert found.hits[0].article_id == 6


@pytest.mark.parametrize("filters", [{}, {"site": "a.example"}, {"since": "2014"}, {"until": "2016"}])
def test_a_common_word_in_an_old_title_comes_first(filled: Connection, filters: dict[str, str]) -> None:
    for query in ("harbour", '"a harbour" OR "the harbour"'):
        request = SearchRequest(query, **filters)  # type: ignore[arg-type]  # a filter
        found = search_articles(filled, request, ranked_matches=3, very_common=TOO_MANY)
        assert [hit.article_id for hit in found.hits] == [6, 11, 12]


def test_what_must_not_be_in_the_text_is_not_found_by_its_title(keeper: Keeper) -> None:
    for at in range(8):
        keeper.keep(
            f"https://a.example/{at}", f"Of harbour {at}." + (" A bridge." if at == 3 else ""), "Harbour"
        )
    for filters in ({}, {"site": "a.example"}, {"since": None}):
        request = SearchRequest("harbour -bridge", **filters)  # type: ignore[arg-type]  # a filter
        found = search_articles(keeper.store._connection, request, very_common=TOO_MANY)
        assert sorted(hit.article_id for hit in found.hits) == [1, 2, 3, 5, 6, 7, 8]


def test_a_copy_with_a_title_of_its_own_is_found_by_that_title(keeper: Keeper) -> None:
    for at in range(8):
        keeper.keep(f"https://a.example/{at}", f"Of harbour {at}, which has a bridge.", "Number")
    keeper.keep("https://b.example/copy", "Of harbour 1, which has a bridge.", "The harbour")
    for filters in ({}, {"site": "b.example"}):
        request = SearchRequest("harbour", **filters)  # type: ignore[arg-type]  # a filter
        for very_common in (5, 9):
            found = search_articles(keeper.store._connection, request, very_common=very_common)
            assert found.hits[0].article_id == 9
            assert found.hits[0].score > 4
