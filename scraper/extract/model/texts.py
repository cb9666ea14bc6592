"""The numbers that a block's own text gives: length, words, punctuation, phrases, and likeness to the hints."""

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
_DATE = re.compile(r"\b(?:19|20)\d\d\b|\d{1,2}[:.h]\d\d\b|\d{1,2}[./-]\d{1,2}[./-]\d{2}")
_SENTENCE = re.compile(r"[.!?…。！？؟।](?:\s|$|[\"”»“’』」)])")
_ENDS: Final = frozenset(".!?…。！？؟।\"”»“’』」:;)")
_QUOTES: Final = frozenset("\"“„«‘'「『”")
_BULLETS: Final = frozenset("-–—•·▪►»>*✓→#+")
_HEAD_WORDS: Final = 40
_GRAM: Final = 5
"""Words in a row that say a text stands twice on the page: a pull quote, a repeated standfirst."""

TEXT_FEATURES: Final = (
    "words", "chars", "word_length", "stop_share", "digits", "capitals", "titled", "commas", "sentences", "ends",
    "ends_colon", "starts_upper", "starts_lower", "starts_quote", "starts_bullet", "starts_digit", "pipe", "at_sign",
    "url", "date", "lines", "tabs", "link_density", "links", "anchors", "strong", "title_share", "title_cover",
    "description_share", "body_hint", "copies", "copies_before", "repeated", "unspaced",
)  # fmt: skip
"""The columns of `TextNumbers.rows`, in order. Sources: extraction literature (link and text density, Kohlschütter
et al. 2010; stop words, Pomikálek 2011), and pages read by eye."""


@dataclass(frozen=True, slots=True)
class TextNumbers:
    """One row of `TEXT_FEATURES` a block; word counts; and the phrase groups at its beginning and near its ends."""

    rows: list[tuple[float, ...]]
    words: list[float]
    beginnings: list[int]
    phrases: list[int]


def measure(blocks: Sequence[TextBlock], hints: Hints) -> TextNumbers:
    """The text numbers of a page's blocks."""
    tokens = [_WORD.findall(block.text.lower()) for block in blocks]
    joined = [" ".join(words) for words in tokens]
    copies = Counter(joined)
    grams = Counter[tuple[str, ...]]()
    for words in tokens:
        if len(words) >= _GRAM:
            grams.update(zip(words, words[1:], words[2:], words[3:], words[4:], strict=False))
    titles = [frozenset(_WORD.findall(title.lower())) for title in hints.titles]
    titles = [title for title in titles if title]
    description = frozenset(_WORD.findall(hints.description.lower()))
    body = " ".join(_WORD.findall(hints.body.lower()))
    numbers = TextNumbers([], [], [], [])
    seen: Counter[str] = Counter()
    for block, words, key in zip(blocks, tokens, joined, strict=True):
        text = block.text
        length = len(text)
        count = float(len(words))
        unspaced = 0
        stop = len([word for word in words if word in STOP])
        if not text.isascii():
            found = _UNSPACED.findall(text)
            unspaced = len(found)
            if unspaced:
                count += unspaced / _CHARACTERS_A_WORD
                stop += len([ch for ch in found if ch in STOP_CHARACTERS])
        divisor = count or 1.0
        head = _WORD.findall(text[:240])[:_HEAD_WORDS]
        first, last = text[0], text[-1]
        share, cover = _title_likeness(words, titles)
        repeated = 0.0
        if len(words) >= _GRAM and copies[key] == 1:
            own = zip(words, words[1:], words[2:], words[3:], words[4:], strict=False)
            repeated = sum([grams[gram] > 1 for gram in own]) / (len(words) - _GRAM + 1)
        beginning, phrases = phrase_groups(words, text)
        numbers.words.append(count)
        numbers.beginnings.append(beginning)
        numbers.phrases.append(phrases)
        numbers.rows.append((
            count, length, length / divisor, stop / divisor,
            sum(map(str.isdecimal, text[:200])) / min(length, 200),
            sum(map(str.isupper, head)) / (len(head) or 1),
            sum(map(str.istitle, head)) / (len(head) or 1),
            (text.count(",") + text.count("،") + text.count("、") + text.count("，")) / divisor,
            len(_SENTENCE.findall(text)), last in _ENDS, last == ":",
            first.isupper(), first.islower(), first in _QUOTES, first in _BULLETS, first.isdecimal(),
            "|" in text, "@" in text, "http" in text or "www." in text,
            length < 200 and _DATE.search(text) is not None,
            text.count("\n"), text.count("\t"), block.link_density, len(block.targets),
            sum([target.startswith(("#", "javascript:", "mailto:")) for target in block.targets]),
            block.strong, share, cover,
            len([word for word in words if word in description]) / divisor if description else -1.0,
            _in_body(key, body), copies[key], seen[key], repeated, unspaced / length,
        ))  # fmt: skip
        seen[key] += 1
    return numbers


_LONGEST_TITLE: Final = 40


def _title_likeness(words: Sequence[str], titles: Sequence[frozenset[str]]) -> tuple[float, float]:
    """How much of a block stands in the nearest title, and how much of that title in the block."""
    if not titles or not words or len(words) > _LONGEST_TITLE:
        return 0.0, 0.0
    own = frozenset(words)
    shared, title = max(((len(own & title), title) for title in titles), key=lambda pair: pair[0])
    return shared / len(own), shared / len(title)


_EDGE: Final = 50


def _in_body(key: str, body: str) -> float:
    """Whether a block stands in the `articleBody`: 1 wholly, .5 its beginning or end, 0 not, -1 there is none."""
    if not body:
        return -1.0
    if key in body:
        return 1.0
    if len(key) > 2 * _EDGE and (key[:_EDGE] in body or key[-_EDGE:] in body):
        return 0.5
    return 0.0
