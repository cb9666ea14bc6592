"""What changed between two versions of an article, word by word, and of what kind each change is. Pure.

Paragraphs are aligned first and words within what differs, so that the cost follows the change and not the length
of the text. Every word of both texts stands in exactly one run, in order: the old text is the `same` and `old`
runs, the new one the `same` and `new` runs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal, Protocol, get_args

from archive.numerals import NUMERALS

Kind = Literal["headline", "number", "date", "deletion", "addition", "rewording", "typo"]
"""What a change is. headline: any change of the title. number: another figure in place of one. date: another
published date. deletion, addition: words that only one version has. typo: the same words, spelt, cased or punctuated
otherwise. rewording: other words in the same place."""

KINDS: tuple[Kind, ...] = get_args(Kind)

Place = Literal["title", "published", "text"]

_TOKEN = re.compile(
    r"\d+(?:[.,\u066b\u066c'’\u00a0\u202f]\d+)*"  # 1,800.5 is one figure
    r"|[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"  # one character is one word
    r"|[^\W\d_](?:[\w\u0300-\u036f\u064b-\u065f'’\u00ad\u200c-\u200d-]*\w)?"
    r"|\n\s*\n|\S"
)
_GROUPING = re.compile(r"[,.\u066b\u066c'’\u00a0\u202f]")

MAX_NUMBER_WORDS: Final = 12
"""A longer stretch of other words is a rewording, whatever figures stand in it. By judgement."""

MANY_WORDS: Final = 4_000
"""From here on frequent words anchor no alignment (`SequenceMatcher`'s own rule), or it would take minutes."""


class Edition(Protocol):
    """What of a version is compared: an `Article` and an `ArticleVersion` are both one."""

    @property
    def title(self) -> str | None:
        """The headline."""

    @property
    def published(self) -> str | None:
        """The published date, ISO 8601."""

    @property
    def text(self) -> str:
        """The main content."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change. old, new: the words; empty where there are none. The offsets are characters of the two texts
    (or titles, or dates), end exclusive."""

    kind: Kind
    place: Place
    old: str
    new: str
    old_start: int
    old_end: int
    new_start: int
    new_end: int


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text that both versions have (`same`), or only the older (`old`) or the newer (`new`)."""

    op: Literal["same", "old", "new"]
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that differs between two versions.

    title, text: runs that show the change in place; the white space of the version they come from.
    """

    changes: tuple[Change, ...]
    title: tuple[Run, ...]
    text: tuple[Run, ...]

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds that occur, the weightiest first."""
        found = {change.kind for change in self.changes}
        return tuple(kind for kind in KINDS if kind in found)


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    start: int
    end: int


def difference(old: Edition, new: Edition) -> Difference:
    """What changed from one version to another: title, published date and text."""
    title_runs, title_changes = _compare(old.title or "", new.title or "", "title")
    text_runs, text_changes = _compare(old.text, new.text, "text")
    changes = [*title_changes, *text_changes]
    before, after = old.published or "", new.published or ""
    if before != after:
        changes.insert(
            len(title_changes), Change("date", "published", before, after, 0, len(before), 0, len(after))
        )
    return Difference(tuple(changes), title_runs, text_runs)


def paragraphs(runs: Sequence[Run]) -> list[tuple[Run, ...]]:
    """Runs parted where the text that both have, or a run of one alone, has a blank line."""
    parts: list[list[Run]] = [[]]
    for run in runs:
        for at, piece in enumerate(run.text.split("\n\n")):
            if at:
                parts.append([])
            if piece:
                parts[-1].append(Run(run.op, piece))
    return [tuple(part) for part in parts if part]


def differs(runs: Sequence[Run]) -> bool:
    """Whether any word stands in one version alone."""
    return any(run.op != "same" and run.text.strip() for run in runs)


def _compare(old: str, new: str, place: Place) -> tuple[tuple[Run, ...], list[Change]]:
    a, b = _tokens(old), _tokens(new)
    runs: list[Run] = []
    changes: list[Change] = []
    position_a = position_b = 0
    for same, (i1, i2), (j1, j2) in _stretches(a, b):
        end_a = a[i2].start if i2 < len(a) else len(old)
        end_b = b[j2].start if j2 < len(b) else len(new)
        if same:
            said = new[position_b:end_b]
            # At the end of the newer text the older one may go on: the blank between them is the older one's.
            runs.append(Run("same", said if said[-1:].isspace() else old[position_a:end_a]))
        else:
            if i1 < i2:
                runs.append(Run("old", old[position_a:end_a]))
            if j1 < j2:
                runs.append(Run("new", new[position_b:end_b]))
            change = _change(a[i1:i2], b[j1:j2], (old, position_a), (new, position_b), place)
            if change is not None:
                changes.append(change)
        position_a, position_b = end_a, end_b
    return tuple(run for run in runs if run.text), changes


def _change(
    a: Sequence[_Token], b: Sequence[_Token], old: tuple[str, int], new: tuple[str, int], place: Place
) -> Change | None:
    """The change of one stretch; `None` where only paragraphs are parted otherwise."""
    words_a, words_b = [t.text for t in a if t.text.strip()], [t.text for t in b if t.text.strip()]
    if not words_a and not words_b:
        return None
    start_a, end_a = (a[0].start, a[-1].end) if a else (old[1], old[1])
    start_b, end_b = (b[0].start, b[-1].end) if b else (new[1], new[1])
    kind: Kind = "headline" if place == "title" else kind_of(words_a, words_b)
    return Change(
        kind,
        place,
        old[0][start_a:end_a].strip(),
        new[0][start_b:end_b].strip(),
        start_a,
        end_a,
        start_b,
        end_b,
    )


def kind_of(old: Sequence[str], new: Sequence[str]) -> Kind:
    """The kind of one change of text, by the words that stood there and those that stand there now."""
    said_before, said_now = [w for w in old if _is_word(w)], [w for w in new if _is_word(w)]
    if not said_before and not said_now:
        return "typo"
    if not said_before:
        return "addition"
    if not said_now:
        return "deletion"
    figures_before, figures_now = _figures(said_before), _figures(said_now)
    if (
        figures_before
        and figures_now
        and sorted(figures_before) != sorted(figures_now)
        and max(len(said_before), len(said_now)) <= MAX_NUMBER_WORDS
    ):
        return "number"
    if _is_respelt("".join(said_before), "".join(said_now)):
        return "typo"
    return "rewording"


def _tokens(text: str) -> list[_Token]:
    return [_Token(found.group(), *found.span()) for found in _TOKEN.finditer(text)]


Span = tuple[int, int]


def _stretches(a: Sequence[_Token], b: Sequence[_Token]) -> Iterator[tuple[bool, Span, Span]]:
    """Stretches of tokens, those that are the same and those that differ, in order."""
    parts_a, parts_b = _paragraphs(a), _paragraphs(b)
    texts_a, texts_b = [_key(a[i:j]) for i, j in parts_a], [_key(b[i:j]) for i, j in parts_b]
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, texts_a, texts_b, autojunk=False).get_opcodes():
        span_a = _covered(parts_a, i1, i2, len(a))
        span_b = _covered(parts_b, j1, j2, len(b))
        if tag != "replace":
            yield tag == "equal", span_a, span_b
            continue
        (base_a, end_a), (base_b, end_b) = span_a, span_b
        words_a, words_b = [t.text for t in a[base_a:end_a]], [t.text for t in b[base_b:end_b]]
        junk = max(len(words_a), len(words_b)) > MANY_WORDS
        opcodes = SequenceMatcher(None, words_a, words_b, autojunk=junk).get_opcodes()
        for inner, k1, k2, m1, m2 in opcodes:
            yield inner == "equal", (base_a + k1, base_a + k2), (base_b + m1, base_b + m2)


def _paragraphs(tokens: Sequence[_Token]) -> list[Span]:
    """Spans of tokens, a paragraph each, the break after it included."""
    ends = [at + 1 for at, token in enumerate(tokens) if not token.text.strip()]
    if not ends or ends[-1] != len(tokens):
        ends.append(len(tokens))
    return [(start, end) for start, end in zip([0, *ends], ends, strict=False) if start < end]


def _key(tokens: Sequence[_Token]) -> tuple[str, ...]:
    return tuple(token.text for token in tokens if token.text.strip())


def _covered(parts: Sequence[Span], first: int, last: int, length: int) -> Span:
    start = parts[first][0] if first < len(parts) else length
    return (start, parts[last - 1][1]) if first < last else (start, start)


def _is_word(token: str) -> bool:
    return any(character.isalnum() for character in token)


def _figures(words: Sequence[str]) -> list[str]:
    """The numbers among words, in digits where they are, grouping aside; `fourteen` is `14`."""
    found = []
    for word in words:
        if word[0].isdecimal():
            digits = "".join(str(unicodedata.decimal(c)) for c in _GROUPING.sub("", word) if c.isdecimal())
            found.append(digits)
        else:
            named = NUMERALS.get(word.casefold())
            if named is not None:
                found.append(str(named))
    return found


def _is_respelt(old: str, new: str) -> bool:
    """Whether two stretches differ as a slip of the pen does: in case, in accents, or in one letter of five."""
    a, b = _plain(old), _plain(new)
    if a == b:
        return True
    if any(map(str.isdigit, a + b)):
        return False
    allowed = max(len(a), len(b)) // 5 + (3 <= min(len(a), len(b)) < 5)
    return allowed > 0 and _distance(a, b, min(allowed, 3)) <= min(allowed, 3)


def _plain(text: str) -> str:
    parted = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in parted if character.isalnum())


def _distance(a: str, b: str, most: int) -> int:
    """Letters left out, put in, replaced or swapped with their neighbour; more than `most` is `most + 1`."""
    if abs(len(a) - len(b)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
        before, last = last, row
    return last[-1]
