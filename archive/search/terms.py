"""The words of a text that may be names, for the table that spellings are found by. Pure."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from archive.search.names import WORD
from archive.search.skeletons import MAX_LETTERS
from archive.search.sounds import plain

_INSIDE: Final = re.compile(r"(?<=[\w,;:'’-][ \u00a0-])[^\W\d_a-z]\w*")
"""A word that begins with a capital, or with a letter of a script that has none, inside a sentence."""

_GERMAN: Final = re.compile(r" (?:und|nicht|auch|sich|wird) ")
_GERMAN_NOUN: Final = re.compile(
    r"(?<![\w-])(?<!von )(?<!van )(?<!zu )"
    r"(?:d(?:er|ie|as|em|en)|k?ein(?:e[mnrs]?)?|(?:dies|jed)e[mnrs]?|(?:[ms]ein|ihr|unser)(?:e[mnrs]?)?|[ai]m|zu[mr]|vom|beim|[ia]ns)"
    r"(?: [a-zäöüß]+(?:[^t]en|er|es|em))? ([A-ZÄÖÜ][a-zäöüß]+)(?![\w-])"
)
"""German writes every noun with a capital, but a name rarely with an article, as it does half of the nouns of a text:
of Berlin, Trump, Putin and Hamburg under a tenth, of Kunde, Konzern and Region more than half (development pages)."""


class Terms(NamedTuple):
    """The words of a text, `plain`, each once.

    names: that begin with a capital wherever they stand, or are in Arabic letters. acronyms: those of them in
    capitals throughout. inside: those that a sentence has inside, where a capital means something. small: words in
    small letters, and German nouns with an article.
    """

    names: set[str]
    acronyms: set[str]
    inside: set[str]
    small: set[str]


def terms_of(title: str, text: str, *, counted: bool = True) -> Terms:
    """The words of an article. counted: whether `inside` and `small` are wanted, half of the work."""
    written = set(WORD.findall(text))
    small = {word for word in written if word.islower()}
    names: dict[str, str] = {}
    mixed: set[str] = set()
    for word in (*(written - small), *WORD.findall(title)):
        if not 2 < len(word) <= MAX_LETTERS or word[0].isdigit() or word.islower():
            continue
        term = plain(word)
        if term not in small:
            names[term] = word
            if not word.isupper():
                mixed.add(term)
    acronyms = names.keys() - mixed
    if not counted:
        return Terms(set(names), acronyms, set(), set())
    inside = {plain(word) for word in _INSIDE.findall(text)}
    nouns = set(map(plain, _GERMAN_NOUN.findall(text))) if _GERMAN.search(text) else set[str]()
    inside = {term for term, word in names.items() if term in inside or "\u0600" <= word[0] < "\u0700"}
    small = {word if word.isascii() else plain(word) for word in small}
    return Terms(set(names), acronyms, inside - nouns, small | nouns)
