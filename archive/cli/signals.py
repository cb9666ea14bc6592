"""SIGINT and SIGTERM, for commands that write."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from archive.cli.base import EXIT_INTERRUPTED
from archive.cli.output import say

if TYPE_CHECKING:
    from archive.app import Archive


@contextmanager
def stopping_on_signals(archive: Archive) -> Iterator[None]:
    """The first SIGINT or SIGTERM ends the run with everything saved; the second ends it at once."""

    def first(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  -- the signature of a handler
        for one in (signal.SIGINT, signal.SIGTERM):
            signal.signal(one, second)
        if not archive.stop():
            raise KeyboardInterrupt
        say("stopping: saving what has come in (again to stop at once)")

    def second(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  -- the signature of a handler
        os._exit(EXIT_INTERRUPTED)

    before = {one: signal.signal(one, first) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
