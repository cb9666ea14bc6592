"""The language model that is mapped instead of loaded."""

from __future__ import annotations

import mmap

import numpy as np
import pytest
from py3langid import langid  # type: ignore[import-untyped]  # ships no types

from scraper.extract import langmodel

TEXTS = {
    "de": "Der Hafen ist nach dem Sturm seit gestern wieder geöffnet, sagte ein Sprecher.",
    "zu": "Ngabona amanxeba amathathu, egxalabeni, emqaleni kanye nasemhlane.",
    "sq": "Dy persona janë arrestuar në Pejë nën dyshime se kanë kryer veprimtari të kundërligjshme.",
    "tl": "Talagang sunod-sunuran lamang si female star sa kung ano man ang gusto niya.",
    "ar": "أعلنت وزارة الصحة أمس عن افتتاح مستشفى جديد في العاصمة.",
}


@pytest.fixture(scope="module")
def own() -> langid.LanguageIdentifier:
    """The identifier as the library loads it."""
    return langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE)


@pytest.mark.parametrize("language", TEXTS)
def test_a_mapped_model_answers_as_a_loaded_one(language: str, own: langid.LanguageIdentifier) -> None:
    text = TEXTS[language]
    assert langmodel.classify(text) == language
    assert langmodel._identifier().classify(text) == own.classify(text)


def test_the_large_arrays_stay_in_the_file() -> None:
    identifier = langmodel._identifier()
    assert isinstance(identifier.tk_nextmove, memoryview)
    table = identifier.nb_ptc
    while isinstance(table, np.ndarray):
        assert not table.flags.owndata
        table = table.base
    assert isinstance(table.obj if isinstance(table, memoryview) else table, mmap.mmap)


def test_a_model_of_another_layout_is_loaded_as_the_library_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(langmodel, "_mapped", lambda _: {})
    assert langmodel._identifier.__wrapped__().classify(TEXTS["de"])[0] == "de"
