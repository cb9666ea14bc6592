"""Near-duplicates, clusters and passages, as the store finds them: whatever comes, in whatever order."""

from __future__ import annotations

import json
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from archive.store import Store
from archive.store.keys import KeyIndex
from tests.dedup import edits
from tests.program import archive
from tests.store.conftest import Keeper

COPIES = {
    "https://a.example/1": edits.text(1),
    "https://b.example/1": edits.lead_reworded(edits.text(1)),
    "https://c.example/1": edits.shuffled(edits.text(1)),
    "https://d.example/1": edits.words_changed(edits.text(1), 0.05),
    "https://e.example/1": edits.text(1),
    "https://a.example/2": edits.text(2),
    "https://b.example/2": edits.cut_and_added(edits.text(2)),
    "https://a.example/3": edits.text(3),
    "https://a.example/4": "\n\n".join(
        (
            *edits.text(4).split("\n\n")[:4],
            *edits.text(3).split("\n\n")[2:4],
            *edits.text(4).split("\n\n")[4:],
        )
    ),
    **{f"https://x.example/{n}": edits.text(100 + n) for n in range(8)},
}


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys go from waiting into a run, and runs into one, while these few articles come."""
    monkeypatch.setitem(KeyIndex.__init__.__kwdefaults__, "batch", 4)


def keep(path: Path, urls: Sequence[str], texts: dict[str, str] = COPIES) -> None:
    with Store.open(path) as store:
        keeper = Keeper(store)
        for url in urls:
            keeper.keep(url, texts[url], title=f"About {url}")


def ask(path: Path, query: str) -> list[tuple[Any, ...]]:
    with Store.open(path, read_only=True) as store:
        return store._connection.execute(query).fetchall()


def partition(path: Path) -> set[frozenset[str]]:
    found: dict[int, set[str]] = {}
    for cluster, url in ask(path, "SELECT cluster_id, url FROM articles WHERE cluster_id IS NOT NULL"):
        found.setdefault(cluster, set()).add(url)
    return {frozenset(urls) for urls in found.values()}


def borrowed(path: Path) -> set[frozenset[str]]:
    rows = ask(
        path,
        "SELECT DISTINCT a.url, b.url FROM passages AS p JOIN articles AS a ON a.id = p.article_id "
        "JOIN articles AS b ON b.id = p.source_article_id",
    )
    return {frozenset(row) for row in rows}


CLUSTERS = {
    frozenset(f"https://{site}.example/1" for site in "abcde"),
    frozenset(("https://a.example/2", "https://b.example/2")),
}


def test_edited_copies_are_one_cluster_and_nothing_else_is(tmp_path: Path) -> None:
    keep(tmp_path / "a.db", list(COPIES))
    assert partition(tmp_path / "a.db") == CLUSTERS
    assert borrowed(tmp_path / "a.db") == {frozenset(("https://a.example/3", "https://a.example/4"))}
    assert ask(tmp_path / "a.db", "SELECT count(*) FROM articles WHERE text <> ''") == [(len(COPIES) - 1,)]
    assert ask(tmp_path / "a.db", "SELECT max(level) FROM sketch_runs") == [(1,)]


@pytest.mark.parametrize("turn", range(20))
def test_clusters_do_not_depend_on_the_order_of_arrival(tmp_path: Path, turn: int) -> None:
    urls = list(COPIES)
    edits.chance_of(turn).shuffle(urls)
    keep(tmp_path / "a.db", urls)
    assert partition(tmp_path / "a.db") == CLUSTERS
    assert borrowed(tmp_path / "a.db") == {frozenset(("https://a.example/3", "https://a.example/4"))}


def test_what_goes_leaves_no_trace(tmp_path: Path) -> None:
    """A text that joined two clusters, and then becomes another text, leaves them as they were."""
    one, other = edits.text(11, 6), edits.text(12, 6)
    texts = {
        "https://a.example/one": one,
        "https://b.example/one": edits.lead_reworded(one, 8),
        "https://a.example/two": other,
        "https://b.example/two": edits.lead_reworded(other, 9),
        "https://a.example/both": f"{one}\n\n{other}",
    }
    path = tmp_path / "a.db"
    keep(path, list(texts), texts)
    assert len(partition(path)) == 1
    keep_changed = {"https://a.example/both": edits.text(13)}
    with Store.open(path) as store:
        keeper = Keeper(store)
        keeper._serial = iter(range(100, 200))  # type: ignore[assignment]  # any iterator of numbers does
        keeper.keep("https://a.example/both", keep_changed["https://a.example/both"], title="Another")
        store.check_integrity()
    assert partition(path) == {
        frozenset(f"https://{site}.example/{name}" for site in "ab") for name in ("one", "two")
    }
    assert borrowed(path) == set()
    assert ask(path, "SELECT count(*) FROM near_duplicates") == [(2,)]


@pytest.mark.parametrize("turn", range(3))
def test_what_articles_were_before_makes_no_difference(tmp_path: Path, turn: int) -> None:
    """Each was another story first, a copy of another or one of its own, and they change in any order."""
    path, urls, chance = tmp_path / "a.db", list(COPIES), edits.chance_of(50, turn)
    before = {
        url: chance.choice([COPIES[chance.choice(urls)], edits.text(200 + at)]) for at, url in enumerate(urls)
    }
    with Store.open(path) as store:
        keeper = Keeper(store)
        for texts in (before, COPIES):
            for url in chance.sample(urls, len(urls)):
                keeper.keep(url, texts[url], title=f"About {url}")
        store.check_integrity()
    assert partition(path) == CLUSTERS
    assert borrowed(path) == {frozenset(("https://a.example/3", "https://a.example/4"))}
    keep(tmp_path / "fresh.db", urls)
    postings = "SELECT count(*), count(DISTINCT duplicate_of) FROM articles WHERE duplicate_of IS NOT NULL"
    assert ask(path, postings) == ask(tmp_path / "fresh.db", postings)
    pairs = "SELECT jaccard FROM near_duplicates ORDER BY 1"
    assert ask(path, pairs) == ask(tmp_path / "fresh.db", pairs)


def test_a_cluster_knows_its_origin_and_its_agencies(tmp_path: Path) -> None:
    path, said = tmp_path / "a.db", edits.text(5)
    with Store.open(path) as store:
        keeper = Keeper(store)
        keeper.keep("https://late.example/1", said, published="2017-10-09T08:00:00Z")
        keeper.keep(
            "https://early.example/1", edits.lead_reworded(said), published="2017-10-07", sources=("AFP",)
        )
        keeper.keep("https://copy.example/1", said, published="2017-10-08")
    ((head, earliest, basis, count, agencies),) = ask(
        path,
        "SELECT h.url, e.url, c.origin_basis, c.articles, c.agencies FROM clusters AS c "
        "JOIN articles AS h ON h.id = c.head_id JOIN articles AS e ON e.id = c.earliest_id",
    )
    assert (head, earliest, basis, count) == (
        "https://early.example/1",
        "https://late.example/1",
        "published",
        3,
    )
    assert json.loads(agencies) == ["AFP"]


def test_a_passage_stands_where_the_row_says(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    keep(path, ["https://a.example/3", "https://a.example/4"])
    ((start, end, source_start, source_end, words, basis),) = ask(
        path, 'SELECT start, "end", source_start, source_end, words, basis FROM passages'
    )
    lent = "\n\n".join(edits.text(3).split("\n\n")[2:4]).rstrip(".")
    assert COPIES["https://a.example/4"][start:end] == lent
    assert COPIES["https://a.example/3"][source_start:source_end] == lent
    assert (words, basis) == (len(lent.split()), "captured")


def test_an_edited_passage_is_one_passage(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    lent = edits.words_changed("\n\n".join(edits.text(21).split("\n\n")[3:5]), 0.04, 2)
    parts = edits.text(22).split("\n\n")
    texts = {
        "https://a.example/1": edits.text(21),
        "https://b.example/1": "\n\n".join((*parts[:5], lent, *parts[5:])),
    }
    keep(path, list(texts), texts)
    rows = ask(path, 'SELECT start, "end" FROM passages')
    assert 1 <= len(rows) <= 2
    assert sum(end - start for start, end in rows) > 0.85 * len(lent)


def test_a_disclaimer_of_a_site_is_no_passage(tmp_path: Path) -> None:
    """Not even between the first two, once a third has shown what it is."""
    notice = edits.text(31, 1)
    texts = {}
    for number in range(4):
        parts = edits.text(40 + number, 6).split("\n\n")
        texts[f"https://a.example/{number}"] = "\n\n".join((*parts[:3], notice, *parts[3:]))
    path = tmp_path / "a.db"
    keep(path, list(texts)[:2], texts)
    assert len(borrowed(path)) == 1, "two articles that share a paragraph share a passage"
    with Store.open(path) as store:
        keeper = Keeper(store)
        keeper._serial = iter(range(100, 200))  # type: ignore[assignment]  # any iterator of numbers does
        for url in list(texts)[2:]:
            keeper.keep(url, texts[url], title=f"About {url}")
    assert borrowed(path) == set()


def test_what_ends_two_stories_of_one_site_is_the_site_speaking(tmp_path: Path) -> None:
    notice = edits.text(31, 1)
    texts = {f"https://a.example/{n}": f"{edits.text(50 + n, 6)}\n\n{notice}" for n in range(2)}
    keep(tmp_path / "a.db", list(texts), texts)
    assert borrowed(tmp_path / "a.db") == set()


def test_articles_held_before_are_compared_by_the_next_run(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    keep(path, list(COPIES))
    with Store.open(path) as store:
        with store._linking() as (_, linker):
            linker.clear()
        assert store._connection.execute("SELECT count(*) FROM sketches").fetchone() == (0,)
        assert store.link_unlinked(batch=3) == len(COPIES) - 1
        assert store.link_unlinked() == 0
    assert partition(path) == CLUSTERS


LINK_UNTIL_KILLED = """
import os, signal, sys
from archive.store import Store
from archive.store import {module} as module
real, calls = module.{name}, 0
def deadly(*given, **named):
    global calls
    calls += 1
    result = real(*given, **named)
    if calls == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    return result
module.{name} = deadly
from archive.store.keys import KeyIndex
KeyIndex.__init__.__kwdefaults__["batch"] = 4
from tests.dedup.test_linking import COPIES, keep
from pathlib import Path
keep(Path(sys.argv[1]), list(COPIES))
"""


@pytest.mark.parametrize(
    ("module", "name", "call"),
    [
        ("clustering", "describe_cluster", 2),
        ("linking", "jaccard", 3),
        ("linking", "as_passages", 1),
        ("keys", "add_run", 2),
        ("runs", "_write", 5),
    ],
)
def test_a_kill_during_clustering_loses_and_doubles_nothing(
    tmp_path: Path, module: str, name: str, call: int
) -> None:
    path = tmp_path / "a.db"
    program = LINK_UNTIL_KILLED.format(module=module, name=name)
    assert archive(tmp_path, str(path), str(call), program=program).code == -signal.SIGKILL
    held = {url for (url,) in ask(path, "SELECT url FROM articles")}
    assert len(held) < len(COPIES)
    assert ask(path, "SELECT count(*) FROM articles WHERE duplicate_of IS NULL") == ask(
        path, "SELECT count(*) FROM sketches"
    )
    with Store.open(path) as store:
        keeper = Keeper(store)
        keeper._serial = iter(range(100, 200))  # type: ignore[assignment]  # any iterator of numbers does
        for url, said in COPIES.items():
            if url not in held:
                keeper.keep(url, said, title=f"About {url}")
        store.check_integrity()
    assert partition(path) == CLUSTERS
    assert borrowed(path) == {frozenset(("https://a.example/3", "https://a.example/4"))}
    assert ask(path, "SELECT count(*), count(DISTINCT url) FROM articles") == [(len(COPIES), len(COPIES))]
