"""Which spellings of a name an archive has, in one word and in parts. Pure.

A name is what the archive writes with a capital, or in a script that has none. Its spellings are found by their
consonants and kept where their vowels agree (`archive.search.names`), with the genitives of them all and, in Arabic,
with what is written before them in one word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from itertools import product
from typing import Final, NamedTuple, Protocol

from archive.search.arabic import arabic_stem, has_article
from archive.search.names import is_same_name, search_keys, written_forms
from archive.search.parts import HEAD_OF, JOINED, TAIL_JOINED, WITH_TAIL, Tail
from archive.search.query import Near, Node, Term
from archive.search.sounds import script_of

NAME_SHARE: Final = 0.75
"""Of the articles that have a word, so many write it with a capital where it is a name. As measured in
`../shared/facts/dedup-search.md`, section 5: names lie above .9, words that also begin sentences below .4. German
nouns, which an article tells from names (`archive.search.terms`), lie at .6 in the development pages."""

GENITIVE_SHARE: Final = 0.6
"""Of as many articles as have a name, at most so many have its genitive: in 3,000 texts of the development pages 4 and
7 of Putin, one in nine at the median of 21 names; of Williams, Nicolas and Phillips more than of what has no s."""

MAX_VARIANTS: Final = 24
"""Other spellings of one name that are searched for, the most frequent of them."""

MAX_PARTS: Final = 8
"""The same of a part of a name, which is joined with every spelling of the other."""

_REST: Final = 3
"""Letters that must be left of a name when its first part is cut off."""

APART: Final = 2
"""Words between the parts of a name: Deir ez-Zor, Abd al-Rahman."""


class Known(NamedTuple):
    """A word of the archive. capitalised, small: how many articles write it so, as far as they were counted."""

    term: str
    capitalised: int = 0
    small: int = 0

    @property
    def articles(self) -> int:
        """How many of the articles that were counted have it."""
        return self.capitalised + self.small

    @property
    def is_name(self) -> bool:
        """Whether it is mostly written with a capital, or has none; also where nothing was counted yet."""
        return self.capitalised >= NAME_SHARE * (self.capitalised + self.small)


class Lexicon(Protocol):
    """The words of an archive."""

    def by_skeleton(self, keys: Iterable[str]) -> list[Known]:
        """The words with one of these skeletons."""

    def known(self, words: Iterable[str]) -> dict[str, Known]:
        """Those of some words that are names somewhere, or may be."""

    def occurs(self, node: Node) -> bool:
        """Whether any article has it."""


class Spellings:
    """The spellings of names in the archive that a lexicon is of."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def of(self, word: str) -> list[str]:
        """The other words of the archive that are spellings of a name; none where the word is no name."""
        if not search_keys(word) or not self.may_be_name(word):
            return []
        found = self._same_as([word])
        bases = [one.term for one in found if script_of(one.term) == "arabic"]
        if script_of(word) == "arabic":
            bases += [word, *self._without_clitic(word)]
        forms = {form for base in bases for form in written_forms(base)}
        found += self._lexicon.known(forms).values()
        found = _without_nouns(found, self._lexicon.known([word]).values())
        found = self._with_genitives(word, found)
        found.sort(key=lambda one: (-one.capitalised - one.small, one.term))
        spellings = [one.term for one in found if one.term != word]
        return list(dict.fromkeys(spellings))[:MAX_VARIANTS]

    def _same_as(self, names: Collection[str]) -> list[Known]:
        """The words of the archive that are names, and the same as one of these."""
        keys = frozenset[str]().union(*map(search_keys, names))
        return [
            one
            for one in (self._lexicon.by_skeleton(keys) if keys else ())
            if one.is_name and any(is_same_name(name, one.term) for name in names)
        ]

    def _with_genitives(self, word: str, spellings: Sequence[Known]) -> list[Known]:
        """Spellings of a name together with the genitives of them all; without names that only look like one."""
        typed = self._lexicon.known([word]).get(word, Known(word))
        kept = [one for one in spellings if _may_be_genitive(typed, one) and _may_be_genitive(one, typed)]
        bases = {
            f"{one.term}s": one
            for one in (typed, *kept)
            if len(one.term) > 4 and script_of(one.term) == "latin"
        }
        genitives = self._lexicon.known(bases.keys() - {one.term for one in kept})
        return kept + [
            one for one in genitives.values() if one.is_name and _may_be_genitive(bases[one.term], one)
        ]

    def forms(self, word: str) -> list[str]:
        """A name, and what it is in other cases or with what is written before it; no other spelling."""
        if script_of(word) == "cyrillic":
            near = self._lexicon.by_skeleton(search_keys(word))
            return [
                word,
                *(
                    one.term
                    for one in near
                    if script_of(one.term) == "cyrillic" and is_same_name(word, one.term)
                ),
            ]
        return [word, *self._lexicon.known(written_forms(word))]

    def is_name(self, word: str) -> bool:
        """Whether the archive has it as a name."""
        held = self._lexicon.known([word]).get(word)
        return held is not None and held.is_name

    def may_be_name(self, word: str) -> bool:
        """Whether it is a name, or no word of the archive at all."""
        held = self._lexicon.known([word]).get(word)
        if held is not None:
            return held.is_name
        return script_of(word) == "arabic" or not self._lexicon.occurs(Term(word))

    def _without_clitic(self, word: str) -> list[str]:
        """An Arabic word without a letter that may be `and`, `in` or `to`, where the archive has it without."""
        shorter = word[1:]
        if word[0] not in "وبلكف" or len(shorter) < 3:
            return []
        return [one for one in (shorter, f"ال{shorter}") if one in self._lexicon.known([one])]

    def of_parts(self, head: tuple[str, ...], rest: str) -> list[Node]:
        """A name of two parts, in all spellings of both, side by side and in one word, as far as the archive has it."""
        known = self._lexicon.known(head)
        heads = [one for one in head if one in known and known[one].is_name]
        rests = list(dict.fromkeys((rest, *self.of_part(rest))))[:MAX_PARTS]
        found: list[Node] = [
            near
            for one, other in product(heads, rests)
            if self._lexicon.occurs(near := Near((one, other), APART))
        ]
        script, stem = script_of(rest), arabic_stem(rest)
        wholes = {one + stem for one in head if script_of(one) == script} | {
            f"{one}ال{stem}" for one in head if script == script_of(one) == "arabic"
        }
        return found + self._in_one_word(wholes)

    def _in_one_word(self, wholes: set[str]) -> list[Node]:
        """The words of the archive that are spellings of one of some names."""
        terms = [one.term for one in self._same_as(wholes)]
        forms = {form for term in terms for form in written_forms(term)}
        return [Term(one) for one in dict.fromkeys((*terms, *self._lexicon.known(forms)))]

    def of_part(self, word: str) -> list[str]:
        """As `of`, for what is surely part of a name."""
        if not search_keys(word):
            return []
        found = [one.term for one in self._same_as([word])]
        bases = [one for one in (*found, word) if script_of(one) == "arabic"]
        forms = {form for base in bases for form in written_forms(base)}
        return list(dict.fromkeys((*found, *self._lexicon.known(forms))))

    def parted(self, word: str) -> list[Node]:
        """A name in one word as one of two: Boukamal, Deirezzor, البوكمال."""
        found: list[Node] = []
        stems = (arabic_stem(word), word) if script_of(word) == "arabic" else (word,)
        for stem in dict.fromkeys(stems):
            match = JOINED.match(stem)
            if match and len(stem) - match.end() >= _REST:
                head = HEAD_OF.get(match[0]) or HEAD_OF.get(match[0].removeprefix("al"))
                if head is not None:
                    found += self.of_parts(head, stem[match.end() :])
            tailed = WITH_TAIL.fullmatch(stem)
            if tailed:
                found += self.with_tail(tailed[1], TAIL_JOINED[tailed[2]])
        return found

    def with_tail(self, stem: str, tail: Tail) -> list[Node]:
        """A name with a last part, in all spellings, side by side and in one word, as far as the archive has it."""
        stems = list(dict.fromkeys((stem, *self.of_part(stem))))[:MAX_PARTS]
        found: list[Node] = [
            near
            for one, other in product(stems, tail.apart)
            if script_of(one) == script_of(other) and self._lexicon.occurs(near := Near((one, other), APART))
        ]
        return found + self._in_one_word(
            {stem + form for form in tail.joined if script_of(form) == script_of(stem)}
        )


def _without_nouns(found: Sequence[Known], typed: Iterable[Known]) -> list[Known]:
    """Without Arabic words with the article that are at least as often written without it: such are nouns, as العمر, an
    age, is beside عمر, Omar. A name has it always (الرقة) or never."""
    articles: defaultdict[tuple[str, bool], int] = defaultdict(int)
    for one in {*found, *typed}:
        if script_of(one.term) == "arabic":
            articles[arabic_stem(one.term), has_article(one.term)] += one.articles
    return [
        one
        for one in found
        if script_of(one.term) != "arabic"
        or not has_article(one.term)
        or articles[arabic_stem(one.term), True] > articles[arabic_stem(one.term), False]
    ]


def _may_be_genitive(name: Known, other: Known) -> bool:
    """Whether a word that has but an s more than a name is no name of its own: Aleppos is rarer than Aleppo, Williams
    is not rarer than William. What is no such word passes, and what is a genitive of nothing the archive has."""
    if other.term != f"{name.term}s" or not name.articles:
        return True
    return other.articles <= max(1, name.articles * GENITIVE_SHARE)
