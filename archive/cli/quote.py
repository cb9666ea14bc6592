"""`archive quote "…"`: who says it, and what proves that."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from archive.cli.base import EXIT_ALL_FAILED, app, open_here
from archive.cli.output import columns, console, count, put, put_json, safe, say
from archive.cli.versions import run_line
from archive.phrases import moment_name

if TYPE_CHECKING:
    from archive.exchange.quotation import Near, Quotation


@app.command()
def quote(
    text: Annotated[
        list[str],
        typer.Argument(metavar="TEXT", help="A sentence in quotation marks; - reads standard input."),
    ],
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many articles at the most.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Find who says a sentence, however it is set, and what proves it: record, file, offset, digest.

    What is left out may be marked … in it. Ends with 4 where nobody says it; the nearest is shown then.
    """
    asked = sys.stdin.read() if text == ["-"] else " ".join(text)
    with open_here() as archive:
        answer = archive.quote(asked, limit=limit)
    if as_json:
        for one in answer.found:
            put_json("quote", _as_json(one))
        if answer.near is not None:
            put_json("nearest", _near_json(answer.near))
        put_json("summary", {"quotation": asked, "found": len(answer.found)})
    else:
        for at, one in enumerate(answer.found):
            put(_lines(one, first=at == 0))
        if answer.found:
            say(f"{count(len(answer.found), 'article')} {'says' if len(answer.found) == 1 else 'say'} so")
        elif answer.near is None:
            say("not found, and nothing is near")
        else:
            say("not found, nearest is:")
            put(_near_lines(answer.near))
    if not answer.found:
        raise typer.Exit(EXIT_ALL_FAILED)


def _lines(one: Quotation, *, first: bool) -> Text:
    lines = Text("" if first else "\n").append(f"“{safe(one.sentence)}”\n", style="bold")
    lines.append(f"{safe(one.citation)}\n")
    held = one.evidence
    seen = "" if one.first_seen == one.captured_at else f" (first {moment_name(one.first_seen)})"
    stands = "" if one.stands else f"; version {one.article.version}, and the article says so no more"
    where = f"{held.warc_file} at byte {held.offset}, {held.length} bytes" if held else "no record is held"
    rows = (
        ("captured", f"{moment_name(one.captured_at)}{seen}{stands}"),
        ("copy of", one.archive_url or ""),
        ("record", where),
        ("SHA-256", (held.sha256 or "") if held else ""),
        ("payload", (held.payload_digest or "") if held else ""),
        ("in the page", _in_page(one)),
        ("link", one.text_link or ""),
        ("article", f"{one.article.id}{_copies(one)}"),
    )
    return lines.append(columns([(name, safe(value)) for name, value in rows], indent=2))


def _in_page(one: Quotation) -> str:
    held = one.evidence
    if held is None:
        return ""
    if held.in_payload is None:
        return f"cannot be read: {held.error}" if held.error else "its record holds no whole page"
    return "" if held.in_payload else "not in its markup: a script may have put it there"


def _copies(one: Quotation) -> str:
    return f", the same text in {', '.join(map(str, one.copies))}" if one.copies else ""


def _near_lines(near: Near) -> Text:
    marked = not console().is_terminal or bool(console().no_color)
    article = near.article
    name = safe(article.title or article.url)
    line = run_line(near.nearest.runs, marked, "")
    line.rstrip()
    return line.append(f"\n  {name} · {safe(article.site_name or article.site)}  [{article.id}]", style="dim")


def _as_json(one: Quotation) -> dict[str, Any]:
    held = one.evidence
    return {
        "article_id": one.article.id,
        "version": one.article.version,
        "url": one.article.url,
        "title": one.article.title,
        "sentence": one.sentence,
        "place": one.place,
        "start": one.start,
        "end": one.end,
        "citation": one.citation,
        "text_link": one.text_link,
        "captured_at": one.captured_at,
        "archive_url": one.archive_url,
        "first_seen": one.first_seen,
        "stands": one.stands,
        "sha256": held.sha256 if held else None,
        "payload_digest": held.payload_digest if held else None,
        "warc_file": held.warc_file if held else None,
        "warc_offset": held.offset if held else None,
        "warc_length": held.length if held else None,
        "in_payload": held.in_payload if held else None,
        "error": held.error if held else None,
        "copies": list(one.copies),
    }


def _near_json(near: Near) -> dict[str, Any]:
    return {
        "article_id": near.article.id,
        "url": near.article.url,
        "title": near.article.title,
        "passage": near.passage,
        "share": round(near.nearest.share, 3),
        "differences": [
            {"only_in": "quotation" if run.op == "old" else "article", "text": run.text.strip()}
            for run in near.nearest.runs
            if run.op != "same"
        ],
    }
