"""Words of a text, and the digest that tells whether two texts have the same ones. Pure.

Texts are compared by their words alone: Unicode form, case, quotes, punctuation and white space do not count,
so that a print page, a mobile page and a page with typographic quotes have one digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence, Set
from functools import lru_cache
from typing import Final
from unicodedata import category, normalize

TEXT_DIGEST_VERSION: Final = 1
"""Of the rule by which `words` reads a text. A database states the version its digests were made with."""

_APOSTROPHE = "'"
_QUOTES = "\u2018\u2019\u201b\u02bc\u02b9\u2032\uff07"

_HAN_AND_KANA = (
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x31F0, 0x31FF),  # Katakana extensions
    (0x3400, 0x9FFF),  # Han, extension A included
    (0xF900, 0xFAFF),  # Han, compatibility
    (0x20000, 0x3FFFF),  # Han, the supplementary planes
)


class _WordCharacters(dict[int, str | None]):
    """What becomes of each character, worked out once: itself, nothing, or a space between words."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        kind = category(character)
        value: str | None
        if any(first <= code <= last for first, last in _HAN_AND_KANA) and kind[0] == "L":
            value = f" {character} "
        elif kind[0] in "LNM" or character == _APOSTROPHE:
            value = character
        elif character in _QUOTES:
            value = _APOSTROPHE
        elif kind == "Cf" or (kind == "Cc" and code and not character.isspace()):
            value = (
                None  # invisible: a soft hyphen or a joiner does not part a word, but a lost octet (NUL) does
            )
        else:
            value = " "
        self[code] = value
        return value


_CHARACTERS = _WordCharacters()


def words(text: str) -> list[str]:
    """The words of a text in order: NFKC, case folded, quotes unified, punctuation dropped.

    An apostrophe inside a word stays ("don't"). Scripts that write no spaces but whose characters are as good
    as words, Han and kana, give one word a character.
    """
    return list(_words_of_long(text)) if len(text) > _LONG else _words(text)


_LONG: Final = 500
"""A text is cut into words for its digest, its length and its sketch: the last few long ones are remembered."""


@lru_cache(maxsize=4)
def _words_of_long(text: str) -> tuple[str, ...]:
    return tuple(_words(text))


def _words(text: str) -> list[str]:
    normal = normalize("NFKC", normalize("NFKC", text).casefold())
    used = set(normal)
    parts = _without_quotes(f" {_parted(normal, used)} ").split()
    if any(category(one)[0] == "M" for one in used if one >= _FIRST_MARK):
        return [part for part in parts if any(map(str.isalnum, part))]
    return parts


_FIRST_MARK: Final = "\u0300"
"""No character before it is a mark, and of marks alone no word is made."""

_MANY_KINDS: Final = 64
"""Different characters up to which a pass over the text for each costs less than a look-up for each character of
it: 60 against 127 us for 800 words of the development pages; Han has hundreds."""


def _parted(normal: str, used: Set[str]) -> str:
    """The text with blanks in place of whatever parts its words. used: the characters it has."""
    replaced = [(one, kept) for one in used if (kept := _CHARACTERS[ord(one)]) != one]
    if len(replaced) > _MANY_KINDS:
        return normal.translate(_CHARACTERS)
    for one, kept in replaced:
        normal = normal.replace(one, kept or "")
    return normal


def _without_quotes(parted: str) -> str:
    """The text without apostrophes that begin or end a word. It begins and ends with a blank."""
    for quote in (f" {_APOSTROPHE}", f"{_APOSTROPHE} "):
        while quote in parted:
            parted = parted.replace(quote, " ")
    return parted


def word_spans(text: str) -> list[tuple[str, int, int]]:
    """The words of a text in order, each with the characters of `text` that it stands in, end exclusive.

    The words are those of `words`, but for rare compatibility characters that take a blank into them.
    """
    found: list[tuple[str, int, int]] = []
    start: int | None = None
    for at, character in enumerate(text + " "):
        kind = _CHARACTERS[ord(character)]
        if kind != " " and kind in (None, character, _APOSTROPHE):
            start = at if start is None else start
            continue
        if start is not None:
            found.extend((word, start, at) for word in words(text[start:at]))
            start = None
        if kind != " ":
            found.extend((word, at, at + 1) for word in words(character))
    return [one for one in found if one[0]]


def word_count(text: str) -> int:
    """How many words a text has."""
    return len(words(text))


def text_digest(text: str) -> str:
    """SHA-256, 64 hexadecimal digits, of the words of a text joined by one space, as UTF-8.

    Texts that have it in common are the same text. Version: `TEXT_DIGEST_VERSION`.
    Source: `../shared/facts/dedup-search.md`, section 4, recommendation 1.
    """
    return hashlib.sha256(" ".join(words(text)).encode()).hexdigest()


def article_digest(text: str, *, dateline: str | None = None, sources: Sequence[str] = ()) -> str:
    """The text digest of an article without what is held as a field of its own.

    A print page often has the dateline as a line of its own and no credit, where the article has the credit and no
    dateline: a first paragraph that is the dateline and a last one that only credits a source are left out.
    """
    parts = text.split("\n\n")
    if dateline and len(parts) > 1 and words(parts[0]) == words(dateline):
        parts = parts[1:]
    if len(parts) > 1 and any(_credits(words(parts[-1]), words(source)) for source in sources):
        parts = parts[:-1]
    return text_digest("\n\n".join(parts))


def _credits(said: list[str], source: list[str]) -> bool:
    """Whether a line is the name of a source, with a word or two before it ("Source: AFP")."""
    return bool(source) and len(said) <= len(source) + 2 and said[-len(source) :] == source
