"""The ways out of an archive: which there are, what each is given, and where it may write."""

from __future__ import annotations

import difflib
import errno
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import BinaryIO, Final, Literal

from archive.errors import ArchiveError, DiskFull
from archive.model import Article
from archive.store.snapshot import Snapshot

Progress = Callable[[int, int], None]
"""Told how many of how many are done."""


class ExportError(ArchiveError):
    """An export that cannot be made as it was asked for."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a format is given to write.

    snapshot: the chosen articles. warc_folder: where their records stand. software: who writes. now: when.
    bom: for csv, begin with a byte-order mark. raw: for csv, leave text that a spreadsheet would calculate.
    """

    snapshot: Snapshot
    warc_folder: Path
    software: str
    now: datetime
    bom: bool = False
    raw: bool = False
    progress: Progress = lambda _done, _total: None
    notice: Callable[[str], None] = lambda _: None

    def articles(self) -> Iterator[Article]:
        """The chosen articles one by one, counted."""
        total = len(self.snapshot)
        for done, one in enumerate(self.snapshot.articles(), 1):
            yield one
            self.progress(done, total)


Form = Literal["text", "bytes", "file", "folder"]
"""What comes of it: text or bytes that may go into a pipe, one file that is written here and there, or a folder."""


@dataclass(frozen=True, slots=True)
class ExportKind:
    """A format. what: in a few words. suffix: of a file of it."""

    name: str
    what: str
    form: Form
    suffix: str

    def write(self, order: Order, target: BinaryIO | Path) -> None:
        """Write what is ordered. target: a stream for `text` and `bytes`, else a path where nothing stands yet.

        Raises: ExportError; OSError.
        """
        module = import_module(f"archive.exchange.{_MODULES.get(self.name, self.name)}")
        module.write(order, target)


KINDS: Final = {
    kind.name: kind
    for kind in (
        ExportKind("jsonl", "every field, a JSON object a line", "text", ".jsonl"),
        ExportKind("csv", "every field, for a spreadsheet", "text", ".csv"),
        ExportKind("markdown", "a folder, a file an article", "folder", ""),
        ExportKind("parquet", "every field, for pandas, DuckDB and R", "file", ".parquet"),
        ExportKind("warc", "their WARC records, byte for byte", "bytes", ".warc.gz"),
        ExportKind("wacz", "a web archive for ReplayWeb.page", "file", ".wacz"),
        ExportKind("cdxj", "an index of their WARC records", "text", ".cdxj"),
        ExportKind("atom", "a feed with their whole text", "text", ".atom"),
        ExportKind("csl", "citations as CSL-JSON, for Zotero and pandoc", "text", ".json"),
        ExportKind("ris", "citations as RIS", "text", ".ris"),
        ExportKind("bibtex", "citations as BibTeX", "text", ".bib"),
        ExportKind("pack", "a small database of texts, for Datasette Lite", "file", ".db"),
    )
}
"""Every format by its name."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written. articles: how many. left_out: a line for each thing that could not be, and why."""

    articles: int
    left_out: tuple[str, ...]


def kind_of(name: str) -> ExportKind:
    """A format by its name. Raises: ExportError, saying which there are."""
    if name in KINDS:
        return KINDS[name]
    near = difflib.get_close_matches(name, KINDS, n=1)
    meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(KINDS)}"
    raise ExportError(f"there is no format {name!r}; {meant}")


def export_to_stream(kind: ExportKind, order: Order, stream: BinaryIO) -> None:
    """Write a format to a stream. Raises: ExportError, where it is none that can be streamed; OSError."""
    _refuse_in_stream(kind)
    kind.write(order, stream)


def _refuse_in_stream(kind: ExportKind) -> None:
    if kind.form not in ("text", "bytes"):
        raise ExportError(f"{kind.name} is {_FORMS[kind.form]}: name it with -o")


def export_to_path(kind: ExportKind, order: Order, path: Path) -> None:
    """Write a format to a file, which is there whole or not at all, or to a folder.

    A link is followed. What is neither file nor folder, a device or a named pipe, is written to and never replaced.
    Raises: ExportError, DiskFull.
    """
    try:
        if kind.form == "folder":
            kind.write(order, path)
            return
        if path.is_dir():
            raise ExportError(f"{path} is a folder: -o names the file to write")
        if path.exists() and not path.is_file():
            _refuse_in_stream(kind)  # before it is opened: a pipe that nobody reads would hold us for ever
            with path.open("wb") as stream:
                export_to_stream(kind, order, stream)
            return
        _write_whole(kind, order, path.resolve())
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise DiskFull(f"{path}: no room is left on the disk; nothing of it was kept") from error
        raise ExportError(f"{path}: cannot be written: {error.strerror or error}") from error


def _write_whole(kind: ExportKind, order: Order, path: Path) -> None:
    part = path.with_name(f"{path.name}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    part.unlink(missing_ok=True)
    try:
        if kind.form == "file":
            kind.write(order, part)
        else:
            with part.open("wb") as stream:
                kind.write(order, stream)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


_FORMS: Final = {"file": "one file that cannot go through a pipe", "folder": "a folder of files"}
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

_MODULES: Final = {
    "csv": "spreadsheet",
    "markdown": "notes",
    "atom": "atom_file",
    "jsonl": "lines",
    "warc": "subset",
}
