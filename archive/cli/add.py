"""`archive add`: URLs in, one line an item out."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from archive.cli.base import EXIT_ALL_FAILED, EXIT_INTERRUPTED, EXIT_SOME_FAILED, app, open_here
from archive.cli.output import (
    FAILURES,
    console,
    put,
    put_json,
    result_json,
    result_line,
    safe,
    say,
    summary_line,
)
from archive.cli.signals import stopping_on_signals
from archive.model import OUTCOMES, ItemResult

if TYPE_CHECKING:
    from archive.app import Archive


@app.command()
def add(
    urls: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="URL…",
            help="Addresses of articles; - reads them from standard input.",
            show_default=False,
        ),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A page saved by your own browser, instead of asking for it.",
            show_default=False,
        ),
    ] = None,
    url: Annotated[
        str | None, typer.Option(metavar="URL", help="The address of the page in --html.", show_default=False)
    ] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option(
            "--tag", "-t", metavar="T", help="A word to file the articles under.", show_default=False
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Ask again for what is held already.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done; ask and write nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Fetch articles, keep them in WARC files, and store their clean text."""
    from archive.outcomes import saved_page_type  # noqa: PLC0415

    given, tags = list(urls or ()), tuple(tag or ())
    if html is not None or url is not None:
        _check_saved_page(html, url, given)
    elif not given:
        raise typer.BadParameter("name at least one URL, or - to read them from standard input")
    with open_here() as archive:
        if dry_run:
            if html is not None:
                _read(html)
            _plan(archive, [url] if url is not None else _addresses(given), force=force, as_json=as_json)
            return
        with stopping_on_signals(archive):
            if html is not None and url is not None:
                results: Iterator[ItemResult] = iter(
                    [archive.add_saved_page(_read(html), url, mime=saved_page_type(html.name), tags=tags)]
                )
                counts = _print_results(results, as_json=as_json)
            elif len(given) > 1 or given == ["-"]:
                counts = _with_progress(archive, given, tags=tags, force=force, as_json=as_json)
            else:
                counts = _print_results(
                    archive.iter_add(_addresses(given), tags=tags, force=force), as_json=as_json
                )
    _finish(counts, as_json=as_json, stopped=archive.was_stopped)


def _check_saved_page(html: Path | None, url: str | None, given: list[str]) -> None:
    if html is None or url is None:
        raise typer.BadParameter("--html FILE and --url URL go together")
    if given:
        raise typer.BadParameter("with --html, the address goes into --url and nowhere else")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{path}: cannot be read: {error.strerror}") from error


def _addresses(given: list[str]) -> Iterator[str]:
    """The addresses named, those on standard input where a `-` stands. Blank lines and # comments are skipped."""
    for argument in given:
        if argument != "-":
            yield argument
            continue
        for raw in _lines_of(sys.stdin.fileno()):
            line = raw.decode("utf-8", "replace").strip().lstrip("\ufeff").strip()
            if line and not line.startswith("#"):
                yield line


def _lines_of(descriptor: int) -> Iterator[bytes]:
    """Lines as they come, past Python's own buffer.

    Its lock would be held by a thread that waits for more while the program wants to end.
    """
    held = b""
    while piece := os.read(descriptor, 65536):
        *whole, held = (held + piece).split(b"\n")
        yield from whole
    if held:
        yield held


def _print_results(
    results: Iterator[ItemResult], *, as_json: bool, write: Callable[[Text], None] = put
) -> dict[str, int]:
    counts: dict[str, int] = dict.fromkeys(OUTCOMES, 0)
    for result in results:
        counts[result.outcome] += 1
        if as_json:
            put_json("capture", result_json(result))
        else:
            write(result_line(result))
    return counts


def _with_progress(
    archive: Archive, given: list[str], *, tags: tuple[str, ...], force: bool, as_json: bool
) -> dict[str, int]:
    """The same with a bar on standard error where that is a terminal: count, rate, host."""
    errors = console(stderr=True)
    addresses = _addresses(given)
    if not errors.is_terminal:
        return _print_results(archive.iter_add(addresses, tags=tags, force=force), as_json=as_json)

    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    total = None if "-" in given else len(given)
    bar = Progress(
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]:.1f} a second"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[host]}", style="dim"),
        console=errors,
        transient=True,
        redirect_stdout=False,
    )
    with bar:
        task = bar.add_task("", total=total, host="", rate=0.0)

        def counted(results: Iterator[ItemResult]) -> Iterator[ItemResult]:
            for result in results:
                speed = bar.tasks[0].finished_speed or bar.tasks[0].speed or 0.0
                bar.update(task, advance=1, rate=speed)
                yield result

        found = archive.iter_add(
            addresses,
            tags=tags,
            force=force,
            on_host=lambda host: bar.update(task, host=safe(host)),
        )
        write = partial(bar.console.print, soft_wrap=True) if sys.stdout.isatty() else put
        return _print_results(counted(found), as_json=as_json, write=write)


def _plan(archive: Archive, urls: Iterator[str] | list[str], *, force: bool, as_json: bool) -> None:
    counts = {"fetch": 0, "known": 0, "refuse": 0}
    for plan in archive.plan(urls, force=force):
        counts[plan.action] += 1
        if as_json:
            put_json(
                "plan",
                {"url": plan.url, "action": plan.action, "article_id": plan.article_id, "error": plan.error},
            )
        else:
            put(f"{plan.action:<8} {safe(plan.url)}{f'  {safe(plan.error)}' if plan.error else ''}")
    if as_json:
        put_json("summary", {"dry_run": True, **counts})
    else:
        say(
            f"dry run: {counts['fetch']} to fetch, {counts['known']} known, {counts['refuse']} refused; "
            "nothing was asked or written"
        )


def _finish(counts: dict[str, int], *, as_json: bool, stopped: bool) -> None:
    if as_json:
        put_json("summary", counts)
    elif stopped:
        say(f"stopped; done and saved: {summary_line(counts)}")
    elif sum(counts.values()) != 1:
        say(summary_line(counts))
    failed = sum(counts[outcome] for outcome in FAILURES)
    if stopped:
        raise typer.Exit(EXIT_INTERRUPTED)
    if failed:
        raise typer.Exit(EXIT_ALL_FAILED if failed == sum(counts.values()) else EXIT_SOME_FAILED)
