"""Where a page that people read says who wrote it: bylines, links to writers' pages, labels, signatures.

Near the headline first; elsewhere only where nothing else on the page could be meant.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence, Set
from typing import Final

from lxml.html import HtmlElement

from scraper.extract.blocks import ASIDE, FOOTER, FORM, NAV, Blocks, TextBlock
from scraper.extract.datetext import dates_in
from scraper.extract.names import (
    BEFORE_DATE,
    BY,
    DATED_BY,
    EDGES,
    LABEL,
    LONGEST,
    NAME,
    PARTICLES,
    SHORT_NAME,
    is_person,
    names_in,
)
from scraper.extract.text import count_words, line, squeeze

_LONGEST_BYLINE: Final = 160
_RIGHT = re.compile(r"align:\s*right", re.I)
_BYLINE_NAMES = re.compile(r"by-?line|author|autor|verfasser|auteur|writer|redakteur|contributor-name", re.I)
_NOT_BYLINE = re.compile(
    r"bio|comment|related|avatar|image|photo|social|share|more|\ball|list|card|follow"
    r"|twitter|facebook|instagram|linkedin|xing|mail|website|url",
    re.I,
)
_AUTHOR_PAGE = re.compile(
    r"/(?:authors?|autor(?:en|in|es)?|auteurs?|redakteur(?:e|in)?|journalists?|contributors?|writers?|staff|profiles?"
    r"|people|team|by|firmas?|autore|yazar(?:lar)?|author-profile)/(?!.*/.*/.*/)[^/?#]{3,}/?(?:[?#].*)?$",
    re.I,
)
"""The address of a person's page on their site."""

BELOW: Final = 10
"""Blocks below the text in which a byline is looked for."""

_LONGEST_POSTED: Final = 20
_SHORTEST_OUTLET: Final = 3
"""Letters. A shorter name may begin anyone's."""

_SHORTEST_BIOGRAPHY: Final = 10
"""Words."""

_POSTED_BY = re.compile(
    r"(?:\d|[|•·–—-]|\b(?:posted|written|published|submitted|added|eingetragen|eingestellt|geschrieben|gepostet|erstellt|veröffentlicht"
    r"|verfasst|beitrag|publié|escrito|publicado|pubblicato|geplaatst))[^.!?]{0,40}?\s(?:by|von|vom|par|por|da|door)\s+(?P<name>[^\W\d_].*)$",
    re.I,
)


def bylines(
    blocks: Sequence[TextBlock], whole: Sequence[TextBlock], *, labelled: bool = False
) -> Iterator[str]:
    """Lines that begin with "By" in some language, and what follows "by" in a line about the posting.

    whole: all blocks of the page, for the line that follows a label. labelled: take those with a colon alone, and
    lines about the posting; so below the text, where prose may follow.
    """
    for block in blocks:
        if len(block.text) > _LONGEST_BYLINE or block.place.context & (NAV | FOOTER | ASIDE):
            continue
        lines = block.text.split("\n")
        following = whole[block.index + 1].text if block.index + 1 < len(whole) else ""
        for label, name in itertools.pairwise([*lines, following]):
            if (
                LABEL.fullmatch(label)
                and len(name) <= LONGEST
                and (NAME.match(name) or (label[-1] in ":：" and not labelled))
            ):
                yield name.strip(EDGES)
        for text in (one.lstrip("【（〔「") for one in lines):
            match = BY.match(text) or DATED_BY.match(text)
            if match is not None and (not labelled or _is_posting(text, match)):
                if text[match.end() : match.end() + 1].isalpha():
                    yield text[match.end() :] if match.re is DATED_BY else text
            elif (match := _POSTED_BY.search(text)) is not None and count_words(text) <= _LONGEST_POSTED:
                yield match["name"]


def _is_posting(text: str, label: re.Match[str]) -> bool:
    """Whether a line below the text that begins with a label is no prose.

    A colon follows the label, a date the name, or the line is a label of several words and a name: "Written by".
    """
    if label.group().rstrip()[-1:] in ":：":
        return True
    rest = text[label.end() :]
    dated = next(dates_in(rest, order="dmy"), None)
    if dated is not None:
        return NAME.fullmatch(BEFORE_DATE.sub("", rest[: dated.start])) is not None
    return " " in label.group().strip() and NAME.fullmatch(rest) is not None and is_person(rest)


def marked_near(found: Blocks, near: set[int]) -> tuple[list[str], list[str]]:
    """Names in elements near the headline: those marked as the author's, and those whose class speaks of one."""
    named: list[str] = []
    spoken: list[str] = []
    for mark in found.marks:
        if mark.at not in near:
            continue
        element = mark.element
        properties = (element.get("itemprop") or "").lower().split()
        names = f"{element.get('class') or ''} {element.get('id') or ''}"
        if "author" in properties or "author" in (element.get("rel") or "").lower().split():
            text = _text(_inner(element)) or line(element.get("content") or "")
            if 0 < len(text) <= LONGEST:
                named.append(text)
        elif _BYLINE_NAMES.search(names) and not _NOT_BYLINE.search(names):
            text = _text(element)
            if 0 < len(text) <= _LONGEST_BYLINE:
                spoken.append(_parted(element) or text)
    return named, spoken


def _parted(element: HtmlElement) -> str | None:
    """Names that stand in elements of their own with nothing between them, with commas between; else nothing."""
    texts = [line(part) for part in element.itertext() if part.strip()]
    if len(texts) > 1 and all(SHORT_NAME.fullmatch(text) and text.istitle() for text in texts):
        return ", ".join(texts)
    return None


def _inner(element: HtmlElement) -> HtmlElement:
    """The element inside that holds the name alone, where there is one."""
    for child in element.iterdescendants():
        if "name" in (child.get("itemprop") or "").split() or "fn" in (child.get("class") or "").split():
            return child
    return element


def linked(around: Sequence[TextBlock]) -> Iterator[str]:
    """The texts of links to a person's page, near the headline."""
    for block in around:
        if not any(_AUTHOR_PAGE.search(target) for target in block.targets):
            continue
        for link in block.place.element.iter("a"):
            text = _text(link)
            if _AUTHOR_PAGE.search(link.get("href") or "") and 0 < len(text) <= LONGEST:
                yield text


def introduced(around: Sequence[TextBlock], found: Blocks, kept: Sequence[int]) -> Iterator[str]:
    """Bare names near the headline, alone or beside the date, that the page says more about elsewhere.

    It marks them as the writers of other stories, or introduces them at the end of the text: "Jane Roe is a reporter
    who". A bare name alone may be a place, a section or whom the story is about.
    """
    if not kept:
        return
    marked = {
        _text(mark.element) for mark in found.marks if _BYLINE_NAMES.search(mark.element.get("class") or "")
    }
    after = [
        block.text
        for block in found.blocks[kept[-1] - 1 : kept[-1] + 2 * BELOW]
        if count_words(block.text) > _SHORTEST_BIOGRAPHY
    ]
    for block in around:
        if len(block.text) > LONGEST or block.place.context & (FOOTER | ASIDE):
            continue
        text = block.text
        dated = next(dates_in(text, order="dmy"), None)
        if dated is not None:
            text = text[dated.end :] if dated.start < len("1. ") else text[: dated.start]
        name = text.strip(EDGES)
        if SHORT_NAME.fullmatch(name) and (
            name in marked or any(bio.startswith(f"{name} ") for bio in after)
        ):
            yield name


def only_one(found: Blocks, nobody: Set[str]) -> list[str]:
    """The name that every element marked as the author's gives, wherever it stands; none where there are several.

    nobody: squeezed names of the site, which is no author with words around it either: "About the Example".
    """
    outlets = [outlet for outlet in nobody if len(outlet) > _SHORTEST_OUTLET]
    names: dict[str, str] = {}
    for mark in found.marks:
        if mark.at >= len(found.blocks) or found.blocks[mark.at].place.context & (NAV | FORM):
            continue
        element = mark.element
        called = f"{element.get('class') or ''} {element.get('id') or ''}"
        if "author" in f"{element.get('rel') or ''} {element.get('itemprop') or ''}".lower().split() or (
            _BYLINE_NAMES.search(called) and not _NOT_BYLINE.search(called)
        ):
            text = _text(_inner(element))
            for name in names_in(text) if len(text) <= LONGEST else ():
                key = squeeze(name)
                if is_person(name) and name[0].isupper() and not _begins_or_ends(key, outlets):
                    names[key] = name
    return list(names.values()) if len(names) == 1 else []


def _begins_or_ends(key: str, outlets: Sequence[str]) -> bool:
    return any(key.startswith(outlet) or key.endswith(outlet) for outlet in outlets)


def signatures(blocks: Sequence[TextBlock], kept: Sequence[int]) -> Iterator[str]:
    """A line that is a name and nothing else, set off as writers sign: to the right, or last and slanted or in
    brackets."""
    for block in blocks[kept[len(kept) // 2] : kept[-1] + 3] if kept else ():
        if block.kind != "p" or len(block.text) > LONGEST or block.targets:
            continue
        bare = block.text.strip("()[]–—- ")
        if not SHORT_NAME.fullmatch(bare) or not all(
            part[0].isupper() or part in PARTICLES for part in bare.split()
        ):
            continue
        element = block.place.element
        slanted = any(_text(inner) == block.text for inner in element.iter("em", "i"))
        if _RIGHT.search(f"align:{element.get('align')};{element.get('style')}") or (
            block.index >= kept[-1] - 1 and (slanted or bare != block.text)
        ):
            yield bare


def _text(element: HtmlElement) -> str:
    return line(" ".join(part for part in element.itertext() if part.strip()))
