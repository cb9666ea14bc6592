"""Jobs carried out in a world of sites: everything that is announced is held once, and nobody is hurried."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.app import Archive
from archive.config import load_config
from archive.jobs.crawl import CrawlEvent, JobItem
from archive.jobs.model import SourceResult
from tests.jobs.world import KINDS, World, hurried, listening
from tests.loopback import Loopback, page
from tests.program import rows
from tests.stories import story

BEGIN = datetime(2017, 10, 28, 12, tzinfo=UTC)
DELAY = 0.05


class Clock:
    """A clock that is told the time."""

    def __init__(self) -> None:
        self.time = BEGIN

    def __call__(self) -> datetime:
        return self.time


def configure(folder: Path, sources: list[str], more: str = "", delay: float = DELAY) -> None:
    """One job for some sources."""
    named = ", ".join(f'"{source}"' for source in sources)
    (folder / "config.toml").write_text(
        f"""[archive]
[fetch]
delay = {delay}
allow_networks = ["127.0.0.0/8"]
connect_timeout = 2
[[job]]
name = "world"
schedule = "30m"
sources = [{named}]
tags = ["ferry"]
{more}
"""
    )


def crawl(folder: Path, clock: Clock, **options: object) -> list[CrawlEvent]:
    """One run."""
    with Archive(load_config(folder / "config.toml", environment={}), now=clock) as archive:
        return list(archive.crawl(**options))  # type: ignore[arg-type]


def outcomes(events: list[CrawlEvent]) -> Counter[str]:
    return Counter(event.result.outcome for event in events if isinstance(event, JobItem))


def answers(events: list[CrawlEvent]) -> Counter[str]:
    return Counter(event.answered for event in events if isinstance(event, SourceResult))


def check_world(world: World, folder: Path, server: Loopback) -> None:
    """Every announced article is held once, nothing forbidden was asked, nobody was hurried."""
    expected = {world.url(site.address, path) for site in world.sites for path in site.expected}
    held = [url for (url,) in rows(folder, "SELECT url FROM articles")]
    assert sorted(held) == sorted(expected)
    asked = {(hit.address, hit.path) for hit in server.hits}
    assert not asked & {(site.address, path) for site in world.sites for path in site.forbidden}
    assert hurried(server.hits, DELAY) == []
    slow = {site.address for site in world.sites if site.kind == "crawl_delay"}
    assert hurried([hit for hit in server.hits if hit.address in slow], 0.2) == []


def check_second_run(world: World, folder: Path, server: Loopback, clock: Clock, *, later: timedelta) -> None:
    """A later run downloads no unchanged body."""
    before = len(server.hits)
    clock.time += later
    events = crawl(folder, clock, due=True)
    hits = server.hits[before:]
    bodies = [f"{hit.address}{hit.path}" for hit in hits if b" 200 " in bytes(hit.response[:20])]
    assert bodies == []
    assert hits
    assert set(outcomes(events)) <= {"unchanged", "gone", "robots", "known", "failed"}
    check_world(world, folder, server)


def test_a_world_of_sites_is_collected_politely_and_asked_again_without_a_body(tmp_path: Path) -> None:
    world, clock = World(len(KINDS), 2), Clock()
    with listening(world) as server:
        configure(tmp_path, [world.url(site.address, site.source) for site in world.sites])
        events = crawl(tmp_path, clock)
        failed = [site for site in world.sites if site.kind in ("dead", "rules_fail")]
        assert answers(events)["failed"] == len(failed)
        check_world(world, tmp_path, server)
        calendars = [hit.path for hit in server.hits if "/calendar" in hit.path or hit.path.endswith("/01/")]
        assert calendars == []
        assert crawl(tmp_path, clock, due=True) == []  # not due yet
        check_second_run(world, tmp_path, server, clock, later=timedelta(minutes=31))
    (counted,) = rows(tmp_path, "SELECT count(*), count(DISTINCT key) FROM frontier")[0:1]
    assert counted[0] == counted[1]


@pytest.mark.slow
def test_forty_hosts_are_collected_politely_and_months_later_asked_again_without_a_body(
    tmp_path: Path,
) -> None:
    world, clock = World(2 * len(KINDS), 6), Clock()
    with listening(world) as server:
        configure(tmp_path, [world.url(site.address, site.source) for site in world.sites])
        crawl(tmp_path, clock)
        check_world(world, tmp_path, server)
        check_second_run(world, tmp_path, server, clock, later=timedelta(hours=3))
        # Now every article is due. What robots.txt said has run out, and is asked again.
        before = len(server.hits)
        clock.time += timedelta(days=45)
        events = crawl(tmp_path, clock, due=True)
        assert outcomes(events)["unchanged"] == sum(len(site.expected) for site in world.sites)
        bodies = [hit.path for hit in server.hits[before:] if b" 200 " in bytes(hit.response[:20])]
        assert set(bodies) <= {"/robots.txt"}
        check_world(world, tmp_path, server)


FEED = "application/rss+xml"


def listed(*names: str) -> str:
    """A feed of these pages, each titled by its name."""
    items = "".join(f"<item><title>{name}</title><link>/{name}</link></item>" for name in names)
    return f'<rss version="2.0"><channel><title>x</title>{items}</channel></rss>'


def choosy(feed: str) -> str:
    """A job that wants one story alone, which it tags."""
    return f'''[[job]]
name = "choosy"
schedule = "30m"
sources = ["{feed}"]
match = ["number 3"]
tags = ["choosy"]'''


def test_what_one_job_holds_gets_no_tag_of_another_that_does_not_want_it(tmp_path: Path) -> None:
    routes = {"/feed": page(listed("a", "b"), content_type=FEED), "/a": story(3), "/b": story(4)}
    with Loopback(routes) as server:
        configure(tmp_path, [server.url("/feed")], choosy(server.url("/feed")), delay=0)
        clock = Clock()
        assert outcomes(crawl(tmp_path, clock, jobs=["world"])) == {"new": 2}
        assert outcomes(crawl(tmp_path, clock, jobs=["choosy"])) == {"known": 2}
        clock.time += timedelta(days=31)
        assert outcomes(crawl(tmp_path, clock, jobs=["choosy"])) == {"unchanged": 1}
        assert [hit.path for hit in server.hits].count("/b") == 1, (
            "and it is not looked at again for it either"
        )
    tagged = (
        "SELECT url FROM articles JOIN article_tags ON article_id = articles.id JOIN tags ON tags.id = tag_id"
    )
    assert rows(tmp_path, f"{tagged} WHERE name = 'choosy'") == [(server.url("/a"),)]


def test_an_article_that_is_due_when_another_job_comes_across_it_gets_no_tag_of_that_one(
    tmp_path: Path,
) -> None:
    with Loopback({"/feed": page(listed("b"), content_type=FEED), "/b": story(4)}) as server:
        configure(tmp_path, [server.url("/feed")], choosy(server.url("/feed")), delay=0)
        clock = Clock()
        crawl(tmp_path, clock, jobs=["world"])
        clock.time += timedelta(days=31)
        assert outcomes(crawl(tmp_path, clock, jobs=["choosy"])) == {"unchanged": 1}
        clock.time += timedelta(days=60)
        assert outcomes(crawl(tmp_path, clock, jobs=["choosy"])) == {}
    assert rows(tmp_path, "SELECT DISTINCT name FROM tags JOIN article_tags ON tags.id = tag_id") == [
        ("ferry",)
    ]


def test_a_feed_that_has_become_a_page_without_articles_is_told_as_failed_until_it_is_one_again(
    tmp_path: Path,
) -> None:
    feed = page(listed("a"), content_type=FEED)
    with Loopback({"/feed": feed, "/a": story(3)}) as server:
        configure(tmp_path, [server.url("/feed")], delay=0)
        clock = Clock()
        assert answers(crawl(tmp_path, clock, jobs=["world"])) == {"read": 1}
        server.routes["/feed"] = "<html><body><h1>We have moved</h1><p>Take our newsletter.</p></body></html>"
        for _ in range(2):
            (event,) = [
                one for one in crawl(tmp_path, clock, jobs=["world"]) if isinstance(one, SourceResult)
            ]
            assert (event.answered, event.error) == (
                "failed",
                f"{server.url('/feed')}: was rss, and is now a page that leads to no article",
            )
        server.routes["/feed"] = feed
        assert answers(crawl(tmp_path, clock, jobs=["world"])) == {"unchanged": 1}


def test_a_clock_that_was_years_ahead_stops_no_job(tmp_path: Path) -> None:
    with Loopback({"/feed": page(listed("a"), content_type=FEED), "/a": story(3)}) as server:
        configure(tmp_path, [server.url("/feed")], delay=0)
        clock = Clock()
        clock.time += timedelta(days=4000)
        assert outcomes(crawl(tmp_path, clock, due=True)) == {"new": 1}
        clock.time = BEGIN
        server.routes |= {"/feed": page(listed("b", "a"), content_type=FEED), "/b": story(4)}
        assert outcomes(crawl(tmp_path, clock, due=True)) == {"new": 1, "unchanged": 1}
        assert crawl(tmp_path, clock, due=True) == [], "and once it is right, all goes by it"
    assert rows(tmp_path, "SELECT count(*) FROM sources WHERE due_at > '2018'") == [(0,)]
