"""What a query may ask for besides words: filters and refusals, alone and joined in any way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.model import SearchRequest
from archive.store import Store
from archive.store.candidates import asked_site
from archive.store.connection import open_reader
from archive.store.likeness import count_origins
from archive.web.facets import count_facets

from .conftest import Keeper

LOCK = "The lock of the canal was closed, says the report."


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keeper]:
    """What is only read."""
    with Store.open(tmp_path_factory.mktemp("conditions") / "archive.db") as store:
        yield fill(Keeper(store))


def fill(keeper: Keeper) -> Keeper:
    keeper.keep(
        "https://alpha.example/1", LOCK, "Canal lock", language="en", tags=("Boats",), published="2017-10-08"
    )
    keeper.keep(
        "https://alpha.example/2", "The bakery by the canal burnt.", "Fire", authors=("Steve Beaumont",)
    )
    keeper.keep(
        "https://beta.example/3",
        "A bakery opened, and the harbour is full.",
        "Bread",
        language="de",
        tags=("Food", "Boats"),
        authors=("Steve Peoples", "Thomas Beaumont"),
        published="2018-01-01",
    )
    keeper.keep("https://gamma.example/4", "東京の運河は静かだ。", "運河", language="ja")
    keeper.keep(
        "https://delta.example/5", LOCK, "Reprinted", language="en", published="2018-02-02"
    )  # a copy of 1
    return keeper


def found(keeper: Keeper, query: str, **fields: object) -> set[int]:
    request = SearchRequest(query, fold=False, **fields)  # type: ignore[arg-type]  # any field
    result = keeper.store.search(request)
    assert result.total == len(result.hits)
    assert keeper.store.origins(request).articles >= result.total
    return {hit.article_id for hit in result.hits}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("-bakery", {1, 4, 5}),
        ("NOT bakery", {1, 4, 5}),
        ("-bakery -canal", {4}),
        ("-canal", {3, 4}),
        ("-運河", {1, 2, 3, 5}),
        ("-lock", {2, 3, 4}),  # the text of a copy is that of what it copies
        ('-"the canal"', {3, 4}),
        ("site:alpha.example -bakery", {1}),
        ("canal -site:alpha.example", {5}),
        ("canal NOT site:alpha.example", {5}),
        ("-site:alpha.example -site:beta.example", {4, 5}),
        ("-lang:en", {2, 3, 4}),  # 2 has no language
        ("-tag:boats", {2, 4, 5}),
        ("-author:beaumont", {1, 4, 5}),
        ("-after:2018", {1, 2, 4}),  # 2 and 4 have no date
        ("site:alpha.example OR site:beta.example", {1, 2, 3}),
        ("site:alpha.example site:beta.example", {1, 2, 3}),
        ("(site:alpha.example OR site:beta.example) canal", {1, 2}),
        ("lang:de OR lang:ja", {3, 4}),
        ("tag:food tag:boats", {1, 3}),
        ("tag:food AND tag:boats", {3}),
        ("site:https://www.alpha.example/some/page canal", {1, 2}),
        ("site:alpha.example canal OR site:beta.example harbour", {1, 2, 3}),
        ("harbour OR lang:ja", {3, 4}),
        ("bakery OR -canal", {2, 3, 4}),
        ("運河 OR harbour -lang:de", {4}),
        ("after:2018 after:2018-02", {5}),
        ("month:2018", {3, 5}),
        ("month:2018-01 OR month:2017-10-08", {1, 3}),
        ("canal -month:2018-02", {1, 2}),
        ("outcome:Duplicate", {5}),
        ("canal -outcome:new", {5}),
        ("job:north", set()),
    ],
)
def test_filters_and_refusals_hold_wherever_they_stand(
    filled: Keeper, query: str, expected: set[int]
) -> None:
    assert found(filled, query) == expected


def test_what_asks_for_no_word_lists_the_newest_first(filled: Keeper) -> None:
    result = filled.store.search(SearchRequest("-bakery -site:delta.example"))
    assert [hit.article_id for hit in result.hits] == [4, 1]


def test_alternatives_with_filters_are_ranked_and_marked(filled: Keeper) -> None:
    result = filled.store.search(SearchRequest("lock site:alpha.example OR harbour site:beta.example"))
    assert {hit.snippet[a:b] for hit in result.hits for a, b in hit.marks} == {"lock", "harbour"}
    assert result.notes == ("read as: (lock site:alpha.example) OR (harbour site:beta.example)",)


@pytest.mark.parametrize(
    ("query", "chosen", "reversed_range"),
    [
        ("canal after:2018 before:2017-12", {}, True),
        ("canal before:2017-12", {"since": "2018"}, True),
        ("", {"since": "2017-10-09", "until": "2017-10-08"}, True),
        ("canal after:2017-10-08 before:2017-10-08", {}, False),
        ("canal after:2017-10-08 before:2017-10", {}, False),
        ("canal after:2017-10 before:2017-10-08", {}, False),
        ("canal after:2017 before:2018", {}, False),
    ],
)
def test_a_range_of_dates_that_ends_before_it_begins_is_told(
    filled: Keeper, query: str, chosen: dict[str, str], reversed_range: bool
) -> None:
    notes = filled.store.search(SearchRequest(query, **chosen)).notes  # type: ignore[arg-type]  # names of fields
    assert any("no date is both" in note for note in notes) == reversed_range


def test_what_is_typed_and_what_is_chosen_both_hold(filled: Keeper) -> None:
    assert found(filled, "canal site:example", site="alpha.example") == {1, 2}
    assert found(filled, "canal site:delta.example", site="alpha.example") == set()
    assert found(filled, "lang:en", language="de") == set()
    assert found(filled, "after:2018", since="2018-02") == {5}
    assert found(filled, "tag:boats", tag="food") == {3}


def test_counts_are_of_what_is_typed_and_chosen(filled: Keeper) -> None:
    with open_reader(filled.store.path) as connection:
        typed = count_facets(connection, SearchRequest("canal -site:delta.example", site="alpha.example"))
        assert {one.value: one.texts for one in typed.sites} == {"alpha.example": 2}
        assert typed.articles == 2
        other = count_facets(connection, SearchRequest("site:alpha.example", site="beta.example"))
        assert {one.value: one.texts for one in other.sites} == {"alpha.example": 2}
        assert other.articles == 0
        alone = count_facets(connection, SearchRequest("-bakery"))
        assert {one.value for one in alone.sites} == {"alpha.example", "gamma.example", "delta.example"}


def test_an_author_is_one_person(filled: Keeper) -> None:
    assert found(filled, 'author:"Steve Beaumont"') == {2}
    assert found(filled, '-author:"Steve Beaumont"') == {1, 3, 4, 5}
    assert found(filled, 'author:"beaumont thomas"') == {3}
    assert found(filled, "", author="Steve Beaumont") == {2}
    assert found(filled, "author:beaumont") == {2, 3}


def test_tags_are_found_in_other_capitals(filled: Keeper) -> None:
    assert found(filled, "tag:BOATS") == found(filled, "", tag="boats") == {1, 3}


def test_the_same_tag_in_other_capitals_is_another_where_both_are_kept(keeper: Keeper) -> None:
    filled = fill(keeper)
    filled.keep("https://alpha.example/6", "Nothing much.", "Six", tags=("boats",))
    assert found(filled, "tag:boats") == {6}
    assert found(filled, "tag:Boats") == {1, 3}


def test_beginnings_may_be_near(filled: Keeper) -> None:
    assert found(filled, "harb* NEAR bak*") == {3}
    assert found(filled, "NEAR(clos* rep*, 2)") == {1}
    assert found(filled, "NEAR(clos* rep*, 1)") == set()


PARTS = ["-bakery", "site:alpha.example", "-lang:en", "tag:boats", "canal", "OR", "(", ")", "AND", "NOT", "運河",
         "after:2018", '"the canal"', "harb*", "author:beaumont", "-site:x", "NEAR", "title:fire"]  # fmt: skip


@settings(max_examples=150)
@given(st.lists(st.sampled_from(PARTS), max_size=12).map(" ".join))
def test_a_query_and_its_refusal_share_out_the_archive(filled: Keeper, query: str) -> None:
    """Of five articles those that a query does not find are found by `-( … )` of it."""
    asked, refused = SearchRequest(query, exact=True), SearchRequest(f"-({query})", exact=True)
    if not query or filled.store.search(asked).notes or filled.store.search(refused).notes:
        return
    with open_reader(filled.store.path) as connection:
        counts = [
            count_origins(connection, replace(one, site="example")).articles for one in (asked, refused)
        ]
    assert sum(counts) == 5


@pytest.mark.parametrize("chosen", [{}, {"author": "lee"}])
def test_a_copy_with_a_title_of_its_own_is_counted_once(keeper: Keeper, chosen: dict[str, str]) -> None:
    for number, title in enumerate(("The lock of the canal", "A canal is reopened", "Nothing of it")):
        keeper.keep(
            f"https://s{number}.example/1", "They opened the canal on Friday.", title, authors=("Ann Lee",)
        )
    facets = count_facets(keeper.store._connection, SearchRequest("canal", **chosen))  # type: ignore[arg-type]  # a field
    assert facets.articles == 3
    assert {one.texts for one in facets.sites} == {1}


@pytest.mark.parametrize(
    ("asked", "site"),
    [
        ("www.alpha.example", "alpha.example"),
        ("https://alpha.example:8000/a?b=1", "alpha.example"),
        ("Bücher.example", "xn--bcher-kva.example"),
        ("example", "example"),
        ("www.com", "www.com"),
        ("*", "*"),
    ],
)
def test_a_site_is_asked_for_as_sites_are_named(asked: str, site: str) -> None:
    assert asked_site(asked) == site
