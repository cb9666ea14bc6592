"""Train the block model: `python -m scraper.extract.train --data ../shared/extraction-dev`.

Reads the labelled pages, judges every page by trees that never saw a page of its site, prints the out-of-fold scores
with the measure of the data folder's own `score.py`, then grows the trees on all pages and writes the data file. The
same pages and the same versions give the same file. Needs the extra `train` (LightGBM); scoring does not.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from scraper.extract.model.boosting import PARAMETERS, grow, rows_trained_on, second_matrix
from scraper.extract.model.context import SECOND_FEATURES
from scraper.extract.model.corpus import Example, read_examples, read_rows, with_bare_copies
from scraper.extract.model.features import feature_names
from scraper.extract.model.judge import DATA_FILE, FORMAT, is_unsure, settle
from scraper.extract.model.rules import Judged, apply_rules
from scraper.extract.model.trees import compile_trees

FOLDS: Final = 5
FIRST_ROUNDS: Final = 400
SECOND_ROUNDS: Final = 200

Probabilities = NDArray[np.float64]
Scores = dict[str, dict[str, float]]
"""By corpus: `f1`, `precision`, `recall`, and the number of `pages`."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m scraper.extract.train", description=__doc__.split("\n\n")[0]
    )
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with truth.jsonl, pages/ and score.py"
    )
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "model" / DATA_FILE)
    parser.add_argument(
        "--unscored", action="store_true", help="print no scores; saves a quarter of the time"
    )
    parser.add_argument(
        "--predictions", type=Path, help="write the out-of-fold texts, a line a page, for score.py"
    )
    options = parser.parse_args(arguments)
    if importlib.util.find_spec("lightgbm") is None:
        parser.error("training needs LightGBM: pip install 'article-archive[train]'")
    examples = list(read_examples(options.data))
    say(f"{len(examples)} pages, {sum(len(example.texts) for example in examples)} blocks")
    taught = with_bare_copies(examples)
    rows = Rows.of(taught)
    first = out_of_fold(rows.matrix, rows, FIRST_ROUNDS)
    say("first stage judged out of fold")
    wider = second_matrix(rows.matrix, taught, first)
    scores: Scores = {}
    alone: Scores = {}
    if not options.unscored:
        second = out_of_fold(wider, rows, SECOND_ROUNDS)
        say("second stage judged out of fold")
        alone = score(options.data, texts_of(examples, first))
        say_scores("the first stage alone", alone)
        texts = texts_of(examples, first, second)
        if options.predictions:
            lines = (
                json.dumps({"id": key, "text": text}, ensure_ascii=False) + "\n"
                for key, text in texts.items()
            )
            options.predictions.write_text("".join(lines), "utf-8")
        scores = score(options.data, texts)
        say_scores("with the second, where the first is unsure", scores)
    stages = {
        "first": grow(rows.matrix, rows.labels, rows.weights, FIRST_ROUNDS),
        "second": grow(wider, rows.labels, rows.weights, SECOND_ROUNDS),
    }
    options.out.write_text(render(header(options.data, examples, scores, alone), stages), "utf-8")
    say(f"wrote {options.out.name}, {options.out.stat().st_size} bytes")
    return 0


@dataclass(frozen=True, slots=True)
class Rows:
    """The blocks of all pages, a row each: features, labels, weights, and the fold in which each is judged."""

    matrix: NDArray[np.float32]
    labels: NDArray[np.float64]
    weights: NDArray[np.float64]
    fold: NDArray[np.int64]

    @classmethod
    def of(cls, examples: Sequence[Example]) -> Rows:
        """The rows of some pages, page after page."""
        folds = fold_of(example.group for example in examples)
        return cls(
            np.concatenate([example.table.matrix for example in examples]),
            np.concatenate([example.labels for example in examples]),
            rows_trained_on(examples),
            np.concatenate([np.full(len(example.labels), folds[example.group]) for example in examples]),
        )


def say(line: str) -> None:
    """Progress, on standard error."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def say_scores(of: str, scores: Scores) -> None:
    """A line for each corpus."""
    if scores:
        say(f"{of}:")
    for dataset, values in scores.items():
        say(f"{dataset:<12} " + "  ".join(f"{name} {value:.4f}" for name, value in values.items()))


def fold_of(groups: Iterable[str]) -> dict[str, int]:
    """The fold of each site, by a digest of its name: a site that is added moves no other."""
    return {group: hashlib.sha256(group.encode()).digest()[0] % FOLDS for group in groups}


def out_of_fold(
    matrix: NDArray[np.float32], rows: Rows, rounds: int, other: Mapping[str, Any] = MappingProxyType({})
) -> Probabilities:
    """The probability of each row by trees that were grown without its site. other: see `grow`."""
    judged = np.zeros(len(rows.labels))
    for number in range(FOLDS):
        mine = rows.fold == number
        if mine.any():
            grown = grow(matrix[~mine], rows.labels[~mine], rows.weights[~mine], rounds, other=other)
            judged[mine] = compile_trees(grown).score(matrix[mine])
    return judged


def texts_of(
    examples: Sequence[Example], first: Probabilities, second: Probabilities | None = None
) -> dict[str, str]:
    """The text that is kept of each page, by the page's id: the second stage speaks where the first is unsure."""
    texts = {}
    at = asked = 0
    for example in examples:
        rows = slice(at, at + len(example.labels))
        at = rows.stop
        probabilities = first[rows]
        if second is not None and is_unsure(probabilities, example.table.words):
            asked += 1
            probabilities = settle(probabilities, second[rows], example.table.words)
        kept, _ = apply_rules(Judged(probabilities, example.marks, example.table))
        texts[example.id] = "\n\n".join(
            text for text, keeps in zip(example.texts, kept, strict=True) if keeps
        )
    if second is not None:
        say(f"{asked} of {len(examples)} pages asked for the second opinion")
    return texts


def load_score(data: Path) -> ModuleType:
    """The data folder's own `score.py`, so that the figures are its figures."""
    spec = importlib.util.spec_from_file_location("extraction_dev_score", data / "score.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(data / "score.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def score(data: Path, texts: dict[str, str]) -> Scores:
    """F1, precision and recall of each corpus; nothing where the folder has no `score.py`."""
    if not (data / "score.py").exists():
        return {}
    measure = load_score(data)
    by_dataset: dict[str, list[dict[str, Any]]] = {}
    for row in read_rows(data):
        by_dataset.setdefault(row["dataset"], []).append(row)
    scores: Scores = {}
    for dataset, rows in by_dataset.items():
        if rows[0].get("text"):
            pairs = [
                measure.pr(
                    measure.overlap(measure.shingle_bag(row["text"]), measure.shingle_bag(texts[row["id"]]))
                )
                for row in rows
            ]
            f1, precision, recall = measure.macro(pairs)
        else:
            f1, precision, recall = measure.micro([measure.segments(row, texts[row["id"]]) for row in rows])
        scores[dataset] = {"f1": f1, "precision": precision, "recall": recall, "pages": len(rows)}
    return scores


def header(data: Path, examples: Sequence[Example], scores: Scores, alone: Scores) -> dict[str, Any]:
    """What the data file says of itself: made of what, with what, and how well it did on sites it had not seen."""
    digest = hashlib.sha256()
    for example in examples:
        digest.update(
            example.id.encode() + b"\0" + "\n".join(example.texts).encode() + example.labels.tobytes()
        )
    words = Path(__file__).parent / "model" / "words.json"
    return {
        "about": "Block model of scraper.extract. Written by python -m scraper.extract.train; do not edit.",
        "format": FORMAT,
        "trained_with": {name: version(name) for name in ("lightgbm", "numpy", "lxml")},
        "parameters": PARAMETERS | {"first_rounds": FIRST_ROUNDS, "second_rounds": SECOND_ROUNDS},
        "data": {
            "pages": len(examples),
            "blocks": sum(len(example.texts) for example in examples),
            "sha256_of_blocks_and_labels": digest.hexdigest(),
            "sha256_of_words": hashlib.sha256(words.read_bytes()).hexdigest(),
            **{
                f"sha256_of_{name}": hashlib.sha256((data / name).read_bytes()).hexdigest()
                for name in ("truth.jsonl", "reread.jsonl")
                if (data / name).exists()
            },
        },
        "out_of_fold": rounded(scores),
        "out_of_fold_without_second_opinion": rounded(alone),
        "features": list(feature_names()),
        "second_features": list(SECOND_FEATURES),
    }


def rounded(scores: Scores) -> Scores:
    """The scores to four digits."""
    return {key: {name: round(value, 4) for name, value in values.items()} for key, values in scores.items()}


def render(head: dict[str, Any], stages: dict[str, list[dict[str, list[Any]]]]) -> str:
    """The data file: the header, then one line a tree."""
    lines = [f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()]
    for name, trees in stages.items():
        rows = ",\n".join(json.dumps(tree, separators=(",", ":")) for tree in trees)
        lines.append(f'"{name}": [\n{rows}\n]')
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    raise SystemExit(main())
