"""Sitemaps within the limits of the protocol, and beyond them."""

from __future__ import annotations

import gzip

from scraper.discover import DiscoveryLimits, read_source
from tests.loopback import bomb

URL = "https://post.example/sitemap.xml"
NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


def urlset(entries: str, spaces: str = "") -> bytes:
    return (
        f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" {spaces}>{entries}</urlset>'
    ).encode()


def test_a_sitemap_names_addresses_and_their_last_change() -> None:
    found = read_source(
        urlset("<url><loc> https://post.example/a </loc><lastmod>2017-10-03</lastmod>"
               "<image:image xmlns:image='x'><image:loc>https://post.example/i.jpg</image:loc></image:image></url>"
               "<url><loc>/b</loc><lastmod>2017</lastmod></url><url><loc>ftp://post.example/c</loc></url>"),
        URL,
    )  # fmt: skip
    assert found.kind == "sitemap"
    assert [(one.url, one.published) for one in found.items] == [
        ("https://post.example/a", "2017-10-03"),
        ("https://post.example/b", None),
    ]
    assert [one.url for one in found.refused] == ["ftp://post.example/c"]


def test_a_news_sitemap_gives_title_time_and_keywords() -> None:
    entry = (
        "<url><loc>https://post.example/a</loc><news:news><news:publication><news:name>The Post</news:name>"
        "<news:language>en</news:language></news:publication>"
        "<news:publication_date>2017-10-03T09:20+03:00</news:publication_date>"
        "<news:title>Ferry sails</news:title><news:keywords>ships, harbour</news:keywords></news:news></url>"
    )
    found = read_source(urlset(entry, NEWS), URL)
    assert found.kind == "news-sitemap"
    (item,) = found.items
    assert (item.title, item.published, item.tags) == (
        "Ferry sails",
        "2017-10-03T06:20:00Z",
        ("ships", "harbour"),
    )


def test_the_parts_of_an_index_come_by_their_last_change() -> None:
    index = (
        "<sitemapindex><sitemap><loc>/old.xml</loc><lastmod>2015-01-01</lastmod></sitemap>"
        "<sitemap><loc>/new.xml.gz</loc><lastmod>2017-10-03T00:00:00Z</lastmod></sitemap>"
        "<sitemap><loc>/undated.xml</loc></sitemap></sitemapindex>"
    )
    found = read_source(index.encode(), URL)
    assert found.kind == "sitemap-index"
    assert found.more == tuple(
        f"https://post.example/{name}" for name in ("new.xml.gz", "old.xml", "undated.xml")
    )


def test_a_sitemap_may_be_gzip_or_plain_text() -> None:
    packed = gzip.compress(urlset("<url><loc>https://post.example/a</loc></url>"))
    assert [one.url for one in read_source(packed, f"{URL}.gz").items] == ["https://post.example/a"]
    lines = b"\xef\xbb\xbfhttps://post.example/a\nhttps://post.example/b\n"
    found = read_source(lines, "https://post.example/sitemap.txt", content_type="text/plain")
    assert [one.url for one in found.items] == ["https://post.example/a", "https://post.example/b"]


def test_more_addresses_than_the_protocol_allows_are_left_out_and_said() -> None:
    many = urlset("".join(f"<url><loc>https://post.example/{n}</loc></url>" for n in range(50_010)))
    found = read_source(many, URL)
    assert len(found.items) == 50_000
    assert "more than 50000" in found.refused[0].reason


def test_a_bomb_is_a_fault_and_takes_no_memory() -> None:
    found = read_source(bomb("gzip", 200_000_000), URL, kind="sitemap")
    assert found.fault is not None
    assert "longer than 52428800 bytes" in found.fault


def test_elements_nested_without_end_are_a_fault() -> None:
    deep = b"<urlset>" + b"<url>" * 5000 + b"</url>" * 5000 + b"</urlset>"
    found = read_source(deep, URL)
    assert found.fault is not None


def test_what_stands_before_a_break_is_kept_and_the_break_said() -> None:
    found = read_source(urlset("<url><loc>https://post.example/a</loc></url>")[:-9] + b"<url><loc>", URL)
    assert [one.url for one in found.items] == ["https://post.example/a"]
    assert found.fault is not None


def test_an_empty_sitemap_is_no_fault() -> None:
    assert read_source(urlset(""), URL).fault is None


def test_an_address_longer_than_the_limit_is_refused() -> None:
    long = "https://post.example/" + "a" * 3000
    found = read_source(urlset(f"<url><loc>{long}</loc></url>"), URL, limits=DiscoveryLimits(url_length=2000))
    assert found.items == ()
    assert len(found.refused[0].url) == 2000
