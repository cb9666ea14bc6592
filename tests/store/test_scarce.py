"""A filter that few articles pass gives what it would give if many passed it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from sqlite3 import Connection

import pytest

from archive.model import SearchRequest, SearchResult
from archive.store import Store, newest, scarce
from archive.store.candidates import filter_sql
from archive.store.connection import open_reader
from archive.store.finding import search_articles
from archive.store.likeness import Origins, count_origins
from archive.store.scarce import passing_few

from .conftest import Keeper

FILTERS = (
    {"site": "a.example"},
    {"site": "b.example"},
    {"author": "lee"},
    {"tag": "port"},
    {"since": "2013", "until": "2016-05"},
    {"month": "2015-01"},
    {"site": "a.example", "author": "nobody"},
    {"site": "a.example", "language": "en"},
    {"site": "b.example", "since": "2012"},
)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    path = tmp_path_factory.mktemp("scarce") / "archive.db"
    with Store.open(path) as store:
        keeper = Keeper(store)
        for at in range(12):
            text = "The same harbour again." if at in {2, 9} else f"This is harbour number {at}."
            keeper.keep(
                f"https://{'news.' if at == 3 else ''}{'ab'[at % 2]}.example/{at}",
                text,
                "A harbour" if at in {4, 5} else f"Number {at}",
                published=f"{2010 + at}-01",
                language="en" if at % 3 else "de",
                authors=("Ann Lee",) if at > 7 else (),
                tags=("port",) if at % 4 == 1 else (),
            )
    with closing(open_reader(path)) as connection:
        yield connection


@pytest.mark.parametrize("filters", FILTERS)
@pytest.mark.parametrize("query", ["harbour", "harbour -number", ""])
@pytest.mark.parametrize("very_common", [4, 50_000])
def test_few_are_found_as_many_are(
    filled: Connection, monkeypatch: pytest.MonkeyPatch, query: str, filters: dict[str, str], very_common: int
) -> None:
    request = SearchRequest(query, **filters)  # type: ignore[arg-type]  # any filter
    assert passing_few(filled, filter_sql(filled, request)[1]) is not None
    found: tuple[list[SearchResult], list[Origins]] = [], []
    for singly in (0, 1_000):
        monkeypatch.setattr(newest, "SINGLY", singly)
        found[0].append(search_articles(filled, request, very_common=very_common))
        found[1].append(count_origins(filled, request))
    monkeypatch.setattr(scarce, "SCARCE", -1)
    assert passing_few(filled, filter_sql(filled, request)[1]) is None
    found[0].append(search_articles(filled, request, very_common=very_common))
    found[1].append(count_origins(filled, request))
    assert all(one == found[0][0] for one in found[0])
    assert all(one == found[1][0] for one in found[1])
