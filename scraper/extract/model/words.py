"""What words say about a block's part in a page: the names in its attributes, the phrases in its text.

Two sets of groups come from `words.json`. *Names* are stems of class, id, role and the like (`share`, `related`, …);
*phrases* are what boilerplate says in some twenty-five languages ("read more", "حقوق النشر", "编辑"). A set of groups
is one integer, bit n standing for group n, so that sets are united and tested without a loop.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import compress
from typing import Final

Groups = int
"""A set of word groups: bit n is the group of that position in `NAME_GROUPS` or `PHRASE_GROUPS`."""

_DATA: Final = json.loads((files(__package__) / "words.json").read_text("utf-8"))

NAME_GROUPS: Final[tuple[str, ...]] = tuple(_DATA["names"])
PHRASE_GROUPS: Final[tuple[str, ...]] = tuple(_DATA["phrases"])
STOP: Final = frozenset(word for line in _DATA["stop"].values() for word in line.split())
STOP_CHARACTERS: Final = frozenset(_DATA["stop_characters"])

_ATTRIBUTES: Final = frozenset(
    [
        "class",
        "id",
        "role",
        "itemprop",
        "data-testid",
        "data-component",
        "data-type",
        "aria-label",
        "property",
        "rel",
    ]
)
_LONGEST_NAMES: Final = 200
"""Characters of an element's attributes that are looked at: what follows are utility classes."""

_LONGEST_NAME: Final = 32
_HUMP = re.compile(r"([a-z])([A-Z])")
_WORD = re.compile(r"\w+")
_SPACES_WRITTEN: Final = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")
"""Scripts in which a phrase may stand inside a run of letters: kana, Han, and Korean with its particles."""


def _stems() -> tuple[dict[str, Groups], dict[str, Groups]]:
    anywhere: dict[str, Groups] = {}
    whole: dict[str, Groups] = {}
    for bit, line in enumerate(_DATA["names"].values()):
        for stem in line.split():
            table = whole if stem.startswith("=") else anywhere
            key = stem.removeprefix("=")
            table[key] = table.get(key, 0) | 1 << bit
    return anywhere, whole


def _phrases() -> tuple[dict[str, Groups], frozenset[str], dict[str, Groups]]:
    """Phrases by their words, the first words of those of several, and those of scripts that write no spaces."""
    by_words: dict[str, Groups] = {}
    unspaced: dict[str, Groups] = {}
    first: set[str] = set()
    for bit, phrases in enumerate(_DATA["phrases"].values()):
        for phrase in phrases:
            tokens = _WORD.findall(phrase.lower()) or [phrase]
            key = " ".join(tokens)
            table = unspaced if _SPACES_WRITTEN.search(phrase) else by_words
            table[key] = table.get(key, 0) | 1 << bit
            if len(tokens) > 1:
                first.add(tokens[0])
    return by_words, frozenset(first), unspaced


_ANYWHERE, _WHOLE = _stems()
_STEM_HEAD: Final = 3
_BY_HEAD: Final[dict[str, list[tuple[str, Groups]]]] = {}
"""Stems within one part of a name, by their first letters."""

_BY_HYPHEN: Final[dict[str, list[tuple[str, int, Groups]]]] = {}
"""Stems that reach over a hyphen, with its place in them, by the letters around their first one."""

for _stem, _groups in _ANYWHERE.items():
    if "-" in _stem:
        _hyphen = _stem.index("-")
        _BY_HYPHEN.setdefault(_stem[_hyphen - 1 : _hyphen + 2], []).append((_stem, _hyphen, _groups))
    else:
        _BY_HEAD.setdefault(_stem[:_STEM_HEAD], []).append((_stem, _groups))
_PHRASES, _FIRST_WORDS, _UNSPACED = _phrases()
_OPENING: Final = _FIRST_WORDS | {phrase for phrase in _PHRASES if " " not in phrase}
"""Words with which a phrase begins; nine in ten words of a page are none."""

_LONGEST_PHRASE: Final = max(phrase.count(" ") + 1 for phrase in _PHRASES)


def name_groups(tag: str, attributes: Mapping[str, str]) -> Groups:
    """The groups that an element's class, id, role, … belong to; 0 for an element without names."""
    names = [value for key, value in attributes.items() if key in _ATTRIBUTES]
    if "-" in tag:  # a custom element is named for what it is
        names.append(tag)
    return _groups_of(" ".join(names)[:_LONGEST_NAMES]) if names else 0


@lru_cache(maxsize=20_000)
def _groups_of(names: str) -> Groups:
    found = 0
    for name in names.split():
        found |= _groups_of_name(name[:_LONGEST_NAME])
    return found


@lru_cache(maxsize=20_000)
def _groups_of_name(name: str) -> Groups:
    """The groups of one name, by the stems it holds: `c-articleBody__related` speaks of a body and of related."""
    if not name.islower():
        name = _HUMP.sub(r"\1-\2", name).lower()
    name = name.replace("_", "-")
    found = 0
    for part in name.split("-"):
        found |= _groups_of_part(part)
    hyphen = name.find("-")
    if hyphen >= 0:
        found |= _WHOLE.get(name, 0)
    while hyphen >= 0:
        # at the name's very beginning no letter stands before a hyphen, and no stem begins with one
        for stem, place, groups in _BY_HYPHEN.get(name[max(0, hyphen - 1) : hyphen + 2], ()):
            if name.startswith(stem, hyphen - place):
                found |= groups
        hyphen = name.find("-", hyphen + 1)
    return found


@lru_cache(maxsize=20_000)
def _groups_of_part(part: str) -> Groups:
    """The groups of a name without hyphens. Sites make names of few parts: most are known when a name is new."""
    found = _WHOLE.get(part, 0)
    for start in range(len(part) - _STEM_HEAD + 1):
        stems = _BY_HEAD.get(part[start : start + _STEM_HEAD])
        if stems:
            for stem, groups in stems:
                if part.startswith(stem, start):
                    found |= groups
    return found


_HEAD: Final = 30
_TAIL: Final = 12
"""Words at a block's beginning and end that are looked at: what a paragraph says in its midst is its subject."""


def phrase_groups(words: Sequence[str], text: str) -> tuple[Groups, Groups]:
    """The groups of phrases at the beginning of a block, and anywhere near its ends.

    words: of the block, lower case. text: of the block, looked at only where its script writes no spaces.
    """
    if len(words) > _HEAD + _TAIL:
        words = [*words[:_HEAD], *words[-_TAIL:]]
    beginning = found = 0
    for at in compress(range(len(words)), map(_OPENING.__contains__, words)):
        word = words[at]
        groups = _PHRASES.get(word, 0)
        if word in _FIRST_WORDS:
            phrase = word
            for follower in words[at + 1 : at + _LONGEST_PHRASE]:
                phrase = f"{phrase} {follower}"
                groups |= _PHRASES.get(phrase, 0)
        if groups:
            found |= groups
            if at == 0:
                beginning = groups
    if "©" in text:
        found |= _PHRASES["©"]
    if not text.isascii() and _SPACES_WRITTEN.search(text):
        near = text[:80]
        for phrase, groups in _UNSPACED.items():
            place = near.find(phrase)
            if place >= 0:
                found |= groups
                if place == 0:
                    beginning |= groups
    return beginning, found
