"""How dates and links are said, in the terminal, in citations and in the browser alike. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final
from urllib.parse import urlsplit

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def month_name(month: str) -> str:
    """`October 2017` for `2017-10`; anything else as it is."""
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        return month
    return f"{MONTHS[first.month - 1]} {first.year}"


def period_name(period: str) -> str:
    """`8 October 2017`, `October 2017`, `2017` for an ISO date or its beginning; anything else as it is."""
    return day_name(period) if len(period) == len("2017-10-08") else month_name(period)


def day_name(moment: str | datetime | None) -> str:
    """`8 October 2017`, in the place's own time where it states one; anything else as it is."""
    if isinstance(moment, datetime):
        moment = moment.astimezone(UTC).isoformat()
    try:
        day = date.fromisoformat((moment or "")[:10])
    except ValueError:
        return moment or ""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def moment_name(moment: str | datetime | None) -> str:
    """`8 October 2017, 14:30 UTC`; the offset as stated, no time where there is none."""
    if isinstance(moment, datetime):
        moment = moment.astimezone(UTC).isoformat()
    said = day_name(moment)
    try:
        instant = datetime.fromisoformat(moment or "")
    except ValueError:
        return said
    if len(moment or "") <= len("2017-10-08"):
        return said
    zone = instant.strftime("%z")
    zone = "" if not zone else " UTC" if zone == "+0000" else f" UTC{zone[:3]}:{zone[3:5]}"
    return f"{said}, {instant:%H:%M}{zone}"


def web_link(url: str | None) -> str | None:
    """The URL, where it leads to the web (http or https, with a host); `None` for anything else."""
    try:
        parts = urlsplit(url or "")
        return url if parts.scheme in {"http", "https"} and parts.hostname else None
    except ValueError:
        return None
