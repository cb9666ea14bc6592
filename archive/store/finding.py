"""Searches over the index: ranked, filtered, with the matches marked in the original text.

One story is one result: of the articles of a cluster the best is shown, and says how many more there are. Where very
many articles match, those with the words in their titles come first and then the newest: to weigh a word bm25 goes
through all of its matches, however few are ranked, which took 60 ms for half a million.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from archive.model import Hit, SearchRequest, SearchResult
from archive.search.order import Match, order_matches
from archive.search.query import Node, excludes
from archive.search.snippets import Spans, cut_snippet
from archive.store.candidates import VERY_COMMON, Candidates, candidates, filter_sql, meaning_of, only_few
from archive.store.marking import mark, matching_titles
from archive.store.matching import searched
from archive.store.rows import Row, rows_of
from archive.store.weighing import weighed

RANKED_MATCHES: Final = 3_000
"""How many matches are ranked: the newest. bm25 costs 1 to 2 us a match, so a very common word would take a second
at a million articles; so bounded it takes 15 ms (`../shared/facts/fetch-store.md`, section 5)."""

TITLED_MATCHES: Final = 10_000
"""Of very many matches the newest that are looked at for words in their titles, in 7 ms; of 50,000 it takes 30."""

TITLED_SINGLY: Final = 1_000
"""Of few matches, or of those that pass a filter which few pass: so many titles are read, 15 us each."""

TITLE_WEIGHT: Final = 5.0
"""A word in the title counts as five in the text. By judgement, not by measurement."""

_MANY: Final = 10**9  # more than any page of results, less than SQLite's largest integer


def search_articles(
    connection: sqlite3.Connection,
    request: SearchRequest,
    *,
    ranked_matches: int = RANKED_MATCHES,
    very_common: int = VERY_COMMON,
) -> SearchResult:
    """The articles that a request finds, best first; ties by id. A request for nothing but filters lists the
    newest. `total` counts texts, and beyond `ranked_matches` matching articles, as far as `very_common` of them."""
    meaning = meaning_of(connection, request)
    if meaning.root is None:
        return _list_newest(connection, meaning.request) if meaning.blank else SearchResult((), 0)
    found = _search_text(connection, meaning.request, meaning.root, ranked_matches, very_common)
    return replace(found, expanded_to=meaning.also)


def _search_text(
    connection: sqlite3.Connection, request: SearchRequest, root: Node, ranked_matches: int, very_common: int
) -> SearchResult:
    source, values = candidates(connection, request, root, very_common=very_common)
    values |= {"title_weight": TITLE_WEIGHT, "window": ranked_matches}
    titled: list[Match] = []
    found: list[Match] | None = None
    words = source.unfiltered or source
    very_many = False
    if words.id == "rowid":
        heavy = weighed(connection, root, very_common)
        very_many = _are_very_many(connection, words, values, very_common)
        if heavy is None or very_many:
            source = source._replace(rank="-1.0", sql=source.singly or source.sql)
            if "few" not in values:
                titled, found = _titled_first(connection, root, source, values, very_many=very_many)
        elif heavy != root:
            source = source._replace(weighed=searched(heavy))
    if "few" in values:
        # the walk goes through all matches anyway, so that it counts them as well
        every = _ranked(connection, source, {**values, "window": _MANY})
        if source.rank == "-1.0":
            titled = _titled(connection, root, every[:TITLED_SINGLY])
        found, held, texts = (
            every[:ranked_matches],
            len(every),
            len({one.duplicate_of or one.id for one in every}),
        )
    else:
        if found is None:
            found = _ranked(connection, source, values)
        held, texts = len(found), len(found)
        if held >= values["window"]:
            held, texts = _count(connection, source, values, very_common, quarter_counted=very_many)
    ordered = order_matches([*titled, *found], fold=request.fold)
    total = len(ordered) if held <= ranked_matches else texts
    offset, limit = min(max(request.offset, 0), _MANY), min(max(request.limit, 0), _MANY)
    shown = [(one.id, score) for one, score in ordered[offset : offset + limit]]
    return SearchResult(_hits(connection, shown, root), total)


def _are_very_many(
    connection: sqlite3.Connection, words: Candidates, values: dict[str, Any], very_common: int
) -> bool:
    """Whether `very_common` articles have some words, if a quarter of them is among the newest quarter of all.

    To find that a phrase of common words is rare would take reading all of it.
    """
    some = (
        f"SELECT rowid {words.unordered} AND rowid > {_newest(connection) * 3 // 4} LIMIT {very_common // 4}"
    )
    (recent,) = connection.execute(f"SELECT count(*) FROM ({some})", values).fetchone()  # noqa: S608 - words of ours
    return bool(recent >= very_common // 4)


def _oldest(connection: sqlite3.Connection, words: Candidates, values: dict[str, Any]) -> int:
    """The last of the newest matches of some words."""
    newest = f"SELECT rowid AS id {words.sql} LIMIT :window"
    (oldest,) = connection.execute(f"SELECT coalesce(min(id), 0) FROM ({newest})", values).fetchone()  # noqa: S608 - ours
    return int(oldest)


def _titled_first(
    connection: sqlite3.Connection, root: Node, source: Candidates, values: dict[str, Any], *, very_many: bool
) -> tuple[list[Match], list[Match] | None]:
    """The matches with all words in their titles, of those that are looked at, and where the newest had to be found
    for that, those. What is left of the window for the others stands in `values`."""
    match = f"{{title}} : ({values['match']})"
    # what must not be in a text may stand there beside the title
    in_titles = {**values, "match": f"({values['match']}) AND ({match})" if excludes(root) else match}
    source_of_titled = source._replace(rank=f"{-TITLE_WEIGHT}")
    if source.unfiltered is not None:
        return _ranked(connection, source_of_titled, in_titles), None
    if very_many:
        found, oldest = None, _oldest(connection, source, {**values, "window": TITLED_MATCHES})
    else:
        found = _ranked(connection, source, values)
        if len(found) <= TITLED_SINGLY:
            return _titled(connection, root, found), found
        oldest = min((one.id for one in found), default=0)
    sql = f"{source.unordered} AND rowid >= {oldest} ORDER BY rowid DESC"
    titled = _ranked(connection, source_of_titled._replace(sql=sql), in_titles)
    if found is None:
        values["window"] = max(values["window"] - len(titled), 0)
    return titled, found


def _titled(connection: sqlite3.Connection, root: Node, matches: Sequence[Match]) -> list[Match]:
    """Those of some matches that have the words in their titles: to read these titles costs less than the index does,
    which has one list of a word for titles and texts."""
    heads = {one.duplicate_of or one.id for one in matches}
    titles = connection.execute(
        "SELECT articles.id, title FROM json_each(?) CROSS JOIN articles ON articles.id = value",
        [json.dumps(sorted(heads))],
    ).fetchall()
    found = matching_titles(root, titles)
    return [one._replace(rank=-TITLE_WEIGHT) for one in matches if (one.duplicate_of or one.id) in found]


def _count(
    connection: sqlite3.Connection,
    source: Candidates,
    values: dict[str, Any],
    most: int,
    *,
    quarter_counted: bool,
) -> tuple[int, int]:
    """How many articles match, and how many texts those are, as far as `most`.

    quarter_counted: the newest quarter of the articles is known to have a quarter of `most`.
    """
    if source.id != "rowid":
        held, texts = connection.execute(
            "SELECT count(*), count(DISTINCT text) FROM "  # noqa: S608 - words of ours
            f"(SELECT coalesce(a.duplicate_of, a.id) AS text {source.unordered} LIMIT {most})",
            values,
        ).fetchone()
        return held, texts
    if quarter_counted:
        rest = most - most // 4
        earlier = f"SELECT rowid {source.unordered} AND rowid <= :quarter LIMIT {rest}"
        quarter = _newest(connection) * 3 // 4
        (held,) = connection.execute(
            f"SELECT count(*) FROM ({earlier})",  # noqa: S608 - words of ours
            {**values, "quarter": quarter},
        ).fetchone()
        if held >= rest:
            return most, most
    (held,) = connection.execute(
        f"SELECT count(*) FROM (SELECT rowid {source.unordered} LIMIT {most})",  # noqa: S608 - words of ours
        values,
    ).fetchone()
    return held, held


def _newest(connection: sqlite3.Connection) -> int:
    """The highest number of an article."""
    (newest,) = connection.execute("SELECT coalesce(max(id), 0) FROM articles").fetchone()
    return int(newest)


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
    return list(map(Match._make, rows))


def _list_newest(connection: sqlite3.Connection, request: SearchRequest) -> SearchResult:
    condition, values = filter_sql(request)
    condition += only_few(connection, values)
    values |= {"limit": min(max(request.limit, 0), _MANY), "offset": min(max(request.offset, 0), _MANY)}
    where = f"WHERE true {condition}"
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
