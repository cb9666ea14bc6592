"""Which titles match, without asking an index for those that cannot."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from hypothesis import example, given, settings
from hypothesis import strategies as st

from archive.search.fold import fold
from archive.search.parsing import parse_query
from archive.search.query import Node, match_expression
from archive.store.index import TOKENIZER
from archive.store.marking import matching_titles

LATIN = "harbour Harbour hárbour HARBOURS harbour’s the the-harbour the_harbour kelvin x 3 “the” ﬁne fine"
WORDS = st.sampled_from(
    [*LATIN.split(), "the\u2011harbour", "har\u00adbour", "\u212aelvin", "İstanbul", "istanbul", "ميناء"]
)
TITLES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
QUERIES = st.one_of(
    TITLES,
    TITLES.map('"{}"'.format),
    WORDS.map("{}*".format),
    WORDS.map("title:{}".format),
    st.tuples(WORDS, WORDS).map(lambda words: "{} OR {}".format(*words)),
    st.tuples(WORDS, WORDS).map(lambda words: "{} -{}".format(*words)),
    st.tuples(WORDS, WORDS).map(lambda words: "{} NEAR/1 {}".format(*words)),
)


@settings(max_examples=200, deadline=None)
@given(QUERIES, st.lists(TITLES, min_size=1, max_size=8))
@example('"the_harbour"', ["The Harbour"])
@example("istanbul", ["İstanbul"])
def test_a_title_that_matches_is_not_passed_over(query: str, titles: list[str]) -> None:
    root = parse_query(query).root
    if root is not None:
        assert matching_titles(root, enumerate(titles)) == _asked_of_an_index(root, titles)


def _asked_of_an_index(root: Node, titles: list[str]) -> set[int]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f'CREATE VIRTUAL TABLE shown USING fts5(title, tokenize="{TOKENIZER}")')
        connection.executemany(
            "INSERT INTO shown (rowid, title) VALUES (?, ?)",
            [(number, fold(title)) for number, title in enumerate(titles)],
        )
        found = connection.execute("SELECT rowid FROM shown WHERE shown MATCH ?", [match_expression(root)])
        return {number for (number,) in found}
