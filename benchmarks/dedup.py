"""What deduplication finds, what it invents and what it costs, through the real store.

    python benchmarks/dedup.py ../shared/extraction-dev            edited copies, all pairs, passages, CPU an article
    python benchmarks/dedup.py --index 1000000 [--keys 213]        the index at so many articles, with random keys

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
from archive.dedup.sketches import Sketch
from archive.model import ArticleDraft, CaptureRow, Intent
from archive.store import Store
from archive.store.keys import KeyIndex
from archive.store.runs import PATIENCE
from scraper import extract
from scraper.minhash import Hashes
from scraper.similarity import text_digest, word_count

NATURAL = (
    ("readability-medicalnewstoday", "trafilatura-7177625293a7", "one article, in two corpora"),
    (
        "trafilatura-acacd2c8eee6",
        "trafilatura-c24137de5827",
        "a press release in a magazine and at its sender's",
    ),
)
"""Copies among the development pages, each pair read by hand: near, and rightly so."""

QUOTING = (
    (
        "htmldate-87c06630fced",
        "htmldate-f17285fd9e18",
        "two reports of a debate, with the same answers in quotes",
    ),
    (
        "scrapinghub-9eef8162bbb67b0b",
        "scrapinghub-a078b3656adc0295",
        "a medical case, its report quoted at length",
    ),
    ("scrapinghub-9eef8162bbb67b0b", "scrapinghub-bd673bd7988144f0", "the same case"),
    ("scrapinghub-a078b3656adc0295", "scrapinghub-bd673bd7988144f0", "the same case"),
)
"""Pairs with passages in common, each read by hand: quotations, and rightly so."""

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
        where = {name: (site, title) for name, site, title, _ in material.rows}
        print(f"{count} texts, {count * (count - 1) // 2:,} pairs")
        for kind, pairs, read in (("near", near, NATURAL), ("with passages", lent, QUOTING)):
            right = {frozenset(pair[:2]) for pair in read}
            by_name = {frozenset(names[one] for one in pair) for pair in pairs}
            print(
                f"  {kind}: {len(pairs)}, {len(by_name - right)} of them false, {len(right - by_name)} not found"
            )
            for one, other, why in read:
                print(f"    {one}, {other}: {why}")
            for pair in sorted(map(sorted, by_name - right)):
                print("    false: " + " | ".join(f"{n} {where[n][0]}: {where[n][1][:50]}" for n in pair))
        kept = [Sketch(text) for *_, text in material.rows]
        print(f"keys an article: {sum(len(one.keys) for one in kept if one.is_comparable) / count:.0f}")
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
    """Fill the index with `keys` random keys for each of `count` articles, as runs do, then look up and insert more.

    One key in fifty is one that another article has; of the development pages' it is one in six hundred. An article is
    a transaction in what is measured, and fifty are one while the index is filled. The file is dropped from the
    system's memory before the first rounds and read into it before the last.
    """
    path = Path(folder) / "index.db"
    Store.open(path).close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript("PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF")
    chance, highest, shared = np.random.default_rng(1), 2**62, max(1, keys // 50)
    held = chance.integers(0, highest, 4096).astype(np.uint64)

    def draw() -> Hashes:
        own = chance.integers(0, highest, keys).astype(np.uint64)
        own[:shared] = chance.choice(held, shared, replace=False)
        held[chance.integers(0, len(held), shared)] = own[-shared:]
        return np.unique(own)

    found, filling, longest = KeyIndex(connection), 0.0, 0.0
    for first in range(1, count + 1, 50):
        drawn = [draw() for _ in range(min(50, count + 1 - first))]
        begin = time.process_time()
        connection.execute("BEGIN IMMEDIATE")
        for article_id, own in enumerate(drawn, first):
            found.add(article_id, own, {})
        connection.execute("COMMIT")
        took = time.process_time() - begin
        filling, longest = filling + took, max(longest, took)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    print(
        f"{count} articles, {keys} keys each, {path.stat().st_size / 1e6:.0f} MB; filled in "
        f"{filling / count * 1e6:.0f} us of CPU an article, merging included, the longest transaction {longest:.1f} s",
        flush=True,
    )
    forget(path)
    found, begin = KeyIndex(connection), time.process_time()
    for _ in range(PATIENCE + 1):
        found.lookup(draw())
    print(
        f"  the first {PATIENCE + 1} look-ups, file cold: {(time.process_time() - begin) * 1e3:.0f} ms",
        flush=True,
    )
    for part in range(measured // 1000):
        cold = part < measured // 2000
        if cold:
            forget(path)
        elif part == measured // 2000:
            with path.open("rb") as file:
                while file.read(2**24):
                    pass
        looking = adding = waiting = 0.0
        for article_id in range(count + 1000 * part + 1, count + 1000 * part + 1001):
            own = draw()
            connection.execute("BEGIN IMMEDIATE")
            begin, started = time.process_time(), time.monotonic()
            known = found.lookup(own)
            looked = time.process_time()
            found.add(article_id, own, known)
            connection.execute("COMMIT")
            looking, adding = looking + looked - begin, adding + time.process_time() - looked
            waiting += time.monotonic() - started
        print(
            f"  1000 more, file {'cold' if cold else 'warm'}: look up {looking * 1e3:.0f} us, insert "
            f"{adding * 1e3:.0f} us of CPU an article, both {waiting * 1e3:.0f} us by the clock",
            flush=True,
        )


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
        "--keys", type=int, default=213, help="keys an article: 37 bands, the rest fingerprints of passages"
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
