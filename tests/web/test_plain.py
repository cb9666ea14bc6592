"""Datasette's own pages of an archive: a search box without our plugin, and queries by name with it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from datasette.app import Datasette
from datasette.plugins import pm

from archive.web.attached import PLUGIN
from archive.web.queries import QUERIES
from tests.web.conftest import close
from tests.web.kept import FERRY
from tests.web.linked import WIRE
from tests.web.served import Served


def test_the_search_box_works_where_our_plugin_is_not(
    linked_folder: Path, loop: asyncio.AbstractEventLoop
) -> None:
    plugins = {name: pm.get_plugin(name) for name in (PLUGIN, "archive.web") if pm.has_plugin(name)}
    for name in plugins:
        pm.unregister(name=name)
    try:
        datasette = Datasette(files=[str(linked_folder / "data" / "archive.db")])
        served = Served(datasette, loop)
        assert served.get("/search").status_code == 404, "it is not there"
        page = BeautifulSoup(served.text("/archive/articles?_search=sails"), "lxml")
        assert page.select('input[name="_search"]')
        rows = page.select("table.rows-and-columns tbody tr")
        assert [FERRY.title in row.get_text() for row in rows] == [True]
        close(datasette)
    finally:
        for name, plugin in plugins.items():
            pm.register(plugin, name=name)


@pytest.mark.parametrize("name", QUERIES)
def test_every_query_answers_and_shows_no_text(linked: Served, name: str) -> None:
    answer = linked.get(f"/archive/{name}.json?_shape=objects&phrase=breakwater+by+two")
    assert answer.status_code == 200, answer.text
    rows = answer.json()["rows"]
    assert rows, "there is something to be said about this archive"
    assert "text" not in rows[0]
    assert "Ada Wirth" not in answer.text


def test_queries_are_listed_under_their_titles(linked: Served) -> None:
    page = linked.text("/archive")
    assert all(one["title"] in page for one in QUERIES.values()) or "/archive/-/queries" in page


def test_a_phrase_is_found_whatever_is_in_it(linked: Served) -> None:
    found = linked.json("/archive/phrase.json?_shape=objects&phrase=breakwater")["rows"]
    assert WIRE.title in [one["title"] for one in found]
    assert linked.get('/archive/phrase.json?_shape=objects&phrase="OR*').status_code == 200
