"""`archive serve` as a user runs it: another process, a port, a browser's requests, Ctrl-C."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.web.kept import FERRY, STORIES, keep

ROOT = Path(__file__).parents[2]
PROGRAM = "from archive.cli import serve; from archive.cli import main; main()"
SQL_PATHS = ("archive.json?sql=select+1", "archive/-/query.json?sql=select+1")
"""Where a reader may ask SQL of their own: 0.65, 1.0."""
COMMAND = (sys.executable, "-c", PROGRAM, "serve")


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("served")
    keep(folder, STORIES)
    (folder / "config.toml").write_text('[archive]\nname = "The Orlen File"\n')
    return folder


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process, once it has said its address, and that address."""
    with subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=folder,
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            address = process.stdout.readline().strip()
            if not address:
                process.wait(10)
                pytest.fail(f"it did not start: {process.stderr.read() if process.stderr else ''}")
            yield process, address
        finally:
            process.terminate()
            process.communicate(timeout=20)


def _environment() -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("ARCHIVE_")}
    return {**own, "PYTHONPATH": str(ROOT), "BROWSER": "true"}


def ask(address: str, path: str = "", host: str | None = None) -> tuple[int, str]:
    answer = httpx.get(
        address + path, headers={"Host": host} if host else {}, timeout=20, follow_redirects=True
    )
    return answer.status_code, answer.text


def test_it_serves_says_where_and_ends_cleanly(here: Path) -> None:
    with serving(here, "--port", "0", "--open") as (process, address):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", address)
        status, page = ask(address)
        assert status == 200
        assert "The Orlen File" in page
        assert FERRY.title in ask(address, "article/1")[1]
        assert ask(address, "record/1")[1].startswith("WARC/1.1\r\n")
        assert ask(address, "archive/articles")[0] == 200
        assert any(ask(address, path)[0] == 200 for path in SQL_PATHS)
        # A page elsewhere whose name was made to lead here.
        assert ask(address, host="rebound.example")[0] == 421
        assert ask(address, host="localhost:1")[0] == 200
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert out == ""
    assert "Traceback" not in err
    assert "Ctrl-C" in err


def test_public_lets_strangers_read_and_no_more(here: Path) -> None:
    with serving(here, "--port", "0", "--public") as (_, address):
        assert ask(address, "search?q=ferry", host="archive.example")[0] == 200
        for path in SQL_PATHS:
            assert ask(address, path)[0] >= 400, path
        assert ask(address, "archive.db")[0] == 403
        settings = ask(address, "-/settings.json")[1].replace(" ", "")
        assert '"allow_download":false' in settings
        assert '"suggest_facets":false' in settings


def test_a_port_that_is_asked_for_and_taken_is_named(here: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = subprocess.run(
            [*COMMAND, "--port", str(port)],
            cwd=here,
            env=_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
    assert said.returncode == 2
    assert said.stdout == ""
    assert len(said.stderr.splitlines()) == 1
    assert str(port) in said.stderr


def test_without_an_archive_it_says_so_in_one_line(tmp_path: Path) -> None:
    said = subprocess.run(
        COMMAND, cwd=tmp_path, env=_environment(), capture_output=True, text=True, check=False
    )
    assert said.returncode == 2
    assert said.stdout == ""
    assert len(said.stderr.splitlines()) == 1
    assert "no archive here yet" in said.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_usual_port_gives_way_to_a_free_one() -> None:
    from archive.web import server

    with socket.socket() as taken, pytest.MonkeyPatch.context() as patch:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        patch.setattr(server, "DEFAULT_PORT", taken.getsockname()[1])
        listener, as_asked = server.listen("127.0.0.1", None)
        with listener:
            assert not as_asked
            assert listener.getsockname()[1] != server.DEFAULT_PORT
            assert server.is_loopback(listener)
            assert server.address_of(listener) == f"http://127.0.0.1:{listener.getsockname()[1]}/"
