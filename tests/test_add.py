"""`archive add`, as a user meets it: from a URL to a found article, on real sockets and real files."""

from __future__ import annotations

import gc
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.app import open_archive
from archive.model import OUTCOMES
from scraper.warc import check_folder, iter_records, warc_files
from tests.loopback import Asked, Loopback, page, redirect, status
from tests.program import SQLITE_UTILS, WARCIO, archive, environment, rows
from tests.stories import paragraphs, story, title


@pytest.fixture
def site() -> Iterator[Loopback]:
    with Loopback({"/one": story(1), "/two": story(2)}) as server:
        yield server


def warc_is_sound(folder: Path) -> None:
    """Our strict reader and warcio's own check find nothing wrong, and no file was left open."""
    files = warc_files(folder / "data/warc")
    assert files
    assert all(file.name.endswith(".warc.gz") for file in files)
    assert check_folder(folder / "data/warc") == ()
    checked = archive(folder, "check", *map(str, files), program=WARCIO)
    assert (checked.code, checked.out) == (0, "")


def types(folder: Path) -> list[str]:
    return [record.type for file in warc_files(folder / "data/warc") for record in iter_records(file)]


def test_a_url_in_an_empty_folder_becomes_an_article_one_can_find(tmp_path: Path, site: Loopback) -> None:
    url = site.url("/one")
    first = archive(tmp_path, "add", "--json", url)
    assert (first.code, first.err) == (0, "")
    capture, summary = first.lines
    assert set(capture) >= {
        "type", "url", "outcome", "article_id", "duplicate_of", "title", "warc_file", "warc_offset", "error",
    }  # fmt: skip
    assert (capture["url"], capture["outcome"], capture["title"]) == (url, "new", title(1))
    assert summary == {"type": "summary", **dict.fromkeys(OUTCOMES, 0), "new": 1}

    again = archive(tmp_path, "add", "--json", url)
    assert (again.code, again.outcomes) == (0, ["known"])
    assert site.paths == ["/robots.txt", "/one"]

    found = archive(tmp_path, "search", "--json", "wedding ring")
    assert found.lines[0]["article_id"] == capture["article_id"]
    assert found.summary == {
        "type": "summary", "query": "wedding ring", "expanded_to": [], "notes": [], "total": 1, "articles": 1,
        "origins": 1,
    }  # fmt: skip
    read = archive(tmp_path, "search", "wedding ring)")
    assert "read as words: wedding ring\n" in read.err
    assert archive(tmp_path, "search", "--json", "--", "-wedding").summary["total"] == 0
    shown = archive(tmp_path, "show", str(capture["article_id"]))
    assert all(one in shown.out for one in paragraphs(1))
    assert "Most read" not in shown.out
    assert "Leave a comment" not in shown.out

    warc_is_sound(tmp_path)
    assert types(tmp_path) == ["warcinfo", "response", "request", "response", "request", "metadata"]
    assert rows(tmp_path, "SELECT url, outcome FROM captures ORDER BY id") == [
        (site.url("/robots.txt"), "robots-txt"),
        (url, "new"),
    ]


def test_the_database_is_read_by_sqlite_utils(tmp_path: Path, site: Loopback) -> None:
    archive(tmp_path, "add", site.url("/one"))
    read = archive(tmp_path, "rows", "data/archive.db", "articles", "-c", "title", program=SQLITE_UTILS)
    assert read.out == f'[{{"title": "{title(1)}"}}]\n'


def test_every_outcome_has_its_word_its_row_and_its_exit_code(tmp_path: Path) -> None:
    routes = {
        "/robots.txt": page("User-agent: *\nDisallow: /private\n", content_type="text/plain"),
        "/one": story(1),
        "/copy": story(1, sidebar="Another sidebar"),
        "/moved": redirect("/two"),
        "/two": story(2),
        "/data": page('{"a": 1}', content_type="application/json"),
        "/private/x": story(3),
        "/broken": status(500),
    }
    with Loopback(routes) as server:
        asked = ["/one", "/copy", "/moved", "/two", "/data", "/private/x", "/none", "/broken"]
        urls = "\n".join(["# my list", "", *map(server.url, asked), "not a url"])
        said = archive(tmp_path, "add", "--json", "-", stdin=urls, ARCHIVE_FETCH_TRIES="1")
        # One site, one request at a time: in the order of the list, but for what needs no request.
        became = {line["url"]: line for line in said.lines[:-1]}
        assert {url.removeprefix(server.url("")) or "/": line["outcome"] for url, line in became.items()} == {
            "/one": "new", "/copy": "duplicate", "/moved": "new", "/two": "unchanged", "/data": "rejected",
            "/private/x": "robots", "/none": "gone", "/broken": "failed", "not a url": "failed",
        }  # fmt: skip
        assert became[server.url("/data")]["error"] == "not-html"
        assert became[server.url("/copy")]["duplicate_of"] == became[server.url("/one")]["article_id"]
        assert became[server.url("/copy")]["article_id"] != became[server.url("/one")]["article_id"]
        assert became[server.url("/moved")]["article_id"] == became[server.url("/two")]["article_id"]
        assert all("\n" not in (line["error"] or "") for line in became.values())
        assert said.code == 3
        assert said.summary["failed"] == 2
        assert "/private/x" not in server.paths

        requests = len(server.hits)
        again = archive(
            tmp_path, "add", "--json", server.url("/moved"), server.url("/copy"), server.url("/one")
        )
        assert again.outcomes == ["known"] * 3
        assert len(server.hits) == requests

        assert archive(tmp_path, "add", server.url("/none")).code == 4
    assert rows(tmp_path, "SELECT count(*), count(DISTINCT url) FROM articles") == [(3, 3)]
    assert rows(tmp_path, "SELECT text FROM articles WHERE duplicate_of IS NOT NULL") == [("",)]
    assert rows(tmp_path, "SELECT DISTINCT outcome FROM captures WHERE article_id IS NULL ORDER BY 1") == [
        ("failed",), ("gone",), ("rejected",), ("robots",),
    ]  # fmt: skip
    warc_is_sound(tmp_path)


def test_a_run_leaves_no_connection_open(tmp_path: Path, site: Loopback) -> None:
    """A process that goes on after it, as the browser's pages or a notebook do, has no socket of it left."""
    (tmp_path / "config.toml").touch()
    with (
        warnings.catch_warnings(record=True) as told,
        open_archive(tmp_path / "config.toml", environment=environment()) as opened,
    ):
        warnings.simplefilter("always", ResourceWarning)
        assert [item.outcome for item in opened.add([site.url("/one")])] == ["new"]
        gc.collect()
    assert [str(one.message) for one in told] == []


def test_two_spellings_in_one_list_are_asked_once(tmp_path: Path, site: Loopback) -> None:
    said = archive(
        tmp_path, "add", "--json", site.url("/one"), site.url("/one?utm_source=mail#top"), site.url("/one")
    )
    assert sorted(said.outcomes) == ["known", "known", "new"]
    assert site.paths.count("/one") + site.paths.count("/one?utm_source=mail") == 1


def test_a_forced_capture_makes_a_version_only_of_a_changed_article(tmp_path: Path) -> None:
    with Loopback({"/a": story(7)}) as server:
        url = server.url("/a")
        said = [archive(tmp_path, "add", "--json", url).outcomes[0]]
        for changed in (
            story(7, sidebar="Weather: sun, 31 degrees"),
            story(7, extra=" Dogs pay half."),
            story(7, extra=" Dogs pay half.", headline="Ferry sails, dogs at half price"),
        ):
            server.routes["/a"] = changed
            said.append(archive(tmp_path, "add", "--json", "--force", url).outcomes[0])
        assert said == ["new", "unchanged", "changed", "changed"]
    assert rows(tmp_path, "SELECT version, title FROM articles") == [(3, "Ferry sails, dogs at half price")]
    assert rows(tmp_path, "SELECT count(*) FROM versions") == [(3,)]
    first = archive(tmp_path, "show", "1", "--version", "1")
    assert paragraphs(7)[2] in first.out
    assert "Dogs pay half" not in first.out
    assert "Dogs pay half" in archive(tmp_path, "show", url).out
    assert "'abc' is neither an article's number nor an address" in archive(tmp_path, "show", "abc").err


def test_a_page_saved_by_a_browser_is_a_resource_and_no_invented_response(tmp_path: Path) -> None:
    saved = tmp_path / "saved.html"
    saved.write_text(story(4), "utf-8")
    url = "https://news.example/behind-a-wall?id=4&utm_source=x"
    said = archive(tmp_path, "add", "--json", "--html", str(saved), "--url", url, "--tag", "wall")
    assert (said.code, said.outcomes) == (0, ["new"])
    assert types(tmp_path) == ["warcinfo", "resource", "metadata"]
    (file,) = warc_files(tmp_path / "data/warc")
    record = list(iter_records(file))[1]
    assert (record.target_uri, record.block) == (url, saved.read_bytes())
    assert rows(tmp_path, "SELECT url, site FROM articles") == [
        ("https://news.example/behind-a-wall?id=4", "news.example")
    ]
    warc_is_sound(tmp_path)
    assert archive(tmp_path, "add", "--json", "--html", str(saved), "--url", url).outcomes == ["unchanged"]
    assert archive(tmp_path, "add", "--json", url).outcomes == ["known"]


def test_tags_are_kept_and_searched(tmp_path: Path, site: Loopback) -> None:
    archive(tmp_path, "add", site.url("/one"), "--tag", "ferries", "-t", "north")
    archive(tmp_path, "add", site.url("/two"), "--tag", "ferries")
    assert len(archive(tmp_path, "search", "ferry", "--tag", "ferries", "--json").lines) == 3
    assert len(archive(tmp_path, "search", "ferry", "--tag", "north", "--json").lines) == 2
    assert rows(tmp_path, "SELECT name FROM tags ORDER BY name") == [("ferries",), ("north",)]


def test_a_dry_run_asks_and_writes_nothing(tmp_path: Path, site: Loopback) -> None:
    said = archive(tmp_path, "add", "--dry-run", "--json", site.url("/one"), "nonsense")
    assert [line.get("action") for line in said.lines] == ["fetch", "refuse", None]
    assert site.hits == []
    assert list(tmp_path.iterdir()) == []


def test_what_the_server_sent_stands_in_the_warc_octet_for_octet(tmp_path: Path) -> None:
    def answer(asked: Asked) -> object:  # noqa: ARG001  -- a route is given the request
        return page(
            story(5),
            headers=(("x-oDD", "  Case and  space "), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")),
            coding="gzip",
            chunk=700,
        )

    with Loopback({"/a": answer}) as server:  # type: ignore[dict-item]  # an Answer, as above
        archive(tmp_path, "add", server.url("/a"))
        sent = {hit.path: (bytes(hit.request), bytes(hit.response)) for hit in server.hits}
    records = [record for file in warc_files(tmp_path / "data/warc") for record in iter_records(file)]
    response = next(one for one in records if one.type == "response" and one.target_uri.endswith("/a"))  # type: ignore[union-attr]
    request = next(one for one in records if one.type == "request" and one.target_uri.endswith("/a"))  # type: ignore[union-attr]
    assert (request.block, response.block) == sent["/a"]


def test_a_hostile_title_cannot_steer_the_terminal(tmp_path: Path) -> None:
    with Loopback(
        {"/a": story(6, headline="Red &#27;[31m and \u202egnorw\u202c Ferry of the North &#7;")}
    ) as server:
        said = archive(tmp_path, "add", server.url("/a"))
    assert said.code == 0
    assert not set(said.out) & set("\x1b\x07\u202e")


@pytest.mark.parametrize(
    ("arguments", "code", "tells"),
    [
        (["add"], 2, "at least one URL"),
        (["add", "--html", "x.html"], 2, "go together"),
        (["add", "--html", "missing.html", "--url", "http://example.org/"], 2, "missing.html"),
        (["show", "1"], 2, "no archive here yet"),
        (["search", "x"], 2, "no archive here yet"),
        (["status"], 2, "no archive here yet"),
        (["--config", "none.toml", "status"], 2, "none.toml"),
        (["status", "--config", "none.toml"], 2, "none.toml"),
        (["add", "javascript:alert(1)"], 4, "javascript"),
        (["add", "http://127.0.0.1:1/"], 4, "refused"),
        (["nonsense"], 2, "nonsense"),
    ],
)
def test_a_mistake_is_told_in_one_line_with_its_exit_code(
    tmp_path: Path, arguments: list[str], code: int, tells: str
) -> None:
    said = archive(tmp_path, *arguments, ARCHIVE_FETCH_TRIES="1")
    assert said.code == code
    assert tells in said.out + said.err


def test_private_addresses_are_refused_unless_allowed(tmp_path: Path, site: Loopback) -> None:
    said = archive(tmp_path, "add", "--json", site.url("/one"), ARCHIVE_FETCH_ALLOW_NETWORKS="")
    assert (said.code, said.outcomes) == (4, ["failed"])
    assert "fetch.allow_networks" in said.lines[0]["error"]
    assert site.hits == []


def test_a_full_disk_stops_before_anything_is_asked(tmp_path: Path, site: Loopback) -> None:
    more = shutil.disk_usage(tmp_path).total * 2
    said = archive(tmp_path, "add", site.url("/one"), ARCHIVE_ARCHIVE_MIN_FREE_BYTES=str(more))
    assert said.code == 7
    assert "min_free_bytes" in said.err
    assert site.hits == []
