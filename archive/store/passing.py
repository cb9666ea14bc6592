"""Filters that very many articles pass, joined with words by bits (`archive.store.fact_bits`). Reads alone."""

from __future__ import annotations

import json
import sqlite3
from typing import Final, NamedTuple

from archive.model import SearchRequest
from archive.search.conditions import Condition, Either, Every, Filter, Without
from archive.search.query import Node
from archive.store.bitmaps import Bits, bits_from
from archive.store.conditions import FilterSql
from archive.store.fact_bits import LAST_DAY, Facts, days_of, facts_of
from archive.store.matching import matching
from archive.store.memo import Memo
from archive.store.newest import matching_bits
from archive.store.sanitise import clean_line
from archive.store.scarce import passing_few

_FACTS: Final = ("site", "language", "since", "until", "month", "tag", "job", "outcome")

_MOST_SITES: Final = 1_000
"""So many sites are joined of a filter by the end of their names, 4 us a block of each: 0.1 s in a million articles."""


class Passed(NamedTuple):
    """Matches that pass the filters.

    pairs: the newest, the newest text first, each as the article by whose text it is found and the article itself.
    total, texts: how many articles pass, as far as they were counted, and how many texts those have.
    """

    pairs: list[tuple[int, int]]
    total: int
    texts: int


def passing_bits(
    connection: sqlite3.Connection,
    request: SearchRequest,
    condition: Condition | None,
    filter_sql: FilterSql,
    memo: Memo,
) -> Bits | None:
    """The articles that pass the filters of a request, all where it has none; `None` where bits cannot tell.

    condition: what else was typed into its query.
    """
    facts = facts_of(connection, memo)
    if facts is None or request.author is not None:
        return None
    parts: list[Condition] = [
        Filter(name, value) for name in _FACTS if (value := getattr(request, name)) is not None
    ]
    if condition is not None:
        parts.append(condition)
    number: int | None = facts.articles()
    if parts:
        number = _Evaluation(connection, facts, filter_sql, memo).of(Every(tuple(parts)), facts.articles())
    return None if number is None else Bits(number)


def newest_passing(
    connection: sqlite3.Connection, words: Node, passing: Bits, wanted: int, most: int, memo: Memo
) -> Passed:
    """The `wanted` newest articles that have what is looked for and are of some, and how many are, as far as `most`.

    An article is found by its own text, or by the text that it copies.
    """
    facts = facts_of(connection, memo)
    assert facts is not None  # noqa: S101 - it told what passes
    matched = matching_bits(connection, words, memo).number
    own = matched & passing.number
    newest = Bits(own).newest(wanted)
    counted = own.bit_count() >= most
    lowest = newest[-1] if counted and len(newest) == wanted and wanted else 0
    copies = _copies(connection, facts, Bits(matched), passing, lowest)
    pairs = sorted([*((one, one) for one in newest), *copies], reverse=True)[:wanted]
    total = own.bit_count() + len(copies)
    if total >= most:
        return Passed(pairs, most, most)
    by_title = Bits(own & facts.copies())  # a copy with the words in a title of its own
    texts = {text for text, _ in (*copies, *heads_of(connection, by_title.since(0)))}
    themselves = Bits(own & ~facts.copies())
    return Passed(pairs, total, themselves.total + len(texts) - len(themselves.among(texts)))


def passing_with(
    connection: sqlite3.Connection, found: Bits, passing: Bits, wanted: int, memo: Memo
) -> list[int]:
    """The `wanted` newest of some articles that pass, and of the copies of them that do, newest first."""
    facts = facts_of(connection, memo)
    assert facts is not None  # noqa: S101 - it told what passes
    copies = _copies(connection, facts, found, passing, 0)
    return Bits(found.number & passing.number | bits_from([copy for _, copy in copies]).number).newest(wanted)


class _Evaluation:
    def __init__(
        self, connection: sqlite3.Connection, facts: Facts, filter_sql: FilterSql, memo: Memo
    ) -> None:
        self._connection = connection
        self._facts = facts
        self._filter_sql = filter_sql
        self._memo = memo

    def of(self, condition: Condition, among: int) -> int | None:
        """The articles that meet a condition, `None` where bits cannot tell. among: of others it may say anything."""
        match condition:
            case Filter(field, value):
                return self._memo.once(("passing", field, value), lambda: self._filtered(condition))
            case Without(part):
                number = self.of(part, among)
                return None if number is None else among & ~number
            case Every(parts):
                # the copies of what has a word are looked up, so that the fewer are left for words the better
                for part in sorted(parts, key=lambda part: not isinstance(part, Filter)):
                    number = self.of(part, among)
                    if number is None:
                        return None
                    among &= number
                return among if parts else None
            case Either(parts):
                found = 0
                for part in parts:
                    number = self.of(part, among)
                    if number is None:
                        return None
                    found |= number
                return found
            case _:
                return self._with_words(condition, among)

    def _filtered(self, one: Filter) -> int | None:
        sql, values = self._filter_sql(one)
        if one.field == "author":
            few = None if "several" in values else passing_few(self._connection, values)
            return None if few is None else bits_from(few.ids).number
        if one.field == "language":
            return self._facts.languages(values["language"], sql, values)
        if one.field in {"job", "outcome"}:
            return self._facts.captured(one.field, values[one.field], sql, values)
        if one.field == "tag":
            return self._facts.tagged(values["tag"], sql, values)
        if one.field == "site":
            rows = self._connection.execute(
                "SELECT site FROM sites WHERE site = :site OR substr(site, -length(:below_site)) = :below_site "
                "LIMIT :most",
                {**values, "most": _MOST_SITES + 1},
            ).fetchall()
            sites = [site for (site,) in rows]
            return self._facts.sites(sites, sql, values) if len(sites) <= _MOST_SITES else None
        days = days_of(clean_line(one.value))
        if days is None:
            return None
        first = 0 if one.field == "until" else days[0]
        last = LAST_DAY if one.field == "since" else days[1]
        return self._facts.days(first, last, sql, values)

    def _with_words(self, words: Node, among: int) -> int | None:
        """Those that have some words, or copy what has them."""
        if matching(self._connection, words).expression is None:
            return None
        found = matching_bits(self._connection, words, self._memo).number
        copies = _copies(self._connection, self._facts, Bits(found), Bits(among), 0)
        return found | bits_from([copy for _, copy in copies]).number


def copies_of(connection: sqlite3.Connection, heads: list[int]) -> list[tuple[int, int]]:
    """Some articles, each with every one that copies its text."""
    # A join by either of two columns takes 3 us an article, by one after the other a third of that.
    return connection.execute(
        "SELECT head.value, copy.id FROM json_each(?) AS head CROSS JOIN articles AS copy "
        "INDEXED BY articles_duplicate_of ON copy.duplicate_of = head.value",
        [json.dumps(heads)],
    ).fetchall()


def heads_of(connection: sqlite3.Connection, copies: list[int]) -> list[tuple[int, int]]:
    """Those of some articles that copy others, each after the one whose text it copies."""
    return connection.execute(
        "SELECT duplicate_of, articles.id FROM json_each(?) CROSS JOIN articles INDEXED BY articles_facts "
        "ON articles.id = value WHERE duplicate_of IS NOT NULL",
        [json.dumps(copies)],
    ).fetchall()


def _copies(
    connection: sqlite3.Connection, facts: Facts, matched: Bits, passing: Bits, lowest: int
) -> list[tuple[int, int]]:
    """The articles that pass and copy one that matches, each after it. lowest: the id of the first match that is asked
    for; those before it need not be known."""
    copied = Bits((matched.number & facts.copied()) >> lowest << lowest)
    copying = Bits(passing.number & facts.copies())
    if copying.total < copied.total:
        pairs = heads_of(connection, copying.since(0))
        some = set(matched.among(text for text, _ in pairs))
        return [one for one in pairs if one[0] in some and one[0] >= lowest]
    pairs = copies_of(connection, copied.since(lowest))
    some = set(passing.among(one for _, one in pairs))
    return [one for one in pairs if one[1] in some]
