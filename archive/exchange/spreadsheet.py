"""CSV for spreadsheets and notebooks (RFC 4180, UTF-8): every field, lists as JSON.

A page's title may be `=HYPERLINK(…)`, and a spreadsheet would calculate it. Such text gets an apostrophe before it, the
sign by which spreadsheets know text.
Source: OWASP, CSV Injection (https://owasp.org/www-community/attacks/CSV_Injection).
"""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from typing import Any, BinaryIO, Final

from archive.exchange.export import Order
from archive.exchange.fields import FIELDS, instant, row_of

_FORMULA: Final = frozenset("=+-@\t\r\n＝＋－＠")
"""How a formula may begin."""


def write(order: Order, target: BinaryIO) -> None:
    """A line of names and a line an article, each ending in CRLF."""
    stream = io.TextIOWrapper(
        target, encoding="utf-8-sig" if order.bom else "utf-8", newline="", write_through=True
    )
    try:
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow(FIELDS)
        for one in order.articles():
            writer.writerow([_cell(value, raw=order.raw) for value in row_of(one).values()])
    finally:
        stream.detach()  # the target is not ours to close


def _cell(value: Any, *, raw: bool) -> str | int | None:
    match value:
        case datetime():
            return instant(value)
        case list():
            return json.dumps(value, ensure_ascii=False)
        case str() if not raw:
            return as_text(value)
        case _:
            return value  # type: ignore[no-any-return]  # a text as it is, a number, or nothing


def as_text(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet would take it for a formula."""
    return f"'{text}" if text[:1] in _FORMULA and text else text
