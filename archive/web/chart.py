"""Bars over time, stacked by series, as the coordinates of an SVG picture. Pure: no colour, no markup."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

Step = Literal["day", "month", "year"]

LENGTHS: Final[dict[Step, int]] = {"day": 10, "month": 7, "year": 4}
"""How many characters of an ISO date name a period of each step."""

MAX_PERIODS: Final[dict[Step, int]] = {"day": 93, "month": 120, "year": 400}
"""Periods that a chart shows at the most: three months of days are bars of 8 pixels."""

WIDTH: Final = 960
HEIGHT: Final = 260
_LEFT: Final = 44
_TOP: Final = 12
_BOTTOM: Final = 28
_LABEL_PIXELS: Final = 96
"""Room for the name of a period beneath the axis."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One series in one period. The numbers are pixels of a picture `WIDTH` by `HEIGHT`."""

    x: float
    y: float
    width: float
    height: float
    period: str
    series: int
    count: int


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture: bars, the lines of its scale (height in pixels, count), and names beneath (place, name, anchor)."""

    bars: tuple[Bar, ...]
    scale: tuple[tuple[float, int], ...]
    names: tuple[tuple[float, str, str], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT


def periods_between(first: str, last: str, step: Step) -> tuple[str, ...]:
    """The periods from one to another, both included, as prefixes of ISO dates, oldest first; at most the last
    `MAX_PERIODS` of them."""
    most = MAX_PERIODS[step]
    if step == "year":
        years = range(max(int(first[:4]), int(last[:4]) - most + 1), int(last[:4]) + 1)
        return tuple(f"{year:04}" for year in years)
    if step == "month":
        end = 12 * int(last[:4]) + int(last[5:7]) - 1
        begin = max(12 * int(first[:4]) + int(first[5:7]) - 1, end - most + 1)
        return tuple(f"{month // 12:04}-{month % 12 + 1:02}" for month in range(begin, end + 1))
    end_day = date.fromisoformat(last[:10])
    days = min((end_day - date.fromisoformat(first[:10])).days + 1, most)
    return tuple((end_day - timedelta(days=back)).isoformat() for back in reversed(range(days)))


def fitting_step(first: str, last: str) -> Step:
    """The finest step in which the time between two ISO dates is one chart."""
    days = (date.fromisoformat(last[:10]) - date.fromisoformat(first[:10])).days
    if days < MAX_PERIODS["day"]:
        return "day"
    return "month" if days < 30 * MAX_PERIODS["month"] else "year"


def stacked(
    periods: Sequence[str],
    series: Sequence[str],
    counts: Mapping[tuple[str, str], int],
    name: Callable[[str], str],
) -> Chart:
    """A bar for each period and series that has a count, the first series at the bottom.

    counts: by period and series. name: what a period is called beneath the axis.
    """
    totals = [sum(counts.get((period, one), 0) for one in series) for period in periods]
    top = _scale_end(max(totals, default=0))
    room = HEIGHT - _TOP - _BOTTOM
    slot = (WIDTH - _LEFT) / max(len(periods), 1)
    wide = min(slot * 0.8, 48.0)
    bars = []
    for at, period in enumerate(periods):
        below = 0
        for number, one in enumerate(series):
            count = counts.get((period, one), 0)
            if count:
                bars.append(
                    Bar(
                        x=round(_LEFT + at * slot + (slot - wide) / 2, 2),
                        y=round(_TOP + room * (1 - (below + count) / top), 2),
                        width=round(wide, 2),
                        height=round(max(room * count / top, 1), 2),
                        period=period,
                        series=number,
                        count=count,
                    )
                )
                below += count
    step = top // 4 if top % 4 == 0 else top
    scale = tuple((round(_TOP + room * (1 - value / top), 2), value) for value in range(0, top + 1, step))
    each = max(1, -(-len(periods) * _LABEL_PIXELS // (WIDTH - _LEFT)))
    names = tuple(
        (round(_LEFT + at * slot + slot / 2, 2), name(periods[at]), _anchor(at, len(periods), slot))
        for at in range(0, len(periods), each)
    )
    return Chart(tuple(bars), scale, names)


def _anchor(at: int, count: int, slot: float) -> str:
    """Where a name hangs on its place, so that neither end of the picture cuts it off."""
    if (at + 0.5) * slot + _LEFT < _LABEL_PIXELS / 2:
        return "start"
    return "end" if (count - at - 0.5) * slot < _LABEL_PIXELS / 2 else "middle"


def _scale_end(most: int) -> int:
    """The least round number that is not below the highest bar: 4, 8, 20, 40, 80, 200, …"""
    end = 4
    while end < most:
        end = end * 5 // 2 if str(end)[0] == "8" else end * 2
    return end
