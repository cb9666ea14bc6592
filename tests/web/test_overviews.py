"""The pages that look over a whole archive, and the charts on them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from archive.web.chart import HEIGHT, MAX_PERIODS, WIDTH, fitting_step, periods_between, stacked
from tests.web.kept import FERRY, keep
from tests.web.served import Served

DAYS = st.dates(date(1900, 1, 1), date(2100, 1, 1))


def soup(served: Served, path: str) -> BeautifulSoup:
    return BeautifulSoup(served.text(path), "lxml")


def said(element: object) -> str:
    return " ".join(element.get_text().split())  # type: ignore[attr-defined]


def test_the_timeline_counts_articles_and_origins_of_each_day_and_site(linked: Served) -> None:
    value = linked.json("/timeline.json")
    by_day = {one["period"]: one for one in value["periods"]}
    assert by_day["2017-10-07"] == {
        "period": "2017-10-07", "articles": 1, "origins": 1, "sites": {"harbour.example": 1},
    }  # fmt: skip
    assert (value["articles"], value["origins"]) == (11, 8)
    assert len(value["periods"]) == 41, "days without an article included"
    months = linked.json("/timeline.json?by=month&site=harbour.example")
    assert [(one["period"], one["articles"]) for one in months["periods"]] == [("2017-10", 3)]
    assert linked.json("/timeline.json?site=nowhere.example")["periods"] == []
    assert linked.get("/timeline?by=week").status_code == 404


def test_the_chart_and_the_table_beneath_it_say_the_same(linked: Served) -> None:
    page = soup(linked, "/timeline")
    drawn = sum(int(said(one).rpartition(": ")[2]) for one in page.select("svg rect title"))
    told = sum(int(one.get_text()) for one in page.select("tbody td[data-label=Articles]"))
    assert drawn == told == 11
    link = page.select_one("tbody th a")["href"]
    assert len(soup(linked, link).select(".hits > li")) == int(page.select_one("tbody td").get_text())


def test_sites_say_what_is_held_and_how_they_answered(linked: Served) -> None:
    value = linked.json("/sites.json")
    by_site = {one["site"]: one for one in value["sites"]}
    assert (by_site["gazette.example"]["articles"], by_site["gazette.example"]["origins"]) == (3, 3)
    assert by_site["coastblog.example"]["health"]["failing"] == 1
    assert by_site["harbour.example"]["health"]["failing"] == 0, "an index page is an answer"
    assert [one["site"] for one in value["others"]] == ["gone.example"]
    page = soup(linked, "/sites")
    assert "its last capture came to nothing timed out after 20 s" in said(page)


def test_a_site_that_was_never_asked_is_not_said_to_answer(on: Callable[..., Served], tmp_path: Path) -> None:
    """A page that a browser saved, records of another tool, and what a web archive had: three sites, and one asked."""
    stories = [
        replace(FERRY, url=f"http://{name}.example/1", text=name)
        for name in ("saved", "crawled", "gone", "asked")
    ]
    database = keep(tmp_path, stories)
    with closing(sqlite3.connect(database)) as connection, connection:
        for name, change in (
            ("saved", "status = NULL"),
            ("crawled", "warc_file = 'imported-0123456789ab-crawl.warc.gz'"),
            ("gone", "archive_url = 'http://web.example/1'"),
        ):
            connection.execute(f"UPDATE captures SET {change} WHERE url = 'http://{name}.example/1'")  # noqa: S608
    served = on(database)
    health = {one["site"]: one["health"] for one in served.json("/sites.json")["sites"]}
    assert [name for name, one in health.items() if one] == ["asked.example"]
    assert served.text("/sites").count("not asked lately") == 3


def test_junk_is_listed_by_verdict(linked: Served) -> None:
    assert linked.json("/junk.json")["verdicts"] == {"index": 2, "paywall": 1}
    page = soup(linked, "/junk?verdict=index")
    assert [said(one) for one in page.select("td[data-label=Address]")] == [
        "http://harbour.example/coast",
        "http://harbour.example/",
    ]
    assert "None with this verdict" in linked.text("/junk?verdict=nothing")


def test_jobs_say_what_came_of_them(linked: Served) -> None:
    value = linked.json("/jobs.json")
    (job,) = value["jobs"]
    assert (job["name"], job["counts"], job["captures"]) == ("coast", {"rejected": 3, "failed": 2}, 5)
    assert value["days"]["2017-10-10"] == {"changed": 1, "unchanged": 1, "rejected": 3, "failed": 2}
    page = soup(linked, "/jobs")
    assert "rejected 3, failed 2" in said(page.select_one("[aria-labelledby=jobs]"))


@pytest.mark.parametrize("path", ["/timeline", "/sites", "/junk", "/jobs"])
def test_an_archive_of_one_story_has_every_page(site: Served, path: str) -> None:
    assert site.get(path).status_code == 200


@given(DAYS, DAYS)
def test_a_chart_has_every_period_once_and_not_more_than_fit(one: date, other: date) -> None:
    first, last = min(one, other).isoformat(), max(one, other).isoformat()
    step = fitting_step(first, last)
    periods = periods_between(first, last, step)
    assert list(periods) == sorted(set(periods))
    assert 1 <= len(periods) <= MAX_PERIODS[step]
    assert last.startswith(periods[-1])
    if step == "day":
        assert first == periods[0]
        assert date.fromisoformat(last) - date.fromisoformat(first) == timedelta(days=len(periods) - 1)


@given(st.lists(st.lists(st.integers(0, 10**6), min_size=3, max_size=3), min_size=1, max_size=93))
def test_bars_stand_on_one_another_within_the_picture(rows: list[list[int]]) -> None:
    periods, series = [f"{at}" for at in range(len(rows))], ["a", "b", "c"]
    counts = {(f"{at}", name): n for at, row in enumerate(rows) for name, n in zip(series, row, strict=True)}
    chart = stacked(periods, series, counts, str)
    assert sum(bar.count for bar in chart.bars) == sum(map(sum, rows))
    for bar in chart.bars:
        assert bar.y >= 0
        assert bar.y + bar.height <= HEIGHT
        assert 0 <= bar.x <= bar.x + bar.width <= WIDTH + 0.02
    assert chart.scale[-1][1] >= max(map(sum, rows))
