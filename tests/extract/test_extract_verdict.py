"""Claims about what a page is, and about the evidence that is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import Element

from scraper import extract
from scraper.extract.blocks import Place, TextBlock
from scraper.extract.near import is_prose
from scraper.extract.text import count_words
from scraper.model import Page

STORY = "<p>The keeper has counted the passing ships by hand since the counter failed in March, the office said.</p>"
MONTHS = ("March", "May", "June", "July")


def story(paragraphs: int) -> str:
    """So many paragraphs, no two of them the same."""
    return "".join(STORY.replace("March", month) for month in MONTHS[:paragraphs])


def html_of(body: str, title: str = "The keeper") -> str:
    return f"<html><head><title>{title}</title></head><body>{body}</body></html>"


def judged(html: str | bytes, content_type: str | None = None, url: str = "https://coast.example/a") -> Page:
    return extract(html.encode() if isinstance(html, str) else html, url, content_type=content_type)


@pytest.mark.parametrize(
    ("payload", "content_type"),
    [
        (b"%PDF-1.7 ...", "text/html"),
        (b"\x89PNG\r\n\x1a\n....", None),
        (b'{"title": "The keeper"}', "application/json"),
        (b'{"title": "The keeper"}', "text/html"),
        (
            b'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>x</title></feed>',
            "text/html",
        ),
        (
            b"<?xml version='1.0'?><!-- made by hand --><urlset><url><loc>x</loc></url></urlset>",
            "application/xml",
        ),
        (b"PK\x03\x04....", "application/octet-stream"),
        (b"body { color: red }", "text/css"),
        (b"\x00\x01\x02\x00" * 500, None),
    ],
)
def test_what_is_no_page_is_named_by_its_bytes(payload: bytes, content_type: str | None) -> None:
    page = judged(payload, content_type)
    assert page.verdict == "not-html"
    assert page.reason
    assert page.text == ""


def test_a_page_with_a_wrong_content_type_is_a_page() -> None:
    assert (
        judged(
            f"<html><body><h1>The keeper</h1>{STORY * 3}</body></html>", "application/octet-stream"
        ).verdict
        == "article"
    )


def test_a_page_in_utf16_is_a_page() -> None:
    payload = ("\ufeff" + f"<html><body><h1>The keeper</h1>{STORY * 3}</body></html>").encode("utf-16-le")
    assert judged(payload, "text/html").verdict == "article"


@pytest.mark.parametrize(
    ("title", "verdict"),
    [
        ("Just a moment...", "bot-wall"),
        ("Access Denied", "bot-wall"),
        ("404 Not Found", "soft-404"),
        ("Seite nicht gefunden | Küste", "soft-404"),
    ],
)
def test_titles_that_say_so_are_believed_when_there_is_no_story(title: str, verdict: str) -> None:
    page = judged(
        f"<html><head><title>{title}</title></head><body><h1>{title}</h1><p>Sorry.</p></body></html>"
    )
    assert page.verdict == verdict
    assert "“" in (page.reason or "")


@pytest.mark.parametrize("title", ["Access Denied", "404 Not Found", "Just a moment"])
def test_a_story_with_such_a_title_is_an_article(title: str) -> None:
    """Somebody writes about cookie walls, and about a film called Access Denied."""
    body = "".join(story(4).replace("keeper", who) for who in ("keeper", "pilot", "warden"))
    assert judged(html_of(f"<article><h1>{title}</h1>{body}</article>", title)).verdict == "article"


def test_a_short_story_with_many_links_beside_it_is_an_article() -> None:
    links = "".join(f'<li><a href="/{n}">Headline number {n} of the islands</a></li>' for n in range(40))
    body = f"<ul>{links}</ul><div><h1>The keeper</h1>{story(4)}</div><ul>{links}</ul>"
    assert judged(html_of(body)).verdict == "article"


def test_a_paywalled_page_keeps_its_free_part() -> None:
    page = judged(
        html_of(f"<article><h1>The keeper</h1>{story(2)}<div>Subscribe to continue reading</div></article>")
    )
    assert page.verdict == "paywall"
    assert "counted the passing ships" in page.text


def test_no_verdict_but_article_and_paywall_has_text() -> None:
    for html in ("", "<p>hi", "<title>404 Not Found</title><p>gone"):
        page = judged(html)
        assert (page.verdict in ("article", "paywall")) == bool(page.text)


@given(
    st.lists(st.sampled_from(["ship", "l'été", "a_b", "港口", "— ", "…"]), max_size=150),
    st.sampled_from(["", " "]),
)
def test_a_paragraph_is_one_by_all_its_words_however_few_are_counted(words: list[str], between: str) -> None:
    text = between.join(words)
    block = TextBlock(0, text, "p", Place(Element("p"), {}, None, 0, "p", 0), 1, 0, (), False, 0.0)
    assert is_prose(block) == (len(text) >= 20 and count_words(text) >= 20)


def test_a_page_of_few_words_is_told_how_many_whatever_a_long_one_counts() -> None:
    words = count_words(judged(html_of(STORY)).text)
    wall = judged(html_of(STORY + "<p><a href=/s>Subscribe to continue reading</a></p>"))
    assert wall.reason is not None
    assert f"after {words} free words" in wall.reason
    assert judged(html_of(story(4) * 9)).verdict == "article"
