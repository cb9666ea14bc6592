"""A job tried out: its sources are asked once, and nothing is written; no article is asked for."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from archive.item import fetched_of, is_not_modified, moved_to
from archive.jobs.model import Answered, Branch, Sighting, SourceAnswer, SourceState, Standing, new_source
from archive.jobs.runner import Choice, read_answer
from archive.jobs.settings import IMPORTED, Job
from archive.outcomes import outcome_of
from scraper.errors import DecodeError

if TYPE_CHECKING:
    from archive.app import Archive
    from archive.running import Tools

MOST_ASKED: Final = 20
"""Sources that a trial asks: enough to see what they are like."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A source that was asked, and what the job would make of it.

    wanted: what a crawl would ask for. standing: what is known of these already, by key. left_out: what it would not,
    and why. named: other sources that it names.
    """

    source: SourceState
    answered: Answered
    kind: str | None = None
    error: str | None = None
    wanted: tuple[Sighting, ...] = ()
    standing: dict[str, Standing] | None = None
    left_out: tuple[tuple[str, str], ...] = ()
    named: tuple[Branch, ...] = ()


def try_job(archive: Archive, job: Job, most: int = MOST_ASKED) -> Iterator[Tried]:
    """The sources of a job as they answer now, those that they name after them. most: of them that are asked."""
    waiting = deque(new_source(job.name, one.url, one.key, one.kind) for one in job.sources)
    if job.name == IMPORTED and archive.exists:
        waiting.extend(one for one in archive.store.frontier.sources(IMPORTED) if not one.depth)
    seen = {one.key for one in waiting}
    with archive.runs.tools() as tools:
        for _ in range(most):
            if not waiting:
                return
            source = waiting.popleft()
            tried = _ask(archive, tools, job, source)
            yield tried
            for branch in tried.named:
                if branch.key not in seen:
                    seen.add(branch.key)
                    waiting.append(
                        new_source(
                            job.name,
                            branch.url,
                            branch.key,
                            branch.kind,
                            depth=source.depth + 1,
                            parent=source.key,
                        )
                    )


def _ask(archive: Archive, tools: Tools, job: Job, source: SourceState) -> Tried:
    fetched = fetched_of(tools.fetch.submit(source.url, delay=job.delay), source.url)
    tools.fetch.release()
    if fetched.error is not None:
        outcome = outcome_of(fetched.error)
        answered: Answered = outcome if outcome == "gone" or outcome == "robots" else "failed"  # noqa: PLR1714
        return Tried(source, answered, error=str(fetched.error))
    if is_not_modified(fetched):
        return Tried(
            source, "failed", error=f"{source.url}: answered 304, and was not asked whether it changed"
        )
    answer = fetched.exchanges[-1]
    try:
        decoded = tools.fetcher.decoded(answer)
    except DecodeError as error:
        return Tried(source, "failed", error=f"{answer.target_uri}: {error}")
    choice = read_answer(
        job,
        source,
        SourceAnswer(
            decoded.data,
            answer.target_uri,
            answer.content_type,
            tools.fetch.robots_txt(answer.target_uri),
            moved_to(fetched),
        ),
    )
    return _tried(archive, source, choice)


def _tried(archive: Archive, source: SourceState, choice: Choice) -> Tried:
    wanted = tuple(one for one in choice.sightings if one.left_out is None)
    frontier = archive.store.frontier if archive.exists else None
    return Tried(
        source,
        "failed" if choice.fault is not None else "read",
        choice.kind,
        choice.fault,
        wanted,
        frontier.standing([one.key for one in wanted], source.job) if frontier is not None else {},
        (
            *((one.url, one.left_out) for one in choice.sightings if one.left_out is not None),
            *choice.refused,
        ),
        choice.branches,
    )
