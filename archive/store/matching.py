"""Which articles a query finds, as SQL: by the index of words, and by the one of texts without spaces. Read alone.

FTS5 answers a query from one index. A query with words in Chinese, Japanese, Korean or Thai needs both, so it becomes
sets of articles, joined as the query says.
"""

from __future__ import annotations

import re
import sqlite3
from typing import Any, Final, NamedTuple

from archive.search.query import AllOf, AnyOf, InTitle, Leaf, Near, Node, Term, match_expression, wanted_terms

FOLDED_COLUMNS: Final = "{title text}"

UNSPACED: Final = re.compile(
    "[\u0e00-\u0e7f\u3040-\u30ff\u3105-\u312f\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]"
)

_NARROW: Final = {0xFEE0 + code: code for code in range(0x21, 0x7F) if chr(code).isalnum()}
_WIDE: Final = {code: wide for wide, code in _NARROW.items()}
"""Full-width forms, Unicode block FF00, and what they are forms of."""

MAX_TRIGRAMS: Final = 500
"""Of those that begin with one or two letters. Beyond them the commonest are looked for."""


class Matching(NamedTuple):
    """What finds the articles of a query.

    expression: for `articles_fts`; `None` where the query needs both indexes. ids: else a SELECT of their ids, with
    its `values`.
    """

    expression: str | None
    ids: str = ""
    values: dict[str, Any] = {}  # noqa: RUF012 - never changed


def is_unspaced(term: Term) -> bool:
    """Whether a term is of a script that writes no spaces between words."""
    return UNSPACED.search(term.text) is not None


def matching(connection: sqlite3.Connection, root: Node) -> Matching:
    """What finds the articles of a query."""
    if not any(_needs_unspaced(leaf) for leaf in leaves(root)):
        return Matching(searched(root))
    values: dict[str, Any] = {}
    return Matching(None, _ids(connection, root, values), values)


def searched(node: Node) -> str:
    """The expression for `articles_fts` that looks into the folded title and text alone."""
    return f"{FOLDED_COLUMNS} : ({match_expression(node)})"


def unspaced_words(root: Node) -> tuple[str, ...]:
    """The words of a query that stand in texts without spaces, to be marked there."""
    terms = (leaf.term if isinstance(leaf, InTitle) else leaf for leaf in wanted_terms(root))
    return tuple(
        text for term in terms if isinstance(term, Term) and is_unspaced(term) for text in _widths(term.text)
    )


def leaves(node: Node) -> tuple[Leaf, ...]:
    """What a query is made of, that which must not be found included."""
    if isinstance(node, AllOf | AnyOf):
        parts = (*node.parts, *node.without) if isinstance(node, AllOf) else node.parts
        return tuple(leaf for part in parts for leaf in leaves(part))
    return (node,)


def _needs_unspaced(leaf: Leaf) -> bool:
    term = leaf.term if isinstance(leaf, InTitle) else leaf
    return isinstance(term, Term) and is_unspaced(term)


def _ids(connection: sqlite3.Connection, node: Node, values: dict[str, Any]) -> str:
    """A SELECT of the ids of the articles that a part of a query finds."""
    if not any(_needs_unspaced(leaf) for leaf in leaves(node)):
        name = _bind(values, searched(node))
        return f"SELECT rowid AS id FROM articles_fts WHERE articles_fts MATCH :{name}"  # noqa: S608 - our own name
    if isinstance(node, AllOf):
        wanted = _joined(connection, " INTERSECT ", node.parts, values)
        if not node.without:
            return wanted
        without = _joined(connection, " UNION ", node.without, values)
        return f"SELECT id FROM ({wanted}) EXCEPT SELECT id FROM ({without})"  # noqa: S608 - built of our own words
    if isinstance(node, AnyOf):
        return _joined(connection, " UNION ", node.parts, values)
    term = node.term if isinstance(node, InTitle) else node
    if isinstance(term, Near):
        raise TypeError(term)  # it has no part in this: `_needs_unspaced`
    found = [one for text in _widths(term.text) if (one := _trigrams(connection, text)) is not None]
    expression = " OR ".join(found)
    if not found:
        return "SELECT NULL AS id WHERE false"
    name = _bind(values, f"{{title}} : ({expression})" if isinstance(node, InTitle) else expression)
    return f"SELECT rowid AS id FROM unspaced_fts WHERE unspaced_fts MATCH :{name}"  # noqa: S608 - our own name


def _widths(text: str) -> tuple[str, ...]:
    """A text as it is, and with all of its Latin letters and digits as wide as the others, or none: 震度５, 震度5."""
    return tuple(dict.fromkeys((text, text.translate(_NARROW), text.translate(_WIDE))))


def _joined(
    connection: sqlite3.Connection, operator: str, nodes: tuple[Node, ...], values: dict[str, Any]
) -> str:
    parts = [_ids(connection, node, values) for node in nodes]
    return operator.join(f"SELECT id FROM ({part})" for part in parts)  # noqa: S608 - built of our own words


def _bind(values: dict[str, Any], value: str) -> str:
    name = f"part{len(values)}"
    values[name] = value
    return name


def _trigrams(connection: sqlite3.Connection, text: str) -> str | None:
    """The expression that finds a stretch of letters; one or two are found as the beginnings of three."""
    if len(text) >= 3:
        return match_expression(Term(text))
    last = chr(min(ord(text[-1]) + 1, 0x10FFFF))
    found = connection.execute(
        "SELECT term FROM unspaced_terms WHERE term >= ? AND term < ? ORDER BY doc DESC LIMIT ?",
        [text, text[:-1] + last, MAX_TRIGRAMS],
    ).fetchall()
    return " OR ".join(match_expression(Term(term)) for (term,) in found) or None
