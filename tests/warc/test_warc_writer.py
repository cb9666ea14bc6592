"""What the writer returns is safe on the disk; what it raises has left nothing behind."""

from __future__ import annotations

import gzip
import multiprocessing
import os
import random
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scraper.errors import WarcError
from scraper.model import Exchange, RecordLocation
from scraper.warc import (
    Original,
    WarcWriter,
    capture_metadata,
    check_file,
    check_folder,
    http_response,
    iter_records,
    read_record,
    warc_files,
)

Make = Callable[..., Exchange]
MakeWriter = Callable[..., WarcWriter]

EXPECTED = """\
WARC/1.1
WARC-Type: warcinfo
WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000003>
WARC-Date: 2026-11-22T08:30:00.250000Z
WARC-Filename: {name}
WARC-Block-Digest: sha256:{warcinfo}
Content-Type: application/warc-fields
Content-Length: 207

software: article-archive/0
operator: A. Reader <reader@example.org>
robots: obey
format: WARC File Format 1.1
conformsTo: http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/


WARC/1.1
WARC-Type: response
WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000001>
WARC-Date: 2026-11-22T08:30:00.250000Z
WARC-Warcinfo-ID: <urn:uuid:00000000-0000-0000-0000-000000000003>
WARC-Target-URI: http://news.example/one?a=1
WARC-IP-Address: 192.0.2.7
WARC-Payload-Digest: sha256:{payload}
WARC-Block-Digest: sha256:{response}
Content-Type: application/http; msgtype=response
Content-Length: 85

HTTP/1.1 200 OK
Content-Type: text/html
Content-Length: 21

<p>One paragraph.</p>

WARC/1.1
WARC-Type: request
WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000002>
WARC-Date: 2026-11-22T08:30:00.250000Z
WARC-Warcinfo-ID: <urn:uuid:00000000-0000-0000-0000-000000000003>
WARC-Target-URI: http://news.example/one?a=1
WARC-IP-Address: 192.0.2.7
WARC-Concurrent-To: <urn:uuid:00000000-0000-0000-0000-000000000001>
WARC-Block-Digest: sha256:{request}
Content-Type: application/http; msgtype=request
Content-Length: 45

GET /one?a=1 HTTP/1.1
Host: news.example



WARC/1.1
WARC-Type: metadata
WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000004>
WARC-Date: 2026-11-22T08:30:00.250000Z
WARC-Warcinfo-ID: <urn:uuid:00000000-0000-0000-0000-000000000003>
WARC-Target-URI: http://news.example/one?a=1
WARC-Concurrent-To: <urn:uuid:00000000-0000-0000-0000-000000000001>
WARC-Block-Digest: sha256:{metadata}
Content-Type: application/json
Content-Length: 62

{{"outcome":"new","type":"article-archive.capture","version":1}}

"""


def test_the_octets_of_a_file_are_these(tmp_path: Path, exchange: Make, told_writer: MakeWriter) -> None:
    with told_writer(tmp_path) as writer:
        (written,) = writer.write_exchanges([exchange()])
        writer.write_metadata("http://news.example/one?a=1", {"outcome": "new"}, concurrent_to=written)
    (path,) = warc_files(tmp_path)
    assert path.name == f"article-archive-20261122083000250-00001-{os.getpid()}-00c0ffee.warc.gz"
    content = gzip.decompress(path.read_bytes())
    digests = re.findall(rb"WARC-(Block|Payload)-Digest: sha256:([0-9a-f]{64})\r\n", content)
    names = ["warcinfo", "payload", "response", "request", "metadata"]
    told = dict(zip(names, (value.decode() for _, value in digests), strict=True))
    assert content.decode() == EXPECTED.format(name=path.name, **told).replace("\n", "\r\n")
    assert check_file(path) == ()


def test_the_same_input_gives_the_same_file(tmp_path: Path, exchange: Make, told_writer: MakeWriter) -> None:
    for folder in ("a", "b"):
        with told_writer(tmp_path / folder) as writer:
            writer.write_exchanges([exchange()])
    (first,), (second,) = warc_files(tmp_path / "a"), warc_files(tmp_path / "b")
    assert (first.name, first.read_bytes()) == (second.name, second.read_bytes())


def test_nothing_written_is_no_file(tmp_path: Path) -> None:
    with WarcWriter(tmp_path / "warc") as writer:
        assert writer.append() == ()
        assert writer.write_exchanges([]) == ()
    assert not (tmp_path / "warc").exists()


def test_a_file_is_open_until_closed_and_read_under_its_final_name(tmp_path: Path, exchange: Make) -> None:
    writer = WarcWriter(tmp_path)
    (written,) = writer.write_exchanges([exchange()])
    assert written.location is not None
    (path,) = warc_files(tmp_path)
    assert path.name == written.location.warc_file + ".open"
    before = read_record(tmp_path, written.location)
    writer.close()
    (path,) = warc_files(tmp_path)
    assert path.name == written.location.warc_file
    assert read_record(tmp_path, written.location) == before
    (again,) = writer.write_exchanges([exchange()])
    assert again.location is not None
    assert again.location.warc_file != written.location.warc_file
    writer.close()


def test_an_exchange_is_read_again_octet_for_octet(tmp_path: Path, exchange: Make) -> None:
    sent = exchange(b"caf\xe9 " * 500, chunks=77, headers=b"x-ODD:  \xff\r\nX-odd: 2\r\n")
    with WarcWriter(tmp_path) as writer:
        (written,) = writer.write_exchanges([sent])
    assert written.location is not None
    record = read_record(tmp_path, written.location)
    assert (record.block, record.target_uri, record.date) == (
        sent.response,
        sent.target_uri,
        sent.requested_at,
    )
    assert record.record_id == written.record_id
    assert record.get("WARC-Payload-Digest") == written.payload_digest
    assert http_response(record).payload == sent.payload
    request = read_record(tmp_path, written.request_location)
    assert request.block == sent.request
    assert request.concurrent_to == (written.record_id,)


HEADER_NAMES = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=":"), min_size=1)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=3000),
    chunks=st.none() | st.integers(1, 500),
    headers=st.lists(st.tuples(HEADER_NAMES, st.text(st.characters(min_codepoint=32, max_codepoint=255)))),
    path=st.text(),
    level=st.integers(0, 9),
    cut=st.none() | st.integers(0, 200),
)
def test_a_record_written_and_read_is_the_same_capture(
    tmp_path_factory: pytest.TempPathFactory,
    exchange: Make,
    body: bytes,
    chunks: int | None,
    headers: list[tuple[str, str]],
    path: str,
    level: int,
    cut: int | None,
) -> None:
    folder = tmp_path_factory.mktemp("law")
    lines = b"".join(f"{name}: {value}\r\n".encode("latin-1") for name, value in headers)
    sent = exchange(body, chunks=chunks, headers=lines, url="http://a.example/" + path)
    if cut is not None:
        shorter = sent.response[: max(sent.head_length, len(sent.response) - cut)]
        sent = exchange(body, response=shorter, head_length=sent.head_length, truncated="disconnect")
    with WarcWriter(folder, level=level) as writer:
        (written,) = writer.write_exchanges([sent])
    assert written.location is not None
    record = read_record(folder, written.location)
    assert record.block == sent.response
    assert record.date == sent.requested_at
    assert record.get("WARC-Truncated") == sent.truncated
    assert read_record(folder, written.request_location).block == sent.request
    assert check_folder(folder) == ()
    assert [r.location for r in iter_records(folder / written.location.warc_file)][1:] == [
        written.location,
        written.request_location,
    ]


def test_an_answer_of_not_one_octet_leaves_the_request(tmp_path: Path, exchange: Make) -> None:
    with WarcWriter(tmp_path) as writer:
        (written,) = writer.write_exchanges([exchange(response=b"", head_length=0)])
        writer.write_metadata("http://news.example/", {"outcome": "failed"}, concurrent_to=written)
    assert written.location is None
    assert read_record(tmp_path, written.request_location).record_id == written.record_id
    assert check_folder(tmp_path) == ()


def test_a_redirect_chain_is_one_group_in_order(tmp_path: Path, exchange: Make) -> None:
    hops = [exchange(b"", url="http://a.example/", status="301 Moved"), exchange(url="http://b.example/")]
    with WarcWriter(tmp_path) as writer:
        first, last = writer.write_exchanges(hops)
    assert first.location
    assert last.location
    assert first.location.offset < first.request_location.offset < last.location.offset
    assert check_folder(tmp_path) == ()


def test_revisits_are_valid_records(tmp_path: Path, exchange: Make, moment: datetime) -> None:
    with WarcWriter(tmp_path) as writer:
        (first,) = writer.write_exchanges([exchange()])
        original = Original("http://news.example/one?a=1", moment, first.record_id)
        same, unmodified = writer.write_exchanges(
            [exchange(), exchange(b"", status="304 Not Modified")], originals={0: original, 1: original}
        )
    assert same.payload_digest == first.payload_digest
    assert unmodified.payload_digest is None
    for written in (same, unmodified):
        assert written.location
        assert read_record(tmp_path, written.location).type == "revisit"
    assert check_folder(tmp_path) == ()


def test_a_page_of_the_readers_own_browser_is_a_resource(tmp_path: Path, moment: datetime) -> None:
    with WarcWriter(tmp_path) as writer:
        written = writer.write_resource("http://a.example/#top", b"<p>saved</p>", "text/html", moment)
        writer.write_metadata("http://a.example/", {"outcome": "new"}, concurrent_to=written)
    record = read_record(tmp_path, written.location)
    assert (record.type, record.block, record.date) == ("resource", b"<p>saved</p>", moment)
    assert record.target_uri == "http://a.example/"
    assert check_folder(tmp_path) == ()


def test_metadata_of_ours_is_told_from_other_records(tmp_path: Path, exchange: Make) -> None:
    with WarcWriter(tmp_path) as writer:
        writer.write_exchanges([exchange()])
        alone = writer.write_metadata(
            "http://a.example/", {"outcome": "robots", "asked": "http://a.example/"}
        )
    contents = [capture_metadata(record) for record in iter_records(tmp_path / alone.location.warc_file)]
    assert contents[:-1] == [None, None, None]
    assert contents[-1] == {
        "asked": "http://a.example/",
        "outcome": "robots",
        "type": "article-archive.capture",
        "version": 1,
    }


def test_a_full_file_is_closed_and_no_group_is_split(tmp_path: Path, exchange: Make) -> None:
    noise = random.Random(1)  # noqa: S311 - octets that do not compress, the same each time
    with WarcWriter(tmp_path, max_bytes=20_000) as writer:
        for number in range(12):
            (written,) = writer.write_exchanges(
                [exchange(noise.randbytes(3000), url=f"http://a.example/{number}")]
            )
            tie = writer.write_metadata(f"http://a.example/{number}", {"n": number}, concurrent_to=written)
            assert written.location
            assert tie.location.warc_file == written.location.warc_file == written.request_location.warc_file
            assert len(list(tmp_path.glob("*.open"))) == 1
    paths = warc_files(tmp_path)
    assert len(paths) == 3
    assert all(path.stat().st_size < 21_000 for path in paths)
    assert len({path.name.split("-")[3] for path in paths}) == 3
    assert check_folder(tmp_path) == ()
    assert sum(record.type == "response" for path in paths for record in iter_records(path)) == 12


def test_a_record_larger_than_a_file_gets_a_file_of_its_own(tmp_path: Path, exchange: Make) -> None:
    noise = random.Random(2).randbytes(50_000)  # noqa: S311 - as above
    with WarcWriter(tmp_path, max_bytes=10_000) as writer:
        for body in (b"small", noise, b"small"):
            writer.write_exchanges([exchange(body)])
    assert [path.stat().st_size > 50_000 for path in warc_files(tmp_path)] == [False, True, False]
    assert check_folder(tmp_path) == ()


def test_a_name_that_is_taken_is_not_used(tmp_path: Path, exchange: Make, told_writer: MakeWriter) -> None:
    tokens = iter(["aaaaaaaa", "aaaaaaaa", "bbbbbbbb", "bbbbbbbb", "cccccccc"])
    first = told_writer(tmp_path, new_token=lambda: next(tokens))
    second = told_writer(tmp_path, new_token=lambda: next(tokens))
    first.write_exchanges([exchange()])
    first.close()
    second.write_exchanges([exchange()])
    third = told_writer(tmp_path, new_token=lambda: next(tokens))
    third.write_exchanges([exchange()])
    second.close()
    third.close()
    assert [path.name[-16:-8] for path in warc_files(tmp_path)] == ["aaaaaaaa", "bbbbbbbb", "cccccccc"]


def _write_some(folder: Path, exchange: Exchange) -> None:
    with WarcWriter(folder, max_bytes=3000) as writer:
        for _ in range(5):
            writer.write_exchanges([exchange])


def test_writers_in_several_processes_never_share_a_file(tmp_path: Path, exchange: Make) -> None:
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_write_some, args=(tmp_path, exchange())) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0, 0]
    records = [record for path in warc_files(tmp_path) for record in iter_records(path)]
    assert sum(record.type == "response" for record in records) == 20
    assert check_folder(tmp_path) == ()


@pytest.mark.parametrize("prefix", ["", "../x", "a/b", "a--b", "-a", "a b", ".a"])
def test_a_prefix_cannot_leave_the_folder(tmp_path: Path, prefix: str) -> None:
    with pytest.raises(ValueError, match="file name"):
        WarcWriter(tmp_path, prefix=prefix)


@pytest.mark.parametrize("level", [-1, 10])
def test_an_unknown_level_is_refused(tmp_path: Path, level: int) -> None:
    with pytest.raises(ValueError, match="level"):
        WarcWriter(tmp_path, level=level)


@pytest.mark.parametrize("name", ["../x.warc.gz", "/etc/passwd", "a/b.warc.gz", "missing.warc.gz"])
def test_a_location_cannot_leave_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(WarcError):
        read_record(tmp_path, RecordLocation(name, 0, 1))


def test_a_wrong_location_is_named(tmp_path: Path, exchange: Make) -> None:
    with WarcWriter(tmp_path) as writer:
        (written,) = writer.write_exchanges([exchange()])
    place = written.location
    assert place
    end = written.request_location.offset + written.request_location.length
    for offset, length in ((place.offset + 1, place.length), (place.offset, place.length + 1), (end, 10)):
        with pytest.raises(WarcError, match=f"at byte {offset}"):
            read_record(tmp_path, RecordLocation(place.warc_file, offset, length))
    with pytest.raises(WarcError, match="longer than 50 octets"):
        read_record(tmp_path, place, max_bytes=50)
