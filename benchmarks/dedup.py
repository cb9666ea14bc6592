"""What deduplication finds, what it invents and what it costs, through the real store.

    python benchmarks/dedup.py ../shared/extraction-dev            edited copies, all pairs, passages, CPU an article
    python benchmarks/dedup.py --index 1000000 [--keys 210]        the index at so many articles, with random keys

The texts are those of the development pages, as our own extractor reads them. Every edit is made of each of 300 of
them; a copy is found when the store writes the pair down. Nothing is tuned on the outcome.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from archive.dedup.decide import decide
from archive.model import ArticleDraft, CaptureRow, Intent
from archive.store import Store
from archive.store.keys import KeyIndex
from scraper import extract
from scraper.similarity import text_digest, word_count

START = datetime(2020, 1, 1, tzinfo=UTC)
COPIES = 300
MIN_WORDS, MAX_WORDS = 150, 3000
Edit = Callable[[list[str], random.Random], list[str]]


def chance_of(seed: int) -> random.Random:
    """The same random numbers at every run."""
    return random.Random(seed)  # noqa: S311 - nothing secret


class Material:
    """Texts by paragraphs: those that are edited, and the rest, which lends foreign words and paragraphs."""

    def __init__(self, folder: Path) -> None:
        self.rows = []
        self.extraction_seconds: list[float] = []
        seen: set[str] = set()
        for line in (folder / "truth.jsonl").open(encoding="utf-8"):
            row = json.loads(line)
            payload, url = (
                gzip.decompress((folder / row["page"]).read_bytes()),
                row.get("url") or "https://unknown.example/",
            )
            begin = time.process_time()
            page = extract(payload, url)
            self.extraction_seconds.append(time.process_time() - begin)
            text = page.text if page.verdict == "article" else ""
            if text and word_count(text) >= 30 and text_digest(text) not in seen:
                seen.add(text_digest(text))
                self.rows.append((row["id"], row.get("host") or "unknown", page.title or "", text))
        fit = [
            row
            for row in self.rows
            if MIN_WORDS <= word_count(row[3]) <= MAX_WORDS and row[3].count("\n\n") >= 3
        ]
        chance_of(1).shuffle(fit)
        self.edited = fit[:COPIES]
        chosen = {row[0] for row in self.edited}
        rest = [row for row in self.rows if row[0] not in chosen]
        self.foreign = [part for row in rest for part in row[3].split("\n\n") if len(part.split()) >= 25]
        self.words = [word for part in self.foreign for word in part.split()]

    def edits(self) -> dict[str, Edit]:
        def change(parts: list[str], chance: random.Random, share: float) -> list[str]:
            return [
                " ".join(chance.choice(self.words) if chance.random() < share else w for w in p.split())
                for p in parts
            ]

        def without(parts: list[str], chance: random.Random, share: float) -> list[str]:
            kept = set(chance.sample(range(len(parts)), max(1, round(len(parts) * (1 - share)))))
            return [part for at, part in enumerate(parts) if at in kept]

        def added(parts: list[str], chance: random.Random, count: int) -> list[str]:
            parts = list(parts)
            for _ in range(count):
                parts.insert(chance.randint(0, len(parts)), chance.choice(self.foreign))
            return parts

        def shuffle(parts: list[str], chance: random.Random) -> list[str]:
            return chance.sample(parts, len(parts))

        return {
            "lead reworded": lambda p, c: [c.choice(self.foreign), *p[1:]],
            "one cut, one added": lambda p, c: added(without(p, c, 1 / len(p)), c, 1),
            "30 % of paragraphs cut": lambda p, c: without(p, c, 0.3),
            "paragraphs shuffled": shuffle,
            "5 % of words changed": lambda p, c: change(p, c, 0.05),
            "8 % of words changed": lambda p, c: change(p, c, 0.08),
            "15 % of words changed": lambda p, c: change(p, c, 0.15),
            "5 % of words, cut, added": lambda p, c: added(without(change(p, c, 0.05), c, 1 / len(p)), c, 1),
            "first half": lambda p, _: p[: (len(p) + 1) // 2],
            "second half": lambda p, _: p[len(p) // 2 :],
        }


def keep(store: Store, rows: Iterable[tuple[str, str, str, str]], first: int = 0) -> dict[str, int]:
    """Save texts as articles; name -> id."""
    ids: dict[str, int] = {}
    for at, (name, site, title, text) in enumerate(rows, first):
        url = f"https://{site}/{name}"
        draft = ArticleDraft(url, site, title, text, text_digest(text), word_count(text))
        outcome, known, head = decide(store.known(url), store.article_with_text(draft.text_sha256), draft)
        moment = START + timedelta(seconds=at)
        intent = Intent(
            outcome,
            (CaptureRow(url, url, moment, outcome, 200),),
            draft=draft,
            article_id=known,
            duplicate_of=head,
        )
        saved = store.save(intent)
        ids[name] = saved.article_id or 0
    return ids


def fresh(folder: str, name: str) -> Store:
    store = Store.open(Path(folder) / f"{name}.db")
    store._connection.execute("PRAGMA synchronous = OFF")  # CPU is measured, not the disk
    return store


def pairs_of(store: Store, query: str) -> set[frozenset[int]]:
    return {frozenset(row) for row in store._connection.execute(query)}


NEAR = """
    SELECT article_id, other_article_id FROM near_duplicates
    UNION SELECT id, duplicate_of FROM articles WHERE duplicate_of IS NOT NULL
"""
PASSAGES = "SELECT DISTINCT article_id, source_article_id FROM passages"


def copies(material: Material, natural: set[frozenset[str]], folder: str) -> None:
    print(f"\nedited copies of {len(material.edited)} texts of {len({r[1] for r in material.edited})} sites")
    print(f"{'edit':<28}{'near':>7}{'near or passage':>17}{'false pairs':>13}")
    recalls = []
    for number, (name, edit) in enumerate(material.edits().items()):
        with fresh(folder, f"edit-{number}") as store:
            ids = keep(store, material.edited)
            chance = chance_of(number)
            edited = [
                (f"{row[0]}-e", f"copy.{row[1]}", row[2], "\n\n".join(edit(row[3].split("\n\n"), chance)))
                for row in material.edited
            ]
            copy_ids = keep(store, edited, first=len(ids))
            want = {row[0]: frozenset((ids[row[0]], copy_ids[f"{row[0]}-e"])) for row in material.edited}
            near, lent = pairs_of(store, NEAR), pairs_of(store, PASSAGES)
            names = {one: key.removesuffix("-e") for key, one in (ids | copy_ids).items()}
            wrong = {
                p
                for p in near
                if len({names[i] for i in p}) == 2 and frozenset(names[i] for i in p) not in natural
            }
        found = sum(pair in near for pair in want.values()) / len(want)
        linked = sum(pair in near or pair in lent for pair in want.values()) / len(want)
        if "half" not in name:
            recalls.append(found)
        print(f"{name:<28}{found:>7.3f}{linked:>17.3f}{len(wrong):>13}", flush=True)
    print(f"{'all but the halves':<28}{sum(recalls) / len(recalls):>7.3f}")


def all_pairs(material: Material, folder: str) -> set[frozenset[str]]:
    with fresh(folder, "all") as store:
        ids = keep(store, material.rows)
        names = {one: key for key, one in ids.items()}
        near, lent = pairs_of(store, NEAR), pairs_of(store, PASSAGES)
        count = len(ids)
        print(
            f"{count} texts, {count * (count - 1) // 2:,} pairs: {len(near)} near, {len(lent)} with passages"
        )
        where = {name: (site, title) for name, site, title, _ in material.rows}
        for kind, pairs in (("near", near), ("passages", lent)):
            for pair in sorted(sorted(names[one] for one in p) for p in pairs):
                print(f"  {kind:<9} " + " | ".join(f"{n} {where[n][0]}: {where[n][1][:50]}" for n in pair))
        with store._linking() as (_, linker):
            linker.clear()
        begin = time.process_time()
        linked = store.link_unlinked(batch=1)
        each = (time.process_time() - begin) / linked
        print(f"CPU an article, transaction included: {each * 1e3:.2f} ms")
    return {frozenset(names[one] for one in p) for p in near}


def passages(material: Material, folder: str) -> None:
    print(f"\npassages of another text put into {len(material.edited)} texts")
    half = len(material.edited) // 2
    for number, (name, count, share) in enumerate(
        (("1 paragraph", 1, 0.0), ("2", 2, 0.0), ("3", 3, 0.0), ("2, 4 % changed", 2, 0.04))
    ):
        chance = chance_of(number)
        with fresh(folder, f"passages-{number}") as store:
            lenders, hosts = material.edited[:half], material.edited[half : 2 * half]
            mixed, want_names = [], []
            for lender, host in zip(lenders, hosts, strict=True):
                parts = [part for part in lender[3].split("\n\n") if len(part.split()) >= 25]
                if len(parts) < count:
                    continue
                at = chance.randrange(len(parts) - count + 1)
                lent = [
                    " ".join(
                        chance.choice(material.words) if chance.random() < share else w for w in p.split()
                    )
                    for p in parts[at : at + count]
                ]
                own = host[3].split("\n\n")
                place = chance.randint(0, len(own))
                mixed.append(
                    (f"{host[0]}-m", host[1], host[2], "\n\n".join((*own[:place], *lent, *own[place:])))
                )
                want_names.append((lender[0], f"{host[0]}-m"))
            ids = keep(store, lenders)
            ids |= keep(store, mixed, first=len(ids))
            found = pairs_of(store, PASSAGES) | pairs_of(store, NEAR)
            want = {frozenset((ids[a], ids[b])) for a, b in want_names}
        print(
            f"{name:<28}{len(want & found) / len(want):>7.3f}   other pairs {len(found - want)}", flush=True
        )


def index(count: int, keys: int, folder: str, measured: int = 4000) -> None:
    """Fill the index with `keys` random keys for each of `count` articles, then insert and look up some more.

    The file is dropped from the system's memory first: the first thousand articles read it from the disk.
    """
    path = Path(folder) / "index.db"
    Store.open(path).close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript("PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF")
    chance, rows, highest = np.random.default_rng(1), 1_000_000, 2**62
    chunks = -(-count * keys // rows)
    for chunk in range(chunks):
        own = np.sort(chance.integers(highest // chunks * chunk, highest // chunks * (chunk + 1), rows))
        ids = chance.integers(1, count + 1, rows)
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "INSERT OR IGNORE INTO sketch_keys VALUES (?, ?)", zip(own.tolist(), ids.tolist(), strict=True)
        )
        connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    print(f"{count} articles, {keys} keys each, {path.stat().st_size / 1e6:.0f} MB", flush=True)
    forget(path)
    found, looking, adding, waiting = KeyIndex(connection), 0.0, 0.0, 0.0
    for article_id in range(count + 1, count + measured + 1):
        own = chance.integers(0, highest, keys).astype(np.uint64)
        begin, started = time.process_time(), time.monotonic()
        connection.execute("BEGIN IMMEDIATE")
        known = found.lookup(own)
        looked = time.process_time()
        found.add(article_id, own, known)
        connection.execute("COMMIT")
        looking, adding = looking + looked - begin, adding + time.process_time() - looked
        waiting += time.monotonic() - started
        if (article_id - count) % 1000 == 0:
            print(
                f"  after {article_id - count}: look up {looking / 1000 * 1e6:.0f} us, "
                f"insert {adding / 1000 * 1e6:.0f} us of CPU an article, both {waiting:.2f} ms by the clock",
                flush=True,
            )
            looking = adding = waiting = 0.0


def forget(path: Path) -> None:
    """Have the system drop a file from its memory, so that what is read next comes from the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--index", type=int, default=0)
    parser.add_argument(
        "--keys", type=int, default=37, help="keys an article; 37 bands, about 210 with fingerprints"
    )
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        if given.index:
            index(given.index, given.keys, folder)
        if given.folder:
            material = Material(given.folder)
            natural = all_pairs(material, folder)
            cost = sum(material.extraction_seconds) / len(material.extraction_seconds)
            print(f"CPU of extracting a page, for comparison: {cost * 1e3:.1f} ms")
            copies(material, natural, folder)
            passages(material, folder)


if __name__ == "__main__":
    main()
