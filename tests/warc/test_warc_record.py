"""What a record says is true, harmless, and no more than it may say."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.model import Exchange
from scraper.warc.digest import differing_digest, labelled_digest
from scraper.warc.parse import parse_warc_date
from scraper.warc.record import (
    Original,
    clean_uri,
    harmless,
    metadata_draft,
    payload_digest,
    resource_draft,
    response_draft,
    revisit_draft,
    warc_date,
    warcinfo_draft,
)

Make = Callable[..., Exchange]
ID = "urn:uuid:00000000-0000-0000-0000-000000000001"


@pytest.mark.parametrize(
    ("given_uri", "written"),
    [
        ("http://a.example/x?b=1&c=%20", "http://a.example/x?b=1&c=%20"),
        ("http://A.example:80/x/../y", "http://A.example:80/x/../y"),
        ("http://user:secret@a.example/x", "http://a.example/x"),
        ("http://user:p@ss@a.example/", "http://a.example/"),
        ("http://a.example/@user", "http://a.example/@user"),
        ("http://a.example/?to=http://b@c.example", "http://a.example/?to=http://b@c.example"),
        ("http://a.example/x#part", "http://a.example/x"),
        ("<http://a.example/>", "%3Chttp://a.example/%3E"),
        ("http://a.example/x\r\nWARC-Injected: 1", "http://a.example/x%0D%0AWARC-Injected:%201"),
        ("http://a.example/ميادين", "http://a.example/%D9%85%D9%8A%D8%A7%D8%AF%D9%8A%D9%86"),
        ("http://a.example/{x}|[y]", "http://a.example/{x}|[y]"),
    ],
)
def test_a_target_uri_is_as_requested_but_harmless(given_uri: str, written: str) -> None:
    assert clean_uri(given_uri) == written


@given(st.text())
def test_no_target_uri_can_break_its_line(text: str) -> None:
    written = clean_uri("http://a.example/" + text)
    assert written.isascii()
    assert written.isprintable()
    assert " " not in written
    assert "#" not in written
    assert clean_uri(written) == written


@given(st.text())
def test_no_field_value_can_break_its_line(text: str) -> None:
    value = harmless(text)
    assert len(value.splitlines()) <= 1
    value.encode("utf-8")


def test_an_injected_field_stays_inside_its_value(exchange: Make) -> None:
    bad = exchange(url="http://a.example/\r\nWARC-Type: warcinfo", ip_address="1.2.3.4\r\nX: y")
    for _, value in response_draft(bad, ID).fields:
        assert "\r" not in value
        assert "\n" not in value


def test_the_block_is_the_response_octet_for_octet(exchange: Make) -> None:
    odd = exchange(headers=b"x-ODD:   \xe9\xff \r\nX-odd: again\r\n")
    assert response_draft(odd, ID).block is odd.response


def test_the_payload_digest_is_blind_to_chunking_but_not_to_content_coding(exchange: Make) -> None:
    body = b"coded octets, whatever they mean" * 9
    plain = exchange(body, headers=b"Content-Encoding: gzip\r\n")
    digests = {payload_digest(exchange(body, chunks=size)) for size in (1, 7, 4096)}
    assert digests == {payload_digest(plain)} == {"sha256:" + hashlib.sha256(body).hexdigest()}


def test_no_digest_is_stated_where_the_payload_is_not_well_defined(exchange: Make) -> None:
    contradicting = exchange(b"body", headers=b"Content-Length: 9\r\n")
    assert payload_digest(contradicting) is None
    assert "WARC-Payload-Digest" not in dict(response_draft(contradicting, ID).fields)
    assert payload_digest(exchange(b"other", wire=b"octet")) is None
    assert payload_digest(exchange(response=b"garbage")) is None


@pytest.mark.parametrize("reason", ["length", "time", "disconnect"])
def test_a_cut_body_is_marked(exchange: Make, reason: str) -> None:
    cut = exchange(b"hell", headers=b"", chunks=None, truncated=reason)
    assert dict(response_draft(cut, ID).fields)["WARC-Truncated"] == reason


def test_a_revisit_keeps_the_head_and_points_to_the_original(exchange: Make, moment: datetime) -> None:
    again = exchange()
    draft = revisit_draft(again, ID, Original("http://news.example/first", moment, "urn:uuid:1"))
    fields = dict(draft.fields)
    assert draft.block == again.response[: again.head_length]
    assert fields["WARC-Profile"].endswith("/1.1/revisit/identical-payload-digest")
    assert fields["WARC-Refers-To-Target-URI"] == "http://news.example/first"
    assert fields["WARC-Refers-To-Date"] == "2026-11-22T08:30:00.250000Z"
    assert fields["WARC-Refers-To"] == "<urn:uuid:1>"
    assert fields["WARC-Payload-Digest"] == payload_digest(again)


def test_a_304_is_a_revisit_that_the_server_vouches_for(exchange: Make, moment: datetime) -> None:
    unmodified = exchange(b"", status="304 Not Modified")
    fields = dict(revisit_draft(unmodified, ID, Original("http://news.example/first", moment)).fields)
    assert fields["WARC-Profile"].endswith("/1.1/revisit/server-not-modified")
    assert "WARC-Payload-Digest" not in fields
    assert "WARC-Refers-To" not in fields


def test_what_has_no_payload_revisits_nothing(exchange: Make, moment: datetime) -> None:
    with pytest.raises(ValueError, match="no well-defined payload"):
        revisit_draft(exchange(b"other", wire=b"octet"), ID, Original("http://news.example/first", moment))


def test_metadata_is_sorted_json_without_secrets(moment: datetime) -> None:
    content = {
        "outcome": "failed",
        "asked": "http://reader:secret@a.example/",
        "error": "could not reach http://reader:secret@a.example/ in time",
        "tags": ["ميادين", "b\ud800"],
    }
    draft = metadata_draft(ID, "http://reader:secret@a.example/", content, moment, None)
    assert b"secret" not in draft.block
    read = json.loads(draft.block.decode("utf-8"))
    assert list(read) == sorted(read)
    assert read["type"] == "article-archive.capture"
    assert read["version"] == 1
    assert read["tags"][0] == "ميادين"
    assert dict(draft.fields)["WARC-Target-URI"] == "http://a.example/"


def test_metadata_cannot_call_itself_something_else(moment: datetime) -> None:
    draft = metadata_draft(ID, "http://a.example/", {"type": "other", "version": 9}, moment, None)
    assert json.loads(draft.block) == {"type": "article-archive.capture", "version": 1}


def test_warcinfo_leaves_out_what_is_empty_and_the_name_of_the_machine(moment: datetime) -> None:
    draft = warcinfo_draft(
        ID, moment, "a.warc.gz", {"software": "s\r\nhostname: h", "operator": None, "robots": ""}
    )
    lines = draft.block.decode().split("\r\n")
    assert [line.partition(":")[0] for line in lines] == ["software", "format", "conformsTo", ""]
    assert lines[0] == "software: s hostname: h"


@pytest.mark.parametrize(
    ("mime", "stated"),
    [
        ("text/html; charset=utf-8", "text/html; charset=utf-8"),
        ("text/html\r\nX: y", "application/octet-stream"),
        ("", "application/octet-stream"),
        ("html", "application/octet-stream"),
    ],
)
def test_a_resource_states_a_media_type(moment: datetime, mime: str, stated: str) -> None:
    draft = resource_draft(ID, "http://a.example/", b"<p>", mime, moment)
    assert draft.content_type == stated
    assert draft.payload_digest == labelled_digest(b"<p>")


def test_dates_are_utc_with_the_fraction_they_have() -> None:
    east = timezone(timedelta(hours=3))
    assert warc_date(datetime(2026, 1, 1, 2, 0, tzinfo=east)) == "2025-12-31T23:00:00Z"
    assert warc_date(datetime(2026, 1, 1, microsecond=1, tzinfo=UTC)) == "2026-01-01T00:00:00.000001Z"
    with pytest.raises(ValueError, match="aware"):
        warc_date(datetime(2026, 1, 1))


@given(st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.just(UTC)))
def test_a_date_written_is_read_again(when: datetime) -> None:
    assert parse_warc_date(warc_date(when)) == when


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-02", datetime(2026, 2, 1, tzinfo=UTC)),
        ("2026-02-03T04:05Z", datetime(2026, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-02-03T04:05:06.123456789Z", datetime(2026, 2, 3, 4, 5, 6, 123456, tzinfo=UTC)),
        ("2026-02-30T00:00:00Z", None),
        ("2026-02-03T04:05:06", None),
        ("2026-02-03 04:05:06Z", None),
        ("٢٠٢٦", None),
        ("", None),
    ],
)
def test_warc_dates_of_every_granularity(text: str, instant: datetime | None) -> None:
    assert parse_warc_date(text) == instant


@pytest.mark.parametrize(
    "stated",
    [
        "sha1:VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N",
        "SHA1:vl2mmho4yxukfwv63yhtwsbm3gxksq2n",
        "sha1:aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d",
        "sha256:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
        "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
        "md5:5d41402abc4b2a76b9719d911017c592",
    ],
)
def test_digests_of_other_tools_are_verified(stated: str) -> None:
    assert differing_digest(stated, b"hello") is None
    assert differing_digest(stated, b"hallo") is not None


@pytest.mark.parametrize("stated", ["", "abc", "none:abc", "sha256:abc", "sha1:" + "?" * 32, "shake_128:00"])
def test_a_digest_that_says_nothing_is_refused(stated: str) -> None:
    with pytest.raises(ValueError, match="digest"):
        differing_digest(stated, b"")
