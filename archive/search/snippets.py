"""An excerpt of the original text around its matches, and the place of each match in it. Pure.

The matches come from FTS5 itself: its `highlight` puts `OPEN` and `CLOSE` around them in the folded text, so what
is marked is what was found, by the same tokenizer. Here they are carried over to the original, and the stretch
that shows most of them is cut out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from archive.search.fold import original_spans

OPEN: Final = "\x02"
CLOSE: Final = "\x03"
"""Around a match in a highlighted text. No stored text holds them: `archive.store.sanitise`."""

SNIPPET_CHARACTERS: Final = 240
"""About 40 words of English: two lines of a wide terminal, three of a results page."""

MAX_MATCHES: Final = 200
"""Of one text. A common word stands thousands of times in a long one, and no excerpt is better for the rest."""

_ELLIPSIS: Final = "…"
_WHITE_SPACE = re.compile(r"\s+")

Spans = tuple[tuple[int, int], ...]
"""(start, end) characters, in order, not overlapping."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """An excerpt on one line, and the characters of it that matched."""

    text: str
    marks: Spans


def matches(original: str, highlighted: str) -> Spans:
    """The characters of the original text that matched, at most the first `MAX_MATCHES` stretches.

    highlighted: `fold(original)` with `OPEN` and `CLOSE` around each match.
    """
    before, *pieces = highlighted.split(OPEN, MAX_MATCHES)
    spans = []
    at = len(before)
    for piece in pieces:
        match, _, after = piece.partition(CLOSE)
        spans.append((at, at + len(match)))
        at += len(match) + len(after)
    return original_spans(original, spans)


def stretches(text: str, words: Iterable[str]) -> Spans:
    """Where words stand in a text that has no spaces between them."""
    words = [re.escape(word) for word in words]
    if not words:
        return ()
    pattern = re.compile("|".join(sorted(words, key=len, reverse=True)), re.IGNORECASE)
    return tuple(match.span() for _, match in zip(range(MAX_MATCHES), pattern.finditer(text), strict=False))


def joined(some: Spans, others: Spans) -> Spans:
    """Two rows of spans as one; of spans that overlap the first alone."""
    if not others:
        return some
    found: list[tuple[int, int]] = []
    for start, end in sorted((*some, *others)):
        if not found or start >= found[-1][1]:
            found.append((start, end))
    return tuple(found)


def cut_snippet(text: str, spans: Spans, length: int = SNIPPET_CHARACTERS) -> Snippet:
    """The stretch of a text that shows the most different matches, then the most, then the first.

    It begins and ends between words where the text has spaces; an ellipsis stands where text was left out. A
    run of white space becomes one space.
    """
    start, end = _best_window(text, spans, length)
    before = _ELLIPSIS if start > 0 else ""
    after = _ELLIPSIS if end < len(text) else ""
    excerpt = before
    marks = []
    at = start
    for a, b in ((max(a, start), min(b, end)) for a, b in spans if a < end and b > start):
        excerpt += _WHITE_SPACE.sub(" ", text[at:a])
        marked = _WHITE_SPACE.sub(" ", text[a:b])
        marks.append((len(excerpt), len(excerpt) + len(marked)))
        excerpt += marked
        at = b
    return Snippet(excerpt + _WHITE_SPACE.sub(" ", text[at:end]) + after, tuple(marks))


def _best_window(text: str, spans: Spans, length: int) -> tuple[int, int]:
    best = 0
    best_rank = (0, 0)
    for number, (first, _) in enumerate(spans):
        shown: list[str] = []
        for a, b in spans[number:]:
            if shown and b > first + length * 3 // 4:
                break  # a match alone may be longer than that
            shown.append(text[a:b].casefold())
        rank = (len(set(shown)), len(shown))
        if rank > best_rank:
            best, best_rank = first, rank
    # A quarter of the excerpt leads up to the first match.
    start = max(0, min(best - length // 4, len(text) - length))
    end = min(len(text), start + length)
    return _between_words(text, start, end, best)


def _between_words(text: str, start: int, end: int, first_match: int) -> tuple[int, int]:
    """Move both ends inward to a space, unless that would cost a tenth of the excerpt or the match."""
    reach = (end - start) // 10
    if start > 0:
        gap = next((at for at in range(start, min(start + reach, first_match)) if text[at].isspace()), None)
        start = start if gap is None else gap + 1
    if end < len(text) and not text[end].isspace():
        gap = next((at for at in range(end - 1, end - reach, -1) if text[at].isspace()), None)
        end = end if gap is None or gap <= first_match else gap
    return start, end
