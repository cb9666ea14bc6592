"""How far two readings of words are apart, by what languages make of each other's sounds. Pure.

The costs were set on the spellings in `tests/search/test_names.py` and on one half of a list of 80 names in the
development pages; `python benchmarks/names.py` measures them.
"""

from __future__ import annotations

from typing import Final

_ALIKE: Final = {
    frozenset(pair): 0.35
    for pair in (
        "Xh",
        "XC",
        "zs",
        "vw",
        "Jy",
        "Jg",
        "Jz",
        "XJ",
        "fv",
        "gh",
    )
} | {
    frozenset("CS"): 0.0,  # French writes sh as ch
    frozenset("Ck"): 0.5,
    frozenset("Xk"): 0.4,
    frozenset("iy"): 0.4,
    frozenset("uw"): 0.4,
    # too often another word to go by in a name of five sounds: Kevin, German Gewinne; Docker, Zucker
    frozenset("kg"): 0.5,
    frozenset("dz"): 0.5,
    frozenset("JC"): 0.5,
    frozenset("Ss"): 0.5,
}
_VOWELS: Final = frozenset("aeiouE")

_VOWEL_EXCHANGES: Final = {
    frozenset(pair): cost
    for pairs, cost in (
        ("ei ou", 0.1),
        ("ae", 0.42),
        ("ao", 0.85),
        ("iu", 0.85),
        ("ai", 0.7),
        ("eo eu io", 0.9),
    )
    for pair in pairs.split()
}
"""Near are e and i, o and u; then a and e, for which Arabic has one short vowel (Ahmad, Ahmed). No name of five sounds
is another with i for its a, no name of six with o: Bashar and Bashir, Walker and Volker."""

_LEFT_OUT: Final = {
    **dict.fromkeys("ae", 0.43),
    **dict.fromkeys("iouEh", 0.5),
    **dict.fromkeys("yw", 0.6),
    "uw": 0.4,  # the u before a w: Suwayda, Sweida
}
_CONSONANT: Final = 1.1
"""More than any two readings of a name may differ by."""

_OTHER_ENDINGS: Final = ({"an", "en"}, {"ar", "er"}, {"as", "es"})
"""What names that differ by an a and an e else end in: Stefan and Stephen, Qatar and Kater, Jonas and Jones."""

_STRESSED: Final = ({"a", "e"}, {"e", "i"}, {"a", "o"})
"""First vowels that tell one such word from another: Wagner and Wegner, Starmer and Stromer."""


def is_near(one: str, other: str) -> bool:
    """Whether two readings with five vowels (`fine_readings`) may be of one name.

    Up to four sounds must agree but for e and i, o and u, which romanisations of Arabic and Persian take for one
    another; five may differ by an a for an e or by one consonant, six by what is up to twice as much.
    """
    length = min(len(one), len(other))
    if length < 2 or not _may_begin(one[0], other[0]) or (one[-1] in _VOWELS) != (other[-1] in _VOWELS):
        return False
    if {one[-2:], other[-2:]} in _OTHER_ENDINGS or (
        _unstressed(one) == _unstressed(other) != "" and _are_stressed_otherwise(one, other)
    ):
        return False
    limit = 0.15 if length <= 4 else 0.45 if length == 5 else 0.81 if length == 6 else 1.01
    return _distance(one, other) <= limit


def _unstressed(reading: str) -> str:
    """The ending of a word of a Germanic language, whose stressed vowel is one and no other: Wagner is no Wegner, and
    Becker no Bakker. A romanised Arabic name that ends so (Nasser, Yaser) has a long vowel before it."""
    ending = reading.removesuffix("s")[-2:]
    return ending if ending in {"er", "en", "el"} else ""


def _are_stressed_otherwise(one: str, other: str) -> bool:
    """Whether two words have two vowels each, of which the first is another."""
    vowels = [[sound for sound in reading if sound in _VOWELS] for reading in (one, other)]
    return all(len(some) == 2 for some in vowels) and {some[0] for some in vowels} in _STRESSED


def _may_begin(one: str, other: str) -> bool:
    return one == other or (one in _VOWELS and other in _VOWELS) or frozenset((one, other)) in _ALIKE


def _distance(one: str, other: str) -> float:
    """Edits that make one reading of the other, each by how readily it happens between two languages."""
    weights = _weights(other)
    row = [0.0]
    for weight in weights:
        row.append(row[-1] + weight)
    for sound, own in zip(one, _weights(one), strict=True):
        new = [row[0] + own]
        for at, against in enumerate(other):
            new.append(
                min(
                    row[at + 1] + own,
                    new[at] + weights[at],
                    row[at] + (0.0 if sound == against else _exchange(sound, against)),
                )
            )
        row = new
    return row[-1]


def _weights(reading: str) -> list[float]:
    """What it costs to leave out each sound: little for a vowel that may only part two consonants, most of all if an
    a or e (Tabqa, Tabaqa), more beside another vowel (Michael, Mitchell)."""
    return [
        1.05
        if sound in _VOWELS and _VOWELS.intersection(reading[max(at - 1, 0) : at] + reading[at + 1 : at + 2])
        else _LEFT_OUT.get(reading[at : at + 2]) or _LEFT_OUT.get(sound, _CONSONANT)
        for at, sound in enumerate(reading)
    ]


def _exchange(sound: str, against: str) -> float:
    pair = frozenset((sound, against))
    alike = _ALIKE.get(pair)
    if alike is not None:
        return alike
    vowels = (sound in _VOWELS) + (against in _VOWELS)
    if vowels == 2:
        return _VOWEL_EXCHANGES.get(pair, 1.0)
    return 1.4 if vowels == 1 else _CONSONANT
