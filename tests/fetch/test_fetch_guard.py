"""Which addresses may be asked."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.fetch.guard import refusal

REFUSED = {
    "0.0.0.0": "this network",
    "0.1.2.3": "this network",
    "10.0.0.1": "private",
    "100.64.0.1": "shared by carriers",
    "100.100.100.200": "shared by carriers",
    "127.0.0.1": "loopback",
    "127.255.255.254": "loopback",
    "168.63.129.16": "platform address",
    "169.254.169.254": "link-local",
    "172.16.0.1": "private",
    "172.31.255.255": "private",
    "192.0.0.192": "reserved for protocols",
    "192.0.2.1": "documentation",
    "192.168.1.1": "private",
    "198.18.0.1": "benchmarks",
    "198.51.100.7": "documentation",
    "203.0.113.9": "documentation",
    "224.0.0.1": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.255": "broadcast",
    "::": "unspecified",
    "::1": "loopback",
    "::127.0.0.1": "loopback",
    "::8.8.8.8": "IPv4-compatible",
    "::ffff:127.0.0.1": "loopback",
    "::ffff:10.1.2.3": "private",
    "::ffff:169.254.169.254": "link-local",
    "::ffff:0:127.0.0.1": "loopback",
    "64:ff9b::7f00:1": "loopback",
    "64:ff9b::10.0.0.1": "private",
    "64:ff9b:1::8.8.8.8": "local translation",
    "2002:7f00:1::1": "loopback",
    "2002:c0a8:101::": "private",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2": "Teredo",
    "2001:0:4136:e378:8000:63bf:80ff:fffe": "loopback",
    "2606:4700::5efe:192.168.0.1": "private",
    "2001:db8::1": "documentation",
    "3fff::1": "documentation",
    "100::1": "discard",
    "fc00::1": "ULA",
    "fd00:ec2::254": "ULA",
    "fe80::1": "link-local",
    "fe80::1%eth0": "link-local",
    "fec0::1": "site-local",
    "ff02::1": "multicast",
    "5f00::1": "reserved",
    "localhost": "not an IP address",
}

ALLOWED = [
    "1.1.1.1",
    "8.8.8.8",
    "93.184.215.14",
    "172.15.255.255",
    "172.32.0.1",
    "100.63.255.255",
    "100.128.0.1",
    "192.0.1.1",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a00:1450:4001:80b::200e",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2002:808:808::1",
]


@pytest.mark.parametrize(("address", "name"), REFUSED.items())
def test_an_address_that_is_not_public_is_refused_by_name(address: str, name: str) -> None:
    reason = refusal(address)
    assert reason is not None
    if name != "Teredo":
        assert name in reason


@pytest.mark.parametrize("address", ALLOWED)
def test_a_public_address_may_be_asked(address: str) -> None:
    assert refusal(address) is None


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("127.0.0.1", "127.0.0.0/8"),
        ("::ffff:127.0.0.1", "127.0.0.0/8"),
        ("64:ff9b::127.0.0.1", "127.0.0.0/8"),
        ("::1", "::1/128"),
        ("fd12::1", "fd00::/8"),
        ("10.9.8.7", "10.0.0.0/8"),
    ],
)
def test_a_listed_network_may_be_asked(address: str, network: str) -> None:
    assert refusal(address) is not None
    assert refusal(address, [ip_network(network)]) is None


def test_a_listed_network_allows_nothing_else() -> None:
    allow = [ip_network("127.0.0.0/8")]
    for address in set(REFUSED) - {it for it in REFUSED if refusal(it, allow) is None}:
        assert refusal(address, allow) is not None
    assert refusal("10.0.0.1", allow) is not None
    assert refusal("::1", allow) is not None


@given(st.ip_addresses(v=4))
@settings(deadline=None)
def test_every_way_to_write_a_v4_address_is_judged_alike(address: IPv4Address) -> None:
    value = int(address)
    for written in (
        IPv6Address((0xFFFF << 32) | value),
        IPv6Address((0x64FF9B << 96) | value),
        IPv6Address((0x2002 << 112) | (value << 80)),
    ):
        assert (refusal(written) is None) == (refusal(address) is None)


@given(st.ip_addresses(v=4))
@settings(deadline=None)
def test_what_python_calls_private_is_refused(address: IPv4Address) -> None:
    if not address.is_global and address not in ip_network("192.0.0.0/24"):
        assert refusal(address) is not None
