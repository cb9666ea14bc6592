"""What a search finds, in which order, and what it shows."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.model import Hit, Intent, SearchRequest
from archive.store import Store
from archive.store.connection import open_reader
from archive.store.finding import search_articles

from .conftest import Keeper


@pytest.fixture
def filled(keeper: Keeper) -> Keeper:
    keeper.keep(
        "https://alpha.example/1",
        "The army entered Mayadin on Friday. The town of Mayadin is on the river.",
        "Army enters town",
        published="2017-10-08T14:33:00+03:00",
        language="en",
        tags=("syria",),
    )
    keeper.keep(
        "https://beta.example/1",
        "A long report about many other things, and Mayadin once. " + "Filler words follow here. " * 20,
        "Report",
        published="2017-10-31T23:30:00Z",
        language="en-GB",
    )
    keeper.keep(
        "https://news.beta.example/2",
        "قال الجيش إنّ المعركة في الرقّةِ مستمرة",
        "معركة الرقة",
        published="2017-11-01",
        language="ar",
    )
    keeper.keep("https://gamma.example/1", "Nothing of the kind.", "Mayadin", language="en")
    keeper.keep(
        "https://delta.example/1",
        "The army entered Mayadin on Friday. The town of Mayadin is on the river.",
        "Reprinted",
        published="2017-10-09",
        language="en",
        tags=("copies",),
    )
    return keeper


def search(keeper: Keeper, query: str, **filters: object) -> list[int]:
    result = keeper.store.search(SearchRequest(query, **filters))  # type: ignore[arg-type]  # any filter
    assert result.total == len(result.hits)
    return [hit.article_id for hit in result.hits]


def marked(hit: Hit) -> list[str]:
    return [hit.snippet[start:end] for start, end in hit.marks]


def test_a_word_in_the_title_counts_more_and_often_more_than_once(filled: Keeper) -> None:
    assert search(filled, "mayadin") == [4, 1, 2]
    scores = [hit.score for hit in filled.store.search(SearchRequest("mayadin")).hits]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] > 0


def test_words_phrases_prefixes_and_operators(filled: Keeper) -> None:
    assert search(filled, '"town of mayadin"') == [1]
    assert search(filled, "mayad* -army -nothing") == [2]
    assert search(filled, "nothing OR river") == [4, 1] or search(filled, "nothing OR river") == [1, 4]
    assert search(filled, "nosuchword") == []


def test_a_copy_is_one_result_with_its_head(filled: Keeper) -> None:
    assert search(filled, "river") == [1]
    assert search(filled, "reprinted") == [5]


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({"site": "alpha.example"}, [1]),
        ({"site": "WWW.alpha.example"}, [1]),
        ({"site": "delta.example"}, [5]),
        ({"tag": "copies"}, [5]),
        ({"language": "en-gb"}, [2]),
        ({"language": "EN"}, [4, 1, 2]),
        ({"language": "e%"}, []),
        ({"until": "2017-10-08"}, [1]),
        ({"since": "2017-10-09", "until": "2017-10-31"}, [5, 2]),
        ({"month": "2017-10"}, [1, 2]),
        ({"month": "2017-10", "since": "2017-10-31"}, [2]),
        ({"since": "2017-11"}, []),
        ({"site": "nosuch.example"}, []),
    ],
)
def test_filters(filled: Keeper, filters: dict[str, str], ids: list[int]) -> None:
    assert search(filled, "mayadin", **filters) == ids


def test_a_site_includes_those_below_it(filled: Keeper) -> None:
    assert search(filled, "", site="beta.example") == [3, 2]
    assert search(filled, "", site="eta.example") == []


def test_filters_may_be_typed(filled: Keeper) -> None:
    assert search(filled, "mayadin site:delta.example") == [5]
    assert search(filled, "lang:ar") == [3]
    assert search(filled, "mayadin after:2017-10-31 before:2017-10-31") == [2]
    assert search(filled, "mayadin tag:syria", tag="copies") == []  # both hold
    assert search(filled, "mayadin tag:syria", site="alpha.example") == [1]


def test_articles_of_a_job(filled: Keeper) -> None:
    capture = filled.capture("https://beta.example/1", "unchanged", job="daily")
    filled.store.save(Intent("unchanged", (capture,), article_id=2))
    assert search(filled, "mayadin", job="daily") == [2]


def test_nothing_typed_lists_the_newest(filled: Keeper) -> None:
    result = filled.store.search(SearchRequest("", limit=2))
    assert ([hit.article_id for hit in result.hits], result.total) == ([5, 4], 5)
    assert search(filled, "???") == []


def test_pages_of_results(filled: Keeper) -> None:
    pages = [filled.store.search(SearchRequest("mayadin", limit=1, offset=at)) for at in range(4)]
    assert [[hit.article_id for hit in page.hits] for page in pages] == [[4], [1], [2], []]
    assert [page.total for page in pages] == [3, 3, 3, 3]


def test_the_original_is_marked_not_the_fold(filled: Keeper) -> None:
    (hit,) = filled.store.search(SearchRequest("الرقه")).hits
    assert marked(hit) == ["الرقّةِ"]
    assert [(hit.title or "")[start:end] for start, end in hit.title_marks] == ["الرقة"]
    assert hit.snippet == "قال الجيش إنّ المعركة في الرقّةِ مستمرة"


def test_a_copy_shows_the_matches_in_the_text_it_copies(filled: Keeper) -> None:
    (hit,) = filled.store.search(SearchRequest("river site:delta.example")).hits
    assert (hit.article_id, hit.title, marked(hit)) == (5, "Reprinted", ["river"])


def test_a_match_in_the_title_alone_shows_how_the_text_begins(filled: Keeper) -> None:
    hit = filled.store.search(SearchRequest("mayadin")).hits[0]
    assert (hit.snippet, hit.marks, hit.title_marks) == ("Nothing of the kind.", (), ((0, 7),))


def test_very_common_words_are_ranked_among_the_newest(filled: Keeper) -> None:
    db = open_reader(filled.store.path)
    for filters in ({}, {"language": "en"}):
        result = search_articles(db, SearchRequest("mayadin", **filters), ranked_matches=2)
        assert [hit.article_id for hit in result.hits] == [4, 2]
        assert result.total == 3
    db.close()


def test_behind_filters_the_index_is_walked_from_the_newest_without_sorting(store: Store) -> None:
    db = open_reader(store.path)
    statements: list[str] = []
    db.set_trace_callback(statements.append)
    search_articles(db, SearchRequest("word", language="en", outcome="new"))
    db.set_trace_callback(None)
    (ranking,) = [statement for statement in statements if "bm25" in statement]
    plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {ranking}")]
    db.close()
    walk = " ".join(plan[plan.index("MATERIALIZE matching") + 1 : plan.index("SCAN matching")])
    assert walk.startswith("SCAN f VIRTUAL TABLE")
    assert "SEARCH a USING INTEGER PRIMARY KEY" in walk
    assert "SEARCH articles USING COVERING INDEX articles_facts" in " ".join(plan)
    assert "articles_duplicate_of" in walk
    assert "articles_site" not in walk
    assert "articles_published" not in walk
    assert "TEMP B-TREE" not in walk


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.text(), st.text('()"-* abANDORTmayadin:^+', max_size=60)))
def test_any_query_has_an_answer(filled: Keeper, typed: str) -> None:
    result = filled.store.search(SearchRequest(typed))
    assert result.total >= len(result.hits)
    filled.store.search(SearchRequest("", site=typed, language=typed, since=typed, tag=typed, job=typed))


def test_numbers_and_characters_that_sqlite_does_not_take(filled: Keeper) -> None:
    assert len(filled.store.search(SearchRequest("mayadin", limit=10**30)).hits) == 3
    assert filled.store.search(SearchRequest("mayadin", offset=10**30)).hits == ()
    assert filled.store.search(SearchRequest("mayadin", limit=-1)).hits == ()
    assert filled.store.search(SearchRequest("mayadin", site="\udcff", tag="\ud800")).total == 0
