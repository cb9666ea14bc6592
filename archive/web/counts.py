"""What an archive holds, in numbers, counted no more often than it is worth.

Counting the languages of a million articles reads the whole table, which takes seconds; a front page must not. So the
counts are kept until something was added, then made again, by one visitor at a time, and after a rest.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar
from weakref import WeakKeyDictionary

from archive.store.reading import Status, read_status
from archive.web.reading import TooSlow, read, write_marker

if TYPE_CHECKING:
    from datasette.database import Database

T = TypeVar("T")

LIMIT_MS: Final = 30_000
"""Ten times what 1,000,000 short articles take, by what 200,000 do (0.5 s)."""

REST: Final = 20
"""The counts are not made again before this many times as long as making them took has passed."""

KEPT_VALUES: Final = 64
"""How many different counts of one archive are kept, those asked for last."""


@dataclass(slots=True)
class _Held:
    """The last counts, if counting ever came to its end.

    marker: of the writes they include. until: on the monotonic clock, the end of the rest.
    """

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    value: Any = None
    marker: tuple[Any, ...] | None = None
    until: float = 0.0

    def must_do(self, marker: tuple[Any, ...]) -> bool:
        """Whether these are to be shown as they are."""
        return self.marker == marker or time.monotonic() < self.until


_held: WeakKeyDictionary[Database, OrderedDict[Hashable, _Held]] = WeakKeyDictionary()


async def count_articles(database: Database, limit_ms: int) -> Status | None:
    """The counts, at most a little old; `None` where there are none yet and they take too long."""
    return await held(database, limit_ms, "status", read_status)


async def held(
    database: Database, limit_ms: int, name: Hashable, function: Callable[[sqlite3.Connection], T]
) -> T | None:
    """What a function makes of the whole archive, at most a little old; `None` as of `count_articles`.

    name: of the value; what it depends on besides the archive belongs to it.
    """
    values = _held.setdefault(database, OrderedDict())
    one = values.setdefault(name, _Held())
    values.move_to_end(name)
    while len(values) > KEPT_VALUES:
        values.popitem(last=False)
    marker = await read(database, limit_ms, write_marker)
    if one.must_do(marker) or (one.lock.locked() and one.value is not None):
        value: T | None = one.value
        return value
    async with one.lock:
        if not one.must_do(marker):
            begin = time.monotonic()
            with suppress(TooSlow):  # what was counted last stands
                one.value, one.marker = await read(database, LIMIT_MS, function), marker
            end = time.monotonic()
            one.until = end + REST * (end - begin)
    result: T | None = one.value
    return result
