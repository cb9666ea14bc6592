"""The page of jobs: how their sources do, what is missing, and nothing that a feed says is taken for markup."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from archive.jobs.model import Answered, Feed, Sighting, SourceReading
from archive.jobs.settings import Job, JobSource
from archive.model import CaptureRow, Intent
from archive.store import Store
from archive.web.attached import Place
from archive.web.server import make_datasette
from tests.web.conftest import close
from tests.web.kept import ATTACK, STORIES, keep
from tests.web.served import Served

FEED, DEAD = "https://coast.example/feed", "https://dead.example/feed"
DAYS = 50
DAY = timedelta(days=1)


def ask(store: Store, key: str, at: datetime, answered: Answered, urls: list[str]) -> None:
    """What a run writes when it has asked a source."""
    error = f"{key}: no answer {ATTACK}" if answered == "failed" else None
    sightings = tuple(Sighting(url, url, title=f"A title {ATTACK}") for url in urls)
    reading = SourceReading(
        "coast", key, answered, timedelta(hours=1), error=error, kind="rss", sightings=sightings
    )
    row = CaptureRow(
        key, key, at, "failed" if error else "source", status=200, mime=None, job="coast", error=error
    )
    store.save(Intent(row.outcome, (row,), reading=reading))


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory, loop: asyncio.AbstractEventLoop) -> Iterator[Served]:
    """An archive whose job has asked a feed for weeks that was silent for two days, and one that is dead."""
    folder: Path = tmp_path_factory.mktemp("watched")
    database = keep(folder, STORIES[:1])
    now = datetime.now(UTC)
    with Store.open(database) as store:
        job = Job("coast", sources=(JobSource(FEED, FEED), JobSource(DEAD, DEAD)))
        store.frontier.declare(job)
        store.frontier.subscribe([Feed(f"{FEED}/more", f"{FEED}/more", title=f"More {ATTACK}")], "import")
        for day in range(DAYS):
            at = now - (DAYS - day) * DAY
            told = [f"https://coast.example/{day}-{n}" for n in range(9)] if day not in (30, 31) else []
            ask(store, FEED, at, "read", told)
            ask(store, DEAD, at, "failed", [])
    datasette = make_datasette(database, Place("The Coast File", folder / "data" / "warc"))
    yield Served(datasette, loop)
    close(datasette)


def test_the_page_says_how_each_source_does(watched: Served) -> None:
    page = BeautifulSoup(watched.text("/jobs"), "lxml")
    rows = [" ".join(row.get_text(" ").split()) for row in page.select("[aria-labelledby=sources] tbody tr")]
    assert len(rows) == 3
    assert "brings news" in rows[0]
    assert "dead" in rows[1]
    assert "not asked yet" in rows[2]
    assert not page.select("[aria-labelledby=sources] script, [aria-labelledby=unheld] script")


def test_the_page_says_what_is_missing(watched: Served) -> None:
    value = watched.json("/jobs.json")
    assert [(one["health"], one["failures"]) for one in value["sources"]] == [
        ("ok", 0), ("dead", DAYS), ("new", 0),
    ]  # fmt: skip
    (silence,) = value["silences"]
    assert (silence["cause"], silence["source"], silence["announced"]) == ("silent", FEED, 0)
    assert datetime.fromisoformat(silence["last"]) - datetime.fromisoformat(silence["first"]) == DAY
    assert {one["state"] for one in value["unheld"]} == {"waiting"}
    page = BeautifulSoup(watched.text("/jobs"), "lxml")
    assert len(page.select("[aria-labelledby=unheld] tbody tr")) == len(value["unheld"]) == 50
    assert "it announced nothing" in page.select_one("[aria-labelledby=silences] tbody").get_text()
    assert ATTACK not in watched.text("/jobs")
