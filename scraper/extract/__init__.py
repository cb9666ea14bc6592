"""From the bytes of a page to its main content and metadata, with a reason for every decision."""

from scraper.extract.core import extract

__all__ = ["extract"]
