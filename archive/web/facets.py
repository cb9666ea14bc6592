"""How many of the texts that a search finds each site, language, month, tag, job and outcome has.

Each filter is counted under the others but not under itself, so that a reader sees what choosing another value
would give. The newest `COUNTED_MATCHES` matches are looked at and no more.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, replace
from typing import Any, Final

from archive.model import SearchRequest
from archive.store.candidates import asked_site, candidates, meaning_of, newest_ids
from archive.store.memo import Memo

COUNTED_MATCHES: Final = 5_000
"""How many matches are counted by their facts: the newest, 2 us each."""

FACETS: Final = ("site", "language", "month", "tag", "job", "outcome")
"""The fields of `SearchRequest` that are counted."""

SHOWN_VALUES: Final = 12
"""How many values of a filter are listed, the most frequent first."""


@dataclass(frozen=True, slots=True)
class Count:
    """One value of a filter, and how many texts it would leave."""

    value: str
    texts: int


@dataclass(frozen=True, slots=True)
class Facets:
    """The values of each filter. languages: primary subtags; months: `YYYY-MM`, newest first.

    complete: whether every match was looked at, and not the newest ones alone.
    articles, origins, texts: of the matches that were looked at and pass every filter; a cluster is one origin, and
    what the counts count is texts: exact copies are one.
    """

    sites: tuple[Count, ...] = ()
    languages: tuple[Count, ...] = ()
    months: tuple[Count, ...] = ()
    tags: tuple[Count, ...] = ()
    jobs: tuple[Count, ...] = ()
    outcomes: tuple[Count, ...] = ()
    complete: bool = True
    articles: int = 0
    origins: int = 0
    texts: int = 0

    def narrows(self, counts: tuple[Count, ...]) -> bool:
        """Whether there is anything to choose: several values, or one that not every text has."""
        return len(counts) > 1 or (len(counts) == 1 and counts[0].texts < self.texts)


def count_facets(connection: sqlite3.Connection, request: SearchRequest, memo: Memo | None = None) -> Facets:
    """The counts for a search. Nothing is counted for a query that has nothing to search for.

    memo: of the search, so that the index is not asked again for the same.
    """
    memo = memo or Memo()
    meaning = meaning_of(connection, request, memo)
    if meaning.root is None and not meaning.blank:
        return Facets()
    chosen = meaning.request
    # a filter that was typed into the query holds for the counts as well: it cannot be chosen otherwise
    ours = {name for name in FACETS if getattr(request, name) is not None}
    nothing: dict[str, Any] = dict.fromkeys(ours)
    unfiltered = replace(chosen, **nothing)
    source, values = candidates(connection, unfiltered, meaning.root, memo, with_copies=True)
    found = newest_ids(connection, source, values, COUNTED_MATCHES, memo)
    values = {
        "found": json.dumps(found),
        "one_site": asked_site(chosen.site) if chosen.site and "site" in ours else None,
        "one_language": chosen.language.lower() if chosen.language and "language" in ours else None,
        "one_month": chosen.month,
        "one_tag": chosen.tag if "tag" in ours else None,
        "one_job": chosen.job,
        "one_outcome": chosen.outcome,
    }
    rows = connection.execute(
        """
        WITH matching AS MATERIALIZED (
            SELECT
                a.id AS id,
                coalesce(a.cluster_id, -a.id) AS origin,
                coalesce(a.duplicate_of, a.id) AS text_id,
                a.site AS site,
                lower(substr(a.language, 1, instr(a.language || '-', '-') - 1)) AS language,
                substr(a.published, 1, 7) AS month,
                a.published AS published
            FROM json_each(:found) AS ids CROSS JOIN articles AS a INDEXED BY articles_facts ON a.id = ids.value
        ), judged AS MATERIALIZED (
            SELECT
                *,
                :one_site IS NULL OR site = :one_site
                    OR substr(site, -length('.' || :one_site)) = '.' || :one_site AS in_site,
                :one_language IS NULL OR language = :one_language AS in_language,
                -- what is chosen may be a day or a year of the timeline
                :one_month IS NULL OR substr(published, 1, length(:one_month)) = :one_month AS in_month,
                :one_tag IS NULL OR EXISTS (
                    SELECT 1 FROM article_tags AS at JOIN tags AS t ON t.id = at.tag_id
                    WHERE at.article_id = matching.id AND t.name = :one_tag
                ) AS in_tag,
                :one_job IS NULL OR EXISTS (
                    SELECT 1 FROM captures AS c WHERE c.article_id = matching.id AND c.job = :one_job
                ) AS in_job,
                :one_outcome IS NULL OR EXISTS (
                    SELECT 1 FROM captures AS c WHERE c.article_id = matching.id AND c.outcome = :one_outcome
                ) AS in_outcome
            FROM matching
        ), captured AS MATERIALIZED (
            SELECT text_id, in_job, in_outcome, c.job AS job, c.outcome AS outcome
            FROM judged CROSS JOIN captures AS c INDEXED BY captures_article_id ON c.article_id = judged.id
            WHERE in_site AND in_language AND in_month AND in_tag
        )
        SELECT 'site', site, count(DISTINCT text_id) FROM judged
            WHERE in_language AND in_month AND in_tag AND in_job AND in_outcome AND site <> '' GROUP BY site
        UNION ALL
        SELECT 'language', language, count(DISTINCT text_id) FROM judged
            WHERE in_site AND in_month AND in_tag AND in_job AND in_outcome AND language <> '' GROUP BY language
        UNION ALL
        SELECT 'month', month, count(DISTINCT text_id) FROM judged
            WHERE in_site AND in_language AND in_tag AND in_job AND in_outcome AND length(month) = 7 GROUP BY month
        UNION ALL
        SELECT 'tag', t.name, count(DISTINCT text_id)
            FROM judged CROSS JOIN article_tags AS at ON at.article_id = judged.id JOIN tags AS t ON t.id = at.tag_id
            WHERE in_site AND in_language AND in_month AND in_job AND in_outcome
            AND EXISTS (SELECT 1 FROM tags) GROUP BY t.id
        UNION ALL
        SELECT 'job', job, count(DISTINCT text_id) FROM captured WHERE in_outcome AND job IS NOT NULL GROUP BY job
        UNION ALL
        SELECT 'outcome', outcome, count(DISTINCT text_id) FROM captured
            WHERE in_job AND outcome IN ('new', 'changed', 'unchanged', 'duplicate') GROUP BY outcome
        UNION ALL
        SELECT 'matches', '', count(*) FROM matching
        UNION ALL
        SELECT 'articles', '', count(*) FROM judged
            WHERE in_site AND in_language AND in_month AND in_tag AND in_job AND in_outcome
        UNION ALL
        SELECT 'origins', '', count(DISTINCT origin) FROM judged
            WHERE in_site AND in_language AND in_month AND in_tag AND in_job AND in_outcome
        UNION ALL
        SELECT 'texts', '', count(DISTINCT text_id) FROM judged
            WHERE in_site AND in_language AND in_month AND in_tag AND in_job AND in_outcome
        """,
        values,
    ).fetchall()
    (matches,) = _counts(rows, "matches")
    (articles,) = _counts(rows, "articles")
    (origins,) = _counts(rows, "origins")
    (texts,) = _counts(rows, "texts")
    return Facets(
        complete=matches.texts < COUNTED_MATCHES,
        articles=articles.texts,
        origins=origins.texts,
        texts=texts.texts,
        sites=_most_frequent(rows, "site"),
        languages=_most_frequent(rows, "language"),
        tags=_most_frequent(rows, "tag"),
        jobs=_most_frequent(rows, "job"),
        outcomes=_most_frequent(rows, "outcome"),
        months=tuple(sorted(_counts(rows, "month"), key=lambda one: one.value, reverse=True)[:SHOWN_VALUES]),
    )


def _counts(rows: list[Any], name: str) -> list[Count]:
    return [Count(value, texts) for facet, value, texts in rows if facet == name]


def _most_frequent(rows: list[Any], name: str) -> tuple[Count, ...]:
    counts = sorted(_counts(rows, name), key=lambda one: (-one.texts, one.value))
    return tuple(counts[:SHOWN_VALUES])
