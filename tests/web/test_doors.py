"""What other programs read: the feed of a search, and the versions of a URL by time."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import feedparser
import pytest

from tests.web.kept import STORIES, keep
from tests.web.linked import FLOOD, FLOOD_ID
from tests.web.served import Served

LINK = re.compile(
    r'<([^>]+)>;rel="([^"]+)"(?:;type="[^"]+")?(?:;from="[^"]+";until="[^"]+")?(?:;datetime="([^"]+)")?'
)
GATE = f"/timegate/{FLOOD.url}"


def test_a_feed_is_one_that_readers_of_feeds_take(linked: Served) -> None:
    answer = linked.get("/feed.atom?q=orlen")
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    feed = feedparser.parse(answer.content)
    assert not feed.bozo
    assert feed.version == "atom10"
    assert feed.feed.title == "orlen – The Harbour File"
    ids = [one.id.rpartition("/")[2] for one in feed.entries]
    assert ids == sorted(ids, key=int, reverse=True)
    assert set(map(int, ids)) == {hit["article_id"] for hit in linked.json("/search.json?q=orlen")["results"]}
    assert linked.get("/feed.atom?q=orlen&site=gazette.example").text.count("<entry") == 2
    assert feedparser.parse(linked.get("/feed.atom?q=zzz").content).entries == []


def test_a_hostile_article_makes_no_markup_in_a_feed(linked: Served) -> None:
    feed = feedparser.parse(linked.get("/feed.atom?q=hostile+OR+trap").content, sanitize_html=False)
    assert not feed.bozo
    assert feed.entries
    assert all(one.title_detail.type == "text/plain" for one in feed.entries)


def test_a_feed_has_what_came_in_last_however_well_older_articles_fit(
    on: Callable[..., Served], tmp_path: Path
) -> None:
    """Of more than 200: the last ones say the word once, in a long text."""
    database = keep(tmp_path, [*STORIES])
    with closing(sqlite3.connect(database)) as connection, connection:
        columns = [name for _, name, *_ in connection.execute("PRAGMA table_info (articles)")]
        columns = [one for one in columns if one not in {"id", "url", "text", "text_sha256", "cluster_id"}]
        named = ", ".join(columns)
        rows = (
            "WITH RECURSIVE n (n) AS (VALUES (100) UNION ALL SELECT n + 1 FROM n WHERE n < 360) "
            "SELECT n, 'http://a.example/' || n, CASE WHEN n < 330 THEN 'A lock ' || n "
            "ELSE n || ' lock' || replace(hex(zeroblob(200)), '00', ' water') END, n"
        )
        connection.execute(
            f"INSERT INTO articles (id, url, text, text_sha256, {named}) {rows}, {named} FROM n JOIN articles ON id = 1"
        )
    served = on(database)
    assert served.json("/feed.atom.json?q=lock")["articles"] == list(range(360, 330, -1))
    assert served.json("/feed.atom.json?q=")["articles"] == list(range(360, 330, -1))
    assert served.json("/feed.atom.json?q=lock+-water")["articles"] == list(range(329, 299, -1))


def test_the_feed_of_a_search_for_what_is_typed_is_one_of_that(linked: Served) -> None:
    page = linked.text("/search?q=orlen&exact=1")
    assert page.count("/feed.atom?q=orlen&amp;exact=1") == 2
    feed = feedparser.parse(linked.get("/feed.atom?q=orlen&exact=1").content)
    links = {one.rel: one.href for one in feed.feed.links}
    assert links["self"].endswith("/feed.atom?q=orlen&exact=1")
    assert links["alternate"].endswith("/search?q=orlen&exact=1")
    assert "exact" not in linked.text("/search?q=orlen&exact=0").replace("exact copy", "")


def test_a_search_names_its_feed(linked: Served) -> None:
    assert '<link rel="alternate" type="application/atom+xml"' in linked.text("/search?q=orlen")


def test_a_timemap_lists_every_version_with_its_time(linked: Served) -> None:
    answer = linked.get(f"/timemap/link/{FLOOD.url}")
    assert answer.headers["content-type"].startswith("application/link-format")
    links = LINK.findall(answer.text)
    by_relation = {relation: (target, moment) for target, relation, moment in links}
    assert by_relation["original"][0] == FLOOD.url
    assert by_relation["first memento"] == (
        f"http://localhost/article/{FLOOD_ID}?version=1",
        "Sun, 08 Oct 2017 12:08:00 GMT",
    )
    assert by_relation["last memento"][1] == "Tue, 10 Oct 2017 12:00:00 GMT"
    assert len([one for one in links if "memento" in one[1]]) == 3


@pytest.mark.parametrize(
    ("moment", "version"),
    [
        (None, 3),
        ("Mon, 01 Jan 2001 00:00:00 GMT", 1),
        ("Mon, 09 Oct 2017 11:59:59 GMT", 1),
        ("Mon, 09 Oct 2017 12:00:00 GMT", 2),
        ("Thu, 01 Jan 2026 00:00:00 GMT", 3),
    ],
)
def test_a_timegate_leads_to_the_version_that_stood_then(
    linked: Served, moment: str | None, version: int
) -> None:
    answer = linked.get(GATE, headers={"Accept-Datetime": moment} if moment else {})
    assert answer.status_code == 302
    assert answer.headers["location"] == f"http://localhost/article/{FLOOD_ID}?version={version}"
    assert "accept-datetime" in answer.headers["vary"]
    page = linked.get(answer.headers["location"].removeprefix("http://localhost"))
    assert f'<{FLOOD.url}>;rel="original"' in page.headers["link"]
    assert page.headers["memento-datetime"].endswith("GMT")


@pytest.mark.parametrize(
    "spelled",
    [
        "http%3A%2F%2Fharbour.example%2Fflood",
        "http:/harbour.example/flood",
        "HTTP://HARBOUR.example:80/flood?utm_source=x",
    ],
)
def test_a_url_may_be_spelled_as_programs_and_proxies_spell_it(linked: Served, spelled: str) -> None:
    assert linked.get(f"/timegate/{spelled}").status_code == 302


def test_what_is_not_held_or_no_time_is_said(linked: Served) -> None:
    assert linked.get("/timegate/http://harbour.example/none").status_code == 404
    assert linked.get("/timemap/link/ftp://x").status_code == 404
    assert linked.get(GATE, headers={"Accept-Datetime": "yesterday"}).status_code == 400
