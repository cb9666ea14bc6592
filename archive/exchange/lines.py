"""JSON Lines: every field of an article as one object a line. `archive import jsonl` reads them back."""

from __future__ import annotations

import json
from typing import BinaryIO

from archive.exchange.export import Order
from archive.exchange.fields import instant, row_of
from archive.model import Article


def write(order: Order, target: BinaryIO) -> None:
    """One object a line, UTF-8."""
    for one in order.articles():
        target.write(line_of(one).encode())


def line_of(article: Article) -> str:
    """The line of an article, its newline included."""
    row = {"type": "article", **row_of(article)}
    for name in ("first_captured", "last_captured"):
        row[name] = instant(row[name])
    return json.dumps(row, ensure_ascii=False) + "\n"
