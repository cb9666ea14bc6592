"""What is suggested while a reader types, and what of one story is folded into one result."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup

from archive.model import Hit
from archive.web.suggest import matching_names, plain
from archive.web.views import fold_stories
from tests.web.kept import ATTACK, WELL
from tests.web.linked import CLUSTER_ID, WIRE, WIRE_ID
from tests.web.served import Served

SUGGEST = "/-/article-archive/suggest.json"


def suggested(served: Served, typed: str) -> list[dict[str, Any]]:
    answer = served.get(SUGGEST, params={"q": typed})
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["suggestions"]
    return found


def test_a_title_is_suggested_by_the_beginning_of_a_word(linked: Served) -> None:
    assert {
        "kind": "title",
        "text": WIRE.title,
        "about": "harbour.example",
        "href": f"/article/{WIRE_ID}",
    } in suggested(linked, "old breakw")
    assert suggested(linked, "بئر")[0]["text"] == WELL.title, "without its article"
    assert suggested(linked, "fishermen") == [], "a word of the text is none of a title"


def test_an_author_is_suggested_by_any_part_of_the_name(linked: Served) -> None:
    for typed in ("mina", "sol", "Sol mi", "SOL"):
        assert suggested(linked, typed)[0] | {"href": ""} == {
            "kind": "name", "text": "Mina Sol", "about": "author", "href": "",
        }  # fmt: skip
    assert matching_names(((plain("Zoë Ångström"), "Zoë Ångström"),), "angs zoe") == ["Zoë Ångström"]


@pytest.mark.parametrize(
    "typed", ["", "m", "*", '"', "NEAR(", "a AND", "-x", ATTACK, "\x00", "x" * 5_000, "site:"]
)
def test_whatever_is_typed_gets_an_answer(linked: Served, typed: str) -> None:
    for one in suggested(linked, typed):
        assert one["href"].startswith("/")


def test_what_a_page_says_is_suggested_as_data(linked: Served) -> None:
    answer = linked.get(SUGGEST, params={"q": "mallory"})
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.json()["suggestions"][0]["text"] == f"Mallory {ATTACK}"


def hit(number: int) -> Hit:
    return Hit(number, "u", None, "s", None, None, "", (), (), 0.0)


def test_articles_of_one_cluster_are_one_result() -> None:
    folded = fold_stories((hit(1), hit(2), hit(3), hit(4)), {2: (7, 9), 4: (7, 9)})
    assert [(one.hit.article_id, one.more, one.cluster_id) for one in folded] == [
        (1, 0, None),
        (2, 8, 7),
        (3, 0, None),
    ]


def test_a_folded_result_leads_to_its_cluster_and_the_count_names_articles_and_origins(
    linked: Served,
) -> None:
    page = BeautifulSoup(linked.text("/search?q=breakwater"), "lxml")
    assert (
        len([one for one in page.select(".hits > li") if one.select_one(f'a[href="/cluster/{CLUSTER_ID}"]')])
        == 1
    )
    assert "and 1 more of this story" in " ".join(page.get_text().split())
    assert "3 articles, 2 origins" not in page.h1.get_text()
    assert "2 articles, 1 origin" in " ".join(page.h1.get_text().split())
    value = linked.json("/search.json?q=breakwater")
    assert (value["articles"], value["origins"], len(value["results"])) == (2, 1, 2)


def test_tags_and_jobs_are_filters_with_counts(linked: Served) -> None:
    facets = linked.json("/search.json")["facets"]
    assert facets["tag"]["boats"] == 1
    assert facets["job"] == {}
    chosen = linked.json("/search.json?tag=boats")
    assert [one["article_id"] for one in chosen["results"]] == [1]
    assert set(chosen["facets"]["tag"]) == {"boats", ATTACK}, "a filter is not counted under itself"


def test_as_typed_is_one_click_and_stays_on(linked: Served) -> None:
    page = BeautifulSoup(linked.text("/search?q=ferry&exact=1"), "lxml")
    assert "Only as typed" in page.select_one(".also").get_text()
    assert page.select_one('form.search input[name="exact"]')["value"] == "1"
    assert all("exact=1" in one["href"] for one in page.select(".facet a"))
