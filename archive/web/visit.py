"""One request for a page of ours: which archive it is about, who asks, how it is answered and what may go wrong."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from datasette import Response

from archive.errors import ArchiveError, NotFound, StoreError
from archive.model import Article, SearchRequest, SearchResult
from archive.search.parsing import DATES, read_date
from archive.search.parsing import FILTERS as TYPED
from archive.web.answers import Addresses, html_page, json_page
from archive.web.attached import Place, attached_archive, place_of
from archive.web.lines import ensure_visible
from archive.web.reading import read, read_beginnings
from archive.web.words import excerpt
from scraper.model import FieldOrigin

if TYPE_CHECKING:
    from datasette.app import Datasette
    from datasette.database import Database

T = TypeVar("T")

MAX_QUERY: Final = 1_000
"""Characters of a query, as many as the box takes."""

FILTERS: Final = {
    "site": "site", "lang": "language", "month": "month", "job": "job", "tag": "tag", "outcome": "outcome",
    "author": "author", "since": "since", "until": "until",
}  # fmt: skip
"""Filters of a search by their name in its address, and the field of `SearchRequest` that each sets."""


OTHER_NAMES: Final = {
    typed: name
    for typed, typed_field in TYPED.items()
    for name, field in FILTERS.items()
    if field == typed_field and typed not in FILTERS
}
"""Names that a query has for some of them: `after` for `since`."""

BESIDE_FILTERS: Final = frozenset({"q", "page", "exact"})
"""What else the address of a search may say."""


class Withheld(ArchiveError):
    """What the operator chose not to show."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request for a page, and what it is about."""

    datasette: Datasette
    request: Any
    database: Database
    place: Place
    urls: Addresses

    @property
    def as_json(self) -> bool:
        """Whether `.json` was asked for."""
        return bool(self.request.url_vars.get("format"))

    @property
    def number(self) -> int:
        """The number in the address."""
        return int(self.request.url_vars["id"])

    def argument(self, name: str) -> str | None:
        """A parameter of the query; `None` where it is absent or blank."""
        return (self.request.args.get(name) or "").strip() or None

    @property
    def exact(self) -> bool:
        """Whether a search is to find only what is typed."""
        return (self.argument("exact") or "0").lower() not in {"0", "false", "no", "off"}

    def filters(self) -> dict[str, str]:
        """The filters of the search that were chosen, by their name in the address."""
        given = {other: self.argument(name) for name, other in OTHER_NAMES.items()}
        asked = {name: self.argument(name) or given.get(name) for name in FILTERS}
        return {
            name: value for name, value in asked.items() if value and (name not in DATES or read_date(value))
        }

    def address_notes(self) -> tuple[str, ...]:
        """What in the address of a search was not understood, a line each."""
        dates = [
            f"not understood: {name}={value} in the address, no date like 2017-10-08, 2017-10 or 2017"
            for name in sorted(FILTERS.keys() | OTHER_NAMES.keys())
            if OTHER_NAMES.get(name, name) in DATES
            and (value := self.argument(name))
            and not read_date(value)
        ]
        known = FILTERS.keys() | OTHER_NAMES.keys() | BESIDE_FILTERS
        others = sorted(name for name in self.request.args if name not in known and name[:1] != "_")
        return (*dates, *(f"not understood: {name} in the address is no filter" for name in others))

    def search_fields(self) -> dict[str, Any]:
        """The same by the fields of `SearchRequest`, and what else a search of this archive knows."""
        chosen = {FILTERS[name]: value for name, value in self.filters().items()}
        return {**chosen, "synonyms": self.place.synonyms}

    @property
    def query(self) -> str:
        """What is searched for, as far as the box takes it: a page says it thirty times over."""
        return (self.argument("q") or "")[:MAX_QUERY]

    def search_request(self, query: str, **options: Any) -> SearchRequest:
        """A search of the articles under the filters that were chosen.

        Where texts are kept back, it asks for words whatever their order, or enough phrases would read them all.
        """
        ordered = self.place.excerpt_chars is None
        return SearchRequest(query, **{**self.search_fields(), **options}, ordered=ordered)

    def absolute(self, path: str) -> str:
        """The whole address of a path, as the reader's program knows this server."""
        return str(self.datasette.absolute_url(self.request, path))

    def shown(self, article: Article) -> Article:
        """An article as it may be shown here: whole, or the beginning of its text and nothing else of it."""
        if self.place.excerpt_chars is None:
            return article
        return replace(
            article,
            text=excerpt(article.text, self.place.excerpt_chars),
            captions=(),
            images=tuple(replace(image, caption=None, alt=None) for image in article.images),
        )

    def shown_origins(self, origins: Mapping[str, FieldOrigin]) -> dict[str, FieldOrigin]:
        """Where each field came from, as it may be shown here: all candidates, or the one that was taken, since others
        may be headings or lines of the text."""
        if self.place.excerpt_chars is None:
            return dict(origins)
        return {
            field: replace(one, candidates=tuple(it for it in one.candidates if it.origin == one.chosen)[:1])
            for field, one in origins.items()
        }

    def shown_result(self, connection: sqlite3.Connection, result: SearchResult) -> SearchResult:
        """A search's result as it may be shown here: where texts are kept back, a snippet is the beginning of the
        text whatever was searched, or enough searches would show it all."""
        characters = self.place.excerpt_chars
        if characters is None:
            return result
        starts = read_beginnings(connection, [hit.article_id for hit in result.hits], characters + 1)
        hits = (
            replace(hit, snippet=excerpt(starts[hit.article_id], characters), marks=()) for hit in result.hits
        )
        return replace(result, hits=tuple(hits))

    def refuse_excerpted(self, what: str) -> None:
        """Raises: Withheld, where texts are shown in excerpts and `what` would show more."""
        if self.place.excerpt_chars is not None:
            raise Withheld(f"this archive shows the beginning of each text, and so not {what}")

    @property
    def limit_ms(self) -> int:
        """How long one query may take, in milliseconds: Datasette's own setting."""
        return int(self.datasette.setting("sql_time_limit_ms"))

    async def read(self, function: Callable[[sqlite3.Connection], T], limit_ms: int | None = None) -> T:
        """What a function makes of the database. Raises: as `archive.web.reading.read`."""
        return await read(self.database, limit_ms or self.limit_ms, function)

    def page(
        self, template: str, status: int = 200, headers: dict[str, str] | None = None, **context: Any
    ) -> Response:
        """A page, with what every page shows."""
        common = {
            "url": self.urls,
            "archive_name": self.place.name or "Article archive",
            "query": "",
            "excerpts": self.place.excerpt_chars is not None,
        }
        return html_page(template, status, headers, **{**common, **context})

    def failure(self, status: int, title: str, message: str) -> Response:
        """A page that says in one line what is the matter."""
        if self.as_json:
            return json_page({"ok": False, "error": message, "status": status}, status)
        return self.page("failure.html", status, title=title, message=message)


View = Callable[[Visit], Awaitable[Response]]


def route(view: View) -> Callable[..., Awaitable[Response]]:
    """A view as Datasette calls it: for whom may see the articles, what goes wrong being a page of its own.

    Not `functools.wraps`: Datasette reads the names of the arguments, and would find those of the view.
    """

    async def answer(datasette: Datasette, request: Any) -> Response:
        database = attached_archive(datasette)
        if database is None:  # detached since the routes were made
            return Response.text("no archive is attached", status=404)
        place = place_of(datasette, database)
        await ensure_visible(
            datasette, request.actor, database.name, excerpts=place.excerpt_chars is not None
        )
        urls = Addresses(datasette, database.name)
        visit = Visit(datasette, request, database, place, urls)
        if request.method not in {"GET", "HEAD"}:
            return visit.failure(405, "Read only", "This page can be read and nothing else.")
        try:
            return await view(visit)
        except Withheld as error:
            return visit.failure(403, "Not shown here", _sentence(error))
        except NotFound as error:
            return visit.failure(404, "Not found", _sentence(error))
        except StoreError as error:
            return visit.failure(503, "Not now", _sentence(error))

    return answer


def _sentence(error: Exception) -> str:
    said = str(error)
    return said[:1].upper() + said[1:] + ("" if said.endswith(".") else ".")
