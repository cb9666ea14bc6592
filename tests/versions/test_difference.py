"""What changed between two versions, and of what kind it is."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.versions import Kind, difference, kind_of

TEXT = (
    "Air strikes on Thursday night killed 14 people, including three children, near the river.\n\n"
    "The monitor said the convoy had left the town at dawn, and that nobody had stopped it.\n\n"
    "Residents told reporters that the bridge was closed."
)


@dataclass(frozen=True)
class Edition:
    text: str = TEXT
    title: str | None = "Strikes near the river"
    published: str | None = "2017-10-06"


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("killed 14 people", "killed 38 people", "number"),
        ("killed 14 people", "killed at least 38 persons", "number"),
        ("including three children", "including five children", "number"),
        ("14 people", "١٨ people", "number"),
        ("the town at dawn", "the twon at dawn", "typo"),
        ("the town at dawn", "the Town, at dawn", "typo"),
        ("the bridge was closed.", "the bridge was closed. It opened again at noon.", "addition"),
        (", and that nobody had stopped it", "", "deletion"),
        ("Residents told reporters", "Residents denied", "rewording"),
    ],
)
def test_a_change_has_its_kind(old: str, new: str, kind: Kind) -> None:
    found = difference(Edition(), Edition(text=TEXT.replace(old, new)))
    assert kind in found.kinds
    assert set(found.kinds) <= {kind, "rewording", "addition"} if kind == "number" else found.kinds == (kind,)


def test_a_changed_casualty_number_is_one_number_and_nothing_else() -> None:
    (change,) = difference(Edition(), Edition(text=TEXT.replace("14", "38"))).changes
    assert (change.kind, change.place, change.old, change.new) == ("number", "text", "14", "38")
    assert TEXT[change.old_start : change.old_end] == "14"


def test_the_same_figure_written_otherwise_is_no_changed_number() -> None:
    assert kind_of(["1,800"], ["1800"]) == "typo"
    assert kind_of(["fourteen"], ["14"]) == "rewording"


def test_a_headline_and_a_date_are_changes_of_their_own() -> None:
    found = difference(Edition(), Edition(title="Strikes near the bridge", published="2017-10-07"))
    assert found.kinds == ("headline", "date")
    assert [(c.place, c.old, c.new) for c in found.changes] == [
        ("title", "river", "bridge"),
        ("published", "2017-10-06", "2017-10-07"),
    ]


def test_a_paragraph_parted_in_two_is_no_change() -> None:
    assert difference(Edition(), Edition(text=TEXT.replace(", and", ",\n\nand"))).changes == ()


def test_a_paragraph_that_moved_down_is_deleted_and_added() -> None:
    first, second, third = TEXT.split("\n\n")
    found = difference(Edition(), Edition(text="\n\n".join((second, third, first))))
    assert set(found.kinds) == {"addition", "deletion"}


def test_han_is_compared_character_by_character() -> None:
    found = difference(Edition(text="空袭造成三十四人死亡"), Edition(text="空袭造成三十八人死亡"))
    assert [(c.old, c.new) for c in found.changes] == [("四", "八")]


WORDS = st.lists(
    st.sampled_from(["the", "town", "14", "38", "fell", ",", ".", "\n\n", "على", "don't"]), max_size=40
)


@given(WORDS, WORDS)
def test_both_texts_stand_in_the_runs_word_for_word(a: list[str], b: list[str]) -> None:
    old, new = " ".join(a).strip(), " ".join(b).strip()
    found = difference(Edition(text=old), Edition(text=new))
    assert "".join(r.text for r in found.text if r.op != "old").split() == new.split()
    assert "".join(r.text for r in found.text if r.op != "new").split() == old.split()
    if old == new:
        assert found.changes == ()


@given(WORDS, WORDS)
def test_a_change_names_the_characters_it_is_about(a: list[str], b: list[str]) -> None:
    old, new = " ".join(a).strip(), " ".join(b).strip()
    for change in difference(Edition(text=old), Edition(text=new)).changes:
        assert old[change.old_start : change.old_end].strip() == change.old
        assert new[change.new_start : change.new_end].strip() == change.new
        assert change.old or change.new
