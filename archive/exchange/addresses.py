"""Lists of addresses: plain text, one a line. Pure."""

from __future__ import annotations

from archive.exchange.model import Collector, Listing, text_of


def read_addresses(payload: bytes) -> Listing:
    """The addresses of a text; blank lines and those that begin with `#` are no addresses."""
    found = Collector()
    for number, line in enumerate(text_of(payload).splitlines(), 1):
        said = line.strip()
        if said and not said.startswith("#"):
            found.add(f"line {number}", said)
    return found.listing()
