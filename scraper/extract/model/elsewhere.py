"""Other articles on the page: what an endless scroll appends, what a blog shows one below the other.

Their paragraphs are written as the page's own are, so no number of a single block tells them apart. What does is the
box: a second one as the headline's, with a text of its own under a heading of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from scraper.extract.blocks import TextBlock
from scraper.extract.model.places import TAGS, BoxTable

_HEADINGS: Final = ("h1", "h2", "h3")
_TITLES: Final = ("h1", "h2")
_ARTICLE: Final = 1 << TAGS.index("article")
_OWN_TEXT: Final = 400
"""Characters of paragraphs below the headline, without which the article may stand in the next box: a standfirst and a
caption beside it hold fewer. On the development pages 0 and 150 lose a page's whole text, and 400 none."""


def other_articles(blocks: Sequence[TextBlock], boxes: BoxTable, title_at: int | None) -> list[range]:
    """The blocks of each article after the page's own, as ranges of indices; none where no headline is known.

    Such an article is the largest box around a heading that does not hold the page's headline, if the heading stands as
    the headline does (same level, class, and box), or if either stands in an `article` of the same class.
    """
    if title_at is None or title_at >= len(blocks):
        return []
    title = blocks[title_at]
    around = _ways_up(boxes, boxes.of[title_at])
    steps = {box: step for step, box in enumerate(around)}
    looks = _looks(title, boxes, around)
    found: list[range] = []
    end = 0
    for block in blocks[title_at + 1 :]:
        if block.kind not in _HEADINGS or block.index < end or block.text == title.text:
            continue
        way = _ways_up(boxes, boxes.of[block.index])
        apart = next((step for step, box in enumerate(way) if box in steps), 0)
        shared = steps.get(way[apart], 0)
        if not apart or not shared:
            continue
        theirs, ours = way[apart - 1], around[shared - 1]
        if boxes.first[theirs] == boxes.last[theirs] or boxes.prose[ours] < _OWN_TEXT:
            continue
        alike = title.kind in _TITLES and _looks(block, boxes, way) == looks
        if alike or _articles(boxes, way[:apart]) & _articles(boxes, around[:shared]):
            end = boxes.last[theirs] + 1
            found.append(range(boxes.first[theirs], end))
    return found


def _ways_up(boxes: BoxTable, box: int) -> list[int]:
    """A box and those around it, the nearest first."""
    way = [box]
    while way[-1]:
        way.append(boxes.parents[way[-1]])
    return way


def _looks(heading: TextBlock, boxes: BoxTable, way: Sequence[int]) -> tuple[str, ...]:
    return heading.kind, *(boxes.signatures[box] for box in way[:2])


def _articles(boxes: BoxTable, way: Sequence[int]) -> set[str]:
    return {boxes.signatures[box] for box in way if boxes.tags[box] == _ARTICLE}
