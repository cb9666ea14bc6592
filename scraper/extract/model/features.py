"""A page's blocks described in numbers: one row a block, one column a feature.

The columns are, in order: the block's text (`texts`), its boxes (`places`), blocks of the same signature and of the
same parent, the page, the headings before it, the pictures around it, what the boxes and the text are called, and
the same few numbers of the neighbours. No feature knows a site, and none needs another extractor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scraper.extract.blocks import ARTICLE, CAPTION, DATA, DIALOG, QUOTE, Blocks, TextBlock
from scraper.extract.model.hints import Hints
from scraper.extract.model.places import TAGS, Box, BoxTable, tabulate
from scraper.extract.model.texts import TEXT_FEATURES, TextNumbers, measure
from scraper.extract.model.words import NAME_GROUPS, PHRASE_GROUPS

Column = NDArray[np.float32]
Matrix = NDArray[np.float32]

_NEIGHBOURS: Final = (-3, -2, -1, 1, 2, 3)
_GAP: Final = 12
"""Blocks that are looked past for the nearest paragraph."""

_HEADING_WORDS: Final = 14
_CONTEXTS: Final = {"article": ARTICLE, "caption": CAPTION, "data": DATA, "dialog": DIALOG, "quote": QUOTE}
_COMMENT_NAME: Final = 1 << NAME_GROUPS.index("comment")
_COMMENT_PHRASE: Final = 1 << PHRASE_GROUPS.index("comment")


@dataclass(frozen=True, slots=True)
class Table:
    """A page in numbers.

    matrix: one row a block, in document order. names: of its columns. words, boxes: of each block.
    signatures: a number for each block's kind of box, equal for equal boxes. phrases: groups near a block's ends.
    """

    matrix: Matrix
    names: tuple[str, ...]
    words: Column
    boxes: BoxTable
    signatures: NDArray[np.int64]
    phrases: list[int]
    beginnings: list[int]


class _Columns:
    """Columns as they are added, with their names."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.names: list[str] = []
        self.parts: list[NDArray[np.float32]] = []

    def add(self, name: str, values: object) -> None:
        self.names.append(name)
        self.parts.append(np.asarray(values, np.float32).reshape(self.rows, 1))

    def add_many(self, names: Sequence[str], values: NDArray[np.float32]) -> None:
        self.names.extend(names)
        self.parts.append(values)

    def add_bits(self, prefix: str, names: Sequence[str], sets: Sequence[int]) -> None:
        self.names.extend(f"{prefix}:{name}" for name in names)
        bits = np.arange(len(names), dtype=np.int64)
        self.parts.append(((np.asarray(sets, np.int64)[:, None] >> bits) & 1).astype(np.float32))

    def matrix(self) -> Matrix:
        return np.ascontiguousarray(np.concatenate(self.parts, axis=1))


def describe(found: Blocks, hints: Hints) -> Table:
    """The feature table of a page as cut into blocks."""
    blocks = found.blocks
    n = len(blocks)
    texts = measure(blocks, hints)
    boxes = tabulate(blocks, texts.words)
    columns = _Columns(n)
    rows = np.array(texts.rows, np.float32).reshape(n, len(TEXT_FEATURES))
    columns.add_many(TEXT_FEATURES, rows)
    words = np.asarray(texts.words, np.float32)
    signatures = _signatures(boxes)
    _add_boxes(columns, boxes)
    _add_groups(columns, boxes, signatures, rows)
    _add_page(columns, boxes, words, rows)
    _add_headings(columns, blocks, boxes, texts)
    _add_pictures(columns, found, boxes)
    _add_names(columns, blocks, boxes, texts)
    _add_neighbours(columns, blocks, boxes, words, rows)
    return Table(
        columns.matrix(), tuple(columns.names), words, boxes, signatures, texts.phrases, texts.beginnings
    )


@lru_cache(maxsize=1)
def feature_names() -> tuple[str, ...]:
    """The names of the columns that `describe` gives, whatever the page."""
    return describe(Blocks(), Hints()).names


def _signatures(boxes: BoxTable) -> NDArray[np.int64]:
    known: dict[tuple[str, str], int] = {}
    numbers = [
        known.setdefault((box.signature, box.parent.signature if box.parent else ""), len(known)) for box in boxes.of
    ]
    return np.asarray(numbers, np.int64)


def _around(box: Box) -> tuple[Box, Box, Box]:
    """The three boxes around a box; the outermost stands for what is missing."""
    first = box.parent or box
    second = first.parent or first
    return first, second, second.parent or second


_BOX_FEATURES: Final = (
    "prose_here", "prose_1", "prose_2", "prose_3", "links_here", "links_1", "links_2", "blocks_here", "blocks_1",
    "blocks_2", "solid_1", "solid_2", "chars_1", "chars_2", "depth", "up", "down", "in_core", "in_half",
    "in_four_fifths", "hidden", "first_in_1", "last_in_1", "article_prose", "article_first",
)  # fmt: skip


def _add_boxes(columns: _Columns, boxes: BoxTable) -> None:
    prose = boxes.prose or 1.0
    articles: dict[int, tuple[float, float]] = {}
    article_bit = 1 << TAGS.index("article")
    by_box: dict[int, tuple[float, ...]] = {}
    rows = []
    for index, box in enumerate(boxes.of):
        row = by_box.get(box.index)
        if row is None:
            one, two, three = _around(box)
            article = box if box.within & article_bit else None
            while article is not None and article.tag != article_bit:
                article = article.parent
            if article is None:
                of_article = (-1.0, -1.0)
            else:
                of_article = articles.setdefault(article.index, (article.prose / prose, float(len(articles))))
            row = (
                box.prose / prose, one.prose / prose, two.prose / prose, three.prose / prose,
                box.link_chars / (box.chars or 1), one.link_chars / (one.chars or 1),
                two.link_chars / (two.chars or 1), box.blocks, one.blocks, two.blocks,
                one.prose / (one.chars or 1), two.prose / (two.chars or 1), one.chars, two.chars,
                box.depth, box.up, box.down, box is boxes.core or one is boxes.core, box.in50, box.in80, box.hidden,
                one.first, one.last, *of_article,
            )  # fmt: skip
            by_box[box.index] = row
        rows.append((*row[:21], index - row[21], row[22] - index, *row[23:]))
    columns.add_many(_BOX_FEATURES, np.array(rows, np.float32).reshape(columns.rows, len(_BOX_FEATURES)))


def _mean_by(groups: NDArray[np.int64], values: Column, weights: Column | None = None) -> Column:
    """Each row's group mean."""
    if not len(groups):
        return np.zeros(0, np.float32)
    total = np.bincount(groups, values if weights is None else values * weights)
    count = np.bincount(groups, weights)
    return np.asarray((total / np.maximum(count, 1e-6))[groups], np.float32)


def _add_groups(columns: _Columns, boxes: BoxTable, signatures: NDArray[np.int64], rows: Matrix) -> None:
    """What blocks of the same signature, and blocks in the same parent, are like on average."""
    chars = rows[:, TEXT_FEATURES.index("chars")]
    links = rows[:, TEXT_FEATURES.index("link_density")]
    ends = rows[:, TEXT_FEATURES.index("ends")]
    prose = np.asarray(boxes.is_prose, np.float32) * chars
    parents = np.asarray([(box.parent or box).index for box in boxes.of], np.int64)
    grand = np.asarray([_around(box)[1].index for box in boxes.of], np.int64)
    total = boxes.prose or 1.0
    for name, groups in (("alike", signatures), ("parent", parents), ("grandparent", grand)):
        count = np.bincount(groups)[groups] if len(groups) else np.zeros(0)
        columns.add(f"{name}_count", count)
        columns.add(f"{name}_prose", _mean_by(groups, prose) * count / total)
        columns.add(f"{name}_links", _mean_by(groups, links, chars))
        columns.add(f"{name}_chars", _mean_by(groups, chars))
        columns.add(f"{name}_ends", _mean_by(groups, ends))


def _add_page(columns: _Columns, boxes: BoxTable, words: Column, rows: Matrix) -> None:
    """Where on the page the block stands, and what page it is."""
    n = columns.rows
    place = np.arange(n, dtype=np.float32)
    ones = np.ones(n, np.float32)
    total = float(words.sum()) or 1.0
    before = (np.cumsum(words) - words) / total
    core = boxes.core
    first, last = (core.first, core.last) if core else (0, n)
    titled = np.nonzero((rows[:, TEXT_FEATURES.index("title_cover")] >= 0.75) & (words >= 3))[0]
    level_one = [index for index, box in enumerate(boxes.of) if box.within & (1 << TAGS.index("h1"))]
    comments = [
        i for i, box in enumerate(boxes.of) if box.relative & _COMMENT_NAME or (box.names & _COMMENT_NAME and box.up)
    ]
    prose = np.nonzero(np.asarray(boxes.is_prose, bool))[0]
    columns.add("at", place / max(1, n))
    columns.add("from_end", n - place)
    columns.add("words_before", before)
    columns.add("page_blocks", ones * n)
    columns.add("page_words", ones * total)
    columns.add("page_prose", ones * boxes.prose)
    columns.add("page_titles", ones * len(level_one))
    columns.add("from_title", place - titled[0] if len(titled) else ones * -999)
    columns.add("from_last_title", place - titled[-1] if len(titled) else ones * -999)
    columns.add("from_h1", place - level_one[0] if level_one else ones * -999)
    columns.add("from_core", place - first)
    columns.add("past_core", place - last)
    columns.add("from_prose", place - prose[0] if len(prose) else ones * -999)
    columns.add("past_prose", place - prose[-1] if len(prose) else ones * -999)
    columns.add("from_comments", place - comments[0] if comments else ones * -999)


_HEADING_FEATURES: Final = (
    "heading_distance", "heading_level", "heading_links", "heading_shared", "heading_words", "subject_distance",
)  # fmt: skip


def _add_headings(columns: _Columns, blocks: Sequence[TextBlock], boxes: BoxTable, texts: TextNumbers) -> None:
    """The heading above: how far, how big, whether it governs the block, and what it promises."""
    rows = []
    promised = []
    heading = -1
    level = 0
    governs: Box | None = None
    spoken = -1  # the last heading, or short bold line, that speaks of boilerplate
    for index, block in enumerate(blocks):
        kind = block.kind
        if heading >= 0:
            box: Box | None = boxes.of[index]
            steps = 0
            while box is not None and box is not governs and steps < 6:
                box = box.parent
                steps += 1
            rows.append((
                index - heading, level, blocks[heading].link_density, 6 - steps if box is governs else -1,
                texts.words[heading], index - spoken if spoken >= 0 else 999,
            ))  # fmt: skip
            promised.append(texts.phrases[heading] if index - heading < 60 else 0)
        else:
            rows.append((999, 0, 0, -1, 0, 999))
            promised.append(0)
        is_heading = len(kind) == 2 and kind[0] == "h" and kind[1].isdecimal()
        if is_heading or (block.strong and texts.words[index] <= _HEADING_WORDS and not block.text.endswith(".")):
            heading = index
            level = int(kind[1]) if is_heading else 7
            governs = boxes.of[index].parent
            if texts.words[index] <= 6 and texts.beginnings[index]:
                spoken = index
    columns.add_many(_HEADING_FEATURES, np.array(rows, np.float32).reshape(columns.rows, len(_HEADING_FEATURES)))
    columns.add_bits("heading", PHRASE_GROUPS, promised)


def _add_pictures(columns: _Columns, found: Blocks, boxes: BoxTable) -> None:
    """How near the last picture stands, and whether a block's box or the next one holds a picture."""
    n = columns.rows
    at = [0] * (n + 1)
    holders = set()
    for mark in found.images:
        at[min(mark.at, n)] += 1
        element = mark.element
        for _ in range(3):
            element = element.getparent()
            if element is None:
                break
            holders.add(element)
    distance = []
    last = -99
    for index in range(n):
        if at[index]:
            last = index
        distance.append(min(30, index - last))
    columns.add("picture_before", distance)
    columns.add("pictures_here", at[:n])
    columns.add("pictures_next", at[1:])
    columns.add("picture_in_box", [box.place.element in holders for box in boxes.of])
    columns.add("picture_in_parent", [(box.parent or box).place.element in holders for box in boxes.of])
    columns.add("alone_with_picture", [_alone_with_picture(box) for box in boxes.of])
    columns.add("fields_near", [_fields_near(box) for box in boxes.of])


def _alone_with_picture(box: Box) -> int:
    """How far up the box is that holds a picture and no text but this block's; 0 where there is none."""
    step: Box | None = box
    for distance in range(1, 6):
        if step is None or step.blocks > 1:
            return 0
        if step.place.images_inside:
            return distance
        step = step.parent
    return 0


_LONGEST_FORM_CHARS: Final = 800


def _fields_near(box: Box) -> int:
    """How far up the box is that holds a field of a form and little text; 0 where there is none."""
    step: Box | None = box
    for distance in range(1, 4):
        if step is None or step.chars > _LONGEST_FORM_CHARS:
            return 0
        if step.place.controls:
            return distance
        step = step.parent
    return 0


def _add_names(columns: _Columns, blocks: Sequence[TextBlock], boxes: BoxTable, texts: TextNumbers) -> None:
    """What the block is called and says, as columns of noughts and ones."""
    columns.add_bits("tag", TAGS, [box.tag for box in boxes.of])
    columns.add_bits("within", TAGS, [box.within for box in boxes.of])
    columns.add("italic", boxes.italic)
    contexts = [block.place.context for block in blocks]
    for name, bit in _CONTEXTS.items():
        columns.add(f"context:{name}", [bool(context & bit) for context in contexts])
    own = [box.names | inner for box, inner in zip(boxes.of, boxes.inner, strict=True)]
    near = []
    for names, box in zip(own, boxes.of, strict=True):
        one, two, _ = _around(box)
        near.append(names | one.names | two.names)
    columns.add_bits("own", NAME_GROUPS, own)
    columns.add_bits("near", NAME_GROUPS, near)
    columns.add_bits("inherited", NAME_GROUPS, [box.inherited for box in boxes.of])
    columns.add_bits("relative", NAME_GROUPS, [box.relative for box in boxes.of])
    columns.add_bits("says", PHRASE_GROUPS, texts.phrases)
    columns.add_bits("begins", PHRASE_GROUPS, texts.beginnings)


def _add_neighbours(
    columns: _Columns, blocks: Sequence[TextBlock], boxes: BoxTable, words: Column, rows: Matrix
) -> None:
    """A few numbers of the blocks before and after, and how far the nearest paragraph is."""
    n = columns.rows
    solid = (words > 12) & (rows[:, TEXT_FEATURES.index("link_density")] < 0.35)
    base = np.stack(
        [
            np.log1p(words),
            rows[:, TEXT_FEATURES.index("link_density")],
            rows[:, TEXT_FEATURES.index("ends")],
            np.asarray([block.kind == "p" for block in blocks], np.float32),
            np.asarray([len(block.kind) == 2 and block.kind[0] == "h" for block in blocks], np.float32),
            np.asarray([box.relative != 0 for box in boxes.of], np.float32),
        ],
        axis=1,
    ) if n else np.zeros((0, 6), np.float32)
    for step in _NEIGHBOURS:
        names = [f"{name}{step:+d}" for name in ("log_words", "links", "ends", "paragraph", "heading", "other_column")]
        columns.add_many(names, shifted(base, step))
    parents = np.asarray([(box.parent or box).index for box in boxes.of], np.float32)[:, None]
    columns.add("same_parent-1", shifted(parents, -1, -1.0) == parents)
    columns.add("same_parent+1", shifted(parents, 1, -1.0) == parents)
    teaser = (rows[:, TEXT_FEATURES.index("link_density")] >= 0.4) & (words <= 40)
    columns.add("teaser_run", _run_lengths(teaser))
    short = words <= 8
    columns.add("short_run", _run_lengths(short))
    columns.add("gap_before", _gaps(solid))
    columns.add("gap_after", _gaps(solid[::-1])[::-1])


def shifted(values: NDArray[np.float32], step: int, missing: float = 0.0) -> NDArray[np.float32]:
    """Each row's neighbour `step` rows away; `missing` beyond the ends."""
    result = np.full_like(values, missing)
    n = len(values)
    if abs(step) < n:
        if step < 0:
            result[-step:] = values[:step]
        else:
            result[: n - step] = values[step:]
    return result


def _gaps(solid: NDArray[np.bool_]) -> Column:
    """How many rows lie between each row and the last solid one before it, at most `_GAP`."""
    n = len(solid)
    place = np.arange(n)
    last = np.maximum.accumulate(np.where(solid, place, -_GAP - 1)) if n else place
    before = np.concatenate([[-_GAP - 1], last[:-1]])[:n]
    return np.minimum(place - before - 1, _GAP).astype(np.float32)


def _run_lengths(flags: NDArray[np.bool_]) -> Column:
    """For each row that is flagged, how many rows in a row are; 0 for the others."""
    if not len(flags):
        return np.zeros(0, np.float32)
    starts = np.flatnonzero(np.diff(flags, prepend=False) & flags)
    run = np.cumsum(np.isin(np.arange(len(flags)), starts)) - 1
    lengths = np.bincount(run[flags], minlength=len(starts)) if len(starts) else np.zeros(1)
    return np.where(flags, lengths[np.maximum(run, 0)], 0).astype(np.float32)
