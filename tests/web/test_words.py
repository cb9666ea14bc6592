"""What is shown and how it is said."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archive.web import words
from scraper.model import Candidate, FieldOrigin


def test_only_what_is_formed_as_a_language_tag_is_one() -> None:
    assert [words.language_tag(code) for code in ("en", "zh-Hant-TW", 'en" onload="x', "", None, "english")] == [
        "en", "zh-Hant-TW", None, None, None, None,
    ]  # fmt: skip


def test_a_language_of_a_region_is_asked_for_by_its_code_too() -> None:
    asked = ("en", "en-GB", "xx-YY", "")
    assert [words.language_asked(code) for code in asked] == ["English", "English (en-GB)", "xx-YY", ""]


def test_pieces_are_the_whole_text_with_its_matches() -> None:
    found = words.pieces("a ferry, a ferry", ((2, 7), (11, 16)))
    assert "".join(piece.text for piece in found) == "a ferry, a ferry"
    assert [piece.text for piece in found if piece.marked] == ["ferry", "ferry"]
    assert words.pieces("", ()) == ()


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2017-10-08", "8 October 2017"),
        ("2017-10-08T08:05:00+02:00", "8 October 2017, 08:05 UTC+02:00"),
        ("2017-10-08T08:05:00Z", "8 October 2017, 08:05 UTC"),
        ("2017-10-08T08:05:00", "8 October 2017, 08:05"),
        (datetime(2017, 10, 8, 8, 5, tzinfo=UTC), "8 October 2017, 08:05 UTC"),
        ("2017", "2017"),
        ("not a date", "not a date"),
        (None, ""),
    ],
)
def test_a_moment_is_said_as_it_was_stated(moment: str | datetime | None, said: str) -> None:
    assert words.moment_name(moment) == said


def test_a_month_has_its_name_where_it_is_one() -> None:
    assert words.month_name("2017-10") == "October 2017"
    assert words.month_name("2017-13") == "2017-13"


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "JAVASCRIPT:x",
        " javascript:x",
        "//host/x",
        "http://",
        "ftp://a/b",
        "/x",
        "http://[x",
        "",
        None,
    ],
)
def test_only_addresses_of_the_web_are_links(address: str | None) -> None:
    assert words.web_link(address) is None


def test_an_address_of_the_web_is_a_link() -> None:
    assert words.web_link("https://a.example/x?y=1") == "https://a.example/x?y=1"


def test_an_address_breaks_after_its_parts_and_loses_nothing() -> None:
    address = "https://a.example/2017/10/the-long_name?x=1&y=2"
    assert "".join(words.breakable(address)) == address
    assert words.breakable("http://a.b/c")[0] == "http://" or words.breakable("http://a.b/c")[0] == "http:"


def test_an_excerpt_ends_after_a_whole_word() -> None:
    assert words.excerpt("One two, three", 9) == "One two…"
    assert words.excerpt("One two", 9) == "One two"
    assert words.excerpt("x" * 20, 9) == "x" * 9 + "…"
    assert words.excerpt("First.\n\nSecond.", 20) == "First. Second."


def test_direction_is_told_by_language_and_else_left_to_the_browser() -> None:
    assert words.text_direction("ar-SY") == "rtl"
    assert words.text_direction("en") == "ltr"
    assert words.text_direction(None) == "auto"


def test_the_candidate_that_was_taken_stands_apart_once() -> None:
    same = Candidate("A", "h1")
    origins = {"title": FieldOrigin("h1", (Candidate("B", "title"), same, Candidate("C", "h1")))}
    (row,) = words.origin_rows(origins)
    assert row.taken == same
    assert row.others == (Candidate("B", "title"), Candidate("C", "h1"))
    (none,) = words.origin_rows({"title": FieldOrigin(None, (same,))})
    assert (none.taken, none.others) == (None, (same,))


def test_quantities_and_sizes_are_said_in_english() -> None:
    assert words.quantity(1, "article", "articles") == "1 article"
    assert words.quantity(12345, "article", "articles") == "12,345 articles"
    assert [words.byte_size(count) for count in (1, 1500, 2_500_000, 10**13)] == [
        "1 bytes",
        "1.5 kB",
        "2.5 MB",
        "10.0 TB",
    ]
