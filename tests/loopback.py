"""A small HTTP server over real sockets that answers exactly what a test says, octet by octet, and remembers.

    with Loopback({"/": "<p>hello", "/moved": redirect("/"), "/slow": raw(b"HTTP/1.1 200 OK\r\n", 0.5)}) as server:
        fetcher.fetch(server.url("/"))
        assert [hit.path for hit in server.hits] == ["/robots.txt", "/"]

A route is a page as `str` or `bytes`, an `Answer` (see `page`, `redirect`, `status`, `raw`), or a function of the
`Asked` request that returns one. A route may name its address: `"127.0.0.2/path"` goes before `"/path"`, and end in
`*` for all paths that begin so. What has no route is 404, robots.txt included. It listens on 127.0.0.0/8 only: fetch
with `allow_networks=("127.0.0.0/8",)`.
"""

from __future__ import annotations

import gzip
import itertools
import selectors
import socket
import ssl
import struct
import subprocess
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import brotli  # type: ignore[import-untyped]  # it ships no types
import zstandard

KEPT_BYTES = 4_000_000
"""Octets of each answer that a `Hit` remembers."""

LOOPBACK = ("127.0.0.0/8",)
"""What `allow_networks` must be to fetch from here."""


@dataclass(frozen=True)
class Answer:
    """What to send: octets, and pauses in seconds between them.

    script: anything that can be iterated again, or a function that gives an iterator.
    close: end the connection afterwards. reset: end it with RST.
    """

    script: Iterable[bytes | float] | Callable[[], Iterator[bytes | float]]
    close: bool = False
    reset: bool = False

    def pieces(self) -> Iterator[bytes | float]:
        """The script from its beginning."""
        return self.script() if callable(self.script) else iter(self.script)


@dataclass(frozen=True)
class Asked:
    """A request as it came. headers: lower-case names, the last of a name counts."""

    address: str
    path: str
    raw: bytes

    @property
    def headers(self) -> dict[str, str]:
        """The request's header fields."""
        lines = self.raw.decode("latin-1").split("\r\n")[1:]
        pairs = (line.partition(":") for line in lines if ":" in line)
        return {name.lower(): value.strip() for name, _, value in pairs}


Route = str | bytes | Answer | Callable[[Asked], "str | bytes | Answer"]


@dataclass
class Hit:
    """One request, and what was sent for it.

    began, ended: `time.monotonic()`. sent_at: just before its last octets were sent, so never after they were read.
    connection: a serial number.
    """

    address: str
    path: str
    request: bytes
    connection: int
    began: float
    ended: float = 0.0
    sent_at: float = 0.0
    response: bytearray = field(default_factory=bytearray)
    sent: int = 0


class Loopback:
    """The server, running while the context lasts.

    addresses: all of 127.0.0.0/8, on one port. tls: a context for https, see `self_signed`.
    """

    def __init__(
        self,
        routes: Mapping[str, Route],
        *,
        addresses: Sequence[str] = ("127.0.0.1",),
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.routes = dict(routes)
        self.addresses = tuple(addresses)
        self._tls = tls
        self._lock = threading.Lock()
        self._hits: list[Hit] = []
        self._serial = itertools.count(1)
        self._open: set[socket.socket] = set()
        self._ending = threading.Event()
        self._selector = selectors.DefaultSelector()
        self._listeners: list[socket.socket] = []
        self.port = 0

    def __enter__(self) -> Self:
        for address in self.addresses:
            if not address.startswith("127."):
                raise ValueError(f"{address} is not a loopback address")
        self._listen()
        threading.Thread(target=self._accept, daemon=True, name="loopback").start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ending.set()
        for listener in self._listeners:
            listener.close()
        with self._lock:
            for connection in self._open:
                _hang_up(connection)

    @property
    def hits(self) -> list[Hit]:
        """Requests so far, in the order in which they came."""
        with self._lock:
            return list(self._hits)

    @property
    def paths(self) -> list[str]:
        """Paths asked for so far, in order."""
        return [hit.path for hit in self.hits]

    @property
    def connections(self) -> int:
        """Connections on which something was asked."""
        return len({hit.connection for hit in self.hits})

    def url(self, path: str = "/", address: str | None = None) -> str:
        """The URL of a path. address: one of the server's, or a name that a resolver of yours leads there."""
        scheme = "https" if self._tls else "http"
        return f"{scheme}://{address or self.addresses[0]}:{self.port}{path}"

    def _listen(self) -> None:
        for _ in range(20):
            try:
                for address in self.addresses:
                    listener = socket.create_server((address, self.port), backlog=128)
                    self._listeners.append(listener)
                    self.port = listener.getsockname()[1]
            except OSError:  # somebody has that port on another address
                for listener in self._listeners:
                    listener.close()
                self._listeners.clear()
                self.port = 0
            else:
                break
        for listener in self._listeners:
            listener.setblocking(False)
            self._selector.register(listener, selectors.EVENT_READ)

    def _accept(self) -> None:
        while not self._ending.is_set():
            for key, _ in self._selector.select(0.1):
                listener = key.fileobj
                assert isinstance(listener, socket.socket)
                try:
                    connection, _ = listener.accept()
                    address = listener.getsockname()[0]  # fails once the server was closed
                except OSError:
                    continue
                connection.setblocking(True)
                with self._lock:
                    self._open.add(connection)
                threading.Thread(target=self._serve, args=(connection, address), daemon=True).start()
        self._selector.close()

    def _serve(self, connection: socket.socket, address: str) -> None:
        used = connection
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                used = self._tls.wrap_socket(connection, server_side=True)
                with self._lock:
                    self._open.add(used)
            self._answer_all(used, address, next(self._serial))
        except OSError:
            pass  # the client went away, which is what many tests are about
        finally:
            with self._lock:
                self._open -= {connection, used}
            used.close()

    def _answer_all(self, connection: socket.socket, address: str, serial: int) -> None:
        held = b""
        while not self._ending.is_set():
            while b"\r\n\r\n" not in held:
                octets = connection.recv(65536)
                if not octets:
                    return
                held += octets
            head, _, held = held.partition(b"\r\n\r\n")
            asked = Asked(address, head.split(b" ", 2)[1].decode("latin-1"), head + b"\r\n\r\n")
            hit = Hit(address, asked.path, asked.raw, serial, time.monotonic())
            with self._lock:
                self._hits.append(hit)
            answer = self._route(asked)
            try:
                self._send(connection, answer, hit)
            finally:
                hit.ended = time.monotonic()
            if answer.reset:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if answer.close or answer.reset:
                return

    def _route(self, asked: Asked) -> Answer:
        route = self.routes.get(asked.address + asked.path, self.routes.get(asked.path))
        if route is None:
            wanted = (asked.address + asked.path, asked.path)
            beginnings = (name for name in self.routes if name.endswith("*"))
            found = next(
                (name for name in beginnings if any(one.startswith(name[:-1]) for one in wanted)), ""
            )
            route = self.routes.get(found)
        if callable(route):
            route = route(asked)
        if route is None:
            return status(404)
        return route if isinstance(route, Answer) else page(route)

    def _send(self, connection: socket.socket, answer: Answer, hit: Hit) -> None:
        for piece in answer.pieces():
            if self._ending.is_set():
                return
            if isinstance(piece, bytes):
                # Noted first: a client may have read it, and looked here, before sendall comes back.
                hit.sent += len(piece)
                if len(hit.response) < KEPT_BYTES:
                    hit.response += piece
                hit.sent_at = time.monotonic()
                connection.sendall(piece)
            elif self._ending.wait(piece):
                return


def page(
    body: str | bytes,
    *,
    code: int = 200,
    content_type: str = "text/html; charset=utf-8",
    headers: Sequence[tuple[str, str]] = (),
    coding: str | None = None,
    chunk: int | None = None,
) -> Answer:
    """A well-made answer.

    coding: gzip, deflate, br or zstd, which the body is then sent in. chunk: send chunks of so many octets
    instead of a Content-Length.
    """
    octets = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {code} {'OK' if code == 200 else 'Other'}", f"Content-Type: {content_type}"]
    lines += [f"{name}: {value}" for name, value in headers]
    if coding:
        octets = encoded(octets, coding)
        lines.append(f"Content-Encoding: {coding}")
    if chunk:
        lines.append("Transfer-Encoding: chunked")
        octets = chunked(octets, chunk)
    elif code not in (204, 304):
        lines.append(f"Content-Length: {len(octets)}")
    return Answer(("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + octets,))


def redirect(location: str, code: int = 302) -> Answer:
    """A redirect with a short body."""
    return page("moved", code=code, headers=(("Location", location),))


def status(code: int, *headers: tuple[str, str]) -> Answer:
    """An answer with nothing but its status, and a short body where it may have one."""
    return page("" if code in (204, 304) else f"status {code}", code=code, headers=headers)


def raw(*script: bytes | float, close: bool = True, reset: bool = False) -> Answer:
    """Exactly these octets, with pauses of so many seconds where a number stands."""
    return Answer(script, close=close, reset=reset)


def drip(octets: bytes, seconds: float, *, after: bytes = b"") -> Answer:
    """`after` at once, then one octet at a time with a pause before each."""

    def script() -> Iterator[bytes | float]:
        yield after
        for octet in octets:
            yield seconds
            yield bytes((octet,))

    return Answer(script, close=True)


def forever(octets: bytes, *, after: bytes = b"", pause: float = 0.0) -> Answer:
    """`after` once, then the same octets without end."""

    def script() -> Iterator[bytes | float]:
        yield after
        while True:
            yield octets
            if pause:
                yield pause

    return Answer(script, close=True)


def chunked(octets: bytes, size: int) -> bytes:
    """A body in chunks of `size` octets, with the last one."""
    pieces = (octets[start : start + size] for start in range(0, len(octets), size))
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def encoded(octets: bytes, coding: str) -> bytes:
    """Octets under one content coding."""
    if coding == "gzip":
        return gzip.compress(octets, mtime=0)
    if coding == "deflate":
        return zlib.compress(octets)
    if coding == "br":
        return bytes(brotli.compress(octets, quality=4))
    if coding == "zstd":
        # Streamed, so that the window is the level's and not the size of the whole, as a server would do it.
        compressor = zstandard.ZstdCompressor(level=3).compressobj()
        return compressor.compress(octets) + compressor.flush()
    raise ValueError(coding)


def bomb(coding: str, size: int) -> bytes:
    """`size` zero octets under a coding, made without holding them."""
    block = bytes(1 << 20)
    count = size // len(block)
    if coding in ("gzip", "deflate"):
        packer = zlib.compressobj(9, zlib.DEFLATED, 31 if coding == "gzip" else 15)
        return b"".join(packer.compress(block) for _ in range(count)) + packer.flush()
    if coding == "br":
        brotli_packer = brotli.Compressor(quality=5, lgwin=22)
        return b"".join(brotli_packer.process(block) for _ in range(count)) + bytes(brotli_packer.finish())
    if coding == "zstd":
        zstd_packer = zstandard.ZstdCompressor(level=3).compressobj()
        return b"".join(zstd_packer.compress(block) for _ in range(count)) + zstd_packer.flush()
    raise ValueError(coding)


def self_signed(folder: Path, name: str = "127.0.0.1") -> tuple[ssl.SSLContext, Path]:
    """A server context with a new certificate for a name or address, and the certificate's file.

    Nothing is shipped: the key is made by the `openssl` program and lives as long as the folder.
    """
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    kind = "IP" if name.replace(".", "").isdigit() else "DNS"
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
            ),
            *("-keyout", str(key), "-out", str(certificate), "-days", "2", "-subj", f"/CN={name}"),
            *("-addext", f"subjectAltName={kind}:{name}"),
        ],
        check=True,
        capture_output=True,
        timeout=30,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context, certificate


def _hang_up(connection: socket.socket) -> None:
    try:
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
    except OSError:
        return  # already gone
