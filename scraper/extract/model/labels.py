"""Which blocks of a page its true text is made of: the labels that the model learns from.

The truth is a text, not nodes. Its words are laid along the page's: both are in document order, so the heaviest
chain of matches is taken in which both rise and no word is used twice; thereby a standfirst that stands on the page
three times counts once. What the chain leaves over (a truth that puts its summary first) is given out afterwards.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final

from scraper.extract.align import Match, heaviest_chain
from scraper.extract.text import storable

_TOKEN = re.compile(
    "[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[^\\W\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+"
)
"""Words, and single characters of scripts that write none apart."""

_GRAM: Final = 4
_SHARE: Final = 0.4
"""Of a block's 4-grams, how many must stand in the truth at the same offset: blocks may be half in the truth."""

_PLACES: Final = 8


def label(texts: Sequence[str], truth: str) -> list[float]:
    """The share of each block's words that stand in the truth, 0 to 1."""
    theirs = _TOKEN.findall(storable(truth).lower())  # the page's blocks have no soft hyphens either
    ours = [_TOKEN.findall(text.lower()) for text in texts]
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for length in range(1, _GRAM + 1):
        for start in range(len(theirs) - length + 1):
            places[tuple(theirs[start : start + length])].append(start)
    matches: list[Match] = []
    for index, words in enumerate(ours):
        matches.extend(
            Match(index, max(0, start), min(len(theirs), start + len(words)))
            for start in _starts(words, places)
        )
    labels = [0.0] * len(texts)
    taken = [False] * len(theirs)
    chain = heaviest_chain(matches)
    for match in chain:
        labels[match.block] = _covered(ours[match.block], theirs, range(match.start, match.end), taken)
    chosen = {match.block for match in chain}
    rest = sorted(
        (i for i, words in enumerate(ours) if i not in chosen and len(words) >= _GRAM),
        key=lambda i: -len(ours[i]),
    )
    for index in rest:
        for start in _starts(ours[index], places):
            span = range(max(0, start), min(len(theirs), start + len(ours[index])))
            if sum(taken[at] for at in span) <= 0.2 * len(span):
                labels[index] = _covered(ours[index], theirs, span, taken)
                break
    return labels


def _starts(words: Sequence[str], places: dict[tuple[str, ...], list[int]]) -> list[int]:
    """Where in the truth a block may begin, the best place first."""
    if not words:
        return []
    if len(words) < _GRAM:
        return places.get(tuple(words), [])[:_PLACES]
    votes: Counter[int] = Counter()
    grams = len(words) - _GRAM + 1
    for offset in range(grams):
        for place in places.get(tuple(words[offset : offset + _GRAM]), ())[:_PLACES]:
            votes[place - offset] += 1
    starts = [start for start, count in votes.most_common(_PLACES) if count >= _SHARE * grams]
    if not starts and votes:
        # words left out or put in amid the block shift the offset: sum the votes of a neighbourhood
        start, count = votes.most_common(1)[0]
        near = sum(more for other, more in votes.items() if abs(other - start) <= 0.2 * len(words) + 3)
        if near >= _SHARE * grams and count > 1:
            return [start]
    return starts


def _covered(words: Sequence[str], theirs: Sequence[str], span: range, taken: list[bool]) -> float:
    """The share of a block's words found, as a bag, in this part of the truth; marks the part as taken."""
    there = Counter(theirs[at] for at in span if not taken[at])
    found = sum((Counter(words) & there).values())
    for at in span:
        taken[at] = True
    return found / len(words)


def label_by_segments(
    texts: Sequence[str], must_have: Sequence[str], must_not: Sequence[str]
) -> list[float | None]:
    """1 for blocks in which a wanted segment stands, 0 for unwanted ones, `None` for those nothing is said of."""
    squashed = [" ".join(text.split()) for text in texts]
    starts: list[int] = []
    at = 0
    for text in squashed:
        starts.append(at)
        at += len(text) + 1
    joined = " ".join(squashed)
    labels: list[float | None] = [None] * len(texts)
    for segments, value in ((must_not, 0.0), (must_have, 1.0)):
        for segment in segments:
            wanted = " ".join(segment.split())
            places = [match.start() for match in re.finditer(re.escape(wanted), joined)]
            if not places or (value == 1.0 and len(places) > 1):
                continue  # a wanted phrase that stands twice says nothing of either place
            for place in places:
                first = bisect_right(starts, place) - 1
                last = bisect_right(starts, place + len(wanted) - 1) - 1
                for index in range(first, last + 1):
                    labels[index] = value
    return labels
