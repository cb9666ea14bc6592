"""Training the same pages gives the same file, and the file is one that extraction can read."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from scraper import extract
from scraper.extract.blocks import cut
from scraper.extract.model.hints import Hints
from scraper.extract.model.judge import BEYOND, FORMAT, MOST_BLOCKS, decide, is_unsure, model_from, settle
from scraper.extract.page import parse

needs_lightgbm = pytest.mark.skipif(
    __import__("importlib.util").util.find_spec("lightgbm") is None,
    reason="LightGBM is not installed: pip install 'article-archive[train]'",
)

SENTENCES = [
    f"The keeper of light number {n} has counted {n * 7} ships, one after another, since March."
    for n in range(60)
]


def page(number: int) -> tuple[str, str]:
    """A made page and its true text."""
    paragraphs = SENTENCES[number : number + 6]
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    menu = "".join(f"<li><a href=/{n}>Section {n}</a></li>" for n in range(30))
    html = (
        f"<html><head><title>Light {number}</title></head><body><ul class=nav>{menu}</ul><h1>Light {number}</h1>"
        f"<div class=article-body>{body}</div><div class=footer><p>All rights reserved, {number}.</p></div>"
    )
    return html, "\n".join(paragraphs)


def data_folder(folder: Path, pages: int = 24) -> Path:
    (folder / "pages").mkdir(parents=True)
    rows = []
    for number in range(pages):
        html, text = page(number)
        name = f"pages/{number}.html.gz"
        (folder / name).write_bytes(gzip.compress(html.encode()))
        site = f"site{number}.example"
        rows.append(
            {
                "id": str(number),
                "dataset": "made",
                "group": site,
                "page": name,
                "url": f"https://{site}/",
                "text": text,
            }
        )
    (folder / "truth.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return folder


@needs_lightgbm
def test_training_twice_writes_the_same_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from scraper.extract import train

    monkeypatch.setattr(train, "FIRST_ROUNDS", 60)
    monkeypatch.setattr(train, "SECOND_ROUNDS", 20)
    data = data_folder(tmp_path / "data")
    for name in ("one.json", "two.json"):
        assert train.main(["--data", str(data), "--out", str(tmp_path / name), "--unscored"]) == 0
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()

    model = model_from(json.loads((tmp_path / "one.json").read_text("utf-8")))
    html, text = page(40)
    found = cut(parse(html.encode()).root)
    decisions = decide(found, Hints(), None, None, lambda: text, model=model)
    kept = {block.text for block, decision in zip(found.blocks, decisions, strict=True) if decision.kept}
    assert set(text.split("\n")) <= kept
    assert not any(line.startswith("Section") for line in kept)


def test_a_file_of_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="format"):
        model_from({"format": FORMAT + 1})


def test_a_file_trained_on_other_features_is_refused() -> None:
    with pytest.raises(ValueError, match="features"):
        model_from({"format": FORMAT, "features": ["words"], "second_features": []})


def test_a_page_is_unsure_when_words_in_doubt_are_many_for_those_kept() -> None:
    words = np.full(4, 50, np.float32)
    assert not is_unsure(np.array([0.99, 0.98, 0.01, 0.0]), words)
    assert is_unsure(np.array([0.9, 0.5, 0.4, 0.0]), words)
    assert is_unsure(np.array([0.01, 0.01, 0.0, 0.0]), words)


def test_menus_that_the_trees_gave_up_early_are_in_no_doubt() -> None:
    words = np.full(102, 5, np.float32)
    words[:2] = 100
    assert not is_unsure(np.array([0.99, 0.99] + [0.07] * 100), words)
    assert is_unsure(np.array([0.99, 0.99] + [0.2] * 100), words)


def test_a_second_opinion_that_misses_most_of_a_long_text_is_not_heard() -> None:
    words = np.array([400.0, 200.0, 60.0], np.float32)
    sure, lost = np.array([0.8, 0.6, 0.5]), np.array([0.1, 0.1, 0.9])
    assert settle(sure, lost, words) is sure
    assert settle(sure, np.array([0.1, 0.9, 0.1]), words) is not sure
    assert settle(sure, lost, words / 2) is lost  # of a short text, the rest may be furniture


def test_a_page_of_very_many_blocks_is_judged_as_far_as_memory_allows() -> None:
    found = cut(parse(b"<p>A line.</p>" * (MOST_BLOCKS + 500)).root)
    decisions = decide(found, Hints(), None, None, lambda: "")
    assert len(decisions) == len(found.blocks) == MOST_BLOCKS + 500
    assert [decision.rule for decision in decisions].count(BEYOND) == 500


def test_an_article_that_is_read_in_part_says_so() -> None:
    """In the fast setting, which is quicker; the lines are counted in both."""
    story = "<p>The lighthouse keeper of Sandholm has counted the passing ships by hand since March.</p>" * 3
    page = extract(
        story.encode() + b"<p>A line.</p>" * MOST_BLOCKS, "https://coast.example/a", setting="fast"
    )
    assert page.verdict == "article"
    assert page.reason == "read in part: the last 3 of 10,003 blocks were left out"
    assert extract(story.encode(), "https://coast.example/a", setting="fast").reason is None
