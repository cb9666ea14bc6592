"""Time zones as pages name them beside a time of day, and the offset from UTC that the name states.

A name states an offset where one zone alone can be meant: `IST` is kept in Dublin, Jerusalem and Delhi, and says
nothing unless the page tells its country. What a zone keeps on a given day is asked of the time zone database:
`ET` is -04:00 in July, Moscow kept +04:00 in 2012; and `EST` in July says of a New York clock what it does not show,
so that the time stands and the offset is left open.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class _Meant(NamedTuple):
    """A zone that a name means. kept: the database's own name of the time, where the zone must be keeping that one.

    where: languages (`en`) and countries (`-gb`) of the pages that mean it, all where there are none. never:
    countries in which the same name means another zone.
    """

    zone: str
    kept: str
    where: tuple[str, ...]
    never: tuple[str, ...]


_TABLE: Final = """
UTC,UT,Z,GMT,غرينتش,غرينيتش,جرينتش,جرينيتش|UTC|*||
EST|America/New_York|EST||-au
EDT|America/New_York|EDT||-au
ET|America/New_York|*|en|-au
CST|America/Chicago|CST|en es|-cn -tw -hk -cu -au
CDT|America/Chicago|CDT|en es|-cn -tw -hk -cu -au
CT|America/Chicago|*|en|
MST|America/Denver|MST|en es|-my -mm
MDT|America/Denver|MDT|en es|
MT|America/Denver|*|en|
PST|America/Los_Angeles|PST|en es|-ph -pk
PDT|America/Los_Angeles|PDT|en es|
PT|America/Los_Angeles|*|en|-pt
AKST|America/Anchorage|AKST||
AKDT|America/Anchorage|AKDT||
HST|Pacific/Honolulu|HST||
NST|America/St_Johns|NST|-ca|
NDT|America/St_Johns|NDT|-ca|
AST|America/Halifax|AST|-ca|
ADT|America/Halifax|ADT|-ca|
BRT|America/Sao_Paulo|*|pt -br|
ART|America/Argentina/Buenos_Aires|*|es -ar|
CLT|America/Santiago|*|-cl|
WET|Europe/Lisbon|WET||
WEST|Europe/Lisbon|WEST||
BST|Europe/London|BST|-gb|
IST|Europe/Dublin|IST|-ie|
IST|Asia/Kolkata|IST|-in|
IST|Asia/Jerusalem|IST|-il|
CET,MEZ,HNEC|Europe/Berlin|CET||
CEST,MESZ,HAEC|Europe/Berlin|CEST||
SEČ|Europe/Prague|CET||
SELČ|Europe/Prague|CEST||
EET|Europe/Athens|EET||
EEST|Europe/Athens|EEST||
MSK,МСК|Europe/Moscow|MSK||
TRT,TSİ|Europe/Istanbul|*||
TSI|Europe/Istanbul|*|tr|
IDT|Asia/Jerusalem|IDT|-il he|
SAST|Africa/Johannesburg|SAST||
WAT|Africa/Lagos|WAT||
CAT|Africa/Maputo|CAT||
EAT|Africa/Nairobi|EAT||
IRST|Asia/Tehran|*||
PKT|Asia/Karachi|PKT||
NPT|Asia/Kathmandu|*||
WIB|Asia/Jakarta|WIB||
WITA|Asia/Makassar|WITA||
ICT|Asia/Bangkok|*||
SGT|Asia/Singapore|*||
MYT|Asia/Kuala_Lumpur|*||
HKT|Asia/Hong_Kong|HKT||
PHT|Asia/Manila|*||
JST|Asia/Tokyo|JST||
KST|Asia/Seoul|KST||
AWST|Australia/Perth|AWST||
ACST|Australia/Adelaide|ACST||
ACDT|Australia/Adelaide|ACDT||
AEST|Australia/Brisbane|AEST||
AEDT|Australia/Sydney|AEDT||
NZST|Pacific/Auckland|NZST||
NZDT|Pacific/Auckland|NZDT||
"""
"""Names, zone, name the zone must be keeping (`*`: any), where it is meant, where it is not.

Names and zones: the IANA time zone database's own abbreviations, RFC 2822 section 4.3 for the American ones, and what
the languages write (`MEZ`, `TSİ`, `МСК`). Left out is what two zones keep at the same time and no country settles.
"""


def _build() -> dict[str, list[_Meant]]:
    table: dict[str, list[_Meant]] = {}
    for row in _TABLE.strip().splitlines():
        names, zone, kept, where, never = row.split("|")
        for name in names.split(","):
            table.setdefault(name, []).append(_Meant(zone, kept, tuple(where.split()), tuple(never.split())))
    return table


_MEANT: Final = _build()
_NAMED = re.compile(
    r"\s*(?:Uhr|uur|hrs?|h|ч)?\.?\s*[(\[,]?\s*(?:بتوقيت\s)?"
    r"(?:(?:UTC|GMT|utc|gmt)\s?(?P<sign>[+\-−–])\s?(?P<hours>\d{1,2})(?::?(?P<minutes>[0-5]\d))?(?![\d:])"
    rf"|(?P<name>{'|'.join(sorted(map(re.escape, _MEANT), key=len, reverse=True))}|utc|gmt)(?![^\W_]))[)\]]?"
)
"""A zone after a time of day. Names are capitals: `est` and `met` are words."""


def zone_after(
    text: str, start: int, local: datetime, language: str | None = None
) -> tuple[timedelta | None, int] | None:
    """The offset that the name of a zone at `start` states for a local time, and where the name ends.

    The offset is `None` where the name leaves it open; the answer is, where no zone is named there.
    language: of the page, with the country it is from where that is known (`en-GB`).
    """
    match = _NAMED.match(text, start)
    if match is None:
        return None
    if match["sign"]:
        offset = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"] or 0))
        offset = offset if match["sign"] == "+" else -offset
        return (offset if timedelta(hours=-12) <= offset <= timedelta(hours=14) else None), match.end()
    return _offset(match["name"].upper(), local, (language or "").lower()), match.end()


def _offset(name: str, local: datetime, language: str) -> timedelta | None:
    """What a name states: the one offset that the zones it can mean keep then."""
    spoken, _, country = language.partition("-")
    page = {spoken, f"-{country}"}
    offsets = {
        offset
        for meant in _MEANT.get(name, ())
        if (not meant.where or page & set(meant.where)) and not page & set(meant.never)
        for offset in _kept(meant, local)
    }
    return offsets.pop() if len(offsets) == 1 else None


def _kept(meant: _Meant, local: datetime) -> set[timedelta]:
    """The offsets a zone keeps at a local time, under the name it must have; two in the hour that clocks show twice."""
    zone = _zone(meant.zone)
    if zone is None:
        return set()
    moments = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    return {
        offset
        for moment in moments
        if (offset := moment.utcoffset()) is not None and meant.kept in ("*", moment.tzname())
    }


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo | None:
    """A zone of the database; `None` where a broken installation lacks it, for a page must not fail for that."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError):
        return None
