"""The seed pages served under their own names, fetched, kept, read and linked: every copy found, none invented."""

from __future__ import annotations

import json
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

from archive.app import open_archive
from scraper.urls import normalise
from tests.extract import SEED_PAGES, SEED_TRUTH, needs_shared
from tests.loopback import Loopback
from tests.program import rows

pytestmark = needs_shared

SAID: dict[str, Any] = json.loads(SEED_TRUTH.read_text("utf-8")) if SEED_TRUTH.is_file() else {"dedup": {}}
TRUTH = SAID["dedup"]

COPIES = "SELECT a.url, b.url FROM articles AS a JOIN articles AS b ON b.id = a.duplicate_of"
CLUSTERED = "SELECT a.url, b.url FROM articles AS a JOIN articles AS b USING (cluster_id) WHERE a.id < b.id"
BORROWED = """
    SELECT DISTINCT a.url, b.url FROM passages AS p
    JOIN articles AS a ON coalesce(a.duplicate_of, a.id) = p.article_id
    JOIN articles AS b ON coalesce(b.duplicate_of, b.id) = p.source_article_id
"""


class Held(NamedTuple):
    """Pairs of pages: copies and those of one cluster without order, passages as (borrower, source)."""

    copies: set[frozenset[str]]
    clustered: set[frozenset[str]]
    borrowed: set[tuple[str, str]]
    stale: int


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Held:
    """All pages in one archive, in two runs: those that borrow came after those that they borrow from."""
    folder = tmp_path_factory.mktemp("seeds")
    (folder / "config.toml").touch()
    parts = {name: urlsplit(facts["url"]) for name, facts in SAID["pages"].items()}
    address = {
        host: f"127.0.0.{at}" for at, host in enumerate(sorted({str(p.hostname) for p in parts.values()}), 1)
    }
    routes = {
        address[str(one.hostname)] + one._replace(scheme="", netloc="").geturl(): (
            SEED_PAGES / name
        ).read_bytes()
        for name, one in parts.items()
    }
    borrowers = {one["container"] for one in TRUTH["contains"]}
    with Loopback(routes, addresses=tuple(address.values())) as server:
        urls = {
            name: one._replace(scheme="http", netloc=f"{one.hostname}:{server.port}").geturl()
            for name, one in parts.items()
        }
        for lot in (urls.keys() - borrowers, borrowers):
            with open_archive(
                folder / "config.toml",
                environment={"ARCHIVE_FETCH_ALLOW_NETWORKS": "127.0.0.0/8", "ARCHIVE_FETCH_DELAY": "0"},
                resolver=lambda host, _port: [address[host]],
            ) as one:
                done = one.add([urls[name] for name in sorted(lot)])
            assert {item.outcome for item in done} <= {"new", "duplicate"}
    name_of = {normalise(url): name for name, url in urls.items()}

    def pairs(query: str) -> set[tuple[str, str]]:
        return {(name_of[a], name_of[b]) for a, b in rows(folder, query)}

    return Held(
        set(map(frozenset, pairs(COPIES))),
        set(map(frozenset, pairs(CLUSTERED))),
        pairs(BORROWED),
        rows(folder, "SELECT count(*) FROM witnesses WHERE stale = 1")[0][0],
    )


def test_every_copy_is_found_and_none_invented(held: Held) -> None:
    """The five seeds, which tell of one battle in their own words, are among those that must not be."""
    assert held.copies == set(map(frozenset, TRUTH["exact"]))
    assert held.clustered == set(map(frozenset, (*TRUTH["exact"], *TRUTH["near_duplicate"])))
    assert held.stale == 0


def test_every_borrowed_passage_is_found_and_none_invented(held: Held) -> None:
    tolerated = {("quoting-mayadeen.html", "syndicated-mayadeen.html")}
    assert held.borrowed - tolerated == {(one["container"], one["part"]) for one in TRUTH["contains"]}
