"""Which of the databases that a Datasette serves is an archive, and what belongs to it.

A database says itself whose it is: `application_id`, in the header of its file. Nothing is imported here that
another Datasette of the same environment would have to pay for.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from datasette.app import Datasette
    from datasette.database import Database

    from archive.config import Config

APPLICATION_ID: Final = 0x41417231
"""As `archive.store.migrations` writes it. Said again, since importing that costs 100 ms."""

PLUGIN: Final = "article_archive"
"""The name under which Datasette's configuration may say `{"warc": folder, "name": what it is called}`."""

_places: WeakKeyDictionary[Database, Place] = WeakKeyDictionary()
_judged: WeakKeyDictionary[Database, bool] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Place:
    """What an archive calls itself, and the folder of its WARC files.

    config: all its settings, where they are known: the limits under which a page is read again.
    excerpt_chars: how much of each text is shown; `None` for all of it.
    """

    name: str
    warc_folder: Path
    config: Config | None = None
    excerpt_chars: int | None = None

    @property
    def synonyms(self) -> tuple[tuple[str, ...], ...]:
        """The operator's own synonyms. A file that cannot be read says nothing: `archive search` says why."""
        from archive.errors import ConfigError  # noqa: PLC0415  -- as below
        from archive.search.synonyms import load_synonyms  # noqa: PLC0415

        file = self.config.synonyms_file if self.config is not None else None
        if file is None:
            return ()
        with suppress(ConfigError):
            return load_synonyms(file)
        return ()


def attached_archive(datasette: Datasette) -> Database | None:
    """The first attached database that is an archive."""
    # The metadata hook of 0.65 may be called before the databases are there.
    databases = getattr(datasette, "databases", {})
    return next((database for database in databases.values() if _is_archive(database)), None)


def assign_place(database: Database, place: Place) -> None:
    """Say where an archive lies, for who knows it: Datasette shows its configuration to everyone."""
    _places[database] = place


def place_of(datasette: Datasette, database: Database) -> Place:
    """Where an archive's WARC files lie and what it is called.

    As it was assigned, else as the plugin's configuration says, else as the `config.toml` that names this database or,
    without one, the defaults do, else beside it. It is found once.
    """
    if database not in _places:
        given = datasette.plugin_config(PLUGIN, database=database.name) or {}
        found = _configured_place(Path(str(database.path)).resolve())
        folder = given.get("warc")
        assign_place(
            database,
            Place(
                str(given.get("name") or found.name),
                Path(folder) if folder else found.warc_folder,
                found.config,
            ),
        )
    return _places[database]


def _configured_place(path: Path) -> Place:
    from archive.config import Config, find_config, load_config  # noqa: PLC0415  -- it costs 100 ms
    from archive.errors import ConfigError  # noqa: PLC0415

    beside = Place("", path.parent / "warc")
    file = find_config(path.parent, {})
    try:
        config = load_config(file, environment={}) if file else Config(path.parent.parent)
    except ConfigError:
        return beside  # `archive` itself says what is wrong with it
    if config.database.resolve() != path:
        return beside
    return Place(config.archive.name, config.warc_folder, config)


def _is_archive(database: Database) -> bool:
    if database.is_memory or not database.path:
        return False
    if database not in _judged:
        _judged[database] = _application_id(database) == APPLICATION_ID
    return _judged[database]


def _application_id(database: Database) -> int | None:
    """As SQLite reads it: in a new database it may still stand in the write-ahead log alone."""
    mode = "mode=ro" if database.is_mutable else "immutable=1"
    address = f"file:{quote(str(Path(str(database.path)).absolute()))}?{mode}"
    try:
        with closing(sqlite3.connect(address, uri=True)) as connection:
            found: tuple[int] = connection.execute("PRAGMA application_id").fetchone()
    except sqlite3.Error:
        return None  # no database yet, or none at all: Datasette will say so
    return found[0]
