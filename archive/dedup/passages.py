"""Which stretches of one text stand in another, and which of the two they probably come from. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np

from archive.dedup.sketches import Sketch
from scraper.similarity import word_spans
from scraper.winnow import PASSAGES, gram_length

Basis = Literal["published", "whole", "captured", "unknown"]
"""Why one article is taken for the source: it was published earlier, it stands whole in the other, which has more,
or it was captured earlier. `unknown`: nothing tells."""

MAX_GAP: Final = 16
"""Grams that an edit may break without parting a passage: one changed word breaks 8, two neighbours up to 16."""

MIN_GRAMS: Final = 4
"""A stretch with fewer shared grams is a phrase. By judgement: eleven words."""

WHOLE: Final = 0.8
"""The share of a text from which it stands whole in another. By judgement: room for a dateline and a credit."""


END: Final = 0.1
"""The share of a text that counts as its beginning or end. By judgement: one line of a short story."""


class Stretch(NamedTuple):
    """A run of units of `a` and of `b` that are the same but for edits, end exclusive. grams: shared ones."""

    a_start: int
    a_end: int
    b_start: int
    b_end: int
    grams: int


class Passage(NamedTuple):
    """Characters `start` to `end` of one text stand in the other, from `source_start` to `source_end`."""

    start: int
    end: int
    source_start: int
    source_end: int
    words: int


@dataclass(frozen=True, slots=True)
class Witness:
    """What tells which of two articles came first. published: ISO 8601. first_captured: ISO 8601 in UTC."""

    article_id: int
    published: str | None
    first_captured: str


def shared_stretches(
    a: Sketch, b: Sketch, telling: Collection[int], *, one_site: bool = False
) -> tuple[Stretch, ...]:
    """The stretches that stand in both texts; none, where they are less than a paragraph together.

    telling: fingerprints that are no standing text; a stretch without one of them is none. one_site: whether both
    are of one site: what begins or ends both texts is then taken for the site's own, before a third text shows it.
    """
    if a.units.characters != b.units.characters:
        return ()
    length = gram_length(a.units)
    wanted = set(telling)
    kept = [
        Stretch(i1, i2 + length, j1, j2 + length, count)
        for (i1, i2), (j1, j2), count, told in _chains(a.grams.tolist(), b.grams.tolist(), wanted)
        if count >= MIN_GRAMS and told
    ]
    if one_site:
        kept = [one for one in kept if not _is_at_one_end(one, len(a.hashes), len(b.hashes))]
    return tuple(kept) if sum(one.grams for one in kept) >= PASSAGES.aligned else ()


def _is_at_one_end(one: Stretch, a_length: int, b_length: int) -> bool:
    begins = one.a_start <= END * a_length and one.b_start <= END * b_length
    ends = one.a_end >= (1 - END) * a_length and one.b_end >= (1 - END) * b_length
    return begins or ends


_Chain = tuple[tuple[int, int], tuple[int, int], int, bool]


def _chains(a: Sequence[int], b: Sequence[int], telling: set[int]) -> Iterator[_Chain]:
    """Runs of shared grams that follow each other in both, with gaps: first and last position in each."""
    places: dict[int, list[int]] = {}
    for j, gram in enumerate(b):
        places.setdefault(gram, []).append(j)
    first = last = (0, 0)
    count, told = 0, False
    for i, gram in enumerate(a):
        found = places.get(gram)
        if found is None:
            continue
        if count and i - last[0] <= MAX_GAP:
            straight = last[1] + i - last[0]
            onward = [j for j in found if last[1] < j <= last[1] + MAX_GAP]
            if onward:
                last = (i, straight if straight in onward else onward[0])
                count, told = count + 1, told or gram in telling
                continue
        if count:
            yield (first[0], last[0]), (first[1], last[1]), count, told
        first = last = (i, found[0])
        count, told = 1, gram in telling
    if count:
        yield (first[0], last[0]), (first[1], last[1]), count, told


def coverage(stretches: Sequence[Stretch], a: Sketch, b: Sketch) -> tuple[float, float]:
    """The share of each text that the stretches make up."""
    in_a = np.zeros(len(a.hashes), bool)
    in_b = np.zeros(len(b.hashes), bool)
    for one in stretches:
        in_a[one.a_start : one.a_end] = True
        in_b[one.b_start : one.b_end] = True
    return float(in_a.mean()), float(in_b.mean())


def is_source(a: Witness, b: Witness, covered: tuple[float, float]) -> tuple[bool, Basis]:
    """Whether `a` is the likely source of what it shares with `b`, and why.

    covered: the share of `a` and of `b` that is shared.
    """
    earlier = published_before(a.published, b.published)
    if earlier is not None:
        return earlier, "published"
    whole_a, whole_b = (share >= WHOLE for share in covered)
    if whole_a != whole_b:
        return whole_a, "whole"
    if a.first_captured != b.first_captured:
        return a.first_captured < b.first_captured, "captured"
    return a.article_id < b.article_id, "unknown"


def published_before(a: str | None, b: str | None) -> bool | None:
    """Whether one date is before another by its day; `None` where that is not known or they are the same day."""
    if not a or not b or len(a) < 10 or len(b) < 10 or a[:10] == b[:10]:
        return None
    return a[:10] < b[:10]


def as_passages(stretches: Sequence[Stretch], a: Sketch, b: Sketch) -> tuple[Passage, ...]:
    """The stretches as characters of both texts, in order of `a`."""
    spans_a, spans_b = _spans(a), _spans(b)
    found = []
    for one in stretches:
        start, end = spans_a[one.a_start][0], spans_a[min(one.a_end, len(spans_a)) - 1][1]
        source_start, source_end = spans_b[one.b_start][0], spans_b[min(one.b_end, len(spans_b)) - 1][1]
        found.append(Passage(start, end, source_start, source_end, one.a_end - one.a_start))
    return tuple(found)


def _spans(sketch: Sketch) -> list[tuple[int, int]]:
    """The characters that each unit stands in."""
    spans = word_spans(sketch.text)
    if not sketch.units.characters:
        return [(start, end) for _, start, end in spans]
    found: list[tuple[int, int]] = []
    for word, start, end in spans:
        if len(word) == end - start:
            found.extend((at, at + 1) for at in range(start, end))
        else:
            found.extend([(start, end)] * len(word))
    return found
