"""Queries that Datasette offers by name under the archive's database. Data alone; none of them shows a text."""

from __future__ import annotations

from typing import Any, Final

QUERIES: Final[dict[str, dict[str, Any]]] = {
    "phrase": {
        "title": "Articles with a phrase, best first",
        "description": "The words of phrase side by side, in title or text, as the index folds them.",
        "sql": """
            SELECT a.id, a.title, a.site, a.published, round(-bm25(articles_fts, 5.0, 1.0, 0.5), 3) AS score
            FROM articles_fts JOIN articles AS a ON a.id = articles_fts.rowid
            WHERE articles_fts MATCH '"' || replace(:phrase, '"', '""') || '"'
            ORDER BY bm25(articles_fts, 5.0, 1.0, 0.5) LIMIT 200
        """,
    },
    "sites_origins": {
        "title": "Articles and origins of each site",
        "description": "A cluster of near-duplicates is one origin, however often it was printed.",
        "sql": """
            SELECT site, count(*) AS articles, count(DISTINCT coalesce(cluster_id, -id)) AS origins,
                min(published) AS earliest, max(published) AS latest
            FROM articles GROUP BY site ORDER BY articles DESC
        """,
    },
    "months": {
        "title": "Articles and origins of each month of publication",
        "sql": """
            SELECT substr(published, 1, 7) AS month, count(*) AS articles,
                count(DISTINCT coalesce(cluster_id, -id)) AS origins
            FROM articles WHERE published IS NOT NULL GROUP BY month ORDER BY month DESC
        """,
    },
    "reprinted": {
        "title": "Stories that were printed most often",
        "description": "Clusters by number of articles, with the likely origin of each.",
        "sql": """
            SELECT c.id AS cluster, c.articles, a.title, a.site AS origin_site, a.published, c.origin_basis, c.agencies
            FROM clusters AS c JOIN articles AS a ON a.id = c.head_id
            WHERE c.articles > 1 ORDER BY c.articles DESC, c.id LIMIT 200
        """,
    },
    "changed": {
        "title": "Articles that their publishers changed",
        "description": "Versions that we read anew from the same capture do not count.",
        "sql": """
            SELECT a.id, a.title, a.site, count(*) - 1 AS changes, max(v.captured_at) AS last_change
            FROM versions AS v JOIN articles AS a ON a.id = v.article_id
            WHERE v.reason = 'captured' GROUP BY a.id HAVING count(*) > 1
            ORDER BY changes DESC, last_change DESC LIMIT 200
        """,
    },
    "borrowed": {
        "title": "Who has passages from whom",
        "description": "Words of one site's articles that stand in another's, by pair of sites.",
        "sql": """
            SELECT taker.site AS site, giver.site AS source_site, count(*) AS passages, sum(p.words) AS words
            FROM passages AS p JOIN articles AS taker ON taker.id = p.article_id
            JOIN articles AS giver ON giver.id = p.source_article_id
            WHERE taker.site <> giver.site GROUP BY 1, 2 ORDER BY words DESC LIMIT 200
        """,
    },
    "authors": {
        "title": "Who wrote how many articles, of how many origins",
        "sql": """
            SELECT one.value AS author, count(*) AS articles,
                count(DISTINCT coalesce(a.cluster_id, -a.id)) AS origins, count(DISTINCT a.site) AS sites
            FROM articles AS a, json_each(a.authors) AS one GROUP BY author ORDER BY articles DESC, author LIMIT 200
        """,
    },
    "troubles": {
        "title": "Captures that came to nothing",
        "description": "By outcome and error, the most frequent first.",
        "sql": """
            SELECT outcome, error, count(*) AS captures, max(requested_at) AS latest, max(url) AS one_of_them
            FROM captures WHERE outcome IN ('rejected', 'robots', 'gone', 'failed')
            GROUP BY outcome, error ORDER BY captures DESC LIMIT 200
        """,
    },
}
"""By name: title, description and SQL, with the parameters in it as `:name`."""


READ_ORDER: Final = frozenset({"phrase"})
"""Queries that tell in which order words stand in a text."""


def canned(*, excerpts: bool = False) -> dict[str, dict[str, Any]]:
    """The queries in the form that Datasette takes; the caller may change it. excerpts: whether texts are kept back."""
    offered = [name for name in QUERIES if not (excerpts and name in READ_ORDER)]
    return {name: {**QUERIES[name], "sql": _straight(QUERIES[name]["sql"])} for name in offered}


def _straight(sql: str) -> str:
    """SQL as it is shown to readers, without the indent of this file."""
    lines = sql.strip("\n").rstrip().split("\n")
    return "\n".join(line.removeprefix(" " * 12) for line in lines)
