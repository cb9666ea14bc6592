"""Character folds that make one word of its spellings: the data, in Python and as pure SQL.

What the tokenizer of the index does by itself is left to it: case, and the diacritics of Latin letters
(FTS5 `unicode61 remove_diacritics 2`). Here is what it leaves apart. Every fold maps one character to a
string, and no fold makes a character that another fold takes: folding twice is folding once, the order of the
stages does not matter, and the place of a folded character in the original is known (`original_spans`).

`fold` and `fold_sql` are made from the same table. The SQL needs nothing but `replace`, `instr` and `CASE`,
so that any SQLite, without a function of ours, can keep the index and build it again.

Sources: Lucene's ArabicNormalizer and PersianNormalizer for the Arabic letters; `../shared/facts/dedup-search.md`,
section 5; the letters that `unicode61` leaves as they are were listed by asking it (SQLite 3.40.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple
from unicodedata import category

FOLD_VERSION = 1
"""Written into each database. A change of the table below needs a new number and a migration that refolds."""


def _pairs(sources: str, target: str) -> dict[str, str]:
    return dict.fromkeys(sources, target)


def _range(first: int, last: int) -> str:
    return "".join(map(chr, range(first, last + 1)))


def _digits(zero: int) -> dict[str, str]:
    return {chr(zero + value): str(value) for value in range(10)}


@dataclass(frozen=True, slots=True)
class Stage:
    """Folds that are tried together, after one cheap question whether any of them can apply.

    guarded: whether to look first for the leading octets of their UTF-8 forms, which costs what one `replace`
        does. (Looking for the characters with `GLOB` was measured too: as much as twenty of them.)
    """

    name: str
    guarded: bool
    folds: Mapping[str, str]


_NESTED_CALLS = 5
"""`replace` within `replace`. SQLite's parser has a stack of 100, and each of them takes three places of it."""

STAGES: tuple[Stage, ...] = (
    # Inside a word these join; elsewhere they are invisible. Bidi marks stand between words, where the
    # tokenizer already takes them for separators, so they need no fold.
    Stage("joiners", False, _pairs("\u00ad\u200c\u200d", "")),
    Stage("cyrillic", False, {"ё": "е", "Ё": "Е"}),
    Stage(
        "latin-1",
        True,
        {"ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "ð": "d", "Ð": "D", "þ": "th", "Þ": "TH"},
    ),
    Stage("latin-extended-a", True, {"đ": "d", "Đ": "D", "ħ": "h", "Ħ": "H", "ı": "i"}),
    Stage("latin-extended-a2", True, {"ł": "l", "Ł": "L", "œ": "oe", "Œ": "OE", "ŋ": "n", "Ŋ": "N"}),
    # Transliterated hamza and ayn are letters to Unicode; Qurʾān is written Quran. U+02BC is an apostrophe.
    Stage("modifiers", True, {"ʾ": "", "ʿ": "", "ʼ": "'"}),
    Stage("capital-sharp-s", True, {"ẞ": "SS"}),
    Stage("ligatures", True, {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}),
    Stage(
        "greek",
        True,
        dict(zip("άέήίόύώϊϋΐΰΆΈΉΊΌΎΏς", "αεηιουωιυιυΑΕΗΙΟΥΩσ", strict=True)),
    ),
    Stage(
        "arabic-letters",
        True,
        _pairs("آأإٱ", "ا")
        | _pairs("ؤ", "و")
        | _pairs("ئىی", "ي")
        | _pairs("ةۀہۂۃ", "ه")
        | _pairs("کڪ", "ك"),
    ),
    Stage("arabic-marks", True, _pairs("\u0640" + _range(0x064B, 0x0655) + "\u0670", "")),
    Stage("arabic-digits", True, _digits(0x0660)),
    Stage("persian-digits", True, _digits(0x06F0)),
)

FOLDS: Mapping[str, str] = MappingProxyType(
    {source: target for stage in STAGES for source, target in stage.folds.items()}
)
"""Every fold: one character to what stands for it in the index."""

_FOLDED = re.compile("[" + "".join(map(re.escape, FOLDS)) + "]")
_RESIZED = re.compile("[" + "".join(re.escape(s) for s, t in FOLDS.items() if len(t) != 1) + "]")


def fold(text: str) -> str:
    """The text as the index holds it, case and Latin diacritics apart, which the tokenizer folds."""
    # `str.translate` looks every character up; of a text of 6,000 that takes 310 us, and this 19
    return text if text.isascii() else _FOLDED.sub(lambda found: FOLDS[found[0]], text)


def original_spans(text: str, spans: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Where spans of `fold(text)` stand in `text`.

    A span takes with it the combining marks that the fold dropped behind it, so a marked word is a whole word.

    spans: (start, end) characters of the folded text, in order, neither empty nor overlapping.
    """
    spans = list(spans)
    stretches = _stretches(text, spans[-1][1] if spans else 0)
    at = 0

    def origin(folded: int) -> int:
        """The place in `text` of the character that became the one at `folded`. Asked in ascending order."""
        nonlocal at
        while at + 1 < len(stretches) and stretches[at + 1].folded <= folded:
            at += 1
        stretch = stretches[at]
        return stretch.original if stretch.resized else stretch.original + folded - stretch.folded

    found: list[tuple[int, int]] = []
    for start, end in spans:
        begin, finish = origin(start), origin(end - 1) + 1
        while finish < len(text) and FOLDS.get(text[finish]) == "" and category(text[finish]) == "Mn":
            finish += 1
        found.append((begin, finish))
    return tuple(found)


class _Stretch(NamedTuple):
    """From here on the fold only shifts, or here stands one character whose fold is not one character long."""

    folded: int
    original: int
    resized: bool


def _stretches(text: str, folded_end: int) -> list[_Stretch]:
    """The stretches of a text as far as the fold of it is of interest."""
    stretches = [_Stretch(0, 0, False)]
    folded = original = 0
    for match in _RESIZED.finditer(text):
        folded += match.start() - original
        if folded > folded_end:
            break
        original = match.end()
        stretches.append(_Stretch(folded, match.start(), True))
        folded += len(FOLDS[match.group()])
        stretches.append(_Stretch(folded, original, False))
    return stretches


def fold_sql(expression: str) -> str:
    """The SQL expression whose value is `fold` of another's, `NULL` for `NULL`.

    Text of ASCII alone is handed on after one look.
    """
    folded = _chain_sql("s", expression, [_stage_sql(stage) for stage in STAGES])
    return (
        f"CASE WHEN length({expression}) = length(CAST({expression} AS BLOB)) THEN {expression} "
        f"ELSE {folded} END"
    )


def lead_octet_sql(expression: str, characters: Iterable[str]) -> str:
    """The SQL condition that one of the characters may stand in the value: true wherever one does."""
    octets = sorted({character.encode()[0] for character in characters})
    return " OR ".join(f"instr(CAST({expression} AS BLOB), x'{octet:02X}')" for octet in octets)


def _stage_sql(stage: Stage) -> str:
    calls = []
    pairs = list(stage.folds.items())
    for at in range(0, len(pairs), _NESTED_CALLS):
        call = "t"
        for source, target in pairs[at : at + _NESTED_CALLS]:
            call = f"replace({call}, {_literal(source)}, {_literal(target)})"
        calls.append(call)
    folded = calls[0] if len(calls) == 1 else _chain_sql("u", "t", calls)
    if not stage.guarded:
        return folded
    return f"CASE WHEN {lead_octet_sql('t', stage.folds)} THEN {folded} ELSE t END"


def _chain_sql(name: str, expression: str, steps: Iterable[str]) -> str:
    """A value handed from step to step, each an expression of `t`.

    The steps are one-row tables, each evaluated once: without `OFFSET` SQLite would flatten them into one
    expression and evaluate the inner ones anew at every mention (https://www.sqlite.org/optoverview.html#flattening).
    """
    tables = [f"{name}0(t) AS (SELECT {expression} LIMIT 1 OFFSET 0)"]
    for number, step in enumerate(steps, start=1):
        before = f"{name}{number - 1}"
        tables.append(f"{name}{number}(t) AS (SELECT {step} FROM {before} LIMIT 1 OFFSET 0)")  # noqa: S608 - ours
    return f"(WITH {', '.join(tables)} SELECT t FROM {name}{len(tables) - 1})"  # noqa: S608 - ours


def _literal(text: str) -> str:
    """A SQL string; a character that does not stand on a line by itself is written by its number."""
    if len(text) == 1 and category(text) in {"Cf", "Mn"}:
        return f"char({ord(text)})"
    return "'" + text.replace("'", "''") + "'"
