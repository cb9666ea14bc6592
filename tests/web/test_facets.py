"""The counts beside a search agree with what choosing them would give."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from archive.model import SearchRequest
from archive.store import fact_making
from archive.store.finding import search_articles
from archive.store.memo import Memo
from archive.web import facets as facets_module
from archive.web.facets import Count, Facets, count_facets
from tests.web.linked import keep_linked
from tests.web.served import Served


@pytest.fixture
def connection(folder: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(folder / "data" / "archive.db")) as opened:
        yield opened


def test_each_text_is_counted_once_for_each_value_it_has(connection: sqlite3.Connection) -> None:
    facets = count_facets(connection, SearchRequest("ferry"))
    # The ferry's text stands at two sites and is one text; the harvest and the hostile article name a ferry, too.
    assert set(facets.sites) == {
        Count("gazette.example", 2),
        Count("harbour.example", 1),
        Count("evil.example", 1),
    }
    assert facets.languages[0] == Count("en", 2)
    assert facets.months == (Count("2017-10", 2), Count("2017-09", 1))


@pytest.mark.parametrize(
    "query", ["ferry", '"the ferry"', "har*", "ferry OR almonds", "ferry site:gazette.example"]
)
def test_after_a_search_the_counts_are_the_same_and_hardly_ask_the_index(
    connection: sqlite3.Connection, query: str
) -> None:
    request, memo = SearchRequest(query), Memo()
    alone = count_facets(connection, request)
    asked: list[str] = []
    search_articles(connection, request, memo=memo)
    connection.set_trace_callback(asked.append)
    assert count_facets(connection, request, memo) == alone
    # FTS5's own statements begin with two hyphens
    walks = [one for one in asked if "articles_fts MATCH" in one and not one.startswith("--")]
    assert len(walks) == ("site:" in query)  # of few articles those that pass are asked for, before and now


@pytest.mark.parametrize("query", ["ferry", "harbour", "ferry OR almonds", "ferry -almonds", "الماء"])
def test_a_count_is_what_choosing_the_value_gives(connection: sqlite3.Connection, query: str) -> None:
    facets = count_facets(connection, SearchRequest(query))
    assert facets.sites
    for name, counts in (("site", facets.sites), ("language", facets.languages), ("month", facets.months)):
        for one in counts:
            chosen = SearchRequest(query, **{name: one.value})  # type: ignore[arg-type]  # a name of a field
            assert search_articles(connection, chosen).total == one.texts, (name, one)


def test_a_filter_is_counted_under_the_others_but_not_under_itself(connection: sqlite3.Connection) -> None:
    facets = count_facets(connection, SearchRequest("", site="gazette.example"))
    assert len(facets.sites) == 4
    assert {one.value for one in facets.months} == {"2017-10", "2017-09"}
    assert {one.value for one in facets.languages} == {"en"}


def test_one_value_is_a_choice_only_where_not_every_text_has_it(connection: sqlite3.Connection) -> None:
    facets = count_facets(connection, SearchRequest("almonds"))
    assert facets.texts == 1
    assert not facets.narrows(facets.sites)
    undated = replace(facets, texts=2)
    assert undated.narrows(facets.sites)
    assert not undated.narrows(())


def test_a_filter_that_is_typed_holds_for_the_counts_of_its_own_kind_too(
    connection: sqlite3.Connection,
) -> None:
    typed = count_facets(connection, SearchRequest("ferry site:gazette.example"))
    chosen = count_facets(connection, SearchRequest("ferry", site="gazette.example"))
    assert [one.value for one in typed.sites] == ["gazette.example"]
    assert len(chosen.sites) > 1
    assert typed == replace(chosen, sites=typed.sites)


def test_nothing_is_counted_for_a_query_without_a_word(connection: sqlite3.Connection) -> None:
    assert count_facets(connection, SearchRequest("!!")) == Facets()


def test_counts_of_the_newest_matches_alone_say_so(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert count_facets(connection, SearchRequest("ferry")).complete
    monkeypatch.setattr(facets_module, "COUNTED_MATCHES", 2)
    assert not count_facets(connection, SearchRequest("ferry")).complete


def test_pages_say_the_same_where_facts_are_kept_as_bits(tmp_path: Path, on: Callable[..., Served]) -> None:
    database = keep_linked(tmp_path)
    asked = [
        f"/search.json?{words}&{chosen}"
        for words in ("q=", "q=the", "q=ferry", "q=ferry+-lang%3Aar", "q=site%3Aharbour.example+OR+ferry")
        for chosen in ("", "site=example", "lang=en", "month=2017-10", "outcome=duplicate")
    ]
    before = [on(database).json(path) for path in asked]
    with closing(sqlite3.connect(database)) as opened, opened:
        while fact_making.make_next(opened, from_articles=0) is not None:
            pass
    assert [on(database).json(path) for path in asked] == before
    assert any(one["articles"] for one in before)
