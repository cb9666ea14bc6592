"""Other programs read our files: warcio, its commands, and FastWARC where it is installed."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]  # warcio ships no types

from scraper.model import Exchange
from scraper.warc import Original, WarcWriter, check_folder, iter_records, warc_files
from tests.program import WARCIO, Said, archive

Make = Callable[..., Exchange]
PAGE = b"<html><p>" + b"A page of words. " * 200 + b"</p></html>"


@pytest.fixture
def path(tmp_path: Path, exchange: Make, moment: datetime) -> Path:
    """A file with every kind of record that we write; none of its responses is chunked."""
    with WarcWriter(tmp_path) as writer:
        packed = gzip.compress(PAGE, mtime=0)
        (first, moved) = writer.write_exchanges(
            [
                exchange(packed, headers=b"content-encoding: gzip\r\nx-ODD:  caf\xe9 \r\nX-odd: 2\r\n"),
                exchange(
                    b"", url="http://news.example/old", status="301 Moved", headers=b"Location: /one\r\n"
                ),
            ]
        )
        original = Original("http://news.example/one?a=1", moment, first.record_id)
        writer.write_exchanges([exchange(packed), exchange(b"", status="304 Not Modified")],
                               originals={0: original, 1: original})  # fmt: skip
        writer.write_exchanges([exchange(b"cut", wire=b"cu", payload=b"cu", truncated="disconnect")])
        writer.write_metadata("http://news.example/old", {"outcome": "new"}, concurrent_to=moved)
        writer.write_resource("http://news.example/saved", PAGE, "text/html; charset=utf-8")
    assert check_folder(tmp_path) == ()
    (found,) = warc_files(tmp_path)
    return found


def _warcio(*arguments: str) -> Said:
    return archive(Path(arguments[-1]).parent, *arguments, program=WARCIO)


def test_warcio_check_finds_nothing(path: Path) -> None:
    result = _warcio("check", "--verbose", str(path))
    assert result.code == 0, result.out
    assert "failed" not in result.out
    assert result.out.count("digest pass") == sum(record.type != "revisit" for record in iter_records(path))


def test_warcio_index_gives_our_places(path: Path) -> None:
    result = _warcio("index", "-f", "offset,length,warc-type,warc-target-uri", str(path))
    assert result.code == 0, result.err
    listed = [json.loads(line) for line in result.out.splitlines()]
    assert [(int(line["offset"]), int(line["length"]), line["warc-type"]) for line in listed] == [
        (record.offset, record.length, record.type) for record in iter_records(path)
    ]


def test_warcio_reads_the_same_octets(path: Path) -> None:
    ours = list(iter_records(path))
    with path.open("rb") as stream:
        theirs = [
            (record.rec_headers.headers, record.raw_stream.read())
            for record in ArchiveIterator(stream, no_record_parse=True)
        ]
    assert theirs == [(list(record.fields), record.block) for record in ours]


def test_warcio_decodes_the_page(path: Path) -> None:
    with path.open("rb") as stream:
        page = next(record for record in ArchiveIterator(stream) if record.rec_type == "response")
        assert page.http_headers.get_statuscode() == "200"
        assert page.content_stream().read() == PAGE


def test_warcio_check_counts_chunk_framing_as_payload(tmp_path: Path, exchange: Make) -> None:
    """The one place where warcio and the standard part: warcio #74 and #75, warc-specifications #22."""
    with WarcWriter(tmp_path) as writer:
        writer.write_exchanges([exchange(PAGE, chunks=1000)])
    (chunked,) = warc_files(tmp_path)
    assert check_folder(tmp_path) == ()
    result = _warcio("check", str(chunked))
    assert "block digest failed" not in result.out
    assert "payload digest failed" in result.out, (
        "warcio follows the standard now: check chunked files with it"
    )
    with chunked.open("rb") as stream:
        page = next(record for record in ArchiveIterator(stream) if record.rec_type == "response")
        assert page.content_stream().read() == PAGE


def test_gzip_reads_the_whole_file(path: Path) -> None:
    whole = gzip.decompress(path.read_bytes())
    assert whole.count(b"WARC/1.1\r\n") == len(list(iter_records(path)))


def test_fastwarc_reads_and_verifies_every_record(path: Path) -> None:
    warc = pytest.importorskip("fastwarc.warc", reason="FastWARC is not installed: pip install fastwarc")
    ours = list(iter_records(path))
    with path.open("rb") as stream:
        theirs = [
            (
                record.record_id.strip("<>"),
                record.stream_pos,
                record.verify_block_digest(),
                record.reader.read(),
            )
            for record in warc.ArchiveIterator(stream, parse_http=False)
        ]
    assert all(sound for _, _, sound, _ in theirs)
    assert [(one, two) for one, two, _, _ in theirs] == [(record.record_id, record.offset) for record in ours]
    assert [block for *_, block in theirs] == [record.block for record in ours]
