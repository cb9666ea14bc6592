"""`archive reextract`: captured pages read again with the extractor, furniture and rules of today."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.text import Text

from archive.cli.base import EXIT_ALL_FAILED, EXIT_INTERRUPTED, EXIT_SOME_FAILED, app, open_here
from archive.cli.output import count, put, put_json, safe, say
from archive.cli.signals import stopping_on_signals
from archive.model import REREADINGS, Reread

STYLES = {
    "re-extracted": "yellow",
    "updated": "cyan",
    "unchanged": "dim",
    "rejected": "magenta",
    "failed": "red",
}


@app.command()
def reextract(
    where: Annotated[
        str | None,
        typer.Option(
            metavar="SQL",
            help="Only articles for which this holds: \"site = 'example.org'\".",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change; write nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Read captured pages again with today's extractor, rules and knowledge of their sites; no host is asked.

    A better reading is kept beside the earlier one, and is no change by the publisher.
    """
    counts: dict[str, int] = dict.fromkeys(REREADINGS, 0)
    with open_here() as archive, stopping_on_signals(archive):
        for one in archive.reextract(where, dry_run=dry_run):
            counts[one.outcome] += 1
            if as_json:
                put_json("reextract", asdict(one))
            elif one.outcome != "unchanged":
                put(_line(one))
    if as_json:
        put_json("summary", {"dry_run": dry_run, **counts})
    else:
        say(_summary(counts, dry_run=dry_run, stopped=archive.was_stopped))
    if archive.was_stopped:
        raise typer.Exit(EXIT_INTERRUPTED)
    if counts["failed"]:
        raise typer.Exit(EXIT_ALL_FAILED if counts["failed"] == sum(counts.values()) else EXIT_SOME_FAILED)


def _summary(counts: dict[str, int], *, dry_run: bool, stopped: bool) -> str:
    said = ", ".join(f"{number} {outcome}" for outcome, number in counts.items() if number)
    begins = "stopped; done and saved: " if stopped else "dry run, nothing was written: " if dry_run else ""
    return f"{begins}{count(sum(counts.values()), 'page')} read again{f': {said}' if said else ''}"


def _line(one: Reread) -> Text:
    line = Text().append(f"{one.outcome:<12}", style=STYLES[one.outcome])
    if one.title:
        line.append(f" {safe(one.title)}", style="bold")
    line.append(f"  {safe(one.url)}  ").append(f"[{one.article_id}]", style="dim")
    line.append(f" version {one.version}", style="dim")
    if one.words_before != one.words_after:
        line.append(f"  {one.words_before} → {one.words_after} words")
    if one.changes:
        line.append(f"  {', '.join(one.changes)}", style="dim")
    return line.append(f"  {safe(one.error)}", style="dim") if one.error else line
