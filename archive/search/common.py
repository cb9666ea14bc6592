"""The commonest words of Arabic and Persian, which are no names though a name may be read in them. Pure.

Scripts with capitals tell a name from a word; in Arabic letters `كبير` (large) is as good a spelling of Cooper as any.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Final

from archive.search.arabic import arabic_stem

_ATTACHED: Final = {"و": 3, "ب": 3, "ف": 4, "ل": 4, "ك": 4}
"""And, in, so, to, like, and how many letters must be left without: كمال is Kamal, not `like money`."""


def is_common(word: str) -> bool:
    """Whether a `plain` word of Arabic letters is one of the commonest, with what may be written before it."""
    stem = arabic_stem(word)
    common = _common_words()
    if word in common or stem in common:
        return True
    rest = word[1:]
    return len(rest) >= _ATTACHED.get(word[:1], len(word)) and rest in common


@lru_cache(maxsize=1)
def _common_words() -> frozenset[str]:
    text = files("archive.search").joinpath("common.txt").read_text("utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(word for line in lines for word in line.split())
