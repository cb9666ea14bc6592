"""An index of the WARC records of chosen articles, redirects included, for pywb and other replay tools."""

from __future__ import annotations

from typing import BinaryIO

from archive.exchange.export import Order
from archive.exchange.spill import SortedLines, Spill
from archive.store.snapshot import KeptCapture
from scraper.model import RecordLocation
from scraper.warc.cdxj import cdxj_line


def write(order: Order, target: BinaryIO) -> None:
    """The lines in order."""
    with Spill() as spill:
        lines = SortedLines(spill)
        for capture in order.snapshot.captures():
            lines.add(index_line(capture, capture.location))
        for line in lines:
            target.write(f"{line}\n".encode())


def index_line(capture: KeptCapture, location: RecordLocation) -> str:
    """The line of a capture whose record stands at a location."""
    return cdxj_line(
        capture.url,
        capture.requested_at,
        filename=location.warc_file,
        offset=location.offset,
        length=location.length,
        mime="warc/revisit" if capture.is_revisit else capture.mime,
        status=capture.status,
        digest=capture.payload_digest,
    )
