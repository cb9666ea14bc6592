"""The fast setting: lines of menus go unseen, the rest is judged, and every block of the page has its decision."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest

from scraper import extract
from scraper.extract.blocks import cut
from scraper.extract.model.fast import FAST_FILE, trees_from, without_menus
from scraper.extract.page import parse
from scraper.model import Furniture

URL = "http://news.example.org/2017/10/08/keeper.html"
PARAGRAPHS = [
    "The lighthouse keeper of Sandholm has counted the passing ships by hand since the counter failed in the spring.",
    "He writes each name in a ledger, with the hour and the colour of the hull, and sends the pages to the mainland.",
    "Nobody has asked him to stop, he says, and the insurance companies have begun to order copies of the ledger.",
    "Last year he wrote down eleven thousand names, some of them twice, since many ships come back the way they went.",
]
PAGE = f"""<html lang=en><head><title>The keeper who counts - Harbour File</title></head><body>
<nav><ul><li><a href=/>Home</a><li><a href=/n>News</a><li>Weather today</ul></nav>
<article><img src=k.jpg><h1><a href=/k>The keeper who counts</a></h1><p class=byline>By Mira Haldane</p>
{"".join(f"<p>{text}</p>" for text in PARAGRAPHS)}
<ul><li><a href=/2>Why the bell is silent</a><li><a href=/3>Who mends the counter</a></ul></article>
<div class=newsletter><p>Get our stories in your inbox</p></div>
<form><button>Subscribe</button></form></body></html>""".encode()


def test_what_stays_knows_its_place_on_the_page() -> None:
    whole = cut(parse(PAGE).root)
    title_at = next(block.index for block in whole.blocks if block.kind == "h1")
    lean = without_menus(whole, title_at)
    assert [block.text for block in lean.found.blocks] == [whole.blocks[at].text for at in lean.at]
    assert [block.index for block in lean.found.blocks] == list(range(len(lean.at)))
    assert lean.title_at is not None
    assert lean.found.blocks[lean.title_at].text == "The keeper who counts"
    assert [mark.at for mark in lean.found.images] == [
        lean.title_at
    ]  # the picture stands before the headline
    gone = {block.text for block in whole.blocks} - {block.text for block in lean.found.blocks}
    assert gone == {
        "Home",
        "News",
        "Weather today",
        "Why the bell is silent",
        "Who mends the counter",
        "Subscribe",
    }


def test_a_line_of_a_menu_that_shows_the_title_stays() -> None:
    whole = cut(parse(b"<nav><a href=/>The keeper who counts</a></nav><p>Some text.").root)
    assert without_menus(whole, 0).at == [0, 1]
    assert without_menus(whole, None).at == [1]


def test_the_fast_setting_reads_a_page_as_the_accurate_one_does() -> None:
    accurate, fast = extract(PAGE, URL), extract(PAGE, URL, setting="fast")
    assert fast.text == accurate.text == "\n\n".join(PARAGRAPHS)
    assert (fast.title, fast.authors, fast.published) == (
        accurate.title,
        accurate.authors,
        accurate.published,
    )
    assert [block.text for block in fast.blocks] == [block.text for block in accurate.blocks]
    rules = {block.text: block.rule for block in fast.blocks}
    assert rules["Weather today"] == rules["Why the bell is silent"] == "menu"
    assert rules["The keeper who counts"] == "headline"


def test_the_fast_setting_heeds_what_the_site_repeats() -> None:
    furniture = Furniture(articles=4, blocks={"get our stories in your inbox": 4})
    page = extract(PAGE, URL, setting="fast", furniture=furniture)
    assert {block.text: block.rule for block in page.blocks}["Get our stories in your inbox"] == "furniture"


@pytest.mark.parametrize("page", [b"", b"<nav><a href=/>Home</a></nav>", b"<p>One line."])
def test_the_fast_setting_reads_pages_of_nothing(page: bytes) -> None:
    assert extract(page, URL, setting="fast").text == ""


def test_trees_of_other_features_are_refused() -> None:
    data = json.loads((files("scraper.extract.model") / FAST_FILE).read_text("utf-8"))
    trees_from(data)
    with pytest.raises(ValueError, match="train it again"):
        trees_from({**data, "features": data["features"][1:]})
    with pytest.raises(ValueError, match="format"):
        trees_from({**data, "format": 0})
