"""Claims about `scraper.urls`."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scraper.errors import BadUrl
from scraper.urls import is_tracking, normalise, site_of, target_uri, with_scheme

SAME = [
    ("HTTP://Example.COM/A", "http://example.com/A"),
    ("http://example.com", "http://example.com/"),
    ("http://example.com:80/a", "http://example.com/a"),
    ("https://example.com:443/a", "https://example.com/a"),
    ("http://example.com./a", "http://example.com/a"),
    ("http://user:secret@example.com/a", "http://example.com/a"),
    ("http://example.com/a#part", "http://example.com/a"),
    ("http://example.com/a/./b/../c", "http://example.com/a/c"),
    ("http://example.com/a?b=2&a=1", "http://example.com/a?a=1&b=2"),
    ("http://example.com/a?utm_source=x&id=3&fbclid=y", "http://example.com/a?id=3"),
    ("http://example.com/a?UTM_Campaign=x", "http://example.com/a"),
    ("http://example.com/a?", "http://example.com/a"),
    ("http://example.com/%7euser/%c3%a9", "http://example.com/~user/é"),
    ("http://münchen.example/", "http://xn--mnchen-3ya.example/"),
    ("  http://example.com/a\n", "http://example.com/a"),
]
DIFFERENT = [
    ("http://example.com/a", "https://example.com/a"),
    ("http://example.com/a", "http://www.example.com/a"),
    ("http://example.com/a", "http://example.com/A"),
    ("http://example.com/a", "http://example.com/a/"),
    ("http://example.com:8080/", "http://example.com/"),
    ("http://example.com/?p=1", "http://example.com/?p=2"),
    ("http://example.com/?ref=1", "http://example.com/"),
    ("http://example.com/a%2fb", "http://example.com/a/b"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_page_have_one_key(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_pages_keep_different_keys(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


@pytest.mark.parametrize(
    "url",
    ["", "  ", "example", "ftp://example.com/", "javascript:alert(1)", "http://", "http:///a", "http://[::1",
     "http://example.com:port/", "http://example.com:0/", "http://example.com:99999/", "data:text/html,x", "http://.",
     "mailto:a@example.com", "file:///etc/hosts"],
)  # fmt: skip
def test_what_is_no_web_address_is_refused_in_one_line(url: str) -> None:
    with pytest.raises(BadUrl) as caught:
        normalise(url)
    assert "\n" not in str(caught.value).replace(url, "")


hosts = st.from_regex(r"[a-zA-Z]([a-zA-Z0-9-]{0,8}[a-zA-Z0-9])?(\.[a-zA-Z]{2,6}){1,2}\.?", fullmatch=True)
urls = st.builds(
    lambda scheme, host, port, path, query, fragment: f"{scheme}://{host}{port}/{path}?{query}#{fragment}",
    st.sampled_from(["http", "https", "HTTP", "hTTps"]),
    hosts,
    st.sampled_from(["", ":80", ":443", ":8080"]),
    st.text(alphabet=st.characters(exclude_characters="\r\n\t", exclude_categories=["Cs"]), max_size=30),
    st.text(alphabet="ab=&%2fé;+ utm_source", max_size=30),
    st.text(max_size=5, alphabet="abc#/?"),
)


@given(urls)
@example("http://a.example/?%61=1&a=2")
@example("http://a.example/?b&a=&c")
@example("http://a.example/%2e%2e/a")
@example("http://a.example/?utm%5fsource=x")
def test_normalising_twice_is_normalising_once(url: str) -> None:
    once = normalise(url)
    assert normalise(once) == once


@given(urls)
def test_a_key_is_ascii_without_fragment_or_tracking(url: str) -> None:
    key = normalise(url)
    assert key.isascii()
    assert "#" not in key
    assert not any(is_tracking(pair.partition("=")[0]) for pair in key.partition("?")[2].split("&") if pair)


@given(st.text(max_size=60))
def test_any_text_is_a_key_or_a_bad_url(text: str) -> None:
    try:
        key = normalise(text)
    except BadUrl:
        return
    assert key.startswith(("http://", "https://"))


def test_a_target_uri_keeps_its_spelling_but_neither_secret_nor_fragment() -> None:
    assert target_uri("HTTP://me:secret@Example.com:80/A?b=2&a=1&utm_source=x#part") == (
        "http://Example.com:80/A?b=2&a=1&utm_source=x"
    )


def test_a_site_is_its_host_without_www() -> None:
    assert site_of("https://www.example.co.uk:8443/a") == "example.co.uk"
    assert site_of("http://www.example/") == "www.example"
    assert site_of("http://127.0.0.1:80/") == "127.0.0.1"


def test_a_host_name_typed_without_scheme_is_asked_over_https() -> None:
    assert with_scheme("example.org/a") == "https://example.org/a"
    assert (
        with_scheme("example.org:8080/a?u=http://b.example")
        == "https://example.org:8080/a?u=http://b.example"
    )
    assert with_scheme("http://example.org") == "http://example.org"
    assert with_scheme("javascript:alert(1)") == "javascript:alert(1)"
    assert with_scheme("no host") == "no host"
