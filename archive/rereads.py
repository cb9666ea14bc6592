"""Articles read again beside a run: those that read otherwise since their sites are known better, a few at a time.

Reading happens in the worker processes; what came of it is handed back to the thread of the run, which alone writes.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from functools import partial

from archive.errors import NotFound
from archive.item import Results
from archive.rereading import AHEAD, Begun, Rereader
from archive.store import Store


class Rereads:
    """What is being read again in a run. Used by the thread of the run.

    put: hands a step to that thread, which yields the results of what waited for it. counts: by what came of it.
    """

    def __init__(
        self, store: Store, rereader: Rereader, put: Callable[[Callable[[], Results]], None]
    ) -> None:
        self._store = store
        self._rereader = rereader
        self._put = put
        self._now: set[int] = set()
        self.counts: Counter[str] = Counter()
        self.is_stopping = False

    def __bool__(self) -> bool:
        """Whether something is being read again."""
        return bool(self._now)

    def stop(self) -> None:
        """Begin no more, and wait for none: what is stale stays marked, and the next run reads it again."""
        self.is_stopping = True
        self._now.clear()

    def begin_stale(self) -> None:
        """Have the articles read again that would read otherwise now, a few at a time."""
        if self.is_stopping:
            return
        for article_id in self._store.stale(AHEAD):
            if len(self._now) >= AHEAD:
                return
            if article_id not in self._now:
                self._now.add(article_id)
                self._begin(article_id, partial(self._end_stale, article_id))

    def first(self, article_id: int, then: Callable[[], Results]) -> None:
        """Read an article again, and go on when that is done: before it is compared, for instance, since a better
        reading of ours is no change by its publisher."""

        def go_on(begun: list[Begun]) -> Results:
            self._settle(begun)
            yield from then()

        self._begin(article_id, go_on)

    def _begin(self, article_id: int, then: Callable[[list[Begun]], Results]) -> None:
        """Have every version of an article read again, and go on when all are."""
        begun = []
        for of in self._store.readings(article_id):
            try:
                begun.append(self._rereader.begin(of))
            except NotFound as error:
                self.counts[self._rereader.give_up(of, str(error), write=True).outcome] += 1
        waiting = [one.future for one in begun]
        left = itertools.count(len(waiting) - 1, -1)
        for future in waiting:
            future.add_done_callback(lambda _: self._put(partial(then, begun)) if next(left) == 0 else None)
        if not waiting:
            self._put(partial(then, []))

    def _end_stale(self, article_id: int, begun: list[Begun]) -> Results:
        if article_id in self._now:
            self._settle(begun)
            self._now.discard(article_id)
            self.begin_stale()
        yield from ()

    def _settle(self, begun: list[Begun]) -> None:
        for one in begun:
            if not one.future.cancelled():
                self.counts[self._rereader.settle(one).outcome] += 1
