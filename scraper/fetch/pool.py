"""Many URLs at once: bounded threads, one request to a site at a time, results as fast as they are read.

Threads never sleep for a site: an item that has to wait goes back to the schedule, and the thread takes another.
"""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from scraper.errors import BadResponse, BadStatus, BadUrl, FetchError, Unreachable
from scraper.fetch.client import Fetcher
from scraper.fetch.health import WELL, HostHealth, after_failure
from scraper.fetch.journey import Journey
from scraper.fetch.politeness import Schedule, retry_after, retry_pause
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
        lock = threading.RLock()
        # Threads without an item wait for a change. It wakes one of them, and one that takes an item wakes the next
        # while there may be more: waking all of them every time costs each page 0.4 ms of CPU.
        self._changed = threading.Condition(lock)
        self._ended = threading.Condition(lock)
        self._threads: list[threading.Thread] = []
        self._running = 0
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
            if len(self._threads) < self._settings.connections:
                thread = threading.Thread(
                    target=self._work, name=f"fetch-{len(self._threads) + 1}", daemon=True
                )
                self._threads.append(thread)
                thread.start()
            self._changed.notify()
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
                while self._schedule or self._running:
                    self._ended.wait()
            self._closing = True
            left = self._schedule.drain()
            self._changed.notify_all()
            running = self._running
        if running:
            self._fetcher.stop()
        for item in left:
            self._abandon(item)
        end = time.monotonic() + _STOP_SECONDS
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, end - time.monotonic()))

    def _work(self) -> None:
        # A call of its own for each item: a variable here would keep the last result alive while we wait.
        while self._work_once():
            pass

    def _work_once(self) -> bool:
        item = self._next()
        if item is None:
            return False
        if not item.begun:
            item.begun = True
            if not item.future.set_running_or_notify_cancel():
                self._finish(item, 0.0, None)
                return True
        origin = item.journey.origin
        try:
            if not self._let_rest(item):
                item.journey.step()
        except BaseException as error:  # noqa: BLE001 -- handed on through the future, never lost
            self._finish(item, 0.0, None)
            item.future.set_exception(error)
        else:
            self._after_step(item, origin)
        return True

    def _next(self) -> _Item | None:
        with self._changed:
            while not self._closing:
                now = self._monotonic()
                wait: float | None = None
                if self._has_room():
                    item = self._schedule.take(now)
                    if item is not None:
                        self._running += 1
                        if self._schedule and self._has_room():
                            self._changed.notify()
                        return item
                    wait = self._schedule.wait(now)
                self._changed.wait(wait)
            return None

    def _has_room(self) -> bool:
        settings = self._settings
        return (
            self._running + len(self._unread) < settings.max_unread
            and self._unread_bytes < settings.max_unread_bytes
        )

    def _after_step(self, item: _Item, origin: str) -> None:
        journey = item.journey
        asked = origin and not item.was_refused
        pause = max(self._fetcher.delay_for(origin), item.delay) if asked else 0.0
        if asked and not self._closing:
            self._note_health(item, journey.result().error if journey.done else None)
        if journey.done and not self._closing and (wait := self._wait_before_another(item)) is not None:
            pause = max(pause, wait)
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
        since = f"{known.since:%Y-%m-%d %H:%M}" if known.since else "some time"
        until = f"{known.until:%Y-%m-%d %H:%M}" if known.until else "later"
        item.journey.refuse(
            f"{domain} has not answered {known.failures} times in a row since {since} and is left alone until "
            f"{until} UTC; the last time: {known.error}"
        )
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

    def _wait_before_another(self, item: _Item) -> float | None:
        """Seconds before the same URL is asked again; `None` when it is not."""
        settings, journey = self._settings, item.journey
        error = journey.result().error
        if error is None or not error.retryable or journey.tries >= settings.tries or item.was_refused:
            return None
        if journey.timed_out or journey.spent >= settings.total_timeout:
            return None  # its time is used up
        if self._fetcher.barred(journey.origin):
            return None  # what is known of its robots.txt holds longer than any pause
        asked = None
        if isinstance(error, BadStatus) and journey.last is not None:
            asked = retry_after(journey.last.header("retry-after"), self._fetcher.now())
        elif not isinstance(error, Unreachable | BadResponse):
            return None
        return retry_pause(
            journey.tries,
            asked,
            delay=settings.delay,
            longest=settings.max_retry_wait,
            chance=self._chance(),
        )

    def _requeue(self, item: _Item, pause: float) -> None:
        with self._changed:
            self._running -= 1
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
            self._running -= 1
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
