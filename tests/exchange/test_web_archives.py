"""WARC subsets, CDXJ and WACZ, judged by warcio, zipfile, JSON Schema and our own strict check."""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]  # warcio ships no types

from archive.app import Archive
from scraper.warc import check_file, iter_records
from scraper.warc.cdxj import surt


def subset(archive: Archive, path: Path, **choice: str) -> list[Any]:
    archive.export("warc", path, **choice)  # type: ignore[arg-type]
    return list(iter_records(path))


def originals(archive: Archive) -> dict[str, Any]:
    folder = archive.config.warc_folder
    return {
        str(record.record_id): (path, record)
        for path in sorted(folder.glob("*.warc.gz"))
        for record in iter_records(path)
    }


def octets(path: Path, record: Any) -> bytes:
    return path.read_bytes()[record.offset : record.offset + record.length]


def test_every_record_is_copied_byte_for_byte(fetched: Archive, tmp_path: Path) -> None:
    copied = subset(fetched, tmp_path / "all.warc.gz")
    held = originals(fetched)
    assert copied[0].type == "warcinfo"
    assert copied[0].record_id not in held
    said = copied[0].block.decode()
    for record in copied[1:]:
        path, original = held[str(record.record_id)]
        assert octets(tmp_path / "all.warc.gz", record) == octets(path, original)
        if record.type == "warcinfo":
            assert path.name in said
    assert {record.type for record in copied} == {
        "warcinfo",
        "response",
        "request",
        "metadata",
        "revisit",
        "resource",
    }
    assert {str(record.record_id) for record in copied[1:]} == set(held)


def test_what_belongs_to_an_article_goes_with_it_and_nothing_else(fetched: Archive, tmp_path: Path) -> None:
    def types(where: str) -> list[tuple[str, str]]:
        return [
            (record.type, (record.target_uri or "").partition("127.0.0.1")[2].partition("/")[2])
            for record in subset(fetched, tmp_path / "some.warc.gz", where=where)[2:]
        ]

    assert sorted(types("url LIKE '%/three'")) == [
        ("metadata", "three"),
        ("request", "three"),
        ("response", "three"),
    ]
    moved = types("url LIKE '%/two'")
    assert {("response", "moved"), ("request", "moved"), ("response", "two"), ("metadata", "two")} <= set(
        moved
    )
    assert [kind for kind, path in types("url LIKE '%/one'")].count("revisit") == 1
    assert sorted(types("url LIKE '%/saved'")) == [("metadata", "saved"), ("resource", "saved")]


@pytest.mark.parametrize("where", ["true", "url LIKE '%/two'", "url LIKE '%/saved'", "id < 0"])
def test_a_subset_stands_before_every_judge(fetched: Archive, tmp_path: Path, where: str) -> None:
    path = tmp_path / "some.warc.gz"
    subset(fetched, path, where=where)
    assert check_file(path) == ()
    with path.open("rb") as stream:
        read = [
            record.rec_type
            for record in ArchiveIterator(stream, check_digests="raise")
            if record.content_stream()
        ]
    assert read[0] == "warcinfo"


def test_what_is_missing_is_said_and_the_rest_is_written(tmp_path: Path) -> None:
    from tests.exchange.nasty import nasty_archive

    with nasty_archive(tmp_path) as archive:
        (path,) = archive.config.warc_folder.glob("*.warc.gz")
        third = [record for record in iter_records(path) if record.type == "response"][2]
        with path.open("r+b") as stream:
            stream.seek(third.offset + third.length // 2)
            stream.write(b"\0\0\0\0")
        done = archive.export("warc", tmp_path / "out.warc.gz")
        kept = [record for record in iter_records(tmp_path / "out.warc.gz") if record.type == "response"]
        assert len(kept) == 8
        assert any(path.name in line for line in done.left_out)
        path.unlink()
        done = archive.export("warc", tmp_path / "none.warc.gz")
        assert "the file is missing" in done.left_out[0]


def test_cdxj_leads_to_every_record(fetched: Archive) -> None:
    stream = io.BytesIO()
    fetched.export("cdxj", stream)
    lines = stream.getvalue().decode().splitlines()
    assert lines == sorted(lines)
    with sqlite3.connect(fetched.config.database) as connection:
        (captures,) = connection.execute(
            "SELECT count(*) FROM captures WHERE article_id IS NOT NULL"
        ).fetchone()
    assert len(lines) == captures
    for line in lines:
        key, stamp, said = line.split(" ", 2)
        entry = json.loads(said)
        assert key == surt(entry["url"])
        with (fetched.config.warc_folder / entry["filename"]).open("rb") as warc:
            warc.seek(int(entry["offset"]))
            record = next(iter(ArchiveIterator(io.BytesIO(warc.read(int(entry["length"]))))))
        assert record.rec_headers["WARC-Target-URI"] == entry["url"]
        assert record.rec_headers["WARC-Payload-Digest"] == entry.get("digest")
        assert record.rec_headers["WARC-Date"][:19].translate({45: "", 58: "", 84: ""}) == stamp
        assert (record.rec_type == "revisit") is (entry["mime"] == "warc/revisit")


def test_a_web_archives_copy_is_indexed_and_quoted_as_such(tmp_path: Path) -> None:
    from tests.exchange.nasty import nasty_archive

    copy = "http://web.example/web/20171007000000id_/http://harbour.example/ferry"
    with nasty_archive(tmp_path) as archive:
        with sqlite3.connect(archive.config.database) as connection:
            connection.execute(
                "UPDATE captures SET archive_url = ?, memento_at = '2017-10-07T00:00:00.000000Z' WHERE id = 1",
                [copy],
            )
        stream = io.BytesIO()
        archive.export("cdxj", stream, where="id = 1")
        assert json.loads(stream.getvalue().split(b" ", 2)[2])["url"] == copy
        (found,) = archive.quote("They found a bent shaft.").found
        assert (found.archive_url, found.captured_at.day) == (copy, 7)
        assert f"captured 7 October 2017, 00:00 UTC by {copy}" in found.citation


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://www.archive.org/", "org,archive)/"),
        ("https://Archive.org:443/Goo/?b&a=2&a=1#x", "org,archive)/goo?a=1&a=2&b"),
        ("http://archive.org:8080/goo/?", "org,archive:8080)/goo"),
        ("http://127.0.0.1:8000/a", "127.0.0.1:8000)/a"),
        ("http://www2.example.co.uk/%41%20b", "uk,co,example)/a%20b"),
        ("https://مثال.example/بئر", "example,xn--mgbh0fb)/%d8%a8%d8%a6%d8%b1"),
        ("no url at all", "no%20url%20at%20all"),
    ],
)
def test_keys_are_those_of_other_tools(url: str, key: str) -> None:
    assert surt(url) == key


RESOURCE = {
    "type": "object",
    "required": ["name", "path", "hash", "bytes"],
    "properties": {
        "path": {"type": "string", "pattern": "^(archive|indexes|pages)/[^/]+$"},
        "hash": {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"},
        "bytes": {"type": "integer", "minimum": 0},
    },
}
DATAPACKAGE = {
    "type": "object",
    "required": ["profile", "wacz_version", "resources", "created"],
    "properties": {
        "profile": {"const": "data-package"},
        "wacz_version": {"const": "1.1.1"},
        "created": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT.*Z$"},
        "resources": {"type": "array", "minItems": 3, "items": RESOURCE},
    },
}
"""What https://specs.webrecorder.net/wacz/1.1.1/ asks of datapackage.json."""


def test_a_wacz_is_as_its_specification_has_it(fetched: Archive, tmp_path: Path) -> None:
    path = tmp_path / "all.wacz"
    fetched.export("wacz", path)
    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        names = set(package.namelist())
        assert package.getinfo("archive/articles.warc.gz").compress_type == zipfile.ZIP_STORED
        assert all(
            one.extra for one in package.infolist()
        )  # or wabac.js takes the local header for one without fields
        described = package.read("datapackage.json")
        data = json.loads(described)
        jsonschema.validate(data, DATAPACKAGE)
        digest = json.loads(package.read("datapackage-digest.json"))
        assert digest == {
            "path": "datapackage.json",
            "hash": f"sha256:{hashlib.sha256(described).hexdigest()}",
        }
        for resource in data["resources"]:
            content = package.read(resource["path"])
            assert len(content) == resource["bytes"]
            assert f"sha256:{hashlib.sha256(content).hexdigest()}" == resource["hash"]
        assert names == {one["path"] for one in data["resources"]} | {
            "datapackage.json",
            "datapackage-digest.json",
        }
        head, *pages = (json.loads(line) for line in package.read("pages/pages.jsonl").splitlines())
        assert head["format"] == "json-pages-1.0"
        assert len(pages) == fetched.status().articles
        assert {"id", "url", "ts", "title", "text"} == set(pages[0])
        warc = package.read("archive/articles.warc.gz")
        index = package.read("indexes/index.cdxj").decode().splitlines()
        found = {}
        for line in index:
            entry = json.loads(line.split(" ", 2)[2])
            assert entry["filename"] == "articles.warc.gz"
            cut = warc[int(entry["offset"]) :][: int(entry["length"])]
            record = next(iter(ArchiveIterator(io.BytesIO(cut))))
            assert record.rec_headers["WARC-Target-URI"] == entry["url"]
            found[entry["url"]] = record.rec_type
        assert {page["url"] for page in pages} <= set(found)
    (tmp_path / "inside.warc.gz").write_bytes(warc)
    assert check_file(tmp_path / "inside.warc.gz") == ()
