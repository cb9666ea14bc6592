"""Which sites are not asked for now, because they did not answer before: a circuit breaker. Pure; time is told.

A site (registrable domain) that fails to answer several times in a row is left alone, longer with every time that
it still does not, and asked once then to see. What is known of it is a value that can be kept from run to run.
Only silence counts: a name that is not found, a connection that breaks or never comes, an answer of 500 and above. Any
other answer, a 404 too, shows that somebody is there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

BREAKS_AT: Final = 5
"""Failures in a row from which on a site is left alone: more than the tries of one page."""

FIRST_REST: Final = timedelta(minutes=10)
LONGEST_REST: Final = timedelta(days=1)
"""A site that died for good costs one request a day; one that restarted is back within ten minutes."""


@dataclass(frozen=True, slots=True)
class HostHealth:
    """What is known of a site that has failed.

    failures: in a row. since: of the first of them. until: it is left alone, `None` while it is asked as ever.
    error: of the last, one line.
    """

    failures: int = 0
    since: datetime | None = None
    until: datetime | None = None
    error: str | None = None

    def rests(self, now: datetime) -> bool:
        """Whether the site is left alone now."""
        return self.until is not None and now < self.until

    def why(self, domain: str) -> str:
        """One line on why a site is left alone."""
        until = f"{self.until:%Y-%m-%d %H:%M} UTC" if self.until else "later"
        if self.failures < BREAKS_AT:
            return f"{domain} asked to be left alone, and is until {until}; it said: {self.error}"
        since = f"{self.since:%Y-%m-%d %H:%M}" if self.since else "some time"
        return (
            f"{domain} has not answered {self.failures} times in a row since {since} and is left alone until {until}; "
            f"the last time: {self.error}"
        )


WELL: Final = HostHealth()


def after_failure(health: HostHealth, now: datetime, error: str, chance: float) -> HostHealth:
    """What is known after one more failure. chance: 0 to 1, spreads the rests of many by up to a tenth.

    What fails while the site rests already was under way before: it makes the rest no longer.
    """
    if health.rests(now):
        return replace(health, error=error)
    failures = health.failures + 1
    until = None
    if failures >= BREAKS_AT:
        rest = min(FIRST_REST * 2.0 ** min(failures - BREAKS_AT, 20), LONGEST_REST)
        until = now + rest * (1 + 0.1 * chance)
    return HostHealth(failures, health.since or now, until, error)


def after_retry_after(health: HostHealth, now: datetime, error: str, seconds: float) -> HostHealth:
    """What is known of a site that asked not to be asked for so many seconds: obeyed, up to the longest rest."""
    until = now + min(timedelta(seconds=min(seconds, 1e9)), LONGEST_REST)
    if health.until is not None:
        until = max(until, health.until)
    return replace(health, until=until, error=error)
