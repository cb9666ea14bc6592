"""What holds for every test."""

from __future__ import annotations

from hypothesis import settings

# Examples are not timed: on a busy machine one takes a second that took a millisecond.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
