"""When an article was published and modified: every date the page offers for it, and the one taken.

In order: what the page declares for machines about this article; the `time` beside the headline; the date a reader
sees beside the headline; the day in the page's own address; and last htmldate's, where the page bears it out. Dates
of other stories, clocks in headers, archive strips, footers and captions are never offered, because only dates
beside the headline are. No date is better than a wrong one (`facts/extraction.md`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import htmldate
from lxml.html import HtmlElement

from scraper.extract.blocks import ASIDE, FOOTER, FORM, LIST, NAV, Blocks, TextBlock
from scraper.extract.datetext import Found, Order, Stamp, dates_in, day_of_url, machine_stamp
from scraper.extract.declared import Declared, strings
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
    "dcterms.created",
    "dc.date.created",
    "dc.date",
    "dcterms.date",
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
    "datecreated",
    "date",
)
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
    r"updat|modif|edited|aktualisiert|ge\u00e4ndert|stand:|bearbeitet|mis \u00e0 jour|actualiz|atualiz|aggiorn|bijgewerkt"
    r"|g\u00fcncelle|\u043e\u0431\u043d\u043e\u0432|aktualiz|uppdater|opdater|\u062a\u062d\u062f\u064a\u062b|\u66f4\u65b0",
    re.I,
)
_PUBLISHED = re.compile(
    r"publi|posted|post date|date|ver\u00f6ffentlicht|erschienen|erstellt|datum|fecha|creado|pubblicato|geplaatst|gepubliceerd"
    r"|yay\u0131n|tarih|eklenme|\u043e\u043f\u0443\u0431\u043b\u0438\u043a|\u0434\u0430\u0442\u0430|data|opublikowan|dodano|publicerad"
    r"|\u0646\u0634\u0631|\u062a\u0627\u0631\u064a\u062e|\u767a\u8868|\u53d1\u5e03|\u767c\u5e03",
    re.I,
)
_LONGEST_LINE: Final = 160
"""Characters of a block that may be a date line. A date in a longer one is part of what it tells."""

_DATE_SHARE: Final = 0.3
"""Of the letters and figures of a date line, how many the date makes up, where no word says what date it is."""

_BEFORE: Final = 8
_AFTER: Final = 10
"""Blocks before and after the headline in which its date is looked for."""

_SHORT_PROSE: Final = 20
"""Words from which a block is prose: the search after the headline ends with the second of these."""


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
    root: HtmlElement,
    *,
    headline_at: int | None,
    text_at: int | None,
    url: str,
    language: str | None,
) -> Dates:
    """The dates of the article.

    headline_at: the block that shows the title. text_at: the first block of the text. language: as in `en-US`.
    """
    order = figure_order(declared.language or declared.first("og:locale") or language)
    anchor = headline_at if headline_at is not None else text_at
    offered = list(_declared(declared, order))
    if anchor is not None:
        around = neighbourhood(found.blocks, anchor, text_at)
        offered += _time_elements(found, around, order)
        offered += _visible(found.blocks, around, (language or "")[:2] or None, order)
    day = day_of_url(urlsplit(url).path)
    if day is not None:
        offered.append(Dated(Stamp(day, day.isoformat()), "url"))
    if not any(not dated.modified for dated in offered):
        offered += _htmldate(root, url, found.blocks, text_at)
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
        for key, modified in (("datePublished", False), ("dateCreated", False), ("dateModified", True)):
            yield from _stamps(strings(article.get(key)), "json-ld", order, modified=modified)
    for name, value in declared.values(*_PUBLISHED_METAS):
        yield from _stamps([value], name, order)
    for page in declared.pages[:2]:
        yield from _stamps(strings(page.get("datePublished")), "json-ld", order)
    for name, value in declared.values(*_MODIFIED_METAS):
        yield from _stamps([value], name, order, modified=True)


def _stamps(values: Sequence[str] | Iterator[str], origin: str, order: Order | None, *, modified: bool = False) -> Iterator[Dated]:
    for value in values:
        stamp = machine_stamp(value, order)
        if stamp is not None:
            yield Dated(stamp, origin, modified)


def neighbourhood(blocks: Sequence[TextBlock], anchor: int, text_at: int | None) -> list[TextBlock]:
    """The short blocks around the headline, the nearest after it first: where a page says when it was written."""
    after: list[TextBlock] = []
    prose = 0
    for block in blocks[anchor + 1 : anchor + 1 + _AFTER]:
        if _is_prose(block):
            prose += 1
            if prose == 2 or (text_at is not None and block.index >= text_at):
                break
            continue
        after.append(block)
    own = {id(place) for place in blocks[anchor].place.ancestors()[:4] if place.depth > 0}
    before = [
        block
        for block in reversed(blocks[max(0, anchor - _BEFORE) : anchor])
        if not _is_prose(block) and any(id(place) in own for place in block.place.ancestors()[:4])
    ]
    return [block for block in [*after, *before] if not block.place.context & (NAV | ASIDE | FOOTER | FORM) or _in_header(block, own)]


def _in_header(block: TextBlock, own: set[int]) -> bool:
    return any(id(place) in own for place in block.place.ancestors()[:3])


def _is_prose(block: TextBlock) -> bool:
    return block.text.count(" ") >= _SHORT_PROSE


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
            yield Dated(stamp, "time", bool(_UPDATED.search(named) or (_UPDATED.search(before) and not _PUBLISHED.search(before))))


def _words_before(block: TextBlock, element: HtmlElement) -> str:
    """What a block says before an element's own words: a label such as "Updated"."""
    own = " ".join((element.text_content() or "").split())
    at = block.text.find(own) if own else -1
    return block.text[:at] if at >= 0 else block.text[:40]


def _visible(blocks: Sequence[TextBlock], around: Sequence[TextBlock], language: str | None, order: Order | None) -> Iterator[Dated]:
    for block in around:
        text = block.text
        if len(text) > _LONGEST_LINE or (block.kind in ("li", "caption") and block.place.context & LIST and block.link_density > 0.5):
            continue
        dates = list(dates_in(text, language=language, order=order))
        if not dates or len({found.stamp.day for found in dates}) > 2:
            continue
        for found in dates:
            before = text[: found.start]
            label = before[-40:]
            updated = _UPDATED.search(label)
            if not updated and not _PUBLISHED.search(label) and _share(dates, text) < _DATE_SHARE:
                continue
            yield Dated(found.stamp, "visible", updated is not None and not _later(_PUBLISHED, updated, label))


def _later(pattern: re.Pattern[str], other: re.Match[str], text: str) -> bool:
    """Whether a pattern is found after another's match: the label next to a date is the one that counts."""
    return any(match.start() >= other.end() for match in pattern.finditer(text))


def _share(dates: Sequence[Found], text: str) -> float:
    whole = sum(ch.isalnum() for ch in text)
    return sum(sum(ch.isalnum() for ch in text[found.start : found.end]) for found in dates) / max(1, whole)


def _htmldate(root: HtmlElement, url: str, blocks: Sequence[TextBlock], text_at: int | None) -> Iterator[Dated]:
    """htmldate without its extensive search, where a short block of the page shows the same day in full."""
    value = htmldate.find_date(root, url=url or None, original_date=True, extensive_search=False)
    if not value:
        return
    stamp = machine_stamp(value)
    if stamp is None or text_at is None:
        return
    shown: dict[str, int] = {}
    for block in blocks:
        if len(block.text) <= _LONGEST_LINE:
            for found in dates_in(block.text, order="dmy"):
                shown[found.stamp.day.isoformat()] = shown.get(found.stamp.day.isoformat(), 0) + 1
    if len(shown) == 1 and stamp.day.isoformat() in shown:
        yield Dated(stamp, "htmldate")


def _best(offered: Sequence[Dated]) -> Dated | None:
    """The first candidate's day, in the form of the candidate that states it most precisely."""
    if not offered:
        return None
    day = offered[0].stamp.day
    same = [dated for dated in offered if dated.stamp.day == day]
    return max(same, key=lambda dated: (dated.stamp.has_offset, dated.stamp.has_time))


def _origin(chosen: Dated | None, offered: Sequence[Dated], *, modified: bool) -> FieldOrigin:
    candidates = dict.fromkeys(
        Candidate(dated.stamp.text, dated.origin) for dated in offered if dated.modified == modified
    )
    return FieldOrigin(chosen.origin if chosen else None, tuple(candidates))
