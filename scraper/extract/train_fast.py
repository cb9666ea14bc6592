"""Train the fast setting's trees: `python -m scraper.extract.train_fast --data ../shared/extraction-dev`.

As `train`, on pages without lines of menus and with one stage. Prints the out-of-fold scores and writes the data file.
The same pages and the same versions give the same file.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from scraper.extract.model.boosting import PARAMETERS, grow
from scraper.extract.model.corpus import Example, read_examples, with_bare_copies
from scraper.extract.model.fast import FAST_FILE
from scraper.extract.model.features import feature_names
from scraper.extract.model.judge import FORMAT
from scraper.extract.model.rules import Judged, apply_rules
from scraper.extract.train import Probabilities, Rows, out_of_fold, render, say, score

ROUNDS: Final = 150
OTHER_PARAMETERS: Final[Mapping[str, Any]] = MappingProxyType({"learning_rate": 0.065, "lambda_l2": 10.0})
"""Fewer trees that each learn more: a hundred cost a page about a third of a millisecond of some 11. F1 out of fold on
scrapinghub, fundus and segments: .977, .974, .949 by 250 trees at the usual rate and with all features; .974, .974,
.947 by 120 at .08, and .967, .974, .945 by 80 at .11 without the features that are left out."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m scraper.extract.train_fast", description=__doc__.split("\n\n")[0]
    )
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with truth.jsonl, pages/ and score.py"
    )
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "model" / FAST_FILE)
    parser.add_argument(
        "--predictions", type=Path, help="write the out-of-fold texts, a line a page, for score.py"
    )
    options = parser.parse_args(arguments)
    examples = list(read_examples(options.data, fast=True))
    rows = Rows.of(with_bare_copies(examples))
    texts = texts_of(examples, out_of_fold(rows.matrix, rows, ROUNDS, OTHER_PARAMETERS))
    if options.predictions:
        lines = (
            json.dumps({"id": key, "text": text}, ensure_ascii=False) + "\n" for key, text in texts.items()
        )
        options.predictions.write_text("".join(lines), "utf-8")
    scores = {
        dataset: {name: round(value, 4) for name, value in values.items()}
        for dataset, values in score(options.data, texts).items()
    }
    for dataset, values in scores.items():
        say(f"{dataset:<12} " + "  ".join(f"{name} {value:.4f}" for name, value in values.items()))
    trees = {"first": grow(rows.matrix, rows.labels, rows.weights, ROUNDS, other=OTHER_PARAMETERS)}
    options.out.write_text(render(header(examples, scores), trees), "utf-8")
    say(f"wrote {options.out.name}, {options.out.stat().st_size} bytes")
    return 0


def texts_of(examples: Sequence[Example], probabilities: Probabilities) -> dict[str, str]:
    """The text that is kept of each page, by the page's id."""
    texts = {}
    at = 0
    for example in examples:
        rows = slice(at, at + len(example.labels))
        at = rows.stop
        kept, _ = apply_rules(Judged(probabilities[rows], example.marks, example.table))
        texts[example.id] = "\n\n".join(
            text for text, keeps in zip(example.texts, kept, strict=True) if keeps
        )
    return texts


def header(examples: Sequence[Example], scores: dict[str, dict[str, float]]) -> dict[str, Any]:
    """What the data file says of itself: made of what, with what, and how well it did on sites it had not seen."""
    return {
        "about": "Block model of the fast setting. Written by python -m scraper.extract.train_fast; do not edit.",
        "format": FORMAT,
        "trained_with": {name: version(name) for name in ("lightgbm", "numpy", "lxml")},
        "parameters": {**PARAMETERS, **OTHER_PARAMETERS, "rounds": ROUNDS},
        "data": {"pages": len(examples), "blocks": sum(len(example.texts) for example in examples)},
        "out_of_fold": scores,
        "features": list(feature_names()),
    }


if __name__ == "__main__":
    raise SystemExit(main())
