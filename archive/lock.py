"""One writer at a time: a lock file with a readable owner.

The lock is `flock` (filelock), so it goes with its process however that ends; what stands in the file is only
for messages. On some network drives `flock` does not hold: keep the archive's database on a local disk.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from archive.errors import LockHeld, StoreError


@contextmanager
def writer_lock(path: Path, *, command: str, wait_seconds: float, now: datetime) -> Iterator[None]:
    """Hold the archive's lock; `command` and the time are what another run will be told.

    Raises: LockHeld, after `wait_seconds`; StoreError, when the lock file cannot be made.
    """
    lock = FileLock(path, timeout=wait_seconds)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise LockHeld(str(path), owner_of(path)) from error
    except OSError as error:
        raise StoreError(f"{path}: cannot be locked: {error.strerror or error}") from error
    try:
        path.write_text(
            f"{command}, process {os.getpid()}, since {now.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC\n"
        )
        yield
    finally:
        path.write_text("")
        lock.release()


def owner_of(path: Path) -> str:
    """What the holder of the lock says about itself, or the last one did that was killed; empty when none did."""
    try:
        return path.read_text("utf-8", errors="replace").strip()[:200]
    except OSError:
        return ""


def is_held(path: Path) -> bool:
    """Whether a run holds the lock at this moment."""
    if not path.exists():
        return False
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return True
    except OSError:  # no right to lock it: then it is not ours to write, and whoever holds it is unknown
        return False
    lock.release()
    return False
