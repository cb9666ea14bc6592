"""Feeds as they come, with what is wrong with them."""

from __future__ import annotations

import json
import time

import pytest

from scraper.discover import read_source
from scraper.discover.model import DiscoveryLimits

URL = "https://post.example/feed.xml"

RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>The Harbour Post</title>
<item><title>Ferry &amp;amp; bell: &lt;b&gt;sailing&lt;/b&gt;</title><link>/news/ferry-sails?utm_source=rss#top</link>
<pubDate>Tue, 03 Oct 2017 09:20:00 +0300</pubDate><category>Harbour</category><category>Ships</category>
<description>&lt;p&gt;She sails &lt;i&gt;again&lt;/i&gt;.&lt;/p&gt;</description></item>
<item><title>No address</title></item>
<item><title>A trap</title><link>javascript:alert(1)</link></item>
<item><title>Twice</title><link>https://post.example/news/ferry-sails?utm_source=rss</link></item>
</channel></rss>"""


def test_an_rss_item_gives_its_address_title_time_summary_and_tags() -> None:
    found = read_source(RSS.encode(), URL, content_type="application/rss+xml")
    (item,) = found.items
    assert (found.kind, found.fault) == ("rss", None)
    assert item.url == "https://post.example/news/ferry-sails?utm_source=rss"
    assert item.title == "Ferry & bell: sailing"
    assert item.published == "2017-10-03T06:20:00Z"
    assert item.summary == "She sails again ."
    assert item.tags == ("Harbour", "Ships")
    assert item.source == URL


def test_what_names_no_web_address_is_refused_and_said() -> None:
    found = read_source(RSS.encode(), URL)
    assert [one.reason for one in found.refused] == ["names no web address"] * 2
    assert "javascript:alert(1)" in [one.url for one in found.refused]


def test_an_atom_feed_names_its_older_pages() -> None:
    feed = """<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title>
    <link rel="self" href="https://post.example/feed.xml"/><link rel="next" href="?page=2"/>
    <entry><title>Bells</title><link rel="enclosure" href="/bells.mp3"/><link href="/bells"/>
    <id>tag:post.example,2017:1</id><updated>2017-10-04T10:00:00Z</updated></entry></feed>"""
    found = read_source(feed.encode(), URL)
    assert (found.kind, found.more) == ("atom", ("https://post.example/feed.xml?page=2",))
    assert [(one.url, one.published) for one in found.items] == [
        ("https://post.example/bells", "2017-10-04T10:00:00Z")
    ]


def test_a_feed_in_windows_1256_is_read_as_it_says() -> None:
    feed = '<?xml version="1.0" encoding="windows-1256"?><rss version="2.0"><channel>'
    feed += "<item><title>قرية تل الريحان</title><link>/1</link></item></channel></rss>"
    found = read_source(feed.encode("windows-1256"), URL, content_type="application/rss+xml")
    assert found.items[0].title == "قرية تل الريحان"


def test_a_json_feed_is_read() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "next_url": "/feed.json?page=2",
        "items": [
            {
                "id": "1",
                "url": "/one",
                "title": "One",
                "date_published": "2017-10-03T09:20:00+03:00",
                "tags": ["a", 2],
            },
            {"id": "https://post.example/two", "content_html": "<p>Two</p>"},
            {"id": "three"},
            "four",
        ],
    }
    found = read_source(json.dumps(feed).encode(), "https://post.example/feed.json")
    assert found.kind == "json-feed"
    assert [(one.url, one.title, one.published, one.summary, one.tags) for one in found.items] == [
        ("https://post.example/one", "One", "2017-10-03T06:20:00Z", None, ("a",)),
        ("https://post.example/two", None, None, "Two", ()),
    ]
    assert found.more == ("https://post.example/feed.json?page=2",)
    assert len(found.refused) == 1


@pytest.mark.parametrize(
    "payload",
    [
        b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><rss version="2.0"><channel>'
        b"<item><title>&b;</title><link>/1</link></item></channel></rss>",
        (
            '<?xml version="1.0" encoding="utf-16"?>'
            '<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss version="2.0"/>'
        ).encode("utf-16"),
        b'<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><urlset><url><loc>&a;</loc></url></urlset>',
    ],
)
def test_a_source_that_declares_entities_is_refused(payload: bytes) -> None:
    found = read_source(payload, URL)
    assert found.fault is not None
    assert "declares entities" in found.fault
    assert found.items == ()


@pytest.mark.parametrize(
    ("payload", "kind"),
    [(b"", "auto"), (b"  \n", "feed"), (b"<html><p>Not found</html>", "sitemap"), (b"{", "auto"), (b"[1]", "feed"),
     (b"\x1f\x8bnot gzip", "auto"), (b"plain words", "feed")],
)  # fmt: skip
def test_what_cannot_be_read_is_one_line_that_names_the_source(payload: bytes, kind: str) -> None:
    found = read_source(payload, URL, kind=kind)
    assert found.items == ()
    assert found.fault is not None
    assert found.fault.startswith(f"{URL}: ")
    assert "\n" not in found.fault


def _long(entries: int, body: str = "") -> str:
    items = "".join(f"<item><title>{n}</title><link>/{n}</link>{body}</item>" for n in range(entries))
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>'


def test_of_a_very_long_feed_the_first_entries_are_read_and_the_rest_is_told() -> None:
    found = read_source(_long(30).encode(), URL, limits=DiscoveryLimits(feed_entries=20))
    assert [one.title for one in found.items] == [str(n) for n in range(20)]
    assert [one.reason for one in found.refused] == ["more than 20 entries: the rest is left out"]
    assert found.fault is None
    whole = read_source(_long(20).encode(), URL, limits=DiscoveryLimits(feed_entries=20))
    assert (len(whole.items), whole.refused) == (20, ())


def test_of_a_feed_with_too_many_bytes_whole_entries_are_read() -> None:
    body = f"<description>{'word ' * 200}</description>"
    found = read_source(_long(30, body).encode(), URL, limits=DiscoveryLimits(feed_bytes=10_000))
    assert [one.title for one in found.items] == [str(n) for n in range(9)]
    assert [one.reason for one in found.refused] == ["longer than 10000 bytes: the rest is left out"]


def test_entries_that_never_end_take_no_more_time_than_their_number() -> None:
    payload = b"<rss><channel>" + b"<item><link>http://post.example/</link>" * 200_000
    began = time.process_time()
    assert len(read_source(payload, URL).items) == 1
    assert time.process_time() - began < 5  # half a second; without the limit fifteen
