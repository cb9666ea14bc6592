"""The one writer of WARC files.  Shell: writes the disk.

The promise it keeps: when a call returns, its records are whole on the disk (written, and the file synced); when it
raises, not one octet of them is left. So whoever names a record in a database after the call never names a record
that a crash could take away (`../shared/facts/trust.md`, section 4).

A file is named `<name>.warc.gz.open` while it is written to and `<name>.warc.gz` afterwards. A location always
holds the final name; the readers of this package accept both.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import UUID, uuid4

from scraper.errors import WarcError
from scraper.model import Exchange, RecordLocation
from scraper.warc.disk import make_folder, sync_folder, write_all
from scraper.warc.reader import OPEN_SUFFIX
from scraper.warc.record import (
    Draft,
    Original,
    metadata_draft,
    request_draft,
    resource_draft,
    response_draft,
    revisit_draft,
    warcinfo_draft,
)
from scraper.warc.serialise import DEFAULT_LEVEL, MAX_LEVEL, append_member

MAX_FILE_BYTES = 1_000_000_000
"""10^9 bytes, the target size that WARC 1.1, annex B, recommends."""

_PREFIX = re.compile(r"[A-Za-z0-9][A-Za-z0-9._]*(?:-[A-Za-z0-9._]+)*")
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class WarcWriteError(WarcError):
    """Records that could not be written. Nothing of them is left in the file; trying again later may help.

    no_room: whether the disk, a quota or a file-size limit is the reason.
    """

    def __init__(self, path: str, offset: int, cause: OSError) -> None:
        self.no_room = cause.errno in _NO_ROOM
        reason = "no room is left on the disk" if self.no_room else (cause.strerror or str(cause))
        super().__init__(path, offset, f"{reason}; nothing of these records was kept")


@dataclass(frozen=True, slots=True)
class WrittenRecord:
    """A record that is safe on the disk. date: its WARC-Date. payload_digest: as stated, `None` when none is."""

    record_id: str
    date: datetime
    location: RecordLocation
    payload_digest: str | None


@dataclass(frozen=True, slots=True)
class WrittenExchange:
    """An exchange that is safe on the disk.

    record_id: of the response (or revisit) record. location: where that record stands; `None` when not one octet
    came back, and then `record_id` is the request's. request_location: where the request stands.
    """

    record_id: str
    date: datetime
    location: RecordLocation | None
    payload_digest: str | None
    request_location: RecordLocation


@dataclass(slots=True)
class _OpenFile:
    """The file being written: `size` octets of it are whole records on the disk."""

    descriptor: int
    path: Path
    warcinfo: Draft
    size: int = 0

    @property
    def final(self) -> str:
        return self.path.name.removesuffix(OPEN_SUFFIX)


class WarcWriter:
    """Appends records to WARC files of one folder, and begins a new file when one is full.

    Made for one thread: the only writer of a run owns it. Other processes may write to the same folder with
    writers of their own; their files never have the same name.

    folder: made when it is missing. max_bytes: a file is closed before it grows beyond this; a group of records
        that was given together stays together, so a file may be longer when one group is.
    level: 0 to 9, see `scraper.warc.serialise`. software, operator, user_agent, robots: for the warcinfo record.
    now, new_id, new_token: clock, record ids and the random part of a file name, so that tests can fix them.
    """

    def __init__(
        self,
        folder: Path,
        *,
        prefix: str = "article-archive",
        max_bytes: int = MAX_FILE_BYTES,
        level: int = DEFAULT_LEVEL,
        software: str = "article-archive",
        operator: str | None = None,
        user_agent: str | None = None,
        robots: str | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        new_id: Callable[[], UUID] = uuid4,
        new_token: Callable[[], str] = lambda: secrets.token_hex(4),
    ) -> None:
        if not _PREFIX.fullmatch(prefix):
            raise ValueError(
                f"{prefix!r} cannot begin a file name: letters, digits, dots and single hyphens only"
            )
        if not 0 <= level <= MAX_LEVEL:
            raise ValueError(f"compression level {level} is not between 0 and {MAX_LEVEL}")
        self.folder = folder
        self._prefix = prefix
        self._max_bytes = max_bytes
        self._level = level
        self._info = {
            "software": software,
            "operator": operator,
            "http-header-user-agent": user_agent,
            "robots": robots,
        }
        self._now = now
        self._new_id = new_id
        self._new_token = new_token
        self._serial = 0
        self._file: _OpenFile | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write_exchanges(
        self, exchanges: Sequence[Exchange], *, originals: Mapping[int, Original] | None = None
    ) -> tuple[WrittenExchange, ...]:
        """Write response and request of every exchange, all in one group: on return all of them are safe.

        originals: index of an exchange -> the earlier capture with the same payload (or, for a 304, the one that
            is not modified); a `revisit` record is written in place of the response.
        Raises: WarcWriteError, and then nothing was kept.
        """
        drafts: list[tuple[Draft | None, Draft]] = []
        for index, exchange in enumerate(exchanges):
            answer = self._answer(exchange, (originals or {}).get(index))
            tie = answer.record_id if answer else None
            drafts.append((answer, request_draft(exchange, self._id(), tie)))
        places = iter(self.append(*(draft for pair in drafts for draft in pair if draft)))
        return tuple(_written(answer, request, next(places), places) for answer, request in drafts)

    def write_metadata(
        self,
        target_uri: str,
        content: Mapping[str, object],
        *,
        concurrent_to: WrittenExchange | WrittenRecord | None = None,
        date: datetime | None = None,
    ) -> WrittenRecord:
        """Write what the WARC would not know otherwise, as JSON (see `scraper.warc.record.metadata_draft`).

        concurrent_to: the capture it is about; its date is taken, and no new file is begun between the two.
        date: of a record about nothing captured (robots forbade it, no answer came); now, when not given.
        Raises: WarcWriteError, and then nothing was kept; TypeError, when `content` is nothing JSON knows.
        """
        moment = concurrent_to.date if concurrent_to else date or self._now()
        tie = concurrent_to.record_id if concurrent_to else None
        return self._write_one(
            metadata_draft(self._id(), target_uri, content, moment, tie), follows=bool(tie)
        )

    def write_resource(
        self, target_uri: str, payload: bytes, mime: str, date: datetime | None = None
    ) -> WrittenRecord:
        """Write a page that came without its HTTP response. date: when it was saved; now, when not given.

        Raises: WarcWriteError, and then nothing was kept.
        """
        return self._write_one(resource_draft(self._id(), target_uri, payload, mime, date or self._now()))

    def append(self, *drafts: Draft, follows: bool = False) -> tuple[RecordLocation, ...]:
        """Write records as one group and return their places, in order, once they are safe on the disk.

        follows: the group belongs to what was written before and stays in its file, full or not.
        Raises: WarcWriteError, and then nothing was kept and the writer can be used again.
        """
        if not drafts:
            return ()
        file = self._file
        if file is not None:
            buffer, lengths = self._members(file, drafts)
            if follows or file.size + len(buffer) <= self._max_bytes:
                return self._commit(file, buffer, lengths)
            del buffer
            self.close()
        file = self._begin_file()
        return self._commit(file, *self._members(file, drafts))

    def close(self) -> None:
        """End the current file: sync it, give it its final name, sync the folder. A closed writer may go on.

        Raises: WarcWriteError; the records are safe nonetheless, in the file that still has the suffix `.open`.
        """
        file, self._file = self._file, None
        if file is None:
            return
        if file.size == 0:
            self._undo(file, 0)
            return
        try:
            os.fsync(file.descriptor)
            # Renamed before it is let go, so that a lock-free `.open` file always means a dead writer.
            file.path.rename(file.path.with_name(file.final))
            sync_folder(self.folder)
        except OSError as error:
            raise WarcWriteError(file.final, file.size, error) from error
        finally:
            os.close(file.descriptor)

    def _answer(self, exchange: Exchange, original: Original | None) -> Draft | None:
        if not exchange.response:
            return None
        if original is not None:
            return revisit_draft(exchange, self._id(), original)
        return response_draft(exchange, self._id())

    def _write_one(self, draft: Draft, *, follows: bool = False) -> WrittenRecord:
        (location,) = self.append(draft, follows=follows)
        return WrittenRecord(draft.record_id, draft.date, location, draft.payload_digest)

    def _members(self, file: _OpenFile, drafts: Sequence[Draft]) -> tuple[bytearray, list[int]]:
        """The group compressed for this file, with the warcinfo record before it when it opens the file."""
        buffer, warcinfo_id = bytearray(), file.warcinfo.record_id
        if file.size == 0:
            append_member(buffer, file.warcinfo, None, self._level)
        lengths = [append_member(buffer, draft, warcinfo_id, self._level) for draft in drafts]
        return buffer, lengths

    def _commit(self, file: _OpenFile, buffer: bytearray, lengths: list[int]) -> tuple[RecordLocation, ...]:
        start = file.size
        try:
            write_all(file.descriptor, buffer, start)
            os.fsync(file.descriptor)
            if start == 0:
                sync_folder(self.folder)
            file.size = start + len(buffer)
        except BaseException as error:  # an interrupt must not leave half a record either
            self._undo(file, start)
            if isinstance(error, OSError):
                raise WarcWriteError(file.final, start, error) from error
            raise
        offset = file.size - sum(lengths)
        places = []
        for length in lengths:
            places.append(RecordLocation(file.final, offset, length))
            offset += length
        return tuple(places)

    def _undo(self, file: _OpenFile, size: int) -> None:
        """Take the file back to `size` octets; a file that holds nothing goes, one that resists is given up."""
        file.size = size
        try:
            if size:
                os.ftruncate(file.descriptor, size)
                os.fsync(file.descriptor)
                return
            file.path.unlink()
        except OSError:
            # Left as `.open` for `recover`, which cuts what is torn. The next record begins another file.
            pass
        self._file = None
        os.close(file.descriptor)

    def _begin_file(self) -> _OpenFile:
        """A new, empty file under a name that no other file has, locked as long as it is open."""
        moment = self._now()
        self._serial += 1
        try:
            make_folder(self.folder)
            while True:
                name = self._file_name(moment)
                path = self.folder / (name + OPEN_SUFFIX)
                if (self.folder / name).exists():
                    continue
                with contextlib.suppress(FileExistsError):
                    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
                    break
        except OSError as error:
            raise WarcWriteError(str(self.folder), 0, error) from error
        # Tells `recover` that the writer lives. Some network drives know no such lock; there the lock of the
        # archive alone has to do.
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        warcinfo = warcinfo_draft(self._id(), moment, name, self._info)
        self._file = _OpenFile(descriptor, path, warcinfo)
        return self._file

    def _file_name(self, moment: datetime) -> str:
        stamp = moment.astimezone(UTC).strftime("%Y%m%d%H%M%S%f")[:17]
        return f"{self._prefix}-{stamp}-{self._serial:05}-{os.getpid()}-{self._new_token()}.warc.gz"

    def _id(self) -> str:
        return self._new_id().urn


def _written(
    answer: Draft | None, request: Draft, place: RecordLocation, places: Iterator[RecordLocation]
) -> WrittenExchange:
    if answer is None:
        return WrittenExchange(request.record_id, request.date, None, None, place)
    return WrittenExchange(answer.record_id, answer.date, place, answer.payload_digest, next(places))
