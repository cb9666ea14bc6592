"""`archive serve`: the archive in a browser."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Annotated

import typer

from archive.cli.base import app, open_here
from archive.cli.output import put, say

if TYPE_CHECKING:
    from archive.app import Archive

LOOPBACK = "127.0.0.1"


@app.command()
def serve(
    port: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, max=65535, help="Port; 0 takes a free one. [8001, else a free one]"),
    ] = None,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Address to listen on.")] = LOOPBACK,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the browser.")] = False,
    public: Annotated[
        bool,
        typer.Option(
            "--public",
            help="For strangers: read alone, no SQL of theirs, no robots; [serve] may limit it to excerpts.",
        ),
    ] = False,
) -> None:
    """Search and read the archive in a browser, until Ctrl-C. Only this machine can reach it, unless told otherwise."""
    with open_here() as archive:
        serve_archive(archive, port=port, host=host, open_browser=open_browser, public=public)


def serve_archive(
    archive: Archive,
    *,
    port: int | None = None,
    host: str = LOOPBACK,
    open_browser: bool = False,
    public: bool = False,
) -> None:
    """Serve an archive until the process is told to stop; its address is the one line on standard output.

    Raises: ArchiveError, when there is no archive yet or the address cannot be had.
    """
    archive.store.recent(1)  # raises where there is nothing that this version can read
    archive.close()  # Datasette has connections of its own
    from archive.web.attached import Place  # noqa: PLC0415
    from archive.web.server import address_of, is_loopback, listen, make_datasette, run  # noqa: PLC0415

    config = archive.config
    listener, as_asked = listen(host, port)
    with listener:
        address = address_of(listener)
        if not as_asked:
            say("port 8001 is taken, so another was chosen")
        if not is_loopback(listener) and not public:
            say("everyone who can reach this machine can read the archive and ask it any SQL: see --public")

        def ready() -> None:
            put(address)
            say("Ctrl-C stops it")
            if open_browser:
                threading.Thread(target=_open, args=(address,), daemon=True).start()

        excerpts = public and not config.serve.full_text
        place = Place(
            config.archive.name, config.warc_folder, config, config.serve.excerpt_chars if excerpts else None
        )
        run(make_datasette(config.database, place, public=public), listener, public=public, ready=ready)


def _open(address: str) -> None:
    """Open the browser; some run inside the terminal and come back only when they are left."""
    import webbrowser  # noqa: PLC0415

    if not webbrowser.open(address):
        say(f"no browser was found here: open {address} yourself")
