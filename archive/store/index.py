"""The full-text index of `articles`: what is indexed, and the triggers that keep it.

`articles_fts` is an FTS5 table over the view `articles_folded`, which folds title and text as it is read
(`archive.search.fold`). So the originals stand untouched and once, nothing is stored twice, and FTS5's own
`rebuild` and `integrity-check` read what the triggers wrote. The view is pure SQL: sqlite3, sqlite-utils and
Datasette can search, rebuild and edit without a function of ours.

Measured before choosing (SQLite 3.40.1, texts of 5,400 characters, CPU a row): the fold costs 16 us for ASCII,
180 us for English with typographic quotes, 900 us for Arabic, beside 580 us for indexing and 20,000 us or more
for extracting; folded columns stored beside the originals would add their length again to every row, and any
column of `articles`, stored or virtual, would stand in every `SELECT *`, CSV and table page.

The third column, `spelling`, holds title and text as written wherever the fold changes them, so that a plain
MATCH of an unfolded word, as Datasette's own search box sends it, finds it too. Searches of ours look into the
folded columns alone.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from archive.search.fold import FOLDS, STAGES, fold_sql, lead_octet_sql

TOKENIZER: Final = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
"""Combining marks belong to words: without Mn and Mc every vowel sign of Hindi or Thai would part a word."""

_ARABIC: Final = "".join(
    source for stage in STAGES if stage.name.startswith(("arabic", "persian")) for source in stage.folds
)
_OTHER_LETTERS: Final = "".join(source for source in FOLDS if source not in _ARABIC and source.isalpha())


def folded_view_sql() -> str:
    """The statement that makes `articles_folded`."""
    written = "coalesce(title, '') || char(10) || text"
    arabic = f"{lead_octet_sql('title', _ARABIC)} OR {lead_octet_sql('text', _ARABIC)}"
    other = f"{lead_octet_sql('title', _OTHER_LETTERS)} OR {lead_octet_sql('text', _OTHER_LETTERS)}"
    return f"""
        CREATE VIEW articles_folded AS SELECT
            id,
            {fold_sql("title")} AS title,
            {fold_sql("text")} AS text,
            CASE
                -- hardly a text in Arabic script is its own fold: comparing would only fold it once more
                WHEN {arabic} THEN {written}
                WHEN NOT ({other}) THEN NULL
                WHEN {fold_sql("title")} <> title THEN {written}
                WHEN {fold_sql("text")} <> text THEN {written}
            END AS spelling
        FROM articles
    """  # noqa: S608 - column names and the table of folds, nothing from outside


CREATE_INDEX: Final = (
    # Datasette and sqlite-utils know the index of a table by finding content="articles" in the statement that
    # made it, which SQLite keeps word for word, comments included (datasette.utils.detect_fts).
    f"""
    CREATE VIRTUAL TABLE articles_fts USING fts5(
        title, text, spelling,
        /* the index of content="articles" */ content="articles_folded", content_rowid="id",
        tokenize="{TOKENIZER}"
    )
    """,
    """
    CREATE TRIGGER articles_fts_insert AFTER INSERT ON articles BEGIN
        INSERT INTO articles_fts (rowid, title, text, spelling)
            SELECT id, title, text, spelling FROM articles_folded WHERE id = new.id;
    END
    """,
    # An external-content index must be told what to forget while the row still says it.
    """
    CREATE TRIGGER articles_fts_before_update BEFORE UPDATE OF id, title, text ON articles BEGIN
        INSERT INTO articles_fts (articles_fts, rowid, title, text, spelling)
            SELECT 'delete', id, title, text, spelling FROM articles_folded WHERE id = old.id;
    END
    """,
    """
    CREATE TRIGGER articles_fts_after_update AFTER UPDATE OF id, title, text ON articles BEGIN
        INSERT INTO articles_fts (rowid, title, text, spelling)
            SELECT id, title, text, spelling FROM articles_folded WHERE id = new.id;
    END
    """,
    """
    CREATE TRIGGER articles_fts_delete BEFORE DELETE ON articles BEGIN
        INSERT INTO articles_fts (articles_fts, rowid, title, text, spelling)
            SELECT 'delete', id, title, text, spelling FROM articles_folded WHERE id = old.id;
    END
    """,
)


_UNSPACED: Final = ("x'E0B8'", "x'E0B9'", *(f"x'{octet:X}'" for octet in range(0xE3, 0xEE)))
"""How the UTF-8 forms of Thai and of Chinese, Japanese and Korean letters begin, and those of hardly any others."""


def _has_unspaced(column: str) -> str:
    found = " OR ".join(f"instr(CAST({column} AS BLOB), {octets})" for octets in _UNSPACED)
    return f"(length({column}) < length(CAST({column} AS BLOB)) AND ({found}))"


def side_indexes_sql() -> tuple[str, ...]:
    """The statements that make the indexes beside the main one: of authors, and of texts without spaces.

    `unicode61` makes one word of a sentence in Chinese, Japanese or Thai. Those texts alone are indexed a second time,
    by every three letters in a row: for all texts that would take 4.4 times the space and 3.6 times the CPU of the main
    index (`../shared/facts/fetch-store.md`, section 5).
    """
    unspaced = f"{_has_unspaced('text')} OR {_has_unspaced('title')}"
    return (
        # What a search groups and counts by, so that it need not read past the text of each article.
        "CREATE INDEX articles_facts ON articles (id, duplicate_of, cluster_id, site, language, published)",
        f"CREATE VIEW articles_authors AS SELECT id, {fold_sql('authors')} AS authors FROM articles",  # noqa: S608
        f"""
        CREATE VIRTUAL TABLE authors_fts USING fts5(
            authors, content="articles_authors", content_rowid="id", tokenize="{TOKENIZER}"
        )
        """,
        f"CREATE VIEW articles_unspaced AS SELECT id, title, text FROM articles WHERE {unspaced}",  # noqa: S608 - ours
        """
        CREATE VIRTUAL TABLE unspaced_fts USING fts5(
            title, text, content="articles_unspaced", content_rowid="id", tokenize="trigram"
        )
        """,
        "CREATE VIRTUAL TABLE unspaced_terms USING fts5vocab(unspaced_fts, row)",
        *_triggers("authors_fts", "articles_authors", ("authors",)),
        *_triggers("unspaced_fts", "articles_unspaced", ("title", "text")),
        "INSERT INTO authors_fts (authors_fts) VALUES ('rebuild')",
        "INSERT INTO unspaced_fts (unspaced_fts) VALUES ('rebuild')",
    )


def title_index_sql() -> tuple[str, ...]:
    """The statements that make the index of titles alone.

    The main index has one list of a word for titles and texts, and walks all of it for those that have it in the title:
    28 ms for a word that 650,000 texts and 72,000 titles have. This one takes a hundredth of the other's space.
    """
    return (
        f"CREATE VIEW articles_titles AS SELECT id, {fold_sql('title')} AS title FROM articles",  # noqa: S608 - ours
        f"""
        CREATE VIRTUAL TABLE titles_fts USING fts5(
            title, content="articles_titles", content_rowid="id", tokenize="{TOKENIZER}"
        )
        """,
        *_triggers("titles_fts", "articles_titles", ("title",)),
        "INSERT INTO titles_fts (titles_fts) VALUES ('rebuild')",
    )


def _triggers(table: str, view: str, columns: tuple[str, ...]) -> tuple[str, ...]:
    """As those of `articles_fts`, for another index over a view of `articles`."""
    names = ", ".join(columns)
    told = f"{table}, rowid, {names}"
    add = f"INSERT INTO {table} (rowid, {names}) SELECT id, {names} FROM {view} WHERE id = new.id;"  # noqa: S608 - ours
    forget = f"INSERT INTO {table} ({told}) SELECT 'delete', id, {names} FROM {view} WHERE id = old.id;"  # noqa: S608
    return (
        f"CREATE TRIGGER {table}_insert AFTER INSERT ON articles BEGIN {add} END",
        f"CREATE TRIGGER {table}_before_update BEFORE UPDATE OF id, {names} ON articles BEGIN {forget} END",
        f"CREATE TRIGGER {table}_after_update AFTER UPDATE OF id, {names} ON articles BEGIN {add} END",
        f"CREATE TRIGGER {table}_delete BEFORE DELETE ON articles BEGIN {forget} END",
    )


def create_index(connection: sqlite3.Connection) -> None:
    """Make the view, the index and its triggers, and fill the index from what `articles` holds."""
    connection.execute(folded_view_sql())
    for statement in CREATE_INDEX:
        connection.execute(statement)
    rebuild_index(connection)


def rebuild_index(connection: sqlite3.Connection) -> None:
    """Make the index again from the articles: the same one, if nobody wrote around the triggers."""
    for table in _indexes(connection):
        connection.execute(f"INSERT INTO {table} ({table}) VALUES ('rebuild')")  # noqa: S608 - our own names


def check_index(connection: sqlite3.Connection) -> None:
    """Compare the index with the articles. Raises: sqlite3.DatabaseError where they differ."""
    for table in _indexes(connection):
        connection.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('integrity-check', 1)")  # noqa: S608 - as above


def _indexes(connection: sqlite3.Connection) -> list[str]:
    """The indexes that a database has; one that is only being made has not all of them."""
    names = ("articles_fts", "authors_fts", "unspaced_fts", "titles_fts")
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return [name for name in names if (name,) in found]
