"""Which announced addresses a job wants, and why not the others; which texts fit its words. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from archive.search.fold import fold
from archive.search.names import matches_name

NO_MATCH = "no-match"
"""The verdict on a page that is an article, and holds none of the words its job wants."""

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A part of an address: `text` as written, `regex` what it is looked for by."""

    text: str
    regex: re.Pattern[str]

    def fits(self, url: str) -> bool:
        """Whether it stands somewhere in an address."""
        return self.regex.search(url) is not None


def read_pattern(text: str) -> Pattern:
    """`/politics/*.html`: looked for anywhere in the address, capitals aside, `*` for any characters.

    `re:` begins a regular expression of Python instead. Raises: ValueError.
    """
    if text.startswith("re:"):
        try:
            return Pattern(text, re.compile(text[3:].strip(), re.I))
        except re.error as error:
            raise ValueError(f"{text} is not a regular expression: {error}") from error
    return Pattern(text, re.compile(".*".join(map(re.escape, text.split("*"))), re.I))


def left_out(url: str, include: Iterable[Pattern], exclude: Iterable[Pattern]) -> str | None:
    """Why an address is not asked for; `None` when it is."""
    for pattern in exclude:
        if pattern.fits(url):
            return f"exclude: {pattern.text}"
    include = tuple(include)
    if include and not any(pattern.fits(url) for pattern in include):
        return "no include fits"
    return None


def has_words(match: Iterable[str], *texts: str | None) -> bool:
    """Whether one of the words stands in one of the texts, whatever the case, accents and Arabic spelling.

    A name of one word is found in any spelling of it. A word may be several, which must then follow each other.
    Without any words, every text has them.
    """
    match = tuple(match)
    wanted = [folded_words(one) for one in match]
    if not wanted:
        return True
    held = " ".join(folded_words(text) for text in texts if text)
    if any(f" {words} " in f" {held} " for words in wanted if words):
        return True
    names = [one for one in match if len(one.split()) == 1]
    return any(matches_name(name, text) for name in names for text in texts if text)


def folded_words(text: str) -> str:
    """The words of a text as the index has them, one space between two."""
    plain = unicodedata.normalize("NFKD", fold(unicodedata.normalize("NFC", text)).casefold())
    return " ".join(_WORD.findall("".join(one for one in plain if not unicodedata.combining(one))))
