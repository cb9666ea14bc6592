"""Who wrote it: people, as the page names them.

JSON-LD persons first, then the metas and the visible byline near the headline. The publisher, the site, desks,
agencies and role words ("By", "Von", "Redaktion", "Admin") are not people. A blogger's pen name is one, even where
the blog is named after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Final, NamedTuple

from lxml.html import HtmlElement

from scraper.extract.blocks import ASIDE, FOOTER, NAV, Blocks, TextBlock
from scraper.extract.datetext import dates_in
from scraper.extract.declared import Declared, JsonObject, strings, types
from scraper.extract.resources import table
from scraper.extract.sources import is_agency
from scraper.extract.text import count_words, fold, line, squeeze, word_set
from scraper.model import Candidate, FieldOrigin

_METAS: Final = (
    "author",
    "article:author",
    "og:article:author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
    "dc.contributor",
    "citation_author",
    "byl",
    "article:author_name",
)
_DATA: Final = table("author_words.json")


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_COLON_ONLY: Final = frozenset(_DATA["colon_only"])
_BY = re.compile(
    rf"^(?:(?:{_any_of(word for word in _DATA['by'] if word not in _COLON_ONLY)})(?:\s*[:：]\s*|\s+)"
    rf"|(?:{_any_of(_DATA['by'])})\s*[:：]\s*)(?=\S)",
    re.I,
)
_ROLE: Final = rf"(?:[\w-]+ ){{0,2}}(?:{_any_of(_DATA['role'])})"
_AFTER_NAME = re.compile(
    rf"\s*(?:[,|/•·–—(\[]|\s-\s)\s*(?:{_ROLE}\b|for\s|für\s|in\s[A-Z]|@|updated|published|posted|\d|\S+@).*$"
    rf"|\s+{_ROLE}$|\s+(?:at|um|on|am|le|el|il|op|den)\s+\S*\s?\d.*$|\s+(?:@\w+|follow\b).*$",
    re.I,
)
_BEFORE_DATE = re.compile(r"[\s,|–—-]+(?:\w{2,3}\.?,?\s*|on|am|le|el|il|op|den|vom)?\s*$", re.I)
"""What stands between a name and a date: "on", "am", a short weekday."""

_PARTS = re.compile(
    r"\s*(?:[;|&•·]|\s/\s|,(?!\s*(?:jr|sr|ph\.?d|m\.?d|ii|iii|m\.?sc|rd|ms|esq)\b)"
    r"|\s(?:and|und|et|y|e|och|og|en|ve|и|و)\s)\s*",
    re.I,
)
_NOT_PEOPLE: Final = frozenset(fold(name) for name in _DATA["not_people"])
_ORGANISATION = re.compile(rf"\b(?:{_any_of(_DATA['organisation'])})\b", re.I)
_ADDRESS = re.compile(r"https?:|www\.|@|\.(?:com|de|org|net|fr|co|es|it|pl|ru|ch|at|is)\b|/", re.I)
_PARTICLES: Final = word_set("von van de der den di da del della la le el al bin ibn ben und y e d")
_EDGES: Final = " ,;.:|-–—/()[]•·\"'“”„"
_LONGEST: Final = 60
_MOST_WORDS: Final = 6
_LONGEST_BYLINE: Final = 160
_BYLINE_NAMES = re.compile(r"by-?line|author|autor|verfasser|auteur|writer|redakteur|contributor-name", re.I)
_NOT_BYLINE = re.compile(
    r"bio|comment|related|avatar|image|photo|social|share|more|\ball|list|card|follow|date|time|meta|info",
    re.I,
)
_BELOW: Final = 6
_LONGEST_POSTED: Final = 20
_POSTED_BY = re.compile(
    r"(?:\d|[|•·–—-]|\b(?:posted|written|published|submitted|added|eingetragen|eingestellt|geschrieben|gepostet|erstellt|veröffentlicht"
    r"|verfasst|beitrag|publié|escrito|publicado|pubblicato|geplaatst))[^.!?]{0,40}?\s(?:by|von|vom|par|por|da|door)\s+(?P<name>[^\W\d_].*)$",
    re.I,
)


class _Offer(NamedTuple):
    """Bylines from one place; `explicit` where the page says that they are the author's name and nothing else."""

    origin: str
    names: list[str]
    explicit: bool = False


def choose_authors(
    declared: Declared,
    found: Blocks,
    around: Sequence[TextBlock],
    kept: Sequence[int],
    site_names: Sequence[str],
) -> tuple[tuple[str, ...], FieldOrigin]:
    """The people who wrote the article, every candidate, and where they came from.

    around: the blocks near the headline, where a byline stands. kept: the blocks of the text, under which one may
    stand with a label. site_names: what is no person, however often the page says so.
    """
    nobody = {squeeze(name) for name in site_names if name}
    organisations = {
        squeeze(name)
        for node in declared.nodes
        if any("Organization" in kind for kind in types(node))
        for name in strings(node.get("name"))
    }
    offers = list(_offers(declared, found, around, kept))
    candidates = [Candidate(name, offer.origin) for offer in offers for name in offer.names]
    spelled = {
        squeeze(name): name
        for offer in offers
        for byline in offer.names
        for name in names_in(byline)
        if " " in name
    }
    for offer in offers:
        chosen = people(
            offer.names, nobody, pen_names=nobody - organisations if offer.explicit else frozenset()
        )
        if chosen:
            names = tuple(dict.fromkeys(spelled.get(squeeze(name), name) for name in chosen))
            return names, FieldOrigin(offer.origin, tuple(dict.fromkeys(candidates)))
    return (), FieldOrigin(None, tuple(dict.fromkeys(candidates)))


def people(bylines: Iterable[str], nobody: Set[str], *, pen_names: Set[str] = frozenset()) -> list[str]:
    """The names of people in bylines, cleaned and parted, each once.

    nobody: squeezed names that are no person here: the site, the publisher. pen_names: those of them that may be a
    person all the same when they are one word, as on a blog that bears its author's name.
    """
    found: dict[str, str] = {}
    for byline in bylines:
        for name in names_in(byline):
            key = squeeze(name)
            outlet = key in nobody and not (key in pen_names and " " not in name and "." not in name)
            if key and not outlet and key not in found and is_person(name):
                found[key] = name
    return list(found.values())


def is_person(name: str) -> bool:
    """Whether a cleaned name can be a person's: not a role, a desk, an agency, an address, a date or a sentence."""
    parts = name.split()
    if not 2 <= len(name) <= _LONGEST or len(parts) > _MOST_WORDS or not any(ch.isalpha() for ch in name):
        return False
    if fold(name) in _NOT_PEOPLE or is_agency(name) or _ADDRESS.search(name) or _ORGANISATION.search(name):
        return False
    if len(parts) > 1 and any(part[0].islower() and part.lower() not in _PARTICLES for part in parts):
        return False
    digits = sum(ch.isdigit() for ch in name)
    return digits <= 4 and not (digits and len(parts) > 1)


def names_in(byline: str) -> Iterator[str]:
    """The names in a byline, people's or not: without "By", roles and dates, parted at commas and "and"."""
    text = line(byline)
    for _ in range(2):
        text = _BY.sub("", text)
    dated = next(dates_in(text, order="dmy"), None)
    if dated is not None:
        text = text[: dated.start] if dated.start > 2 else text[dated.end :]
        text = _BEFORE_DATE.sub("", text)
        text = _BY.sub("", text.lstrip(_EDGES))
    text = _AFTER_NAME.sub("", text).strip(_EDGES)
    for part in _PARTS.split(text):
        name = _AFTER_NAME.sub("", _BY.sub("", part)).strip(_EDGES)
        if name:
            yield name


def _offers(
    declared: Declared, found: Blocks, around: Sequence[TextBlock], kept: Sequence[int]
) -> Iterator[_Offer]:
    nodes = {
        node["@id"]: node for node in declared.nodes if isinstance(node.get("@id"), str) and len(node) > 2
    }
    for article in declared.articles[:2]:
        yield _Offer(
            "json-ld", list(_persons(article.get("author") or article.get("creator"), nodes)), explicit=True
        )
    for name in _METAS:
        values = [
            value for value in declared.meta.get(name, ()) if not value.lower().startswith(("http", "www."))
        ]
        yield _Offer(name, values)
    for page in declared.pages[:1]:
        yield _Offer("json-ld", list(_persons(page.get("author"), nodes)))
    near = {block.index for block in around}
    named, spoken = _marked(found, near)
    yield _Offer("rel-author", named, explicit=True)
    yield _Offer("byline", list(_bylines(around)), explicit=True)
    yield _Offer("byline-class", spoken, explicit=True)
    below = found.blocks[kept[-1] + 1 : kept[-1] + 1 + _BELOW] if kept else []
    yield _Offer("below", list(_bylines(below, labelled=True)))


def _persons(value: object, nodes: Mapping[str, JsonObject], depth: int = 0) -> Iterator[str]:
    if isinstance(value, str):
        yield from strings(value)
    elif isinstance(value, list) and depth < 3:
        for member in value[:20]:
            yield from _persons(member, nodes, depth + 1)
    elif isinstance(value, dict):
        if "name" not in value and isinstance(value.get("@id"), str):
            value = nodes.get(value["@id"], value)
        kinds = types(value)
        if not kinds or "Person" in kinds:
            yield from strings(value.get("name"))


def _marked(found: Blocks, near: set[int]) -> tuple[list[str], list[str]]:
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
            if 0 < len(text) <= _LONGEST:
                named.append(text)
        elif _BYLINE_NAMES.search(names) and not _NOT_BYLINE.search(names):
            text = _text(element)
            if 0 < len(text) <= _LONGEST_BYLINE:
                spoken.append(text)
    return named, spoken


def _inner(element: HtmlElement) -> HtmlElement:
    """The element inside that holds the name alone, where there is one."""
    for child in element.iterdescendants():
        if "name" in (child.get("itemprop") or "").split() or "fn" in (child.get("class") or "").split():
            return child
    return element


def _text(element: HtmlElement) -> str:
    return line(" ".join(part for part in element.itertext() if part.strip()))


def _bylines(blocks: Sequence[TextBlock], *, labelled: bool = False) -> Iterator[str]:
    """Lines that begin with "By" in some language, and what follows "by" in a line about the posting.

    labelled: take those with a colon alone, and lines about the posting; so below the text, where prose may follow.
    """
    for block in blocks:
        if len(block.text) > _LONGEST_BYLINE or block.place.context & (NAV | FOOTER | ASIDE):
            continue
        for text in block.text.split("\n"):
            match = _BY.match(text)
            if match is not None and (not labelled or match.group().rstrip()[-1:] in ":："):
                if text[match.end() : match.end() + 1].isalpha():
                    yield text
            elif (match := _POSTED_BY.search(text)) is not None and count_words(text) <= _LONGEST_POSTED:
                yield match["name"]
