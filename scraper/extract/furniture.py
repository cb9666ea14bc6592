"""What a site repeats around its articles: when two blocks are the same, which pages count, what follows. Pure.

A block that stands on at least half of a site's different articles is the site's furniture. Articles are counted, not
pages: a story, its print version and one sibling would make the story its own furniture (recall 0.00 when pages
are counted, `facts/dedup-search.md`, same-site learning), so pages that hold the same story are one witness.

What stands outside the text of one article can be the text of another: a headline in a list of related stories, a
standfirst in a teaser. So links are told from text, every block is counted where it was taken for content too, and a
block that the page at hand surely has as its own content gives way only to what others had in their text as well.

Where pages come from is left to `learn`, pages in a form that can be kept to `witness`, and what is done about a marked
block to the rules of the model.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import combinations
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from unicodedata import combining, normalize

import numpy as np

from scraper.extract.text import fold
from scraper.minhash import PARAMS, Hashes, text_shingles
from scraper.model import Furniture

if TYPE_CHECKING:
    from scraper.extract.blocks import TextBlock

FEWEST_ARTICLES: Final = 2
"""Different articles from which on anything is learnt. Two do nearly all of the good (`facts/dedup-search.md`)."""

MOST_PAGES: Final = 200
"""Pages that are compared with one another: more change little, and each is compared with each."""

MOST_BLOCKS: Final = 4_000
"""Blocks that one site's furniture holds; beyond, those seen around the fewest articles go."""

LINK: Final = "[link] "
ASIDE: Final = "[aside] "
"""What a key begins with where a block is a link as a whole, and where it is text that was not taken for content.
Without either it stood in the text. Folded text holds no brackets."""

_LONGEST_KEY: Final = 160
_SURE: Final = 0.75
_SURE_HEADING: Final = 0.6
_SURE_OF_ONE: Final = 0.9
"""The probability from which a block counts as the page's own content. A heading then stays, since articles of one kind
share theirs ("Ingredients", "References"), and so does what at most one article had in its text and the others around
it. Anything else needs more witnesses:"""

_SURE_ARTICLES: Final = 4
_SURE_SHARE: Final = 0.75
"""An agency tells the background of a war in the same words in each story of it, and where annotators met standing
paragraphs on two articles of one site (`../shared/extraction-dev`), they kept more of them than they dropped. On
246 pages there, .9 costs .0002 of the mean F1 against .75, and .6 gains nothing on it."""

_SAME_STORY: Final = 0.5
_SAME_TITLE: Final = 0.3
_TITLE_WORDS: Final = 0.5
"""The share of a page's shingles found on another page from which on both hold one story; lower where the titles agree.
Of 279 pairs of pages of one site among the development pages, 31 are copies and share .99 or more; the others .22 at
most."""

_OWN_SHARE: Final = 0.4
"""What must be left of a page's text without the blocks that all pages share, for the rest to speak for it."""

HEADINGS: Final = frozenset(["h2", "h3", "h4", "h5", "h6"])

_NUMBERS = re.compile(b"00+")


ABSENT, AROUND, IN_TEXT, STANDING = range(4)
"""What a block is to its site: not repeated; repeated, but in the text of one article at the most; in that of several;
so often that it gives way even where it is surely content."""


def block_key(text: str) -> str:
    """The key under which two blocks are the same: letters folded, every number as 0; empty where it has no letter.

    At most some 180 characters: a long text is its beginning and a digest.
    """
    return keyed(text)[0]


def keyed(text: str) -> tuple[str, int]:
    """The key of a block, and the key's hash of 62 bits. A site's short blocks come again and again: remembered."""
    return _keyed_again(text) if len(text) <= _LONGEST_KEY else _keyed(text)


def _keyed(text: str) -> tuple[str, int]:
    key = _key_octets(text)
    return key.decode(), _number(key)


def number_of(text: str) -> int:
    """The hash alone, 0 for a block without a letter."""
    return _number_again(text) if len(text) <= _LONGEST_KEY else _number_of(text)


def _number_of(text: str) -> int:
    key = _key_octets(text)
    return _number(key) if key else 0


def _number(key: bytes) -> int:
    return int.from_bytes(blake2b(key, digest_size=8).digest(), "little") >> 2


_keyed_again = lru_cache(maxsize=4096)(_keyed)
_number_again = lru_cache(maxsize=4096)(_number_of)


def _key_octets(text: str) -> bytes:
    if text.isascii():
        said = text.encode("ascii").translate(_ASCII, b"'")
    else:
        said = normalize("NFKD", text).casefold().translate(_CHARACTERS).encode("utf-8", "replace")
    key = b" ".join(said.split())
    if b"00" in key:
        key = _NUMBERS.sub(b"0", key)
    if not key.strip(b"0 "):
        return b""
    if len(key) <= _LONGEST_KEY:
        return key
    begins = key[:_LONGEST_KEY].decode("utf-8", "ignore").encode()
    return begins + b" #" + blake2b(key, digest_size=8).hexdigest().encode()


class _Characters(dict[int, str | None]):
    """What a character is in a key, worked out once: a letter itself, a digit 0, a mark or an apostrophe nothing."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        value: str | None = " "
        if character in "'\u2019" or combining(character):
            value = None
        elif character.isdecimal():
            value = "0"
        elif character.isalnum():
            value = character.lower()
        self[code] = value
        return value


_CHARACTERS = _Characters()
_ASCII = bytes(ord(_CHARACTERS[code] or " ") if code < 128 else 32 for code in range(256))


def is_link(block: TextBlock) -> bool:
    """Whether a block is mostly a link."""
    return block.link_density > 0.5


def is_furniture(furniture: Furniture, block: TextBlock, probability: float = 0.0) -> bool:
    """Whether a block of a page is known to be repeated by its site.

    probability: that the block is main content, as judged on this page alone.
    """
    if furniture.articles < FEWEST_ARTICLES:
        return False
    key, number = keyed(block.text)
    if not key:
        return False
    if is_link(block):
        return _seen(furniture, LINK, key, number) >= least_of(furniture.articles)
    in_text, around = _seen(furniture, "", key, number), _seen(furniture, ASIDE, key, number)
    return gives_way(
        standing_of(in_text, around, furniture.articles), probability, heading=block.kind in HEADINGS
    )


def _seen(furniture: Furniture, mark: str, key: str, number: int) -> int:
    """On how many articles a block stands: furniture has it by its key, or by the hash of it (see `witness`)."""
    found = furniture.blocks.get(mark + key)
    return furniture.blocks.get(mark + hashed_key(number), 0) if found is None else found


def hashed_key(number: int) -> str:
    """The key of a block of which only the hash is known. Folded text begins with no such sign."""
    return f"#{number:x}"


def least_of(articles: int) -> int:
    """On how many of a site's articles its furniture stands at the least."""
    return max(FEWEST_ARTICLES, (articles + 1) // 2)


def standing_of(in_text: int, around: int, articles: int) -> int:
    """What a block is to its site. in_text, around: on how many of the articles it stands in the text, or beside it."""
    seen = in_text + around
    if articles < FEWEST_ARTICLES or seen < least_of(articles):
        return ABSENT
    if in_text < FEWEST_ARTICLES:
        return AROUND
    return STANDING if seen >= _SURE_ARTICLES and seen >= _SURE_SHARE * articles else IN_TEXT


def gives_way(standing: int, probability: float, *, heading: bool) -> bool:
    """Whether a block that is no link goes, by what it is to its site and how likely it is this page's content."""
    if standing == ABSENT:
        return False
    if probability < (_SURE_HEADING if heading else _SURE_OF_ONE if standing == AROUND else _SURE):
        return True
    return standing == STANDING and not heading


@dataclass(frozen=True, slots=True)
class Survey:
    """One page of a site as a witness: which blocks it shows, and the story it tells.

    title: the words of its title. keys: of all its blocks but the headline, links with their mark. text: key and text
    of each block that was taken for content and is no link, in order. whole: shingles of all text that is no link.
    """

    title: frozenset[str]
    keys: frozenset[str]
    text: tuple[tuple[str, str], ...]
    whole: Hashes

    @property
    def order(self) -> bytes:
        """A digest to sort pages by, so that nothing depends on the order they were given in."""
        parts = [" ".join(sorted(self.title)), *sorted(self.keys), "", *(text for _, text in self.text)]
        said = "\n".join(parts).encode("utf-8", "replace")
        return blake2b(said + self.whole.tobytes(), digest_size=16).digest()


def survey_blocks(
    title: str | None, blocks: Sequence[TextBlock], headline: Collection[int], content: Collection[int]
) -> Survey:
    """The survey of a page. headline, content: positions of the blocks that show the title, and of its main content."""
    keys: set[str] = set()
    text: list[tuple[str, str]] = []
    for block in blocks:
        key = block_key(block.text)
        if not key or block.index in headline:
            continue
        if is_link(block):
            keys.add(LINK + key)
            continue
        keys.add(key)
        if block.index in content:
            text.append((key, block.text))
    whole = _shingles(block.text for block in blocks if not is_link(block))
    return Survey(frozenset(fold(title or "").split()), frozenset(keys), tuple(text), whole)


def learn(surveys: Iterable[Survey]) -> Furniture:
    """What one site repeats around its articles, learnt from pages of it, in whatever order they come.

    Pages of one story count once. Pages with too little text to tell their story from another do not count.
    """
    ordered = {survey.order: survey for survey in surveys}
    pages = [ordered[key] for key in sorted(ordered)]
    stories = group(pages[:MOST_PAGES])
    seen: Counter[str] = Counter()
    for story in stories:
        in_text = {key for page in story for key, _ in page.text}
        seen.update(in_text)
        others = {key for page in story for key in page.keys} - in_text
        seen.update(key if key.startswith(LINK) else ASIDE + key for key in others)
    return Furniture(len(stories), _bounded(seen))


def merge(*parts: Furniture) -> Furniture:
    """What several lots of different articles of one site say together."""
    seen: Counter[str] = Counter()
    for part in parts:
        seen.update(part.blocks)
    return Furniture(sum(part.articles for part in parts), _bounded(seen))


def _bounded(seen: Counter[str]) -> MappingProxyType[str, int]:
    """The blocks by key; where they are too many, those seen most often, and of those the first in the alphabet."""
    if len(seen) > MOST_BLOCKS:
        often = sorted(seen, key=lambda key: (-seen[key], key))
        return MappingProxyType({key: seen[key] for key in sorted(often[:MOST_BLOCKS])})
    return MappingProxyType({key: seen[key] for key in sorted(seen)})


def group(pages: Sequence[Survey]) -> list[list[Survey]]:
    """The pages by story: copies, print versions and follow-ups that repeat each other are together.

    A page whose text is too short to be compared is left out.
    """
    own = _own_shingles(pages)
    told = [at for at, found in enumerate(own) if len(found) >= PARAMS.least]
    head = list(range(len(pages)))

    def head_of(at: int) -> int:
        while head[at] != at:
            at = head[at]
        return at

    for a, b in combinations(told, 2):
        first, second = head_of(a), head_of(b)
        if first != second and _same_story(pages[a], pages[b], own[a], own[b]):
            head[max(first, second)] = min(first, second)
    stories: dict[int, list[Survey]] = {}
    for at in told:
        stories.setdefault(head_of(at), []).append(pages[at])
    return list(stories.values())


def _same_story(a: Survey, b: Survey, own_a: Hashes, own_b: Hashes) -> bool:
    """Whether one page's text stands on the other, be it as its text or, in an endless scroll, below it."""
    shared = max(_share(own_a, b.whole), _share(own_b, a.whole))
    if shared >= _SAME_STORY:
        return True
    either = len(a.title | b.title)
    alike = not either or len(a.title & b.title) >= _TITLE_WORDS * either
    return alike and shared >= _SAME_TITLE


def _share(part: Hashes, whole: Hashes) -> float:
    return len(np.intersect1d(part, whole, assume_unique=True)) / len(part)


def _own_shingles(pages: Sequence[Survey]) -> list[Hashes]:
    """The shingles of each page's text, without blocks that all of three pages or more have in it.

    Standing text that extraction takes for content would make brief reports alike. A page that it leaves too little
    of keeps its whole text: where all pages are copies, everything is common to all.
    """
    common: set[str] = set()
    if len(pages) > FEWEST_ARTICLES:
        common = set.intersection(*({key for key, _ in page.text} for page in pages))
    found = []
    for page in pages:
        full = _shingles(text for _, text in page.text)
        rest = _shingles(text for key, text in page.text if key not in common) if common else full
        found.append(rest if len(rest) >= max(PARAMS.least, _OWN_SHARE * len(full)) else full)
    return found


def _shingles(texts: Iterable[str]) -> Hashes:
    return text_shingles("\n".join(texts))
