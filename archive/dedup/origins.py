"""Which agency an article says it is from, and which article of a cluster is its likely origin. Pure.

A mark is where an agency signs: the byline, the credited sources, the dateline, and the first and last line of the
text. An agency that is quoted ("told AFP") has not signed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from archive.dedup.passages import published_before

OriginBasis = Literal["published", "captured"]
"""Why an article is taken for the origin of its cluster."""

_LEAD_CHARACTERS = 160
"""Within so many characters a dateline with its agency ends: "MEXICO CITY, Oct 7 (Reuters) - "."""

_CREDIT_WORDS = 12


@dataclass(frozen=True, slots=True)
class Member:
    """What is known of one article of a cluster. first_captured: ISO 8601 in UTC."""

    article_id: int
    url: str
    published: str | None
    first_captured: str
    agencies: tuple[str, ...] = ()
    site: str = ""


def agency_marks(
    text: str, *, authors: Sequence[str] = (), source: str | None = None, dateline: str | None = None
) -> tuple[str, ...]:
    """The agencies that an article is signed by, in alphabetical order."""
    paragraphs = [part.strip() for part in text.split("\n\n") if part.strip()]
    signed = [*authors, source or "", dateline or ""]
    found = {name for place in signed if place for name in _named_in(place)}
    if paragraphs:
        found |= {name for place in _lead_marks(paragraphs[0]) for name in _named_in(place)}
        found |= {name for place in _closing_marks(paragraphs[-1]) for name in _named_in(place)}
    return tuple(sorted(found))


def likely_origin(members: Iterable[Member]) -> tuple[Member, OriginBasis]:
    """The article that the others are likely to come from: published first; else, and of one day, captured first.
    The same for any order of the members."""
    ordered = sorted(members, key=lambda one: (one.first_captured, one.url))
    dated = sorted((one for one in ordered if one.published), key=lambda one: (one.published or "")[:10])
    first_day = [one for one in dated if not published_before(dated[0].published, one.published)] or ordered
    return first_day[0], "published" if dated and len(first_day) == 1 else "captured"


def _lead_marks(paragraph: str) -> list[str]:
    """`(AFP)`, `AFP -` and `/AFP/` before the text begins."""
    lead = paragraph[:_LEAD_CHARACTERS]
    found = re.findall(r"[(\[/（]([^()\[\]/（）]{2,60})[)\]/）]\s*[-–—:.]", lead)
    dash = re.match(r"([^–—()]{2,60}?)\s*[-–—]\s", lead)
    if dash:
        found.append(dash.group(1).rsplit(",", 1)[-1])
    return found


def _closing_marks(paragraph: str) -> list[str]:
    """A last line that is a credit (`Source: AFP`, `© Reuters 2017`), or one in brackets at the end."""
    found = re.findall(r"[(\[（]([^()\[\]（）]{2,60})[)\]）]\s*\.?$", paragraph)
    said = paragraph.split()
    if len(said) <= _CREDIT_WORDS and not re.search(r"\w[.!?؟。]$", paragraph):
        is_name = len(said) <= _NAME_WORDS and any(one.match(paragraph) for one in _patterns().values())
        if is_name or _CREDIT.search(paragraph):
            found.append(paragraph)
    return found


_CREDIT = re.compile(
    r"[:：©/|]|\b(?:by|from|via|with|von|mit|nach|par|avec|por|con|da|di|van|kaynak|по|с|из|عن|وكالات|وكالة)\b",
    re.I,
)
"""What makes a credit of a short last line. INTERACTIVE MAP is none, and does not speak of Morocco's agency."""

_NAME_WORDS = 3
"""So short a last line may be the bare name of an agency, at its beginning."""


def _named_in(place: str) -> set[str]:
    return {name for name, pattern in _patterns().items() if pattern.search(place)}


@cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    """A pattern for each agency, as its marks are written: `ANSA` is one, `ansa` within a word is not."""
    marks: dict[str, list[str]] = json.loads(
        files("archive.dedup").joinpath("agencies.json").read_text("utf-8")
    )
    return {
        name: re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, spellings)) + r")(?!\w)")
        for name, spellings in marks.items()
    }
