"""A snippet shows where the matches are, in the text as it was written."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive.search.fold import fold
from archive.search.parsing import parse_query
from archive.search.query import AnyOf, match_expression, wanted_terms
from archive.search.snippets import CLOSE, OPEN, cut_snippet, matches


def found(connection: sqlite3.Connection, text: str, query: str) -> list[str]:
    """The stretches of a text that a query marks."""
    root = parse_query(query).root
    assert root is not None
    connection.execute("DELETE FROM texts")
    connection.execute("INSERT INTO texts VALUES (?)", [fold(text)])
    row = connection.execute(
        "SELECT highlight(texts, 0, ?, ?) FROM texts WHERE texts MATCH ?",
        [OPEN, CLOSE, match_expression(AnyOf(wanted_terms(root)))],
    ).fetchone()
    return [text[start:end] for start, end in matches(text, row[0])] if row else []


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("The army of Mayadin.", "mayadin army", ["army", "Mayadin"]),
        ("قال إن الرّقَّةُ بعيدة عن الرقة", "الرقه", ["الرّقَّةُ", "الرقة"]),
        ("مُحَمَّدٌ، قال", "محمد", ["مُحَمَّدٌ"]),
        (
            "soft\u00adhyphen and STRAẞE, Straße",
            "strasse softhyphen",
            ["soft\u00adhyphen", "STRAẞE", "Straße"],
        ),
        ("cafe\u0301 Café", "café", ["cafe\u0301", "Café"]),
        ("Ærøskøbing, Ærø", "aero*", ["Ærøskøbing", "Ærø"]),
        ("in Deir, Ezzor and Deir", '"deir ezzor"', ["Deir, Ezzor"]),
        ("one two three", "three -four", ["three"]),
        ("مي\u200cشود x", "ميشود", ["مي\u200cشود"]),
    ],
)
def test_the_words_of_the_original_are_marked(
    connection: sqlite3.Connection, text: str, query: str, expected: list[str]
) -> None:
    assert found(connection, text, query) == expected


def snippet_of(text: str, *words: str, length: int = 60) -> tuple[str, list[str]]:
    spans = sorted(
        (at, at + len(word)) for word in words for at in range(len(text)) if text.startswith(word, at)
    )
    snippet = cut_snippet(text, tuple(spans), length)
    return snippet.text, [snippet.text[start:end] for start, end in snippet.marks]


def test_a_short_text_is_shown_whole() -> None:
    assert snippet_of("A short text.\n\nTwo paragraphs.", "text") == (
        "A short text. Two paragraphs.",
        ["text"],
    )


def test_different_words_together_are_preferred() -> None:
    text = "raqqa " * 3 + "filler " * 40 + "from raqqa to mosul " + "filler " * 40
    shown, marked = snippet_of(text, "raqqa", "mosul")
    assert marked == ["raqqa", "mosul"]
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert "from raqqa to mosul" in shown


def test_without_a_match_the_beginning_is_shown() -> None:
    assert snippet_of("Beginning of it. " + "filler " * 40, length=30)[0] == "Beginning of it. filler filler…"


def test_a_match_longer_than_the_snippet_is_cut_to_it() -> None:
    shown, marked = snippet_of("x" * 500, "x" * 500, length=60)
    assert len(shown) <= 62
    assert marked == ["x" * 60]


@example("a" * 18, {10, 18}, 10)
@given(
    st.text("ab \n\té", max_size=200),
    st.sets(st.integers(0, 200), max_size=8),
    st.integers(10, 80),
)
def test_a_mark_is_what_was_marked(text: str, borders: set[int], length: int) -> None:
    ordered = sorted(border for border in borders if border <= len(text))
    spans = tuple((a, b) for a, b in zip(ordered[::2], ordered[1::2], strict=False))
    snippet = cut_snippet(text, spans, length)
    assert len(snippet.text) <= length + 2
    marked = [" ".join(text[a:b].split()) for a, b in spans]
    for start, end in snippet.marks:
        assert 0 <= start <= end <= len(snippet.text)
        assert any(" ".join(snippet.text[start:end].split()) in whole for whole in marked)
    if spans:
        assert snippet.marks
