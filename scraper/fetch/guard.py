"""May this address be asked? Pure.

A name is nothing to judge: it can lead anywhere, and elsewhere a second later. So the judgement is on the address
that a socket is about to connect to, each time. Every form that carries an IPv4 address inside an IPv6 one is
opened first.

The networks are those that the IANA special-purpose registries (RFC 6890 and its updates) do not call globally
reachable. They are written out here because `ipaddress.is_global` differs between patch releases of Python.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_REFUSED_V4 = tuple(
    (IPv4Network(network), name)
    for network, name in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared by carriers (CGNAT)"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "the platform address of a cloud"),  # public by number, host-local on Azure
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved for protocols"),
        ("192.0.2.0/24", "for documentation"),
        ("192.88.99.0/24", "the former 6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "for benchmarks"),
        ("198.51.100.0/24", "for documentation"),
        ("203.0.113.0/24", "for documentation"),
        ("224.0.0.0/4", "multicast"),
        ("255.255.255.255/32", "broadcast"),
        ("240.0.0.0/4", "reserved"),
    )
)

_REFUSED_V6 = tuple(
    (IPv6Network(network), name)
    for network, name in (
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("::/96", "the former IPv4-compatible form"),
        ("64:ff9b:1::/48", "a local translation prefix (NAT64)"),
        ("100::/64", "discard-only"),
        ("fc00::/7", "private (ULA)"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
        ("2001:db8::/32", "for documentation"),
        ("3fff::/20", "for documentation"),
    )
)

_TEREDO = IPv6Network("2001::/32")
_PROTOCOLS = IPv6Network("2001::/23")
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_SIX_TO_FOUR = IPv6Network("2002::/16")
_MAPPED = IPv6Network("::ffff:0:0/96")
_TRANSLATED = IPv6Network("::ffff:0:0:0/96")  # RFC 2765 (SIIT)
_NAT64 = IPv6Network("64:ff9b::/96")
_ISATAP = (0x00005EFE, 0x02005EFE)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def refusal(address: str | Address, allow: Iterable[Network] = ()) -> str | None:
    """Why an address may not be asked, in a few words; `None` when it may.

    address: an IP address as it will be handed to `connect`; a zone (`%eth0`) may follow.
    allow: networks that are allowed although they are not public. One that holds the embedded IPv4 address
        is enough, so `127.0.0.0/8` allows `::ffff:127.0.0.1` too.
    """
    try:
        judged = ip_address(address)
    except ValueError:
        return "not an IP address"
    networks = tuple(allow)
    if _within(judged, networks):
        return None
    if isinstance(judged, IPv4Address):
        return _refusal_v4(judged)
    judged = IPv6Address(int(judged))  # without its zone
    form, embedded = _embedded(judged)
    if embedded is not None:
        if _within(embedded, networks):
            return None
        inner = _refusal_v4(embedded)
        if inner is not None:
            return f"{inner}, {embedded} written as {form}"
        if judged in _MAPPED or judged in _NAT64 or judged in _SIX_TO_FOUR:
            return None
    for network, name in _REFUSED_V6:
        if judged in network:
            return name
    if judged in _PROTOCOLS:
        return "reserved for protocols"
    if judged not in _GLOBAL_UNICAST:
        return "reserved"
    return None


def _within(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(network.version == address.version and address in network for network in networks)


def _refusal_v4(address: IPv4Address) -> str | None:
    return next((name for network, name in _REFUSED_V4 if address in network), None)


def _embedded(address: IPv6Address) -> tuple[str, IPv4Address | None]:
    """The IPv4 address that an IPv6 address stands for, and the form it is written in."""
    value = int(address)
    low = IPv4Address(value & 0xFFFFFFFF)
    if address in _MAPPED:
        return "an IPv4-mapped address", low
    if address in _NAT64:
        return "a NAT64 address", low
    if address in _TRANSLATED:
        return "an IPv4-translated address", low
    if address in _SIX_TO_FOUR:
        return "a 6to4 address", IPv4Address((value >> 80) & 0xFFFFFFFF)
    if address in _TEREDO:
        return "a Teredo address", IPv4Address((value & 0xFFFFFFFF) ^ 0xFFFFFFFF)
    if (value >> 32) & 0xFFFFFFFF in _ISATAP:
        return "an ISATAP address", low
    if value >> 32 == 0 and value > 1:
        return "an IPv4-compatible address", low
    return "", None
