"""Settings: validated as the configuration does it, with a default for each."""

from __future__ import annotations

import ast
import inspect
from dataclasses import fields

import pytest
from pydantic import TypeAdapter, ValidationError

from scraper.fetch.settings import FetchSettings

ADAPTER = TypeAdapter(FetchSettings)


def test_what_a_configuration_says_becomes_settings() -> None:
    given = {
        "delay": "0.5",
        "allow_networks": ["127.0.0.0/8", "::1"],
        "robots": False,
        "contact": "me@example.org",
    }
    settings = ADAPTER.validate_python(given)
    assert settings.delay == 0.5
    assert settings.allow_networks == ("127.0.0.0/8", "::1")
    assert [str(network) for network in settings.allowed] == ["127.0.0.0/8", "::1/128"]
    assert settings.agent.endswith(" (+me@example.org)")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("delay", -1),
        ("connections", 0),
        ("max_header_bytes", 1_000_000),
        ("allow_networks", ["everything"]),
        ("contact", "a\r\nX: y"),
        ("total_timeout", 0),
    ],
)
def test_what_cannot_be_meant_is_refused(name: str, value: object) -> None:
    with pytest.raises(ValidationError):
        ADAPTER.validate_python({name: value})


def test_every_setting_has_a_default_and_says_what_it_is() -> None:
    (tree,) = ast.parse(inspect.getsource(FetchSettings)).body
    assert isinstance(tree, ast.ClassDef)
    told = {
        before.target.id
        for before, after in zip(tree.body, tree.body[1:], strict=False)
        if isinstance(before, ast.AnnAssign)
        and isinstance(before.target, ast.Name)
        and isinstance(after, ast.Expr)
    }
    assert told == {field.name for field in fields(FetchSettings)}
    assert FetchSettings() == ADAPTER.validate_python({})


def test_the_defaults_are_the_documented_limits() -> None:
    settings = FetchSettings()
    assert (settings.total_timeout, settings.connect_timeout, settings.idle_timeout) == (60, 10, 15)
    assert (settings.min_rate, settings.min_rate_after) == (500, 10)
    assert (settings.max_wire_bytes, settings.max_decoded_bytes) == (20_000_000, 50_000_000)
    assert (settings.max_header_bytes, settings.max_header_lines) == (100_000, 200)
    assert (settings.max_redirects, settings.max_codings, settings.tries) == (10, 2, 3)
    assert (settings.max_retry_wait, settings.robots_max_bytes, settings.delay) == (300, 512_000, 1)
    assert (settings.allow_networks, settings.robots, settings.per_host) == ((), True, 1)
