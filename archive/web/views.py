"""The routes: each reads what its page needs, and answers it as HTML or, under `.json`, as JSON."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from math import ceil
from typing import Any, Final

from datasette import Response

from archive.errors import NotFound, StoreError
from archive.model import Hit, SearchRequest, SearchResult
from archive.rendering import as_dict, hit_as_dict
from archive.store.finding import RANKED_MATCHES, search_articles
from archive.store.memo import Memo
from archive.store.reading import Status, read_recent
from archive.web import feed, mementos, overviews, stories
from archive.web.answers import asset_answer, download, json_page
from archive.web.counts import count_articles
from archive.web.facets import Facets, count_facets
from archive.web.lines import visible_databases
from archive.web.reading import TooSlow, read_capture
from archive.web.relations import read_cluster_sizes
from archive.web.suggest import suggest
from archive.web.visit import Visit, route
from scraper.errors import WarcError
from scraper.warc.parse import Record
from scraper.warc.reader import read_record

PER_PAGE: Final = 20
RECENT: Final = 12


async def front(visit: Visit) -> Response:
    """What is held, in numbers; a box to search it; what came in last."""
    status, recent = await asyncio.gather(
        count_articles(visit.database, visit.limit_ms),
        visit.read(lambda connection: read_recent(connection, RECENT)),
    )
    recent = tuple(map(visit.shown, recent))
    if visit.as_json:
        return json_page(
            {
                "name": visit.place.name,
                "status": _status_json(status) if status else None,
                "recent": [as_dict(article) for article in recent],
            }
        )
    visible = await visible_databases(visit.datasette, visit.request.actor)
    others = [name for name in visible if name != visit.database.name]
    return visit.page("front.html", counts=status, recent=recent, other_databases=others)


async def search(visit: Visit) -> Response:
    """Ranked results for `q`, under the filters of `archive.web.visit.FILTERS`, twenty a page."""
    query = visit.query
    chosen, exact = visit.filters(), visit.exact
    number = _page_number(visit.argument("page"))
    request = visit.search_request(
        query,
        exact=exact,
        fold=not visit.as_json,  # whoever reads JSON wants every article
        limit=PER_PAGE,
        offset=(number - 1) * PER_PAGE,
    )
    memo = Memo()  # one after the other: what the counts have to look for is found by then
    result = await visit.read(
        lambda connection: visit.shown_result(connection, search_articles(connection, request, memo=memo))
    )
    result = replace(result, notes=(*visit.address_notes(), *result.notes))
    facets, stories_of = await asyncio.gather(
        _facets(visit, request, memo),
        visit.read(
            lambda connection: read_cluster_sizes(connection, [hit.article_id for hit in result.hits])
        ),
    )
    pages = max(1, ceil(min(result.total, RANKED_MATCHES) / PER_PAGE))
    if visit.as_json:
        return json_page(_search_json(query, chosen, number, pages, result, facets, stories_of))
    return visit.page(
        "search.html",
        query=query,
        chosen=chosen,
        exact=exact,
        kept={**chosen, "exact": "1"} if exact else chosen,
        result=result,
        folded=fold_stories(result.hits, stories_of),
        facets=facets,
        number=number,
        pages=pages,
        first=(number - 1) * PER_PAGE + 1,
    )


async def record(visit: Visit) -> Response:
    """The WARC record of capture ID, uncompressed, as a file to save. Never shown: it is what a stranger sent."""
    visit.refuse_excerpted("the records")
    capture, article_id = await visit.read(lambda connection: read_capture(connection, visit.number))
    if capture.location is None:
        raise NotFound(f"nothing was received in capture {visit.number}, so it has no WARC record")
    try:
        found = await asyncio.to_thread(read_record, visit.place.warc_folder, capture.location)
    except WarcError as error:
        raise StoreError(f"the WARC record cannot be read: {error}") from error
    except OSError as error:  # its text would tell strangers where the archive lies
        raise StoreError(f"the WARC record cannot be read: {error.strerror}") from error
    if visit.as_json:
        return json_page(
            {
                "id": visit.number,
                "article_id": article_id,
                "capture": asdict(capture),
                "fields": [list(one) for one in found.fields],
                "content_length": found.content_length,
            }
        )
    return download(_record_bytes(found), f"record-{visit.number}.warc", "application/warc")


async def style(visit: Visit) -> Response:
    """The stylesheet."""
    return _asset(visit, "page.css")


async def script(visit: Visit) -> Response:
    """The script."""
    return _asset(visit, "search.js")


def _asset(visit: Visit, name: str) -> Response:
    return asset_answer(name, visit.request.url_vars["digest"], visit.request.headers.get("if-none-match"))


ROUTES: Final[tuple[tuple[str, Callable[..., Awaitable[Response]]], ...]] = (
    (r"^/(?P<format>\.json)?$", route(front)),
    (r"^/search(?P<format>\.json)?$", route(search)),
    (r"^/article/(?P<id>[0-9]{1,18})(?P<format>\.json)?$", route(stories.article)),
    (r"^/article/(?P<id>[0-9]{1,18})/explain(?P<format>\.json)?$", route(stories.explain)),
    (r"^/article/(?P<id>[0-9]{1,18})/diff(?P<format>\.json)?$", route(stories.diff)),
    (r"^/cluster/(?P<id>[0-9]{1,18})(?P<format>\.json)?$", route(stories.cluster)),
    (r"^/timeline(?P<format>\.json)?$", route(overviews.timeline)),
    (r"^/sites(?P<format>\.json)?$", route(overviews.sites)),
    (r"^/junk(?P<format>\.json)?$", route(overviews.junk)),
    (r"^/jobs(?P<format>\.json)?$", route(overviews.jobs)),
    (r"^/feed\.atom(?P<format>\.json)?$", route(feed.feed)),
    (r"^/timemap/link/(?P<url>.+)$", route(mementos.timemap)),
    (r"^/timegate/(?P<url>.+)$", route(mementos.timegate)),
    (r"^/record/(?P<id>[0-9]{1,18})(?P<format>\.json)?$", route(record)),
    (r"^/-/article-archive/suggest(?P<format>\.json)$", route(suggest)),
    (r"^/-/article-archive/page-(?P<digest>[0-9a-f]+)\.css$", route(style)),
    (r"^/-/article-archive/search-(?P<digest>[0-9a-f]+)\.js$", route(script)),
)
"""Routes in the form that Datasette's `register_routes` takes."""


@dataclass(frozen=True, slots=True)
class Folded:
    """One result as it is shown. more: how many other articles tell the same story, as one cluster."""

    hit: Hit
    more: int = 0
    cluster_id: int | None = None


def fold_stories(hits: tuple[Hit, ...], clusters: dict[int, tuple[int, int]]) -> tuple[Folded, ...]:
    """The results of a page, the first of each cluster standing for the others.

    clusters: for the articles that have one, its number and how many articles it has.
    """
    shown: dict[int, Folded] = {}
    for hit in hits:
        cluster_id, articles = clusters.get(hit.article_id, (None, 1))
        key = -hit.article_id if cluster_id is None else cluster_id
        if key not in shown:
            shown[key] = Folded(hit, articles - 1, cluster_id)
    return tuple(shown.values())


async def _facets(visit: Visit, request: SearchRequest, memo: Memo) -> Facets:
    """The counts beside the results; a search is still one where they take too long."""
    try:
        return await visit.read(lambda connection: count_facets(connection, request, memo))
    except TooSlow:
        return Facets(complete=False)


def _page_number(asked: str | None) -> int:
    """The page that was asked for; the first where that is no page there can be."""
    number = int(asked) if asked and asked.isdecimal() and len(asked) < 10 else 1
    return min(max(number, 1), RANKED_MATCHES // PER_PAGE)


def _record_bytes(found: Record) -> bytes:
    head = "".join(f"{name}: {value}\r\n" for name, value in found.fields)
    return f"{found.version}\r\n{head}\r\n".encode() + found.block + b"\r\n\r\n"


def _status_json(status: Status) -> dict[str, Any]:
    return {
        "articles": status.articles,
        "origins": status.origins,
        "duplicates": status.duplicates,
        "versions": status.versions,
        "captures": dict(status.captures),
        "sites": status.sites,
        "languages": dict(status.languages),
        "first_capture": status.first_capture,
        "last_capture": status.last_capture,
        "size_bytes": status.size_bytes,
    }


def _search_json(
    query: str,
    chosen: dict[str, str],
    number: int,
    pages: int,
    result: SearchResult,
    facets: Facets,
    stories_of: dict[int, tuple[int, int]],
) -> dict[str, Any]:
    """As `archive search --json` says it, with the filters, their counts and the page beside."""
    return {
        "query": query,
        "filters": chosen,
        "total": result.total,
        "articles": facets.articles if facets.complete else None,
        "origins": facets.origins if facets.complete else None,
        "expanded_to": list(result.expanded_to),
        "notes": list(result.notes),
        "page": number,
        "pages": pages,
        "results": [
            {**hit_as_dict(hit), "cluster_id": stories_of.get(hit.article_id, (None,))[0]}
            for hit in result.hits
        ],
        "facets": {
            "site": {one.value: one.texts for one in facets.sites},
            "lang": {one.value: one.texts for one in facets.languages},
            "month": {one.value: one.texts for one in facets.months},
            "job": {one.value: one.texts for one in facets.jobs},
            "tag": {one.value: one.texts for one in facets.tags},
            "outcome": {one.value: one.texts for one in facets.outcomes},
        },
        "facets_complete": facets.complete,
    }
