"""The command itself: what goes where, and what it ends with."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import threading
from pathlib import Path

import pytest

from archive.app import Archive
from archive.errors import BadCondition
from archive.exchange.export import ExportError
from tests.program import COMMAND, archive, environment

pytestmark = pytest.mark.usefixtures("opened")


@pytest.fixture(scope="module")
def opened(archive: Archive) -> Archive:
    return archive


def test_standard_output_holds_the_format_and_nothing_else(folder: Path) -> None:
    said = archive(folder, "export", "jsonl", "--where", "site = 'riwaq.example'")
    assert (said.code, said.err) == (0, "")
    assert [json.loads(line)["id"] for line in said.out.splitlines()] == [3]


def test_what_of_a_query_is_not_understood_is_said(folder: Path) -> None:
    said = archive(folder, "export", "jsonl", "--query", "after:soon")
    assert said.code == 0
    assert said.err.startswith("not understood: after:soon")


def test_bad_sql_is_one_line_and_exit_code_2(folder: Path) -> None:
    said = archive(folder, "export", "csv", "--where", "1); DROP TABLE articles; --")
    assert said.code == 2
    assert said.err.startswith("archive: --where")
    assert said.err.count("\n") == 1
    assert not said.out


@pytest.mark.parametrize(
    "sql", ["site =", "load_extension('x')", "id IN (DELETE FROM articles RETURNING id)", ""]
)
def test_a_condition_can_do_nothing_but_read(opened: Archive, sql: str) -> None:
    with pytest.raises(BadCondition):
        opened.export("csv", io.BytesIO(), where=sql)


def test_a_file_is_named_with_its_count(folder: Path, tmp_path: Path) -> None:
    said = archive(folder, "export", "csl", "-o", str(tmp_path / "new" / "a.json"))
    assert (said.code, said.out) == (0, "")
    assert said.err.startswith("9 articles written to ")
    assert len(json.loads((tmp_path / "new" / "a.json").read_text())) == 9


def test_a_pipe_with_a_name_is_written_to_and_stays_one(opened: Archive, tmp_path: Path) -> None:
    pipe, heard = tmp_path / "pipe", io.BytesIO()
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: heard.write(pipe.read_bytes()))
    reader.start()
    opened.export("csv", pipe)
    reader.join(10)
    assert heard.getvalue().startswith(b"id,url,")
    assert pipe.is_fifo()
    with pytest.raises(ExportError, match="one file"):
        opened.export("wacz", pipe.rename(tmp_path / "again"))


def test_a_link_is_followed(opened: Archive, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "true.csv")
    opened.export("csv", tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "true.csv").read_bytes().startswith(b"id,url,")


@pytest.mark.parametrize(
    "own", ["archive.db", "archive.db-wal", "archive.db-shm", "archive.lock", "warc/x.csv"]
)
def test_the_archive_itself_is_never_written_over(opened: Archive, own: str) -> None:
    with pytest.raises(ExportError, match="part of the archive"):
        opened.export("csv", opened.config.database.parent / own)


def test_a_reader_that_goes_away_ends_it_quietly(folder: Path) -> None:
    line = " ".join(f"'{one}'" for one in COMMAND)
    done = subprocess.run(
        ["bash", "-c", f"{line} export csv | head -c 1; exit ${{PIPESTATUS[0]}}"],
        cwd=folder,
        capture_output=True,
        env=environment(),
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"i", b"")


def test_a_terminal_shows_a_bar_and_the_file_stays_clean(folder: Path, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    with (tmp_path / "out.csv").open("wb") as out:
        done = subprocess.run(
            [*COMMAND, "export", "csv"],
            cwd=folder,
            stdout=out,
            stderr=theirs,
            env=environment(TERM="xterm"),
            timeout=60,
            check=False,
        )
    os.close(theirs)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    assert done.returncode == 0
    assert "9/9" in shown
    assert (tmp_path / "out.csv").read_bytes().startswith(b"id,url,")
