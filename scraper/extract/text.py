"""Small pure operations on text that every part of extraction shares.

Leaves the choice of an encoding to `charset`, and the cutting into blocks to `blocks`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import filterfalse
from typing import Final

REPLACEMENT: Final = "\ufffd"

_UNSTORABLE = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f"  # C0 and C1 controls save tab, line feed, form feed, carriage return
    "\u00ad\u200b\u2060\ufeff"  # soft hyphen, zero-width space, word joiner, byte order mark
    "\u202a-\u202e\u2066-\u2069"  # bidirectional embeddings, overrides and isolates
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"  # lone surrogates and noncharacters
)
_KEEPS_A_MARK = re.compile("[\x00\ud800-\udfff]")
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")


def storable(text: str) -> str:
    """The text without what a column or a terminal cannot hold.

    NUL and lone surrogates stand for a character that was lost and become U+FFFD, as in a browser; other control
    characters, invisible break hints and bidirectional overrides carry no text and go.
    """
    if (
        text.isprintable() or _UNSTORABLE.search(text) is None
    ):  # nothing unstorable is printable, and that is cheap
        return text
    return _UNSTORABLE.sub(lambda m: REPLACEMENT if _KEEPS_A_MARK.match(m.group()) else "", text)


def word_set(text: str) -> frozenset[str]:
    """The words of a list written as running text, for tables of names."""
    return frozenset(text.split())


def collapse(text: str) -> str:
    """The text with every run of white space as one space, and none at the ends."""
    return " ".join(text.split())


def line(text: str) -> str:
    """The text as one clean line: storable and collapsed."""
    return collapse(storable(text))


def words(text: str) -> list[str]:
    """The words of a text as they stand; an apostrophe inside a word does not part it."""
    return _WORD.findall(text)


_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff]"
)


def count_words(text: str) -> int:
    """How many words a text has; where a script writes none apart, two characters are counted as one."""
    if text.isascii():
        return len(_WORD.findall(text))
    return len(_WORD.findall(_UNSPACED.sub(" ", text))) + (len(_UNSPACED.findall(text)) + 1) // 2


def fold(text: str) -> str:
    """The key under which two spellings of a phrase are the same: NFKD without marks, case folded, words only."""
    return _fold_again(text) if len(text) <= _LONGEST_ASKED_AGAIN else _fold(text)


_LONGEST_ASKED_AGAIN: Final = 200
"""Characters of a text whose key is kept: titles and names are compared with each other, paragraphs seldom."""


def _fold(text: str) -> str:
    if text.isascii():
        return " ".join(_WORD.findall(text.lower()))
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    if not decomposed.isascii():
        decomposed = "".join(filterfalse(unicodedata.combining, decomposed))
    return " ".join(_WORD.findall(decomposed.replace("\u2019", "'")))


_fold_again = lru_cache(maxsize=1024)(_fold)


def squeeze(text: str) -> str:
    """The letters and digits of a text, folded, with nothing between them.

    A title made from an address writes `isheld` for `IS-held` and drops quotation marks: under this key they agree.
    """
    if text.isascii():
        return text.encode("ascii").translate(None, _NEITHER_LETTER_NOR_DIGIT).decode("ascii").lower()
    return fold(text).replace("'", "").replace(" ", "")


_NEITHER_LETTER_NOR_DIGIT: Final = bytes(code for code in range(128) if not chr(code).isalnum())
