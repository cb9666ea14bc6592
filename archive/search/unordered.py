"""A query read for its words alone, whatever their order: for those who may not read the texts. Pure.

Whoever may ask for phrases can read a text that is kept back, word by word: is `a b c x` in it, or `a b c y`? So a
phrase becomes the words in it, and so does whatever the index would take for one: NEAR, words that are joined by any
other character (`a-b`), and stretches of the scripts that write no spaces, letter by letter. Titles are not kept back:
`title:` stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final
from unicodedata import ucd_3_2_0

from archive.search.conditions import Condition, Either, Every, Filter, Without, either, every
from archive.search.fold import fold
from archive.search.parsing import MAX_TERMS, Query
from archive.search.query import AllOf, AnyOf, InTitle, Near, Node, Term
from archive.search.spellings import Known, Lexicon

WORDS_ALONE: Final = (
    "Looked for as words in any order, not as a phrase: this archive shows the beginning of texts"
)
"""The note of a query that asked for more."""

_UNSPACED: Final = re.compile(
    "[\u0e00-\u0e7f\u1100-\u11ff\u2e80-\u2fff\u3005-\u3007\u3040-\u30ff\u3105-\u312f\u3131-\u318f\u3400-\u9fff"
    "\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc\U00020000-\U0003ffff]"
)


def without_order(query: Query) -> Query:
    """The query with each word a term of its own, `MAX_TERMS` of them, and a note where that finds more."""
    parting = _Parting(MAX_TERMS)
    root = None if query.root is None else parting.node(query.root)
    condition = None if query.condition is None else parting.condition(query.condition)
    if (root, condition) == (query.root, query.condition):
        return query
    return replace(query, root=root, condition=condition, notes=(WORDS_ALONE, *query.notes))


def apart(node: Node) -> Node | None:
    """A part of a query with each word a term of its own; `None` where no word is left."""
    return _Parting().node(node)


def words_apart(text: str) -> tuple[str, ...]:
    """The words of a text as the index parts them, or in smaller pieces, `MAX_TERMS` of them; folded.

    A letter or digit is what was one in Unicode 3.2 already: of younger ones not every SQLite knows that they are, and
    takes them for the end of a word.
    """
    parted = "".join(
        f" {one} " if _UNSPACED.match(one) else one if ucd_3_2_0.category(one)[0] in "LN" else " "
        for one in fold(text)
    )
    return tuple(parted.split()[:MAX_TERMS])


class _Parting:
    """Takes queries apart. most: words in all; those after them are left out."""

    def __init__(self, most: int | None = None) -> None:
        self._left = most

    def node(self, node: Node) -> Node | None:
        match node:
            case InTitle():
                return node
            case Term(text, prefix, quoted):
                words = self._words(text)
                return _all_of(Term(word, prefix and len(words) == 1, quoted) for word in words)
            case Near(words, _, beginnings):
                return _all_of(
                    Term(word, text in beginnings and word == text, quoted=True)
                    for text in words
                    for word in self._words(text)
                )
            case AnyOf(parts):
                some = self._nodes(parts)
                return some[0] if len(some) == 1 else AnyOf(some) if some else None
            case AllOf(parts, without):
                some, others = self._nodes(parts), self._nodes(without)
                return AllOf(some, others) if len(some) + len(others) > 1 and some else next(iter(some), None)

    def condition(self, condition: Condition) -> Condition | None:
        match condition:
            case Filter():
                return condition
            case Without(part):
                without = self.condition(part)
                return None if without is None else Without(without)
            case Every(parts):
                return every(self._conditions(parts))
            case Either(parts):
                return either(self._conditions(parts))
            case _:
                return self.node(condition)

    def _nodes(self, parts: Iterable[Node]) -> tuple[Node, ...]:
        return tuple(one for part in parts if (one := self.node(part)) is not None)

    def _conditions(self, parts: Iterable[Condition]) -> tuple[Condition, ...]:
        return tuple(one for part in parts if (one := self.condition(part)) is not None)

    def _words(self, text: str) -> tuple[str, ...]:
        words = words_apart(text)[: self._left]
        if self._left is not None:
            self._left -= len(words)
        return words


class WordsApart:
    """The words of an archive, for whom a phrase occurs where its words do: `archive.search.variants.Lexicon`."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def by_skeleton(self, keys: Iterable[str]) -> list[Known]:
        """The words with one of these skeletons."""
        return self._lexicon.by_skeleton(keys)

    def known(self, words: Iterable[str]) -> dict[str, Known]:
        """Those of some words that are names somewhere, or may be."""
        return self._lexicon.known(words)

    def occurs(self, node: Node) -> bool:
        """Whether any article has the words of it."""
        words = apart(node)
        return words is not None and self._lexicon.occurs(words)


def _all_of(terms: Iterable[Term]) -> Node | None:
    some = tuple(dict.fromkeys(terms))
    return some[0] if len(some) == 1 else AllOf(some) if some else None
