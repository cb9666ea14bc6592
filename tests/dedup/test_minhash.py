"""Sketches: what they promise of similarity, for every script."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.dedup.sketches import Sketch
from scraper.minhash import (
    PARAMS,
    Units,
    estimated_jaccard,
    gram_hashes,
    jaccard,
    unit_hashes,
    units,
)
from scraper.similarity import word_spans, words
from scraper.winnow import PASSAGES, select
from tests.dedup.edits import text, words_changed


def test_the_estimate_follows_true_similarity_within_its_error() -> None:
    errors = []
    for number in range(60):
        one = Sketch(text(number))
        other = Sketch(words_changed(text(number), 0.02 * (number % 12)))
        errors.append(
            estimated_jaccard(one.signature, other.signature) - jaccard(one.shingles, other.shingles)
        )
    assert abs(float(np.mean(errors))) < 0.02, "no bias"
    assert float(np.std(errors)) < 0.05, "a standard error of .044 at the most"


def test_a_sketch_is_the_same_on_every_machine() -> None:
    sketch = Sketch(
        "The ferry between Orlen and Vasko will sail again from Monday, the harbour master said. " * 2
    )
    assert [int(value) for value in sketch.signature[:3]] == [156667337, 140936038, 113059978]
    assert int(sketch.bands[0]) == 53319716204172763


@pytest.mark.parametrize(("share", "at_least"), [(0.05, 1.0), (0.08, 0.97)])
def test_an_edited_copy_shares_a_band(share: float, at_least: float) -> None:
    found = [
        bool(np.intersect1d(Sketch(text(n)).bands, Sketch(words_changed(text(n), share, n)).bands).size)
        for n in range(60)
    ]
    assert sum(found) / len(found) >= at_least


def test_different_texts_share_no_band() -> None:
    seen: dict[int, int] = {}
    for number in range(200):
        for key in Sketch(text(number)).bands.tolist():
            assert seen.setdefault(key, number) == number


def test_a_script_without_spaces_is_cut_into_characters() -> None:
    assert units("空袭造成三十四人死亡。").characters
    assert units("กองทัพเข้าเมืองแล้วเมื่อวานนี้").characters
    assert not units("دخلت القوات المدينة أمس").characters
    one, other = (Sketch("".join(c * 1 for c in said)) for said in (HAN, HAN.replace("三十四", "三十八")))
    assert jaccard(one.shingles, other.shingles) > PARAMS.threshold


HAN = "星期四夜间空袭造成三十四人死亡其中包括三名儿童他们正在乘木筏渡过幼发拉底河附近的城镇居民说道路已经关闭"


def test_a_short_notice_is_compared_with_nothing() -> None:
    assert not Sketch("This video is no longer available in your country.").is_comparable


@given(st.lists(st.integers(0, 2**63), min_size=PASSAGES.window, max_size=80))
def test_every_window_keeps_a_fingerprint(grams: list[int]) -> None:
    values = np.array(grams, np.uint64)
    kept = set(select(values).tolist())
    for start in range(len(grams) - PASSAGES.window + 1):
        assert kept & set(values[start : start + PASSAGES.window].tolist())


@given(st.lists(st.integers(0, 2**64 - 1), max_size=40), st.integers(1, 20))
def test_a_run_of_units_has_one_hash_wherever_it_stands(hashes: list[int], length: int) -> None:
    values = np.array(hashes, np.uint64)
    found = gram_hashes(values, length)
    assert len(found) == max(len(hashes) - length + 1, 0)
    for at in range(len(found)):
        assert found[at] == gram_hashes(values[at : at + length], length)[0]
    assert len(set(found.tolist())) == len({tuple(hashes[at : at + length]) for at in range(len(found))})


def test_different_words_have_different_hashes() -> None:
    said = sorted({word for number in range(40) for word in words(text(number))} | set("abcdefghij"))
    said += ["Ж" * length for length in range(1, 200)] + ["القوات", "القوت", "a" * 3000, "a" * 3001]
    hashes = unit_hashes(Units(said, False))
    assert len(set(hashes.tolist())) == len(said)
    assert [int(unit_hashes(Units([word], False))[0]) for word in said] == hashes.tolist()


@pytest.mark.parametrize(
    "said",
    [
        "“Don’t”, he said: 1,800 km².",
        "القوات دخلت المدينة؛ ثم انسحبت",
        HAN,
        "co\u00adoperate \u200bnow",
        "",
        " ' ",
    ],
)
def test_the_words_of_a_text_are_found_in_it(said: str) -> None:
    spans = word_spans(said)
    assert [word for word, _, _ in spans] == words(said)
    assert all(words(said[start:end]) and word in words(said[start:end]) for word, start, end in spans)
