"""What words a query asks for, and the MATCH expression that says so, which FTS5 cannot refuse. Pure.

Every word reaches FTS5 folded and quoted, so nothing that is typed is syntax to it: `"`, `a-b`, `foo:bar`, `*` and
`NEAR(` raise errors there when raw.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Term:
    """One word or phrase, folded; `prefix` asks for words that begin with it, `quoted` for it as it is typed."""

    text: str
    prefix: bool = False
    quoted: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Near:
    """Words with at most `distance` others between them, in any order. beginnings: those that may go on."""

    words: tuple[str, ...]
    distance: int
    beginnings: frozenset[str] = frozenset()


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
    """A term that the title must have, or words that are near each other there."""

    term: Term | Near


Leaf = Term | Near | InTitle
Node = Leaf | AllOf | AnyOf


def match_expression(node: Node) -> str:
    """The FTS5 expression of a query."""
    match node:
        case Term(text, prefix):
            return _string(text) + ("*" if prefix else "")
        case Near(words, distance, beginnings):
            phrases = (_string(word) + "*" * (word in beginnings) for word in words)
            return f"NEAR({' '.join(phrases)}, {distance})"
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


def only_in_titles(node: Node) -> Node:
    """The same words, to be found in titles."""
    if isinstance(node, AnyOf | AllOf):
        return replace(node, parts=tuple(map(only_in_titles, node.parts)))
    return node if isinstance(node, InTitle) else InTitle(node)


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
