"""TLS: recorded like the rest where the certificate holds, and no way around one that does not."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from scraper.errors import Unreachable
from scraper.fetch.client import Fetcher
from scraper.fetch.settings import FetchSettings
from tests.loopback import LOOPBACK, Loopback, page, raw, self_signed

SETTINGS = FetchSettings(allow_networks=LOOPBACK, delay=0, robots=False, total_timeout=3, connect_timeout=0.6)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Loopback, Path]]:
    context, certificate = self_signed(tmp_path_factory.mktemp("tls"), "secure.example")
    with Loopback({"/": page("secret enough", chunk=4), "/more": page("x" * 200_000)}, tls=context) as server:
        yield server, certificate


def _resolver(_host: str, _port: int) -> list[str]:
    return ["127.0.0.1"]


def test_a_certificate_that_nobody_vouches_for_is_refused(made: tuple[Loopback, Path]) -> None:
    server, _ = made
    before = len(server.hits)
    with Fetcher(SETTINGS, resolver=_resolver) as fetcher:
        fetched = fetcher.fetch(server.url(address="secure.example"))
    assert isinstance(fetched.error, Unreachable)
    assert not fetched.error.retryable
    assert "its certificate is not valid: self-signed certificate" in str(fetched.error)
    assert "\n" not in str(fetched.error)
    assert len(server.hits) == before


def test_a_certificate_for_another_name_is_refused(made: tuple[Loopback, Path]) -> None:
    server, certificate = made
    with Fetcher(replace(SETTINGS, ca_file=str(certificate)), resolver=_resolver) as fetcher:
        error = fetcher.fetch(server.url(address="other.example")).error
    assert isinstance(error, Unreachable)
    assert "Hostname mismatch" in str(error)
    assert "other.example" in str(error)


def test_octets_are_recorded_as_they_are_inside_tls(made: tuple[Loopback, Path]) -> None:
    server, certificate = made
    with Fetcher(replace(SETTINGS, ca_file=str(certificate)), resolver=_resolver) as fetcher:
        before = len(server.hits)
        for path in ("/", "/more", "/"):
            fetched = fetcher.fetch(server.url(path, "secure.example"))
            assert fetched.error is None
            (exchange,) = fetched.exchanges
            assert exchange.response == bytes(server.hits[-1].response)
            assert exchange.request == server.hits[-1].request
            assert exchange.ip_address == "127.0.0.1"
        assert len({hit.connection for hit in server.hits[before:]}) == 1


def test_a_server_without_tls_is_unreachable_and_not_asked_in_the_clear() -> None:
    with Loopback({"/": page("clear")}) as server, Fetcher(SETTINGS) as fetcher:
        error = fetcher.fetch(server.url().replace("http:", "https:")).error
        assert server.hits == []
    assert isinstance(error, Unreachable)
    assert "TLS" in str(error)


def test_a_handshake_that_hangs_ends_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, Fetcher(SETTINGS) as fetcher:
        begin = time.monotonic()
        error = fetcher.fetch(f"https://127.0.0.1:{listener.getsockname()[1]}/").error
        assert time.monotonic() - begin < 3
    assert isinstance(error, Unreachable)
    assert error.retryable
    assert "TLS" in str(error)


def test_an_answer_in_the_clear_is_not_taken_for_one_in_tls() -> None:
    with Loopback({"/": raw(b"\x16\x03\x01\x02\x00")}) as server, Fetcher(SETTINGS) as fetcher:
        assert fetcher.fetch(server.url()).error is not None
