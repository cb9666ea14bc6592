"""When an article was published and modified: every date the page offers for it, and the one taken.

In order: what the page declares for machines about this article; the `time` beside the headline; the date a reader
sees beside the headline, at the head of the text, or with a label right below it; metas that do not say what they
date; the day in the page's own address. Dates of other stories, clocks in headers, archive strips, footers and
captions are not offered, because only dates beside the headline are (`shown_dates`); a day in the story is one that
the story tells of. A page that has none of these is asked for the one day that it can mean otherwise (`lone_dates`). No
date is better than a wrong one.

htmldate is not asked. On the development pages it would add nine right days and two wrong ones, all of these pages
being dated; on pages that are not, it takes the day of a teaser (it searches the whole page, whatever its settings).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from typing import Final
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from scraper.extract.blocks import Blocks, TextBlock
from scraper.extract.dated import PUBLISHED, UPDATED, Dated
from scraper.extract.datetext import Order, Stamp, day_of_url, machine_stamp
from scraper.extract.declared import Declared, strings
from scraper.extract.lone_dates import of_this_page, only_day, own_teaser, scripted
from scraper.extract.shown_dates import below, beside_headline, in_story, opening, story_at
from scraper.model import Candidate, FieldOrigin

_PUBLISHED_METAS: Final = (
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "og:published_time",
    "parsely-pub-date",
    "sailthru.date",
    "cxenseparse:recs:publishtime",
    "dcterms.issued",
    "dc.date.issued",
    "publishdate",
    "publish-date",
    "publish_date",
    "published-date",
    "publicationdate",
    "publication_date",
    "pubdate",
    "article.published",
    "article:published",
    "article_date_original",
    "originalpublicationdate",
    "citation_publication_date",
)
_WEAK_METAS: Final = (
    "dcterms.created",
    "dc.date.created",
    "dcterms.date",
    "dc.date",
    "date",
    "datecreated",
    "created",
    "uploaddate",
)
"""Metas that name a date without saying of what: often the file's, so that a visible date goes before them."""

_MODIFIED_METAS: Final = (
    "article:modified_time",
    "og:article:modified_time",
    "datemodified",
    "og:updated_time",
    "dcterms.modified",
    "dc.date.modified",
    "last-modified",
    "lastmod",
    "revision_date",
)


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates of one article as ISO 8601, with the origin of each."""

    published: str | None
    modified: str | None
    published_origin: FieldOrigin
    modified_origin: FieldOrigin


def choose_dates(
    declared: Declared,
    found: Blocks,
    around: Sequence[TextBlock],
    *,
    headline_at: int | None,
    kept: Sequence[int],
    url: str,
    language: str | None,
    captured: datetime | None = None,
) -> Dates:
    """The dates of the article.

    around: the blocks near the headline, where a page says when. headline_at: the block that shows the title. kept: the
    blocks of the text. language: as in `en-US`. captured: when the page was fetched; it cannot tell of later days.
    """
    order = figure_order(declared.language or declared.first("og:locale") or language)
    spoken = _spoken_in(language, declared, url)
    headline = found.blocks[headline_at] if headline_at is not None else None
    story = story_at(found.blocks, kept)
    visible = list(beside_headline(around, kept, story, headline, spoken, order))
    offered = [
        *_declared(declared, order, spoken),
        *(dated for dated in visible if dated.labelled),
        *_time_elements(found, around, order, spoken),
        *(dated for dated in visible if not dated.labelled),
        *opening(found.blocks, kept, story, spoken, order),
        *below(found.blocks, kept, spoken, order),
        *_weakly_declared(declared, order, spoken),
    ]
    offered = _by_then(offered, captured)
    if all(dated.modified for dated in offered):
        offered.extend(_by_then(only_day(found, kept, headline_at, spoken, order), captured))
    day = day_of_url(urlsplit(url).path)
    if day is not None and _is_to_come(day, captured):
        day = None
    if not offered and day is None:
        offered = (
            _by_then(own_teaser(found, url, spoken, order), captured)
            or _by_then(scripted(found, order), captured)
            or _by_then(of_this_page(found, spoken, order), captured)
        )
    if day is not None:
        offered.append(Dated(Stamp(day, day.isoformat()), "url"))
    if all(dated.modified for dated in offered):
        offered.extend(_by_then(in_story(found.blocks, kept, story, spoken, order), captured))
    modified = _best([dated for dated in offered if dated.modified])
    published = _best(
        [dated for dated in offered if not dated.modified], modified.stamp.day if modified else None
    )
    if (
        published
        and day is not None
        and all((dated.stamp.day - day).days > _REPUBLISHED for dated in offered if dated.origin != "url")
    ):
        published = offered[
            -1
        ]  # an address is made once: what is declared is the day of a second publication
    if (
        published
        and day is not None
        and published.origin in _SHOWN
        and not published.labelled
        and (day - published.stamp.day).days > _REPUBLISHED
    ):
        published = Dated(
            Stamp(day, day.isoformat()), "url"
        )  # what is shown is a day long past, that the page tells of
    if published and modified and modified.stamp.day < published.stamp.day:
        modified = None
    if published is None and modified is not None and modified.labelled:
        published = replace(modified, origin=f"{modified.origin}, as the day of its state")
        offered.append(replace(published, modified=False))
    return Dates(
        published.stamp.text if published else None,
        modified.stamp.text if modified else None,
        _origin(published, offered, modified=False),
        _origin(modified, offered, modified=True),
    )


def figure_order(language: str | None) -> Order | None:
    """How a page in this language writes 8 October in figures; `None` for English of no stated country."""
    if not language:
        return None
    tag = language.replace("_", "-").lower()
    if tag in ("en-us", "en-ph", "es-us"):
        return "mdy"
    return None if tag == "en" or tag[:2] in ("zh", "ja", "ko", "hu", "lt", "fa") else "dmy"


def _spoken_in(language: str | None, declared: Declared, url: str) -> str | None:
    """A page's language with its country, as in `en-GB`, where its address or the page itself tells one."""
    if not language:
        return None
    top = (urlsplit(url).hostname or "").rpartition(".")[2].lower()
    country = _COUNTRY_OF_DOMAIN.get(top, top if len(top) == 2 and top not in _SOLD_ABROAD else "")
    for tag in (declared.language, declared.first("og:locale"), declared.first("content-language"), language):
        country = country or (tag or "").replace("_", "-").partition("-")[2].lower()
    return f"{language[:2]}-{country}" if len(country) == 2 else language[:2]


_COUNTRY_OF_DOMAIN: Final = {"uk": "gb"}
_SOLD_ABROAD: Final = frozenset(
    ["ai", "cc", "co", "eu", "fm", "io", "la", "ly", "me", "nu", "su", "to", "tv", "ws"]
)
"""Top-level domains of two letters that tell no country: sold all over the world, or of a union."""


def _is_to_come(day: date, captured: datetime | None) -> bool:
    """Whether a day is later than any on which a page that was fetched then can have been made.

    One day of grace: the day of the capture is that of UTC, and the first to see a day are fourteen hours ahead.
    """
    return captured is not None and day > captured.date() + timedelta(days=1)


def _by_then(offered: Iterable[Dated], captured: datetime | None) -> list[Dated]:
    return [dated for dated in offered if not _is_to_come(dated.stamp.day, captured)]


def _declared(declared: Declared, order: Order | None, language: str | None) -> Iterator[Dated]:
    for article in declared.articles[:2]:
        for key, modified in (("datePublished", False), ("dateModified", True)):
            yield from _stamps(strings(article.get(key)), "json-ld", order, language, modified=modified)
    for name, value in declared.values(*_PUBLISHED_METAS):
        yield from _stamps([value], name, order, language)
    for page in declared.pages[:2]:
        yield from _stamps(
            strings(page.get("datePublished") or page.get("uploadDate")), "json-ld", order, language
        )
    for name, value in declared.values(*_MODIFIED_METAS):
        yield from _stamps([value], name, order, language, modified=True)


def _weakly_declared(declared: Declared, order: Order | None, language: str | None) -> Iterator[Dated]:
    for name, value in declared.values(*_WEAK_METAS):
        yield from _stamps([value], name, order, language)


def _stamps(
    values: Iterable[str], origin: str, order: Order | None, language: str | None, *, modified: bool = False
) -> Iterator[Dated]:
    for value in values:
        stamp = machine_stamp(value, order, language)
        if stamp is not None:
            yield Dated(stamp, origin, modified)


def _time_elements(
    found: Blocks, around: Sequence[TextBlock], order: Order | None, language: str | None
) -> Iterator[Dated]:
    near = {block.index for block in around}
    for mark in found.marks:
        if mark.at not in near:
            continue
        element = mark.element
        value = element.get("datetime") or (element.get("content") if element.get("itemprop") else None)
        if not value:
            continue
        named = f"{element.get('itemprop') or ''} {element.get('class') or ''}"
        stamp = machine_stamp(value, order, language)
        if stamp is not None:
            before = _words_before(found.blocks[mark.at], element)
            yield Dated(
                stamp,
                "time",
                bool(UPDATED.search(named) or (UPDATED.search(before) and not PUBLISHED.search(before))),
            )


def _words_before(block: TextBlock, element: HtmlElement) -> str:
    """What a block says before an element's own words: a label such as "Updated"."""
    own = " ".join((element.text_content() or "").split())
    at = block.text.find(own) if own else -1
    return block.text[:at] if at >= 0 else block.text[:40]


_REPUBLISHED: Final = 30
"""Days after that of its address from which an article's declared day is that of another publication."""


def _best(offered: Sequence[Dated], modified: date | None = None) -> Dated | None:
    """The first candidate's day, in the form of the candidate that states it most precisely.

    Unless it stands alone: where two other kinds of evidence agree on another day, theirs is taken; but not the day
    of the last change, which a page shows in many places. And a moment declared in UTC may fall on another day than
    the one it was written on: the page's address, or the same moment with an offset, says which.
    """
    if not offered:
        return None
    first = offered[0]
    kinds: dict[date, set[str]] = {}
    for dated in offered:
        if dated.origin in _WEAK_METAS:
            continue
        kinds.setdefault(dated.stamp.day, set()).add(_KIND.get(dated.origin, dated.origin))
    if len(kinds.get(first.stamp.day, ())) == 1:
        agreed = next((day for day, origins in kinds.items() if len(origins) > 1 and day != modified), None)
        first = next((dated for dated in offered if dated.stamp.day == agreed), first)
    shown = {dated.stamp.day for dated in offered if dated.origin == "visible"}
    if first.stamp.text.endswith("+00:00"):
        local = (
            dated for dated in offered if dated.stamp.day != modified and _is_local_day(dated, first, shown)
        )
        first = _on_local_clock(next(local, first), first)
    same = [dated for dated in (first, *offered) if dated.stamp.day == first.stamp.day]
    precise = max(same, key=lambda dated: (dated.stamp.has_offset, dated.stamp.has_time))
    if precise.stamp.text[:_TO_MINUTE] == first.stamp.text[:_TO_MINUTE] and not first.stamp.has_offset:
        offset = precise.stamp.text[-len("+00:00") :] if precise.stamp.has_offset else ""
        return replace(first, stamp=Stamp(first.stamp.day, first.stamp.text + offset))
    return precise


_SHOWN: Final = frozenset(["visible", "opening", "story"])

_KIND: Final = {"opening": "visible"}
"""Origins that may read one line, and so agree with each other for no reason."""

_TO_MINUTE: Final = len("2017-10-08T14:33")


def _is_local_day(dated: Dated, moment: Dated, shown: Set[date]) -> bool:
    """Whether a candidate says on which neighbouring day, where it was written, a moment in UTC fell.

    Offsets reach from -12 to +14 hours in steps of a quarter, so a clock time shown to readers is either the same
    moment or another one. A day alone that readers see tells no offset, and the moment stands as it is declared; an
    address is made of the day of publication, which can be the one before only in UTC's first half.
    shown: the days that readers see; a moment whose own day is among them needs no other.
    """
    distance = (dated.stamp.day - moment.stamp.day).days
    if abs(distance) != 1:
        return False
    instant = datetime.fromisoformat(moment.stamp.text)
    if dated.stamp.has_offset:
        return abs(datetime.fromisoformat(dated.stamp.text) - instant) <= _SAME_MOMENT
    if dated.origin not in ("visible", "url"):
        return False
    if dated.stamp.has_time:
        apart = datetime.fromisoformat(dated.stamp.text) - instant.replace(tzinfo=None)
        beside = (apart + _SAME_MOMENT) % _QUARTER
        return -timedelta(hours=12) <= apart <= timedelta(hours=14) and beside <= 2 * _SAME_MOMENT
    if dated.origin == "visible" or moment.stamp.day in shown:
        return False
    return instant.hour < 12 if distance < 0 else instant.hour >= 10


def _on_local_clock(local: Dated, moment: Dated) -> Dated:
    """The moment as readers see it: their time of day, with the offset by which it is the declared moment in UTC."""
    if local.stamp.has_offset or not local.stamp.has_time or local is moment:
        return local
    shown = datetime.fromisoformat(local.stamp.text)
    apart = shown - datetime.fromisoformat(moment.stamp.text).replace(tzinfo=None)
    offset = round(apart / _QUARTER) * _QUARTER
    return replace(local, stamp=Stamp(local.stamp.day, shown.replace(tzinfo=timezone(offset)).isoformat()))


_SAME_MOMENT: Final = timedelta(minutes=1)
_QUARTER: Final = timedelta(minutes=15)


def _origin(chosen: Dated | None, offered: Sequence[Dated], *, modified: bool) -> FieldOrigin:
    candidates = dict.fromkeys(
        Candidate(dated.stamp.text, dated.origin) for dated in offered if dated.modified == modified
    )
    return FieldOrigin(chosen.origin if chosen else None, tuple(candidates))
