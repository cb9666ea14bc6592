"""The articles that very common words stand in, as bits: which of them have some such words. Reads alone.

FTS5 walks a word in 40 ns an article, so that one that 900,000 have takes 40 ms before anything is done with it, and
twice that with a filter beside it. A bit for each article is a bitmap index (O'Neil, *Model 204 Architecture and
Performance*, 1987): two words are joined in 20 us, and whether an article has one is told in 0.1.

Articles are taken in blocks of consecutive ids, and `word_bitmaps` has a row for each word that is common in a block,
made by `archive.store.bitmap_making` once the block is full. A block that changes loses its rows. So what is not there
is no error: of that block the index is asked, and the answer is the same.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Container, Iterable, Iterator
from contextlib import closing
from functools import lru_cache, partial
from typing import Final, NamedTuple, cast

from archive.search.query import AllOf, AnyOf, Node, Term
from archive.store.index import TOKENIZER
from archive.store.matching import searched
from archive.store.memo import Memo

BLOCK_BITS: Final = 15
"""The articles of a block are two to this power, so that a row is 4 kB, a page. The triggers say so too."""

_MOST_UNMADE: Final = 4
"""The part of all blocks, one in so many, that may be without rows; of more, the index alone is faster."""

_FARTHER: Final = 2
"""Times as far down as they would reach, were all alike far apart, the newest that are wanted are looked for first."""


class Bits(NamedTuple):
    """Some articles: bit n of `number` is the article of id n."""

    number: int

    @property
    def total(self) -> int:
        """How many they are."""
        return self.number.bit_count()

    def newest(self, wanted: int) -> list[int]:
        """The ids of the newest, newest first."""
        lower, length, total = 0, self.number.bit_length(), self.total
        if wanted < total:  # to write a million digits takes 0.7 ms
            lower = max(length - _FARTHER * wanted * length // total, 0)
            lower *= (self.number >> lower).bit_count() >= wanted
        digits = f"{self.number >> lower:b}"
        last = len(digits) - 1 + lower
        found: list[int] = []
        at = digits.find("1")
        while at >= 0 and len(found) < wanted:
            found.append(last - at)
            at = digits.find("1", at + 1)
        return found

    def since(self, lowest: int) -> list[int]:
        """The ids from one on, newest first."""
        return [one + lowest for one in Bits(self.number >> lowest).newest(self.number.bit_length())]

    def among(self, ids: Iterable[int]) -> list[int]:
        """Those of some ids that are of them."""
        octets = self.number.to_bytes(self.number.bit_length() // 8 + 1, "little")
        end = len(octets) << 3
        return [one for one in ids if 0 <= one < end and octets[one >> 3] >> (one & 7) & 1]


def bits_from(ids: Collection[int]) -> Bits:
    """Some articles as bits."""
    octets = bytearray((max(ids, default=0) >> 3) + 1)
    set_bits(octets, ids)
    return Bits(int.from_bytes(octets, "little"))


def bits_of(
    connection: sqlite3.Connection, node: Node, memo: Memo, within: tuple[int, int] | None = None
) -> Bits | None:
    """The articles that a query finds; `None` where it asks for anything but very common words, or little is made.

    within: the first and last id that matter; of others they may say anything.
    """
    if within is not None and (every := memo.last(("bits", node, None))) is not None:
        return cast("Bits", every)
    return memo.once(("bits", node, within), lambda: _bits_of(connection, node, memo, within))


def _bits_of(
    connection: sqlite3.Connection, node: Node, memo: Memo, within: tuple[int, int] | None
) -> Bits | None:
    words = _bare_words(node)
    made = None if words is None else made_of(connection, memo)
    if words is None or made is None:
        return None
    rows: dict[str, dict[int, bytes]] = {}
    for word in words:  # all of them before the index is asked for the first
        found = _rows(connection, word, made, memo)
        if found is None:
            return None
        rows[word] = found
    numbers = {
        word: memo.once(("word", word, within), partial(_joined, connection, word, some, made.blocks, within))
        for word, some in rows.items()
    }
    return Bits(_evaluated(node, numbers))


class Least(NamedTuple):
    """What is known of a query of alternatives without asking the index.

    bits: some articles that it finds, all in blocks that have bits. rest: the alternatives that may find others there.
    unmade: the first and last id of each stretch of blocks without bits.
    """

    bits: Bits
    rest: Node | None
    unmade: list[tuple[int, int]]


def least_of(connection: sqlite3.Connection, node: Node, memo: Memo) -> Least | None:
    """What very common words among some alternatives tell; `None` where none is such, or little is made."""
    made = made_of(connection, memo) if isinstance(node, AnyOf) else None
    if made is None or not isinstance(node, AnyOf):
        return None
    size = 1 << (BLOCK_BITS - 3)
    octets = bytearray(made.blocks * size)
    number, rest = 0, []
    for part in node.parts:
        word = word_of_index(part.text) if isinstance(part, Term) and not part.prefix else None
        rows = None if word is None else _rows(connection, word, made, memo)
        if rows is None:
            rest.append(part)
            continue
        for block, articles in rows.items():
            octets[block * size : block * size + len(articles)] = articles
        for block in made.made - rows.keys():  # where it is not common, it may stand in some
            octets[block * size : (block + 1) * size] = bytes(size)
        if len(rows) < len(made.made):
            rest.append(part)
        number |= int.from_bytes(octets, "little")
    if not number:
        return None
    return Least(Bits(number), AnyOf(tuple(rest)) if rest else None, made.stretches_without(made.made))


class Made(NamedTuple):
    """Which blocks have bits, and how many there are."""

    made: frozenset[int]
    blocks: int

    def stretches_without(self, blocks: Container[int]) -> list[tuple[int, int]]:
        """The first and last id of each stretch of consecutive blocks that are none of some."""
        others = _stretches(block for block in range(self.blocks) if block not in blocks)
        return [(first << BLOCK_BITS, (last + 1 << BLOCK_BITS) - 1) for first, last in others]


MADE_OF_WORDS: Final = "SELECT block FROM word_bitmaps WHERE word = ''"
MADE_OF_FACTS: Final = "SELECT block FROM fact_bitmaps WHERE fact = 'article'"


def made_of(connection: sqlite3.Connection, memo: Memo, sql: str = MADE_OF_WORDS) -> Made | None:
    """The blocks of this archive; `None` where too few have bits. sql: those that have."""

    def look() -> Made | None:
        rows = connection.execute(sql).fetchall()
        made = frozenset(block for (block,) in rows)
        oldest, newest = connection.execute(
            "SELECT (SELECT min(id) FROM articles), (SELECT coalesce(max(id), -1) FROM articles)"
        ).fetchone()
        blocks = (newest >> BLOCK_BITS) + 1
        if not made or oldest < 0 or (blocks - len(made) - 1) * _MOST_UNMADE > blocks:
            return None
        return Made(made, blocks)

    return memo.once(sql, look)


def _rows(connection: sqlite3.Connection, word: str, made: Made, memo: Memo) -> dict[int, bytes] | None:
    """The bits of a word by block; `None` where it is common in less than half of the blocks."""

    def look() -> dict[int, bytes] | None:
        rows = connection.execute(
            "SELECT block, articles FROM word_bitmaps WHERE word = ?", [word]
        ).fetchall()
        return None if 2 * len(rows) < len(made.made) else dict(rows)

    return memo.once(("rows", word), look)


def _bare_words(node: Node) -> set[str] | None:
    """The words of a query of nothing but words, as the index holds them."""
    match node:
        case AllOf(parts, without):
            some = [_bare_words(part) for part in (*parts, *without)]
        case AnyOf(parts):
            some = [_bare_words(part) for part in parts]
        case Term(text, prefix):
            word = None if prefix else word_of_index(text)
            return {word} if word is not None else None
        case _:
            return None
    words: set[str] = set()
    for one in some:
        if one is None:
            return None
        words |= one
    return words


@lru_cache(maxsize=1 << 12)
def word_of_index(text: str) -> str | None:
    """What the index makes of a folded text, where that is one word."""
    if text.isascii():
        return text.lower() if text.isalnum() else None
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f'CREATE VIRTUAL TABLE texts USING fts5(text, tokenize="{TOKENIZER}")')
        connection.execute("CREATE VIRTUAL TABLE words USING fts5vocab(texts, instance)")
        connection.execute("INSERT INTO texts (text) VALUES (?)", [text])
        words = connection.execute("SELECT term FROM words").fetchall()
    return words[0][0] if len(words) == 1 else None


def _evaluated(node: Node, numbers: dict[str, int]) -> int:
    if isinstance(node, Term):
        return numbers[word_of_index(node.text) or ""]
    assert isinstance(node, AllOf | AnyOf)  # noqa: S101 - see `_bare_words`
    first, *others = (_evaluated(part, numbers) for part in node.parts)
    for other in others:
        first = first & other if isinstance(node, AllOf) else first | other
    if isinstance(node, AllOf):
        for part in node.without:
            first &= ~_evaluated(part, numbers)
    return first


def _joined(
    connection: sqlite3.Connection,
    word: str,
    rows: dict[int, bytes],
    blocks: int,
    within: tuple[int, int] | None,
) -> int:
    """The bits of a word in all articles, those of blocks without a row as the index says, or none of others."""
    lowest, highest = within or (0, blocks << BLOCK_BITS)
    size = 1 << (BLOCK_BITS - 3)
    octets = bytearray(blocks * size)
    for block, articles in rows.items():
        octets[block * size : block * size + len(articles)] = articles
    for first, last in _stretches(block for block in range(blocks) if block not in rows):
        begin, end = max(first << BLOCK_BITS, lowest), min((last + 1 << BLOCK_BITS) - 1, highest)
        if begin <= end:
            set_bits(octets, ids_between(connection, word, begin, end))
    return int.from_bytes(octets, "little")


def _stretches(blocks: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Numbers in order as the first and last of each run of consecutive ones."""
    first = last = None
    for block in blocks:
        if last is not None and first is not None and block != last + 1:
            yield first, last
            first = None
        first, last = block if first is None else first, block
    if first is not None and last is not None:
        yield first, last


def ids_between(connection: sqlite3.Connection, word: str, first: int, last: int) -> list[int]:
    """The articles from one id to another that have a word in title or text, as the index says."""
    return walk(connection, searched(Term(word)), first - 1, last)


def walk(connection: sqlite3.Connection, expression: str, after: int, until: int) -> list[int]:
    """The ids of the articles above one number and up to another that an expression finds, ascending."""
    # as one text they come out of SQLite in half of the time that a row each takes
    (found,) = connection.execute(
        "SELECT json_group_array(rowid) FROM articles_fts WHERE articles_fts MATCH ? AND rowid > ? AND rowid <= ?",
        [expression, after, until],
    ).fetchone()
    ids: list[int] = json.loads(found)
    ids.sort()  # as they are already, but SQLite promises no order
    return ids


def set_bits(octets: bytearray, numbers: Iterable[int]) -> None:
    """Set the bits of some numbers, the lowest in the first octet."""
    for number in numbers:
        octets[number >> 3] |= 1 << (number & 7)
