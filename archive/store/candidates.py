"""What a search looks for in this archive, and which articles that finds, as SQL. Reads alone.

A filter that a head does not pass may be passed by its duplicate (its site, its date), which is then found by the
text of the head.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any, Final, NamedTuple

from archive.model import SearchRequest
from archive.search.conditions import Condition, Either, Every, Filter, Without, every
from archive.search.names import WORD
from archive.search.parsing import Query, parse_query
from archive.search.query import Node
from archive.search.sounds import plain
from archive.search.synonyms import with_shipped
from archive.search.unordered import WordsApart, apart, without_order
from archive.search.variants import expand_query
from archive.store.beginnings import with_commonest
from archive.store.bitmaps import Bits
from archive.store.conditions import condition_sql
from archive.store.matching import FOLDED_COLUMNS, matching
from archive.store.memo import Memo
from archive.store.newest import found_among, newest_matches
from archive.store.passing import Passed, copies_of, newest_passing, passing_bits
from archive.store.rows import list_from_column
from archive.store.sanitise import clean_line
from archive.store.scarce import Few, passing_few
from archive.store.terms import StoredLexicon
from scraper.errors import BadUrl
from scraper.urls import site_of, with_scheme

VERY_COMMON: Final = 50_000
"""So many matches are counted and no more, and a word that so many articles have is not weighed."""

EVERY: Final = 10**9
"""More than any archive holds, less than SQLite's largest integer."""


@dataclass(frozen=True, slots=True)
class Filtered(SearchRequest):
    """A request with the filters that were typed into its query. condition: those that its fields do not say."""

    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a request looks for in this archive.

    root: what must match, all spellings of names included; `None` where nothing can be searched for. also: the
    spellings that were not typed. request: its filters, those typed into the query included. blank,
    notes: as of `Query`.
    """

    root: Node | None
    also: tuple[str, ...]
    request: Filtered
    blank: bool
    notes: tuple[str, ...] = ()


def meaning_of(connection: sqlite3.Connection, request: SearchRequest, memo: Memo | None = None) -> Meaning:
    """What a request looks for in this archive."""
    return (memo or Memo()).once(("meaning", request), lambda: _meaning_of(connection, request))


def _meaning_of(connection: sqlite3.Connection, request: SearchRequest) -> Meaning:
    query = parse_query(request.query)
    if not request.ordered:
        query = without_order(query)
    filtered = with_typed_filters(request, query)
    if filtered.tag is not None:
        filtered = replace(filtered, tag=stored_tag(connection, filtered.tag))
    notes = (*query.notes, *_impossible(filtered))
    if request.exact or (query.root is None and query.condition is None):
        return Meaning(query.root, (), filtered, query.blank, notes)
    lexicon = StoredLexicon(connection, FOLDED_COLUMNS)
    synonyms = with_shipped(request.synonyms)
    also: dict[str, None] = {}

    def expanded(condition: Condition) -> Condition:
        match condition:
            case Filter() | Without():
                return condition
            case Every(parts) | Either(parts):
                return replace(condition, parts=tuple(map(expanded, parts)))
            case _:
                return with_spellings(condition)

    def with_spellings(words: Node) -> Node:
        expansion = expand_query(words, lexicon if request.ordered else WordsApart(lexicon), synonyms)
        also.update(dict.fromkeys(expansion.also))
        # a spelling of a name may be a phrase again
        return expansion.root if request.ordered else apart(expansion.root) or words

    root = None if query.root is None else with_spellings(query.root)
    if filtered.condition is not None:
        filtered = replace(filtered, condition=expanded(filtered.condition))
    return Meaning(root, tuple(also), filtered, query.blank, notes)


def _impossible(request: SearchRequest) -> tuple[str, ...]:
    """A line where no date can be within those that are asked for."""
    since, until = request.since, request.until
    if since is None or until is None or since[: len(until)] <= until:
        return ()
    return (f"no date is both after {since} and before {until}",)


def with_typed_filters(request: SearchRequest, query: Query) -> Filtered:
    """The request with the filters that were typed into the query: all of both must hold."""
    own = {one.name: getattr(request, one.name) for one in fields(request)}
    besides = [] if query.condition is None else [query.condition]
    for name, value in query.filters.items():
        if own[name] is None:
            own[name] = value
        else:
            besides.append(Filter(name, value))
    return Filtered(**{**own, "condition": every(besides)})


def stored_tag(connection: sqlite3.Connection, tag: str) -> str:
    """A tag as the archive writes it, where it has it in other capitals alone."""
    names = [name for (name,) in connection.execute("SELECT name FROM tags ORDER BY name")]
    tag = clean_line(tag)
    return tag if tag in names else next((one for one in names if one.casefold() == tag.casefold()), tag)


class Candidates(NamedTuple):
    """The articles that a search finds: FROM and WHERE, newest first, and as they come.

    rank, id: of one of them, lower is better, and its id, both as SQL. words: what `articles_fts` is asked for; `None`
    where it cannot answer alone. filtered: whether anything else is asked; where not, `archive.store.newest` finds the
    words sooner than the SQL. many: those that pass all filters, where bits tell. few: else those that pass a filter
    that few pass, among which words are found sooner, too; rest: the other conditions on articles `a`, each with its
    AND before it. weighed: the expression that is ranked, where that is not all that must match. copies: the duplicates
    of what matches are wanted.
    """

    sql: str
    unordered: str
    rank: str
    id: str = "a.id"
    words: Node | None = None
    filtered: bool = True
    many: Bits | None = None
    few: Few | None = None
    rest: str = ""
    weighed: str | None = None
    copies: bool = False

    @property
    def by_bits_or_lists(self) -> bool:
        """Whether the articles that pass the filters are known before the words are looked for."""
        return self.many is not None or self.few is not None


def candidates(
    connection: sqlite3.Connection,
    request: SearchRequest,
    root: Node | None,
    memo: Memo | None = None,
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
    conditions, values = filters_sql(connection, request)
    condition = "".join(conditions.values())
    memo = memo or Memo()
    if root is None:
        many = passing_many(connection, request, memo)
        condition += only_few(connection, values) if many is None else ""
        unordered = f"FROM articles AS a WHERE true {condition}"
        return Candidates(f"{unordered} ORDER BY a.id DESC", unordered, "0.0", many=many), values
    if not every:
        of_words = partial(with_commonest, connection, root, very_common)
        root = memo.once(("commonest", root, very_common), of_words)
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
    many = passing_many(connection, request, memo)
    few = passing_few(connection, values) if many is None else None
    rest = "".join(one for name, one in conditions.items() if few is not None and name != few.name)
    # CROSS JOIN keeps the index outermost: it walks the newest first and stops at the window.
    of_word = "articles_fts AS f CROSS JOIN articles AS a ON a.id = f.rowid OR a.duplicate_of = f.rowid"
    unordered = f"FROM {of_word} WHERE articles_fts MATCH :match {condition}"
    sql = f"{unordered} ORDER BY f.rowid DESC"
    return Candidates(sql, unordered, rank, words=root, many=many, few=few, rest=rest), values


def newest_ids(
    connection: sqlite3.Connection,
    source: Candidates,
    values: dict[str, Any],
    window: int,
    memo: Memo | None = None,
) -> list[int]:
    """The ids of the newest `window` matches, and those of their duplicates where they are wanted."""
    memo = memo or Memo()
    if source.words is None and source.many is not None:
        return source.many.newest(window)
    if source.by_bits_or_lists:
        passed = passing(connection, source, values, window, 0, memo, False)
        return list(dict.fromkeys(number for _, number in passed.pairs))[:window]
    if source.words is not None and not source.filtered:
        found = newest_matches(connection, source.words, window, 0, memo).ids
    else:
        sql = f"SELECT {source.id} AS id {source.sql} LIMIT :window"
        rows = connection.execute(sql, {**values, "window": window})
        # a copy whose own title has the words is found by itself and by what it copies
        found = list(dict.fromkeys(number for (number,) in rows))
    if not source.copies:
        return found
    copies = copies_of(connection, found)
    return list(dict.fromkeys((*found, *(number for _, number in copies))))


def passing(
    connection: sqlite3.Connection,
    source: Candidates,
    values: dict[str, Any],
    wanted: int,
    most: int,
    memo: Memo,
    weighed: bool,
) -> Passed:
    """The matches that pass the filters, where those that do are known before; at least the `wanted` newest.

    most: so many articles are counted. weighed: whether the words will be asked for again, to weigh them.
    """
    assert source.words is not None  # noqa: S101 - see `Candidates`
    if source.many is not None:
        return newest_passing(connection, source.words, source.many, wanted, most, memo)
    assert source.few is not None  # noqa: S101 - see `Candidates.by_bits_or_lists`
    pairs = found_among(connection, source.words, source.few, memo, singly=not weighed)
    if source.rest:
        passed = connection.execute(
            "SELECT a.id FROM json_each(:found) AS one CROSS JOIN articles AS a ON a.id = one.value "  # noqa: S608 - ours
            f"WHERE true {source.rest}",
            {**values, "found": json.dumps([number for _, number in pairs])},
        )
        some = {number for (number,) in passed}
        pairs = [one for one in pairs if one[1] in some]
    return Passed(pairs, len(pairs), len({source.few.copies.get(number, number) for _, number in pairs}))


def passing_many(connection: sqlite3.Connection, request: SearchRequest, memo: Memo) -> Bits | None:
    """The articles that pass all filters of a request, where bits tell."""
    condition = request.condition if isinstance(request, Filtered) else None
    return passing_bits(connection, request, condition, partial(_one_filter, connection), memo)


def only_few(connection: sqlite3.Connection, values: dict[str, Any]) -> str:
    """What else is true of articles `a` where few pass a filter; its values are added."""
    few = passing_few(connection, values)
    if few is None:
        return ""
    values["few"] = json.dumps(few.ids)
    return " AND a.id IN (SELECT value FROM json_each(:few))"


def filter_sql(connection: sqlite3.Connection, request: SearchRequest) -> tuple[str, dict[str, Any]]:
    """The conditions on articles `a` of all filters, each with its AND before it, and their values."""
    conditions, values = filters_sql(connection, request)
    return "".join(conditions.values()), values


def filters_sql(
    connection: sqlite3.Connection, request: SearchRequest
) -> tuple[dict[str, str], dict[str, Any]]:
    """The conditions on articles `a` by the names of the filters, each with its AND before it, and their values.

    The `+` keeps the planner from an index of `articles` that would be walked anew for each match of the words.
    """
    conditions: dict[str, str] = {}
    values: dict[str, Any] = {}
    if request.site is not None:
        site = asked_site(request.site)
        conditions["site"] = "(+a.site = :site OR substr(a.site, -length(:below_site)) = :below_site)"
        values |= {"site": site, "below_site": f".{site}"}
    if request.author is not None:
        words = [f'"{plain(word)}"' for word in WORD.findall(request.author)]
        conditions["author"] = (
            "a.id IN (SELECT rowid FROM authors_fts WHERE authors_fts MATCH :author)" if words else "false"
        )
        values["author"] = " ".join(words)
        if len(words) > 1 and (others := _several_authors(connection, request.author, values["author"])):
            conditions["several"] = "+a.authors NOT IN (SELECT value FROM json_each(:several))"
            values["several"] = json.dumps(others)
    if request.outcome is not None:
        conditions["outcome"] = (
            "EXISTS (SELECT 1 FROM captures AS c WHERE c.article_id = a.id AND c.outcome = :outcome)"
        )
        values["outcome"] = clean_line(request.outcome).lower()
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
    if isinstance(request, Filtered) and request.condition is not None:
        one_filter = partial(_one_filter, connection)
        conditions["typed"] = condition_sql(connection, request.condition, values, one_filter)
    return {name: f" AND {condition}" for name, condition in conditions.items()}, values


def _one_filter(connection: sqlite3.Connection, one: Filter) -> tuple[str, dict[str, Any]]:
    """A filter as SQL on articles `a`, and its values."""
    value = stored_tag(connection, one.value) if one.field == "tag" else one.value
    sql, values = filter_sql(connection, SearchRequest("", **{one.field: value}))  # type: ignore[arg-type]  # a string
    return f"({sql.removeprefix(' AND ')})", values


def asked_site(asked: str) -> str:
    """The site that a filter asks for, by its name, the last part of one, or an address."""
    asked = clean_line(asked).strip().lower()
    try:
        return site_of(with_scheme(asked))
    except BadUrl:  # com
        return asked


def _several_authors(connection: sqlite3.Connection, asked: str, match: str) -> list[str]:
    """The lists of authors that have all words of a name, but none of the authors has all of them.

    The index has a list as one text: Steve Peoples and Thomas Beaumont are no Steve Beaumont.
    """
    wanted = {plain(word) for word in WORD.findall(asked)}
    lists = connection.execute(
        "SELECT DISTINCT authors FROM articles WHERE id IN (SELECT rowid FROM authors_fts WHERE authors_fts MATCH ?)",
        [match],
    )
    return [
        authors
        for (authors,) in lists
        if not any(
            wanted <= {plain(word) for word in WORD.findall(name)} for name in list_from_column(authors)
        )
    ]
