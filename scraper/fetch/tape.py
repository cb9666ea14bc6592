"""The record of one exchange, and every limit it has to keep while it grows.

One `Tape` belongs to one exchange and to the thread that runs it; a connection that is used again writes to the
next exchange's tape. All limits are kept here, at the moment of reading, because nothing above can: httpx has no
deadline for a whole request, and starts its read timeout anew with each octet (`../shared/facts/trust.md`, section 1).
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable

from scraper.errors import BadResponse, TooLarge, TooSlow, Unreachable
from scraper.fetch.message import head_end, status_of
from scraper.fetch.settings import FetchSettings

_SLICE_SECONDS = 0.25


class Stopped(Exception):
    """The fetcher was told to stop while this exchange was under way."""


class Holding:
    """One URL's right to hold an answer above `large_bytes` in memory, kept until its reader is done with it."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._held = False

    def take(self) -> float:
        """Wait for the right, unless it is held already. Returns: seconds waited. Raises: Stopped."""
        if self._held:
            return 0.0
        begin = time.monotonic()
        while not self._board.large.acquire(timeout=_SLICE_SECONDS):
            self._board.check()
        self._held = True
        return time.monotonic() - begin

    def give_back(self) -> None:
        """Let another URL hold a large answer; a second call does nothing."""
        if self._held:
            self._held = False
            self._board.large.release()


class Tape:
    """One exchange as it crosses the socket, and the limits it has to keep.

    named: what messages call it, where that is not the target URI.
    sent, received: octets so far. head_start: where the final head begins in `received`, after interim ones.
    head_end: where it ends, `None` until it has come. ip_address: of the socket that is used.
    connected: whether the exchange opened a connection of its own. ended: whether the other side closed it.
    cause: what lies behind the error that ended it; httpcore raises errors on without theirs.
    waited: seconds that were spent waiting for memory, which count against nobody.
    """

    def __init__(
        self,
        target_uri: str,
        settings: FetchSettings,
        *,
        deadline: float,
        monotonic: Callable[[], float],
        board: Board,
        holding: Holding,
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
        self._holding = holding
        self.waited = 0.0
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
        if len(self.received) >= self._settings.large_bytes:
            self._wait_for_memory()
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
        reason = reason_of(cause)
        if self.in_body:
            return BadResponse(
                self.target_uri, f"{self.named}: the connection broke ({reason})", retryable=True
            )
        return Unreachable(
            self.target_uri, f"{self.named}: no answer, the connection broke ({reason})", retryable=True
        )

    def _wait_for_memory(self) -> None:
        waited = self._holding.take()
        # It is our reader who is slow, not the server: its clocks stand still meanwhile.
        self.waited += waited
        self.deadline += waited
        if self._window_start is not None:
            self._window_start += waited

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
        self.large = threading.BoundedSemaphore(settings.large_at_once)

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


def reason_of(error: OSError) -> str:
    """What an error of the system says, in one lower-case line."""
    return (error.strerror or str(error) or type(error).__name__).splitlines()[0].lower()


def _hang_up(sock: socket.socket) -> None:
    try:
        # Not SSLSocket.shutdown, which would also drop the TLS state under the reader's hands.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        return  # never connected, or gone already: nothing is reading it
