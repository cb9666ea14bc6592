"""Large blocks of memory that go back to the system when they are freed.

glibc keeps an arena of the heap for each thread, and after the first large block is freed it serves blocks of that
size from the arenas, where they stay. Sixteen threads that each read one 20 MB answer, two at a time, so reached
730 MB; with the two settings below 125 MB (17 endless bodies, limits as by default).
"""

from __future__ import annotations

import ctypes
import functools

_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8
_THRESHOLD_BYTES = 256 * 1024


@functools.cache
def return_large_blocks() -> bool:
    """Ask the C library to map large blocks one by one, and to share arenas between threads. Once per process.

    Returns: whether there was a C library that understood (glibc); elsewhere nothing changes.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return bool(mallopt(_M_MMAP_THRESHOLD, _THRESHOLD_BYTES) and mallopt(_M_ARENA_MAX, 2))
