"""The facts of articles as bits: which are of a site, a language, some days, a job or a tag, or copies. Reads alone.

To hold each match of a common word against the facts of its article takes 3 us, and half a second for the words of one
article in three among a million. The values of a fact as bitmaps (O'Neil, *Model 204 Architecture and Performance*,
1987), and days by their binary places (O'Neil and Quass, *Improved Query Performance with Variant Indexes*, 1997,
section 4), say the same in a hundredth of the time.

`fact_bitmaps` has the rows of a block of articles (`archive.store.bitmaps`), made by `archive.store.fact_making`. A
block whose facts change loses them, and `articles` is asked of it until a run ends and makes them again.
"""

from __future__ import annotations

import json
import re
import sqlite3
import zlib
from collections.abc import Container, Iterable
from typing import Any, Final

from archive.store import bitmaps
from archive.store.bitmaps import MADE_OF_FACTS, Made, made_of, set_bits
from archive.store.memo import Memo

DAY_BITS: Final = 23
"""Binary places of a day: 14 of the year, 4 of the month, 5 of the day of the month."""

LAST_DAY: Final = (1 << DAY_BITS) - 1

DAY_OCTETS: Final = 3
"""Octets of an article's day where days stand one after another: the last of the year 9999 is below 2**22."""

_DAY: Final = r"([0-9]{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12][0-9]|3[01])"
_ASKED: Final = re.compile(rf"{_DAY})?)?")
_STATED: Final = re.compile(rf"{_DAY}(?:[T ][ -}}]*)?)?)?")


def day_number(stated: str) -> int | None:
    """A date, with or without a time of day, as a number in the order of text; `None` for anything else.

    A date without month or day comes before all that have one, as `2017` comes before `2017-01`.
    """
    found = _STATED.fullmatch(stated)
    return None if found is None else _number(found, 0, 0)


def days_of(asked: str) -> tuple[int, int] | None:
    """The first and last number of the days of a year, a month or a day; `None` for anything else."""
    found = _ASKED.fullmatch(asked)
    return None if found is None else (_number(found, 0, 0), _number(found, 15, 31))


def _number(found: re.Match[str], month: int, day: int) -> int:
    year, *rest = (None if part is None else int(part) for part in found.groups())
    month, day = (given if part is None else part for part, given in zip(rest, (month, day), strict=True))
    return (year or 0) << 9 | month << 5 | day


class Facts:
    """What is held as bits in an archive. An integer is articles: bit n the article of id n.

    sql, values: of a method, which articles `a` those are, for blocks that have no rows.
    """

    def __init__(self, connection: sqlite3.Connection, made: Made, memo: Memo) -> None:
        self._connection = connection
        self._made = made
        self._memo = memo

    def articles(self) -> int:
        """All articles."""
        return self._memo.once("articles", lambda: self._of("article", "value = ''", (), "true"))

    def copies(self) -> int:
        """The articles that copy another's text."""
        return self._memo.once(
            "copies", lambda: self._of("copy", "value = ''", (), "a.duplicate_of IS NOT NULL")
        )

    def copied(self) -> int:
        """The articles whose text others copy."""
        return self._memo.once("copied", self._copied)

    def languages(self, language: str, sql: str, values: dict[str, Any]) -> int:
        """Those in a language, of whatever region."""
        condition = "(value = ? OR (value >= ? || '-' AND value < ? || '.'))"
        return self._of("language", condition, (language,) * 3, sql, values)

    def sites(self, sites: list[str], sql: str, values: dict[str, Any]) -> int:
        """Those of some sites."""
        return self._of(
            "site", "value IN (SELECT value FROM json_each(?))", (json.dumps(sites),), sql, values
        )

    def captured(self, fact: str, value: str, sql: str, values: dict[str, Any]) -> int | None:
        """Those with a capture of a job or an outcome; `None` where that is known of too few."""
        return self._of_group("captured", fact, value, sql, values)

    def tagged(self, tag: str, sql: str, values: dict[str, Any]) -> int | None:
        """Those with a tag; `None` where that is known of too few."""
        return self._of_group("tagged", "tag", tag, sql, values)

    def _of_group(self, group: str, fact: str, value: str, sql: str, values: dict[str, Any]) -> int | None:
        marked = f"SELECT block FROM fact_bitmaps WHERE fact = '{group}'"  # noqa: S608 - ours
        if made_of(self._connection, self._memo, marked) is None:
            return None
        return self._of(fact, "value = ?", (value,), sql, values, group)

    def days(self, first: int, last: int, sql: str, values: dict[str, Any]) -> int:
        """Those of the days between two, as of `day_number`."""
        made, dated, places = self._memo.once("days", self._places)
        return _between(first, last, dated, places) | self._number((), self._asked(made, sql, values))

    def _places(self) -> tuple[frozenset[int], int, dict[int, int]]:
        """The blocks whose days are known, all articles there that have one, and those with a one at each place."""
        rows = self._connection.execute(
            "SELECT value, block, articles FROM fact_bitmaps WHERE fact = 'published'"
        )
        places: dict[str, list[tuple[int, bytes]]] = {}
        for place, block, octets in rows:
            places.setdefault(place, []).append((block, octets))
        dated = places.pop("", [])
        ones = {int(place): self._number(some) for place, some in places.items()}
        return frozenset(block for block, _ in dated), self._number(dated), ones

    def _copied(self) -> int:
        rows = self._connection.execute(
            "SELECT block, articles FROM fact_bitmaps WHERE fact = 'copied'"
        ).fetchall()
        heads = [
            number
            for first, last in self._made.stretches_without({block for block, _ in rows})
            for (number,) in self._connection.execute(
                "SELECT duplicate_of FROM articles WHERE duplicate_of BETWEEN ? AND ?", [first, last]
            )
        ]
        return self._number(rows, heads)

    def _of(
        self,
        fact: str,
        condition: str,
        taken: tuple[str, ...],
        sql: str,
        values: dict[str, Any] | None = None,
        known: str = "article",
    ) -> int:
        # In one statement, which sees one state of the archive: a block that loses its rows between two would be empty.
        # What is asked of `articles` after it may see a later state, of blocks that were without rows in this one.
        rows = self._connection.execute(
            "SELECT block, NULL FROM fact_bitmaps WHERE fact = ? "  # noqa: S608 - ours
            f"UNION ALL SELECT block, articles FROM fact_bitmaps WHERE fact = ? AND {condition}",
            [known, fact, *taken],
        ).fetchall()
        made = {block for block, octets in rows if octets is None}
        return self._number(
            [(block, octets) for block, octets in rows if octets is not None and block in made],
            self._asked(made, sql, values or {}),
        )

    def _asked(self, made: Container[int], sql: str, values: dict[str, Any]) -> list[int]:
        """The articles of blocks that are not made for which `sql` is true."""
        return [
            number
            for first, last in self._made.stretches_without(made)
            for (number,) in self._connection.execute(
                "SELECT a.id FROM articles AS a INDEXED BY articles_facts "  # noqa: S608 - ours
                f"WHERE a.id BETWEEN :first_id AND :last_id AND ({sql})",
                {**values, "first_id": first, "last_id": last},
            )
        ]

    def _number(self, rows: Iterable[tuple[int, bytes]], others: Iterable[int] = ()) -> int:
        size = 1 << (bitmaps.BLOCK_BITS - 3)
        octets = bytearray(self._made.blocks * size)
        seen = set()  # of languages and sites a block has a row for each value
        for block, stored in rows:
            if block >= self._made.blocks:  # made after the blocks were counted
                continue
            at = block * size
            articles = unpacked(stored)
            if block in seen:
                both = int.from_bytes(octets[at : at + size], "little") | int.from_bytes(articles, "little")
                articles = both.to_bytes(size, "little")
            seen.add(block)
            octets[at : at + size] = articles
        end = len(octets) << 3
        set_bits(octets, (one for one in others if one < end))
        return int.from_bytes(octets, "little")


def facts_of(connection: sqlite3.Connection, memo: Memo) -> Facts | None:
    """What is held as bits; `None` where too little is made, as in all but large archives."""
    made = made_of(connection, memo, MADE_OF_FACTS)
    return None if made is None else Facts(connection, made, memo)


def packed(octets: bytes) -> bytes:
    """The bits of a block as they are stored: compressed where that halves them, which their length tells."""
    smaller = zlib.compress(octets, 1)
    return smaller if 2 * len(smaller) <= len(octets) else octets


def unpacked(stored: bytes) -> bytes:
    """The bits of a block."""
    return stored if len(stored) == 1 << (bitmaps.BLOCK_BITS - 3) else zlib.decompress(stored)


def _between(first: int, last: int, dated: int, places: dict[int, int]) -> int:
    """The articles of days from `first` to `last`. places: the articles whose day has a one at each binary place."""
    found = dated
    if first > 0:
        found = _beyond(first, dated, places, above=True)
    if last < LAST_DAY:
        found &= _beyond(last, dated, places, above=False)
    return found


def _beyond(day: int, dated: int, places: dict[int, int], *, above: bool) -> int:
    """The articles of a day and of those after it, or before it."""
    beyond, same = 0, dated
    for place in reversed(range(DAY_BITS)):
        ones = same & places.get(place, 0)
        others = same ^ ones
        if day >> place & 1:
            same = ones
            beyond |= 0 if above else others
        else:
            same = others
            beyond |= ones if above else 0
    return beyond | same
