"""Passages as a page marks them: what is covered, where each begins, and no character lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from archive.web.relations import Marking, SharedPassage, Stretch
from archive.web.words import paragraphs


def passage(start: int, end: int, anchor: str = "a") -> SharedPassage:
    return SharedPassage(
        True, 1, "u", None, "s", None, None, start, end, 0, end - start, 3, "unknown", anchor
    )


def stretches(text: str, passages: list[SharedPassage]) -> tuple[tuple[tuple[Stretch, ...], ...], ...]:
    """The paragraphs of a text, each as its lines, each line in its stretches."""
    marking = Marking(passages)
    at = 0
    found = []
    for part in text.split("\n\n"):
        lines = []
        for line in part.split("\n"):
            lines.append(marking.stretches(line, at) if part.strip() else ())
            at += len(line) + 1
        at += 1
        if part.strip():
            found.append(tuple(lines))
    return tuple(found)


def test_a_passage_over_two_paragraphs_is_marked_in_both_and_has_its_anchor_once() -> None:
    text = "one two\n\nthree\nfour"
    first, second = stretches(text, [passage(4, 14)])
    assert [(one.text, one.shared, one.anchors) for one in first[0]] == [
        ("one ", False, ()),
        ("two", True, ("a",)),
    ]
    assert [[(one.text, one.shared) for one in line] for line in second] == [
        [("three", True)],
        [("four", False)],
    ]


def test_passages_that_overlap_each_keep_their_anchor() -> None:
    ((line,),) = stretches("abcdef", [passage(1, 4, "x"), passage(2, 6, "y")])
    assert [(one.text, one.shared, one.anchors) for one in line] == [
        ("a", False, ()),
        ("b", True, ("x",)),
        ("cdef", True, ("y",)),
    ]


@given(
    st.text("ab\n ", max_size=40),
    st.lists(st.tuples(st.integers(-3, 45), st.integers(-3, 45)), max_size=5),
)
def test_marking_changes_no_word_of_a_text(text: str, spans: list[tuple[int, int]]) -> None:
    marked = stretches(text, [passage(start, end, f"p{at}") for at, (start, end) in enumerate(spans)])
    assert tuple(tuple("".join(one.text for one in line) for line in part) for part in marked) == paragraphs(
        text
    )
    covered = {at for start, end in spans for at in range(max(start, 0), min(end, len(text)))}
    shared = sum(len(one.text) for part in marked for line in part for one in line if one.shared)
    breaks = {at for at, character in enumerate(text) if character == "\n"}
    blank = {at for at, character in enumerate(text) if not character.strip()}
    assert shared <= len(covered - breaks)
    assert shared >= len(covered - breaks - blank)
