"""Claims about headlines: short ones, those of pages whose declared title is the site's, and signs beside them."""

from __future__ import annotations

import pytest

from scraper import extract

BODY = (
    "<p>The port authority said on Tuesday that the ferry between Lowestoft and the islands will sail again from"
    " April, after a winter of storms.</p><p>Engineers replaced eleven of the forty piles, and divers inspected the"
    " remainder last week.</p>"
)
LOGO = '<header><a class="logo" href="/">{}</a></header>'


def title(
    declared: str, heading: str | None, *, site: str = "Harbour Gazette", host: str = "a.example"
) -> str:
    h1 = f"<h1>{heading}</h1>" if heading else ""
    html = f"<html><head><title>{declared}</title></head><body>{LOGO.format(site)}<main><article>{h1}{BODY}"
    found = extract(html.encode(), f"https://{host}/news/one").title
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("declared", "heading", "site"),
    [
        ("Ferry | Harbour Gazette", "Ferry", "Harbour Gazette"),
        ("Ferry | Opinion | Harbour Gazette", "Ferry", "Harbour Gazette"),
        ("Harbour Gazette - Ferry", "Ferry", "Harbour Gazette"),
        ("Fähre – Hafenzeitung", "Fähre", "Hafenzeitung"),
        ("渡轮_港口日报", "渡轮", "港口日报"),
        ("Паром - Портовая газета", "Паром", "Портовая газета"),
        ("The pier - by Jane Cole - The Pier", "The pier", "The Pier"),
    ],
)
def test_a_short_headline_is_not_lost_to_the_name_of_the_site(declared: str, heading: str, site: str) -> None:
    assert title(declared, heading, site=site) == heading


def test_the_name_of_a_section_over_a_story_is_not_its_headline() -> None:
    assert title("The ferry sails again in April | News", "News") == "The ferry sails again in April"


@pytest.mark.parametrize(
    "declared", ["Harbour Gazette", "Untitled Document", "Unbenanntes Dokument", "无标题文档"]
)
def test_a_title_that_is_the_same_on_every_page_goes_after_the_heading(declared: str) -> None:
    assert title(declared, "Ferry returns to the island") == "Ferry returns to the island"
    assert title(declared, None) == declared


@pytest.mark.parametrize("declared", ["Ferry returns | Harbour Gazette", "Harbour Gazette - Ferry returns"])
def test_the_site_as_its_logo_or_its_host_names_it_is_kept_out_of_titles(declared: str) -> None:
    assert title(declared, None) == "Ferry returns"
    assert title(declared, None, site="Home", host="www.harbourgazette.example") == "Ferry returns"
    assert title(declared, None, site="Home") == declared


def test_the_sign_that_links_a_heading_to_itself_is_no_part_of_it() -> None:
    assert title("Steering — Ferry 1.0 documentation", 'Steering<a href="#steering">¶</a>') == "Steering"
    assert title("Steering", 'Steering<a href="#steering">#</a>') == "Steering"
    assert title("Learning C#", "Learning C#") == "Learning C#"
