"""`archive jobs`, `archive jobs test` and `archive gaps`: how jobs do, what one would find, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from archive.app import Archive
from archive.cli.main import app
from archive.config import load_config
from archive.jobs.model import Answered, Sighting, SourceReading
from archive.jobs.overview import gaps, job_states
from archive.model import CaptureRow, Intent, Outcome, Supporting
from archive.store import Store
from tests.loopback import Loopback, page, status
from tests.program import Said, archive
from tests.stories import story, title

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
CONFIG = """
[archive]
[crawl]
timezone = "UTC"
[[job]]
name = "coast"
schedule = "30m"
sources = ["{feed}", "{site}"]
exclude = ["/sport/"]
match = ["Vasko", "Tamrin"]
"""


def rss(*items: tuple[str, str]) -> str:
    entries = "".join(f"<item><title>{name}</title><link>{link}</link></item>" for link, name in items)
    return f'<rss version="2.0"><channel><title>x</title>{entries}</channel></rss>'


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Loopback]:
    """A feed of three stories, one gone and one of sport; and a site that is gone."""
    routes = {f"/ferry-{n}": story(n) for n in (1, 2, 3)}
    with Loopback(routes, addresses=("127.0.0.1", "127.0.0.2")) as server:
        items = [(server.url(f"/ferry-{n}"), title(n)) for n in (1, 2, 3, 21)]
        server.routes["127.0.0.1/feed"] = page(
            rss(*items, (server.url("/sport/x"), "A race")), content_type="application/rss+xml"
        )
        server.routes["127.0.0.2/"] = status(500)
        (tmp_path / "config.toml").write_text(
            CONFIG.format(feed=server.url("/feed"), site=server.url("/", "127.0.0.2")), "utf-8"
        )
        yield server


def test_trying_a_job_out_asks_its_sources_and_nothing_else(world: Loopback, tmp_path: Path) -> None:
    done = archive(tmp_path, "jobs", "test", "coast", "--json", ARCHIVE_FETCH_TRIES="1")
    assert set(world.paths) == {"/robots.txt", "/feed", "/"}
    items = {line["title"]: line for line in done.lines if line["type"] == "item"}
    assert {name: one["matches"] for name, one in items.items()} == {
        title(1): True, title(2): True, title(3): False, title(21): True,
    }  # fmt: skip
    left = [line for line in done.lines if line["type"] == "left-out"]
    assert [(one["url"], one["reason"]) for one in left] == [(world.url("/sport/x"), "exclude: /sport/")]
    sources = [line for line in done.lines if line["type"] == "source"]
    assert [(one["answered"], one["kind"]) for one in sources] == [("read", "rss"), ("failed", None)]
    assert (done.code, done.summary["wanted"], done.summary["sources_failed"]) == (3, 4, 1)
    assert not (tmp_path / "data").exists()
    plain = archive(tmp_path, "jobs", "test", "coast", "--limit", "1", ARCHIVE_FETCH_TRIES="1")
    assert "and 3 more: --limit 0 shows all" in plain.out
    assert "exclude: /sport/" in plain.out


def said(folder: Path, *arguments: str) -> Said:
    """What a command says that only reads, in this process."""
    done = CliRunner().invoke(app, ["--config", str(folder / "config.toml"), *arguments])
    return Said(done.exit_code, done.stdout, done.stderr)


def test_jobs_and_gaps_say_what_came_of_a_crawl(world: Loopback, tmp_path: Path) -> None:
    before = said(tmp_path, "jobs", "--json")
    assert [(one["type"], one.get("is_due"), one.get("health")) for one in before.lines] == [
        ("job", True, None), ("source", None, "new"), ("source", None, "new"),
    ]  # fmt: skip
    crawl = archive(tmp_path, "crawl", "--json", ARCHIVE_FETCH_TRIES="1")
    assert sorted(crawl.outcomes) == ["gone", "new", "new", "rejected"], "one has none of the words"
    job, feed, site = said(tmp_path, "jobs", "--json").lines
    assert (job["counts"], job["captures"]) == ({"new": 2, "rejected": 1, "gone": 1},) * 2
    assert (job["pages"], job["left_out"], job["is_due"]) == ({"held": 2, "refused": 1}, 2, False)
    assert job["next_run"] > job["last_run"]
    assert (feed["health"], feed["kind"], feed["seen"]) == ("ok", "rss", 5)
    assert (site["health"], site["failures"]) == ("failing", 1)
    shown = said(tmp_path, "jobs").out
    assert "2 new, 1 rejected, 1 gone" in shown
    assert "failing " in shown
    missing = said(tmp_path, "gaps", "coast", "--json")
    assert [(one["type"], one.get("url")) for one in missing.lines[:-1]] == [
        ("unheld", world.url("/ferry-21")), ("source", world.url("/", "127.0.0.2")),
    ]  # fmt: skip
    assert missing.lines[0]["outcome"] == "gone"
    assert (missing.code, missing.summary["unheld"], missing.summary["sources"]) == (0, 1, 1)
    assert "answered 404" in said(tmp_path, "gaps", "--since", "1d").out
    assert said(tmp_path, "gaps", "--since", "soon").code == 2


def kept(folder: Path, now: datetime) -> Archive:
    """An archive with a job of one feed, and a clock that stands still."""
    file = folder / "config.toml"
    file.write_text(CONFIG.format(feed="coast.example/feed", site="coast.example/live"))
    return Archive(load_config(file, environment={}), now=lambda: now)


def read_feed(store: Store, at: datetime, urls: list[str], answered: Answered = "read") -> None:
    """What a run writes when it has asked the feed."""
    key = "https://coast.example/feed"
    error = "no answer" if answered == "failed" else None
    sightings = tuple(Sighting(url, url, published=at.date().isoformat()) for url in urls)
    reading = SourceReading("coast", key, answered, timedelta(minutes=30), error=error, sightings=sightings)
    outcome: Outcome | Supporting = "failed" if error else "source"
    row = CaptureRow(key, key, at, outcome, status=200, mime="text/xml", job="coast", error=error)
    store.save(Intent(outcome, (row,), reading=reading))


def test_days_of_silence_are_told_with_their_cause_and_a_dead_feed_is_dead(tmp_path: Path) -> None:
    days = 56
    silent, failed, unasked = 30, 38, 46
    end = NOON + days * DAY
    with kept(tmp_path, end) as one:
        with one.runs.writing("test") as store:
            store.frontier.declare(one.config.jobs[0])
            for day in range(days):
                urls = [f"https://coast.example/{day}-{n}" for n in range(12)]
                if day != unasked:
                    wrong = day == failed
                    told = [] if day in (silent, failed) else urls
                    read_feed(store, NOON + day * DAY, told, "failed" if wrong else "read")
        found = gaps(one, ["coast"], end - 90 * DAY)
        assert {(gap.silence.first, gap.cause) for gap in found.silences} == {
            ((NOON + silent * DAY).date(), "silent"),
            ((NOON + failed * DAY).date(), "failed"),
            ((NOON + unasked * DAY).date(), "not asked"),
        }
        assert len(found.unheld) == 12 * (days - 3)
        assert len(gaps(one, ["coast"], end - DAY).unheld) == 12, "what was announced since then"
        assert found.sources == ()
        with one.runs.writing("test") as store:
            for day in range(10):
                read_feed(store, end + day * DAY, [], "failed")
    with kept(tmp_path, end + 11 * DAY) as one:
        (feed,) = gaps(one, ["coast"], end).sources
        assert (feed.health, feed.source.failures) == ("dead", 10)
        (state,) = job_states(one)
        assert [health.health for health in state.sources] == ["dead", "new"]


def test_a_job_that_the_configuration_dropped_is_told_as_such(tmp_path: Path) -> None:
    with kept(tmp_path, NOON) as one:
        with one.runs.writing("test") as store:
            store.frontier.declare(one.config.jobs[0])
            read_feed(store, NOON, ["https://coast.example/1"])
        without = Archive(replace(one.config, jobs=()), now=lambda: NOON)
        with without:
            (state,) = job_states(without)
        assert (state.name, state.schedule, state.next_run, state.is_due) == ("coast", None, None, False)
