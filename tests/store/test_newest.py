"""The newest matches and their number are what asking for all of them would give."""

from __future__ import annotations

import pytest

from archive.search.parsing import parse_query
from archive.store import newest as newest_module
from archive.store.connection import open_reader
from archive.store.matching import searched
from archive.store.memo import Memo
from archive.store.newest import newest_matches

from .conftest import Keeper

QUERIES = (
    "common",
    "seldom",
    "old",
    "late",
    "common -seldom",
    "seldom OR late",
    '"common words"',
    "com*",
    "title:late",
)


@pytest.mark.parametrize("first", [1, 3, 10, 1_000])
def test_one_walk_gives_the_newest_and_the_number_of_all(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch, first: int
) -> None:
    for at in range(30):
        words = ["common words"] + ["seldom"] * (at % 11 == 5) + ["old"] * (at < 12) + ["late"] * (at > 21)
        keeper.keep(
            f"https://a.example/{at}", f"Number {at}: {' '.join(words)}.", "late" if at % 4 == 0 else None
        )
    connection = open_reader(keeper.store.path)
    monkeypatch.setattr(newest_module, "FIRST", first)
    for query in QUERIES:
        node = parse_query(query).root
        assert node is not None
        every = [
            number
            for (number,) in connection.execute(
                "SELECT rowid FROM articles_fts WHERE articles_fts MATCH ? ORDER BY rowid DESC",
                [searched(node)],
            )
        ]
        assert every
        for wanted in (0, 1, 4, 7, 40):
            for most in (0, 2, 6, 100):
                found = newest_matches(connection, node, wanted, most, Memo())
                assert found.ids == every[:wanted], (query, wanted)
                assert found.total == min(len(every), most), (query, wanted, most)
    connection.close()
