"""The eighteen shared seed pages as cases with their truth, scored as `../shared/seeds/score.py` scores them."""

from __future__ import annotations

import importlib.util
import json
from types import ModuleType
from typing import Any

import pytest

from scraper.extract.scoring import for_seeds

from . import SEED_PAGES, SEED_TRUTH, SHARED, needs_shared

PAGES: dict[str, Any] = (
    json.loads(SEED_TRUTH.read_text(encoding="utf-8"))["pages"] if SEED_TRUTH.is_file() else {}
)

pytestmark = needs_shared


def scorer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("seed_score", SHARED / "seeds" / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def rows() -> dict[str, Any]:
    score = scorer()
    return {
        name: score.score_page(name, for_seeds((SEED_PAGES / name).read_bytes(), truth["url"]), truth)
        for name, truth in PAGES.items()
    }


@pytest.mark.parametrize("name", PAGES)
def test_the_title_is_the_headline(name: str, rows: dict[str, Any]) -> None:
    assert rows[name]["title"]


@pytest.mark.parametrize("name", PAGES)
def test_the_date_is_right_or_none(name: str, rows: dict[str, Any]) -> None:
    assert rows[name]["date"] == "ok"


@pytest.mark.parametrize("name", PAGES)
def test_no_paragraph_is_lost(name: str, rows: dict[str, Any]) -> None:
    assert rows[name]["r"] >= 0.98


@pytest.mark.parametrize("name", PAGES)
def test_no_author_is_invented_and_no_caption_is_in_the_text(name: str, rows: dict[str, Any]) -> None:
    assert not rows[name]["invented_author"]
    assert rows[name]["captions_in_text"] == 0


def test_at_least_fifteen_pages_pass_without_knowing_their_site(rows: dict[str, Any]) -> None:
    assert sum(row["pass"] for row in rows.values()) >= 15, [
        name for name, row in rows.items() if not row["pass"]
    ]


@pytest.mark.parametrize("name", PAGES)
def test_sources_datelines_and_languages(name: str) -> None:
    found, truth = for_seeds((SEED_PAGES / name).read_bytes(), PAGES[name]["url"]), PAGES[name]
    assert found["language"] == truth["language"]
    assert found["dateline"] == truth["dateline"]
    if (
        truth.get("near_duplicate_of") is None
    ):  # its source is known from the text it copies, not from the page
        assert found["sources"] == truth["sources"]
