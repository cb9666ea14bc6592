"""Growing the trees, with LightGBM, and writing them down in the plain form that `trees` scores.

The one room that imports LightGBM, and only when it is asked to train: scoring does without it. One thread, fixed
seeds and fixed row order make the same trees of the same pages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from scraper.extract.model.context import second_columns
from scraper.extract.model.corpus import UNKNOWN, Example

PARAMETERS: Final[dict[str, Any]] = {
    "objective": "cross_entropy",
    "learning_rate": 0.04,
    "num_leaves": 31,
    "min_data_in_leaf": 20,
    "lambda_l2": 5.0,
    "feature_fraction": 0.2,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "max_bin": 63,
    "seed": 3,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}
"""Soft labels under cross-entropy: a block of which half stands in the truth is half main content. Trees of 31 leaves
gained .005 page F1 over 15; more rounds, other seeds and averages of several ensembles less than .001 each."""

_EASY_WORDS: Final = 8
_EASY_LABEL: Final = 0.2
_EASY_SHARE: Final = 0.35
"""Of the short blocks that are boilerplate, as many are trained on, with their weight made up for: most of a page is
menus, and a third of them teach what all do in half the time."""


def rows_trained_on(examples: Sequence[Example]) -> NDArray[np.float64]:
    """The weight of every block of the examples in training; 0 leaves it out."""
    random = np.random.default_rng(1)
    parts = []
    for example in examples:
        easy = (example.labels < _EASY_LABEL) & (example.table.words < _EASY_WORDS)
        drawn = random.random(len(easy)) < _EASY_SHARE
        factor = np.where(easy, np.where(drawn, 1.0 / _EASY_SHARE, 0.0), 1.0)
        parts.append(np.where(example.labels == UNKNOWN, 0.0, example.weights * factor))
    return np.concatenate(parts)


def grow(
    matrix: NDArray[np.float32],
    labels: NDArray[np.float64],
    weights: NDArray[np.float64],
    rounds: int,
    seed: int = 3,
    other: Mapping[str, Any] = MappingProxyType({}),
) -> list[dict[str, list[Any]]]:
    """Trees in plain form, grown on the rows of positive weight. other: what takes the place of `PARAMETERS`.

    Raises: ModuleNotFoundError, when LightGBM is not installed (the extra `train`).
    """
    import lightgbm  # noqa: PLC0415 - only training needs it

    chosen = weights > 0
    data = lightgbm.Dataset(matrix[chosen], np.clip(labels[chosen], 0.0, 1.0), weight=weights[chosen])
    booster = lightgbm.train({**PARAMETERS, "seed": seed, **other}, data, rounds)
    return [plain(tree["tree_structure"]) for tree in booster.dump_model()["tree_info"]]


def plain(structure: dict[str, Any]) -> dict[str, list[Any]]:
    """A tree as LightGBM dumps it, in the form of `compile_trees`.

    Thresholds become the largest 32-bit number not above them: for 32-bit features the tests stay the same.
    """
    tree: dict[str, list[Any]] = {"feature": [], "threshold": [], "left": [], "right": [], "leaf": []}

    def enter(node: dict[str, Any]) -> int:
        if "split_feature" not in node:
            tree["leaf"].append(float(f"{node['leaf_value']:.5g}"))
            return -len(tree["leaf"])
        at = len(tree["feature"])
        tree["feature"].append(node["split_feature"])
        tree["threshold"].append(_not_above(node["threshold"]))
        tree["left"].append(0)
        tree["right"].append(0)
        tree["left"][at] = enter(node["left_child"])
        tree["right"][at] = enter(node["right_child"])
        return at

    enter(structure)
    return tree


def _not_above(threshold: float) -> float:
    rounded = np.float32(threshold)
    if float(rounded) > threshold:
        rounded = np.nextafter(rounded, np.float32(-np.inf))
    return float(f"{rounded:.9g}")


def second_matrix(
    matrix: NDArray[np.float32], examples: Sequence[Example], opinion: NDArray[np.float64]
) -> NDArray[np.float32]:
    """What the second stage is trained on: the features, and the columns made of the first stage's opinion of pages it
    has not seen and of the other extractor's."""
    parts = []
    at = 0
    for example in examples:
        end = at + len(example.labels)
        parts.append(second_columns(example.table, opinion[at:end], example.agreed))
        at = end
    return np.concatenate([matrix, np.concatenate(parts)], axis=1)
