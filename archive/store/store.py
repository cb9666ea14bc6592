"""The store: the only code that writes the database, behind one class."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from archive.errors import IndexDamaged, StoreError
from archive.jobs.schedule import Policy
from archive.model import (
    Article,
    CaptureRow,
    Intent,
    Known,
    Outcome,
    Reading,
    Reread,
    Saved,
    SearchRequest,
    SearchResult,
    SiteFurniture,
    StoredReading,
)
from archive.store import (
    bitmap_making,
    fact_making,
    finding,
    furnishing,
    likeness,
    payloads,
    reading,
    rewriting,
    where,
    writing,
)
from archive.store.connection import open_reader, private_copy, transaction, translated
from archive.store.frontier import Frontier
from archive.store.index import check_index, rebuild_index
from archive.store.likeness import ClusterSummary, Origins, Similar
from archive.store.payloads import PayloadCapture
from archive.store.reading import Status
from archive.store.rows import ArticleVersion, time_to_column
from archive.store.sanitise import clean_line
from archive.store.terms import TermIndex

if TYPE_CHECKING:
    from sqlite_utils import Database

    from archive.store.linking import Linker

BLOCKS_A_RUN: Final = 8
"""Of articles whose very common words a run notes as it ends, a second each: after `archive reextract` of a million
articles, four runs have made up for it."""


class Store:
    """An open database of an archive. Use `Store.open`, in a `with` statement or closed by hand.

    Threads may share it: each call runs alone. Whoever writes holds the archive's lock; what is decided on what
    the store knows (`known`, `article_with_text`) must be saved before the next item is decided.

    Every method raises StoreError when the database cannot be read or written, and DiskFull when there is no
    room: what the call was to write is then not written at all.
    """

    def __init__(
        self, path: Path, connection: sqlite3.Connection, db: Database | None, policy: Policy | None = None
    ) -> None:
        self.path = path
        self._policy = policy or Policy()
        self._connection = connection
        self._db = db  # the same connection; None when it only reads
        self._lock = RLock()
        self._linker: Linker | None = None
        self._furnishing = furnishing.Furnishing(connection)
        self.frontier = Frontier(connection, self._alone, self._writing)
        self._terms = TermIndex(connection)

    @classmethod
    def open(cls, path: Path | str, *, read_only: bool = False, policy: Policy | None = None) -> Self:
        """The store at a path, made or brought up to date unless `read_only`.

        policy: when what was asked is due again.
        An existing database is copied beside itself before its schema changes.
        Raises: MigrationError, when it was made by a newer version; StoreError.
        """
        path = Path(path)
        with translated(path):
            if read_only:
                return cls(path, open_reader(path), None)
            # Not above: sqlite-utils takes 200 ms to import, numpy included, half of a cold search.
            from archive.store.migrating import open_writer  # noqa: PLC0415

            db = open_writer(path)
            return cls(path, db.conn, db, policy)

    def close(self) -> None:
        """Close the connection. Everything saved is on disk already."""
        with self._alone():
            self._connection.close()

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
            return reading.find_known(self._connection, clean_line(key))

    def article_with_text(self, text_sha256: str) -> int | None:
        """The article that holds exactly this text, `None` if none does. Never a duplicate."""
        with self._alone():
            return reading.head_with_text(self._connection, text_sha256)

    def capture_with_payload(self, digest: str) -> PayloadCapture | None:
        """The first capture whose record holds the payload of a digest."""
        with self._alone():
            return payloads.capture_with_payload(self._connection, digest)

    def standing_payload(self, key: str) -> PayloadCapture | None:
        """The capture whose payload made the article of a normalised URL what it is."""
        with self._alone():
            return payloads.standing_payload(self._connection, clean_line(key))

    def source_payload(self, key: str) -> PayloadCapture | None:
        """The capture that holds what a source said when it was read last."""
        with self._alone():
            return payloads.source_payload(self._connection, clean_line(key))

    def capture_of(self, url: str, requested_at: datetime) -> PayloadCapture | None:
        """The capture that a revisit record names."""
        with self._alone():
            return payloads.capture_of(self._connection, clean_line(url), time_to_column(requested_at))

    def extents(self) -> dict[str, int]:
        """How far the database knows each WARC file: the end of its last record, in bytes."""
        with self._alone():
            return reading.read_extents(self._connection)

    def has_capture_at(self, warc_file: str, offset: int) -> bool:
        """Whether the record at an offset of a WARC file is known."""
        with self._alone():
            return reading.is_captured_at(self._connection, warc_file, offset)

    def furniture(self, site: str) -> SiteFurniture:
        """What a site is known to repeat around its articles."""
        with self._alone():
            if self._db is None:  # another process may be learning
                return furnishing.read_furniture(self._connection, site)
            return self._furnishing.of(site)

    def stale(self, limit: int) -> list[int]:
        """Articles that would read otherwise with what is known of their sites now, the oldest first."""
        with self._alone():
            return furnishing.read_stale(self._connection, limit)

    def is_read_otherwise(self, article_id: int, extractor: str) -> bool:
        """Whether an article was read by another extractor than this, or would read otherwise now."""
        with self._alone():
            return reading.extractor_of(self._connection, article_id) != extractor or furnishing.is_stale(
                self._connection, article_id
            )

    def readings(self, article_id: int) -> tuple[StoredReading, ...]:
        """Every version that an article's publisher made, oldest first, by the capture that it was read from."""
        with self._alone():
            return reading.read_readings(self._connection, article_id)

    def judge_reading(self, again: Reading) -> Reread:
        """What `save_reading` would make of a page read again; nothing is written."""
        with self._alone():
            return rewriting.judge_reading(self._connection, again)

    def articles_where(self, condition: str | None) -> list[int]:
        """The ids of articles for which an SQL condition holds, in order. Raises: BadCondition."""
        with self._alone():
            return where.articles_where(self.path, condition)

    # What is written

    def save(self, intent: Intent) -> Saved:
        """Write one item in one transaction; when this returns it is on disk.

        Raises: StoreError, when the intent contradicts itself or rests on what no longer holds (its URL was
        taken, the text it copies has changed). Nothing is written then.
        """
        with self._linking() as (db, linker):
            return writing.save_intent(db, intent, linker, self._furnishing, self._terms, self._policy)

    def save_reading(self, reading: Reading) -> Reread:
        """Write what reading a captured page again gave, in one transaction. Raises: StoreError."""
        with self._linking() as (db, linker):
            return rewriting.save_reading(db, reading, linker, self._furnishing, self._terms)

    def settle(self, article_id: int) -> None:
        """Note that a stale article cannot be read again."""
        with self._writing() as db:
            furnishing.settle(db.conn, article_id)

    def link_unlinked(self, *, batch: int = 50) -> int:
        """Compare articles that were held before they could be compared; how many there were.

        A batch is a transaction: what is killed here goes on where it was.
        """
        linked = 0
        with self._linking() as (_, linker):
            if linker.is_current():
                return 0
        while True:
            with self._linking() as (_, linker):
                count = linker.link_more(batch)
            if not count:
                return linked
            linked += count

    def note_unnoted(self, *, batch: int = 100) -> int:
        """Note the words, for finding names by, of articles that were held before; how many there were.

        In batches, as `link_unlinked`.
        """
        noted = 0
        with self._writing():
            if self._terms.is_current():
                return 0
        while True:
            with self._writing():
                count = self._terms.note_more(batch)
            if not count:
                return noted
            noted += count

    def make_bitmaps(self, at_most: int | None = None) -> int:
        """Make the bits by which very common words and filters are found in a large archive, of blocks of articles that
        have none; of how many. at_most: blocks whose words are noted, a second each, and ten times as many for facts.

        Each is a transaction, beside which readers go on.
        """
        self._make_blocks(fact_making.make_next, None if at_most is None else 10 * at_most)
        return self._make_blocks(bitmap_making.make_next, at_most)

    def _make_blocks(self, make_next: Callable[[sqlite3.Connection], int | None], at_most: int | None) -> int:
        made = 0
        while made != at_most:
            with self._writing() as db:
                if make_next(db.conn) is None:
                    break
            made += 1
        return made

    def add_tags(self, article_id: int, tags: Sequence[str]) -> None:
        """File an article under more tags. Raises: NotFound."""
        with self._writing() as db:
            writing.add_tags(db, article_id, tags)

    def note_first_captured(self, article_id: int, at: datetime) -> None:
        """An article that came from another archive was first captured there, then."""
        with self._writing() as db:
            writing.note_first_captured(db, article_id, at)

    def start_run(self, command: str, started_at: datetime, job: str | None = None) -> int:
        """Record that a run began; the id to give to `Intent` and `end_run`."""
        with self._writing() as db:
            return writing.start_run(db, command, started_at, job)

    def end_run(
        self, run_id: int, ended_at: datetime, counts: Mapping[str, int] | Mapping[Outcome, int]
    ) -> None:
        """Record that a run ended, and how often each outcome came of it."""
        with self._writing() as db:
            writing.end_run(db, run_id, ended_at, counts)
            self._terms.settle()
        self.make_bitmaps(BLOCKS_A_RUN)

    # What is held

    def article(self, id_or_url: int | str, version: int | None = None) -> Article:
        """An article by id or normalised URL, as it stands or as it stood. Raises: NotFound."""
        with self._alone():
            return reading.read_article(self._connection, id_or_url, version)

    def versions(self, article_id: int) -> tuple[ArticleVersion, ...]:
        """Every version of an article, whole, oldest first."""
        with self._alone():
            return reading.read_versions(self._connection, article_id)

    def captures(self, article_id: int) -> tuple[CaptureRow, ...]:
        """Every capture on the way to an article, oldest first."""
        with self._alone():
            return reading.read_captures(self._connection, article_id)

    def recent(self, limit: int = 20) -> tuple[Article, ...]:
        """The articles that came in last, newest first."""
        with self._alone():
            return reading.read_recent(self._connection, limit)

    def search(self, request: SearchRequest) -> SearchResult:
        """What a search finds, best first. Whatever is typed is a query; filters typed in it hold beside the others."""
        with self._alone():
            return finding.search_articles(self._connection, request)

    def origins(self, request: SearchRequest) -> Origins:
        """How many articles a search finds, copies included, and of how many origins."""
        with self._alone():
            return likeness.count_origins(self._connection, request)

    def similar(self, article_id: int) -> tuple[Similar, ...]:
        """The copies, near-duplicates and borrowers of an article, and whom it borrows from; the likest first."""
        with self._alone():
            return likeness.read_similar(self._connection, article_id)

    def cluster(self, cluster_id: int) -> ClusterSummary | None:
        """A cluster by its number; `None` where there is none."""
        with self._alone():
            return likeness.read_cluster(self._connection, cluster_id)

    def status(self) -> Status:
        """What the archive holds, in numbers."""
        with self._alone():
            return reading.read_status(self._connection)

    # The index

    def rebuild_index(self) -> None:
        """Make the full-text index again from the articles."""
        with self._writing() as db:
            rebuild_index(db.conn)
            bitmap_making.forget_all(db.conn)
            fact_making.forget_all(db.conn)

    def check_integrity(self) -> None:
        """Compare every page, key and index with what they should be; a store that only reads does it on a copy.

        Raises: IndexDamaged; StoreError, naming the fault; DiskFull, where there is no room for the copy.
        """
        with self._alone():
            if self._db is not None:
                self._check(self._connection)
                return
            # FTS5 compares an index with its articles by a statement that counts as writing, though it writes nothing.
            with closing(private_copy(self._connection)) as copy:
                self._check(copy)

    def _check(self, connection: sqlite3.Connection) -> None:
        reading.check_database(connection)
        try:
            check_index(connection)
            bitmap_making.check(connection)
            fact_making.check(connection)
        except sqlite3.DatabaseError as error:
            code = getattr(error, "sqlite_errorcode", None)  # ours, of the bits, has none
            if code not in (None, sqlite3.SQLITE_CORRUPT_VTAB):
                raise
            what = "the full-text index does not fit the articles" if code else str(error)
            raise IndexDamaged(f"{self.path}: {what}") from error

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._lock, translated(self.path):
            yield

    @contextmanager
    def _linking(self) -> Iterator[tuple[Database, Linker]]:
        """A transaction and what links articles in it, which is made anew after one that failed."""
        from archive.store.linking import Linker  # noqa: PLC0415 - numpy; who reads needs none of it

        try:
            with self._writing() as db:
                linker, self._linker = self._linker or Linker(db), None
                yield db, linker
        except BaseException:
            self._furnishing = furnishing.Furnishing(self._connection)
            raise
        self._linker = linker

    @contextmanager
    def _writing(self) -> Iterator[Database]:
        with self._alone():
            if self._db is None:
                raise StoreError(f"{self.path} was opened for reading only")
            try:
                with transaction(self._connection):
                    yield self._db
            except BaseException:
                self._terms = TermIndex(self._connection)  # it counts what was then not written
                raise
