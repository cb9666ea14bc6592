"""The consonants of a word: the same for Mayadin, Meyadine, Маядин and الميادين. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from archive.search.arabic import ARABIC, arabic_letters
from archive.search.sounds import RUN, VOWELS, latin_sounds, readings_abroad, script_of

MAX_LETTERS: Final = 24
"""Longer words are compounds or rubbish, no names."""

_DOUBTFUL: Final = re.compile(
    r"[^a-z]|[wyj]|^[aeiou]*h|^i[aeou]|ou[aeiou]|oh[lmnr]|hh|z[eik]|^z[aou]|z$|ic$|[aeiou]ev|hev$|ceh$|sch|^mc|^e[gklrv]...|c(?![hk]).*[eo]va?$|[aeou]i[aeou]|enko$|ski$|uk$|izyn$|adse$|stan$|[^aeiou]aou[^aeiouy]"
)
"""What makes a word have more than one reading."""

_NO_VOWELS: Final = dict.fromkeys(map(ord, "aeiou"))


@lru_cache(maxsize=1 << 15)
def skeletons(word: str) -> tuple[str, ...]:
    """The consonants of a `plain` word by each of its readings; none where there is nothing to go by."""
    script = script_of(word)
    if script is None or not 2 <= len(word) <= MAX_LETTERS:
        return ()
    if script == "latin" and not _DOUBTFUL.search(word):
        # the same as below, for the many words that are read in one way
        sounds = RUN.sub(r"\1", latin_sounds(word)).removesuffix("h").translate(_NO_VOWELS)
        if "h" in sounds[1:]:
            return (sounds[0] + sounds[1:].replace("h", ""), sounds)
        return (sounds,) if sounds else ()
    if script == "arabic":
        found = [one for letters in arabic_letters(word) for one in _arabic_skeletons(letters)]
    else:
        found = [one for reading in readings_abroad(word) for one in _skeletons_of(reading)]
    return tuple(dict.fromkeys(one for one in found if one))


def _skeletons_of(reading: str) -> list[str]:
    kept, last = [], len(reading) - 1
    for at, sound in enumerate(reading):
        if sound in VOWELS or not sound.isalpha():
            continue
        before, after = at > 0 and reading[at - 1] in VOWELS, at < last and reading[at + 1] in VOWELS
        if sound == "y" and at and not (before and after):
            continue
        kept.append("H" if sound == "h" and at else "v" if sound == "w" else sound)
    return _with_and_without("".join(kept), "H", "h")


def _arabic_skeletons(letters: str) -> list[str]:
    kept, last = [], len(letters) - 1
    for at, letter in enumerate(letters):
        if letter in "يو":
            glide = "y" if letter == "ي" else "v"
            before_a = at < last and letters[at + 1] == "ا"
            kept.append(glide if at == 0 else glide.upper() if before_a else "?" if at < last else "")
            if kept[-1] == "?":
                kept[-1] = "!" if letter == "ي" else "?"
        elif letter in "هح":
            kept.append("h" if at == 0 else "" if at == last and letter == "ه" else "H")
        elif letter in ARABIC:
            kept.append(ARABIC[letter][0])
    found = _with_and_without("".join(kept), "H", "h")
    for mark, glide in zip("YV!?", "yvyv", strict=True):
        found = [option for one in found for option in _with_and_without(one, mark, glide)]
    return found


def _with_and_without(skeleton: str, doubtful: str, sound: str) -> list[str]:
    """A sound that some spellings drop, in and out."""
    return list(dict.fromkeys((skeleton.replace(doubtful, ""), skeleton.replace(doubtful, sound))))


_SWAPS: Final = (
    ("k", "g"), ("X", "h"), ("X", "k"), ("X", "C"), ("C", "k"), ("C", "S"), ("z", "s"), ("J", "g"), ("J", "y"),
    ("J", "C"), ("J", "z"), ("X", "J"), ("S", "s"), ("d", "z"), ("t", "s"), ("b", "p"), ("f", "v"), ("g", "h"),
)  # fmt: skip
"""Sounds that one language writes for the other, either way."""


def near_skeletons(skeleton: str) -> set[str]:
    """Skeletons that another language may make of the same name: one sound written otherwise, a weak one left out.

    The last of them are for endings: Мосулом, Aleppos.
    """
    found = {skeleton}
    if len(skeleton) < 2:
        return found
    for one, other in _SWAPS:
        for a, b in ((one, other), (other, one)):
            if a in skeleton:
                found |= {skeleton.replace(a, b), skeleton.replace(a, b, 1)}
    found.add("S".join(skeleton.rsplit("C", 1)))  # Churchill is Arabic تشرشل
    found.add(skeleton + "s")
    if skeleton[-1] == "s":
        found.add(skeleton[:-1] + "z")  # Sanders is ساندرز
    if len(skeleton) > 2:
        if skeleton[-1] in "dt":
            found.add(skeleton[:-1] + ("t" if skeleton[-1] == "d" else "d"))  # Ahmet, Mahmud
        found |= {
            skeleton[:at] + skeleton[at + 1 :] for at in range(1, len(skeleton)) if skeleton[at] in "yhv"
        }
        found.add(skeleton + "m")
        if skeleton[-1] == "m":
            found.add(skeleton[:-1])
    return found
