"""`archive crawl`: jobs of the configuration, carried out now, when due, or whenever they are due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from archive.cli.base import EXIT_ALL_FAILED, EXIT_INTERRUPTED, EXIT_SOME_FAILED, app, open_here
from archive.cli.output import count, put, put_json, result_json, result_line, safe, say, summary_line
from archive.cli.signals import stopping_on_signals
from archive.model import OUTCOMES

if TYPE_CHECKING:
    from archive.app import Archive
    from archive.cli.live import CrawlView
    from archive.jobs.crawl import CrawlEvent
    from archive.jobs.model import SourceResult

STYLES = {"read": "green", "unchanged": "dim", "gone": "red", "robots": "magenta", "failed": "red"}


@app.command()
def crawl(
    jobs: Annotated[
        list[str] | None,
        typer.Argument(metavar="JOB…", help="Names of jobs; else all of them.", show_default=False),
    ] = None,
    due: Annotated[
        bool, typer.Option("--due", help="Only what is due now: for cron and timers. Waits for no other run.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Stay, and carry out each job whenever it is due.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Pages to ask at most.", show_default=False)
    ] = None,
    max_time: Annotated[
        str | None,
        typer.Option(metavar="20m", help="Begin nothing new after so long.", show_default=False),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be asked; ask and write nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Look where the jobs of config.toml say, and keep the articles that are announced there."""
    from archive.cli.live import crawl_view  # noqa: PLC0415  -- other commands need none of these
    from archive.jobs.crawl import chosen  # noqa: PLC0415
    from archive.jobs.crawl import watch as watch_jobs  # noqa: PLC0415

    length = _length(max_time)
    with open_here() as archive:
        names = [job.name for job in chosen(archive.config, jobs or ())]
        if not archive.config.jobs:
            say("no [[job]] in the configuration yet: the comments in config.toml show how one is written")
        if dry_run:
            _plan(archive, names, due=due or watch, as_json=as_json)
            return
        with stopping_on_signals(archive), crawl_view() as view:
            events = (
                watch_jobs(
                    archive, names, limit=limit, max_time=length, on_host=view.on_host, notice=view.say
                )
                if watch
                else archive.crawl(names, due=due, limit=limit, max_time=length, on_host=view.on_host)
            )
            counts, sources = _print(view.watching(events), as_json=as_json, view=view)
    _finish(counts, sources, as_json=as_json, stopped=archive.was_stopped or watch)


def _print(
    events: Iterator[CrawlEvent], *, as_json: bool, view: CrawlView
) -> tuple[dict[str, int], Counter[str]]:
    """Print what is done as it is done; counts by outcome, of pages and of sources."""
    from archive.jobs.crawl import JobBegun, JobEnded, JobItem  # noqa: PLC0415

    counts: dict[str, int] = dict.fromkeys(OUTCOMES, 0)
    sources: Counter[str] = Counter()
    for event in events:
        if isinstance(event, JobItem):
            counts[event.result.outcome] += 1
            if as_json:
                put_json("capture", {**result_json(event.result), "job": event.job})
            else:
                view.put(result_line(event.result))
        elif isinstance(event, JobBegun):
            if not as_json:
                view.say(f"{event.job}: begun")
        elif isinstance(event, JobEnded):
            if as_json:
                put_json("job", asdict(event))
            else:
                left = f"; {count(event.left, 'page')} left for the next run" if event.left else ""
                view.say(f"{event.job}: {summary_line(event.counts)}{left}")
        else:
            sources[event.answered] += 1
            if as_json:
                put_json("source", asdict(event))
            else:
                view.put(_source_line(event))
    return counts, sources


def _source_line(source: SourceResult) -> Text:
    line = Text().append(f"{'source':<10}", style="bold")
    line.append(f" {safe(source.url)}")
    if source.answered == "read":
        line.append(f"  {source.kind or 'source'}: {source.seen} announced, {source.new} new", style="dim")
    else:
        line.append(f"  {source.answered}", style=STYLES[source.answered])
    if source.error:
        line.append(f"  {safe(source.error.removeprefix(f'{source.url}: '))}", style="dim")
    return line


def _plan(archive: Archive, names: list[str], *, due: bool, as_json: bool) -> None:
    from archive.jobs.crawl import plan  # noqa: PLC0415

    counts: Counter[str] = Counter(source=0, fetch=0, again=0)
    for one in plan(archive, names, due=due):
        counts[one.action] += 1
        if as_json:
            put_json("plan", asdict(one))
        else:
            put(f"{one.action:<8} {safe(one.url)}  [{safe(one.job)}]")
    if as_json:
        put_json("summary", {"dry_run": True, **counts})
    else:
        say(
            f"dry run: {count(counts['source'], 'source')} and {count(counts['fetch'], 'page')} to ask, "
            f"{counts['again']} to look at again, and whatever the sources announce; nothing was asked or written"
        )


def _finish(counts: dict[str, int], sources: Counter[str], *, as_json: bool, stopped: bool) -> None:
    """The last line, and the exit code: of all outcomes only `failed` counts as failed, a source's too."""
    asked = sum(sources.values())
    if as_json:
        put_json("summary", {**counts, "sources": asked, "sources_failed": sources["failed"]})
    else:
        wrong = f", {sources['failed']} failed" if sources["failed"] else ""
        done = f"{count(asked, 'source')} asked{wrong}; {summary_line(counts)}"
        say(f"stopped; done and saved: {done}" if stopped else done)
    if stopped:
        raise typer.Exit(EXIT_INTERRUPTED)
    failed, items = counts["failed"] + sources["failed"], sum(counts.values()) + asked
    if failed:
        raise typer.Exit(EXIT_ALL_FAILED if failed == items else EXIT_SOME_FAILED)


def _length(text: str | None) -> timedelta | None:
    from archive.jobs.times import read_duration  # noqa: PLC0415

    if text is None:
        return None
    try:
        length = read_duration(text)
    except ValueError as error:
        raise typer.BadParameter(f"--max-time {text}: {error}") from error
    if not length:
        raise typer.BadParameter("--max-time is longer than nothing")
    return length
