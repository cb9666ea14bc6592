"""The pages that look over the whole archive: publication by day, sites, jobs, and what was no article."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

from datasette import Response

from archive.errors import NotFound, StoreError
from archive.jobs.overview import Gaps, silence_json, source_json
from archive.model import OUTCOMES
from archive.phrases import period_name
from archive.web import chart
from archive.web.answers import json_page
from archive.web.counts import held
from archive.web.tallies import (
    Timeline,
    read_days,
    read_job_health,
    read_jobs,
    read_junk,
    read_sites,
    read_timeline,
)
from archive.web.visit import Visit

_SLOW: Final = "counting that takes too long for one page; the tables have it all"


async def timeline(visit: Visit) -> Response:
    """Articles by day (or `by=month`, `by=year`) and site of their publication, `site` for one alone."""
    site, by = visit.argument("site"), visit.argument("by")
    if by is not None and by not in chart.LENGTHS:
        raise NotFound("by is day, month or year")
    step = next((one for one in chart.LENGTHS if one == by), None)
    found = await held(
        visit.database,
        visit.limit_ms,
        ("timeline", site, step),
        lambda connection: (read_timeline(connection, site, step),),
    )
    if found is None:
        raise StoreError(_SLOW)
    (line,) = found
    if visit.as_json:
        return json_page(_timeline_json(line, site))
    picture = chart.stacked(line.periods, line.series, line.counts, short_name) if line else None
    return visit.page("timeline.html", line=line, picture=picture, site=site, by=by)


async def sites(visit: Visit) -> Response:
    """The sites: articles, origins, first and last capture, and how they answered lately."""
    found = await held(visit.database, visit.limit_ms, "sites", read_sites)
    if found is None:
        raise StoreError(_SLOW)
    rows, others = found
    if visit.as_json:
        return json_page(
            {
                "sites": [asdict(one) for one in rows],
                "others": [{"site": site, **asdict(health)} for site, health in others],
            }
        )
    return visit.page("sites.html", sites=rows, others=others)


async def junk(visit: Visit) -> Response:
    """What was captured and is no article, by verdict; `verdict` lists the latest of one."""
    verdict = visit.argument("verdict")
    counts, latest = await visit.read(lambda connection: read_junk(connection, verdict))
    if visit.as_json:
        return json_page({"verdicts": counts, "verdict": verdict, "latest": latest})
    return visit.page("junk.html", counts=counts, latest=latest, verdict=verdict)


async def jobs(visit: Visit) -> Response:
    """The jobs, how their sources do, what is missing, the captures of each day by outcome, and the latest runs."""
    now = datetime.now(UTC)
    days = await held(visit.database, visit.limit_ms, "days", read_days)
    found = await held(
        visit.database,
        visit.limit_ms,
        ("health", now.date()),
        lambda connection: read_job_health(connection, now),
    )
    sources, hidden, missing = found or ([], 0, Gaps(now))
    listed, runs = await visit.read(read_jobs)
    periods, counts = days or ((), {})
    busy = [day for day in reversed(periods) if any(known == day for known, _ in counts)]
    outcomes = [one for one in OUTCOMES if any(outcome == one for _, outcome in counts)]
    if visit.as_json:
        return json_page(
            {
                "jobs": listed,
                "sources": [source_json(one) for one in sources],
                "unheld": [asdict(one) for one in missing.unheld],
                "silences": [silence_json(one) for one in missing.silences],
                "runs": runs,
                "days": {
                    day: {one: counts[day, one] for one in outcomes if (day, one) in counts}
                    for day in reversed(busy)
                },
            }
        )
    return visit.page(
        "jobs.html",
        jobs=listed,
        sources=sources,
        hidden=hidden,
        missing=missing,
        runs=runs,
        busy=busy,
        counts=counts,
        outcomes=outcomes,
        picture=chart.stacked(periods, outcomes, counts, short_name) if counts else None,
    )


def short_name(period: str) -> str:
    """`8 Oct 2017`, `Oct 2017`, `2017`: beneath an axis there is little room."""
    words = period_name(period).split(" ")
    return " ".join(word[:3] if word.isalpha() else word for word in words)


def _timeline_json(line: Timeline | None, site: str | None) -> dict[str, Any]:
    if line is None:
        return {"site": site, "step": None, "articles": 0, "origins": 0, "periods": []}
    return {
        "site": site,
        "step": line.step,
        "articles": line.articles,
        "origins": line.origins,
        "undated": line.undated,
        "earlier": line.earlier,
        "sites": list(line.series),
        "periods": [
            {
                "period": period,
                "articles": line.tallies.get(period, (0, 0))[0],
                "origins": line.tallies.get(period, (0, 0))[1],
                "sites": {
                    one: line.counts[period, one] for one in line.series if (period, one) in line.counts
                },
            }
            for period in line.periods
        ],
    }
