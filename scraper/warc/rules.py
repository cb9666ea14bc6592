"""What the specification asks of one record, beyond its form: fields, values, digests.  Pure.

Stricter than the standard where our own files keep to more (`../shared/facts/trust.md`, section 5): no unknown
fields, a target URI without user information or fragment.
Source: ISO 28500:2017 (WARC 1.1), sections 5 and 6.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import get_args

from scraper.model import Truncation
from scraper.warc.digest import differing_digest
from scraper.warc.http import NotHttp, parse_response, request_payload
from scraper.warc.parse import Record, parse_warc_date

_EVERY = frozenset(
    {"warcinfo", "response", "resource", "request", "metadata", "revisit", "conversion", "continuation"}
)
_CAPTURED = frozenset({"response", "resource", "request", "metadata", "revisit"})
_WITH_PAYLOAD = frozenset({"response", "resource", "request", "conversion", "continuation"})
_WITH_TARGET = _EVERY - {"warcinfo", "metadata"}

_ALLOWED: dict[str, frozenset[str]] = {
    "warc-type": _EVERY,
    "warc-record-id": _EVERY,
    "warc-date": _EVERY,
    "content-length": _EVERY,
    "content-type": _EVERY,
    "warc-block-digest": _EVERY,
    "warc-truncated": _EVERY,
    "warc-concurrent-to": _CAPTURED,
    "warc-ip-address": _CAPTURED,
    "warc-payload-digest": _WITH_PAYLOAD | {"revisit"},
    "warc-identified-payload-type": _WITH_PAYLOAD | {"revisit"},
    "warc-target-uri": _EVERY - {"warcinfo"},
    "warc-warcinfo-id": _EVERY - {"warcinfo"},
    "warc-refers-to": frozenset({"metadata", "revisit", "conversion"}),
    "warc-refers-to-target-uri": frozenset({"revisit"}),
    "warc-refers-to-date": frozenset({"revisit"}),
    "warc-profile": frozenset({"revisit"}),
    "warc-filename": frozenset({"warcinfo"}),
    "warc-segment-number": _EVERY,
    "warc-segment-origin-id": frozenset({"continuation"}),
    "warc-segment-total-length": frozenset({"continuation"}),
}
"""Named field -> the record types that may carry it."""

_MANDATORY = ("WARC-Type", "WARC-Record-ID", "WARC-Date", "Content-Length")
_REASONS = frozenset({*get_args(Truncation), "unspecified"})
_ENCLOSED_URI = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:[^\s<>]+>")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-;=?-~]+")
_USER_INFORMATION = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*@")
_URI_FIELDS = ("WARC-Record-ID", "WARC-Warcinfo-ID", "WARC-Refers-To")
_PROFILE = re.compile(
    r"http://netpreserve\.org/warc/1\.[01]/revisit/(identical-payload-digest|server-not-modified)"
)


def record_faults(record: Record) -> Iterator[str]:
    """Every rule that the record breaks on its own, one line each."""
    yield from _field_faults(record)
    yield from _value_faults(record)
    if record.type == "revisit":
        yield from _revisit_faults(record)
    if 0 <= record.content_length == len(record.block):
        yield from _digest_faults(record)


def _field_faults(record: Record) -> Iterator[str]:
    present = {key.lower() for key, _ in record.fields}
    for name in _MANDATORY:
        if name.lower() not in present:
            yield f"mandatory field {name} is missing"
    if record.type in _WITH_TARGET and "warc-target-uri" not in present:
        yield f"a {record.type} record needs WARC-Target-URI"
    if record.content_length > 0 and "content-type" not in present and record.type != "continuation":
        yield "a block without Content-Type"
    if record.type and record.type not in _EVERY:
        yield f"record type {record.type!r} is unknown"
        return
    for name in sorted(present):
        if name not in _ALLOWED:
            yield f"field {name} is unknown"
        elif record.type and record.type not in _ALLOWED[name]:
            yield f"field {name} has no place in a {record.type} record"


def _value_faults(record: Record) -> Iterator[str]:
    date = record.get("WARC-Date")
    if date is not None and parse_warc_date(date) is None:
        yield f"WARC-Date {date!r} is no date"
    elif date and "." in date and record.version == "WARC/1.0":
        yield "WARC-Date has a fraction, which WARC 1.0 does not know"
    for name in _URI_FIELDS:
        value = record.get(name)
        if value is not None and not _ENCLOSED_URI.fullmatch(value):
            yield f"{name} {value!r} is no URI in angle brackets"
    for value in (value for key, value in record.fields if key.lower() == "warc-concurrent-to"):
        if not _ENCLOSED_URI.fullmatch(value):
            yield f"WARC-Concurrent-To {value!r} is no URI in angle brackets"
    yield from _target_faults("WARC-Target-URI", record.get("WARC-Target-URI"))
    reason = record.get("WARC-Truncated")
    if reason is not None and reason not in _REASONS:
        yield f"WARC-Truncated {reason!r} is no reason that the standard knows"
    address = record.get("WARC-IP-Address")
    if address is not None and not _is_address(address):
        yield f"WARC-IP-Address {address!r} is no address"
    content_type = (record.get("Content-Type") or "").replace(" ", "").lower()
    if record.type in {"request", "response"} and _is_http(record):
        expected = f"application/http;msgtype={record.type}"
        if content_type not in {expected, "application/http"}:
            yield f"Content-Type {content_type!r} of an HTTP {record.type} is not {expected}"


def _target_faults(name: str, value: str | None) -> Iterator[str]:
    if value is None:
        return
    if value.startswith("<"):
        yield f"{name} is enclosed in angle brackets"
    elif not _URI.fullmatch(value):
        yield f"{name} {value[:120]!r} is no escaped URI"
    if "#" in value:
        yield f"{name} has a fragment"
    if _USER_INFORMATION.match(value.removeprefix("<")):
        yield f"{name} has user information"


def _revisit_faults(record: Record) -> Iterator[str]:
    profile = record.get("WARC-Profile")
    found = _PROFILE.fullmatch(profile) if profile else None
    if found is None:
        yield f"revisit profile {profile!r} is unknown"
    elif found.group(1) == "identical-payload-digest" and not record.get("WARC-Payload-Digest"):
        yield "a revisit by payload digest needs WARC-Payload-Digest"
    if not (record.get("WARC-Refers-To") or record.get("WARC-Refers-To-Target-URI")):
        yield "a revisit refers to no record"
    yield from _target_faults("WARC-Refers-To-Target-URI", record.get("WARC-Refers-To-Target-URI"))
    date = record.get("WARC-Refers-To-Date")
    if date is not None and parse_warc_date(date) is None:
        yield f"WARC-Refers-To-Date {date!r} is no date"


def _digest_faults(record: Record) -> Iterator[str]:
    yield from _digest_fault("block", record.get("WARC-Block-Digest"), record.block)
    stated = record.get("WARC-Payload-Digest")
    if stated is None or record.type == "revisit" or record.get("WARC-Segment-Number"):
        return  # the payload of these stands elsewhere
    try:
        payload = _payload(record)
    except NotHttp as error:
        yield f"payload digest without a payload: {error}"
        return
    if payload is None:
        yield "payload digest without a payload: the HTTP framing defines none"
    else:
        yield from _digest_fault("payload", stated, payload)


def _digest_fault(kind: str, stated: str | None, data: bytes) -> Iterator[str]:
    if stated is None:
        return
    try:
        found = differing_digest(stated, data)
    except ValueError as error:
        yield f"{kind} digest: {error}"
    else:
        if found is not None:
            yield f"{kind} digest is {found}, the record states {stated}"


def _payload(record: Record) -> bytes | None:
    if record.type == "response" and _is_http(record):
        return parse_response(record.block).payload
    if record.type == "request" and _is_http(record):
        return request_payload(record.block)
    return record.block


def _is_http(record: Record) -> bool:
    return (record.target_uri or "").lower().startswith(("http:", "https:"))


def _is_address(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True
