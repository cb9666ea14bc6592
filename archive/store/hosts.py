"""What is known of hosts from run to run: sites that do not answer, and what robots.txt files said."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from archive.store.rows import rows_of, text_or_none, time_from_column, time_to_column
from archive.store.sanitise import clean_line
from scraper.fetch.health import WELL, HostHealth
from scraper.fetch.robots import KEPT_SECONDS, RobotsAnswer

if TYPE_CHECKING:
    from sqlite_utils import Database


def read_health(connection: sqlite3.Connection) -> dict[str, HostHealth]:
    """Sites that failed when they were asked last, by registrable domain."""
    return {
        row["host"]: HostHealth(
            row["failures"],
            time_from_column(row["since"]) if row["since"] else None,
            time_from_column(row["until"]) if row["until"] else None,
            row["error"],
        )
        for row in rows_of(connection.execute("SELECT * FROM hosts"))
    }


def write_health(db: Database, changed: Mapping[str, HostHealth]) -> None:
    """Note what has become known; a site that is well again is forgotten."""
    for host, health in changed.items():
        if health == WELL:
            db.execute("DELETE FROM hosts WHERE host = ?", [clean_line(host)])
            continue
        db.execute(
            "INSERT OR REPLACE INTO hosts (host, failures, since, until, error) VALUES (?, ?, ?, ?, ?)",
            [
                clean_line(host),
                health.failures,
                time_to_column(health.since) if health.since else None,
                time_to_column(health.until) if health.until else None,
                text_or_none(health.error),
            ],
        )


def read_robots(connection: sqlite3.Connection, now: datetime) -> tuple[RobotsAnswer, ...]:
    """What robots.txt files said, as far as it holds still (RFC 9309, 2.4)."""
    found = connection.execute(
        "SELECT origin, octets, asked_at FROM robots WHERE asked_at > ?",
        [time_to_column(now - timedelta(seconds=KEPT_SECONDS))],
    )
    return tuple(
        RobotsAnswer(row["origin"], row["octets"], time_from_column(row["asked_at"]))
        for row in rows_of(found)
    )


def write_robots(db: Database, answers: Iterable[RobotsAnswer]) -> None:
    """Note what robots.txt files say, in place of what they said before."""
    for answer in answers:
        db.execute(
            "INSERT OR REPLACE INTO robots (origin, octets, asked_at) VALUES (?, ?, ?)",
            [clean_line(answer.origin), answer.octets, time_to_column(answer.asked_at)],
        )
