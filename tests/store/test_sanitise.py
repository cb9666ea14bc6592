"""What a column may hold."""

from __future__ import annotations

import sqlite3
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.store.sanitise import clean, clean_line

ANY = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\x00b", "a\ufffdb"),
        ("a\ud83d\ude00b", "a\ufffd\ufffdb"),
        ("a\r\nb\rc\x85d", "a\nb\nc\nd"),
        ("\x1b[31mred\x9b0m", "[31mred0m"),
        ("a\x0bb\x0cc\x1cd", "a b c d"),
        ("tab\tand\nline stay, مرحبا \u202etoo\u202c 😀", "tab\tand\nline stay, مرحبا \u202etoo\u202c 😀"),
    ],
)
def test_cleaned(text: str, expected: str) -> None:
    assert clean(text) == expected


@given(ANY)
def test_a_clean_text_is_what_sqlite_gives_back(text: str) -> None:
    cleaned = clean(text)
    connection = sqlite3.connect(":memory:")
    row = connection.execute("SELECT t, length(t) FROM (SELECT ? AS t)", [cleaned]).fetchone()
    connection.close()
    assert row == (cleaned, len(cleaned))


@given(ANY)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert clean_line(clean_line(text)) == clean_line(text)


@given(ANY)
def test_no_control_character_is_left(text: str) -> None:
    kinds = {category(character) for character in clean(text) if character not in "\n\t"}
    assert not kinds & {"Cc", "Cs"}
    assert not {category(character) for character in clean_line(text)} & {"Cc", "Cs"}
