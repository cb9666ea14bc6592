"""After a crash everything that was promised is there, and what was not is cut, kept aside and reported."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from scraper.model import Exchange, RecordLocation
from scraper.warc import (
    Recovery,
    WarcWriter,
    check_file,
    check_folder,
    iter_records,
    read_record,
    recover,
    warc_files,
)

Make = Callable[..., Exchange]


def _abandon(writer: WarcWriter) -> None:
    """Let go of the file as a killed process would: descriptor closed, nothing else done."""
    assert writer._file is not None
    os.close(writer._file.descriptor)
    writer._file = None


def _extents(locations: list[RecordLocation]) -> dict[str, int]:
    ends: dict[str, int] = {}
    for place in locations:
        ends[place.warc_file] = max(ends.get(place.warc_file, 0), place.offset + place.length)
    return ends


@pytest.fixture
def left(tmp_path: Path, exchange: Make) -> tuple[Path, RecordLocation]:
    """A file that a dead writer left open, and the place of the last record that the database names in it."""
    writer = WarcWriter(tmp_path)
    (written,) = writer.write_exchanges([exchange()])
    (path,) = warc_files(tmp_path)
    _abandon(writer)
    return path, written.request_location


def test_a_file_left_open_gets_its_name(left: tuple[Path, RecordLocation]) -> None:
    path, place = left
    found = recover(path.parent, _extents([place]))
    assert found == Recovery(finished=(place.warc_file,))
    assert [p.name for p in warc_files(path.parent)] == [place.warc_file]
    assert recover(path.parent, _extents([place])).clean


def test_a_living_writer_is_left_alone(tmp_path: Path, exchange: Make) -> None:
    with WarcWriter(tmp_path) as writer:
        (written,) = writer.write_exchanges([exchange()])
        found = recover(tmp_path, {})
        assert found.busy == (written.request_location.warc_file,)
        assert found.clean
        writer.write_exchanges([exchange()])
    assert check_folder(tmp_path) == ()


def test_any_torn_tail_is_cut_kept_and_named(
    tmp_path: Path, exchange: Make, left: tuple[Path, RecordLocation], moment: datetime
) -> None:
    path, place = left
    sound = path.read_bytes()
    other = tmp_path / "other"
    with WarcWriter(other) as writer:
        (more,) = writer.write_exchanges([exchange(b"the record that was being written " * 20)])
    assert more.location
    (donor,) = warc_files(other)
    record = donor.read_bytes()[more.location.offset : more.location.offset + more.location.length]
    for length in (1, 2, 3, 9, 10, 11, len(record) // 2, len(record) - 8, len(record) - 1):
        path.write_bytes(sound + record[:length])
        found = recover(tmp_path, _extents([place]), now=lambda: moment)
        (tail,) = found.torn
        assert (tail.warc_file, tail.offset, tail.length) == (place.warc_file, len(sound), length)
        kept = tmp_path / tail.kept_in
        assert kept.read_bytes() == record[:length]
        final = tmp_path / place.warc_file
        assert final.read_bytes() == sound
        assert check_file(final) == ()
        kept.unlink()
        final.rename(path)


@pytest.mark.parametrize("tail", [b"\0" * 4096, b"no gzip at all"])
def test_a_tail_that_is_no_record_is_cut(left: tuple[Path, RecordLocation], tail: bytes) -> None:
    path, place = left
    with path.open("ab") as stream:
        stream.write(tail)
    (torn,) = recover(path.parent, _extents([place])).torn
    assert torn.length == len(tail)
    assert check_folder(path.parent) == ()


def test_whole_records_the_database_does_not_name_are_orphans(tmp_path: Path, exchange: Make) -> None:
    writer = WarcWriter(tmp_path)
    (known,) = writer.write_exchanges([exchange()])
    (unknown,) = writer.write_exchanges([exchange(b"other", url="http://news.example/two")])
    _abandon(writer)
    found = recover(tmp_path, _extents([known.request_location]))
    response, request = found.orphans
    assert response.location == unknown.location
    assert (response.type, response.record_id) == ("response", unknown.record_id)
    assert response.target_uri == "http://news.example/two"
    assert request.location == unknown.request_location
    assert request.concurrent_to == (unknown.record_id,)
    assert read_record(tmp_path, response.location).record_id == unknown.record_id


def test_orphans_of_closed_files_are_found_too(tmp_path: Path, exchange: Make) -> None:
    with WarcWriter(tmp_path) as writer:
        (written,) = writer.write_exchanges([exchange()])
    assert [orphan.type for orphan in recover(tmp_path, {}).orphans] == ["response", "request"]
    assert recover(tmp_path, _extents([written.request_location])).clean


def test_a_file_shorter_than_the_database_says_is_not_touched(left: tuple[Path, RecordLocation]) -> None:
    path, place = left
    os.truncate(path, place.offset + 5)
    before = path.read_bytes()
    found = recover(path.parent, _extents([place]))
    (problem,) = found.damage
    assert f"records up to {place.offset + place.length}" in problem.message
    assert not found.finished
    assert path.read_bytes() == before


def test_a_missing_file_is_damage(tmp_path: Path) -> None:
    (problem,) = recover(tmp_path / "nowhere", {"a.warc.gz": 9}).damage
    assert (problem.path, "missing" in problem.message) == ("a.warc.gz", True)


def test_damage_before_whole_records_is_not_cut(tmp_path: Path, exchange: Make) -> None:
    writer = WarcWriter(tmp_path)
    (first,) = writer.write_exchanges([exchange()])
    (second,) = writer.write_exchanges([exchange()])
    (path,) = warc_files(tmp_path)
    _abandon(writer)
    assert first.location
    whole = bytearray(path.read_bytes())
    whole[first.location.offset + 40] ^= 0xFF
    path.write_bytes(whole)
    found = recover(tmp_path, {})
    assert [problem.offset for problem in found.damage] == [first.location.offset]
    assert not found.torn
    assert second.location in [orphan.location for orphan in found.orphans]
    assert (tmp_path / first.location.warc_file).read_bytes() == whole


def test_a_torn_tail_of_a_closed_file_is_damage_and_not_cut(tmp_path: Path, exchange: Make) -> None:
    with WarcWriter(tmp_path) as writer:
        (written,) = writer.write_exchanges([exchange()])
    (path,) = warc_files(tmp_path)
    with path.open("ab") as stream:
        stream.write(b"\x1f\x8b\x08torn")
    size = path.stat().st_size
    found = recover(tmp_path, _extents([written.request_location]))
    assert len(found.damage) == 1
    assert path.stat().st_size == size


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b\x08"])
def test_a_file_with_nothing_whole_is_removed(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.warc.gz.open").write_bytes(content)
    found = recover(tmp_path, {})
    assert found.removed == ("a.warc.gz",)
    assert len(found.torn) == bool(content)
    assert warc_files(tmp_path) == ()


def test_a_name_that_stands_already_is_not_overwritten(left: tuple[Path, RecordLocation]) -> None:
    path, place = left
    final = path.with_name(place.warc_file)
    final.write_bytes(path.read_bytes() + b"longer")
    before = final.read_bytes()
    assert any("twice" in problem.message for problem in recover(path.parent, {}).damage)
    assert final.read_bytes() == before
    assert path.exists()


def test_only_what_is_beyond_the_extent_is_read(left: tuple[Path, RecordLocation]) -> None:
    path, place = left
    whole = path.read_bytes()
    path.write_bytes(b"\0" * (place.offset + place.length) + whole)
    found = recover(path.parent, _extents([place]))
    assert not found.damage
    assert [orphan.type for orphan in found.orphans] == ["response", "request"]


CALLS = ("open", "pwrite", "fsync", "rename", "unlink", "ftruncate", "close")


def _kill_before(step: int) -> None:
    """Count this process's system calls from now on and kill it, as kill -9 does, before the given one."""
    count = 0
    real = {name: getattr(os, name) for name in CALLS}

    def counting(name: str) -> Callable[..., object]:
        def call(*arguments: object, **named: object) -> object:
            nonlocal count
            count += 1
            if count == step:
                if name == "pwrite":  # half of it reaches the disk
                    descriptor, data, offset = arguments
                    real[name](descriptor, data[: len(data) // 2], offset)  # type: ignore[index,arg-type]
                os.kill(os.getpid(), signal.SIGKILL)
            return real[name](*arguments, **named)

        return call

    for name in CALLS:
        setattr(os, name, counting(name))


def _write_counted(folder: Path, step: int, exchange: Make, said: int) -> None:
    _kill_before(step)
    writer = WarcWriter(folder, max_bytes=2500)
    for number in range(3):
        (written,) = writer.write_exchanges([exchange(url=f"http://news.example/{number}")])
        tie = writer.write_metadata(f"http://news.example/{number}", {"n": number}, concurrent_to=written)
        for place in (written.location, written.request_location, tie.location):
            assert place
            os.write(said, json.dumps([place.warc_file, place.offset, place.length]).encode() + b"\n")
    writer.close()


def _crash(folder: Path, step: int, exchange: Make) -> tuple[bool, list[RecordLocation]]:
    """Write in a child that is killed before its `step`-th system call; what it had said by then."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            _write_counted(folder, step, exchange, writing)
            os._exit(0)
        finally:
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        said = [RecordLocation(*json.loads(line)) for line in stream]
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) == 0
    return os.WIFSIGNALED(status), said


def test_a_kill_between_any_two_steps_loses_nothing_said(tmp_path: Path, exchange: Make) -> None:
    killed, step = True, 0
    while killed:
        step += 1
        folder = tmp_path / str(step)
        killed, said = _crash(folder, step, exchange)
        found = recover(folder, _extents(said))
        assert not found.damage, step
        assert not found.busy, step
        for place in said:
            assert read_record(folder, place).location == place
        assert check_folder(folder) == (), step
        named = _extents(said + [orphan.location for orphan in found.orphans])
        assert recover(folder, named).clean, step
        assert not list(folder.glob("*.open"))
    assert step > 20, "every step of three captures and a rotation was tried"


WRITE_ON = """
import datetime, json, random, sys
from pathlib import Path
from scraper.model import Exchange
from scraper.warc import WarcWriter
writer, noise, number = WarcWriter(Path(sys.argv[1]), max_bytes=400_000), random.Random(), 0
while True:
    head = b"HTTP/1.1 200 OK\\r\\n\\r\\n"
    body = noise.randbytes(noise.randrange(200_000))
    now = datetime.datetime.now(datetime.UTC)
    url = f"http://a.example/{number}"
    number += 1
    sent = Exchange(url, now, None, b"GET / HTTP/1.1\\r\\n\\r\\n", head + body, len(head), 200, (), body)
    (written,) = writer.write_exchanges([sent])
    for place in (written.location, written.request_location):
        print(json.dumps([place.warc_file, place.offset, place.length]), flush=True)
"""


@pytest.mark.parametrize("delay", [0.0, 0.013, 0.031])
def test_kill_9_at_any_moment_loses_nothing_said(tmp_path: Path, delay: float) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", WRITE_ON, str(tmp_path)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert child.stdout
    lines = [child.stdout.readline() for _ in range(8)]
    time.sleep(delay)
    child.kill()
    lines += child.stdout.read().splitlines()
    child.wait()
    child.stdout.close()
    said = [RecordLocation(*json.loads(line)) for line in lines if line.rstrip().endswith(b"]")]
    found = recover(tmp_path, _extents(said))
    assert not found.damage
    assert not found.busy
    for place in said:
        assert read_record(tmp_path, place).location == place
    assert check_folder(tmp_path) == ()
    responses = sum(
        record.type == "response" for path in warc_files(tmp_path) for record in iter_records(path)
    )
    assert responses >= len(said) // 2


def test_a_warc_file_inside_a_torn_page_is_not_taken_in(tmp_path: Path, exchange: Make) -> None:
    with WarcWriter(tmp_path / "evil", level=0) as writer:
        writer.write_exchanges([exchange(b"forged", url="http://bank.example/")])
    (evil,) = warc_files(tmp_path / "evil")
    writer = WarcWriter(tmp_path, level=0)
    (known,) = writer.write_exchanges([exchange()])
    (page,) = writer.write_exchanges([exchange(evil.read_bytes() * 2)])
    (path,) = warc_files(tmp_path)
    _abandon(writer)
    assert page.location
    os.truncate(path, page.location.offset + page.location.length - 3)
    found = recover(tmp_path, _extents([known.request_location]))
    assert found.orphans == ()
    assert [tail.offset for tail in found.torn] == [page.location.offset]
    assert check_folder(tmp_path) == ()
