"""What a query asks for besides the words it is ranked by, as SQL on articles `a`. Reads alone."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from typing import Any

from archive.search.conditions import Condition, Either, Every, Filter, Without
from archive.store.matching import matching

FilterSql = Callable[[Filter], tuple[str, dict[str, Any]]]
"""The SQL of one filter, and the values it takes."""


def condition_sql(
    connection: sqlite3.Connection, condition: Condition, values: dict[str, Any], filter_sql: FilterSql
) -> str:
    """The SQL of a condition, true or false and never `NULL`. values: those it takes are added.

    The text of a copy is that of what it copies, so words are looked for in both.
    """
    match condition:
        case Filter():
            sql, taken = filter_sql(condition)
            return f"coalesce({_renamed(sql, taken, values)}, false)"
        case Without(part):
            return f"NOT {condition_sql(connection, part, values, filter_sql)}"
        case Every(parts) | Either(parts):
            operator = " AND " if isinstance(condition, Every) else " OR "
            said = [condition_sql(connection, part, values, filter_sql) for part in parts]
            return f"({operator.join(said)})"
        case _:
            found = matching(connection, condition)
            ids, taken = found.ids, found.values
            if found.expression is not None:
                ids = "SELECT rowid FROM articles_fts WHERE articles_fts MATCH :match"
                taken = {"match": found.expression}
            ids = _renamed(ids, taken, values)
            return f"(a.id IN ({ids}) OR coalesce(a.duplicate_of, a.id) IN ({ids}))"


def _renamed(sql: str, taken: dict[str, Any], values: dict[str, Any]) -> str:
    """The same SQL with values of names that nothing else has."""
    start = f"typed{len(values)}_"
    values.update({start + name: value for name, value in taken.items()})
    return re.sub(r":(?=\w)", f":{start}", sql)
