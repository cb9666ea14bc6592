"""Addresses as sources write them, made absolute or refused; times as they write them, as ISO 8601. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import struct_time
from urllib.parse import urldefrag, urljoin, urlsplit

_TAG = re.compile(r"<[^<>]*>")
_SPACE = re.compile(r"\s+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def joined(href: str | None, base: str, longest: int) -> str | None:
    """An absolute address for http or https without its fragment; `None` where there is none to ask.

    longest: characters. What carries user names or passwords is no address for us.
    """
    text = "".join((href or "").split())
    if not text or text.startswith("#"):
        return None
    try:
        url = urldefrag(urljoin(base, text)).url
        parts = urlsplit(url)
        has_user = parts.username is not None
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or has_user or len(url) > longest:
        return None
    return url


def says_other_scheme(href: str | None) -> bool:
    """Whether a link leads to no page: `javascript:`, `mailto:`, `tel:`."""
    text = "".join((href or "").split())
    found = _SCHEME.match(text)
    return found is not None and found[0].lower() not in ("http:", "https:")


def plain(text: str | None, longest: int) -> str | None:
    """Text of a feed, which may be markup, as a line of words; `None` when there are none."""
    if not text:
        return None
    words = _SPACE.sub(" ", html.unescape(_TAG.sub(" ", text))).strip()
    return words[:longest].strip() or None


def time_of(parsed: struct_time | None) -> str | None:
    """A time that feedparser has read (UTC), as ISO 8601."""
    if parsed is None:
        return None
    try:
        return iso(datetime(*parsed[:6], tzinfo=UTC))
    except (TypeError, ValueError):
        return None


def iso_time(text: str | None) -> str | None:
    """A date or time in the W3C profile of ISO 8601, or as in mail (RFC 5322), as ISO 8601; `None` for others."""
    said = (text or "").strip()
    if not said:
        return None
    if re.fullmatch(r"\d{4}(-\d{2})?", said):
        return None  # a year or a month is no day
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", said):
            return datetime.fromisoformat(said).date().isoformat()
        when = datetime.fromisoformat(said)
    except ValueError:
        try:
            when = parsedate_to_datetime(said)
        except (TypeError, ValueError, IndexError):
            return None
    return iso(when)


def iso(when: datetime) -> str:
    """A time in UTC ending in `Z`; as it is, where it states no offset."""
    when = when.replace(microsecond=0)
    if when.tzinfo is None:
        return when.isoformat()
    try:
        return when.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except OverflowError:
        return when.isoformat()


def first_of_each(urls: Iterable[str]) -> tuple[str, ...]:
    """The same without repetitions, in order."""
    return tuple(dict.fromkeys(urls))
