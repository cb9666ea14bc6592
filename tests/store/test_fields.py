"""Searches by title, author, outcome and nearness, and in scripts without spaces; stories as one result."""

from __future__ import annotations

import random

import pytest

from archive.model import SearchRequest

from .conftest import Keeper

STORY = (
    "The bridge over the river was closed on Monday after engineers found cracks in two of its pillars. " * 4
)


@pytest.fixture
def filled(keeper: Keeper) -> Keeper:
    keeper.keep(
        "https://a.example/1", "The old harbour and the new bridge.", "Harbour", authors=("Ann Lee", "Bo Ek")
    )
    keeper.keep(
        "https://b.example/1", "A bridge, then a long way, then a harbour.", "Bridge", authors=("José Lee",)
    )
    keeper.keep(
        "https://c.example/1", "中国政府周一在北京宣布了新的计划。该计划将于明年开始。", "北京的新计划"
    )
    keeper.keep("https://d.example/1", "รัฐบาลไทยประกาศแผนใหม่ที่กรุงเทพในวันจันทร์", "แผนใหม่")
    keeper.keep("https://e.example/1", "東京の harbour で会議が開かれた。", "会議")
    keeper.keep("https://h.example/1", "昨夜、震度５弱の地震がありました。", "地震")
    keeper.keep("https://f.example/1", STORY + "So said the mayor.", "Cracks")
    keeper.keep("https://g.example/1", STORY + "That is all.", "Cracks found")
    return keeper


def found(keeper: Keeper, query: str, **fields: object) -> list[str]:
    result = keeper.store.search(SearchRequest(query, **fields))  # type: ignore[arg-type]  # any field
    assert result.total == len(result.hits)
    return sorted(hit.site[0] for hit in result.hits)


@pytest.mark.parametrize(
    ("query", "sites"),
    [
        ("震度5弱", "h"),
        ("震度５弱", "h"),
        ("title:harbour", "a"),
        ("harbour -title:harbour", "be"),
        ("old NEAR/1 harbour", "a"),
        ("NEAR(bridge harbour, 3)", "a"),
        ("NEAR(bridge harbour, 2)", ""),
        ("author:lee", "ab"),
        ('author:"lee ann"', "a"),
        ("author:jose", "b"),
        ("harbour author:ek", "a"),
        ("author:nobody", ""),
        ("author:*", ""),
        ("北京", "c"),
        ("北京市", ""),
        ("京", "ce"),
        ("新的计划", "c"),
        ('"政府周一"', "c"),
        ("北京 计划", "c"),
        ("北京 harbour", ""),
        ("東京 harbour", "e"),
        ("北京 OR bridge", "abcfg"),
        ("harbour -東京", "ab"),
        ("title:北京", "c"),
        ("title:政府", ""),
        ("กรุงเทพ", "d"),
        ("แผน", "d"),
    ],
)
def test_what_is_found(filled: Keeper, query: str, sites: str) -> None:
    assert found(filled, query, fold=False) == list(sites)


def test_letters_are_marked_where_there_are_no_words(filled: Keeper) -> None:
    (hit,) = filled.store.search(SearchRequest("震度5弱")).hits
    assert [hit.snippet[a:b] for a, b in hit.marks] == ["震度５弱"]
    (hit,) = filled.store.search(SearchRequest("北京")).hits
    assert [hit.snippet[a:b] for a, b in hit.marks] == ["北京"]
    assert [(hit.title or "")[a:b] for a, b in hit.title_marks] == ["北京"]


def test_only_texts_without_spaces_are_indexed_by_letters(filled: Keeper) -> None:
    assert filled.store._connection.execute("SELECT count(*) FROM articles_unspaced").fetchone() == (4,)
    assert not filled.store._connection.execute("SELECT 1 FROM unspaced_terms WHERE term = 'bri'").fetchall()


def test_the_indexes_follow_what_changes(filled: Keeper) -> None:
    filled.keep("https://c.example/1", "Now in English, of the harbour.", "Plan", authors=("Li Wei",))
    assert found(filled, "北京") == []
    assert found(filled, "author:wei") == ["c"]
    filled.store.check_integrity()
    filled.store.rebuild_index()
    filled.store.check_integrity()
    assert found(filled, "author:wei") == ["c"]


def test_an_outcome_is_a_filter(filled: Keeper) -> None:
    filled.keep("https://a.example/1", "The old harbour and the newer bridge.", "Harbour")
    assert found(filled, "harbour", outcome="changed") == ["a"]
    assert found(filled, "", outcome="changed") == ["a"]
    assert found(filled, "harbour", outcome="duplicate") == []


def test_a_story_is_one_result_that_says_how_many_more_there_are(filled: Keeper) -> None:
    (hit,) = filled.store.search(SearchRequest("cracks")).hits
    assert hit.more == 1
    assert found(filled, "cracks", fold=False) == ["f", "g"]
    pages = [filled.store.search(SearchRequest("bridge", limit=1, offset=at)).hits for at in range(4)]
    assert [len(page) for page in pages] == [1, 1, 1, 0]
    assert len({page[0].site for page in pages[:3]}) == 3


@pytest.mark.slow
def test_two_hundred_thousand_random_queries_have_answers(filled: Keeper) -> None:
    chance = random.Random(1)  # noqa: S311 - the same strings at every run
    letters = (
        '()"-*:^+{},/ \x00\t' + "abANDORTNEAR3titleauthorsite:" + "ميادин北京กรุ㐀é\u0301\ud800\U0001f600"
    )
    pieces = [*letters, "site:a", "-site:b", "Lang:en", "tag:x", "after:2017", "month:2017", "-job:x", "outcome:new",
              "author:lee", " OR ", " AND ", " NOT ",
              " -", "harb*", " NEAR ", "“", "”", "«", "»", "「", "」", "(bridge", "harbour)", "５"]  # fmt: skip
    for _ in range(200_000):
        typed = "".join(chance.choices(chance.choice((letters, pieces)), k=chance.randint(0, 30)))
        result = filled.store.search(SearchRequest(typed, fold=chance.random() < 0.5))
        assert result.total >= len(result.hits)
