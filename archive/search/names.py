"""Whether two words are spellings of one name, in whatever script. Pure.

First the consonants (`archive.search.skeletons`), then the vowels, strictly: a word of four sounds must be the same,
a longer one may differ by what languages make of one vowel. Raqqa is Raqa, Raqqah, Rakka and الرقة; rock, Iraq and
Rick it is not.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from archive.search.arabic import PROCLITICS, arabic_stem, spells
from archive.search.skeletons import near_skeletons, skeletons
from archive.search.sounds import VOWELS, plain, readings, readings_abroad, script_of

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
    """The skeletons under which spellings of a `plain` word may be found.

    Arabic has neither p nor v, so that a name may differ by these and by one sound more.
    """
    keys = skeletons(word)
    if _GLIDE_UNHEARD.search(word):
        keys += skeletons(_GLIDE_UNHEARD.sub("y", word))
    if "х" in word:
        keys += skeletons(word.replace("х", "һ"))
    if word[-1:] == "h":
        keys += tuple(f"{key}h" for key in keys)
    if script_of(word) == "arabic":
        keys += tuple(dict.fromkeys(key.translate(table) for key in keys for table in _FROM_ARABIC))
    else:
        keys += tuple(dict.fromkeys(key.translate(_OF_ARABIC) for key in keys))
    return frozenset(near for key in keys for near in near_skeletons(key))


_GLIDE_UNHEARD: Final = re.compile(r"(?<=.i)(?=[ao])")
"""Where others write a y between the vowels: Banias, Baniyas."""

_OF_ARABIC: Final = str.maketrans("pv", "bf")
_FROM_ARABIC: Final = (str.maketrans("b", "p"), str.maketrans("f", "v"), str.maketrans("bf", "pv"))


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
        return len(arabic_stem(other)) > 2 and any(spells(other, reading) for reading in _to_arabic(word))
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
    written = dict.fromkeys((word, _SHORT_U.sub("a", word), word.replace("х", "һ")))  # the last: Доха, Бурхан
    found = [reading for one in written for reading in readings_abroad(one)]
    if word.endswith("h"):
        found += [f"{reading}h" for reading in found]  # Rafah, Saleh: the h is a letter of its own
    return tuple(dict.fromkeys(found))


_HEARD_Y: Final = "\u00ff"
"""Stands for a y that is not read as part of the vowel before it."""

_TO_ARABIC: Final = (
    (re.compile(r"(?<=..[aeioulnr])s(?=[aeiouymn])|^s(?=[aeiou].{4})"), "z"),  # German: Bengasi, Sawahiri
    (re.compile(r"(?<=[^aeiouy])i(?=[bdgklmnprstv]e)"), f"a{_HEARD_Y}"),  # an English long i: Biden
    (re.compile(r"(?<=a)[iy](?=[^aeiouy]|$)"), _HEARD_Y),
    (re.compile("(?<=а)й(?=[^аеиоуыэюя]|$)"), _HEARD_Y),
    (re.compile("г"), "һ"),  # Герат
)


def _to_arabic(word: str) -> tuple[str, ...]:
    """How a word is read as Arabic writes it, which has letters for z, h and ay where others have but one."""
    written = [word]
    if len(word) > 4:
        for pattern, other in _TO_ARABIC:
            written += [pattern.sub(other, one) for one in written if pattern.search(one)]
    found = [reading.replace(_HEARD_Y, "y") for one in written for reading in _abroad(one)]
    return tuple(dict.fromkeys(found))


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
