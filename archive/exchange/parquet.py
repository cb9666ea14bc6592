"""Parquet, for pandas, DuckDB, Polars and R: every field in its own type. Needs pyarrow, the extra `[parquet]`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from archive.exchange.export import ExportError, Order
from archive.exchange.fields import FIELDS, row_of

_ROWS: Final = 1_000
_CHARACTERS: Final = 4_000_000
"""A group of rows is written when it has so many rows or so many characters of text: bounds memory."""


def write(order: Order, target: Path) -> None:
    """The file. Raises: ExportError, where pyarrow is not installed."""
    try:
        import pyarrow as pa  # noqa: PLC0415  -- 170 MB that most archives do without
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError as error:
        raise ExportError("parquet needs pyarrow: pip install 'article-archive[parquet]'") from error
    schema = _schema(pa)
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        for rows in _groups(order):
            columns = [pa.array([row[name] for row in rows], schema.field(name).type) for name in FIELDS]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))


def _groups(order: Order) -> Iterator[list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    characters = 0
    for one in order.articles():
        rows.append(row_of(one))
        characters += len(one.text)
        if len(rows) >= _ROWS or characters >= _CHARACTERS:
            yield rows
            rows, characters = [], 0
    if rows:
        yield rows


def _schema(pa: Any) -> Any:
    text, number = pa.string(), pa.int64()
    texts, moment = pa.list_(text), pa.timestamp("us", tz="UTC")
    image = pa.struct([("url", text), ("caption", text), ("alt", text)])
    own = dict.fromkeys(("authors", "keywords", "tags", "captions"), texts)
    own |= dict.fromkeys(("first_captured", "last_captured"), moment)
    own |= dict.fromkeys(
        ("id", "word_count", "cluster_id", "duplicate_of", "version", "warc_offset", "warc_length"), number
    )
    own["images"] = pa.list_(image)
    return pa.schema([(name, own.get(name, text)) for name in FIELDS])
