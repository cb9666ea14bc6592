"""Which keys a set probably has: a Bloom filter in blocks of 256 bits. Pure.

All bits of a key lie in one block, in four words of which each has two, so that many keys are looked for in one pass
over an array, at one access to memory each. Source: Putze, Sanders, Singler, Cache-, Hash- and Space-Efficient Bloom
Filters, WEA 2007.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from scraper.minhash import Hashes

BITS: Final = 14
"""Of the filter for each key: 0.25 % of the keys that a set does not have are taken for its own (12 bits: 0.54 %,
16: 0.13 %; one word in place of four: 0.66 %). Each of them is a page read for nothing."""

LANES: Final = 4
_ODD: Final = np.uint64(0x9E3779B97F4A7C15)
_HALF: Final = np.uint64(32)
_SPARE: Final = np.uint64(64 - 12 * LANES)
_UNDER: Final = np.uint64(62 - 32)
_SIX: Final = np.uint64(63)
_ONE: Final = np.uint64(1)


class Asked(NamedTuple):
    """Keys in the form that filters are asked in, made once for all of them.

    places: where to look, as a fraction of 2**32. marks: bits to be set, `LANES` words for each key.
    """

    places: Hashes
    marks: Hashes


def asked(keys: Hashes) -> Asked:
    """The keys as filters want them.

    keys: of 62 bits, evenly spread. A key's place grows with it, so that what is sorted is written in passing through.
    """
    spread = keys * _ODD >> _SPARE
    marks = np.empty((len(keys), LANES), np.uint64)
    for lane in range(LANES):
        first, second = spread >> np.uint64(12 * lane), spread >> np.uint64(12 * lane + 6)
        np.bitwise_or(_ONE << (first & _SIX), _ONE << (second & _SIX), out=marks[:, lane])
    return Asked(keys >> _UNDER, marks)


def make_filter(size: int) -> Hashes:
    """An empty filter for so many keys: blocks of `LANES` words."""
    return np.zeros((max(1, -(-size * BITS // (64 * LANES))), LANES), np.uint64)


def fill(blocks: Hashes, keys: Hashes) -> None:
    """Add keys to a filter."""
    places, marks = asked(keys)
    at = _blocks_at(blocks, places)
    for lane in range(LANES):
        np.bitwise_or.at(blocks[:, lane], at, marks[:, lane])


def probable(blocks: Hashes, those: Asked) -> npt.NDArray[np.intp]:
    """The positions of the keys that a filter may have been filled with: all that it was, and few others."""
    missing = ~blocks.take(_blocks_at(blocks, those.places), axis=0) & those.marks
    found: npt.NDArray[np.intp] = np.flatnonzero(
        missing[:, 0] | missing[:, 1] | missing[:, 2] | missing[:, 3] == 0
    )
    return found


def as_filter(octets: bytes) -> Hashes:
    """A filter from its octets."""
    return np.frombuffer(octets, "<u8").astype(np.uint64, copy=False).reshape(-1, LANES)


def _blocks_at(blocks: Hashes, places: Hashes) -> npt.NDArray[np.int64]:
    return (places * np.uint64(len(blocks)) >> _HALF).view(np.int64)
