"""What the second stage sees beside the features: the first stage's opinion, and another extractor's.

Of the first stage, a block's own probability and those around it; of the other extractor, whether it kept the block,
its neighbours, and the blocks of the same boxes, and how far the two agree on the page as a whole.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scraper.extract.model.features import Column, Matrix, Table, shifted

_STEPS: Final = (-4, -3, -2, -1, 1, 2, 3, 4)
_SURE: Final = 0.5
_PARAGRAPH_WORDS: Final = 8
_FAR: Final = 30

CONTEXT_FEATURES: Final = (
    *(f"p{step:+d}" for step in _STEPS), "p", "p_within_3", "p_within_10", "from_first_sure", "from_last_sure",
    "kept_words", "kept_share", "kept_before", "kept_after", "p_alike", "p_parent", "p_grandparent", "p_box",
    "sure_before", "sure_after",
)  # fmt: skip


AGREEMENT_FEATURES: Final = (
    "agreed", "agreed-1", "agreed+1", "agreed_of_ours", "agreed_of_theirs", "agreed_parent", "agreed_alike",
    "agreed_between",
)  # fmt: skip

SECOND_FEATURES: Final = (*CONTEXT_FEATURES, *AGREEMENT_FEATURES)


def second_columns(table: Table, probabilities: NDArray[np.float64], agreed: Collection[int]) -> Matrix:
    """The columns of `SECOND_FEATURES` for a page. agreed: the blocks that the other extractor kept."""
    return np.concatenate([context(table, probabilities), agreement(table, probabilities, agreed)], axis=1)


def agreement(table: Table, probabilities: NDArray[np.float64], agreed: Collection[int]) -> Matrix:
    """The columns of `AGREEMENT_FEATURES` for a page."""
    n = len(probabilities)
    if not n:
        return np.zeros((0, len(AGREEMENT_FEATURES)), np.float32)
    words = table.words.astype(np.float64)
    theirs = np.zeros(n, np.float32)
    at = np.asarray(sorted(agreed), np.int64)
    theirs[at] = 1.0
    both = float((theirs * probabilities * words).sum())
    place = np.arange(n)
    first, last = (at[0], at[-1]) if len(at) else (n, 0)
    parents = np.asarray(table.boxes.parents, np.int64)[table.boxes.of]
    columns = [
        theirs,
        shifted(theirs, -1),
        shifted(theirs, 1),
        np.full(n, both / max(1.0, float((probabilities * words).sum()))),
        np.full(n, both / max(1.0, float((theirs * words).sum()))),
        _means(parents, theirs.astype(np.float64), words + 1.0),
        _means(table.signatures, theirs.astype(np.float64), words + 1.0),
        (place >= first) & (place <= last),
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def context(table: Table, probabilities: NDArray[np.float64]) -> Matrix:
    """The columns of `CONTEXT_FEATURES` for a page.

    probabilities: of the first stage, one a block. Means are weighted by words.
    """
    n = len(probabilities)
    if not n:
        return np.zeros((0, len(CONTEXT_FEATURES)), np.float32)
    p = probabilities
    words = table.words.astype(np.float64)
    place = np.arange(n)
    kept = p * words
    kept_sums = np.concatenate([[0.0], np.cumsum(kept)])
    word_sums = np.concatenate([[0.0], np.cumsum(words)])
    total = max(1e-6, float(kept_sums[-1]))
    sure = (p > _SURE) & (words > _PARAGRAPH_WORDS)
    at = np.flatnonzero(sure)
    first, last = (at[0], at[-1]) if len(at) else (0, n)
    columns: list[NDArray[np.float64] | Column] = [shifted(p.astype(np.float32), step) for step in _STEPS]
    columns.append(p)
    for reach in (3, 10):
        low, high = np.maximum(0, place - reach), np.minimum(n, place + reach + 1)
        columns.append((kept_sums[high] - kept_sums[low]) / np.maximum(1.0, word_sums[high] - word_sums[low]))
    columns += [
        place - first,
        place - last,
        np.full(n, total),
        np.full(n, total / max(1.0, float(word_sums[-1]))),
    ]
    columns += [kept_sums[:-1] / total, 1.0 - kept_sums[1:] / total]
    parents = np.asarray(table.boxes.parents, np.int64)[table.boxes.of]
    upward = np.asarray(table.boxes.parents, np.int64)
    own = np.asarray(table.boxes.of, np.int64)
    for groups in (table.signatures, parents, upward[parents], own):
        columns.append(_means(groups, p, words + 1.0))
    columns += [_distance(sure), _distance(sure[::-1])[::-1]]
    return np.stack(columns, axis=1).astype(np.float32)


def _means(
    groups: NDArray[np.int64], values: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Each row's group mean."""
    return np.asarray(
        (np.bincount(groups, values * weights) / np.maximum(np.bincount(groups, weights), 1e-6))[groups]
    )


def _distance(flags: NDArray[np.bool_]) -> NDArray[np.float64]:
    """How many rows back the last flagged one is, at most `_FAR`."""
    place = np.arange(len(flags))
    last = np.maximum.accumulate(np.where(flags, place, -_FAR))
    before = np.concatenate([[-_FAR], last[:-1]])
    return np.asarray(np.minimum(place - before, _FAR), np.float64)
