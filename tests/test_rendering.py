"""Claims about `archive.rendering`: an article's own text is never markup."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html
from markdown_it import MarkdownIt

from archive.model import Article
from archive.rendering import as_dict, as_html, as_markdown, as_text, byline, direction

MOMENT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
ARTICLE = Article(
    id=1,
    url="http://example.org/a?b=1&c=2",
    canonical_url=None,
    site="example.org",
    site_name="Example",
    title="Title",
    authors=("Ann Ash",),
    published="2017-10-08T12:00:00+02:00",
    modified=None,
    language="en",
    text="One.\n\nTwo.",
    word_count=2,
    text_sha256="",
    source="AFP",
    dateline=None,
    section=None,
    keywords=(),
    captions=(),
    images=(),
    tags=(),
    cluster_id=None,
    first_captured=MOMENT,
    last_captured=MOMENT,
    version=1,
    versions=1,
    duplicate_of=None,
    warc=None,
)
hostile = st.text(
    alphabet=st.sampled_from("ab <>&amp;&#1;\"'*_#[]()`!\\\n-+=.1)|~:/ש"), min_size=1, max_size=40
).filter(lambda text: text.strip() and "\n\n" not in text)


def test_text_has_title_byline_and_address_first() -> None:
    assert as_text(ARTICLE).splitlines()[:3] == [
        "Title",
        "Ann Ash · AFP · Example · 2017-10-08",
        "http://example.org/a?b=1&c=2",
    ]


@given(hostile)
def test_html_shows_any_text_as_it_is(text: str) -> None:
    document = lxml_html.document_fromstring(as_html(replace(ARTICLE, title=text, text=text)))
    shown = document.xpath("//article/p")[1].text_content() if text.strip() else ""
    assert "".join(shown.split()) == "".join(text.split())
    assert {element.tag for element in document.iter()} <= {
        "html", "head", "meta", "title", "body", "article", "h1", "p", "br", "a",
    }  # fmt: skip


@given(hostile)
def test_markdown_shows_any_text_as_it_is(text: str) -> None:
    """Read back by a CommonMark parser, the body is one paragraph with just these characters."""
    tokens = MarkdownIt("commonmark").parse(as_markdown(replace(ARTICLE, text=text)))
    body = tokens[9:]
    assert [token.type for token in body] == ["paragraph_open", "inline", "paragraph_close"]
    children = body[1].children or []
    assert {child.type for child in children} <= {"text", "softbreak", "hardbreak", "text_special"}
    assert "".join("".join(child.content for child in children).split()) == "".join(text.split())


def test_a_page_has_the_direction_of_its_language() -> None:
    assert 'lang="ar" dir="rtl"' in as_html(replace(ARTICLE, language="ar"))
    assert 'dir="ltr"' in as_html(replace(ARTICLE, language=None))


@pytest.mark.parametrize(
    ("language", "expected"), [("ar", "rtl"), ("fa-IR", "rtl"), ("HE", "rtl"), ("tr", "ltr")]
)
def test_direction_is_the_language_s(language: str, expected: str) -> None:
    assert direction(language) == expected


def test_times_end_in_z() -> None:
    assert as_dict(ARTICLE)["first_captured"] == "2026-11-22T08:00:00Z"


def test_a_blog_that_is_called_as_its_writer_is_named_once() -> None:
    assert (
        byline(replace(ARTICLE, authors=("harbourman",), source=None, site_name="harbourman")).count(
            "harbourman"
        )
        == 1
    )
