"""Serving one archive with Datasette and our pages. Shell: opens a socket and runs until it is told to stop.

`datasette.cli` is left alone: it is made of click, our commands are not. Both lines, 0.65 and 1.0, are started by
the same few documented calls.
"""

from __future__ import annotations

import asyncio
import gc
import ipaddress
import socket
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import uvicorn
from datasette.app import Datasette
from datasette.database import Database
from datasette.plugins import pm

import archive.web as plugin
from archive.errors import ArchiveError
from archive.web.attached import PLUGIN, Place, assign_place
from archive.web.describe import settings_of_tables
from archive.web.strangers import App, Scope, closed_tables, for_strangers

DATABASE_NAME: Final = "archive"
"""Under which Datasette shows the database, whatever its file is called: the contract's `/archive`."""

DEFAULT_PORT: Final = 8001

SETTINGS: Final = {
    # Suggesting facets asks every column of a table for its values: 1.6 s of a page of a million articles
    # (`../shared/facts/fetch-store.md`, section 5). A facet that is asked for is still counted.
    "suggest_facets": False,
    "default_page_size": 50,
    "truncate_cells_html": 300,
    "sql_time_limit_ms": 3_000,
    # of each of three threads, where an archive is that large; with the 2 MB of SQLite the pages over a table of a
    # million rows are read again for each title
    "cache_size_kb": 32_000,
}

PUBLIC_SETTINGS: Final = {
    **SETTINGS,
    "default_allow_sql": False,
    "allow_download": False,
    "allow_csv_stream": False,
    "allow_facet": False,
    "sql_time_limit_ms": 1_000,
}
"""For strangers: no SQL of their own, no file of the whole database, no query that holds the machine."""

_OTHER_NAME: Final = (
    b"This archive is not served under that name (archive serve --public serves it under any).\n"
)

_GRACE_SECONDS: Final = 2
"""How long requests under way may go on once the server is told to stop."""

_PUBLIC_CONCURRENCY: Final = 256
"""Connections of strangers at one time; one more is told to come again (503)."""


def make_datasette(database: Path, place: Place, *, public: bool = False) -> Datasette:
    """A Datasette on one archive, read-only, with our pages whether or not the entry point is installed."""
    if not pm.is_registered(plugin):
        pm.register(plugin, name=PLUGIN)
    configuration = settings_of_tables(DATABASE_NAME)
    if place.name:
        configuration["title"] = place.name
    if place.excerpt_chars is not None:
        tables = configuration["databases"][DATABASE_NAME]["tables"]
        for name in closed_tables(database):
            tables.setdefault(name, {})["allow"] = False
    # 1.0 takes from the metadata what belongs to its configuration by itself.
    datasette = Datasette(
        files=[str(database)], metadata=configuration, settings=PUBLIC_SETTINGS if public else SETTINGS
    )
    if DATABASE_NAME not in datasette.databases:
        datasette.remove_database(database.stem)
        datasette.add_database(Database(datasette, path=str(database), is_mutable=True), name=DATABASE_NAME)
    assign_place(datasette.databases[DATABASE_NAME], place)
    return datasette


def listen(host: str, port: int | None) -> tuple[socket.socket, bool]:
    """A socket that listens, and whether it is where it was asked to be.

    port: `None` for the usual one, or a free one where that is taken; 0 for any free one.
    Raises: ArchiveError, when the port that was asked for is taken or the address is not of this machine.
    """
    wanted = DEFAULT_PORT if port is None else port
    try:
        return _bind(host, wanted), True
    except OSError as error:
        if port is not None:
            raise ArchiveError(
                f"cannot listen on {host}, port {wanted}: {error.strerror or error}; --port 0 takes a free one"
            ) from error
    try:
        return _bind(host, 0), False
    except OSError as error:
        raise ArchiveError(f"cannot listen on {host}: {error.strerror or error}") from error


def address_of(listener: socket.socket) -> str:
    """The address to open in a browser."""
    host, port = listener.getsockname()[:2]
    if ipaddress.ip_address(host).is_unspecified:
        host = "127.0.0.1"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def is_loopback(listener: socket.socket) -> bool:
    """Whether only this machine can reach it."""
    return ipaddress.ip_address(listener.getsockname()[0]).is_loopback


def only_hosts(app: App, hosts: Iterable[str]) -> App:
    """The application for requests that name one of these hosts; 421 for any other.

    A page elsewhere may let its name lead to 127.0.0.1 and then ask us in the reader's browser (DNS rebinding): its
    requests still carry its name.
    """
    allowed = frozenset(hosts)

    async def guarded(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and _host_of(scope) not in allowed:
            head = [(b"content-type", b"text/plain; charset=utf-8"), (b"x-content-type-options", b"nosniff")]
            await send({"type": "http.response.start", "status": 421, "headers": head})
            await send({"type": "http.response.body", "body": _OTHER_NAME})
            return
        await app(scope, receive, send)

    return guarded


def application(datasette: Datasette, listener: socket.socket, *, public: bool) -> App:
    """Datasette as it is served on a socket: on loopback under the names of this machine alone, unless public."""
    app: App = datasette.app()
    if public:
        return for_strangers(app)
    if not is_loopback(listener):
        return app
    return only_hosts(app, {"localhost", "127.0.0.1", "::1", listener.getsockname()[0]})


def run(datasette: Datasette, listener: socket.socket, *, public: bool, ready: Callable[[], None]) -> None:
    """Serve until the process is told to stop (SIGINT, SIGTERM). ready: called once Datasette has started."""
    app = application(datasette, listener, public=public)

    async def serve() -> None:
        await datasette.invoke_startup()
        keep_for_good()
        ready()
        await uvicorn.Server(
            uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,
                server_header=False,
                lifespan="on",
                timeout_graceful_shutdown=_GRACE_SECONDS,
                limit_concurrency=_PUBLIC_CONCURRENCY if public else None,
            )
        ).serve(sockets=[listener])

    try:
        asyncio.run(serve())
    except KeyboardInterrupt:
        return  # the usual way to end a server; uvicorn has closed it


def keep_for_good() -> None:
    """Let no garbage collection look through what has been loaded: each such look takes 10 to 20 ms of a request."""
    gc.collect()
    gc.freeze()


def _bind(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
    except BaseException:
        listener.close()
        raise
    return listener


def _host_of(scope: Scope) -> str:
    """The host that a request names, without its port."""
    named = (
        next((value for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1").lower()
    )
    if named.startswith("["):
        return str(named[1:].partition("]")[0])
    return str(named.partition(":")[0])
