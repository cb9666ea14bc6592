"""An Atom feed as a file: every chosen article with its whole text."""

from __future__ import annotations

from typing import BinaryIO
from uuid import NAMESPACE_URL, uuid5

from archive.exchange.atom import feed
from archive.exchange.export import Order
from archive.phrases import moment_name


def write(order: Order, target: BinaryIO) -> None:
    """The feed, an entry at a time."""
    updated = order.snapshot.last_captured() or order.now
    pieces = feed(
        order.articles(),
        title=f"Article archive, {moment_name(order.now)}: {order.snapshot.choice}",
        identity=uuid5(NAMESPACE_URL, f"article-archive {order.snapshot.choice}").urn,
        updated=updated,
    )
    for piece in pieces:
        target.write(piece.encode())
