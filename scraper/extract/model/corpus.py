"""The labelled pages that the model is trained on, as tables with labels and weights.

Reads a folder laid out as `../shared/extraction-dev`: `truth.jsonl` (full texts, or segments that must and must not
stand in the text), `reread.jsonl` (full texts of some of the pages with segments, labelled by reading) and the pages.
A page with a full text is labelled by it; a page that has only segments teaches through the blocks they stand in.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from scraper.extract import opinion
from scraper.extract.align import align
from scraper.extract.blocks import cut
from scraper.extract.declared import read
from scraper.extract.metadata import site_names
from scraper.extract.model.fast import without_menus
from scraper.extract.model.features import Table, describe
from scraper.extract.model.hints import read_hints
from scraper.extract.model.labels import label, label_by_segments
from scraper.extract.model.marks import Mark, mark_blocks
from scraper.extract.page import parse
from scraper.extract.title import choose_title

UNKNOWN: Final = -1.0
"""The label of a block of which nothing is known."""

_TOOLS: Final = frozenset(["readability", "newspaper4k"])
_TOOL_WEIGHT: Final = 0.6
"""Of a page whose truth is a tool's own expected output, not a reader's or a publisher's markup."""

_PAGE_WEIGHT: Final = 40.0
_BLOCK_WEIGHT: Final = 0.15
_SEGMENT_WEIGHT: Final = 2.0


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled page. labels: 0 to 1 a block, `UNKNOWN` where nothing is said. weights: of its blocks.

    group: the site; pages of one site are never on both sides of a cross-validation. agreed: the blocks that the
    second opinion keeps. marks: what is known of the blocks.
    """

    id: str
    dataset: str
    group: str
    table: Table
    texts: tuple[str, ...]
    labels: NDArray[np.float64]
    weights: NDArray[np.float64]
    agreed: frozenset[int]
    marks: tuple[Mark | None, ...]


def read_rows(data: Path) -> list[dict[str, Any]]:
    """The rows of `truth.jsonl` that say something of a page's text."""
    with (data / "truth.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [row for row in rows if row.get("text") or row.get("must_have")]


def read_page(data: Path, row: dict[str, Any]) -> bytes:
    """The bytes of a row's page."""
    with gzip.open(data / row["page"]) as file:
        return file.read()


def read_examples(data: Path, *, fast: bool = False) -> Iterator[Example]:
    """Every labelled page of a data folder, in the order of `truth.jsonl`. fast: as the fast setting reads it."""
    reread: dict[str, str] = {}
    if (data / "reread.jsonl").exists():
        with (data / "reread.jsonl").open(encoding="utf-8") as lines:
            reread = {row["page"]: row["text"] for row in map(json.loads, lines)}
    for row in read_rows(data):
        yield example(row, read_page(data, row), reread.get(row["page"]), fast=fast)


def example(row: dict[str, Any], payload: bytes, reread: str | None = None, *, fast: bool = False) -> Example:
    """One page with its labels, read as extraction reads it. reread: its full text where the row has only segments.

    fast: without lines of menus, and without a second opinion.
    """
    tree = parse(payload)
    found = cut(tree.root, brief=fast)
    url = row["url"] or ""
    declared = read(tree.root, url)
    title, _, title_at = choose_title(declared, found.blocks, site_names(declared, url))
    if fast:
        found, _, title_at = without_menus(found, title_at)
    table = describe(found, read_hints(tree.root), title_at, lean=fast)
    texts = tuple(block.text for block in found.blocks)
    marks = tuple(mark_blocks(found, table, title, title_at))
    agreed = frozenset(() if fast else align(texts, opinion.ask(tree.root, found.layout_tables, url)))
    truth = row.get("text") or reread
    if truth:
        labels = np.asarray(label(texts, truth), np.float64)
        weights = _page_weights(labels, table.words) * (_TOOL_WEIGHT if row["dataset"] in _TOOLS else 1.0)
    else:
        known = label_by_segments(texts, row["must_have"], row["must_not"])
        labels = np.asarray([UNKNOWN if value is None else value for value in known], np.float64)
        weights = np.where(labels == UNKNOWN, 0.0, _SEGMENT_WEIGHT)
    return Example(row["id"], row["dataset"], row["group"], table, texts, labels, weights, agreed, marks)


_BARE_PREFIXES: Final = frozenset(["own", "near", "inherited", "relative"])
_BARE_TAGS: Final = frozenset(["article", "main", "aside", "header", "footer", "nav", "section"])
_BARE_VALUES: Final = {
    "title_share": 0.0, "title_cover": 0.0, "from_title": -999.0, "from_last_title": -999.0,
    "description_share": -1.0, "description_cover": -1.0, "marks_near": 0.0, "article_prose": -1.0,
    "article_number": -1.0, "from_comments": -999.0,
}  # fmt: skip
_BARE_SHARE: Final = 0.15
"""Of a page's weight, what its bare copy has."""


def with_bare_copies(examples: Sequence[Example]) -> list[Example]:
    """The examples, and after them each once more as a site without telling names would show it.

    No class or id that speaks, no HTML 5 sections, no declared title or description: so the trees hold on sites that
    name their boxes in ways never seen. With a quarter of the weight, the first stage gained on pages so stripped .007
    (scrapinghub), .004 (fundus) and .004 (segments) out of fold, and lost .001, .001 and .003 on whole ones.
    """
    whole = [replace(example, weights=example.weights * (1.0 - _BARE_SHARE)) for example in examples]
    return whole + [bare(example) for example in examples]


def bare(example: Example) -> Example:
    """A page without the names and declarations that tell what its boxes are for."""
    matrix = example.table.matrix.copy()
    for column, name in enumerate(example.table.names):
        prefix, _, rest = name.partition(":")
        if prefix in _BARE_PREFIXES or (prefix in ("tag", "within") and rest in _BARE_TAGS):
            matrix[:, column] = 0.0
        elif name in _BARE_VALUES:
            matrix[:, column] = _BARE_VALUES[name]
    table = replace(example.table, matrix=matrix)
    return replace(example, table=table, weights=example.weights * _BARE_SHARE)


def _page_weights(labels: NDArray[np.float64], words: NDArray[np.float32]) -> NDArray[np.float64]:
    """A page weighs the same whatever its length, as in the measure; every block keeps a floor."""
    total = float(words[labels >= 0.5].sum()) or 1.0
    return np.asarray(np.minimum(1.0, words / total) * _PAGE_WEIGHT + _BLOCK_WEIGHT, np.float64)
