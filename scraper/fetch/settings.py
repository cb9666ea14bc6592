"""Every limit and habit of fetching, with its default: the table `[fetch]` of the configuration.

The defaults are those of `../shared/facts/trust.md`, section 3, unless a field names another source.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Literal
from urllib.parse import urlsplit

from annotated_types import Ge, Gt, Le

PRODUCT = "article-archive"
"""Our product token: in the User-Agent, and the name robots.txt files may address (RFC 9309, 2.2.1)."""

Network = IPv4Network | IPv6Network

_FIELD_TEXT = re.compile(r"[\x20-\x7e]*")


def _product_version() -> str:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415  -- slow, and seldom needed

    try:
        return version(PRODUCT)
    except PackageNotFoundError:  # run from a source tree that was never installed
        return "0"


@dataclass(frozen=True)
class FetchSettings:
    """How pages are asked for. Seconds and bytes throughout; ValueError for what cannot be meant."""

    user_agent: str = ""
    """What to call ourselves. Empty: `article-archive/<version>`, with the contact when there is one."""

    contact: str = ""
    """A URL or mail address that a site's owner may write to; stands in the User-Agent."""

    robots: bool = True
    """Ask robots.txt first and obey it (RFC 9309)."""

    delay: Annotated[float, Ge(0), Le(3600)] = 1.0
    """Seconds between the end of one request to a site (a registrable domain) and the start of the next."""

    max_crawl_delay: Annotated[float, Ge(0), Le(3600)] = 60.0
    """A robots.txt may ask for more than `delay`; it is obeyed up to so many seconds."""

    per_host: Annotated[int, Ge(1), Le(16)] = 1
    """Requests to one site (a registrable domain, with all its hosts) at the same time."""

    connections: Annotated[int, Ge(1), Le(256)] = 16
    """Sites asked side by side (as measured in `../shared/facts/fetch-store.md`, section 3)."""

    spare_connections: Annotated[int, Ge(0), Le(256)] = 48
    """Slow answers that others may be asked for in place of, beyond `connections`. A thread that waits costs 0.1 MB."""

    stalls_after: Annotated[float, Gt(0)] = 0.1
    """Seconds after which an answer that has not ended counts as slow.

    Of 200 hosts, 80 of them slow or dead, the quick ones get 70 % of the pages a second that the delay allows at 0.1,
    47 % at 0.25, 39 % at 0.5, 25 % at 2, and 19 % without spare connections (`benchmarks/politeness.py`).
    """

    allow_networks: tuple[str, ...] = ()
    """Networks that may be asked although they are not public, like `127.0.0.0/8`."""

    ca_file: str = ""
    """A PEM file of certificate authorities to trust instead of the bundled ones; read when fetching begins."""

    total_timeout: Annotated[float, Gt(0)] = 60.0
    """Seconds a URL may spend in requests: name, connection, TLS, heads and bodies of all hops and tries."""

    connect_timeout: Annotated[float, Gt(0)] = 10.0
    """Seconds to find the name, connect and agree on TLS."""

    idle_timeout: Annotated[float, Gt(0)] = 15.0
    """Seconds without a single octet."""

    min_rate: Annotated[float, Ge(0)] = 500.0
    """Octets per second that must come, on average over each `min_rate_after` seconds."""

    min_rate_after: Annotated[float, Gt(0)] = 10.0
    """Seconds after the first octet of an answer before its rate is judged, and between two judgements."""

    max_header_bytes: Annotated[int, Gt(0), Le(102_400)] = 100_000
    """Octets of all heads of one answer, interim ones included. The HTTP parser (h11) stops at 102,400."""

    max_header_lines: Annotated[int, Gt(0)] = 200
    """Lines of all heads of one answer."""

    max_wire_bytes: Annotated[int, Gt(0)] = 20_000_000
    """Octets of one answer as they cross the socket."""

    max_error_bytes: Annotated[int, Gt(0)] = 1_000_000
    """Octets of the body of an answer that is no page: a redirect, 4xx, 5xx."""

    max_chunks: Annotated[int, Gt(0)] = 200_000
    """Chunks of one body. 20 MB in chunks of one octet keep the HTTP parser busy for 40 s (12 us each, measured)."""

    max_decoded_bytes: Annotated[int, Gt(0)] = 50_000_000
    """Octets of one body after its content codings are undone."""

    max_codings: Annotated[int, Ge(0)] = 2
    """Content codings on top of each other."""

    zstd_window: Annotated[int, Ge(1024), Le(1 << 27)] = 8 * 1024 * 1024
    """Largest zstd window in bytes (RFC 9659: 8 MB for the web)."""

    max_redirects: Annotated[int, Ge(0)] = 10
    """Redirects followed for one URL."""

    max_url_length: Annotated[int, Gt(0)] = 2000
    """Characters of a URL as it is sent."""

    tries: Annotated[int, Ge(1), Le(10)] = 3
    """Times a URL is asked when the answer is 429 or 503, or the connection breaks."""

    max_retry_wait: Annotated[float, Ge(0)] = 300.0
    """Seconds that a Retry-After is waited for, at most; a site that asks for more is left alone after the last try."""

    wayback: Literal["auto", "only", "never"] = "never"
    """Whether to ask a web archive: for pages that are gone (`auto`), in place of all sites (`only`), or not at all."""

    wayback_url: str = "https://web.archive.org"
    """That archive: what stands before `/cdx/search/cdx` and `/web/` in its addresses."""

    robots_max_bytes: Annotated[int, Gt(0)] = 500 * 1024
    """Octets of a robots.txt that are read (RFC 9309, 2.5)."""

    max_unread: Annotated[int, Ge(1)] = 32
    """Results that may be under way, slow ones aside, or wait for their reader before fetching pauses."""

    max_unread_bytes: Annotated[int, Ge(1)] = 48_000_000
    """Bytes of results that wait for their reader before fetching pauses."""

    large_bytes: Annotated[int, Ge(1)] = 1_000_000
    """An answer that grows beyond this waits until fewer than `large_at_once` others are held, unread included."""

    large_at_once: Annotated[int, Ge(1)] = 2
    """Answers above `large_bytes` at one time: with the line above, what keeps memory flat."""

    def __post_init__(self) -> None:
        for name in ("user_agent", "contact"):
            if not _FIELD_TEXT.fullmatch(getattr(self, name)):
                raise ValueError(f"{name} must be printable ASCII: it is sent as a header")
        archive = urlsplit(self.wayback_url)
        if archive.scheme not in ("http", "https") or not archive.netloc:
            raise ValueError(
                f"wayback_url: {self.wayback_url!r} is not an address like https://web.archive.org"
            )
        for network in self.allow_networks:
            try:
                ip_network(network, strict=False)
            except ValueError as error:
                raise ValueError(f"allow_networks: {network!r} is not a network like 127.0.0.0/8") from error

    @cached_property
    def agent(self) -> str:
        """The User-Agent header as it is sent."""
        if self.user_agent.strip():
            return self.user_agent.strip()
        product = f"{PRODUCT}/{_product_version()}"
        return f"{product} (+{self.contact.strip()})" if self.contact.strip() else product

    @cached_property
    def product_token(self) -> str:
        """The name robots.txt rules are looked up under: the first product of the User-Agent."""
        return re.split(r"[/\s(]", self.agent, maxsplit=1)[0] or PRODUCT

    @cached_property
    def allowed(self) -> tuple[Network, ...]:
        """`allow_networks`, parsed."""
        return tuple(ip_network(network, strict=False) for network in self.allow_networks)
