"""What is typed is always a query, and never syntax to SQLite."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archive.search.conditions import Filter, Without, written
from archive.search.parsing import MAX_TERMS, parse_query
from archive.search.query import AllOf, AnyOf, Term, match_expression, wanted_terms


def meaning(text: str) -> str | None:
    root = parse_query(text).root
    return None if root is None else match_expression(root)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mayadin", '"Mayadin"'),
        ("deir ezzor", '("deir" AND "ezzor")'),
        ("deir AND ezzor", '("deir" AND "ezzor")'),
        ('"deir ezzor"', '"deir ezzor"'),
        ("raqqa OR mosul", '("raqqa" OR "mosul")'),
        ("a1 b1 OR c1", '(("a1" AND "b1") OR "c1")'),
        ("raqqa (mosul OR basra)", '("raqqa" AND ("mosul" OR "basra"))'),
        ("raqqa -mosul", '(("raqqa") NOT ("mosul"))'),
        ("raqqa NOT mosul -basra", '(("raqqa") NOT ("mosul" OR "basra"))'),
        ('raqqa -"deir ezzor"', '(("raqqa") NOT ("deir ezzor"))'),
        ("raqqa -(mosul OR basra)", '(("raqqa") NOT (("mosul" OR "basra")))'),
        ("mayad*", '"mayad"*'),
        ("m*", '"m"'),
        ("الرقة", '"الرقه"'),
        ("COVID-19", '"COVID-19"'),
        ("foo:bar", '"foo:bar"'),
        ("or and not", '("or" AND "and" AND "not")'),
        ('unclosed "phrase here', '("unclosed" AND "phrase here")'),
        ("raqqa ? … —", '"raqqa"'),
    ],
)  # fmt: skip
def test_queries_mean_what_they_say(text: str, expected: str) -> None:
    assert meaning(text) == expected


@pytest.mark.parametrize(
    "text",
    ["raqqa AND", "OR raqqa", "raqqa OR", "(raqqa", "raqqa)", "((raqqa", "AND raqqa", "raqqa NOT"],
)
def test_a_malformed_query_is_read_as_words_and_says_so(text: str) -> None:
    assert meaning(text) == '"raqqa"'
    assert parse_query(text).notes == ("read as words: raqqa",)


def test_what_a_malformed_query_refuses_stays_refused() -> None:
    query = parse_query('raqqa) NOT mosul -"deir ezzor" -site:a.example')
    assert query.root is not None
    assert match_expression(query.root) == '(("raqqa") NOT ("mosul" OR "deir ezzor"))'
    assert query.condition == Without(Filter("site", "a.example", "site:a.example"))
    assert query.notes == ('read as words: raqqa -mosul -"deir ezzor" -site:a.example',)


@pytest.mark.parametrize(
    ("text", "words", "condition"),
    [
        ("-bakery", None, "-bakery"),
        ("NOT bakery", None, "-bakery"),
        ("-bakery -bridge", None, "-bakery -bridge"),
        ("canal -site:a", "canal", "-site:a"),
        ("canal NOT site:a", "canal", "-site:a"),
        ("canal -lang:ar -after:2017", "canal", "-lang:ar -after:2017"),
        ('canal -tag:"two words"', "canal", '-tag:"two words"'),
        ("canal -(site:a OR site:b)", "canal", "-(site:a OR site:b)"),
        ("site:a OR site:b", None, "site:a OR site:b"),
        ("site:a site:b canal", "canal", "site:a OR site:b"),
        ("(site:a OR lang:ar) canal", "canal", "site:a OR lang:ar"),
        ("tag:a AND tag:b canal", "canal", "tag:a"),
        ("after:2017 after:2018", None, "after:2018"),
        ("site:a canal OR site:b lock", "canal OR lock", "(canal site:a) OR (lock site:b)"),
        ("canal OR -lock", None, "canal OR -lock"),
    ],
)
def test_filters_and_refusals_stand_anywhere(text: str, words: str | None, condition: str) -> None:
    query = parse_query(text)
    assert (None if query.root is None else written(query.root)) == words
    assert query.condition is not None
    assert written(query.condition) == condition
    assert query.blank == (words is None)


def test_how_words_and_filters_are_joined_is_said_where_it_may_surprise() -> None:
    assert parse_query("site:a OR site:b canal").notes == ("read as: site:a OR (canal site:b)",)
    assert parse_query("(site:a OR site:b) canal -lock").notes == ()


@pytest.mark.parametrize(
    "text", ["after:2010-13", "month:october", "after:2010-02-30", "before:tuesday", "After:2017-10-1"]
)
def test_what_is_no_date_is_read_as_words_and_says_so(text: str) -> None:
    query = parse_query(f"raqqa {text}")
    assert not query.filters
    assert query.notes == (
        f"not understood: {text}, no date like 2017-10-08, 2017-10 or 2017; read as words",
    )


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ('tag:""', "not understood: tag: without anything right after the colon; read as words"),
        ("ferry title:(a OR b)", "not understood: title:(…), write title:one OR title:two; read as words"),
        (
            "lnag:en ferry",
            "read as words: lnag:en (site, author, title, lang, tag, after, before, month, job, outcome are filters, "
            "lnag is none)",
        ),
    ],
)
def test_what_looks_like_a_filter_and_is_none_is_told(text: str, note: str) -> None:
    assert parse_query(text).notes == (note,)
    assert not parse_query(text).filters


@pytest.mark.parametrize("text", ["https://a.example/story", "10:30", "raqqa:"])
def test_other_colons_need_no_word(text: str) -> None:
    assert parse_query(text).notes == ()


def test_a_query_that_is_too_long_says_so() -> None:
    assert parse_query("site:a OR " * 500 + "word").notes[-1].startswith("not understood: more than 64 words")


@pytest.mark.parametrize("text", ["Site:a.example", "SITE:a.example", "Lang:ar", "TAG:x", "After:2017"])
def test_filters_may_have_capitals(text: str) -> None:
    assert parse_query(text).filters == parse_query(text.lower()).filters != {}


def test_title_may_have_capitals() -> None:
    assert meaning("Title:war") == meaning("title:war")


@pytest.mark.parametrize(
    "text",
    ["“old harbour”", "„old harbour“", "„old harbour”", "«old harbour»", "»old harbour«", "‹old harbour›",
     "「old harbour」", "『old harbour』", "＂old harbour＂"],
)  # fmt: skip
def test_quotes_of_other_languages_make_a_phrase(text: str) -> None:
    assert meaning(f"{text} raqqa") == '("old harbour" AND "raqqa")'
    assert meaning(f"raqqa -{text}") == '(("raqqa") NOT ("old harbour"))'
    assert meaning(f"title:{text}") == meaning('title:"old harbour"')


def test_an_apostrophe_is_no_quote_and_a_single_mark_neither() -> None:
    assert meaning("don’t ‘raqqa") == '("don’t" AND "‘raqqa")'
    assert meaning("“raqqa mosul") == '("“raqqa" AND "mosul")'


def test_brackets_too_deep_are_read_as_words() -> None:
    assert meaning("(" * 500 + "raqqa" + ")" * 500) == '"raqqa"'


@pytest.mark.parametrize("text", ["?", "…", '""', '"', "()", "*", "\x00", "☺", "- -", "NOT", "( )"])
def test_nothing_to_search_for_finds_nothing(text: str) -> None:
    query = parse_query(text)
    assert query.root is None
    assert query.blank is (text in {"\x00"})


def test_an_empty_query_is_blank() -> None:
    assert parse_query("  ").blank
    assert parse_query("site:a.example").blank
    assert not parse_query("word").blank


def test_filters_are_taken_out() -> None:
    query = parse_query('raqqa site:a.example lang:ar tag:"two words" after:2017-10 before:2017-10-31')
    assert query.root == Term("raqqa")
    assert query.filters == {
        "site": "a.example",
        "language": "ar",
        "tag": "two words",
        "since": "2017-10",
        "until": "2017-10-31",
    }


@pytest.mark.parametrize("text", ["after:tuesday", "site:", "nosuch:thing"])
def test_what_is_no_filter_is_a_word(text: str) -> None:
    query = parse_query(text)
    assert not query.filters
    assert query.root is not None


def test_terms_shown_are_those_wanted() -> None:
    root = parse_query('raqqa (mosul OR "deir ezzor") -basra raqqa').root
    assert root is not None
    assert wanted_terms(root) == (Term("raqqa"), Term("mosul"), Term("deir ezzor"))


def test_words_beyond_the_limit_are_left_out() -> None:
    root = parse_query(" ".join(f"word{number}" for number in range(MAX_TERMS + 10))).root
    assert isinstance(root, AllOf)
    assert len(root.parts) == MAX_TERMS
    assert isinstance(parse_query(" OR ".join(["a1", "b1"])).root, AnyOf)


ANYTHING = st.one_of(
    st.text(st.characters(exclude_categories=())),
    st.lists(
        st.sampled_from(
            ["-site:x", "Tag:", "“", "”", "«", "「", "after:2017", "NEAR", "ab*", "AND", "OR", "NOT", "NEAR(",
             "(", ")", '"', "-", "*", "a", "word", "الرقة", "site:x", "{text}", ":", "^",
             "+", ",", "a-b", "x*", "'", "\\", "\x00", "\u0301", "-(", "1", "東京"]
        ),
        max_size=40,
    ).map(" ".join),
    st.text('()"-* abANDORT:^+', max_size=60),
)  # fmt: skip


@settings(max_examples=1500, deadline=None)
@given(ANYTHING)
@example("a " * 5000)
@example("a OR " * 5000)
@example("NOT " * 5000 + "a")
@example("a -" * 5000)
@example("(a OR (b -(c " * 15 + ")))" * 15)
def test_sqlite_takes_whatever_is_typed(connection: sqlite3.Connection, text: str) -> None:
    root = parse_query(text).root
    if root is not None:
        shown = wanted_terms(root)
        assert shown
        for expression in (match_expression(root), match_expression(AnyOf(shown))):
            connection.execute("SELECT count(*) FROM texts WHERE texts MATCH ?", [expression]).fetchone()


@pytest.mark.parametrize(
    ("typed", "expression"),
    [
        ("title:war raqqa", '(({title} : "war") AND "raqqa")'),
        ("-title:war raqqa", '(("raqqa") NOT (({title} : "war")))'),
        ('title:"deir ez-zor"', '({title} : "deir ez-zor")'),
        ("title:bomb*", '({title} : "bomb"*)'),
        ("a NEAR b", 'NEAR("a" "b", 10)'),
        ("harb* NEAR auth*", 'NEAR("harb"* "auth"*, 10)'),
        ("NEAR(harb* bridge, 3)", 'NEAR("harb"* "bridge", 3)'),
        ("a NEAR/3 b c", '(NEAR("a" "b", 3) AND "c")'),
        ('NEAR(a "b c", 4)', 'NEAR("a" "b c", 4)'),
        ("NEAR b", '("NEAR" AND "b")'),
        ("a NEAR", '"a"'),
        ("a NEAR (b c)", '("a" AND "b" AND "c")'),
    ],
)
def test_titles_and_nearness(typed: str, expression: str) -> None:
    root = parse_query(typed).root
    assert root is not None
    assert match_expression(root) == expression


def test_an_author_is_a_filter() -> None:
    query = parse_query('author:"Ann Lee" ferry')
    assert query.filters == {"author": "Ann Lee"}
    assert query.root == Term("ferry")


@pytest.mark.parametrize("name", ["site", "Title", "after", "lang"])
def test_a_filter_without_its_value_is_told(name: str) -> None:
    query = parse_query(f"{name}: example.org")
    assert query.notes == (
        f"not understood: {name.lower()}: without anything right after the colon; read as words",
    )
    assert parse_query("Note: example.org").notes == ()
