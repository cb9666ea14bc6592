"""Days as numbers pass a filter of dates as their text does, and bits come back as they were stored."""

from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.store.bitmaps import BLOCK_BITS, set_bits
from archive.store.fact_bits import DAY_BITS, day_number, days_of, packed, unpacked

DAYS = st.dates(date(1, 1, 1), date(9999, 12, 31)).map(lambda day: day.isoformat())
PARTS = st.tuples(DAYS, st.sampled_from((4, 7, 10))).map(lambda pair: pair[0][: pair[1]])
STATED = st.one_of(
    PARTS,
    st.tuples(DAYS, st.sampled_from(("T00:00", "T10:30:00+02:00", "T23:59:59Z", " 8:00"))).map("".join),
)


@given(STATED, PARTS)
def test_a_day_passes_as_its_text_does(stated: str, asked: str) -> None:
    number, days = day_number(stated), days_of(asked)
    assert number is not None
    assert days is not None
    assert 0 <= number < 1 << DAY_BITS
    assert (number >= days[0]) == (stated >= asked)
    assert (number <= days[1]) == (stated <= f"{asked}~")


@pytest.mark.parametrize(
    "stated", ["", "May 2017", "2017-13", "2017-00-01", "20170501", "2017-05-01é", "٢٠١٧", "2017-5-1"]
)
def test_what_is_no_date_has_no_number(stated: str) -> None:
    assert day_number(stated) is None


@pytest.mark.parametrize("asked", ["2017-05-01T10", "2017-13", "yesterday", ""])
def test_what_is_no_year_month_or_day_is_no_range(asked: str) -> None:
    assert days_of(asked) is None


@given(st.sets(st.integers(0, (1 << BLOCK_BITS) - 1)), st.integers())
def test_bits_come_back_as_they_were(articles: set[int], seed: int) -> None:
    size = 1 << (BLOCK_BITS - 3)
    for octets in (bytearray(size), bytearray(random.Random(seed).randbytes(size))):  # noqa: S311 - nothing secret
        set_bits(octets, articles)
        assert unpacked(packed(bytes(octets))) == octets
        assert len(packed(bytes(octets))) <= len(octets)
