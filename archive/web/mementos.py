"""The versions of a URL by time, for programs that travel in it (RFC 7089).

A memento is the page of one version, `/article/ID?version=N`, at the time when that version was first captured.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import quote, unquote

from datasette import Response

from archive.errors import NotFound
from archive.model import Article
from archive.store.reading import find_known, read_versions
from archive.store.rows import ArticleVersion
from archive.web.answers import COMMON_HEADERS, FILE_POLICY, data_answer
from archive.web.reading import by_number
from archive.web.visit import Visit
from scraper.errors import BadUrl
from scraper.urls import normalise


async def timemap(visit: Visit) -> Response:
    """Every version of a URL with its time, in link-format (RFC 7089, section 5)."""
    url, mementos = await _mementos(visit)
    original = visit.absolute(visit.urls.whole("/timemap/link/", url))
    lines = [
        f'<{_target(url)}>;rel="original"',
        f'<{original}>;rel="self";type="application/link-format"'
        f';from="{_date(mementos[0][1])}";until="{_date(mementos[-1][1])}"',
        f'<{visit.absolute(visit.urls.whole("/timegate/", url))}>;rel="timegate"',
    ]
    for at, (address, moment) in enumerate(mementos):
        place = [*(["first"] if at == 0 else []), *(["last"] if at == len(mementos) - 1 else [])]
        lines.append(f'<{address}>;rel="{" ".join([*place, "memento"])}";datetime="{_date(moment)}"')
    return data_answer(",\n".join(lines).encode() + b"\n", "application/link-format")


async def timegate(visit: Visit) -> Response:
    """Leads to the version of a URL that stood at `Accept-Datetime`, else to the last (RFC 7089, section 4)."""
    url, mementos = await _mementos(visit)
    asked = visit.request.headers.get("accept-datetime")
    chosen = mementos[-1]
    if asked is not None:
        try:
            moment = parsedate_to_datetime(asked)
        except ValueError:
            return visit.failure(400, "No such time", "Accept-Datetime is not a date as HTTP writes one.")
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        chosen = next((one for one in reversed(mementos) if one[1] <= moment), mementos[0])
    return Response(
        "",
        status=302,
        content_type="text/plain; charset=utf-8",
        headers={
            **COMMON_HEADERS,
            "Content-Security-Policy": FILE_POLICY,
            "Location": chosen[0],
            "Vary": "accept-datetime",
            "Link": links_of(visit, url),
            "Cache-Control": "no-cache",
        },
    )


def memento_headers(visit: Visit, article: Article, version: ArticleVersion | None) -> dict[str, str]:
    """What makes the page of a version a memento: when it stood, and where the others are."""
    if version is None:
        return {}
    return {"Memento-Datetime": _date(version.stood_at), "Link": links_of(visit, article.url)}


def links_of(visit: Visit, url: str) -> str:
    """The original, its timegate and its timemap, as the header `Link` names them."""
    gate = visit.absolute(visit.urls.whole("/timegate/", url))
    chart = visit.absolute(visit.urls.whole("/timemap/link/", url))
    return (
        f'<{_target(url)}>;rel="original", <{gate}>;rel="timegate", '
        f'<{chart}>;rel="timemap";type="application/link-format"'
    )


async def _mementos(visit: Visit) -> tuple[str, list[tuple[str, datetime]]]:
    """The URL that is asked about, and the pages of its versions with their times, oldest first."""
    asked = _asked_url(visit.request)
    try:
        key = normalise(asked)
    except BadUrl as error:
        raise NotFound(str(error)) from error

    def found(connection: sqlite3.Connection) -> tuple[str, int, tuple[ArticleVersion, ...]]:
        known = find_known(connection, key)
        if known is None:
            raise NotFound(f"no article with the URL {key}")
        return known.url, known.article_id, by_number(read_versions(connection, known.article_id))

    url, number, versions = await visit.read(found)
    return url, list(_pages(visit, number, versions))


def _pages(visit: Visit, number: int, versions: tuple[ArticleVersion, ...]) -> Iterator[tuple[str, datetime]]:
    for one in sorted(versions, key=lambda one: (one.stood_at, one.version)):
        yield visit.absolute(visit.urls(f"/article/{number}", version=one.version)), one.stood_at


def _asked_url(request: Any) -> str:
    """The URL after the route's own path, its query included. A proxy may have folded the slashes of its scheme."""
    path = str(request.path)  # as it crossed the wire: the escapes in it are the URL's own
    url = path.partition("/timemap/link/")[2] or path.partition("/timegate/")[2]
    if not re.match(r"https?:/", url):
        url = unquote(url)
    url = re.sub(r"^(https?):/(?!/)", r"\1://", url)
    query = request.query_string
    return f"{url}?{query}" if query else url


def _target(url: str) -> str:
    """A URL as it may stand between angle brackets in a header."""
    return quote(url, safe=":/?#[]@!$&'()*+,;=%~")


def _date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC).replace(microsecond=0), usegmt=True)
