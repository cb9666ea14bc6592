"""Days on which a source announced unusually little: by the day of the week, in the measure of its own habits. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from statistics import median
from typing import Final

UNUSUAL: Final = 0.001
"""How seldom a silence must be to be told of, were announcements a Poisson process: for one source of ten articles a
day, a single day without any; for one of one a day, a week of them. News come in bursts, hence not one in twenty."""

LEAST_WEEKS: Final = 3
"""Days of the same name that must be known before one of them can be unusual."""

QUIET_SHARE: Final = 0.25
"""A day with more than this share of what is usual is no silence, however long it lasts."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Days in a row. announced: in all of them; usual: what would have been."""

    first: date
    last: date
    announced: int
    usual: float


def silences(counts: Mapping[date, int], first: date, last: date) -> tuple[Silence, ...]:
    """The silences of a source from its first whole day to its last one, oldest first.

    counts: announcements by day; what is not named is 0. What is usual for a day is the median of all days of
    the same name between the two. Quiet days in a row are judged together.
    """
    days = [first + timedelta(days=at) for at in range((last - first).days + 1)]
    by_name: dict[int, list[int]] = {}
    for day in days:
        by_name.setdefault(day.weekday(), []).append(counts.get(day, 0))
    usual = {name: float(median(some)) for name, some in by_name.items() if len(some) > LEAST_WEEKS}
    found: list[Silence] = []
    for is_quiet, some in groupby(days, lambda day: _is_quiet(counts.get(day, 0), usual.get(day.weekday()))):
        run = list(some)
        announced = sum(counts.get(one, 0) for one in run)
        expected = sum(usual.get(one.weekday(), 0.0) for one in run)
        if is_quiet and poisson_at_most(announced, expected) < UNUSUAL:
            found.append(Silence(run[0], run[-1], announced, expected))
    return tuple(found)


def _is_quiet(count: int, usual: float | None) -> bool:
    return usual is not None and count <= usual * QUIET_SHARE


def poisson_at_most(count: int, mean: float) -> float:
    """The chance of `count` or fewer events where `mean` are usual."""
    if mean <= 0:
        return 1.0
    return min(
        1.0, sum(math.exp(at * math.log(mean) - mean - math.lgamma(at + 1)) for at in range(count + 1))
    )
