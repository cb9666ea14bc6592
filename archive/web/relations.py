"""What the pages show of the ties between articles: passages and clusters, read from one lent connection."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
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


def stretches(text: str, passages: Iterable[SharedPassage]) -> tuple[tuple[tuple[Stretch, ...], ...], ...]:
    """The paragraphs of a text, each as its lines, each line in stretches that are shared or not. Pure.

    Passages may overlap: what any of them covers is shared, and every one has its anchor where it begins.
    """
    spans = sorted((max(one.start, 0), min(one.end, len(text)), one.anchor) for one in passages)
    spans = [span for span in spans if span[0] < span[1]]
    covered: list[list[int]] = []
    for start, end, _ in spans:
        if covered and start <= covered[-1][1]:
            covered[-1][1] = max(covered[-1][1], end)
        else:
            covered.append([start, end])
    cuts = {start for start, _, _ in spans} | {edge for pair in covered for edge in pair}
    anchors: dict[int, list[str]] = {}
    for start, _, anchor in spans:
        anchors.setdefault(start, []).append(anchor)
    result = []
    position = 0
    waiting: list[str] = []
    for paragraph in text.split("\n\n"):
        lines = []
        for line in paragraph.split("\n"):
            end = position + len(line)
            edges = [position, *sorted(cut for cut in cuts if position < cut < end), end]
            pieces = []
            for left, right in pairwise(edges):
                waiting += anchors.pop(left, [])
                if left < right:
                    shared = any(start <= left < stop for start, stop in covered)
                    pieces.append(Stretch(text[left:right], shared, tuple(waiting)))
                    waiting = []
            # A passage that begins with a line's end has its anchor at the next text.
            waiting += anchors.pop(end, [])
            lines.append(tuple(pieces))
            position = end + 1
        position += 1
        if paragraph.strip():
            result.append(tuple(lines))
    return tuple(result)
