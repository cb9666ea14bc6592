"""From an `Intent` to rows. Every function here runs inside one transaction of the caller's.

What holds after each: an article keeps its id; its standing version has no text of its own; the text of a
duplicate is its head's, and a head is never a duplicate.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from archive.errors import StoreError
from archive.jobs.schedule import Policy
from archive.model import HELD, ArticleDraft, CaptureRow, Intent, Outcome, Saved
from archive.store.reading import find_known, read_article
from archive.store.rows import (
    OUTCOME_WORDS,
    VERSION_COLUMNS,
    Row,
    capture_to_columns,
    draft_to_columns,
    rows_of,
    text_or_none,
    time_to_column,
)
from archive.store.sanitise import clean, clean_line
from archive.store.settling import note_reading, settle, touch_job
from archive.versions import difference

if TYPE_CHECKING:
    from sqlite_utils import Database

    from archive.store.furnishing import Furnishing
    from archive.store.linking import Linker
    from archive.store.terms import TermIndex


def save_intent(
    db: Database,
    intent: Intent,
    linker: Linker,
    furnishing: Furnishing,
    terms: TermIndex,
    policy: Policy,
) -> Saved:
    """Write everything one item wants written, and to the frontier what that means for its address.

    Raises: StoreError, when the intent rests on something that no longer holds or contradicts itself.
    """
    _check(intent)
    for job in {capture.job for capture in intent.captures if capture.job}:
        touch_job(db, job)
    if intent.reading is not None:
        saved = _save_captures_alone(db, intent)
        return replace(
            saved, noted=note_reading(db, intent.reading, intent.captures[-1].requested_at, policy)
        )
    saved = _save_item(db, intent, linker, furnishing, terms)
    settle(db, intent.captures, cast("Outcome", intent.outcome), saved.article_id, policy)
    return saved


def _save_item(
    db: Database, intent: Intent, linker: Linker, furnishing: Furnishing, terms: TermIndex
) -> Saved:
    if intent.outcome not in HELD:
        return _save_captures_alone(db, intent)
    at = time_to_column(_held_capture(intent.captures).requested_at)
    touched: list[int] = []
    if intent.draft is None:
        article_id = _touch_article(db, intent.article_id, at)
        _insert_captures(db, intent, article_id)
    elif intent.article_id is None:
        article_id = _insert_article(db, intent.draft, intent.duplicate_of, at)
        capture_id = _insert_captures(db, intent, article_id)
        _insert_version(db, article_id, at, capture_id, intent.draft)
        touched = [article_id]
    else:
        before = read_article(db.conn, intent.article_id, None)
        if at < time_to_column(before.last_captured) and _is_import(db, intent.run_id):
            return _save_past(db, intent, intent.draft, at)
        linker.forget(intent.article_id, before.text)
        article_id = _change_article(db, intent.article_id, intent.draft, intent.duplicate_of, at)
        capture_id = _insert_captures(db, intent, article_id)
        changes = difference(before, read_article(db.conn, article_id, None)).kinds
        _insert_version(db, article_id, at, capture_id, intent.draft, changes)
        touched = [*heads_with_text(db, before.text_sha256), article_id]
    for one in touched:
        linker.link(one)
        terms.note(one)
    if intent.witness is not None:
        furnishing.note(article_id, intent.witness)
    add_tags(db, article_id, intent.tags)
    row = article_row(db, article_id)
    return Saved(article_id, row["duplicate_of"], row["version"])


def _save_past(db: Database, intent: Intent, draft: ArticleDraft, at: str) -> Saved:
    """Keep what an article was before it was first seen to be what it is: a version beside the one that stands.

    Its number is the next one; `captured_at` says when it was. What a version says already is not kept again.
    """
    article_id = _touch_article(db, intent.article_id, at)
    capture_id = _insert_captures(db, intent, article_id)
    said = draft_to_columns(draft)
    same = db.execute(
        "SELECT version FROM versions WHERE article_id = ? AND text_sha256 = ? AND title IS ? AND published IS ?",
        [article_id, said["text_sha256"], said["title"], said["published"]],
    ).fetchone()
    number = same[0] if same else _next_version(db, article_id)
    if not same:
        columns = {name: said[name] for name in VERSION_COLUMNS} | {
            "article_id": article_id,
            "version": number,
            "captured_at": at,
            "capture_id": capture_id,
            "reason": "captured",
            "text": said["text"],
            "structure": draft.structure,
        }
        insert(db, "versions", columns)
    add_tags(db, article_id, intent.tags)
    return Saved(article_id, article_row(db, article_id)["duplicate_of"], number)


def _is_import(db: Database, run_id: int | None) -> bool:
    """Whether a run takes in what was captured elsewhere, perhaps long ago. In any other, a capture that is older than
    the one before it comes of a clock that was set back, and is the newer one all the same."""
    found = db.execute("SELECT command FROM runs WHERE id = ?", [run_id]).fetchone()
    return found is not None and found[0].startswith("import ")


def _next_version(db: Database, article_id: int) -> int:
    (latest,) = db.execute("SELECT max(version) FROM versions WHERE article_id = ?", [article_id]).fetchone()
    return int(latest or 0) + 1


def note_first_captured(db: Database, article_id: int, at: datetime) -> None:
    """An article that came from another archive was first captured there."""
    db.execute(
        "UPDATE articles SET first_captured = min(first_captured, ?) WHERE id = ?",
        [time_to_column(at), article_id],
    )


def start_run(db: Database, command: str, started_at: datetime, job: str | None) -> int:
    """A new row of `runs`; its id."""
    if job is not None:
        touch_job(db, job)
        db.execute(
            "UPDATE jobs SET first_run = coalesce(first_run, :at), last_run = :at WHERE name = :job",
            {"at": time_to_column(started_at), "job": clean_line(job)},
        )
    values = {
        "command": clean_line(command),
        "job": text_or_none(job),
        "started_at": time_to_column(started_at),
    }
    return insert(db, "runs", values)


def end_run(
    db: Database, run_id: int, ended_at: datetime, counts: Mapping[str, int] | Mapping[Outcome, int]
) -> None:
    """Write when a run ended and how often each outcome came of it."""
    cursor = db.execute(
        "UPDATE runs SET ended_at = ?, counts = ? WHERE id = ?",
        [time_to_column(ended_at), json.dumps(dict(counts)), run_id],
    )
    if cursor.rowcount != 1:
        raise StoreError(f"there is no run {run_id} to end")


def _check(intent: Intent) -> None:
    if not intent.captures:
        raise StoreError(f"nothing was captured, so there is nothing to save as {intent.outcome}")
    unknown = {capture.outcome for capture in intent.captures} - OUTCOME_WORDS
    if unknown:
        raise StoreError(f"not an outcome: {', '.join(sorted(unknown))}")
    wants_draft = intent.outcome in {"new", "changed", "duplicate"}
    wants_article = intent.outcome in {"changed", "unchanged"}
    if (
        wants_draft is not (intent.draft is not None)
        or wants_article is not (intent.article_id is not None)
        or (intent.outcome == "duplicate" and intent.duplicate_of is None)
        or (intent.outcome == "new" and intent.duplicate_of is not None)
    ):
        raise StoreError(f"an item cannot be saved as {intent.outcome} with what it brings")


def _held_capture(captures: Sequence[CaptureRow]) -> CaptureRow:
    """The capture that the outcome is about: the last of those that are one, else the last."""
    return next((capture for capture in reversed(captures) if capture.outcome in HELD), captures[-1])


def _save_captures_alone(db: Database, intent: Intent) -> Saved:
    """Record what was tried. A capture belongs to an article only if its own URL already leads to one."""
    saved = Saved(None, None, None)
    for capture in intent.captures:
        known = find_known(db.conn, clean_line(capture.key))
        insert(
            db, "captures", capture_to_columns(capture, known.article_id if known else None, intent.run_id)
        )
        if known:
            saved = Saved(known.article_id, known.duplicate_of, known.version)
    return saved


def _insert_captures(db: Database, intent: Intent, article_id: int) -> int:
    """Write the captures of an article; the id of the one that its outcome is about."""
    held = _held_capture(intent.captures)
    held_id = 0
    for capture in intent.captures:
        capture_id = insert(db, "captures", capture_to_columns(capture, article_id, intent.run_id))
        if capture is held:
            held_id = capture_id
    return held_id


def _insert_article(db: Database, draft: ArticleDraft, duplicate_of: int | None, at: str) -> int:
    url = clean_line(draft.url)
    holder = _holder_of_url(db, url)
    if holder is not None:
        raise StoreError(f"{url} is held already, as article {holder}")
    if duplicate_of is not None:
        _check_head(db, duplicate_of, draft)
    _touch_site(db, draft, at)
    columns = draft_to_columns(draft) | {
        "url": url,
        "site": clean_line(draft.site),
        "first_captured": at,
        "last_captured": at,
        "version": 1,
        "duplicate_of": duplicate_of,
    }
    if duplicate_of is not None:
        columns["text"] = ""
    article_id = insert(db, "articles", columns)
    replace_origins(db, article_id, draft)
    return article_id


def _change_article(
    db: Database, article_id: int, draft: ArticleDraft, duplicate_of: int | None, at: str
) -> int:
    before = article_row(db, article_id)
    if duplicate_of is not None:
        _check_head(db, duplicate_of, draft)
    text_before = text_of(db, before)
    db.execute(
        "UPDATE versions SET text = ? WHERE article_id = ? AND text IS NULL", [text_before, article_id]
    )
    if before["text_sha256"] != draft.text_sha256 or duplicate_of is not None:
        leave_text_to_oldest_duplicate(db, article_id, text_before)
    _touch_site(db, draft, at)
    columns = draft_to_columns(draft) | {
        "version": _next_version(db, article_id),
        "duplicate_of": duplicate_of,
        "first_captured": min(before["first_captured"], at),
        "last_captured": max(before["last_captured"], at),
    }
    if duplicate_of is not None:
        columns["text"] = ""
    url = clean_line(draft.url)
    if _holder_of_url(db, url) is None:
        # The page has moved, and its old URL leads to it by its captures.
        columns |= {"url": url, "site": clean_line(draft.site)}
    update(db, "articles", article_id, columns)
    replace_origins(db, article_id, draft)
    return article_id


def _touch_article(db: Database, article_id: int | None, at: str) -> int:
    assert article_id is not None  # noqa: S101 - `_check` refused it; this tells mypy
    row = article_row(db, article_id)
    update(
        db,
        "articles",
        article_id,
        {
            "first_captured": min(row["first_captured"], at),
            "last_captured": max(row["last_captured"], at),
        },
    )
    db.execute("UPDATE sites SET last_captured = max(last_captured, ?) WHERE site = ?", [at, row["site"]])
    return article_id


def leave_text_to_oldest_duplicate(db: Database, article_id: int, text: str) -> None:
    """The text of a head that leaves it stays with those who share it: the oldest becomes their head."""
    heirs = [
        row["id"]
        for row in rows_of(
            db.execute("SELECT id FROM articles WHERE duplicate_of = ? ORDER BY id", [article_id])
        )
    ]
    if heirs:
        db.execute("UPDATE articles SET duplicate_of = NULL, text = ? WHERE id = ?", [text, heirs[0]])
        db.execute("UPDATE articles SET duplicate_of = ? WHERE duplicate_of = ?", [heirs[0], article_id])


def heads_with_text(db: Database, text_sha256: str) -> list[int]:
    """The articles that hold exactly this text, and are no duplicates."""
    return [
        one
        for (one,) in db.execute(
            "SELECT id FROM articles WHERE text_sha256 = ? AND duplicate_of IS NULL", [text_sha256]
        )
    ]


def _insert_version(
    db: Database, article_id: int, at: str, capture_id: int, draft: ArticleDraft, changes: Sequence[str] = ()
) -> None:
    row = article_row(db, article_id)
    columns = {name: row[name] for name in VERSION_COLUMNS} | {
        "article_id": article_id,
        "version": row["version"],
        "captured_at": at,
        "capture_id": capture_id,
        "reason": "captured",
        "changes": json.dumps(list(changes)),
        "structure": draft.structure,
    }
    insert(db, "versions", columns)


def _check_head(db: Database, head_id: int, draft: ArticleDraft) -> None:
    head = article_row(db, head_id)
    if head["duplicate_of"] is not None or head["text_sha256"] != draft.text_sha256:
        raise StoreError(f"article {head_id} no longer holds the text of {draft.url}")


def text_of(db: Database, row: Row) -> str:
    """The text of a row of `articles`, a duplicate's included."""
    head = row if row["duplicate_of"] is None else article_row(db, row["duplicate_of"])
    return str(head["text"])


def article_row(db: Database, article_id: int) -> Row:
    """The row of an article. Raises: StoreError, when there is none."""
    found = rows_of(db.execute("SELECT * FROM articles WHERE id = ?", [article_id]))
    if not found:
        raise StoreError(f"there is no article {article_id}")
    return found[0]


def _holder_of_url(db: Database, url: str) -> int | None:
    found = db.execute("SELECT id FROM articles WHERE url = ?", [url]).fetchone()
    return found[0] if found else None


def _touch_site(db: Database, draft: ArticleDraft, at: str) -> None:
    """The site's row: the name is the last one that a page gave, else its host."""
    db.execute(
        """
        INSERT INTO sites (site, name, first_captured, last_captured)
        VALUES (:site, coalesce(:name, :site), :at, :at)
        ON CONFLICT (site) DO UPDATE SET
            name = coalesce(:name, name),
            first_captured = min(first_captured, :at),
            last_captured = max(last_captured, :at)
        """,
        {"site": clean_line(draft.site), "name": text_or_none(draft.site_name), "at": at},
    )


def replace_origins(db: Database, article_id: int, draft: ArticleDraft) -> None:
    """Write where each field of an article came from, in place of what was written before."""
    db.execute("DELETE FROM field_origins WHERE article_id = ?", [article_id])
    for field, origin in draft.origins:
        chosen = next(
            (at for at, candidate in enumerate(origin.candidates) if candidate.origin == origin.chosen), None
        )
        for position, candidate in enumerate(origin.candidates):
            db.execute(
                "INSERT INTO field_origins (article_id, field, position, value, origin, chosen) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                [
                    article_id,
                    clean_line(field),
                    position,
                    clean(candidate.value),
                    clean_line(candidate.origin),
                    int(position == chosen),
                ],
            )


def add_tags(db: Database, article_id: int, tags: Sequence[str]) -> None:
    """File an article under tags, each made when it is new."""
    for tag in filter(None, map(clean_line, tags)):
        db.execute("INSERT INTO tags (name) VALUES (?) ON CONFLICT DO NOTHING", [tag])
        db.execute(
            "INSERT INTO article_tags (article_id, tag_id) SELECT ?, id FROM tags WHERE name = ? "
            "ON CONFLICT DO NOTHING",
            [article_id, tag],
        )


def insert(db: Database, table: str, columns: Mapping[str, Any]) -> int:
    """Write a row; its id."""
    row_id = db.table(table).insert(dict(columns)).last_rowid
    if row_id is None:
        raise StoreError(f"{table}: the row that was written has no id")
    return row_id


def update(db: Database, table: str, row_id: int, columns: Mapping[str, Any]) -> None:
    """Change columns of one row."""
    db.table(table).update(row_id, dict(columns))
