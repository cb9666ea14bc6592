"""Text as a column may hold it: valid Unicode, no NUL, no control characters but newline and tab. Pure.

SQLite's `length()` stops at a NUL, a lone surrogate cannot be encoded, and a control character that reaches a
terminal is a command to it (`../shared/facts/trust.md`, section 3). Only the store calls this, at its edge.
"""

from __future__ import annotations

import re

_NEEDS_CLEANING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

_LINE_BREAKS = re.compile("\r\n|[\r\x85]")

_CHARACTERS: dict[int, str | None] = (
    dict.fromkeys([*range(0x01, 0x09), *range(0x0E, 0x1C), *range(0x7F, 0x85), *range(0x86, 0xA0)])
    | dict.fromkeys([0x0B, 0x0C, *range(0x1C, 0x20)], " ")
    | dict.fromkeys([0x00, *range(0xD800, 0xE000)], "\ufffd")
)


def clean(text: str) -> str:
    """The text with every line break a newline, NUL and lone surrogates U+FFFD, other control characters gone.

    Cleaning does not change the words of a text (`scraper.similarity.words`), so its digest stays true.
    """
    if not _NEEDS_CLEANING.search(text):
        return text
    return _LINE_BREAKS.sub("\n", text).translate(_CHARACTERS)


def clean_line(text: str) -> str:
    """`clean`, on one line: every run of white space is one space, none at the ends."""
    return " ".join(clean(text).split())
