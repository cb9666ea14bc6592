"""Shingles of a text, their MinHash sketch, the LSH bands of a sketch, and Jaccard similarity. Pure.

Everything is made of 64-bit word hashes with numpy; the same text gives the same numbers on every machine, so that
a small archive and a large one can be compared. Whatever changes a number raises `MinHashParams.version`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from scraper.similarity import words

Hashes = npt.NDArray[np.uint64]

_ODD: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX_1: Final = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2: Final = np.uint64(0x94D049BB133111EB)
"""Of splitmix64 (Steele, Lea, Flood, Fast Splittable Pseudorandom Number Generators, 2014)."""

_NO_SPACES: Final = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x3400, 0x9FFF),  # Han
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
_WITHOUT_SPACES: Final = re.compile(
    "[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in _NO_SPACES) + "]"
)
"""A character of a script that parts no words."""


@dataclass(frozen=True, slots=True)
class MinHashParams:
    """How texts are sketched and compared. A database states the version its sketches were made with.

    words, characters: the length of a shingle, in words or, where words are not parted by spaces, in characters.
    bands, rows: of the sketch of `permutations` minima the first `bands * rows` are looked up; 37 bands of 3 find
    nine of ten pairs of Jaccard .4. threshold: exact Jaccard from which a pair is near. least: a text with fewer
    shingles is not compared, since a caption or a notice is like many others.
    Source: `../shared/facts/dedup-search.md`, section 4.
    """

    version: int = 2
    words: int = 3
    characters: int = 5
    permutations: int = 128
    bands: int = 37
    rows: int = 3
    threshold: float = 0.4
    least: int = 20


PARAMS: Final = MinHashParams()


class Units(NamedTuple):
    """What a text is cut into: its words, or its characters where its script parts no words."""

    items: Sequence[str]
    characters: bool


def units(text: str) -> Units:
    """The words of a text; its characters, one by one, where most of them belong to a script without spaces."""
    return as_units(words(text))


def as_units(said: Sequence[str]) -> Units:
    """The same, of words that are cut already."""
    if said and not all(map(str.isascii, said)):
        joined = "".join(said)
        if 2 * len(_WITHOUT_SPACES.findall(joined)) >= len(joined):
            return Units(joined, True)
    return Units(said, False)


def unit_hashes(text_units: Units) -> Hashes:
    """A 64-bit hash for each unit, in order."""
    if text_units.characters:
        codes = "".join(text_units.items).encode("utf-32-le", "replace")
        return mixed(np.frombuffer(codes, "<u4").astype(np.uint64) * _ODD)
    return _word_hashes(text_units.items)


def _word_hashes(said: Sequence[str]) -> Hashes:
    """A polynomial over the octets of each word, all words at once, its bits spread.

    A dictionary of word hashes costs four times as much (177 against 40 us for 800 words).
    """
    if not said:
        return np.empty(0, np.uint64)
    octets = np.frombuffer((" ".join(said) + " ").encode("utf-8", "replace"), np.uint8)
    ends = np.flatnonzero(octets == _BLANK) + 1
    starts = np.concatenate((ends[:1] * 0, ends[:-1]))
    lengths = ends - starts
    places = np.arange(len(octets)) - np.repeat(starts, lengths)
    return mixed(np.add.reduceat(octets * _powers(int(lengths.max()))[places], starts))


_BLANK: Final = 32


def _powers(count: int) -> Hashes:
    """At least so many powers of an odd factor, from the first on."""
    return _more_powers(1 << max(count - 1, 63).bit_length())


@lru_cache(maxsize=8)
def _more_powers(count: int) -> Hashes:
    return np.multiply.accumulate(np.full(count, _ODD))


def gram_hashes(hashes: Hashes, length: int) -> Hashes:
    """A hash for each run of `length` units, in order of position; none where there are fewer units."""
    count = len(hashes) - length + 1
    if count <= 0:
        return np.empty(0, np.uint64)
    # Runs of 1, 2, 4, ... units, each of two of the last; those that `length` is made of stand one after another.
    runs, factor, width = hashes, np.array([_ODD]), 1
    found, done = np.zeros(count, np.uint64), 0
    while True:
        if length & width:
            found = found * factor + runs[done : done + count]
            done += width
        if done == length:
            return mixed(found)
        runs = runs[:-width] * factor + runs[width:]
        factor, width = factor * factor, 2 * width


def shingle_runs(text_units: Units, hashes: Hashes, params: MinHashParams = PARAMS) -> Hashes:
    """The shingles of a text, one for each position, as hashes."""
    return gram_hashes(hashes, params.characters if text_units.characters else params.words)


def shingles(text_units: Units, hashes: Hashes, params: MinHashParams = PARAMS) -> Hashes:
    """The set of a text's shingles as sorted hashes without repetition."""
    return np.unique(shingle_runs(text_units, hashes, params))


def text_shingles(text: str) -> Hashes:
    """The set of shingles of a text, as `shingles` gives it."""
    cut = units(text)
    return shingles(cut, unit_hashes(cut))


def signature(found: Hashes, params: MinHashParams = PARAMS) -> npt.NDArray[np.uint32]:
    """The MinHash sketch: `permutations` minima of 32 bits. Needs at least one shingle.

    found: hashes of shingles; those that repeat change nothing.
    The permutations are multiply-shift on 32 bits, all at once: 69 us for 800 shingles, 90 with the shingles' own
    hashes, where one at a time on 64 bits took 250. rensa 0.5 takes 80, of which 65 go to write each shingle as a
    string: not worth a compiled dependency that stored sketches would then rest on.
    """
    factors, offsets = _permutations(params)
    least = np.full(params.permutations, np.iinfo(np.uint32).max, np.uint32)
    halves = (found >> np.uint64(32)).astype(np.uint32)
    for at in range(0, len(halves), _AT_ONCE):
        values = np.multiply.outer(factors, halves[at : at + _AT_ONCE])
        values += offsets[:, None]
        np.minimum(least, values.min(axis=1), out=least)
    return least


_AT_ONCE: Final = 2048
"""Shingles: what is worked on, a megabyte, stays in the processor's cache."""


def band_keys(sketch: npt.NDArray[np.uint32], params: MinHashParams = PARAMS) -> Hashes:
    """The LSH band keys of a sketch, in band order, 62 bits each: texts that share one are candidates.

    Source: Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, 3.4.
    """
    rows = sketch[: params.bands * params.rows].astype(np.uint64).reshape(params.bands, params.rows)
    keys = np.arange(1, params.bands + 1, dtype=np.uint64)
    for at in range(params.rows):
        keys = mixed(keys * _ODD + rows[:, at])
    return keys >> np.uint64(2)


def estimated_jaccard(a: npt.NDArray[np.uint32], b: npt.NDArray[np.uint32]) -> float:
    """The Jaccard similarity that two sketches tell, with a standard error of .044 at the most (128 minima)."""
    return float(np.count_nonzero(a == b)) / len(a)


def jaccard(a: Hashes, b: Hashes) -> float:
    """The exact Jaccard similarity of two sets of shingles."""
    if not len(a) or not len(b):
        return 0.0
    shared = len(np.intersect1d(a, b, assume_unique=True))
    return shared / (len(a) + len(b) - shared)


def mixed(values: Hashes) -> Hashes:
    """Each value with its bits spread, one to one (the finalizer of splitmix64)."""
    values = (values ^ (values >> np.uint64(30))) * _MIX_1
    values = (values ^ (values >> np.uint64(27))) * _MIX_2
    return values ^ (values >> np.uint64(31))


@cache
def _permutations(params: MinHashParams) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """Pairs of an odd factor and an offset, one for each permutation."""
    seeds = mixed(np.arange(1, 2 * params.permutations + 1, dtype=np.uint64) * _ODD)
    halves = (seeds >> np.uint64(32)).astype(np.uint32)
    return halves[: params.permutations] | np.uint32(1), halves[params.permutations :]
