"""The block model of the fast setting: lines of menus are dropped unseen, and one stage of trees judges the rest.

Two blocks in three of a page are links and labels in menus. Without them, describing and judging a page takes less than
half the time, and no second opinion is asked. What that costs in accuracy is in the data file, measured out of fold.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

from scraper.extract.blocks import CONTROL, FOOTER, NAV, Blocks, Mark, TextBlock
from scraper.extract.model.features import describe, feature_names
from scraper.extract.model.hints import Hints
from scraper.extract.model.judge import BEYOND, FORMAT, MOST_BLOCKS, Decision
from scraper.extract.model.marks import mark_blocks
from scraper.extract.model.rules import Judged, apply_rules
from scraper.extract.model.trees import Trees, compile_trees
from scraper.model import Furniture

FAST_FILE: Final = "fast.json"

MENU: Final = "menu"
"""The rule by which lines of menus are dropped."""

_MENU_LINKS: Final = 0.8
_LONGEST_MENU: Final = 120
_HEADINGS: Final = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])


def is_menu(block: TextBlock) -> bool:
    """Whether a block is no heading, and stands in a menu, a footer or a control or is a short link as a whole.

    Of every second development page with a full text, 19,000 of 28,000 blocks, and 598 of 116,000 words of the truth.
    """
    if block.kind in _HEADINGS:
        return False
    if block.place.context & (NAV | CONTROL | FOOTER):
        return True
    return block.link_density >= _MENU_LINKS and len(block.text) <= _LONGEST_MENU


class Lean(NamedTuple):
    """A page without its menus. at: where each block of `found` stands on the whole page. title_at: of `found`."""

    found: Blocks
    at: list[int]
    title_at: int | None


def without_menus(whole: Blocks, title_at: int | None) -> Lean:
    """The page without lines of menus; the block that shows the title stays, whatever it looks like."""
    at = [block.index for block in whole.blocks if block.index == title_at or not is_menu(block)]
    before = [0] * (len(whole.blocks) + 1)
    """How many blocks that stay come before each block."""
    for index in at:
        before[index + 1] = 1
    for index in range(len(whole.blocks)):
        before[index + 1] += before[index]
    blocks = [_numbered(whole.blocks[index], number) for number, index in enumerate(at)]
    found = replace(
        whole,
        blocks=blocks,
        marks=[Mark(mark.element, before[mark.at]) for mark in whole.marks],
        images=[Mark(mark.element, before[mark.at]) for mark in whole.images],
    )
    return Lean(found, at, None if title_at is None else before[title_at])


def _numbered(block: TextBlock, index: int) -> TextBlock:
    return TextBlock(
        index,
        block.text,
        block.kind,
        block.place,
        block.nodes,
        block.link_chars,
        block.targets,
        block.strong,
        block.link_density,
    )


def decide_fast(
    whole: Blocks,
    hints: Hints,
    title: str | None,
    title_at: int | None,
    furniture: Furniture | None = None,
    trees: Trees | None = None,
) -> list[Decision]:
    """One decision for each block of a page, in order. See `judge.decide`."""
    found, at, title_at = without_menus(whole, title_at)
    decisions = [Decision(False, MENU, 0.0)] * len(whole.blocks)
    for index in at[MOST_BLOCKS:]:
        decisions[index] = Decision(False, BEYOND, 0.0)
    if len(at) > MOST_BLOCKS:
        found = replace(found, blocks=found.blocks[:MOST_BLOCKS])
        at = at[:MOST_BLOCKS]
    if not at:
        return decisions
    table = describe(found, hints, title_at, lean=True)
    probabilities = (trees or fast_trees()).score(table.matrix)
    marks = mark_blocks(found, table, title, title_at, furniture, probabilities)
    kept, names = apply_rules(Judged(probabilities, marks, table))
    for index, keeps, name, score in zip(at, kept.tolist(), names, probabilities.tolist(), strict=True):
        decisions[index] = Decision(keeps, name, round(score, 4))
    return decisions


@lru_cache(maxsize=1)
def fast_trees() -> Trees:
    """The trees that the package comes with."""
    return trees_from(json.loads((files(__package__) / FAST_FILE).read_text("utf-8")))


def trees_from(data: dict[str, Any]) -> Trees:
    """Trees from the content of their data file.

    Raises: ValueError, when the file is of another layout, or was trained on other features than are described here.
    """
    if data["format"] != FORMAT:
        raise ValueError(f"a model file of format {data['format']}; this is format {FORMAT}")
    if tuple(data["features"]) != feature_names():
        raise ValueError("the model was trained on other features than these: train it again")
    return compile_trees(data["first"])
