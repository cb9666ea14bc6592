"""What the WARC tests share: exchanges as a server would have answered, and a writer whose ids and clock are told."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scraper.model import Exchange
from scraper.warc import WarcWriter

MOMENT = datetime(2026, 11, 22, 8, 30, 0, 250000, tzinfo=UTC)


def _exchange(
    body: bytes = b"<p>One paragraph.</p>",
    *,
    url: str = "http://news.example/one?a=1",
    status: str = "200 OK",
    headers: bytes = b"Content-Type: text/html\r\n",
    chunks: int | None = None,
    wire: bytes | None = None,
    **changes: object,
) -> Exchange:
    """An exchange; chunks: size of the chunks to send the body in; wire: the octets after the head, as they are."""
    if chunks is not None:
        headers += b"Transfer-Encoding: chunked\r\n"
        parts = [body[at : at + chunks] for at in range(0, len(body), chunks)]
        sent = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    else:
        headers += b"Content-Length: %d\r\n" % len(body)
        sent = body
    head = b"HTTP/1.1 " + status.encode() + b"\r\n" + headers + b"\r\n"
    values: dict[str, object] = {
        "target_uri": url,
        "requested_at": MOMENT,
        "ip_address": "192.0.2.7",
        "request": b"GET /one?a=1 HTTP/1.1\r\nHost: news.example\r\n\r\n",
        "response": head + (sent if wire is None else wire),
        "head_length": len(head),
        "status": int(status[:3]),
        "headers": (),
        "payload": body,
    }
    return Exchange(**{**values, **changes})  # type: ignore[arg-type]  # the tests' own keywords


def _told_writer(folder: Path, **settings: object) -> WarcWriter:
    counter = itertools.count(1)
    told: dict[str, object] = {
        "now": lambda: MOMENT,
        "new_id": lambda: uuid.UUID(int=next(counter)),
        "new_token": lambda: "00c0ffee",
        "software": "article-archive/0",
        "operator": "A. Reader <reader@example.org>",
        "robots": "obey",
    }
    return WarcWriter(folder, **{**told, **settings})  # type: ignore[arg-type]  # the tests' own keywords


@pytest.fixture(scope="session")
def exchange() -> Callable[..., Exchange]:
    """Makes an exchange."""
    return _exchange


@pytest.fixture(scope="session")
def told_writer() -> Callable[..., WarcWriter]:
    """Makes a writer that takes the same ids, clock and file names each time."""
    return _told_writer


@pytest.fixture(scope="session")
def moment() -> datetime:
    """The instant that the told clock names."""
    return MOMENT


@pytest.fixture(scope="session")
def make_member() -> Callable[..., bytes]:
    """Makes one gzip member out of the octets of a record, however wrong they are."""
    import zlib

    def member(*pieces: bytes) -> bytes:
        compressor = zlib.compressobj(6, zlib.DEFLATED, 31)
        return b"".join(compressor.compress(piece) for piece in pieces) + compressor.flush()

    return member
