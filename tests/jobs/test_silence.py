"""Days without news are told of where they are unusual for that source, and nowhere else."""

from __future__ import annotations

import random
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.jobs.silence import UNUSUAL, Silence, poisson_at_most, silences

MONDAY = date(2026, 3, 2)
WEEKS = 12
LAST = MONDAY + timedelta(weeks=WEEKS, days=-1)


def days(first: int, count: int) -> list[date]:
    return [MONDAY + timedelta(days=first + at) for at in range(count)]


def test_one_day_without_news_is_unusual_for_who_has_ten_a_day() -> None:
    counts = dict.fromkeys(days(0, 7 * WEEKS), 10)
    silent = days(30, 1)[0]
    counts[silent] = 0
    assert silences(counts, MONDAY, LAST) == (Silence(silent, silent, 0, 10.0),)


def test_for_who_has_one_a_day_a_week_without_is_unusual_and_a_day_is_not() -> None:
    counts = dict.fromkeys(days(0, 7 * WEEKS), 1)
    counts |= dict.fromkeys(days(10, 1), 0) | dict.fromkeys(days(40, 7), 0)
    assert silences(counts, MONDAY, LAST) == (Silence(*days(40, 7)[:: 6], 0, 7.0),)  # fmt: skip


def test_a_paper_that_rests_on_sundays_is_not_silent_on_them() -> None:
    counts = {day: 0 if day.weekday() == 6 else 20 for day in days(0, 7 * WEEKS)}
    assert silences(counts, MONDAY, LAST) == ()


def test_what_was_asked_for_too_short_a_time_has_no_habits_yet() -> None:
    assert silences(dict.fromkeys(days(0, 20), 50), MONDAY, MONDAY + timedelta(days=20)) == ()
    assert silences({}, LAST, MONDAY) == ()


def test_chance_alone_seldom_makes_a_silence() -> None:
    dice = random.Random(7)  # noqa: S311  -- dice, not keys
    told = sum(
        len(silences({day: _poisson(dice, 8.0) for day in days(0, 7 * WEEKS)}, MONDAY, LAST))
        for _ in range(100)
    )
    assert told <= 2 * UNUSUAL * 100 * 7 * WEEKS


def _poisson(dice: random.Random, mean: float) -> int:
    """Arrivals in one unit of time."""
    count, at = 0, dice.expovariate(mean)
    while at < 1:
        count, at = count + 1, at + dice.expovariate(mean)
    return count


@pytest.mark.parametrize(
    ("count", "mean", "chance"), [(0, 1, 0.3679), (2, 5, 0.1247), (0, 0, 1), (3, 1e4, 0)]
)
def test_the_tail_is_that_of_the_tables(count: int, mean: float, chance: float) -> None:
    assert poisson_at_most(count, mean) == pytest.approx(chance, abs=5e-5)


@given(st.dictionaries(st.sampled_from(days(0, 7 * WEEKS)), st.integers(0, 60)))
def test_silences_are_apart_in_order_and_below_what_is_usual(counts: dict[date, int]) -> None:
    found = silences(counts, MONDAY, LAST)
    for one in found:
        assert MONDAY <= one.first <= one.last <= LAST
        assert one.announced < one.usual
    assert all(one.last < other.first for one, other in pairwise(found))
