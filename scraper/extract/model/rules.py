"""What is decided of a block once its probability is known: rules with names, each of which can be taken out.

The model says how likely a block is main content. The rules say what follows: what a page with little text is granted,
which blocks must be surer than others, and what is no text however likely: the headline and captions are fields of
their own, and what a site repeats around its articles is its furniture. Each was measured on the out-of-fold
probabilities of the development pages. Left out, since the trees know them already and they gained nothing: cutting at
gaps of words, whole tables, filling gaps between kept blocks, lists of links.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scraper.extract.model.features import Table
from scraper.extract.model.marks import Mark
from scraper.extract.model.texts import TEXT_FEATURES

Flags = NDArray[np.bool_]

THRESHOLD: Final = 0.42
"""The probability from which a block is kept. Between .38 and .46 the corpora differ by less than their noise."""

_SURE: Final = 0.7
"""What a block must reach that is a link as a whole, or a caption."""

_LINK: Final = 0.8
_FEW_WORDS: Final = 25
_OF_THE_BEST: Final = 0.5


@dataclass(frozen=True, slots=True)
class Judged:
    """A page before its rules: probabilities and marks of its blocks, and the table they were read from."""

    probabilities: NDArray[np.float64]
    marks: Sequence[Mark | None]
    table: Table

    def marked(self, mark: Mark) -> Flags:
        """The blocks that carry a mark."""
        return np.asarray([found == mark for found in self.marks], np.bool_)


@dataclass(frozen=True, slots=True)
class Rule:
    """A named rule: which blocks it decides, given what is kept so far, and whether it keeps them."""

    decides: Callable[[Judged, Flags], Flags]
    keeps: bool


def _lone_paragraph(page: Judged, kept: Flags) -> Flags:
    if not len(kept) or float(page.table.words[kept].sum()) >= _FEW_WORDS:
        return np.zeros(len(kept), np.bool_)
    return np.asarray(~kept & (page.probabilities >= _OF_THE_BEST * page.probabilities.max()))


def _link_line(page: Judged, kept: Flags) -> Flags:
    links = page.table.matrix[:, TEXT_FEATURES.index("link_density")] > _LINK
    return np.asarray(kept & links & (page.probabilities < _SURE))


def _caption(page: Judged, _: Flags) -> Flags:
    return np.asarray(page.marked("caption") & (page.probabilities < _SURE))


def _headline(page: Judged, _: Flags) -> Flags:
    return np.asarray(page.marked("headline"))


def _furniture(page: Judged, _: Flags) -> Flags:
    return np.asarray(page.marked("furniture"))


RULES: Final[dict[str, Rule]] = {
    "lone-paragraph": Rule(_lone_paragraph, keeps=True),
    "link-line": Rule(_link_line, keeps=False),
    "caption": Rule(_caption, keeps=False),
    "headline": Rule(_headline, keeps=False),
    "furniture": Rule(_furniture, keeps=False),
}
"""In the order in which they are applied.

lone-paragraph: on a page of which fewer than 25 words would be kept, what comes near its best block is kept. An article
of one paragraph is unlike the pages the model knows; better its likeliest text than none (+.003 page F1).
link-line: a block that is a link as a whole is dropped unless the model is sure: "ALSO READ: …" amid the text.
caption: so is a caption, or the only text in a box with a picture; steps that stand below pictures are not.
headline, furniture: dropped, whatever the model says.
"""


def apply_rules(page: Judged, rules: Collection[str] = tuple(RULES)) -> tuple[Flags, list[str]]:
    """Which blocks are kept, and for each the rule that decided: `model`, or the last rule that spoke of it."""
    kept = np.asarray(page.probabilities >= THRESHOLD)
    names = ["model"] * len(kept)
    for name, rule in RULES.items():
        if name not in rules:
            continue
        decided = rule.decides(page, kept)
        kept = np.where(decided, rule.keeps, kept)
        for index in np.flatnonzero(decided):
            names[index] = name
    return kept, names
