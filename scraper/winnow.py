"""Fingerprints of a text by winnowing: few hashes of word runs, of which any long enough shared run shares some. Pure.

Source: Schleimer, Wilkerson, Aiken, Winnowing: Local Algorithms for Document Fingerprinting, SIGMOD 2003. The
measurement behind the numbers: `../shared/facts/dedup-search.md`, section 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from scraper.minhash import Hashes, Units


@dataclass(frozen=True, slots=True)
class WinnowParams:
    """How passages are looked for.

    words, characters: the length of a gram. window: of that many grams in a row the least hash is kept.
    shared: fingerprints that two texts must share to be aligned. aligned: grams that must then stand in both.
    most_articles: a fingerprint of more articles tells nothing. most_titles: nor does one that stands under more
    titles of one site, for then it is the site's own standing text.
    """

    version: int = 2
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


def select(grams: Hashes, params: WinnowParams = PASSAGES) -> Hashes:
    """The fingerprints of a text: of every window of its grams the least, in order, and all where they fill none.

    What neighbouring windows have in common is given once.
    """
    if len(grams) < params.window:
        return grams
    least, width = grams, 1
    while width < params.window:  # the least of two windows that overlap or meet
        step = min(width, params.window - width)
        least, width = np.minimum(least[:-step], least[step:]), width + step
    chosen: Hashes = least[np.append(True, least[1:] != least[:-1])]
    return chosen
