"""CDXJ: the sorted index of WARC records that replay tools read. Pure.

A line is a key that sorts pages of one site together (SURT), the instant in 14 digits, and JSON.
Source: https://specs.webrecorder.net/cdxj/0.1.0/; the keys follow pywb, whose lookups must find them.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from urllib.parse import quote, unquote_to_bytes, urlsplit

_WWW = re.compile(r"www\d*\.")
_SAFE = "!\"$&'()*+,-./:;<=>?@[\\]^_`{|}~"
_DEFAULT_PORTS = {"http": 80, "https": 443}


def surt(url: str) -> str:
    """The sort key of a URL: `org,example)/path?query` for `https://www.example.org/path?query`.

    Scheme, `www.`, default port, fragment, a slash at the end and an empty query are left out; lower case; the query
    sorted. A text that is no URL with a host is its own key, without blanks.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host:
        return re.sub(r"\s", "%20", url.strip()).lower()
    host = _WWW.sub("", host.rstrip("."), count=1) if _WWW.match(host) else host.rstrip(".")
    try:
        host = host.encode("idna").decode("ascii") if not host.isascii() else host
    except UnicodeError:
        host = quote(host, safe="")
    labels = [host] if re.fullmatch(r"[0-9.]+|.*:.*", host) else host.split(".")[::-1]
    reversed_host = ",".join(labels)
    if port is not None and port != _DEFAULT_PORTS.get(parts.scheme.lower()):
        reversed_host += f":{port}"
    path = _escaped(parts.path) or "/"
    path = path.rstrip("/") if len(path) > 1 else path
    query = "&".join(sorted(_escaped(parts.query).split("&"))) if parts.query else ""
    return f"{reversed_host}){path or '/'}{f'?{query}' if query else ''}".lower()


def _escaped(part: str) -> str:
    """One spelling of percent escapes: only what cannot stand by itself is escaped."""
    octets = unquote_to_bytes(part)
    return quote(octets, safe=_SAFE).replace("#", "%23")


def timestamp(moment: datetime) -> str:
    """The instant in 14 digits, UTC."""
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%S")


def cdxj_line(
    url: str,
    moment: datetime,
    *,
    filename: str,
    offset: int,
    length: int,
    mime: str | None,
    status: int | None,
    digest: str | None,
) -> str:
    """One line, without its newline; as pywb and ReplayWeb.page expect it, numbers are texts.

    mime: `warc/revisit` for a revisit record. status: `None` for a page that came without its HTTP response.
    """
    said = {
        "url": url,
        "mime": mime or "unk",
        "status": str(status or 200),
        **({"digest": digest} if digest else {}),
        "length": str(length),
        "offset": str(offset),
        "filename": filename,
    }
    return f"{surt(url)} {timestamp(moment)} {json.dumps(said, ensure_ascii=False)}"
