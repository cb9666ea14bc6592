"""The `archive` program that every command is added to, its common options and its exit codes."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from archive.app import Archive
    from archive.config import Config

app = typer.Typer(
    name="archive",
    help="Keep the news: fetch articles into WARC files, keep their clean text, find them again.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

EXIT_INTERNAL, EXIT_USAGE, EXIT_SOME_FAILED, EXIT_ALL_FAILED = 1, 2, 3, 4
EXIT_LOCKED, EXIT_LIMIT, EXIT_UNVERIFIED, EXIT_INTERRUPTED = 6, 7, 8, 130


class State:
    """What the options before a command said."""

    config_file: Path | None = None
    debug: bool = False


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"article-archive {version('article-archive')}")
        raise typer.Exit


@app.callback()
def options(
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The archive's config.toml.", show_default=False)
    ] = None,
    debug: Annotated[bool, typer.Option(help="Show a traceback where something goes wrong inside.")] = False,
    version: Annotated[  # noqa: ARG001  -- typer calls the callback
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options that every command takes, before or after its name."""
    State.config_file = config
    State.debug = debug


def open_here() -> Archive:
    """The archive that this call of the program is about."""
    from archive.app import open_archive  # noqa: PLC0415
    from archive.cli.output import say  # noqa: PLC0415

    return open_archive(load_here(), notice=say)


def load_here() -> Config:
    """The configuration that this call of the program is about."""
    from archive.cli.output import say  # noqa: PLC0415
    from archive.config import load_config  # noqa: PLC0415

    config = load_config(State.config_file)
    if config.passed_over is not None:
        say(
            f"{config.passed_over}: passed over, it is no archive's: an [archive] table makes it one "
            "(or --config names it)"
        )
    return config
