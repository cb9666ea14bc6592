"""What a crawl is at, on standard error while it runs: hosts and their pace, the queue, the outcomes.

In a terminal only; elsewhere the same object says nothing and lets the lines through.
"""

from __future__ import annotations

import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

from rich.console import Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from archive.cli.output import STYLES, console, put, safe, say
from archive.jobs.crawl import CrawlEvent, JobBegun, JobEnded, JobItem
from archive.jobs.model import SourceResult
from archive.model import OUTCOMES

HOSTS_SHOWN: Final = 8
"""Hosts that stand in the view: those that answered last."""

PACE_SECONDS: Final = 60.0
"""The pace of a host is that of its answers in the last minute, which follows it when it slows down."""


class CrawlView:
    """The state of a crawl as it is shown. `on_host` may be called from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self._lock = Lock()
        self._answers: dict[str, deque[float]] = {}
        self._requests: Counter[str] = Counter()
        self.job = ""
        self.queue = 0
        self.counts: Counter[str] = Counter()
        self.live: Live | None = None

    def on_host(self, host: str) -> None:
        """A host has just answered."""
        now = self._clock()
        with self._lock:
            answers = self._answers.pop(host, deque())
            answers.append(now)
            self._answers[host] = answers  # last in the order of the dictionary
            self._requests[host] += 1

    def say(self, message: str) -> None:
        """One line that is no result."""
        if self.live is None:
            say(message)
        else:
            self.live.console.print(Text(safe(message)))

    def put(self, line: Text) -> None:
        """One line of result, above the view where both share a terminal."""
        if self.live is not None and sys.stdout.isatty():
            self.live.console.print(line, soft_wrap=True)
        else:
            put(line)

    def watching(self, events: Iterator[CrawlEvent]) -> Iterator[CrawlEvent]:
        """The events, while the view follows them."""
        for event in events:
            if isinstance(event, JobBegun):
                self.job, self.queue = event.job, event.due
            elif isinstance(event, SourceResult):
                self.queue += event.new
            elif isinstance(event, JobItem):
                self.queue = max(0, self.queue - 1)
                self.counts[event.result.outcome] += 1
            elif isinstance(event, JobEnded):
                self.queue = event.left
            yield event

    def __rich__(self) -> RenderableType:
        now = self._clock()
        head = Text()
        head.append(safe(self.job) or "waiting", style="bold")
        head.append(f"  {self.queue} in the queue  {_span(now - self._began)}", style="dim")
        for outcome in OUTCOMES:
            if self.counts[outcome]:
                head.append(f"  {self.counts[outcome]} {outcome}", style=STYLES[outcome])
        hosts = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        hosts.add_column(no_wrap=True, overflow="ellipsis", max_width=40)
        hosts.add_column(justify="right", style="dim")
        hosts.add_column(justify="right", style="dim")
        with self._lock:
            latest = list(self._answers.items())[-HOSTS_SHOWN:]
            for host, answers in reversed(latest):
                while answers and now - answers[0] > PACE_SECONDS:
                    answers.popleft()
                hosts.add_row(safe(host), f"{self._requests[host]} asked", f"{len(answers)} a minute")
            others = len(self._answers) - len(latest)
        return Group(head, hosts, Text(f"and {others} other hosts", style="dim") if others else Text())


def _span(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"


@contextmanager
def crawl_view() -> Iterator[CrawlView]:
    """A view that is drawn where standard error is a terminal, and is silent elsewhere."""
    view = CrawlView()
    errors = console(stderr=True)
    if not errors.is_terminal:
        yield view
        return
    with Live(view, console=errors, transient=True, refresh_per_second=4, redirect_stdout=False) as live:
        view.live = live
        try:
            yield view
        finally:
            view.live = None
