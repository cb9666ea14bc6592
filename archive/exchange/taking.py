"""What an opened archive takes in: WARC files and packages of other tools, and articles of another archive."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from archive.errors import DiskFull
from archive.exchange.adopt import adopt, check_beginning
from archive.exchange.articles import MAX_LINE_BYTES, MIME, BadLine, read_line
from archive.exchange.model import UnreadableFile
from archive.exchange.package import open_package
from archive.exchange.pages import PageIndex, keys_of
from archive.model import ItemResult

if TYPE_CHECKING:
    from archive.app import Archive
    from archive.intake import Intake

_WARC: Final = re.compile(r"\.warc(\.gz)?$", re.I)


@dataclass
class Importing:
    """How an import is seen: `notice` is told of what is left out, `progress` how many pages of how many are done.

    left_out, files, others: what it came to: lines said, files taken under our roof, records that are no pages.
    """

    notice: Callable[[str], None] = lambda _: None
    progress: Callable[[int, int], None] = lambda _done, _total: None
    left_out: int = 0
    files: list[str] = field(default_factory=list)
    others: int = 0

    def leave_out(self, line: str) -> None:
        """Count it, and say it."""
        self.left_out += 1
        self.notice(line)


def import_warc(
    archive: Archive, path: Path, view: Importing, *, tags: tuple[str, ...] = ()
) -> Iterator[ItemResult]:
    """The pages of a WARC file, or of all those in a folder, as captures of the time when they were made.

    The files are copied whole into the archive's own folder first; then each page goes the way of a fetched one.
    Killed and begun again, it goes on where it was. Raises: UnreadableFile; else as `Archive.add`.
    """
    paths = sorted(one for one in path.iterdir() if _WARC.search(one.name)) if path.is_dir() else [path]
    if not paths:
        raise UnreadableFile(f"{path}: there is no WARC file in this folder")
    for one in paths:
        with one.open("rb") as source:
            check_beginning(source, one.name)
    _check_space(archive, path, sum(one.stat().st_size for one in paths))
    with archive.runs.run_alone("import warc", tags) as (intake, counts), _index(archive, view) as index:
        for one in paths:
            with one.open("rb") as source:
                held = adopt(source, one.name, archive.config.warc_folder, check_room=archive.runs.check_room)
            if held.name not in view.files:
                view.files.append(held.name)
                index.add(held)
        yield from _take_in(intake, counts, index, view, tags)


def import_wacz(
    archive: Archive, path: Path, view: Importing, *, tags: tuple[str, ...] = ()
) -> Iterator[ItemResult]:
    """The pages that a WACZ file lists (without a list: all that are HTML), as of `import_warc`.

    Raises: UnreadableFile, for anything in it that is not what it should be; else as `Archive.add`.
    """
    with open_package(path) as package:
        if not package.warcs:
            raise UnreadableFile(f"{path}: there is no WARC file in it")
        for name in package.warcs:
            with package.open(name) as source:
                check_beginning(source, name)
        _check_space(archive, path, package.octets)
        only = keys_of(package.pages()) or None
        with archive.runs.run_alone("import wacz", tags) as (intake, counts), _index(archive, view) as index:
            for name in package.warcs:
                with package.open(name) as source:
                    held = adopt(
                        source,
                        name,
                        archive.config.warc_folder,
                        check_room=archive.runs.check_room,
                        sha256=package.sha256(name),
                    )
                if held.name not in view.files:
                    view.files.append(held.name)
                    index.add(held, only=only)
            yield from _take_in(intake, counts, index, view, tags)


def import_articles(
    archive: Archive, path: Path, view: Importing, *, tags: tuple[str, ...] = ()
) -> Iterator[ItemResult]:
    """The articles of a file of JSON Lines; each line is kept as a WARC record. One that is held already is `known`."""
    with path.open("rb") as lines, archive.runs.run_alone("import jsonl", tags) as (intake, counts):
        number = 0
        while line := lines.readline(MAX_LINE_BYTES):
            number += 1
            if intake.stopping:
                return
            if not line.strip():
                continue
            try:
                told = read_line(line)
            except BadLine as error:
                view.leave_out(f"{path.name} line {number}: {error}")
                continue
            captured, given = told.captured or archive.now(), (*told.tags, *tags)
            for result in intake.take_in_article(told.draft, line.rstrip(b"\r\n"), MIME, captured, given):
                if told.first_captured is not None and result.article_id is not None:
                    intake.store.note_first_captured(result.article_id, told.first_captured)
                counts[result.outcome] += 1
                yield result
            view.progress(lines.tell(), path.stat().st_size)


class TakeIn(Protocol):
    """What takes in a file of one kind; what came of it, each once it is safe on disk."""

    def __call__(
        self, archive: Archive, path: Path, view: Importing, *, tags: tuple[str, ...] = ()
    ) -> Iterator[ItemResult]:
        """See `import_warc`."""


KINDS: Final[dict[str, TakeIn]] = {"warc": import_warc, "wacz": import_wacz, "jsonl": import_articles}


def _index(archive: Archive, view: Importing) -> PageIndex:
    return PageIndex(archive.config.warc_folder, view.leave_out, archive.now())


def _take_in(
    intake: Intake, counts: dict[str, int], index: PageIndex, view: Importing, tags: tuple[str, ...]
) -> Iterator[ItemResult]:
    view.others = index.others
    total = len(index)
    for done, result in enumerate(intake.take_in_all(index.fetches(intake.store, tags)), 1):
        counts[result.outcome] += 1
        yield result
        view.progress(done, total)


def _check_space(archive: Archive, path: Path, octets: int) -> None:
    """Raises: DiskFull, where a copy would leave less room than the configuration asks for."""
    free = shutil.disk_usage(archive.config.root).free
    if free - octets < archive.config.archive.min_free_bytes:
        raise DiskFull(
            f"{path}: a copy of it ({octets / 1e6:.0f} MB) would leave less than archive.min_free_bytes of the "
            f"{free / 1e6:.0f} MB that are free"
        )
