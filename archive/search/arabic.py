"""Whether a word of Arabic letters may be read as some sounds (`archive.search.sounds`). Pure.

Arabic leaves short vowels out; its words are kept as letters and held against a reading. The correspondences are those
of the romanisations in use: ALA-LC, DIN 31635, the French and the Turkish press.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from archive.search.sounds import SHORT_E, VOWELS

ARABIC: Final = {
    "ب": "bp", "پ": "pb", "ت": "t", "ث": "ts", "ج": "JgyC", "چ": "CJS", "ح": "hX", "خ": "XhkC", "د": "d", "ذ": "dz",
    "ر": "r", "ز": "z", "ژ": "Jz", "س": "s", "ش": "SCs", "ص": "s", "ض": "dz", "ط": "t", "ظ": "zds", "غ": "gh",
    "ف": "fv", "ڤ": "v", "ق": "kg", "ك": "kg", "گ": "gk", "ل": "l", "م": "m", "ن": "n", "ه": "h",
}  # fmt: skip
"""The sounds that a letter is written for, the one of the skeleton first."""

_ARABIC_SHORT: Final = ARABIC | {"ج": "JgC", "ح": "h", "خ": "XhC", "ش": "SC", "غ": "g"}
"""The same for words of up to four letters, which with every sound would be read as too many names."""

_SHORT: Final = 4
_ALL_VOWELS: Final = VOWELS | {SHORT_E}
_GLIDES: Final = {"ي": ("y", "i"), "و": ("wv", "u")}
_WEAK: Final = frozenset("اويىءهع")
_DIGRAPHS: Final = (("تش", "چ"), ("دج", "ج"))
_ARTICLE_INSIDE: Final = re.compile("(?:(?<=^عبد)|(?<=...)(?=الدين$))ا(?:ل(?=[تثدذرزسشصضطظن])|(ل))(?=...)")
"""The article of a last part in one word with the first, its l unheard before a sun letter: Abdelfattah, Nureddin."""

_WITH_ARTICLE: Final = 7
"""Letters of a name that may begin with what else is the article. Shorter ones are the noun that they seem to be."""

_ARTICLES: Final = ("وال", "بال", "كال", "فال", "لل", "ال")
PROCLITICS: Final = ("", "ال", "و", "ب", "ل", "ك", "ف", "وال", "بال", "كال", "فال", "لل", "ول", "وب")
"""What is written in one word with the noun after it: the article, and, in, to, like, so."""


def arabic_stem(word: str) -> str:
    """An Arabic word without its article and what stands before that."""
    for article in _ARTICLES:
        if word.startswith(article) and len(word) - len(article) >= 2:
            return word[len(article) :]
    return word


def has_article(word: str) -> bool:
    """Whether an Arabic word begins with the article, or with what stands before it."""
    return arabic_stem(word) != word


@lru_cache(maxsize=1 << 12)
def arabic_letters(word: str) -> tuple[str, ...]:
    """The letters of a word that are heard: without what may be the article, and with it, where that may be part of
    a name (Elizabeth, Kaliningrad)."""
    forms = (arabic_stem(word), word) if len(word) >= _WITH_ARTICLE else (arabic_stem(word),)
    return tuple(dict.fromkeys(map(_heard, forms)))


def _heard(letters: str) -> str:
    for pair, sound in _DIGRAPHS:
        letters = letters.replace(pair, sound)
    # the fold makes ئ a yeh: Khamenei. God's second l is not heard: Nasrallah, Abdullah
    return _ARTICLE_INSIDE.sub(r"\1", letters.replace("يي", "ي").replace("الله", "له"))


def spells(word: str, reading: str) -> bool:
    """Whether an Arabic word may be read so: consonants agree one by one, long vowels stand, short ones may."""
    return any(
        _may_be_said(letters, reading) and _spells(letters, 0, reading, 0) for letters in arabic_letters(word)
    )


def _may_be_said(letters: str, reading: str) -> bool:
    """Whether the vowels of a reading are such as a short Arabic word has. Without this they are anybody's guess."""
    strong = sum(letter not in _WEAK for letter in letters) + letters.startswith("ه")
    if strong <= 2:
        if strong == 2 and letters.endswith("اء"):  # Sanaa: of the last letter nothing is heard
            letters = letters[:-1].replace("ع", "")
        if len(reading) < len(letters) - letters.startswith(("او", "اي")):
            return False  # each letter is heard, the ʿayn of Daesh too
        # what has no long vowel but a is said with a: Raqqa, Hama; with what it begins the first letter tells
        heard = reading[1:] if letters.startswith("ا") else reading
        return bool(set("عءوي").intersection(letters)) or not {"i", "u", SHORT_E}.intersection(heard)
    if len(letters) == 3 and not _WEAK.intersection(letters):
        # the patterns of nouns: faʿal, faʿil, faʿul, fuʿal, fuʿul, fiʿal
        vowels = [sound for sound in reading if sound in _ALL_VOWELS]
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
    vowel = int(sounds[:1] in _ALL_VOWELS)
    both_long = at > 0 and letter in _GLIDES and letters[at - 1] in _GLIDES  # Mariupol, Shoigu
    if (
        vowel
        and here
        and reading[here - 1] in _ALL_VOWELS
        and reading[here - 1 : here + 1] != "ia"
        and not both_long
    ):
        vowel = 0  # no short vowel comes after another vowel
    if letter == "ا":
        silent = (
            {here} if at == 0 and letters[1:2] in {"و", "ي"} else set()
        )  # together they are one long vowel
        return silent | ({here + 1} if vowel and (at == 0 or sounds[0] == "a") else set())
    if letter in "عء" and not at:
        return {here + vowel, here + 2 * (vowel and sounds[1:] in VOWELS)} - {here}
    if letter in "عء" and last:
        return {here, here + (sounds[:1] == "a")}
    if letter in "عء":
        return {here, here + vowel, here + 2 * (vowel and sounds[1:] in VOWELS)}
    if letter == "ه" and last and letters[at - 1] == "ا":
        return {here, here + (sounds[:1] == "h")}  # Hama: the long vowel is all that is heard
    if letter == "ه" and last:
        ends = {here + 1, here + 1 + (sounds[1:] == "h")}
        return ends if vowel and sounds[0] != "u" else set()
    sounds_of = _ARABIC_SHORT if len(letters) <= _SHORT else ARABIC
    consonants, long = _GLIDES.get(letter) or (sounds_of.get(letter, ""), "")
    ends = {here + 1} if long and vowel and sounds[0] == long else set()
    if last and letter == "ي" and vowel and sounds[0] == "a":
        ends.add(here + 1)
    for before in {0, vowel} if at else {0}:
        sound = sounds[before : before + 1]
        if sound and (sound in consonants or (before and sound == long)):
            ends.add(here + before + 1)
    return ends
