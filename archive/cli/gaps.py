"""`archive gaps`: what sources announced and is not held, days of unusual silence, and sources that do not do well."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from archive.cli.base import app, open_here
from archive.cli.jobs import HEALTH_STYLES
from archive.cli.output import count, put, put_json, safe, say

if TYPE_CHECKING:
    from archive.jobs.overview import Gaps, SourceHealth, SourceSilence
    from archive.store.overview import Unheld


@app.command()
def gaps(
    jobs: Annotated[
        list[str] | None,
        typer.Argument(metavar="JOB…", help="Names of jobs; else all of them.", show_default=False),
    ] = None,
    since: Annotated[
        str, typer.Option(metavar="DATE|30d", help="From when on, a date or a length of time.")
    ] = "90d",
    limit: Annotated[int, typer.Option(metavar="N", min=0, help="Lines of each part; 0 for all.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, all of them.")] = False,
) -> None:
    """Say what was announced and is not held, when sources fell silent, and which of them do not answer."""
    from archive.jobs.crawl import chosen  # noqa: PLC0415
    from archive.jobs.overview import gaps as find_gaps  # noqa: PLC0415

    with open_here() as archive:
        names = [job.name for job in chosen(archive.config, jobs or ())]
        found = find_gaps(archive, names, _moment(since, archive.now()))
    if as_json:
        _as_json(found)
    else:
        _as_text(found, limit or None)


def _moment(text: str, now: datetime) -> datetime:
    from archive.jobs.times import read_duration  # noqa: PLC0415

    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        try:
            return now - max(read_duration(text), timedelta(days=1))
        except (ValueError, OverflowError) as error:
            raise typer.BadParameter(
                f"--since {text}: neither a date like 2017-10-08 nor a length like 30d"
            ) from error
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _as_json(found: Gaps) -> None:
    from archive.jobs.overview import silence_json, source_json  # noqa: PLC0415

    for page in found.unheld:
        put_json("unheld", asdict(page))
    for silence in found.silences:
        put_json("silence", silence_json(silence))
    for source in found.sources:
        put_json("source", source_json(source))
    counts = {"unheld": len(found.unheld), "silences": len(found.silences), "sources": len(found.sources)}
    put_json("summary", {"since": found.since, **counts})


def _as_text(found: Gaps, limit: int | None) -> None:
    for title, lines in (
        ("announced, not held", [_unheld_line(one) for one in found.unheld]),
        ("unusual silence", [_silence_line(one) for one in found.silences]),
        ("sources that do not do well", [_source_line(one) for one in found.sources]),
    ):
        if not lines:
            continue
        put(Text(f"{title} ({len(lines)})", style="bold"))
        for line in lines[:limit]:
            put(line)
        if limit is not None and len(lines) > limit:
            put(Text(f"  and {len(lines) - limit} more: --limit 0 shows all", style="dim"))
    unheld = f"{count(len(found.unheld), 'page')} announced and not held"
    silent = f"{count(len(found.silences), 'silence')}, {count(len(found.sources), 'source')} not doing well"
    say(f"since {found.since:%Y-%m-%d}: {unheld}, {silent}")


def _unheld_line(page: Unheld) -> Text:
    line = Text().append(f"  {page.state:<9}", style="dim" if page.state == "waiting" else "magenta")
    if page.title:
        line.append(f" {safe(page.title)} ", style="bold")
    line.append(f" {safe(page.url)}")
    why = page.error or page.outcome or "not asked yet"
    line.append(f"  [{safe(page.job)}] {safe(why.removeprefix(f'{page.url}: '))}", style="dim")
    return line


def _silence_line(one: SourceSilence) -> Text:
    days = one.silence
    when = f"{days.first}" if days.first == days.last else f"{days.first} to {days.last}"
    line = Text().append(f"  {one.cause:<9}", style="yellow" if one.cause == "silent" else "red")
    line.append(f" {when}  {safe(one.source)}")
    line.append(f"  [{safe(one.job)}] {days.announced} announced, {days.usual:.0f} are usual", style="dim")
    return line


def _source_line(one: SourceHealth) -> Text:
    source = one.source
    line = Text().append(f"  {one.health:<9}", style=HEALTH_STYLES[one.health])
    line.append(f" {safe(source.url)}")
    if one.health == "quiet":
        since = source.news_at or source.first_asked
        said = f"nothing new since {since:%Y-%m-%d}" if since else "nothing new"
    else:
        why = (source.error or "not said").removeprefix(f"{source.url}: ")
        said = f"{count(source.failures, 'failure')} in a row: {safe(why)}"
    line.append(f"  [{safe(source.job)}] {said}", style="dim")
    return line
