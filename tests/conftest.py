"""What holds for every test."""

from __future__ import annotations

import os
import shutil
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


MEMORY = Path("/dev/shm")  # noqa: S108  -- the one place that Linux has for it
ROOM = 2 << 30
"""Free memory that is asked for: the files of all tests are 230 MB at most, those of passed ones go at once."""


def pytest_configure(config: pytest.Config) -> None:
    """Have the tests' files in memory, where there is room: on a busy disk a third of the time is waiting for fsync."""
    if config.option.basetemp is None and MEMORY.is_dir() and os.access(MEMORY, os.W_OK):
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        if min(free, shutil.disk_usage(MEMORY).free) > ROOM:
            os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have the long files begun first, which `--no-loadscope-reorder` keeps so."""
    root = Path(__file__).parent
    rank = {root / name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))
