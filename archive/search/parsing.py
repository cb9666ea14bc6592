"""From what a reader types to what it asks for. Pure.

    words            all of them             "a phrase"      these words in this order; “ ” « » 「 」 as well
    prefix*          words that begin so     a OR b          either
    -word  NOT word  without it              ( … )           together
    a NEAR b         at most ten words between them; NEAR/3, NEAR(a b, 3): at most three
    title:word  title:"a phrase"             in the title
    site:  author:  lang:  tag:  after:  before:             filters; the dates are inclusive

AND, OR and NOT are written in capitals. Filters stand wherever words do: beside them, after a minus, in brackets, with
OR. Several values of one filter are alternatives, unless AND is between them. A query that does not read as one (a
bracket too many, an operator with nothing beside it) is read as its words, and says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Final
from unicodedata import category

from archive.search.conditions import (
    Condition,
    Every,
    Filter,
    beside_words,
    either,
    every,
    is_mixed,
    joined,
    words_of,
    written,
)
from archive.search.fold import fold
from archive.search.query import InTitle, Leaf, Near, Node, Term

MAX_TERMS: Final = 64
"""Words and filters of one query; those after it are left out. A reader types ten."""

MAX_DEPTH: Final = 16
"""Brackets within brackets. FTS5 refuses expressions that are 256 deep and its parser overflows before that."""

MIN_PREFIX: Final = 2
"""Letters before a `*`. One letter begins so many words that FTS5 reads a good part of its index."""

FILTERS: Final = {
    "site": "site",
    "author": "author",
    "lang": "language",
    "language": "language",
    "tag": "tag",
    "after": "since",
    "since": "since",
    "before": "until",
    "until": "until",
    "month": "month",
    "job": "job",
    "outcome": "outcome",
}
"""What may stand before a colon, and the field of `SearchRequest` it is equal to."""

_NAMED: Final = ("site", "author", "title", "lang", "tag", "after", "before", "month", "job", "outcome")

DATES: Final = frozenset({"since", "until", "month"})
"""The fields whose values are dates."""

NEAR_WORDS: Final = 10
"""Words that may lie between two that are near, where nothing is said: as FTS5 has it."""

MAX_NEAR_WORDS: Final = 1_000
_NEAR = re.compile(r"NEAR(?:/([0-9]{1,9}))?")

_QUOTES: Final = ("“”", "„“", "„”", "””", "«»", "»«", "‹›", "›‹", "「」", "『』", "〝〟", "＂＂")
"""Pairs that quote in some language: CLDR, delimiters. An apostrophe is none of them, nor what looks like one."""

_QUOTED: Final = re.compile("|".join(f'{first}[^"{first}{last}]*{last}' for first, last in _QUOTES))
_UNUSABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_TOKEN = re.compile(
    r"""
    (?P<unlike>-)?(?P<filter>(?!(?i:title):)[A-Za-z]+):(?:"(?P<quoted_value>[^"]*)"|(?P<value>[^\s"()]+))
  | (?P<not>-)?(?i:title):(?:"(?P<title_phrase>[^"]*)"|(?P<title_word>[^\s"()]+))
  | NEAR\((?P<near>[^()]*)\)
  | (?P<minus>-)?"(?P<phrase>[^"]*)(?:"|$)
  | (?P<bracket>[()])
  | (?P<word>[^\s"()]+)
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Query:
    """What a query asks for.

    root: the words that must match; `None` where nothing in it can be searched for or it asks for no word.
    filters: fields of `SearchRequest` that it sets. condition: what else must be true. blank: nothing was asked for but
    filters and what is not wanted. notes: how it was read where that is not as it was typed, a line each.
    """

    root: Node | None
    filters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    condition: Condition | None = None
    blank: bool = False
    notes: tuple[str, ...] = ()


def parse_query(text: str) -> Query:
    """What a reader's words mean. Never an error."""
    text = _QUOTED.sub(lambda pair: f'"{pair.group()[1:-1]}"', _UNUSABLE.sub(" ", text))
    parser = _Parser(list(_TOKEN.finditer(text)))
    notes: list[str] = []
    try:
        tree = parser.parse()
        if tree is not None and is_mixed(tree):
            notes.append(f"read as: {written(tree)}")
    except _Malformed:
        parser = _Parser(parser.tokens)
        tree = parser.parse_words()
        if tree is not None:
            notes.append(f"read as words: {written(tree)}")
    if parser.is_too_long:
        notes.append(f"not understood: more than {MAX_TERMS} words; those after them are left out")
    notes += dict.fromkeys(
        (*_not_dates(parser.tokens), *_without_values(parser.tokens), *_no_filters(parser.tokens))
    )
    if tree is None:
        if parser.tokens:
            notes.append("not understood: there is no word in it")
        return Query(None, blank=not parser.tokens, notes=tuple(notes))
    root = words_of(tree)
    filters: dict[str, str] = {}
    others: list[Condition] = []
    for part in beside_words(tree):
        if isinstance(part, Filter) and part.field not in filters:
            filters[part.field] = part.value
        else:
            others.append(part)
    # what has no letter finds nothing where nothing else is searched for
    blank = root is None and not parser.has_unsearchable
    return Query(root, MappingProxyType(filters), every(others), blank, tuple(notes))


def read_date(value: str) -> str | None:
    """A day, month or year as the database has it: `2017-10-08`, `2017-10`, `2017`; `None` for anything else."""
    if re.fullmatch(r"[0-9]{4}(-(0[1-9]|1[0-2]))?", value):
        return value
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        return None


class _Malformed(Exception):
    """The tokens do not read as a query."""


class _Parser:
    """`query := group (OR group)*`, `group := (AND? part)+`, `part := (- | NOT)? (term | "(" query ")")`."""

    def __init__(self, tokens: list[re.Match[str]]) -> None:
        self.tokens = tokens
        self._at = 0
        self._terms_left = MAX_TERMS
        self.has_unsearchable = False

    @property
    def is_too_long(self) -> bool:
        """Whether something was left out at the end."""
        return self._terms_left < 0

    def parse(self) -> Condition | None:
        if not self.tokens:
            return None
        root = self._any_of(depth=0)
        if self._at < len(self.tokens):
            raise _Malformed  # a closing bracket that nothing opened
        return root

    def parse_words(self) -> Condition | None:
        """All words and filters of a query that does not read as one, but for the operators; what has a minus or a
        NOT before it is not wanted."""
        wanted: list[Condition | None] = []
        unwanted: list[Condition | None] = []
        refused = False
        for token in self.tokens:
            if token["word"] == "NOT":
                refused = True
            elif not token["bracket"] and token["word"] not in {"AND", "OR"} and not _is_near(token):
                negated, part = self._leaf(token)
                (unwanted if negated or refused else wanted).append(part)
                refused = False
        return joined(_held(wanted), _held(unwanted))

    def _word(self) -> str | None:
        """The next token where it is a bare word, an operator included."""
        return self.tokens[self._at]["word"] if self._at < len(self.tokens) else None

    def _bracket(self) -> str | None:
        return self.tokens[self._at]["bracket"] if self._at < len(self.tokens) else None

    def _any_of(self, depth: int) -> Condition | None:
        if depth > MAX_DEPTH:
            raise _Malformed
        groups = [self._all_of(depth)]
        while self._word() == "OR":
            self._at += 1
            groups.append(self._all_of(depth))
        return either(_held(groups))

    def _all_of(self, depth: int) -> Condition | None:
        wanted: list[Condition | None] = []
        unwanted: list[Condition | None] = []
        while self._at < len(self.tokens) and self._word() != "OR" and self._bracket() != ")":
            both = self._word() == "AND"
            if both:
                self._at += 1
                if not (wanted or unwanted) or self._at == len(self.tokens) or self._word() in {"AND", "OR"}:
                    raise _Malformed
            apart = _NEAR.fullmatch(self._word() or "")
            if apart and wanted:
                wanted.append(self._near(wanted.pop(), apart, depth))
                continue
            negated, part = self._part(depth)
            if both and isinstance(part, Filter):
                part = Every((part,))  # no alternative to another value of the same filter
            (unwanted if negated else wanted).append(part)
        if not wanted and not unwanted:
            raise _Malformed
        return joined(_held(wanted), _held(unwanted))

    def _near(self, before: Condition | None, apart: re.Match[str], depth: int) -> Near:
        """Words of which the one before NEAR is read already."""
        self._at += 1
        if self._at == len(self.tokens):
            raise _Malformed
        negated, after = self._part(depth)
        if negated or not isinstance(before, Near | Term) or not isinstance(after, Term):
            raise _Malformed
        near = before if isinstance(before, Near) else _near_by([before], 0)
        return Near(
            (*near.words, after.text),
            min(int(apart[1] or NEAR_WORDS), MAX_NEAR_WORDS),
            near.beginnings | _near_by([after], 0).beginnings,
        )

    def _part(self, depth: int) -> tuple[bool, Condition | None]:
        token = self.tokens[self._at]
        self._at += 1
        if token["word"] == "NOT" or (token["word"] == "-" and self._bracket() == "("):
            if self._at == len(self.tokens) or self._word() in {"AND", "OR", "NOT"}:
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
        return self._leaf(token)

    def _leaf(self, token: re.Match[str]) -> tuple[bool, Condition | None]:
        """Whether a token is refused, and what it asks for; nothing where it has no letter or comes too late."""
        self._terms_left -= 1
        negated = _is_negated(token)
        if self._terms_left < 0:
            return negated, None
        leaf = _filter(token) or _leaf(token)
        self.has_unsearchable |= leaf is None and not negated
        return negated, leaf


def _held(parts: Iterable[Condition | None]) -> list[Condition]:
    return [part for part in parts if part is not None]


def _is_near(token: re.Match[str]) -> bool:
    return _NEAR.fullmatch(token["word"] or "") is not None


def _filter(token: re.Match[str]) -> Filter | None:
    """The filter that a token is, if it is one."""
    name = FILTERS.get((token["filter"] or "").lower())
    value = token["quoted_value"] or token["value"]
    if name is None or not value:
        return None
    if name in DATES:
        value = read_date(value)
    return Filter(name, value, token.group().removeprefix("-")) if value else None


def _not_dates(tokens: Iterable[re.Match[str]]) -> Iterable[str]:
    for token in tokens:
        if FILTERS.get((token["filter"] or "").lower()) in DATES and _filter(token) is None:
            yield (
                f"not understood: {token.group().removeprefix('-')}, no date like 2017-10-08, 2017-10 or 2017; "
                "read as words"
            )


def _without_values(tokens: Iterable[re.Match[str]]) -> Iterable[str]:
    for token in tokens:
        name, colon, value = (token["word"] or "").lower().partition(":")
        if token["quoted_value"] == "" or token["title_phrase"] == "":
            name, colon = (token["filter"] or "title").lower(), ":"
        if not colon or value or name not in (*FILTERS, "title"):
            continue
        if token.string[token.end() : token.end() + 1] == "(":
            yield f"not understood: {name}:(…), write {name}:one OR {name}:two; read as words"
        else:
            yield f"not understood: {name}: without anything right after the colon; read as words"


def _no_filters(tokens: Iterable[re.Match[str]]) -> Iterable[str]:
    for token in tokens:
        name, value = token["filter"], token["quoted_value"] or token["value"] or ""
        if name and name.lower() not in FILTERS and not value.startswith("/"):  # https://
            yield f"read as words: {token.group().removeprefix('-')} ({', '.join(_NAMED)} are filters, {name} is none)"


def _is_negated(token: re.Match[str]) -> bool:
    word = token["word"]
    return bool(token["minus"] or token["not"] or token["unlike"]) or (
        word is not None and word.startswith("-")
    )


def _leaf(token: re.Match[str]) -> Leaf | None:
    if token["near"] is not None:
        return _near_of(token["near"])
    term = _term(token)
    in_title = token["title_phrase"] is not None or token["title_word"] is not None
    return InTitle(term) if in_title and term is not None else term


def _near_of(inside: str) -> Leaf | None:
    """What stands in the brackets of NEAR: words, then perhaps a comma and how many others may lie between them."""
    counted = re.fullmatch(r"(.*),\s*([0-9]{1,9})\s*", inside, re.DOTALL)
    said, count = (counted[1], int(counted[2])) if counted else (inside, NEAR_WORDS)
    found = [_term(token) for token in _TOKEN.finditer(said) if token["phrase"] or token["word"]]
    terms = [term for term in found if term is not None]
    if len(terms) < 2:
        return terms[0] if terms else None
    return _near_by(terms[:MAX_TERMS], min(count, MAX_NEAR_WORDS))


def _near_by(terms: Iterable[Term], distance: int) -> Near:
    terms = tuple(terms)
    beginnings = frozenset(term.text for term in terms if term.prefix)
    return Near(tuple(term.text for term in terms), distance, beginnings)


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
