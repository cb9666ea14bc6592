"""Searches over the index: ranked, filtered, with the matches marked in the original text.

One story is one result: of the articles of a cluster the best is shown, and says how many more there are.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from archive.model import Hit, SearchRequest, SearchResult
from archive.search.order import Match, day_of, order_matches
from archive.search.query import Node
from archive.search.snippets import Spans, cut_snippet
from archive.store.candidates import (
    EVERY,
    VERY_COMMON,
    Candidates,
    Filtered,
    candidates,
    filter_sql,
    meaning_of,
    only_few,
    passing,
    passing_many,
)
from archive.store.marking import mark
from archive.store.matching import searched
from archive.store.memo import Memo
from archive.store.newest import newest_matches
from archive.store.ranking import (
    TITLE_WEIGHT,
    UNWEIGHED,
    Ranked,
    in_titles,
    ranked_by_words,
    ranked_of_passed,
)
from archive.store.rows import Row, rows_of
from archive.store.weighing import weighed

RANKED_MATCHES: Final = 3_000
"""How many matches are ranked: the newest. bm25 costs 1 to 2 us a match, so a very common word would take a second
at a million articles; so bounded it takes 15 ms (`../shared/facts/fetch-store.md`, section 5)."""


def search_articles(
    connection: sqlite3.Connection,
    request: SearchRequest,
    *,
    ranked_matches: int = RANKED_MATCHES,
    very_common: int = VERY_COMMON,
    memo: Memo | None = None,
) -> SearchResult:
    """The articles that a request finds, best first; ties by id. A request for nothing but filters lists the
    newest. `total` counts texts, and beyond `ranked_matches` matching articles, as far as `very_common` of them.

    memo: what the index is asked is kept there, for the counts of the same request.
    """
    memo = memo or Memo()
    meaning = meaning_of(connection, request, memo)
    if meaning.root is None:
        found = _list_newest(connection, meaning.request, memo) if meaning.blank else SearchResult((), 0)
    else:
        found = _search_text(connection, meaning.request, meaning.root, ranked_matches, very_common, memo)
    return replace(found, expanded_to=meaning.also, notes=meaning.notes)


def _search_text(
    connection: sqlite3.Connection,
    request: SearchRequest,
    root: Node,
    ranked_matches: int,
    very_common: int,
    memo: Memo,
) -> SearchResult:
    source, values = candidates(connection, request, root, memo, very_common=very_common)
    if source.words is not None and not source.filtered:
        found = ranked_by_words(connection, root, source.words, ranked_matches, very_common, memo)
    elif source.words is not None and source.by_bits_or_lists:
        passed = partial(passing, connection, source, values, ranked_matches, very_common, memo)
        found = ranked_of_passed(
            connection, root, source.words, passed, ranked_matches, very_common, memo, source.many
        )
    else:
        found = _ranked_by_sql(connection, root, source, values, ranked_matches, very_common, memo)
    ordered = order_matches(found.matches, fold=request.fold)
    total = len(ordered) if found.total <= ranked_matches else found.texts
    offset, limit = min(max(request.offset, 0), EVERY), min(max(request.limit, 0), EVERY)
    shown = [(one.id, score) for one, score in ordered[offset : offset + limit]]
    return SearchResult(_hits(connection, shown, root), total)


def _ranked_by_sql(
    connection: sqlite3.Connection,
    root: Node,
    source: Candidates,
    values: dict[str, Any],
    ranked_matches: int,
    very_common: int,
    memo: Memo,
) -> Ranked:
    """As `ranked_by_words`, of a query with filters, or of texts without spaces."""
    values |= {"title_weight": TITLE_WEIGHT, "window": ranked_matches}
    titled: list[Match] = []
    if source.words is not None:
        words = source.words
        heavy = weighed(connection, root, very_common)
        if heavy is None or _are_very_many(connection, words, very_common, memo):
            source = source._replace(rank=f"{UNWEIGHED}")
            of_titled = source._replace(rank=f"{-TITLE_WEIGHT}")
            titled = _ranked(connection, of_titled, {**values, "match": in_titles(words)})
        elif heavy != root:
            source = source._replace(weighed=searched(heavy))
    found = _ranked(connection, source, values)
    first = {one.id for one in titled}
    others = [one for one in found if one.id not in first][: max(ranked_matches - len(first), 0)]
    if len(found) < ranked_matches:
        return Ranked([*titled, *others], len(found), len(found))
    return Ranked([*titled, *others], *_count(connection, source, values, very_common))


def _are_very_many(connection: sqlite3.Connection, words: Node, very_common: int, memo: Memo) -> bool:
    """Whether `very_common` articles have some words, whatever else is asked of them."""
    return newest_matches(connection, words, 0, very_common, memo).total >= very_common


def _count(
    connection: sqlite3.Connection, source: Candidates, values: dict[str, Any], most: int
) -> tuple[int, int]:
    """How many articles match, and how many texts those are; `most` of both where so many match."""
    held, texts = connection.execute(
        "SELECT count(*), count(DISTINCT text) FROM "  # noqa: S608 - words of ours
        f"(SELECT coalesce(a.duplicate_of, a.id) AS text {source.unordered} LIMIT {most})",
        values,
    ).fetchone()
    return held, texts if held < most else most


def _ranked(connection: sqlite3.Connection, source: Candidates, values: dict[str, Any]) -> list[Match]:
    """The newest matches with their rank."""
    if source.weighed is None:
        ranks = ""
        found = f"SELECT {source.id} AS id, {source.rank} AS rank {source.sql} LIMIT :window"
    else:
        word = "rowid" if source.id == "rowid" else "f.rowid"
        ranks = f"""
            found AS MATERIALIZED (SELECT {source.id} AS id, {word} AS word {source.sql} LIMIT :window),
            ranks AS MATERIALIZED (
                SELECT rowid AS word, bm25(articles_fts, :title_weight, 1.0, 0.0) AS rank FROM articles_fts
                WHERE articles_fts MATCH :weighed AND rowid BETWEEN (SELECT min(word) FROM found)
                AND (SELECT max(word) FROM found) AND +rowid IN (SELECT word FROM found)
            ),
        """  # noqa: S608 - words of ours
        found = "SELECT word AS id, rank FROM ranks"
        if source.id != "rowid":
            found = (
                "SELECT found.id AS id, ranks.rank AS rank FROM found JOIN ranks ON ranks.word = found.word"
            )
        values = {**values, "weighed": source.weighed}
    rows = connection.execute(
        f"""
        WITH {ranks} matching AS MATERIALIZED ({found})
        SELECT matching.id, rank, duplicate_of, cluster_id, published
        FROM matching CROSS JOIN articles INDEXED BY articles_facts ON articles.id = matching.id
        """,  # noqa: S608 - words of ours; what the reader typed is bound
        values,
    )
    return [
        Match(number, rank, head, cluster, day_of(published))
        for number, rank, head, cluster, published in rows
    ]


def _list_newest(connection: sqlite3.Connection, request: Filtered, memo: Memo) -> SearchResult:
    offset, limit = min(max(request.offset, 0), EVERY), min(max(request.limit, 0), EVERY)
    many = passing_many(connection, request, memo)
    if many is not None:
        newest = many.newest(offset + limit)[offset:]
        return SearchResult(_hits(connection, [(number, 0.0) for number in newest]), many.total)
    condition, values = filter_sql(connection, request)
    condition += only_few(connection, values)
    values |= {"limit": limit, "offset": offset}
    where = f"WHERE true {condition}" if condition else ""  # without one SQLite counts pages, not rows
    (total,) = connection.execute(f"SELECT count(*) FROM articles AS a {where}", values).fetchone()  # noqa: S608 - as above
    found = connection.execute(
        f"SELECT a.id FROM articles AS a {where} ORDER BY a.id DESC LIMIT :limit OFFSET :offset",  # noqa: S608 - as above
        values,
    ).fetchall()
    return SearchResult(_hits(connection, [(article_id, 0.0) for (article_id,) in found]), total)


def _hits(
    connection: sqlite3.Connection, found: Sequence[tuple[int, float]], root: Node | None = None
) -> tuple[Hit, ...]:
    """What is shown of articles, given with their scores. root: what is marked in them."""
    rows = [_shown(connection, article_id) for article_id, _ in found]
    nothing: Spans = ()
    marks = [(nothing, nothing)] * len(rows)
    if root is not None:
        marks = mark(root, [(row["title"], row["text"]) for row in rows])
    hits = []
    for (_, score), row, (title_marks, text_marks) in zip(found, rows, marks, strict=True):
        snippet = cut_snippet(row["text"], text_marks)
        hits.append(
            Hit(
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
                cluster_id=row["cluster_id"],
                more=max(row["articles"] - 1, 0),
            )
        )
    return tuple(hits)


def _shown(connection: sqlite3.Connection, article_id: int) -> Row:
    (row,) = rows_of(
        connection.execute(
            """
            SELECT a.id, a.url, a.title, a.site, a.published, a.language, a.cluster_id,
                coalesce(c.articles, 1) AS articles, coalesce(head.text, a.text) AS text
            FROM articles AS a LEFT JOIN articles AS head ON head.id = a.duplicate_of
            LEFT JOIN clusters AS c ON c.id = a.cluster_id
            WHERE a.id = ?
            """,
            [article_id],
        )
    )
    return row
