"""The eighteen shared seed pages fetched into one archive, their sites learnt, and scored as the archive holds them."""

from __future__ import annotations

import json
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

from scraper.urls import normalise
from tests.extract import SEED_PAGES, needs_shared
from tests.extract.test_extract_seeds import PAGES, scorer
from tests.loopback import Loopback
from tests.program import archive, rows

pytestmark = needs_shared


class Held(NamedTuple):
    """What the archive holds: the fields of each page, and how many articles are stale or have a second version."""

    pages: dict[str, dict[str, Any]]
    stale: int
    changed: int


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Held:
    """The pages in one archive, each host of the truth being an address of the server."""
    folder = tmp_path_factory.mktemp("seeds")
    hosts = sorted({(urlsplit(one["url"]).hostname or "").removeprefix("www.") for one in PAGES.values()})
    address = {host: f"127.0.0.{number}" for number, host in enumerate(hosts, 1)}
    where = {}
    for name, one in PAGES.items():
        parts = urlsplit(one["url"])
        host = (parts.hostname or "").removeprefix("www.")
        where[name] = (address[host], parts.path + (f"?{parts.query}" if parts.query else ""))
    routes = {at + path: (SEED_PAGES / name).read_bytes() for name, (at, path) in where.items()}
    with Loopback(routes, addresses=tuple(address.values())) as server:
        urls = {name: server.url(path, at) for name, (at, path) in where.items()}
        said = archive(folder, "add", "--json", "-", stdin="\n".join(urls.values()))
        asked = len(server.hits)
    assert said.code == 0, said.out
    assert asked == len(PAGES) + len(hosts), (
        "each page and robots.txt once: what is read again is not asked for again"
    )
    found = rows(
        folder,
        "SELECT a.url, json_object('title', a.title, 'authors', json(a.authors), 'date', a.published, "
        "'text', coalesce(head.text, a.text)) FROM articles AS a "
        "LEFT JOIN articles AS head ON head.id = a.duplicate_of",
    )
    by_url = {url: json.loads(fields) for url, fields in found}
    return Held(
        {name: by_url[normalise(url)] for name, url in urls.items()},
        rows(folder, "SELECT count(*) FROM witnesses WHERE stale = 1")[0][0],
        rows(folder, "SELECT count(*) FROM versions WHERE version > 1")[0][0],
    )


@pytest.fixture(scope="module")
def scores(held: Held) -> dict[str, dict[str, Any]]:
    score = scorer()
    return {name: score.score_page(name, held.pages[name], truth) for name, truth in PAGES.items()}


@pytest.mark.parametrize("name", PAGES)
def test_every_page_passes_as_the_archive_holds_it(name: str, scores: dict[str, dict[str, Any]]) -> None:
    assert scores[name]["pass"], scores[name]


def test_nothing_is_left_to_read_and_nothing_was_changed_by_a_publisher(held: Held) -> None:
    assert (held.stale, held.changed) == (0, 0)
