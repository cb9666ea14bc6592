"""What an archive holds, in numbers, counted no more often than it is worth.

Counting the languages of a million articles reads the whole table, which takes seconds; a front page must not. So the
counts are kept until something was added, then made again, by one visitor at a time, and after a rest.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from archive.store.reading import Status, read_status
from archive.web.reading import TooSlow, read, write_marker

if TYPE_CHECKING:
    from datasette.database import Database

LIMIT_MS: Final = 30_000
"""Ten times what 1,000,000 short articles take, by what 200,000 do (0.5 s)."""

REST: Final = 20
"""The counts are not made again before this many times as long as making them took has passed."""


@dataclass(slots=True)
class _Held:
    """The last counts, if counting ever came to its end.

    marker: of the writes they include. until: on the monotonic clock, the end of the rest.
    """

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    status: Status | None = None
    marker: tuple[Any, ...] | None = None
    until: float = 0.0

    def must_do(self, marker: tuple[Any, ...]) -> bool:
        """Whether these are to be shown as they are."""
        return self.marker == marker or time.monotonic() < self.until


_held: WeakKeyDictionary[Database, _Held] = WeakKeyDictionary()


async def count_articles(database: Database, limit_ms: int) -> Status | None:
    """The counts, at most a little old; `None` where there are none yet and they take too long."""
    held = _held.setdefault(database, _Held())
    marker = await read(database, limit_ms, write_marker)
    if held.must_do(marker) or (held.lock.locked() and held.status is not None):
        return held.status
    async with held.lock:
        if not held.must_do(marker):
            begin = time.monotonic()
            with suppress(TooSlow):  # what was counted last stands
                held.status, held.marker = await read(database, LIMIT_MS, read_status), marker
            end = time.monotonic()
            held.until = end + REST * (end - begin)
    return held.status
