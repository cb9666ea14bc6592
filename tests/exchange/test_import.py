"""`archive import`: what other programs have kept goes into the frontier, and the next crawl asks for it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from archive import open_archive
from archive.cli.main import app
from archive.config import load_config
from archive.exchange.opml import read_opml
from archive.jobs.crawl import CrawlEvent, JobItem
from archive.jobs.importing import forget_feeds, queue
from scraper.fetch.settings import FetchSettings
from tests.loopback import LOOPBACK, Loopback, page
from tests.program import archive, rows
from tests.stories import story, title


def feed_of(*links: str) -> str:
    items = "".join(f"<item><title>Told by the feed</title><link>{link}</link></item>" for link in links)
    return f'<rss version="2.0"><channel><title>Coast</title>{items}</channel></rss>'


def tags_of(folder: Path) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, tag in rows(
        folder,
        "SELECT a.title, t.name FROM articles AS a JOIN article_tags AS l ON l.article_id = a.id "
        "JOIN tags AS t ON t.id = l.tag_id",
    ):
        found.setdefault(name, set()).add(tag)
    return found


def test_what_was_imported_is_asked_once_and_keeps_its_tags_and_dates(tmp_path: Path) -> None:
    routes = {f"/{number}": story(number) for number in (1, 2, 3)}
    with Loopback(routes) as server:
        archive(tmp_path, "add", server.url("/2"))
        table = tmp_path / "list.csv"
        table.write_text(
            "url,title,tags,added,published\n"
            f"{server.url('/1')},As it was saved,winter|ferry,1507545600,2017-10-08\n"
            f"{server.url('/2')},,kept,,\n{server.url('/1#top')},,twice,,\nmailto:nobody,,,,\n",
            "utf-8",
        )
        plan = archive(tmp_path, "import", "csv", "list.csv", "--dry-run", "--json")
        done = archive(tmp_path, "import", "csv", "list.csv", "--tag", "mine", "--json")
        assert [line.get("state") for line in done.lines] == ["queued", "held", "known", "skipped", None]
        assert plan.lines[:-1] == [{**line, "tags": line.get("tags", [])[:-1]} if "tags" in line else line
                                   for line in done.lines[:-1]]  # fmt: skip
        assert done.code == plan.code == 3, "one line was no address"
        assert done.summary == {
            "type": "summary", "queued": 1, "feed": 0, "known": 1, "held": 1, "skipped": 1,
        }  # fmt: skip
        assert server.paths.count("/1") == 0, "importing asks for nothing"
        crawl = archive(tmp_path, "crawl", "--due", "--json")
        assert (crawl.code, sorted(crawl.outcomes)) == (0, ["known", "new"])
        again = archive(tmp_path, "crawl", "import", "--json")
        assert (again.code, again.outcomes) == (0, [])
        assert (server.paths.count("/1"), server.paths.count("/2")) == (1, 1)
    assert tags_of(tmp_path) == {title(1): {"winter", "ferry", "twice", "mine"}, title(2): {"kept", "mine"}}
    assert rows(tmp_path, "SELECT title, published, first_seen FROM frontier WHERE url LIKE '%/1'") == [
        ("As it was saved", "2017-10-08", "2017-10-09T10:40:00.000000Z")
    ]  # fmt: skip
    assert rows(tmp_path, "SELECT DISTINCT job, source FROM sightings") == [("import", "csv: list.csv")]


def test_imported_feeds_are_polled_until_they_are_taken_out(tmp_path: Path) -> None:
    with Loopback({"/1": story(1), "/2": story(2)}) as server:
        server.routes["/feed"] = page(feed_of(server.url("/1")), content_type="application/rss+xml")
        listed = read_opml(
            '<opml version="2.0"><body><outline text="Coast"><outline type="rss" text="Harbour" '
            f'xmlUrl="{server.url("/feed")}"/></outline></body></opml>'.encode()
        ).entries
        config = replace(
            load_config(start=tmp_path, environment={}),
            fetch=FetchSettings(allow_networks=LOOPBACK, delay=0.0),
        )
        with open_archive(config) as kept:
            assert [one.state for one in queue(kept, listed, "opml: feeds")] == ["feed"]
            assert [one.state for one in queue(kept, listed, "opml: feeds")] == ["known"]
            assert outcomes_of(kept.crawl(due=True)) == ["new"]
            assert not list(kept.crawl(due=True)), "nothing is due so soon"
            server.routes["/feed"] = page(
                feed_of(server.url("/1"), server.url("/2")), content_type="application/rss+xml"
            )
            assert outcomes_of(kept.crawl(["import"])) == ["new"], "asked for by name"
            assert [forget_feeds(kept, listed) for _ in range(2)] == [1, 0]
            assert not list(kept.crawl())
        assert server.paths.count("/feed") == 2
    assert tags_of(tmp_path) == {title(1): {"Coast"}, title(2): {"Coast"}}


def outcomes_of(events: Iterable[CrawlEvent]) -> list[str]:
    return [one.result.outcome for one in events if isinstance(one, JobItem)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("import", "bookmark", "x"), "did you mean bookmarks?"),
        (("import", "urls", "nowhere.txt"), "nowhere.txt: cannot be read: No such file"),
        (("import", "urls", "config.toml", "--column", "url=a"), "--column goes with csv"),
        (("import", "csv", "config.toml", "--column", "adress=a"), "--column is WHAT=NAME"),
        (("import", "urls", "config.toml", "--remove"), "--remove goes with opml"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(arguments: tuple[str, ...], said: str) -> None:
    done = CliRunner().invoke(app, arguments, terminal_width=200)
    assert (done.exit_code, said in " ".join(done.stderr.split())) == (2, True), done.stderr


def test_a_file_of_another_kind_is_told_and_makes_no_archive(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[archive]\n")
    done = archive(tmp_path, "import", "wallabag", "config.toml")
    assert (done.code, done.err.startswith("archive: config.toml: not JSON")) == (2, True)
    assert not (tmp_path / "data").exists()


def test_a_list_on_standard_input_may_be_nothing_but_faults(tmp_path: Path) -> None:
    done = archive(tmp_path, "import", "urls", "-", "--json", stdin="ftp://a\n# only\n")
    assert (done.code, done.summary["skipped"]) == (4, 1)
    assert json.loads(done.out.splitlines()[0])["error"].startswith("line 1: not a web address")
