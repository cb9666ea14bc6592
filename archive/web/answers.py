"""From what a page has to say to an answer: HTML, JSON, a record to download; and the headers that bind each.

Archived pages are hostile, so nothing of theirs is ever markup here: every value is escaped, our pages run and load
nothing but our own script and stylesheet, and a record leaves as a file to be saved, never as a page.
"""

from __future__ import annotations

import functools
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

from datasette import Response
from markupsafe import Markup

from archive.web import words

if TYPE_CHECKING:
    from datasette.app import Datasette
    from jinja2 import Environment

PAGE_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""For our pages: no script in them or from elsewhere, no frame, no form that leads elsewhere. Whatever else stands
under this origin is sent with its type and `nosniff`, and so is no script."""

FILE_POLICY: Final = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""For what is to be saved: should a browser show it after all, it runs and loads nothing and has no origin."""

COMMON_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}

_A_YEAR: Final = 365 * 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that our pages load, its media type, and a digest of it for its address."""

    content: bytes
    content_type: str
    digest: str


_TYPES: Final = {"page.css": "text/css; charset=utf-8", "search.js": "text/javascript; charset=utf-8"}


@functools.cache
def asset(name: str) -> Asset:
    """The stylesheet `page.css` or the script `search.js`, as shipped."""
    content = (resources.files("archive.web") / "style" / name).read_bytes()
    return Asset(content, _TYPES[name], hashlib.sha256(content).hexdigest()[:16])


@functools.cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415

    environment = Environment(
        loader=PackageLoader("archive.web", "markup"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["words"] = words
    environment.filters["data_block"] = data_block
    return environment


class Addresses:
    """Addresses of our pages and of Datasette's, below the prefix that it is served under."""

    def __init__(self, datasette: Datasette, database: str) -> None:
        self._urls = datasette.urls
        self._database = database

    def __call__(self, path: str, **query: object) -> str:
        """A page of ours. Values that are `None` or empty are left out of the query."""
        given = [(name, value) for name, value in query.items() if value not in {None, ""}]
        return str(self._urls.path(path)) + (f"?{urlencode(given)}" if given else "")

    def whole(self, path: str, url: str) -> str:
        """A page of ours whose path ends in a whole URL, query and all (RFC 7089)."""
        return str(self._urls.path(path)) + quote(url, safe=":/?&=%@!$'()*+,;~")

    def asset(self, name: str) -> str:
        """The stylesheet or the script; its address changes with its content."""
        stem, _, ending = name.partition(".")
        return self(f"/-/article-archive/{stem}-{asset(name).digest}.{ending}")

    @property
    def tables(self) -> str:
        """Datasette's page of the database."""
        return str(self._urls.database(self._database))

    def table(self, name: str, **query: object) -> str:
        """Datasette's page of a table."""
        given = f"?{urlencode(query)}" if query else ""
        return str(self._urls.table(self._database, name)) + given


def data_block(value: dict[str, Any]) -> Markup:
    """JSON as it may stand within a `script` element: no `<`, so nothing in it can end the element or open another."""
    said = json.dumps(value, ensure_ascii=False, default=_plain)
    for character in "<>&\u2028\u2029":
        said = said.replace(character, f"\\u{ord(character):04x}")
    return Markup(said)  # noqa: S704  -- escaped in the line before


def html_page(
    template: str, status: int = 200, headers: dict[str, str] | None = None, **context: Any
) -> Response:
    """A page of ours. headers: beyond those of every page."""
    body = _environment().get_template(template).render(**context)
    return Response.html(
        body,
        status=status,
        headers={
            **COMMON_HEADERS,
            "Content-Security-Policy": PAGE_POLICY,
            "Cache-Control": "no-cache",
            **(headers or {}),
        },
    )


def json_page(value: dict[str, Any], status: int = 200) -> Response:
    """The same as JSON: UTF-8, times as ISO 8601 in UTC ending in `Z`."""
    return Response(
        json.dumps(value, ensure_ascii=False, default=_plain),
        status=status,
        content_type="application/json; charset=utf-8",
        headers={**COMMON_HEADERS, "Content-Security-Policy": FILE_POLICY, "Cache-Control": "no-cache"},
    )


def data_answer(content: bytes, content_type: str) -> Response:
    """What another program reads, in a format of its own."""
    return Response(
        content,
        content_type=content_type,
        headers={**COMMON_HEADERS, "Content-Security-Policy": FILE_POLICY, "Cache-Control": "no-cache"},
    )


def download(content: bytes, filename: str, content_type: str) -> Response:
    """A file to be saved. filename: of ours, so ASCII and without quotes."""
    return Response(
        content,
        content_type=content_type,
        headers={
            **COMMON_HEADERS,
            "Content-Security-Policy": FILE_POLICY,
            "Content-Disposition": f'attachment; filename="{filename}"',
            "Cache-Control": "no-cache",
        },
    )


def asset_answer(name: str, asked_digest: str, known_etag: str | None) -> Response:
    """The stylesheet or the script, to be kept for good under its own address; 304 where the browser has it."""
    one = asset(name)
    etag = f'"{one.digest}"'
    lasting = f"public, max-age={_A_YEAR}, immutable" if asked_digest == one.digest else "no-cache"
    known = known_etag is not None and etag in known_etag
    return Response(
        b"" if known else one.content,
        status=304 if known else 200,
        content_type=one.content_type,
        headers={**COMMON_HEADERS, "ETag": etag, "Cache-Control": lasting},
    )


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    raise TypeError(f"{type(value).__name__} has no form in JSON")
