"""A feed of any search, for programs that look for what is new."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from datasette import Response

from archive.model import Article, SearchRequest
from archive.store.finding import search_articles
from archive.store.reading import read_article
from archive.web.answers import data_answer, json_page
from archive.web.visit import Visit
from archive.web.words import web_link

ENTRIES: Final = 30
_ATOM: Final = "http://www.w3.org/2005/Atom"
_NOT_XML: Final = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF))
"""Characters that XML 1.0 cannot say."""


async def feed(visit: Visit) -> Response:
    """The newest articles that a search finds, as an Atom feed (RFC 4287); filters as on the search page."""
    query, filters = visit.argument("q") or "", visit.filters()
    request = SearchRequest(query, **visit.search_fields(), limit=200)

    def newest(connection: sqlite3.Connection) -> tuple[Article, ...]:
        numbers = sorted((hit.article_id for hit in search_articles(connection, request).hits), reverse=True)
        return tuple(read_article(connection, number, None) for number in numbers[:ENTRIES])

    articles = await visit.read(newest)
    if visit.as_json:
        return json_page({"query": query, "filters": filters, "articles": [one.id for one in articles]})
    body = _atom(visit, query, filters, [visit.shown(one) for one in articles])
    return data_answer(body, "application/atom+xml; charset=utf-8")


def _atom(visit: Visit, query: str, filters: dict[str, str], articles: list[Article]) -> bytes:
    search = visit.absolute(visit.urls("/search", q=query, **filters))
    own = visit.absolute(visit.urls("/feed.atom", q=query, **filters))
    root = Element("feed", xmlns=_ATOM)
    name = visit.place.name or "Article archive"
    _say(root, "title", f"{query} – {name}" if query else name)
    _say(root, "id", own)
    SubElement(root, "link", rel="self", type="application/atom+xml", href=own)
    SubElement(root, "link", rel="alternate", type="text/html", href=search)
    updated = max((one.last_captured for one in articles), default=datetime(1970, 1, 1, tzinfo=UTC))
    _say(root, "updated", _instant(updated))
    for one in articles:
        entry = SubElement(root, "entry")
        page = visit.absolute(visit.urls(f"/article/{one.id}"))
        if one.language:
            entry.set("xml:lang", one.language.translate(_NOT_XML))
        _say(entry, "title", one.title or one.url)
        _say(entry, "id", page)
        SubElement(entry, "link", rel="alternate", type="text/html", href=page)
        if web_link(one.url):
            SubElement(entry, "link", rel="via", href=one.url.translate(_NOT_XML))
        _say(entry, "updated", _instant(one.last_captured))
        if published := _published(one.published):
            _say(entry, "published", published)
        for author in one.authors or ((one.source or one.site_name or one.site),):
            _say(SubElement(entry, "author"), "name", author)
        for tag in one.tags:
            SubElement(entry, "category", term=tag.translate(_NOT_XML))
        _say(entry, "summary", one.text[:2000])
    said: bytes = tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + said


def _say(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text.translate(_NOT_XML)


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _published(stated: str | None) -> str | None:
    """A published date as RFC 3339 has it; `None` where the page states no day, or a time without its offset."""
    try:
        moment = datetime.fromisoformat(stated or "")
    except ValueError:
        return None
    if len(stated or "") == len("2017-10-08"):
        return f"{stated}T00:00:00Z"
    return _instant(moment) if moment.tzinfo else None
