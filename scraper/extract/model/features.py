"""A page's blocks described in numbers: one row a block, one column a feature.

The columns are, in order: the block's text (`texts`), its boxes (`places`), blocks of the same signature and of the
same parents, the page, the way to the nearest paragraphs, the heading above, the pictures around, the neighbours, and
what the boxes are called and the text says. No feature knows a site, and none needs another extractor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scraper.extract.blocks import Blocks, TextBlock
from scraper.extract.model.hints import Hints
from scraper.extract.model.places import TAGS, BoxTable, Index, Sums, tabulate
from scraper.extract.model.texts import TEXT_FEATURES, TextNumbers, measure
from scraper.extract.model.words import NAME_GROUPS, PHRASE_GROUPS

Column = NDArray[np.float32]
Matrix = NDArray[np.float32]

_FAR: Final = 999.0
_GAP: Final = 12
"""Blocks that are looked past for the nearest paragraph."""

_COMMENT: Final = 1 << NAME_GROUPS.index("comment")
_H1: Final = 1 << TAGS.index("h1")


@dataclass(frozen=True, slots=True)
class Table:
    """A page in numbers.

    matrix: one row a block, in document order. names: of its columns. words, boxes: of each block.
    signatures: a number for each block's kind of box, equal for equal boxes. beginnings: the phrase groups that
    each block begins with.
    """

    matrix: Matrix
    names: tuple[str, ...]
    words: Column
    boxes: BoxTable
    signatures: Index
    beginnings: list[int]


_ROOM: Final = 400
"""Columns for which there is room."""


class _Columns:
    """Columns as they are added, with their names. Each is one row of memory, as the trees want them."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.names: list[str] = []
        self._room = np.zeros((_ROOM, rows), np.float32)

    @property
    def matrix(self) -> Matrix:
        """One row a block, one column a feature."""
        return self._room[: len(self.names)].T

    def add(self, **columns: ArrayLike) -> None:
        for name, values in columns.items():
            self._room[len(self.names)] = values
            self.names.append(name)

    def add_many(self, names: Sequence[str], values: Matrix) -> None:
        at = len(self.names)
        self._room[at : at + len(names)] = values.T
        self.names.extend(names)

    def add_bits(self, prefix: str, names: Sequence[str], sets: Index) -> None:
        octets = sets.astype("<i8").view(np.uint8).reshape(len(sets), 8)
        bits = np.unpackbits(octets, axis=1, count=len(names), bitorder="little")
        at = len(self.names)
        self._room[at : at + len(names)] = bits.T
        self.names.extend(f"{prefix}:{name}" for name in names)

    def leave(self, names: Sequence[str]) -> None:
        """Columns that are nought."""
        self.names.extend(names)


def describe(found: Blocks, hints: Hints, title_at: int | None = None, *, lean: bool = False) -> Table:
    """The feature table of a page as cut into blocks. title_at: the block that shows the title, where it is known.

    lean: without what the fast setting does without, words that stand twice on the page, the way to the nearest
    paragraphs and the neighbours among them: those columns are nought.
    """
    blocks = found.blocks
    n = len(blocks)
    texts = measure(blocks, hints, lean=lean)
    boxes = tabulate(blocks, texts.words, lean=lean)
    around = _Around(boxes)
    rows = np.array(texts.rows, np.float32).reshape(n, len(TEXT_FEATURES))
    words = np.asarray(texts.words, np.float32)
    signatures = _signatures(boxes)
    columns = _Columns(n)
    columns.add_many(TEXT_FEATURES, rows)
    _add_boxes(columns, boxes, around)
    _add_groups(columns, boxes, around, signatures, rows)
    _add_page(columns, boxes, around, rows, title_at)
    if lean:
        columns.leave(_WAYS)
    else:
        _add_ways(columns, boxes, rows)
    _add_heading(columns, blocks, boxes, texts)
    _add_pictures(columns, found, boxes)
    if lean:
        columns.leave(_NEIGHBOURS)
    else:
        _add_neighbours(columns, around, rows)
    _add_names(columns, boxes, around, texts)
    return Table(columns.matrix, tuple(columns.names), words, boxes, signatures, texts.beginnings)


@lru_cache(maxsize=1)
def feature_names() -> tuple[str, ...]:
    """The names of the columns that `describe` gives, whatever the page."""
    return describe(Blocks(), Hints()).names


class _Around:
    """The boxes as columns: each block's own box (`here`), and the three around it. The outermost stands for what is
    missing."""

    def __init__(self, boxes: BoxTable) -> None:
        self.here = np.asarray(boxes.of, np.int64)
        up = np.asarray(boxes.parents, np.int64)
        self.one = up[self.here]
        self.two = up[self.one]
        self.three = up[self.two]
        self.names, self.inherited, self.relative, self.tag, self.within = (
            np.asarray(sets, np.int64)
            for sets in (boxes.names, boxes.inherited, boxes.relative, boxes.tags, boxes.within)
        )
        self.core = np.zeros(len(up), np.bool_)
        if boxes.core is not None:
            self.core[boxes.core] = True


def _signatures(boxes: BoxTable) -> Index:
    """A number for each block's kind of box, and of the box around that."""
    known: dict[tuple[str, str], int] = {}
    names, parents = boxes.signatures, boxes.parents
    numbers = [
        known.setdefault((names[box], names[parents[box]] if box else ""), len(known)) for box in boxes.of
    ]
    return np.asarray(numbers, np.int64)


def _add_boxes(columns: _Columns, boxes: BoxTable, around: _Around) -> None:
    here, one, two = around.here, around.one, around.two
    prose = boxes.prose / (boxes.all_prose or 1.0)
    links = boxes.link_chars / np.maximum(boxes.chars, 1.0)
    solid = boxes.prose / np.maximum(boxes.chars, 1.0)
    hidden = np.asarray(boxes.hidden, np.bool_)
    depth, last = np.asarray(boxes.depths, np.int64), np.asarray(boxes.last, np.int64)
    article_prose, article_number = _articles(boxes, prose)
    columns.add(
        prose_here=prose[here], prose_1=prose[one], prose_2=prose[two], prose_3=prose[around.three],
        links_here=links[here], links_1=links[one], links_2=links[two],
        blocks_here=boxes.blocks[here], blocks_1=boxes.blocks[one], blocks_2=boxes.blocks[two],
        solid_1=solid[one], solid_2=solid[two], chars_1=boxes.chars[one], chars_2=boxes.chars[two],
        depth=depth[here], up=boxes.up[here], down=boxes.down[here],
        in_core=around.core[here] | around.core[one], in_half=boxes.in_half[here],
        in_four_fifths=boxes.in_four_fifths[here], hidden=hidden[here],
        last_in_1=last[one] - np.arange(columns.rows),
        article_prose=article_prose, article_number=article_number,
    )  # fmt: skip


def _articles(boxes: BoxTable, prose: Sums) -> tuple[list[float], list[float]]:
    """Of the nearest `article` around each block, its share of the page's prose and its number; -1 outside of any."""
    numbers: dict[int, float] = {}
    shares, order = [], []
    for box in boxes.of:
        article = boxes.articles[box]
        shares.append(float(prose[article]) if article >= 0 else -1.0)
        order.append(numbers.setdefault(article, float(len(numbers))) if article >= 0 else -1.0)
    return shares, order


def _add_groups(columns: _Columns, boxes: BoxTable, around: _Around, signatures: Index, rows: Matrix) -> None:
    """What blocks of the same signature, and blocks in the same parent or grandparent, are like on average."""
    n = columns.rows
    if not n:
        names = ("count", "prose", "links", "chars", "ends", "linked", "cut")
        columns.add(
            **{f"{group}_{name}": 0.0 for group in ("alike", "parent", "grandparent") for name in names}
        )
        return
    chars = rows[:, TEXT_FEATURES.index("chars")]
    link_chars = rows[:, TEXT_FEATURES.index("link_density")] * chars
    prose = np.asarray(boxes.is_prose, np.float32) * chars / (boxes.all_prose or 1.0)
    ends = rows[:, TEXT_FEATURES.index("ends")]
    linked = (rows[:, TEXT_FEATURES.index("links")] > 0).astype(np.float32)
    cut_short = rows[:, TEXT_FEATURES.index("ends_cut")]
    for name, groups in (("alike", signatures), ("parent", around.one), ("grandparent", around.two)):
        count = np.bincount(groups)
        many = np.maximum(count, 1)
        total = np.bincount(groups, chars)
        columns.add(**{
            f"{name}_count": count[groups],
            f"{name}_prose": np.bincount(groups, prose)[groups],
            f"{name}_links": (np.bincount(groups, link_chars) / np.maximum(total, 1.0))[groups],
            f"{name}_chars": (total / many)[groups],
            f"{name}_ends": (np.bincount(groups, ends) / many)[groups],
            f"{name}_linked": (np.bincount(groups, linked) / many)[groups],
            f"{name}_cut": (np.bincount(groups, cut_short) / many)[groups],
        })  # fmt: skip


def _add_page(
    columns: _Columns, boxes: BoxTable, around: _Around, rows: Matrix, title_at: int | None
) -> None:
    """Where on the page the block stands, and what page it is."""
    n = columns.rows
    place = np.arange(n, dtype=np.float32)
    words = rows[:, TEXT_FEATURES.index("words")]
    total = float(words.sum()) or 1.0
    core = None if boxes.core is None else (boxes.first[boxes.core], boxes.last[boxes.core])
    titled = np.flatnonzero((rows[:, TEXT_FEATURES.index("title_cover")] >= 0.75) & (words >= 3))
    headed = np.flatnonzero(around.within[around.here] & _H1)
    called = (
        around.relative[around.here] | np.where(boxes.up[around.here] > 0, around.names[around.here], 0)
    ) & _COMMENT
    comments = np.flatnonzero(called)
    prose = np.flatnonzero(boxes.is_prose)

    def since(at: Sequence[int] | Index | None, which: int = 0) -> Column | float:
        return place - at[which] if at is not None and len(at) else -_FAR

    columns.add(
        at=place / max(1, n), from_end=n - place, words_before=(np.cumsum(words) - words) / total,
        page_blocks=float(n), page_words=total, page_prose=boxes.all_prose, page_titles=float(len(headed)),
        from_headline=since(None if title_at is None else [title_at]), from_title=since(titled),
        from_last_title=since(titled, -1), from_h1=since(headed), from_core=since(core),
        past_core=since(core, -1), from_prose=since(prose), past_prose=since(prose, -1),
        from_comments=since(comments),
    )  # fmt: skip


_WAYS: Final = ("gap_before", "gap_after", "seam_prose", "seam_after_prose", "teaser_run", "short_run")
_DEEPEST_SEAM: Final = 12
_FARTHEST_PICTURE: Final = 5


def _add_ways(columns: _Columns, boxes: BoxTable, rows: Matrix) -> None:
    """How far the nearest paragraphs are, in blocks and in boxes to leave and to enter."""
    words = rows[:, TEXT_FEATURES.index("words")]
    links = rows[:, TEXT_FEATURES.index("link_density")]
    solid = (words > 12) & (links < 0.35)
    columns.add(
        gap_before=_gaps(solid),
        gap_after=_gaps(solid[::-1])[::-1],
        seam_prose=_seams(boxes, boxes.of, boxes.is_prose),
        seam_after_prose=_seams(boxes, boxes.of[::-1], boxes.is_prose[::-1])[::-1],
        teaser_run=_run_lengths((links >= 0.4) & (words <= 40)),
        short_run=_run_lengths(words <= 8),
    )


def _seams(table: BoxTable, boxes: Sequence[int], is_prose: Sequence[bool]) -> list[int]:
    """For each block, the boxes between it and the last paragraph before it."""
    seams = []
    last = previous = -1
    seam = _DEEPEST_SEAM
    for box, prose in zip(boxes, is_prose, strict=True):
        if box != previous and last >= 0:
            seam = _seam(table, last, box)
        seams.append(seam)
        previous = box
        if prose and box != last:
            last = box
            seam = 0
    return seams


def _seam(table: BoxTable, one: int, other: int) -> int:
    """How many boxes a reader of the tree leaves and enters on the way from one box to another."""
    depths, parents = table.depths, table.parents
    steps = 0
    while one != other and steps < _DEEPEST_SEAM:
        if depths[one] >= depths[other]:
            one = parents[one]
        else:
            other = parents[other]
        steps += 1
    return steps


_HEADING_FEATURES: Final = (
    "heading_distance", "heading_level", "heading_links", "heading_shared", "heading_words", "subject_distance",
)  # fmt: skip
_HEADING_WORDS: Final = 14
_SUBJECT_WORDS: Final = 6
_HEADING_REACH: Final = 60
_LEVELS_SHARED: Final = 6


def _add_heading(columns: _Columns, blocks: Sequence[TextBlock], boxes: BoxTable, texts: TextNumbers) -> None:
    """The heading above: how far, how big, whether it governs the block, and what it promises."""
    rows: list[tuple[float, ...]] = []
    promised: list[int] = []
    heading = -1
    level = 0
    links = words = 0.0
    governed: dict[int, int] = {}  # boxes around the heading, and how near it they are
    spoken = -1  # the last short heading that begins with a phrase of boilerplate
    for index, block in enumerate(blocks):
        if heading < 0:
            rows.append((_FAR, 0, 0, -1, 0, _FAR))
            promised.append(0)
        else:
            distance = index - heading
            shared = governed.get(boxes.of[index], -1)
            rows.append((distance, level, links, shared, words, index - spoken if spoken >= 0 else _FAR))
            promised.append(texts.phrases[heading] if distance < _HEADING_REACH else 0)
        kind = block.kind
        is_heading = len(kind) == 2 and kind[0] == "h"
        count = texts.words[index]
        if is_heading or (block.strong and count <= _HEADING_WORDS and not block.text.endswith(".")):
            heading, level, links, words = index, int(kind[1]) if is_heading else 7, block.link_density, count
            governed = {}
            box = boxes.of[index]
            for near in range(_LEVELS_SHARED, 0, -1):
                governed[box] = near
                if not box:
                    break
                box = boxes.parents[box]
            if count <= _SUBJECT_WORDS and texts.beginnings[index]:
                spoken = index
    columns.add_many(
        _HEADING_FEATURES, np.array(rows, np.float32).reshape(columns.rows, len(_HEADING_FEATURES))
    )
    columns.add_bits("heading", PHRASE_GROUPS, np.asarray(promised, np.int64))


def _add_pictures(columns: _Columns, found: Blocks, boxes: BoxTable) -> None:
    """How near the last picture stands, whether the block is alone in a box with it, and marks of dates."""
    n = columns.rows
    pictures = np.bincount([min(mark.at, n) for mark in found.images], minlength=n + 1)[:n]
    marks = np.bincount([min(mark.at, n) for mark in found.marks], minlength=n + 1)[:n].astype(np.float32)
    place = np.arange(n)
    last = np.maximum.accumulate(np.where(pictures > 0, place, -99)) if n else place
    columns.add(
        picture_before=np.minimum(30, place - last),
        pictures_here=pictures,
        alone_with_picture=_alone_with_picture(boxes),
        marks_near=marks + shifted(marks, -1) + shifted(marks, 1),
    )


def _alone_with_picture(boxes: BoxTable) -> list[int]:
    """For each block, how far up the box is that holds a picture and no other text; 0 where there is none."""
    is_lone = (boxes.blocks <= 1).tolist()
    return [_steps_to_picture(boxes, box) if is_lone[box] else 0 for box in boxes.of]


def _steps_to_picture(boxes: BoxTable, box: int) -> int:
    for distance in range(1, _FARTHEST_PICTURE + 1):
        if boxes.places[box].images_inside:
            return distance
        box = boxes.parents[box]
        if boxes.blocks[box] > 1:
            break
    return 0


_STEPS: Final = (-3, -2, -1, 1, 2, 3)
_OF_NEIGHBOURS: Final = ("log_words", "links", "other_column")
_NEIGHBOURS: Final = tuple(f"{name}{step:+d}" for step in _STEPS for name in _OF_NEIGHBOURS)


def _add_neighbours(columns: _Columns, around: _Around, rows: Matrix) -> None:
    """Length and links of the blocks before and after, and whether they stand in the column of the core."""
    base = np.stack(
        [
            np.log1p(rows[:, TEXT_FEATURES.index("words")]),
            rows[:, TEXT_FEATURES.index("link_density")],
            (around.relative[around.here] != 0).astype(np.float32),
        ],
        axis=1,
    )
    columns.add_many(_NEIGHBOURS, np.concatenate([shifted(base, step) for step in _STEPS], axis=1))


def _add_names(columns: _Columns, boxes: BoxTable, around: _Around, texts: TextNumbers) -> None:
    """What the boxes are called and the text says, as columns of noughts and ones."""
    here, one, two = around.here, around.one, around.two
    own = around.names[here] | np.asarray(boxes.inner, np.int64)
    columns.add(italic=boxes.italic)
    columns.add_bits("tag", TAGS, around.tag[here])
    columns.add_bits("within", TAGS, around.within[here])
    columns.add_bits("own", NAME_GROUPS, own)
    columns.add_bits("near", NAME_GROUPS, own | around.names[one] | around.names[two])
    columns.add_bits("inherited", NAME_GROUPS, around.inherited[here])
    columns.add_bits("relative", NAME_GROUPS, around.relative[here])
    columns.add_bits("says", PHRASE_GROUPS, np.asarray(texts.phrases, np.int64))


def shifted(values: NDArray[np.float32], step: int) -> NDArray[np.float32]:
    """Each row's neighbour `step` rows away; nought beyond the ends."""
    result = np.zeros_like(values)
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
    if not n:
        return np.zeros(0, np.float32)
    place = np.arange(n)
    last = np.maximum.accumulate(np.where(solid, place, -_GAP - 1))
    before = np.concatenate([[-_GAP - 1], last[:-1]])
    return np.asarray(np.minimum(place - before - 1, _GAP), np.float32)


def _run_lengths(flags: NDArray[np.bool_]) -> Column:
    """For each row that is flagged, how many rows in a row are; 0 for the others."""
    starts = (
        np.flatnonzero(flags & ~np.concatenate([[False], flags[:-1]]))
        if len(flags)
        else np.zeros(0, np.int64)
    )
    if not len(starts):
        return np.zeros(len(flags), np.float32)
    number = np.zeros(len(flags), np.int64)
    number[starts] = 1
    run = np.cumsum(number) - 1
    lengths = np.bincount(run[flags], minlength=len(starts))
    return np.asarray(np.where(flags, lengths[np.maximum(run, 0)], 0), np.float32)
