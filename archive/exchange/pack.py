"""A small database of texts alone, for Datasette Lite and for handing on: no captures, sketches or versions."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from archive.exchange.export import Order
from archive.exchange.fields import instant
from archive.model import Article
from archive.store.connection import translated

_SCHEMA: Final = """
    CREATE TABLE articles (
        id INTEGER PRIMARY KEY, url TEXT NOT NULL, site TEXT NOT NULL, site_name TEXT, title TEXT,
        authors TEXT NOT NULL, published TEXT, language TEXT, source TEXT, section TEXT, text TEXT NOT NULL,
        word_count INTEGER NOT NULL, cluster_id INTEGER, duplicate_of INTEGER, captured TEXT NOT NULL
    );
    CREATE TABLE tags (article_id INTEGER NOT NULL REFERENCES articles (id), tag TEXT NOT NULL,
        PRIMARY KEY (article_id, tag));
    CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL);
"""

_INDEX: Final = """
    CREATE INDEX articles_site ON articles (site);
    CREATE INDEX articles_published ON articles (published);
    CREATE VIRTUAL TABLE articles_fts USING fts5(
        title, text, content="articles", content_rowid="id", tokenize="unicode61 remove_diacritics 2"
    );
    INSERT INTO articles_fts (articles_fts) VALUES ('rebuild');
    INSERT INTO articles_fts (articles_fts) VALUES ('optimize');
"""


def write(order: Order, target: Path) -> None:
    """The database: `articles` with its full-text index, `tags`, and `about`, which says what it is.

    A copy whose original is chosen as well has no text of its own, as in the archive; the original's is its text.
    """
    with translated(target), closing(sqlite3.connect(target, isolation_level=None)) as connection:
        connection.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_SCHEMA}")
        connection.execute("BEGIN")
        held: set[int] = set(order.snapshot.ids)
        for one in order.articles():
            copied = one.duplicate_of if one.duplicate_of in held else None
            row = {**_row(one), "text": "" if copied else one.text, "duplicate_of": copied}
            places = ", ".join(f":{name}" for name in row)
            connection.execute(f"INSERT INTO articles ({', '.join(row)}) VALUES ({places})", row)  # noqa: S608 - our names
            connection.executemany("INSERT INTO tags VALUES (?, ?)", [(one.id, tag) for tag in one.tags])
        connection.executemany("INSERT INTO about VALUES (?, ?)", _about(order))
        connection.execute("COMMIT")
        connection.executescript(_INDEX)
        connection.execute("VACUUM")


def _row(article: Article) -> dict[str, Any]:
    return {
        "id": article.id,
        "url": article.url,
        "site": article.site,
        "site_name": article.site_name,
        "title": article.title,
        "authors": json.dumps(article.authors, ensure_ascii=False),
        "published": article.published,
        "language": article.language,
        "source": article.source,
        "section": article.section,
        "word_count": article.word_count,
        "cluster_id": article.cluster_id,
        "captured": instant(article.last_captured),
    }


def _about(order: Order) -> Iterator[tuple[str, str]]:
    yield "made", instant(order.now)
    yield "software", order.software
    yield "articles", str(len(order.snapshot))
    yield "chosen", str(order.snapshot.choice)
