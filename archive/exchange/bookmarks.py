"""Bookmarks as browsers export them: the Netscape bookmark file, which Pinboard, Delicious and Pocket write too. Pure.

It is HTML that nobody closes, so it is read tag by tag: `DT`, `H3` for a folder, `DL` for what is in it, `A`.
"""

from __future__ import annotations

import re
from datetime import datetime
from html.parser import HTMLParser
from typing import Final

from archive.exchange.model import Collector, Listing, UnreadableFile, moment_of, tags_of, text_of

_ROOTS: Final = frozenset(["personal_toolbar_folder", "unfiled_bookmarks_folder"])
"""Marks of the folders that every browser has: they say where a bookmark is shown, not what it is about."""

_OTHER_SCHEME = re.compile(r"\s*(?!https?:)([A-Za-z][A-Za-z0-9+.-]*):(?!\d)", re.I)


def read_bookmarks(payload: bytes) -> Listing:
    """The bookmarks of a file, filed under their tags and the folders they are in.

    Raises: UnreadableFile, when there is not one link in it.
    """
    reader = _Reader()
    reader.feed(text_of(payload))
    reader.close()
    reader.end_link()
    listing = reader.found.listing()
    if not listing.entries and not listing.skipped:
        raise UnreadableFile(
            "there is no link in it: bookmarks are exported as HTML, by the browser's bookmark manager"
        )
    return listing


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found = Collector()
        self._folders: list[str | None] = []
        self._coming: str | None = None
        self._words: list[str] | None = None
        self._is_root = False
        self._link: dict[str, str] | None = None
        self._where = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in ("a", "dt", "dl", "h3", "li"):
            self.end_link()
        if tag == "h3":
            self._words, self._is_root = [], bool(_ROOTS & values.keys())
        elif tag == "dl":
            self._folders.append(self._coming)
            self._coming = None
        elif tag == "a":
            self._link, self._words = values, []
            self._where = f"line {self.getpos()[0]}"

    def handle_endtag(self, tag: str) -> None:
        if tag == "h3" and self._link is None and self._words is not None:
            self._coming = None if self._is_root else " ".join("".join(self._words).split())
            self._words = None
        elif tag == "dl":
            self.end_link()
            if self._folders:
                self._folders.pop()
        elif tag == "a":
            self.end_link()

    def handle_data(self, data: str) -> None:
        if self._words is not None:
            self._words.append(data)

    def end_link(self) -> None:
        """Take down the link that is open."""
        if self._link is None:
            return
        values, words = self._link, "".join(self._words or ())
        self._link = self._words = None
        address = values.get("href", "")
        other = _OTHER_SCHEME.match(address)
        if other:
            self.found.skip(self._where, address, f"{other[1].lower()}: is not http or https")
            return
        folders = tuple(folder for folder in self._folders if folder)
        self.found.add(
            self._where,
            values.get("feedurl") or address,
            title=words,
            tags=(*folders, *tags_of(values.get("tags"))),
            added=_added(values),
            feed="feedurl" in values,
        )


def _added(values: dict[str, str]) -> datetime | None:
    """When a bookmark was made: `ADD_DATE` of browsers, `TIME_ADDED` of Pocket."""
    return moment_of(values.get("add_date") or values.get("time_added"))
