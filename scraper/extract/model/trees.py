"""Gradient-boosted trees scored from plain data, for all rows of a page at once.

Training needs LightGBM; scoring needs these lines. A tree's leaves are numbered from left to right, and every node
knows which of them lie under its left child. A row crosses out, at each node whose test it fails, the leaves on the
left; the leftmost leaf that is left over is where it falls. So a row's way through a tree needs no steps, all nodes of
all trees are tested in one comparison of arrays, and 400 trees cost a page about one millisecond.
Source: Lucchese et al., QuickScorer: a fast algorithm to rank documents with additive ensembles of regression trees,
SIGIR 2015.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

MOST_LEAVES: Final = 32
"""Leaves of one tree at most: they are crossed out in the bits of one 32-bit word."""

_TREES_AT_ONCE: Final = 40
_ROWS_AT_ONCE: Final = 256
"""Trees and rows scored together, so that the tests of all their nodes stay in the processor's cache (1 MB). Where
fewer rows are left there is room for more trees: most of the time then goes into calls, not into tests."""

_HOPELESS: Final = ((40, -2.5), (120, -3.5))
"""After so many trees, the log-odds below which the rest of the trees is not asked.

Seven blocks in ten of a page are menus and footers, and a tenth of the trees knows it: of those given up here, none of
the development pages' came to a probability above .03 when all trees were asked. Halves the time.
"""


@dataclass(frozen=True, slots=True)
class Trees:
    """An ensemble ready to be scored. Arrays are of trees by nodes, or trees by leaves."""

    features: NDArray[np.intp]
    thresholds: NDArray[np.float32]
    crossed_out: NDArray[np.uint32]
    leaves: NDArray[np.float32]
    bias: float

    def score(self, matrix: NDArray[np.float32]) -> NDArray[np.float64]:
        """The probability of each row of a matrix whose columns are those the trees were trained on.

        Rows that the first trees find hopeless keep the low probability they have by then: see `_HOPELESS`.
        """
        columns = np.ascontiguousarray(matrix.T)
        raw = np.full(len(matrix), self.bias, np.float64)
        alive = np.arange(len(matrix))
        start = 0
        for end, least in (*_HOPELESS, (len(self.features), -np.inf)):
            for row in range(0, len(alive), _ROWS_AT_ONCE):
                rows = alive[row : row + _ROWS_AT_ONCE]
                step = _TREES_AT_ONCE * _ROWS_AT_ONCE // len(rows)
                for tree in range(start, min(end, len(self.features)), step):
                    some = columns[:, row : row + _ROWS_AT_ONCE]
                    raw[rows] += self._sums(some, slice(tree, min(end, tree + step)))
            start = end
            hopeful = raw[alive] >= least
            alive, columns = alive[hopeful], columns[:, hopeful]
        return np.asarray(1.0 / (1.0 + np.exp(-raw)))

    def _sums(self, columns: NDArray[np.float32], trees: slice) -> NDArray[np.float64]:
        """What some of the trees say of some rows, summed."""
        features, leaves = self.features[trees], self.leaves[trees]
        count, nodes = features.shape
        values = columns.take(features.ravel(), axis=0)
        failed = values > self.thresholds[trees].reshape(-1, 1)
        # written over the values, which are not needed any more: fresh memory costs as much as the product
        crossed_out = np.multiply(failed, self.crossed_out[trees].reshape(-1, 1), out=values.view(np.uint32))
        gone = np.bitwise_or.reduce(crossed_out.reshape(count, nodes, -1), axis=1)
        leftmost = np.bitwise_count(gone & ~(gone + np.uint32(1)))  # as many as are gone to the left of it
        first = np.arange(0, leaves.size, MOST_LEAVES)[:, np.newaxis]
        return np.asarray(leaves.ravel().take(first + leftmost).sum(axis=0, dtype=np.float64))


def compile_trees(trees: Sequence[Mapping[str, Any]], bias: float = 0.0) -> Trees:
    """Trees from their plain form.

    trees: one mapping a tree with `feature`, `threshold`, `left`, `right` (one entry a node, the root first; a child
    below zero is the leaf `-1 - child`) and `leaf` (the values, in log-odds). A row goes left when its feature is at
    most the threshold.
    """
    count = len(trees)
    width = max((len(tree["feature"]) for tree in trees), default=0) or 1
    features = np.zeros((count, width), np.intp)
    thresholds = np.full((count, width), np.inf, np.float32)
    crossed_out = np.zeros((count, width), np.uint32)
    leaves = np.zeros((count, MOST_LEAVES), np.float32)
    for row, tree in enumerate(trees):
        nodes = len(tree["feature"])
        if nodes >= MOST_LEAVES:
            raise ValueError(f"a tree of {nodes + 1} leaves; {MOST_LEAVES} are the most")
        order: list[int] = []
        if nodes:
            _number(tree, 0, order, crossed_out[row])
        else:
            order.append(0)
        features[row, :nodes] = tree["feature"]
        thresholds[row, :nodes] = tree["threshold"]
        leaves[row, : len(order)] = [tree["leaf"][leaf] for leaf in order]
    return Trees(features, thresholds, crossed_out, leaves, bias)


def _number(tree: Mapping[str, Any], node: int, order: list[int], crossed_out: NDArray[np.uint32]) -> None:
    """Number the leaves below a node from left to right, and note for each node which lie on its left."""
    first = len(order)
    for child in (tree["left"][node], tree["right"][node]):
        if child == tree["right"][node]:
            crossed_out[node] = ((1 << len(order)) - 1) ^ ((1 << first) - 1)
        if child < 0:
            order.append(-1 - child)
        else:
            _number(tree, child, order, crossed_out)
