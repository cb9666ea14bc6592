"""A feed of any search, for programs that look for what is new."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Final

from datasette import Response

from archive.exchange import atom
from archive.model import Article, SearchRequest
from archive.store.candidates import candidates, meaning_of, newest_ids
from archive.store.memo import Memo
from archive.store.reading import read_article
from archive.web.answers import data_answer, json_page
from archive.web.visit import Visit

ENTRIES: Final = 30

TEXTS: Final = 5_000
"""So many of the newest matching texts are looked through: an older one may have a new copy that passes the filters
which it does not pass itself. 10 ms."""


async def feed(visit: Visit) -> Response:
    """The articles of a search that came in last, as an Atom feed (RFC 4287); filters and `exact` as on the search
    page. They are not weighed: what is new would be lost among what fits better."""
    query, chosen = visit.query, visit.filters()
    request = visit.search_request(query, exact=visit.exact, fold=False, limit=ENTRIES)
    articles, notes = await visit.read(lambda connection: read_newest(connection, request))
    if visit.as_json:
        numbers = [one.id for one in articles]
        return json_page({"query": query, "filters": chosen, "notes": list(notes), "articles": numbers})
    kept = {**chosen, "exact": "1"} if visit.exact else chosen
    body = _atom(visit, query, kept, [visit.shown(one) for one in articles], notes)
    return data_answer(body.encode(), f"{atom.MIME}; charset=utf-8")


def read_newest(
    connection: sqlite3.Connection, request: SearchRequest
) -> tuple[tuple[Article, ...], tuple[str, ...]]:
    """The articles that a request finds and that came in last, `limit` of them, the newest first; and how its query
    was read where that is not as it was typed."""
    meaning = meaning_of(connection, request)
    if meaning.root is None and not meaning.blank:
        return (), meaning.notes
    memo = Memo()
    source, values = candidates(connection, meaning.request, meaning.root, memo, every=True)
    found = newest_ids(connection, source, {**values, "title_weight": 1.0}, TEXTS, memo)
    numbers = sorted(set(found), reverse=True)[: request.limit]
    return tuple(read_article(connection, number, None) for number in numbers), meaning.notes


def _atom(
    visit: Visit, query: str, kept: dict[str, str], articles: list[Article], notes: tuple[str, ...]
) -> str:
    own = visit.absolute(visit.urls("/feed.atom", q=query, **kept))
    name = visit.place.name or "Article archive"
    parts = [
        atom.feed_head(
            title=f"{query} – {name}" if query else name,
            subtitle="; ".join(notes),
            identity=own,
            updated=max((one.last_captured for one in articles), default=datetime(1970, 1, 1, tzinfo=UTC)),
            own=own,
            alternate=visit.absolute(visit.urls("/search", q=query, **kept)),
        )
    ]
    for one in articles:
        page = visit.absolute(visit.urls(f"/article/{one.id}"))
        parts.append(atom.entry(one, identity=page, page=page, full=False))
    return "".join([*parts, atom.FEED_END])
