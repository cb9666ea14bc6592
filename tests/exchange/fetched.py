"""An archive that was made as a reader makes one: pages of a server fetched, one moved, one asked again, one saved."""

from __future__ import annotations

from pathlib import Path

from archive.app import Archive, open_archive
from tests.loopback import Loopback, page, redirect
from tests.program import environment
from tests.stories import story

QUOTED = (
    "<!doctype html><html lang=en><head><title>The lock-keeper’s last words</title></head><body><article>"
    "<h1>The lock-keeper’s last words</h1><p>The lock-keeper of Ketterby, who had opened the gates for forty years, "
    "spoke to the council on Tuesday evening and left the hall without his hat.</p>"
    "<p>“We’ll open the sluice-gate at half past nine &ndash; not a minute\nlater,” she said, and nobody in the hall "
    "doubted that the well&shy;known engineer would keep her word.</p>"
    "<p>Her caf&eacute; stayed open all night. The water fell by eleven centimetres before the morning, and by noon "
    "the barges could pass again, one after the other, with their lamps still lit.</p></article></body></html>"
)
"""A page whose quotation is set as printers set it."""


def fetched_archive(folder: Path) -> Archive:
    """The archive, opened; its server is gone."""
    (folder / "config.toml").write_text("[archive]\n")
    opened = open_archive(folder / "config.toml", environment=environment())
    routes = {
        "/one": story(1),
        "/two": page(story(2), coding="gzip"),
        "/moved": redirect("/two"),
        "/three": story(3),
        "/quoted": QUOTED,
    }
    with Loopback(routes) as server:
        opened.add([server.url(path) for path in ("/moved", "/one", "/three", "/quoted")], tags=["ferries"])
        opened.add([server.url("/one")], force=True)  # unchanged: a revisit record
        opened.add_saved_page(story(4).encode(), server.url("/saved"))
    opened.close()
    return opened
