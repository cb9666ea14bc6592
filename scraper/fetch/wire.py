"""What crosses the socket: connections to judged addresses, recorded octet by octet.

A `WireBackend` stands below httpcore, which speaks HTTP/1.1 above it and never learns that its octets are written
down. Every stream writes to the tape of the exchange that uses it (`tape`), which keeps the limits.
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

from scraper.errors import AddressRefused, Unreachable
from scraper.fetch.guard import refusal
from scraper.fetch.settings import FetchSettings
from scraper.fetch.tape import Board, Tape, reason_of

Resolver = Callable[[str, int], Sequence[str]]
"""A host name and a port in, IP addresses out, best first. Raises OSError."""

_MAX_CANDIDATES = 8


def system_resolver(host: str, port: int) -> list[str]:
    """The addresses the system knows for a name, A and AAAA, in its order (RFC 6724)."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


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
            f"{tape.named}: cannot connect to {addresses[-1]} port {port} ({reason_of(last)})",
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
        what = f"TLS failed ({reason_of(error)})"
        return Unreachable(tape.target_uri, f"{tape.named}: {what}", retryable=True)
    return Unreachable(tape.target_uri, f"{tape.named}: {what}")


def _readable(sock: socket.socket) -> bool:
    if sock.fileno() < 0:
        return True
    if isinstance(sock, ssl.SSLSocket) and sock.pending():
        return True
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))
