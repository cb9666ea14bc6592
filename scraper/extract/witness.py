"""A page as a witness of its site's furniture, in a form small enough to keep for every article. Pure.

`furniture` learns from pages at hand. An archive learns as articles come, and must not read a site's pages again for
each: it keeps of every article the hashes of its blocks, ten bytes a block, with what the page alone said of
each. From these alone follow what the site repeats, and which of its articles would read differently now that it is
known, so that only those need be read again.

What is the same as in `furniture`: the key of a block, how often furniture is seen, when a block gives way. What
differs: pages of one story are told by what the archive knows of copies and near-duplicates, and by what each has to
itself beside the other.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from scraper.extract.furniture import (
    AROUND,
    ASIDE,
    FEWEST_ARTICLES,
    HEADINGS,
    IN_TEXT,
    LINK,
    MOST_BLOCKS,
    STANDING,
    block_key,
    gives_way,
    hashed_key,
    is_link,
    keyed,
    least_of,
    number_of,
    standing_of,
)
from scraper.extract.text import count_words
from scraper.minhash import Hashes
from scraper.model import Furniture

if TYPE_CHECKING:
    from scraper.extract.blocks import TextBlock

VERSION: Final = 1
"""Of the form in which a witness is packed, and of the keys in it. Witnesses of another version teach nothing."""

MOST_ENTRIES: Final = 2_000
"""Blocks of one page that are kept, the first ones: 20 kB."""

_TEXT, _ASIDE, _LINK = range(3)
_PLACE: Final = 0b11
_GIVES_WAY: Final = {AROUND: 1 << 2, IN_TEXT: 1 << 3, STANDING: 1 << 4}
_ALWAYS: Final = sum(_GIVES_WAY.values())
_DROPPED: Final = 1 << 5
_WORDS_AT: Final = 8
_MOST_WORDS: Final = 255
"""The bits of a flag: where the block stood; at which standings it would give way; whether it did when the page was
read; and, of text, its words."""

_PROSE_WORDS: Final = 12
"""Words from which on a paragraph tells one story from another (`facts/dedup-search.md`, section 4)."""

_OWN_WORDS: Final = 30
_OWN_SHARE: Final = 0.15
_OWN_SHARE_OF_ONE_TITLE: Final = 0.4
_ONE_TITLE: Final = 0.5
"""How much of its prose a page must have to itself beside another for the two to tell different stories; more where
they share half of the words of their titles. A copy, a print version or a story with others below it has none; of two
short articles in the same clutter each has a quarter (`facts/dedup-search.md`, section 3: precision .26 to .35)."""

_FEWEST_BLOCKS: Final = 4
"""Blocks of text by which a page without one paragraph of prose still counts as an article of its own."""

_HEAD: Final = struct.Struct("<BH")


class Decided(Protocol):
    """What was decided of a block: see `model.judge.Decision`."""

    @property
    def kept(self) -> bool:
        """Whether it is main content."""

    @property
    def rule(self) -> str:
        """The rule that said so."""

    @property
    def score(self) -> float:
        """The model's probability that it is."""


@dataclass(frozen=True, slots=True, eq=False)
class Witness:
    """The blocks of a page as hashes and flags, in the order of the page, none twice in one place."""

    numbers: Hashes
    flags: npt.NDArray[np.uint16]

    def pack(self) -> bytes:
        """The same as bytes: version, count, hashes of 8 bytes each, flags of two. Little-endian."""
        return (
            _HEAD.pack(VERSION, len(self.numbers))
            + self.numbers.astype("<u8").tobytes()
            + self.flags.astype("<u2").tobytes()
        )

    def within(self, place: int) -> list[int]:
        """The hashes of the blocks that stand in one place."""
        chosen: list[int] = self.numbers[(self.flags & _PLACE) == place].tolist()
        return chosen


def unpack(packed: bytes) -> Witness | None:
    """The witness that `pack` wrote; `None` for one of another version, or none at all."""
    if len(packed) < _HEAD.size:
        return None
    version, count = _HEAD.unpack_from(packed)
    if version != VERSION or len(packed) != _HEAD.size + 10 * count:
        return None
    return Witness(
        np.frombuffer(packed, "<u8", count, _HEAD.size),
        np.frombuffer(packed, "<u2", count, _HEAD.size + 8 * count),
    )


def witness_of(blocks: Sequence[TextBlock], decisions: Sequence[Decided]) -> Witness:
    """A page as a witness. decisions: one for each of its blocks, with or without its site's furniture known."""
    from scraper.extract.model.rules import THRESHOLD  # noqa: PLC0415 - who only learns needs no model

    found: dict[int, int] = {}
    for block, decision in zip(blocks, decisions, strict=True):
        rule = decision.rule
        if rule == "headline":
            continue
        number = number_of(block.text)
        if not number:
            continue
        went = rule == "furniture" and decision.score >= THRESHOLD
        if decision.kept or went:
            place, flag = _judged(block, decision, went)
        else:
            place, flag = _LINK if is_link(block) else _ASIDE, 0
        entry = number << 2 | place  # of 62 bits, and a place of two
        found[entry] = found.get(entry, 0) | flag
        if len(found) == MOST_ENTRIES:
            break
    entries = np.fromiter(found, np.uint64, len(found))
    flags = np.fromiter(found.values(), np.uint16, len(found))
    return Witness(entries >> np.uint64(2), flags | (entries & np.uint64(_PLACE)).astype(np.uint16))


def _judged(block: TextBlock, decision: Decided, went: bool) -> tuple[int, int]:
    """Where a block that the page alone takes for content stands, and what its flag says. went: as furniture."""
    flag = _DROPPED if went else 0
    by_hand = decision.rule.startswith("site-rule:")  # a reader's own rule stands above what the site repeats
    if is_link(block):
        return _LINK, flag | (0 if by_hand else _ALWAYS)
    if not by_hand:
        heading = block.kind in HEADINGS
        for standing, bit in _GIVES_WAY.items():
            if gives_way(standing, decision.score, heading=heading):
                flag |= bit
    words = block.text.count(" ") + 1 if block.text.isascii() else count_words(block.text)
    return _TEXT, flag | min(words, _MOST_WORDS) << _WORDS_AT


class Telling(NamedTuple):
    """A page as a witness, its title, and the story it is known to tell."""

    page: Witness
    title: str | None
    story: Hashable


def has_own(own: float, whole: float, *, one_title: bool) -> bool:
    """Whether what a page has to itself beside another makes a story of its own. own, whole: words of prose."""
    return own >= max(_OWN_WORDS, (_OWN_SHARE_OF_ONE_TITLE if one_title else _OWN_SHARE) * whole)


def is_one_title(a: str | None, b: str | None) -> bool:
    """Whether two titles share half of their words; two that are missing do."""
    return _share_words(_words_of(a), _words_of(b))


def _words_of(title: str | None) -> frozenset[str]:
    return frozenset(block_key(title or "").split())


def _share_words(a: frozenset[str], b: frozenset[str]) -> bool:
    return len(a & b) >= _ONE_TITLE * len(a | b)


def learn_from(pages: Iterable[Telling]) -> Furniture:
    """What one site repeats around its articles, by the hashes of its blocks.

    Pages that are known to tell one story count once, and so do pages of which one has hardly a paragraph that the
    other does not show. The order does not matter. Only blocks that stand on enough articles are named.
    """
    stories = _stories(list(pages))
    in_text: Counter[int] = Counter()
    around: Counter[int] = Counter()
    links: Counter[int] = Counter()
    for story in stories:
        places: tuple[set[int], set[int], set[int]] = (set(), set(), set())
        for page in story:
            for place, numbers in enumerate(places):
                numbers.update(page.within(place))
        in_text.update(places[_TEXT])
        around.update(places[_ASIDE] - places[_TEXT])
        links.update(places[_LINK])
    articles, least = len(stories), least_of(len(stories))
    seen: list[tuple[int, str, int]] = []
    for number in in_text.keys() | around.keys():
        if in_text[number] + around[number] >= least:
            seen += [
                (count[number], mark + hashed_key(number), count[number])
                for mark, count in (("", in_text), (ASIDE, around))
                if count[number]
            ]
    seen += [(count, LINK + hashed_key(number), count) for number, count in links.items() if count >= least]
    often = sorted(seen, key=lambda one: (-one[0], one[1]))[:MOST_BLOCKS]
    named = {key: count for _, key, count in sorted(often, key=lambda one: one[1])}
    return Furniture(articles, MappingProxyType(named if articles >= FEWEST_ARTICLES else {}))


class _Told(NamedTuple):
    """A page that tells a story: its prose by hash, with the words of each paragraph; all that it shows but links."""

    page: Witness
    title: frozenset[str]
    prose: dict[int, int]
    shown: frozenset[int]


def _stories(pages: Sequence[Telling]) -> list[list[Witness]]:
    """The pages by story. One with too little text to tell its story is left out."""
    told: list[_Told] = []
    head: list[int] = []
    first_of: dict[Hashable, int] = {}
    for page, title, story in pages:
        words = page.flags >> _WORDS_AT
        long = words >= _PROSE_WORDS
        prose = dict(zip(page.numbers[long].tolist(), words[long].tolist(), strict=True))
        text = page.within(_TEXT)
        if prose or len(text) >= _FEWEST_BLOCKS:
            head.append(first_of.setdefault(story, len(told)))
            told.append(_Told(page, _words_of(title), prose, frozenset(text).union(page.within(_ASIDE))))

    def head_of(at: int) -> int:
        while head[at] != at:
            at = head[at]
        return at

    holders: dict[int, list[int]] = {number: [] for one in told for number in one.prose}
    for at, one in enumerate(told):
        for number in one.shown & holders.keys():
            holders[number].append(at)
    for at, one in enumerate(told):
        whole = sum(one.prose.values())
        shared: Counter[int] = Counter()
        for number, count in one.prose.items():
            shared.update(dict.fromkeys(holders[number], count))
        for other, count in shared.items():
            first, second = sorted((head_of(at), head_of(other)))
            if first == second:
                continue
            one_title = _share_words(one.title, told[other].title)
            if not has_own(whole - count, whole, one_title=one_title):
                head[second] = first
    stories: dict[int, list[Witness]] = {}
    for at, one in enumerate(told):
        stories.setdefault(head_of(at), []).append(one.page)
    return list(stories.values())


def reads_otherwise(page: Witness, furniture: Furniture) -> bool:
    """Whether a page would read differently with this furniture than it did when it was read."""
    blocks, articles = furniture.blocks, furniture.articles
    least = least_of(articles)
    chosen = (page.flags & (_ALWAYS | _DROPPED)) != 0
    for number, flag in zip(page.numbers[chosen].tolist(), page.flags[chosen].tolist(), strict=True):
        place, did = flag & _PLACE, bool(flag & _DROPPED)
        key = hashed_key(number)
        if place == _LINK:
            goes = bool(flag & _ALWAYS) and articles >= FEWEST_ARTICLES and blocks.get(LINK + key, 0) >= least
        else:
            standing = standing_of(blocks.get(key, 0), blocks.get(ASIDE + key, 0), articles)
            goes = bool(flag & _GIVES_WAY.get(standing, 0))
        if goes != did:
            return True
    return False


def told_of(furniture: Furniture, text: str) -> int:
    """On how many of a site's articles a block of this text stands, wherever on them; 0 where it is no furniture."""
    key, number = keyed(text)
    names = (key, hashed_key(number))
    around = sum(furniture.blocks.get(mark + name, 0) for mark in ("", ASIDE) for name in names)
    return max(around, *(furniture.blocks.get(LINK + name, 0) for name in names))
