"""`archive jobs`: how the standing orders do; `archive jobs test JOB`: what one would find."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.text import Text

from archive.cli.base import EXIT_ALL_FAILED, EXIT_SOME_FAILED, app, open_here
from archive.cli.output import columns, count, put, put_json, safe, say, summary_line

if TYPE_CHECKING:
    from archive.jobs.overview import JobState, SourceHealth
    from archive.jobs.trial import Tried

HEALTH_STYLES: Final = {"new": "dim", "ok": "green", "quiet": "yellow", "failing": "magenta", "dead": "red"}

group = typer.Typer(
    help="Say how the jobs of config.toml do, or what one would find.",
    invoke_without_command=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(group, name="jobs")


@group.callback()
def jobs(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Say of each job when it ran and what came of it, when it is due, and how its sources do."""
    if context.invoked_subcommand is not None:
        return
    from archive.jobs.overview import job_states, source_json  # noqa: PLC0415

    with open_here() as archive:
        states = job_states(archive)
        zone = archive.config.crawl.zone(_system_zone())
    for state in states:
        if as_json:
            put_json("job", job_json(state))
            for source in state.sources:
                put_json("source", source_json(source))
        else:
            _print_job(state, partial(_shown, zone))
    if not states and not as_json:
        say("no [[job]] in the configuration yet: the comments in config.toml show how one is written")


def job_json(state: JobState) -> dict[str, Any]:
    """A job with the keys that scripts get."""
    return {
        "name": state.name,
        "schedule": state.schedule,
        "last_run": state.row.last_run,
        "ended": state.row.ended,
        "next_run": state.next_run,
        "is_due": state.is_due,
        "counts": state.row.counts,
        "captures": state.row.captures,
        "pages": state.row.pages,
        "left_out": state.row.left_out,
        "sources": dict(Counter(one.health for one in state.sources)),
    }


def _shown(zone: tzinfo, when: datetime) -> str:
    return f"{when.astimezone(zone):%Y-%m-%d %H:%M %Z}"


def _print_job(state: JobState, shown: Callable[[datetime], str]) -> None:
    row = state.row
    put(Text(safe(state.name), style="bold"))
    if row.last_run is None:
        last = "never"
    else:
        cut = "" if row.ended else "; under way, or cut off"
        last = f"{shown(row.last_run)}: {summary_line(row.counts)}{cut}"
    if state.schedule is None:
        due = "never: the configuration has no such job"
    elif state.is_due:
        due = f"due now ({state.schedule})"
    else:
        due = f"{shown(state.next_run)} ({state.schedule})" if state.next_run else f"({state.schedule})"
    put(
        columns(
            [
                ("last run", last),
                ("next run", due),
                ("in all", summary_line(row.captures) if row.captures else ""),
                ("pages", _pages(row.pages, row.left_out)),
            ],
            indent=2,
        )
    )
    declared = [one for one in state.sources if not one.source.depth]
    for one in declared:
        put(_source_line(one, shown))
    further = Counter(one.health for one in state.sources if one.source.depth)
    if further:
        told = ", ".join(f"{number} {health}" for health, number in further.most_common())
        put(Text(f"  and {count(further.total(), 'source')} that these name: {told}", style="dim"))


def _pages(pages: Mapping[str, int], left_out: int) -> str:
    words = [f"{number} {state}" for state, number in sorted(pages.items())]
    return ", ".join([*words, f"{left_out} left out"] if left_out else words)


def _source_line(one: SourceHealth, shown: Callable[[datetime], str]) -> Text:
    source = one.source
    line = Text().append(f"  {one.health:<7}", style=HEALTH_STYLES[one.health])
    line.append(f" {safe(source.url)}")
    said = [source.found_kind or source.kind]
    if source.title:
        said.insert(0, safe(source.title))
    if source.answered_at is not None:
        said.append(f"{source.seen} announced, {source.new} new")
    if source.due_at is not None:
        said.append(f"again {shown(source.due_at)}")
    if source.error:
        said.append(safe(source.error.removeprefix(f"{source.url}: ")))
    return line.append(f"  {'; '.join(said)}", style="dim")


def _system_zone() -> str | None:
    from archive.jobs.crawl import system_zone  # noqa: PLC0415

    return system_zone()


@group.command("test")
def try_out(
    job: Annotated[str, typer.Argument(metavar="JOB", help="The name of a job.")],
    limit: Annotated[
        int, typer.Option(metavar="N", min=0, help="Items, and those left out, of each source.")
    ] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, all of them.")] = False,
) -> None:
    """Ask a job's sources, and say what it would ask for and what not, and why; no article is asked for, and nothing is
    written."""
    from archive.jobs.crawl import chosen  # noqa: PLC0415
    from archive.jobs.trial import MOST_ASKED, try_job  # noqa: PLC0415

    counts: Counter[str] = Counter(sources=0, sources_failed=0, wanted=0, left_out=0)
    with open_here() as archive:
        (wanted,) = chosen(archive.config, [job])
        for tried in try_job(archive, wanted):
            counts["sources"] += 1
            counts["sources_failed"] += tried.answered == "failed"
            counts["wanted"] += len(tried.wanted)
            counts["left_out"] += len(tried.left_out)
            _tried_json(tried) if as_json else _print_tried(tried, limit)
    if as_json:
        put_json("summary", counts)
    else:
        more = f" (no more than {MOST_ASKED} are tried)" if counts["sources"] >= MOST_ASKED else ""
        say(
            f"{count(counts['sources'], 'source')} asked{more}, {counts['sources_failed']} failed; "
            f"{counts['wanted']} announced and wanted, {counts['left_out']} left out; nothing was written"
        )
    if counts["sources_failed"]:
        all_failed = counts["sources_failed"] == counts["sources"]
        raise typer.Exit(EXIT_ALL_FAILED if all_failed else EXIT_SOME_FAILED)


def _tried_json(tried: Tried) -> None:
    source = tried.source
    put_json(
        "source",
        {
            "url": source.url,
            "answered": tried.answered,
            "kind": tried.kind,
            "parent": source.parent,
            "depth": source.depth,
            "wanted": len(tried.wanted),
            "left_out": len(tried.left_out),
            "names": [one.url for one in tried.named],
            "error": tried.error,
        },
    )
    for one in tried.wanted:
        put_json(
            "item",
            {
                "url": one.url,
                "title": one.title,
                "published": one.published,
                "state": (tried.standing or {}).get(one.key, "new"),
                "matches": one.matches,
                "source": source.url,
            },
        )
    for url, reason in tried.left_out:
        put_json("left-out", {"url": url, "reason": reason, "source": source.url})


def _print_tried(tried: Tried, limit: int) -> None:
    source = tried.source
    line = Text().append(f"{'source':<9}", style="bold").append(f" {safe(source.url)}")
    said = tried.kind or tried.answered
    if tried.error:
        said += f": {safe(tried.error.removeprefix(f'{source.url}: '))}"
    else:
        said += f": {len(tried.wanted)} wanted, {len(tried.left_out)} left out"
        said += f", {count(len(tried.named), 'source')} named" if tried.named else ""
    put(line.append(f"  {said}", style="dim"))
    for one in tried.wanted[: limit or None]:
        state = (tried.standing or {}).get(one.key, "new")
        item = Text().append(f"  {state:<9}", style="dim" if state != "new" else "green")
        if one.title:
            item.append(f" {safe(one.title)} ", style="bold")
        item.append(f" {safe(one.url)}")
        told = [one.published] if one.published else []
        if not one.matches:
            told.append("kept if its text has one of the words of match")
        put(item.append(f"  {'; '.join(told)}", style="dim") if told else item)
    _print_rest(len(tried.wanted), limit)
    for url, reason in tried.left_out[: limit or None]:
        put(
            Text()
            .append(f"  {'left out':<9}", style="magenta")
            .append(f" {safe(url)}")
            .append(f"  {safe(reason)}", style="dim")
        )
    _print_rest(len(tried.left_out), limit)


def _print_rest(number: int, limit: int) -> None:
    if limit and number > limit:
        put(Text(f"  and {number - limit} more: --limit 0 shows all", style="dim"))
