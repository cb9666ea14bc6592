"""What Datasette answers where a request cannot be met (400 to 499), without a traceback in the log for each.

Its own answer prints one with every local variable wherever `rich` is installed, which our commands need: 0.2 s in
which nobody else is answered, 16 kB of log, and no answer at all to a path without a route, whose exception was never
raised. What goes wrong inside (500) is left to it, traceback and all.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

from datasette import Response
from datasette.utils import add_cors_headers
from datasette.utils.asgi import BadRequest, Base400, NotFound
from datasette.views.base import DatasetteError
from markupsafe import Markup

from archive.web.lines import refusal_fields

if TYPE_CHECKING:
    from datasette.app import Datasette

_ITS_OWN: Final = "datasette.handle_exception"
"""The module in which Datasette keeps the answer that is replaced."""


def as_refusal(request: Any, exception: Exception) -> Exception | None:
    """What says what is wrong with a request, where nothing of ours or of Datasette's went wrong; else `None`.

    Datasette's table pages let three such go for faults: too few or too many parts of a key, a number beyond 64 bits,
    and a column to sort by that there is not.
    """
    asked = request.url_vars
    refusal: Exception | None = None
    if isinstance(exception, DatasetteError) and str(exception.message).startswith("Cannot sort table by"):
        refusal = BadRequest(str(exception.message))
    elif isinstance(exception, Base400 | DatasetteError) and 400 <= exception.status < 500:
        refusal = exception
    elif isinstance(exception, sqlite3.ProgrammingError) and "pks" in asked and "binding" in str(exception):
        refusal = NotFound("no row has such a key")
    elif isinstance(exception, OverflowError) and "table" in asked:
        refusal = BadRequest("a number is larger than any in the archive")
    return refusal


def refusals(
    answers: list[Any], datasette: Datasette, request: Any, exception: Exception
) -> list[Callable[[], Awaitable[Response]] | Any]:
    """The answers of every plugin to an exception, ours in the place of Datasette's own."""

    async def refuse() -> Response:
        return await _refuse(datasette, request, exception)

    return [refuse if getattr(one, "__module__", "") == _ITS_OWN else one for one in answers]


async def _refuse(datasette: Datasette, request: Any, exception: Any) -> Response:
    """The page or the JSON that Datasette would have answered with."""
    status: int = exception.status
    own = isinstance(exception, DatasetteError)
    message = exception.message if own else str(exception.args[0] if exception.args else status)
    plain = getattr(exception, "plain_message", None) or message
    title = exception.title if own else None
    info = dict(exception.error_dict) if own else {}
    headers: dict[str, str] = {}
    if datasette.cors:
        add_cors_headers(headers)
    if request.path.endswith(".json"):
        return Response.json({**info, **refusal_fields(plain, status, title)}, status=status, headers=headers)
    shown = Markup(message) if own and exception.message_is_html else message  # noqa: S704  -- Datasette's own word
    body = await datasette.render_template(
        [f"{status}.html", "error.html"],
        {**info, "ok": False, "error": shown, "status": status, "title": title},
        request=request,
    )
    return Response.html(body, status=status, headers=headers)
