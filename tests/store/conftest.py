"""A store on a real file, and short ways to say what a page said and when it was captured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from archive.dedup.decide import decide
from archive.model import HELD, ArticleDraft, CaptureRow, Intent, Outcome, Saved, Supporting
from archive.store import Store
from scraper.model import RecordLocation
from scraper.similarity import text_digest, word_count

START = datetime(2017, 10, 8, 12, 0, tzinfo=UTC)


class Keeper:
    """Saves what pages said, one capture a minute, one record of 100 bytes after the other."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._serial = count()

    def draft(self, url: str, text: str, title: str | None = "A title", **fields: Any) -> ArticleDraft:
        fields.setdefault("site", url.split("/")[2])
        return ArticleDraft(
            url=url,
            title=title,
            text=text,
            text_sha256=text_digest(text),
            word_count=word_count(text),
            **fields,
        )

    def capture(self, url: str, outcome: Outcome | Supporting, **fields: Any) -> CaptureRow:
        at = next(self._serial)
        fields.setdefault("location", RecordLocation("one.warc.gz", at * 100, 100))
        fields.setdefault("requested_at", START + timedelta(minutes=at))
        fields.setdefault("status", 200)
        return CaptureRow(url=url, key=url, outcome=outcome, **fields)

    def keep(
        self, url: str, text: str, title: str | None = "A title", *, tags: tuple[str, ...] = (), **fields: Any
    ) -> tuple[Outcome, Saved]:
        """Decide and save, as the pipeline does."""
        draft = self.draft(url, text, title, **fields)
        known = self.store.known(url)
        outcome, article_id, duplicate_of = decide(
            known, self.store.article_with_text(draft.text_sha256), draft
        )
        saved = self.store.save(
            Intent(
                outcome,
                (self.capture(url, outcome),),
                draft=None if outcome == "unchanged" else draft,
                article_id=article_id,
                duplicate_of=None if outcome == "unchanged" else duplicate_of,
                tags=tags,
            )
        )
        return outcome, saved

    def fail(self, url: str, outcome: Outcome, error: str = "no") -> Saved:
        assert outcome not in HELD
        return self.store.save(Intent(outcome, (self.capture(url, outcome, location=None, error=error),)))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path) as opened:
        yield opened
        opened.check_integrity()


@pytest.fixture
def keeper(store: Store) -> Keeper:
    return Keeper(store)


@pytest.fixture
def keeper_of() -> Callable[[Store], Keeper]:
    return Keeper
