"""What a web archive is asked about a page that is gone, and what its answers say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from scraper.errors import BadStatus
from scraper.fetch.memento import Memento, Question, WebArchive, read_cdx
from scraper.model import Exchange, Fetched

NEAR = datetime(2017, 10, 3, 12, tzinfo=UTC)
ARCHIVE = WebArchive("https://archive.example")
PAGE = "http://gone.example/story?id=7&b=2"
COPY = f"https://archive.example/web/20171001000000id_/{PAGE}"
SAYS = (("Memento-Datetime", "Sun, 01 Oct 2017 00:00:00 GMT"),)


def answered(url: str, status: int = 200, headers: Sequence[tuple[str, str]] = ()) -> Fetched:
    exchange = Exchange(url, NEAR, "192.0.2.1", b"", b"", 0, status, tuple(headers), b"")
    error = None if status == 200 else BadStatus(url, status, f"{url}: answered {status}")
    return Fetched(url, (exchange,), error=error)


def after(question: Question, status: int = 200, body: str = "") -> Question | Memento | None:
    return ARCHIVE.after(question, answered(question.url, status), body.encode())


def test_the_index_is_asked_first_for_the_copy_closest_in_time() -> None:
    question = ARCHIVE.first(PAGE, NEAR)
    asked = parse_qs(urlsplit(question.url).query)
    assert question.url.startswith("https://archive.example/cdx/search/cdx?")
    assert (asked["url"], asked["closest"], asked["filter"]) == (
        [PAGE],
        ["20171003120000"],
        ["statuscode:200"],
    )


@pytest.mark.parametrize(
    "index",
    [
        f'[["urlkey","timestamp","original","statuscode"],["k","20050101000000","{PAGE}","200"],'
        f'["k","20171001000000","{PAGE}","200"],["k","20171003115959","{PAGE}","404"]]',
        f'{{"timestamp":"20171001000000","url":"{PAGE}","status":"200"}}\n'
        f'{{"timestamp":"20050101000000","url":"{PAGE}","status":"200"}}\n',
    ],
    ids=["wayback", "pywb"],
)
def test_the_closest_copy_is_asked_for_in_the_octets_that_were_captured(index: str) -> None:
    question = after(ARCHIVE.first(PAGE, NEAR), body=index)
    assert isinstance(question, Question)
    assert (question.step, question.url) == ("memento", COPY)
    found = ARCHIVE.after(question, answered(COPY, headers=SAYS), b"x")
    assert found == Memento(PAGE, COPY, datetime(2017, 10, 1, tzinfo=UTC))


def test_an_answer_that_says_no_time_of_capture_is_no_copy_and_the_next_is_asked_for() -> None:
    index = f'[["timestamp","original"],["20171001000000","{PAGE}"],["20050101000000","{PAGE}"]]'
    question = after(ARCHIVE.first(PAGE, NEAR), body=index)
    assert isinstance(question, Question)
    other = ARCHIVE.after(question, answered(COPY), b"x")
    assert isinstance(other, Question)
    assert other.url == f"https://archive.example/web/20050101000000id_/{PAGE}"
    assert after(other, 404) is None


@pytest.mark.parametrize("index", ["", "[]", '[["timestamp","original"]]'])
def test_an_index_without_the_page_is_taken_at_its_word(index: str) -> None:
    assert after(ARCHIVE.first(PAGE, NEAR), body=index) is None


@pytest.mark.parametrize("body", ["<html>", "[[", "[1, 2]", "[" * 100_000, '{"a": 1} x', "null"])
def test_what_is_no_index_is_none(body: str) -> None:
    assert read_cdx(body.encode()) is None


def test_without_an_index_the_timegate_is_asked_and_its_copy_had_without_the_banner() -> None:
    gate = after(ARCHIVE.first(PAGE, NEAR), 404)
    assert isinstance(gate, Question)
    assert (gate.step, gate.url) == ("timegate", f"https://archive.example/web/{PAGE}")
    assert gate.headers == {"Accept-Datetime": "Tue, 03 Oct 2017 12:00:00 GMT"}
    led_to = f"https://archive.example/web/20171001000000/{PAGE}"
    raw = ARCHIVE.after(gate, answered(led_to, headers=SAYS), b"with a banner")
    assert isinstance(raw, Question)
    assert raw.url == COPY


def test_where_the_timegate_fails_the_timemap_is_asked() -> None:
    gate = after(ARCHIVE.first(PAGE, NEAR), 503)
    assert isinstance(gate, Question)
    link = (("Link", '<https://archive.example/tm/x>; rel="timemap"; type="application/link-format"'),)
    named = ARCHIVE.after(gate, answered(gate.url, 404, link), b"")
    assert isinstance(named, Question)
    assert (named.step, named.url) == ("timemap", "https://archive.example/tm/x")
    chart = after(gate, 404)
    assert isinstance(chart, Question)
    assert chart.url == f"https://archive.example/web/timemap/link/{PAGE}"
    body = (
        f'<{PAGE}>; rel="original",\n'
        f'</web/20050101000000/{PAGE}>; rel="first memento"; datetime="Sat, 01 Jan 2005 00:00:00 GMT",\n'
        f'</web/20171001000000/{PAGE}>; rel="last memento"; datetime="Sun, 01 Oct 2017 00:00:00 GMT"\n'
    )
    question = after(chart, body=body)
    assert isinstance(question, Question)
    assert question.url == COPY
    assert after(chart, 404) is None


def test_only_octets_as_captured_are_known_again_as_a_copy() -> None:
    assert ARCHIVE.copy_in(answered(COPY, headers=SAYS).exchanges[0]) == Memento(
        PAGE, COPY, datetime(2017, 10, 1, tzinfo=UTC)
    )
    shown = COPY.replace("id_", "")
    assert ARCHIVE.copy_in(answered(shown, headers=SAYS).exchanges[0]) is None
    assert ARCHIVE.copy_in(answered(COPY).exchanges[0]) is None
