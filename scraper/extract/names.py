"""The names in a byline: what may stand around them, how several are parted, and which are people's.

Desks, agencies, sites, roles and sentences are not people. The words are data: `author_words.json`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from functools import lru_cache
from typing import Final

from scraper.extract.datetext import dates_in
from scraper.extract.resources import table
from scraper.extract.sources import is_agency
from scraper.extract.text import fold, line, squeeze, word_set
from scraper.extract.weekdays import SHORT

_DATA: Final = table("author_words.json")


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_COLON_ONLY: Final = frozenset(_DATA["colon_only"])
_ANY_BY: Final = _any_of(_DATA["by"])
_SPACED_BY: Final = _any_of(word for word in _DATA["by"] if word not in _COLON_ONLY)
_GLUED_BY: Final = r"(?-i:By|Von|Par|Por)(?=[A-Z][^\W\d_]*[a-z] )"
"""A word that a page's style sheet alone parts from the name: "ByJane Roe"."""

# None of these has a case, which is looked for in each of them when the expression is compiled.
_HAN: Final = "(?-i:[\u3400-\u9fff])"
_HAN_BY: Final = (
    rf"(?:取材・)?[文筆][・･＝=／/](?={_HAN})|(?:本[报報网網])?[记記]者(?={_HAN}{{2,4}}(?:[\s、，）】]|$))"
)
"""Labels of Chinese and Japanese bylines, which no space parts from the name: "文・山田太郎", "记者王小明"."""

BY = re.compile(
    rf"^(?:{_GLUED_BY}|{_HAN_BY}|(?:{_SPACED_BY})(?:\s*[:：]\s*|\s+)|(?:{_ANY_BY})\s*[:：]\s*)(?=\S)", re.I
)
"""What a byline begins with, in some language."""

_BY_ALONE = re.compile(_ANY_BY, re.I)
LABEL = re.compile(rf"(?:(?:{_ANY_BY})\s*[:：]|{_any_of(_DATA['label'])})\s*", re.I)
"""A label on a line of its own: "Autor:", and the name follows."""

DATED_BY = re.compile(rf"^[\d./-]{{6,10}}\s*(?:[|•·–—-]\s*)?(?:{_ANY_BY})\s*[:：]\s*(?=\S)", re.I)
"""A date in figures, and then a label."""

_ROLE: Final = rf"(?:[\w-]+ ){{0,2}}(?:{_any_of(_DATA['role'])})"
_POSTED: Final = r"published|posted|publicado|publié|veröffentlicht"
_AFTER_NAME = re.compile(
    r"\s*\([^()]*(?:\)\.?\s*)?$"
    rf"|\s*(?:[,|/•·–—(\[]|\s-\s)\s*(?:{_ROLE}\b|for\s|für\s|in\s[A-Z]|@|updated|aktualisiert|{_POSTED}|\d|\S+@).*$"
    rf"|\s+{_ROLE}$|\s+(?:at|um|on|am|le|el|il|op|den)\s+\S*\s?\d.*$"
    r"|\s+for\s+(?:(?!\s(?:and|und|et)\s)[^,;&])*"
    rf"|\s+(?:@\w+|follow\b|{_POSTED}|(?:under|unter)\s+[A-ZÄÖÜ]).*$",
    re.I,
)
_UPDATED = re.compile(r"\s*\b(?:last\s+)?(?:updated|aktualisiert)\b.*$", re.I)

_TWO_WORDS = re.compile(r"[^\W\d_]+ [A-ZÄÖÜ][^\W\d_]+")
"""A name whose second word may be a role's and yet be all there is of a family name: "Roving Reporter"."""

_DEGREES = re.compile(
    r",\s*(?:ph\.?\s?d|m\.?d|m\.?sc|b\.?sc|m\.?a|b\.?a|r\.?d|ll\.?[bm]|esq|ms|mph)\b\.?", re.I
)
_PROFESSION = re.compile(rf"^(?:{_any_of(_DATA['role'])})\s+(?=\S+ \S)", re.I)
"""What a writer is, before the name: "Reporter Jane Roe"."""

_AGENCY_AFTER = re.compile(r"(?<=[^\W\d_])\s?/\s?[A-Za-z]{2,4}(?:-[A-Za-z]{1,3})?$")
"""An agency's short name after a writer's: "Jane Roe/dpa"."""

BEFORE_DATE = re.compile(
    rf"[\s,|–—-]+(?:(?:on|am|le|el|il|op|den|vom)(?:\s+[^\W\d_]+\.?,?)?|(?:{SHORT})\.?,?)?\s*$", re.I
)
"""What stands between a name and a date: "on", "am Samstag,", a short weekday."""

_AT_PLACE = re.compile(r"(?<=[^\W\d_] )([^\W\d_]+) / [^\W\d_]+(?=\s*(?:,|$))")
"""Where a writer of two names was, as in Turkey: "Ayşe Yılmaz / İstanbul, DHA"."""

_CHINESE_NAMES = re.compile(
    rf"(?:记者[\s:：]*(?P<several>{_HAN}{{2,4}}(?:\s{_HAN}{{2,4}})*?)|[記筆]者[\s:：]*(?P<one>{_HAN}{{2,4}}))"
    r"\s*(?:[报報][道導])?$"
)
"""What follows the word for a reporter. Simplified Chinese parts names with spaces; Japanese, a name from a name."""

_PARTS = re.compile(
    r"\s*(?:[;|&•·、，]|\s/\s|,(?!\s*(?:jr|sr|ii|iii)\b)"
    r"|\s(?:im gespräch mit|in conversation with|im interview mit)\s"
    r"|\s(?:and|und|et|y|e|och|og|en|ve|и|و)\s)\s*",
    re.I,
)
_PLACE = re.compile(
    r"(?<=[^\W\d_]\s)([^\W\d_][\w.’'-]*),\s*(?!(?:Jr|Sr|II|III)\b)[A-ZÄÖÜ][^\W\d_]+(?=\s*$|\s(?:and|und|et|y|e|och|og)\s)"
)
_FROM = re.compile(r"(?<=[^\W\d_]) (?:in|aus|from) [A-ZÄÖÜ][^,;&]*$")
"""Where a writer of two names was: "Jane Roe, Berlin", "Jane Roe in Berlin"."""

_NOT_PEOPLE: Final = frozenset(fold(name) for name in _DATA["not_people"])
_ORGANISATION = re.compile(rf"\b(?:{_any_of(_DATA['organisation'])})\b", re.I)
_PICTURED = re.compile(r"(?:fotos?|photos?|bild(?:er)?|fotografie|photography|credits?)\b", re.I)
_ADDRESS = re.compile(r"https?:|www\.|@|\.(?:com|de|org|net|fr|co|es|it|pl|ru|ch|at|is)\b|/", re.I)
PARTICLES: Final = word_set("von van de der den di da del della la le el al bin ibn ben und y e d")
EDGES: Final = " ~,;.:|-–—/()[]•·\"'“”„【】（）〔〕「」"
LONGEST: Final = 60
_MOST_WORDS: Final = 6

SHORT_NAME = re.compile(r"[^\W\d_][\w.’'-]*(?: [^\W\d_][\w.’'-]*){1,3}")
NAME = re.compile(r"[^\W\d_][\w.’'-]*(?: [^\W\d_][\w.’'-]*)+")
"""Two words or more that may be names, whether they are a person's or not: no figures, no commas."""


def people(
    bylines: Iterable[str],
    nobody: Set[str],
    *,
    pen_names: Set[str] = frozenset(),
    persons: Set[str] = frozenset(),
) -> list[str]:
    """The names of people in bylines, cleaned and parted, each once.

    nobody: squeezed names that are no person here: the site, the publisher. pen_names: those of them that may be a
    person all the same when they are one word, as on a blog that bears its author's name. persons: those that the
    page declares to be one.
    """
    found: dict[str, str] = {}
    for byline in bylines:
        for name in names_in(byline):
            key = squeeze(name)
            pen_name = key in pen_names and " " not in name and "." not in name
            outlet = key in nobody and not pen_name and key not in persons
            if key and not outlet and key not in found and is_person(name):
                found[key] = name
    return [name for name in found.values() if not _holds_another(name, found.values())]


def _holds_another(name: str, names: Iterable[str]) -> bool:
    """Whether a name is another one with words around it: "All articles of Jane Roe"."""
    words = f" {name} "
    return any(
        " " in other and f" {other} " in words and len(words.split()) > len(other.split()) + 1
        for other in names
    )


def is_person(name: str) -> bool:
    """Whether a cleaned name can be a person's: not a role, a desk, an agency, an address, a date or a sentence."""
    parts = name.split()
    if not 2 <= len(name) <= LONGEST or len(parts) > _MOST_WORDS or not any(ch.isalpha() for ch in name):
        return False
    if (
        ":" in name
        or " - " in name
        or _PICTURED.match(name)
        or fold(name) in _NOT_PEOPLE
        or is_agency(name)
        or _ADDRESS.search(name)
        or _ORGANISATION.search(name)
    ):
        return False
    if len(parts) > 1 and any(part[0].islower() and part.lower() not in PARTICLES for part in parts):
        return False
    digits = sum(ch.isdigit() for ch in name)
    return digits <= 4 and not (digits and len(parts) > 1)


@lru_cache(maxsize=256)  # several readers ask of the same bylines
def names_in(byline: str) -> tuple[str, ...]:
    """The names in a byline, people's or not: without "By", roles and dates, parted at commas and "and"."""
    return tuple(_names_in(byline))


def _names_in(byline: str) -> Iterator[str]:
    text = _DEGREES.sub("", line(byline)).lstrip("【（〔「")
    reporters = _CHINESE_NAMES.search(text.rstrip(EDGES))
    if reporters:
        yield from (reporters["several"] or reporters["one"]).split()
        return
    for _ in range(2):
        text = BY.sub("", text)
    dated = next(dates_in(text, order="dmy"), None)
    if dated is not None:
        text = text[: dated.start] if dated.start > 2 else text[dated.end :]
        text = BEFORE_DATE.sub("", text)
        text = BY.sub("", text.lstrip(EDGES))
    text = _UPDATED.sub("", text)
    if not _TWO_WORDS.fullmatch(text):
        text = _AFTER_NAME.sub("", text).strip(EDGES)
    for part in _PARTS.split(_PLACE.sub(r"\1", _AT_PLACE.sub(r"\1", text))):
        whole = _PROFESSION.sub("", BY.sub("", part).strip(EDGES))
        bare = _AFTER_NAME.sub("", whole).strip(EDGES)
        if " " in (alone := _FROM.sub("", bare)):
            bare = alone
        if " " in bare:
            bare = _AGENCY_AFTER.sub("", bare)
        name = whole if _TWO_WORDS.fullmatch(whole) and " " not in bare else bare
        if name and not _BY_ALONE.fullmatch(name):
            yield name
