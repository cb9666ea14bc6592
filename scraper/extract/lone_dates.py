"""The day of an article that shows none beside its headline, where one thing alone on the page can be meant by it.

Asked only of pages that say nothing else. No date is better than a wrong one: where two days may be meant, there is
none.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import urlsplit

from scraper.extract.blocks import ASIDE, FOOTER, FORM, NAV, Blocks
from scraper.extract.dated import (
    DATE_SHARE,
    LONGEST_LINE,
    OF_STATE,
    PUBLISHED,
    PUBLISHED_ON,
    UPDATED,
    Dated,
    share,
)
from scraper.extract.datetext import Order, Stamp, dates_in, machine_stamp

_LONGEST_LABEL: Final = 24
_LONGEST_MARKED: Final = 60
"""Characters."""

_MARKED = re.compile(r"publi|post|date|datum|erschienen|entry|article|story|news|created|time", re.I)


_CHANGED = re.compile(
    rf"{UPDATED.pattern}|last (?:edited|changed|revised|reviewed)|zuletzt|dernière|última|ultima", re.I
)
_TEASER: Final = 2
"""Blocks after a teaser's headline that may hold its date."""

_KEYED_DATE = re.compile(
    r"""[\\"'](?:date_?published|published_?(?:date|at|on|time)|publish_?date|publication_?date"""
    r"""|first_?published(?:_?at)?)"""
    r"""\\?["']\s*:\s*\\?["'](\d{4}-\d\d-\d\d[T ]?[\d:.+Z-]*)""",
    re.I,
)
_THIS_PAGE = re.compile(
    r"\b(?:this (?:page|article)|diese seite|cette page|esta página|questa pagina|deze pagina|denna sida"
    r"|denne siden|tę stronę|эта страница|この(?:ページ|記事))",
    re.I,
)


def own_teaser(found: Blocks, url: str, language: str | None, order: Order | None) -> Iterator[Dated]:
    """The date in a teaser of the article itself: lists of a site's latest stories stand on the article's page too."""
    own = urlsplit(url).path.rstrip("/")
    if not own.strip("/"):
        return
    stamps: list[Stamp] = []
    for at, block in enumerate(found.blocks):
        if not any(own in target and urlsplit(target).path.rstrip("/") == own for target in block.targets):
            continue
        for near in found.blocks[at : at + 1 + _TEASER]:
            if any(urlsplit(target).path.rstrip("/") != own for target in near.targets):
                break
            if len(near.text) > _LONGEST_MARKED:
                continue
            dates = list(dates_in(near.text, language=language, order=order))
            if len(dates) == 1 and share(dates, near.text) >= DATE_SHARE:
                stamps.append(dates[0].stamp)
    if len({stamp.day for stamp in stamps}) == 1:
        yield Dated(stamps[0], "own-teaser")


def scripted(found: Blocks, order: Order | None) -> Iterator[Dated]:
    """The one day that the state a page carries for its scripts gives as that of publication."""
    if not found.blocks:
        return
    root = found.blocks[0].place.element.getroottree().getroot()
    stamps = [
        stamp
        for script in root.iter("script")
        for value in _KEYED_DATE.findall(script.text or "")
        if (stamp := machine_stamp(value, order)) is not None
    ]
    if len({stamp.day for stamp in stamps}) == 1:
        yield from (Dated(stamp, "script") for stamp in stamps)


def of_this_page(found: Blocks, language: str | None, order: Order | None) -> Iterator[Dated]:
    """The last change of a page that says so of itself, as wikis do in their footers.

    A date in a footer without such words is the site's.
    """
    for block in reversed(found.blocks):
        if len(block.text) <= LONGEST_LINE and _THIS_PAGE.search(block.text) and _CHANGED.search(block.text):
            dates = list(dates_in(block.text, language=language, order=order))
            if len({dated.stamp.day for dated in dates}) == 1:
                yield Dated(dates[0].stamp, "below", modified=True, labelled=True)
                return


def only_day(
    found: Blocks, kept: Sequence[int], headline_at: int | None, language: str | None, order: Order | None
) -> Iterator[Dated]:
    """The day of an article that shows none beside its headline, where all that the page marks as dates is one day.

    Marked is an element named for a date that holds nothing else, and a line that is a date under a label. Lists of
    other stories, calendars and clocks give several days, and so none, unless one alone stands from the line above
    the headline to the end of the text.
    """
    marked: list[tuple[int, Dated]] = []
    own = found.blocks[kept[0]].place.context if kept else 0  # some sites put all of a page into one form
    for mark in found.marks:
        block = found.blocks[mark.at] if mark.at < len(found.blocks) else None
        if block is None or block.place.context & ~own & (NAV | ASIDE | FOOTER | FORM):
            continue
        if block.targets and kept and mark.at > kept[-1]:
            continue  # below the text, a link beside a date is another story's
        element = mark.element
        stamp = machine_stamp(element.get("datetime") or "", order)
        if stamp is None and _MARKED.search(f"{element.get('class') or ''} {element.get('itemprop') or ''}"):
            text = " ".join(" ".join(element.itertext()).split())
            dates = (
                list(dates_in(text, language=language, order=order)) if len(text) <= _LONGEST_MARKED else []
            )
            if len(dates) == 1 and (share(dates, text) >= DATE_SHARE or PUBLISHED.search(text)):
                stamp = dates[0].stamp
        if stamp is not None:
            said = " ".join(element.itertext())[:_LONGEST_MARKED]
            updated = UPDATED.search(said) is not None and PUBLISHED.search(said) is None
            marked.append((mark.at, Dated(stamp, "marked", updated)))
    for label, block in itertools.pairwise(found.blocks):
        if len(label.text) > _LONGEST_LABEL:
            continue
        updated = UPDATED.search(label.text) is not None
        if updated or PUBLISHED_ON.match(label.text):
            dates = list(dates_in(block.text, language=language, order=order))
            if len(dates) == 1 and share(dates, block.text) > 1 - DATE_SHARE:
                marked.append(
                    (
                        block.index,
                        Dated(dates[0].stamp, "marked", updated, OF_STATE.search(label.text) is not None),
                    )
                )
    if len({dated.stamp.day for _, dated in marked}) > 1 and kept and headline_at is not None:
        marked = [(at, dated) for at, dated in marked if headline_at - 1 <= at <= kept[-1]]
    if len({dated.stamp.day for _, dated in marked}) == 1:
        yield from (dated for _, dated in marked)
