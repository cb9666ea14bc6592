"""Two texts have one digest exactly when they have the same words."""

from __future__ import annotations

import hashlib
from unicodedata import normalize

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archive.store.sanitise import clean
from scraper.similarity import article_digest, text_digest, word_count, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Army said: “No.”", ["the", "army", "said", "no"]),
        ("don’t 'don't' DON'T", ["don't", "don't", "don't"]),
        ("air-strike at 14:33", ["air", "strike", "at", "14", "33"]),
        ("STRASSE Straße", ["strasse", "strasse"]),
        ("ﬁne ｆｕｌｌ soft\u00adhyphen", ["fine", "full", "softhyphen"]),
        ("قال، مُحَمَّد؟", ["قال", "مُحَمَّد"]),
        ("हिन्दी", ["हिन्दी"]),
        ("東京 tower ひらがな", ["東", "京", "tower", "ひ", "ら", "が", "な"]),
        ("☺\ufe0f — … ' \u0301", []),
        ("", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected
    assert word_count(text) == len(expected)


def test_the_digest_is_of_the_words_joined_by_a_space() -> None:
    assert text_digest("The  Army!\n\nSaid") == hashlib.sha256(b"the army said").hexdigest()


def test_word_borders_count() -> None:
    assert text_digest("in formation") != text_digest("information")
    assert text_digest("a b") != text_digest("b a")


@given(st.text())
def test_case_form_and_white_space_do_not_change_the_digest(text: str) -> None:
    spaced = " \n " + text.replace(" ", " \t ") + "\u00a0"
    assert text_digest(spaced) == text_digest(text)
    assert text_digest(normalize("NFD", text)) == text_digest(normalize("NFC", text))


@example("a\x00b\x01c\ud800d\x0be\x85f")
@settings(max_examples=400)
@given(st.text(st.characters(exclude_categories=())))
def test_what_the_store_cleans_away_does_not_change_the_digest(text: str) -> None:
    assert text_digest(clean(text)) == text_digest(text)


@given(st.text())
def test_words_of_words_are_the_words(text: str) -> None:
    found = words(text)
    assert words(" ".join(found)) == found


def test_a_print_page_with_its_dateline_is_the_article_with_its_credit() -> None:
    body = "Regime forces broke into the town on Friday.\n\nNobody was hurt."
    plain = text_digest(body)
    assert article_digest(f"Beirut - The Post\n\n{body}", dateline="Beirut – The Post") == plain
    assert article_digest(f"{body}\n\nSource: AFP", sources=("AFP",)) == plain
    assert article_digest(f"{body}\n\nAFP", sources=("Reuters", "AFP")) == plain
    assert article_digest(f"{body}\n\nHe told it to AFP", sources=("AFP",)) != plain
    assert article_digest(f"Beirut\n\n{body}", dateline=None) != plain
    assert article_digest("AFP", dateline="AFP", sources=("AFP",)) == text_digest("AFP")
