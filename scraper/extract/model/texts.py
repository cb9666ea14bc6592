"""The numbers that a block's own text gives: length, words, punctuation, phrases, and likeness to the hints.

More than half of a page's blocks are lines of its menus: short, and a link as a whole. Of those only length and
links are measured, the rest is left at nought; that halves the time and changes no figure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scraper.extract.blocks import TextBlock
from scraper.extract.model.hints import Hints
from scraper.extract.model.words import STOP, STOP_CHARACTERS, phrase_groups

_WORD = re.compile(r"\w+")
_UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
"""Scripts without spaces between words (Thai, kana, Han): there words are counted by characters."""

_CHARACTERS_A_WORD: Final = 2.0
_SENTENCE = re.compile(r"[.!?…。！？؟।](?:\s|$|[\"”»“’』」)])")
_ENDS: Final = frozenset('.!?…。！？؟।"”»“’』」:;)')
_CUT_SHORT: Final = ("…", "...", "…]", "...]", "[…]")
_HEAD_WORDS: Final = 40
_GRAM: Final = 5
"""Words in a row that say a text stands twice on the page: a pull quote, a repeated standfirst."""

_MOST_WORDS: Final = 100_000
"""Of a page, in which repeated ones are looked for: bounds the memory that a page can ask for."""

_MENU_LINKS: Final = 0.9
_LONGEST_MENU: Final = 60
_HEADINGS: Final = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])

TEXT_FEATURES: Final = (
    "words", "chars", "link_density", "links", "strong", "ends", "copies", "copies_before", "stop_share", "titled",
    "commas", "sentences", "ends_cut", "tabs", "title_share", "title_cover", "description_share",
    "description_cover", "repeated",
)  # fmt: skip
"""The columns of `TextNumbers.rows`, in order. Sources: extraction literature (link and text density, Kohlschütter
et al. 2010; stop words, Pomikálek 2011), and pages read by eye. Measured and left out, as the trees hardly asked for
them: the first character, digits, capitals, dates and addresses in the text, JSON-LD's `articleBody`."""

_OF_MENUS: Final = (0.0,) * 11


@dataclass(frozen=True, slots=True)
class TextNumbers:
    """One row of `TEXT_FEATURES` a block; word counts; and the phrase groups at its beginning and near its ends."""

    rows: list[tuple[float, ...]]
    words: list[float]
    beginnings: list[int]
    phrases: list[int]


def measure(blocks: Sequence[TextBlock], hints: Hints, *, lean: bool = False) -> TextNumbers:
    """The text numbers of a page's blocks. lean: capitals, commas, sentences and words that stand twice are nought."""
    keys, tokens, split = _read(blocks, lean=lean)
    copies = Counter(keys)
    grams = Counter[tuple[str, ...]]()
    room = _MOST_WORDS
    for words in () if lean else split:
        room -= len(words)
        if len(words) >= _GRAM and room >= 0:
            grams.update(zip(words, words[1:], words[2:], words[3:], words[4:], strict=False))
    twice = {gram for gram, count in grams.items() if count > 1}
    titles = [frozenset(_WORD.findall(title.lower())) for title in hints.titles]
    titles = [title for title in titles if title]
    description = frozenset(_WORD.findall(hints.description.lower()))
    numbers = TextNumbers([], [], [], [])
    seen: Counter[str] = Counter()
    for block, words, written, key in zip(blocks, split, tokens, keys, strict=True):
        text = block.text
        length = len(text)
        count = float(len(words))
        links = block.link_density
        copy = copies[key]
        before = 0
        if copy > 1:
            before = seen[key]
            seen[key] += 1
        found = () if text.isascii() else _UNSPACED.findall(text)
        count += len(found) / _CHARACTERS_A_WORD
        numbers.words.append(count)
        first = (count, length, links, len(block.targets), block.strong, text[-1] in _ENDS, copy, before)
        if links >= _MENU_LINKS and length <= _LONGEST_MENU and block.kind not in _HEADINGS:
            numbers.rows.append(first + _OF_MENUS)
            numbers.beginnings.append(0)
            numbers.phrases.append(0)
            continue
        divisor = count or 1.0
        stop = len(list(filter(STOP.__contains__, words)))
        if found:
            stop += len([character for character in found if character in STOP_CHARACTERS])
        repeated = 0.0
        if twice and copy == 1 and len(words) >= _GRAM:
            fives = zip(words, words[1:], words[2:], words[3:], words[4:], strict=False)
            repeated = len([gram for gram in fives if gram in twice]) / (len(words) - _GRAM + 1)
        own = frozenset(words)
        beginning, phrases = phrase_groups(words, text)
        numbers.beginnings.append(beginning)
        numbers.phrases.append(phrases)
        numbers.rows.append((
            *first, stop / divisor, *(_NO_STYLE if lean else _style(text, written, divisor)),
            text.endswith(_CUT_SHORT), text.count("\t"),
            *_title_likeness(words, own, titles), *_likeness(own, description), repeated,
        ))  # fmt: skip
    return numbers


def _read(blocks: Sequence[TextBlock], *, lean: bool) -> tuple[list[str], list[list[str]], list[list[str]]]:
    """Of each block, a key that is the same for equal words; its words as written; its words in lower case."""
    if lean:
        keys = [block.text.lower() for block in blocks]
        words = [_WORD.findall(key) for key in keys]
        return keys, words, words
    written = [_WORD.findall(block.text) for block in blocks]
    keys = [" ".join(words).lower() for words in written]
    return keys, written, [key.split() for key in keys]


_NO_STYLE: Final = (0.0, 0.0, 0.0)


def _style(text: str, words: Sequence[str], count: float) -> tuple[float, float, float]:
    """Of its first words, the share in title case; commas a word; sentences."""
    head = words[:_HEAD_WORDS]
    titled = len([word for word in head if word.istitle()]) / (len(head) or 1)
    commas = text.count(",") + text.count("،") + text.count("、") + text.count("，")
    return titled, commas / count, len(_SENTENCE.findall(text))


_LONGEST_TITLE: Final = 40


def _likeness(own: frozenset[str], description: frozenset[str]) -> tuple[float, float]:
    """How much of a block stands in the description, and of the description in the block; -1 where there is none."""
    if not description:
        return -1.0, -1.0
    shared = len(description & own)
    return shared / (len(own) or 1), shared / len(description)


def _title_likeness(
    words: Sequence[str], own: frozenset[str], titles: Sequence[frozenset[str]]
) -> tuple[float, float]:
    """How much of a block stands in the nearest title, and how much of that title in the block."""
    if not titles or not words or len(words) > _LONGEST_TITLE:
        return 0.0, 0.0
    shared = cover = 0
    size = 1
    for title in titles:
        both = len(own & title)
        if both > shared:
            shared, cover, size = both, both, len(title)
    return shared / len(own), cover / size
