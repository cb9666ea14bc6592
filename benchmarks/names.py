"""How well a search finds a name in every spelling, through the real store and the real search.

    python benchmarks/names.py ../shared/seeds ../shared/extraction-dev

Texts: the seeds, every development page as our own extractor reads it, and texts recombined from their paragraphs,
3,000 in all. A found text is right where the hand-made pattern of the name occurs in it (`search_names` in the
seeds' `truth.json`). Means are over names, within a name over the spellings that a reader may type.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean, quantiles
from typing import Any

from archive.dedup.decide import decide
from archive.model import ArticleDraft, CaptureRow, Intent, SearchRequest
from archive.search import synonyms
from archive.store import Store, candidates, finding
from scraper import extract
from scraper.similarity import text_digest, word_count

TEXTS = 3_000
START = datetime(2020, 1, 1, tzinfo=UTC)
Document = tuple[str, str]


def documents(seeds: Path, pages: Path) -> Iterator[Document]:
    """Titles and texts."""
    truth = json.loads((seeds / "truth.json").read_text("utf-8"))
    for name, row in dict(truth["pages"]).items():
        page = extract((seeds / "pages" / name).read_bytes(), row["url"])
        if page.text:
            yield page.title or "", page.text
    for file in sorted(seeds.glob("page-*.txt")):
        title, _, text = file.read_text("utf-8").partition("\n\n")
        yield title, text
    for line in (pages / "truth.jsonl").open(encoding="utf-8"):
        row = json.loads(line)
        payload = gzip.decompress((pages / row["page"]).read_bytes())
        page = extract(payload, row.get("url") or "https://unknown.example/")
        if page.verdict == "article" and page.text:
            yield page.title or "", page.text


def recombined(documents: Sequence[Document], count: int) -> Iterator[Document]:
    """Texts of four to twelve paragraphs, each from anywhere; the same at every run."""
    chance = random.Random(7)  # noqa: S311 - nothing secret
    parts = [part for _, text in documents for part in text.split("\n\n") if len(part) > 40]
    for _ in range(count):
        yield "", "\n\n".join(chance.sample(parts, chance.randint(4, 12)))


def keep(store: Store, documents: Sequence[Document]) -> None:
    """Save texts as articles, as a run does."""
    run = store.start_run("add", START)
    for at, (title, text) in enumerate(documents):
        url = f"https://s{at % 50}.example/{at}"
        draft = ArticleDraft(url, f"s{at % 50}.example", title, text, text_digest(text), word_count(text))
        outcome, _, head = decide(None, store.article_with_text(draft.text_sha256), draft)
        moment = START + timedelta(seconds=at)
        capture = CaptureRow(url, url, moment, outcome, 200)
        store.save(Intent(outcome, (capture,), draft=draft, duplicate_of=head, run_id=run))
    store.end_run(run, START, {})


def measure(connection: sqlite3.Connection, names: Mapping[str, Any]) -> None:
    """Precision and recall of each name, and what the expansion costs."""
    held: dict[int, str] = {}
    for article_id, title, text in connection.execute(
        "SELECT coalesce(duplicate_of, id), coalesce(title, ''), text FROM articles"
    ):
        held[article_id] = f"{held.get(article_id, '')}\n{title}\n{text}"
    precisions, recalls, spent = [], [], []
    for name, row in names.items():
        right = {article_id for article_id, text in held.items() if re.search(row["gold"], text)}
        precision, recall = [], []
        for query in row["queries"]:
            begin = time.process_time()
            candidates.meaning_of(connection, SearchRequest(query))
            spent.append((time.process_time() - begin) * 1e3)
            hits = finding.search_articles(connection, SearchRequest(query, fold=False, limit=TEXTS)).hits
            found = {_text_of(connection, hit.article_id) for hit in hits}
            precision.append(len(found & right) / len(found) if found else 1.0)
            recall.append(len(found & right) / len(right))
        precisions.append(mean(precision))
        recalls.append(mean(recall))
        print(
            f"  {name:<14}{len(right):>5} texts   precision {precisions[-1]:.3f}   recall {recalls[-1]:.3f}"
        )
    print(
        f"  {'mean':<14}{'':>5}         precision {mean(precisions):.3f}   recall {mean(recalls):.3f}"
        f"   expansion p95 {quantiles(spent, n=20)[-1]:.1f} ms of CPU"
    )


def _text_of(connection: sqlite3.Connection, article_id: int) -> int:
    (head,) = connection.execute(
        "SELECT coalesce(duplicate_of, id) FROM articles WHERE id = ?", [article_id]
    ).fetchone()
    return int(head)


def noting(store: Store) -> float:
    """CPU milliseconds an article of noting its words, everything included."""
    connection = store._connection
    connection.execute("DELETE FROM meta WHERE key IN ('terms_version', 'noting_terms')")
    begin = time.process_time()
    count = store.note_unnoted()
    return (time.process_time() - begin) * 1e3 / count


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("seeds", type=Path)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--names", type=Path, help="other names, in the form of search_names")
    given = parser.parse_args()
    path = given.names or given.seeds / "truth.json"
    names = json.loads(path.read_text("utf-8"))
    names = {name: row for name, row in names.get("search_names", names).items() if isinstance(row, dict)}
    begin = time.process_time()
    texts = list(documents(given.seeds, given.pages))
    reading = (time.process_time() - begin) * 1e3 / len(texts)
    texts += recombined(texts, TEXTS - len(texts))
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "archive.db") as store:
        store._connection.execute("PRAGMA synchronous = OFF")  # CPU is measured, not the disk
        keep(store, texts)
        (terms,) = store._connection.execute("SELECT count(*) FROM terms").fetchone()
        print(f"{len(texts)} texts, {terms:,} words that may be names")
        print("with the synonyms that ship")
        measure(store._connection, names)
        print("without synonyms")
        synonyms.shipped_synonyms.cache_clear()
        candidates.with_shipped = synonyms.Synonyms  # type: ignore[assignment]  # its own groups alone
        measure(store._connection, names)
        print(f"noting the words of an article: {noting(store):.2f} ms of CPU (extracting it: {reading:.1f})")


if __name__ == "__main__":
    main()
