"""Where a story comes from: the agency or outlet that the page names as its source, and its dateline.

A source is named as one ("Source: AFP", an agency in the byline, `(Reuters) -` at the head of the text). An agency
that is quoted in the story, or credited under a photo, is not its source.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Final

from scraper.extract.text import fold, line

_LABEL = re.compile(
    r"^[\s(\[*]*(?:sources?|quellen?|fuentes?|fontes?|fonti|fonte|bron(?:nen)?|källa|källor|kilde(?:r)?|kaynak|źródło"
    r"|zdroj|источник|المصدر|مصدر|来源|來源|出所|출처)\s*[:：]\s*(?P<names>\S.*)$",
    re.I,
)
_LONGEST_LINE: Final = 120
_PARTS = re.compile(r"\s*(?:[,;/|+&،]|\s(?:and|und|et|y|e|with|mit|و)\s|\s-\s)\s*")
_OPENING = re.compile(r"^(?P<place>[^()\n]{0,60}?)\s*\((?P<names>[^()]{2,40})\)\s*[-–—:]{1,2}\s")
_SITE_LINE = re.compile(r"^(?P<place>[^\d.!?:\n]{2,40}?)\s+[-–—]\s+(?P<outlet>[^.!?:\n]{2,40})$")


@cache
def _agencies() -> dict[str, str]:
    """Every spelling of an agency, folded, and the name it is known by."""
    text = files("scraper.extract").joinpath("agencies.json").read_text(encoding="utf-8")
    table: dict[str, list[str]] = json.loads(text)
    return {fold(spelling): name for name, spellings in table.items() for spelling in (name, *spellings)}


def is_agency(name: str) -> bool:
    """Whether a name is that of a news agency."""
    return fold(name) in _agencies()


def agency(name: str) -> str | None:
    """The name a news agency is known by (`AFP` for "Agence France-Presse"); `None` for any other name."""
    return _agencies().get(fold(name))


def sources_of(first: str | None, lines: Sequence[str], bylines: Sequence[str]) -> list[tuple[str, str]]:
    """The sources, each once, with where they were read: `source-line`, `byline` or `dateline`.

    first: the first paragraph of the text. lines: short blocks of and right after the text. bylines: candidates for
    the author.
    """
    found: dict[str, tuple[str, str]] = {}

    def add(name: str, origin: str) -> None:
        if name:
            found.setdefault(fold(name), (name, origin))

    for text in lines:
        match = _LABEL.match(text) if len(text) <= _LONGEST_LINE else None
        if match is None:
            continue
        for part in _PARTS.split(match["names"]):
            name = line(part).strip(" .)]*")
            if 2 <= len(name) <= 50 and not name.lower().startswith(("http", "www.")):
                add(agency(name) or name, "source-line")
    for byline in bylines:
        for part in [byline, *_PARTS.split(byline)]:
            add(agency(part.strip(" .")) or "", "byline")
    if first is not None and (match := _OPENING.match(first)) is not None:
        for part in _PARTS.split(match["names"]):
            add(agency(part) or "", "dateline")
    return list(found.values())


def dateline_of(lead: str | None, above: Sequence[str], site_names: Sequence[str]) -> str | None:
    """Where the story was filed, as printed: a line "Beirut - Al Maghrib Today" above it, or "BEIRUT (AFP)" before it.

    lead: the first paragraph. above: the short blocks between headline and text, and the first kept ones.
    """
    known = {fold(name).replace(" ", "") for name in site_names if name}
    for text in above:
        match = _SITE_LINE.match(text)
        if match is None:
            continue
        outlet = fold(match["outlet"]).replace(" ", "")
        if (
            outlet in known
            or is_agency(match["outlet"])
            or any((outlet and outlet in name) or name in outlet for name in known)
        ):
            return line(text)
    if lead is None:
        return None
    match = _OPENING.match(lead)
    if match is not None and any(is_agency(part) for part in _PARTS.split(match["names"])):
        return line(lead[: match.end()].rstrip(" -–—:"))
    return None
