"""The `archive` program run as a user runs it: another process, a folder, arguments, and what it said."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.forked import Forked

COMMAND = (sys.executable, "-c", "from archive.cli import main; main()")
PROGRAM = "from archive.cli.main import main; main()"
WARCIO = "from warcio.cli import main; main()"
SQLITE_UTILS = "from sqlite_utils.cli import cli; cli()"
ROOT = Path(__file__).parents[1]
PLAIN = Path(__file__).parent / "plain"
"""Hides what a plain installation does not have."""


@dataclass(frozen=True)
class Said:
    """What a run of the program came to."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Standard output as JSON, an object a line."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def outcomes(self) -> list[str]:
        """The outcome words, in order."""
        return [line["outcome"] for line in self.lines if line["type"] == "capture"]

    @property
    def summary(self) -> dict[str, Any]:
        """The last line."""
        return self.lines[-1]


def environment(**settings: str) -> dict[str, str]:
    """Loopback allowed, no pause between requests, no colour, no pandas; and nothing of the caller's own archive.

    One worker reads the pages, which are few: starting each costs 0.6 s of CPU. Tests of kills have more of them.
    """
    own = {name: value for name, value in os.environ.items() if not name.startswith("ARCHIVE_")}
    return {
        **own,
        "ARCHIVE_FETCH_ALLOW_NETWORKS": "127.0.0.0/8",
        "ARCHIVE_FETCH_DELAY": "0",
        "ARCHIVE_EXTRACT_WORKERS": "1",
        "PYTHONPATH": f"{PLAIN}{os.pathsep}{ROOT}",
        **settings,
    }


@cache
def _forked() -> Forked:
    return Forked(environment())


def archive(
    folder: Path,
    *arguments: str,
    stdin: str | bytes | None = None,
    command: Sequence[str] | None = None,
    program: str = PROGRAM,
    **settings: str,
) -> Said:
    """Run the program in a folder and wait for its end: forked (`tests.forked`), or started with a command.

    program: the text of another one, to be forked in its place.
    """
    given = (stdin.encode() if isinstance(stdin, str) else stdin) or b""
    if command is None:
        ended = _forked().run(program, arguments, cwd=folder, env=environment(**settings), given=given)
    else:
        done = subprocess.run(
            [*command, *arguments],
            cwd=folder,
            input=given,
            capture_output=True,
            env=environment(**settings),
            timeout=120,
            check=False,
        )
        ended = done.returncode, done.stdout, done.stderr
    said = Said(ended[0], ended[1].decode("utf-8"), ended[2].decode("utf-8"))
    assert "Traceback" not in said.err, said.err
    return said


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    """Rows of the archive's database, read with nothing but sqlite3."""
    with sqlite3.connect(f"file:{folder / 'data/archive.db'}?mode=ro", uri=True) as connection:
        found = connection.execute(query).fetchall()
    connection.close()
    return found
