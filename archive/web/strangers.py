"""What stands before Datasette when strangers may read: nothing can be written, inspected, indexed or held up."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]

REQUEST_SECONDS: Final = 20.0
"""So long one request may take in all. A query is stopped far earlier, and a page that is read again after 80 s at the
most: who waits for it is told to come again."""

OPEN_BELOW_DASH: Final = ("/-/static/", "/-/static-plugins/", "/-/article-archive/")
"""What is open of the addresses with a segment `-`, where Datasette keeps its tools: settings, paths of files, SQL."""

ROBOTS: Final = b"User-agent: *\nDisallow: /\n"

ROBOTS_HEADER: Final = (b"x-robots-tag", b"noindex, nofollow, noarchive")

TABLES_WITHOUT_TEXT: Final = frozenset(
    {
        "article_tags",
        "captures",
        "clusters",
        "jobs",
        "near_duplicates",
        "passages",
        "runs",
        "sites",
        "tags",
    }
)
"""What stays open where texts are shown in excerpts. Whatever is not named here is closed: a table that a later step
of the schema makes, and the tables in which SQLite keeps the words of the index."""


def for_strangers(app: App) -> App:
    """The application for the internet: read alone, no tools, no search engine, no request without an end."""

    async def guarded(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        started = False

        async def send_marked(message: MutableMapping[str, Any]) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = [*message.get("headers", []), ROBOTS_HEADER]
            await send(message)

        path = unquote(str(scope["path"]))
        if scope["method"] not in {"GET", "HEAD"}:
            await _say(send_marked, 405, b"This archive can be read and nothing else.\n")
        elif path == "/robots.txt":
            await _say(send_marked, 200, ROBOTS)
        elif "/-/" in f"{path}/" and not path.startswith(OPEN_BELOW_DASH):
            await _say(send_marked, 403, b"This is not open to strangers.\n")
        else:
            try:
                async with asyncio.timeout(REQUEST_SECONDS):
                    await app(scope, receive, send_marked)
            except TimeoutError:
                if not started:
                    await _say(send_marked, 503, b"That took too long and was stopped: try it again later.\n")

    return guarded


def closed_tables(database: Path) -> list[str]:
    """The tables and views of an archive that are closed where texts are shown in excerpts."""
    address = f"file:{quote(str(database.absolute()))}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
        ).fetchall()
    return [name for (name,) in names if name not in TABLES_WITHOUT_TEXT]


async def _say(send: Any, status: int, body: bytes) -> None:
    head = [(b"content-type", b"text/plain; charset=utf-8"), (b"x-content-type-options", b"nosniff")]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})
