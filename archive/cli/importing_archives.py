"""`archive import warc | wacz | jsonl`: whole archives of other tools, and articles of another archive of this kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from archive.cli.base import EXIT_ALL_FAILED, EXIT_INTERRUPTED, EXIT_SOME_FAILED, open_here
from archive.cli.importing import ImportKind, ImportRequest, register
from archive.cli.output import (
    console,
    count,
    put,
    put_json,
    result_json,
    result_line,
    safe,
    say,
    summary_line,
)
from archive.cli.signals import stopping_on_signals
from archive.model import OUTCOMES

if TYPE_CHECKING:
    from archive.exchange.taking import Importing


def _run(request: ImportRequest) -> None:
    from archive.exchange import taking  # noqa: PLC0415

    if request.dry_run:
        raise typer.BadParameter(f"--dry-run goes with lists of addresses, not with {request.kind}")
    if not request.path.exists():
        raise typer.BadParameter(f"{request.path}: there is no such file")
    counts: dict[str, int] = dict.fromkeys(OUTCOMES, 0)
    with open_here() as archive, _progress(request.kind) as progress, stopping_on_signals(archive):
        view = taking.Importing(lambda line: say(safe(line)), progress)
        try:
            for result in taking.KINDS[request.kind](archive, request.path, view, tags=request.tags):
                counts[result.outcome] += 1
                if request.as_json:
                    put_json("capture", result_json(result))
                else:
                    put(result_line(result))
        except OSError as error:
            raise typer.BadParameter(f"{request.path}: cannot be read: {error.strerror or error}") from error
    _finish(request, counts, view, stopped=archive.was_stopped)


def _finish(request: ImportRequest, counts: dict[str, int], view: Importing, *, stopped: bool) -> None:
    if request.as_json:
        put_json(
            "summary",
            {**counts, "left_out": view.left_out, "other_records": view.others, "files": view.files},
        )
    else:
        say(f"{'stopped; done and saved: ' if stopped else ''}{summary_line(counts)}")
        if view.files:
            kept = (
                f"{count(view.others, 'record')} beside them kept as they are"
                if view.others
                else "kept whole"
            )
            say(f"{', '.join(view.files)}: {kept}")
        if view.left_out:
            say(f"{view.left_out} left out, as said above")
    if stopped:
        raise typer.Exit(EXIT_INTERRUPTED)
    failed = counts["failed"] + view.left_out
    if failed:
        raise typer.Exit(
            EXIT_ALL_FAILED if failed == sum(counts.values()) + view.left_out else EXIT_SOME_FAILED
        )


@contextmanager
def _progress(name: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error, where that is a terminal."""
    errors = console(stderr=True)
    if not errors.is_terminal:
        yield lambda _done, _total: None
        return
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (TextColumn(name), BarColumn(bar_width=24), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True, redirect_stdout=False) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


for _name, _what in (
    ("warc", "WARC files of other tools"),
    ("wacz", "a package of Webrecorder's tools"),
    ("jsonl", "articles of another archive, as export jsonl writes them"),
):
    register(ImportKind(_name, _what, _run))
