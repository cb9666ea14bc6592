"""Where the links of the kept text stand in it, and where they lead: for Markdown.

The walk that cuts the page counts the characters of links and keeps their targets, not their places: of a page's
blocks one in nine is text, and only its links are ever shown. So they are looked for afterwards, in the boxes of the
kept blocks, by their words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final, NamedTuple

from lxml.html import HtmlElement

from scraper.extract.blocks import TextBlock
from scraper.extract.declared import absolute
from scraper.extract.text import line
from scraper.model import Link

_MOST_ANCHORS: Final = 20
"""Links of one box to one target that are looked for: bounds what a hostile page can ask for."""

_MOST_PLACES: Final = 50
_BOTH: Final = 2
_LONGEST_URL: Final = 2_000
_AROUND: Final = 12
"""Characters before and after a link by which it is told from the same words elsewhere in the block."""


class _Anchor(NamedTuple):
    """A link as the page has it: its words, and the beginnings of what stands before and after."""

    words: str
    before: str
    after: str


_Anchors = dict[str, list[_Anchor]]


def links_of(kept: Iterable[TextBlock], base: str) -> dict[int, tuple[Link, ...]]:
    """The links in some blocks of a page, by the index of the block, each in the order of its text.

    base: the URL that relative ones are relative to. Only http and https are links; of two that overlap the first
    stands, and one whose words do not stand in the block on a line (a picture, a line break amid) is left out.
    """
    known: dict[int, _Anchors] = {}
    found: dict[int, tuple[Link, ...]] = {}
    for block in kept:
        if block.targets and block.kind != "pre":
            key = id(block.place)
            if key not in known:
                known[key] = _anchors(block.place.element)
            links = _in_block(block, known[key], base)
            if links:
                found[block.index] = links
    return found


def _anchors(box: HtmlElement) -> _Anchors:
    """The links in a box, by the target as written."""
    anchors: defaultdict[str, list[_Anchor]] = defaultdict(list)
    for element in box.iterdescendants("a"):
        same = anchors[element.get("href", "")]
        if len(same) < _MOST_ANCHORS:
            previous = element.getprevious()
            before = element.getparent().text if previous is None else previous.tail
            same.append(
                _Anchor(
                    line("".join(element.itertext())),
                    line(before or "")[-_AROUND:],
                    line(element.tail or "")[:_AROUND],
                )
            )
    return anchors


def _in_block(block: TextBlock, anchors: _Anchors, base: str) -> tuple[Link, ...]:
    links: set[Link] = set()
    for target in block.targets:
        url = absolute(target, base)
        if url is None or len(url) > _LONGEST_URL:
            continue
        # a box that stands in a link as a whole holds no anchor
        for anchor in anchors.get(target) or [_Anchor(block.text, "", "")]:
            at = _place(anchor, block.text)
            if at >= 0:
                links.add(Link(at, at + len(anchor.words), url))
    found: list[Link] = []
    for link in sorted(links):
        if not found or link.start >= found[-1].end:
            found.append(link)
    return tuple(found)


def _place(anchor: _Anchor, text: str) -> int:
    """Where a link's words stand in a text: of several places the one with most of what stands around; -1 for none."""
    words = anchor.words
    if not words or "\n" in words or "\t" in words:
        return -1
    best, most = -1, -1
    at = text.find(words)
    for _ in range(_MOST_PLACES):
        if at < 0 or most == _BOTH:
            break
        end = at + len(words)
        before, after = text[max(0, at - _AROUND - 1) : at].rstrip(), text[end : end + _AROUND + 1].lstrip()
        around = before.endswith(anchor.before) + after.startswith(anchor.after)
        if around > most:
            best, most = at, around
        at = text.find(words, at + 1)
    return best
