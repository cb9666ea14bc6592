"""Clusters: the articles joined by confirmed pairs and exact copies. Runs inside the caller's transaction.

An article belongs to the cluster of whatever it is near to, so a cluster is a connected component, and does not
depend on the order of arrival. The number of a cluster stays with it when it grows; of two that become one, the
older number stays; of one that falls apart, the part with most articles keeps it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable

from archive.dedup.origins import Member, likely_origin

_MEMBERS = """
    SELECT a.id, a.url, a.published, a.first_captured, s.agencies, a.site
    FROM articles AS a LEFT JOIN sketches AS s ON s.article_id = coalesce(a.duplicate_of, a.id)
    WHERE a.cluster_id = ?
"""


def join_cluster(connection: sqlite3.Connection, article_id: int, others: Collection[int]) -> None:
    """Put an article and those it is near to into one cluster."""
    if not others:
        return
    members = {article_id, *others}
    clusters = sorted({found for one in members if (found := _cluster_of(connection, one)) is not None})
    cluster_id = clusters[0] if clusters else _new_cluster(connection)
    for merged in clusters[1:]:
        connection.execute("UPDATE articles SET cluster_id = ? WHERE cluster_id = ?", [cluster_id, merged])
        connection.execute("DELETE FROM clusters WHERE id = ?", [merged])
    _assign(connection, members, cluster_id)
    describe_cluster(connection, cluster_id)


def split_cluster(connection: sqlite3.Connection, article_id: int) -> None:
    """Take an article out of its cluster, and part what it alone held together. Its pairs are gone already."""
    cluster_id = _cluster_of(connection, article_id)
    if cluster_id is None:
        return
    left = {
        one for (one,) in connection.execute("SELECT id FROM articles WHERE cluster_id = ?", [cluster_id])
    }
    left.discard(article_id)
    _assign(connection, [article_id], None)
    parts = sorted(_components(connection, left, article_id), key=lambda part: (-len(part), min(part)))
    for at, part in enumerate(parts):
        if len(part) == 1:
            _assign(connection, part, None)
        elif at:
            part_id = _new_cluster(connection)
            _assign(connection, part, part_id)
            describe_cluster(connection, part_id)
    if parts and len(parts[0]) > 1:
        describe_cluster(connection, cluster_id)
    else:
        connection.execute("DELETE FROM clusters WHERE id = ?", [cluster_id])


def describe_cluster(connection: sqlite3.Connection, cluster_id: int) -> None:
    """Write how many articles a cluster has, which came first, which is the likely origin, and who signed."""
    members = [
        Member(article_id, url, published, first_captured, tuple(json.loads(agencies or "[]")), site)
        for article_id, url, published, first_captured, agencies, site in connection.execute(
            _MEMBERS, [cluster_id]
        )
    ]
    origin, basis = likely_origin(members)
    earliest = min(members, key=lambda one: (one.first_captured, one.url))
    agencies = sorted({name for one in members for name in one.agencies})
    connection.execute(
        "UPDATE clusters SET head_id = ?, origin_basis = ?, earliest_id = ?, articles = ?, agencies = ? WHERE id = ?",
        [origin.article_id, basis, earliest.article_id, len(members), json.dumps(agencies), cluster_id],
    )


def _components(connection: sqlite3.Connection, ids: set[int], without: int) -> Iterable[set[int]]:
    """The connected parts of these articles."""
    left = set(ids)
    while left:
        part, edge = set(), {min(left)}
        while edge:
            one = edge.pop()
            part.add(one)
            edge |= (_neighbours(connection, one) - {without} - part) & ids
        left -= part
        yield part


def _neighbours(connection: sqlite3.Connection, article_id: int) -> set[int]:
    return {
        one
        for (one,) in connection.execute(
            """
            SELECT other_article_id FROM near_duplicates WHERE article_id = :id
            UNION SELECT article_id FROM near_duplicates WHERE other_article_id = :id
            UNION SELECT id FROM articles WHERE duplicate_of = :id
            UNION SELECT duplicate_of FROM articles WHERE id = :id AND duplicate_of IS NOT NULL
            """,
            {"id": article_id},
        )
    }


def _cluster_of(connection: sqlite3.Connection, article_id: int) -> int | None:
    found = connection.execute("SELECT cluster_id FROM articles WHERE id = ?", [article_id]).fetchone()
    return found[0] if found else None


def _new_cluster(connection: sqlite3.Connection) -> int:
    return int(connection.execute("INSERT INTO clusters (head_id) VALUES (NULL)").lastrowid or 0)


def _assign(connection: sqlite3.Connection, ids: Iterable[int], cluster_id: int | None) -> None:
    connection.executemany(
        "UPDATE articles SET cluster_id = ? WHERE id = ? AND cluster_id IS NOT ?",
        [(cluster_id, one, cluster_id) for one in ids],
    )
