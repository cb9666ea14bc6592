"""`archive crawl` as a timer and a reader at a terminal meet it: a lock that is held, a signal, the view of a run."""

from __future__ import annotations

import io
import signal
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from archive.cli.live import CrawlView
from archive.jobs.crawl import JobBegun, JobItem
from archive.jobs.model import SourceResult
from archive.lock import writer_lock
from archive.model import ItemResult
from tests.loopback import Loopback, page
from tests.program import COMMAND, archive, environment
from tests.stories import story, title


def configure(folder: Path, source: str) -> None:
    (folder / "config.toml").write_text(
        f'[archive]\n[[job]]\nname = "all"\nschedule = "1m"\nsources = ["{source}"]\n'
    )


def feed(server: Loopback, count: int) -> str:
    items = "".join(
        f"<item><title>{title(n)}</title><link>{server.url(f'/{n}')}</link></item>" for n in range(count)
    )
    return f'<rss version="2.0"><channel>{items}</channel></rss>'


def test_a_timer_is_told_at_once_who_holds_the_lock(tmp_path: Path) -> None:
    configure(tmp_path, "http://127.0.0.1:9/feed.xml")
    (tmp_path / "data").mkdir()
    with writer_lock(
        tmp_path / "data/archive.lock", command="archive crawl", wait_seconds=0.0, now=datetime.now(UTC)
    ):
        due = archive(tmp_path, "crawl", "--due", ARCHIVE_ARCHIVE_LOCK_WAIT="60")
    assert due.code == 6
    assert "archive crawl" in due.err


def test_a_watch_ends_within_five_seconds_of_sigterm_with_everything_saved(tmp_path: Path) -> None:
    with Loopback({f"/{n}": story(n) for n in range(3)}) as server:
        server.routes["/feed.xml"] = page(feed(server, 3), content_type="application/rss+xml")
        configure(tmp_path, server.url("/feed.xml"))
        child = subprocess.Popen(
            [*COMMAND, "crawl", "--watch", "--json"], cwd=tmp_path, env=environment(),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert child.stdout is not None
        said = [child.stdout.readline() for _ in range(5)]
        child.send_signal(signal.SIGTERM)
        began = time.monotonic()
        child.communicate(timeout=30)
        assert time.monotonic() - began < 5
    assert child.returncode == 130
    assert sum(b'"outcome": "new"' in line for line in said) == 3


def test_the_view_shows_hosts_and_their_pace_the_queue_and_outcomes() -> None:
    now = 100.0
    view = CrawlView(clock=lambda: now)
    events = [
        JobBegun("front", due=2),
        SourceResult("front", "http://a.example/feed", "read", "rss", 5, 3),
        JobItem("front", ItemResult("http://a.example/1", "new")),
    ]
    assert list(view.watching(iter(events))) == events
    for _ in range(3):
        view.on_host("a.example")
    now += 61
    view.on_host("b.example")
    out = io.StringIO()
    Console(file=out, width=100).print(view)
    lines = [" ".join(line.split()) for line in out.getvalue().splitlines()]
    assert lines[0] == "front 4 in the queue 0:01:01 1 new"
    assert "b.example 1 asked 1 a minute" in lines
    assert "a.example 3 asked 0 a minute" in lines
