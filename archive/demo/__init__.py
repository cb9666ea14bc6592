"""A demonstration that needs no internet: a few packaged pages, served on loopback, through the real pipeline.

Only the names of the sites are not real: they resolve, for this run alone, to the one address and port that the
demonstration listens on. The stories on the pages are the project's own and happened nowhere.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from urllib.parse import urlsplit

LISTEN = "127.0.0.1"

PAGES = {
    "http://www.almaghribtoday.example/en/page/harbour": "almaghrib-1-harbour.html",
    "http://www.almaghribtoday.example/en/page/library": "almaghrib-2-library.html",
    "http://www.almaghribtoday.example/en/page/marathon": "almaghrib-3-marathon.html",
    "http://www.almaghribtoday.example/en/page/almonds": "almaghrib-4-almonds.html",
    "http://martyrashrakat.example/2017/10/02/canal/": "wpblog-1-canal.html",
    "http://martyrashrakat.example/2017/10/04/dunes/": "wpblog-2-dunes.html",
    "http://martyrashrakat.example/2017/10/05/bakery/": "wpblog-3-bakery.html",
    "http://martyrashrakat.example/2017/10/07/chess/": "wpblog-4-chess.html",
    "http://addiffa.example/2017/10/03/tell-rihan-well/": "arabic-1-well.html",
}
"""Address -> packaged file. `.example` names never exist on the internet (RFC 2606)."""

ROBOTS = b"User-agent: *\nDisallow: /private/\n"


def page_bytes(name: str) -> bytes:
    """A packaged page."""
    return (resources.files(__package__) / "pages" / name).read_bytes()


class _Handler(BaseHTTPRequestHandler):
    """Answers for every packaged site, by the Host header."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        host = (self.headers.get("Host") or "").partition(":")[0]
        name = PAGES.get(f"http://{host}{urlsplit(self.path).path}")
        if self.path == "/robots.txt":
            self._answer(200, "text/plain", ROBOTS)
        elif name is not None:
            self._answer(200, "text/html; charset=utf-8", page_bytes(name))
        else:
            self._answer(404, "text/plain", b"not here\n")

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the terminal belongs to the demonstration."""


@contextmanager
def demo_sites() -> Iterator[tuple[list[str], int]]:
    """Serve the packaged pages; gives their addresses and the port, which the system chose."""
    server = ThreadingHTTPServer((LISTEN, 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True, name="demo")
    thread.start()
    port = server.server_address[1]
    try:
        yield [f"http://{parts.netloc}:{port}{parts.path}" for parts in map(urlsplit, PAGES)], port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def resolve_to_demo(host: str, port: int) -> Sequence[str]:  # noqa: ARG001  -- a resolver is given both
    """The address of every packaged site; no other name is known here."""
    known = {urlsplit(address).hostname for address in PAGES}
    if host not in known:
        raise OSError(f"{host}: the demonstration knows no such site")
    return (LISTEN,)
