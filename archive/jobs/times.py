"""Schedules as they are written (`30m`, or five fields of cron), and when they come round. Pure; time is told.

Cron text is cronsim's work, daylight saving included: a time that the clock skips comes just after the gap, a
time of day that it shows twice comes once, and every-so-many-minutes goes on through both (as Debian's cron does).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

SHORTEST = timedelta(minutes=1)
"""What cron can do, and as often as any publisher could be asked."""

LONGEST = timedelta(days=366)

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DURATION = re.compile(r"(?:\d+\s*[smhdw]\s*)+", re.I)
_PART = re.compile(r"(\d+)\s*([smhdw])", re.I)

_SLACK = timedelta(seconds=30)
"""A timer that comes round every five minutes must not miss a job of 30 minutes by the second its last run took to
begin: a run is due a little early rather than a whole round late."""


def read_duration(text: str) -> timedelta:
    """`30m`, `1h30m`, `2 d` as a length of time. Raises: ValueError."""
    if not _DURATION.fullmatch(text.strip()):
        raise ValueError("a length of time is a number and s, m, h, d or w, like 30m or 1h30m")
    seconds = sum(int(number) * _UNITS[unit.lower()] for number, unit in _PART.findall(text))
    if seconds > 100 * LONGEST.total_seconds():
        raise ValueError("longer than a hundred years")
    return timedelta(seconds=seconds)


def write_duration(length: timedelta) -> str:
    """A length of time as a reader wants it: `45 s`, `30 min`, `4 h`, `2 d`, rounded."""
    seconds = length.total_seconds()
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= size * 1.95 or (seconds >= size and seconds % size == 0):
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a job comes round. every: the time from one run to the next, or `None`, and `cron` has five fields."""

    text: str
    every: timedelta | None = None
    cron: str | None = None


@lru_cache(maxsize=256)
def read_schedule(text: str) -> Schedule:
    """A schedule as written. Raises: ValueError, saying what is wrong with it."""
    words = text.split()
    if len(words) == 5:
        try:
            next(CronSim(" ".join(words), datetime(2024, 1, 1, tzinfo=UTC)))
        except CronSimError as error:
            raise ValueError(f"not cron text: {error}") from error
        except StopIteration as error:
            raise ValueError("not cron text: there is no such date") from error
        return Schedule(text, cron=" ".join(words))
    try:
        every = read_duration(text)
    except ValueError:
        raise ValueError(
            'a schedule is a length of time like "30m" or five fields of cron like "*/30 6-22 * * *"'
        ) from None
    if not SHORTEST <= every <= LONGEST:
        raise ValueError("a schedule is between one minute and a year")
    return Schedule(text, every=every)


def next_run(schedule: Schedule, last: datetime | None, zone: tzinfo) -> datetime | None:
    """When a job is due after its last run began; UTC. `None`: now, for it never ran.

    What was missed while the machine was off is one run, not many.
    zone: the time zone that cron's fields are in.
    """
    if last is None:
        return None
    if schedule.every is not None:
        return last + schedule.every - min(_SLACK, schedule.every / 10)
    return next(CronSim(schedule.cron or "", last.astimezone(zone))).astimezone(UTC)


def is_due(schedule: Schedule, last: datetime | None, now: datetime, zone: tzinfo) -> bool:
    """Whether a job whose last run began at `last` is to run at `now`."""
    due = next_run(schedule, last, zone)
    return due is None or due <= now


def period_of(schedule: Schedule, now: datetime, zone: tzinfo) -> timedelta:
    """The time from one run to the next, about now: what a source of the job is asked at, at the soonest."""
    if schedule.every is not None:
        return schedule.every
    times = CronSim(schedule.cron or "", now.astimezone(zone))
    first = next(times).astimezone(UTC)
    return max(SHORTEST, next(times).astimezone(UTC) - first)


def zone_of(name: str, system: str | None = None) -> tzinfo:
    """The time zone of a name like `Asia/Beirut`; for an empty one, the system's where it is known, else UTC.

    Raises: ValueError, when there is no such zone.
    """
    for wanted in (name.strip(), system if not name.strip() else None):
        if wanted:
            try:
                return ZoneInfo(wanted)
            except (ZoneInfoNotFoundError, ValueError, OSError) as error:
                if wanted == name.strip():
                    raise ValueError(
                        f"there is no time zone {name!r}: names are like Europe/Paris"
                    ) from error
    return UTC
