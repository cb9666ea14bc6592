"""What can go wrong on the web side.

An error carries its subject as attributes and its cause by `raise … from`. `str(error)` is one line that a
reader of the terminal understands: what, where, and where it helps, what to do.
"""

from __future__ import annotations


class ScraperError(Exception):
    """Base of every error raised by `scraper`."""


class FetchError(ScraperError):
    """A target URI that could not be fetched, or not whole.

    retryable: whether asking again later may help (a time-out may, a refused address may not).
    """

    def __init__(self, target_uri: str, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.target_uri = target_uri
        self.retryable = retryable


class RobotsDenied(FetchError):
    """The host's robots.txt forbids the target URI (RFC 9309)."""


class Unreachable(FetchError):
    """No answer: name unknown, connection refused or reset, TLS failure, no head before the deadline."""


class AddressRefused(FetchError):
    """The name leads to an address that the guard does not allow (loopback, private, link-local, …)."""


class BadUrl(FetchError):
    """Not an http or https URL that can be asked for."""


class BadResponse(FetchError):
    """What came back is not a well-framed HTTP response: bad head, bad chunk, early close, bad coding."""


class TooManyRedirects(FetchError):
    """A redirect chain longer than the limit, or one that comes back to itself."""


class BadStatus(FetchError):
    """A complete answer that is not the page: 4xx or 5xx. `status` is its code."""

    def __init__(self, target_uri: str, status: int, message: str, *, retryable: bool = False) -> None:
        super().__init__(target_uri, message, retryable=retryable)
        self.status = status


class TooLarge(FetchError):
    """The head or body went over `limit_bytes`; what had come was kept and marked truncated."""

    def __init__(self, target_uri: str, limit_bytes: int, message: str) -> None:
        super().__init__(target_uri, message)
        self.limit_bytes = limit_bytes


class TooSlow(FetchError):
    """The total deadline, or the minimum rate, was missed; what had come was kept and marked truncated."""

    def __init__(self, target_uri: str, seconds: float, message: str) -> None:
        super().__init__(target_uri, message, retryable=True)
        self.seconds = seconds


class WarcError(ScraperError):
    """A WARC file that breaks ISO 28500 at `offset` (bytes into the file as stored, compressed)."""

    def __init__(self, path: str, offset: int, message: str) -> None:
        super().__init__(f"{path} at byte {offset}: {message}")
        self.path = path
        self.offset = offset
        self.reason = message


class DigestMismatch(WarcError):
    """A block or payload whose digest is not the one its record states."""

    def __init__(self, path: str, offset: int, expected: str, found: str) -> None:
        super().__init__(path, offset, f"digest is {found}, the record states {expected}")
        self.expected = expected
        self.found = found


class DecodeError(ScraperError):
    """A content coding that is unknown, damaged, or stacked deeper than allowed."""


class ExtractionFailed(ScraperError):
    """The extractor did not survive this page: out of time, out of memory, or it crashed.

    reason: `time`, `memory`, `size` or `crash`.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
