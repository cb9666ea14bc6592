"""Texts of our own making, and the edits that editors make: for tests and for the benchmark."""

from __future__ import annotations

import random

SYLLABLES = (
    *("ba", "ko", "ri", "ten", "mal", "sor", "vi", "den", "ka", "lu"),
    *("pra", "ne", "shi", "tor", "gan", "el", "mi", "dos", "far", "un"),
)
SMALL = (
    "the",
    "of",
    "and",
    "to",
    "in",
    "a",
    "that",
    "on",
    "was",
    "for",
    "with",
    "as",
    "by",
    "at",
    "from",
    "it",
)


def chance_of(*seed: int) -> random.Random:
    """Random numbers that are the same for the same seed, and for no other."""
    return random.Random(repr(seed))  # noqa: S311 - nothing secret


def vocabulary(size: int, seed: int = 7) -> list[str]:
    """So many made-up words."""
    chance = chance_of(0, seed)
    found: dict[str, None] = {}
    while len(found) < size:
        found["".join(chance.choices(SYLLABLES, k=chance.randint(2, 4)))] = None
    return list(found)


WORDS = vocabulary(4000)


def paragraph(chance: random.Random, length: int = 45) -> str:
    """Some words as they fall, small ones between them."""
    said = [chance.choice(SMALL) if chance.random() < 0.4 else chance.choice(WORDS) for _ in range(length)]
    return " ".join(said).capitalize() + "."


def text(number: int, paragraphs: int = 9) -> str:
    """A text that no other number has."""
    chance = chance_of(1, number)
    return "\n\n".join(paragraph(chance, chance.randint(30, 60)) for _ in range(paragraphs))


def words_changed(said: str, share: float, seed: int = 1) -> str:
    """The same with a share of its words replaced."""
    chance = chance_of(2, seed)
    parts = [
        " ".join(chance.choice(WORDS) if chance.random() < share else word for word in part.split())
        for part in said.split("\n\n")
    ]
    return "\n\n".join(parts)


def lead_reworded(said: str, seed: int = 1) -> str:
    """The same with another first paragraph."""
    parts = said.split("\n\n")
    return "\n\n".join([paragraph(chance_of(3, seed)), *parts[1:]])


def shuffled(said: str, seed: int = 1) -> str:
    """The same paragraphs in another order."""
    parts = said.split("\n\n")
    chance_of(4, seed).shuffle(parts)
    return "\n\n".join(parts)


def cut_and_added(said: str, seed: int = 1) -> str:
    """The same with one paragraph cut and one added."""
    chance = chance_of(5, seed)
    parts = said.split("\n\n")
    if len(parts) > 1:
        del parts[chance.randrange(len(parts))]
    parts.insert(chance.randint(0, len(parts)), paragraph(chance))
    return "\n\n".join(parts)
