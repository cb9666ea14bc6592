"""Titles and names that begin as the reader has begun to type."""

from __future__ import annotations

import sqlite3
import unicodedata
from dataclasses import asdict, dataclass
from typing import Final

from datasette import Response

from archive.search.fold import fold
from archive.search.parsing import parse_query
from archive.search.query import match_expression
from archive.web.answers import json_page
from archive.web.counts import held
from archive.web.reading import TooSlow
from archive.web.visit import Visit

TITLES: Final = 6
NAMES: Final = 4

MAX_NAMES: Final = 20_000
"""Names that are looked through: of those who wrote most. Each is a comparison of two short strings."""

MAX_CHARACTERS: Final = 200

LIMIT_MS: Final = 200
"""A suggestion that comes later than that is of no use to who types."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One line of the list. kind: `title` or `name`. about: what it is, in a word or two."""

    kind: str
    text: str
    about: str
    href: str


async def suggest(visit: Visit) -> Response:
    """Up to ten suggestions for `q`: titles that have its words, the last one perhaps unfinished, and authors."""
    typed = (visit.argument("q") or "")[:MAX_CHARACTERS]
    found: list[Suggestion] = []
    if len(typed) >= 2:
        names = await held(visit.database, visit.limit_ms, "names", read_names) or ()
        found += [
            Suggestion("name", name, "author", visit.urls("/search", q=author_query(name)))
            for name in matching_names(names, typed)
        ]
        try:
            titles = await visit.read(
                lambda connection: read_titles(connection, typed), limit_ms=min(LIMIT_MS, visit.limit_ms)
            )
        except TooSlow:
            titles = ()
        found += [
            Suggestion("title", title, site, visit.urls(f"/article/{number}"))
            for number, title, site in titles
        ]
    return json_page({"query": typed, "suggestions": [asdict(one) for one in found]})


def read_names(connection: sqlite3.Connection) -> tuple[tuple[str, str], ...]:
    """The authors of an archive, who wrote most first: each folded, and as written."""
    return tuple(
        (plain(name), name)
        for (name,) in connection.execute(
            "SELECT one.value FROM articles, json_each(articles.authors) AS one "
            "GROUP BY one.value ORDER BY count(*) DESC, one.value LIMIT ?",
            [MAX_NAMES],
        )
    )


def matching_names(names: tuple[tuple[str, str], ...], typed: str) -> list[str]:
    """The names that have a word which begins as each word that was typed. Pure."""
    wanted = plain(typed).split()
    found = []
    for folded, name in names:
        words = folded.split()
        if all(any(word.startswith(one) for word in words) for one in wanted):
            found.append(name)
            if len(found) == NAMES:
                break
    return found


def plain(name: str) -> str:
    """A name as it is compared: folded as texts are, without case and accents."""
    parted = unicodedata.normalize("NFKD", fold(name).casefold())
    return "".join(character for character in parted if not unicodedata.combining(character))


def author_query(name: str) -> str:
    """The search for an author."""
    return 'author:"' + name.replace('"', " ") + '"'


def read_titles(connection: sqlite3.Connection, typed: str) -> tuple[tuple[int, str, str], ...]:
    """The newest articles whose title has these words: number, title and site."""
    root = parse_query(f"{typed}*" if typed[-1:].isalnum() else typed).root
    if root is None:
        return ()
    rows = connection.execute(
        "SELECT a.id, a.title, a.site FROM titles_fts AS f CROSS JOIN articles AS a ON a.id = f.rowid "
        "WHERE titles_fts MATCH ? AND a.title <> '' ORDER BY f.rowid DESC LIMIT ?",
        [match_expression(root), 4 * TITLES],
    )
    titles: dict[str, tuple[int, str, str]] = {}
    for number, title, site in rows:
        titles.setdefault(title, (number, title, site))
    return tuple(titles.values())[:TITLES]
