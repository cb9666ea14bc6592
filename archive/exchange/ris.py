"""Citations as RIS, for EndNote, Mendeley and most library catalogues.

Source: the RIS format's specification (Research Information Systems, 2001, and its revision of 2011).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from archive.exchange.export import Order
from archive.exchange.fields import instant
from archive.exchange.names import Name, date_parts, evidence, key_of, responsible
from archive.model import Article


def write(order: Order, target: BinaryIO) -> None:
    """A reference after the other, UTF-8, lines ending in CRLF."""
    for one in order.articles():
        lines = (f"{tag}  - {' '.join(value.split())}" for tag, value in _fields(one) if value)
        target.write("".join(f"{line}\r\n" for line in (*lines, "ER  - ", "")).encode())


def _fields(article: Article) -> Iterator[tuple[str, str]]:
    yield "TY", "NEWS"
    yield "ID", key_of(article)
    yield "TI", article.title or ""
    for one in responsible(article):
        yield "AU", _name(one)
    yield "T2", article.site_name or article.site
    parts = date_parts(article.published)
    if parts:
        yield "PY", f"{parts[0]:04}"
        yield "DA", _date(article.published)
    yield "SE", article.section or ""
    yield "LA", article.language or ""
    for keyword in article.keywords:
        yield "KW", keyword
    yield "UR", article.url
    yield "Y2", _date(instant(article.last_captured))
    yield "N1", evidence(article)


def _name(name: Name) -> str:
    """`Family, Given`; one that is kept whole has no comma, or the part before it would be taken for the family's."""
    return f"{name.family}, {name.given}" if name.given else name.family.replace(",", " ")


def _date(moment: str | None) -> str:
    """`YYYY/MM/DD/`, the parts that are not known left empty."""
    year, *rest = date_parts(moment)
    month, day = (*rest, 0, 0)[:2]
    return f"{year:04}/{f'{month:02}' if month else ''}/{f'{day:02}' if day else ''}/"
