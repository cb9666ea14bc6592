"""Which words of a text may be names, and which are told to be nouns."""

from __future__ import annotations

import pytest

from archive.search.terms import terms_of

GERMAN = "Und {}, wie es heute heißt, nicht erst gestern."


@pytest.mark.parametrize(
    "said",
    [
        "der Konzern",
        "mit einem Konzern",
        "am Konzern",
        "den großen Konzern",
        "unseren Konzern",
        "sein Vater, ihr Konzern und der Konzern",
    ],
)
def test_an_article_tells_a_german_noun(said: str) -> None:
    terms = terms_of("", GERMAN.format(said))
    assert "konzern" in terms.small
    assert "konzern" not in terms.inside


@pytest.mark.parametrize(
    "said",
    [
        "von der Leyen sagte",
        "für Leyen",
        "die Leyen-Kommission",
        "das sagte Leyen",
        "Ursula Leyen",
    ],
)
def test_a_name_has_none(said: str) -> None:
    terms = terms_of("", GERMAN.format(said))
    assert "leyen" in terms.inside
    assert "leyen" not in terms.small


def test_other_languages_are_let_be() -> None:
    assert "hard" in terms_of("", "They saw, as one does, die Hard with a friend in May.").inside
