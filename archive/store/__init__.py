"""The database: its schema in ordered steps, and the only code that writes it."""

from archive.store.reading import Status
from archive.store.rows import ArticleVersion
from archive.store.store import Store

__all__ = ["ArticleVersion", "Status", "Store"]
