"""Dates as they are written: for machines (ISO 8601, RFC 2822) and for readers, in many languages.

Only a full date counts: day, month and year. Months alone ("September 2017"), years, Hijri and Iranian dates are
not dates here. A slashed date whose order the page does not settle is none: no date is better than a wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Final, Literal

from scraper.extract.months import month
from scraper.extract.weekdays import end_of_weekday
from scraper.extract.zones import zone_after

EARLIEST: Final = 1900
LATEST: Final = 2039
"""Years a page of the web can be dated. What lies outside is another calendar, an empty field's zero, or a slip of the
hand: nothing is read here with a clock, and whoever knows when a page was fetched says so (`extract(captured=)`)."""

Order = Literal["dmy", "mdy"]
"""How a site writes a date in figures alone."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A date that a page states, as precisely as it does.

    day: the calendar day, as stated, in the page's own time. text: ISO 8601, with time and offset where stated.
    """

    day: date
    text: str

    @property
    def has_time(self) -> bool:
        """Whether a time of day is stated."""
        return "T" in self.text

    @property
    def has_offset(self) -> bool:
        """Whether the offset from UTC is stated."""
        return re.search(r"[+-]\d\d:\d\d$", self.text) is not None


@dataclass(frozen=True, slots=True)
class Found:
    """A date found in a text, and the characters it takes up."""

    stamp: Stamp
    start: int
    end: int


_ISO = re.compile(
    r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"
    r"(?:[T\s]\s*(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:[.,]\d+)?)?\s*(?P<z>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2}(?!\d))?)?",
)
_COMPACT = re.compile(
    r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})(?:T?(?P<H>\d{2})(?P<M>\d{2})(?P<S>\d{2})?(?P<z>Z)?)?"
)
_RFC_2822 = re.compile(
    r"(?:[A-Za-z]{3},\s+)?\d{1,2}\s+[A-Za-z]{3}\s+\d{4}\s+\d{2}:\d{2}(?::\d{2})?\s+(?:[+-]\d{4}|[A-Z]{1,4})$"
)

_NOT_IN_NUMBER: Final = r"(?<![\d/.:-])"
_ENDS: Final = r"(?![\d/]|[.:-]\d)"
_NAME: Final = r"[^\s\d.,/|()\-–:;،\"'“”]{3,14}"
_GAP: Final = r"[\s.,\-–/،]{0,4}"
_OF: Final = r"(?:(?:de|of|d’|d'|di|den|del|the)\s+)?"
_NAMED: Final = (
    # 8 October, 2017 · 8. Oktober 2017 · 8 de octubre de 2017 · 8 تشرين الأول 2017
    re.compile(
        _NOT_IN_NUMBER
        + rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|º|ª|\.)?{_GAP}{_OF}(?P<m>{_NAME}(?:\s+{_NAME})?)"
        # Levantine and international name side by side: 8 تشرين الأول / أكتوبر 2017
        + rf"(?:\s*/\s*{_NAME}(?:\s+{_NAME})?)?{_GAP}{_OF}(?P<y>\d{{4}})"
        + _ENDS
    ),
    # October 8, 2017 · Oct. 8th 2017
    re.compile(rf"(?P<m>{_NAME})\.?\s{{0,3}}(?P<d>\d{{1,2}})(?:st|nd|rd|th)?{_GAP}(?P<y>\d{{4}})" + _ENDS),
    # 2017. október 8. · 2017 October 8
    re.compile(_NOT_IN_NUMBER + rf"(?P<y>\d{{4}}){_GAP}(?P<m>{_NAME}){_GAP}(?P<d>\d{{1,2}})" + r"(?!\d|:)"),
)
_EASTERN = re.compile(r"(?P<y>\d{4})\s?[年년]\s?(?P<m>\d{1,2})\s?[月월]\s?(?P<d>\d{1,2})\s?[日일]")
_ERAS: Final = {"令和": 2018, "平成": 1988, "昭和": 1925}
"""The years before the first of a Japanese era."""

_OF_ERA = re.compile(
    r"(?P<era>令和|平成|昭和)\s?(?P<y>\d{1,2}|元)\s?年\s?(?P<m>\d{1,2})\s?月\s?(?P<d>\d{1,2})\s?日"
)
_HAN_FIGURES: Final = "〇一二三四五六七八九"
_IN_HAN = re.compile(
    r"(?P<y>[一二][〇零○Ｏ一二三四五六七八九]{3})年(?P<m>十?[一二三四五六七八九]|十)月(?P<d>[二三]?十?[一二三四五六七八九]|[二三]?十)日"
)


def _of_han(figures: str) -> int:
    """A number up to 31 in Han figures: 十二, 二十, 三."""
    tens, ten, ones = figures.rpartition("十")
    value = _HAN_FIGURES.find(ones) if ones else 0
    return value + (10 * (_HAN_FIGURES.find(tens) if tens else 1) if ten else 0)


_YEAR_FIRST = re.compile(
    _NOT_IN_NUMBER + r"(?P<y>(?:19|20)\d{2})([-/.])(?P<m>\d{1,2})\2(?P<d>\d{1,2})(?![\d/])"
)
_YEAR_LAST = re.compile(
    _NOT_IN_NUMBER
    + r"(?P<a>\d{1,2})\s?(?P<sep>[-/.])\s?(?P<b>\d{1,2})\s?(?P=sep)\s?(?P<y>(?:19|20)\d{2})"
    + _ENDS
)
_SHORT_YEAR = re.compile(
    _NOT_IN_NUMBER + r"(?P<a>\d{1,2})(?P<sep>[./])(?P<b>\d{1,2})(?P=sep)(?P<y>\d{2})" + _ENDS
)
_TIME = re.compile(
    r"(?:\s?(?:года|году|г\.|року|р\.)(?![^\W\d_]))?"
    r"[\s,;|@،–—\-/•·T(]{0,6}"
    r"(?:(?:at|um|à|a las|alle|kl\.?|om|o|saat|в|ore|klo|às|clock)\s*)?"
    r"(?P<H>\d{1,2})[:.h時](?P<M>\d{2})(?::(?P<S>\d{2}))?\s*(?P<half>[ap]\.?m\b\.?)?\s*"
    r"(?P<z>\+\d{2}:?\d{2}|(?:(?<=\s)-\d|-0)\d:?\d{2})?",
    re.I,
)
_TIME_BEFORE = re.compile(
    r"(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2}))?\s*(?P<half>[ap]\.?m\b\.?)?(?P<after>.{1,24})$",
    re.I,
)
_BETWEEN = re.compile(r"[\s,;|،–—\-/()\]]*(?:\w{2,9},?\s)?")
"""What may stand between a time of day, its zone, and a date."""


def machine_stamp(value: str, order: Order | None = None, language: str | None = None) -> Stamp | None:
    """The date in a value written for machines (`datePublished`, `datetime`, …), whatever its form.

    A value that holds a date among other words is read too: generators fill these fields with anything.
    """
    value = value.strip()
    match = _ISO.match(value)
    if match:
        return _stamp(match, match)
    if value.isdigit():
        if match := _COMPACT.fullmatch(value):
            return _stamp(match, match)
        return None  # seconds since 1970 give a day only with a time zone, which the page does not state
    if value[:4].isdigit() and (match := _COMPACT.fullmatch(value)):
        return _stamp(match, match)
    if _RFC_2822.match(value):
        try:
            moment = parsedate_to_datetime(value)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        if moment.tzinfo is not None:
            return Stamp(moment.date(), moment.isoformat()) if EARLIEST <= moment.year <= LATEST else None
    return next((found.stamp for found in dates_in(value, order=order, language=language)), None)


def dates_in(text: str, *, language: str | None = None, order: Order | None = None) -> Iterator[Found]:
    """The full dates in a text, in order, each with the time of day that stands beside it.

    language: the page's, for names of months, and with its country (`en-GB`), where that is known, for names of time
    zones. order: how the site orders figures; where it is unknown and both orders give a date, the figures give none.
    """
    taken: list[tuple[int, int]] = []
    found: list[Found] = []
    for match, day in _matches(text, language, order):
        span = match.span()
        if any(span[0] < end and start < span[1] for start, end in taken):
            continue
        taken.append(span)
        end = span[1]
        clock = _TIME.match(text, end) or _TIME.match(text, end_of_weekday(text, end))
        if clock is not None:
            stamp, end = _timed(day, clock, text, clock.end(), language)
        else:
            stamp = _timed_before(day, text[max(0, span[0] - 40) : span[0]], language)
        found.append(Found(stamp, span[0], end))
    yield from sorted(found, key=lambda item: item.start)


def day_of_url(path: str) -> date | None:
    """The day in the path of a URL (`/2017/10/08/`, `/2017-10-08-`, `/20171008`)."""
    for pattern in (_URL_SLASHED, _URL_DASHED, _URL_COMPACT):
        match = pattern.search(path)
        if match:
            return _date(match["y"], match["m"], match["d"])
    return None


_URL_SLASHED = re.compile(r"/(?P<y>(?:19|20)\d{2})[/-](?P<m>\d{1,2})/(?P<d>\d{1,2})(?:/|$)")
_URL_DASHED = re.compile(r"(?<!\d)(?P<y>(?:19|20)\d{2})[-_](?P<m>\d{2})[-_](?P<d>\d{2})(?!\d)")
_URL_COMPACT = re.compile(r"[/_-](?P<y>20\d{2})(?P<m>[01]\d)(?P<d>[0-3]\d)(?=[/_.-]|$)")


_TWO_NUMBERS = re.compile(r"\d\D+\d|\d{5}")
_FOUR_DIGITS = re.compile(r"\d{4}")
"""What every date has, or every date with a whole year: most lines have neither, and a look is cheap. A day and a year
may stand side by side (`October 82017`)."""


def _matches(text: str, language: str | None, order: Order | None) -> Iterator[tuple[re.Match[str], date]]:
    if "年" in text and "日" in text:
        yield from _east_asian(text)
    if not _TWO_NUMBERS.search(text):
        return
    if _FOUR_DIGITS.search(text):
        for pattern in (_YEAR_FIRST, _EASTERN):
            for match in pattern.finditer(text):
                day = _date(match["y"], match["m"], match["d"])
                if day:
                    yield match, day
        for pattern in _NAMED:
            for match in pattern.finditer(text):
                number = _month_of(match["m"], language)
                day = _date(match["y"], number, match["d"]) if number else None
                if day:
                    yield match, day
    for pattern in (_YEAR_LAST, _SHORT_YEAR):
        for match in pattern.finditer(text):
            day = _ordered(match, order)
            if day:
                yield match, day


def _east_asian(text: str) -> Iterator[tuple[re.Match[str], date]]:
    """Dates of Japanese eras, and those in Han figures."""
    for match in _OF_ERA.finditer(text):
        year = _ERAS[match["era"]] + (1 if match["y"] == "元" else int(match["y"]))
        if day := _date(year, match["m"], match["d"]):
            yield match, day
    for match in _IN_HAN.finditer(text):
        digits = re.sub("[零○Ｏ]", "〇", match["y"])
        figures = "".join(str(_HAN_FIGURES.find(figure)) for figure in digits)
        if day := _date(figures, _of_han(match["m"]), _of_han(match["d"])):
            yield match, day


def _month_of(name: str, language: str | None) -> int | None:
    """The month of one word, or of two (`تشرين الأول`); the first of two where the second is another word."""
    number = month(name, language)
    if number is None and " " in name:
        first, last = name.split(None, 1)
        number = month(first, language) or month(last, language)
    return number


def _ordered(match: re.Match[str], order: Order | None) -> date | None:
    first, second = int(match["a"]), int(match["b"])
    year = int(match["y"])
    if year < 100:
        if order is None and match["sep"] != ".":
            return None
        year += 2000 if year < 70 else 1900
    if match["sep"] == ".":
        return _date(year, second, first)
    if first > 12 or first == second:
        return _date(year, second, first)
    if second > 12:
        return _date(year, first, second)
    if order is None:
        return None
    return _date(year, second, first) if order == "dmy" else _date(year, first, second)


def _date(year: str | int, number: str | int, day: str | int) -> date | None:
    try:
        found = date(int(year), int(number), int(day))
    except ValueError:
        return None
    return found if EARLIEST <= found.year <= LATEST and found not in _NULLS else None


_NULLS: Final = frozenset([date(1970, 1, 1), date(1900, 1, 1)])
"""What an empty field of a database looks like when it is printed as a date."""


def _stamp(match: re.Match[str], clock: re.Match[str] | None) -> Stamp | None:
    day = _date(match["y"], match["m"], match["d"])
    return _with_clock(day, clock) if day else None


def _timed(day: date, clock: re.Match[str], text: str, at: int, language: str | None) -> tuple[Stamp, int]:
    """A day with the time that stands beside it and the zone that follows the time, and where these end."""
    moment = _moment(day, clock)
    if moment is None or clock.groupdict().get("z"):
        return _with_clock(day, clock), at
    zone = zone_after(text, at, moment, language)
    if zone is None:
        return _with_clock(day, clock), at
    return _with_clock(day, clock, zone[0]), zone[1]


def _timed_before(day: date, text: str, language: str | None) -> Stamp:
    """A day with the time that a text before it ends with: `14:30 CET, `."""
    clock = _TIME_BEFORE.search(text)
    if clock is not None:
        stamp, end = _timed(day, clock, text, clock.start("after"), language)
        if end < len(text) and _BETWEEN.fullmatch(text, end):
            return stamp
    return Stamp(day, day.isoformat())


def _moment(day: date, clock: re.Match[str]) -> datetime | None:
    """A day at a time of day, on the page's own clock; `None` where the figures are no time."""
    parts = clock.groupdict()
    if parts["H"] is None:
        return None
    hour, minute, second = int(parts["H"]), int(parts["M"]), int(parts.get("S") or 0)
    half = (parts.get("half") or "").lower()
    if half and hour <= 12:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    if hour > 23 or minute > 59:
        return None
    return datetime(day.year, day.month, day.day, hour, minute, second if second < 60 else 0)


def _with_clock(day: date, clock: re.Match[str] | None, named: timedelta | None = None) -> Stamp:
    """A day with a time of day and its offset: the one in the match, or one that was read from a zone's name."""
    moment = _moment(day, clock) if clock is not None else None
    if clock is None or moment is None:
        return Stamp(day, day.isoformat())
    parts = clock.groupdict()
    second = parts.get("S")
    text = moment.isoformat(timespec="seconds" if second and int(second) < 60 else "minutes")
    offset = moment.replace(tzinfo=timezone(named)).isoformat()[19:] if named is not None else ""
    return Stamp(day, text + (offset or _offset(parts.get("z"))))


def _offset(zone: str | None) -> str:
    if not zone:
        return ""
    digits = re.sub(r"[^\d+-]", "", zone)
    if not digits:
        return "+00:00"
    hours, minutes = int(digits[1:3]), int(digits[3:5] or 0)
    return f"{digits[0]}{hours:02d}:{minutes:02d}" if hours <= 14 and minutes < 60 else ""
