"""From what a reader types to a MATCH expression that FTS5 cannot refuse. Pure.

    words            all of them             "a phrase"      these words in this order
    prefix*          words that begin so     a OR b          either
    -word  NOT word  without it              ( … )           together
    site:  lang:  tag:  after:  before:      filters; the dates are inclusive

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
    "lang": "language",
    "language": "language",
    "tag": "tag",
    "after": "since",
    "since": "since",
    "before": "until",
    "until": "until",
}
"""What may stand before a colon, and the field of `SearchRequest` it is equal to."""

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_UNUSABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_TOKEN = re.compile(
    r"""
    (?P<filter>[a-z]+):(?:"(?P<quoted_value>[^"]*)"|(?P<value>[^\s"()]+))
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


Node = Term | Near | AllOf | AnyOf


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
        case AnyOf(parts):
            return "(" + " OR ".join(map(match_expression, parts)) + ")"
        case AllOf(parts, without):
            wanted = "(" + " AND ".join(map(match_expression, parts)) + ")"
            if not without:
                return wanted
            return f"({wanted} NOT ({' OR '.join(map(match_expression, without))}))"


def _string(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def wanted_terms(node: Node) -> tuple[Term | Near, ...]:
    """The terms a match can show, in order, each once; not those it must do without."""
    return tuple(dict.fromkeys(_terms(node)))


def _terms(node: Node) -> Iterator[Term | Near]:
    if isinstance(node, Term | Near):
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
            negated, part = self._part(depth)
            (unwanted if negated else wanted).append(part)
        if not wanted:
            raise _Malformed
        parts = tuple(part for part in wanted if part is not None)
        without = tuple(part for part in unwanted if part is not None)
        if not parts:
            return None
        return parts[0] if len(parts) == 1 and not without else AllOf(parts, without)

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
        return _is_negated(token), _term(token) if self._terms_left >= 0 else None


def _is_filter(name: str, value: str) -> bool:
    wanted = _FILTERS.get(name)
    return wanted is not None and (wanted not in {"since", "until"} or bool(_DATE.fullmatch(value)))


def _is_negated(token: re.Match[str]) -> bool:
    word = token["word"]
    return bool(token["minus"]) or (word is not None and word.startswith("-"))


def _term(token: re.Match[str]) -> Term | None:
    """The term of a token; `None` where no character of it is one of a word."""
    phrase = token["phrase"]
    text = fold(phrase if phrase is not None else token.group().lstrip("-"))
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
    operators = {"AND", "OR", "NOT"}
    terms = [
        term
        for token in tokens
        if not token["bracket"] and token["word"] not in operators and (term := _term(token)) is not None
    ][:MAX_TERMS]
    if not terms:
        return None
    return terms[0] if len(terms) == 1 else AllOf(tuple(terms))
