"""What a server says to a request that cannot be met: a page of its status, and nothing in the log."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.web.served import Served

UNROUTED = ("/.env", "/.well-known/security.txt", "/.git/config", "/foo/bar/baz/qux", "/wp-login.php")
OTHERS = ("/article/abc", "/archive/v1.0", "/archive/nothing.json", "/archive/articles/999", "/a/b.json")


@pytest.mark.parametrize("path", [*UNROUTED, *OTHERS])
def test_what_is_not_there_is_not_found_and_leaves_no_traceback(
    site: Served, path: str, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = site.get(path)
    assert answer.status_code == 404
    if path.endswith(".json"):
        said = answer.json()
        assert (said["ok"], said["status"], bool(said["error"])) == (False, 404, True)
    else:
        assert "<h1>Error 404</h1>" in answer.text
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "path",
    [
        "/archive/passages/1",
        "/archive/article_tags/1.json",
        "/archive/near_duplicates/1,2,3,4",
        f"/archive/captures.json?article_id__gt={'9' * 30}",
        "/archive/articles?_sort=nothing",
        "/archive/articles.json?_sort_desc=nothing",
    ],
)
def test_what_datasette_lets_go_for_faults_of_its_own_is_refused(
    site: Served, path: str, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = site.get(path)
    assert answer.status_code in {400, 404}  # 1.0 says 400 of a key
    if ".json" in path:
        assert answer.json()["ok"] is False
    assert "Traceback" not in "".join(capfd.readouterr())  # 0.65 has a line for the statement


def test_wrong_sql_is_explained_on_datasettes_page_alone(
    site: Served, capfd: pytest.CaptureFixture[str]
) -> None:
    for way in ("/archive?sql=", "/archive/-/query?sql="):
        answer = site.get(f"{way}delete+from+articles", follow_redirects=True)
        if answer.status_code != 404:
            break
    assert answer.status_code == 400
    assert "SELECT" in answer.text
    assert capfd.readouterr() == ("", "")


def test_what_goes_wrong_inside_keeps_its_traceback(
    site: Served, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("archive.web.views.count_facets", lambda *_: 1 / 0)
    assert site.get("/search?q=harbour").status_code == 500
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_a_datasette_without_an_archive_answers_as_ever(
    tmp_path: Path, on: Callable[..., Served], capfd: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection, connection:
        connection.execute("CREATE TABLE shopping (item)")
    assert on(tmp_path / "other.db").get("/other/nothing").status_code == 404
    assert "NotFound" in "".join(capfd.readouterr())
