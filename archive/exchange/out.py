"""What an opened archive hands on: chosen articles in a format, and the answer to a quotation."""

from __future__ import annotations

from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from archive.exchange.export import (
    Exported,
    ExportError,
    Order,
    Progress,
    export_to_path,
    export_to_stream,
    kind_of,
)
from archive.exchange.quotation import Answer, Finder
from archive.store.connection import open_reader, translated
from archive.store.snapshot import Choice, Snapshot

if TYPE_CHECKING:
    from archive.app import Archive


def export_from(
    archive: Archive,
    kind: str,
    target: Path | BinaryIO,
    choice: Choice,
    *,
    bom: bool = False,
    raw: bool = False,
    progress: Progress = lambda _done, _total: None,
) -> Exported:
    """Write chosen articles in a format to a file, a folder or a stream. bom, raw: as of `Order`.

    Raises: BadCondition, ExportError, DiskFull, StoreError.
    """
    form = kind_of(kind)
    if isinstance(target, Path):
        _refuse_own(archive, target)
    left_out: list[str] = []
    with Snapshot(archive.store.path, choice) as snapshot:
        order = Order(
            snapshot,
            archive.config.warc_folder,
            f"article-archive/{version('article-archive')}",
            archive.now(),
            bom,
            raw,
            progress,
            left_out.append,
        )
        if isinstance(target, Path):
            export_to_path(form, order, target)
        else:
            export_to_stream(form, order, target)
        return Exported(len(snapshot), tuple(left_out))


def quote_from(archive: Archive, quotation: str, limit: int) -> Answer:
    """Who says something, and what proves it. Raises: NothingToFind, StoreError."""
    from scraper.fetch.client import Fetcher  # noqa: PLC0415  -- its decoder, which an export does without

    path = archive.store.path
    with translated(path), closing(open_reader(path)) as connection, Fetcher(archive.config.fetch) as fetcher:
        return Finder(connection, archive.config.warc_folder, fetcher.decoded).answer(quotation, limit=limit)


def _refuse_own(archive: Archive, path: Path) -> None:
    """Raises: ExportError, where an export would write over the archive itself."""
    config = archive.config
    whole, folder = path.resolve(), config.warc_folder.resolve()
    beside = (config.database.with_name(f"{config.database.name}-{one}") for one in ("wal", "shm", "journal"))
    own = (config.database, *beside, config.lock_file, config.file)
    if whole in {one.resolve() for one in own if one} or folder in (whole, *whole.parents):
        raise ExportError(f"{path} is part of the archive itself: -o names another place")
