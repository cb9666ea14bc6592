"""`archive versions` and `archive diff`, as a reader meets them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.loopback import Loopback
from tests.program import COMMAND, Said, archive, environment, rows
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


def test_a_difference_is_coloured_in_a_terminal(folder: Path) -> None:
    ours, theirs = os.openpty()
    try:
        done = subprocess.run(
            [*COMMAND, "diff", "1", "1", "2"],
            cwd=folder, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, timeout=60, check=False,
            env=environment(TERM="xterm-256color"),
        )  # fmt: skip
        shown = os.read(ours, 10_000).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == 0
    assert "\x1b[9;31m18 \x1b[0m\x1b[32m25 \x1b[0m" in shown, "struck through and red, then green"
    assert "[-18-]" not in shown


def test_an_earlier_version_is_shown_whole(folder: Path) -> None:
    first, standing = archive(folder, "show", "1", "--version", "1"), archive(folder, "show", "1")
    assert ("18 crowns" in first.out, "25 crowns" in first.out) == (True, False)
    assert ("18 crowns" in standing.out, "25 crowns" in standing.out) == (False, True)
    assert json.loads(archive(folder, "show", "1", "--version", "2", "-f", "json").out)["version"] == 2
    assert archive(folder, "show", "1", "--version", "9").code == 2


CASUALTIES = """<!doctype html><html lang="en"><head><title>Shelling of Tamrin</title></head><body>
<div class="ad">{ad}</div><main><article><h1>Shelling of Tamrin</h1>
<p>At least {dead} people died on Friday when shells fell on the market of Tamrin, the head of the hospital said, and
many more were brought in by boat from the far side of the river during the night.</p>
<aside class="promo"><a href="https://shop.example/{ad}">{ad}</a></aside>
<p>The mayor asked both sides to let the ferries pass. Nobody had claimed to have fired the shells by Saturday morning,
and the road to the east stayed closed, as it has been since the bridge fell into the water in spring.</p>
<p>Aid workers said that they had blankets for a week and bread for two days, and that the next boat would come when
somebody could promise that it would not be shot at on its way up the river.</p></article></main>
<aside><h3>Most read</h3><ul><li><a href="/1">{sidebar}</a></li></ul></aside>
<section id="comments"><h3>{comments} comments</h3><p>{comments} readers discuss this story</p></section>
</body></html>"""


def test_only_the_number_of_the_dead_makes_a_version(tmp_path: Path) -> None:
    """A page whose advertisement, sidebar and count of comments are never the same twice."""
    pages = [
        {"dead": 12, "ad": "Boots at half price", "sidebar": "Ten knots", "comments": 3},
        {"dead": 12, "ad": "Sails, new and used", "sidebar": "Ten knots", "comments": 3},
        {"dead": 12, "ad": "Sails, new and used", "sidebar": "A new pier for Orlen", "comments": 3},
        {"dead": 12, "ad": "Sails, new and used", "sidebar": "A new pier for Orlen", "comments": 41},
        {"dead": 17, "ad": "Rope by the yard", "sidebar": "Eels are back", "comments": 58},
        {"dead": 17, "ad": "Boots at half price", "sidebar": "Ten knots", "comments": 60},
    ]
    with Loopback({}) as server:
        outcomes = []
        for values in pages:
            server.routes["/a"] = CASUALTIES.format(**values)
            outcomes += archive(tmp_path, "add", "--json", "--force", server.url("/a")).outcomes
    assert outcomes == ["new", "unchanged", "unchanged", "unchanged", "changed", "unchanged"]
    assert rows(tmp_path, "SELECT version, reason, changes FROM versions ORDER BY id") == [
        (1, "captured", "[]"), (2, "captured", '["number"]'),
    ]  # fmt: skip


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
