"""`archive show`: one article, to read or to hand on."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from typing import Annotated

import typer

from archive.cli.base import app, open_here
from archive.cli.output import safe_lines, write
from archive.rendering import as_dict, as_html, as_markdown, as_text


class Format(StrEnum):
    """How an article is written."""

    text = "text"
    markdown = "markdown"
    html = "html"
    json = "json"


@app.command()
def show(
    which: Annotated[str, typer.Argument(metavar="ID|URL", help="An article's number, or its address.")],
    form: Annotated[
        Format, typer.Option("--format", "-f", help="text, markdown, html or json.")
    ] = Format.text,
    version: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="An earlier version.", show_default=False)
    ] = None,
) -> None:
    """Read one article."""
    with open_here() as archive:
        article = archive.article(which, version)
        blocks = archive.blocks(article) if form in (Format.markdown, Format.html) else None
    if form is Format.json:
        write(json.dumps(as_dict(article), ensure_ascii=False) + "\n")
        return
    if form is Format.markdown:
        written = as_markdown(article, blocks)
    else:
        written = as_html(article, blocks) if form is Format.html else as_text(article)
    write(safe_lines(written) if sys.stdout.isatty() else written)
