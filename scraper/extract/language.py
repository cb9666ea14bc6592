"""The language of a text, as ISO 639-1: what the page says, checked against what it is written in."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from typing import Final

from scraper.extract.declared import Declared
from scraper.extract.function_words import SETTLES, function_word_shares
from scraper.extract.langmodel import classify
from scraper.extract.text import word_set
from scraper.model import Candidate, FieldOrigin

_TAG = re.compile(r"^\s*([a-zA-Z]{2,3})(?:[-_][\w-]+)?\s*(?:[,;].*)?$")
_THREE_LETTERS: Final = dict(
    pair.split("=")
    for pair in word_set(
        """eng=en deu=de ger=de fra=fr fre=fr spa=es ita=it por=pt ara=ar rus=ru tur=tr nld=nl dut=nl pol=pl swe=sv
        dan=da nor=no fin=fi ukr=uk zho=zh chi=zh jpn=ja kor=ko fas=fa per=fa heb=he ell=el gre=el ces=cs hun=hu"""
    )
)
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
    frozenset(["et", "fi"]),
    frozenset(["bg", "sr", "mk"]),
    frozenset(["fr", "ca"]),
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
    "GUJARATI": frozenset(["gu"]),
    "GURMUKHI": frozenset(["pa"]),
    "TAMIL": frozenset(["ta"]),
    "TELUGU": frozenset(["te"]),
    "KANNADA": frozenset(["kn"]),
    "MALAYALAM": frozenset(["ml"]),
    "SINHALA": frozenset(["si"]),
    "KHMER": frozenset(["km"]),
    "LAO": frozenset(["lo"]),
    "MYANMAR": frozenset(["my"]),
    "ETHIOPIC": frozenset(["am", "ti"]),
    "ARMENIAN": frozenset(["hy"]),
    "GEORGIAN": frozenset(["ka"]),
}
_LATIN_ONLY: Final = word_set(
    """en de fr es it pt nl sv da no fi pl cs sk hu ro hr sl et lv lt tr az id ms vi ca gl eu ga cy is sq mt af sw la
    lb xh zu"""
)
_COMMONEST: Final = {
    "ARABIC": "ar", "CYRILLIC": "ru", "HEBREW": "he", "DEVANAGARI": "hi", "BENGALI": "bn", "ETHIOPIC": "am"
}  # fmt: skip
"""What a script is read as where neither words nor the detector name a language that is written in it."""

_SAMPLE: Final = 2_000
_SURE: Final = 300
_MARGIN: Final = 0.04
"""By how much a language must lead in function words to be taken without the page having said so."""
_ENOUGH: Final = 60
"""Characters from which the detector is asked at all."""


def choose_language(declared: Declared, text: str) -> tuple[str | None, FieldOrigin]:
    """The ISO 639-1 code of the text's language, with what the page declared and what was detected."""
    candidates: list[Candidate] = []
    offers = [("lang", declared.language)]
    offers += [
        (name, value)
        for name, value in declared.values(
            "content-language", "og:locale", "language", "inlanguage", "dc.language"
        )
    ]
    for origin, value in offers:
        code = iso_639_1(value)
        if code:
            candidates.append(Candidate(code, origin))
    sample = text[:_SAMPLE]
    if len(sample) < _ENOUGH:
        only = _only_language(_letters(sample))
        if only is not None:
            candidates.append(Candidate(only, "text"))
        first = candidates[0] if candidates else None
        return (first.value if first else None), FieldOrigin(
            first.origin if first else None, tuple(candidates)
        )
    shares = function_word_shares(sample)
    for candidate in candidates:
        if reads_as(candidate.value, shares):
            return candidate.value, FieldOrigin(candidate.origin, tuple(candidates))
    detected = detect(sample, shares)
    if detected is not None:
        candidates.append(Candidate(detected, "text"))
    for candidate in candidates:
        if candidate.value == detected or _stands(candidate.value, detected, sample, shares):
            return candidate.value, FieldOrigin(candidate.origin, tuple(candidates))
    return None, FieldOrigin(None, tuple(candidates))


def iso_639_1(tag: str | None) -> str | None:
    """The two-letter code of a language tag (`en-US`, `de_DE`, `eng`); `None` for what is none."""
    match = _TAG.match(tag or "")
    if match is None:
        return None
    code = match.group(1).lower()
    code = _THREE_LETTERS.get(code, code)
    code = _SAME.get(code, code)
    return code if len(code) == 2 and code not in ("xx", "un") else None


def reads_as(language: str, shares: Mapping[str, float]) -> bool:
    """Whether a sample's function words are rather those of this language than of any other."""
    own = shares.get(language, 0.0)
    return own >= SETTLES and all(own >= share or _close(language, name) for name, share in shares.items())


def detect(sample: str, shares: Mapping[str, float]) -> str | None:
    """The language that a sample reads like, never one that is not written in its script.

    By its script, where one language alone has it; by its function words; and last by py3langid, whose model takes
    half a second and an unnamed temporary file to unpack (see `langmodel`): where that fails nothing is known.
    """
    letters = _letters(sample)
    script = _main_script(letters)
    written_in = _SCRIPT_OF.get(script)
    only = _only_language(letters)
    if only is not None:
        return only
    possible = {name: share for name, share in shares.items() if name in (written_in or _LATIN_ONLY)}
    best = max(possible, key=lambda name: possible[name], default=None)
    if best is None:
        return _COMMONEST.get(script)
    others = (share for name, share in possible.items() if name != best and not _close(best, name))
    rival = max(others, default=0.0)
    if possible[best] >= SETTLES and possible[best] - rival >= _MARGIN:
        return best
    try:
        code = classify(sample)
    except (OSError, MemoryError):
        return None
    code = _SAME.get(code, code)
    if written_in is None:
        return code if len(code) == 2 else None
    return code if code in written_in else _COMMONEST.get(script)


def _letters(sample: str) -> Counter[str]:
    """How many letters a sample has of each script, by the first word of their Unicode names (`ARABIC`, `LATIN`)."""
    letters: Counter[str] = Counter()
    for character, count in Counter(sample).items():
        if character.isalpha():
            letters[unicodedata.name(character, "?").split(" ", 1)[0]] += count
    return letters


def _only_language(letters: Counter[str]) -> str | None:
    """The language that alone is written in these letters."""
    script = _main_script(letters)
    if script == "CJK":
        return "ja" if letters["HIRAGANA"] + letters["KATAKANA"] > 0 else "zh"
    written_in = _SCRIPT_OF.get(script, frozenset())
    return next(iter(written_in)) if len(written_in) == 1 else None


def _main_script(letters: Counter[str]) -> str:
    """The script that most letters belong to; kana beside ideographs count with them."""
    if not letters:
        return ""
    name = letters.most_common(1)[0][0]
    return "CJK" if name in ("HIRAGANA", "KATAKANA", "CJK") else name


def _stands(claimed: str, detected: str | None, sample: str, shares: Mapping[str, float]) -> bool:
    """Whether a declared language that the text does not bear out is believed all the same."""
    script = _main_script(_letters(sample))
    if claimed not in _SCRIPT_OF.get(script, _LATIN_ONLY):
        return False
    if detected is None or _close(claimed, detected):
        return True
    return len(sample) < _SURE and shares.get(detected, 0.0) < 2 * SETTLES


def _close(first: str, second: str) -> bool:
    return any(first in group and second in group for group in _CLOSE)
