"""What the shipped model does on the seed pages: read from `../shared`, and skipped where that folder is absent."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from scraper.extract.align import align
from scraper.extract.blocks import UNSEEN, cut
from scraper.extract.declared import read
from scraper.extract.metadata import site_names
from scraper.extract.model.features import describe
from scraper.extract.model.hints import read_hints
from scraper.extract.model.judge import shipped_model
from scraper.extract.model.marks import mark_blocks
from scraper.extract.model.rules import RULES, Judged, apply_rules
from scraper.extract.page import parse
from scraper.extract.scoring import for_seeds
from scraper.extract.text import collapse, storable
from scraper.extract.title import choose_title

SEEDS = Path(__file__).parents[2] / "../shared/seeds"
PAGES = sorted((SEEDS / "pages").glob("*.html")) if SEEDS.is_dir() else []
needs_seeds = pytest.mark.skipif(
    not PAGES, reason="../shared/seeds is not here: the pages carry publishers' text"
)


def load_score() -> ModuleType:
    spec = importlib.util.spec_from_file_location("seeds_score", SEEDS / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@needs_seeds
def test_at_least_fifteen_seed_pages_pass_without_site_learning() -> None:
    score = load_score()
    truth = json.loads((SEEDS / "truth.json").read_text("utf-8"))["pages"]
    rows = [
        score.score_page(name, for_seeds((SEEDS / "pages" / name).read_bytes(), page["url"]), page)
        for name, page in truth.items()
    ]
    failed = [row["page"] for row in rows if not row["pass"]]
    assert len(failed) <= 3, failed


@needs_seeds
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_text_node_has_one_verdict_and_a_rule_taken_out_changes_only_blocks_that_cite_it(
    path: Path,
) -> None:
    url = json.loads((SEEDS / "truth.json").read_text("utf-8"))["pages"][path.name]["url"]
    root = parse(path.read_bytes()).root
    found = cut(root)
    nodes = [node for node in root.find("body").xpath(".//text()") if collapse(storable(node))]
    unseen = [node for node in nodes if is_unseen(node)]
    assert sum(block.nodes for block in found.blocks) == len(nodes) - len(unseen)
    declared = read(root, url)
    title, _, title_at = choose_title(declared, found.blocks, site_names(declared, url))
    table = describe(found, read_hints(root), title_at)
    texts = [block.text for block in found.blocks]
    probabilities = shipped_model().probabilities(table, lambda: align(texts, ""))
    page = Judged(probabilities, mark_blocks(found, table, title, title_at), table)
    kept, names = apply_rules(page)
    assert len(kept) == len(names) == len(found.blocks)
    assert set(names) <= {"model", *RULES}
    for rule in RULES:
        without, _ = apply_rules(page, [name for name in RULES if name != rule])
        assert all(names[index] == rule for index in np.flatnonzero(kept != without)), rule


def is_unseen(node: Any) -> bool:
    """Whether a text node stands in what is no text of the page: a script, a style, a fall-back."""
    holder = node.getparent()
    around = [*holder.iterancestors()] if node.is_tail else [holder, *holder.iterancestors()]
    return any(element.tag in UNSEEN for element in around)
