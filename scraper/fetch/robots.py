"""What robots.txt allows (RFC 9309): its rules, and one answer per origin for a day.

`read_rules` is pure. `RobotsBook` keeps what was learnt and makes sure that many threads ask one origin once; how
an origin is asked is its caller's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from protego import Protego

from scraper.errors import FetchError

KEPT_SECONDS = 24 * 3600.0
"""How long an answer holds (RFC 9309, 2.4)."""

FAILED_SECONDS = 300.0
"""How long a server error holds before it is asked again, so that a list of URLs asks an ailing host once."""

MAX_REDIRECTS = 5
"""Redirects followed to a robots.txt (RFC 9309, 2.3.1.2)."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What one robots.txt says. text: `None` where there is none, so that everything is allowed."""

    parsed: Protego | None = None

    def allows(self, target_uri: str, product_token: str) -> bool:
        """Whether a crawler of this name may ask for a target URI. Linear in rules and URL."""
        return self.parsed is None or bool(self.parsed.can_fetch(target_uri, product_token))

    def crawl_delay(self, product_token: str) -> float:
        """Seconds it asks to leave between requests; 0.0 where it asks for none."""
        stated = self.parsed.crawl_delay(product_token) if self.parsed else None
        return float(stated) if stated is not None else 0.0

    @property
    def sitemaps(self) -> tuple[str, ...]:
        """The Sitemap lines, as they stand."""
        return tuple(self.parsed.sitemaps) if self.parsed else ()


ALLOW_ALL = Rules()


def read_rules(octets: bytes, max_bytes: int) -> Rules:
    """The rules in a robots.txt.

    octets: after content decoding. max_bytes: what follows is not read, nor the line that it cuts
        (RFC 9309, 2.5). UTF-8, with or without BOM; other octets are replaced.
    """
    if len(octets) > max_bytes:
        octets = octets[:max_bytes]
        octets = octets[: max(octets.rfind(b"\n"), octets.rfind(b"\r")) + 1]
    text = octets.decode("utf-8-sig", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
    return Rules(Protego.parse(text))


@dataclass(frozen=True, slots=True)
class RobotsAnswer:
    """What an origin said of robots, to be kept from run to run.

    octets: of its robots.txt after content decoding; `None` where it has none. asked_at: aware.
    """

    origin: str
    octets: bytes | None
    asked_at: datetime


@dataclass(slots=True)
class _Entry:
    rules: Rules | None = None
    answer: RobotsAnswer | None = None
    error: FetchError | None = None
    good_until: float = 0.0
    failures: int = 0


class RobotsBook:
    """The rules of every origin met. Thread-safe; one thread asks an origin, the others wait for it."""

    def __init__(self, *, tries: int, monotonic: Callable[[], float]) -> None:
        self._tries = tries
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._entries: dict[str, _Entry] = {}
        self._asking: dict[str, threading.Event] = {}
        self._new: dict[str, RobotsAnswer] = {}

    def known(self, origin: str) -> Rules | FetchError | None:
        """What is known of an origin: its rules, why they could not be had, or `None` when it must be asked."""
        with self._lock:
            return self._known(origin)

    def claim(self, origin: str) -> threading.Event | None:
        """Take on asking an origin: `None` when it is the caller's to do, else an event to wait for.

        Whoever gets `None` must call `keep`, `fail` or `give_up`.
        """
        with self._lock:
            under_way = self._asking.get(origin)
            if under_way is None:
                self._asking[origin] = threading.Event()
            return under_way

    def keep(self, origin: str, rules: Rules, answer: RobotsAnswer | None = None) -> None:
        """Note an origin's rules. answer: what they were read from, for `take_new`."""
        entry = _Entry(rules=rules, answer=answer, good_until=self._monotonic() + KEPT_SECONDS)
        with self._lock:
            if answer is not None:
                self._new[origin] = answer
        self._note(origin, entry)

    def remember(self, answers: Iterable[RobotsAnswer], now: datetime, max_bytes: int) -> None:
        """Begin with what earlier runs were told, as far as it still holds. max_bytes: as for `read_rules`."""
        with self._lock:
            for answer in answers:
                left = KEPT_SECONDS - (now - answer.asked_at) / timedelta(seconds=1)
                if 0 < left <= KEPT_SECONDS:
                    rules = ALLOW_ALL if answer.octets is None else read_rules(answer.octets, max_bytes)
                    self._entries[answer.origin] = _Entry(
                        rules=rules, answer=answer, good_until=self._monotonic() + left
                    )

    def take_new(self) -> tuple[RobotsAnswer, ...]:
        """What origins have said since this was asked last."""
        with self._lock:
            new, self._new = tuple(self._new.values()), {}
        return new

    def text(self, origin: str) -> str | None:
        """The robots.txt of an origin, where it is known to have one."""
        with self._lock:
            entry = self._entries.get(origin)
        octets = entry.answer.octets if entry is not None and entry.answer is not None else None
        return octets.decode("utf-8-sig", "replace") if octets is not None else None

    def fail(self, origin: str, error: FetchError, *, answered: bool) -> None:
        """Note that an origin's rules could not be had.

        answered: by the server (5xx), which holds for a while at once. A connection that fails holds only after
            as many failures in a row as a page has tries.
        """
        with self._lock:
            failures = self._entries[origin].failures + 1 if origin in self._entries else 1
        holds = FAILED_SECONDS if answered or failures >= self._tries else 0.0
        self._note(origin, _Entry(error=error, good_until=self._monotonic() + holds, failures=failures))

    def give_up(self, origin: str) -> None:
        """Let another thread ask."""
        with self._lock:
            asking = self._asking.pop(origin, None)
        if asking is not None:
            asking.set()

    def _note(self, origin: str, entry: _Entry) -> None:
        with self._lock:
            self._entries[origin] = entry
        self.give_up(origin)

    def _known(self, origin: str) -> Rules | FetchError | None:
        entry = self._entries.get(origin)
        if entry is None or self._monotonic() >= entry.good_until:
            return None
        return entry.rules or entry.error
