"""Claims about `archive.search.unordered`: nothing of it is a phrase, for the parser or for the index."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from archive.search.parsing import parse_query
from archive.search.query import AllOf, InTitle, Near, Node, Term
from archive.search.unordered import WORDS_ALONE, apart, without_order, words_apart
from archive.store.index import TOKENIZER
from archive.store.matching import is_unspaced


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ('"a b"', '("a" "b")'),
        ('-"a b" c', '-("a" "b") c'),
        ('"one"', '"one"'),
        ('x OR "a b"', 'x OR ("a" "b")'),
        ("NEAR(a b, 3)", '("a" "b")'),
        ("a NEAR/3 b", "a b"),
        ("a-b.c harb*", "(a b c) harb*"),
        ("site:a.example -lang:en after:2017-10", "site:a.example -lang:en after:2017-10"),
        ("after:a-b after:2017-13", "(after a b) (after 2017 13)"),
        ('title:"a b" nothing:"a b"', 'title:"a b" (nothing a b)'),
        ("site:a\x00b-c", "site:a (b c)"),
        ("(a-b OR c) NOT d", "( (a b) OR c ) NOT d"),
        ("北京", "(北 京)"),
        ("ferry harbour", "ferry harbour"),
    ],
)
def test_words_are_left(typed: str, read: str) -> None:
    asked, same = without_order(parse_query(typed)), parse_query(read)
    assert (asked.root, asked.filters, asked.condition) == (same.root, same.filters, same.condition)
    assert without_order(asked) == asked


@pytest.mark.parametrize("typed", ["ferry harbour", '"ferry" site:a.example', 'title:"a b"', "(a OR b) -c"])
def test_a_query_without_phrases_is_not_looser(typed: str) -> None:
    assert without_order(parse_query(typed)) == parse_query(typed)


@pytest.mark.parametrize(
    "typed", ['"a b"', "\u201ca b\u201d", "a-b", "site:x OR a-b", "a NEAR b", '-"a b" c']
)
def test_a_query_that_asked_for_order_says_that_it_finds_more(typed: str) -> None:
    assert without_order(parse_query(typed)).notes[0] == WORDS_ALONE


def test_what_has_no_word_left_finds_nothing() -> None:
    young = "\ua7f7"  # a letter since Unicode 7
    assert without_order(parse_query(young)).root is None
    assert not without_order(parse_query(young)).blank
    assert without_order(parse_query(f"{young} ferry")).root == Term("ferry")


def terms(node: Node) -> list[Term]:
    if isinstance(node, Term):
        return [node]
    assert not isinstance(node, Near | InTitle)
    parts = (*node.parts, *node.without) if isinstance(node, AllOf) else node.parts
    return [term for part in parts for term in terms(part)]


def test_no_character_joins_two_words_to_a_phrase() -> None:
    """Asked of the index itself, for every character but ideographs: what is one term is one token."""
    whole: set[str] = set()
    for number in (*range(0x3400), *range(0xA000, 0xAC00), *range(0xF900, 0x20000)):
        words = words_apart(f"alpha{chr(number)}beta")
        whole.update(word for word in words if word not in {"alpha", "beta", chr(number)})
    assert len(whole) > 1000
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f'CREATE VIRTUAL TABLE one USING fts5(text, tokenize="{TOKENIZER}")')
        connection.execute("CREATE VIRTUAL TABLE tokens USING fts5vocab(one, instance)")
        connection.executemany("INSERT INTO one (text) VALUES (?)", [(word,) for word in whole])
        counts = connection.execute("SELECT doc FROM tokens GROUP BY doc HAVING count(*) > 1").fetchall()
    assert counts == []
    assert not [word for word in whole if is_unspaced(Term(word))]


@pytest.mark.parametrize(
    "joint", ["-", ".", "'", "\u02bc", "\u0300", "\u093f", "\u200d", "\ua7f7", "\U00011208", ":", "\u201c"]
)
def test_every_term_of_the_query_is_one_word(joint: str) -> None:
    for typed in (f"a{joint}b", f'"a{joint}b"', f"x OR a{joint}b*", f"after:a{joint}b", f"NEAR(a{joint}b c)"):
        root = without_order(parse_query(typed)).root
        assert root is not None
        assert all(len(words_apart(term.text)) == 1 for term in terms(root)), typed


def test_phrases_that_spellings_make_are_words_again() -> None:
    made = AllOf((Near(("deir", "zor"), 2), Term("islamic state", quoted=True)), (Term("a-b"),))
    words = apart(made)
    assert words is not None
    assert {term.text for term in terms(words)} == {"deir", "zor", "islamic", "state", "a", "b"}
