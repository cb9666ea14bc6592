"""What is held of the likeness of articles: copies, near-duplicates, passages, and how many origins a search has."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Final, Literal

from archive.model import SearchRequest
from archive.store.candidates import candidates, meaning_of, newest_ids
from archive.store.memo import Memo
from archive.store.rows import list_from_column, rows_of

COUNTED_MATCHES: Final = 20_000
"""To count the origins of half a million matches took two seconds."""

Relation = Literal["copy", "near", "cluster", "contains", "contained-in"]
"""copy: the same words. near: confirmed alike. cluster: alike by way of others. contains: borrows passages from the
other, which is the likely source. contained-in: lends passages to it."""


@dataclass(frozen=True, slots=True)
class Similar:
    """One article that is like another.

    jaccard: of their shingles, for `near`. words, passages: how much of the one stands in the other. basis: why the
    source is taken for the source (`archive.dedup.passages.Basis`).
    """

    relation: Relation
    article_id: int
    url: str
    site: str
    title: str | None
    published: str | None
    jaccard: float | None = None
    words: int | None = None
    passages: int | None = None
    basis: str | None = None


@dataclass(frozen=True, slots=True)
class ClusterSummary:
    """A cluster: which article is its likely origin, which was captured first, and which agencies signed it.

    origin_basis: `published` or `captured`: why `origin_id` is the origin.
    """

    cluster_id: int
    articles: int
    origin_id: int
    origin_basis: str
    earliest_id: int
    agencies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Origins:
    """How many articles a search finds, copies included, and how many origins they have.

    complete: whether that is all of them, and not the newest `COUNTED_MATCHES`.
    """

    articles: int
    origins: int
    complete: bool = True


_SIMILAR = """
    WITH self AS (SELECT id, cluster_id, duplicate_of, coalesce(duplicate_of, id) AS head FROM articles WHERE id = :id),
    near AS (
        SELECT other_article_id AS id, jaccard FROM near_duplicates WHERE article_id = (SELECT head FROM self)
        UNION SELECT article_id, jaccard FROM near_duplicates WHERE other_article_id = (SELECT head FROM self)
    ), borrowed AS (
        SELECT source_article_id AS id, 'contains' AS relation, sum(words) AS words, count(*) AS passages, basis
        FROM passages WHERE article_id = (SELECT head FROM self) GROUP BY source_article_id
        UNION ALL
        SELECT article_id, 'contained-in', sum(words), count(*), basis
        FROM passages WHERE source_article_id = (SELECT head FROM self) GROUP BY article_id
    ), found AS (
        SELECT 1 AS place, CASE
                WHEN coalesce(a.duplicate_of, a.id) = self.head THEN 'copy'
                WHEN near.id IS NOT NULL THEN 'near' ELSE 'cluster' END AS relation,
            a.id, near.jaccard, NULL AS words, NULL AS passages, NULL AS basis
        FROM self JOIN articles AS a ON a.cluster_id = self.cluster_id AND a.id <> self.id
        LEFT JOIN near ON near.id = coalesce(a.duplicate_of, a.id)
        UNION ALL
        SELECT 2, relation, id, NULL, words, passages, basis FROM borrowed
    )
    SELECT found.*, a.url, a.site, a.title, a.published FROM found JOIN articles AS a ON a.id = found.id
    ORDER BY place, relation = 'cluster', relation = 'near', jaccard DESC, words DESC, found.id
"""


def read_similar(connection: sqlite3.Connection, article_id: int) -> tuple[Similar, ...]:
    """Copies, near-duplicates, the rest of the cluster, then articles that share passages: the likest first."""
    return tuple(
        Similar(
            relation=row["relation"],
            article_id=row["id"],
            url=row["url"],
            site=row["site"],
            title=row["title"],
            published=row["published"],
            jaccard=row["jaccard"],
            words=row["words"],
            passages=row["passages"],
            basis=row["basis"],
        )
        for row in rows_of(connection.execute(_SIMILAR, {"id": article_id}))
    )


def read_cluster(connection: sqlite3.Connection, cluster_id: int) -> ClusterSummary | None:
    """A cluster by its number; `None` where there is none."""
    found = rows_of(connection.execute("SELECT * FROM clusters WHERE id = ?", [cluster_id]))
    if not found:
        return None
    row = found[0]
    return ClusterSummary(
        cluster_id,
        row["articles"],
        row["head_id"],
        row["origin_basis"],
        row["earliest_id"],
        list_from_column(row["agencies"]),
    )


def count_origins(connection: sqlite3.Connection, request: SearchRequest) -> Origins:
    """How many articles a search finds, and of how many origins: a cluster is one, however often it was printed."""
    meaning = meaning_of(connection, request)
    if meaning.root is None and not meaning.blank:
        return Origins(0, 0)
    memo = Memo()
    source, values = candidates(connection, meaning.request, meaning.root, memo, with_copies=True)
    found = newest_ids(connection, source, values, COUNTED_MATCHES, memo)
    articles, origins = connection.execute(
        "SELECT count(DISTINCT articles.id), count(DISTINCT coalesce(cluster_id, -articles.id)) "
        "FROM json_each(?) CROSS JOIN articles INDEXED BY articles_facts ON articles.id = value",
        [json.dumps(found)],
    ).fetchone()
    return Origins(articles, origins, complete=articles < COUNTED_MATCHES)
