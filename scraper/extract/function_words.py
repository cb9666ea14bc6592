"""The commonest function words of languages: enough to see that a text is in the language its page declares.

Unpacking a language detector costs half a second a process; these words settle nearly every page of news.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from scraper.extract.resources import table
from scraper.extract.text import words

FUNCTION_WORDS: Final = MappingProxyType(
    {language: frozenset(row.split()) for language, row in table("function_words.json").items()}
)
"""ISO 639-1 code -> words."""

LANGUAGES_OF: Final = MappingProxyType(
    {
        word: tuple(language for language, known in FUNCTION_WORDS.items() if word in known)
        for word in frozenset[str]().union(*FUNCTION_WORDS.values())
    }
)
"""Word -> the languages it is a function word of."""

SETTLES: Final = 0.06
"""Share of function words from which a text is taken to be in the language whose share is highest. On the
development pages prose lies at .15 to .5 in its own language and lists of names at .05, while a sister language
reaches .21 of a text: hence the second condition, that no other may have more.
"""


def function_word_shares(sample: str) -> dict[str, float]:
    """For each language of the table, which share of a sample's words are its function words."""
    found = words(sample.lower())
    total = max(1, len(found))
    counts = dict.fromkeys(FUNCTION_WORDS, 0)
    for names in filter(None, map(LANGUAGES_OF.get, found)):
        for name in names:
            counts[name] += 1
    return {name: count / total for name, count in counts.items()}
