"""Citations as CSL-JSON, for Zotero, pandoc and every other processor of Citation Style Language 1.0."""

from __future__ import annotations

import json
from typing import Any, BinaryIO

from archive.exchange.export import Order
from archive.exchange.fields import instant
from archive.exchange.names import date_parts, evidence, key_of, responsible
from archive.model import Article


def write(order: Order, target: BinaryIO) -> None:
    """An array, an object a line."""
    separator = "[\n"
    for one in order.articles():
        target.write((separator + json.dumps(item_of(one), ensure_ascii=False)).encode())
        separator = ",\n"
    target.write(b"[]\n" if separator == "[\n" else b"\n]\n")


def item_of(article: Article) -> dict[str, Any]:
    """An article as a citation: an article of a newspaper that was read on the web."""
    item = {
        "id": key_of(article),
        "type": "article-newspaper",
        "title": article.title,
        "author": [
            {"family": one.family, "given": one.given} if one.given else {"literal": one.family}
            for one in responsible(article)
        ],
        "container-title": article.site_name or article.site,
        "section": article.section,
        "issued": _date(article.published),
        "accessed": _date(instant(article.last_captured)),
        "URL": article.url,
        "language": article.language,
        "keyword": ", ".join(article.keywords),
        "archive_location": f"{article.warc.warc_file}@{article.warc.offset}" if article.warc else None,
        "note": evidence(article),
    }
    return {name: value for name, value in item.items() if value}


def _date(moment: str | None) -> dict[str, list[list[int]]] | None:
    parts = date_parts(moment)
    return {"date-parts": [list(parts)]} if parts else None
