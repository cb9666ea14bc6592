"""What `archive doctor` looks at: is everything there, is there room, may we write, and what helps if not."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sized
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final, Literal

from archive.config import Config
from archive.errors import (
    ArchiveError,
    ConfigError,
    DiskFull,
    IndexDamaged,
    MigrationError,
    NotAnArchive,
    OlderSchema,
)
from archive.exchange.adopt import PREFIX, is_imported
from archive.lock import is_held, owner_of
from archive.rules import load_rules
from archive.search.synonyms import load_synonyms
from archive.store import Store
from archive.store.connection import open_reader

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
    yield from _own_files(config)
    yield from _paths(config)
    yield from _database(config)
    yield _disk(config)
    yield _lock(config)


def _own_files(config: Config) -> Iterator[Check]:
    """The rules for sites and the synonyms, where there are such files."""
    readers: tuple[tuple[str, Path | None, Callable[[Path], Sized], str, str], ...] = (
        ("site rules", config.rules_file, load_rules, "sites", "docs/sites.md says how rules are written"),
        (
            "synonyms",
            config.synonyms_file,
            load_synonyms,
            "groups",
            "one group a line, names parted by commas",
        ),
    )
    for name, file, load, what, remedy in readers:
        if file is None:
            continue
        try:
            yield Check(name, "ok", f"{file}: {len(load(file))} {what}")
        except ConfigError as error:
            yield from (Check(name, "bad", fault, remedy) for fault in error.faults)


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
    try:
        with Store.open(config.database, read_only=True) as store:
            articles = f"{store.status().articles} articles"
            if config.database.stat().st_size > LOOKED_THROUGH_BYTES:
                limit = f"{LOOKED_THROUGH_BYTES / 1e6:.0f} MB"
                yield Check("contents", "ok", f"{articles} (not looked through: larger than {limit})")
                return
            store.check_integrity()
    except OlderSchema as error:
        yield Check("contents", "note", str(error))
    except NotAnArchive as error:
        yield Check("contents", "bad", str(error), "name another file in config.toml: [archive] database")
    except MigrationError as error:
        yield Check("contents", "bad", str(error))  # it says what to do
    except IndexDamaged as error:
        made_again = f"from archive.store import Store; Store.open({str(config.database)!r}).rebuild_index()"
        yield Check(
            "contents", "bad", str(error), f'the articles are whole; make it again: python -c "{made_again}"'
        )
    except DiskFull:
        yield Check(
            "contents",
            "note",
            f"{articles}; not looked through: no room for a copy in {tempfile.gettempdir()}",
        )
    except ArchiveError as error:
        yield Check("contents", "bad", str(error), _rescue(config))
    else:
        yield Check("contents", "ok", articles)


_MEND: Final = "put a backup in its place, or mend a copy of it (https://www.sqlite.org/recovery.html)"


def _rescue(config: Config) -> str:
    """What to do about a damaged database. It is never to be moved away while articles stand in it alone."""
    database = config.database
    try:
        with closing(open_reader(database)) as connection:
            held, imported, alone = _kept_where(connection, config.warc_folder)
    except (ArchiveError, sqlite3.Error):
        return (
            f"{_MEND}. Without one, move {database} and its -wal and -shm files aside and keep them: the next archive "
            f"add reads back the pages in {config.warc_folder} but for imported-*, which archive import warc takes; "
            "what was imported without its page stands in that database alone"
        )
    if alone:
        return (
            f"keep {database}: {alone} of its {held} articles came without a page or have lost it, and stand in it "
            f"alone. {_MEND[0].upper()}{_MEND[1:]}"
        )
    again = (
        f", and archive import warc of each {config.warc_folder / (PREFIX + '*')} those that were imported"
        if imported
        else ""
    )
    return (
        f"{_MEND}. Or move {database} and its -wal and -shm files away: the pages of all {held} articles are in "
        f"{config.warc_folder}, and the next archive add reads them back{again}. "
        "What earlier runs did is not told again"
    )


def _kept_where(connection: sqlite3.Connection, warc_folder: Path) -> tuple[int, int, int]:
    """How many articles there are, how many of them were read from imported WARC files, and how many have no record."""
    files: dict[int, set[str]] = {
        number: set() for (number,) in connection.execute("SELECT id FROM articles")
    }
    recorded = "SELECT article_id, warc_file FROM captures WHERE article_id NOTNULL AND warc_file NOTNULL"
    there: dict[str, bool] = {}
    for number, name in connection.execute(recorded):
        if there.setdefault(name, (warc_folder / name).is_file()) and number in files:
            files[number].add(name)
    own = [any(not is_imported(name) for name in names) for names in files.values()]
    alone = sum(not names for names in files.values())
    return len(files), len(files) - sum(own) - alone, alone


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
