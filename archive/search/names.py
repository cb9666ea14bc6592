"""Whether two words are spellings of one name, in whatever script. Pure.

First the consonants (`archive.search.sounds`), then the vowels, strictly: a word of four sounds must be the same,
a longer one may differ by what languages make of one vowel. Raqqa is Raqa, Raqqah, Rakka and الرقة; rock, Iraq and
Rick it is not.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from archive.search.sounds import (
    PROCLITICS,
    VOWELS,
    arabic_stem,
    near_skeletons,
    plain,
    readings,
    script_of,
    skeletons,
    spells,
)

WORD: Final = re.compile(r"[\w\u00ad\u0640\u064b-\u0655\u0670\u200c\u200d\u0300-\u036f]+")
"""A word of a text, with the marks that the fold takes out of it."""

_ALIKE: Final = {
    frozenset(pair): 0.35
    for pair in (
        "kg",
        "Xk",
        "Xh",
        "XC",
        "Ck",
        "zs",
        "vw",
        "Jy",
        "Jg",
        "JC",
        "Jz",
        "XJ",
        "Ss",
        "fv",
        "gh",
        "dz",
    )
} | {frozenset("CS"): 0.0}  # French writes sh as ch
_GLIDES: Final = frozenset("yw")


def search_keys(word: str) -> frozenset[str]:
    """The skeletons under which spellings of a `plain` word may be found."""
    return frozenset(near for key in skeletons(word) for near in near_skeletons(key))


@lru_cache(maxsize=1 << 12)
def is_same_name(word: str, other: str) -> bool:
    """Whether two `plain` words may be spellings of one name. It matters not which of them comes first."""
    if word == other:
        return True
    scripts = script_of(word), script_of(other)
    if None in scripts:
        return False
    if scripts == ("arabic", "arabic"):
        return _is_same_arabic(word, other)
    if scripts[0] == "arabic":
        word, other = other, word
    if "arabic" in scripts:
        return len(arabic_stem(other)) > 2 and any(spells(other, reading) for reading in _abroad(word))
    if scripts[0] != scripts[1]:
        return any(_is_near(one, two) for one in _abroad(word) for two in _abroad(other))
    return any(_is_near(one, two) for one in readings(word) for two in readings(other)) or (
        scripts == ("latin", "latin") and _is_genitive(word, other)
    )


_SHORT_U: Final = re.compile(r"(?<=[^aeiouy])u(?=[mn][^aeiouhmn])")


def _abroad(word: str) -> tuple[str, ...]:
    """How a word is read as other scripts write it: a short English u before a nasal as a. Trump is Трамп and ترامب.

    In Latin letters alone this would make Band of the German Bund.
    """
    found = readings(word)
    other = _SHORT_U.sub("a", word)
    return found if other == word else (*found, *readings(other))


def matches_name(word: str, text: str) -> bool:
    """Whether a text has a name, in any spelling of it; only words that are capitalised where there are capitals."""
    wanted = plain(word)
    keys = search_keys(wanted)
    for found in set(WORD.findall(text)):
        term = plain(found)
        if term == wanted:
            return True
        is_name = found[0] != term[0] or script_of(term) == "arabic"
        if is_name and not keys.isdisjoint(skeletons(term)) and is_same_name(wanted, term):
            return True
    return False


def written_forms(word: str) -> tuple[str, ...]:
    """The forms that a `plain` word has in a text: in Arabic also with what is written before it in one word."""
    if script_of(word) != "arabic":
        return (word,)
    return tuple(proclitic + arabic_stem(word) for proclitic in PROCLITICS)


def _is_same_arabic(word: str, other: str) -> bool:
    stems = arabic_stem(word), arabic_stem(other)
    return stems[0] == stems[1] and len(stems[0]) > 2


def _is_genitive(word: str, other: str) -> bool:
    """German and Scandinavian: Aleppos is of Aleppo. Of four letters it is too often another name: Hamas."""
    short, long = sorted((word, other), key=len)
    return len(short) > 4 and long == f"{short}s"


def _is_near(one: str, other: str) -> bool:
    length = min(len(one), len(other))
    if length < 2 or not _may_begin(one[0], other[0]) or (one[-1] in VOWELS) != (other[-1] in VOWELS):
        return False
    limit = 0.0 if length <= 4 else 0.45 if length == 5 else 0.81 if length == 6 else 1.01
    return _distance(one, other) <= limit


def _may_begin(one: str, other: str) -> bool:
    return one == other or (one in VOWELS and other in VOWELS) or frozenset((one, other)) in _ALIKE


def _distance(one: str, other: str) -> float:
    """Edits that make one reading of the other, each by how readily it happens between two languages."""
    row = [0.0]
    for sound in other:
        row.append(row[-1] + _weight(sound))
    for sound in one:
        new = [row[0] + _weight(sound)]
        for at, against in enumerate(other):
            new.append(
                min(
                    row[at + 1] + _weight(sound),
                    new[at] + _weight(against),
                    row[at] + (0.0 if sound == against else _exchange(sound, against)),
                )
            )
        row = new
    return row[-1]


def _weight(sound: str) -> float:
    return 0.4 if sound in VOWELS else 0.6 if sound in _GLIDES else 0.5 if sound == "h" else 1.0


def _exchange(sound: str, against: str) -> float:
    alike = _ALIKE.get(frozenset((sound, against)))
    if alike is not None:
        return alike
    vowels = (sound in VOWELS) + (against in VOWELS)
    if vowels == 2:
        return {"a": 1.0, "i": 0.6}[min(sound, against)] if "u" in (sound, against) else 0.4
    return 1.4 if vowels == 1 else 1.0
