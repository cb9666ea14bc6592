"""How a word of Latin, Cyrillic or Arabic letters is read, as far as the spellings of one name agree. Pure.

A *reading* is a string of sounds: the vowels `a i u`, consonants as lower-case letters, and `X` (kh), `C` (ch),
`S` (sh), `J` (zh, dj). Languages write one sound in many ways (`ou`, `oo`, `u`; `sch`, `sh`, `ch`) and one letter
stands for many sounds, so a word has several readings. Arabic leaves short vowels out; its words are kept as
letters and held against a reading by `spells`.

A *skeleton* is what is left of a reading without its vowels: the same for Mayadin, Meyadine, Маядин and الميادين.

The approach, skeletons first and vowels after, was measured in `../shared/facts/dedup-search.md`, section 5. The
correspondences are those of the romanisations in use: ALA-LC, DIN 31635, French and Turkish press for Arabic;
BGN/PCGN, German (Duden), Polish and French press for Russian and Ukrainian.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final, Literal

from archive.search.fold import fold

Script = Literal["latin", "cyrillic", "arabic"]

MAX_LETTERS: Final = 24
"""Longer words are compounds or rubbish, no names."""

VOWELS: Final = frozenset("aiu")


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
    if "a" <= first <= "z":
        return "latin"
    if "\u0400" <= first < "\u0530":
        return "cyrillic"
    if "\u0620" <= first < "\u0700":
        return "arabic"
    return None


# -- Latin and Cyrillic -----------------------------------------------------------------------------------------

_DIGRAPHS: Final = (
    # longest first: what is read as one sound must not be read as two
    ("schtsch", "S"), ("chtch", "S"), ("shch", "S"), ("szcz", "S"), ("dsch", "J"), ("tsch", "C"), ("dzh", "J"),
    ("tch", "C"), ("sch", "S"), ("dj", "J"), ("cz", "C"), ("sz", "S"), ("kh", "X"), ("gh", "g"), ("zh", "J"),
    ("sh", "S"), ("ch", "C"), ("th", "t"), ("dh", "d"), ("ph", "f"), ("ck", "k"), ("q", "k"), ("x", "ks"),
    ("j", "J"),
)  # fmt: skip
_LENGTHENING: Final = re.compile(r"(?<=o)h(?=[lmnr])")
_GERMAN_TS: Final = re.compile(r"z(?=[kjy])")
"""What German makes of a Slavic ц: Donezk, Winnyzja."""

_MARKED: Final = re.compile(r"[chjqxz]")
_SOFT_C: Final = re.compile(r"c(?=[eiy])")

_CYRILLIC: Final = str.maketrans(
    {
        "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "J", "з": "z", "и": "i", "й": "y", "к": "k",
        "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "X",
        "ц": "ts", "ч": "C", "ш": "S", "щ": "S", "ъ": "", "ы": "i", "ь": "", "э": "e", "ю": "yu", "я": "ya",
        "і": "i", "ї": "yi", "є": "ye", "ґ": "g", "ў": "u", "ј": "y", "љ": "l", "њ": "n", "ћ": "C", "ђ": "J", "џ": "J",
    }
)  # fmt: skip

_CASE_ENDINGS: Final = re.compile(
    r"(?<=...)(?:ами|ями|ого|ому|ой|ою|ом|ем|ым|им|ах|ях|ам|ям|ов|ей|ая|ую|а|я|у|ю|е|и|ы|о|ові|ів|і)$"
)
"""Endings of nouns and adjectives in Russian and Ukrainian: Ракку, Маядине, Мосулом are Ракка, Маядин, Мосул."""

_LONG_VOWELS: Final = (
    (re.compile(r"ou(?=[aeiouy])"), "w"),  # Ouadi
    (re.compile(r"[ao]w(?![aeiouy])|o[ou]|au"), "u"),
    (re.compile(r"(?:[aei][iy]|iy|yi|ii|ee|ie|yy)(?![aeiouy])"), "i"),
)
_VOWEL_NAMES: Final = str.maketrans("eo", "iu")
_Y_AS_VOWEL: Final = re.compile(r"y(?![aiu])")
_SILENT_E: Final = re.compile(r"(?<=[^aeiou])e$")
_RUN: Final = re.compile(r"(.)\1+")
_ASSIMILATED: Final = re.compile(r"[aeu]([dnrstz]|sh|th|dh)\1(?=[aeiouy])")
"""The Arabic article before a sun letter, written as it is said and in one word: Ezzor, Arraqqa."""


@lru_cache(maxsize=1 << 13)
def readings(word: str) -> tuple[str, ...]:
    """How a `plain` word of Latin or Cyrillic letters may be read, the likeliest first; none for any other."""
    script = script_of(word)
    if script == "latin":
        written = [word]
        if "w" in word or "j" in word or word[0] == "i":
            # German and Polish w is v, German and Slavic j is y, and so is an i before a vowel: Jemen, Ianoukovitch
            other = word.replace("w", "v").replace("j", "y")
            written.append("y" + other[1:] if re.match("i[aeou]", other) else other)
        written += [
            one[m.end() - len(m[1]) :] for one in written if len(one) > 4 and (m := _ASSIMILATED.match(one))
        ]
        written += [_GERMAN_TS.sub("ts", one) for one in written if _GERMAN_TS.search(one)]
        # an h may only make the vowel before it long: Johnson
        written += [_LENGTHENING.sub("", one) for one in written if _LENGTHENING.search(one)]
        found = [_read(_latin(one)) for one in written]
        # French and Persian end in e what Arabic ends in a: Palmyre
        found += [one + "i" for one in found if word[-1] == "e" and len(word) > 5]
        # Syrian and Lebanese, as Persian: Hasakeh, Jazireh
        found += [one + "a" for one in found if word.endswith("eh") and len(word) > 5]
        # ё after a hushing sound is written e or o: Gorbachev, Gorbatschow
        found += [one[:-2] + "uv" for one in found if one.endswith(("Civ", "Siv"))]
    elif script == "cyrillic":
        stem = _CASE_ENDINGS.sub("", word)
        # the stem of Ракку may be that of Ракка
        forms = dict.fromkeys((word, stem, stem + "а" if stem != word else word))
        found = [_read(one.replace("дж", "ж").translate(_CYRILLIC)) for one in forms]
    else:
        return ()
    return tuple(dict.fromkeys(one for one in found if one))


def _latin(word: str) -> str:
    if not _MARKED.search(word):
        return word
    for letters, sound in _DIGRAPHS:
        if letters in word:
            word = word.replace(letters, sound)
    return _SOFT_C.sub("s", word).replace("c", "k")


def _read(sounds: str) -> str:
    for pattern, vowel in _LONG_VOWELS:
        sounds = pattern.sub(vowel, sounds)
    sounds = sounds.removesuffix("h")
    if len(sounds) > 4:
        sounds = _SILENT_E.sub("", sounds)
    sounds = sounds.translate(_VOWEL_NAMES)
    sounds = _Y_AS_VOWEL.sub("i", sounds)
    return _RUN.sub(r"\1", sounds)


# -- Arabic -----------------------------------------------------------------------------------------------------

_ARABIC: Final = {
    "ب": "bp", "پ": "pb", "ت": "t", "ث": "ts", "ج": "JgyC", "چ": "CJ", "ح": "hX", "خ": "XhkC", "د": "d", "ذ": "dz",
    "ر": "r", "ز": "z", "ژ": "Jz", "س": "s", "ش": "SCs", "ص": "s", "ض": "dz", "ط": "t", "ظ": "zds", "غ": "gkh",
    "ف": "fv", "ڤ": "v", "ق": "kg", "ك": "kg", "گ": "gk", "ل": "l", "م": "m", "ن": "n", "ه": "h",
}  # fmt: skip
"""The sounds that a letter is written for, the one of the skeleton first."""

_GLIDES: Final = {"ي": ("y", "i"), "و": ("wv", "u")}
_WEAK: Final = frozenset("اويىءهع")
_ARABIC_DIGRAPHS: Final = (("تش", "چ"), ("دج", "ج"))
_ARTICLES: Final = ("وال", "بال", "كال", "فال", "لل", "ال")
PROCLITICS: Final = ("", "ال", "و", "ب", "ل", "ك", "ف", "وال", "بال", "كال", "فال", "لل", "ول", "وب")
"""What is written in one word with the noun after it: the article, and, in, to, like, so."""


def arabic_stem(word: str) -> str:
    """An Arabic word without its article and what stands before that."""
    for article in _ARTICLES:
        if word.startswith(article) and len(word) - len(article) >= 2:
            return word[len(article) :]
    return word


def _arabic_letters(word: str) -> str:
    stem = arabic_stem(word)
    for letters, sound in _ARABIC_DIGRAPHS:
        stem = stem.replace(letters, sound)
    return stem.replace("يي", "ي")  # Khamenei: the fold makes ئ the same letter


def spells(word: str, reading: str) -> bool:
    """Whether an Arabic word may be read so: consonants agree one by one, long vowels stand, short ones may."""
    letters = _arabic_letters(word)
    return _may_be_said(letters, reading) and _spells(letters, 0, reading, 0)


def _may_be_said(letters: str, reading: str) -> bool:
    """Whether the vowels of a reading are such as a short Arabic word has. Without this they are anybody's guess."""
    if sum(letter not in _WEAK for letter in letters) <= 2:
        if len(reading) < len(letters) - letters.startswith(("او", "اي")):
            return False  # each letter is heard, the ʿayn of Daesh too
        # what has no long vowel but a is said with a: Raqqa, Hama
        return bool(set("عءوي").intersection(letters)) or not {"i", "u"}.intersection(reading)
    if len(letters) == 3 and not _WEAK.intersection(letters):
        # the patterns of nouns: faʿal, faʿil, faʿul, fuʿal, fuʿul, fiʿal
        vowels = [sound for sound in reading if sound in VOWELS]
        return len(vowels) < 2 or "a" in vowels or vowels == ["u", "u"]
    return True


def _spells(letters: str, at: int, reading: str, here: int) -> bool:
    """Whether the letters from `at` on may be read as the reading from `here` on."""
    if at == len(letters):
        return here == len(reading)
    return any(_spells(letters, at + 1, reading, end) for end in _ends(letters, at, reading, here))


def _ends(letters: str, at: int, reading: str, here: int) -> set[int]:
    """Where in a reading the letter at a place may end that begins at `here`, a short vowel before it included."""
    letter, last = letters[at], at == len(letters) - 1
    sounds = reading[here : here + 2]
    vowel = int(sounds[:1] in VOWELS)
    both_long = at > 0 and letter in _GLIDES and letters[at - 1] in _GLIDES  # Mariupol, Shoigu
    if (
        vowel
        and here
        and reading[here - 1] in VOWELS
        and reading[here - 1 : here + 1] != "ia"
        and not both_long
    ):
        vowel = 0  # no short vowel comes after another vowel
    if letter == "ا":
        silent = (
            {here} if at == 0 and letters[1:2] in {"و", "ي"} else set()
        )  # together they are one long vowel
        return silent | ({here + 1} if vowel and (at == 0 or sounds[0] == "a") else set())
    if letter in "عء":
        return {here, here + vowel, here + 2 * (vowel and sounds[1:] in VOWELS)}
    if letter == "ه" and last and letters[at - 1] == "ا":
        return {here, here + (sounds[:1] == "h")}  # Hama: the long vowel is all that is heard
    if letter == "ه" and last:
        ends = {here + 1, here + 1 + (sounds[1:] == "h")}
        return ends if vowel and sounds[0] != "u" else set()
    consonants, long = _GLIDES.get(letter) or (_ARABIC.get(letter, ""), "")
    ends = {here + 1} if long and vowel and sounds[0] == long else set()
    if last and letter == "ي" and vowel and sounds[0] == "a":
        ends.add(here + 1)
    for before in {0, vowel} if at else {0}:
        sound = sounds[before : before + 1]
        if sound and (sound in consonants or (before and sound == long)):
            ends.add(here + before + 1)
    return ends


# -- skeletons --------------------------------------------------------------------------------------------------

_DOUBTFUL: Final = re.compile(r"[^a-z]|[wyj]|^[aeiou]*h|^i[aeou]|ou[aeiou]|oh[lmnr]|hh|zk")
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
        sounds = _RUN.sub(r"\1", _latin(word)).removesuffix("h").translate(_NO_VOWELS)
        if "h" in sounds[1:]:
            return (sounds[0] + sounds[1:].replace("h", ""), sounds)
        return (sounds,) if sounds else ()
    if script == "arabic":
        found = _arabic_skeletons(_arabic_letters(word))
    else:
        found = [one for reading in readings(word) for one in _skeletons_of(reading)]
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
        elif letter in _ARABIC:
            kept.append(_ARABIC[letter][0])
    found = _with_and_without("".join(kept), "H", "h")
    for glides in ("YV", "!?"):
        found = [
            option
            for one in found
            for option in dict.fromkeys(
                (
                    one.replace(glides[0], "").replace(glides[1], ""),
                    one.replace(glides[0], "y").replace(glides[1], "v"),
                )
            )
        ]
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
    found.add(skeleton + "s")
    if len(skeleton) > 2:
        found |= {
            skeleton[:at] + skeleton[at + 1 :] for at in range(1, len(skeleton)) if skeleton[at] in "yhv"
        }
        found.add(skeleton + "m")
        if skeleton[-1] == "m":
            found.add(skeleton[:-1])
    return found
