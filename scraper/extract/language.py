"""The language of a text, as ISO 639-1: what the page says, checked against what it is written in."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import Final

import py3langid.langid as langid

from scraper.extract.declared import Declared
from scraper.extract.function_words import FUNCTION_WORDS, SETTLES
from scraper.extract.text import words
from scraper.model import Candidate, FieldOrigin

_TAG = re.compile(r"^\s*([a-zA-Z]{2,3})(?:[-_][\w-]+)?\s*(?:[,;].*)?$")
_THREE_LETTERS: Final = {
    "eng": "en", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr", "spa": "es", "ita": "it", "por": "pt", "ara": "ar", "rus": "ru",
    "tur": "tr", "nld": "nl", "dut": "nl", "pol": "pl", "swe": "sv", "dan": "da", "nor": "no", "fin": "fi", "ukr": "uk", "zho": "zh",
    "chi": "zh", "jpn": "ja", "kor": "ko", "fas": "fa", "per": "fa", "heb": "he", "ell": "el", "gre": "el", "ces": "cs", "hun": "hu",
}  # fmt: skip
_SAME: Final = {"nb": "no", "nn": "no", "iw": "he", "in": "id", "ji": "yi", "mo": "ro", "sh": "sr"}
_CLOSE: Final = (
    frozenset(["no", "da", "sv"]),
    frozenset(["hr", "sr", "bs", "sl"]),
    frozenset(["cs", "sk"]),
    frozenset(["id", "ms"]),
    frozenset(["es", "gl", "ca", "pt"]),
    frozenset(["ru", "uk", "be", "bg"]),
    frozenset(["fa", "ar", "ur", "ps", "ug"]),
    frozenset(["de", "lb"]),
    frozenset(["nl", "af"]),
    frozenset(["hi", "mr", "ne"]),
)
"""Languages that the detector mixes up on short texts: between these, the page's own word stands."""

_SCRIPT_OF: Final = {
    "ARABIC": frozenset(["ar", "fa", "ur", "ps", "ku", "ug", "sd", "ckb"]),
    "CYRILLIC": frozenset(["ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "mn", "tg", "uz", "tt"]),
    "GREEK": frozenset(["el"]),
    "HEBREW": frozenset(["he", "yi"]),
    "HANGUL": frozenset(["ko"]),
    "HIRAGANA": frozenset(["ja"]),
    "KATAKANA": frozenset(["ja"]),
    "CJK": frozenset(["zh", "ja"]),
    "THAI": frozenset(["th"]),
    "DEVANAGARI": frozenset(["hi", "mr", "ne", "sa"]),
    "BENGALI": frozenset(["bn", "as"]),
    "TAMIL": frozenset(["ta"]),
    "ARMENIAN": frozenset(["hy"]),
    "GEORGIAN": frozenset(["ka"]),
}
_LATIN_ONLY: Final = frozenset(
    "en de fr es it pt nl sv da no fi pl cs sk hu ro hr sl et lv lt tr az id ms vi ca gl eu ga cy is sq mt af sw la lb".split()
)
_SAMPLE: Final = 2_000
_ENOUGH: Final = 60
"""Characters from which the detector is asked at all."""


def choose_language(declared: Declared, text: str) -> tuple[str | None, FieldOrigin]:
    """The ISO 639-1 code of the text's language, with what the page declared and what was detected."""
    candidates: list[Candidate] = []
    offers = [("lang", declared.language)]
    offers += [(name, value) for name, value in declared.values("content-language", "og:locale", "language", "inlanguage", "dc.language")]
    for origin, value in offers:
        code = iso_639_1(value)
        if code:
            candidates.append(Candidate(code, origin))
    sample = text[:_SAMPLE]
    if len(sample) < _ENOUGH:
        first = candidates[0] if candidates else None
        return (first.value if first else None), FieldOrigin(first.origin if first else None, tuple(candidates))
    if candidates and reads_as(candidates[0].value, sample):
        return candidates[0].value, FieldOrigin(candidates[0].origin, tuple(candidates))
    detected = detect(sample)
    candidates.append(Candidate(detected, "text"))
    for candidate in candidates:
        if candidate.value == detected or _stands(candidate.value, detected, sample):
            return candidate.value, FieldOrigin(candidate.origin, tuple(candidates))
    return detected, FieldOrigin("text", tuple(candidates))


def iso_639_1(tag: str | None) -> str | None:
    """The two-letter code of a language tag (`en-US`, `de_DE`, `eng`); `None` for what is none."""
    match = _TAG.match(tag or "")
    if match is None:
        return None
    code = match.group(1).lower()
    code = _THREE_LETTERS.get(code, code)
    code = _SAME.get(code, code)
    return code if len(code) == 2 and code not in ("xx", "un") else None


def reads_as(language: str, sample: str) -> bool:
    """Whether a sample's function words are plainly those of a language, so that no detector is needed."""
    if language not in FUNCTION_WORDS:
        return False
    found = words(sample.lower())
    shares = {name: sum(word in known for word in found) for name, known in FUNCTION_WORDS.items()}
    own = shares[language]
    return own >= SETTLES * max(1, len(found)) and all(
        own >= share or _close(language, name) for name, share in shares.items()
    )


def detect(sample: str) -> str:
    """The language that a sample reads like, never one that is not written in its script."""
    code = str(langid.classify(sample)[0])
    code = _SAME.get(code, code)
    script = script_of(sample)
    written_in = _SCRIPT_OF.get(script)
    if written_in and code not in written_in:
        counts = _letters(sample)
        if script == "CJK" and counts["HIRAGANA"] + counts["KATAKANA"] > 0:
            return "ja"
        return {"ARABIC": "ar", "CYRILLIC": "ru", "CJK": "zh", "HEBREW": "he", "DEVANAGARI": "hi", "BENGALI": "bn"}.get(
            script, sorted(written_in)[0]
        )
    return code


def script_of(sample: str) -> str:
    """The script most letters of a sample belong to, by the first word of their Unicode names (`ARABIC`, `LATIN`)."""
    counts = _letters(sample)
    return counts.most_common(1)[0][0] if counts else ""


def _letters(sample: str) -> Counter[str]:
    return Counter(
        unicodedata.name(ch, "?").split(" ", 1)[0].removesuffix("-UNIFIED") for ch in sample if ch.isalpha()
    )


def _stands(claimed: str, detected: str, sample: str) -> bool:
    """Whether a declared language that the detector does not share is believed all the same."""
    script = script_of(sample)
    if script in _SCRIPT_OF:
        return claimed in _SCRIPT_OF[script] and (len(sample) < 300 or _close(claimed, detected))
    if claimed not in _LATIN_ONLY:
        return False
    return _close(claimed, detected) or len(sample) < 300


def _close(first: str, second: str) -> bool:
    return any(first in group and second in group for group in _CLOSE)
