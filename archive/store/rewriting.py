"""A captured page read again: the same publisher's version, by a better reading. Inside the caller's transaction.

A better reading is no change by the publisher. It becomes a row of `versions` with the number of the version that it
reads again and the reason `re-extracted`; the article keeps its id, its URL, its times and its number of versions, and
its links, cluster, passages and index follow the text.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from archive.dedup.decide import is_changed
from archive.errors import StoreError
from archive.model import ArticleDraft, Known, Reading, Reread, StoredReading
from archive.store.reading import read_article
from archive.store.rows import VERSION_COLUMNS, Row, draft_to_columns, rows_of
from archive.store.writing import (
    article_row,
    heads_with_text,
    insert,
    leave_text_to_oldest_duplicate,
    replace_origins,
    text_of,
    update,
)
from archive.versions import difference

if TYPE_CHECKING:
    from sqlite_utils import Database

    from archive.store.furnishing import Furnishing
    from archive.store.linking import Linker
    from archive.store.terms import TermIndex


def save_reading(
    db: Database, reading: Reading, linker: Linker, furnishing: Furnishing, terms: TermIndex
) -> Reread:
    """Write what reading a captured page again gave: a version with the reason `re-extracted`, or nothing.

    The article keeps its id, its URL and its number of versions. What only concerns other fields changes in place.
    """
    said = judge_reading(db.conn, reading)
    if reading.of.standing:
        if said.outcome == "re-extracted":
            _read_anew(db, reading, said.changes, linker, terms)
        elif said.outcome == "updated":
            _update_fields(db, reading)
        if reading.witness is not None:
            furnishing.note(reading.of.article_id, reading.witness, settled=True)
    elif said.outcome == "re-extracted":
        latest = _latest_reading(db.conn, reading.of)
        columns = draft_to_columns(reading.draft)
        values = {name: columns[name] for name in (*VERSION_COLUMNS, "text")}
        values |= {"changes": json.dumps(list(said.changes)), "structure": reading.draft.structure}
        insert(db, "versions", _kept_of(latest) | values)
    return said


def judge_reading(connection: sqlite3.Connection, reading: Reading) -> Reread:
    """What a page read again is to the article or version that it was read for. Nothing is written."""
    of, draft = reading.of, reading.draft
    before = read_article(connection, of.article_id, None if of.standing else of.version)
    said = Reread(
        of.article_id,
        before.url,
        of.version,
        "unchanged",
        title=before.title,
        words_before=before.word_count,
        words_after=draft.word_count,
    )
    standing = Known(
        of.article_id, before.url, before.title, before.published, before.text_sha256, of.version, None
    )
    if is_changed(standing, draft):
        kinds = difference(before, draft).kinds
        return replace(said, outcome="re-extracted", title=draft.title, changes=kinds)
    fields = _other_fields(connection, of.article_id, draft) if of.standing else ()
    return replace(said, outcome="updated" if fields else "unchanged", changes=fields)


def _read_anew(
    db: Database, reading: Reading, changes: Sequence[str], linker: Linker, terms: TermIndex
) -> None:
    """Put a better reading of the same capture in the place of the one that stands; its links follow."""
    article_id, draft = reading.of.article_id, reading.draft
    before = article_row(db, article_id)
    text_before = text_of(db, before)
    latest = _latest_reading(db.conn, reading.of)
    linker.forget(article_id, text_before)
    db.execute(
        "UPDATE versions SET text = ? WHERE article_id = ? AND text IS NULL", [text_before, article_id]
    )
    touched = []
    if before["text_sha256"] != draft.text_sha256:
        leave_text_to_oldest_duplicate(db, article_id, text_before)
        touched = heads_with_text(db, before["text_sha256"])
    twins = (
        [one for one in heads_with_text(db, draft.text_sha256) if one != article_id]
        if draft.word_count
        else []
    )
    head = next((article_row(db, one) for one in twins), None)
    columns = draft_to_columns(draft) | {"duplicate_of": None}
    if head is not None and _captured_first(head, before):
        columns |= {"duplicate_of": head["id"], "text": ""}
    elif head is not None:
        linker.forget(head["id"], head["text"])
        touched.append(head["id"])
    update(db, "articles", article_id, columns)
    if head is not None and columns["duplicate_of"] is None:
        db.execute(
            "UPDATE articles SET duplicate_of = :id, text = '' WHERE id = :head OR duplicate_of = :head",
            {"id": article_id, "head": head["id"]},
        )
    replace_origins(db, article_id, draft)
    row = article_row(db, article_id)
    values = {name: row[name] for name in VERSION_COLUMNS}
    values |= {"changes": json.dumps(list(changes)), "structure": draft.structure}
    insert(db, "versions", _kept_of(latest) | values)
    for one in dict.fromkeys([*touched, article_id]):
        linker.link(one)
        terms.note(one)


def _captured_first(one: Row, other: Row) -> bool:
    return bool((one["first_captured"], one["id"]) < (other["first_captured"], other["id"]))


def _latest_reading(connection: sqlite3.Connection, of: StoredReading) -> Row:
    """The row of the last reading of a version."""
    found = rows_of(
        connection.execute(
            "SELECT * FROM versions WHERE article_id = ? AND version = ? ORDER BY id DESC LIMIT 1",
            [of.article_id, of.version],
        )
    )
    if not found:
        raise StoreError(f"article {of.article_id} has no version {of.version}")
    return found[0]


def _kept_of(version: Row) -> dict[str, Any]:
    """What a new reading of a version has of the one before."""
    kept = ("article_id", "version", "captured_at", "capture_id")
    return {name: version[name] for name in kept} | {"reason": "re-extracted"}


_NO_FIELDS: Final = frozenset({"text", "title", "published", "word_count", "text_sha256", "extractor"})


def _other_fields(connection: sqlite3.Connection, article_id: int, draft: ArticleDraft) -> tuple[str, ...]:
    """The fields, other than text, title and date, that a draft gives other values."""
    (row,) = rows_of(connection.execute("SELECT * FROM articles WHERE id = ?", [article_id]))
    (structure,) = connection.execute(
        "SELECT structure FROM versions WHERE article_id = ? AND text IS NULL", [article_id]
    ).fetchone()
    new = draft_to_columns(draft)
    fields = tuple(name for name in new if name not in _NO_FIELDS and new[name] != row[name])
    return fields if draft.structure == structure else (*fields, "structure")


def _update_fields(db: Database, reading: Reading) -> None:
    """Write the other fields where they stand, with where each came from."""
    article_id = reading.of.article_id
    new = draft_to_columns(reading.draft)
    columns = {name: value for name, value in new.items() if name not in _NO_FIELDS or name == "extractor"}
    update(db, "articles", article_id, columns)
    replace_origins(db, article_id, reading.draft)
    own = {name: columns[name] for name in VERSION_COLUMNS if name in columns}
    own["structure"] = reading.draft.structure
    update(db, "versions", _latest_reading(db.conn, reading.of)["id"], own)
