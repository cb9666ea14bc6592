"""One request and its answer over httpx, recorded: the only module that speaks to httpx and httpcore.

Below httpx stands a transport of our own over a public `httpcore.ConnectionPool`, given the recording backend of
`wire`. The octets on the tape are the truth: status, headers and payload are read from them, and httpx is asked
only to send the request and to know when the answer ends.
"""

from __future__ import annotations

import functools
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import certifi
import httpcore
import httpx

from scraper.errors import BadResponse, BadUrl, FetchError, TooLarge, TooSlow, Unreachable
from scraper.fetch.decode import ACCEPT_ENCODING
from scraper.fetch.message import parse_head, read_body
from scraper.fetch.settings import FetchSettings
from scraper.fetch.tape import Board, Tape
from scraper.fetch.target import Target
from scraper.fetch.wire import Resolver, WireBackend, WireStream
from scraper.model import Exchange, Truncation

_LINKS = 10  # of a chain of causes; h11, httpcore, ours make three
_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of one request. Without an exchange there is an error; with one there may be, when it is cut."""

    exchange: Exchange | None
    error: FetchError | None = None


class Wire:
    """Asks for one target at a time in each thread, over connections that are kept and shared."""

    def __init__(self, settings: FetchSettings, resolver: Resolver) -> None:
        self.board = Board(settings)
        self._settings = settings
        self._client = httpx.Client(
            transport=_Transport(settings, WireBackend(settings, self.board, resolver)),
            trust_env=False,
            follow_redirects=False,
            headers={"User-Agent": settings.agent, "Accept": _ACCEPT, "Accept-Encoding": ACCEPT_ENCODING},
        )

    def ask(
        self,
        target: Target,
        tape: Tape,
        requested_at: datetime,
        headers: Mapping[str, str],
        max_error_bytes: int,
        max_body_bytes: int | None = None,
    ) -> Asked:
        """GET one target. Never raises for what the web does; raises `Stopped` when told to.

        max_error_bytes: body octets kept of an answer that is not 2xx. max_body_bytes: of any answer.
        """
        self.board.tape = tape
        try:
            while True:
                try:
                    return self._ask(target, tape, requested_at, headers, max_error_bytes, max_body_bytes)
                except Unreachable:
                    # A kept connection may have been closed while the request was on its way: RFC 9112, 9.3.1,
                    # lets an idempotent request be sent again, once, on a connection of its own.
                    timed_out = isinstance(tape.cause, TimeoutError)
                    if tape.connected or tape.received or not tape.sent or timed_out:
                        raise
                    tape.restart()
        except FetchError as error:
            error.__cause__ = tape.cause or error.__cause__
            return Asked(None, _bare(error))

    def close(self) -> None:
        """Close kept connections."""
        self._client.close()

    def _ask(
        self,
        target: Target,
        tape: Tape,
        requested_at: datetime,
        headers: Mapping[str, str],
        max_error_bytes: int,
        max_body_bytes: int | None,
    ) -> Asked:
        connect = min(self._settings.connect_timeout, tape.seconds_left())
        try:
            request = self._client.build_request(
                "GET",
                target.origin + "/",
                headers=dict(headers),
                extensions={
                    "target": target.path.encode("ascii"),
                    "timeout": {"connect": connect, "pool": tape.seconds_left()},
                },
            )
            response = self._client.send(request, stream=True)
        except httpcore.RemoteProtocolError as error:
            if tape.ended:
                raise Unreachable(
                    target.uri, f"{tape.named}: no answer, the connection was closed", retryable=True
                ) from error
            raise BadResponse(target.uri, f"{tape.named}: not an HTTP response: {_line(error)}") from error
        except httpcore.PoolTimeout as error:
            raise Unreachable(
                target.uri, f"{target.uri}: no connection was free in time", retryable=True
            ) from error
        except (httpcore.LocalProtocolError, httpx.InvalidURL) as error:
            raise BadUrl(target.uri, f"{target.uri}: cannot be asked for: {_line(error)}") from error
        try:
            return self._receive(target, tape, response, requested_at, max_error_bytes, max_body_bytes)
        finally:
            response.close()

    def _receive(
        self,
        target: Target,
        tape: Tape,
        response: httpx.Response,
        requested_at: datetime,
        max_error_bytes: int,
        max_body_bytes: int | None,
    ) -> Asked:
        head = parse_head(memoryview(tape.received)[tape.head_start : tape.head_end].tobytes())
        if head is None or tape.head_end is None or head.status < 200:
            raise BadResponse(
                target.uri, f"{target.uri}: answered {response.status_code}, which was not asked for"
            )
        tape.body_limit = limit = max_body_bytes if 200 <= head.status < 300 else max_error_bytes
        most_chunks = self._settings.max_chunks
        error: FetchError | None = None
        try:
            for count, _ in enumerate(_stream(response)):
                if count >= most_chunks:
                    raise TooLarge(
                        target.uri, most_chunks, f"{target.uri}: a body of more than {most_chunks} chunks"
                    )
        except httpcore.RemoteProtocolError as cause:
            error = BadResponse(
                target.uri, f"{target.uri}: the body is cut or badly framed: {_line(cause)}", retryable=True
            )
            error.__cause__ = cause
        except (TooLarge, TooSlow, BadResponse) as cut:
            error = cut
            error.__cause__ = tape.cause
        octets = memoryview(tape.received)
        if limit is not None and isinstance(error, TooLarge):
            octets = octets[: tape.head_end + limit]  # the head may have brought more with it
        body = read_body(head, octets[tape.head_end :])
        if error is None and not body.complete:
            error = BadResponse(target.uri, f"{target.uri}: the body is cut or badly framed", retryable=True)
        end = tape.head_end + body.consumed if error is None else len(octets)
        if end < len(tape.received):
            stream = response.extensions["network_stream"]
            if isinstance(stream, WireStream):
                stream.spoil()
        exchange = Exchange(
            target_uri=target.uri,
            requested_at=requested_at,
            ip_address=tape.ip_address,
            request=bytes(tape.sent),
            response=octets[tape.head_start : end].tobytes(),
            head_length=tape.head_end - tape.head_start,
            status=head.status,
            headers=head.headers,
            payload=body.payload,
            truncated=_truncation(error),
        )
        octets.release()
        tape.received = bytearray()
        return Asked(exchange, _bare(error) if error else None)


def _bare(error: FetchError) -> FetchError:
    """An error without the frames it came through: they would keep its exchange's octets in a reference cycle."""
    link: BaseException | None = error
    for _ in range(_LINKS):
        if link is None:
            break
        link.__traceback__ = None
        link = link.__cause__ or link.__context__
    return error


def _truncation(error: FetchError | None) -> Truncation | None:
    if error is None:
        return None
    if isinstance(error, TooLarge):
        return "length"
    return "time" if isinstance(error, TooSlow) else "disconnect"


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def _stream(response: httpx.Response) -> Iterator[bytes]:
    # Not iter_raw(), which would hand the connection back before we have seen whether it is clean.
    stream = response.stream
    if not isinstance(stream, httpx.SyncByteStream):  # pragma: no cover -- our transport gives nothing else
        raise TypeError("a synchronous stream was expected")
    yield from stream


@functools.lru_cache(maxsize=4)
def _trusting(ca_file: str) -> ssl.SSLContext:
    # Reading 140 authorities takes 25 ms; one context serves every fetcher of the process.
    return ssl.create_default_context(cafile=ca_file)


class _Transport(httpx.BaseTransport):
    """httpx over a connection pool with our network backend; errors come through untranslated.

    httpx is told the status and no header: it would keep cookies and take a Location apart, and what it makes
    of hostile ones is no concern of ours.
    """

    def __init__(self, settings: FetchSettings, backend: WireBackend) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=_trusting(settings.ca_file or certifi.where()),
            max_connections=settings.connections + settings.spare_connections,
            max_keepalive_connections=settings.connections,
            keepalive_expiry=max(30.0, 2 * settings.delay),
            http1=True,
            http2=False,
            network_backend=backend,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            status_code=response.status,
            stream=_Stream(response),
            extensions=response.extensions,
        )

    def close(self) -> None:
        self._pool.close()


class _Stream(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()
