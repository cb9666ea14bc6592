"""Pages as tests: `tests/pages/<case>/` holds a page, the text and fields it must give, and why the case exists.

`expected.json` names only the fields that the case is about; `absent` lists what must not survive in the text.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from scraper import extract
from scraper.model import Page

CASES = sorted(path.parent for path in (Path(__file__).resolve().parents[1] / "pages").glob("*/page.html"))
LISTS = ("authors", "sources", "captions", "tags")


def read(case: Path) -> tuple[Page, dict[str, Any]]:
    expected = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    return extract((case / "page.html").read_bytes(), expected["url"]), expected


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_page_gives_its_text(case: Path) -> None:
    page, expected = read(case)
    assert page.verdict == expected.get("verdict", "article"), page.reason
    assert page.text == (case / "expected.txt").read_text(encoding="utf-8").removesuffix("\n")
    for clutter in expected.get("absent", ()):
        assert clutter not in page.text


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_page_gives_its_fields(case: Path) -> None:
    page, expected = read(case)
    for name in Page.__slots__:
        if name not in expected or name in ("verdict", "images"):
            continue
        found = list(getattr(page, name)) if name in LISTS else getattr(page, name)
        assert found == expected[name], f"{name}: {page.origins.get(name)}"
    if "images" in expected:
        assert [[image.url, image.caption, image.alt] for image in page.images] == expected["images"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_case_says_why_it_exists(case: Path) -> None:
    assert len(json.loads((case / "expected.json").read_text(encoding="utf-8"))["why"]) > 20


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_text_is_the_kept_blocks_and_every_block_has_a_rule(case: Path) -> None:
    page, _ = read(case)
    if page.text:
        assert page.text == "\n\n".join(block.text for block in page.blocks if block.kept)
    assert all(block.rule for block in page.blocks)
    assert (page.reason is None) == (page.verdict == "article")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_chosen_value_is_among_its_candidates(case: Path) -> None:
    page, _ = read(case)
    for name, origin in page.origins.items():
        assert (origin.chosen is None) == (not getattr(page, name)), name
        assert origin.chosen is None or origin.chosen in {
            candidate.origin for candidate in origin.candidates
        }, name


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"payload": "<p>text</p>"}, TypeError, "payload must be the bytes of a page, not str"),
        ({"payload": None}, TypeError, "payload must be the bytes of a page, not NoneType"),
        ({"url": 7}, TypeError, "url must be a string, not int"),
        ({"setting": "slow"}, ValueError, "setting must be one of accurate, fast, not 'slow'"),
        ({"content_type": b"text/html"}, TypeError, "content_type must be a str or None, not a bytes"),
        ({"furniture": {}}, TypeError, "furniture must be a Furniture or None, not a dict"),
        ({"rules": {"drop": ["p"]}}, TypeError, "rules must be a SiteRules or None, not a dict"),
        ({"captured": "2024-01-01"}, TypeError, "captured must be a datetime or None, not a str"),
    ],
)
def test_a_wrong_call_is_told_in_one_line(
    arguments: dict[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=re.escape(said)):
        extract(**{"payload": b"<p>text</p>", "url": "https://example.org/1", **arguments})
    assert extract(bytearray(b"<p>text</p>"), "https://example.org/1").verdict != "not-html"
