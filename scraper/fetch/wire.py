"""What crosses the socket: connections to judged addresses, recorded octet by octet, within every limit.

A `WireBackend` stands below httpcore, which speaks HTTP/1.1 above it and never learns that its octets are written
down. One `Tape` belongs to one exchange and to the thread that runs it; a connection that is used again writes to
the next exchange's tape. All limits are kept here, at the moment of reading, because nothing above can: httpx
has no deadline for a whole request, and starts its read timeout anew with each octet
(`../shared/facts/trust.md`, section 1).
"""

from __future__ import annotations

import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from ipaddress import ip_address
from typing import Any

import httpcore

from scraper.errors import AddressRefused, BadResponse, TooLarge, TooSlow, Unreachable
from scraper.fetch.guard import refusal
from scraper.fetch.message import head_end, status_of
from scraper.fetch.settings import FetchSettings

Resolver = Callable[[str, int], Sequence[str]]
"""A host name and a port in, IP addresses out, best first. Raises OSError."""

_MAX_CANDIDATES = 8
_SLICE_SECONDS = 0.25


class Stopped(Exception):
    """The fetcher was told to stop while this exchange was under way."""


def system_resolver(host: str, port: int) -> list[str]:
    """The addresses the system knows for a name, A and AAAA, in its order (RFC 6724)."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


class Tape:
    """One exchange as it crosses the socket, and the limits it has to keep.

    named: what messages call it, where that is not the target URI.
    sent, received: octets so far. head_start: where the final head begins in `received`, after interim ones.
    head_end: where it ends, `None` until it has come. ip_address: of the socket that is used.
    connected: whether the exchange opened a connection of its own. ended: whether the other side closed it.
    cause: what lies behind the error that ended it; httpcore raises errors on without theirs.
    """

    def __init__(
        self,
        target_uri: str,
        settings: FetchSettings,
        *,
        deadline: float,
        monotonic: Callable[[], float],
        board: Board,
        named: str | None = None,
    ) -> None:
        self.target_uri = target_uri
        self.named = named or target_uri
        self.deadline = deadline
        self.max_bytes = settings.max_wire_bytes
        self.body_limit: int | None = None
        self._settings = settings
        self._monotonic = monotonic
        self._board = board
        self.restart()

    def restart(self) -> None:
        """Forget what was recorded: the request is about to be sent again on another connection."""
        self.sent = bytearray()
        self.received = bytearray()
        self.head_start = 0
        self.head_end: int | None = None
        self.ip_address: str | None = None
        self.connected = False
        self.ended = False
        self.cause: Exception | None = None
        self._window_start: float | None = None
        self._window_octets = 0
        self._large = False

    @property
    def idle_timeout(self) -> float:
        """Seconds without an octet that are too many."""
        return self._settings.idle_timeout

    @property
    def in_body(self) -> bool:
        """Whether the head is complete, so that what comes is body."""
        return self.head_end is not None

    def seconds_left(self) -> float:
        """Until the deadline. Raises: TooSlow or Unreachable once it has passed, Stopped."""
        self._board.check()
        left = self.deadline - self._monotonic()
        if left <= 0:
            raise self.too_slow(f"did not end within {self._settings.total_timeout:g} s")
        return left

    def patience(self) -> float:
        """How long to wait for the next octets."""
        return min(self._settings.idle_timeout, self.seconds_left())

    def room(self, wanted: int) -> int:
        """How many octets may be read now. Raises: TooLarge, when there may be no more."""
        limit = self.max_bytes
        if self.body_limit is not None and self.head_end is not None:
            limit = min(limit, self.head_end + self.body_limit)
        if self.head_end is None:
            limit = min(limit, self._settings.max_header_bytes + 1)
        left = limit - len(self.received)
        if left <= 0:
            raise TooLarge(
                self.target_uri, limit, f"{self.named}: more than {limit} bytes; what had come was kept"
            )
        if not self._large and len(self.received) >= self._settings.large_bytes:
            self._board.large(self)
            self._large = True
        return min(wanted, left)

    def hear(self, octets: bytes) -> None:
        """Write down what was read. Raises: TooLarge for a head, TooSlow for a rate below the minimum."""
        self.received += octets
        self.ended = not octets
        if self.head_end is None:
            self._find_head(len(octets))
        now = self._monotonic()
        if self._window_start is None:
            self._window_start = now
        self._window_octets += len(octets)
        elapsed = now - self._window_start
        if elapsed >= self._settings.min_rate_after:
            if octets and self._window_octets < self._settings.min_rate * elapsed:
                rate = self._window_octets / elapsed
                raise self.too_slow(f"came at {rate:.0f} bytes/s, below {self._settings.min_rate:g}")
            self._window_start, self._window_octets = now, 0

    def too_slow(self, what: str) -> TooSlow | Unreachable:
        """The error for time that ran out, by what had come until then; its cause is a TimeoutError."""
        self.cause = TimeoutError(what)
        if self.in_body:
            return TooSlow(self.target_uri, self._settings.total_timeout, f"{self.named}: {what}")
        return Unreachable(self.target_uri, f"{self.named}: no answer, it {what}", retryable=True)

    def broken(self, cause: OSError) -> Unreachable | BadResponse:
        """The error for a connection that broke, by what had come until then."""
        self._board.check()
        self.cause = cause
        reason = _reason(cause)
        if self.in_body:
            return BadResponse(
                self.target_uri, f"{self.named}: the connection broke ({reason})", retryable=True
            )
        return Unreachable(
            self.target_uri, f"{self.named}: no answer, the connection broke ({reason})", retryable=True
        )

    def release(self) -> None:
        """Give back what the exchange holds of the fetcher's memory."""
        if self._large:
            self._board.small()
            self._large = False

    def _find_head(self, fresh: int) -> None:
        search = max(self.head_start, len(self.received) - fresh - 2)
        while (end := head_end(self.received, search)) is not None:
            status = status_of(self.received, self.head_start)
            if status is None or status == 101 or status >= 200:
                self.head_end = end
                break
            self.head_start = search = end
        heads = len(self.received) if self.head_end is None else self.head_end
        limit = self._settings.max_header_bytes
        if heads > limit:
            raise TooLarge(
                self.target_uri, limit, f"{self.named}: a head of more than {limit} bytes, refused"
            )
        if self.received.count(b"\n", 0, heads) > self._settings.max_header_lines + 1:
            lines = self._settings.max_header_lines
            raise TooLarge(
                self.target_uri, limit, f"{self.named}: a head of more than {lines} lines, refused"
            )


class Board:
    """What all exchanges of one fetcher share: who records in which thread, open sockets, the stop sign."""

    def __init__(self, settings: FetchSettings) -> None:
        self._local = threading.local()
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._large = threading.BoundedSemaphore(settings.large_at_once)

    @property
    def tape(self) -> Tape:
        """The tape of the exchange that this thread runs."""
        tape: Tape = self._local.tape
        return tape

    @tape.setter
    def tape(self, tape: Tape) -> None:
        self._local.tape = tape

    def check(self) -> None:
        """Raises: Stopped, once the fetcher was told to."""
        if self._stopped.is_set():
            raise Stopped

    def stop(self) -> None:
        """End every exchange now: sockets that are being read give up at once."""
        self._stopped.set()
        with self._lock:
            for sock in self._sockets:
                _hang_up(sock)

    def wait(self, ready: threading.Event, seconds: float) -> bool:
        """Wait for an event, the stop sign or the end of time. Raises: Stopped."""
        end = time.monotonic() + seconds
        while not ready.wait(min(_SLICE_SECONDS, max(0.0, end - time.monotonic()))):
            self.check()
            if time.monotonic() >= end:
                return False
        return True

    def large(self, tape: Tape) -> None:
        """Wait until one more large answer may be held in memory. Raises: as `Tape.seconds_left`."""
        while not self._large.acquire(timeout=min(_SLICE_SECONDS, tape.seconds_left())):
            pass

    def small(self) -> None:
        """One large answer has been dealt with."""
        self._large.release()

    def add(self, sock: socket.socket) -> None:
        """Know a socket, so that `stop` can end it."""
        with self._lock:
            self._sockets.add(sock)
        if self._stopped.is_set():
            _hang_up(sock)

    def swap(self, old: socket.socket, new: socket.socket | None) -> None:
        """Forget a socket, or know the one that took its place."""
        with self._lock:
            self._sockets.discard(old)
            if new is not None:
                self._sockets.add(new)
        if new is not None and self._stopped.is_set():
            _hang_up(new)


class WireStream(httpcore.NetworkStream):
    """A socket whose octets go to the tape of whoever uses it."""

    def __init__(self, sock: socket.socket, board: Board, ip_address: str) -> None:
        self._sock = sock
        self._board = board
        self._ip_address = ip_address
        self._spoilt = False

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 -- the tape knows
        tape = self._board.tape
        room = tape.room(max_bytes)
        self._sock.settimeout(tape.patience())
        try:
            octets = self._sock.recv(room)
        except TimeoutError:
            tape.seconds_left()
            raise tape.too_slow(f"sent nothing for {tape.idle_timeout:g} s") from None
        except OSError as error:
            raise tape.broken(error) from error
        self._board.check()
        tape.hear(octets)
        return octets

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 -- the tape knows
        tape = self._board.tape
        tape.ip_address = self._ip_address
        tape.sent += buffer
        self._sock.settimeout(tape.patience())
        try:
            self._sock.sendall(buffer)
        except TimeoutError:
            raise tape.too_slow("did not take the request") from None
        except OSError as error:
            # A server may answer and close before it has read everything: httpcore then reads the answer.
            self._board.check()
            raise httpcore.WriteError(str(error)) from error

    def close(self) -> None:
        self._board.swap(self._sock, None)
        self._sock.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        tape = self._board.tape
        limit = tape.seconds_left() if timeout is None else min(timeout, tape.seconds_left())
        self._sock.settimeout(limit)
        try:
            secured = ssl_context.wrap_socket(
                self._sock, server_hostname=server_hostname, do_handshake_on_connect=False
            )
            self._board.swap(self._sock, secured)
            self._sock = secured
            secured.do_handshake()
        except TimeoutError:
            self.close()
            raise tape.too_slow(f"did not agree on TLS within {limit:g} s") from None
        except OSError as error:
            self.close()
            self._board.check()
            tape.cause = error
            raise _tls_error(tape, error) from error
        return self

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            # Asked of a connection at rest: octets there belong to no exchange, so it is not used again.
            return self._spoilt or _readable(self._sock)
        if info == "ssl_object":
            return self._sock if isinstance(self._sock, ssl.SSLSocket) else None
        if info == "server_addr":
            return self._ip_address
        return None

    def spoil(self) -> None:
        """Never use this connection again: octets came that belong to no exchange."""
        self._spoilt = True


class WireBackend(httpcore.NetworkBackend):
    """Opens connections: every address of a name is judged, and a judged one is what is connected to."""

    def __init__(self, settings: FetchSettings, board: Board, resolver: Resolver) -> None:
        self._settings = settings
        self._board = board
        self._resolver = resolver

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 -- never asked for
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002 -- never asked for
    ) -> httpcore.NetworkStream:
        tape = self._board.tape
        tape.connected = True
        limit = tape.seconds_left() if timeout is None else min(timeout, tape.seconds_left())
        end = time.monotonic() + limit
        addresses = [host] if _is_address(host) else self._resolve(tape, host, port, limit)
        allowed = []
        refused = ""
        for address in addresses:
            reason = refusal(address, self._settings.allowed)
            if reason is None:
                allowed.append(address)
            else:
                refused = refused or f"{address} ({reason})"
        if not allowed:
            raise AddressRefused(
                tape.target_uri,
                f"{tape.named}: {'' if host in addresses else f'{host} leads to '}{refused} is not a public "
                "address; list its network in fetch.allow_networks if it may be asked",
            )
        return self._connect(tape, allowed[:_MAX_CANDIDATES], port, end)

    def _resolve(self, tape: Tape, host: str, port: int, seconds: float) -> list[str]:
        """Names looked up in a thread of their own: the system call knows no deadline."""
        done = threading.Event()
        found: list[str] = []
        failed: list[OSError | UnicodeError] = []

        def look_up() -> None:
            try:
                found.extend(self._resolver(host, port))
            except (OSError, UnicodeError) as error:
                failed.append(error)
            finally:
                done.set()

        threading.Thread(target=look_up, name=f"resolve {host}", daemon=True).start()
        if not self._board.wait(done, seconds):
            raise tape.too_slow(f"has a name ({host}) that was not found within {seconds:g} s")
        if failed or not found:
            again = bool(failed) and getattr(failed[0], "errno", None) == socket.EAI_AGAIN
            note = "the name service did not answer; is there a network?" if again else "no such name"
            tape.cause = failed[0] if failed else None
            raise Unreachable(tape.target_uri, f"{tape.named}: {host}: {note}", retryable=again)
        return found

    def _connect(self, tape: Tape, addresses: list[str], port: int, end: float) -> WireStream:
        last: OSError = TimeoutError("timed out")
        for index, address in enumerate(addresses):
            left = end - time.monotonic()
            if left <= 0:
                break
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            sock = socket.socket(family, socket.SOCK_STREAM)
            self._board.add(sock)
            try:
                # An address that swallows packets must leave time for the ones after it.
                sock.settimeout(left / (len(addresses) - index))
                sock.connect((address, port))
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError as error:
                self._board.swap(sock, None)
                sock.close()
                self._board.check()
                last = error
                continue
            return WireStream(sock, self._board, address)
        tape.cause = last
        if isinstance(last, TimeoutError):
            raise tape.too_slow(f"did not take a connection to {addresses[0]} port {port} in time")
        raise Unreachable(
            tape.target_uri,
            f"{tape.named}: cannot connect to {addresses[-1]} port {port} ({_reason(last)})",
            retryable=True,
        ) from last


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _tls_error(tape: Tape, error: OSError) -> Unreachable:
    if isinstance(error, ssl.SSLCertVerificationError):
        what = f"its certificate is not valid: {error.verify_message}"
    elif isinstance(error, ssl.SSLError):
        what = f"TLS failed ({(error.reason or 'no reason given').replace('_', ' ').lower()})"
    else:
        what = f"TLS failed ({_reason(error)})"
        return Unreachable(tape.target_uri, f"{tape.named}: {what}", retryable=True)
    return Unreachable(tape.target_uri, f"{tape.named}: {what}")


def _reason(error: OSError) -> str:
    return (error.strerror or str(error) or type(error).__name__).splitlines()[0].lower()


def _readable(sock: socket.socket) -> bool:
    if sock.fileno() < 0:
        return True
    if isinstance(sock, ssl.SSLSocket) and sock.pending():
        return True
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


def _hang_up(sock: socket.socket) -> None:
    try:
        # Not SSLSocket.shutdown, which would also drop the TLS state under the reader's hands.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        return  # never connected, or gone already: nothing is reading it
