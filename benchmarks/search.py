"""What searches cost in a large archive: CPU of every class of query, of the search page's counts, and of a cold start.

    python benchmarks/search.py --texts ../shared/extraction-dev --make archive.db [--articles 1000000]
    python benchmarks/search.py archive.db [--queries 20]

The archive is synthetic: sentences of the development pages, some ten of them an article, so that words are as frequent
as they are. Articles are written in bulk, without captures; one in ten is a copy or belongs to a cluster of near ones.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from statistics import median, quantiles

from archive.model import SearchRequest
from archive.store import Store
from archive.store.bitmaps import BLOCK_BITS
from archive.store.connection import open_reader
from archive.store.finding import search_articles
from archive.store.likeness import count_origins
from archive.store.memo import Memo

SITES, DAYS = 400, 4_000
BATCH = 20_000
NOTED = BATCH
LANGUAGES = ("en", "en", "en", "de", "ar", "fr", None)


def chance_of(seed: int) -> random.Random:
    """The same random numbers at every run."""
    return random.Random(seed)  # noqa: S311 - nothing secret


def sentences(folder: Path) -> list[str]:
    """Sentences of the development pages, as their truth has them."""
    texts = (json.loads(line).get("text") or "" for line in (folder / "truth.jsonl").open(encoding="utf-8"))
    found = {part for text in texts for part in re.split(r"(?<=[.!?])\s+|\n+", text) if 30 < len(part) < 300}
    return sorted(found)


def rows(parts: list[str], count: int) -> Iterator[tuple[object, ...]]:
    """Columns of `articles`."""
    chance, first = chance_of(1), date(2010, 1, 1)
    for number in range(1, count + 1):
        some = chance.choices(parts, k=chance.randint(6, 14))
        site = f"s{int(SITES * chance.random() ** 2)}.example"
        day = (first + timedelta(days=int(DAYS * number / count))).isoformat()
        copy = chance.random() < 0.03 and number > 100
        head = number - chance.randint(1, 90) if copy else None
        cluster = number // 10 if chance.random() < 0.1 else None
        text = "" if copy else "\n\n".join(some)
        author = f'["Author {number % 5000}"]'
        language = chance.choice(LANGUAGES)
        yield (
            number, f"https://{site}/{number}", site, some[0][:80], author, day, language, text,
            len(text.split()), f"{number:064x}", f"{day}T00:00:00.000000Z", f"{day}T00:00:00.000000Z", head, cluster,
        )  # fmt: skip


def make(path: Path, folder: Path, count: int) -> None:
    """Write the archive."""
    Store.open(path).close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(
        "PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -200000"
    )
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    begin = time.monotonic()
    source = rows(sentences(folder), count)
    for at in range(0, count, BATCH):
        connection.execute("BEGIN")
        connection.executemany(
            "INSERT INTO articles (id, url, site, title, authors, published, language, text, word_count, text_sha256, "
            "first_captured, last_captured, duplicate_of, cluster_id) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            [row for _, row in zip(range(min(BATCH, count - at)), source, strict=False)],
        )
        connection.execute("COMMIT")
        if at < NOTED <= at + BATCH:
            note(path)
    connection.executescript("""
        UPDATE articles SET duplicate_of = NULL, text = 'A text.' WHERE duplicate_of IN
            (SELECT id FROM articles WHERE duplicate_of IS NOT NULL);
        INSERT INTO clusters (id, head_id, articles) SELECT cluster_id, min(id), count(*) FROM articles
            WHERE cluster_id IS NOT NULL GROUP BY cluster_id;
        INSERT INTO sites SELECT site, site, min(first_captured), max(first_captured) FROM articles GROUP BY site;
    """)
    capture(connection)
    print(f"{count:,} articles written after {time.monotonic() - begin:.0f} s", flush=True)
    for table in ("articles_fts", "authors_fts", "titles_fts", "unspaced_fts"):
        # Words are sorted in memory by 64 MB and not by one, which makes the same index with fewer merges.
        connection.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('hashsize', {1 << 26})")  # noqa: S608 - ours
        connection.execute(f"INSERT INTO {table} ({table}) VALUES ('rebuild')")  # noqa: S608 - our own names
        connection.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('hashsize', {1 << 20})")  # noqa: S608 - ours
        print(f"{table} made after {time.monotonic() - begin:.0f} s", flush=True)
    for _, sql in triggers:
        connection.execute(sql)
    connection.close()
    begun = time.process_time()
    with Store.open(path) as store:
        blocks = store.make_bitmaps()
    if blocks:
        spent = (time.process_time() - begun) / (blocks << BLOCK_BITS) * 1e6
        print(f"bits of very common words: {spent:.0f} us of CPU an article", flush=True)
    print(f"{path.stat().st_size / 1e9:.1f} GB", flush=True)


def capture(connection: sqlite3.Connection) -> None:
    """Say of each article which job captured it and what came of it, of one in five twice, and tag some."""
    connection.executescript("""
        BEGIN;
        INSERT INTO jobs (name) VALUES ('daily'), ('weekly');
        INSERT INTO captures (url, key, requested_at, outcome, article_id, job)
            SELECT url, url, first_captured, iif(duplicate_of IS NULL, 'new', 'duplicate'), id,
                CASE WHEN id % 10 < 6 THEN 'daily' WHEN id % 10 < 9 THEN 'weekly' END
            FROM articles;
        INSERT INTO captures (url, key, requested_at, outcome, article_id, job)
            SELECT url, url, last_captured, 'unchanged', id, 'weekly' FROM articles WHERE id % 5 = 1;
        INSERT INTO tags (name) VALUES ('north'), ('south');
        INSERT INTO article_tags SELECT a.id, t.id FROM articles AS a JOIN tags AS t
            ON t.name = iif(a.id % 50 = 7, 'south', iif(a.id % 5 = 2, 'north', NULL));
        COMMIT;
    """)


def note(path: Path) -> None:
    """Note the words of what is written so far. The rest has the same sentences, and so the same words."""
    begin = time.process_time()
    with Store.open(path) as store:
        store._connection.execute("PRAGMA synchronous = OFF")
        count = store.note_unnoted(batch=1000)
    print(f"words noted: {(time.process_time() - begin) / count * 1e3:.2f} ms of CPU an article", flush=True)


def classes(connection: sqlite3.Connection, count: int) -> dict[str, list[SearchRequest]]:
    """Queries by class, of words as frequent as the class says."""
    chance = chance_of(2)
    known = [text for (text,) in connection.execute("SELECT text FROM articles ORDER BY id DESC LIMIT 4000")]
    frequent: Counter[str] = Counter()
    for text in known:
        frequent.update(sorted(set(re.findall(r"[a-z]{3,}", text))))
    share = {word: number / len(known) for word, number in frequent.items()}
    rare = [word for word, part in share.items() if part < 0.002]
    middle = [word for word, part in share.items() if 0.01 < part < 0.1]
    common = [word for word, part in share.items() if part > 0.25]
    names = [
        "Trump",
        "Berlin",
        "Putin",
        "Merkel",
        "London",
        "Paris",
        "Mayadin",
        "Aleppo",
        "Deir Ezzor",
        "Moskau",
    ]

    def phrase() -> str:
        words = re.findall(r"[A-Za-z]+", chance.choice([text for text in known if len(text) > 200]))
        at = chance.randrange(max(1, len(words) - 3))
        return '"' + " ".join(words[at : at + 3]) + '"'

    make: dict[str, Callable[[], SearchRequest]] = {
        "rare word": lambda: SearchRequest(chance.choice(rare)),
        "middling word": lambda: SearchRequest(chance.choice(middle)),
        "very common word": lambda: SearchRequest(chance.choice(common)),
        "two middling words": lambda: SearchRequest(" ".join(chance.sample(middle, 2))),
        "middling and common": lambda: SearchRequest(f"{chance.choice(middle)} {chance.choice(common)}"),
        "two very common words": lambda: SearchRequest(" ".join(chance.sample(common, 2))),
        "either of two common": lambda: SearchRequest(" OR ".join(chance.sample(common, 2))),
        "common but not middling": lambda: SearchRequest(f"{chance.choice(common)} -{chance.choice(middle)}"),
        "phrase": lambda: SearchRequest(phrase()),
        "prefix of three": lambda: SearchRequest(chance.choice(middle)[:3] + "*"),
        "prefix of two": lambda: SearchRequest(chance.choice(common)[:2] + "*"),
        "name": lambda: SearchRequest(chance.choice(names)),
        "in the title": lambda: SearchRequest(f"title:{chance.choice(common)}"),
        "common, one site": lambda: SearchRequest(
            chance.choice(common), site=f"s{chance.randrange(SITES)}.example"
        ),
        "common, one month": lambda: SearchRequest(chance.choice(common), month="2015-03"),
        "common, one author": lambda: SearchRequest(chance.choice(common), author="Author 77"),
        "author alone": lambda: SearchRequest(f'author:"Author {chance.randrange(5000)}"'),
        "site alone": lambda: SearchRequest("", site=f"s{chance.randrange(SITES)}.example"),
        "nothing": lambda: SearchRequest(""),
        "common, one language": lambda: SearchRequest(chance.choice(common), language="de"),
        "common, one job": lambda: SearchRequest(
            chance.choice(common), job=chance.choice(("daily", "weekly"))
        ),
        "common, one tag": lambda: SearchRequest(
            chance.choice(common), tag=chance.choice(("north", "south"))
        ),
        "one outcome of several": lambda: SearchRequest(
            f"(outcome:new OR outcome:unchanged) -tag:north {chance.choice(common)}"
        ),
        "middling, one language": lambda: SearchRequest(chance.choice(middle), language="de"),
        "common, half the years": lambda: SearchRequest(chance.choice(common), since="2012-06", until="2016"),
        "sites joined with words": lambda: SearchRequest(
            " OR ".join(
                f"(site:s{chance.randrange(SITES)}.example {word})" for word in chance.sample(common, 2)
            )
        ),
        "language alone": lambda: SearchRequest("", language="de"),
    }
    return {name: [one() for _ in range(count)] for name, one in make.items()}


def measure(path: Path, count: int) -> None:
    """Print the CPU of each class: the search, what the page takes, counts and all, and the count of origins."""
    from archive.web.facets import count_facets  # noqa: PLC0415 - Datasette, which making needs not
    from archive.web.server import SETTINGS, keep_for_good  # noqa: PLC0415 - as above

    def page(connection: sqlite3.Connection, request: SearchRequest) -> None:
        memo = Memo()
        search_articles(connection, request, memo=memo)
        count_facets(connection, request, memo)

    warming, connection = open_reader(path), open_reader(path)
    connection.execute(f"PRAGMA cache_size = -{SETTINGS['cache_size_kb']}")  # as it is served
    keep_for_good()  # as above
    print(f"{'CPU ms':<26}{'search p50':>11}{'p95':>8}{'page p50':>12}{'p95':>8}{'origins p95':>13}")
    for name, requests in classes(connection, count).items():
        spent: dict[str, list[float]] = {"search": [], "page": [], "origins": []}
        for request in requests:
            search_articles(warming, request)  # so that no disk is measured
            for what, function in (
                ("search", search_articles), ("page", page), ("origins", count_origins),
            ):  # fmt: skip
                begin = time.process_time()
                function(connection, request)
                spent[what].append((time.process_time() - begin) * 1e3)
        p95 = {what: quantiles(times, n=20)[-1] for what, times in spent.items()}
        print(
            f"{name:<26}{median(spent['search']):>11.1f}{p95['search']:>8.1f}{median(spent['page']):>12.1f}"
            f"{p95['page']:>8.1f}{p95['origins']:>13.1f}",
            flush=True,
        )
    cold = []
    for _ in range(5):
        begin = time.monotonic()
        subprocess.run(
            [sys.executable, "-c", "from archive.cli import main; main()", "search", "Mayadin", "--json"],
            env={"ARCHIVE_ARCHIVE_DATABASE": str(path.absolute())}, check=False, capture_output=True, cwd="/",
        )  # fmt: skip
        cold.append((time.monotonic() - begin) * 1e3)
    print(f"archive search, cold: {median(cold):.0f} ms by the clock")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("archive", nargs="?", type=Path)
    parser.add_argument("--make", type=Path)
    parser.add_argument("--texts", type=Path, help="the folder of the development pages")
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=100, help="of each class")
    given = parser.parse_args()
    if given.make:
        make(given.make, given.texts, given.articles)
    if given.archive:
        measure(given.archive, given.queries)


if __name__ == "__main__":
    main()
