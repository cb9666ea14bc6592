"""Whether two words are spellings of one name, in whatever script. Pure.

First the consonants (`archive.search.skeletons`), then the vowels, strictly: a word of four sounds must be the same,
a longer one may differ by what languages make of one vowel. Raqqa is Raqa, Raqqah, Rakka and الرقة; rock, Iraq and
Rick it is not.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import product
from typing import Final

from archive.search.arabic import PROCLITICS, arabic_stem, spells
from archive.search.common import is_common
from archive.search.distance import is_near
from archive.search.skeletons import near_skeletons, skeletons
from archive.search.sounds import RUN, SHORT_E, coarse, fine_readings, fine_readings_abroad, plain, script_of

WORD: Final = re.compile(r"[\w\u00ad\u0640\u064b-\u0655\u0670\u200c\u200d\u0300-\u036f]+")
"""A word of a text, with the marks that the fold takes out of it."""


@lru_cache(maxsize=1 << 10)
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
    if _GENITIVE.search(word):
        keys += skeletons(word[:-1])
    if _GERMAN_ST.match(word):
        keys += tuple(f"S{key[1:]}" for key in keys)
    if _GERMAN_S.match(word):
        keys += tuple(f"z{key[1:]}" for key in keys)
    if script_of(word) == "arabic":
        keys += tuple(dict.fromkeys(key.translate(table) for key in keys for table in _FROM_ARABIC))
    else:
        keys += tuple(dict.fromkeys(key.translate(_OF_ARABIC) for key in keys))
    return frozenset(near for key in keys for near in near_skeletons(key))


_GLIDE_UNHEARD: Final = re.compile(r"(?<=.i)(?=[ao])")
"""Where others write a y between the vowels: Banias, Baniyas."""

_GERMAN_S: Final = re.compile("s[aeiou].{4}")
"""What others begin with z: Sawahiri."""

_GENITIVE: Final = re.compile("[a-z]{5}(?<!s)s$")
"""What may be of a name without its s: Wagners."""

_GERMAN_ST: Final = re.compile("^s(?=[tp])")
"""What others begin with sh, as it is said in German: شتاينماير, Штутгарт."""

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
    word, other = _voiced(word, other), _voiced(other, word)
    if "arabic" in scripts:
        if len(arabic_stem(other)) <= 2 or is_common(other):
            return False
        return any(spells(other, reading) for reading in _to_arabic(word))
    if not (_may_be_written(word, other) and _may_be_written(other, word)):
        return False
    if scripts[0] != scripts[1]:
        return any(is_near(one, two) for one in _abroad(word) for two in _abroad(other))
    if scripts == ("latin", "latin"):
        return _is_same_latin(word, other)
    return any(is_near(one, two) for one in fine_readings(word) for two in fine_readings(other))


def _is_same_latin(word: str, other: str) -> bool:
    """As `is_same_name`, of two words of Latin letters."""
    if _is_genitive(word, other):
        return True
    if _is_other_sex(word, other) or _is_other_sex(other, word):
        return False
    readings = fine_readings(word), fine_readings(other)
    if len(min(word, other, key=len)) <= _FEW and {word[0], other[0]} in _Y_OR_J:
        return not set(readings[0]).isdisjoint(readings[1])
    near = [(one, two) for one, two in product(*readings) if is_near(one, two)]
    if "sch" in word and "sch" in other:  # one language, which does not vary with itself: Scholz, Schulz
        near = [(one, two) for one, two in near if _ROUND.findall(one) == _ROUND.findall(two)]
    return bool(near)


_UNVOICED: Final = re.compile(r"...[aeiou]t$")


def _voiced(word: str, other: str) -> str:
    """A word with the d at its end that Turkish makes a t, where the other one has that: Ahmet, Mahmut."""
    return f"{word[:-1]}d" if other[-1] in "dдد" and _UNVOICED.search(word) else word


_LETTERS_OF: Final = (
    # a sound that is not to be mistaken, and what another language must have written for it
    # v where it is not voiced, but no German w: Rachmaninov; Weber, Fieber; Stephen, Steven
    (re.compile("f|ph|ф"), re.compile("f|ph|v(?![aeiou])|w$|th|ф|в$")),
    (re.compile("...ez$"), re.compile("[eiy]s?[zs]$|[eiеэиє][зс]$")),  # Martinez is no Martens
    (re.compile("t?tsch|tch|tsh|cz|ч"), re.compile("c|tsh|t[iy]|[чщ]")),  # tch is no k: Mitchell, Mikhail
)


def _may_be_written(word: str, other: str) -> bool:
    """Whether another word has letters for what one of them surely sounds."""
    return not any(sure.search(word) and not letters.search(other) for sure, letters in _LETTERS_OF)


_FEW: Final = 5
"""Letters of a short name."""

_Y_OR_J: Final = ({"j", "y"}, {"j", "i"})
"""First letters of which one is read as the other in German and Slavic alone: the rest of a short name must agree. Juri
is Yuri, but Jones no Younes."""

_ROUND: Final = re.compile("[ou]")
"""The vowels that languages take for one another most readily."""

_FEMININE: Final = re.compile("(?:on|el|an{2}|en{2}|ian|ois|ouis|uis|et)e$|(?<=l)le$")
"""How French makes a woman's name of a man's: Simone, Danielle, Jeanne, Christiane, Françoise. Not -ine, which is how
it writes what ends in -in elsewhere: Mayadine, Poutine."""


def _is_other_sex(woman: str, man: str) -> bool:
    """Whether one of two names is a woman's where the other, with the same stem, is a man's: Francisca, Francisco."""
    if woman[-1] == "a" and man[-1] == "o":
        return RUN.sub(r"\1", woman[:-1]) == RUN.sub(r"\1", man[:-1]) and not woman.endswith("enka")
    return bool(_FEMININE.search(woman)) and RUN.sub(r"\1", woman[:-1]) == RUN.sub(r"\1", man)


_SHORT_U: Final = re.compile(r"(?<=[^aeiouy])u(?=[mn][^aeiouhmn]|s[kt]|ff)")


_ENGLISH_WA: Final = re.compile(r"^wa(?=[lr])")
"""As in war: Warren is Уоррен."""

_ENGLISH_UR: Final = re.compile(r"(?<=[^aeiouy])ur(?=[^aeiouyr])")
"""As in nurse: Churchill is Черчилль."""

_ENGLISH_I: Final = re.compile(r"(?<=[^aeiouy])i(?=[bdgklmnprstv]e)")
"""A long one: Biden is Байден."""

_H_UNHEARD: Final = re.compile("(?<=[aou])h(?=e)")
"""Cohen is Коэн."""


def _abroad(word: str) -> tuple[str, ...]:
    """How a word is read as other scripts write it: a short English u as a. Trump is Трамп and ترامب, Musk Маск.

    In Latin letters alone this would make Band of the German Bund.
    """
    written = dict.fromkeys(
        # the last: Доха, Бурхан
        (
            word,
            _SHORT_U.sub("a", word),
            _ENGLISH_WA.sub("wo", word),
            _ENGLISH_UR.sub("er", word),
            _H_UNHEARD.sub("", word),
            _ENGLISH_I.sub("ai", word),
            word.replace("х", "һ"),
            _GERMAN_ST.sub("sh", word),
        )
    )
    found = [reading for one in written for reading in fine_readings_abroad(one)]
    if word.endswith("h"):
        found += [f"{reading}h" for reading in found]  # Rafah, Saleh: the h is a letter of its own
    return tuple(dict.fromkeys(found))


_HEARD_Y: Final = "\u00ff"
"""Stands for a y that is not read as part of the vowel before it."""

_TO_ARABIC: Final = (
    (re.compile(r"(?<=..[aeioulnr])s(?=[aeiouymn])|^s(?=[aeiou].{4})"), "z"),  # German: Bengasi, Sawahiri
    (re.compile(r"(?<=[elnmr])s$"), "z"),  # English and Spanish: Sanders, Peres
    (_ENGLISH_I, f"a{_HEARD_Y}"),
    (re.compile(r"(?<=a)[iy](?=[^aeiouy]|$)"), _HEARD_Y),
    (re.compile("(?<=[^aeiouh]a)e(?=[^aeiou]$)"), _HEARD_Y),  # Ismael
    (re.compile("(?<=а)й(?=[^аеиоуыэюя]|$)"), _HEARD_Y),
    (re.compile("г"), "һ"),  # Герат
)


def _to_arabic(word: str) -> tuple[str, ...]:
    """How a word is read as Arabic writes it, which has letters for z, h and ay where others have but one."""
    written = [word]
    if len(word) > 4:
        for pattern, other in _TO_ARABIC:
            written += [pattern.sub(other, one) for one in written if pattern.search(one)]
    found = [coarse(reading.replace(_HEARD_Y, "y")) for one in written for reading in _abroad(one)]
    if _ENDS_SHORT.search(word):
        found = [_SHORT_ENDING.sub(SHORT_E, one) for one in found]
    return tuple(dict.fromkeys(found))


_ENDS_SHORT: Final = re.compile("(?:[^aeiouh]|[cst]h)e[nr]$")
_SHORT_ENDING: Final = re.compile("i(?=[nr]$)")
"""Becker and Hosen have no long vowel, with which they would be البشير and حسين."""


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
