"""What is shown and how it is said: marked excerpts, paragraphs, dates, names of languages, links. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from archive.phrases import (  # noqa: F401  -- the templates say words.day_name
    MONTHS,
    day_name,
    moment_name,
    month_name,
    period_name,
    web_link,
)
from archive.rendering import direction
from scraper.model import Candidate, FieldOrigin

LANGUAGES: Final = {
    "ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "ca": "Catalan", "ckb": "Central Kurdish", "cs": "Czech",
    "da": "Danish", "de": "German", "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian",
    "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian",
    "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ka": "Georgian",
    "ko": "Korean", "ku": "Kurdish", "lt": "Lithuanian", "lv": "Latvian", "nb": "Norwegian Bokmål",
    "nl": "Dutch", "no": "Norwegian", "pl": "Polish", "ps": "Pashto", "pt": "Portuguese", "ro": "Romanian",
    "ru": "Russian", "sk": "Slovak", "sl": "Slovenian", "sq": "Albanian", "sr": "Serbian", "sv": "Swedish",
    "sw": "Swahili", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese",
    "zh": "Chinese",
}  # fmt: skip
"""English names of languages by ISO 639 code (Unicode CLDR); any other is shown by its code."""


EXCERPT_CHARACTERS: Final = 180
"""Four or five lines of a card on the front page."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that matched, or that did not."""

    text: str
    marked: bool


def pieces(text: str, marks: Iterable[tuple[int, int]]) -> tuple[Piece, ...]:
    """The whole text in stretches. marks: (start, end) characters, in order, not overlapping."""
    return tuple(piece for piece in _pieces(text, marks) if piece.text)


def _pieces(text: str, marks: Iterable[tuple[int, int]]) -> Iterator[Piece]:
    position = 0
    for start, end in marks:
        yield Piece(text[position:start], marked=False)
        yield Piece(text[start:end], marked=True)
        position = end
    yield Piece(text[position:], marked=False)


def paragraphs(text: str) -> tuple[tuple[str, ...], ...]:
    """The paragraphs of a text, each as its lines."""
    return tuple(tuple(part.split("\n")) for part in text.split("\n\n") if part.strip())


def language_name(code: str | None) -> str:
    """What English calls a language; the code where we do not know, and nothing for nothing."""
    primary = (code or "").split("-")[0].lower()
    return LANGUAGES.get(primary, code or "")


def language_asked(code: str) -> str:
    """The same of a filter; with the code where it asks for a region's language alone: English (en-GB)."""
    name = language_name(code)
    return f"{name} ({code})" if "-" in code and name != code else name


def language_tag(code: str | None) -> str | None:
    """The code, where it is formed as a language tag is (RFC 5646); `None` for whatever else a page may claim."""
    return code if code and re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", code) else None


def text_direction(language: str | None) -> str:
    """`rtl` or `ltr` by language; `auto`, so that the browser looks at the text, where it is not known."""
    return direction(language) if language else "auto"


@dataclass(frozen=True, slots=True)
class OriginRow:
    """One field: the candidate that was taken, `None` when none was, and the others in the order found."""

    field: str
    taken: Candidate | None
    others: tuple[Candidate, ...]


def origin_rows(origins: Mapping[str, FieldOrigin]) -> tuple[OriginRow, ...]:
    """Where each field came from, a row a field."""
    rows = []
    for field, origin in origins.items():
        at = next((at for at, one in enumerate(origin.candidates) if one.origin == origin.chosen), None)
        others = tuple(one for place, one in enumerate(origin.candidates) if place != at)
        rows.append(OriginRow(field, None if at is None else origin.candidates[at], others))
    return tuple(rows)


def breakable(address: str) -> tuple[str, ...]:
    """An address in parts that may stand on different lines: each ends after a slash, dot or sign of the query."""
    return tuple(part for part in re.split(r"(?<=[/?&=._-])(?![/?&=._-])", address) if part)


def excerpt(text: str, characters: int = EXCERPT_CHARACTERS) -> str:
    """The beginning of a text on one line, ended after a whole word."""
    line = " ".join(text[: 2 * characters].split())
    if len(line) <= characters:
        return line
    cut = line[: characters + 1]
    cut = cut.rpartition(" ")[0] or line[:characters]
    return cut.rstrip(" ,;:.،؛-–—") + "…"


def quantity(count: int, one: str, many: str) -> str:
    """`1 article`, `12,345 articles`."""
    return f"{count:,} {one if count == 1 else many}"


def tally(articles: int, origins: int) -> str:
    """`12 articles, 9 origins`: what is counted, and of how many origins it is."""
    return f"{quantity(articles, 'article', 'articles')}, {quantity(origins, 'origin', 'origins')}"


def times(count: int) -> str:
    """`once`, `twice`, `3 times`."""
    return {1: "once", 2: "twice"}.get(count, f"{count:,} times")


def byte_size(count: int) -> str:
    """A number of bytes as a reader wants it, in powers of 1000."""
    amount = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} bytes" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"
