"""Searches over the index: ranked, filtered, with the matches marked in the original text.

One text is one result: where a head and its duplicates all match, the best of them is shown. A filter that a
head does not pass may be passed by its duplicate (its site, its date), which is then found by the head's text.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from typing import Any, Final

from archive.model import Hit, SearchRequest, SearchResult
from archive.search.query import AnyOf, Node, Query, match_expression, parse_query, wanted_terms
from archive.search.snippets import CLOSE, OPEN, Spans, cut_snippet, matches
from archive.search.synonyms import with_shipped
from archive.search.variants import expand_query
from archive.store.rows import rows_of
from archive.store.sanitise import clean_line
from archive.store.terms import StoredLexicon

RANKED_MATCHES: Final = 10_000
"""How many matches are ranked: the newest. bm25 costs 1 to 2 us a match, so a very common word would take a second
at a million articles; so bounded it takes 30 ms (`../shared/facts/fetch-store.md`, section 5)."""

TITLE_WEIGHT: Final = 5.0
"""A word in the title counts as five in the text. By judgement, not by measurement."""

_MANY: Final = 10**9  # more than any page of results, less than SQLite's largest integer

FOLDED_COLUMNS: Final = "{title text}"


def search_articles(
    connection: sqlite3.Connection, request: SearchRequest, *, ranked_matches: int = RANKED_MATCHES
) -> SearchResult:
    """The articles that a request finds, best first; ties by id. A request for nothing but filters lists the
    newest. `total` counts texts, and beyond `ranked_matches` matching articles."""
    meaning = meaning_of(connection, request)
    if meaning.root is None:
        return _list_newest(connection, meaning.request) if meaning.blank else SearchResult((), 0)
    found = _search_text(connection, meaning.request, meaning.root, ranked_matches)
    return replace(found, expanded_to=meaning.also)


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
    root, also = expand_query(query.root, lexicon, with_shipped(request.synonyms))
    return Meaning(root, also, filtered, query.blank)


def with_typed_filters(request: SearchRequest, query: Query) -> SearchRequest:
    """The request, its filters outranked by those that were typed into the query."""
    typed = query.filters
    return replace(
        request,
        site=typed.get("site", request.site),
        language=typed.get("language", request.language),
        tag=typed.get("tag", request.tag),
        since=typed.get("since", request.since),
        until=typed.get("until", request.until),
    )


def _search_text(
    connection: sqlite3.Connection, request: SearchRequest, root: Node, ranked_matches: int
) -> SearchResult:
    condition, values = filter_sql(request)
    values |= {
        "match": f"{FOLDED_COLUMNS} : {match_expression(root)}",
        "title_weight": TITLE_WEIGHT,
        "window": ranked_matches,
        "limit": min(max(request.limit, 0), _MANY),
        "offset": min(max(request.offset, 0), _MANY),
    }
    # CROSS JOIN keeps the index outermost: it walks the newest first and stops at the window.
    candidates = (
        "articles_fts AS f CROSS JOIN articles AS a ON a.id = f.rowid OR a.duplicate_of = f.rowid"
        if condition
        else "articles_fts AS f CROSS JOIN articles AS a ON a.id = f.rowid"
    )
    where = f"articles_fts MATCH :match {condition}"
    found = rows_of(
        connection.execute(
            f"""
            WITH matching AS (
                SELECT a.id, a.duplicate_of, bm25(articles_fts, :title_weight, 1.0, 0.0) AS rank
                FROM {candidates} WHERE {where}
                ORDER BY f.rowid DESC LIMIT :window
            ), best AS (
                SELECT id, rank, row_number() OVER (
                    PARTITION BY coalesce(duplicate_of, id) ORDER BY rank, duplicate_of IS NOT NULL, id
                ) AS place
                FROM matching
            )
            SELECT id, rank, count(*) OVER () AS total, (SELECT count(*) FROM matching) AS ranked
            FROM best WHERE place = 1 ORDER BY rank, id LIMIT :limit OFFSET :offset
            """,  # noqa: S608 - words of ours; what the reader typed is bound
            values,
        )
    )
    if found and found[0]["ranked"] < ranked_matches:
        total = found[0]["total"]
    else:
        (total,) = connection.execute(
            f"SELECT count(DISTINCT coalesce(a.duplicate_of, a.id)) FROM {candidates} WHERE {where}"  # noqa: S608 - as above
            if condition
            else "SELECT count(*) FROM articles_fts WHERE articles_fts MATCH :match",
            values,
        ).fetchone()
    marking = f"{FOLDED_COLUMNS} : {match_expression(AnyOf(wanted_terms(root)))}"
    return SearchResult(tuple(_hit(connection, row["id"], -row["rank"], marking) for row in found), total)


def _list_newest(connection: sqlite3.Connection, request: SearchRequest) -> SearchResult:
    condition, values = filter_sql(request)
    values |= {"limit": min(max(request.limit, 0), _MANY), "offset": min(max(request.offset, 0), _MANY)}
    where = f"WHERE true {condition}"
    (total,) = connection.execute(f"SELECT count(*) FROM articles AS a {where}", values).fetchone()  # noqa: S608 - as above
    found = connection.execute(
        f"SELECT a.id FROM articles AS a {where} ORDER BY a.id DESC LIMIT :limit OFFSET :offset",  # noqa: S608 - as above
        values,
    ).fetchall()
    return SearchResult(tuple(_hit(connection, article_id, 0.0, None) for (article_id,) in found), total)


def filter_sql(request: SearchRequest) -> tuple[str, dict[str, Any]]:
    """The conditions on articles `a`, each with its AND before it, and their values.

    The `+` keeps the planner from an index of `articles` that would be walked anew for each match of the words.
    """
    conditions: list[str] = []
    values: dict[str, Any] = {}
    if request.site is not None:
        site = clean_line(request.site).lower().removeprefix("www.")
        conditions.append("(+a.site = :site OR substr(a.site, -length(:below_site)) = :below_site)")
        values |= {"site": site, "below_site": f".{site}"}
    if request.language is not None:
        language = clean_line(request.language).lower()
        conditions.append(
            "(lower(a.language) = :language OR substr(lower(a.language), 1, length(:dialect)) = :dialect)"
        )
        values |= {"language": language, "dialect": f"{language}-"}
    for since in filter(None, (request.since, request.month)):
        name = f"since{len(values)}"
        conditions.append(f"+a.published >= :{name}")
        values[name] = clean_line(since)
    for until in filter(None, (request.until, request.month)):
        # `2017-10` includes `2017-10-31T23:59`: a tilde comes after whatever may follow a date.
        name = f"until{len(values)}"
        conditions.append(f"+a.published <= :{name}")
        values[name] = f"{clean_line(until)}~"
    if request.tag is not None:
        conditions.append(
            "EXISTS (SELECT 1 FROM article_tags AS at JOIN tags AS t ON t.id = at.tag_id "
            "WHERE at.article_id = a.id AND t.name = :tag)"
        )
        values["tag"] = clean_line(request.tag)
    if request.job is not None:
        conditions.append("EXISTS (SELECT 1 FROM captures AS c WHERE c.article_id = a.id AND c.job = :job)")
        values["job"] = clean_line(request.job)
    return "".join(f" AND {condition}" for condition in conditions), values


def _hit(connection: sqlite3.Connection, article_id: int, score: float, marking: str | None) -> Hit:
    (row,) = rows_of(
        connection.execute(
            """
            SELECT a.id, a.url, a.title, a.site, a.published, a.language,
                coalesce(head.id, a.id) AS text_id, coalesce(head.text, a.text) AS text
            FROM articles AS a LEFT JOIN articles AS head ON head.id = a.duplicate_of
            WHERE a.id = ?
            """,
            [article_id],
        )
    )
    title_marks, text_marks = _marks(connection, marking, article_id, row["title"], row["text"])
    if row["text_id"] != article_id:
        _, text_marks = _marks(connection, marking, row["text_id"], None, row["text"])
    snippet = cut_snippet(row["text"], text_marks)
    return Hit(
        article_id=row["id"],
        url=row["url"],
        title=row["title"],
        site=row["site"],
        published=row["published"],
        language=row["language"],
        snippet=snippet.text,
        marks=snippet.marks,
        title_marks=title_marks,
        score=score,
    )


def _marks(
    connection: sqlite3.Connection, marking: str | None, article_id: int, title: str | None, text: str
) -> tuple[Spans, Spans]:
    """The characters of an article's title and of its text that match; none where it does not."""
    if marking is None:
        return (), ()
    found = connection.execute(
        "SELECT highlight(articles_fts, 0, :open, :close), highlight(articles_fts, 1, :open, :close) "
        "FROM articles_fts WHERE articles_fts MATCH :marking AND rowid = :id",
        {"open": OPEN, "close": CLOSE, "marking": marking, "id": article_id},
    ).fetchone()
    if found is None:
        return (), ()
    in_title, in_text = found
    return matches(title, in_title) if title else (), matches(text, in_text) if in_text else ()
