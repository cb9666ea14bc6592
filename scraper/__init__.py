"""The web side: from a URL to an article. Knows nothing of keeping."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scraper.extract.core import extract
    from scraper.extract.learn import learn_furniture

__all__ = ["extract", "learn_furniture"]


def __getattr__(name: str) -> object:
    """The public functions, imported when first asked for, so that the plain values of `scraper.model` cost nothing."""
    if name == "extract":
        return import_module("scraper.extract")  # callable as the function: see there
    if name == "learn_furniture":
        return import_module("scraper.extract.learn").learn_furniture
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
