"""Pages read again for their explanation: in one worker process with its limits, one reader at a time.

Reading a page costs a second or two, most of it the start of the worker. So who asks for many waits in a short line,
and what was read lately is shown again.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from archive.config import ArchiveSettings, Config
from archive.errors import StoreError
from archive.web.reading import write_marker
from scraper.errors import ScraperError

if TYPE_CHECKING:
    from datasette.database import Database

    from archive.web.visit import Visit
    from scraper.model import Page

MAX_WAITING: Final = 8
"""Readers who wait; whoever comes then is told to come again."""

KEPT_PAGES: Final = 32

KEPT_SECONDS: Final = 60
"""So long a reading stands: the rules of a site are a file that may be edited meanwhile."""


@dataclass(slots=True)
class _Desk:
    """Where the pages of one archive are read. pages: by article and state of the archive, with the time of reading."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0
    pages: OrderedDict[tuple[Any, ...], tuple[float, Page]] = field(default_factory=OrderedDict)


_desks: WeakKeyDictionary[Database, _Desk] = WeakKeyDictionary()


async def explained(visit: Visit, article_id: int) -> Page:
    """An article's page, read again from its latest capture as `archive explain` reads it.

    Raises: NotFound; StoreError, where it cannot be read or too many wait for theirs.
    """
    desk = _desks.setdefault(visit.database, _Desk())
    key = (article_id, await visit.read(write_marker))
    if desk.waiting >= MAX_WAITING:
        raise StoreError("too many pages are being read again: try it in a moment")
    desk.waiting += 1
    try:
        async with desk.lock:
            read_at, page = desk.pages.get(key, (0.0, None))
            if page is None or time.monotonic() > read_at + KEPT_SECONDS:
                page = await asyncio.to_thread(_explain, _config(visit), article_id)
                desk.pages[key] = (time.monotonic(), page)
                while len(desk.pages) > KEPT_PAGES:
                    desk.pages.popitem(last=False)
            return page
    finally:
        desk.waiting -= 1


def _explain(config: Config, article_id: int) -> Page:
    from archive.app import open_archive  # noqa: PLC0415  -- the pages that read no record need none of it

    try:
        with open_archive(config) as archive:
            return archive.explain(article_id)
    except ScraperError as error:
        raise StoreError(f"its page cannot be read again: {error}") from error


def _config(visit: Visit) -> Config:
    """The settings to read under: the archive's own where they are known, and one worker."""
    # Datasette may have been given a path from the working folder; a configuration's are from its own.
    place, path = visit.place, Path(str(visit.database.path)).absolute()
    config = place.config or Config(path.parent)
    folder = str(place.warc_folder.absolute())
    return replace(
        config,
        archive=ArchiveSettings(name=place.name, database=str(path), warc=folder),
        extract=replace(config.extract, workers=1),
    )
