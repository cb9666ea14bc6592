"""When what is asked again: sources sooner or later by what they bring, articles by their age. Pure; time is told.

The formulas, and why they are as they are, stand in docs/jobs.md; `tests/jobs/test_schedule.py` holds them to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final, Literal

Health = Literal["new", "ok", "quiet", "failing", "dead"]
"""How a source does: never asked, brings something, brings nothing new for long, fails, fails for long."""

DEAD_AFTER_FAILURES: Final = 8
DEAD_AFTER: Final = timedelta(days=3)
"""A source is dead when it has failed so often in a row and for so long: one outage over a weekend is neither."""

QUIET_AFTER: Final = timedelta(days=30)

MOST_SOURCES: Final = 500
"""Sources asked in one run of one job: the parts of a large sitemap come in turn, those longest due first."""

TRIES: Final = 10
"""Times a page that fails is asked before it is given up: with pauses that double from 15 minutes, four days."""

_FIRST_RETRY: Final = timedelta(minutes=15)
_LONGEST_RETRY: Final = timedelta(days=2)

_AGAIN: Final[dict[str, tuple[timedelta, ...]]] = {
    "gone": (timedelta(days=1), timedelta(days=7), timedelta(days=30)),
    "robots": (timedelta(days=1), timedelta(days=7), timedelta(days=30), timedelta(days=90)),
    "bot-wall": (timedelta(hours=6), timedelta(days=1), timedelta(days=7), timedelta(days=30)),
    "consent": (timedelta(days=1), timedelta(days=7)),
    "paywall": (timedelta(days=1), timedelta(days=7), timedelta(days=30)),
    "empty": (timedelta(hours=1), timedelta(days=1), timedelta(days=7)),
    "soft-404": (timedelta(days=1), timedelta(days=7)),
}
"""Pauses before a page that gave no article is asked again, by outcome or verdict; what is not named never is."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The bounds of the formulas: the table `[crawl]` of the configuration.

    revisit_first, revisit_longest: bounds of the pause before an article is looked at again.
    revisit_until: an article older than this is not looked at again.
    poll_longest: a source is asked at least so often, whatever it brings.
    """

    revisit_first: timedelta = timedelta(hours=1)
    revisit_longest: timedelta = timedelta(days=30)
    revisit_until: timedelta = timedelta(days=180)
    poll_longest: timedelta = timedelta(days=1)


AGE_FACTOR: Final = 2.0
"""An article is looked at again when it is three times as old as at the last look: five looks in the first four
days, twelve in 180."""

POLL_STRETCH: Final = 8
"""A source that brings nothing new is asked at every eighth run of its job, at the latest."""


def revisit_pause(age: timedelta, changed: bool, policy: Policy) -> timedelta | None:
    """The pause before an article is asked again; `None` when it is too old for that.

    age: since it was published or, where that is not known, first seen. changed: whether the last look found
    another text than the one before.
    """
    if age >= policy.revisit_until:
        return None
    pause = max(age, timedelta()) * AGE_FACTOR
    if changed:
        pause /= 2
    return min(max(pause, policy.revisit_first), policy.revisit_longest)


def retry_pause(outcome: str, error: str | None, attempts: int, chance: float) -> timedelta | None:
    """The pause before a page that gave no article is asked again; `None`: never.

    outcome: an outcome word. error: for `rejected` the verdict. attempts: so far, this one included, 1 or more.
    chance: 0 to 1, spreads the tries of many by up to a tenth.
    """
    if outcome == "failed":
        if attempts >= TRIES:
            return None
        pause = min(_FIRST_RETRY * 2.0 ** (attempts - 1), _LONGEST_RETRY)
    else:
        pauses = _AGAIN.get(outcome) or _AGAIN.get(error or "") or ()
        if attempts > len(pauses):
            return None
        pause = pauses[attempts - 1]
    return pause * (1 + 0.1 * chance)


def poll_pause(before: timedelta | None, seen: int, new: int, period: timedelta, policy: Policy) -> timedelta:
    """The pause before a source that answered is asked again.

    before: the pause before this time, `None` for the first. seen: URLs it announced, 0 for a 304 or the same
    octets again. new: those never seen before. period: from one run of the job to the next.
    Returns: the pause before times `2 ** (1 - 3 * new / seen)`: doubled when all is known, as it was at a third
        new, a quarter when all is new; never shorter than `period`, nor longer than eight periods or a day.
    """
    share = new / seen if seen else 0.0
    pause = (before or period) * 2.0 ** (1 - 3 * share)
    return _bounded(pause, period, policy)


def poll_pause_after_failure(failures: int, period: timedelta, policy: Policy) -> timedelta:
    """The pause before a source that failed is asked again. failures: in a row, this one included."""
    return _bounded(period * 2.0 ** min(failures - 1, 16), period, policy, stretch=1 << 16)


def _bounded(pause: timedelta, period: timedelta, policy: Policy, stretch: int = POLL_STRETCH) -> timedelta:
    longest = max(period, min(period * stretch, policy.poll_longest))
    return min(max(pause, period), longest)


def health_of(
    now: datetime,
    *,
    first_asked: datetime | None,
    last_good: datetime | None,
    failures: int,
    last_new: datetime | None,
) -> Health:
    """How a source does. failures: in a row. last_good: when it answered last; last_new: when that was news."""
    if first_asked is None:
        return "new"
    if failures >= DEAD_AFTER_FAILURES and now - (last_good or first_asked) >= DEAD_AFTER:
        return "dead"
    if failures:
        return "failing"
    return "quiet" if now - (last_new or first_asked) >= QUIET_AFTER else "ok"


def chance_of(key: str) -> float:
    """A number from 0 to 1 that is always the same for a key: jitter without a die, so that tests can tell it."""
    return int.from_bytes(blake2b(key.encode("utf-8", "replace"), digest_size=4).digest(), "big") / 0xFFFFFFFF
