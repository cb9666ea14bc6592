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
    """One article that matches. rank: as `bm25` has it, lower is better."""

    id: int
    rank: float
    duplicate_of: int | None
    cluster_id: int | None
    published: str | None


def order_matches(matches: Iterable[Match], *, fold: bool = True) -> list[tuple[Match, float]]:
    """The matches with their scores, best first; ties by id.

    An exact copy is never shown beside what it copies. fold: nor any article beside another one of its cluster. The
    newest is new by the dates of the matches themselves, so that the order does not depend on the day of asking.
    """
    shown: dict[tuple[str, int], Match] = {}
    for one in sorted(matches, key=lambda one: (one.rank, one.duplicate_of is not None, one.id)):
        shown.setdefault(_story(one, fold), one)
    days = {one.published: _day(one.published) for one in shown.values()}
    newest = max((day for day in days.values() if day is not None), default=0)
    scored = []
    for one in shown.values():
        day = days[one.published]
        bonus = 0.0 if day is None else RECENCY * 2.0 ** ((day - newest) / HALF_LIFE_DAYS)
        scored.append((one, -one.rank * (1.0 + bonus)))
    scored.sort(key=lambda pair: (-pair[1], pair[0].id))
    return scored


def _story(one: Match, fold: bool) -> tuple[str, int]:
    if fold and one.cluster_id is not None:
        return "cluster", one.cluster_id
    return "text", one.duplicate_of or one.id


@lru_cache(maxsize=1 << 14)
def _day(published: str | None) -> int | None:
    """The number of the day of an ISO date; of a year or a month its first."""
    if published is None:
        return None
    try:
        return date.fromisoformat((published[:10] + "-01-01"[len(published[:10]) - 4 :])[:10]).toordinal()
    except ValueError:
        return None
