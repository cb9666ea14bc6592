"""In which order matches are shown: how well they match, and how new they are; one of each story. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

RECENCY: Final = 0.2
"""How much better the newest match counts than an old one: enough to order texts that match alike, too little to put
one that has a word once before one that has it in its title. By judgement."""

HALF_LIFE_DAYS: Final = 365.0
"""After a year half of that is gone."""


class Match(NamedTuple):
    """One article that matches. rank: as `bm25` has it, lower is better. day: of `day_of`."""

    id: int
    rank: float
    duplicate_of: int | None
    cluster_id: int | None
    day: int | None


def order_matches(matches: Iterable[Match], *, fold: bool = True) -> list[tuple[Match, float]]:
    """The matches with their scores, best first; ties by id.

    An exact copy is never shown beside what it copies. fold: nor any article beside another one of its cluster. The
    newest is new by the dates of the matches themselves, so that the order does not depend on the day of asking.
    """
    best: dict[int, Match] = {}
    for one in matches:
        number, rank, copied, cluster, _ = one  # five thousand of them: unpacking is faster than names
        story = -cluster if fold and cluster is not None else copied or number
        other = best.get(story)
        if other is None or (rank, copied is not None, number) < (other[1], other[2] is not None, other[0]):
            best[story] = one
    shown = best.values()
    days = {one[4] for one in shown}
    newest = max((day for day in days if day is not None), default=0)
    weights = {
        day: 1.0 if day is None else 1.0 + RECENCY * 2.0 ** ((day - newest) / HALF_LIFE_DAYS) for day in days
    }
    scored = sorted([(one[1] * weights[one[4]], one[0], one) for one in shown])
    return [(one, -score) for score, _, one in scored]


@lru_cache(maxsize=1 << 14)
def day_of(published: str | None) -> int | None:
    """The number of the day of an ISO date, 1 for the first of year 1; of a year or a month its first day."""
    if published is None:
        return None
    try:
        return date.fromisoformat((published[:10] + "-01-01"[len(published[:10]) - 4 :])[:10]).toordinal()
    except ValueError:
        return None
