"""Asks for URLs: one at a time in the caller's thread, or step by step for whoever drives it.

`Fetcher` holds what journeys share: connections, settings, what is known of robots.txt files.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from scraper.errors import BadUrl, DecodeError, FetchError, Unreachable
from scraper.fetch.decode import Decoded, decode_content
from scraper.fetch.exchange import Asked, Wire
from scraper.fetch.journey import REDIRECTS, Journey
from scraper.fetch.memory import return_large_blocks
from scraper.fetch.robots import ALLOW_ALL, MAX_REDIRECTS, RobotsAnswer, RobotsBook, Rules, read_rules
from scraper.fetch.settings import FetchSettings
from scraper.fetch.tape import Holding, Tape
from scraper.fetch.target import Target, redirect_target
from scraper.fetch.wire import Resolver, system_resolver
from scraper.model import Exchange, Fetched


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Fetcher:
    """Asks for URLs, within the settings' limits, and records every octet. Thread-safe.

    resolver: names to addresses. now: UTC, for records and Retry-After dates. monotonic, sleep: for limits
    and delays; sockets keep their own time. robots: what earlier runs were told by robots.txt files.
    """

    def __init__(
        self,
        settings: FetchSettings | None = None,
        *,
        resolver: Resolver = system_resolver,
        now: Callable[[], datetime] = _utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        robots: Iterable[RobotsAnswer] = (),
    ) -> None:
        return_large_blocks()
        self.settings = settings or FetchSettings()
        self.now = now
        self._monotonic = monotonic
        self._sleep = sleep
        self._wire = Wire(self.settings, resolver)
        self._robots = RobotsBook(tries=self.settings.tries, monotonic=monotonic)
        self._robots.remember(robots, now(), self.settings.robots_max_bytes)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def fetch(self, url: str, *, headers: Mapping[str, str] | None = None) -> Fetched:
        """One try for a URL, redirects followed, in this thread. Never raises for what the web does.

        Between two requests to one site it sleeps as long as politeness asks. 429, 503 and broken connections
        are not asked again here: their error is `retryable`.

        headers: more request headers, like If-None-Match. Conditional ones go with the first request only,
            Authorization and Cookie never to another origin.
        """
        journey = self.begin(url, headers=headers)
        try:
            while not journey.done:
                domain = journey.domain
                journey.step()
                if not journey.done and journey.domain == domain:
                    self._sleep(self.delay_for(journey.origin))
            return journey.result()
        finally:
            journey.holding.give_back()

    def begin(self, url: str, *, headers: Mapping[str, str] | None = None) -> Journey:
        """A URL ready to be asked for, step by step."""
        return Journey(self, url, headers or {}, Holding(self._wire.board))

    def delay_for(self, origin: str) -> float:
        """Seconds to leave between two requests to an origin: the settings' or its robots.txt's, the longer."""
        asked = self.crawl_delay(origin)
        return max(self.settings.delay, min(asked, self.settings.max_crawl_delay))

    def crawl_delay(self, origin: str) -> float:
        """The Crawl-delay of an origin's robots.txt, where that is known; else 0.0."""
        known = self._robots.known(origin)
        return known.crawl_delay(self.settings.product_token) if isinstance(known, Rules) else 0.0

    def robots_txt(self, origin: str) -> str | None:
        """The robots.txt of an origin, where it is known to have one."""
        return self._robots.text(origin)

    def new_robots(self) -> tuple[RobotsAnswer, ...]:
        """What robots.txt files said since this was asked last, to be handed to a later Fetcher."""
        return self._robots.take_new()

    def barred(self, origin: str) -> bool:
        """Whether an origin is not asked for now, because its robots.txt could not be had a moment ago."""
        return isinstance(self._robots.known(origin), FetchError)

    def decoded(self, exchange: Exchange, max_bytes: int | None = None) -> Decoded:
        """An exchange's payload with its content codings undone, within the settings' limits.

        max_bytes: less than `max_decoded_bytes`, if wanted. A cut exchange gives what can be read of it.
        Raises: DecodeError, for a whole exchange whose codings are unknown, damaged or too many.
        """
        limit = self.settings.max_decoded_bytes
        return decode_content(
            exchange.payload,
            exchange.content_codings,
            limit if max_bytes is None else min(limit, max_bytes),
            max_codings=self.settings.max_codings,
            zstd_window=self.settings.zstd_window,
            partial=exchange.truncated is not None,
        )

    def stop(self) -> None:
        """End every request that is under way, at once, and begin no more."""
        self._wire.board.stop()

    def close(self) -> None:
        """Close the connections that were kept."""
        self._wire.close()

    def ask(
        self,
        target: Target,
        journey: Journey,
        headers: Mapping[str, str],
        max_error_bytes: int,
        max_body_bytes: int | None = None,
        named: str | None = None,
    ) -> Asked:
        """One request on a journey's time. named: what to call it in messages. Raises: Stopped."""
        begin = self._monotonic()
        tape = Tape(
            target.uri,
            self.settings,
            deadline=begin + self.settings.total_timeout - journey.spent,
            monotonic=self._monotonic,
            board=self._wire.board,
            holding=journey.holding,
            named=named,
        )
        try:
            return self._wire.ask(target, tape, self.now(), headers, max_error_bytes, max_body_bytes)
        finally:
            journey.spent += self._monotonic() - begin - tape.waited

    def rules_for(self, target: Target, journey: Journey) -> tuple[Rules | FetchError, bool]:
        """What is known of an origin's robots.txt, asking for it if need be.

        Returns: the rules or why they could not be had, and whether a request was made.
        """
        while True:
            known = self._robots.known(target.origin)
            if known is not None:
                return known, False
            under_way = self._robots.claim(target.origin)
            if under_way is None:
                break
            begin = self._monotonic()
            seconds = max(0.0, self.settings.total_timeout - journey.spent)
            came = self._wire.board.wait(under_way, seconds)
            journey.spent += self._monotonic() - begin
            if not came:
                message = f"{target.uri}: robots.txt of {target.origin} is still being asked for"
                return Unreachable(target.uri, message, retryable=True), False
        try:
            return self._ask_robots(target, journey), True
        finally:
            self._robots.give_up(target.origin)

    def _ask_robots(self, target: Target, journey: Journey) -> Rules | FetchError:
        settings = self.settings
        at = target.sibling("/robots.txt")
        limit = max(settings.max_error_bytes, settings.robots_max_bytes)
        for _ in range(1 + MAX_REDIRECTS):
            # A host that cannot be reached is the news, not the file that was asked for first.
            asked = self.ask(at, journey, {}, settings.max_error_bytes, limit, named=at.origin)
            if asked.exchange is None:
                error = asked.error or Unreachable(at.uri, f"{at.uri}: no answer", retryable=True)
                self._robots.fail(target.origin, error, answered=False)
                return error
            exchange = asked.exchange
            journey.support.append(exchange)
            if exchange.status in REDIRECTS and (location := exchange.header("location")):
                try:
                    at = redirect_target(at, location, max_length=settings.max_url_length)
                except BadUrl:
                    return self._keep(target, at, None)
                continue
            if exchange.status >= 500 or exchange.status == 429:
                # 429 is a 4xx by number and "not now" by meaning.
                error = Unreachable(
                    at.uri,
                    f"{at.uri}: answered {exchange.status}, so {target.origin} is not asked now: try later",
                    retryable=True,
                )
                self._robots.fail(target.origin, error, answered=True)
                return error
            if not 200 <= exchange.status < 300:
                return self._keep(target, at, None)
            if asked.error is not None and exchange.truncated != "length":
                self._robots.fail(target.origin, asked.error, answered=False)
                return asked.error
            return self._keep(target, at, self._robots_octets(exchange))
        return self._keep(target, at, None)

    def _robots_octets(self, exchange: Exchange) -> bytes | None:
        limit = self.settings.robots_max_bytes
        try:
            return decode_content(exchange.payload, exchange.content_codings, limit + 1, partial=True).data
        except DecodeError:
            return None  # no rule can be read in it: RFC 9309, 2.2, has us parse what we can

    def _keep(self, target: Target, at: Target, octets: bytes | None) -> Rules:
        """Note what a robots.txt says. octets: `None` where there is none, so that everything is allowed."""
        rules = ALLOW_ALL if octets is None else read_rules(octets, self.settings.robots_max_bytes)
        origins = {target.origin}
        if at.path == "/robots.txt":
            origins.add(at.origin)  # what https:// would be asked next anyway
        for origin in origins:
            self._robots.keep(origin, rules, RobotsAnswer(origin, octets, self.now()))
        return rules
