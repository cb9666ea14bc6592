"""`archive versions` and `archive diff`, as a reader meets them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.loopback import Loopback
from tests.program import Said, archive, rows
from tests.stories import story


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One article whose number, then whose headline changed, with a sidebar that changes all the time."""
    folder = tmp_path_factory.mktemp("versions")
    with Loopback({"/a": story(7)}) as server:
        pages = [
            story(7),
            story(7, sidebar="Weather: sun"),
            story(7, sidebar="Weather: hail").replace("18 crowns", "25 crowns"),
            story(7, headline="Ferry sails for more").replace("18 crowns", "25 crowns"),
        ]
        for page in pages:
            server.routes["/a"] = page
            assert archive(folder, "add", "--force", server.url("/a")).code == 0
    return folder


def kinds(said: Said) -> list[list[str]]:
    return [line["changes"] for line in said.lines if line["type"] == "version"]


def test_a_changed_number_is_one_version_and_a_changed_sidebar_none(folder: Path) -> None:
    said = archive(folder, "versions", "1", "--json")
    assert (said.code, kinds(said)) == (0, [[], ["number"], ["headline"]])
    assert said.summary["versions"] == 3
    assert [line["standing"] for line in said.lines[:-1]] == [False, False, True]
    assert rows(folder, "SELECT changes FROM versions ORDER BY version") == [
        ("[]",), ('["number"]',), ('["headline"]',),
    ]  # fmt: skip


def test_versions_are_listed_for_a_reader(folder: Path) -> None:
    lines = archive(folder, "versions", "1").out.splitlines()
    assert len(lines) == 3
    assert "number" in lines[1]
    assert lines[2].endswith("Ferry sails for more  (stands)")


def test_a_difference_is_shown_in_place(folder: Path) -> None:
    said = archive(folder, "diff", "1", "1", "2")
    assert "will pay [-18-] {+25+} crowns" in said.out
    assert "Engineers had taken" not in said.out, "what stands unchanged is left out"
    assert said.err == "version 1 to 2: number\n"
    assert "\x1b" not in said.out


def test_the_last_change_is_shown_by_default(folder: Path) -> None:
    said = archive(folder, "diff", "1", "--json")
    assert said.summary == {"type": "summary", "article_id": 1, "a": 2, "b": 3, "kinds": ["headline"]}
    assert {line["place"] for line in said.lines[:-1]} == {"title"}


def test_an_article_that_never_changed_says_so(tmp_path: Path) -> None:
    with Loopback({"/a": story(1)}) as server:
        archive(tmp_path, "add", server.url("/a"))
    said = archive(tmp_path, "diff", "1")
    assert (said.code, said.err) == (2, "archive: article 1 has one version only: nothing was changed yet\n")
    assert archive(tmp_path, "diff", "1", "1", "9").code == 2
