"""What is asked for when a URL is given."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.errors import BadUrl
from scraper.fetch.target import parse_target, redirect_target


@pytest.mark.parametrize(
    ("given_url", "sent"),
    [
        ("http://example.org", "http://example.org/"),
        ("HTTP://Example.ORG:80/A/../b?z=1&a=2#part", "http://example.org/A/../b?z=1&a=2"),
        ("https://example.org:443/", "https://example.org/"),
        ("https://example.org:8443/", "https://example.org:8443/"),
        ("http://example.org?q=1", "http://example.org/?q=1"),
        ("  http://example.org/a \n", "http://example.org/a"),
        ("http://example.org/a%2fb%zz", "http://example.org/a%2fb%zz"),
        ("http://example.org/خبر", "http://example.org/%D8%AE%D8%A8%D8%B1"),
        ("http://example.org/a b?c d", "http://example.org/a%20b?c%20d"),
        ("http://example.org/?q='\"<>", "http://example.org/?q=%27%22%3C%3E"),
        ("http://example.org/{a}|b", "http://example.org/%7Ba%7D|b"),
        ("http://user:secret@example.org/", "http://example.org/"),
        ("http://a@b:c@example.org/@x", "http://example.org/@x"),
        ("http://bücher.example/", "http://xn--bcher-kva.example/"),
        ("http://under_score.example/", "http://under_score.example/"),
        ("http://example.org./", "http://example.org./"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
        ("http://example.org\\path\\x", "http://example.org/path/x"),
    ],
)
def test_a_url_is_sent_as_given(given_url: str, sent: str) -> None:
    assert parse_target(given_url).uri == sent


@pytest.mark.parametrize(
    "spelling",
    ["127.0.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "127.0.1", "１２７.0.0.1"],
)
def test_odd_spellings_of_an_address_are_that_address(spelling: str) -> None:
    assert parse_target(f"http://{spelling}/").host == "127.0.0.1"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org/a",
        "ftp://example.org/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/html,hello",
        "http:example.org",
        "http:/example.org",
        "http://",
        "http:///path",
        "http://?q",
        "http://:80/",
        "http://exa mple.org/",
        "http://example.org:0/",
        "http://example.org:65536/",
        "http://example.org:abc/",
        "http://ex%61mple.org/",
        "http://a..b/",
        "http://-bad-.example/",
        "http://1.2.3.4.5/",
        "http://256.1.1.1/",
        "http://0xzz/",
        "http://[::1/",
        "http://[::1%25lo]/",
        "http://[not-v6]/",
        "http://example.org/a\nb",
        "http://example.org/a\x00b",
        "http://example.org/a\u2028b",
        "http://example.org/\ud800",
        "http://example.org/" + "a" * 2000,
        "http://" + "a." * 130 + "example/",
    ],
)
def test_what_cannot_be_asked_for_is_refused(url: str) -> None:
    if url == "http://0xzz/":  # not a number, so a name, if an odd one
        assert parse_target(url).host == "0xzz"
        return
    with pytest.raises(BadUrl) as refused:
        parse_target(url)
    assert "\n" not in str(refused.value)


def test_a_secret_in_a_url_is_not_in_the_message() -> None:
    with pytest.raises(BadUrl) as refused:
        parse_target("http://user:secret@example.org:99999/")
    assert "secret" not in str(refused.value)


def test_a_backslash_does_not_hide_the_host() -> None:
    assert parse_target("http://good.example\\@evil.example/").host == "good.example"
    assert parse_target("http://good.example#@evil.example/").host == "good.example"


@pytest.mark.parametrize(
    ("location", "leads_to"),
    [
        ("/b", "http://example.org/b"),
        ("b?c#d", "http://example.org/dir/b?c"),
        ("//other.example/x", "http://other.example/x"),
        ("https://example.org/", "https://example.org/"),
        ("?q=1", "http://example.org/dir/a?q=1"),
        ("/caf\xc3\xa9", "http://example.org/caf%C3%A9"),  # UTF-8 octets, read as ISO 8859-1
        ("/caf\xe9", "http://example.org/caf%E9"),  # an octet that is no UTF-8
    ],
)
def test_a_location_is_read_as_browsers_do(location: str, leads_to: str) -> None:
    assert redirect_target(parse_target("http://example.org/dir/a"), location).uri == leads_to


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "ftp://x/",
        "javascript:1",
        "http://",
        "http://a:b:c/",
        "http://[x",
        "/a\x01",
        "data:,x",
    ],
)
def test_a_redirect_to_anything_else_is_refused(location: str) -> None:
    with pytest.raises(BadUrl):
        redirect_target(parse_target("http://example.org/"), location)


@given(st.text(max_size=60))
@settings(deadline=None)
def test_a_target_asked_for_again_is_the_same(text: str) -> None:
    try:
        first = parse_target(f"http://example.org/{text}")
    except BadUrl:
        return
    assert first.path.isascii()
    assert " " not in first.path
    assert parse_target(first.uri) == first


@given(st.text(max_size=60))
@settings(deadline=None)
def test_any_text_is_a_target_or_a_bad_url(text: str) -> None:
    try:
        target = parse_target(text)
    except BadUrl:
        return
    assert target.scheme in ("http", "https")
    assert target.host
