"""WACZ 1.1.1: records, their index and a list of pages in one zip file, for ReplayWeb.page and Webrecorder's tools.

The WARC inside is stored as it is, since replay reads single records out of it.
Source: https://specs.webrecorder.net/wacz/1.1.1/
"""

from __future__ import annotations

import hashlib
import itertools
import json
import struct
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any, Final

from archive.exchange.cdxj import index_line
from archive.exchange.export import Order
from archive.exchange.fields import instant
from archive.exchange.records import copy_records
from archive.exchange.spill import SortedLines, Spill
from archive.model import Article

VERSION: Final = "1.1.1"
_MODIFIED: Final = (0x5455, 5, 1)
"""The field of a time in UTC: its id, its length, and that it is the one of modification (Info-ZIP, extrafld.txt)."""

WARC: Final = "articles.warc.gz"


def write(order: Order, target: Path) -> None:
    """The file."""
    with zipfile.ZipFile(target, "w", allowZip64=True) as package:
        resources = []
        with Spill() as spill:
            index = SortedLines(spill)
            with _Entry(package, f"archive/{WARC}", order, packed=False) as entry:
                for copied in copy_records(order, entry, WARC):
                    index.add(index_line(copied.capture, copied.location))
            resources.append(entry.resource)
            resources.append(_lines(package, order, "indexes/index.cdxj", index))
        head = {"format": "json-pages-1.0", "id": "pages", "title": "All pages", "hasText": True}
        pages = itertools.chain([json.dumps(head)], map(_page, order.articles()))
        resources.append(_lines(package, order, "pages/pages.jsonl", pages))
        described = json.dumps(_description(order, resources), ensure_ascii=False, indent=2).encode()
        _whole(package, order, "datapackage.json", described)
        digest = {"path": "datapackage.json", "hash": _sha256(described)}
        _whole(package, order, "datapackage-digest.json", json.dumps(digest, indent=2).encode())


def _page(article: Article) -> str:
    return json.dumps(
        {
            "id": str(article.id),
            "url": article.url,
            "ts": instant(article.last_captured),
            "title": article.title or article.url,
            "text": article.text,
        },
        ensure_ascii=False,
    )


def _description(order: Order, resources: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "profile": "data-package",
        "wacz_version": VERSION,
        "title": f"Articles: {order.snapshot.choice}",
        "created": instant(order.now),
        "modified": instant(order.now),
        "software": order.software,
        "resources": resources,
    }


class _Entry:
    """One file of the package while it is written: counted and hashed on the way."""

    def __init__(self, package: zipfile.ZipFile, path: str, order: Order, *, packed: bool) -> None:
        info = zipfile.ZipInfo(path, order.now.timetuple()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        info.external_attr = 0o644 << 16
        # Sizes are not known beforehand, so the local header has a ZIP64 field that the central one may lack. wabac.js
        # (2.24, of ReplayWeb.page 2.4.6) looks at the local header only where the central one has a field at all.
        info.extra = struct.pack("<HHBl", *_MODIFIED, int(order.now.timestamp()))
        self._stream: IO[bytes] = package.open(info, "w", force_zip64=True)
        self._path = path
        self._hash = hashlib.sha256()
        self._size = 0

    def __enter__(self) -> _Entry:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def write(self, data: bytes, /) -> int:
        """Take all of these octets."""
        self._hash.update(data)
        self._size += len(data)
        return self._stream.write(data)

    @property
    def resource(self) -> dict[str, Any]:
        """What the package says of this file."""
        return {
            "name": self._path.rpartition("/")[2],
            "path": self._path,
            "hash": f"sha256:{self._hash.hexdigest()}",
            "bytes": self._size,
        }


def _lines(package: zipfile.ZipFile, order: Order, path: str, lines: Iterable[str]) -> dict[str, Any]:
    with _Entry(package, path, order, packed=True) as entry:
        for line in lines:
            entry.write(f"{line}\n".encode())
    return entry.resource


def _whole(package: zipfile.ZipFile, order: Order, path: str, content: bytes) -> None:
    with _Entry(package, path, order, packed=True) as entry:
        entry.write(content)


def _sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
