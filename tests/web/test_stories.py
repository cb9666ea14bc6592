"""The pages about one story: its cluster, its passages, what changed in it, why it reads as it does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from archive.web.attached import Place
from archive.web.server import make_datasette
from tests.web.conftest import close
from tests.web.kept import ATTACK, FERRY
from tests.web.linked import (
    BLOG,
    BLOG_ID,
    CLUSTER_ID,
    FLOOD_ID,
    FLOOD_LAST,
    HOSTILE_CLUSTER_ID,
    HOSTILE_ID,
    REPRINT,
    WIRE,
    WIRE_ID,
    keep_linked,
)
from tests.web.served import Served


def soup(served: Served, path: str) -> BeautifulSoup:
    return BeautifulSoup(served.text(path), "lxml")


def said(element: object) -> str:
    return " ".join(element.get_text().split())  # type: ignore[attr-defined]


def test_a_cluster_lists_its_articles_and_says_where_it_came_from_and_why(linked: Served) -> None:
    page = soup(linked, f"/cluster/{CLUSTER_ID}")
    facts = {said(one.dt): said(one.dd) for one in page.select(".facts div")}
    assert facts["Likely origin"].startswith(WIRE.title or "")
    assert facts["Why that one"] == "it was published first"
    assert facts["Agencies that signed it"] == "Reuters"
    assert facts["Captured first"].startswith(WIRE.title or "")
    assert "2 articles, 1 origin" in said(page.select_one(".lede"))
    assert [said(one) for one in page.select("tbody th")] == ["gazette.example", "harbour.example"]
    value = linked.json(f"/cluster/{CLUSTER_ID}.json")
    assert [one["title"] for one in value["members"]] == [REPRINT.title, WIRE.title]
    assert (value["articles"], value["origins"], value["origin_id"]) == (2, 1, WIRE_ID)


@pytest.mark.parametrize("number", ["99", str(2**63 - 1), str(10**18 - 1)])
def test_a_cluster_that_is_not_there_is_not_found(linked: Served, number: str) -> None:
    assert linked.get(f"/cluster/{number}").status_code == 404


def test_an_article_names_who_else_published_it(linked: Served) -> None:
    page = soup(linked, f"/article/{WIRE_ID}")
    also = page.select_one("[aria-labelledby=copies]")
    assert said(also.h2) == "Also published by"
    assert "gazette.example" in said(also)
    assert also.select_one(f'a[href="/cluster/{CLUSTER_ID}"]') is not None


def test_a_borrowed_passage_is_marked_on_both_pages_under_one_name(linked: Served) -> None:
    taker, giver = soup(linked, f"/article/{BLOG_ID}"), soup(linked, f"/article/{WIRE_ID}")
    borrowed, lent = (
        taker.select_one("[aria-labelledby=borrowed]"),
        giver.select_one("[aria-labelledby=lent]"),
    )
    assert said(borrowed.h2) == "Contains passages of"
    assert said(lent.h2) == "Its passages stand in"
    here, there = borrowed.select(".passages a")
    assert there["href"] == f"/article/{WIRE_ID}{here['href']}"
    marked = [
        said(page.select_one(here["href"]).find_next_sibling(class_="passage")) for page in (taker, giver)
    ]
    assert marked[0] == marked[1]
    assert marked[0].startswith("Shopkeepers along the quay")
    (passage,) = linked.json(f"/article/{BLOG_ID}.json")["passages"]
    assert (
        BLOG.text[passage["start"] : passage["end"]]
        == WIRE.text[passage["other_start"] : passage["other_end"]]
    )


def test_changes_by_the_publisher_are_counted_and_listed(linked: Served) -> None:
    page = soup(linked, f"/article/{FLOOD_ID}")
    assert "Changed twice by its publisher" in said(page.select_one(".note"))
    rows = [
        [said(cell) for cell in row.find_all(["th", "td"])]
        for row in page.select("[aria-labelledby=versions] tbody tr")
    ]
    assert [row[0] for row in rows] == ["3 (shown)", "2", "1"]
    assert rows[1][2] == "headline, number, deletion"
    assert soup(linked, "/article/1").select_one("#versions") is None
    history = linked.json(f"/article/{FLOOD_ID}.json")["history"]
    assert [one["version"] for one in history] == [1, 2, 3]


def test_a_reading_of_ours_is_no_change_of_the_publishers(tmp_path: Path, loop: object) -> None:
    import sqlite3

    database = keep_linked(tmp_path)
    with sqlite3.connect(database) as connection:
        connection.execute(
            "INSERT INTO versions (article_id, version, captured_at, reason, title, text, word_count, text_sha256) "
            "VALUES (?, 1, '2017-10-08T12:00:00.000000Z', 're-extracted', 'Read anew', 'other words', 2, 'x')",
            [FLOOD_ID],
        )
    connection.close()
    datasette = make_datasette(database, Place("", tmp_path / "data" / "warc"))
    page = soup(Served(datasette, loop), f"/article/{FLOOD_ID}")  # type: ignore[arg-type]
    assert "Changed twice by its publisher" in said(page.select_one(".note"))
    assert "Read anew by a later extractor once" in said(page.select_one("[aria-labelledby=versions]"))
    close(datasette)


def test_a_diff_shows_every_word_of_both_versions(linked: Served) -> None:
    page = soup(linked, f"/article/{FLOOD_ID}/diff?a=1&b=2")
    story = page.select_one(".changes")
    assert [said(one) for one in story.select("del")] == [
        "eleven", "Eleven", "The road to Orlen stayed closed until noon.",
    ]  # fmt: skip
    assert [said(one) for one in story.select("ins")] == ["fourteen", "Fourteen"]
    assert [said(one) for one in page.select(".kinds li")] == ["headline", "number", "deletion"]
    value = linked.json(f"/article/{FLOOD_ID}/diff.json")
    assert (value["a"], value["b"], value["kinds"]) == (2, 3, ["addition"])
    assert "".join(one["text"] for one in value["text"] if one["op"] != "old").strip() == FLOOD_LAST.text


@pytest.mark.parametrize(
    "path",
    [
        "/article/1/diff",
        "/article/99/diff",
        "/article/9/diff?a=0&b=1",
        "/article/9/diff?a=1&b=7",
        "/article/9/diff?a=x",
    ],
)
def test_a_diff_of_what_is_not_held_is_not_found(linked: Served, path: str) -> None:
    assert linked.get(path).status_code == 404


def test_explain_shows_every_block_of_the_page_beside_what_was_kept(linked: Served) -> None:
    page = soup(linked, "/article/1/explain")
    blocks = page.select(".blocks li")
    value = linked.json("/article/1/explain.json")
    assert [said(one.select_one(".block")) for one in blocks] == [
        " ".join(one["text"].split()) for one in value["blocks"]
    ]
    assert {one["class"][0] for one in blocks if one.strong.text == "kept"} == {"kept"}
    assert value["kept"] == sum(one["kept"] for one in value["blocks"]) > 0
    assert FERRY.text.split("\n")[0] in said(page.select_one(".kept-text"))
    kept = linked.json("/article/1/explain.json?only=kept")
    assert all(one["kept"] for one in kept["blocks"])
    assert linked.get("/article/1/explain?only=x").status_code == 404
    assert linked.get("/article/99/explain").status_code == 404


def test_a_citation_names_the_record_that_proves_it(linked: Served) -> None:
    page = soup(linked, f"/article/{WIRE_ID}")
    box = page.select_one("[aria-labelledby=cite]")
    assert said(box.select_one(".citation")) == (
        "Mina Sol. “Harbour board raises the old breakwater”. The Harbour Post. 7 October 2017. "
        "http://harbour.example/breakwater (captured 8 October 2017, 12:05 UTC)."
    )
    value = linked.json(f"/article/{WIRE_ID}.json")
    capture = value["captures"][0]
    assert value["citation"]["payload_digest"] == capture["payload_digest"]
    assert value["citation"]["warc_offset"] == capture["location"]["offset"]
    assert capture["payload_digest"] in said(box)


def test_an_article_describes_itself_to_reference_managers(linked: Served) -> None:
    described = json.loads(soup(linked, "/article/1").select_one("script[type='application/ld+json']").string)
    assert described["@type"] == "NewsArticle"
    assert described["headline"] == FERRY.title
    assert [one["name"] for one in described["author"]] == ["Mina Sol", "Otto Brandt"]
    assert described["articleBody"] == FERRY.text
    hostile = soup(linked, f"/article/{HOSTILE_ID}").select("script:not([src])")
    assert len(hostile) == 1
    assert ATTACK in json.loads(hostile[0].string)["articleBody"]


@pytest.mark.parametrize(
    "path", [f"/article/{HOSTILE_ID}/diff", f"/article/{HOSTILE_ID}/explain", f"/cluster/{HOSTILE_CLUSTER_ID}"]
)  # fmt: skip
def test_what_a_hostile_page_says_is_no_markup_on_the_pages_about_it(linked: Served, path: str) -> None:
    page = soup(linked, path)
    assert not page.select("main script, main img, main svg, [onerror], [onload], [style]")
    assert "alert(" in page.get_text()
