"""`archive doctor`: is everything there that a run needs?"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.text import Text

from archive.cli.base import EXIT_USAGE, app, load_here
from archive.cli.output import put, put_json, say

STYLES = {"ok": "green", "note": "yellow", "bad": "bold red"}


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Look at versions, disk, lock and paths, and say what is missing and how to get it."""
    from archive.health import examine  # noqa: PLC0415

    bad = 0
    for check in examine(load_here()):
        bad += check.state == "bad"
        if as_json:
            put_json("check", asdict(check))
            continue
        found = check.found.replace(", ", "\n       ") if check.name == "packages" else check.found
        put(
            Text(f"{check.state:<5}", style=STYLES[check.state]).append(
                f"{check.name}: {found}", style="not bold default"
            )
        )
        if check.remedy:
            put(f"       → {check.remedy}")
    if as_json:
        put_json("summary", {"bad": bad})
    elif bad:
        say(
            f"{bad} {'thing needs' if bad == 1 else 'things need'} mending before an archive can be kept here"
        )
    if bad:
        raise typer.Exit(EXIT_USAGE)
