"""`archive demo`: the whole line, from a URL to a found article, with no internet."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from archive.cli.base import EXIT_INTERNAL, app
from archive.cli.output import console, paragraphs, put, result_line, safe_lines, say
from archive.cli.search import hit_lines
from archive.rendering import as_text

QUERY = "harbour OR lock OR oven"


@app.command()
def demo(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="FOLDER", help="Where to put the archive; else a temporary folder.", show_default=False
        ),
    ] = None,
    open_browser: Annotated[
        bool, typer.Option("--open", help="Then show the archive in the browser.")
    ] = False,
) -> None:
    """Fetch nine sample pages from a server inside this program, keep them, search them, read one."""
    from archive.app import open_archive  # noqa: PLC0415
    from archive.config import load_config  # noqa: PLC0415
    from archive.demo import LISTEN, demo_sites, resolve_to_demo  # noqa: PLC0415

    place = folder or Path(tempfile.mkdtemp(prefix="article-archive-"))
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise typer.BadParameter(f"{place}: cannot be a folder: {error.strerror}") from error
    config = load_config(start=place, environment={})
    config = replace(
        config,
        root=place,
        file=None,
        fetch=replace(config.fetch, delay=0.0, allow_networks=(f"{LISTEN}/32",)),
    )
    with demo_sites() as (urls, port), open_archive(config, resolver=resolve_to_demo, notice=say) as archive:
        _step(
            f"Nine pages of three made-up sites are served on {LISTEN}:{port}. Adding them, as `archive add URL…` does:"
        )
        results = list(archive.iter_add(urls, tags=["demo"]))
        for result in results:
            put(result_line(result))
        _step(f"Searching them, as `archive search '{QUERY}'` does:")
        found = archive.search(QUERY, limit=3)
        for hit in found.hits:
            for line in hit_lines(hit):
                put(line)
        if not found.hits:
            say("the search found nothing: please report this")
            raise typer.Exit(EXIT_INTERNAL)
        first = found.hits[0].article_id
        _step(f"Reading the first, as `archive show {first}` does:")
        head, _, body = as_text(archive.article(first)).partition("\n\n")
        put(safe_lines(f"{head}\n\n{paragraphs(body, min(console().width, 88))}"))
    _step("The archive is a folder: WARC files with the bytes as they came, and one SQLite database.")
    for command, why in (
        (f"cd {place}", ""),
        ("archive search frost", "search it yourself"),
        (f"archive show {first} -f markdown", "an article as Markdown, HTML or JSON"),
        ("archive serve --open", "all of it in the browser"),
        ("archive status", "what is held"),
        ("archive add https://…", "a page of your own"),
    ):
        put(f"  {command:<34} {why}".rstrip())
    if open_browser:
        from archive.cli.serve import serve_archive  # noqa: PLC0415

        _step("Serving the archive, as `archive serve --open` does:")
        with open_archive(config) as archive:
            serve_archive(archive, open_browser=True)


def _step(text: str) -> None:
    put(Text(f"\n{text}\n", style="bold"))
