"""Words out: lines for a terminal, one JSON object a line for a script.

Results go to standard output, everything else to standard error. Text from the web is stripped of control and
direction characters before it reaches a terminal.
"""

from __future__ import annotations

import json
import os
import re
import sys
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.text import Text

from archive.model import OUTCOMES, ItemResult

_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""C0 and C1 controls, and the marks that reorder a line (Unicode 3.9, UAX 9): a page must not steer a terminal."""

STYLES = {
    "new": "green", "changed": "yellow", "unchanged": "dim", "duplicate": "cyan", "known": "dim",
    "rejected": "magenta", "robots": "magenta", "gone": "red", "failed": "red",
}  # fmt: skip

FAILURES = frozenset({"rejected", "robots", "gone", "failed"})
"""Outcomes that `add` counts as failed for its exit code."""


class ReaderGone(Exception):
    """Whoever read standard output has gone away. (Typer would make exit code 1 of a BrokenPipeError.)"""


class _Console(Console):
    """A console whose reader may go away: the program then ends as others do, quietly."""

    def on_broken_pipe(self) -> None:
        """Leave it to `main`."""
        raise ReaderGone


def console(*, stderr: bool = False) -> Console:
    """A console that colours a terminal only, and not where NO_COLOR is set."""
    stream = sys.stderr if stderr else sys.stdout
    plain = not stream.isatty() or bool(os.environ.get("NO_COLOR"))
    return _Console(
        file=stream, no_color=plain or None, highlight=False, markup=False, soft_wrap=True, emoji=False
    )


def safe(text: str | None) -> str:
    """Text from the web, fit for one line of a terminal."""
    return " ".join(_UNSAFE.sub("", text or "").split())


def safe_lines(text: str) -> str:
    """Text from the web, fit for a terminal, its line breaks kept."""
    return _UNSAFE.sub("", text)


def say(message: str) -> None:
    """One line on standard error."""
    print(safe_lines(message), file=sys.stderr, flush=True)  # noqa: T201  -- this is where the program speaks


def put(line: str | Text) -> None:
    """One line on standard output."""
    console().print(line)


def write(text: str) -> None:
    """Text as it is on standard output, flushed."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError as error:
        raise ReaderGone from error


def put_json(kind: str, values: Mapping[str, Any]) -> None:
    """One object on one line of standard output, flushed."""
    line = json.dumps({"type": kind, **values}, ensure_ascii=False, default=_plain)
    write(line.encode("utf-8", "replace").decode("utf-8") + "\n")


def _plain(value: object) -> str:
    """A time as ISO 8601 in UTC ending in `Z`; anything else as its text."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value)


def result_line(result: ItemResult) -> Text:
    """An item as a reader wants it: the outcome, the title, the address, and why not."""
    line = Text().append(f"{result.outcome:<10}", style=STYLES.get(result.outcome, ""))
    if result.title:
        line.append(f" {safe(result.title)}", style="bold")
    line.append(f"  {safe(result.url)}", style="")
    if result.article_id is not None:
        line.append(f"  [{result.article_id}]", style="dim")
    if result.duplicate_of is not None:
        line.append(f"  same text as [{result.duplicate_of}]", style="dim")
    if result.archive_url and result.memento_at:
        line.append(f"  a copy of {result.memento_at:%Y-%m-%d} from {safe(result.archive_url)}", style="dim")
    if result.error:
        why = f"{result.error}: {result.reason}" if result.reason else result.error
        line.append(f"  {safe(why.removeprefix(f'{result.url}: '))}", style="dim")
    return line


def result_json(result: ItemResult) -> dict[str, Any]:
    """An item with the contract's keys; of a web archive's copy, where and of when it is."""
    said = asdict(result)
    archive_url, memento_at = said.pop("archive_url"), said.pop("memento_at")
    if archive_url is not None and memento_at is not None:
        said |= {"archive_url": archive_url, "memento_at": memento_at.isoformat().replace("+00:00", "Z")}
    return said


def summary_line(counts: Mapping[str, int]) -> str:
    """`3 new, 1 known`: what a run came to."""
    said = [f"{counts[outcome]} {outcome}" for outcome in OUTCOMES if counts.get(outcome)]
    return ", ".join(said) or "nothing to do"


def columns(rows: Iterable[tuple[str, str]], *, indent: int = 0) -> str:
    """Names and values in two columns."""
    pairs = [(name, value) for name, value in rows if value]
    width = max((len(name) for name, _ in pairs), default=0)
    return "\n".join(f"{' ' * indent}{name:<{width}}  {value}" for name, value in pairs)


def paragraphs(text: str, width: int) -> str:
    """Text wrapped for reading, paragraphs apart."""
    wrapped = (textwrap.fill(part, width, break_long_words=False) for part in text.split("\n\n"))
    return "\n\n".join(wrapped)


def count(number: int, noun: str) -> str:
    """`1 site`, `2 sites`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def size(octets: int) -> str:
    """A number of bytes as a reader wants it."""
    amount = float(octets)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"
