"""Seams: where two elements of one line meet with no white space between, and a style sheet alone parts their words.

Minifiers and flexible boxes leave `<span>By Jane Roe</span><span>Follow</span>`, which readers see as two things. A
change of element inside a word (a drop cap, `H<sub>2</sub>O`, `Mc<b>Donald</b>`) is no seam.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from lxml import etree
from lxml.html import HtmlElement

from scraper.extract.blocks import TextBlock
from scraper.extract.names import BY
from scraper.extract.text import line

_SPEAKING = re.compile(r"author|autor|by-?line|writer|date|datum|time|kicker|credit|meta|share|follow", re.I)
_SPEAKS: Final = ("class", "id", "rel", "itemprop")
_APART: Final = frozenset(["a", "button", "time", "address"])
"""Elements whose words are a thing of their own."""

_IN_WORD: Final = frozenset(["sub", "sup", "wbr"])
_SILENT: Final = frozenset(["script", "style", "template"])

_PARTICLE = re.compile(r"(?:^|[\s-])(?:Mac|Mc|Fitz|De|Di|Da|La|Le|Van|Von|O|D|[A-Z])['’]?$")
"""What a capital may follow inside one name: MacArthur, DiCaprio."""

_LONGEST: Final = 300
"""Characters of a line in which seams are looked for: beyond it is prose."""


_MOST_RUNS: Final = 500
"""Text nodes of a box that are looked through: a line beside the headline is not found in a box of thousands."""


class _Run(NamedTuple):
    """A text node. moved: whether elements begin or end between the node before and this one, other than such as stand
    inside words. speaking: whether these say that they hold an author, a date or a thing of its own."""

    text: str
    moved: bool
    speaking: bool


def parts_of(block: TextBlock) -> Sequence[str]:
    """The text of a short block, parted at its seams and its line breaks; of any other block the lines as they are."""
    lines = block.text.split("\n")
    if len(block.text) > _LONGEST or block.nodes < 2 or block.kind in ("pre", "cell"):
        return lines
    runs = list(itertools.islice(_runs(block.place.element), _MOST_RUNS))
    wanted = "".join(block.text.split())
    first, last = _stretch(["".join(run.text.split()) for run in runs], wanted)
    if last <= first:
        return lines
    cuts: list[int] = []  # in characters of `wanted`
    at = 0
    for before, run in zip(runs[first:last], runs[first + 1 : last], strict=False):
        at += len("".join(before.text.split()))
        if run.moved and _is_seam(before.text, run.text, speaking=run.speaking):
            cuts.append(at)
    if not cuts:
        return lines
    return _joined([part for text in _cut(block.text, cuts).split("\n") if (part := text.strip())])


def _joined(parts: Sequence[str]) -> list[str]:
    """The parts of a line, "By" in some language together with the name that follows it."""
    joined: list[str] = []
    for part in parts:
        label = BY.match(f"{joined[-1]} {part}") if joined else None
        if label and label.end() == len(joined[-1]) + 1:
            joined[-1] = f"{joined[-1]} {part}"
        else:
            joined.append(part)
    return joined


def parted(block: TextBlock) -> str:
    """The text of a block with a line break at every seam."""
    return "\n".join(parts_of(block))


def all_parted(blocks: Iterable[TextBlock]) -> list[TextBlock]:
    """Some blocks with the texts that `parted` gives them; the blocks of the page stay as they were cut."""
    return [replace(block, text=parted(block)) for block in blocks]


def _runs(element: HtmlElement) -> Iterator[_Run]:
    """The text nodes inside an element that hold words or white space, in document order."""
    moved = inside = speaking = False
    for event, node in etree.iterwalk(element, events=("start", "end")):
        if node is element and event == "end":
            return
        if node is not element:
            moved = True
            inside = inside or node.tag in _IN_WORD
            speaking = speaking or node.tag in _APART or _speaks(node)
        text = node.text if event == "start" else node.tail
        if text and not (event == "start" and node.tag in _SILENT):
            yield _Run(text, moved and not inside, speaking)
            moved = inside = speaking = False


def _speaks(element: HtmlElement) -> bool:
    return any(_SPEAKING.search(element.get(name) or "") for name in _SPEAKS)


def _stretch(texts: Sequence[str], wanted: str) -> tuple[int, int]:
    """The first and one past the last of the texts that together are the one wanted; two equal numbers for none."""
    for first, text in enumerate(texts):
        if not text or not wanted.startswith(text):
            continue
        length, last = 0, first
        while last < len(texts) and length < len(wanted) and wanted.startswith(texts[last], length):
            length += len(texts[last])
            last += 1
        if length == len(wanted):
            return first, last
    return 0, 0


def _is_seam(before: str, after: str, *, speaking: bool) -> bool:
    """Whether two text nodes of different elements, side by side, are of different things."""
    if not before or not after or before[-1].isspace() or after[0].isspace():
        return False
    last, first = before[-1], after[0]
    word = before.rsplit(None, 1)[-1]
    if _PARTICLE.search(word):
        return False
    if first.isdigit():
        return last.isalpha() or last in ")]"
    if not first.isalpha() or first.islower():
        return False
    if last.isdigit() or last in ")].":
        return True
    if not last.isalpha():
        return False
    if last.islower():
        return True
    return speaking and len(word) > 1 and len(line(after)) > 1


def _cut(text: str, cuts: Sequence[int]) -> str:
    """A text with a line break after so many characters that are no white space."""
    parts: list[str] = []
    wanted, seen = set(cuts), 0
    for character in text:
        if not character.isspace():
            if seen in wanted:
                parts.append("\n")
            seen += 1
        parts.append(character)
    return "".join(parts)
