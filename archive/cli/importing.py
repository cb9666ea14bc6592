"""`archive import KIND PATH`: what other programs have kept.

Every kind is an `ImportKind` in `KINDS`; a module that knows another one puts it there when it is imported.
"""

from __future__ import annotations

import difflib
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.text import Text

from archive.cli.base import EXIT_ALL_FAILED, EXIT_SOME_FAILED, app, open_here
from archive.cli.output import count, put, put_json, safe, say

MOST_BYTES: Final = 500_000_000
"""A longer list is none that a person has kept, and would not fit into memory."""

COLUMNS: Final = ("url", "title", "tags", "added", "published")

STYLES: Final = {"queued": "green", "feed": "green", "known": "dim", "held": "dim", "skipped": "magenta"}


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What the command line asked for. path: of a file, or `-` for standard input.

    columns: for a table, what a column is to the name it has there. remove: take out again what lists feeds.
    """

    kind: str
    path: Path
    tags: tuple[str, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()
    remove: bool = False
    dry_run: bool = False
    as_json: bool = False


@dataclass(frozen=True, slots=True)
class ImportKind:
    """A kind of file. what: in a few words. run: imports it, prints what came of it, and ends with an exit code."""

    name: str
    what: str
    run: Callable[[ImportRequest], None]


KINDS: Final[dict[str, ImportKind]] = {}
"""Every kind by its name, in the order in which they are listed."""


def register(kind: ImportKind) -> None:
    """Make a kind known to the command."""
    KINDS[kind.name] = kind


@app.command("import")
def import_(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            help="What kind of file it is: urls, opml, bookmarks, pocket, instapaper, wallabag, csv, …",
        ),
    ],
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The file; - reads standard input.")],
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", "-t", metavar="T", help="A word to file all of it under.", show_default=False),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WHAT=NAME",
            help="For csv: the column that holds url, title, tags, added or published.",
            show_default=False,
        ),
    ] = None,
    remove: Annotated[
        bool, typer.Option("--remove", help="For opml: poll these feeds no more; what they brought stays.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done; ask and write nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Take in what other programs have kept: addresses with their titles, tags and dates, feeds, whole archives."""
    if kind not in KINDS:
        near = difflib.get_close_matches(kind, KINDS, n=1)
        known = "; ".join(f"{one.name} ({one.what})" for one in KINDS.values())
        meant = f"did you mean {near[0]}?" if near else f"there are: {known}"
        raise typer.BadParameter(f"there is no kind {kind!r}; {meant}")
    request = ImportRequest(kind, path, tuple(tag or ()), _columns(column or []), remove, dry_run, as_json)
    if request.columns and kind != "csv":
        raise typer.BadParameter("--column goes with csv: the other kinds have columns of their own")
    if remove and kind != "opml":
        raise typer.BadParameter("--remove goes with opml: only feeds are polled again and again")
    KINDS[kind].run(request)


def _columns(given: list[str]) -> tuple[tuple[str, str], ...]:
    pairs = [one.partition("=") for one in given]
    for what, equals, name in pairs:
        if what not in COLUMNS or not equals or not name:
            raise typer.BadParameter(f"--column is WHAT=NAME, and WHAT one of {', '.join(COLUMNS)}")
    return tuple((what, name) for what, _, name in pairs)


def read_bytes(path: Path) -> bytes:
    """The bytes of a list. Raises: typer.BadParameter, saying why they cannot be had."""
    try:
        with sys.stdin.buffer if str(path) == "-" else path.open("rb") as file:
            payload = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise typer.BadParameter(f"{path}: cannot be read: {error.strerror or error}") from error
    if len(payload) > MOST_BYTES:
        raise typer.BadParameter(f"{path}: longer than {MOST_BYTES} bytes")
    return payload


def _run_list(request: ImportRequest) -> None:
    """Queue what a file lists."""
    from archive.exchange.lists import READERS, read_table  # noqa: PLC0415  -- lxml and more
    from archive.exchange.model import UnreadableFile  # noqa: PLC0415
    from archive.jobs.importing import forget_feeds, queue  # noqa: PLC0415

    read = partial(read_table, columns=dict(request.columns)) if request.columns else READERS[request.kind]
    try:
        listing = read(read_bytes(request.path))
    except UnreadableFile as error:
        raise UnreadableFile(f"{request.path}: {error}") from error
    with open_here() as archive:
        if request.remove:
            polled = forget_feeds(archive, listing.entries)
            if request.as_json:
                put_json("summary", {"removed": polled})
            else:
                say(f"{count(polled, 'feed')} polled no more; what they brought stays")
            return
        counts: Counter[str] = Counter(queued=0, feed=0, known=0, held=0, skipped=len(listing.skipped))
        label = f"{request.kind}: {request.path.name}"
        for one in queue(archive, listing.entries, label, tags=request.tags, dry_run=request.dry_run):
            counts[one.state] += 1
            entry = one.entry
            if request.as_json:
                put_json(
                    "import",
                    {
                        "url": entry.url,
                        "state": one.state,
                        "title": entry.title,
                        "tags": [*entry.tags, *request.tags],
                        "added": entry.added,
                        "published": entry.published,
                        "error": None,
                    },
                )
            else:
                put(_line(one.state, entry.url, entry.title))
    for skipped in listing.skipped:
        reason = skipped.reason.removeprefix(f"{skipped.url}: ")
        if request.as_json:
            told = {"url": skipped.url, "state": "skipped", "error": f"{skipped.where}: {reason}"}
            put_json("import", told)
        else:
            put(_line("skipped", skipped.url, None, f"{skipped.where}: {reason}"))
    _finish(counts, request)


def _line(state: str, url: str, title: str | None, why: str | None = None) -> Text:
    line = Text().append(f"{state:<8}", style=STYLES[state])
    if title:
        line.append(f" {safe(title)} ", style="bold")
    line.append(f" {safe(url)}")
    if why:
        line.append(f"  {safe(why)}", style="dim")
    return line


def _finish(counts: Counter[str], request: ImportRequest) -> None:
    if request.as_json:
        put_json("summary", {**counts, **({"dry_run": True} if request.dry_run else {})})
    else:
        parts = [f"{counts[one]} {word}" for one, word in _WORDS.items() if counts[one]]
        said = ", ".join(parts) or "it lists nothing"
        if request.dry_run:
            say(f"dry run: {said}; nothing was written")
        else:
            waits = counts["queued"] or counts["feed"]
            say(f"{said}{'. `archive crawl import` asks for them now, any other crawl too' if waits else ''}")
    if counts["skipped"]:
        raise typer.Exit(EXIT_ALL_FAILED if counts.total() == counts["skipped"] else EXIT_SOME_FAILED)


_WORDS: Final = {
    "queued": "queued", "feed": "to be polled", "known": "known already", "held": "held already",
    "skipped": "skipped",
}  # fmt: skip


LISTS: Final = {
    "urls": "addresses, one a line",
    "opml": "feeds of a feed reader",
    "bookmarks": "a browser's bookmarks as HTML",
    "pocket": "Pocket's export: zip, CSV or HTML",
    "instapaper": "Instapaper's export: CSV",
    "wallabag": "wallabag's export: JSON",
    "csv": "any table with a column of addresses",
}
"""Kinds that list addresses; `archive.exchange.lists` reads them."""

for _name, _what in LISTS.items():
    register(ImportKind(_name, _what, _run_list))
