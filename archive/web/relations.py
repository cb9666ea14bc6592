"""What the pages show of the ties between articles: passages and clusters, read from one lent connection."""

from __future__ import annotations

import sqlite3
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from sys import maxsize
from typing import Final

from archive.errors import NotFound
from archive.model import Article
from archive.store.likeness import ClusterSummary, read_cluster
from archive.store.rows import list_from_column, rows_of

MAX_PASSAGES: Final = 200
MAX_MEMBERS: Final = 500
"""What a page lists at the most; the tables have them all."""

BASES: Final = {
    "published": "it was published first",
    "whole": "all of its text stands in the other, which has more",
    "captured": "it was captured first",
    "unknown": "which of the two had it first is not known",
}
"""Why an article is taken for the source, or for the origin, in words for a reader."""


@dataclass(frozen=True, slots=True)
class SharedPassage:
    """A stretch of this article's text that stands in another's.

    borrowed: whether this article has it from the other; else it lends it. start, end: characters of this text;
    other_start, other_end: of the other's. anchor: its name on the pages of both articles.
    """

    borrowed: bool
    article_id: int
    url: str
    title: str | None
    site: str
    published: str | None
    language: str | None
    start: int
    end: int
    other_start: int
    other_end: int
    words: int
    basis: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Member:
    """One article of a cluster."""

    id: int
    url: str
    title: str | None
    site: str
    published: str | None
    language: str | None
    first_captured: str
    duplicate_of: int | None
    agencies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a line. shared: whether it stands in another article too. anchors: of passages that begin here."""

    text: str
    shared: bool
    anchors: tuple[str, ...] = ()


def read_passages(connection: sqlite3.Connection, article: Article) -> tuple[SharedPassage, ...]:
    """The passages that an article shares with others, in the order of its text. For the version that stands."""
    rows = rows_of(
        connection.execute(
            """
            SELECT 1 AS borrowed, p.article_id AS taker, p.source_article_id AS giver, p.start AS taken_at,
                p.start, p."end", p.source_start AS other_start, p.source_end AS other_end, p.words, p.basis,
                a.id, a.url, a.title, a.site, a.published, a.language
            FROM passages AS p JOIN articles AS a ON a.id = p.source_article_id WHERE p.article_id = :head
            UNION ALL
            SELECT 0, p.article_id, p.source_article_id, p.start,
                p.source_start, p.source_end, p.start, p."end", p.words, p.basis,
                a.id, a.url, a.title, a.site, a.published, a.language
            FROM passages AS p JOIN articles AS a ON a.id = p.article_id WHERE p.source_article_id = :head
            ORDER BY 5, 6, 11 LIMIT :limit
            """,
            {"head": article.duplicate_of or article.id, "limit": MAX_PASSAGES},
        )
    )
    return tuple(
        SharedPassage(
            borrowed=bool(row["borrowed"]),
            article_id=row["id"],
            url=row["url"],
            title=row["title"],
            site=row["site"],
            published=row["published"],
            language=row["language"],
            start=row["start"],
            end=row["end"],
            other_start=row["other_start"],
            other_end=row["other_end"],
            words=row["words"],
            basis=row["basis"],
            anchor=f"passage-{row['taker']}-{row['giver']}-{row['taken_at']}",
        )
        for row in rows
    )


def read_members(
    connection: sqlite3.Connection, cluster_id: int
) -> tuple[ClusterSummary, tuple[Member, ...]]:
    """A cluster and its articles by site and date. Raises: NotFound."""
    cluster = read_cluster(connection, cluster_id) if cluster_id < 2**63 else None
    if cluster is None:
        raise NotFound(f"no cluster with the number {cluster_id}")
    rows = rows_of(
        connection.execute(
            """
            SELECT a.id, a.url, a.title, a.site, a.published, a.language, a.first_captured, a.duplicate_of,
                coalesce(s.agencies, '[]') AS agencies
            FROM articles AS a LEFT JOIN sketches AS s ON s.article_id = coalesce(a.duplicate_of, a.id)
            WHERE a.cluster_id = ? ORDER BY a.site, a.published IS NULL, a.published, a.id LIMIT ?
            """,
            [cluster_id, MAX_MEMBERS],
        )
    )
    return cluster, tuple(Member(**{**row, "agencies": list_from_column(row["agencies"])}) for row in rows)


def read_cluster_sizes(connection: sqlite3.Connection, articles: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Of these articles those that belong to a cluster of several: its number, and how many articles it has."""
    wanted = list(articles)
    marks = ", ".join("?" * len(wanted))
    return {
        article: (cluster, size)
        for article, cluster, size in connection.execute(
            f"""
            SELECT a.id, c.id, c.articles FROM articles AS a JOIN clusters AS c ON c.id = a.cluster_id
            WHERE a.id IN ({marks}) AND c.articles > 1
            """,  # noqa: S608 - question marks alone
            wanted,
        )
    }


class Marking:
    """Where a text is shared. Passages may overlap: what any covers is shared, and each has its anchor at its start."""

    def __init__(self, passages: Iterable[SharedPassage]) -> None:
        spans = sorted(
            (max(one.start, 0), one.end, one.anchor) for one in passages if max(one.start, 0) < one.end
        )
        self._covered: list[tuple[int, int]] = []
        for start, end, _ in spans:
            if self._covered and start <= self._covered[-1][1]:
                self._covered[-1] = self._covered[-1][0], max(self._covered[-1][1], end)
            else:
                self._covered.append((start, end))
        self._cuts = sorted({start for start, _, _ in spans} | {end for _, end in self._covered})
        self._anchors = [(start, anchor) for start, _, anchor in spans]
        self._given = 0  # of the anchors

    def stretches(self, text: str, start: int) -> tuple[Stretch, ...]:
        """A piece of the text that begins at `start`, in stretches that are shared or not.

        Pieces are asked for in order. What parts them belongs to none: an anchor there is at the next.
        """
        end = start + len(text)
        first = bisect_right(self._cuts, start)
        edges = [start, *self._cuts[first : bisect_left(self._cuts, end)], end]
        return tuple(
            Stretch(text[left - start : right - start], self._is_shared(left), self._anchors_to(left))
            for left, right in pairwise(edges)
            if left < right
        )

    def _is_shared(self, at: int) -> bool:
        before = bisect_right(self._covered, (at, maxsize)) - 1
        return before >= 0 and at < self._covered[before][1]

    def _anchors_to(self, at: int) -> tuple[str, ...]:
        given = self._given
        while self._given < len(self._anchors) and self._anchors[self._given][0] <= at:
            self._given += 1
        return tuple(anchor for _, anchor in self._anchors[given : self._given])
