"""JSON Lines, CSV and Parquet, each read back by a parser that is not ours."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from archive.app import Archive
from archive.exchange.export import ExportError
from archive.exchange.fields import FIELDS
from archive.exchange.spreadsheet import as_text
from archive.model import Article


def exported(archive: Archive, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    archive.export(kind, stream, **options)  # type: ignore[arg-type]
    return stream.getvalue()


def test_a_line_of_json_lines_holds_every_field(archive: Archive, articles: tuple[Article, ...]) -> None:
    lines = [json.loads(line) for line in exported(archive, "jsonl").decode().split("\n")[:-1]]
    assert len(lines) == len(articles)
    for line, article in zip(lines, articles, strict=True):
        assert set(line) == {"type", *FIELDS}
        for name in ("url", "title", "text", "published", "word_count", "text_sha256", "duplicate_of"):
            assert line[name] == getattr(article, name)
        assert tuple(line["authors"]) == article.authors
        assert line["first_captured"].endswith("Z")
        assert line["warc_offset"] == (article.warc.offset if article.warc else None)


def test_pandas_reads_the_csv_and_every_text_is_whole(
    archive: Archive, articles: tuple[Article, ...]
) -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.read_csv(io.BytesIO(exported(archive, "csv", raw=True)), keep_default_na=False)
    assert list(table.columns) == list(FIELDS)
    assert list(table["title"]) == [one.title or "" for one in articles]
    assert [json.loads(one) for one in table["authors"]] == [list(one.authors) for one in articles]
    assert list(table["text"]) == [one.text for one in articles]
    assert list(table["tags"].map(json.loads)) == [list(one.tags) for one in articles]


def test_csv_is_as_rfc_4180_has_it(archive: Archive, articles: tuple[Article, ...]) -> None:
    octets = exported(archive, "csv")
    assert octets.startswith(b"id,url,")
    assert octets.endswith(b"\r\n")
    rows = list(csv.reader(io.StringIO(octets.decode(), newline=""), strict=True))
    assert [len(row) for row in rows] == [len(FIELDS)] * (len(articles) + 1)
    assert exported(archive, "csv", bom=True) == b"\xef\xbb\xbf" + octets


def test_no_cell_of_the_csv_is_a_formula(archive: Archive) -> None:
    rows = csv.DictReader(io.StringIO(exported(archive, "csv").decode(), newline=""))
    cells = [cell for row in rows for cell in row.values()]
    assert not [cell for cell in cells if cell[:1] in tuple("=+-@\t\r\n")]
    assert "'=1+1" in cells
    assert "'=cmd|' /C calc'!A0" in cells


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1", "＝1"])
def test_formula_like_text_gets_an_apostrophe(text: str) -> None:
    assert as_text(text) == "'" + text


@pytest.mark.parametrize("text", ["", "a=1", "'=1", "1-1", "–dash", "[]"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert as_text(text) == text


def test_pyarrow_reads_the_parquet_with_types(
    archive: Archive, articles: tuple[Article, ...], tmp_path: Path
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    archive.export("parquet", tmp_path / "a.parquet")
    table = parquet.read_table(tmp_path / "a.parquet")
    assert table.column_names == list(FIELDS)
    rows = table.to_pylist()
    assert [row["title"] for row in rows] == [one.title for one in articles]
    assert [tuple(row["authors"]) for row in rows] == [one.authors for one in articles]
    assert [row["first_captured"] for row in rows] == [one.first_captured for one in articles]
    assert [row["text"] for row in rows] == [one.text for one in articles]
    assert rows[5]["images"] == [{"url": "http://smile.example/a.jpg", "caption": "A 😀", "alt": None}]
    assert str(table.schema.field("word_count").type) == "int64"


def test_pandas_reads_the_parquet(archive: Archive, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    archive.export("parquet", tmp_path / "a.parquet", where="language = 'ar'")
    table = pandas.read_parquet(tmp_path / "a.parquet")
    assert list(table["title"]) == ["القرية تعيد فتح بئرها القديمة"]


def test_what_cannot_be_streamed_asks_for_a_file(archive: Archive) -> None:
    for kind in ("parquet", "wacz", "pack", "markdown"):
        with pytest.raises(ExportError, match="-o"):
            exported(archive, kind)


def test_where_query_and_tag_choose_together(archive: Archive) -> None:
    def ids(**choice: str) -> list[int]:
        return [json.loads(line)["id"] for line in exported(archive, "jsonl", **choice).splitlines()]

    assert ids(where="site = 'gazette.example'") == [2]
    assert ids(query="ferry orlen") == [1, 2]  # the copy as well: its text is the other's
    assert ids(query="ferry", where="duplicate_of IS NULL") == [1]
    assert ids(tag="boats") == [1]
    assert ids(tag="boats", query="harbour", where="id > 1") == []
    assert ids(query="site:riwaq.example") == [3]
    assert ids(query='"no such words"') == []


def test_an_export_never_writes_over_the_archive(archive: Archive, folder: Path) -> None:
    before = (folder / "data" / "archive.db").read_bytes()
    for path in ("data/archive.db", "config.toml", "data/warc", "data/warc/x.csv"):
        with pytest.raises(ExportError, match="part of the archive"):
            archive.export("csv", folder / path)
    assert (folder / "data" / "archive.db").read_bytes() == before


def test_a_file_is_whole_or_not_there(archive: Archive, tmp_path: Path) -> None:
    def stop(done: int, _total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    target = tmp_path / "a.jsonl"
    target.write_text("before")
    with pytest.raises(KeyboardInterrupt):
        archive.export("jsonl", target, progress=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]
    assert target.read_text() == "before"
