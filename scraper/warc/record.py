"""Our WARC 1.1 records as values, before they are written.  Pure.

Ids, dates and bytes are arguments; nothing here looks at a clock, a disk or a random number. A `Draft` lacks only
what the file decides: the id of the `warcinfo` record it follows. Every field value is made harmless here, because
warcio writes a CR LF inside a value through to the file, where it becomes a field of its own.
Source: ISO 28500:2017 (WARC 1.1), sections 5 and 6.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import quote

from scraper.model import Exchange
from scraper.warc.digest import labelled_digest
from scraper.warc.http import NotHttp, parse_response

RecordType = Literal["warcinfo", "response", "request", "metadata", "resource", "revisit"]

SPECIFICATION = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
IDENTICAL_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
CAPTURE_METADATA = "article-archive.capture"
CAPTURE_METADATA_VERSION = 1

_HTTP_RESPONSE = "application/http; msgtype=response"
_HTTP_REQUEST = "application/http; msgtype=request"
_HARMFUL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_USER_INFORMATION = re.compile(r"(?<![\w+.-])([A-Za-z][A-Za-z0-9+.-]*://)[^/?#\s]*@")
_MEDIA_TYPE = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:\s*;.*)?")


@dataclass(frozen=True, slots=True)
class Draft:
    """A record to be written.

    record_id: a URN without angle brackets. fields: the named fields beyond type, id, date, warcinfo id, block
    digest, content type and length, in order, already harmless. block: exactly what will stand in the record.
    """

    type: RecordType
    record_id: str
    date: datetime
    fields: tuple[tuple[str, str], ...]
    content_type: str
    block: bytes

    @property
    def payload_digest(self) -> str | None:
        """The payload digest that the record states."""
        return next((value for name, value in self.fields if name == "WARC-Payload-Digest"), None)

    def named_fields(self, warcinfo_id: str | None) -> list[tuple[str, str]]:
        """Every named field but Content-Type and Content-Length, in the order they are written."""
        head = [
            ("WARC-Type", self.type),
            ("WARC-Record-ID", f"<{self.record_id}>"),
            ("WARC-Date", warc_date(self.date)),
        ]
        own = [("WARC-Warcinfo-ID", f"<{warcinfo_id}>")] if warcinfo_id else []
        return [*head, *own, *self.fields, ("WARC-Block-Digest", labelled_digest(self.block))]


@dataclass(frozen=True, slots=True)
class Original:
    """The earlier record that a revisit points to. record_id: `None` where it is not known."""

    target_uri: str
    date: datetime
    record_id: str | None = None


def warcinfo_draft(record_id: str, date: datetime, filename: str, info: Mapping[str, str | None]) -> Draft:
    """The record that opens a file.

    info: `warc-fields` such as `software`, `operator`, `robots`; empty ones are left out. The name of this machine
        is nobody's business and is not among them.
    """
    stated = {**info, "format": "WARC File Format 1.1", "conformsTo": SPECIFICATION}
    lines = (f"{name}: {harmless(value)}\r\n" for name, value in stated.items() if value)
    fields = (("WARC-Filename", harmless(filename)),)
    return Draft("warcinfo", record_id, date, fields, "application/warc-fields", "".join(lines).encode())


def response_draft(exchange: Exchange, record_id: str) -> Draft:
    """The response as it came: the block is `exchange.response`, octet for octet."""
    digest = payload_digest(exchange)
    fields = [*_about(exchange)]
    if digest:
        fields.append(("WARC-Payload-Digest", digest))
    if exchange.truncated:
        fields.append(("WARC-Truncated", exchange.truncated))
    return Draft(
        "response", record_id, exchange.requested_at, tuple(fields), _HTTP_RESPONSE, exchange.response
    )


def request_draft(exchange: Exchange, record_id: str, response_id: str | None) -> Draft:
    """The request as it was sent, tied to its response where one came.

    The tie points backward only (it counts in both directions, WARC 1.1, 5.7), so that a file cut between the two
    holds no reference into nothing.
    """
    fields = (*_about(exchange), *_concurrent_to(response_id))
    return Draft("request", record_id, exchange.requested_at, fields, _HTTP_REQUEST, exchange.request)


def revisit_draft(exchange: Exchange, record_id: str, original: Original) -> Draft:
    """A response whose payload is held already: its head alone, and where the payload stands.

    A 304 takes the profile `server-not-modified`, anything else `identical-payload-digest`.
    Raises: ValueError, when the exchange has no well-defined payload and so cannot equal another.
    """
    unmodified = exchange.status == 304
    digest = None if unmodified else payload_digest(exchange)
    if not unmodified and digest is None:
        raise ValueError(f"{exchange.target_uri} has no well-defined payload, so it revisits nothing")
    fields = [
        *_about(exchange),
        ("WARC-Profile", NOT_MODIFIED if unmodified else IDENTICAL_PAYLOAD),
        ("WARC-Refers-To-Target-URI", clean_uri(original.target_uri)),
        ("WARC-Refers-To-Date", warc_date(original.date)),
    ]
    if original.record_id:
        fields.append(("WARC-Refers-To", f"<{harmless(original.record_id)}>"))
    if digest:
        # 6.7.2: the payload left out counts as truncation, with the reason `length`.
        fields += [("WARC-Payload-Digest", digest), ("WARC-Truncated", "length")]
    block = exchange.response[: exchange.head_length]
    return Draft("revisit", record_id, exchange.requested_at, tuple(fields), _HTTP_RESPONSE, block)


def resource_draft(record_id: str, target_uri: str, payload: bytes, mime: str, date: datetime) -> Draft:
    """A page that came without its HTTP response, such as one saved by the reader's own browser."""
    fields = (("WARC-Target-URI", clean_uri(target_uri)), ("WARC-Payload-Digest", labelled_digest(payload)))
    stated = harmless(mime).strip()
    content_type = stated if _MEDIA_TYPE.fullmatch(stated) else "application/octet-stream"
    return Draft("resource", record_id, date, fields, content_type, payload)


def metadata_draft(
    record_id: str, target_uri: str, content: Mapping[str, object], date: datetime, concurrent_to: str | None
) -> Draft:
    """What the WARC would not know otherwise, as one JSON object (UTF-8, keys sorted).

    content: values that JSON knows, such as `asked`, `outcome`, `tags`, `job`, `error`; `type` and `version` are
        added. User information is taken out of every URL in it.
    concurrent_to: the id of the response or resource record of the same capture, whose date `date` must be.
    """
    stated = {**content, "type": CAPTURE_METADATA, "version": CAPTURE_METADATA_VERSION}
    text = json.dumps(_without_secrets(stated), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    fields = (("WARC-Target-URI", clean_uri(target_uri)), *_concurrent_to(concurrent_to))
    return Draft("metadata", record_id, date, fields, "application/json", text.encode("utf-8", "replace"))


def payload_digest(exchange: Exchange) -> str | None:
    """The digest of the payload: after transfer decoding, before content decoding.

    `None` where the payload is not well defined, for then no digest may be stated (WARC 1.1, 5.9): the recorded
    octets, parsed afresh, do not give the payload that the fetcher read.
    """
    try:
        parsed = parse_response(exchange.response)
    except NotHttp:
        return None
    return labelled_digest(exchange.payload) if parsed.payload == exchange.payload else None


def warc_date(moment: datetime) -> str:
    """W3C date and time in UTC, with microseconds where there are any (WARC 1.1 allows them).

    Raises: ValueError, when `moment` is naive.
    """
    if moment.tzinfo is None:
        raise ValueError("a WARC date needs an aware datetime")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def clean_uri(uri: str) -> str:
    """The target URI as requested, without fragment, user information, and octets that no URI may hold.

    Control characters, blanks, angle brackets and everything beyond ASCII become percent escapes; nothing else
    changes, since a target URI is what was asked for and not its normal form.
    """
    bare = strip_user_information(uri.strip()).partition("#")[0]
    return quote(bare.encode("utf-8", "replace"), safe="%!\"$&'()*+,-./:;=?@[\\]^_`{|}~")


def strip_user_information(url: str) -> str:
    """The URL without `user:password@`; any other text unchanged."""
    return _USER_INFORMATION.sub(r"\1", url, count=1) if _USER_INFORMATION.match(url) else url


def harmless(value: str) -> str:
    """A field value in one line: runs of control characters and lone surrogates become one blank."""
    return _HARMFUL.sub(" ", value).strip()


def _about(exchange: Exchange) -> list[tuple[str, str]]:
    fields = [("WARC-Target-URI", clean_uri(exchange.target_uri))]
    if exchange.ip_address:
        fields.append(("WARC-IP-Address", harmless(exchange.ip_address)))
    return fields


def _concurrent_to(record_id: str | None) -> tuple[tuple[str, str], ...]:
    return (("WARC-Concurrent-To", f"<{harmless(record_id)}>"),) if record_id else ()


def _without_secrets(value: object) -> object:
    """The same JSON value with user information taken out of every URL in its texts."""
    match value:
        case str():
            return _USER_INFORMATION.sub(r"\1", value)
        case Mapping():
            return {str(key): _without_secrets(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            items = [_without_secrets(item) for item in value]
            return items if isinstance(value, list | tuple) else sorted(items, key=repr)
        case _:
            return value
