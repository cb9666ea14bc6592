"""Labels say which blocks a true text is made of, each word of it given out once."""

from __future__ import annotations

from scraper.extract.model.labels import label, label_by_segments

LEAD = "The lighthouse keeper of Sandholm has counted the passing ships by hand since March."
NEXT = "He writes each name in a ledger, with the hour and the colour of the hull."


def test_paragraphs_of_the_truth_are_one_and_the_rest_nought() -> None:
    assert label(["Home", LEAD, "Read more", NEXT, "Imprint"], f"{LEAD}\n{NEXT}") == [0, 1, 0, 1, 0]


def test_a_text_that_stands_twice_counts_once() -> None:
    labels = label([LEAD, "Menu", LEAD, NEXT], f"{LEAD} {NEXT}")
    assert sorted(labels) == [0, 0, 1, 1]
    assert labels[3] == 1


def test_a_short_line_counts_where_the_truth_has_it_and_not_elsewhere() -> None:
    assert label(["Ledger", LEAD, "Ledger", NEXT], f"{LEAD}\nLedger\n{NEXT}") == [0, 1, 1, 1]


def test_a_truth_that_puts_its_summary_elsewhere_still_labels_it() -> None:
    assert label([LEAD, NEXT], f"{NEXT}\n{LEAD}") == [1, 1]


def test_half_a_block_in_the_truth_is_half_a_label() -> None:
    assert 0.4 < label([f"{LEAD} {NEXT}"], LEAD)[0] < 0.6


def test_soft_hyphens_in_the_truth_part_no_words() -> None:
    assert label([LEAD], LEAD.replace("keeper", "kee\xadper")) == [1]


def test_text_without_spaces_is_compared_by_characters() -> None:
    assert label(
        ["首页", "港口办公室星期二说灯塔看守人手工计数"], "港口办公室星期二说灯塔看守人手工计数。"
    ) == [0, 1]


def test_segments_label_the_blocks_they_stand_in_and_no_others() -> None:
    assert label_by_segments([LEAD, NEXT, "Menu"], ["passing ships"], ["Menu"]) == [1, None, 0]


def test_a_wanted_segment_that_stands_twice_says_nothing() -> None:
    assert label_by_segments([LEAD, LEAD], ["passing ships"], []) == [None, None]


def test_no_truth_and_no_blocks_are_no_error() -> None:
    assert label([], LEAD) == []
    assert label([LEAD], "") == [0]
