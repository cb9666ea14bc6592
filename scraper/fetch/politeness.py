"""When whom: which waiting item may be asked next, and how long to wait. Pure; time is told.

Per host a bounded number of requests at a time and a pause after each, hosts side by side, in the order in which
they become free: no host can starve another, and a long list for one host costs the others nothing. Whom politeness is
owed is its caller's to say: what is called a host here is a registrable domain in `scraper.fetch.pool`.
"""

from __future__ import annotations

import heapq
import itertools
import re
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Generic, TypeVar

Item = TypeVar("Item")

_SECONDS = re.compile(r"[0-9]{1,18}")
_FORGET_AFTER = 3600.0


@dataclass(slots=True)
class _Host(Generic[Item]):
    ready_at: float = 0.0
    active: int = 0
    queue: deque[Item] = field(default_factory=deque)


class Schedule(Generic[Item]):
    """Items waiting for their host. Not thread-safe; seconds on whatever clock the caller keeps.

    per_host: items of one host that may be out at the same time.
    """

    def __init__(self, per_host: int = 1) -> None:
        self._per_host = per_host
        self._hosts: dict[str, _Host[Item]] = {}
        self._heap: list[tuple[float, int, str]] = []
        self._order = itertools.count()
        self._waiting = 0

    def __len__(self) -> int:
        """Items that wait."""
        return self._waiting

    def add(self, item: Item, host: str, *, first: bool = False) -> None:
        """Let an item wait for its host. first: before the others of that host, because it was begun already."""
        state = self._hosts.setdefault(host, _Host())
        if first:
            state.queue.appendleft(item)
        else:
            state.queue.append(item)
        self._waiting += 1
        self._offer(host, state)

    def take(self, now: float) -> Item | None:
        """The next item whose host may be asked now; `None` where there is none. Report its end with `done`."""
        while self._heap and self._heap[0][0] <= now:
            _, _, host = heapq.heappop(self._heap)
            state = self._hosts.get(host)
            if state is None or not state.queue or state.active >= self._per_host:
                continue  # an older offer, overtaken
            if state.ready_at > now:
                self._offer(host, state)
                continue
            state.active += 1
            self._waiting -= 1
            item = state.queue.popleft()
            self._offer(host, state)
            return item
        return None

    def done(self, host: str, now: float, pause: float) -> None:
        """A request to a host has ended; the next one may begin `pause` seconds from now."""
        state = self._hosts[host]
        state.active -= 1
        state.ready_at = max(state.ready_at, now + pause)
        self._offer(host, state)
        if len(self._hosts) > 4 * (len(self._heap) + 1024):
            self._forget(now)

    def wait(self, now: float) -> float | None:
        """Seconds until `take` may give something; `None` when only `add` or `done` can change that."""
        while self._heap:
            due, _, host = self._heap[0]
            state = self._hosts.get(host)
            if state is not None and state.queue and state.active < self._per_host:
                return max(0.0, max(due, state.ready_at) - now)
            heapq.heappop(self._heap)
        return None

    def drain(self) -> list[Item]:
        """Take out everything that waits, in no order."""
        items = [item for state in self._hosts.values() for item in state.queue]
        for state in self._hosts.values():
            state.queue.clear()
        self._heap.clear()
        self._waiting = 0
        return items

    def _offer(self, host: str, state: _Host[Item]) -> None:
        if state.queue and state.active < self._per_host:
            heapq.heappush(self._heap, (state.ready_at, next(self._order), host))

    def _forget(self, now: float) -> None:
        self._hosts = {
            host: state
            for host, state in self._hosts.items()
            if state.queue or state.active or state.ready_at > now - _FORGET_AFTER
        }


class Traffic:
    """Requests under way, and whether there is room for one more. Not thread-safe; seconds on any clock.

    A request counts against `connections` until it has lasted `stalls_after` seconds: then it waits for a host that
    is slow, and another may be made in its place, so that slow hosts do not hold up quick ones. `spare`: requests that
    may have been replaced so at one time.
    """

    def __init__(self, connections: int, spare: int, stalls_after: float) -> None:
        self._connections = connections
        self._spare = spare
        self._stalls_after = stalls_after
        self._fresh: dict[int, float] = {}
        self._stalled: set[int] = set()
        self._tickets = itertools.count(1)

    def __len__(self) -> int:
        """Requests under way, stalled or not."""
        return len(self._fresh) + len(self._stalled)

    def begin(self, now: float) -> int:
        """Note a request that begins. Returns: its ticket, for `end`."""
        ticket = next(self._tickets)
        self._fresh[ticket] = now
        return ticket

    def end(self, ticket: int) -> None:
        """Note that a request has ended."""
        self._fresh.pop(ticket, None)
        self._stalled.discard(ticket)

    def counted(self, now: float) -> int:
        """Requests under way that stand for a connection each."""
        while self._fresh and (wait := self.wait(now)) is not None and wait <= 0:
            ticket = next(iter(self._fresh))
            del self._fresh[ticket]
            self._stalled.add(ticket)
        return len(self._fresh) + max(0, len(self._stalled) - self._spare)

    def has_room(self, now: float) -> bool:
        """Whether another request may begin."""
        return self.counted(now) < self._connections

    def wait(self, now: float) -> float | None:
        """Seconds until the oldest request stalls; `None` where there is none that may."""
        begun = next(iter(self._fresh.values()), None)
        return None if begun is None else max(0.0, begun + self._stalls_after - now)


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks to wait (RFC 9110, 10.2.3); `None` where it says nothing usable.

    value: a number of seconds or an HTTP-date. now: aware.
    """
    if value is None:
        return None
    text = value.strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - now).total_seconds())


def retry_pause(tries: int, asked: float | None, *, delay: float, longest: float, chance: float) -> float:
    """Seconds before the next try.

    tries: made so far, 1 or more. asked: what Retry-After said. chance: 0 to 1, spreads the tries of many.
    Returns: what was asked, or a pause that doubles with each try, and up to a tenth more; at most `longest`
        and that tenth.
    """
    base = asked if asked is not None else max(delay, 1.0) * 2.0 ** (tries - 1)
    base = min(base, longest)
    return base + chance * 0.1 * max(base, 0.5 if base else 0.0)
