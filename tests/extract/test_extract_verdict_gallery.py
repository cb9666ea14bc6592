"""Claims about articles that are pictures with captions."""

from __future__ import annotations

import pytest

from scraper import extract
from scraper.extract.markdown import to_markdown
from scraper.model import Page

DECLARED = (
    '<meta property="og:type" content="article"><script type="application/ld+json">{"@context":"https://schema.org",'
    '"@type":"NewsArticle","headline":"The ferry in pictures","datePublished":"2024-03-12T08:30:00Z"}</script>'
)
CAPTIONS = {
    "en": "The ferry leaves the port on a grey day in March, seen from pier {}. Photograph: Liam Orr",
    "de": "Die Fähre verlässt an einem grauen Märztag den Hafen, gesehen von Mole {}. Foto: Liam Orr",
    "ar": "العبارة تغادر الميناء في يوم رمادي من مارس كما تُرى من الرصيف {}. تصوير: ليام أور",
    "ja": "三月の曇り空の下、第{}埠頭から見た港を出るフェリー。撮影：リアム・オア",
}


def gallery(caption: str, count: int, *, head: str = DECLARED, text: str = "", around: str = "") -> Page:
    figures = "".join(
        f'<figure><img src="/{n}.jpg"><figcaption>{caption.format(n)}</figcaption></figure>'
        for n in range(count)
    )
    html = (
        f"<html><head><meta charset=utf-8><title>The ferry in pictures</title>{head}</head><body>"
        '<nav><a href="/news">News</a> <a href="/sport">Sport</a></nav>'
        f"<article><h1>The ferry in pictures</h1>{text}{figures}</article>{around}"
        "<footer><p>© 2024 Coast Gazette</p></footer></body></html>"
    )
    return extract(html.encode(), "https://coast.example/2024/pictures")


@pytest.mark.parametrize("language", CAPTIONS)
def test_the_captions_of_a_declared_gallery_are_its_text(language: str) -> None:
    page = gallery(CAPTIONS[language], 12)
    captions = [CAPTIONS[language].format(number) for number in range(12)]
    assert page.verdict == "article", page.reason
    assert page.text.split("\n\n") == captions
    assert page.captions == tuple(captions)
    assert [image.caption for image in page.images] == captions
    assert {block.rule for block in page.blocks if block.kept} == {"gallery"}
    assert captions[7].split(":")[0] in to_markdown(page)


def test_beside_a_text_captions_are_none() -> None:
    story = (
        "<p>The ferry sails again from April, after a winter in which storms damaged the landing stage.</p>"
    )
    page = gallery(CAPTIONS["en"], 12, text=story)
    assert page.verdict == "article"
    assert "Liam Orr" not in page.text
    assert CAPTIONS["en"].format(0) in page.captions


@pytest.mark.parametrize(
    ("caption", "count", "head"),
    [
        (CAPTIONS["en"], 12, ""),  # declares no article
        (CAPTIONS["en"], 1, DECLARED),  # the picture of a story that a script was to write
        ("Pier {}", 4, DECLARED),  # too few words
    ],
)
def test_pictures_alone_make_no_article(caption: str, count: int, head: str) -> None:
    page = gallery(caption, count, head=head)
    assert page.verdict in ("non-article", "empty")
    assert page.text == ""


def test_captions_of_other_stories_are_not_the_gallerys() -> None:
    teasers = "".join(
        f"<figure><img src=/{n}.jpg><figcaption>Another story of the coast and its people: {n}.</figcaption></figure>"
        for n in range(6)
    )
    assert gallery("{}", 0, around=f"<aside>{teasers}</aside>").verdict != "article"
