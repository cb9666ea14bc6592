"""Whether a text contains a quotation, however it is set: its letters and figures are compared, in order. Pure.

What printing changes does not count: case, accents and the other spellings of `archive.search.fold`, quotation marks,
hyphens, dashes, line breaks, blanks, sentence marks. What changes the sense does: letters, figures, what stands
between two figures (`1.5` is not `15`), signs of percent, currency and sum, the minus before a figure.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from typing import Final

from archive.search.fold import fold
from archive.versions import Run

NEAR: Final = 0.5
"""Share of words, twice those in common over those of both, from which a passage is near. By judgement: below it a
reader sees another sentence."""

_SIGNS: Final = frozenset("%‰°+=<>§#&@")
_GAPS: Final = {"٫": ".", "٬": ",", "’": "'", "−": "-", "‐": "-", "‑": "-", "–": "-", "—": "-"}
_OMITTED: Final = re.compile(r"\s*(?:\[\s*(?:…|\.\.\.)\s*\]|…|\.\.\.)\s*")
_LETTERS: Final = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD: Final = re.compile(rf"[{_LETTERS}]|[^\s‐‑–—{_LETTERS}-]+")
"""What stands between blanks and hyphens; a single letter, where words have no blanks between them."""

_JOINED: Final = ("HIRAGANA", "KATAKANA", "CJK", "THAI", "LAO", "KHMER", "MYANMAR")
"""Scripts that put no blank between words."""


@dataclass(frozen=True, slots=True)
class Key:
    """What of a text is compared. letters: folded. places: of each of them in the text."""

    letters: str
    places: Sequence[int]


@dataclass(frozen=True, slots=True)
class Nearest:
    """The passage of a text that is most like a quotation.

    start, end: characters of the text. share: twice the words in common over the words of both. runs: `old` is what
    only the quotation says, `new` what only the text says.
    """

    start: int
    end: int
    share: float
    runs: tuple[Run, ...]


def key_of(text: str) -> Key:
    """What of a text is compared with what of another."""
    letters: list[str] = []
    places: list[int] = []
    last, figure = -1, False
    for at, character in enumerate(text):
        folded = _folded(character)
        if not folded:
            continue
        if folded[0].isdecimal() and at > last + 1:
            if _is_minus(text, at - 1):
                letters.append("-")
                places.append(at - 1)
            elif figure:
                letters.append(_gap(text[last + 1 : at]))
                places.append(last + 1)
        letters += folded
        places += [at] * len(folded)
        last, figure = at, folded[-1].isdecimal()
    return Key("".join(letters), places)


def _gap(between: str) -> str:
    """What stands between two figures: one sign joins them to one number; anything more parts them."""
    if len(between) > 1 or between.isspace():
        return " "
    return _GAPS.get(between, between)


def _is_minus(text: str, at: int) -> bool:
    """Whether the sign there, before a figure, is a minus and no dash or hyphen."""
    return text[at] in "-−–" and (at == 0 or text[at - 1].isspace() or text[at - 1] in "(“\"‘'«")


def find(text: str, quotation: str, key: Key | None = None) -> tuple[int, int] | None:
    """Where a text contains a quotation, whole words of it; `None` where it does not.

    What a quotation leaves out is marked `…`, `...` or `[…]`: its parts are then found one after the other.
    key: of the text, where it is known already.
    """
    key = key or key_of(text)
    whole = _find_part(text, key, quotation, 0)
    if whole is not None:
        return whole
    parts = parts_of(quotation)
    if len(parts) < 2 and (not parts or parts[0] == quotation):
        return None
    spans: list[tuple[int, int]] = []
    for part in parts:
        span = _find_part(text, key, part, spans[-1][1] if spans else 0)
        if span is None:
            return None
        spans.append(span)
    return spans[0][0], spans[-1][1]


def parts_of(quotation: str) -> list[str]:
    """The parts of a quotation between what it leaves out."""
    return [part for part in _OMITTED.split(quotation) if key_of(part).letters]


def nearest(text: str, quotation: str) -> Nearest | None:
    """The passage that is most like a quotation; `None` where none has half of its words in common with it."""
    wanted, held = _words(quotation), _words(text)
    window = _window([key for key, _, _ in wanted], [key for key, _, _ in held])
    if window is None:
        return None
    passage = held[window[0] : window[1]]
    matcher = SequenceMatcher(
        None, [key for key, _, _ in wanted], [key for key, _, _ in passage], autojunk=False
    )
    codes = [code for code in matcher.get_opcodes() if code[1] < code[2] or code[3] < code[4]]
    same = [code for code in codes if code[0] == "equal"]
    if not same:
        return None
    first, last = same[0][3], same[-1][4]
    # At its ends the passage goes on as far as the quotation does, and no further.
    first = max(0, first - same[0][1])
    last = min(len(passage), last + len(wanted) - same[-1][2])
    passage = passage[first:last]
    return _compared(text, quotation, wanted, passage)


def _compared(
    text: str, quotation: str, wanted: list[tuple[str, int, int]], passage: list[tuple[str, int, int]]
) -> Nearest | None:
    a, b = [key for key, _, _ in wanted], [key for key, _, _ in passage]
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    share = matcher.ratio()
    if share < NEAR:
        return None
    runs: list[Run] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            runs.append(Run("same", _said(text, passage[j1:j2])))
            continue
        if i1 < i2:
            runs.append(Run("old", _said(quotation, wanted[i1:i2])))
        if j1 < j2:
            runs.append(Run("new", _said(text, passage[j1:j2])))
    return Nearest(passage[0][1], passage[-1][2], share, tuple(runs))


def _said(text: str, words: list[tuple[str, int, int]]) -> str:
    return " ".join(text[words[0][1] : words[-1][2]].split()) + " "


def _window(wanted: list[str], held: list[str]) -> tuple[int, int] | None:
    """The stretch of words, half as long again as the quotation, that has most of its words."""
    if not wanted or not held:
        return None
    room = len(wanted) + len(wanted) // 2 + 1
    need = Counter(wanted)
    have: Counter[str] = Counter()
    common = best = 0
    found = None
    for at, word in enumerate(held):
        have[word] += 1
        common += have[word] <= need[word]
        if at >= room:
            gone = held[at - room]
            common -= have[gone] <= need[gone]
            have[gone] -= 1
        if common > best:
            best, found = common, (max(0, at - room + 1), min(len(held), at + 1 + room // 2))
    return found


def _words(text: str) -> list[tuple[str, int, int]]:
    """The words of a text between blanks, each with what of it is compared and its place."""
    found = ((key_of(match.group()).letters, *match.span()) for match in _WORD.finditer(text))
    return [one for one in found if one[0]]


def _find_part(text: str, key: Key, quotation: str, after: int) -> tuple[int, int] | None:
    wanted = key_of(quotation).letters
    if not wanted:
        return None
    at = bisect_left(key.places, after)
    while (at := key.letters.find(wanted, at)) >= 0:
        start, end = key.places[at], key.places[at + len(wanted) - 1] + 1
        if _begins_word(text, start) and _ends_word(text, end) and _is_whole(key, at, at + len(wanted)):
            return start, _with_marks(text, end)
        at += 1
    return None


def _is_whole(key: Key, start: int, end: int) -> bool:
    """Whether neither end parts what one character became (`æ`), nor a figure from what is joined to it."""
    if start and key.places[start - 1] == key.places[start]:
        return False
    if end < len(key.places) and key.places[end] == key.places[end - 1]:
        return False
    return not _is_joined(key, start - 1, start) and not _is_joined(key, end, end - 1)


def _is_joined(key: Key, outside: int, inside: int) -> bool:
    """Whether a figure at the end of a passage goes on beyond it: `1` in `1.5`, `5` in `5%`, or in `−5`."""
    if not 0 <= outside < len(key.letters) or abs(key.places[outside] - key.places[inside]) != 1:
        return False
    return key.letters[outside] in ".,-%‰°" and key.letters[inside].isdecimal()


def _begins_word(text: str, at: int) -> bool:
    return at == 0 or not _continues(text[at - 1], text[at])


def _ends_word(text: str, at: int) -> bool:
    end = _with_marks(text, at)
    return end >= len(text) or not _continues(text[end - 1], text[end])


def _continues(before: str, after: str) -> bool:
    """Whether two characters side by side stand in one word."""
    if not (_folded(before) and _folded(after) and before.isalnum() and after.isalnum()):
        return False
    return not unicodedata.name(before, "").startswith(_JOINED) and not unicodedata.name(
        after, ""
    ).startswith(_JOINED)


def _with_marks(text: str, end: int) -> int:
    """The end of a passage with the marks that belong to its last letter."""
    while end < len(text) and unicodedata.combining(text[end]):
        end += 1
    return end


@cache
def _folded(character: str) -> str:
    """What of a character is compared; nothing of most marks."""
    parted = unicodedata.normalize("NFKD", fold(character)).casefold()
    return "".join(
        one for one in fold(parted) if one.isalnum() or one in _SIGNS or unicodedata.category(one) == "Sc"
    )
