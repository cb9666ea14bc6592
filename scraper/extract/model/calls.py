"""Lines by which a site calls on its readers: to subscribe, to follow it, to download its app, to read something else.

Told by the whole line, never by words in it: "Sign up for our free newsletter" is one, a sentence that speaks of a
newsletter is none. The lines are in `calls.json`, by language: words as they are written, `*` for up to twelve words,
a name in braces for one of the phrases of that name. One that ends in a colon is what stands before a colon or a bar,
with a link after it, or nothing. A note about the text itself ("This article was amended") is text, and not among them.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import Final

from scraper.extract.text import fold

_DATA: Final = json.loads((files(__package__) / "calls.json").read_text("utf-8"))

LONGEST: Final = 25
"""Words of a line that can be a call: a paragraph that begins like one is longer."""

_MOST_CHARACTERS: Final = 300
_ANYTHING: Final = r"(?: \S+){0,12}"
_NAMED = re.compile(r"\{(\w+)\}")
_COLON = re.compile(r"\s*[:\uff1a|]\s*")
_COLONS: Final = (":", "\uff1a")
_COPYRIGHT = re.compile(
    r"(?:\u00a9|\(c\)|copyright\b\s*\u00a9?)\s*(?:\S+\s+){0,7}\S*(?:19|20)\d\d\b.{0,60}|\u00a9\s*\S+(?:\s+\S+){0,4}",
    re.I,
)


def _pattern(line: str) -> str:
    """The expression of a line, over folded text."""
    parts = []
    for word in line.split():
        named = _NAMED.fullmatch(word)
        if word == "*":
            parts.append(_ANYTHING)
        elif named:
            phrases = "|".join(re.escape(fold(phrase)) for phrase in _DATA["names"][named[1]])
            parts.append(f" (?:{phrases})")
        else:
            parts.append(" " + re.escape(fold(word)))
    return "".join(parts)


def _sorted_out() -> tuple[dict[str, list[str]], frozenset[str]]:
    """The lines by their first word, as written and folded, and those that stand before a colon."""
    by_word: dict[str, list[str]] = {}
    before_colon: set[str] = set()
    for lines in _DATA["lines"].values():
        for line in lines:
            folded = fold(line)
            if line.endswith(":"):
                before_colon.add(folded)
            else:
                for word in {folded.split()[0], line.split()[0].lower()}:
                    by_word.setdefault(word, []).append(line)
    return by_word, frozenset(before_colon)


_BY_WORD, _BEFORE_COLON = _sorted_out()
_LONGEST_OPENING: Final = max(map(len, _BEFORE_COLON)) + 10
"""Characters among which a colon is looked for: some more than folded, for marks and quotation marks."""

_ELSEWHERE: Final = tuple(f" {fold(stem)}" for stem in _DATA["elsewhere"])
_FIRST = re.compile(r"[\W_]*([^\W_]+)")


@cache
def _beginning_with(word: str) -> re.Pattern[str]:
    """The lines of a first word. Made when a text begins so: all of them are 30 ms, a tenth of a worker's start."""
    return re.compile("|".join(map(_pattern, _BY_WORD[word])))


def is_call(text: str, *, links: bool) -> bool:
    """Whether a line as a whole is a site's call on its readers. links: whether there is a link in it."""
    if len(text) > _MOST_CHARACTERS:
        return False
    if text[0] in "\u00a9(Cc" and _COPYRIGHT.fullmatch(text):
        return True
    if links or text[-1] in _COLONS:
        colon = _COLON.search(text, 0, _LONGEST_OPENING)
        if colon and (links or colon.end() == len(text)) and fold(text[: colon.start()]) in _BEFORE_COLON:
            return True
    first = _FIRST.match(text)
    if first is None:
        return False
    word = first[1].lower()
    if word not in _BY_WORD and not word.isascii():
        word = fold(word)
    return word in _BY_WORD and _beginning_with(word).fullmatch(f" {fold(text)}") is not None


def leads_elsewhere(text: str) -> bool:
    """Whether a line has a word by which other texts are announced: "Links to related articles:"."""
    folded = f" {fold(text)}"
    return any(stem in folded for stem in _ELSEWHERE)
