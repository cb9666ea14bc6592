"""`[fetch] wayback`: a page that is gone comes from a web archive, and is never shown as a capture of our own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from scraper.warc import check_folder, iter_records, warc_files
from tests.loopback import Answer, Asked, Loopback, page, redirect, status
from tests.program import archive, rows
from tests.stories import story, title

ARCHIVE = "127.0.0.2"
COPIES = {
    "20160101000000": (2, "Fri, 01 Jan 2016 00:00:00 GMT"),
    "20171001000000": (1, "Sun, 01 Oct 2017 00:00:00 GMT"),
}
"""Times of capture, with the story that stood there."""


def has(server: Loopback, url: str) -> bool:
    return url == server.url("/gone")


def web_archive(server: Loopback, *, cdx: bool) -> dict[str, Any]:
    """What a web archive answers that has two copies of one page: by CDX, TimeGate, TimeMap, and the copies."""

    def index(asked: Asked) -> Answer:
        url = parse_qs(urlsplit(asked.path).query)["url"][0]
        found = [["k", stamp, url, "200"] for stamp in COPIES] if has(server, url) else []
        return page(
            json.dumps([["urlkey", "timestamp", "original", "statuscode"], *found]),
            content_type="application/json",
        )

    def playback(asked: Asked) -> Answer:
        rest = asked.path.removeprefix("/web/")
        if rest.startswith("timemap/link/"):
            url = rest.removeprefix("timemap/link/")
            links = [
                f'</web/{at}/{url}>; rel="memento"; datetime="{when}"' for at, (_, when) in COPIES.items()
            ]
            return page(",\n".join(links), content_type="application/link-format")
        if rest.startswith("http"):
            if not has(server, rest):
                return status(404)
            near = parsedate_to_datetime(asked.headers["accept-datetime"])
            stamp = min(
                COPIES, key=lambda at: abs((parsedate_to_datetime(COPIES[at][1]) - near).total_seconds())
            )
            return redirect(f"/web/{stamp}/{rest}")
        stamp, _, url = rest.partition("/")
        at = stamp.removesuffix("id_")
        if at not in COPIES or not has(server, url):
            return status(404)
        which, when = COPIES[at]
        headers = (("Memento-Datetime", when), ("Link", f'<{url}>; rel="original"'), ("ETag", '"theirs"'))
        body = story(which)
        return page(body if stamp.endswith("id_") else f"<div>BANNER</div>{body}", headers=headers)

    routes: dict[str, Any] = {f"{ARCHIVE}/web/*": playback}
    return routes | ({f"{ARCHIVE}/cdx/search/cdx*": index} if cdx else {})


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback({"/gone": status(410), "/lost": status(404)}, addresses=("127.0.0.1", ARCHIVE)) as started:
        started.routes |= web_archive(started, cdx=True)
        yield started


def settings(server: Loopback, wayback: str = "auto") -> dict[str, str]:
    return {"ARCHIVE_FETCH_WAYBACK": wayback, "ARCHIVE_FETCH_WAYBACK_URL": server.url("", ARCHIVE)}


@pytest.mark.parametrize("cdx", [True, False], ids=["cdx", "memento"])
def test_a_page_that_is_gone_is_had_from_the_archive_and_labelled(
    cdx: bool, tmp_path: Path, server: Loopback
) -> None:
    server.routes = {"/gone": status(410), **web_archive(server, cdx=cdx)}
    gone, lost = server.url("/gone"), server.url("/lost")
    said = archive(tmp_path, "add", "--json", gone, lost, **settings(server))
    became = {line["url"]: line for line in said.lines[:-1]}
    copy = server.url(f"/web/20171001000000id_/{gone}", ARCHIVE)
    got = became[gone]
    assert (got["outcome"], got["title"], got["archive_url"]) == ("new", title(1), copy)
    assert got["memento_at"] == "2017-10-01T00:00:00Z"
    assert became[lost]["outcome"] == "gone"
    assert "no copy" in became[lost]["error"]
    assert "archive_url" not in became[lost]

    held = rows(
        tmp_path, "SELECT url, outcome, archive_url, memento_at FROM captures WHERE archive_url IS NOT NULL"
    )
    assert held == [(gone, "new", copy, "2017-10-01T00:00:00.000000Z")]
    ends = rows(tmp_path, "SELECT url, outcome FROM captures WHERE outcome IN ('gone', 'new')")
    assert sorted(ends) == [(gone, "gone"), (gone, "new"), (lost, "gone")]
    assert rows(tmp_path, "SELECT url FROM articles") == [(gone,)]
    records = [one for file in warc_files(tmp_path / "data/warc") for one in iter_records(file)]
    copies = [one for one in records if one.type == "response" and one.target_uri == copy]
    assert len(copies) == 1  # the record says whom it was had from
    assert check_folder(tmp_path / "data/warc") == ()
    assert any(b'"archive_url"' in one.block for one in records if one.type == "metadata")

    if not cdx:
        return
    assert archive(tmp_path, "add", "--json", gone, **settings(server)).outcomes == ["known"]
    assert archive(tmp_path, "reextract", "--json").code == 0
    assert rows(tmp_path, "SELECT url, title FROM articles") == [(gone, title(1))]


def test_our_own_captures_are_never_measured_by_the_archives(tmp_path: Path, server: Loopback) -> None:
    gone = server.url("/gone")
    archive(tmp_path, "add", gone, **settings(server))
    server.routes["/gone"] = story(1)
    said = archive(tmp_path, "add", "--force", "--json", gone, **settings(server))
    assert said.outcomes == ["unchanged"]
    asked = [hit for hit in server.hits if hit.path == "/gone" and hit.address == "127.0.0.1"]
    assert len(asked) == 2
    assert b'"theirs"' not in asked[-1].request
    own = rows(
        tmp_path,
        "SELECT outcome, revisit_of FROM captures WHERE archive_url IS NULL AND outcome = 'unchanged'",
    )
    assert own[-1] == ("unchanged", None)


def test_only_the_archive_is_asked_where_that_is_wanted(tmp_path: Path, server: Loopback) -> None:
    said = archive(
        tmp_path, "add", "--json", server.url("/gone"), server.url("/lost"), **settings(server, "only")
    )
    assert sorted(said.outcomes) == ["gone", "new"]
    assert {hit.address for hit in server.hits} == {ARCHIVE}


def test_a_silent_archive_costs_no_more_than_its_time(tmp_path: Path, server: Loopback) -> None:
    server.routes = {"/gone": status(410), f"{ARCHIVE}/*": status(503)}
    said = archive(
        tmp_path, "add", "--json", server.url("/gone"), ARCHIVE_FETCH_TRIES="1", **settings(server)
    )
    assert said.outcomes == ["gone"]
    assert "no copy could be had" in said.lines[0]["error"]


def test_a_copy_is_one_still_when_the_database_is_made_again(tmp_path: Path, server: Loopback) -> None:
    gone = server.url("/gone")
    archive(tmp_path, "add", gone, **settings(server))
    (tmp_path / "data/archive.db").unlink()
    server.routes = {"/other": story(2)}
    archive(tmp_path, "add", server.url("/other"))
    copies = rows(tmp_path, "SELECT url, outcome, memento_at FROM captures WHERE archive_url IS NOT NULL")
    assert copies == [(gone, "new", "2017-10-01T00:00:00.000000Z")]
    assert sorted(rows(tmp_path, "SELECT url FROM articles")) == sorted([(gone,), (server.url("/other"),)])
