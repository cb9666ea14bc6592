"""A query with every spelling of its names: what is typed, or what the archive has of the same name. Pure.

Only bare words are expanded, and only such as are names: those that the archive writes with a capital, or in a
script that has none. What is quoted, cut with `*` or all in capitals stays as it is. A name of two parts, the first
of which names half a map (Deir, Abu, Tell), is looked for as one: its parts side by side, or written together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import product
from math import prod
from typing import Final, NamedTuple, Protocol, TypeGuard

from archive.search.arabic import arabic_stem
from archive.search.names import WORD, is_same_name, search_keys, written_forms
from archive.search.parts import HEAD_OF, JOINED, TAIL_JOINED, TAIL_OF, WITH_TAIL, Tail
from archive.search.query import AllOf, AnyOf, InTitle, Near, Node, Term, match_expression, only_in_titles
from archive.search.sounds import plain, script_of
from archive.search.synonyms import Synonyms, is_acronym

NAME_SHARE: Final = 0.75
"""Of the articles that have a word, so many write it with a capital where it is a name. As measured in
`../shared/facts/dedup-search.md`, section 5: names lie above .9, words that also begin sentences below .4. German
nouns, which an article tells from names (`archive.search.terms`), lie at .6 in the development pages."""

GENITIVE_SHARE: Final = 0.6
"""Of as many articles as have a name, at most so many have its genitive: in 3,000 texts of the development pages 4 and
7 of Putin, one in nine at the median of 21 names; of Williams, Nicolas and Phillips more than of what has no s."""

MAX_VARIANTS: Final = 24
MAX_PARTS: Final = 8
MAX_NEAR: Final = 36
"""Ways to write words that are near each other; of more, they are looked for as they are typed."""

MAX_NAMES: Final = 8
"""Of one query. A reader types two; what comes after them is searched as it is typed."""


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


class Expansion(NamedTuple):
    """A query with all spellings of its names. also: those that were not typed."""

    root: Node
    also: tuple[str, ...] = ()


_ARTICLES: Final = frozenset(
    "al el ad ar as at az an ash ath adh ed er es et ez en esh eth edh ul ur uz us il l le".split()  # noqa: SIM905
) | frozenset("аль эль ал эл ад ар ас ат аз ан аш эд эр эс эт эз эн эш уль уд ур ус ут уз ун уш".split())  # noqa: SIM905
"""The Arabic article, and what it becomes before each sun letter."""

_LONE_ARTICLES: Final = frozenset(("al", "el", "аль", "эль"))
"""Those that stand before any name; the others end as the name begins (ar Raqqa), or they are words (at, us, er)."""

_REST: Final = 3
"""Letters that must be left of a name when its first part is cut off."""

_APART: Final = 2
"""Words between the parts of a name: Deir ez-Zor, Abd al-Rahman."""


def expand_query(root: Node, lexicon: Lexicon, synonyms: Synonyms) -> Expansion:
    """The query with every spelling of its names that the archive has."""
    return _Expander(lexicon, synonyms).expand(root)


class _Expander:
    def __init__(self, lexicon: Lexicon, synonyms: Synonyms) -> None:
        self._lexicon = lexicon
        self._synonyms = synonyms
        self._names_left = MAX_NAMES
        self._also: dict[str, None] = {}

    def expand(self, root: Node) -> Expansion:
        expanded = self._node(root)
        return Expansion(expanded, tuple(self._also))

    def _node(self, node: Node) -> Node:
        if isinstance(node, AnyOf):
            return AnyOf(tuple(map(self._node, node.parts)))
        if isinstance(node, AllOf):
            parts: list[Node] = []
            run: list[Term] = []
            for part in node.parts:
                if _is_bare(part):
                    run.append(part)
                    continue
                parts += self._run(run)
                run = []
                parts.append(self._node(part))
            parts += self._run(run)
            return parts[0] if len(parts) == 1 and not node.without else replace(node, parts=tuple(parts))
        if _is_bare(node):
            parts = self._run([node])
            return parts[0] if len(parts) == 1 else AllOf(tuple(parts))
        if isinstance(node, InTitle) and _is_bare(node.term):
            return only_in_titles(self._node(node.term))
        if isinstance(node, Near):
            return self._near(node)
        return node

    def _near(self, near: Near) -> Node:
        """Words that are near each other, each in every spelling of one word."""
        spelled = [
            [word]
            if word in near.beginnings
            else list(dict.fromkeys((word, *_single_words(self._node(Term(word))))))
            for word in near.words
        ]
        if prod(map(len, spelled)) > MAX_NEAR:
            return near
        every = tuple(replace(near, words=words) for words in product(*spelled))
        return AnyOf(every) if len(every) > 1 else near

    def _run(self, terms: Sequence[Term]) -> list[Node]:
        """What words that were typed one after the other become, each of which must be found."""
        words = [
            _Word(plain(word), word, at) for at, term in enumerate(terms) for word in WORD.findall(term.text)
        ]
        parts: list[Node] = []
        at = 0
        while at < len(words):
            count, node = self._name_at(words[at:], terms)
            parts.append(node)
            at += count
        return parts or list(terms)

    def _name_at(self, words: Sequence[_Word], terms: Sequence[Term]) -> tuple[int, Node]:
        """What the first words become, and how many they are."""
        first = words[0]
        term = terms[first.term]
        whole = sum(word.term == first.term for word in words)  # what is left of the term as it was typed
        typed: Node = term if whole == len(WORD.findall(term.text)) else Term(first.typed)
        if self._names_left == 0:
            return whole, term
        count, names = self._synonyms.at([word.plain for word in words], [word.typed for word in words])
        if count:
            self._names_left -= 1
            said = Term(" ".join(word.typed for word in words[:count]), quoted=True)
            return count, self._any_of(said, self._of_group(names, said))
        parted = self._two_parts_at(words, terms) or self._tail_at(words, terms)
        if parted is not None:
            return parted
        if self._is_article(words[:3]):
            whole = 2
            typed = Term(f"{first.typed} {words[1].typed}", quoted=True)
        if whole > 1:
            named = next((at for at in range(whole) if words[at].plain not in _ARTICLES), whole - 1)
            if named != whole - 1:
                if not _WITH_APOSTROPHE.fullmatch(term.text):
                    return whole, typed  # Jean-Pierre, co-operation
                named = 0
                words = [_Word(f"{first.plain}{words[1].plain}", term.text, first.term)]
            first = words[named]
        if is_acronym(first.typed):
            return whole, typed
        self._names_left -= 1
        found: list[Node] = [Term(one) for one in self._spellings(first.plain)]
        if whole > 1 and self._is_name(first.plain):
            found.insert(0, Term(first.plain))
        return whole, self._any_of(typed, [*found, *self._parted(first.plain)])

    def _two_parts_at(self, words: Sequence[_Word], terms: Sequence[Term]) -> tuple[int, Node] | None:
        """As `_name_at`, where a name of two parts begins.

        What begins so in small letters, where the archive has it as a plain word (der, um, tell), is looked for as
        such, and as a name only besides, and only where a name comes next.
        """
        first = words[0]
        head = HEAD_OF.get(first.plain)
        at = next((at for at, word in enumerate(words[1:], 1) if word.plain not in _ARTICLES), None)
        if head is None or at is None or len(words[at].plain) < 2:
            return None
        rest = words[at].plain
        near = Near((first.plain, rest), _APART)
        if not first.typed.islower() or self._may_be_name(first.plain):
            self._names_left -= 1
            return at + 1, self._any_of(near, self._of_parts(head, rest, joined=True))
        if not self._is_name(rest):
            return None
        besides: list[Node] = [near] if at > 1 and self._lexicon.occurs(near) else []
        besides += self._of_parts(head, rest, joined=True)
        if not besides:
            return None
        self._names_left -= 1
        count, node = self._name_at(words[at:], terms)
        typed = AllOf((*(Term(word.typed) for word in words[:at]), node))
        return at + count, self._any_of(typed, besides)

    def _tail_at(self, words: Sequence[_Word], terms: Sequence[Term]) -> tuple[int, Node] | None:
        """As `_name_at`, where a name of two parts ends (Nasr Allah) and the archive has it in another way as well."""
        first = words[0]
        at = next((at for at, word in enumerate(words[1:], 1) if word.plain not in _ARTICLES), None)
        tail = TAIL_OF.get(words[at].plain) if at is not None else None
        if at is None or tail is None or not self._may_be_name(first.plain):
            return None
        others = self._with_tail(first.plain, tail)
        if not others:
            return None
        self._names_left -= 1
        whole = all(word.term == first.term for word in words[: at + 1])
        typed = terms[first.term] if whole else AllOf(tuple(Term(word.typed) for word in words[: at + 1]))
        return at + 1, self._any_of(typed, others)

    def _with_tail(self, stem: str, tail: Tail) -> list[Node]:
        """A name with a last part, in all spellings, side by side and in one word, as far as the archive has it."""
        stems = list(dict.fromkeys((stem, *self._spellings_of_part(stem))))[:MAX_PARTS]
        found: list[Node] = [
            near
            for one, other in product(stems, tail.apart)
            if script_of(one) == script_of(other) and self._lexicon.occurs(near := Near((one, other), _APART))
        ]
        return found + self._in_one_word(
            {stem + form for form in tail.joined if script_of(form) == script_of(stem)}
        )

    def _is_article(self, words: Sequence[_Word]) -> bool:
        """Whether the first of some words is an Arabic article, and the next a name of one word."""
        if len(words) < 2 or words[1].term in (words[0].term, *(word.term for word in words[2:])):
            return False
        article, name = words[0].plain, words[1].plain
        if article not in _ARTICLES or not (article in _LONE_ARTICLES or name.startswith(article[1:])):
            return False
        return len(name) > 2 and not is_acronym(words[1].typed) and self._may_be_name(name)

    def _any_of(self, typed: Node, others: Iterable[Node]) -> Node:
        others = [one for one in dict.fromkeys(others) if one != typed]
        if not others:
            return typed
        said = " ".join(_words_of(typed)).casefold()
        for other in others:
            name = " ".join(_words_of(other))
            if name.casefold() != said:
                self._also[name] = None
        return AnyOf((typed, *others))

    def _of_group(self, names: Iterable[str], said: Term) -> list[Node]:
        """The names of a group of synonyms that the archive has, those of one word in all their spellings."""
        found: list[Node] = []
        for name in names:
            if is_acronym(name):
                if self._is_name(plain(name)):
                    found.append(Term(plain(name)))
            elif len(name.split()) > 1:
                if self._lexicon.occurs(phrase := Term(plain_phrase(name), quoted=True)):
                    found.append(phrase)
            else:
                forms = self._forms(plain(name))
                found += [Term(one) for one in forms if self._lexicon.occurs(Term(one))]
        if not is_acronym(said.text):
            # those in other scripts are in the group itself
            typed = plain(said.text)
            found += [Term(one) for one in self._spellings(typed) if script_of(one) == script_of(typed)]
        return [one for one in found if plain_phrase(_text_of(one)) != plain_phrase(said.text)]

    def _spellings(self, word: str) -> list[str]:
        """The other words of the archive that are spellings of a name; none where the word is no name."""
        keys = search_keys(word)
        if not keys:
            return []
        if not self._may_be_name(word):
            return []
        found = [
            one for one in self._lexicon.by_skeleton(keys) if one.is_name and is_same_name(word, one.term)
        ]
        bases = [one.term for one in found if script_of(one.term) == "arabic"]
        if script_of(word) == "arabic":
            bases += [word, *self._without_clitic(word)]
        forms = {form for base in bases for form in written_forms(base)}
        found += self._lexicon.known(forms).values()
        found = self._with_genitives(word, found)
        found.sort(key=lambda one: (-one.capitalised - one.small, one.term))
        spellings = [one.term for one in found if one.term != word]
        return list(dict.fromkeys(spellings))[:MAX_VARIANTS]

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

    def _forms(self, word: str) -> list[str]:
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

    def _is_name(self, word: str) -> bool:
        held = self._lexicon.known([word]).get(word)
        return held is not None and held.is_name

    def _may_be_name(self, word: str) -> bool:
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

    def _of_parts(self, head: tuple[str, ...], rest: str, *, joined: bool) -> list[Node]:
        """A name of two parts, in all spellings of both, side by side and in one word, as far as the archive has it."""
        known = self._lexicon.known(head)
        heads = [one for one in head if one in known and known[one].is_name]
        rests = list(dict.fromkeys((rest, *self._spellings_of_part(rest))))[:MAX_PARTS]
        found: list[Node] = [
            near
            for one, other in product(heads, rests)
            if self._lexicon.occurs(near := Near((one, other), _APART))
        ]
        if joined:
            script = script_of(rest)
            stem = arabic_stem(rest)
            wholes = {one + stem for one in head if script_of(one) == script} | {
                f"{one}ال{stem}" for one in head if script == script_of(one) == "arabic"
            }
            found += self._in_one_word(wholes)
        return found

    def _in_one_word(self, wholes: set[str]) -> list[Node]:
        """The words of the archive that are spellings of one of some names."""
        keys = frozenset[str]().union(*map(search_keys, wholes))
        terms = [
            one.term
            for one in (self._lexicon.by_skeleton(keys) if keys else ())
            if one.is_name and any(is_same_name(whole, one.term) for whole in wholes)
        ]
        forms = {form for term in terms for form in written_forms(term)}
        return [Term(one) for one in dict.fromkeys((*terms, *self._lexicon.known(forms)))]

    def _spellings_of_part(self, word: str) -> list[str]:
        """As `_spellings`, for what is surely part of a name."""
        keys = search_keys(word)
        if not keys:
            return []
        found = [
            one.term
            for one in self._lexicon.by_skeleton(keys)
            if one.is_name and is_same_name(word, one.term)
        ]
        bases = [one for one in (*found, word) if script_of(one) == "arabic"]
        forms = {form for base in bases for form in written_forms(base)}
        return list(dict.fromkeys((*found, *self._lexicon.known(forms))))

    def _parted(self, word: str) -> list[Node]:
        """A name in one word as one of two: Boukamal, Deirezzor, البوكمال."""
        found: list[Node] = []
        stems = (arabic_stem(word), word) if script_of(word) == "arabic" else (word,)
        for stem in dict.fromkeys(stems):
            match = JOINED.match(stem)
            if match and len(stem) - match.end() >= _REST:
                head = HEAD_OF.get(match[0]) or HEAD_OF.get(match[0].removeprefix("al"))
                if head is not None:
                    found += self._of_parts(head, stem[match.end() :], joined=True)
            tailed = WITH_TAIL.fullmatch(stem)
            if tailed:
                found += self._with_tail(tailed[1], TAIL_JOINED[tailed[2]])
        return found


_WITH_APOSTROPHE: Final = re.compile(r"[^\W\d_]+['\u2019\u02bc\u02bb\u02bf\u02be`\u00b4][^\W\d_]+")
"""Sana'a, Ka'abah: to the index two words, to whoever writes Sanaa one."""


class _Word(NamedTuple):
    """One word of what was typed. term: the number of the term that it is part of."""

    plain: str
    typed: str
    term: int


def _may_be_genitive(name: Known, other: Known) -> bool:
    """Whether a word that has but an s more than a name is no name of its own: Aleppos is rarer than Aleppo, Williams
    is not rarer than William. What is no such word passes, and what is a genitive of nothing the archive has."""
    if other.term != f"{name.term}s" or not name.articles:
        return True
    return other.articles <= max(1, name.articles * GENITIVE_SHARE)


def plain_phrase(name: str) -> str:
    """The words of a name as the index holds them."""
    return " ".join(plain(word) for word in WORD.findall(name))


def _single_words(node: Node) -> tuple[str, ...]:
    """The spellings of a name that are one word."""
    parts = node.parts if isinstance(node, AnyOf) else (node,)
    return tuple(
        part.text for part in parts if isinstance(part, Term) and not part.prefix and " " not in part.text
    )


def _is_bare(node: Node) -> TypeGuard[Term]:
    return isinstance(node, Term) and not node.prefix and not node.quoted


def _words_of(node: Node) -> tuple[str, ...]:
    if isinstance(node, AllOf):
        return tuple(word for part in node.parts for word in _words_of(part))
    return node.words if isinstance(node, Near) else (_text_of(node),)


def _text_of(node: Node) -> str:
    return node.text if isinstance(node, Term) else match_expression(node)
