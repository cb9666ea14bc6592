"""`[[job]]` and `[crawl]` of config.toml as frozen values; every fault of every job at once. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from typing import Any, Final

from archive.jobs.choice import Pattern, folded_words, read_pattern
from archive.jobs.schedule import Policy
from archive.jobs.times import Schedule, read_duration, read_schedule, zone_of
from scraper.errors import BadUrl
from scraper.urls import normalise, with_scheme

KINDS: Final = ("auto", "feed", "sitemap", "news-sitemap", "page", "site")
"""What a source may be said to be. `auto` looks at what comes; `site` looks for feeds and sitemaps first."""

IMPORTED: Final = "import"
"""The job that carries out what `archive import` queued. No job of the configuration may take its name."""


@dataclass(frozen=True, slots=True)
class JobSource:
    """Where a job finds addresses. url: as written, with a scheme. key: normalised."""

    url: str
    key: str
    kind: str = "auto"


@dataclass(frozen=True, slots=True)
class Job:
    """A standing order to crawl.

    include: an address must fit one of these, where there are any. exclude: and none of these.
    match: one of these must stand in the title, the announcement or the text. tags: what its articles are filed under.
    max_pages: pages asked in one run. max_depth: steps from a source to the sources that it names.
    delay: seconds between two requests to a site, where it is more than `fetch.delay`.
    revisit: whether its articles are looked at again.
    """

    name: str
    schedule: Schedule = field(default_factory=lambda: read_schedule("1h"))
    sources: tuple[JobSource, ...] = ()
    include: tuple[Pattern, ...] = ()
    exclude: tuple[Pattern, ...] = ()
    match: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    max_pages: int = 1000
    max_depth: int = 3
    delay: float = 0.0
    revisit: bool = True


IMPORTS = Job(IMPORTED)
"""The queue of `archive import`, as a job without sources: its pages are asked when a crawl runs."""


@dataclass(frozen=True, slots=True)
class CrawlSettings:
    """The table `[crawl]`: what holds for all jobs.

    timezone: of cron text, like `Asia/Beirut`; empty for the system's. The others are lengths of time, like `30d`,
    and bound the formulas of docs/jobs.md.
    """

    timezone: str = ""
    revisit_first: str = "1h"
    revisit_longest: str = "30d"
    revisit_until: str = "180d"
    poll_longest: str = "1d"

    def __post_init__(self) -> None:
        try:
            zone_of(self.timezone)
        except ValueError as error:
            raise ValueError(f"timezone: {error}") from error
        for name in ("revisit_first", "revisit_longest", "revisit_until", "poll_longest"):
            try:
                if not read_duration(getattr(self, name)):
                    raise ValueError("it must be longer than nothing")
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from error

    @property
    def policy(self) -> Policy:
        """The bounds as lengths of time."""
        return Policy(
            revisit_first=read_duration(self.revisit_first),
            revisit_longest=read_duration(self.revisit_longest),
            revisit_until=read_duration(self.revisit_until),
            poll_longest=read_duration(self.poll_longest),
        )

    def zone(self, system: str | None = None) -> tzinfo:
        """The time zone of cron text. system: the name of the machine's."""
        return zone_of(self.timezone, system)


Where = Callable[[int, str | None], str]
"""The number of a `[[job]]`, from 0, and a key of it: where that stands, as the beginning of a message."""


def read_jobs(given: object, where: Where) -> tuple[tuple[Job, ...], list[str]]:
    """The jobs of a configuration, and everything that is wrong with them, one line each.

    given: the value of `job` as TOML gives it.
    """
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        return (), [f"{where(0, None)}job must be a list of tables: [[job]]"]
    faults: list[str] = []
    jobs: list[Job] = []
    names: dict[str, int] = {}
    for at, table in enumerate(given):
        values, wrong = _read_table(table, lambda key, at=at: where(at, key))  # type: ignore[misc]
        faults += wrong
        name = values.get("name")
        if name is not None and name in names:
            faults.append(f"{where(at, 'name')}job.name: there is another job named {name!r}")
        elif name is not None:
            names[name] = at
        if not wrong and name is not None:
            jobs.append(Job(**values))
    return tuple(jobs), faults


def _read_table(
    table: Mapping[str, Any], where: Callable[[str | None], str]
) -> tuple[dict[str, Any], list[str]]:
    faults = []
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _READERS:
            near = difflib.get_close_matches(key, _READERS, n=1, cutoff=0.5)
            meant = f"did you mean {near[0]}?" if near else f"known are: {', '.join(_READERS)}"
            faults.append(f"{where(key)}job.{key}: no such key; {meant}")
            continue
        try:
            values[key] = _READERS[key](value)
        except ValueError as error:
            faults += [f"{where(key)}job.{key}: {line}" for line in str(error).splitlines()]
    faults += [
        f"{where(None)}job.{key} is missing" for key in ("name", "schedule", "sources") if key not in table
    ]
    return values, faults


def _name(value: object) -> str:
    name = _text(value)
    if name == IMPORTED:
        raise ValueError(f'"{IMPORTED}" is the name of what archive import queues: take another')
    if name.startswith("-") or len(name) > 100 or not all(one.isprintable() for one in name):
        raise ValueError("a name is up to 100 printable characters and does not begin with a hyphen")
    return name


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{_shown(value)} is not a text with something in it")
    return value.strip()


def _schedule(value: object) -> Schedule:
    return read_schedule(_text(value))


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(f'{_shown(value)} is not a list like ["…", "…"]')
    return value


def _each(value: object, read: Callable[[object], Any]) -> tuple[Any, ...]:
    """Every entry of a list, read. Raises: ValueError, with a line for every one that cannot be."""
    found, faults = [], []
    for one in _list(value):
        try:
            found.append(read(one))
        except ValueError as error:
            faults.append(str(error))
    if faults:
        raise ValueError("\n".join(faults))
    return tuple(dict.fromkeys(found))


def _sources(value: object) -> tuple[JobSource, ...]:
    found = _each(value, _source)
    if not found:
        raise ValueError("name at least one feed, sitemap, page or site")
    return found


def _source(value: object) -> JobSource:
    kind = "auto"
    if isinstance(value, dict):
        strange = sorted(value.keys() - {"url", "kind"})
        if strange or "url" not in value:
            raise ValueError(f'{_shown(value)} is not an address or {{ url = "…", kind = "feed" }}')
        kind, value = value.get("kind", "auto"), value["url"]
        if kind not in KINDS:
            raise ValueError(f"{_shown(kind)} is no kind of source; known are: {', '.join(KINDS)}")
    url = with_scheme(_text(value))
    try:
        return JobSource(url, normalise(url), kind)
    except BadUrl as error:
        raise ValueError(f"{url}: {error}") from error


def _patterns(value: object) -> tuple[Pattern, ...]:
    return _each(value, lambda one: read_pattern(_text(one)))


def _words(value: object) -> tuple[str, ...]:
    return _each(value, _text)


def _match(value: object) -> tuple[str, ...]:
    return _each(value, _word)


def _word(value: object) -> str:
    text = _text(value)
    if not folded_words(text):
        raise ValueError(f"{_shown(text)} has no letter and no digit, so that no text ever has it")
    return text


def _count(least: int, most: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise ValueError(f"{_shown(value)} is not a whole number from {least} to {most}")
        return value

    return read


def _delay(value: object) -> float:
    """Seconds, as a number or as `5s`."""
    seconds = read_duration(value).total_seconds() if isinstance(value, str) else value
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= 3600:
        raise ValueError(f"{_shown(value)} is not a number of seconds from 0 to 3600")
    return float(seconds)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{_shown(value)} is not true or false")
    return value


def _shown(value: object) -> str:
    return (
        f'"{value}"'
        if isinstance(value, str)
        else str(value).lower()
        if isinstance(value, bool)
        else str(value)
    )


_READERS: Final[dict[str, Callable[[object], Any]]] = {
    "name": _name,
    "schedule": _schedule,
    "sources": _sources,
    "include": _patterns,
    "exclude": _patterns,
    "match": _match,
    "tags": _words,
    "max_pages": _count(1, 1_000_000),
    "max_depth": _count(0, 20),
    "delay": _delay,
    "revisit": _flag,
}


def shortest_period(jobs: tuple[Job, ...]) -> timedelta | None:
    """The shortest schedule of jobs that are written as a length of time; `None` where there is none."""
    return min((job.schedule.every for job in jobs if job.schedule.every is not None), default=None)
