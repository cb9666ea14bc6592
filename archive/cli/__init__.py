"""Words in, words out: the `archive` program."""

from __future__ import annotations


def main() -> None:
    """Run the program on `sys.argv` and exit with its code."""
    from archive.cli.main import main as run  # noqa: PLC0415  -- importing the package must not build the program

    run()
