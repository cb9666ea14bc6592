"""`archive explain`: every block of a page in order, with the rule that decided."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.loopback import Loopback, page
from tests.program import archive
from tests.stories import paragraphs, story, title


def test_every_block_of_a_kept_page_is_explained_without_asking_again(tmp_path: Path) -> None:
    with Loopback({"/one": page(story(1), coding="br", chunk=500)}) as server:
        archive(tmp_path, "add", server.url("/one"))
        requests = len(server.hits)
        said = archive(tmp_path, "explain", "--json", server.url("/one"))
        assert len(server.hits) == requests
    blocks = [line for line in said.lines if line["type"] == "block"]
    assert [block["text"] for block in blocks if block["kept"]] == paragraphs(1)
    assert {"Most read", "Leave a comment", title(1)} <= {
        block["text"] for block in blocks if not block["kept"]
    }
    assert all(block["rule"] for block in blocks)
    chosen = {line["field"]: line["chosen"] for line in said.lines if line["type"] == "field"}
    assert chosen["published"] == "article:published_time"
    assert said.summary["verdict"] == "article"


def test_a_saved_file_is_explained_in_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(story(2), "utf-8")
    said = archive(tmp_path, "explain", "page.html", "--only", "dropped")
    assert "Most read" in said.out
    assert paragraphs(2)[0] not in said.out
    assert "4 blocks kept" in said.err


def test_a_saved_file_is_read_by_the_rules_of_the_address_it_is_from(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(story(2), "utf-8")
    (tmp_path / "rules.toml").write_text('[site."harbour.example"]\ndrop = ["p"]\n', "utf-8")
    assert "site-rule:" not in archive(tmp_path, "explain", "page.html").out
    said = archive(tmp_path, "explain", "page.html", "--url", "harbour.example/two")
    assert "site-rule:harbour.example drop[0]" in said.out
    assert "decided nothing" not in said.out
    assert archive(tmp_path, "explain", "7", "--url", "harbour.example/two").code == 2
    assert "--url" in archive(tmp_path, "explain", "page.html", "--url", "http://").err


def test_rules_that_decide_nothing_are_named(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(story(2), "utf-8")
    (tmp_path / "rules.toml").write_text(
        '[site."harbour.example"]\ndrop = ["p", ".no-such"]\ntitle = "h1"\nauthor = ".nobody"\n', "utf-8"
    )
    said = archive(tmp_path, "explain", "page.html", "--url", "harbour.example/two")
    idle = ["site-rule:harbour.example drop[1]", "site-rule:harbour.example author"]
    assert [line for line in said.out.splitlines() if "decided nothing" in line] == [
        f"{name} decided nothing here" for name in idle
    ]
    told = archive(tmp_path, "explain", "page.html", "--url", "harbour.example/two", "--json")
    assert told.summary["idle_rules"] == idle


def test_what_is_not_held_is_told_in_one_line(tmp_path: Path) -> None:
    assert archive(tmp_path, "explain", "7").code == 2
    assert "missing.html: no such file" in archive(tmp_path, "explain", "missing.html").err
    assert "no such file" not in archive(tmp_path, "explain", "http://harbour.example/missing.html").err
    assert "--only" in archive(tmp_path, "explain", "--only", "some", "7").err


def test_an_article_as_markdown_has_the_lists_and_links_of_its_page(tmp_path: Path) -> None:
    body = story(1).replace(
        "</article>",
        "<h2>What is carried</h2><ul><li>The post of the northern islands, twice a week</li>"
        '<li>Bread, <a href="/bakers">from the bakers of Pendry</a>, every morning</li></ul></article>',
    )
    with Loopback({"/one": body}) as site:
        archive(tmp_path, "add", site.url("/one"))
        written = archive(tmp_path, "show", "1", "--format", "markdown").out
        assert f"[from the bakers of Pendry]({site.url('/bakers')})" in written
    assert written.startswith(f"# {title(1)}\n")
    assert "\n- The post of the northern islands, twice a week\n" in written
    page = archive(tmp_path, "show", "1", "--format", "html").out
    assert "<li>The post of the northern islands, twice a week</li>" in page
    archive(tmp_path, "export", "markdown", "-o", "notes")
    (note,) = (tmp_path / "notes").iterdir()
    assert written.strip() in note.read_text("utf-8")
    with closing(sqlite3.connect(tmp_path / "data/archive.db")) as held, held:
        held.execute("UPDATE versions SET structure = NULL")  # as of an article from before it was kept
    assert archive(tmp_path, "show", "1", "--format", "markdown").out == written
    for file in (tmp_path / "data/warc").iterdir():
        file.rename(tmp_path / file.name)
    assert "\n\nThe post of" in archive(tmp_path, "show", "1", "--format", "markdown").out
