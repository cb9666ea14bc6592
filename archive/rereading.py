"""A captured page taken out of its WARC file again, to be read once more without asking any host."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from archive.errors import NotFound
from archive.model import HELD, CaptureRow
from archive.recovery import exchange_of
from scraper.errors import DecodeError, WarcError
from scraper.fetch.decode import Decoded
from scraper.model import Exchange
from scraper.warc import read_record


@dataclass(frozen=True, slots=True)
class CapturedPage:
    """A page as it was captured. payload: after content decoding. capture: the row that says when and where."""

    payload: bytes
    url: str
    content_type: str | None
    capture: CaptureRow


def captured_page(
    folder: Path, captures: Iterable[CaptureRow], decode: Callable[[Exchange], Decoded]
) -> CapturedPage:
    """The page of the latest of these captures whose record holds one whole.

    A revisit record holds none: the capture it repeats is among the earlier ones. Raises: NotFound, with what
    stood in the way of the last that was tried.
    """
    why = "no capture of it holds a page"
    held = [one for one in captures if one.outcome in HELD and one.location is not None]
    for capture in sorted(held, key=lambda one: one.requested_at, reverse=True):
        if capture.location is None:
            continue
        try:
            record = read_record(folder, capture.location)
            if record.type == "resource":
                return CapturedPage(record.block, capture.url, record.get("Content-Type"), capture)
            if record.type != "response":
                continue
            exchange = exchange_of(record)
            decoded = decode(exchange)
        except (WarcError, DecodeError, OSError) as error:
            why = str(error)
            continue
        if not decoded.truncated:
            return CapturedPage(decoded.data, exchange.target_uri, exchange.content_type, capture)
    raise NotFound(f"its page cannot be read again: {why}")
