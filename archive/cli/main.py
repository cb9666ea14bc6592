"""The console script: words in, words out. A command parses, calls one function, and prints.

What is heavy (fetching, extraction, Datasette) is imported by the command that needs it, when it runs.
"""

from __future__ import annotations

import errno
import io
import os
import sys
import traceback

from archive.cli import (
    add,
    crawl,
    demo,
    doctor,
    explain,
    export,
    gaps,
    importing,
    importing_archives,
    jobs,
    quote,
    reextract,
    schedule,
    search,
    serve,
    show,
    similar,
    status,
    versions,
)
from archive.cli.base import EXIT_INTERNAL, EXIT_INTERRUPTED, EXIT_LIMIT, EXIT_LOCKED, EXIT_USAGE, app

COMMANDS = (
    add,
    crawl,
    jobs,
    schedule,
    gaps,
    importing,
    importing_archives,
    search,
    show,
    explain,
    versions,
    similar,
    quote,
    export,
    reextract,
    serve,
    status,
    doctor,
    demo,
)
"""Modules that add their commands to the program when they are imported."""

GLOBAL_FLAGS = {"--debug"}
GLOBAL_VALUES = {"--config"}


def _global_options_first(arguments: list[str]) -> list[str]:
    """The same arguments with `--config FILE` and `--debug` before the command, wherever they stood."""
    first: list[str] = []
    rest: list[str] = []
    position = 0
    while position < len(arguments):
        argument = arguments[position]
        if argument == "--":
            rest.extend(arguments[position:])
            break
        if argument in GLOBAL_FLAGS or (argument.split("=", 1)[0] in GLOBAL_VALUES and "=" in argument):
            first.append(argument)
        elif argument in GLOBAL_VALUES and position + 1 < len(arguments):
            first.extend(arguments[position : position + 2])
            position += 1
        else:
            rest.append(argument)
        position += 1
    return first + rest


def main() -> None:
    """The console script. Every way out has its exit code, and a traceback only with `--debug`."""
    _mend_streams()
    arguments = _global_options_first([_as_utf8(argument) for argument in sys.argv[1:]])
    code = EXIT_INTERNAL
    try:
        app(args=arguments)
    except BaseException as error:  # noqa: BLE001  -- the last place where an error can be told in one line
        code = _tell(error, debug="--debug" in arguments)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def _mend_streams() -> None:
    """Make standard streams fit to use: a closed one leads nowhere, and no text is too foreign for any of them.

    A descriptor that stays closed would be given to the first file that is opened, and results would land in it.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")


def _as_utf8(argument: str) -> str:
    """An argument as it was typed, whatever the locale made of it."""
    return os.fsencode(argument).decode("utf-8", "replace")


def _tell(error: BaseException, *, debug: bool) -> int:
    """Say what went wrong, in one line or one line a fault, and give the exit code for it."""
    from archive.cli.output import ReaderGone, say  # noqa: PLC0415
    from archive.errors import ArchiveError, ConfigError, DiskFull, LockHeld  # noqa: PLC0415
    from scraper.errors import ScraperError  # noqa: PLC0415

    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else EXIT_INTERNAL
    if isinstance(error, KeyboardInterrupt):
        say("stopped")
        return EXIT_INTERRUPTED
    if isinstance(error, ReaderGone):
        return 0
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        say("archive: no room for the results on standard output")
        return EXIT_LIMIT
    if debug:
        traceback.print_exception(error)
    if isinstance(error, ConfigError):
        for fault in error.faults:
            say(f"archive: {fault}")
        return EXIT_USAGE
    if isinstance(error, LockHeld):
        say(f"archive: {error}")
        return EXIT_LOCKED
    if isinstance(error, DiskFull):
        say(f"archive: {error}")
        return EXIT_LIMIT
    if isinstance(error, ArchiveError | ScraperError):
        say(f"archive: {error}")
        return EXIT_USAGE
    say(f"archive: internal error: {type(error).__name__}: {error} (please report it; --debug shows where)")
    return EXIT_INTERNAL
