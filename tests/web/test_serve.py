"""`archive serve` as a user runs it: another process, a port, a browser's requests, Ctrl-C."""

from __future__ import annotations

import asyncio
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

from archive.errors import ArchiveError
from archive.web import server
from archive.web.attached import Place
from tests.web.kept import FERRY, STORIES, keep
from tests.web.served import Served

ROOT = Path(__file__).parents[2]
PROGRAM = "from archive.cli import main; main()"
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


def test_public_lets_strangers_read_and_no_more(here: Path, loop: asyncio.AbstractEventLoop) -> None:
    place = Place("", here / "data" / "warc")
    served = Served(server.make_datasette(here / "data" / "archive.db", place, public=True), loop)
    assert served.get("/search?q=ferry").status_code == 200
    for path in SQL_PATHS:
        assert served.get(f"/{path}", follow_redirects=True).status_code >= 400, path
    assert served.get("/archive.db").status_code == 403
    settings = served.json("/-/settings.json")
    assert (settings["allow_download"], settings["suggest_facets"]) == (False, False)


@pytest.mark.parametrize(
    ("host", "public", "status"),
    [
        ("127.0.0.1:8001", False, 200),
        ("[::1]:8001", False, 200),
        ("rebound.example", False, 421),
        ("any.example", True, 200),
    ],
)
def test_only_public_pages_answer_under_any_name(
    here: Path, loop: asyncio.AbstractEventLoop, host: str, public: bool, status: int
) -> None:
    datasette = server.make_datasette(
        here / "data" / "archive.db", Place("", here / "data" / "warc"), public=public
    )

    async def ask_once() -> int:
        with server.listen("127.0.0.1", 0)[0] as listener:
            transport = httpx.ASGITransport(app=server.application(datasette, listener, public=public))
            async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
                return (await client.get("/", headers={"Host": host})).status_code

    assert loop.run_until_complete(ask_once()) == status


def test_a_port_that_is_asked_for_and_taken_is_named() -> None:
    with server.listen("127.0.0.1", 0)[0] as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ArchiveError, match=f"port {port}.*--port 0") as raised:
            server.listen("127.0.0.1", port)
    assert "\n" not in str(raised.value)


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
