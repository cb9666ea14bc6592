"""The trees are scored as the library that grew them scores them, without it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from scraper.extract.model.trees import MOST_LEAVES, compile_trees

CASE = json.loads((Path(__file__).parent / "trees_by_lightgbm.json").read_text("utf-8"))


def test_scores_equal_those_of_lightgbm() -> None:
    rows = np.array(CASE["rows"], np.float32)
    assert np.abs(compile_trees(CASE["trees"]).score(rows) - CASE["predictions"]).max() < 1e-5


def test_a_row_is_scored_alike_alone_and_among_a_thousand() -> None:
    trees = compile_trees(CASE["trees"])
    rows = np.array(CASE["rows"] * 20, np.float32)
    together = trees.score(rows)
    assert all(trees.score(rows[at : at + 1])[0] == together[at] for at in (0, 255, 256, 257, len(rows) - 1))


def test_no_rows_give_no_scores() -> None:
    assert compile_trees(CASE["trees"]).score(np.zeros((0, 8), np.float32)).shape == (0,)


def test_a_row_goes_left_when_it_is_at_most_the_threshold() -> None:
    trees = compile_trees(
        [{"feature": [0], "threshold": [1.5], "left": [-1], "right": [-2], "leaf": [-9.0, 9.0]}]
    )
    low, equal, high = trees.score(np.array([[1.0], [1.5], [1.75]], np.float32))
    assert low == equal < 0.01
    assert high > 0.99


def test_a_tree_of_one_leaf_is_a_constant() -> None:
    trees = compile_trees([{"feature": [], "threshold": [], "left": [], "right": [], "leaf": [0.0]}])
    assert trees.score(np.array([[1.0], [-1.0]], np.float32)).tolist() == [0.5, 0.5]


def test_a_tree_with_more_leaves_than_bits_is_refused() -> None:
    nodes = MOST_LEAVES
    chain = {
        "feature": [0] * nodes,
        "threshold": list(range(nodes)),
        "left": [-1 - node for node in range(nodes)],
        "right": [*range(1, nodes), -1 - nodes],
        "leaf": [0.0] * (nodes + 1),
    }
    with pytest.raises(ValueError, match="leaves"):
        compile_trees([chain])
