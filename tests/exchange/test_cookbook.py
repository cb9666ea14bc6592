"""Every recipe of docs/cookbook.md, run as it stands there in an archive of its own."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from archive.app import Archive
from tests.program import ROOT, environment

BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.M | re.S)


@dataclass(frozen=True)
class Recipe:
    title: str
    blocks: tuple[tuple[str, str], ...]


def recipes() -> list[Recipe]:
    _, *parts = re.split(r"^## ", (ROOT / "docs" / "cookbook.md").read_text("utf-8"), flags=re.M)
    return [Recipe(part.partition("\n")[0], tuple(BLOCK.findall(part))) for part in parts]


MADE = {
    "1": "articles.parquet", "2": "ferry.csv", "5": "ferry.bib", "6": "evidence.wacz", "7": "vault/articles",
    "8": "ferry.atom", "9": "stories.db", "10": "other/data/archive.db",
}  # fmt: skip
SAID = {
    "1": "harbour.example",
    "3": "The ferry sails again",
    "4": "SHA-256",
    "10": "The ferry sails again from Orlen",
}


def test_there_are_ten_recipes_and_each_can_be_run() -> None:
    assert [one.title.partition(".")[0] for one in recipes()] == [str(number) for number in range(1, 11)]
    assert all(one.blocks for one in recipes())


@pytest.mark.parametrize("recipe", recipes(), ids=lambda one: one.title)
def test_a_recipe_does_what_it_says(recipe: Recipe, archive: Archive, tmp_path: Path) -> None:
    number = recipe.title.partition(".")[0]
    if number == "1":
        pytest.importorskip("pandas")
        pytest.importorskip("pyarrow")
    folder = tmp_path / "archive"
    shutil.copytree(archive.config.root, folder)
    said = ""
    for language, code in recipe.blocks:
        if "archive serve" in code:
            _serve(folder, code, _environment(number))
            continue
        command = (
            ["bash", "-euo", "pipefail", "-c", code] if language == "sh" else [sys.executable, "-c", code]
        )
        done = subprocess.run(
            command,
            cwd=folder,
            env=_environment(number),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        said += done.stdout
    if number in MADE:
        assert (folder / MADE[number]).exists()
    assert SAID.get(number, "") in said


def _environment(number: str) -> dict[str, str]:
    own = environment(
        **({"PYTHONPATH": str(ROOT)} if number == "1" else {})
    )  # the notebook, which has pandas
    return {**own, "PATH": f"{Path(sys.executable).parent}:{own['PATH']}"}


def _serve(folder: Path, code: str, environment: dict[str, str]) -> None:
    """Run it on a free port until it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["bash", "-c", f"exec {code.strip().replace('8001', str(port))}"]
    with subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE) as server:
        try:
            for _ in range(300):
                try:
                    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                        connection.sendall(f"GET / HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
                        assert b"200 OK" in connection.recv(200)
                        return
                except ConnectionRefusedError:
                    assert server.poll() is None
                    time.sleep(0.1)
            raise AssertionError("it does not answer")
        finally:
            server.terminate()
