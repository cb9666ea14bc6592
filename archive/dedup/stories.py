"""Whether two pages of one site that are near-duplicates tell one story, or only stand in the same clutter. Pure.

Two short articles in the standing text of a cluttered site are alike as wholes: the different stories of one site reach
a Jaccard similarity of .20 to .51 before it is cleaned (`facts/dedup-search.md`, section 4). Were they taken for one
story for that, nothing would be learnt from them, and the clutter that makes them alike would stay. So what both have
as whole paragraphs is left out, and what is left is compared: of an edited copy it is alike, or there is nothing left.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from scraper.extract.furniture import number_of
from scraper.extract.witness import has_own, is_one_title
from scraper.minhash import Hashes, text_shingles

_SAME: Final = 0.3
"""The share of one rest's shingles found in the other from which on both tell one story: of 279 pairs of pages of one
site among the development pages the copies share .99 and the others .22 at most (`scraper.extract.furniture`)."""


def is_one_story(text_a: str, text_b: str, title_a: str | None, title_b: str | None) -> bool:
    """Whether two articles whose texts are alike tell one story. Texts are paragraphs joined by a blank line."""
    one_title = is_one_title(title_a, title_b)
    a, b = _paragraphs(text_a), _paragraphs(text_b)
    rests = []
    for own, other in ((a, b), (b, a)):
        rest = _shingles([part for number, part in own.items() if number not in other])
        if not has_own(len(rest), len(_shingles(list(own.values()))), one_title=one_title):
            return True
        rests.append(rest)
    shared = len(np.intersect1d(rests[0], rests[1], assume_unique=True))
    return shared >= _SAME * min(map(len, rests))


def _paragraphs(text: str) -> dict[int, str]:
    return {number_of(part): part for part in text.split("\n\n")}


def _shingles(parts: list[str]) -> Hashes:
    return text_shingles("\n".join(parts))
