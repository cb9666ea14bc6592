"""Timers that carry out what is due: a line for cron, two units for systemd. Pure: texts in, texts out.

A timer only comes round often enough and runs `archive crawl --due`, which knows what is due, so that it need not be
made anew when a schedule changes; only when one becomes shorter than its step.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Final

from cronsim import CronSim

from archive.jobs.times import Schedule

STEPS: Final = (30, 20, 15, 10, 6, 5, 4, 3, 2, 1)
"""Minutes from one round to the next that divide an hour, so that every hour has its rounds at the same minutes."""

MARK: Final = "# article-archive: "
"""Begins the comment above our line of a crontab, by which it is found again."""


@dataclass(frozen=True, slots=True)
class Timer:
    """What comes round. program: that is run, whole paths. config: the file of the archive, its whole path printable.
    minutes: a step."""

    program: tuple[str, ...]
    config: Path
    minutes: int

    @property
    def command(self) -> tuple[str, ...]:
        """What is run, word by word."""
        return (*self.program, "--config", str(self.config), "crawl", "--due")

    @property
    def name(self) -> str:
        """A name for units that no other archive has: the folder's, and some letters of its whole path."""
        plain = re.sub(r"[^A-Za-z0-9]+", "-", self.config.parent.name).strip("-").lower() or "archive"
        mark = blake2b(str(self.config).encode("utf-8", "surrogateescape"), digest_size=3).hexdigest()
        return f"article-archive-{plain[:40]}-{mark}"


def step_for(schedules: Iterable[Schedule], now: datetime) -> int:
    """The longest step, in minutes, that meets every one of these schedules, or misses it by a quarter at most."""
    given = tuple(schedules)
    return next((step for step in STEPS if all(_meets(step, one, now) for one in given)), 1)


def _meets(step: int, schedule: Schedule, now: datetime) -> bool:
    if schedule.every is not None:
        every = timedelta(minutes=step)
        return schedule.every % every == timedelta() or every * 4 <= schedule.every
    runs = islice(CronSim(schedule.cron or "", now.astimezone(UTC)), 48)
    return all(run.minute % step == 0 for run in runs)


def cron_lines(timer: Timer, log: Path) -> str:
    """The comment and the line for a crontab. It needs no PATH, no HOME and no working folder (crontab(5)).

    log: what is said goes there; cron would send mail.
    """
    minutes = "*" if timer.minutes == 1 else f"*/{timer.minutes}"
    command = f"{shlex.join(timer.command)} >>{shlex.quote(str(log))} 2>&1"
    return f"{_mark(timer)}\n{minutes} * * * * {command.replace('%', chr(92) + '%')}\n"


def with_cron_lines(crontab: str, timer: Timer, log: Path) -> str:
    """A crontab with our two lines in it, in place of those that were there for the same archive."""
    kept: list[str] = []
    skip = 0
    for line in crontab.splitlines():
        if skip:
            skip -= 1
        elif line.strip() == _mark(timer):
            skip = 1
        else:
            kept.append(line)
    return "".join(f"{line}\n" for line in kept) + cron_lines(timer, log)


def _mark(timer: Timer) -> str:
    return MARK + str(timer.config)


def systemd_units(timer: Timer) -> dict[str, str]:
    """The texts of a service and a timer by their file names (systemd.service(5), systemd.timer(5)).

    Some items failed (3), another run is at it (6), or it was stopped and saved everything (130): none is a failure of
    the unit.
    """
    where = _specifier(str(timer.config))
    calendar = "*:*" if timer.minutes == 1 else f"*:0/{timer.minutes}"
    return {
        f"{timer.name}.service": f"""\
[Unit]
Description=Crawl what is due for the archive of {where}

[Service]
Type=oneshot
ExecStart={_exec_line(timer.command)}
SuccessExitStatus=3 6 130
Nice=10
TimeoutStopSec=15
""",
        f"{timer.name}.timer": f"""\
[Unit]
Description=Look every {timer.minutes} min what is due for the archive of {where}

[Timer]
OnCalendar={calendar}
AccuracySec=30s
Persistent=true

[Install]
WantedBy=timers.target
""",
    }


def _exec_line(words: Sequence[str]) -> str:
    """Words as systemd parts and unquotes them (systemd.syntax(7)); `$` and `%` stand for themselves."""
    return " ".join(_quoted(word) for word in words)


def _quoted(word: str) -> str:
    plain = _specifier(word).replace("$", "$$")
    if re.fullmatch(r"[A-Za-z0-9_./%$+:=@,-]+", plain):
        return plain
    escaped = plain.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _specifier(text: str) -> str:
    return text.replace("%", "%%")
