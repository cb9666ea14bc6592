"""How a word of Latin, Cyrillic or Arabic letters is read, as far as the spellings of one name agree. Pure.

A *reading* is a string of sounds: the vowels `a i u`, consonants as lower-case letters, and `X` (kh), `C` (ch),
`S` (sh), `J` (zh, dj). Languages write one sound in many ways (`ou`, `oo`, `u`; `sch`, `sh`, `ch`) and one letter
stands for many sounds, so a word has several readings. Words of Arabic letters are held against them by
`archive.search.arabic`; without its vowels a reading is a skeleton, `archive.search.skeletons`.

The approach, skeletons first and vowels after, was measured in `../shared/facts/dedup-search.md`, section 5. The
correspondences are those of the romanisations in use: BGN/PCGN, German (Duden), Polish and French press for Russian
and Ukrainian.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final, Literal

from archive.search.fold import fold

Script = Literal["latin", "cyrillic", "arabic"]

VOWELS: Final = frozenset("aiu")
SHORT_E: Final = "e"
"""In a reading for Arabic: an e that no long vowel is written for."""


@lru_cache(maxsize=1 << 14)
def plain(word: str) -> str:
    """A word as the index holds it: folded, in lower case, Latin letters without their diacritics."""
    if word.isascii():
        return word.lower()
    folded = fold(word).casefold()
    if not any("\u00c0" <= character < "\u0370" or "\u1e00" <= character < "\u1f00" for character in folded):
        return folded
    parted = unicodedata.normalize("NFKD", folded)
    return "".join(character for character in parted if not unicodedata.combining(character))


def script_of(word: str) -> Script | None:
    """The script of a word, of the three that are read here; by its first letter."""
    first = word[:1]
    if "a" <= first <= "z" or first == "ə":
        return "latin"
    if "\u0400" <= first < "\u0530":
        return "cyrillic"
    if "\u0620" <= first < "\u0700":
        return "arabic"
    return None


_DIGRAPHS: Final = (
    # longest first: what is read as one sound must not be read as two
    ("schtsch", "S"), ("chtch", "S"), ("shch", "S"), ("szcz", "S"), ("dsch", "J"), ("tsch", "C"), ("dzh", "J"),
    ("tch", "C"), ("sch", "S"), ("dj", "J"), ("cz", "C"), ("sz", "S"), ("kh", "X"), ("gh", "g"), ("zh", "J"),
    ("sh", "S"), ("ch", "C"), ("th", "t"), ("bh", "b"), ("dh", "d"), ("ph", "f"), ("ck", "k"), ("q", "k"), ("x", "ks"),
    ("j", "J"),
)  # fmt: skip
_OTHERWISE: Final = tuple(
    (re.compile(pattern), other)
    for pattern, other in (
        (r"z(?=[kjy])|(?<=[lnr])z(?=in$)", "ts"),  # what German makes of a Slavic ц: Donezk, Winnyzja, Jelzin
        (r"(?<!t)sch(?=[nk]|.*(?:[eo][wv]a?|in|ij|yj|ski|sky|ad|yn)$)", "zh"),  # and of ж: Breschnew, Schukow
        (r"(?<=[aeou])i(?=[aeou])", "y"),  # French: Tokaïev, Politkovskaïa
        ("^mcc?", "mak"),
        ("^e(?=[gklrv].{3})", "ye"),  # French: Eltsine, Erevan
        (r"sc(?=(?!h).*[eo]va?$)", "shch"),  # Turkish, without its marks: Kruşçev
        (r"c(?=(?![hk]).*[eo]va?$)", "ch"),  # Çehov
        (r"(?<=[aeiou])e(?=v)", "ye"),  # a glide that not every language writes: Aliev, Aliyev
        ("(?<=...)ey$", "y"),  # English: Kelley
        ("(?<=...)eh$", "a"),  # Syrian, Lebanese and Persian: Hasakeh, Haniyeh
        (r"(?<=[^aeiouq])[ou]e(?=[^aeiou].)", "u"),  # Mueller; Dutch: Hoessein
        (r"(?<=[^aeiou])ou(?=[ae])", "u"),  # French: Fouad
        (r"(?<=[^aeiou]a)ou(?=[^aeiouy])", "wu"),  # Daoud, Dawood
        ("aou", "au"),  # and Daud
        (r"iy(?=[aou])", "i"),  # Riyadh, Riad; Mariya
        (r"(?<=[^aeiouh])ae(?=[^aeiou]$)", "ai"),  # Ismael, Taez
        (r"(?<![aeiouq])([ao])e(?=[^aeiou].)", r"\1"),  # German, without its dots: Kraemer, Oecalan
        (r"gu(?=[ei])", "g"),  # French: Serguei
        (r"(?<=o)h(?=[lmnr])", ""),  # an h that only makes the vowel before it long: Johnson
    )
)
"""What a word of Latin letters may be written for besides, one after the other."""

_ANY_OTHERWISE: Final = re.compile("|".join(pattern.pattern for pattern, _ in _OTHERWISE))

_Z_AS_TS: Final = re.compile(r"(?<![sc])t?z(?=[eiy])|^z(?=[aou])|(?<=[lnrt])z$")
"""Where other scripts write a German z as they hear it: Шольц."""

_GERMAN_SLAVIC: Final = re.compile(r"(?:[eo]wa?|skij?|skyj|skaja|enko|[iy]j|uk|tsch|adse|jan|izyn|stan)$")
"""Endings of Slavic, Caucasian and Central Asian names in German, which writes ch for kh there, z for ts and s for
z."""

_GERMAN_Z: Final = re.compile(r"(?<!s)s(?=[aeiou])")
_GERMAN_KH: Final = re.compile(r"(?<![ts])ch")
_SOUTH_SLAVIC: Final = re.compile(r"(?<=...)ic$")
"""Names whose č, ć, ž and š were written without their marks: Milosevic, Karadzic."""

_MARKED: Final = re.compile(r"[chjqxz]")
_SOFT_C: Final = re.compile(r"c(?=[eiy])")

_CYRILLIC: Final = str.maketrans(
    {
        "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "J", "з": "z", "и": "i", "й": "y", "к": "k",
        "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "X",
        "ц": "ts", "ч": "C", "ш": "S", "щ": "S", "ъ": "", "ы": "i", "ь": "", "э": "e", "ю": "yu", "я": "ya",
        "і": "i", "ї": "yi", "є": "ye", "ґ": "g", "ў": "u", "ј": "y", "љ": "l", "њ": "n", "ћ": "C", "ђ": "J", "џ": "J",
        "һ": "h", "ԝ": "w",
    }
)  # fmt: skip

_CYRILLIC_OTHERWISE: Final = (
    (re.compile("(?<=[аеиоуыэюя])е(?=в)"), "йе"),  # Сараево, Sarajevo
    (re.compile("^е"), "йе"),  # Ельцин
    (re.compile("^у(?=[аеиоэ])"), "ԝ"),  # Уинстон
)
_LATIN_U: Final = re.compile(r"(?<=[бвгдзклмнпрстфхц])ю")
"""What stands for a French u, a Turkish or German ü: Гюлен, Мюллер."""

_LATIN_C: Final = re.compile(r"(?<=..)ц(?=[аоу])")
"""What western Slavs write c, which without knowing them is read k: Фицо, Сребреница."""

_CASE_ENDINGS: Final = re.compile(
    r"(?<=...)(?:ами|ями|ого|ому|ой|ою|ом|ем|ым|им|ах|ях|ам|ям|ей|ая|ую|а|я|у|ю|е|и|ы|о|ові|і)$"
)
"""Endings of nouns and adjectives in Russian and Ukrainian: Ракку, Маядине, Мосулом are Ракка, Маядин, Мосул. Not that
of a plural's genitive: Кадыров is not Кадыр."""

_LONG_VOWELS: Final = (
    (re.compile(r"ou(?=[aeiouy])"), "w"),  # Ouadi
    (re.compile(r"[ao]w(?![aeiouy])|o[ou]|au"), "u"),
    (re.compile(r"[ae][iy](?![aeiouy])"), "E"),
    (re.compile(r"(?:i[iy]|yi|ee|ie|yy)(?![aeiouyE])"), "i"),
)
_VOWEL_NAMES: Final = str.maketrans("eoE", "iui")
_Y_AS_VOWEL: Final = re.compile(r"y(?![aeiouE])")
_SILENT_E: Final = re.compile(r"(?<=[^aeiouE])e$")
_SHORT: Final = 4
"""Letters of a word of which the last e is heard."""

RUN: Final = re.compile(r"(.)\1+")
_ASSIMILATED: Final = re.compile(r"[aeu]([dnrstz]|sh|th|dh)\1(?=[aeiouy])")
"""The Arabic article before a sun letter, written as it is said and in one word: Ezzor, Arraqqa."""


@lru_cache(maxsize=1 << 13)
def readings(word: str) -> tuple[str, ...]:
    """How a `plain` word of Latin or Cyrillic letters may be read, the likeliest first; none for any other."""
    return _coarse(fine_readings(word))


@lru_cache(maxsize=1 << 13)
def fine_readings(word: str) -> tuple[str, ...]:
    """As `readings`, with the vowels as they are written: `a e i o u`, and `E` for ai, ei, ay and ey."""
    script = script_of(word)
    if script == "latin":
        word = word.replace("ə", "a")  # Əliyev
        written = [word]
        if "w" in word or "j" in word or word[0] == "i":
            # German and Polish w is v, German and Slavic j is y, and so is an i before a vowel: Jemen, Ianoukovitch
            other = word.replace("w", "v").replace("j", "y")
            written.append("y" + other[1:] if re.match("i[aeou]", other) else other)
        written += [
            one[m.end() - len(m[1]) :] for one in written if len(one) > 4 and (m := _ASSIMILATED.match(one))
        ]
        if _GERMAN_SLAVIC.search(word):
            german = [_GERMAN_KH.sub("kh", one.replace("z", "ts")) for one in written]
            written += german + [_GERMAN_Z.sub("z", one) for one in german]
        if any(map(_ANY_OTHERWISE.search, written)):
            for pattern, other in _OTHERWISE:
                written += [pattern.sub(other, one) for one in written if pattern.search(one)]
        found = [_read(latin_sounds(one)) for one in written]
        # French and Persian end in e what Arabic ends in a: Palmyre
        found += [one + "e" for one in found if word[-1] == "e" and len(word) > 5]
    elif script == "cyrillic":
        stem = _CASE_ENDINGS.sub("", word)
        # the stem of Ракку may be that of Ракка
        forms = list(dict.fromkeys((word, stem, stem + "а" if stem != word else word)))
        for pattern, other in _CYRILLIC_OTHERWISE:
            forms += [pattern.sub(other, one) for one in forms if pattern.search(one)]
        found = [_read(one.replace("дж", "ж").replace("тч", "ч").translate(_CYRILLIC)) for one in forms]
    else:
        return ()
    # ё after a hushing sound is written e or o: Gorbachev, Gorbatschow
    found += [one[:-2] + "ov" for one in found if one.endswith(("Cev", "Civ", "Sev", "Siv"))]
    return tuple(dict.fromkeys(one for one in found if one))


@lru_cache(maxsize=1 << 13)
def readings_abroad(word: str) -> tuple[str, ...]:
    """As `readings`, with those by which only another script writes the word. Between Latin words they mislead."""
    return _coarse(fine_readings_abroad(word))


@lru_cache(maxsize=1 << 13)
def fine_readings_abroad(word: str) -> tuple[str, ...]:
    """As `readings_abroad`, with the vowels as they are written."""
    written = [word]
    if script_of(word) == "latin":
        if _SOUTH_SLAVIC.search(word):
            written.append(word.replace("dz", "dj").replace("c", "tch"))
        if _Z_AS_TS.search(word):
            written.append(_Z_AS_TS.sub("ts", word))
    else:
        written += [_LATIN_U.sub("у", one) for one in written if _LATIN_U.search(one)]
        written += [_LATIN_C.sub("к", one) for one in written if _LATIN_C.search(one)]
    return tuple(dict.fromkeys(reading for one in written for reading in fine_readings(one)))


def _coarse(fine: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(coarse(reading) for reading in fine))


def coarse(reading: str) -> str:
    """A reading with three vowels, as Arabic has them, for one with five."""
    return RUN.sub(r"\1", reading.translate(_VOWEL_NAMES))


def latin_sounds(word: str) -> str:
    """The letters of a word of Latin letters, one for each sound."""
    if not _MARKED.search(word):
        return word
    for letters, sound in _DIGRAPHS:
        if letters in word:
            word = word.replace(letters, sound)
    return _SOFT_C.sub("s", word).replace("c", "k")


def _read(sounds: str) -> str:
    may_be_silent = len(sounds.removesuffix("h")) > _SHORT
    for pattern, vowel in _LONG_VOWELS:
        sounds = pattern.sub(vowel, sounds)
    sounds = sounds.removesuffix("h")
    if may_be_silent:
        sounds = _SILENT_E.sub("", sounds)
    sounds = _Y_AS_VOWEL.sub("i", sounds)
    return RUN.sub(r"\1", sounds)
