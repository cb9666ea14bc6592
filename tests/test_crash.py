"""A run that is killed, stopped or starved says nothing that is not so, and the next run puts all in order."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.lock import writer_lock
from archive.store import Store
from scraper.warc import check_folder, warc_files
from tests.loopback import Answer, Asked, Loopback, page
from tests.program import COMMAND, archive, environment, rows
from tests.stories import story

PAGES = 6

STEPS = {
    "before a record": ("scraper.warc.writer.WarcWriter.write_exchanges", "before"),
    "in the middle of a record": ("scraper.warc.writer.write_all", "half"),
    "after a record, before its page is read": ("scraper.warc.writer.WarcWriter.write_exchanges", "after"),
    "after a page is read": ("scraper.warc.writer.WarcWriter.write_metadata", "before"),
    "after the metadata, before the transaction": ("scraper.warc.writer.WarcWriter.write_metadata", "after"),
    "in the transaction": ("archive.store.writing._insert_captures", "after"),
    "after the transaction, before the line": ("archive.store.store.Store.save", "after"),
}
"""Step -> the function there, and on which side of it, or in it, the process is killed."""

KILLED_AT = """
import importlib, os, signal, sys
path, side, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
sys.argv = ["archive", *sys.argv[4:]]
parts = path.split(".")
for cut in range(len(parts), 0, -1):
    try:
        owner = importlib.import_module(".".join(parts[:cut]))
        break
    except ModuleNotFoundError:
        continue
for name in parts[cut:-1]:
    owner = getattr(owner, name)
real, calls = getattr(owner, parts[-1]), 0
def deadly(*given, **named):
    global calls
    calls += 1
    if calls == count:
        if side == "half":
            descriptor, data, offset = given
            os.pwrite(descriptor, data[: len(data) // 2], offset)
        if side in ("before", "half"):
            os.kill(os.getpid(), signal.SIGKILL)
    result = real(*given, **named)
    if calls == count:
        os.kill(os.getpid(), signal.SIGKILL)
    return result
setattr(owner, parts[-1], deadly)
from archive.cli.main import main
main()
"""


@pytest.fixture
def site() -> Iterator[Loopback]:
    with Loopback({f"/{number}": story(number) for number in range(PAGES)}) as server:
        yield server


def said_to_be_saved(out: str) -> list[str]:
    lines = [json.loads(line) for line in out.splitlines() if line.endswith("}")]
    return [line["url"] for line in lines if line["type"] == "capture"]


def is_in_order(folder: Path, urls: list[str]) -> None:
    """Every URL is one article with its text, every file closed and sound, every pointer right."""
    assert rows(folder, "SELECT url FROM articles ORDER BY url") == [(url,) for url in sorted(urls)]
    assert rows(folder, "SELECT count(*) FROM articles WHERE length(text) < 500") == [(0,)]
    assert rows(folder, "PRAGMA integrity_check") == [("ok",)]
    assert all(file.name.endswith(".warc.gz") for file in warc_files(folder / "data/warc"))
    assert check_folder(folder / "data/warc") == ()


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_between_two_steps_loses_nothing_that_was_said(
    tmp_path: Path, site: Loopback, step: str
) -> None:
    path, side = STEPS[step]
    urls = [site.url(f"/{number}") for number in range(PAGES)]
    killed = archive(
        tmp_path, path, side, "3", "add", "--json", *urls, program=KILLED_AT, ARCHIVE_EXTRACT_WORKERS="2"
    )
    assert killed.code == -signal.SIGKILL
    said = said_to_be_saved(killed.out)
    assert len(said) < PAGES
    held = {url for (url,) in rows(tmp_path, "SELECT url FROM articles")}
    assert set(said) <= held

    again = archive(tmp_path, "add", "--json", *urls)
    assert again.code == 0
    assert set(again.outcomes) <= {"new", "known"}
    is_in_order(tmp_path, urls)
    kept = side == "after" or "read" in step
    asked_again = [path for path in site.paths if site.paths.count(path) > 1 and path != "/robots.txt"]
    if kept and "transaction, before the line" not in step:
        assert "earlier run had kept" in again.err
        assert len(set(asked_again)) <= PAGES - 3, "what was kept is not asked for again"
    if side == "half":
        assert "cut off in the middle of a record" in again.err
        assert list((tmp_path / "data/warc").glob("*.torn*"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_with_everything_saved(tmp_path: Path, number: int) -> None:
    def slow(asked: Asked) -> Answer:
        content = story(int(asked.path.strip("/"))).encode()
        whole = b"".join(piece for piece in page(content).pieces() if isinstance(piece, bytes))
        return Answer((whole[:600], 0.3, whole[600:]))

    with Loopback({f"/{one}": slow for one in range(40)}) as server:
        urls = [server.url(f"/{one}") for one in range(40)]
        run = subprocess.Popen(
            [*COMMAND, "add", "--json", *urls],
            cwd=tmp_path, env=environment(ARCHIVE_EXTRACT_WORKERS="2"), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            bufsize=0,  # `communicate` leaves out what a buffer holds behind the first line
        )  # fmt: skip
        assert run.stdout is not None
        first = run.stdout.readline()
        run.send_signal(number)
        began = time.monotonic()
        out, err = run.communicate(timeout=30)
        took = time.monotonic() - began
    assert run.returncode == 130
    assert took < 5, "trust.md, section 6: an end after SIGTERM within five seconds"
    assert b"Traceback" not in err
    said = said_to_be_saved((first + out).decode())
    assert 1 <= len(said) < 40
    held = {url for (url,) in rows(tmp_path, "SELECT url FROM articles")}
    assert set(said) == held
    assert check_folder(tmp_path / "data/warc") == ()


def test_a_run_that_finds_the_lock_held_says_who_holds_it(tmp_path: Path, site: Loopback) -> None:
    holder = (
        "import sys; from datetime import datetime, UTC; from pathlib import Path\n"
        "from archive.lock import writer_lock\n"
        "with writer_lock(Path('data/archive.lock'), command='archive crawl', wait_seconds=1, now=datetime.now(UTC)):\n"
        "    print('held', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder],
        cwd=tmp_path,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        said = archive(tmp_path, "add", site.url("/1"), ARCHIVE_ARCHIVE_LOCK_WAIT="0.2")
        assert (said.code, site.hits) == (6, [])
        assert f"archive crawl, process {process.pid}" in said.err
        process.kill()
    with writer_lock(tmp_path / "data/archive.lock", command="test", wait_seconds=0, now=datetime.now(UTC)):
        pass  # a lock goes with its process, however that ends


def test_a_newer_database_is_refused_and_left_as_it_is(tmp_path: Path, site: Loopback) -> None:
    database = tmp_path / "data/archive.db"
    database.parent.mkdir()
    Store.open(database).close()
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA user_version = 9999")
    connection.close()
    before = database.read_bytes()
    said = archive(tmp_path, "add", site.url("/2"))
    assert said.code == 2
    assert "newer" in said.err
    assert database.read_bytes() == before


def test_a_database_of_somebody_else_is_refused(tmp_path: Path, site: Loopback) -> None:
    (tmp_path / "data").mkdir()
    database = tmp_path / "data/archive.db"
    database.write_bytes(b"not a database" * 500)
    said = archive(tmp_path, "add", site.url("/1"))
    assert said.code == 2
    assert "archive.db" in said.err
    assert database.read_bytes() == b"not a database" * 500


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path, site: Loopback) -> None:
    (tmp_path / "data").write_text("a file where a folder should be")
    said = archive(tmp_path, "add", site.url("/1"))
    assert said.code == 2
    assert "data" in said.err
    assert os.listdir(tmp_path) == ["data"]
