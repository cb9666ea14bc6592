"""What other programs export, in the forms that they write it: addresses with their titles, tags and dates."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.cli.importing import KINDS
from archive.exchange.lists import READERS, read_table
from archive.exchange.model import Listing, UnreadableFile, moment_of, text_of

BOOKMARKS = """<!DOCTYPE NETSCAPE-Bookmark-file-1>
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">
<TITLE>Bookmarks</TITLE>
<H1>Bookmarks</H1>
<DL><p>
    <DT><H3 ADD_DATE="1507000000" PERSONAL_TOOLBAR_FOLDER="true">Bookmarks bar</H3>
    <DL><p>
        <DT><A HREF="https://coast.example/ferry" ADD_DATE="1507545600" TAGS="ferry,winter">Ferry &amp; <b>frost</b></A>
        <DT><H3>Rivers</H3>
        <DL><p>
            <DT><A HREF="https://gazette.example/lock" ADD_DATE="1507545600000000">The lock</A>
            <DD>A note that nobody closes
            <DT><A HREF="javascript:alert(1)">a trick</A>
        </DL><p>
        <DT><A HREF="https://coast.example/unclosed">Unclosed
    </DL><p>
    <DT><A HREF="place:sort=8">Most visited</A>
    <DT><A FEEDURL="https://coast.example/feed" HREF="https://coast.example/">Coast, live</A>
</DL>
"""

OPML = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>feeds</title></head><body>
  <outline text="Coast">
    <outline type="rss" text="Gazette" title="The Gazette" xmlUrl="https://gazette.example/rss"
      category="/news/local,print"/>
    <outline text="Deeper"><outline type="atom" text="Blog" xmlUrl="coastblog.example/atom.xml"/></outline>
  </outline>
  <outline type="link" text="One page" url="https://coast.example/page"/>
  <outline type="rss" text="broken" xmlUrl="feed://nowhere.example/"/>
</body></opml>
"""

WALLABAG = [
    {
        "url": "https://coast.example/ferry", "title": "Ferry", "tags": ["winter", "ferry"], "is_archived": 0,
        "created_at": "2017-10-09T10:40:00+0200", "published_at": "2017-10-08T06:00:00+00:00", "content": "<p>…",
    },
    {"url": None, "given_url": "https://gazette.example/lock", "tags": [{"id": 1, "label": "lock", "slug": "lock"}]},
    {"title": "of version 1", "url": "https://coast.example/old", "tags": "a,b", "is_read": "1"},
    "no entry",
]  # fmt: skip


def addresses(listing: Listing) -> list[str]:
    return [one.url for one in listing.entries]


def test_every_kind_that_the_command_offers_can_be_read() -> None:
    assert set(READERS) <= set(KINDS)


def test_plain_addresses_are_one_a_line() -> None:
    found = READERS["urls"](
        "\ufeffhttps://a.example/1\r\n\n# two\nb.example/2\nftp://c.example\n".encode("utf-8")
    )
    assert addresses(found) == ["https://a.example/1", "https://b.example/2"]
    assert [(one.where, one.url) for one in found.skipped] == [("line 5", "ftp://c.example")]


def test_bookmarks_keep_their_titles_tags_folders_and_dates() -> None:
    found = READERS["bookmarks"](BOOKMARKS.encode())
    ferry, lock, unclosed, live = found.entries
    assert (ferry.title, ferry.tags) == ("Ferry & frost", ("ferry", "winter"))
    assert ferry.added == lock.added == datetime(2017, 10, 9, 10, 40, tzinfo=UTC), "seconds or microseconds"
    assert (lock.title, lock.tags) == ("The lock", ("Rivers",))
    assert (unclosed.title, unclosed.tags) == ("Unclosed", ())
    assert (live.url, live.feed) == ("https://coast.example/feed", True)
    assert [one.reason for one in found.skipped] == [
        "javascript: is not http or https", "place: is not http or https",
    ]  # fmt: skip
    assert found.skipped[0].where == "line 13"


def test_pocket_is_read_in_all_three_forms_of_its_export() -> None:
    table = (
        "title,url,time_added,tags,status\n"
        '"Ferry, frost",https://coast.example/ferry,1507545600,winter|north coast,unread\n'
        "https://coast.example/untitled,https://coast.example/untitled,1507545600,,archive\n"
    )
    page = (
        "<!DOCTYPE html><html><head><title>Pocket Export</title></head><body><h1>Unread</h1><ul>"
        '<li><a href="https://coast.example/ferry" time_added="1507545600" tags="winter,north coast">Ferry, frost</a>'
        "</li></ul><h1>Read Archive</h1><ul><li>"
        '<a href="https://coast.example/untitled" time_added="1507545600" tags="">'
        "https://coast.example/untitled</a></li></ul></body></html>"
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("part_000000.csv", table)
        file.writestr("annotations/notes.json", "{}")
    for payload in (table.encode(), page.encode(), packed.getvalue()):
        ferry, untitled = READERS["pocket"](payload).entries
        assert (ferry.title, ferry.tags) == ("Ferry, frost", ("winter", "north coast"))
        assert ferry.added == datetime(2017, 10, 9, 10, 40, tzinfo=UTC)
        assert (untitled.title, untitled.tags) == (None, ()), "an address is no title"


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_a_damaged_zip_file_is_read_or_refused_wherever_the_damage_is(method: int) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as file:
        file.writestr("part_000000.csv", "title,url\nFerry,https://coast.example/ferry\n" * 5)
    whole = packed.getvalue()
    refused = 0
    for at in range(len(whole)):
        for octet in (0, 255):
            try:
                READERS["pocket"](whole[:at] + bytes([octet]) + whole[at + 1 :])
            except UnreadableFile:
                refused += 1
    assert refused > len(whole) / 2


def test_instapaper_folders_are_tags_unless_they_say_how_far_one_has_read() -> None:
    found = READERS["instapaper"](
        b"URL,Title,Selection,Folder,Timestamp,Tags\n"
        b'https://coast.example/ferry,Ferry,"said ""no""\nand left",Unread,1507545600,"[""winter"",""a, b""]"\n'
        b"https://gazette.example/lock,Lock,,Rivers,1507545600,[]\n"
    )
    assert [(one.title, one.tags) for one in found.entries] == [
        ("Ferry", ("winter", "a, b")), ("Lock", ("Rivers",)),
    ]  # fmt: skip
    older = READERS["instapaper"](
        b"URL,Title,Selection,Folder,Timestamp\nhttps://a.example/,A,,Archive,1507545600\n"
    )
    assert older.entries[0].tags == ()


def test_wallabag_is_read_as_exported_and_as_its_api_has_it() -> None:
    found = READERS["wallabag"](json.dumps(WALLABAG).encode())
    ferry, lock, old = found.entries
    assert (ferry.tags, ferry.published) == (("winter", "ferry"), "2017-10-08T06:00:00Z")
    assert ferry.added == datetime(2017, 10, 9, 8, 40, tzinfo=UTC)
    assert (lock.url, lock.tags, old.tags) == ("https://gazette.example/lock", ("lock",), ("a", "b"))
    assert [one.where for one in found.skipped] == ["entry 4"]
    paged = READERS["wallabag"](json.dumps({"page": 1, "_embedded": {"items": WALLABAG[:1]}}).encode())
    assert addresses(paged) == ["https://coast.example/ferry"]


def test_opml_names_feeds_filed_under_the_outlines_around_them() -> None:
    found = READERS["opml"](OPML.encode())
    gazette, blog, page = found.entries
    assert (gazette.feed, gazette.title, gazette.tags) == (
        True, "The Gazette", ("Coast", "news", "local", "print"),
    )  # fmt: skip
    assert (blog.url, blog.tags) == ("https://coastblog.example/atom.xml", ("Coast", "Deeper"))
    assert (page.url, page.feed) == ("https://coast.example/page", False)
    assert [one.url for one in found.skipped] == ["feed://nowhere.example/"]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_table_is_read_by_the_names_of_its_columns(mark: str) -> None:
    text = (
        "No.,Link,Headline,Keywords,Date,Created at\n"
        "1,https://coast.example/ferry,Ferry,winter|ferry,2017-10-08,2017-10-09 10:40\n"
        "\n2\n"
    ).replace(",", mark)
    found = READERS["csv"](text.encode("utf-16"))
    (ferry,) = found.entries
    assert (ferry.title, ferry.tags, ferry.published) == ("Ferry", ("winter", "ferry"), "2017-10-08")
    assert ferry.added == datetime(2017, 10, 9, 10, 40, tzinfo=UTC)
    assert [one.where for one in found.skipped] == ["line 4"]


def test_a_column_of_another_name_can_be_named() -> None:
    table = "Adresse,Titel\nhttps://coast.example/ferry,Fähre\n".encode("cp1252")
    with pytest.raises(UnreadableFile, match="adresse, titel"):
        READERS["csv"](table)
    (ferry,) = read_table(table, {"url": "Adresse", "title": "titel"}).entries
    assert (ferry.url, ferry.title) == ("https://coast.example/ferry", "Fähre")
    with pytest.raises(UnreadableFile, match="no column 'link'; there are: adresse, titel"):
        read_table(table, {"url": "link"})


@pytest.mark.parametrize(
    ("kind", "payload", "said"),
    [
        ("opml", b"<html><body>feeds</body></html>", "not OPML"),
        ("opml", b"not xml", "not XML|not OPML"),
        ("opml", b'<!DOCTYPE opml [<!ENTITY a "aa">]><opml><body/></opml>', "declares entities"),
        ("bookmarks", b"{}", "there is no link in it"),
        ("wallabag", b"<html>", "not JSON"),
        ("wallabag", b'{"a": 1}', "no list of entries"),
        ("wallabag", b"[" * 100_000, "not JSON"),
        ("pocket", b"PK\x03\x04 and then nothing", "a zip file that cannot be read"),
        ("pocket", b"title,name\n", "no column of addresses"),
        ("csv", b"", "it says: nothing"),
        ("csv", b'url\n"' + b"x" * 10_000_001, "not a table"),
    ],
)
def test_a_file_of_another_kind_is_told_in_one_line(kind: str, payload: bytes, said: str) -> None:
    with pytest.raises(UnreadableFile, match=said) as raised:
        READERS[kind](payload)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("said", ["0", "", None, "soon", "9" * 40, "1234", [], "1815-06-18", True])
def test_a_time_that_was_never_set_is_none(said: object) -> None:
    assert moment_of(said) is None


@pytest.mark.parametrize("kind", READERS)
@given(st.binary(max_size=300))
def test_no_file_is_too_broken_to_be_told_so(kind: str, payload: bytes) -> None:
    try:
        READERS[kind](payload)
    except UnreadableFile:
        return


def test_text_of_an_older_encoding_is_read_as_what_its_letters_are() -> None:
    arabic = "عنوان المقال عن مدينة الميادين في شرق البلاد، وعن الجسر الذي أعيد بناؤه هذا العام. " * 5
    assert text_of(arabic.encode("cp1256")) == arabic
