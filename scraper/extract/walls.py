"""What a wall says, and how it says so: to its reader, in a line of its own.

A story may hold the same words. It quotes them, reports who said them, or has them amid a long sentence. The phrases
are data (`verdict_phrases.json`); what follows from them is left to `verdict`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from scraper.extract.blocks import TextBlock
from scraper.extract.resources import table
from scraper.extract.text import count_words, fold


def key(text: str) -> str:
    """The text as phrases are compared: folded, with an apostrophe parting what it stands between."""
    return fold(text).replace("'", " ")


PHRASES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        verdict: tuple(key(phrase) for phrase in phrases)
        for verdict, phrases in table("verdict_phrases.json").items()
    }
)
"""Verdict -> what pages that are no article say, as `key` has it. Beside the verdicts: `*-notice`, what stands on one
that is no more than a notice; `paywall-login`, the part of a paywall's that also stands over free articles;
`paywall-to-read` and `paywall-by`, of which a line must hold one each; `*-words`, stems of what the text of such a page
speaks of; `report-words`, by which a story says who said something, and `address-words`, by which a page speaks to its
reader; `index-path`, parts of the addresses of lists."""

WRITTEN: Final[Mapping[str, str]] = MappingProxyType(
    {key(phrase): phrase for phrases in table("verdict_phrases.json").values() for phrase in phrases}
)
"""A folded phrase -> as it is written, to be shown."""

LONGEST_ASKING: Final = 30
"""Words of a line that can ask for something; more are a paragraph that speaks of it."""

LONGEST_SAYING: Final = 14
"""Words of a sentence of the text that can ask its reader for something: `to continue reading, log in or start a free
trial with your work address` has thirteen; a sentence that tells of a wall has about twenty."""

_SAID_WITH: Final = 3
"""Words of a sentence for each word of a phrase that is its subject: "DDoS protection by Cloudflare" has 1.3, "Access
denied on this server" 2.5."""

_LONG_QUOTATION: Final = 8
"""Words in quotation marks that somebody said; fewer may be the name of a button."""

_QUOTED = re.compile(
    '[\u201c\u201e\u00ab\u00bb"\u300c\u300e](?P<quoted>[^\u201c\u201d\u201e\u00ab\u00bb"\u300c-\u300f\n]{1,400})'
    '[\u201d\u201c\u00bb\u00ab"\u300d\u300f]'
)
_SENTENCE_END = re.compile(r"(?<=[.!?\u2026\u061f])\s+|(?<=[\u3002\uff01\uff1f])|\n")
_CLOSED = re.compile(
    r"[.!?\u3002\uff01\uff1f\u061f\u06d4\u0964][\"'\u201d\u201c\u2019\u00bb\u00ab)\]\u300d\u300f\s([0-9]*$"
)
_LEFT_OPEN = re.compile(r"(?:\u2026|\.\.\.)[\])\s]*$")
_APART = re.compile("[\u3040-\u30ff\u3400-\u9fff]")


def unquoted(text: str) -> str:
    """The text without what stands in quotation marks."""
    return _QUOTED.sub(" ", text)


def reports(text: str) -> bool:
    """Whether a text says who said something, or quotes at length: a story does, a wall speaks for itself, and to
    you."""
    folded = key(unquoted(text))
    said = _has_phrase(folded, PHRASES["report-words"]) or any(
        count_words(match["quoted"]) >= _LONG_QUOTATION for match in _QUOTED.finditer(text)
    )
    return said and not _has_phrase(folded, PHRASES["address-words"])


def addresses(text: str) -> bool:
    """Whether a text speaks to its reader: "your browser", "veuillez", "пожалуйста"."""
    return _has_phrase(key(unquoted(text)), PHRASES["address-words"])


def _has_phrase(folded: str, phrases: Iterable[str]) -> bool:
    """Whether one of the phrases stands in a folded text as whole words; no spaces are asked for where none are
    written."""
    line = f" {folded} "
    return any(phrase in line if _APART.match(phrase) else f" {phrase} " in line for phrase in phrases)


def has_word(folded: str, stems: Sequence[str]) -> bool:
    """Whether a word of a folded text begins with one of the stems; one of a script without spaces may stand
    anywhere."""
    line = f" {folded}"
    return any(stem in line if _APART.match(stem) else f" {stem}" in line for stem in stems)


def asks(text: str, phrase: str, longest: int = LONGEST_SAYING) -> bool:
    """Whether a text says a phrase to its reader: outside quotation marks, in a sentence of few words (or in two:
    "Already a member? Log in"), and reporting nothing."""
    return any(phrase in said for said in _sayings(text, longest)) and not reports(text)


def says_alone(text: str, phrase: str) -> bool:
    """Whether a text says a phrase to its reader in a sentence that says little else, or that speaks to you: "Security
    check", but not "he was arrested at a security check"."""
    longest = min(LONGEST_SAYING, count_words(phrase) * _SAID_WITH)
    return asks(text, phrase, longest) or (asks(text, phrase) and addresses(text))


def asked_line(text: str, longest: int = LONGEST_SAYING) -> str | None:
    """The sentence of a text that says what to do in order to read on, folded: to subscribe, or to sign in."""
    for said in _sayings(text, longest):
        if any(phrase in said for phrase in PHRASES["paywall-to-read"]) and has_word(
            said, PHRASES["paywall-by"]
        ):
            return None if reports(text) else said
    return None


def _sayings(text: str, longest: int) -> Iterator[str]:
    """The sentences of few words, and every two in a row that have few together, folded; also one of more words that
    speaks to its reader."""
    sentences = _SENTENCE_END.split(unquoted(text))
    for first, second in zip(sentences, [*sentences[1:], ""], strict=True):
        words = count_words(first)
        if words <= longest or (longest >= LONGEST_SAYING and words <= LONGEST_ASKING and addresses(first)):
            yield key(first)
            if second and words + count_words(second) <= longest:
                yield key(f"{first} {second}")


def told(kept: Sequence[TextBlock], *stems: Sequence[str], to_nobody: bool = False) -> int:
    """The words of kept blocks that tell something: they report, or no word of theirs outside quotation marks begins
    with one of the stems; `to_nobody`: nor speaks to the reader."""
    return sum(count_words(block.text) for block in kept if tells(block.text, *stems, to_nobody=to_nobody))


def tells(text: str, *stems: Sequence[str], to_nobody: bool = False) -> bool:
    """Whether one text does."""
    if reports(text):
        return True
    folded = key(unquoted(text))
    return not (to_nobody and addresses(text)) and not any(has_word(folded, some) for some in stems)


def breaks_off(text: str) -> bool:
    """Whether a paragraph ends before its last sentence does."""
    return _LEFT_OPEN.search(text) is not None or _CLOSED.search(text) is None
