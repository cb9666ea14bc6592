"""The store: the only code that writes the database, behind one class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Self

from sqlite_utils import Database

from archive.model import Article, CaptureRow, Intent, Known, Outcome, Saved, SearchRequest, SearchResult
from archive.store import finding, reading, writing
from archive.store.connection import open_database, transaction, translated
from archive.store.index import check_index, rebuild_index
from archive.store.reading import Status
from archive.store.rows import ArticleVersion


class Store:
    """An open database of an archive. Use `Store.open`, in a `with` statement or closed by hand.

    Threads may share it: each call runs alone. Whoever writes holds the archive's lock; what is decided on what
    the store knows (`known`, `article_with_text`) must be saved before the next item is decided.

    Every method raises StoreError when the database cannot be read or written, and DiskFull when there is no
    room: what the call was to write is then not written at all.
    """

    def __init__(self, path: Path, db: Database) -> None:
        self.path = path
        self._db = db
        self._lock = RLock()

    @classmethod
    def open(cls, path: Path | str, *, read_only: bool = False) -> Self:
        """The store at a path, made or brought up to date unless `read_only`.

        An existing database is copied beside itself before its schema changes.
        Raises: MigrationError, when it was made by a newer version; StoreError.
        """
        path = Path(path)
        return cls(path, open_database(path, read_only=read_only))

    def close(self) -> None:
        """Close the connection. Everything saved is on disk already."""
        with self._alone():
            self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # What is known before a step

    def known(self, key: str) -> Known | None:
        """The article that a normalised URL leads to: its own, or one it was captured or redirected to."""
        with self._alone():
            return reading.find_known(self._db, key)

    def article_with_text(self, text_sha256: str) -> int | None:
        """The article that holds exactly this text, `None` if none does. Never a duplicate."""
        with self._alone():
            return reading.head_with_text(self._db, text_sha256)

    def extents(self) -> dict[str, int]:
        """How far the database knows each WARC file: the end of its last record, in bytes."""
        with self._alone():
            return reading.read_extents(self._db)

    def has_capture_at(self, warc_file: str, offset: int) -> bool:
        """Whether the record at an offset of a WARC file is known."""
        with self._alone():
            return reading.is_captured_at(self._db, warc_file, offset)

    # What is written

    def save(self, intent: Intent) -> Saved:
        """Write one item in one transaction; when this returns it is on disk.

        Raises: StoreError, when the intent contradicts itself or rests on what no longer holds (its URL was
        taken, the text it copies has changed). Nothing is written then.
        """
        with self._writing():
            return writing.save_intent(self._db, intent)

    def start_run(self, command: str, started_at: datetime, job: str | None = None) -> int:
        """Record that a run began; the id to give to `Intent` and `end_run`."""
        with self._writing():
            return writing.start_run(self._db, command, started_at, job)

    def end_run(
        self, run_id: int, ended_at: datetime, counts: Mapping[str, int] | Mapping[Outcome, int]
    ) -> None:
        """Record that a run ended, and how often each outcome came of it."""
        with self._writing():
            writing.end_run(self._db, run_id, ended_at, counts)

    # What is held

    def article(self, id_or_url: int | str, version: int | None = None) -> Article:
        """An article by id or normalised URL, as it stands or as it stood. Raises: NotFound."""
        with self._alone():
            return reading.read_article(self._db, id_or_url, version)

    def versions(self, article_id: int) -> tuple[ArticleVersion, ...]:
        """Every version of an article, whole, oldest first."""
        with self._alone():
            return reading.read_versions(self._db, article_id)

    def captures(self, article_id: int) -> tuple[CaptureRow, ...]:
        """Every capture on the way to an article, oldest first."""
        with self._alone():
            return reading.read_captures(self._db, article_id)

    def recent(self, limit: int = 20) -> tuple[Article, ...]:
        """The articles that came in last, newest first."""
        with self._alone():
            return reading.read_recent(self._db, limit)

    def search(self, request: SearchRequest) -> SearchResult:
        """What a search finds, best first. Whatever is typed is a query; filters typed in it outrank the others."""
        with self._alone():
            return finding.search_articles(self._db, request)

    def status(self) -> Status:
        """What the archive holds, in numbers."""
        with self._alone():
            return reading.read_status(self._db)

    # The index

    def rebuild_index(self) -> None:
        """Make the full-text index again from the articles."""
        with self._writing():
            rebuild_index(self._db)

    def check_integrity(self) -> None:
        """Compare every page, key and index with what they should be. Raises: StoreError, naming the fault."""
        with self._alone():
            reading.check_database(self._db)
            check_index(self._db)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._lock, translated(self.path):
            yield

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._alone(), transaction(self._db):
            yield
