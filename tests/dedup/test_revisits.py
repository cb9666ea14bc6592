"""An unchanged payload is kept once: what comes again is a revisit record that leads to it."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from scraper.warc import Record, check_folder, iter_records, warc_files
from tests.loopback import Answer, Asked, Loopback, page, status
from tests.program import WARCIO, archive, rows
from tests.stories import paragraphs, story
from tests.test_crash import KILLED_AT

MODIFIED = "Fri, 06 Oct 2017 08:00:00 GMT"


def records(folder: Path) -> list[Record]:
    return [record for file in warc_files(folder / "data/warc") for record in iter_records(file)]


def is_sound(folder: Path) -> None:
    assert check_folder(folder / "data/warc") == ()
    files = list(map(str, warc_files(folder / "data/warc")))
    checked = archive(folder, "check", *files, program=WARCIO)
    assert (checked.code, checked.out) == (0, "")
    assert rows(folder, "PRAGMA foreign_key_check") == []


def leads_to_its_original(folder: Path, revisit: Record) -> Record:
    named = [
        one
        for one in records(folder)
        if one.type == "response"
        and f"<{one.record_id}>" == revisit.get("WARC-Refers-To")
        and one.target_uri == revisit.get("WARC-Refers-To-Target-URI")
        and one.get("WARC-Date") == revisit.get("WARC-Refers-To-Date")
    ]
    assert len(named) == 1
    return named[0]


def revisits(folder: Path, path: str) -> list[Record]:
    return [one for one in records(folder) if one.type == "revisit" and (one.target_uri or "").endswith(path)]


def sent(request: bytes | bytearray, name: str) -> str | None:
    return Asked("", "", bytes(request)).headers.get(name)


def validated(asked: Asked) -> Answer:
    if asked.headers.get("if-none-match") == '"a1"':
        return status(304, ("ETag", '"a1"'))
    return page(story(1), headers=(("ETag", '"a1"'), ("Last-Modified", MODIFIED)))


def test_the_same_payload_again_is_a_revisit_and_no_second_body(tmp_path: Path) -> None:
    with Loopback({"/a": story(1)}) as server:
        url = server.url("/a")
        said = [archive(tmp_path, "add", "--force", "--json", url) for _ in range(3)]
    assert [one.outcomes for one in said] == [["new"], ["unchanged"], ["unchanged"]]
    assert said[2].lines[0]["title"] == said[0].lines[0]["title"]
    bodies = [one for one in records(tmp_path) if paragraphs(1)[0].encode() in one.block]
    assert [one.type for one in bodies] == ["response"]
    for revisit in revisits(tmp_path, "/a"):
        assert str(revisit.get("WARC-Profile")).endswith("identical-payload-digest")
        original = leads_to_its_original(tmp_path, revisit)
        assert original.get("WARC-Payload-Digest") == revisit.get("WARC-Payload-Digest")
        assert original is not bodies[0]
        assert original.record_id == bodies[0].record_id
    assert len(revisits(tmp_path, "/a")) == 2
    is_sound(tmp_path)
    assert paragraphs(1)[0] in archive(tmp_path, "show", "1").out


def test_a_304_is_a_revisit_of_what_was_not_modified(tmp_path: Path) -> None:
    with Loopback({"/a": validated}) as server:
        url = server.url("/a")
        said = [archive(tmp_path, "add", "--force", "--json", url).outcomes for _ in range(3)]
        asked = [sent(hit.request, "if-modified-since") for hit in server.hits if hit.path == "/a"]
    assert said == [["new"], ["unchanged"], ["unchanged"]]
    assert asked == [None, MODIFIED, MODIFIED]
    found = revisits(tmp_path, "/a")
    assert len(found) == 2
    for revisit in found:
        assert str(revisit.get("WARC-Profile")).endswith("server-not-modified")
        leads_to_its_original(tmp_path, revisit)
    is_sound(tmp_path)
    assert (
        rows(tmp_path, "SELECT status, revisit_of FROM captures WHERE outcome = 'unchanged'")
        == [(304, 2)] * 2
    )
    (held,) = rows(tmp_path, "SELECT count(*) FROM versions")
    assert held == (1,)


def test_warcio_reads_a_revisit_as_one(tmp_path: Path) -> None:
    with Loopback({"/a": story(1)}) as server:
        for _ in range(2):
            archive(tmp_path, "add", "--force", server.url("/a"))
    read = []
    for file in warc_files(tmp_path / "data/warc"):
        with file.open("rb") as stream:
            for record in ArchiveIterator(stream, check_digests="raise"):
                read.append((record.rec_type, record.http_headers and record.http_headers.get_statuscode()))
                record.content_stream().read()
    assert ("revisit", "200") in read


def test_a_page_that_comes_back_is_a_new_version_and_no_new_body(tmp_path: Path) -> None:
    with Loopback({"/a": story(1)}) as server:
        said = []
        for body in (story(1), story(1, extra=" Dogs pay half."), story(1)):
            server.routes["/a"] = body
            said += archive(tmp_path, "add", "--force", "--json", server.url("/a")).outcomes
    assert said == ["new", "changed", "changed"]
    assert len(revisits(tmp_path, "/a")) == 1
    assert rows(tmp_path, "SELECT changes FROM versions ORDER BY version") == [
        ("[]",), ('["addition"]',), ('["deletion"]',),
    ]  # fmt: skip


def test_nothing_points_to_a_body_that_is_lost(tmp_path: Path) -> None:
    with Loopback({"/a": validated}) as server:
        archive(tmp_path, "add", server.url("/a"))
        for file in warc_files(tmp_path / "data/warc"):
            file.rename(file.with_suffix(".lost"))
        said = archive(tmp_path, "add", "--force", "--json", server.url("/a"))
        assert said.outcomes == ["unchanged"]
        assert sent(server.hits[-1].request, "if-none-match") is None
    assert revisits(tmp_path, "/a") == []
    assert any(paragraphs(1)[0].encode() in one.block for one in records(tmp_path))


@pytest.mark.parametrize("answer", [story(1), validated])
def test_a_revisit_that_a_killed_run_left_behind_is_taken_in(tmp_path: Path, answer: str | Answer) -> None:
    with Loopback({"/a": answer}) as server:
        archive(tmp_path, "add", server.url("/a"))
        step = ("scraper.warc.writer.WarcWriter.write_exchanges", "after", "1")
        killed = archive(tmp_path, *step, "add", "--force", server.url("/a"), program=KILLED_AT)
        assert killed.code == -signal.SIGKILL
        hits = len(server.hits)
        again = archive(tmp_path, "add", "--json", server.url("/a"))
        assert again.outcomes == ["known"]
        assert len(server.hits) == hits
    assert "1 page that an earlier run had kept" in again.err
    assert rows(tmp_path, "SELECT outcome, revisit_of FROM captures WHERE url LIKE '%/a' ORDER BY id") == [
        ("new", None), ("unchanged", 2),
    ]  # fmt: skip
    is_sound(tmp_path)
