"""When an article was published and modified: every date the page offers for it, and the one taken.

In order: what the page declares for machines about this article; the `time` beside the headline; the date a reader
sees beside the headline, at the head of the text, or with a label right below it; metas that do not say what they
date; the day in the page's own address. Dates of other stories, clocks in headers, archive strips, footers and
captions are never offered, because only dates beside the headline are. No date is better than a wrong one.

htmldate is not asked. On the development pages it would add nine right days and two wrong ones, all of these pages
being dated; on pages that are not, it takes the day of a teaser (it searches the whole page, whatever its settings).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from scraper.extract.blocks import ARTICLE, ASIDE, FOOTER, FORM, NAV, Blocks, TextBlock
from scraper.extract.datetext import Found, Order, Stamp, dates_in, day_of_url, machine_stamp
from scraper.extract.declared import Declared, strings
from scraper.extract.elements import Context
from scraper.extract.text import count_words
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
_UPDATED = re.compile(
    r"updat|modif|edited|aktualisiert|geändert|stand:|bearbeitet|mis à jour|actualiz|atualiz|aggiorn"
    r"|bijgewerkt|güncelle|обнов|aktualiz|uppdater|opdater|تحديث|更新",
    re.I,
)
_PUBLISHED = re.compile(
    r"publi|posted|(?<!up)date|veröffentlicht|erschienen|erstellt|datum|fecha|creado|pubblicato|geplaatst"
    r"|gepubliceerd|yayın|tarih|eklenme|опублик|дата|data|opublikowan|dodano|publicerad"
    r"|نشر|تاريخ|発表|发布|發布",
    re.I,
)
_LONGEST_LINE: Final = 160
"""Characters of a block that may be a date line. A date in a longer one is part of what it tells."""

_DATE_SHARE: Final = 0.3
"""Of the letters and figures of a date line, how many the date makes up, where no word says what date it is."""

_MOST_DAYS: Final = 2
"""Different days on one line: published and updated. A strip of five is an archive."""

_BEFORE: Final = 8
_AFTER: Final = 12
_INSIDE: Final = 5
_BELOW: Final = 8
"""Blocks above the headline, below it, at the head of the text and after its end in which a date is looked for."""

_BOXES: Final = 4
"""How many boxes up a line above the headline must share one with it: the site's header does not."""

_SHORT_PROSE: Final = 20
"""Words from which a block is prose."""

_LONGEST_PLACE: Final = 30
_HEADINGS: Final = frozenset(f"h{n}" for n in range(1, 7))
_SET_OFF = re.compile(r"\s*[)|–—:•·\n„“\"(\-]")
_PUBLISHED_ON = re.compile(
    r"(?:publi\w*|posted|veröffentlicht|erschienen|erstellt|datum|fecha|pubblicato|gepubliceerd|geplaatst|date|yayın\w*"
    r"|опублик\w*|نشر\w*)\s*(?:on|am|le|el|il|de|of)?\s*[:：,]?\s*\w{0,10},?\s*$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Dated:
    """A date, where it was found, and what it is a date of."""

    stamp: Stamp
    origin: str
    modified: bool = False


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
    *,
    headline_at: int | None,
    kept: Sequence[int],
    url: str,
    language: str | None,
) -> Dates:
    """The dates of the article.

    headline_at: the block that shows the title. kept: the blocks of the text. language: as in `en-US`.
    """
    order = figure_order(declared.language or declared.first("og:locale") or language)
    around = neighbourhood(found.blocks, headline_at, kept)
    spoken = (language or "")[:2] or None
    offered = [
        *_declared(declared, order),
        *_time_elements(found, around, order),
        *_visible(around, spoken, order),
        *_opening(found.blocks, kept, spoken, order),
        *_below(found.blocks, kept, spoken, order),
        *_weakly_declared(declared, order),
    ]
    day = day_of_url(urlsplit(url).path)
    if day is not None:
        offered.append(Dated(Stamp(day, day.isoformat()), "url"))
    published = _best([dated for dated in offered if not dated.modified])
    modified = _best([dated for dated in offered if dated.modified])
    if published and modified and modified.stamp.day < published.stamp.day:
        modified = None
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


def _declared(declared: Declared, order: Order | None) -> Iterator[Dated]:
    for article in declared.articles[:2]:
        for key, modified in (("datePublished", False), ("dateModified", True)):
            yield from _stamps(strings(article.get(key)), "json-ld", order, modified=modified)
    for name, value in declared.values(*_PUBLISHED_METAS):
        yield from _stamps([value], name, order)
    for page in declared.pages[:2]:
        yield from _stamps(strings(page.get("datePublished")), "json-ld", order)
    for name, value in declared.values(*_MODIFIED_METAS):
        yield from _stamps([value], name, order, modified=True)


def _weakly_declared(declared: Declared, order: Order | None) -> Iterator[Dated]:
    for name, value in declared.values(*_WEAK_METAS):
        yield from _stamps([value], name, order)


def _stamps(
    values: Sequence[str] | Iterator[str], origin: str, order: Order | None, *, modified: bool = False
) -> Iterator[Dated]:
    for value in values:
        stamp = machine_stamp(value, order)
        if stamp is not None:
            yield Dated(stamp, origin, modified)


def neighbourhood(
    blocks: Sequence[TextBlock], headline_at: int | None, kept: Sequence[int]
) -> list[TextBlock]:
    """The short blocks between headline and text, then those just above and just inside them.

    Here a page says who wrote the article, and when.
    """
    if headline_at is None and not kept:
        return []
    text_at = kept[0] if kept else None
    top = headline_at if headline_at is not None and (text_at is None or headline_at < text_at) else text_at
    if top is None:
        top = headline_at or 0
    between = list(blocks[top + 1 : text_at if text_at is not None and text_at > top else top + 1 + _AFTER])
    if len(between) > 2 * _AFTER:  # the headline stands in a menu too: what counts is nearest to either end
        between = between[:_AFTER] + between[-_AFTER:]
    inside = blocks[kept[0] : min(kept[0] + _INSIDE, kept[-1] + 1)] if kept else []
    anchors = [blocks[index] for index in (top, text_at) if index is not None]
    own = {id(place) for anchor in anchors for place in anchor.place.ancestors()[:_BOXES] if place.depth > 0}
    wide = {
        id(place) for anchor in anchors for place in anchor.place.ancestors()[: 2 * _BOXES] if place.depth > 0
    }
    before = [
        block
        for block in reversed(blocks[max(0, top - _BEFORE) : top])
        if any(
            id(place) in (wide if block.kind in _HEADINGS else own)
            for place in block.place.ancestors()[:_BOXES]
        )
    ]
    contexts = [anchor.place.context for anchor in anchors]
    above = {block.index for block in (*between, *before)}
    near = {block.index: block for block in (*between, *before, *inside)}
    return [
        block
        for block in near.values()
        if not is_prose(block)
        and any(
            _is_of_the_article(block.place.context, context, block.index in above) for context in contexts
        )
    ]


def _is_of_the_article(context: Context, headline: Context, is_above: bool) -> bool:
    """Whether a line stands in no menu, sidebar, footer or form that the headline does not stand in as well.

    An article's own footer or sidebar above its text is the exception: themes put the byline there.
    """
    own = ASIDE | FOOTER if is_above and context & headline & ARTICLE else 0
    return not context & ~headline & (NAV | ASIDE | FOOTER | FORM) & ~own


def is_prose(block: TextBlock) -> bool:
    """Whether a block is a paragraph, rather than a line about the article."""
    return count_words(block.text) >= _SHORT_PROSE


def _time_elements(found: Blocks, around: Sequence[TextBlock], order: Order | None) -> Iterator[Dated]:
    near = {block.index for block in around}
    for mark in found.marks:
        if mark.at not in near:
            continue
        element = mark.element
        value = element.get("datetime") or (element.get("content") if element.get("itemprop") else None)
        if not value:
            continue
        named = f"{element.get('itemprop') or ''} {element.get('class') or ''}"
        stamp = machine_stamp(value, order)
        if stamp is not None:
            before = _words_before(found.blocks[mark.at], element)
            yield Dated(
                stamp,
                "time",
                bool(_UPDATED.search(named) or (_UPDATED.search(before) and not _PUBLISHED.search(before))),
            )


def _words_before(block: TextBlock, element: HtmlElement) -> str:
    """What a block says before an element's own words: a label such as "Updated"."""
    own = " ".join((element.text_content() or "").split())
    at = block.text.find(own) if own else -1
    return block.text[:at] if at >= 0 else block.text[:40]


def _visible(around: Sequence[TextBlock], language: str | None, order: Order | None) -> Iterator[Dated]:
    for block in around:
        if len(block.text) > _LONGEST_LINE:
            continue
        days = {found.stamp.day for found in dates_in(block.text, language=language, order=order or "dmy")}
        if 0 < len(days) <= _MOST_DAYS:
            dates = list(dates_in(block.text, language=language, order=order))
            opens = (
                bool(dates) and dates[0].start <= 1 and _SET_OFF.match(block.text, dates[0].end) is not None
            )
            plain = opens or _share(dates, block.text) >= _DATE_SHARE
            yield from _labelled(block.text, dates, unlabelled=plain)


def _labelled(text: str, dates: Sequence[Found], *, unlabelled: bool) -> Iterator[Dated]:
    """The dates of a line, by the words before each; those without a label only where they may have none."""
    start = 0
    for found in dates:
        label = text[max(start, found.start - 40) : found.start]
        start = found.end
        updated = _UPDATED.search(label)
        published = _PUBLISHED.search(label)
        if updated and not (published and published.start() > updated.start()):
            yield Dated(found.stamp, "visible", modified=True)
        elif published or unlabelled:
            yield Dated(found.stamp, "visible")


def _opening(
    blocks: Sequence[TextBlock], kept: Sequence[int], language: str | None, order: Order | None
) -> Iterator[Dated]:
    """The date with which the text itself opens, set off from it: "01.02.2022 - ", "Berlin, 1 February 2022:"."""
    if not kept:
        return
    for place, index in enumerate(kept[:_INSIDE]):
        text = blocks[index].text[:_LONGEST_LINE]
        first = next(dates_in(text, language=language, order=order), None)
        allowed = _LONGEST_PLACE if place == 0 else 1
        if first is not None and first.start <= allowed and _SET_OFF.match(text, first.end):
            yield Dated(first.stamp, "opening")
            return


def _below(
    blocks: Sequence[TextBlock], kept: Sequence[int], language: str | None, order: Order | None
) -> Iterator[Dated]:
    """Dates right below the text, but only those that say they are the day of publication."""
    if not kept:
        return
    for block in blocks[kept[-1] + 1 : kept[-1] + 1 + _BELOW]:
        if len(block.text) <= 2 * _LONGEST_LINE and not block.place.context & (NAV | ASIDE):
            dates = list(dates_in(block.text, language=language, order=order))
            if 0 < len({found.stamp.day for found in dates}) <= _MOST_DAYS:
                for found in dates:
                    label = block.text[max(0, found.start - 30) : found.start]
                    if _PUBLISHED_ON.search(label):
                        yield Dated(found.stamp, "below")


def _share(dates: Sequence[Found], text: str) -> float:
    whole = sum(ch.isalnum() for ch in text)
    return sum(sum(ch.isalnum() for ch in text[found.start : found.end]) for found in dates) / max(1, whole)


def _best(offered: Sequence[Dated]) -> Dated | None:
    """The first candidate's day, in the form of the candidate that states it most precisely.

    Unless it stands alone: where two other kinds of evidence agree on another day, theirs is taken. And a moment
    declared in UTC may fall on another day than the one it was written on: the page's address, or the same moment
    with an offset, says which.
    """
    if not offered:
        return None
    first = offered[0]
    kinds: dict[date, set[str]] = {}
    for dated in offered:
        if dated.origin in _WEAK_METAS:
            continue
        kinds.setdefault(dated.stamp.day, set()).add(dated.origin)
    if len(kinds.get(first.stamp.day, ())) == 1:
        agreed = next((day for day, origins in kinds.items() if len(origins) > 1), None)
        first = next((dated for dated in offered if dated.stamp.day == agreed), first)
    if first.stamp.text.endswith("+00:00"):
        first = next((dated for dated in offered if _is_local_day(dated, first)), first)
    same = [dated for dated in offered if dated.stamp.day == first.stamp.day]
    return max(same, key=lambda dated: (dated.stamp.has_offset, dated.stamp.has_time))


def _is_local_day(dated: Dated, moment: Dated) -> bool:
    """Whether a candidate says on which neighbouring day, where it was written, a moment in UTC fell.

    Offsets reach from -12 to +14 hours, so a day shown to readers can be the one before only in UTC's first half.
    """
    distance = (dated.stamp.day - moment.stamp.day).days
    if abs(distance) != 1:
        return False
    instant = datetime.fromisoformat(moment.stamp.text)
    if dated.stamp.has_offset:
        return abs(datetime.fromisoformat(dated.stamp.text) - instant) <= timedelta(minutes=1)
    return dated.origin in ("visible", "url") and (instant.hour < 12 if distance < 0 else instant.hour >= 10)


def _origin(chosen: Dated | None, offered: Sequence[Dated], *, modified: bool) -> FieldOrigin:
    candidates = dict.fromkeys(
        Candidate(dated.stamp.text, dated.origin) for dated in offered if dated.modified == modified
    )
    return FieldOrigin(chosen.origin if chosen else None, tuple(candidates))
