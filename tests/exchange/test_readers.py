"""Markdown, Atom and pack: what other programs make of them."""

from __future__ import annotations

import io
import json
import re
import sqlite3
from dataclasses import replace
from pathlib import Path

import feedparser  # type: ignore[import-untyped]  # it ships no types
import pytest
import yaml

from archive.app import Archive
from archive.exchange.notes import file_name
from archive.model import Article


def test_front_matter_is_yaml_with_every_field(
    archive: Archive, articles: tuple[Article, ...], tmp_path: Path
) -> None:
    archive.export("markdown", tmp_path / "notes")
    files = {path.name: path.read_text("utf-8") for path in (tmp_path / "notes").iterdir()}
    assert len(files) == len(articles)
    for article in articles:
        _, front, body = files[file_name(article)].split("---\n", 2)
        said = yaml.safe_load(front)
        assert said["title"] == (article.title or article.url)
        assert said.get("authors", []) == list(article.authors)
        assert said.get("tags", []) == list(article.tags)
        assert said["url"] == article.url
        assert said["archive_id"] == article.id
        assert body.startswith("\n# ")


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("हिन्दी में समाचार", "हिन्दी-में-समाचार"),
        ("ข่าวเช้านี้ 2️⃣", "ข่าวเช้านี้-2"),
        ("Ma\u0308rz", "märz"),
        ("\u0301 \ufe0f", ""),
    ],
)
def test_file_names_keep_the_marks_that_are_vowels(
    articles: tuple[Article, ...], title: str, slug: str
) -> None:
    name = file_name(replace(articles[0], title=title))
    assert name == "-".join(filter(None, ("2017-10-08", slug, "1"))) + ".md"


def test_file_names_are_safe_on_every_system(articles: tuple[Article, ...]) -> None:
    names = [file_name(one) for one in articles]
    assert len({name.lower() for name in names}) == len(names)
    for name in names:
        assert not re.search(r'[<>:"/\\|?*\x00-\x20]', name)
        assert len(name.encode()) <= 143
        assert not name.startswith(("-", "."))
        assert not re.fullmatch(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?", name)
    assert names[2] == "2017-09-30-القرية-تعيد-فتح-بئرها-القديمة-3.md"


def test_a_second_export_replaces_the_files_and_leaves_others(archive: Archive, tmp_path: Path) -> None:
    archive.export("markdown", tmp_path)
    (tmp_path / "mine.md").write_text("my own")
    before = sorted(path.name for path in tmp_path.iterdir())
    archive.export("markdown", tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert (tmp_path / "mine.md").read_text() == "my own"


def test_feedparser_reads_the_feed_with_the_whole_text(
    archive: Archive, articles: tuple[Article, ...]
) -> None:
    stream = io.BytesIO()
    archive.export("atom", stream)
    feed = feedparser.parse(stream.getvalue())
    assert not feed.bozo
    assert len(feed.entries) == len(articles)
    for entry, article in zip(feed.entries, articles, strict=True):
        assert entry.link == article.url
        words = re.sub(r"<[^>]+>", " ", entry.content[0].value)
        assert "<script" not in entry.content[0].value
        assert article.text.split()[0].strip("<>").split("<")[0] in words
        if article.authors:
            assert entry.authors[0].name == article.authors[0]
    assert feed.feed.updated == "2017-10-08T12:08:00Z"


def test_a_pack_is_searched_by_plain_sqlite(archive: Archive, tmp_path: Path) -> None:
    archive.export("pack", tmp_path / "pack.db")
    with sqlite3.connect(tmp_path / "pack.db") as connection:
        found = connection.execute(
            "SELECT id FROM articles WHERE id IN (SELECT rowid FROM articles_fts WHERE articles_fts MATCH 'ferry')"
        ).fetchall()
        assert found == [(1,), (2,)]  # the copy by its title
        assert connection.execute("SELECT text FROM articles WHERE id = 2").fetchone() == ("",)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert dict(connection.execute("SELECT key, value FROM about"))["articles"] == "9"
        assert connection.execute("SELECT tag FROM tags WHERE article_id = 6 ORDER BY tag").fetchall() == [
            ("a tag, with comma",),
            ("قرية",),
        ]
        authors = connection.execute("SELECT authors FROM articles WHERE id = 1").fetchone()[0]
    assert json.loads(authors) == ["Mina Sol", "Otto Brandt"]


def test_a_copy_without_its_original_has_its_text_in_the_pack(archive: Archive, tmp_path: Path) -> None:
    archive.export("pack", tmp_path / "pack.db", where="id = 2")
    with sqlite3.connect(tmp_path / "pack.db") as connection:
        text, original = connection.execute("SELECT text, duplicate_of FROM articles").fetchone()
    assert text.startswith("The ferry between Orlen")
    assert original is None


def test_datasette_finds_the_search_of_a_pack(archive: Archive, tmp_path: Path) -> None:
    from datasette.utils import detect_fts

    archive.export("pack", tmp_path / "pack.db")
    with sqlite3.connect(tmp_path / "pack.db") as connection:
        assert detect_fts(connection, "articles") == "articles_fts"


def test_an_unknown_format_names_the_nearest(archive: Archive) -> None:
    with pytest.raises(Exception, match="did you mean bibtex"):
        archive.export("bibtx", io.BytesIO())
