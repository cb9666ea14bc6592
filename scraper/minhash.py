"""Shingles of a text, their MinHash sketch, the LSH bands of a sketch, and Jaccard similarity. Pure.

Everything is made of 64-bit word hashes with numpy; the same text gives the same numbers on every machine, so that
a small archive and a large one can be compared. Whatever changes a number raises `MinHashParams.version`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import blake2b
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

    version: int = 1
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


def unit_hashes(items: Sequence[str]) -> Hashes:
    """A 64-bit hash for each unit, in order."""
    return np.fromiter(map(_unit_hash, items), np.uint64, len(items))


@lru_cache(maxsize=1 << 16)
def _unit_hash(item: str) -> int:
    return int.from_bytes(blake2b(item.encode("utf-8", "replace"), digest_size=8).digest(), "little")


def gram_hashes(hashes: Hashes, length: int) -> Hashes:
    """A hash for each run of `length` units, in order of position; none where there are fewer units."""
    count = len(hashes) - length + 1
    if count <= 0:
        return np.empty(0, np.uint64)
    found = np.zeros(count, np.uint64)
    for at in range(length):
        found = found * _ODD + hashes[at : at + count]
    return mixed(found)


def shingles(text_units: Units, hashes: Hashes, params: MinHashParams = PARAMS) -> Hashes:
    """The set of a text's shingles as sorted hashes without repetition."""
    return np.unique(gram_hashes(hashes, params.characters if text_units.characters else params.words))


def signature(found: Hashes, params: MinHashParams = PARAMS) -> npt.NDArray[np.uint32]:
    """The MinHash sketch: the upper halves of `permutations` minima. Needs at least one shingle."""
    first, second = _permutations(params)
    minima = np.empty(params.permutations, np.uint64)
    for at in range(params.permutations):
        minima[at] = ((found ^ first[at]) * second[at]).min()
    return (minima >> np.uint64(32)).astype(np.uint32)


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
def _permutations(params: MinHashParams) -> tuple[Hashes, Hashes]:
    """Pairs of a mask and an odd factor, one for each permutation."""
    seeds = mixed(np.arange(1, 2 * params.permutations + 1, dtype=np.uint64) * _ODD)
    return seeds[: params.permutations], seeds[params.permutations :] | np.uint64(1)
