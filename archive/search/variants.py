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
from typing import Final, NamedTuple, TypeGuard

from archive.search.names import WORD
from archive.search.parts import HEAD_OF, TAIL_OF
from archive.search.query import AllOf, AnyOf, InTitle, Near, Node, Term, match_expression, only_in_titles
from archive.search.sounds import plain, script_of
from archive.search.spellings import APART, Lexicon, Spellings
from archive.search.synonyms import Synonyms, is_acronym

MAX_NEAR: Final = 36
"""Ways to write words that are near each other; of more, they are looked for as they are typed."""

MAX_NAMES: Final = 8
"""Of one query. A reader types two; what comes after them is searched as it is typed."""


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


def expand_query(root: Node, lexicon: Lexicon, synonyms: Synonyms) -> Expansion:
    """The query with every spelling of its names that the archive has."""
    return _Expander(lexicon, synonyms).expand(root)


class _Expander:
    def __init__(self, lexicon: Lexicon, synonyms: Synonyms) -> None:
        self._lexicon = lexicon
        self._names = Spellings(lexicon)
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
        spellings = self._names.of(first.plain)
        found: list[Node] = [Term(one) for one in spellings]
        found += self._of_synonyms(first.plain, spellings)
        if whole > 1 and self._names.is_name(first.plain):
            found.insert(0, Term(first.plain))
        return whole, self._any_of(typed, [*found, *self._names.parted(first.plain)])

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
        near = Near((first.plain, rest), APART)
        if not first.typed.islower() or self._names.may_be_name(first.plain):
            self._names_left -= 1
            return at + 1, self._any_of(near, self._names.of_parts(head, rest))
        if not self._names.is_name(rest):
            return None
        besides: list[Node] = [near] if at > 1 and self._lexicon.occurs(near) else []
        besides += self._names.of_parts(head, rest)
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
        if at is None or tail is None or not self._names.may_be_name(first.plain):
            return None
        others = self._names.with_tail(first.plain, tail)
        if not others:
            return None
        self._names_left -= 1
        whole = all(word.term == first.term for word in words[: at + 1])
        typed = terms[first.term] if whole else AllOf(tuple(Term(word.typed) for word in words[: at + 1]))
        return at + 1, self._any_of(typed, others)

    def _is_article(self, words: Sequence[_Word]) -> bool:
        """Whether the first of some words is an Arabic article, and the next a name of one word."""
        if len(words) < 2 or words[1].term in (words[0].term, *(word.term for word in words[2:])):
            return False
        article, name = words[0].plain, words[1].plain
        if article not in _ARTICLES or not (article in _LONE_ARTICLES or name.startswith(article[1:])):
            return False
        return len(name) > 2 and not is_acronym(words[1].typed) and self._names.may_be_name(name)

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

    def _of_synonyms(self, word: str, spellings: Sequence[str]) -> list[Node]:
        """What a word that the archive has not is called besides, by the synonyms of what it has: Kopenhaagen finds
        Kopenhagen, and so København."""
        if self._names.is_name(word):
            return []
        names = dict.fromkeys(name for one in spellings for name in self._synonyms.at([one], [one])[1])
        return self._of_group(names, Term(word)) if names else []

    def _of_group(self, names: Iterable[str], said: Term) -> list[Node]:
        """The names of a group of synonyms that the archive has, those of one word in all their spellings."""
        found: list[Node] = []
        for name in names:
            if is_acronym(name):
                if self._names.is_name(plain(name)):
                    found.append(Term(plain(name)))
            elif len(name.split()) > 1:
                if self._lexicon.occurs(phrase := Term(plain_phrase(name), quoted=True)):
                    found.append(phrase)
            else:
                forms = self._names.forms(plain(name))
                found += [Term(one) for one in forms if self._lexicon.occurs(Term(one))]
        if not is_acronym(said.text):
            # those in other scripts are in the group itself
            typed = plain(said.text)
            found += [Term(one) for one in self._names.of(typed) if script_of(one) == script_of(typed)]
        return [one for one in found if plain_phrase(_text_of(one)) != plain_phrase(said.text)]


_WITH_APOSTROPHE: Final = re.compile(r"[^\W\d_]+['\u2019\u02bc\u02bb\u02bf\u02be`\u00b4][^\W\d_]+")
"""Sana'a, Ka'abah: to the index two words, to whoever writes Sanaa one."""


class _Word(NamedTuple):
    """One word of what was typed. term: the number of the term that it is part of."""

    plain: str
    typed: str
    term: int


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
