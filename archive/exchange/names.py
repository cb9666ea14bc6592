"""People's names in parts, as citation formats want them, and keys that stay the same. Pure."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final
from unicodedata import name as character_name

from archive.model import Article

_PARTICLES: Final = frozenset({
    "abu", "al", "ben", "bin", "bint", "da", "das", "de", "degli", "dei", "del", "della", "den", "der", "des", "di",
    "dos", "du", "el", "ibn", "la", "le", "ten", "ter", "van", "vom", "von", "zu",
})  # fmt: skip
"""Words that belong to the family name that follows them."""

_SCRIPTS: Final = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "GEORGIAN")
"""Where the last word of a name is the family's. Elsewhere a name is kept whole."""

_NO_PERSON: Final = re.compile(
    r"[\d,;:/&@|()\[\]{}\"“”=]|\b(and|und|et|y|i|the|staff|agency|news|team|desk|press)\b", re.I
)
"""What no person's name has: a list, a desk, an agency. Those are kept whole as well."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name in parts, or whole: then `given` is empty and it is to be printed as it is."""

    family: str
    given: str = ""


def name_of(written: str) -> Name:
    """A name as a byline writes it: `Jan van der Berg` is `van der Berg`, `Jan`."""
    words = written.split()
    if len(words) < 2 or len(words) > 6 or _NO_PERSON.search(written) or not _is_parted(words[-1]):
        return Name(" ".join(words))
    first = len(words) - 1
    while first > 1 and words[first - 1].lower() in _PARTICLES:
        first -= 1
    return Name(" ".join(words[first:]), " ".join(words[:first]))


def _is_parted(word: str) -> bool:
    letter = next((one for one in word if one.isalpha()), "")
    return bool(letter) and character_name(letter, "").startswith(_SCRIPTS)


def responsible(article: Article) -> tuple[Name, ...]:
    """Who is cited as the author: people, else the agency that it came from."""
    if article.authors:
        return tuple(map(name_of, article.authors))
    return (Name(article.source),) if article.source else ()


def key_of(article: Article) -> str:
    """The key that a citation goes by: of the address alone, so the same in every export and every archive.

    The site and twelve hexadecimal digits of the SHA-256 of the address; two among a million share one with a chance
    of 1 in 500.
    """
    site = re.sub(r"[^a-z0-9]+", "-", article.site.lower()).strip("-") or "article"
    return f"{site}-{hashlib.sha256(article.url.encode()).hexdigest()[:12]}"


def date_parts(moment: str | None) -> tuple[int, ...]:
    """Year, month and day of an ISO date, as many as it states."""
    found = re.match(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", moment or "")
    return tuple(int(part) for part in found.groups() if part) if found else ()


def evidence(article: Article) -> str:
    """Where the capture stands, for a note: file and offset of the record; empty where none is held."""
    return f"WARC record: {article.warc.warc_file} at byte {article.warc.offset}" if article.warc else ""
