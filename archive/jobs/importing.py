"""What was imported, put into the frontier: asked by the next crawl, as what sources announce is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from archive.exchange.model import Listed
from archive.jobs.model import Feed, Sighting, Standing
from archive.jobs.settings import IMPORTED
from archive.store import Store

if TYPE_CHECKING:
    from archive.app import Archive


@dataclass(frozen=True, slots=True)
class Queued:
    """An entry, and what it came to: `queued`, a new address; `feed`, one to be polled from now on; `known`, it was
    seen before; `held`, there is an article of it, which gets the tags."""

    entry: Listed
    state: Literal["queued", "feed", "known", "held"]


def queue(
    archive: Archive,
    entries: Iterable[Listed],
    label: str,
    *,
    tags: Iterable[str] = (),
    dry_run: bool = False,
) -> Iterator[Queued]:
    """Put addresses into the frontier for the job `import`, and feeds among its sources; all are safe on disk before
    the first is given back.

    label: where they are from, as the frontier has it. tags: what all are filed under, besides their own.
    dry_run: only say what they would come to. Raises: LockHeld, DiskFull, StoreError.
    """
    listed, common = tuple(entries), tuple(tags)
    keys = list(dict.fromkeys(one.key for one in listed))
    if dry_run:
        known = archive.store.frontier.standing(keys, IMPORTED) if archive.exists else {}
    else:
        with archive.runs.writing("import") as store:
            known = store.frontier.standing(keys, IMPORTED)
            _write(archive, store, listed, label, common)
    for one in listed:
        yield Queued(one, _state(one, known.get(one.key)))
        known.setdefault(one.key, "source" if one.feed else "known")


def _state(entry: Listed, known: Standing | None) -> Literal["queued", "feed", "known", "held"]:
    if entry.feed:
        return "known" if known == "source" else "feed"
    return "queued" if known is None or known == "source" else known


def _write(
    archive: Archive, store: Store, listed: tuple[Listed, ...], label: str, tags: tuple[str, ...]
) -> None:
    store.frontier.queue(
        (_sighting(one, tags) for one in listed if not one.feed), job=IMPORTED, source=label, at=archive.now()
    )
    store.frontier.subscribe(
        (Feed(one.url, one.key, one.title, (*one.tags, *tags)) for one in listed if one.feed), IMPORTED
    )


def _sighting(entry: Listed, tags: tuple[str, ...]) -> Sighting:
    return Sighting(
        entry.url,
        entry.key,
        title=entry.title,
        published=entry.published,
        tags=tuple(dict.fromkeys((*entry.tags, *tags))),
        seen_at=entry.added,
    )


def forget_feeds(archive: Archive, entries: Iterable[Listed]) -> int:
    """Poll these feeds no more; how many of them were polled until now. What they announced stays."""
    with archive.runs.writing("import") as store:
        return store.frontier.unsubscribe([one.key for one in entries if one.feed], IMPORTED)
