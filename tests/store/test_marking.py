"""Which titles match, without asking an index for those that cannot."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from unicodedata import category

from hypothesis import example, given, settings
from hypothesis import strategies as st

from archive.search.fold import fold
from archive.search.parsing import parse_query
from archive.search.query import Node, match_expression
from archive.store.index import TOKENIZER
from archive.store.marking import matching_titles, one_word_needed, unmarked, whole_words_needed

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
    st.tuples(TITLES, WORDS, WORDS).map(lambda words: "{} ({} OR {})".format(*words)),
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
        found = _asked_of_an_index(root, titles)
        assert matching_titles(root, enumerate(titles)) == found
        needed = one_word_needed(root)
        for title in (titles[number] for number in found if titles[number].isascii()):
            assert not needed or any(word in title.lower() for word in needed)
            assert all(word in title.lower() for word in whole_words_needed(root))


def _asked_of_an_index(root: Node, titles: list[str]) -> set[int]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f'CREATE VIRTUAL TABLE shown USING fts5(title, tokenize="{TOKENIZER}")')
        connection.executemany(
            "INSERT INTO shown (rowid, title) VALUES (?, ?)",
            [(number, fold(title)) for number, title in enumerate(titles)],
        )
        found = connection.execute("SELECT rowid FROM shown WHERE shown MATCH ?", [match_expression(root)])
        return {number for (number,) in found}


def test_of_every_letter_the_tokenizer_makes_no_ascii_that_a_title_without_marks_has_not() -> None:
    letters = [
        letter
        for letter in map(chr, (*range(0x80, 0x3400), *range(0xA000, 0xAC00), *range(0xF900, 0x20000)))
        if category(letter)[0] in "LNM"
    ]
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f'CREATE VIRTUAL TABLE texts USING fts5(text, tokenize="{TOKENIZER}")')
        connection.execute("CREATE VIRTUAL TABLE words USING fts5vocab(texts, instance)")
        connection.executemany(
            "INSERT INTO texts (rowid, text) VALUES (?, ?)",
            [(number, fold(f"a{letter}z")) for number, letter in enumerate(letters, 1)],
        )
        words = connection.execute("SELECT doc, term FROM words").fetchall()
    ascii_words = [(number, word) for number, word in words if word.isascii()]
    assert len(ascii_words) > 500
    for number, word in ascii_words:
        assert word in unmarked(f"a{letters[number - 1]}z"), letters[number - 1]
