"""Claims about elements that meet with no white space between: a style sheet parts their words, and so do we."""

from __future__ import annotations

import pytest

from scraper import extract
from scraper.model import Page

TITLE = "Ferry to sail again in April"
BODY = (
    "<p>The port authority said on Tuesday that the ferry between Lowestoft and the islands will sail again from"
    " April, after a winter of storms.</p><p>Engineers replaced eleven of the forty piles, and divers inspected the"
    " remainder last week.</p>"
)


def read(top: str, heading: str = TITLE, lang: str = "en", title: str = TITLE) -> Page:
    html = (
        f"<html lang={lang}><head><title>{title}</title></head><body><article><h1>{heading}</h1>{top}{BODY}"
    )
    return extract(html.encode(), "https://news.example/ferry")


@pytest.mark.parametrize(
    ("meta", "language", "names"),
    [
        ("<span class=author>By Jane Cole</span><span>Follow</span>", "en", ("Jane Cole",)),
        ("<span>By Jane Cole</span><span>5 min read</span>", "en", ("Jane Cole",)),
        ("<span>By JANE COLE</span><button>FOLLOW</button>", "en", ("JANE COLE",)),
        (
            "<span class=author>By Jane Cole and Tom Burke</span><span>Tuesday, 12 March 2024</span>",
            "en",
            ("Jane Cole", "Tom Burke"),
        ),
        (
            "Von <a class=author href=/autor/jens>Jens Maier</a><time>Dienstag, 12. März 2024</time>",
            "de",
            ("Jens Maier",),
        ),
        ("<b>Von</b><span>Jens Maier</span><span>Wismar</span>", "de", ("Jens Maier",)),
        (
            "<span>Par Jeanne Dupont (avec AFP)</span><span>Publié le 12 mars 2024</span>",
            "fr",
            ("Jeanne Dupont",),
        ),
        ("<span>Автор: Иван Петров</span><span>Вторник, 12 марта 2024</span>", "ru", ("Иван Петров",)),
        (
            "<span class=author>كتب محمد العلي</span><span class=date>الثلاثاء 12 آذار 2024</span>",
            "ar",
            ("محمد العلي",),
        ),
        ("<span class=author>记者 王小明</span><span class=date>2024-03-12</span>", "zh", ("王小明",)),
    ],
)
def test_a_name_ends_where_its_element_does(meta: str, language: str, names: tuple[str, ...]) -> None:
    assert read(f"<div class=meta>{meta}</div>", lang=language).authors == names


@pytest.mark.parametrize(
    "name", ["<span class=cap>J</span>ane Cole", "Jane <b>Mc</b><i>Cole</i>", "J<small>ane</small> Cole"]
)
def test_a_change_of_element_inside_a_word_parts_nothing(name: str) -> None:
    spelled = name.replace("<b>Mc</b><i>Cole</i>", "McCole")
    expected = "Jane McCole" if spelled != name else "Jane Cole"
    assert read(f"<div>By {name}</div>").authors == (expected,)


def test_a_kicker_is_no_part_of_the_headline_that_the_page_declares() -> None:
    heading = f"<span class=kicker>Lowestoft</span><span>{TITLE}</span>"
    assert read("", heading).title == TITLE
    assert read("", heading, title=f"{TITLE} | Harbour Gazette").title == TITLE
    assert read("", heading, title=f"Lowestoft: {TITLE}").title == f"Lowestoft {TITLE}"
    assert (
        read("", heading="<span>Water is H<sub>2</sub>O</span>", title="Water is H2O").title == "Water is H2O"
    )


def test_a_caption_and_its_credit_are_parted_by_a_space() -> None:
    figure = "<figure><img src=/a.jpg><figcaption><span>The ferry at its berth last year</span>"
    figure += "<span class=credit>Liam Orr/Gazette</span></figcaption></figure>"
    assert read(figure).captions == ("The ferry at its berth last year Liam Orr/Gazette",)
