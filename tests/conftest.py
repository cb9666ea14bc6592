"""What holds for every test."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

# Examples are not timed: on a busy machine one takes a second that took a millisecond.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

LONG = (
    "web/test_browser.py", "exchange/test_cookbook.py", "test_crash.py", "test_streams.py",
    "extract/test_extract_pool.py", "store/test_bitmaps.py", "fetch/test_fetch_pool.py", "jobs/test_crawl.py",
)  # fmt: skip
"""Files of ten seconds and more, by `--durations=0`, the longest first: begun late, one keeps all others waiting."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have the long files begun first, which `--no-loadscope-reorder` keeps so."""
    root = Path(__file__).parent
    rank = {root / name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))
