"""What `archive doctor` looks at: is everything there, is there room, may we write, and what helps if not."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from archive.config import Config
from archive.errors import ArchiveError
from archive.lock import is_held, owner_of
from archive.store import Store

PACKAGES = (
    "article-archive", "httpx", "httpcore", "trafilatura", "lxml", "lxml_html_clean", "beautifulsoup4", "warcio",
    "isal", "brotli", "zstandard", "sqlite-utils", "datasette", "typer", "protego", "filelock",
)  # fmt: skip

WAL_RESET_FIXED = ((3, 51, 3), (3, 50, 7), (3, 44, 6))
"""Releases that close SQLite's WAL-reset race, newest first; each holds for its own 3.x line
(sqlite.org/wal.html#walresetbug, `../shared/facts/trust.md`, section 1)."""


LOOKED_THROUGH_BYTES = 200_000_000
"""Databases up to this size are checked page by page, which takes a few seconds at the most."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. state: `ok`, `note` (works, worth knowing) or `bad`. remedy: what to do about it."""

    name: str
    state: Literal["ok", "note", "bad"]
    found: str
    remedy: str = ""


def examine(config: Config) -> Iterator[Check]:
    """Every check, in the order of reading."""
    yield Check("python", "ok", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    yield from _packages()
    yield from _sqlite()
    where = str(config.file) if config.file else "none; built-in defaults"
    yield Check("configuration", "ok", where)
    yield from _paths(config)
    yield from _database(config)
    yield _disk(config)
    yield _lock(config)


def _packages() -> Iterator[Check]:
    found, missing = [], []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    yield Check("packages", "ok", ", ".join(found))
    for name in missing:
        yield Check(name, "bad", "not installed", f"pip install {name}")


def is_wal_reset_safe(release: tuple[int, int, int]) -> bool:
    """Whether this release of SQLite is free of the WAL-reset race."""
    if release < (3, 7, 0) or release >= WAL_RESET_FIXED[0]:
        return True
    return any(release[:2] == fixed[:2] and release >= fixed for fixed in WAL_RESET_FIXED)


def _sqlite() -> Iterator[Check]:
    release = sqlite3.sqlite_version
    with sqlite3.connect(":memory:") as connection:
        options = {row[0] for row in connection.execute("PRAGMA compile_options")}
        try:
            connection.execute("CREATE VIRTUAL TABLE one USING fts5(text)")
            has_fts = True
        except sqlite3.OperationalError:
            has_fts = False
    connection.close()
    threads = next((one for one in options if one.startswith("THREADSAFE")), "")
    yield Check("sqlite", "ok", f"{release} {threads}".strip())
    if not has_fts:
        yield Check("sqlite FTS5", "bad", "missing", "search needs it: use a Python whose sqlite3 has FTS5")
    if not is_wal_reset_safe(sqlite3.sqlite_version_info):
        yield Check(
            "sqlite WAL",
            "note",
            f"{release} has the WAL-reset race (two writers at once can lose data)",
            "our lock keeps to one writer; let no other program write to the database, "
            "or use SQLite 3.51.3, 3.50.7, 3.44.6 or newer",
        )


def _nearest(path: Path) -> Path:
    """The path itself, or the nearest folder above it that exists."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


def _paths(config: Config) -> Iterator[Check]:
    for name, path in (
        ("database", config.database),
        ("warc folder", config.warc_folder),
        ("lock", config.lock_file),
    ):
        ground = _nearest(path)
        if not os.access(ground, os.W_OK | (os.X_OK if ground.is_dir() else 0)):
            yield Check(
                name, "bad", f"{path}: no right to write", f"chown or chmod {ground}, or run as its owner"
            )
        elif ground.is_file() and ground != path:
            yield Check(
                name, "bad", f"{path}: {ground} is a file, not a folder", "set another path in config.toml"
            )
        else:
            yield Check(name, "ok", f"{path}{'' if path.exists() else ' (made at the first `archive add`)'}")


def _database(config: Config) -> Iterator[Check]:
    """Whether the database can be read; small ones are looked through."""
    if not config.database.exists():
        return
    remedy = (
        f"move {config.database} and its -wal and -shm files away: the next `archive add` reads every article "
        f"back from {config.warc_folder}"
    )
    try:
        with Store.open(config.database, read_only=True) as store:
            articles = store.status().articles
            if config.database.stat().st_size <= LOOKED_THROUGH_BYTES:
                store.check_integrity()
    except ArchiveError as error:
        yield Check("contents", "bad", str(error), remedy)
    else:
        yield Check("contents", "ok", f"{articles} articles")


def _disk(config: Config) -> Check:
    usage = shutil.disk_usage(_nearest(config.database))
    free = f"{usage.free / 1e9:.1f} GB free of {usage.total / 1e9:.1f} GB"
    if usage.free < config.archive.min_free_bytes:
        return Check(
            "disk", "bad", free, "make room, or lower archive.min_free_bytes: no run starts below it"
        )
    return Check("disk", "ok", free)


def _lock(config: Config) -> Check:
    if is_held(config.lock_file):
        return Check("writer", "note", f"a run is under way: {owner_of(config.lock_file)}")
    return Check("writer", "ok", "no run is under way")
