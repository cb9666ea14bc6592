"""How many of the texts that a search finds each site, language, month, tag, job and outcome has.

Each filter is counted under the others but not under itself, so that a reader sees what choosing another value
would give. The newest `COUNTED_MATCHES` matches are looked at and no more.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from typing import Any, Final, NamedTuple

from archive.model import HELD, SearchRequest
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
    source, bound = candidates(connection, unfiltered, meaning.root, memo, with_copies=True)
    found = newest_ids(connection, source, bound, COUNTED_MATCHES, memo)
    return _counted(_facts_of(connection, found), chosen, ours, complete=len(found) < COUNTED_MATCHES)


class _Column(NamedTuple):
    """Values of articles. places: of the article that has each, among those that were found."""

    values: Sequence[str | None]
    places: Sequence[int]


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is known of the articles that were found. columns: by the fields of `SearchRequest`, and what a filter is
    held against where that is more than what is counted: `code`, a whole language tag, and `published`.

    They leave SQLite as one text a column: with eleven thousand rows, each an object to be collected, it takes half as
    long again.
    """

    texts: list[int]
    origins: list[int]
    columns: dict[str, _Column]

    def with_value(self, name: str, is_meant: Callable[[str], bool]) -> list[bool]:
        """Which articles have such a value."""
        values, places = self.columns[name]
        meant = {value: value is not None and is_meant(value) for value in set(values)}
        held = set(compress(places, map(meant.__getitem__, values)))
        return [at in held for at in range(len(self.texts))]

    def counts(self, name: str, passes: Sequence[bool] | None) -> list[Count]:
        """How many texts have each value. passes: which articles are counted, all where it is `None`."""
        values, places = self.columns[name]
        pairs = zip(values, map(self.texts.__getitem__, places), strict=True)
        counted = pairs if passes is None else compress(pairs, map(passes.__getitem__, places))
        texts_of: defaultdict[str | None, set[int]] = defaultdict(set)
        for value, text in counted:
            texts_of[value].add(text)
        return [Count(value, len(texts)) for value, texts in texts_of.items() if value]


def _facts_of(connection: sqlite3.Connection, found: list[int]) -> _Facts:
    asked = json.dumps(found)
    ids, texts, origins, sites, languages, published = _columns(
        connection,
        """
        SELECT json_group_array(a.id), json_group_array(coalesce(a.duplicate_of, a.id)),
            json_group_array(coalesce(a.cluster_id, -a.id)), json_group_array(a.site),
            json_group_array(a.language), json_group_array(a.published)
        FROM json_each(?) AS ids CROSS JOIN articles AS a INDEXED BY articles_facts ON a.id = ids.value
        """,
        asked,
    )
    captured, jobs, outcomes = _columns(
        connection,
        """
        SELECT json_group_array(c.article_id), json_group_array(c.job), json_group_array(c.outcome)
        FROM json_each(?) AS ids CROSS JOIN captures AS c INDEXED BY captures_article_id ON c.article_id = ids.value
        """,
        asked,
    )
    tagged, tags = _columns(
        connection,
        """
        SELECT json_group_array(at.article_id), json_group_array(t.name)
        FROM json_each(?) AS ids CROSS JOIN article_tags AS at ON at.article_id = ids.value
        JOIN tags AS t ON t.id = at.tag_id
        """,
        asked,
    )
    place = {number: at for at, number in enumerate(ids)}
    every = range(len(ids))
    at_captures = [place[number] for number in captured]
    primary = {code: code and code.partition("-")[0].lower() for code in set(languages)}
    return _Facts(
        texts,
        origins,
        {
            "site": _Column(sites, every),
            "language": _Column([primary[code] for code in languages], every),
            "code": _Column(languages, every),
            "month": _Column([day[:7] if day and len(day) >= 7 else None for day in published], every),
            "published": _Column(published, every),
            "tag": _Column(tags, [place[number] for number in tagged]),
            "job": _Column(jobs, at_captures),
            "outcome": _Column(outcomes, at_captures),
        },
    )


def _columns(connection: sqlite3.Connection, sql: str, found: str) -> list[list[Any]]:
    """The columns of one row of JSON arrays."""
    return [json.loads(column) for column in connection.execute(sql, [found]).fetchone()]


def _counted(facts: _Facts, chosen: SearchRequest, ours: set[str], *, complete: bool) -> Facets:
    """The counts of each filter, under the filters of `ours` but not under itself."""
    passing = {name: _passing(facts, name, getattr(chosen, name)) for name in ours}

    def under_others(name: str | None) -> list[bool] | None:
        flags = [some for other, some in passing.items() if other != name]
        return [all(row) for row in zip(*flags, strict=True)] if flags else None

    def counts(name: str) -> list[Count]:
        return facts.counts(name, under_others(name))

    passes = under_others(None) or [True] * len(facts.texts)
    return Facets(
        complete=complete,
        articles=sum(passes),
        origins=len(set(compress(facts.origins, passes))),
        texts=len(set(compress(facts.texts, passes))),
        sites=_most_frequent(counts("site")),
        languages=_most_frequent(counts("language")),
        tags=_most_frequent(counts("tag")),
        jobs=_most_frequent(counts("job")),
        outcomes=_most_frequent(one for one in counts("outcome") if one.value in HELD),
        months=tuple(sorted(counts("month"), key=lambda one: one.value, reverse=True)[:SHOWN_VALUES]),
    )


def _passing(facts: _Facts, name: str, asked: str) -> list[bool]:
    """Which articles pass a filter that was chosen."""
    match name:
        case "site":
            site = asked_site(asked)
            return facts.with_value("site", lambda one: one == site or one.endswith(f".{site}"))
        case "language":
            code = asked.lower()
            return facts.with_value("code", lambda one: f"{one.lower()}-".startswith(f"{code}-"))
        case "month":  # what is chosen may be a day or a year of the timeline
            return facts.with_value("published", lambda one: one.startswith(asked))
        case "outcome":
            return facts.with_value("outcome", lambda one: one == asked.lower())
        case _:
            return facts.with_value(name, lambda one: one == asked)


def _most_frequent(counts: Iterable[Count]) -> tuple[Count, ...]:
    return tuple(sorted(counts, key=lambda one: (-one.texts, one.value))[:SHOWN_VALUES])
