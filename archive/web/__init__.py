"""The Datasette plugin: pages to search and read an archive, above Datasette's own pages of its tables.

An entry point is loaded by every Datasette of its environment, whatever it serves. So importing this package costs
nothing, and its routes, descriptions and styles exist only where an attached database is an archive (`attached`).
Only hooks that Datasette 0.65 and 1.0 share are used; where the two lines differ, `lines` knows how.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from typing import TYPE_CHECKING, Any

from pluggy import HookimplMarker

from archive.web.attached import attached_archive, place_of

if TYPE_CHECKING:
    from datasette.app import Datasette

hookimpl = HookimplMarker("datasette")


@hookimpl
def register_routes(datasette: Datasette) -> list[tuple[str, Callable[..., Any]]]:
    """The routes of our pages; none where no archive is attached."""
    if attached_archive(datasette) is None:
        return []
    from archive.web.views import ROUTES  # noqa: PLC0415  -- other Datasettes do not pay for it

    return list(ROUTES)


@hookimpl
def startup(datasette: Datasette) -> Callable[[], Awaitable[None]] | None:
    """Describe tables and columns, on the line that keeps descriptions in its own database (1.0)."""
    database = attached_archive(datasette)
    if database is None:
        return None
    from archive.web.lines import describe  # noqa: PLC0415

    return lambda: describe(datasette, database.name)


@hookimpl(optionalhook=True)
def get_metadata(datasette: Datasette) -> dict[str, Any] | None:
    """Describe tables and columns, on the line that asks plugins for descriptions (0.65)."""
    database = attached_archive(datasette)
    if database is None:
        return None
    from archive.web.describe import metadata  # noqa: PLC0415

    return metadata(database.name)


@hookimpl(optionalhook=True)
def canned_queries(datasette: Datasette, database: str) -> dict[str, dict[str, Any]] | None:
    """Offer queries by name, on the line that asks plugins for them (0.65); the operator's own come first."""
    attached = attached_archive(datasette)
    if attached is None or attached.name != database:
        return None
    from archive.web.queries import canned  # noqa: PLC0415

    own = datasette.metadata("queries", database=database, fallback=False) or {}
    excerpts = place_of(datasette, attached).excerpt_chars is not None
    return {name: one for name, one in canned(excerpts=excerpts).items() if name not in own}


@hookimpl(hookwrapper=True)
def handle_exception(datasette: Datasette, request: Any, exception: Exception) -> Generator[None, Any, None]:
    """Answer a request that cannot be met without a traceback in the log; where no archive is attached, nothing.

    It is a wrapper, since Datasette asks every plugin and itself, and takes the first answer.
    """
    outcome = yield
    if attached_archive(datasette) is None or datasette.pdb:
        return
    from archive.web.refusals import as_refusal, refusals  # noqa: PLC0415

    refusal = as_refusal(request, exception)
    if refusal is not None:
        outcome.force_result(refusals(outcome.get_result(), datasette, request, refusal))
