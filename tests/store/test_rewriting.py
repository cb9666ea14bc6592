"""A captured page read again is the same version of its publisher: an article keeps what it is, its links follow."""

from __future__ import annotations

from typing import Any

from archive.model import Reading, Reread
from archive.store import Store
from tests.cluttered import TEASERS, told

from .conftest import Keeper

A, B, C = "https://a.example/1", "https://a.example/2", "https://b.example/1"
CLUTTER = "\n\n".join(TEASERS)


def text(number: int, clutter: str = "") -> str:
    return "\n\n".join([*told(number), *([clutter] if clutter else [])])


def read_again(
    keeper: Keeper, article_id: int, said: str, title: str = "A title", *, version: int = -1, **fields: Any
) -> Reread:
    of = keeper.store.readings(article_id)[version]
    reading = Reading(of, keeper.draft(of.url, said, title, **fields))
    foretold = keeper.store.judge_reading(reading)
    done = keeper.store.save_reading(reading)
    assert done == foretold
    return done


def versions(store: Store, article_id: int) -> list[tuple[int, str, str, bool]]:
    return [(one.version, one.reason, one.text, one.standing) for one in store.versions(article_id)]


def test_a_better_reading_stands_and_the_earlier_one_stays(keeper: Keeper, store: Store) -> None:
    keeper.keep(A, text(1, CLUTTER))
    before = store.article(1)
    done = read_again(keeper, 1, text(1))
    assert (done.outcome, done.changes) == ("re-extracted", ("deletion",))
    assert versions(store, 1) == [
        (1, "captured", text(1, CLUTTER), False),
        (1, "re-extracted", text(1), True),
    ]
    after = store.article(1)
    kept = ("id", "url", "site", "first_captured", "last_captured", "version", "versions", "warc")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
    assert store.article(1, version=1).text == text(1)
    assert store.status().versions == 1


def test_the_same_reading_makes_no_version_and_better_fields_stand_in_place(
    keeper: Keeper, store: Store
) -> None:
    keeper.keep(A, text(1), authors=("By Jane",))
    assert read_again(keeper, 1, text(1), authors=("By Jane",)).outcome == "unchanged"
    done = read_again(keeper, 1, text(1), authors=("Jane",), extractor="better/2")
    assert (done.outcome, done.changes) == ("updated", ("authors",))
    (only,) = store.versions(1)
    assert (only.authors, only.extractor, store.article(1).authors) == (("Jane",), "better/2", ("Jane",))


def test_each_version_has_the_structure_it_was_read_with(keeper: Keeper, store: Store) -> None:
    keeper.keep(A, text(1, CLUTTER))
    assert store.article(1).structure is None
    said = read_again(keeper, 1, text(1, CLUTTER), structure='[[3,"h2"]]')
    assert (said.outcome, said.changes) == ("updated", ("structure",))
    assert store.article(1).structure == '[[3,"h2"]]'
    read_again(keeper, 1, text(1), structure='[[4,"h2"]]')
    keeper.keep(A, text(2), structure='[[5,"h2"]]')
    read_again(keeper, 1, text(3), version=0, structure='[[6,"h2"]]')
    assert [one.structure for one in store.versions(1)] == [
        '[[3,"h2"]]', '[[4,"h2"]]', '[[6,"h2"]]', '[[5,"h2"]]',
    ]  # fmt: skip
    assert [store.article(1, version=n).structure for n in (None, 1, 2)] == [
        '[[5,"h2"]]', '[[6,"h2"]]', '[[5,"h2"]]',
    ]  # fmt: skip


def test_what_is_fetched_after_a_reading_is_compared_with_it(keeper: Keeper, store: Store) -> None:
    keeper.keep(A, text(1, CLUTTER))
    read_again(keeper, 1, text(1))
    assert keeper.keep(A, text(1))[0] == "unchanged"
    assert keeper.keep(A, text(1) + " More.")[0] == "changed"
    assert [(one.version, one.reason, one.changes) for one in store.versions(1)] == [
        (1, "captured", ()),
        (1, "re-extracted", ("deletion",)),
        (2, "captured", ("addition",)),
    ]
    assert store.article(1).versions == 2


def test_an_earlier_version_is_read_again_without_touching_the_one_that_stands(
    keeper: Keeper, store: Store
) -> None:
    keeper.keep(A, text(1, CLUTTER))
    keeper.keep(A, text(2))
    assert read_again(keeper, 1, text(1), version=0).outcome == "re-extracted"
    assert read_again(keeper, 1, text(1), version=0).outcome == "unchanged"
    assert store.article(1).text == text(2)
    assert store.article(1, version=1).text == text(1)
    assert [one[:2] for one in versions(store, 1)] == [(1, "captured"), (1, "re-extracted"), (2, "captured")]


def test_links_that_rested_on_clutter_go_with_it(keeper: Keeper, store: Store) -> None:
    clutter = "\n\n".join([CLUTTER, *told(4)])
    keeper.keep(A, text(1, clutter), "One")
    keeper.keep(B, text(2, clutter), "Two")
    assert store.article(1).cluster_id == store.article(2).cluster_id != None  # noqa: E711 - all three
    read_again(keeper, 1, text(1), "One")
    assert (store.article(1).cluster_id, store.article(2).cluster_id) == (None, None)
    assert store.similar(2) == ()


def test_the_first_captured_of_two_that_come_out_equal_holds_the_text(keeper: Keeper, store: Store) -> None:
    keeper.keep(A, text(1, CLUTTER))
    keeper.keep(B, text(1))
    keeper.keep(C, text(1))
    assert [store.article(one).duplicate_of for one in (1, 2, 3)] == [None, None, 2]
    read_again(keeper, 1, text(1))
    assert [store.article(one).duplicate_of for one in (1, 2, 3)] == [None, 1, 1]
    assert {store.article(one).text for one in (1, 2, 3)} == {text(1)}
    assert len({store.article(one).cluster_id for one in (1, 2, 3)}) == 1
    assert [one[2] for one in versions(store, 2)] == [text(1)]


def test_a_copy_read_otherwise_leaves_its_head_and_one_read_alike_joins_it(
    keeper: Keeper, store: Store
) -> None:
    keeper.keep(A, text(1))
    keeper.keep(B, text(1))
    read_again(keeper, 2, text(1) + " More.")
    assert (store.article(2).duplicate_of, store.article(2).text) == (None, text(1) + " More.")
    read_again(keeper, 2, text(1))
    assert (store.article(2).duplicate_of, store.article(2).text) == (1, text(1))


def test_a_head_read_otherwise_leaves_its_text_to_its_copies(keeper: Keeper, store: Store) -> None:
    for url in (A, B, C):
        keeper.keep(url, text(1))
    read_again(keeper, 1, text(2))
    assert [store.article(one).duplicate_of for one in (1, 2, 3)] == [None, None, 2]
    assert [store.article(one).text for one in (1, 2, 3)] == [text(2), text(1), text(1)]
