"""Fingerprints of a text by winnowing: few hashes of word runs, of which any long enough shared run shares some. Pure.

Source: Schleimer, Wilkerson, Aiken, Winnowing: Local Algorithms for Document Fingerprinting, SIGMOD 2003. The
measurement behind the numbers: `../shared/facts/dedup-search.md`, section 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from scraper.minhash import Hashes, Units, gram_hashes


@dataclass(frozen=True, slots=True)
class WinnowParams:
    """How passages are looked for.

    words, characters: the length of a gram. window: of that many grams in a row the least hash is kept.
    shared: fingerprints that two texts must share to be aligned. aligned: grams that must then stand in both.
    most_articles: a fingerprint of more articles tells nothing. most_titles: nor does one that stands under more
    titles of one site, for then it is the site's own standing text.
    """

    version: int = 1
    words: int = 8
    characters: int = 16
    window: int = 8
    shared: int = 3
    aligned: int = 20
    most_articles: int = 10
    most_titles: int = 2


PASSAGES: Final = WinnowParams()


def gram_length(text_units: Units, params: WinnowParams = PASSAGES) -> int:
    """How many units make a gram of this text."""
    return params.characters if text_units.characters else params.words


def fingerprints(text_units: Units, hashes: Hashes, params: WinnowParams = PASSAGES) -> Hashes:
    """The fingerprints of a text, sorted, 62 bits each; all of its grams where it is shorter than a window."""
    return np.unique(select(gram_hashes(hashes, gram_length(text_units, params)), params))


def select(grams: Hashes, params: WinnowParams = PASSAGES) -> Hashes:
    """Of every window of grams the least, in order."""
    values = grams >> np.uint64(2)
    if len(values) <= params.window:
        return values[:1] if len(values) else values
    least: Hashes = np.minimum.reduce(sliding_window_view(values, params.window), axis=1)
    return least
