"""Spellings that one should find by another fold to the same word, in Python and in SQL alike."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.search.fold import FOLD_VERSION, FOLDS, STAGES, fold, fold_sql, original_spans
from archive.store.index import folded_view_sql

FOLDED = st.text(
    st.one_of(st.sampled_from(sorted(FOLDS)), st.sampled_from("aكة نًé"), st.characters(codec="utf-8"))
)

FOLD_OF_BOUND = f"SELECT {fold_sql('t')} FROM (SELECT ? AS t)"  # noqa: S608 - our own expression


@pytest.mark.parametrize(
    "spellings",
    [
        ("الرقة", "الرقه", "الرّقّة", "الـرقـة"),
        ("أحمد", "احمد", "إحمد", "آحمد", "أَحْمَد"),
        ("مستشفى", "مستشفي", "مستشفی"),
        ("کتاب", "كتاب"),
        ("می\u200cشود", "ميشود"),
        ("٢٠١٧", "۲۰۱۷", "2017"),
        ("Diyarbakır", "DİYARBAKIR", "diyarbakir"),
        ("Mayādīn", "Mayadin", "MAYADIN"),
        ("Straße", "STRASSE", "STRAẞE"),
        ("Ærø", "aero"),
        ("Łódź", "lodz"),
        ("Đặng", "dang"),
        ("Qurʾān", "Quran"),
        ("Ελλάδας", "ΕΛΛΑΔΑΣ"),
        ("Горбачёв", "Горбачев"),
        ("co\u00adoperation", "cooperation"),
        ("ﬁnal", "final"),
    ],
)
def test_spellings_are_one_word(tokens: Callable[[str], list[str]], spellings: tuple[str, ...]) -> None:
    found = [tokens(fold(spelling)) for spelling in spellings]
    assert all(words == found[0] for words in found)
    assert len(found[0]) == 1


@pytest.mark.parametrize("pair", [("ماء", "ما"), ("мой", "мои"), ("هبة", "هبات"), ("rock", "Raqqa")])
def test_different_words_stay_apart(tokens: Callable[[str], list[str]], pair: tuple[str, str]) -> None:
    assert tokens(fold(pair[0])) != tokens(fold(pair[1]))


@given(FOLDED)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(FOLDED)
def test_the_sql_folds_as_python_does(connection: sqlite3.Connection, text: str) -> None:
    text = text.replace("\0", "")  # no column holds one
    assert connection.execute(FOLD_OF_BOUND, [text]).fetchone() == (fold(text),)


def test_every_fold_is_in_the_sql(connection: sqlite3.Connection) -> None:
    for source, target in FOLDS.items():
        assert connection.execute(FOLD_OF_BOUND, [f"<{source}>"]).fetchone() == (f"<{target}>",)
    assert connection.execute(FOLD_OF_BOUND, [None]).fetchone() == (None,)


def test_the_table_is_of_single_characters_and_unambiguous() -> None:
    assert all(len(source) == 1 for source in FOLDS)
    assert sum(len(stage.folds) for stage in STAGES) == len(FOLDS)
    assert not set("".join(FOLDS.values())) & FOLDS.keys()


def test_the_view_leaves_room_on_the_stack_of_the_parser(connection: sqlite3.Connection) -> None:
    """The stack has 100 places; an SQLite whose grammar takes some more of them must still read the view."""
    spare = 20
    folded = fold_sql("text")
    deeper = folded_view_sql().replace(folded, "(" * spare + folded + ")" * spare)
    connection.execute("CREATE TABLE articles (id, title, text)")
    connection.execute(deeper)


def test_a_changed_fold_has_a_new_version_and_a_migration() -> None:
    """Databases hold the view that folds: after a change, raise FOLD_VERSION, add a migration that makes the
    view and the index again, and only then write the new digest here."""
    digest = hashlib.sha256(folded_view_sql().encode()).hexdigest()[:16]
    assert (FOLD_VERSION, digest) == (1, "97c4cb3eeef8f067")


@settings(max_examples=400)
@given(FOLDED, st.data())
def test_a_span_of_the_fold_is_the_characters_it_came_from(text: str, data: st.DataObject) -> None:
    borders = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    pairs = list(zip(borders[::2], borders[1::2], strict=False))
    folded = [(len(fold(text[:a])), len(fold(text[:b]))) for a, b in pairs]
    folded = [(a, b) for a, b in folded if b > a]
    for (a, b), (start, end) in zip(folded, original_spans(text, folded), strict=True):
        assert fold(text[start:end]) == fold(text)[a:b]


def test_a_span_takes_its_dropped_marks_with_it() -> None:
    text = "في الرقّةُ."
    start = len(fold("في "))
    ((begin, end),) = original_spans(text, [(start, start + len(fold("الرقّةُ")))])
    assert text[begin:end] == "الرقّةُ"
