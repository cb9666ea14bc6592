"""The keeping side: what was captured and read is compared, stored, and found again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archive.app import Archive, open_archive

__all__ = ["Archive", "open_archive"]


def __getattr__(name: str) -> Any:
    """`open_archive` and `Archive`, imported when they are asked for: the program's start needs neither."""
    if name in __all__:
        from archive import app  # noqa: PLC0415

        return getattr(app, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
