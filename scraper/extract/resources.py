"""The package's own data files, read once: words, names and phrases that rules look for."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def table(name: str) -> dict[str, Any]:
    """The object in one JSON file of this package. Callers do not change it."""
    value: dict[str, Any] = json.loads(files("scraper.extract").joinpath(name).read_text(encoding="utf-8"))
    return value
