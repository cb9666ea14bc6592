"""`extract` in the shape that measuring tools ask for: a function of bytes and URL that returns a dictionary.

Used with `../shared/seeds/score.py scraper.extract.scoring:for_seeds`, with `for_seeds_group --group`, and with
`../shared/extraction-dev/score.py --extractor scraper.extract.scoring:for_corpora`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from scraper.extract.core import extract
from scraper.extract.learn import learn_furniture
from scraper.model import Page


def for_seeds(payload: bytes, url: str) -> dict[str, Any]:
    """Everything a page said, under the seeds' names."""
    return _as_seed(extract(payload, url))


def for_seeds_group(pages: Iterable[tuple[str, bytes, str]]) -> dict[str, dict[str, Any]]:
    """The same of many pages, by name, each read with what its site repeats.

    pages: name, payload and URL. A site is a host without its `www.`.
    """
    sites: defaultdict[str, list[tuple[str, bytes, str]]] = defaultdict(list)
    for name, payload, url in pages:
        sites[(urlsplit(url).hostname or "").removeprefix("www.")].append((name, payload, url))
    said: dict[str, dict[str, Any]] = {}
    for site in sites.values():
        furniture = learn_furniture((payload, url) for _, payload, url in site)
        for name, payload, url in site:
            said[name] = _as_seed(extract(payload, url, furniture=furniture))
    return said


def for_corpora(payload: bytes, url: str) -> dict[str, Any]:
    """Text, title, authors and date, under the development pages' names."""
    page = extract(payload, url)
    return {"text": page.text, "title": page.title, "authors": list(page.authors), "date": page.published}


def for_corpora_fast(payload: bytes, url: str) -> dict[str, Any]:
    """The same by the fast setting."""
    page = extract(payload, url, setting="fast")
    return {"text": page.text, "title": page.title, "authors": list(page.authors), "date": page.published}


def _as_seed(page: Page) -> dict[str, Any]:
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
