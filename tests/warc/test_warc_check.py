"""The strict check finds nothing in our files, and names what is wrong with broken ones.

The broken files are made here, each from the octets of a sound record with one thing changed.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scraper.errors import WarcError
from scraper.model import Exchange
from scraper.warc import Problem, WarcWriter, check_file, check_folder, iter_records, warc_files
from tests.program import WARCIO, archive

Make = Callable[..., Exchange]
MakeWriter = Callable[..., WarcWriter]
MakeMember = Callable[..., bytes]

INFO_ID = "urn:uuid:00000000-0000-0000-0000-0000000000aa"
PAGE_ID = "urn:uuid:00000000-0000-0000-0000-0000000000bb"
BLOCK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


def _sha(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _record(block: bytes, **changes: str | None) -> bytes:
    """The octets of a record; a field set to `None` is left out, underscores stand for hyphens."""
    version = changes.pop("version", None) or "WARC/1.1"
    fields: dict[str, str | None] = {
        "WARC-Type": "response",
        "WARC-Record-ID": f"<{PAGE_ID}>",
        "WARC-Date": "2026-11-22T08:30:00Z",
        "WARC-Target-URI": "http://a.example/",
        "Content-Type": "application/http; msgtype=response",
        "Content-Length": str(len(block)),
    }
    fields |= {name.replace("_", "-"): value for name, value in changes.items()}
    lines = [f"{name}: {value}" for name, value in fields.items() if value is not None]
    return "\r\n".join([version, *lines, "", ""]).encode() + block + b"\r\n\r\n"


def _warcinfo(**changes: str | None) -> bytes:
    block = b"software: test\r\n"
    told: dict[str, str | None] = {
        "WARC_Type": "warcinfo",
        "WARC_Record_ID": f"<{INFO_ID}>",
        "WARC_Target_URI": None,
        "Content_Type": "application/warc-fields",
    }
    return _record(block, **(told | changes))


INFO = _warcinfo()
PAGE = _record(BLOCK)
OTHER = "<urn:uuid:00000000-0000-0000-0000-0000000000cc>"


def _case(*records: bytes, says: str) -> tuple[tuple[bytes, ...], str]:
    return records, says


CASES = {
    "sound": _case(INFO, PAGE, says=""),
    "two records in one member": _case(INFO + PAGE, says="more than one record in one gzip member"),
    "missing warcinfo": _case(PAGE, says="does not begin with a warcinfo record"),
    "injected field": _case(
        INFO, _record(BLOCK, WARC_Target_URI="http://a.example/\r\nWARC-Injected: 1"), says="warc-injected is unknown"
    ),
    "injected known field": _case(
        INFO, _record(BLOCK, WARC_Target_URI="http://a.example/\r\nWARC-Type: warcinfo"), says="warc-type stands more"
    ),
    "length too small": _case(INFO, _record(BLOCK, Content_Length="20"), says="Content-Length is wrong"),
    "length too large": _case(INFO, _record(BLOCK, Content_Length="99"), says="octets shorter than Content-Length"),
    "length no number": _case(INFO, _record(BLOCK, Content_Length="4x"), says="Content-Length '4x' is no number"),
    "no end": _case(INFO, PAGE[:-2], says="is not followed by CRLF CRLF"),
    "too much": _case(INFO, PAGE + b"\r\n", says="2 octets after the end of the record"),
    "bare line feeds": _case(INFO, PAGE.replace(b"\r\n", b"\n"), says="bare line feed"),
    "one bare line feed": _case(INFO, PAGE.replace(b"\r\nWARC-Date", b"\nWARC-Date"), says="bare line feed"),
    "bad block digest": _case(INFO, _record(BLOCK, WARC_Block_Digest=_sha(b"")), says="block digest is sha256:"),
    "bad payload digest": _case(INFO, _record(BLOCK, WARC_Payload_Digest=_sha(BLOCK)), says="payload digest is"),
    "digest of nothing": _case(INFO, _record(BLOCK, WARC_Block_Digest="crc9:00"), says="'crc9' is unknown"),
    "payload digest over chunks": _case(
        INFO,
        _record(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            WARC_Payload_Digest=_sha(b"5\r\nhello\r\n0\r\n\r\n"),
        ),
        says="payload digest is " + _sha(b"hello"),
    ),
    "payload digest of no payload": _case(
        INFO, _record(b"<html>", WARC_Payload_Digest=_sha(b"<html>")), says="no HTTP status line"
    ),
    "payload digest of contradicting lengths": _case(
        INFO,
        _record(
            b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", WARC_Payload_Digest=_sha(b"ab")
        ),
        says="the HTTP framing defines none",
    ),
    "same id twice": _case(INFO, PAGE, PAGE, says="record id stands at byte"),
    "id without brackets": _case(INFO, _record(BLOCK, WARC_Record_ID=PAGE_ID), says="no URI in angle brackets"),
    "no id": _case(INFO, _record(BLOCK, WARC_Record_ID=None), says="WARC-Record-ID is missing"),
    "no date": _case(INFO, _record(BLOCK, WARC_Date=None), says="WARC-Date is missing"),
    "no type": _case(INFO, _record(BLOCK, WARC_Type=None), says="WARC-Type is missing"),
    "no length": _case(INFO, _record(BLOCK, Content_Length=None), says="Content-Length is missing"),
    "no target": _case(INFO, _record(BLOCK, WARC_Target_URI=None), says="needs WARC-Target-URI"),
    "no content type": _case(INFO, _record(BLOCK, Content_Type=None), says="without Content-Type"),
    "wrong content type": _case(INFO, _record(BLOCK, Content_Type="text/html"), says="is not application/http"),
    "unknown type": _case(INFO, _record(BLOCK, WARC_Type="answer"), says="'answer' is unknown"),
    "impossible date": _case(INFO, _record(BLOCK, WARC_Date="2026-02-30T00:00:00Z"), says="is no date"),
    "local date": _case(INFO, _record(BLOCK, WARC_Date="2026-02-03T00:00:00+01:00"), says="is no date"),
    "fraction in 1.0": _case(
        INFO, _record(BLOCK, version="WARC/1.0", WARC_Date="2026-11-22T08:30:00.5Z"), says="has a fraction"
    ),
    "unknown version": _case(INFO, _record(BLOCK, version="WARC/3.0"), says="version 'WARC/3.0'"),
    "target in brackets": _case(INFO, _record(BLOCK, WARC_Target_URI="<http://a.example/>"), says="angle brackets"),
    "target with password": _case(INFO, _record(BLOCK, WARC_Target_URI="http://u:p@a.example/"), says="user info"),
    "target with fragment": _case(INFO, _record(BLOCK, WARC_Target_URI="http://a.example/#x"), says="has a fragment"),
    "target with blank": _case(INFO, _record(BLOCK, WARC_Target_URI="http://a.example/a b"), says="no escaped URI"),
    "control character": _case(INFO, _record(BLOCK, WARC_Target_URI="http://a.example/\x00"), says="control character"),
    "not UTF-8": _case(INFO, PAGE.replace(b"a.example", b"\xff.example"), says="is not UTF-8"),
    "folded field": _case(INFO, PAGE.replace(b"WARC-Date: ", b"WARC-Date:\r\n "), says="folded over lines"),
    "no field": _case(INFO, PAGE.replace(b"WARC-Date:", b"WARC Date="), says="is no named field"),
    "unknown truncation": _case(INFO, _record(BLOCK, WARC_Truncated="bored"), says="'bored' is no reason"),
    "no address": _case(INFO, _record(BLOCK, WARC_IP_Address="a.example"), says="is no address"),
    "misplaced field": _case(INFO, _record(BLOCK, WARC_Filename="a.warc.gz"), says="has no place in a response"),
    "unknown warcinfo": _case(INFO, _record(BLOCK, WARC_Warcinfo_ID=OTHER), says="no warcinfo record urn:uuid:"),
    "tied to nothing": _case(INFO, _record(BLOCK, WARC_Concurrent_To=OTHER), says="which the file does not hold"),
    "tied to another time": _case(
        INFO, PAGE, _record(BLOCK, WARC_Record_ID=OTHER, WARC_Concurrent_To=f"<{PAGE_ID}>", WARC_Date="2026"),
        says="is not that of urn:uuid:",
    ),
    "revisit of nothing": _case(
        INFO, _record(b"", WARC_Type="revisit", WARC_Profile="http://x.example/"), says="profile 'http://x.example/'"
    ),
    "revisit without digest": _case(
        INFO,
        _record(
            b"",
            WARC_Type="revisit",
            WARC_Refers_To_Target_URI="http://a.example/",
            WARC_Profile="http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
        ),
        says="needs WARC-Payload-Digest",
    ),
    "no record at all": _case(INFO, b"<html>hello</html>", says="does not begin with a version line"),
    "a head alone": _case(INFO, b"WARC/1.1\r\nWARC-Type: response\r\n", says="the record's head has no end"),
    "empty member": _case(INFO, b"", says="does not begin with a version line"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_each_fault_is_named(tmp_path: Path, make_member: MakeMember, name: str) -> None:
    records, says = CASES[name]
    path = tmp_path / "broken.warc.gz"
    path.write_bytes(b"".join(map(make_member, records)))
    messages = [problem.message for problem in check_file(path)]
    if not says:
        assert messages == []
    else:
        assert any(says in message for message in messages), messages


def _ours(folder: Path, exchange: Make) -> Path:
    with WarcWriter(folder) as writer:
        (written,) = writer.write_exchanges([exchange(b"words and more words " * 50, chunks=100)])
        writer.write_metadata("http://news.example/", {"outcome": "new"}, concurrent_to=written)
    (path,) = warc_files(folder)
    assert check_file(path) == ()
    return path


def test_a_cut_last_record_is_named_where_warcio_passes_it(tmp_path: Path, exchange: Make) -> None:
    path = _ours(tmp_path, exchange)
    last = list(iter_records(path))[-1]
    path.write_bytes(path.read_bytes()[: last.offset + last.length // 2])
    warcio = archive(tmp_path, "check", str(path), program=WARCIO)
    assert "metadata" not in warcio.out, "warcio names it now: say so in the docstring of check"
    (problem,) = check_file(path)
    assert problem.offset == last.offset
    assert "the file ends inside this gzip member" in problem.message
    assert str(problem).startswith(f"{path.name} at byte {last.offset}: ")


def test_every_cut_is_named(tmp_path: Path, exchange: Make) -> None:
    path = _ours(tmp_path, exchange)
    whole = path.read_bytes()
    boundaries = {record.offset for record in iter_records(path)}
    for length in range(0, len(whole), 13):
        if length in boundaries and length:
            continue
        path.write_bytes(whole[:length])
        assert check_file(path), length


def test_every_flipped_byte_is_named(tmp_path: Path, exchange: Make) -> None:
    path = _ours(tmp_path, exchange)
    whole, silent = path.read_bytes(), set[int]()
    for record in iter_records(path):
        # Flags, time and system of the gzip head, and the unused bits that end the deflate stream, hold no content.
        silent |= {*range(record.offset + 3, record.offset + 10), record.offset + record.length - 9}
    for at in set(range(0, len(whole), 7)) - silent:
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        assert check_file(path), at


@pytest.mark.parametrize(
    "tail", [b"\0" * 512, b"garbage", b"\x1f\x8b", gzip.compress(b"something else", mtime=0)]
)
def test_what_follows_the_last_record_is_named(tmp_path: Path, exchange: Make, tail: bytes) -> None:
    path = _ours(tmp_path, exchange)
    length = path.stat().st_size
    path.write_bytes(path.read_bytes() + tail)
    (problem,) = check_file(path)
    assert problem.offset == length


def test_damage_does_not_hide_what_comes_after_it(tmp_path: Path, exchange: Make) -> None:
    path = _ours(tmp_path, exchange)
    info, response, request, metadata = iter_records(path)
    whole = bytearray(path.read_bytes())
    whole[response.offset + 40] ^= 0xFF
    path.write_bytes(whole)
    problems = check_file(path)
    assert problems[0].offset == response.offset
    assert f"{response.length} bytes are no whole record" in problems[0].message
    told: list[Problem] = []
    assert [r.type for r in iter_records(path, on_damage=told.append)] == [
        info.type,
        request.type,
        metadata.type,
    ]
    assert [problem.offset for problem in told] == [response.offset]
    with pytest.raises(WarcError, match=f"at byte {response.offset}"):
        list(iter_records(path))


def test_an_empty_file_is_no_warc(tmp_path: Path) -> None:
    path = tmp_path / "empty.warc.gz"
    path.touch()
    assert [problem.message for problem in check_file(path)] == ["the file holds no record"]


def test_a_file_that_is_not_compressed_is_named(tmp_path: Path) -> None:
    path = tmp_path / "plain.warc.gz"
    path.write_bytes(INFO + PAGE)
    assert "no gzip member begins here" in check_file(path)[0].message


def test_metadata_may_stand_in_the_next_file_but_not_alone(tmp_path: Path, exchange: Make) -> None:
    with WarcWriter(tmp_path) as writer:
        (written,) = writer.write_exchanges([exchange()])
        writer.close()
        writer.write_metadata("http://news.example/", {"outcome": "new"}, concurrent_to=written)
    first, second = warc_files(tmp_path)
    assert check_folder(tmp_path) == ()
    assert check_file(second) == ()
    first.unlink()
    (problem,) = check_folder(tmp_path)
    assert "which no file holds" in problem.message


def test_an_id_in_two_files_is_named(tmp_path: Path, exchange: Make) -> None:
    path = _ours(tmp_path, exchange)
    path.with_name("copy.warc.gz").write_bytes(path.read_bytes())
    problems = check_folder(tmp_path)
    assert len(problems) == 4
    assert all("stands in" in problem.message for problem in problems)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    head=st.lists(st.binary(max_size=30), max_size=8),
    block=st.binary(max_size=60),
    swap=st.tuples(st.integers(0, 400), st.binary(max_size=3)),
)
def test_no_octets_break_the_check_itself(
    tmp_path: Path, make_member: MakeMember, head: list[bytes], block: bytes, swap: tuple[int, bytes]
) -> None:
    path = tmp_path / "any.warc.gz"
    at, octets = swap
    altered = PAGE[:at] + octets + PAGE[at + len(octets) :]
    anything = b"WARC/1.1\r\n" + b"\r\n".join(head) + b"\r\n\r\n" + block
    path.write_bytes(make_member(INFO) + make_member(altered) + make_member(anything) + block)
    assert check_file(path)
    told: list[Problem] = []
    assert next(iter_records(path, on_damage=told.append)).type == "warcinfo"
    list(iter_records(path, on_damage=told.append))
