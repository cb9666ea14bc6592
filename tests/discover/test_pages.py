"""Pages of links: what leads to articles, and why the rest does not."""

from __future__ import annotations

from collections import Counter
from urllib.parse import urljoin

import pytest

from scraper.discover import read_source, sources_of_site
from scraper.discover.addresses import judge_address

URL = "https://www.post.example/news/"

FRONT = """<html><head><title>News</title></head><body>
<header><a href="/"><img src="/logo.png"></a><nav><ul><li><a href="/politics/">Politics</a></li>
<li><a href="/tag/harbours-of-the-northern-sea">Harbours of the northern sea</a></li>
<li><a href="/about-us">About us</a></li><li><a href="/login?redirect=/x">Log in</a></li></ul></nav></header>
<main><h1>Latest</h1>
<div class="teaser"><a href="/2017/10/03/ferry-sails-again"><img alt=""></a>
 <h3><a href="/2017/10/03/ferry-sails-again">Ferry sails again after a spring in the dock</a></h3>
 <time datetime="2017-10-03T09:20:00+03:00">yesterday</time><a href="/2017/10/03/ferry-sails-again#comments">7</a></div>
<div class="teaser"><h3><a href="/news/12345.html">Beldow opens its first school of bell founding</a></h3></div>
<div class="teaser"><h3><a href="/?p=991">Wolves cross the frozen sound to Halvard</a></h3></div>
<div class="teaser"><h3><a href="https://other.example/2017/10/03/somebody-elses-story">
Somebody else tells a story</a></h3></div>
<div class="teaser"><h3><a href="/report.pdf">The whole report of the harbour master</a></h3></div>
<table class="calendar"><tr><td><a href="/2017/10/01/">1</a></td><td><a href="/2017/10/02/">2</a></td></tr></table>
<div class="pager"><a href="/news/page/2">Older »</a><a href="/news/page/3">3</a><a href="/news/page/99">99</a></div>
<a href="javascript:share()">Share</a><a href="mailto:a@post.example">Write</a></main>
<footer><a href="/2016/01/01/terms-and-conditions-of-this-site">Terms and conditions of this site</a></footer>
</body></html>"""


def test_links_that_look_like_articles_are_found_with_title_and_time() -> None:
    found = read_source(FRONT.encode(), URL, content_type="text/html")
    assert found.kind == "page"
    assert [
        (one.url.removeprefix("https://www.post.example"), one.title, one.published) for one in found.items
    ] == [
        (
            "/2017/10/03/ferry-sails-again",
            "Ferry sails again after a spring in the dock",
            "2017-10-03T06:20:00Z",
        ),
        ("/news/12345.html", "Beldow opens its first school of bell founding", None),
        ("/?p=991", "Wolves cross the frozen sound to Halvard", None),
    ]


def test_every_other_link_is_refused_for_a_reason() -> None:
    found = read_source(FRONT.encode(), URL)
    reasons = {one.url.removeprefix("https://www.post.example"): one.reason for one in found.refused}
    assert reasons == {
        "/": "front page",
        "/politics/": "navigation",
        "/tag/harbours-of-the-northern-sea": "tag",
        "/about-us": "navigation",
        "/login?redirect=/x": "navigation",
        "https://other.example/2017/10/03/somebody-elses-story": "another site",
        "/report.pdf": "a file",
        "/2017/10/01/": "calendar",
        "/2017/10/02/": "calendar",
        "/news/page/3": "pagination",
        "/news/page/99": "pagination",
        "/2016/01/01/terms-and-conditions-of-this-site": "navigation",
    }


def test_of_further_pages_the_next_alone_is_named() -> None:
    assert read_source(FRONT.encode(), URL).more == ("https://www.post.example/news/page/2",)


@pytest.mark.parametrize(
    ("path", "reason"),
    [("/2017/", "calendar"), ("/2017/10", "calendar"), ("/calendar?month=10&year=2017", "calendar"),
     ("/?m=201710", "calendar"), ("/news?page=7", "pagination"), ("/a/b.JPG", "a file"), ("/?s=ferry", "tag"),
     ("/category/news/world", "tag"), ("/2017/10/03/ferry-sails-again?replytocom=9", "navigation"),
     ("/2017/10/03/ferry-sails-again", None), ("/news.aspx?id=7714", None)],
)  # fmt: skip
def test_an_address_tells_what_it_is(path: str, reason: str | None) -> None:
    assert judge_address(f"https://post.example{path}").reason == reason


def test_an_arabic_list_in_windows_1256_is_read() -> None:
    rows = "".join(
        f'<li><h2><a href="/ar/{n}77123">قرية تل الريحان تعيد فتح بئرها القديمة {n}</a></h2></li>'
        for n in range(4)
    )
    page = f'<html><head><meta charset="windows-1256"></head><body><ul>{rows}</ul></body></html>'
    found = read_source(page.encode("windows-1256"), URL)
    assert found.items[0].title == "قرية تل الريحان تعيد فتح بئرها القديمة 0"
    assert len(found.items) == 4


def test_a_page_of_ten_thousand_links_and_deep_nesting_is_bounded() -> None:
    links = "".join(
        f'<p><a href="/2017/10/03/story-number-{n}-of-many-more">Story number {n} of many more</a></p>'
        for n in range(10_000)
    )
    page = "<html><body>" + "<div>" * 500 + links + "</body></html>"
    found = read_source(page.encode(), URL)
    assert len(found.items) == 500
    assert Counter(one.reason for one in found.refused) == {
        "more than 500 articles on one page": 4_500,
        "more than 5000 links on one page: the rest is left out": 1,
    }


def test_the_next_page_is_named_behind_more_links_than_are_looked_at() -> None:
    page = '<a href="/x">x</a>' * 5_000 + '<a href="/late">Late</a><a rel="next" href="/list?page=2">More</a>'
    found = read_source(f"<html><body>{page}</body></html>".encode(), URL)
    assert found.more == (urljoin(URL, "/list?page=2"),)
    assert urljoin(URL, "/late") not in {one.url for one in found.refused}


def test_a_site_names_its_feeds_and_its_sitemaps_news_first() -> None:
    page = """<html><head><base href="https://www.post.example/en/">
    <link rel="alternate" type="application/rss+xml" title="The Post" href="feed.xml">
    <link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed/">
    <link rel="alternate" hreflang="fr" href="/fr/"><link rel="stylesheet" href="/x.css"></head></html>"""
    robots = (
        "User-agent: *\nDisallow: /x\nSitemap: https://www.post.example/map.xml\n sitemap: /news-map.xml\n"
    )
    assert sources_of_site(page.encode(), URL, robots) == (
        "https://www.post.example/en/feed.xml",
        "https://www.post.example/news-map.xml",
        "https://www.post.example/map.xml",
    )
    assert sources_of_site(b"", URL, None) == ()
