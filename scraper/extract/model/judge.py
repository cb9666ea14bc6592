"""The block model: features, two stages of trees, one probability and one decision a block.

The first stage judges every page. Where it is unsure, the second judges again, with the first one's opinion of the
neighbours and with another extractor's text before it. One page in twelve pays for a second opinion; asking it of
every page would gain some .002 on segments out of fold, nothing sure elsewhere, and double the time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scraper.extract.align import align
from scraper.extract.blocks import Blocks
from scraper.extract.model.context import SECOND_FEATURES, second_columns
from scraper.extract.model.features import Table, describe, feature_names
from scraper.extract.model.hints import Hints
from scraper.extract.model.marks import mark_blocks
from scraper.extract.model.rules import THRESHOLD, Judged, apply_rules
from scraper.extract.model.trees import Trees, compile_trees
from scraper.model import Furniture

FORMAT: Final = 1
"""The version of the data file's layout."""

DATA_FILE: Final = "trees.json"

_UNSURE: Final = 0.2
_IN_DOUBT: Final = 0.08
"""Words in doubt for each word kept, from which on a page is worth a second opinion: one page in twelve. Blocks less
likely than `_IN_DOUBT` are in no doubt: the trees give most of them up early and never come to their last word."""

_FEWEST_WORDS: Final = 25
_LONG: Final = 500
_FAR_SHORTER: Final = 0.25
"""Where the second stage would leave less than this share of so many words, the other extractor has missed the text."""

MOST_BLOCKS: Final = 10_000
"""Blocks of a page that are judged: some 30 MB of numbers. The longest of the development pages has 1,741."""

BEYOND: Final = "too-many-blocks"
"""The rule by which blocks after `MOST_BLOCKS` are dropped."""


def is_unsure(probabilities: NDArray[np.float64], words: NDArray[np.float32]) -> bool:
    """Whether the first stage's judgement of a page is worth asking again.

    Every word is in doubt by the distance of its block's probability from the nearer of 0 and 1.
    """
    kept = float(words[probabilities >= THRESHOLD].sum())
    doubtful = np.where(probabilities < _IN_DOUBT, 0.0, np.minimum(probabilities, 1.0 - probabilities))
    return kept < _FEWEST_WORDS or float((words * doubtful).sum()) > _UNSURE * kept


def settle(
    first: NDArray[np.float64], second: NDArray[np.float64], words: NDArray[np.float32]
) -> NDArray[np.float64]:
    """The probabilities that stand on an unsure page: the second stage's, unless it loses most of a long text."""
    ours, theirs = (float(words[found >= THRESHOLD].sum()) for found in (first, second))
    return first if ours >= _LONG and theirs < _FAR_SHORTER * ours else second


@dataclass(frozen=True, slots=True)
class BlockModel:
    """Two stages of trees. The first sees the features, the second `SECOND_FEATURES` after them."""

    first: Trees
    second: Trees

    def probabilities(
        self, table: Table, second_opinion: Callable[[], Collection[int]]
    ) -> NDArray[np.float64]:
        """How likely each block of a page is main content.

        second_opinion: the indices of the blocks that another extractor keeps; called only where it is wanted.
        """
        if not len(table.matrix):
            return np.zeros(0)
        first = self.first.score(table.matrix)
        if not is_unsure(first, table.words):
            return first
        columns = second_columns(table, first, second_opinion())
        second = self.second.score(np.concatenate([table.matrix, columns], axis=1))
        return settle(first, second, table.words)


class Decision(NamedTuple):
    """Whether a block is kept, the rule that says so (`model` where none spoke), and its probability."""

    kept: bool
    rule: str
    score: float


def decide(
    found: Blocks,
    hints: Hints,
    title: str | None,
    title_at: int | None,
    opinion: Callable[[], str],
    furniture: Furniture | None = None,
    model: BlockModel | None = None,
) -> list[Decision]:
    """One decision for each block of a page, in order.

    title_at: the block that shows the title. opinion: gives the text that another extractor keeps; called only where
    the model is unsure. furniture: what the site is known to repeat. model: the shipped one, if none is given.
    """
    rest = len(found.blocks) - MOST_BLOCKS
    if rest > 0:
        found = replace(found, blocks=found.blocks[:MOST_BLOCKS])
    table = describe(found, hints, title_at)
    probabilities = (model or shipped_model()).probabilities(
        table, lambda: align([block.text for block in found.blocks], opinion())
    )
    marks = mark_blocks(found, table, title, title_at, furniture, probabilities)
    kept, names = apply_rules(Judged(probabilities, marks, table))
    decisions = [
        Decision(keeps, name, round(score, 4))
        for keeps, name, score in zip(kept.tolist(), names, probabilities.tolist(), strict=True)
    ]
    return decisions + [Decision(False, BEYOND, 0.0)] * rest


@lru_cache(maxsize=1)
def shipped_model() -> BlockModel:
    """The model that the package comes with."""
    return model_from(json.loads((files(__package__) / DATA_FILE).read_text("utf-8")))


def model_from(data: dict[str, Any]) -> BlockModel:
    """A model from the content of its data file.

    Raises: ValueError, when the file is of another layout, or was trained on other features than are described here.
    """
    if data["format"] != FORMAT:
        raise ValueError(f"a model file of format {data['format']}; this is format {FORMAT}")
    if tuple(data["features"]) != feature_names() or tuple(data["second_features"]) != SECOND_FEATURES:
        raise ValueError("the model was trained on other features than these: train it again")
    return BlockModel(compile_trees(data["first"]), compile_trees(data["second"]))
