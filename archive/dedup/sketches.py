"""Everything that one text is compared by, made once. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from scraper.minhash import (
    PARAMS,
    Hashes,
    Units,
    band_keys,
    gram_hashes,
    mixed,
    shingle_runs,
    signature,
    unit_hashes,
    units,
)
from scraper.winnow import PASSAGES, gram_length, select

SKETCH_VERSION: Final = f"{PARAMS.version}.{PASSAGES.version}"
"""Of everything here. A database states it; texts sketched under another one are sketched again."""


@dataclass(frozen=True)
class Sketch:
    """What a text is compared by. Nothing of it is worked out before it is asked for."""

    text: str

    @cached_property
    def units(self) -> Units:
        """Words, or characters."""
        return units(self.text)

    @cached_property
    def hashes(self) -> Hashes:
        """Of the units, in order."""
        return unit_hashes(self.units)

    @cached_property
    def _runs(self) -> Hashes:
        return shingle_runs(self.units, self.hashes)

    @cached_property
    def shingles(self) -> Hashes:
        """For Jaccard, sorted. Few texts are ever asked for them."""
        return np.unique(self._runs)

    @property
    def is_comparable(self) -> bool:
        """Whether there is enough of it to be like another."""
        some = len(np.unique(self._runs[: 4 * PARAMS.least]))
        return some >= PARAMS.least or len(self.shingles) >= PARAMS.least

    @cached_property
    def signature(self) -> npt.NDArray[np.uint32]:
        """MinHash."""
        return signature(self._runs)

    @cached_property
    def bands(self) -> Hashes:
        """Keys that a near-duplicate probably shares one of."""
        return np.unique(band_keys(self.signature))

    @cached_property
    def _gram_runs(self) -> Hashes:
        return gram_hashes(self.hashes, gram_length(self.units))

    @cached_property
    def fingerprints(self) -> Hashes:
        """Keys that a text with a shared passage shares some of, evenly spread: the least hashes are not."""
        return np.unique(_spread(select(self._gram_runs)))

    @cached_property
    def grams(self) -> Hashes:
        """The grams that passages are aligned by, in order, in the form of fingerprints."""
        return _spread(self._gram_runs)

    @property
    def keys(self) -> Hashes:
        """All keys under which the text is found again."""
        return np.union1d(self.bands, self.fingerprints)


def _spread(grams: Hashes) -> Hashes:
    return mixed(grams) >> np.uint64(2)
