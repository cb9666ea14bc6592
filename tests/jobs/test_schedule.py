"""When what is asked again, with a clock that is told the time. The figures are those of docs/jobs.md."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from archive.jobs.schedule import (
    TRIES,
    Policy,
    health_of,
    poll_pause,
    poll_pause_after_failure,
    retry_pause,
    revisit_pause,
)
from archive.jobs.times import (
    is_due,
    next_run,
    period_of,
    read_duration,
    read_schedule,
    write_duration,
    zone_of,
)

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
POLICY = Policy()


@pytest.mark.parametrize(
    "text", ["", "30", "m", "0m", "10s", "400d", "99 * * * *", "0 0 31 2 *", "soon", "* * * *"]
)
def test_a_schedule_that_cannot_be_meant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"schedule|cron"):
        read_schedule(text)


def test_a_length_of_time_is_written_as_it_is_said() -> None:
    assert read_duration("1h30m") == timedelta(minutes=90)
    assert [write_duration(timedelta(seconds=one)) for one in (45, 1800, 5400, 14_400, 86_400)] == [
        "45 s", "30 min", "90 min", "4 h", "1 d",
    ]  # fmt: skip


def test_a_job_that_never_ran_is_due() -> None:
    assert is_due(read_schedule("0 6 * * *"), None, NOON, UTC)


def test_what_was_missed_is_one_run() -> None:
    schedule = read_schedule("0 6 * * *")
    assert is_due(schedule, NOON - 9 * DAY, NOON, UTC)
    assert not is_due(schedule, NOON, NOON + HOUR, UTC)


@pytest.mark.parametrize(
    ("cron", "before", "runs"),
    [
        # 2026-03-29: 02:00 becomes 03:00. What would have come in the gap comes once, right after it.
        ("30 2 * * *", datetime(2026, 3, 28, 12, tzinfo=UTC), ["2026-03-29T01:00", "2026-03-30T00:30"]),
        # 2026-10-25: 03:00 becomes 02:00. A time of day comes once; every half hour goes on.
        ("30 2 * * *", datetime(2026, 10, 24, 12, tzinfo=UTC), ["2026-10-25T00:30", "2026-10-26T01:30"]),
        (
            "*/30 * * * *",
            datetime(2026, 10, 25, 0, 10, tzinfo=UTC),
            ["2026-10-25T00:30", "2026-10-25T01:00", "2026-10-25T01:30"],
        ),
    ],
)
def test_cron_keeps_to_the_clock_on_the_wall(cron: str, before: datetime, runs: list[str]) -> None:
    schedule, last = read_schedule(cron), before
    for run in runs:
        due = next_run(schedule, last, BERLIN)
        assert due is not None
        assert due.isoformat(timespec="minutes") == f"{run}+00:00"
        last = due


def test_a_year_of_runs_comes_as_scheduled() -> None:
    """Cron's timer every five minutes, a job each half hour, one each morning and one each Monday, in Berlin."""
    begun = time.process_time()
    schedules = [read_schedule(text) for text in ("30m", "0 6 * * *", "15 2 * * 1", "*/30 * * * *")]
    ran: list[list[datetime]] = [[] for _ in schedules]
    due = [datetime(2026, 1, 1, tzinfo=UTC)] * len(schedules)
    now, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    while now < end:
        for at, schedule in enumerate(schedules):
            if due[at] <= now:
                # The process is late by a few seconds, each time by another few: no run may be lost to that.
                ran[at].append(now + timedelta(seconds=now.timetuple().tm_yday % 25))
                found = next_run(schedule, ran[at][-1], BERLIN)
                assert found is not None
                due[at] = found
        now += timedelta(minutes=5)
    every, morning, monday, half_hours = ran
    assert len(every) == len(half_hours) == 365 * 48
    assert len(morning) == 366  # the first at once, and then each morning
    assert {one.astimezone(BERLIN).hour for one in morning[1:]} == {6}
    assert len(monday) == 53
    assert {one.astimezone(BERLIN).weekday() for one in monday[1:]} == {0}
    assert {one.astimezone(BERLIN).strftime("%H:%M") for one in monday[1:]} == {"02:15"}
    assert time.process_time() - begun < 10


def test_a_year_of_looks_at_an_article_is_as_documented() -> None:
    age, looks = timedelta(minutes=10), []
    while (pause := revisit_pause(age, False, POLICY)) is not None:
        age += pause
        looks.append(age)
    assert [write_duration(one) for one in looks[:6]] == ["70 min", "4 h", "10 h", "32 h", "4 d", "12 d"]
    assert len(looks) == 12
    assert all(later - sooner <= 30 * DAY for sooner, later in pairwise(looks))
    pauses = [later - sooner for sooner, later in pairwise(looks)]
    assert pauses == sorted(pauses), "later and later"


def test_an_article_that_changed_is_looked_at_sooner() -> None:
    assert revisit_pause(2 * DAY, True, POLICY) == 2 * DAY
    assert revisit_pause(2 * DAY, False, POLICY) == 4 * DAY
    assert revisit_pause(200 * DAY, False, POLICY) is None


def test_a_date_in_the_future_is_no_reason_to_ask_at_once() -> None:
    assert revisit_pause(-5 * DAY, False, POLICY) == HOUR


def test_a_page_that_fails_is_asked_less_and_less_and_then_given_up() -> None:
    pauses = []
    while (pause := retry_pause("failed", None, len(pauses) + 1, 0.0)) is not None:
        pauses.append(pause)
    assert len(pauses) == TRIES - 1
    assert pauses[:4] == [timedelta(minutes=15 * 2**n) for n in range(4)]
    assert pauses[-1] <= 2 * DAY
    assert sum(pauses, timedelta()) > 4 * DAY


def test_pauses_are_spread_by_up_to_a_tenth() -> None:
    assert retry_pause("failed", None, 1, 1.0) == timedelta(minutes=16.5)


@pytest.mark.parametrize(
    ("outcome", "error", "pauses"),
    [
        ("gone", None, 3),
        ("robots", None, 4),
        ("rejected", "bot-wall", 4),
        ("rejected", "index", 0),
        ("rejected", "no-match", 0),
    ],
)
def test_what_gave_no_article_is_asked_a_few_times_more(outcome: str, error: str | None, pauses: int) -> None:
    found = [retry_pause(outcome, error, attempts, 0.0) for attempts in range(1, 8)]
    assert [one is not None for one in found] == [True] * pauses + [False] * (7 - pauses)


def test_a_source_is_asked_later_while_it_brings_nothing_new() -> None:
    half, pauses = timedelta(minutes=30), [timedelta(minutes=30)]
    for _ in range(5):
        pauses.append(poll_pause(pauses[-1], 20, 0, half, POLICY))
    assert [write_duration(one) for one in pauses] == ["30 min", "1 h", "2 h", "4 h", "4 h", "4 h"]


def test_a_source_is_asked_sooner_when_most_is_new() -> None:
    half = timedelta(minutes=30)
    assert poll_pause(4 * HOUR, 20, 20, half, POLICY) == HOUR
    assert poll_pause(HOUR, 20, 20, half, POLICY) == half, "never more often than its job runs"
    assert poll_pause(4 * HOUR, 21, 7, half, POLICY) == 4 * HOUR, "a third is where it stays"


def test_a_source_is_asked_once_a_day_at_least_unless_its_job_runs_less_often() -> None:
    assert poll_pause(20 * HOUR, 5, 0, 12 * HOUR, POLICY) == DAY
    assert poll_pause(7 * DAY, 5, 0, 7 * DAY, POLICY) == 7 * DAY


def test_a_source_that_fails_is_asked_less_and_less() -> None:
    half = timedelta(minutes=30)
    assert [poll_pause_after_failure(n, half, POLICY) for n in (1, 2, 3)] == [half, 2 * half, 4 * half]
    assert poll_pause_after_failure(10_000, half, POLICY) == DAY


def test_the_health_of_a_source_is_told_by_what_came_of_it() -> None:
    def health(failures: int, good: timedelta | None, new: timedelta | None) -> str:
        return health_of(
            NOON,
            first_asked=NOON - 60 * DAY,
            last_good=NOON - good if good is not None else None,
            failures=failures,
            last_new=NOON - new if new is not None else None,
        )

    assert health(0, HOUR, HOUR) == "ok"
    assert health(0, HOUR, 31 * DAY) == "quiet"
    assert health(9, DAY, DAY) == "failing"
    assert health(9, 4 * DAY, DAY) == "dead"
    assert health(2, None, None) == "failing"
    assert health_of(NOON, first_asked=None, last_good=None, failures=0, last_new=None) == "new"


def test_the_time_between_two_runs_is_known_for_cron_too() -> None:
    assert period_of(read_schedule("0 */6 * * *"), NOON, UTC) == 6 * HOUR
    assert period_of(read_schedule("45m"), NOON, UTC) == timedelta(minutes=45)


def test_a_time_zone_is_the_systems_where_none_is_named() -> None:
    assert str(zone_of("", "Asia/Beirut")) == "Asia/Beirut"
    assert zone_of("", "not/a/zone") is UTC
    assert zone_of("", None) is UTC
