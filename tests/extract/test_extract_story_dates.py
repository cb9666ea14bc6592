"""Claims about days that a story tells of: they are not the day on which it appeared."""

from __future__ import annotations

import pytest

from scraper import extract
from scraper.extract.datetext import dates_in
from scraper.model import Page

TITLE = "Ferry to sail again in April"
LONG = (
    "<p>The port authority said on Tuesday that the ferry between Lowestoft and the islands will sail again from"
    " April, after a winter of storms.</p><p>Engineers replaced eleven of the forty piles, and divers inspected the"
    " remainder last week.</p>"
)
SHORT = "<p>The ferry will sail again from April, the port said.</p>"
META = '<meta property="article:published_time" content="2024-03-12T08:30:00Z">'
JSON_LD = (
    '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Ferry to sail again in April",'
    ' "datePublished": "2024-03-12T08:30:00Z"}</script>'
)
TOLD = {
    "paragraph with a colon": "<p>3 May 2018: the old ferry sinks.</p>",
    "paragraph with a dash": "<p>3 May 2018 – the old ferry sinks.</p>",
    "list": "<ul><li>3 May 2018: the old ferry sinks.</li><li>4 June 2019: it is raised</li></ul>",
    "caption": "<figure><img src=x><figcaption>The ferry on 3 May 1921</figcaption></figure>",
    "caption that begins with it": "<figure><img src=x><figcaption>3 May 1921: the ferry</figcaption></figure>",
    "crosshead": "<h3>3 May 1921</h3><p>The ferry sinks off the old pier.</p>",
    "table": "<table><tr><th>Date</th><th>Ship</th></tr><tr><td>3 May 1921</td><td>Anna</td></tr></table>",
    "credit of a quotation": "<blockquote><p>The ferry shall sail.</p><p>— Port Act, 3 May 1921</p></blockquote>",
    "embedded post": "<blockquote class=twitter-tweet><p>Hi</p>— Port (@port) <a href=x>May 3, 2021</a></blockquote>",
    "sentence": "<p>On 3 May 1921 it sank.</p>",
    "event": "<p>Doors open on 20 April 2025.</p>",
    "lives": "<p>Hugo Lang, cartographer, born 3 May 1931; died 8 March 2024</p>",
}
LINES = pytest.mark.parametrize("told", TOLD.values(), ids=list(TOLD))


def read(body: str, head: str = "", url: str = "https://news.example/ferry", lang: str = "en") -> Page:
    html = f"<html lang={lang}><head><title>{TITLE}</title>{head}</head><body><article><h1>{TITLE}</h1>{body}"
    return extract(html.encode(), url)


@LINES
@pytest.mark.parametrize("before", [LONG, SHORT], ids=["after prose", "after a short sentence"])
def test_a_day_in_the_story_does_not_go_before_what_the_page_declares_or_shows(
    told: str, before: str
) -> None:
    body = before + told + LONG
    assert read(body, META).published == "2024-03-12T08:30:00+00:00"
    assert read(body, JSON_LD).published == "2024-03-12T08:30:00+00:00"
    assert read(body, '<meta name="date" content="2024-03-12">').published == "2024-03-12"
    assert read("<div class=date>12 March 2024</div>" + body).published == "2024-03-12"
    assert read(body, url="https://news.example/2024/03/12/ferry").published == "2024-03-12"
    assert read(body + "<p>Posted on 12 March 2024</p>").published == "2024-03-12"


@LINES
def test_a_day_in_the_story_alone_is_no_date(told: str) -> None:
    assert read(LONG + told + LONG).published is None


def test_one_line_that_is_read_twice_is_one_witness() -> None:
    first = "<p>3 May 2018: Kutter gesunken, Hafen gesperrt</p>"
    assert read(first + LONG, META).published == "2024-03-12T08:30:00+00:00"


def test_a_day_with_which_the_text_opens_is_its_date_where_it_is_the_only_one() -> None:
    opened = "<p>12.03.2024 – Die Fähre zwischen Wismar und Poel fährt nach Angaben des Hafens von April an wieder,"
    opened += " nachdem Stürme den Anleger im Winter zweimal beschädigt hatten.</p>"
    german = (
        "<p>Der Hafen hat elf der vierzig Pfähle erneuert, Taucher haben die übrigen in der vergangenen Woche"
    )
    german += " noch einmal untersucht.</p>"
    assert read(opened + german, lang="de").published == "2024-03-12"
    assert read(german + opened, lang="de").published == "2024-03-12"
    assert read(german + opened + opened.replace("12.", "19."), lang="de").published is None


def test_a_date_line_between_standfirst_and_text_is_the_articles() -> None:
    line = "<div class=meta>By Jane Cole | 12 March 2024</div>"
    standfirst = (
        "<p class=standfirst>Engineers have replaced eleven of the forty piles under the landing stage, and"
    )
    standfirst += " the first boat is to leave on the first Sunday of the month.</p>"
    assert read(standfirst + line + LONG).published == "2024-03-12"


def test_a_day_shown_long_before_that_of_the_address_is_one_the_page_tells_of() -> None:
    url = "https://news.example/2024/03/12/ferry"
    assert read("<h3>3 May 1921</h3>" + LONG, url=url).published == "2024-03-12"
    assert read("<p>11 March 2024</p>" + LONG, url=url).published == "2024-03-11"
    assert read("<p>Published 3 May 2021</p>" + LONG, url=url).published == "2021-05-03"


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("Updated: 13 March 2024", "en"),
        ("Last updated 13 March 2024", "en"),
        ("Aktualisiert am 13. März 2024", "de"),
        ("Mis à jour le 13 mars 2024", "fr"),
        ("Обновлено: 13 марта 2024", "ru"),
        ("Güncelleme: 13 Mart 2024", "tr"),
        ("更新：2024年3月13日", "zh"),
        ("تم التحديث: 13 مارس 2024", "ar"),
    ],
)
def test_an_update_alone_is_no_publication(line: str, language: str) -> None:
    for body in (
        f"<p>{line}</p>{LONG}",
        f"<p class=date>{line}</p>{LONG}",
        f"{LONG}<p class=date>{line}</p>",
    ):
        found = read(body, lang=language)
        assert (found.published, found.modified) == (None, "2024-03-13")


def test_a_line_of_date_under_a_byline_counts_where_breaks_alone_part_them() -> None:
    line = "<b>Ferry to sail again</b><br>By JANE COLE, Staff Writer of the Harbour Gazette<br>March 12, 2004"
    assert read(f"<div>{line}</div>{LONG}").published == "2004-03-12"


@pytest.mark.parametrize(
    ("text", "stamp"),
    [
        ("12 марта 2024 года, 08:30 МСК", "2024-03-12T08:30+03:00"),
        ("12 марта 2024 г., 08:30", "2024-03-12T08:30"),
        ("12 березня 2024 року, 08:30", "2024-03-12T08:30"),
        ("二〇二四年三月十二日", "2024-03-12"),
        ("二零二四年十月三十一日", "2024-10-31"),
        ("令和6年3月12日", "2024-03-12"),
        ("令和元年5月1日", "2019-05-01"),
        ("平成31年4月30日 8時30分", "2019-04-30T08:30"),
        ("二〇二四年三月三十五日", None),
    ],
)
def test_years_are_read_with_their_words_in_han_figures_and_of_japanese_eras(
    text: str, stamp: str | None
) -> None:
    assert next((found.stamp.text for found in dates_in(text, language=None)), None) == stamp
