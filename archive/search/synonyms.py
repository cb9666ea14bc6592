"""Groups of words that mean one thing though no spelling shows it: acronyms, renamed towns, names of other languages.

A file of them has one group a line, its words parted by commas, comments after `#`: the format of Solr's and
Elasticsearch's synonym files (https://solr.apache.org/guide/solr/latest/indexing-guide/filters.html, SynonymGraph).
`synonyms.txt` beside this module ships with the archive; a reader's own file adds to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from archive.errors import ConfigError
from archive.search.sounds import plain

Group = tuple[str, ...]

MAX_WORDS: Final = 6
"""Of one name in a group."""


def parse_synonyms(text: str) -> tuple[Group, ...]:
    """The groups of a file, each name as it is written there. A line with one name alone says nothing."""
    groups = []
    for line in text.splitlines():
        names = [" ".join(name.split()) for name in line.partition("#")[0].split(",")]
        group = tuple(dict.fromkeys(name for name in names if name))
        if len(group) > 1:
            groups.append(group)
    return tuple(groups)


def load_synonyms(path: Path) -> tuple[Group, ...]:
    """The groups of a reader's own file. Raises: ConfigError, when it cannot be read."""
    try:
        return parse_synonyms(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError((f"{path}: cannot be read: {error}",)) from error


@lru_cache(maxsize=1)
def shipped_synonyms() -> tuple[Group, ...]:
    """The groups that ship with the archive."""
    return parse_synonyms(files("archive.search").joinpath("synonyms.txt").read_text("utf-8"))


def is_acronym(name: str) -> bool:
    """Whether a name is written in capitals alone, as ISIS and ООН are."""
    return len(name) <= 6 and name.isupper()


class Synonyms:
    """The groups of all files, found by the words of any name in them."""

    def __init__(self, groups: Iterable[Group]) -> None:
        self._groups: dict[tuple[str, ...], list[Group]] = {}
        self._acronyms: set[tuple[str, ...]] = set()
        for group in groups:
            for name in group:
                words = tuple(plain(name.replace("-", " ")).split())
                if not words or len(words) > MAX_WORDS:
                    continue
                if is_acronym(name):
                    self._acronyms.add(words)
                self._groups.setdefault(words, []).append(group)

    def at(self, words: Sequence[str], typed: Sequence[str]) -> tuple[int, tuple[str, ...]]:
        """How many of the first words are a name with synonyms, the longest such, and all names of its group.

        words: `plain`. typed: the same as they were typed; an acronym must be in capitals (`WHO`, not `who`).
        """
        for count in range(min(MAX_WORDS, len(words)), 0, -1):
            wanted = tuple(words[:count])
            found = self._groups.get(wanted)
            if found and (wanted not in self._acronyms or typed[0].isupper()):
                return count, tuple(dict.fromkeys(other for group in found for other in group))
        return 0, ()


@lru_cache(maxsize=8)
def with_shipped(own: tuple[Group, ...]) -> Synonyms:
    """A reader's own groups together with those that ship."""
    return Synonyms((*own, *shipped_synonyms()))
