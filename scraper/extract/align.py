"""Where a second opinion's text stands among our own blocks.

Another extractor hands back text, not nodes. To say of each of our blocks whether it kept it, its words are laid
along ours: both are in document order, so what is wanted is the heaviest chain of matches that never steps back.
A short phrase that stands on the page five times is thereby taken once, between its neighbours.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final, NamedTuple

from scraper.extract.text import words

_GRAM: Final = 4
"""Words of one match. Shorter blocks must be a whole line of the other text."""

_SHARE: Final = 0.6
"""Of a block's word 4-grams, how many must stand in the other text at the same offset."""

_MOST_PLACES: Final = 6
"""Places looked at for one block: the most frequent phrases are not worth more."""


class Match(NamedTuple):
    """A block, and the words (start to end, exclusive) of the other text that it covers."""

    block: int
    start: int
    end: int


def align(blocks: Sequence[str], other: str) -> set[int]:
    """The indices of the blocks that stand in the other text, each word of it given to one block at most."""
    lines = [words(line) for line in other.split("\n")]
    theirs = [word for line in lines for word in line]
    if not theirs:
        return set()
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for start in range(len(theirs) - _GRAM + 1):
        places[tuple(theirs[start : start + _GRAM])].append(start)
    whole_lines: dict[tuple[str, ...], list[int]] = defaultdict(list)
    at = 0
    for line in lines:
        if 0 < len(line) < _GRAM:
            whole_lines[tuple(line)].append(at)
        at += len(line)
    matches: list[Match] = []
    for index, text in enumerate(blocks):
        ours = words(text)
        if not ours:
            continue
        short = len(ours) < _GRAM
        starts = whole_lines.get(tuple(ours), [])[:_MOST_PLACES] if short else _offsets(ours, places)
        matches.extend(Match(index, max(0, start), start + len(ours)) for start in starts)
    return {match.block for match in heaviest_chain(matches)}


def _offsets(ours: list[str], places: dict[tuple[str, ...], list[int]]) -> list[int]:
    """Where in the other text a block begins: offsets that enough of its 4-grams agree on."""
    votes: Counter[int] = Counter()
    grams = len(ours) - _GRAM + 1
    for offset in range(grams):
        for place in places.get(tuple(ours[offset : offset + _GRAM]), ())[:_MOST_PLACES]:
            votes[place - offset] += 1
    return [start for start, count in votes.most_common(_MOST_PLACES) if count >= _SHARE * grams]


def heaviest_chain(matches: Sequence[Match]) -> list[Match]:
    """The matches of greatest total length in which block and position both rise and no words are used twice.

    A Fenwick tree over end positions keeps it at n log n, so that a page of a million repeated words stays harmless.
    """
    if not matches:
        return []
    ends = sorted({match.end for match in matches})
    best = [(0, -1)] * (len(ends) + 1)  # Fenwick tree of (weight, index of the last match)

    def ask(position: int) -> tuple[int, int]:
        found = (0, -1)
        while position > 0:
            if best[position][0] > found[0]:
                found = best[position]
            position -= position & -position
        return found

    weights: list[int] = []
    before: list[int] = []
    pending: list[int] = []
    block = -1

    def settle() -> None:
        for index in pending:
            position = bisect_right(ends, matches[index].end)
            while position < len(best):
                if weights[index] > best[position][0]:
                    best[position] = (weights[index], index)
                position += position & -position
        pending.clear()

    for index, match in enumerate(matches):
        if match.block != block:  # matches of one block exclude each other: none may build on another
            settle()
            block = match.block
        weight, previous = ask(bisect_right(ends, match.start))
        weights.append(weight + match.end - match.start)
        before.append(previous)
        pending.append(index)
    settle()
    last = ask(len(ends))[1]
    chain: list[Match] = []
    while last >= 0:
        chain.append(matches[last])
        last = before[last]
    return chain[::-1]
