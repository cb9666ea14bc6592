"""What a search looks for in this archive, and which articles that finds, as SQL. Reads alone.

A filter that a head does not pass may be passed by its duplicate (its site, its date), which is then found by the
text of the head.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from archive.model import SearchRequest
from archive.search.names import WORD
from archive.search.query import Node, Query, parse_query
from archive.search.sounds import plain
from archive.search.synonyms import with_shipped
from archive.search.unordered import WordsApart, apart
from archive.search.variants import expand_query
from archive.store.beginnings import with_commonest
from archive.store.matching import FOLDED_COLUMNS, matching
from archive.store.newest import found_among, newest_matches
from archive.store.sanitise import clean_line
from archive.store.scarce import Few, passing_few
from archive.store.terms import StoredLexicon

VERY_COMMON: Final = 50_000
"""So many matches are counted and no more, and a word that so many articles have is not weighed."""

EVERY: Final = 10**9
"""More than any archive holds, less than SQLite's largest integer."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a request looks for in this archive.

    root: what must match, all spellings of names included; `None` where nothing can be searched for. also: the
    spellings that were not typed. request: its filters, those typed into the query included. blank: as of `Query`.
    """

    root: Node | None
    also: tuple[str, ...]
    request: SearchRequest
    blank: bool


def meaning_of(connection: sqlite3.Connection, request: SearchRequest) -> Meaning:
    """What a request looks for in this archive."""
    query = parse_query(request.query)
    filtered = with_typed_filters(request, query)
    if query.root is None or request.exact:
        return Meaning(query.root, (), filtered, query.blank)
    lexicon = StoredLexicon(connection, FOLDED_COLUMNS)
    synonyms = with_shipped(request.synonyms)
    if not request.ordered:
        root, also = expand_query(query.root, WordsApart(lexicon), synonyms)
        return Meaning(apart(root), also, filtered, query.blank)
    root, also = expand_query(query.root, lexicon, synonyms)
    return Meaning(root, also, filtered, query.blank)


def with_typed_filters(request: SearchRequest, query: Query) -> SearchRequest:
    """The request, its filters outranked by those that were typed into the query."""
    typed = query.filters
    return replace(
        request,
        site=typed.get("site", request.site),
        author=typed.get("author", request.author),
        language=typed.get("language", request.language),
        tag=typed.get("tag", request.tag),
        since=typed.get("since", request.since),
        until=typed.get("until", request.until),
    )


class Candidates(NamedTuple):
    """The articles that a search finds: FROM and WHERE, newest first, and as they come.

    rank, id: of one of them, lower is better, and its id, both as SQL. words: what `articles_fts` is asked for; `None`
    where it cannot answer alone. filtered: whether anything else is asked; where not, `archive.store.newest` finds the
    words sooner than the SQL. few: those that pass a filter that few pass, among which it finds them sooner, too; rest:
    the other conditions on articles `a`, each with its AND before it. weighed: the expression that is ranked, where
    that is not all that must match. copies: the duplicates of what matches are wanted.
    """

    sql: str
    unordered: str
    rank: str
    id: str = "a.id"
    words: Node | None = None
    filtered: bool = True
    few: Few | None = None
    rest: str = ""
    weighed: str | None = None
    copies: bool = False


def candidates(
    connection: sqlite3.Connection,
    request: SearchRequest,
    root: Node | None,
    *,
    with_copies: bool = False,
    every: bool = False,
    very_common: int = VERY_COMMON,
) -> tuple[Candidates, dict[str, Any]]:
    """What finds the articles of a request, and the values it takes. root: `None` for all that pass the filters.

    with_copies: the duplicates of an article whose text is found as well, even where no filter asks which of them.
    every: whatever begins as a `co*` of the query does, and not its commonest words alone, for one who takes all.
    very_common: articles that must have such a beginning for that.
    """
    conditions, values = filters_sql(request)
    condition = "".join(conditions.values())
    if root is None:
        condition += only_few(connection, values)
        unordered = f"FROM articles AS a WHERE true {condition}"
        return Candidates(f"{unordered} ORDER BY a.id DESC", unordered, "0.0"), values
    root = root if every else with_commonest(connection, root, very_common)
    found = matching(connection, root)
    if found.expression is None:
        values |= found.values
        unordered = (
            f"FROM ({found.ids}) AS f CROSS JOIN articles AS a ON a.id = f.id OR a.duplicate_of = f.id "
            f"WHERE true {condition}"
        )
        return Candidates(f"{unordered} ORDER BY f.id DESC", unordered, "-1.0"), values
    values["match"] = found.expression
    rank = "bm25(articles_fts, :title_weight, 1.0, 0.0)"
    if not condition:
        unordered = "FROM articles_fts WHERE articles_fts MATCH :match"
        sql = f"{unordered} ORDER BY rowid DESC"
        return Candidates(sql, unordered, rank, "rowid", root, filtered=False, copies=with_copies), values
    few = passing_few(connection, values)
    rest = "".join(one for name, one in conditions.items() if few is not None and name != few.name)
    # CROSS JOIN keeps the index outermost: it walks the newest first and stops at the window.
    of_word = "articles_fts AS f CROSS JOIN articles AS a ON a.id = f.rowid OR a.duplicate_of = f.rowid"
    unordered = f"FROM {of_word} WHERE articles_fts MATCH :match {condition}"
    sql = f"{unordered} ORDER BY f.rowid DESC"
    return Candidates(sql, unordered, rank, words=root, few=few, rest=rest), values


def newest_ids(
    connection: sqlite3.Connection, source: Candidates, values: dict[str, Any], window: int
) -> list[int]:
    """The ids of the newest `window` matches, and those of their duplicates where they are wanted."""
    if source.words is not None and source.few is not None:
        among = found_among(connection, source.words, source.few, singly=True)
        return [number for _, number in passing(connection, source.rest, among, values)[:window]]
    if source.words is not None and not source.filtered:
        found = newest_matches(connection, source.words, window, 0).ids
    else:
        sql = f"SELECT {source.id} AS id {source.sql} LIMIT :window"
        found = [number for (number,) in connection.execute(sql, {**values, "window": window})]
    if not source.copies:
        return found
    # A match with a join by either of two columns takes 3 us, by one after the other a third of that.
    copies = connection.execute(
        "SELECT copy.id FROM json_each(?) AS head CROSS JOIN articles AS copy INDEXED BY articles_duplicate_of "
        "ON copy.duplicate_of = head.value",
        [json.dumps(found)],
    )
    return [*found, *(number for (number,) in copies)]


def passing(
    connection: sqlite3.Connection, rest: str, found: list[tuple[int, int]], values: dict[str, Any]
) -> list[tuple[int, int]]:
    """Those of some articles that pass the other filters. found: what each is found by, and the article."""
    if not rest:
        return found
    passed = connection.execute(
        f"SELECT a.id FROM json_each(:found) AS one CROSS JOIN articles AS a ON a.id = one.value WHERE true {rest}",  # noqa: S608 - ours
        {**values, "found": json.dumps([number for _, number in found])},
    )
    some = {number for (number,) in passed}
    return [one for one in found if one[1] in some]


def only_few(connection: sqlite3.Connection, values: dict[str, Any]) -> str:
    """What else is true of articles `a` where few pass a filter; its values are added."""
    few = passing_few(connection, values)
    if few is None:
        return ""
    values["few"] = json.dumps(few.ids)
    return " AND a.id IN (SELECT value FROM json_each(:few))"


def filter_sql(request: SearchRequest) -> tuple[str, dict[str, Any]]:
    """The conditions on articles `a` of all filters, each with its AND before it, and their values."""
    conditions, values = filters_sql(request)
    return "".join(conditions.values()), values


def filters_sql(request: SearchRequest) -> tuple[dict[str, str], dict[str, Any]]:
    """The conditions on articles `a` by the names of the filters, each with its AND before it, and their values.

    The `+` keeps the planner from an index of `articles` that would be walked anew for each match of the words.
    """
    conditions: dict[str, str] = {}
    values: dict[str, Any] = {}
    if request.site is not None:
        site = clean_line(request.site).lower().removeprefix("www.")
        conditions["site"] = "(+a.site = :site OR substr(a.site, -length(:below_site)) = :below_site)"
        values |= {"site": site, "below_site": f".{site}"}
    if request.author is not None:
        words = [f'"{plain(word)}"' for word in WORD.findall(request.author)]
        conditions["author"] = (
            "a.id IN (SELECT rowid FROM authors_fts WHERE authors_fts MATCH :author)" if words else "false"
        )
        values["author"] = " ".join(words)
    if request.outcome is not None:
        conditions["outcome"] = (
            "EXISTS (SELECT 1 FROM captures AS c WHERE c.article_id = a.id AND c.outcome = :outcome)"
        )
        values["outcome"] = clean_line(request.outcome)
    if request.language is not None:
        language = clean_line(request.language).lower()
        conditions["language"] = (
            "(lower(a.language) = :language OR substr(lower(a.language), 1, length(:dialect)) = :dialect)"
        )
        values |= {"language": language, "dialect": f"{language}-"}
    dates = []
    for since in filter(None, (request.since, request.month)):
        name = f"since{len(values)}"
        dates.append(f"+a.published >= :{name}")
        values[name] = clean_line(since)
    for until in filter(None, (request.until, request.month)):
        # `2017-10` includes `2017-10-31T23:59`: a tilde comes after whatever may follow a date.
        name = f"until{len(values)}"
        dates.append(f"+a.published <= :{name}")
        values[name] = f"{clean_line(until)}~"
    if dates:
        conditions["dates"] = " AND ".join(dates)
    if request.tag is not None:
        conditions["tag"] = (
            "EXISTS (SELECT 1 FROM article_tags AS at JOIN tags AS t ON t.id = at.tag_id "
            "WHERE at.article_id = a.id AND t.name = :tag)"
        )
        values["tag"] = clean_line(request.tag)
    if request.job is not None:
        conditions["job"] = "EXISTS (SELECT 1 FROM captures AS c WHERE c.article_id = a.id AND c.job = :job)"
        values["job"] = clean_line(request.job)
    return {name: f" AND {condition}" for name, condition in conditions.items()}, values
