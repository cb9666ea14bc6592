"""Many URLs at once: bounded threads, one request to a site at a time, results as fast as they are read.

Threads never sleep for a site: an item that has to wait goes back to the schedule, and the thread takes another. One
that waits for a slow answer is made up for by another thread, up to a limit.
"""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

from scraper.errors import BadResponse, BadStatus, BadUrl, FetchError, Unreachable
from scraper.fetch.client import Fetcher
from scraper.fetch.health import WELL, HostHealth, after_failure, after_retry_after
from scraper.fetch.journey import Journey
from scraper.fetch.politeness import Schedule, Traffic, retry_after, retry_pause
from scraper.fetch.robots import RobotsAnswer
from scraper.fetch.settings import FetchSettings
from scraper.fetch.tape import Holding
from scraper.fetch.target import parse_target
from scraper.model import Fetched

_STOP_SECONDS = 4.0


@dataclass(slots=True)
class _Item:
    journey: Journey
    future: Future[Fetched]
    domain: str
    begun: bool = False
    delay: float = 0.0
    was_refused: bool = False
    ticket: int = 0


class FetchPool:
    """Fetches many URLs politely, and pauses when their results are not read.

    Read results in the order in which they come (`concurrent.futures.wait` or a callback), not in the order of
    submission, and call `release` once for each future that gave a result: a reader that waits for one
    particular future while others fill the room for results waits for ever.

    chance: numbers from 0 to 1, to spread tries. health: what is known of sites that failed, by registrable domain.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        settings: FetchSettings | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
        health: Mapping[str, HostHealth] | None = None,
    ) -> None:
        self._fetcher = fetcher
        self._settings = settings or fetcher.settings
        self._monotonic = monotonic
        self._chance = chance
        self._schedule: Schedule[_Item] = Schedule(self._settings.per_host)
        self._traffic = Traffic(
            self._settings.connections, self._settings.spare_connections, self._settings.stalls_after
        )
        lock = threading.RLock()
        # Threads without an item wait for a change. It wakes one of them, and one that takes an item wakes the next
        # while there may be more: waking all of them every time costs each page 0.4 ms of CPU.
        self._changed = threading.Condition(lock)
        self._ended = threading.Condition(lock)
        self._threads: list[threading.Thread] = []
        self._idle = 0
        self._lookouts = 0
        self._health = dict(health or {})
        self._health_changed: set[str] = set()
        self._was_answered = False
        self._unread: deque[tuple[int, Holding]] = deque()
        self._unread_bytes = 0
        self._closing = False
        self._draining = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def submit(
        self, url: str, *, headers: Mapping[str, str] | None = None, delay: float = 0.0
    ) -> Future[Fetched]:
        """A future of one URL: redirects followed, 429, 503 and broken connections asked again.

        delay: seconds to leave after each of its requests, where that is more than the settings or robots.txt ask.
        A site that has failed too often in a row (`scraper.fetch.health`) is not asked: its URLs end at once, with
        a retryable `Unreachable`.
        Its result is `Fetched` whatever the web does; only a defect of ours is an exception. It can be
        cancelled until it is begun.
        Raises: RuntimeError, after `close`.
        """
        journey = self._fetcher.begin(url, headers=headers)
        future: Future[Fetched] = Future()
        with self._changed:
            if self._closing or self._draining:
                raise RuntimeError("the pool is closed")
            self._schedule.add(_Item(journey, future, journey.domain, delay=delay), journey.domain)
            self._call_another(self._monotonic())
        return future

    def release(self) -> None:
        """One result has been dealt with: there is room for another."""
        with self._changed:
            if self._unread:
                size, holding = self._unread.popleft()
                self._unread_bytes -= size
                holding.give_back()
            self._changed.notify()

    @property
    def unread(self) -> int:
        """Results that have come and were not released."""
        with self._changed:
            return len(self._unread)

    def close(self, cancel: bool = True) -> None:
        """End the pool; a second call does nothing.

        cancel: within 5 s: what waits is cancelled, what is under way is broken off and ends with a retryable
            `Unreachable`; if anything was under way, the fetcher is stopped for good. Without it: when
            everything submitted has come, which needs a reader that releases.
        """
        with self._changed:
            threads = list(self._threads)
            self._draining = True
            if not cancel:
                while self._schedule or self._traffic:
                    self._ended.wait()
            self._closing = True
            left = self._schedule.drain()
            self._changed.notify_all()
            running = len(self._traffic)
        if running:
            self._fetcher.stop()
        for item in left:
            self._abandon(item)
        end = time.monotonic() + _STOP_SECONDS
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, end - time.monotonic()))

    def _start_thread(self) -> None:
        thread = threading.Thread(target=self._work, name=f"fetch-{len(self._threads) + 1}", daemon=True)
        self._threads.append(thread)
        self._idle += 1
        thread.start()

    def _work(self) -> None:
        # A call of its own for each item: a variable here would keep the last result alive while we wait.
        while self._work_once():
            with self._changed:
                self._idle += 1

    def _work_once(self) -> bool:
        item = self._next()
        if item is None:
            return False
        if not item.begun:
            item.begun = True
            if not item.future.set_running_or_notify_cancel():
                self._finish(item, 0.0, None)
                return True
        origin, spent = item.journey.origin, item.journey.spent
        try:
            if not self._let_rest(item):
                item.journey.step()
        except BaseException as error:  # noqa: BLE001 -- handed on through the future, never lost
            self._finish(item, 0.0, None)
            item.future.set_exception(error)
        else:
            self._after_step(item, origin, was_asked=item.journey.spent > spent)
        return True

    def _next(self) -> _Item | None:
        with self._changed:
            while not self._closing:
                now = self._monotonic()
                if self._has_room(now):
                    item = self._schedule.take(now)
                    if item is not None:
                        item.ticket = self._traffic.begin(now)
                        self._idle -= 1
                        self._call_another(now)
                        return item
                    self._changed.wait(self._schedule.wait(now))
                else:  # there is room again when something ends, or has lasted so long that it counts no more
                    self._lookouts += 1
                    self._changed.wait(self._traffic.wait(now))
                    self._lookouts -= 1
            return None

    def _call_another(self, now: float) -> None:
        """See to it that somebody goes on with what waits: now, or when what is under way turns out to be slow."""
        if not self._schedule:
            return
        if self._idle:
            if not self._lookouts or self._has_room(now):
                self._changed.notify()
        elif len(self._threads) <= self._settings.connections + self._settings.spare_connections:
            self._start_thread()  # one more than there may be requests: it waits until one of them stalls

    def _has_room(self, now: float) -> bool:
        settings = self._settings
        return (
            self._traffic.has_room(now)
            and self._traffic.counted(now) + len(self._unread) < settings.max_unread
            and self._unread_bytes < settings.max_unread_bytes
        )

    def _after_step(self, item: _Item, origin: str, was_asked: bool) -> None:
        journey = item.journey
        pause = 0.0
        if was_asked:
            pause = max(self._fetcher.delay_for(origin), item.delay)
        if was_asked and not self._closing:
            error = journey.result().error if journey.done else None
            self._note_health(item, error)
            if error is not None and (wait := self._wait_after(item, error)) is not None:
                pause = max(pause, wait)
                if self._is_asked_again(item):
                    journey.again()
        if not journey.done:
            self._requeue(item, pause)
            return
        fetched = journey.result()
        size = sum(len(it.response) + len(it.payload) for it in (*fetched.exchanges, *fetched.support))
        self._finish(item, pause, size)
        item.future.set_result(fetched)

    # -- sites that do not answer ---------------------------------------------------------------------------

    def rests(self, domain: str) -> bool:
        """Whether a site is left alone now, because it failed too often."""
        with self._changed:
            known = self._health.get(domain)
        return known is not None and known.rests(self._fetcher.now())

    def new_health(self) -> dict[str, HostHealth]:
        """What has changed since this was asked last, by registrable domain; `WELL` for a site that is back.

        Nothing until somebody has answered: it may be our own line that is dead.
        """
        with self._changed:
            if not self._was_answered:
                return {}
            changed, self._health_changed = self._health_changed, set()
            return {domain: self._health.get(domain, WELL) for domain in changed}

    def new_robots(self) -> tuple[RobotsAnswer, ...]:
        """As `Fetcher.new_robots`."""
        return self._fetcher.new_robots()

    def robots_txt(self, url: str) -> str | None:
        """The robots.txt of a URL's origin, where it is known to have one."""
        try:
            return self._fetcher.robots_txt(parse_target(url).origin)
        except BadUrl:
            return None

    def _let_rest(self, item: _Item) -> bool:
        """End the journey of a URL whose site is left alone; whether that is so."""
        domain = item.journey.domain
        with self._changed:
            known = self._health.get(domain)
        if known is None or not known.rests(self._fetcher.now()):
            return False
        item.journey.refuse(known.why(domain))
        item.was_refused = True
        return True

    def _note_health(self, item: _Item, error: FetchError | None) -> None:
        """Note whether a site has answered. error: of the step that was made, where it ended the journey."""
        domain = item.domain
        with self._changed:
            known = self._health.get(domain)
            if _is_silence(error):
                self._health[domain] = after_failure(
                    known or WELL, self._fetcher.now(), str(error), self._chance()
                )
            else:
                self._was_answered = True
                if known is None:
                    return
                del self._health[domain]
            self._health_changed.add(domain)

    def _wait_after(self, item: _Item, error: FetchError) -> float | None:
        """Seconds that a site is owed after an error, whoever is asked for next; `None` where it is its delay."""
        settings, journey = self._settings, item.journey
        if not error.retryable or self._fetcher.barred(journey.origin):
            return None  # what is known of its robots.txt holds longer than any pause
        asked = None
        if isinstance(error, BadStatus) and journey.last is not None:
            now = self._fetcher.now()
            asked = retry_after(journey.last.header("retry-after"), now)
            if asked is not None and asked > settings.max_retry_wait and not self._is_asked_again(item):
                self._leave_alone(item.domain, now, str(error), asked)
        elif not isinstance(error, Unreachable | BadResponse):
            return None
        with self._changed:
            known = self._health.get(item.domain, WELL)
        if known.rests(self._fetcher.now()):
            return None  # nobody will be asked, and what waits need not wait to be told so
        return retry_pause(
            max(journey.tries, known.failures),
            asked,
            delay=settings.delay,
            longest=settings.max_retry_wait,
            chance=self._chance(),
        )

    def _is_asked_again(self, item: _Item) -> bool:
        """Whether a URL that ended with an error has a try left."""
        settings, journey = self._settings, item.journey
        return (
            journey.tries < settings.tries
            and not journey.timed_out
            and journey.spent < settings.total_timeout
        )

    def _leave_alone(self, domain: str, now: datetime, error: str, seconds: float) -> None:
        with self._changed:
            self._health[domain] = after_retry_after(self._health.get(domain, WELL), now, error, seconds)
            self._health_changed.add(domain)

    def _requeue(self, item: _Item, pause: float) -> None:
        with self._changed:
            self._traffic.end(item.ticket)
            self._schedule.done(item.domain, self._monotonic(), pause)
            item.domain = item.journey.domain
            abandoned = self._closing
            if not abandoned:
                self._schedule.add(item, item.domain, first=True)
            self._ended.notify_all()
        if abandoned:
            self._abandon(item)

    def _finish(self, item: _Item, pause: float, size: int | None) -> None:
        with self._changed:
            self._traffic.end(item.ticket)
            self._schedule.done(item.domain, self._monotonic(), pause)
            if size is None:
                item.journey.holding.give_back()
            else:
                self._unread.append((size, item.journey.holding))
                self._unread_bytes += size
            self._ended.notify_all()

    def _abandon(self, item: _Item) -> None:
        if not item.begun:
            item.future.cancel()
            return
        item.journey.abandon()
        item.journey.holding.give_back()
        item.future.set_result(item.journey.result())


def _is_silence(error: FetchError | None) -> bool:
    """Whether an error says that nobody answered, or nobody who could."""
    if isinstance(error, BadStatus):
        return error.status >= 500
    return isinstance(error, Unreachable)
