"""`extract` in the shape that measuring tools ask for: a function of bytes and URL that returns a dictionary.

Used with `../shared/seeds/score.py scraper.extract.scoring:for_seeds` and
`../shared/extraction-dev/score.py --extractor scraper.extract.scoring:for_corpora`.
"""

from __future__ import annotations

from typing import Any

from scraper.extract.core import extract


def for_seeds(payload: bytes, url: str) -> dict[str, Any]:
    """Everything a page said, under the seeds' names."""
    page = extract(payload, url)
    return {
        "title": page.title,
        "authors": list(page.authors),
        "date": page.published,
        "text": page.text,
        "sources": list(page.sources),
        "dateline": page.dateline,
        "captions": list(page.captions),
        "site_name": page.site_name,
        "language": page.language,
    }


def for_corpora(payload: bytes, url: str) -> dict[str, Any]:
    """Text, title, authors and date, under the development pages' names."""
    page = extract(payload, url)
    return {"text": page.text, "title": page.title, "authors": list(page.authors), "date": page.published}
