"""A query read for its words alone, whatever their order: for those who may not read the texts. Pure.

Whoever may ask for phrases can read a text that is kept back, word by word: is `a b c x` in it, or `a b c y`? So a
phrase becomes the words in it, and so does whatever the index would take for one: NEAR, words that are joined by any
other character (`a-b`), and stretches of the scripts that write no spaces, letter by letter. Titles are not kept back:
`title:` stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Final, NamedTuple
from unicodedata import ucd_3_2_0

from archive.search.fold import fold
from archive.search.parsing import MAX_TERMS
from archive.search.query import AllOf, AnyOf, InTitle, Near, Node, Term
from archive.search.variants import Known, Lexicon

_UNSPACED: Final = re.compile(
    "[\u0e00-\u0e7f\u1100-\u11ff\u2e80-\u2fff\u3005-\u3007\u3040-\u30ff\u3105-\u312f\u3131-\u318f\u3400-\u9fff"
    "\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc\U00020000-\U0003ffff]"
)
_UNUSABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_FILTERS: Final = {"site", "author", "lang", "language", "tag", "title"}
_DATES: Final = {"after", "since", "before", "until"}
_PART: Final = re.compile(
    r"""
    (?P<minus>(?<![^\s()])-)?
    (?: (?P<name>[A-Za-z]+):(?P<value>"[^"]*"|[^\s"()]+)
      | (?<!\S)NEAR\((?P<near>[^()]*)\)
      | "(?P<phrase>[^"]*)(?:"|$)
      | (?P<bracket>[()])
      | (?P<word>[^\s"()]+) )
    """,
    re.VERBOSE,
)
_NEAR: Final = re.compile(r"NEAR(?:/\d+)?")
_COUNT: Final = re.compile(r",\s*\d+\s*$")


class Unordered(NamedTuple):
    """A query that asks for words alone. is_looser: whether that finds more than the one that was typed."""

    query: str
    is_looser: bool


def unordered(query: str) -> Unordered:
    """The query without phrases, as text that is parsed as any other: each word is a term of its own."""
    said: list[str] = []
    is_looser = False
    for part in _PART.finditer(_UNUSABLE.sub(" ", query)):
        minus = part["minus"] or ""
        if part["bracket"]:
            said.append(f"{minus}{part['bracket']}")
            continue
        name = (part["name"] or "").lower()
        if name in _FILTERS or (name in _DATES and _is_date(part["value"])):
            said.append(f"{minus}{name}:{part['value']}")
            continue
        if _NEAR.fullmatch(part["word"] or ""):
            is_looser = True
            continue
        if part["word"] in {"AND", "OR", "NOT"} and not minus:
            said.append(part["word"])
            continue
        near = part["near"]
        quoted = part["phrase"] is not None or near is not None
        text = part["phrase"] if near is None else _COUNT.sub("", near)
        text = part.group().removeprefix("-") if text is None else text
        words = words_apart(text)
        is_looser |= len(words) > 1
        if not words:
            continue
        ends_open = not quoted and len(words) == 1 and text.endswith("*")
        shown = [f'"{word}"' if quoted else word for word in words]
        whole = f"({' '.join(shown)})" if len(shown) > 1 else shown[0] + ("*" if ends_open else "")
        said.append(minus + whole)
    return Unordered(" ".join(said), is_looser)


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


def apart(node: Node) -> Node:
    """A part of a query without phrases: what the spellings of a name in two words have made again."""
    match node:
        case InTitle():
            return node
        case Near(words, _):
            return _all_of(word for text in words for word in words_apart(text))
        case Term(text, prefix):
            words_of_it = words_apart(text)
            return node if prefix or len(words_of_it) < 2 else _all_of(words_of_it)
        case AnyOf(parts):
            return AnyOf(tuple(map(apart, parts)))
        case AllOf(parts, without):
            return AllOf(tuple(map(apart, parts)), tuple(map(apart, without)))


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
        return self._lexicon.occurs(apart(node))


def _all_of(words: Iterable[str]) -> Node:
    terms = tuple(Term(word, quoted=True) for word in dict.fromkeys(words))
    return terms[0] if len(terms) == 1 else AllOf(terms)


def _is_date(value: str) -> bool:
    if not re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", value, re.ASCII):
        return False
    try:
        date.fromisoformat((value + "-01-01"[len(value) - 4 :])[:10])
    except ValueError:
        return False
    return True
