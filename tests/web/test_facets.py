"""The counts beside a search agree with what choosing them would give."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from archive.model import SearchRequest
from archive.store.finding import search_articles
from archive.web.facets import Count, count_facets


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
    "request_",
    [
        SearchRequest("ferry"),
        SearchRequest(""),
        SearchRequest("harbour", month="2017-10"),
        SearchRequest("", language="en"),
        SearchRequest("ferry site:gazette.example"),
    ],
)
def test_a_count_is_what_choosing_the_value_gives(
    connection: sqlite3.Connection, request_: SearchRequest
) -> None:
    from dataclasses import replace

    facets = count_facets(connection, request_)
    assert facets.sites
    typed_site = "site:" in request_.query
    if not typed_site and request_.query:
        for one in facets.sites:
            assert search_articles(connection, replace(request_, site=one.value)).total == one.texts
        for one in facets.months:
            assert search_articles(connection, replace(request_, month=one.value)).total == one.texts


def test_a_filter_is_counted_under_the_others_but_not_under_itself(connection: sqlite3.Connection) -> None:
    facets = count_facets(connection, SearchRequest("", site="gazette.example"))
    assert len(facets.sites) == 4
    assert {one.value for one in facets.months} == {"2017-10", "2017-09"}
    assert {one.value for one in facets.languages} == {"en"}


def test_nothing_is_counted_for_a_query_without_a_word(connection: sqlite3.Connection) -> None:
    facets = count_facets(connection, SearchRequest("-ferry !!"))
    assert (
        facets.sites == ()
        or sum(one.texts for one in facets.sites)
        == search_articles(connection, SearchRequest("-ferry !!")).total
    )
