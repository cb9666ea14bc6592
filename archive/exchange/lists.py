"""Every kind of file that lists addresses, by the name it has on the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from archive.exchange.addresses import read_addresses
from archive.exchange.bookmarks import read_bookmarks
from archive.exchange.model import Listing
from archive.exchange.opml import read_opml
from archive.exchange.tables import read_instapaper, read_pocket, read_table
from archive.exchange.wallabag import read_wallabag

__all__ = ["READERS", "read_table"]

READERS: Final[Mapping[str, Callable[[bytes], Listing]]] = {
    "urls": read_addresses,
    "opml": read_opml,
    "bookmarks": read_bookmarks,
    "pocket": read_pocket,
    "instapaper": read_instapaper,
    "wallabag": read_wallabag,
    "csv": read_table,
}
"""Bytes to what they list. Every one raises `UnreadableFile` where they are not what they are said to be."""
