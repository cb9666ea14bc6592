"""`archive versions` and `archive diff`: what an article was, and what its publisher changed."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from archive.cli.base import app, open_here
from archive.cli.output import console, put, put_json, safe, safe_lines, say
from archive.errors import NotFound
from archive.rendering import version_as_dict
from archive.store.rows import ArticleVersion
from archive.versions import Difference, Run, difference, differs, paragraphs

KIND_STYLES = {"headline": "bold magenta", "number": "bold yellow", "deletion": "red", "addition": "green"}


@app.command()
def versions(
    which: Annotated[str, typer.Argument(metavar="ID|URL", help="An article's number, or its address.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List the versions of an article, oldest first, and what kind of change made each."""
    with open_here() as archive:
        article = archive.article(which)
        held = archive.store.versions(article.id)
    for one in held:
        if as_json:
            put_json("version", {"article_id": article.id, **version_as_dict(one)})
        else:
            put(_version_line(one))
    if as_json:
        captured = sum(one.reason == "captured" for one in held)
        put_json("summary", {"article_id": article.id, "versions": captured, "url": article.url})


@app.command()
def diff(
    which: Annotated[str, typer.Argument(metavar="ID|URL", help="An article's number, or its address.")],
    older: Annotated[
        int | None, typer.Argument(metavar="A", min=1, help="The older version; else the last but one.")
    ] = None,
    newer: Annotated[
        int | None, typer.Argument(metavar="B", min=1, help="The newer version; else the one that stands.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show what changed between two versions of an article, word by word."""
    with open_here() as archive:
        article = archive.article(which)
        b = newer if newer is not None else article.version
        a = older if older is not None else b - 1
        if a < 1:
            raise NotFound(f"article {article.id} has one version only: nothing was changed yet")
        old, new = archive.article(article.id, a), archive.article(article.id, b)
    found = difference(old, new)
    if as_json:
        _put_changes(article.id, a, b, found)
        return
    for line in diff_lines(found, marked=not console().is_terminal or bool(console().no_color)):
        put(line)
    kinds = ", ".join(found.kinds)
    say(f"version {a} to {b}: {kinds}" if kinds else f"version {a} and {b} say the same")


def diff_lines(found: Difference, *, marked: bool) -> list[Text]:
    """The title and the paragraphs that differ. marked: write `[-old-]` and `{+new+}` instead of colours."""
    lines = [run_line(found.title, marked, "bold"), Text("")] if differs(found.title) else []
    for change in found.changes:
        if change.kind == "date":
            runs = (
                Run("old", change.old or "no date"),
                Run("same", " "),
                Run("new", change.new or "no date"),
            )
            lines += [Text("published ").append(run_line(runs, marked, "")), Text("")]
    skipped = False
    for part in paragraphs(found.text):
        if differs(part):
            lines += [
                *([Text("…", style="dim"), Text("")] if skipped else []),
                run_line(part, marked, ""),
                Text(""),
            ]
            skipped = False
        else:
            skipped = True
    return lines


def run_line(runs: tuple[Run, ...], marked: bool, style: str) -> Text:
    """Runs on one line. marked: as of `diff_lines`."""
    line = Text(style=style)
    for run in runs:
        words = safe(run.text)
        before = " " if run.text[:1].isspace() and words else ""
        after = " " if run.text[-1:].isspace() and words else ""
        if run.op == "same":
            line.append(f"{before}{words}{after}")
        elif marked:
            line.append(f"{before}[-{words}-]{after}" if run.op == "old" else f"{before}{{+{words}+}}{after}")
        else:
            line.append(f"{before}{words}{after}", style="red strike" if run.op == "old" else "green")
    return line


def _put_changes(article_id: int, a: int, b: int, found: Difference) -> None:
    for change in found.changes:
        put_json(
            "change",
            {
                "kind": change.kind,
                "place": change.place,
                "old": change.old,
                "new": change.new,
                "old_start": change.old_start,
                "old_end": change.old_end,
                "new_start": change.new_start,
                "new_end": change.new_end,
            },
        )
    put_json("summary", {"article_id": article_id, "a": a, "b": b, "kinds": list(found.kinds)})


def _version_line(one: ArticleVersion) -> Text:
    line = Text(f"{one.version:>4}  {one.captured_at:%Y-%m-%d %H:%M}  ")
    line.append(f"{one.reason:<12} ", style="dim")
    line.append(f"{one.word_count:>6} words  ")
    for at, kind in enumerate(one.changes):
        line.append(", " if at else "")
        line.append(kind, style=KIND_STYLES.get(kind, ""))
    if one.changes:
        line.append("  ")
    line.append(safe(safe_lines(one.title or "")), style="bold")
    return line.append("  (stands)", style="dim") if one.standing else line
