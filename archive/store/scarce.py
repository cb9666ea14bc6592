"""Filters that few articles pass, so that a common word is not held against the facts of each article that has it.

The index is walked from the newest match on, and each match costs a look at its article: 3 us, for the 375,000 matches
of a common word in a million articles more than a second, where a filter leaves too few to stop early. Whether a match
is one of some thousand numbers costs a tenth of a microsecond.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

SCARCE: Final = 60_000
"""So many articles are few. To list them takes 60 ms, 8,000 of them 15 ms; of more the walk sooner finds its fill."""

SINGLY: Final = 1_000
"""So many are asked for one by one, 25 us each, where a word has half a million matches."""


@dataclass(frozen=True, slots=True)
class Few:
    """The articles that pass a filter.

    name: of the filter, as in `archive.store.candidates.filters_sql`. copies: those of them that copy another's text,
    and whose, which may pass or not.
    """

    name: str
    ids: list[int]
    copies: dict[int, int]

    def texts(self) -> list[int]:
        """The articles by whose texts they are found, ascending."""
        return sorted({*self.ids, *self.copies.values()})

    def found_by(self, texts: Iterable[int]) -> list[tuple[int, int]]:
        """Which of some articles finds which of these, the newest text first: an article by its own, or by what it
        copies."""
        some = set(texts)
        found = [(one, one) for one in self.ids if one in some]
        found += [(text, one) for one, text in self.copies.items() if text in some]
        found.sort(reverse=True)
        return found


_LISTS: Final = {
    "author": "SELECT rowid AS id FROM authors_fts WHERE authors_fts MATCH :author",
    "tag": "SELECT at.article_id AS id FROM tags AS t JOIN article_tags AS at ON at.tag_id = t.id WHERE t.name = :tag",
    "job": "SELECT DISTINCT article_id AS id FROM captures WHERE job = :job AND article_id IS NOT NULL",
    "site": """
        SELECT id, duplicate_of FROM articles WHERE site IN
            (SELECT site FROM sites WHERE site = :site OR substr(site, -length(:below_site)) = :below_site)
    """,
}


def passing_few(connection: sqlite3.Connection, values: Mapping[str, Any]) -> Few | None:
    """The articles that pass a filter that few pass; `None` where none is such.

    values: of `archive.store.candidates.filters_sql`.
    """
    lists = {name: sql for name, sql in _LISTS.items() if values.get(name)}
    since, until = ([f":{name}" for name in values if name.startswith(start)] for start in ("since", "until"))
    if since or until:
        # a month begins after `since` and ends before `until`
        conditions = [f"published >= {name}" for name in since] + [f"published <= {name}" for name in until]
        lists["dates"] = f"SELECT id FROM articles WHERE {' AND '.join(conditions)}"  # noqa: S608 - names of ours
    for name, sql in lists.items():
        rows = connection.execute(f"{sql} LIMIT {SCARCE + 1}", values).fetchall()
        if len(rows) > SCARCE:
            continue
        ids = [row[0] for row in rows]
        if name != "site":  # whose index says it
            rows = connection.execute(
                "SELECT articles.id, duplicate_of FROM json_each(?) CROSS JOIN articles INDEXED BY articles_facts "
                "ON articles.id = value WHERE duplicate_of IS NOT NULL",
                [json.dumps(ids)],
            ).fetchall()
        return Few(name, ids, {one: text for one, text in rows if text is not None})
    return None
