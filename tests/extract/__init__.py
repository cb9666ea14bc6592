"""Tests of extraction. What they share: where the shared material lies."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
SEED_PAGES = SHARED / "seeds" / "pages"
SEED_TRUTH = SHARED / "seeds" / "truth.json"

needs_shared = pytest.mark.skipif(
    not SEED_TRUTH.is_file(), reason="the shared seed pages (../shared/seeds) are not on this machine"
)
