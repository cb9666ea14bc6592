"""From a URL to every exchange on the way to its answer.

A `Journey` is one URL on its way: robots.txt, redirects, tries, one request a step, so that whoever drives it
decides when the next request to a host may go out. `Fetcher.fetch` drives one journey in the caller's thread;
`pool.FetchPool` drives many.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from scraper.errors import (
    BadStatus,
    BadUrl,
    FetchError,
    RobotsDenied,
    TooManyRedirects,
    Unreachable,
)
from scraper.fetch.decode import Decoded, decode_content
from scraper.fetch.exchange import Asked, Wire
from scraper.fetch.robots import ALLOW_ALL, MAX_REDIRECTS, RobotsBook, Rules, read_rules
from scraper.fetch.settings import FetchSettings
from scraper.fetch.target import Target, parse_target, redirect_target
from scraper.fetch.wire import Resolver, Stopped, Tape, system_resolver
from scraper.model import Exchange, Fetched

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TOO_BUSY = frozenset({429, 503})
_GONE = frozenset({404, 410})
_CREDENTIALS = frozenset({"authorization", "cookie", "proxy-authorization"})
_CONDITIONS = frozenset({"if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "if-range"})
_OURS = frozenset({"host", "connection", "accept-encoding", "content-length", "transfer-encoding"})


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Fetcher:
    """Asks for URLs, within the settings' limits, and records every octet. Thread-safe.

    resolver: names to addresses. now: UTC, for records and Retry-After dates. monotonic, sleep: for limits
    and delays; sockets keep their own time.
    """

    def __init__(
        self,
        settings: FetchSettings | None = None,
        *,
        resolver: Resolver = system_resolver,
        now: Callable[[], datetime] = _utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.settings = settings or FetchSettings()
        self.now = now
        self._monotonic = monotonic
        self._sleep = sleep
        self._wire = Wire(self.settings, resolver)
        self._robots = RobotsBook(tries=self.settings.tries, monotonic=monotonic)

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

        Between two requests to one host it sleeps as long as politeness asks. 429, 503 and broken connections
        are not asked again here: their error is `retryable`.

        headers: more request headers, like If-None-Match. Conditional ones go with the first request only,
            Authorization and Cookie never to another origin.
        """
        journey = self.begin(url, headers=headers)
        while not journey.done:
            host = journey.host
            journey.step()
            if not journey.done and journey.host == host:
                self._sleep(self.delay_for(journey.origin))
        return journey.result()

    def begin(self, url: str, *, headers: Mapping[str, str] | None = None) -> Journey:
        """A URL ready to be asked for, step by step."""
        return Journey(self, url, headers or {})

    def delay_for(self, origin: str) -> float:
        """Seconds to leave between two requests to an origin: the settings' or its robots.txt's, the longer."""
        asked = self.crawl_delay(origin)
        return max(self.settings.delay, min(asked, self.settings.max_crawl_delay))

    def crawl_delay(self, origin: str) -> float:
        """The Crawl-delay of an origin's robots.txt, where that is known; else 0.0."""
        known = self._robots.known(origin)
        return known.crawl_delay(self.settings.product_token) if isinstance(known, Rules) else 0.0

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
            named=named,
        )
        try:
            return self._wire.ask(target, tape, self.now(), headers, max_error_bytes, max_body_bytes)
        finally:
            journey.spent += self._monotonic() - begin

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
            if exchange.status in _REDIRECTS and (location := exchange.header("location")):
                try:
                    at = redirect_target(at, location, max_length=settings.max_url_length)
                except BadUrl:
                    return self._keep(target, at, ALLOW_ALL)
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
                return self._keep(target, at, ALLOW_ALL)
            if asked.error is not None and exchange.truncated != "length":
                self._robots.fail(target.origin, asked.error, answered=False)
                return asked.error
            return self._keep(target, at, self._read_rules(exchange))
        return self._keep(target, at, ALLOW_ALL)

    def _read_rules(self, exchange: Exchange) -> Rules:
        limit = self.settings.robots_max_bytes
        codings = exchange.content_codings
        # Octets that cannot be read as what they claim to be hold no rules: RFC 9309, 2.2, parses what it can.
        partial = (
            decode_content(exchange.payload, codings, limit + 1, partial=True) if _known(codings) else None
        )
        return read_rules(partial.data, limit) if partial else ALLOW_ALL

    def _keep(self, target: Target, at: Target, rules: Rules) -> Rules:
        self._robots.keep(target.origin, rules)
        if at.path == "/robots.txt" and at.origin != target.origin:
            self._robots.keep(at.origin, rules)  # what https:// would be asked next anyway
        return rules


def _known(codings: tuple[str, ...]) -> bool:
    return len(codings) <= 2 and all(
        coding in ("gzip", "x-gzip", "deflate", "br", "zstd") for coding in codings
    )


class Journey:
    """One URL on its way to its answer. Driven by one thread at a time.

    host, origin: whom the next step asks; empty where the URL cannot be asked at all.
    spent: seconds in requests so far. tries: how often the URL was begun.
    """

    def __init__(self, fetcher: Fetcher, url: str, headers: Mapping[str, str]) -> None:
        self.url = url
        self.support: list[Exchange] = []
        self.spent = 0.0
        self.tries = 1
        self.timed_out = False
        self._fetcher = fetcher
        self._given = {name: value for name, value in headers.items() if name.lower() not in _OURS}
        self._exchanges: list[Exchange] = []
        self._error: FetchError | None = None
        self._done = False
        self._first: Target | None = None
        try:
            self._first = parse_target(url, max_length=fetcher.settings.max_url_length)
        except BadUrl as error:
            self._end(error)
        self._start()

    @property
    def done(self) -> bool:
        """Whether there is nothing more to ask."""
        return self._done

    @property
    def host(self) -> str:
        """Whom the next step asks."""
        return self._target.host if self._target else ""

    @property
    def origin(self) -> str:
        """Scheme, host and port of the next step."""
        return self._target.origin if self._target else ""

    @property
    def last(self) -> Exchange | None:
        """The last exchange so far, robots.txt aside."""
        return self._exchanges[-1] if self._exchanges else None

    def result(self) -> Fetched:
        """Everything that came of it."""
        return Fetched(self.url, tuple(self._exchanges), tuple(self.support), self._error)

    def step(self) -> None:
        """Make one request (for robots.txt, with the redirects to it). Never raises for what the web does."""
        target = self._target
        if self._done or target is None:
            return
        try:
            if self._fetcher.settings.robots and not self._robots_checked(target):
                return
            self._ask(target)
        except Stopped:
            self.abandon()

    def abandon(self) -> None:
        """End the journey where it is, because we stop; what was recorded stays."""
        uri = self._target.uri if self._target else self.url
        self._end(Unreachable(uri, f"{uri}: stopped before it was done", retryable=True))

    def again(self) -> None:
        """Begin anew after an answer that may be better next time; what was recorded stays."""
        self.tries += 1
        self._error = None
        self._done = False
        self._start()

    @property
    def _conditional(self) -> bool:
        return any(name.lower() in _CONDITIONS for name in self._headers)

    def _start(self) -> None:
        self._target = self._first
        self._headers = dict(self._given)
        self._visited = {self._first.uri} if self._first else set()
        self._redirects = 0
        self._cleared = ""

    def _end(self, error: FetchError | None) -> None:
        self._error = error
        self._done = True
        self.timed_out = isinstance(error.__cause__, TimeoutError) if error else False

    def _robots_checked(self, target: Target) -> bool:
        """Whether the target may be asked for in this step; ends the journey where it never may."""
        if self._cleared == target.uri:
            return True
        rules, asked = self._fetcher.rules_for(target, self)
        if not isinstance(rules, Rules):
            self._end(rules)
            return False
        token = self._fetcher.settings.product_token
        if not rules.allows(target.uri, token):
            self._end(
                RobotsDenied(
                    target.uri,
                    f"{target.uri}: robots.txt of {target.origin} forbids it to {token}",
                )
            )
            return False
        self._cleared = target.uri
        return not asked

    def _ask(self, target: Target) -> None:
        fetcher = self._fetcher
        asked = fetcher.ask(target, self, self._headers, fetcher.settings.max_error_bytes)
        exchange = asked.exchange
        if exchange is None:
            self._end(asked.error)
            return
        self._exchanges.append(exchange)
        if exchange.status in _REDIRECTS and (location := exchange.header("location")):
            self._follow(target, location)
        elif 200 <= exchange.status < 300 or (exchange.status == 304 and self._conditional):
            self._end(asked.error)
        else:
            self._end(_bad_status(target, exchange.status))

    def _follow(self, target: Target, location: str) -> None:
        limit = self._fetcher.settings.max_redirects
        try:
            onward = redirect_target(target, location, max_length=self._fetcher.settings.max_url_length)
        except BadUrl as error:
            self._end(error)
            return
        if onward.uri in self._visited:
            message = f"{target.uri}: redirects in a circle, back to {onward.uri}"
            self._end(TooManyRedirects(onward.uri, message))
            return
        if self._redirects >= limit:
            message = f"{target.uri}: more than {limit} redirects on the way here (fetch.max_redirects)"
            self._end(TooManyRedirects(onward.uri, message))
            return
        self._redirects += 1
        self._visited.add(onward.uri)
        # A validator speaks of one URL only: sent to another, a 304 would call a page unchanged that is not.
        dropped = _CONDITIONS if onward.origin == target.origin else _CONDITIONS | _CREDENTIALS
        self._headers = {name: value for name, value in self._headers.items() if name.lower() not in dropped}
        self._target = onward


def _bad_status(target: Target, status: int) -> BadStatus:
    note = ""
    if status in _GONE:
        note = ": the page is gone"
    elif status in (401, 403, 407):
        note = ": it does not let us in"
    elif status in _TOO_BUSY:
        note = ": it is too busy, try later"
    elif status >= 500:
        note = ": its own fault"
    return BadStatus(
        target.uri, status, f"{target.uri}: answered {status}{note}", retryable=status in _TOO_BUSY
    )
