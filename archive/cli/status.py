"""`archive status`: what is held, in one screen."""

from __future__ import annotations

from typing import Annotated

import typer

from archive.cli.base import app, open_here
from archive.cli.output import columns, count, put, put_json, size


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Say what the archive holds, and what became of everything that was asked for."""
    with open_here() as archive:
        held = archive.status()
        config = archive.config
    if as_json:
        values = {name: getattr(held, name) for name in held.__slots__}
        values |= {"captures": dict(held.captures), "languages": dict(held.languages)}
        put_json("status", {**values, "database": str(config.database), "warc": str(config.warc_folder)})
        return
    outcomes = ", ".join(f"{count} {outcome}" for outcome, count in held.captures.items())
    languages = ", ".join(f"{language or 'unknown'} {count}" for language, count in held.languages.items())
    first, last = (
        moment.strftime("%Y-%m-%d %H:%M UTC") if moment else ""
        for moment in (held.first_capture, held.last_capture)
    )
    put(
        columns(
            [
                (
                    "held",
                    f"{count(held.articles, 'article')}, {count(held.origins, 'origin')}, "
                    f"from {count(held.sites, 'site')}, "
                    f"{count(held.versions, 'version')}",
                ),
                ("captures", outcomes),
                ("languages", languages),
                ("first", first),
                ("last", last),
                ("database", f"{config.database} ({size(held.size_bytes)})"),
                ("warc", f"{config.warc_folder} ({_warc_files(config.warc_folder)})"),
            ]
        )
    )


def _warc_files(folder: object) -> str:
    from pathlib import Path  # noqa: PLC0415

    files = [one for one in Path(str(folder)).glob("*.warc.gz*") if one.is_file()]
    return f"{len(files)} files, {size(sum(one.stat().st_size for one in files))}"
