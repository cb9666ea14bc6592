"""The archive at one instant, for whoever hands it on: chosen articles and their captures, a few at a time.

Everything is read in one transaction, so that what a run writes in the meantime changes nothing half-way.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

from archive.model import HELD, Article, SearchRequest
from archive.store.candidates import EVERY, candidates, meaning_of, newest_ids
from archive.store.connection import open_reader, translated
from archive.store.memo import Memo
from archive.store.reading import ARTICLE_SQL
from archive.store.rows import Row, article_from_row, rows_of, time_from_column
from archive.store.sanitise import clean_line
from archive.store.where import articles_where
from scraper.model import RecordLocation

BATCH: Final = 100
"""Articles read at once: bounds memory whatever their number, and costs one question for all of them."""


class KeptCapture(NamedTuple):
    """A capture whose record is on disk.

    url: the record's target URI, so for a web archive's copy where it was had. is_page: whether an article was read
    from it; else it is a hop of a redirect, a robots.txt, or came to nothing. is_revisit: whether another record holds
    its payload.
    """

    capture_id: int
    url: str
    requested_at: datetime
    status: int | None
    mime: str | None
    payload_digest: str | None
    is_page: bool
    is_revisit: bool
    location: RecordLocation


@dataclass(frozen=True, slots=True)
class Choice:
    """Which articles: all for which each of these holds. where: an SQL condition. query, tag, synonyms: of a search."""

    where: str | None = None
    query: str | None = None
    tag: str | None = None
    synonyms: tuple[tuple[str, ...], ...] = ()

    def __str__(self) -> str:
        said = (("where", self.where), ("query", self.query), ("tag", self.tag))
        return ", ".join(f"{name}: {value}" for name, value in said if value is not None) or "all articles"


class Snapshot:
    """Chosen articles of an archive, as they stood when it was opened. Closed by hand or by `with`."""

    def __init__(self, path: Path, choice: Choice | None = None) -> None:
        """Raises: BadCondition, StoreError, MigrationError."""
        self.path = path
        self.choice = choice or Choice()
        # Before the transaction: what it finds is never taken away again.
        chosen = articles_where(path, self.choice.where)
        with translated(path):
            self._connection = open_reader(path)
            self._connection.execute("BEGIN")
            found = self._found()
        self.ids: Sequence[int] = array(
            "q", chosen if found is None else (one for one in chosen if one in found)
        )
        """The ids of the chosen articles, in order."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()

    def __len__(self) -> int:
        return len(self.ids)

    def _found(self) -> frozenset[int] | None:
        """The ids of all articles that query and tag find, copies included; `None` where neither is asked for."""
        if self.choice.query is None and self.choice.tag is None:
            return None
        asked = SearchRequest(self.choice.query or "", tag=self.choice.tag, synonyms=self.choice.synonyms)
        meaning = meaning_of(self._connection, asked)
        if meaning.root is None and not meaning.blank:
            return frozenset()
        memo = Memo()
        source, values = candidates(
            self._connection, meaning.request, meaning.root, memo, with_copies=True, every=True
        )
        return frozenset(newest_ids(self._connection, source, values, EVERY, memo))

    def articles(self) -> Iterator[Article]:
        """The chosen articles whole, by id."""
        for ids in self._batches():
            with translated(self.path):
                found = rows_of(
                    self._connection.execute(f"{ARTICLE_SQL} WHERE a.id IN ({ids}) ORDER BY a.id")
                )
            yield from map(article_from_row, found)

    def captures(self) -> Iterator[KeptCapture]:
        """The captures of the chosen articles that have a record, and those whose payload they repeat.

        One that several articles need comes several times.
        """
        for ids in self._batches():
            with translated(self.path):
                found = rows_of(
                    self._connection.execute(
                        f"""
                        WITH own AS (SELECT id, revisit_of FROM captures WHERE article_id IN ({ids}))
                        SELECT * FROM captures WHERE warc_file IS NOT NULL
                            AND id IN (SELECT id FROM own UNION SELECT revisit_of FROM own)
                        ORDER BY id
                        """  # noqa: S608 - numbers
                    )
                )
            yield from map(_capture, found)

    def last_captured(self) -> datetime | None:
        """When the latest of the chosen articles was captured; `None` where none is chosen."""
        latest = []
        for ids in self._batches():
            query = f"SELECT max(last_captured) FROM articles WHERE id IN ({ids})"  # noqa: S608 - numbers
            latest += [one for (one,) in self._connection.execute(query)]
        known = [one for one in latest if one is not None]
        return time_from_column(max(known)) if known else None

    def article_with_url(self, url: str) -> Article | None:
        """The article of a normalised URL; `None` where there is none."""
        found = rows_of(self._connection.execute(f"{ARTICLE_SQL} WHERE a.url = ?", [clean_line(url)]))
        return article_from_row(found[0]) if found else None

    def _batches(self) -> Iterator[str]:
        for start in range(0, len(self.ids), BATCH):
            yield ", ".join(map(str, self.ids[start : start + BATCH]))


def _capture(row: Row) -> KeptCapture:
    return KeptCapture(
        row["id"],
        row["archive_url"] or row["url"],
        time_from_column(row["requested_at"]),
        row["status"],
        row["mime"],
        row["payload_digest"],
        row["outcome"] in HELD,
        row["revisit_of"] is not None,
        RecordLocation(row["warc_file"], row["warc_offset"], row["warc_length"]),
    )
