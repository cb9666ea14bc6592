"""A crawl that is killed at any moment loses nothing, doubles nothing, and asks for nothing whose answer is safe.

Slow proofs, both: `tests/test_crash.py` kills between any two steps of a run in the suite itself.
"""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from scraper.warc import check_folder
from tests.jobs.world import RSS
from tests.loopback import Answer, Asked, Loopback, page
from tests.program import COMMAND, archive, environment, rows
from tests.stories import story, title

ADDRESSES = tuple(f"127.0.3.{number}" for number in range(1, 9))


class Site:
    """Articles spread over some hosts, announced by one feed."""

    def __init__(self, articles: int) -> None:
        self.articles = articles
        self.server = Loopback(
            {f"/{number}/story": self._story(number) for number in range(articles)}
            | {"/feed.xml": self._feed},
            addresses=ADDRESSES,
        )

    def urls(self) -> list[str]:
        """Of the articles."""
        return [
            self.server.url(f"/{number}/story", ADDRESSES[number % len(ADDRESSES)])
            for number in range(self.articles)
        ]

    def _story(self, number: int) -> Answer:
        return page(story(number, headline=f"{title(number)}, part {number}", extra=f" Part {number}."))

    def _feed(self, _: Asked) -> Answer:
        items = "".join(f"<item><title>x</title><link>{url}</link></item>" for url in self.urls())
        return page(f'<rss version="2.0"><channel>{items}</channel></rss>', content_type=RSS)


def crawl_and_kill(folder: Path, times: int, longest: float, chance: random.Random) -> int:
    """Crawl, and kill that, again and again; how often it was killed before its end."""
    killed = 0
    for _ in range(times):
        child = subprocess.Popen(
            [*COMMAND, "crawl", "--json"], cwd=folder, env=environment(ARCHIVE_EXTRACT_WORKERS="2"),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(chance.uniform(0.2, longest))
        child.send_signal(signal.SIGKILL)
        killed += child.wait(timeout=30) == -signal.SIGKILL
    return killed


def check(folder: Path, site: Site, kills: int) -> None:
    """Every URL once in the database, WARC files valid, no article lost, and nothing asked for twice for nothing."""
    said = archive(folder, "crawl", "--json")
    assert said.code == 0
    assert sorted(url for (url,) in rows(folder, "SELECT url FROM articles")) == sorted(site.urls())
    assert rows(folder, "SELECT count(*), count(DISTINCT key) FROM frontier") == [
        (site.articles, site.articles)
    ]
    assert rows(folder, "SELECT DISTINCT state FROM frontier") == [("held",)]
    assert rows(folder, "SELECT count(*) FROM articles WHERE length(text) < 500") == [(0,)]
    assert rows(folder, "PRAGMA integrity_check") == [("ok",)]
    assert check_folder(folder / "data/warc") == ()
    # Each kill may cost what was on the wire at that moment: one request a host.
    asked = Counter(f"{hit.address}{hit.path}" for hit in site.server.hits if hit.path.endswith("/story"))
    again = sum(count - 1 for count in asked.values())
    assert again <= kills * len(ADDRESSES)


def configure(folder: Path, site: Site) -> None:
    (folder / "config.toml").write_text(
        f"""[archive]
[fetch]
delay = 0.0
[[job]]
name = "all"
schedule = "1m"
sources = ["{site.server.url("/feed.xml", ADDRESSES[0])}"]
"""
    )


@pytest.fixture
def small() -> Iterator[Site]:
    site = Site(24)
    with site.server:
        yield site


@pytest.mark.slow
def test_a_crawl_that_is_killed_twice_holds_every_article_once(tmp_path: Path, small: Site) -> None:
    configure(tmp_path, small)
    kills = crawl_and_kill(tmp_path, 2, 1.2, random.Random(7))  # noqa: S311  -- moments to kill at
    check(tmp_path, small, kills)


@pytest.mark.slow
def test_a_crawl_of_300_pages_that_is_killed_fifty_times_holds_every_article_once(tmp_path: Path) -> None:
    site = Site(300)
    with site.server:
        configure(tmp_path, site)
        kills = crawl_and_kill(tmp_path, 50, 1.6, random.Random(17))  # noqa: S311  -- as above
        assert kills >= 40
        check(tmp_path, site, kills)
