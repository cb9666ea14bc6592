"""`archive export KIND`: articles in the form that another program reads."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO, cast

import typer

from archive.cli.base import EXIT_SOME_FAILED, app, open_here
from archive.cli.output import ReaderGone, console, count, safe, say, size
from archive.exchange.export import KINDS, Exported, ExportKind, kind_of
from archive.search.parsing import parse_query

_LISTED = "\n\n".join(f"{kind.name}: {kind.what}." for kind in KINDS.values())


@app.command(help=f"Hand articles on, in the form that another program reads.\n\n{_LISTED}")
def export(
    kind: Annotated[str, typer.Argument(metavar="KIND", help=", ".join(KINDS))],
    where: Annotated[
        str | None,
        typer.Option(metavar="SQL", help="Only articles for which this holds.", show_default=False),
    ] = None,
    query: Annotated[
        str | None,
        typer.Option("--query", "-q", metavar="Q", help="Only what a search finds.", show_default=False),
    ] = None,
    tag: Annotated[str | None, typer.Option("--tag", "-t", metavar="T", help="Only with this tag.")] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="PATH",
            help="The file or folder; else standard output.",
            show_default=False,
        ),
    ] = None,
    bom: Annotated[
        bool, typer.Option("--bom", help="For csv: begin with a byte-order mark, for old Excel.")
    ] = False,
    raw: Annotated[
        bool, typer.Option("--raw", help="For csv: no apostrophe before text that looks like a formula.")
    ] = False,
) -> None:
    """Hand articles on."""
    form = kind_of(kind)
    if (bom or raw) and form.name != "csv":
        raise typer.BadParameter("--bom and --raw go with csv")
    to_stream = output is None or str(output) == "-"
    if to_stream and form.form == "bytes" and sys.stdout.isatty():
        raise typer.BadParameter(f"{form.name} is no text for a terminal: name a file with -o")
    for note in parse_query(query or "").notes:
        say(safe(note))
    with open_here() as archive, _progress(form) as progress:
        target = _Stdout() if to_stream else cast(Path, output)
        done = archive.export(
            kind,
            cast("BinaryIO | Path", target),
            where=where,
            query=query,
            tag=tag,
            bom=bom,
            raw=raw,
            progress=progress,
        )
        if isinstance(target, _Stdout):
            target.flush()
    _say(done, None if to_stream else output)
    if done.left_out:
        raise typer.Exit(EXIT_SOME_FAILED)


class _Stdout(io.RawIOBase):
    """Standard output, octet by octet; a reader that goes away ends the program quietly."""

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: object, /) -> int:
        """Write all of it."""
        try:
            return sys.stdout.buffer.write(cast(bytes, data))
        except BrokenPipeError as error:
            raise ReaderGone from error

    def flush(self) -> None:
        """Hand on what waits."""
        try:
            sys.stdout.buffer.flush()
        except BrokenPipeError as error:
            raise ReaderGone from error


def _say(done: Exported, output: Path | None) -> None:
    for line in done.left_out:
        say(f"left out: {line}")
    if output is not None:
        bytes_written = f", {size(output.stat().st_size)}" if output.is_file() else ""
        say(f"{count(done.articles, 'article')} written to {output}{bytes_written}")
    elif not done.articles:
        say("no article is so: nothing was written")


@contextmanager
def _progress(form: ExportKind) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error, where that is a terminal and standard output none."""
    errors = console(stderr=True)
    if not errors.is_terminal:
        yield lambda _done, _total: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (TextColumn(form.name), BarColumn(bar_width=24), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True, redirect_stdout=False) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
