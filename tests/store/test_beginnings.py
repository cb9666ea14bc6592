"""Which words stand for the beginning of a word that very many articles have."""

from __future__ import annotations

from collections.abc import Iterator
from sqlite3 import Connection

import pytest

from archive.model import SearchRequest
from archive.search.query import AllOf, AnyOf, Term
from archive.store import beginnings
from archive.store.beginnings import with_commonest
from archive.store.candidates import candidates, newest_ids
from archive.store.connection import open_reader
from archive.store.finding import search_articles

from .conftest import Keeper

COMMON = Term("harb", prefix=True)


@pytest.fixture
def filled(keeper: Keeper) -> Iterator[Connection]:
    for at, word in enumerate(
        ("Harbour", "harbours", "harbour", "HARBOURS", "harbour", "a harbinger", "bridge")
    ):
        text = f"This is number {at}, of {word}."
        keeper.keep(f"https://a.example/{at}", text, f"Number {at}", published=f"201{at}")
    connection = open_reader(keeper.store.path)
    yield connection
    connection.close()


def test_the_commonest_words_stand_for_a_very_common_beginning(filled: Connection) -> None:
    assert with_commonest(filled, COMMON, 6) == AnyOf((Term("harbour"), Term("harbours"), Term("harbinger")))


def test_a_beginning_that_few_have_is_looked_for_itself(filled: Connection) -> None:
    assert with_commonest(filled, COMMON, 7) == COMMON
    assert with_commonest(filled, Term("bri", prefix=True), 2) == Term("bri", prefix=True)
    assert with_commonest(filled, Term("harbour"), 2) == Term("harbour")


def test_only_alternatives_may_be_left_out(filled: Connection) -> None:
    assert with_commonest(filled, AnyOf((Term("quay"), COMMON)), 6) != AnyOf((Term("quay"), COMMON))
    together = AllOf((Term("quay"), COMMON))
    assert with_commonest(filled, together, 6) == together


def test_whoever_takes_all_gets_every_word_that_begins_so(
    filled: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beginnings, "MAX_WORDS", 1)
    found = {}
    for every in (False, True):
        source, values = candidates(filled, SearchRequest(""), COMMON, every=every, very_common=6)
        found[every] = set(newest_ids(filled, source, values, 10))
    assert found == {False: {1, 3, 5}, True: {1, 2, 3, 4, 5, 6}}


def test_the_whole_beginning_is_marked(filled: Connection) -> None:
    hits = search_articles(filled, SearchRequest("harb*"), very_common=6).hits
    assert [hit.article_id for hit in hits] == [6, 5, 4, 3, 2, 1]
    assert hits[0].snippet[slice(*hits[0].marks[0])] == "harbinger"
