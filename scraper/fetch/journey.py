"""One URL on its way to its answer: robots.txt, redirects, tries, one request a step.

Whoever drives a journey decides when the next request to a host may go out, so no thread has to sleep between two.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from scraper.errors import (
    BadResponse,
    BadStatus,
    BadUrl,
    FetchError,
    RobotsDenied,
    TooManyRedirects,
    Unreachable,
)
from scraper.fetch.robots import Rules
from scraper.fetch.tape import Holding, Stopped
from scraper.fetch.target import Target, parse_target, redirect_target
from scraper.model import Exchange, Fetched
from scraper.urls import registrable_domain

if TYPE_CHECKING:
    from scraper.fetch.client import Fetcher

REDIRECTS = frozenset({301, 302, 303, 307, 308})
"""Status codes that lead on, where a Location says where."""

_PARTIAL = 206
_TOO_BUSY = frozenset({429, 503})
_GONE = frozenset({404, 410})
_CREDENTIALS = frozenset({"authorization", "cookie", "proxy-authorization"})
_CONDITIONS = frozenset({"if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "if-range"})
_OURS = frozenset({"host", "connection", "accept-encoding", "content-length", "transfer-encoding"})


class Journey:
    """One URL on its way to its answer. Driven by one thread at a time.

    host, domain, origin: whom the next step asks; empty where the URL cannot be asked at all.
    spent: seconds in requests so far. tries: how often the URL was begun. timed_out: whether time ended it.
    holding: give it back once the result has been dealt with.
    """

    def __init__(self, fetcher: Fetcher, url: str, headers: Mapping[str, str], holding: Holding) -> None:
        self.url = url
        self.holding = holding
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
    def domain(self) -> str:
        """The registrable domain of `host`: whom politeness is owed."""
        return registrable_domain(self._target.host) if self._target else ""

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

    def refuse(self, why: str) -> None:
        """End the journey before its next step. why: one line."""
        uri = self._target.uri if self._target else self.url
        self._end(Unreachable(uri, f"{uri}: {why}", retryable=True))

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
        if exchange.status in REDIRECTS and (location := exchange.header("location")):
            self._follow(target, location)
        elif exchange.status == _PARTIAL and asked.error is None:
            message = f"{target.uri}: answered 206, a part of the page, although the whole was asked for"
            self._end(BadResponse(target.uri, message))
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
