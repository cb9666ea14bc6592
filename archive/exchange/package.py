"""A WACZ file opened with suspicion: what is in it is taken by its place, never written under the name it gives.

Source: https://specs.webrecorder.net/wacz/1.1.1/; `../shared/facts/trust.md`, section 3, file names.
"""

from __future__ import annotations

import json
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Final, cast

from archive.exchange.model import UnreadableFile

MAX_MEMBERS: Final = 10_000
MAX_RATIO: Final = 200
"""WARC files are stored as they are and lists of pages shrink to a tenth; zeros shrink to a thousandth."""

_FREE_BYTES: Final = 1_000_000
"""So little may shrink as far as it likes."""

_MAX_JSON_BYTES: Final = 64_000_000
_MAX_LINE_BYTES: Final = 64_000_000
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_DRIVE: Final = re.compile(r"[A-Za-z]:")


class Package:
    """A WACZ file. Use `open_package`."""

    def __init__(self, path: Path, zipped: zipfile.ZipFile) -> None:
        self._path = path
        self._zip = zipped
        self.members = _checked(path, zipped)
        self._hashes = self._stated_hashes()

    @property
    def warcs(self) -> list[str]:
        """The WARC files in it, in order of their names."""
        found = (name for name in self.members if name.startswith("archive/"))
        return sorted(name for name in found if re.search(r"\.warc(\.gz)?$", name, re.I))

    @property
    def octets(self) -> int:
        """How many bytes the WARC files in it have."""
        return sum(self.members[name].file_size for name in self.warcs)

    def sha256(self, name: str) -> str | None:
        """The digest that the package states of a file in it, hexadecimal; `None` where it states none."""
        return self._hashes.get(name)

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """A file in it. Raises: UnreadableFile, when its bytes are not those that the package was made of."""
        try:
            stream = self._zip.open(self.members[name])
        except (zipfile.BadZipFile, RuntimeError, OSError, ValueError) as error:
            # encrypted, packed as Python cannot unpack, or at a place before the file begins
            raise UnreadableFile(f"{self._path}: {name}: {error}") from error
        try:
            with stream:
                yield cast(BinaryIO, stream)
        except (zipfile.BadZipFile, EOFError, zlib.error) as error:
            raise UnreadableFile(f"{self._path}: {name}: {error}") from error

    def pages(self) -> Iterator[str]:
        """The addresses that it lists as pages."""
        for name in sorted(self.members):
            if not re.fullmatch(r"pages/[^/]+\.jsonl", name):
                continue
            with self.open(name) as stream:
                while line := stream.readline(_MAX_LINE_BYTES):
                    said = _json(line)
                    if isinstance(said, dict) and isinstance(said.get("url"), str):
                        yield said["url"]

    def _stated_hashes(self) -> dict[str, str]:
        if "datapackage.json" not in self.members:
            raise UnreadableFile(f"{self._path}: no WACZ file: there is no datapackage.json in it")
        with self.open("datapackage.json") as stream:
            said = _json(stream.read(_MAX_JSON_BYTES))
        resources = said.get("resources") if isinstance(said, dict) else None
        found: dict[str, str] = {}
        for one in resources if isinstance(resources, list) else ():
            path, stated = (one.get("path"), one.get("hash")) if isinstance(one, dict) else (None, None)
            if isinstance(path, str) and isinstance(stated, str) and stated.startswith("sha256:"):
                found[path] = stated.removeprefix("sha256:").lower()
        return found


@contextmanager
def open_package(path: Path) -> Iterator[Package]:
    """A WACZ file, every name and size in it checked. Raises: UnreadableFile; OSError."""
    try:
        zipped = zipfile.ZipFile(path)
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        ValueError,
    ) as error:  # of a version that is none, or damaged
        raise UnreadableFile(f"{path}: no WACZ file: {error}") from error
    with zipped:
        yield Package(path, zipped)


def _checked(path: Path, zipped: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    members = zipped.infolist()
    if len(members) > MAX_MEMBERS:
        raise UnreadableFile(f"{path}: {len(members)} files are in it, more than {MAX_MEMBERS}: refused")
    if sum(one.compress_size for one in members) > path.stat().st_size:
        raise UnreadableFile(f"{path}: files in it lie one over the other: refused")
    found: dict[str, zipfile.ZipInfo] = {}
    for one in members:
        why = _fault(one)
        if one.filename in found:
            why = "it is there twice"
        if why is not None:
            raise UnreadableFile(f"{path}: {one.filename[:200]!r} in it: {why}: refused")
        if not one.is_dir():
            found[one.filename] = one
    return found


def _fault(one: zipfile.ZipInfo) -> str | None:
    """What is wrong with a member; `None` for nothing. `orig_filename` is the name before Python mends it."""
    name = one.orig_filename
    parts = PurePosixPath(name).parts
    if not name or name.startswith("/") or "\\" in name or "\0" in name or _DRIVE.match(name):
        return "an absolute name, or none at all"
    if ".." in parts:
        return "a name that leads out of the file"
    kind = stat.S_IFMT(one.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "a link, or something else that is no file"
    if one.flag_bits & 1:
        return "it is encrypted"
    if one.compress_type not in _METHODS:
        return "it is compressed in a way that WACZ does not have"
    if one.file_size > _FREE_BYTES and one.file_size > MAX_RATIO * one.compress_size:
        return f"its {one.compress_size} bytes would become {one.file_size}"
    return None


def _json(octets: bytes) -> Any:
    try:
        return json.loads(octets)
    except ValueError:
        return None
