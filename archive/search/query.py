"""From what a reader types to a MATCH expression that FTS5 cannot refuse. Pure.

    words            all of them             "a phrase"      these words in this order
    prefix*          words that begin so     a OR b          either
    -word  NOT word  without it              ( … )           together
    a NEAR b         at most ten words between them; NEAR/3, NEAR(a b, 3): at most three
    title:word  title:"a phrase"             in the title
    site:  author:  lang:  tag:  after:  before:             filters; the dates are inclusive

AND, OR and NOT are written in capitals. A query that does not read as one (a bracket too many, an operator with
nothing beside it, only exclusions) is read as its words. Every word reaches FTS5 folded and quoted, so nothing
that is typed is syntax to it: `"`, `a-b`, `foo:bar`, `*` and `NEAR(` raise errors there when raw.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final
from unicodedata import category

from archive.search.fold import fold

MAX_TERMS: Final = 64
"""Words of one query; those after it are left out. A reader types ten."""

MAX_DEPTH: Final = 16
"""Brackets within brackets. FTS5 refuses expressions that are 256 deep and its parser overflows before that."""

MIN_PREFIX: Final = 2
"""Letters before a `*`. One letter begins so many words that FTS5 reads a good part of its index."""

_FILTERS: Final = {
    "site": "site",
    "author": "author",
    "lang": "language",
    "language": "language",
    "tag": "tag",
    "after": "since",
    "since": "since",
    "before": "until",
    "until": "until",
}
"""What may stand before a colon, and the field of `SearchRequest` it is equal to."""

NEAR_WORDS: Final = 10
"""Words that may lie between two that are near, where nothing is said: as FTS5 has it."""

MAX_NEAR_WORDS: Final = 1_000
_NEAR = re.compile(r"NEAR(?:/(\d{1,9}))?")

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_UNUSABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_TOKEN = re.compile(
    r"""
    (?P<filter>(?!title:)[a-z]+):(?:"(?P<quoted_value>[^"]*)"|(?P<value>[^\s"()]+))
  | (?P<not>-)?title:(?:"(?P<title_phrase>[^"]*)"|(?P<title_word>[^\s"()]+))
  | NEAR\((?P<near>[^()]*)\)
  | (?P<minus>-)?"(?P<phrase>[^"]*)(?:"|$)
  | (?P<bracket>[()])
  | (?P<word>[^\s"()]+)
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Term:
    """One word or phrase, folded; `prefix` asks for words that begin with it, `quoted` for it as it is typed."""

    text: str
    prefix: bool = False
    quoted: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Near:
    """Words with at most `distance` others between them, in any order."""

    words: tuple[str, ...]
    distance: int


@dataclass(frozen=True, slots=True)
class AllOf:
    """Everything in `parts`, and nothing in `without`."""

    parts: tuple[Node, ...]
    without: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of `parts`."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class InTitle:
    """A term that the title must have."""

    term: Term


Leaf = Term | Near | InTitle
Node = Leaf | AllOf | AnyOf


@dataclass(frozen=True, slots=True)
class Query:
    """What a query means.

    root: what must match; `None` where nothing in it can be searched for.
    filters: fields of `SearchRequest` that it sets. blank: nothing was asked for but the filters.
    """

    root: Node | None
    filters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    blank: bool = False


def parse_query(text: str) -> Query:
    """What a reader's words mean. Never an error."""
    text = _UNUSABLE.sub(" ", text)
    filters: dict[str, str] = {}
    tokens = []
    for token in _TOKEN.finditer(text):
        name, value = token["filter"], token["quoted_value"] or token["value"]
        if name and value and _is_filter(name, value):
            filters[_FILTERS[name]] = value
        else:
            tokens.append(token)
    root: Node | None
    try:
        root = _Parser(tokens).parse()
    except _Malformed:
        root = _as_words(tokens)
    return Query(root, MappingProxyType(filters), blank=not tokens)


def match_expression(node: Node) -> str:
    """The FTS5 expression of a query."""
    match node:
        case Term(text, prefix):
            return _string(text) + ("*" if prefix else "")
        case Near(words, distance):
            return f"NEAR({' '.join(map(_string, words))}, {distance})"
        case InTitle(term):
            return f"({{title}} : {match_expression(term)})"
        case AnyOf(parts):
            return "(" + " OR ".join(map(match_expression, parts)) + ")"
        case AllOf(parts, without):
            wanted = "(" + " AND ".join(map(match_expression, parts)) + ")"
            if not without:
                return wanted
            return f"({wanted} NOT ({' OR '.join(map(match_expression, without))}))"


def _string(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def wanted_terms(node: Node) -> tuple[Leaf, ...]:
    """The terms a match can show, in order, each once; not those it must do without."""
    return tuple(dict.fromkeys(_terms(node)))


def excludes(node: Node) -> bool:
    """Whether a match must do without something."""
    if isinstance(node, Leaf):
        return False
    return bool(isinstance(node, AllOf) and node.without) or any(map(excludes, node.parts))


def _terms(node: Node) -> Iterator[Leaf]:
    if isinstance(node, Leaf):
        yield node
    else:
        for part in node.parts:
            yield from _terms(part)


class _Malformed(Exception):
    """The tokens do not read as a query."""


class _Parser:
    """`query := group (OR group)*`, `group := (AND? part)+`, `part := (- | NOT)? (term | "(" query ")")`."""

    def __init__(self, tokens: list[re.Match[str]]) -> None:
        self._tokens = tokens
        self._at = 0
        self._terms_left = MAX_TERMS

    def parse(self) -> Node | None:
        if not self._tokens:
            return None
        root = self._any_of(depth=0)
        if self._at < len(self._tokens):
            raise _Malformed  # a closing bracket that nothing opened
        return root

    def _word(self) -> str | None:
        """The next token where it is a bare word, an operator included."""
        return self._tokens[self._at]["word"] if self._at < len(self._tokens) else None

    def _bracket(self) -> str | None:
        return self._tokens[self._at]["bracket"] if self._at < len(self._tokens) else None

    def _any_of(self, depth: int) -> Node | None:
        if depth > MAX_DEPTH:
            raise _Malformed
        groups = [self._all_of(depth)]
        while self._word() == "OR":
            self._at += 1
            groups.append(self._all_of(depth))
        parts = tuple(group for group in groups if group is not None)
        if not parts:
            return None
        return parts[0] if len(parts) == 1 else AnyOf(parts)

    def _all_of(self, depth: int) -> Node | None:
        wanted: list[Node | None] = []
        unwanted: list[Node | None] = []
        while self._at < len(self._tokens) and self._word() != "OR" and self._bracket() != ")":
            if self._word() == "AND":
                self._at += 1
                if not wanted or self._at == len(self._tokens) or self._word() in {"AND", "OR"}:
                    raise _Malformed
            apart = _NEAR.fullmatch(self._word() or "")
            if apart and wanted:
                wanted.append(self._near(wanted.pop(), apart, depth))
                continue
            negated, part = self._part(depth)
            (unwanted if negated else wanted).append(part)
        if not wanted:
            raise _Malformed
        parts = tuple(part for part in wanted if part is not None)
        without = tuple(part for part in unwanted if part is not None)
        if not parts:
            return None
        return parts[0] if len(parts) == 1 and not without else AllOf(parts, without)

    def _near(self, before: Node | None, apart: re.Match[str], depth: int) -> Near:
        """Words of which the one before NEAR is read already."""
        self._at += 1
        if self._at == len(self._tokens):
            raise _Malformed
        negated, after = self._part(depth)
        words = (
            before.words if isinstance(before, Near) else (before.text,) if isinstance(before, Term) else ()
        )
        if negated or not words or not isinstance(after, Term):
            raise _Malformed
        return Near((*words, after.text), min(int(apart[1] or NEAR_WORDS), MAX_NEAR_WORDS))

    def _part(self, depth: int) -> tuple[bool, Node | None]:
        token = self._tokens[self._at]
        self._at += 1
        if token["word"] == "NOT" or (token["word"] == "-" and self._bracket() == "("):
            if self._at == len(self._tokens) or self._word() in {"AND", "OR", "NOT"}:
                raise _Malformed
            return True, self._part(depth)[1]
        if token["bracket"] == "(":
            node = self._any_of(depth + 1)
            if self._bracket() != ")":
                raise _Malformed
            self._at += 1
            return False, node
        if token["bracket"] == ")":
            raise _Malformed
        self._terms_left -= 1
        return _is_negated(token), _leaf(token) if self._terms_left >= 0 else None


def _is_filter(name: str, value: str) -> bool:
    wanted = _FILTERS.get(name)
    return wanted is not None and (wanted not in {"since", "until"} or bool(_DATE.fullmatch(value)))


def _is_negated(token: re.Match[str]) -> bool:
    word = token["word"]
    return bool(token["minus"] or token["not"]) or (word is not None and word.startswith("-"))


def _leaf(token: re.Match[str]) -> Leaf | None:
    if token["near"] is not None:
        return _near_of(token["near"])
    term = _term(token)
    in_title = token["title_phrase"] is not None or token["title_word"] is not None
    return InTitle(term) if in_title and term is not None else term


def _near_of(inside: str) -> Leaf | None:
    """What stands in the brackets of NEAR: words, then perhaps a comma and how many others may lie between them."""
    counted = re.fullmatch(r"(.*),\s*(\d{1,9})\s*", inside, re.DOTALL)
    written, count = (counted[1], int(counted[2])) if counted else (inside, NEAR_WORDS)
    terms = [_term(token) for token in _TOKEN.finditer(written) if token["phrase"] or token["word"]]
    words = [term.text for term in terms if term is not None]
    if len(words) < 2:
        return Term(words[0]) if words else None
    return Near(tuple(words[:MAX_TERMS]), min(count, MAX_NEAR_WORDS))


def _term(token: re.Match[str]) -> Term | None:
    """The term of a token; `None` where no character of it is one of a word."""
    phrase = token["phrase"] if token["title_phrase"] is None else token["title_phrase"]
    word = token["title_word"] if token["title_word"] is not None else token.group().lstrip("-")
    text = fold(phrase if phrase is not None else word)
    if not any(category(character)[0] in "LN" for character in text):
        return None
    bare = text.rstrip("*")
    prefix = phrase is None and bare != text and _letters(bare) >= MIN_PREFIX
    return Term(bare, prefix, quoted=phrase is not None)


def _letters(text: str) -> int:
    """How many letters stand at the end of a text: what a `*` behind it would extend."""
    count = 0
    for character in reversed(text):
        if category(character)[0] not in "LNM":
            break
        count += 1
    return count


def _as_words(tokens: list[re.Match[str]]) -> Node | None:
    """All words of a query that does not read as one, but for the operators."""
    operators = {"AND", "OR", "NOT", "NEAR"}
    terms = [
        term
        for token in tokens
        if not token["bracket"] and token["word"] not in operators and (term := _leaf(token)) is not None
    ][:MAX_TERMS]
    if not terms:
        return None
    return terms[0] if len(terms) == 1 else AllOf(tuple(terms))
