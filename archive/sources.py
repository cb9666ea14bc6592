"""What came of asking a source, as a value to be stored. Pure but for what the store knows of the source."""

from __future__ import annotations

from collections.abc import Callable

from archive.item import Item, is_not_modified, moved_to
from archive.jobs.model import Answered, SourceAnswer, SourceReading
from archive.model import Outcome, Supporting
from archive.outcomes import key_of, outcome_of
from archive.store import Store
from scraper.errors import DecodeError
from scraper.fetch.decode import Decoded
from scraper.model import Exchange, Fetched


def read_source_answer(
    item: Item,
    fetched: Fetched,
    *,
    store: Store,
    decode: Callable[[Exchange], Decoded],
    robots_txt: Callable[[str], str | None],
) -> tuple[Outcome | Supporting, SourceReading]:
    """The word for the capture of a source that is on disk, and what it announces or why it could not be read.

    item: that of a source. decode: as of the pipeline. robots_txt: of a URL's origin, where it is known.
    """
    source = item.source
    assert source is not None  # noqa: S101  -- asked by the caller
    if fetched.error is not None:
        outcome = outcome_of(fetched.error)
        answered: Answered = outcome if outcome == "gone" or outcome == "robots" else "failed"  # noqa: PLR1714
        return outcome, source.without(answered, str(fetched.error))
    answer = fetched.exchanges[-1]
    if is_not_modified(fetched) or _says_what_was_read(item, answer, store):
        return "source", source.without("unchanged")
    try:
        decoded = decode(answer)
    except DecodeError as fault:
        return "failed", source.without("failed", f"{answer.target_uri}: {fault}")
    if decoded.truncated:
        error = f"{answer.target_uri}: longer than fetch.max_decoded_bytes once decoded"
        return "failed", source.without("failed", error)
    reading = source.read(
        SourceAnswer(
            decoded.data,
            answer.target_uri,
            answer.content_type,
            robots_txt(answer.target_uri),
            moved_to(fetched),
        )
    )
    return "source" if reading.answered == "read" else "failed", reading


def _says_what_was_read(item: Item, answer: Exchange, store: Store) -> bool:
    """Whether a source answered with the very octets that it was read from last."""
    if item.order is None or not item.order.conditional:
        return False
    before = store.source_payload(key_of(answer.target_uri))
    return before is not None and item.locations[-1].revisit_of == before.capture_id
