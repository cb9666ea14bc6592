"""The web side: from a URL to an article. Knows nothing of keeping."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scraper.extract import extract

__all__ = ["extract"]


def __getattr__(name: str) -> object:
    """`extract`, imported when it is first asked for: the extractor loads trafilatura, which `scraper.model` need not."""
    if name in __all__:
        return getattr(import_module("scraper.extract"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
