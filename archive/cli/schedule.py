"""`archive schedule cron|systemd`: the timer that carries out what is due, printed or installed."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from archive.cli.base import app, load_here
from archive.cli.output import put_json, say, write
from archive.errors import ArchiveError

if TYPE_CHECKING:
    from archive.jobs.timers import Timer

KINDS: Final = ("cron", "systemd")
PATIENCE: Final = 30
"""Seconds for crontab or systemctl to answer."""


class NotInstalled(ArchiveError):
    """A timer that could not be installed. The message says what to do by hand."""


@app.command()
def schedule(
    kind: Annotated[str, typer.Argument(metavar="cron|systemd", help="Who is to keep the time.")],
    install: Annotated[
        bool, typer.Option("--install", help="Install it for this user, in place of an earlier one.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Print the timer that runs `archive crawl --due`, or install it."""
    if kind not in KINDS:
        raise typer.BadParameter(f"there is no timer {kind!r}; there are: {', '.join(KINDS)}")
    timer = _timer()
    if kind == "cron":
        _cron(timer, install=install, as_json=as_json)
    else:
        _systemd(timer, install=install, as_json=as_json)


def _timer() -> Timer:
    from datetime import UTC, datetime  # noqa: PLC0415

    from archive.jobs.timers import Timer, step_for  # noqa: PLC0415

    config = load_here()
    if config.file is None:
        raise ArchiveError(
            "no config.toml here: a timer carries out its [[job]] tables (`archive --config FILE schedule …`)"
        )
    if not str(config.file.absolute()).isprintable():
        raise ArchiveError(
            f"{config.file.absolute()!a}: a timer needs a path without line breaks and control characters"
        )
    if not config.jobs:
        say("no [[job]] in the configuration yet: until there is one, only what was imported is crawled")
    step = step_for((job.schedule for job in config.jobs), datetime.now(UTC))
    return Timer(program(), config.file.absolute(), step)


def program() -> tuple[str, ...]:
    """The program as a timer can start it, which has no PATH: whole paths, of this very environment."""
    script = Path(sys.executable).with_name("archive")
    if os.access(script, os.X_OK):
        return (str(script),)
    return (sys.executable, "-m", "archive.cli")


def _cron(timer: Timer, *, install: bool, as_json: bool) -> None:
    from archive.jobs.timers import cron_lines, with_cron_lines  # noqa: PLC0415

    log = timer.config.with_name("crawl.log")
    lines = cron_lines(timer, log)
    if install:
        crontab = _tool("crontab", "cron is not here", f"printed, the line is:\n{lines}")
        held = _run([crontab, "-l"])
        if held.returncode and "no crontab" not in held.stderr.lower():
            raise NotInstalled(f"crontab -l: {held.stderr.strip() or 'failed'}; nothing was changed")
        before = "" if held.returncode else held.stdout
        done = _run([crontab, "-"], with_cron_lines(before, timer, log))
        if done.returncode:
            raise NotInstalled(f"crontab: {done.stderr.strip() or 'failed'}; nothing was changed")
    if as_json:
        put_json("timer", {"kind": "cron", "lines": lines, "minutes": timer.minutes, "installed": install})
        return
    write(lines)
    if install:
        say(f"installed: every {timer.minutes} min; what it says goes to {log}")
    else:
        say("`archive schedule cron --install` puts these lines into your crontab")


def _systemd(timer: Timer, *, install: bool, as_json: bool) -> None:
    from archive.jobs.timers import systemd_units  # noqa: PLC0415

    units = systemd_units(timer)
    base = os.environ.get("XDG_CONFIG_HOME", "").strip()
    folder = (Path(base) if base else Path.home() / ".config") / "systemd" / "user"
    files = {folder / name: text for name, text in units.items()}
    if install:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for file, text in files.items():
                file.write_text(text, "utf-8")
        except OSError as error:
            raise NotInstalled(f"{folder}: cannot be written: {error.strerror or error}") from error
        _enable(timer)
    for file, text in files.items():
        if as_json:
            put_json("timer", {"kind": "systemd", "file": str(file), "text": text, "installed": install})
        else:
            write(f"# {file}\n{text}\n")
    if not install and not as_json:
        say("`archive schedule systemd --install` writes these files and starts the timer")


def _enable(timer: Timer) -> None:
    """Have systemd read the units and start the timer."""
    steps = (["daemon-reload"], ["enable", "--now", f"{timer.name}.timer"])
    by_hand = " && ".join(shlex.join(["systemctl", "--user", *step]) for step in steps)
    systemctl = _tool(
        "systemctl", "the units are written, but systemd is not here", f"to start them: {by_hand}"
    )
    for step in steps:
        done = _run([systemctl, "--user", *step])
        if done.returncode:
            why = " ".join(done.stderr.split()) or "it failed"
            raise NotInstalled(f"the units are written, but systemctl said: {why}; to start them: {by_hand}")
    say(
        f"installed: every {timer.minutes} min; `journalctl --user -u {timer.name}` shows what it says. "
        "`loginctl enable-linger` keeps it going while you are logged out"
    )


def _tool(name: str, missing: str, instead: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise NotInstalled(f"{missing}: there is no program {name}; {instead.rstrip()}")
    return path


def _run(words: Sequence[str], given: str | None = None) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603  -- crontab and systemctl, found on the reader's own PATH
            words, input=given, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalled(f"{words[0]}: {error}") from error
