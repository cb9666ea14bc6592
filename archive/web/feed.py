"""A feed of any search, for programs that look for what is new."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Final

from datasette import Response

from archive.exchange import atom
from archive.model import Article, SearchRequest
from archive.store.finding import search_articles
from archive.store.reading import read_article
from archive.web.answers import data_answer, json_page
from archive.web.visit import Visit

ENTRIES: Final = 30


async def feed(visit: Visit) -> Response:
    """The newest articles that a search finds, as an Atom feed (RFC 4287); filters as on the search page."""
    query, filters = visit.argument("q") or "", visit.filters()
    request = SearchRequest(query, **visit.search_fields(), fold=False, limit=200)

    def newest(connection: sqlite3.Connection) -> tuple[Article, ...]:
        numbers = sorted((hit.article_id for hit in search_articles(connection, request).hits), reverse=True)
        return tuple(read_article(connection, number, None) for number in numbers[:ENTRIES])

    articles = await visit.read(newest)
    if visit.as_json:
        return json_page({"query": query, "filters": filters, "articles": [one.id for one in articles]})
    body = _atom(visit, query, filters, [visit.shown(one) for one in articles])
    return data_answer(body.encode(), f"{atom.MIME}; charset=utf-8")


def _atom(visit: Visit, query: str, filters: dict[str, str], articles: list[Article]) -> str:
    own = visit.absolute(visit.urls("/feed.atom", q=query, **filters))
    name = visit.place.name or "Article archive"
    parts = [
        atom.feed_head(
            title=f"{query} – {name}" if query else name,
            identity=own,
            updated=max((one.last_captured for one in articles), default=datetime(1970, 1, 1, tzinfo=UTC)),
            own=own,
            alternate=visit.absolute(visit.urls("/search", q=query, **filters)),
        )
    ]
    for one in articles:
        page = visit.absolute(visit.urls(f"/article/{one.id}"))
        parts.append(atom.entry(one, identity=page, page=page, full=False))
    return "".join([*parts, atom.FEED_END])
