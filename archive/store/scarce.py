"""Filters that few articles pass, so that a common word is not held against the facts of each article that has it.

The index is walked from the newest match on, and each match costs a look at its article: 3 us, for the 375,000 matches
of a common word in a million articles more than a second, where a filter leaves too few to stop early. Whether a match
is one of some thousand numbers costs a tenth of a microsecond.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

SCARCE: Final = 60_000
"""So many articles are few. To list them takes 60 ms, 8,000 of them 15 ms; of more the walk sooner finds its fill."""

SINGLY: Final = 1_000
"""So many are asked for one by one, 25 us each, where a word has half a million matches."""


class Few(NamedTuple):
    """Some articles. values: `few`, a JSON array in order, and the first and last of them, `low` and `high`."""

    total: int
    values: dict[str, Any]


_LISTS: Final = {
    "author": "SELECT rowid AS id FROM authors_fts WHERE authors_fts MATCH :author",
    "tag": "SELECT at.article_id AS id FROM tags AS t JOIN article_tags AS at ON at.tag_id = t.id WHERE t.name = :tag",
    "job": "SELECT DISTINCT article_id AS id FROM captures WHERE job = :job AND article_id IS NOT NULL",
    "site": """
        SELECT id FROM articles WHERE site IN
            (SELECT site FROM sites WHERE site = :site OR substr(site, -length(:below_site)) = :below_site)
    """,
}


def passing_few(connection: sqlite3.Connection, values: Mapping[str, Any]) -> Few | None:
    """The articles that may pass a filter that few pass, and those whose text they copy; `None` where none is such.

    values: of `archive.store.candidates.filter_sql`.
    """
    lists = {name: sql for name, sql in _LISTS.items() if values.get(name)}
    since, until = ([f":{name}" for name in values if name.startswith(start)] for start in ("since", "until"))
    if since or until:
        # a month begins after `since` and ends before `until`
        conditions = [f"published >= {name}" for name in since] + [f"published <= {name}" for name in until]
        lists["dates"] = f"SELECT id FROM articles WHERE {' AND '.join(conditions)}"  # noqa: S608 - names of ours
    for sql in lists.values():
        found = [number for (number,) in connection.execute(f"{sql} LIMIT {SCARCE + 1}", values)]
        if len(found) <= SCARCE:
            copied = connection.execute(
                "SELECT duplicate_of FROM json_each(?) CROSS JOIN articles INDEXED BY articles_facts "
                "ON articles.id = value WHERE duplicate_of IS NOT NULL",
                [json.dumps(found)],
            )
            numbers = sorted({*found, *(number for (number,) in copied)})
            low, high = (numbers[0], numbers[-1]) if numbers else (0, -1)
            return Few(len(numbers), {"few": json.dumps(numbers), "low": low, "high": high})
    return None
