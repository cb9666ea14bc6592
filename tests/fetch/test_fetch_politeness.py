"""Which host may be asked next, with a clock that is told the time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.fetch.politeness import Schedule, Traffic, retry_after, retry_pause

NOW = datetime(2026, 11, 22, 8, 0, 0, tzinfo=UTC)


def test_one_host_is_asked_one_at_a_time_with_a_pause_after_the_end() -> None:
    schedule: Schedule[str] = Schedule()
    schedule.add("a1", "a")
    schedule.add("a2", "a")
    assert schedule.take(0.0) == "a1"
    assert schedule.take(100.0) is None
    assert schedule.wait(100.0) is None
    schedule.done("a", 100.0, 1.0)
    assert schedule.wait(100.0) == 1.0
    assert schedule.take(100.5) is None
    assert schedule.take(101.0) == "a2"


def test_hosts_are_asked_side_by_side_in_turn() -> None:
    schedule: Schedule[str] = Schedule()
    for name in ("a1", "a2", "a3", "b1", "b2", "c1"):
        schedule.add(name, name[0])
    assert [schedule.take(0.0) for _ in range(4)] == ["a1", "b1", "c1", None]
    for host in "abc":
        schedule.done(host, 0.0, 1.0)
    assert [schedule.take(1.0) for _ in range(3)] == ["a2", "b2", None]


def test_a_long_list_for_one_host_does_not_starve_another() -> None:
    schedule: Schedule[str] = Schedule()
    for number in range(1000):
        schedule.add(f"a{number}", "a")
    schedule.add("b", "b")
    assert schedule.take(0.0) == "a0"
    assert schedule.take(0.0) == "b"


def test_an_item_that_was_begun_goes_before_the_others_of_its_host() -> None:
    schedule: Schedule[str] = Schedule()
    schedule.add("later", "a")
    schedule.add("begun", "a", first=True)
    assert schedule.take(0.0) == "begun"


def test_a_pause_holds_for_items_that_come_later() -> None:
    schedule: Schedule[str] = Schedule()
    schedule.add("a1", "a")
    schedule.take(0.0)
    schedule.done("a", 0.0, 5.0)
    schedule.add("a2", "a")
    assert schedule.take(4.9) is None
    assert schedule.wait(4.0) == 1.0
    assert schedule.take(5.0) == "a2"


def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    schedule: Schedule[str] = Schedule(per_host=2)
    for name in ("a1", "a2", "a3"):
        schedule.add(name, "a")
    assert schedule.take(0.0) == "a1"
    assert schedule.take(0.0) == "a2"
    assert schedule.take(0.0) is None
    schedule.done("a", 1.0, 300.0)
    schedule.done("a", 2.0, 1.0)
    assert schedule.take(299.0) is None
    assert schedule.take(301.0) == "a3"


def test_what_waits_can_be_taken_out() -> None:
    schedule: Schedule[str] = Schedule()
    for name in ("a1", "a2", "b1"):
        schedule.add(name, name[0])
    schedule.take(0.0)
    assert sorted(schedule.drain()) == ["a2", "b1"]
    assert len(schedule) == 0
    schedule.done("a", 0.0, 0.0)
    assert schedule.take(1.0) is None


@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.floats(0, 3)), max_size=40),
    st.integers(1, 3),
    st.integers(1, 5),
)
@settings(deadline=None)
def test_every_item_comes_once_and_no_host_is_hurried(
    jobs: list[tuple[str, float]], per_host: int, threads: int
) -> None:
    schedule: Schedule[int] = Schedule(per_host)
    for number, (host, _) in enumerate(jobs):
        schedule.add(number, host)
    now, seen = 0.0, []
    running: list[tuple[float, int]] = []
    ended: dict[str, float] = {}
    while len(schedule) or running:
        while len(running) < threads and (item := schedule.take(now)) is not None:
            host, seconds = jobs[item]
            assert sum(jobs[other][0] == host for _, other in running) < per_host
            if per_host == 1:
                assert now >= ended.get(host, -1.0) + 1.0
            running.append((now + seconds, item))
            seen.append(item)
        wait = schedule.wait(now) if len(running) < threads else None
        steps = [end for end, _ in running] + ([now + wait] if wait is not None else [])
        assert steps, "nothing runs and nothing will"
        now = max(now, min(steps))
        for end, item in [it for it in running if it[0] <= now]:
            running.remove((end, item))
            ended[jobs[item][0]] = now
            schedule.done(jobs[item][0], now, 1.0)
    assert sorted(seen) == list(range(len(jobs)))
    for host in "abcd":
        order = [item for item in seen if jobs[item][0] == host]
        assert order == sorted(order)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        (" 120 ", 120.0),
        ("Sun, 22 Nov 2026 08:02:00 GMT", 120.0),
        ("Sunday, 22-Nov-26 08:02:00 GMT", 120.0),
        ("Sun Nov 22 08:02:00 2026", 120.0),
        ("Sun, 22 Nov 2026 07:00:00 GMT", 0.0),
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("9" * 30, None),
        ("Sun, 99 Nov 2026 08:02:00 GMT", None),
    ],
)
def test_retry_after_is_read_in_both_forms(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


def test_what_was_asked_is_waited_for_up_to_a_limit() -> None:
    assert retry_pause(1, 7.0, delay=1.0, longest=300.0, chance=0.0) == 7.0
    assert retry_pause(1, 7.0, delay=1.0, longest=300.0, chance=1.0) == pytest.approx(7.7)
    assert retry_pause(1, 86400.0, delay=1.0, longest=300.0, chance=0.0) == 300.0


def test_pauses_double_where_nothing_was_asked() -> None:
    pauses = [retry_pause(tries, None, delay=1.0, longest=6.0, chance=0.0) for tries in (1, 2, 3, 4)]
    assert pauses == [1.0, 2.0, 4.0, 6.0]


def test_a_slow_answer_makes_room_for_another() -> None:
    traffic = Traffic(connections=2, spare=1, stalls_after=3.0)
    first, second = traffic.begin(0.0), traffic.begin(1.0)
    assert not traffic.has_room(2.9)
    assert traffic.wait(2.0) == 1.0
    assert traffic.has_room(3.0)  # the first has stalled
    third = traffic.begin(3.0)
    assert not traffic.has_room(3.5)
    assert not traffic.has_room(4.0)  # the second has too, but there is one spare connection alone
    assert len(traffic) == 3
    traffic.end(first)
    assert traffic.has_room(4.0)
    for ticket in (second, third):
        traffic.end(ticket)
    assert (len(traffic), traffic.wait(9.0)) == (0, None)


@given(st.lists(st.tuples(st.floats(0, 2), st.booleans()), max_size=60), st.integers(1, 4), st.integers(0, 4))
@settings(deadline=None)
def test_there_are_never_more_requests_than_connections_and_spare_ones(
    moves: list[tuple[float, bool]], connections: int, spare: int
) -> None:
    traffic, now, under_way = Traffic(connections, spare, 1.0), 0.0, dict[int, float]()
    for seconds, ends in moves:
        now += seconds
        if ends and under_way:
            traffic.end(under_way.popitem()[0])
        elif traffic.has_room(now):
            under_way[traffic.begin(now)] = now
        assert len(traffic) == len(under_way) <= connections + spare
        stalled = sum(now >= begun + 1.0 for begun in under_way.values())
        assert traffic.counted(now) == len(under_way) - min(stalled, spare)
