"""Whatever fails while a record is written, nothing half written stays and the writer can be used again."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scraper.model import Exchange
from scraper.warc import WarcWriteError, WarcWriter, check_folder, iter_records, warc_files

Make = Callable[..., Exchange]

FULL_DISK = """
import json, resource, sys
from pathlib import Path
from scraper.model import Exchange
from scraper.warc import WarcWriter, WarcWriteError
import datetime, random

folder, limit = Path(sys.argv[1]), int(sys.argv[2])
def exchange(size):
    head = b"HTTP/1.1 200 OK\\r\\n\\r\\n"
    body = random.Random(size).randbytes(size)
    now = datetime.datetime.now(datetime.UTC)
    request = b"GET / HTTP/1.1\\r\\n\\r\\n"
    return Exchange("http://a.example/", now, None, request, head + body, len(head), 200, (), body)

hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
writer, said = WarcWriter(folder), []
def attempt(size):
    try:
        said.append(["ok", writer.write_exchanges([exchange(size)])[0].location.offset])
    except WarcWriteError as error:
        path = next(iter(folder.glob("*.open")), None)
        said.append(["no", error.no_room, path.stat().st_size if path else 0])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
attempt(4000); attempt(30000); attempt(3000); attempt(300)
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
attempt(30000)
writer.close()
print(json.dumps(said))
"""


def _with_full_disk(folder: Path, limit: int) -> list[list[object]]:
    child = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(folder), str(limit)],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2], timeout=60,
    )  # fmt: skip
    said: list[list[object]] = json.loads(child.stdout)
    return said


def test_a_file_size_limit_leaves_no_half_record(tmp_path: Path) -> None:
    said = _with_full_disk(tmp_path, 12_000)
    assert [line[0] for line in said] == ["ok", "no", "ok", "ok", "ok"]
    assert said[1][1] is True
    whole = said[2][1]
    assert said[1][2] == whole, "the file was taken back to where the failed record began"
    assert check_folder(tmp_path) == ()
    (path,) = warc_files(tmp_path)
    assert sum(record.type == "response" for record in iter_records(path)) == 4


def test_a_disk_without_room_from_the_start_leaves_no_file(tmp_path: Path) -> None:
    said = _with_full_disk(tmp_path, 100)
    assert [line[0] for line in said] == ["no", "no", "no", "no", "ok"]
    assert [line[2] for line in said[:4]] == [0, 0, 0, 0]
    assert len(list(tmp_path.iterdir())) == 1
    assert check_folder(tmp_path) == ()


@pytest.mark.parametrize("failing", ["pwrite", "fsync"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_a_failing_disk_is_no_false_success(
    tmp_path: Path, exchange: Make, monkeypatch: pytest.MonkeyPatch, failing: str, number: int
) -> None:
    writer = WarcWriter(tmp_path)
    (first,) = writer.write_exchanges([exchange()])

    def fail(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, failing, fail)
        with pytest.raises(WarcWriteError, match="nothing of these records was kept") as caught:
            writer.write_exchanges([exchange()])
    assert caught.value.no_room is (number == errno.ENOSPC)
    (second,) = writer.write_exchanges([exchange()])
    writer.close()
    assert first.location
    assert second.location
    assert check_folder(tmp_path) == ()
    records = [record for path in warc_files(tmp_path) for record in iter_records(path)]
    assert sum(record.type == "response" for record in records) == 2


def test_an_interrupt_leaves_no_half_record(
    tmp_path: Path, exchange: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = WarcWriter(tmp_path)
    writer.write_exchanges([exchange()])
    write = os.pwrite

    def interrupted(descriptor: int, data: memoryview, offset: int) -> int:
        write(descriptor, data[: len(data) // 2], offset)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", interrupted)
        with pytest.raises(KeyboardInterrupt):
            writer.write_exchanges([exchange()])
    writer.close()
    (path,) = warc_files(tmp_path)
    assert [record.type for record in iter_records(path)] == ["warcinfo", "response", "request"]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, exchange: Make) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    with pytest.raises(WarcWriteError, match="file"):
        WarcWriter(blocked).write_exchanges([exchange()])


def test_a_large_response_is_compressed_without_copies(tmp_path: Path) -> None:
    script = """
import datetime, sys
from pathlib import Path
from scraper.model import Exchange
from scraper.warc import WarcWriter
head = b"HTTP/1.1 200 OK\\r\\n\\r\\n"
response = head + bytes(range(256)) * 80_000
payload = response[len(head):]
now = datetime.datetime.now(datetime.UTC)
large = Exchange("http://a.example/", now, None, b"GET / HTTP/1.1\\r\\n\\r\\n", response, len(head), 200, (), payload)
before = int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])
with WarcWriter(Path(sys.argv[1])) as writer:
    writer.write_exchanges([large])
print(int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0]) - before)
"""
    child = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2], timeout=60,
    )  # fmt: skip
    assert int(child.stdout) < 30_000, (
        "kilobytes: one copy of the 20 MB to compare the payload, and little else"
    )
