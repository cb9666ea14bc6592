"""From the bytes of a page to its main content and metadata, with a reason for every decision.

`scraper.extract` is the name of this package and of the function that the contract promises. The package is
therefore callable: `from scraper import extract` gives something to call, whichever part of it was imported first.
Nothing heavy is imported until the first page.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from scraper.model import Furniture, Page, SiteRules

if TYPE_CHECKING:
    from datetime import datetime

    from scraper.extract.core import extract
    from scraper.extract.learn import learn_furniture
    from scraper.extract.pool import ExtractionPool
    from scraper.extract.settings import ExtractSettings, Setting

__all__ = ["ExtractSettings", "ExtractionPool", "extract", "learn_furniture"]

_HOMES = {
    "extract": "scraper.extract.core",
    "learn_furniture": "scraper.extract.learn",
    "ExtractionPool": "scraper.extract.pool",
    "ExtractSettings": "scraper.extract.settings",
}


class _Callable(ModuleType):
    """A package that can be called as the function it is named for."""

    def __call__(
        self,
        payload: bytes,
        url: str,
        *,
        content_type: str | None = None,
        furniture: Furniture | None = None,
        rules: SiteRules | None = None,
        witness: bool = False,
        setting: Setting = "accurate",
        captured: datetime | None = None,
    ) -> Page:
        """See `scraper.extract.core.extract`."""
        from scraper.extract.core import extract  # noqa: PLC0415 - loads trafilatura, at the first page

        return extract(
            payload,
            url,
            content_type=content_type,
            furniture=furniture,
            rules=rules,
            witness=witness,
            setting=setting,
            captured=captured,
        )


sys.modules[__name__].__class__ = _Callable


def __getattr__(name: str) -> object:
    """The public names, imported when they are first asked for."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
