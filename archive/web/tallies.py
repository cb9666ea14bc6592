"""Counts by day, site, verdict and job, for the pages that look over a whole archive, each on a lent connection."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, get_args
from urllib.parse import urlsplit

from archive.exchange.adopt import is_imported
from archive.jobs.overview import Gaps, SourceHealth, read_silences, source_health
from archive.model import HELD, Supporting
from archive.store.overview import read_sources, read_unheld
from archive.store.rows import rows_of
from archive.web.chart import LENGTHS, Step, fitting_step, periods_between

SERIES: Final = 5
"""Sites that a chart tells apart; the others are one series."""

OTHERS: Final = "other sites"

MAX_SITES: Final = 500
MAX_RUNS: Final = 30
MAX_JUNK: Final = 50
MAX_SOURCES: Final = 200
MAX_UNHELD: Final = 50

RECENT_CAPTURES: Final = 5_000
"""The captures that tell how a site is doing: the latest of all."""

DAYS: Final = 60

SUPPORTING: Final = get_args(Supporting)

UNWELL: Final = frozenset({"failed", "robots", "gone"})
"""Outcomes after which a host gave nothing."""


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


_ASKED: Final = f"(status IS NOT NULL OR outcome IN ({_quoted(sorted(UNWELL))})) AND archive_url IS NULL"
"""Whether the host itself was asked: not for a page that a browser saved, an article of another archive, or what a web
archive had of it. (What is in an imported WARC file was asked by someone else.)"""

_DATED: Final = "published GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]*'"


@dataclass(frozen=True, slots=True)
class Timeline:
    """Articles by the period and the site of their publication.

    periods: oldest first, empty ones between them included. series: sites, most articles first, the rest as `OTHERS`.
    counts: articles by period and series. tallies: articles and origins by period. undated: articles without a date.
    earlier: dated articles before the first period.
    """

    step: Step
    periods: tuple[str, ...]
    series: tuple[str, ...]
    counts: dict[tuple[str, str], int]
    tallies: dict[str, tuple[int, int]]
    articles: int
    origins: int
    undated: int
    earlier: int


@dataclass(frozen=True, slots=True)
class Health:
    """How a host answered lately. failing: how many of its latest captures in a row came to nothing."""

    captures: int
    held: int
    rejected: int
    failing: int
    last: str
    error: str | None


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site and what is held of it. health: `None` where it was not asked lately."""

    site: str
    name: str
    articles: int
    origins: int
    first_captured: str | None
    last_captured: str | None
    last_published: str | None
    health: Health | None


def read_timeline(connection: sqlite3.Connection, site: str | None, step: Step | None) -> Timeline | None:
    """When the articles of an archive, or of a site, were published; `None` where none has a date."""
    where, values = ("site = :site", {"site": site}) if site else ("true", {})
    dated = f"FROM articles WHERE {where} AND {_DATED}"
    first, last = connection.execute(f"SELECT min(published), max(published) {dated}", values).fetchone()
    first, last = _real_day(first), _real_day(last)
    if first is None or last is None:
        return None
    step = step or fitting_step(first, last)
    periods = periods_between(first, last, step)
    bound: dict[str, Any] = {
        **values,
        "length": LENGTHS[step],
        "first": periods[0],
        "last": f"{periods[-1]}~",
    }
    shown = f"{dated} AND published >= :first AND published <= :last"
    by_site = connection.execute(
        f"SELECT substr(published, 1, :length), site, count(*) {shown} GROUP BY 1, 2",
        bound,
    ).fetchall()
    tallies = {
        period: (articles, origins)
        for period, articles, origins in connection.execute(
            "SELECT substr(published, 1, :length), count(*), count(DISTINCT coalesce(cluster_id, -id)) "
            f"{shown} GROUP BY 1",
            bound,
        )
    }
    (articles, origins) = connection.execute(
        f"SELECT count(*), count(DISTINCT coalesce(cluster_id, -id)) {shown}",
        bound,
    ).fetchone()
    (undated,) = connection.execute(
        f"SELECT count(*) FROM articles WHERE {where} AND (published IS NULL OR NOT {_DATED})",  # noqa: S608
        values,
    ).fetchone()
    (earlier,) = connection.execute(f"SELECT count(*) {dated} AND published < :first", bound).fetchone()
    most: Counter[str] = Counter()
    for _, name, count in by_site:
        most[name] += count
    named = [name for name, _ in sorted(most.items(), key=lambda one: (-one[1], one[0]))[:SERIES]]
    counts: Counter[tuple[str, str]] = Counter()
    for period, name, count in by_site:
        counts[period, name if name in named else OTHERS] += count
    series = (*named, OTHERS) if len(most) > len(named) else tuple(named)
    return Timeline(step, periods, series, dict(counts), tallies, articles, origins, undated, earlier)


def _real_day(published: str | None) -> str | None:
    """The day of an ISO date; `None` where it is no day there is, or too far off to be drawn."""
    if published is None:
        return None
    day = (published + "-01-01"[len(published) - 4 :])[:10] if len(published) < 10 else published[:10]
    try:
        return date.fromisoformat(day).isoformat()
    except ValueError:
        return None


def read_sites(connection: sqlite3.Connection) -> tuple[tuple[SiteRow, ...], tuple[tuple[str, Health], ...]]:
    """The sites by number of articles; and the hosts that were asked lately and of which nothing is held."""
    captures = connection.execute(
        f"SELECT key, outcome, requested_at, error, warc_file FROM captures "  # noqa: S608 - our own words
        f"WHERE outcome NOT IN ({_quoted(SUPPORTING)}) AND {_ASKED} ORDER BY id DESC LIMIT ?",
        [RECENT_CAPTURES],
    )
    health = _health(tuple(some) for *some, file in captures if not is_imported(file or ""))
    rows = rows_of(
        connection.execute(
            """
            SELECT s.site, s.name, s.first_captured, s.last_captured, count(a.id) AS articles,
                count(DISTINCT coalesce(a.cluster_id, -a.id)) AS origins, max(a.published) AS last_published
            FROM sites AS s LEFT JOIN articles AS a ON a.site = s.site
            GROUP BY s.site ORDER BY articles DESC, s.site LIMIT ?
            """,
            [MAX_SITES],
        )
    )
    sites = tuple(SiteRow(**row, health=health.pop(row["site"], None)) for row in rows)
    others = sorted(health.items(), key=lambda one: (-one[1].failing, one[0]))
    return sites, tuple(others[:MAX_SITES])


def _health(captures: Iterable[tuple[str, str, str, str | None]]) -> dict[str, Health]:
    """By host without www. captures: latest first."""
    by_host: dict[str, list[tuple[str, str, str | None]]] = {}
    for key, outcome, requested_at, error in captures:
        try:
            host = (urlsplit(key).hostname or "").removeprefix("www.")
        except ValueError:
            continue
        by_host.setdefault(host, []).append((outcome, requested_at, error))
    found = {}
    for host, some in by_host.items():
        outcomes = [outcome for outcome, _, _ in some]
        failing = next((at for at, one in enumerate(outcomes) if one not in UNWELL), len(outcomes))
        error = next((said for outcome, _, said in some if outcome in UNWELL), None)
        found[host] = Health(
            captures=len(some),
            held=sum(one in HELD for one in outcomes),
            rejected=outcomes.count("rejected"),
            failing=failing,
            last=some[0][1],
            error=error,
        )
    return found


def read_junk(
    connection: sqlite3.Connection, verdict: str | None
) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """How many captures were rejected for each verdict, and the latest of them all or of one verdict."""
    counts = dict(
        connection.execute(
            "SELECT coalesce(error, 'not said'), count(*) FROM captures WHERE outcome = 'rejected' "
            "GROUP BY 1 ORDER BY 2 DESC, 1"
        ).fetchall()
    )
    latest = _dicts(
        connection.execute(
            """
            SELECT id, url, requested_at, status, mime, coalesce(error, 'not said') AS verdict,
                warc_file IS NOT NULL AS kept
            FROM captures WHERE outcome = 'rejected' AND (:verdict IS NULL OR coalesce(error, 'not said') = :verdict)
            ORDER BY id DESC LIMIT :limit
            """,
            {"verdict": verdict, "limit": MAX_JUNK},
        )
    )
    return counts, latest


def read_days(connection: sqlite3.Connection) -> tuple[tuple[str, ...], dict[tuple[str, str], int]]:
    """The last days on which something was captured, and the captures by day and outcome."""
    (last,) = connection.execute("SELECT max(requested_at) FROM captures").fetchone()
    if last is None:
        return (), {}
    since = (date.fromisoformat(last[:10]) - timedelta(days=DAYS - 1)).isoformat()
    counts = {
        (day, outcome): count
        for day, outcome, count in connection.execute(
            f"SELECT substr(requested_at, 1, 10), outcome, count(*) FROM captures WHERE requested_at >= ? "  # noqa: S608
            f"AND outcome NOT IN ({_quoted(SUPPORTING)}) GROUP BY 1, 2",
            [since],
        )
    }
    first = min((day for day, _ in counts), default=last[:10])
    return periods_between(first, last, "day"), counts


def read_jobs(connection: sqlite3.Connection) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The jobs with the counts of their last run, and the latest runs of all commands."""
    jobs = _dicts(
        connection.execute(
            """
            SELECT j.name, j.first_run, j.last_run, r.counts,
                (SELECT count(*) FROM captures AS c WHERE c.job = j.name) AS captures
            FROM jobs AS j LEFT JOIN runs AS r ON r.id = (SELECT max(id) FROM runs WHERE job = j.name)
            ORDER BY j.last_run DESC, j.name
            """
        )
    )
    runs = _dicts(
        connection.execute(
            "SELECT id, command, job, started_at, ended_at, counts FROM runs ORDER BY id DESC LIMIT ?",
            [MAX_RUNS],
        )
    )
    for row in (*jobs, *runs):
        row["counts"] = {
            outcome: count for outcome, count in json.loads(row["counts"] or "{}").items() if count
        }
    return jobs, runs


def read_job_health(connection: sqlite3.Connection, now: datetime) -> tuple[list[SourceHealth], int, Gaps]:
    """The sources that are asked, those that do worst first among those that others name, how many are not shown; and
    what is missing of the last days, up to yesterday."""
    states = read_sources(connection)
    healths = [source_health(one, now) for one in states]
    shown = [one for one in healths if not one.source.depth or one.health in ("dead", "failing")]
    since = now - timedelta(days=DAYS)
    jobs = sorted(
        {one.job for one in states} | {name for (name,) in connection.execute("SELECT name FROM jobs")}
    )
    missing = Gaps(
        since,
        read_unheld(connection, jobs, since, MAX_UNHELD),
        read_silences(connection, states, since, now),
    )
    return shown[:MAX_SOURCES], len(healths) - len(shown[:MAX_SOURCES]), missing


def _dicts(cursor: sqlite3.Cursor) -> list[dict[str, Any]]:
    return [dict(row) for row in rows_of(cursor)]
