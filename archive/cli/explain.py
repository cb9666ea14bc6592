"""`archive explain`: why each block of a page was kept or dropped, and where each field came from."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer
from rich.text import Text

from archive.cli.base import app, open_here
from archive.cli.output import put, put_json, safe, say
from archive.rules import idle_rules, rules_for
from scraper.errors import BadUrl
from scraper.urls import normalise, with_scheme

if TYPE_CHECKING:
    from scraper.model import Block, FieldOrigin, Furniture, Page


_PAGES = (".html", ".htm", ".xhtml", ".mhtml")
"""What a name that is no address and no number may end in."""


@app.command()
def explain(
    which: Annotated[str, typer.Argument(metavar="ID|URL|FILE", help="An article, or a saved page.")],
    only: Annotated[
        str | None,
        typer.Option("--only", metavar="kept|dropped", help="Only these blocks.", show_default=False),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(
            "--url", metavar="URL", help="Where a saved page is from: for its rules, links and dates."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Read a page again, from its WARC record or a file, and show every block in order with the rule that decided.

    A page of the archive is read with what its site is known to repeat (furniture), and your own rules (site-rule).
    """
    _check(which, only, url)
    with open_here() as archive:
        if os.path.isfile(which):
            address = _address(url) if url is not None else Path(which).absolute().as_uri()
            page, furniture = archive.read_page(_bytes(Path(which)), address), None
            host = urlsplit(address).hostname
        elif "://" not in which and (os.path.isdir(which) or Path(which).suffix.lower() in _PAGES):
            raise typer.BadParameter(
                f"{which}: no such file; give a saved page, an address or an article's number"
            )
        else:
            page = archive.explain(which)
            article = archive.article(which)
            furniture, host = archive.furniture(article.site), urlsplit(article.url).hostname
        own = rules_for(host or "", archive.rules)
        idle = idle_rules(own, page) if own is not None else ()
    seen = _seen(page, furniture)
    blocks = [block for block in page.blocks if only is None or block.kept == (only == "kept")]
    if as_json:
        for block in blocks:
            put_json("block", {**block._asdict(), "seen_on": seen.get(block.text)})
        for field, origin in page.origins.items():
            put_json("field", {"field": field, **asdict(origin)})
        learnt = {"articles_learnt_from": furniture.articles if furniture else 0}
        idle_here = {"idle_rules": list(idle)} if own is not None else {}
        put_json(
            "summary",
            {"verdict": page.verdict, "reason": page.reason, **_counts(page), **learnt, **idle_here},
        )
        return
    for block in blocks:
        put(_line(block, seen.get(block.text), furniture))
    put("")
    for field, origin in page.origins.items():
        for line in _field_lines(field, origin):
            put(line)
    for name in idle:
        put(f"{name} decided nothing here")
    counts = _counts(page)
    if furniture is not None:
        say(f"furniture: learnt from {furniture.articles} different articles of this site")
    say(
        f"{page.verdict}{f': {page.reason}' if page.reason else ''}; "
        f"{counts['kept']} blocks kept, {counts['dropped']} dropped"
    )


def _check(which: str, only: str | None, url: str | None) -> None:
    if only not in (None, "kept", "dropped"):
        raise typer.BadParameter("--only takes kept or dropped")
    if url is not None and not os.path.isfile(which):
        raise typer.BadParameter(
            "--url says where a saved page is from; what is in the archive has its own address"
        )


def _address(url: str) -> str:
    """The address of a saved page as the archive would write it."""
    try:
        return normalise(with_scheme(url))
    except BadUrl as error:
        raise typer.BadParameter(f"--url: {error}") from error


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{path}: cannot be read: {error.strerror}") from error


def _seen(page: Page, furniture: Furniture | None) -> dict[str, int]:
    """On how many of the site's articles each block stands that was dropped as furniture."""
    if furniture is None:
        return {}
    from scraper.extract.witness import told_of  # noqa: PLC0415  -- numpy, and only where something was learnt

    return {block.text: told_of(furniture, block.text) for block in page.blocks if block.rule == "furniture"}


def _counts(page: Page) -> dict[str, int]:
    kept = sum(block.kept for block in page.blocks)
    return {"kept": kept, "dropped": len(page.blocks) - kept}


def _line(block: Block, seen: int | None, furniture: Furniture | None) -> Text:
    line = Text().append("keep " if block.kept else "drop ", style="green" if block.kept else "red")
    rule = block.rule if block.score is None else f"{block.rule} {block.score:.2f}"
    if seen and furniture is not None:
        rule = f"{rule}, {seen} of {furniture.articles}"
    line.append(
        f"{rule:<24} {block.kind:<7} ", style="cyan" if block.rule.startswith("site-rule:") else "dim"
    )
    return line.append(safe(block.text), style="" if block.kept else "dim")


def _field_lines(field: str, origin: FieldOrigin) -> list[Text]:
    lines = []
    taken = False
    for candidate in origin.candidates:
        chosen = not taken and candidate.origin == origin.chosen
        taken = taken or chosen
        line = Text().append(f"{field:<14}", style="bold" if chosen else "dim")
        line.append(f"{'→' if chosen else ' '} {safe(candidate.value)[:160]}", style="" if chosen else "dim")
        lines.append(line.append(f"  ({safe(candidate.origin)})", style="dim"))
    return lines
