"""In which order matches are shown, and which stands for the others of its story."""

from __future__ import annotations

from archive.search.order import Match, day_of, order_matches


def match(number: int, rank: float, head: int | None, cluster: int | None, published: str | None) -> Match:
    return Match(number, rank, head, cluster, day_of(published))


def ids(*matches: Match, fold: bool = True) -> list[int]:
    return [one.id for one, _ in order_matches(matches, fold=fold)]


def test_of_two_that_match_alike_the_newer_comes_first() -> None:
    old, new = match(1, -2.0, None, None, "2010-05"), match(2, -2.0, None, None, "2017-10-08T10:00:00Z")
    assert ids(old, new) == [2, 1]
    assert ids(match(1, -2.0, None, None, None), match(2, -2.0, None, None, "never")) == [1, 2]


def test_a_much_better_match_comes_first_however_old() -> None:
    assert ids(match(1, -3.0, None, None, "1990-01-01"), match(2, -2.0, None, None, "2017-10-08")) == [1, 2]


def test_a_story_is_one_result_by_its_best_match() -> None:
    near = [match(1, -1.0, None, 5, "2017"), match(2, -2.0, None, 5, "2016"), match(3, -1.5, None, 6, None)]
    assert ids(*near) == [2, 3]
    assert ids(*near, fold=False) == [2, 3, 1]


def test_an_exact_copy_is_never_shown_beside_what_it_copies() -> None:
    head, copy = match(1, -1.0, None, 5, "2017"), match(2, -1.0, 1, 5, "2018")
    assert ids(head, copy, fold=False) == [1]
    assert ids(head, match(2, -4.0, 1, 5, None), fold=False) == [2]


def test_scores_descend() -> None:
    scores = [
        score for _, score in order_matches(match(at, -float(at), None, None, "2017") for at in range(9))
    ]
    assert scores == sorted(scores, reverse=True)
