"""Rules have names, and a rule that is taken out changes no block but those that cite it."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.extract.blocks import cut
from scraper.extract.model.features import describe
from scraper.extract.model.hints import Hints, read_hints
from scraper.extract.model.marks import _MAY_STAY, mark_blocks
from scraper.extract.model.rules import NEEDS, RULES, SPARES, THRESHOLD, Judged, apply_rules
from scraper.extract.page import parse
from scraper.extract.text import fold
from scraper.model import Furniture

PAGE = """<html><head><title>The keeper who counts</title></head><body><article>
<h1>The keeper who counts</h1>
<figure><img src=k.jpg><figcaption>The keeper at his window. Photo: M. Haldane</figcaption></figure>
<p>The lighthouse keeper of Sandholm has counted the passing ships by hand since the counter failed.</p>
<p>By Mira Haldane, Sandholm</p><p>Published 8 October 2017, 14:33</p>
<p><a href=/2>Why the bell has been silent since the storm of the century</a></p><h3>Related stories of ships</h3>
<div><img src=b.jpg><span>The bell of Sandholm</span></div>
<p>He writes each name in a ledger, with the hour and the colour of the hull, and sends the pages to the mainland.</p>
<p>Get our stories in your inbox</p></article></body></html>"""

TREE = parse(PAGE.encode())
FOUND = cut(TREE.root)
TABLE = describe(FOUND, read_hints(TREE.root), 0)
FURNITURE = Furniture(articles=3, blocks={fold("Get our stories in your inbox"): 3})
MARKS = mark_blocks(FOUND, TABLE, "The keeper who counts", 0, FURNITURE)
COUNT = len(FOUND.blocks)


def judged(probabilities: list[float]) -> Judged:
    return Judged(np.array(probabilities), MARKS, TABLE)


PROBABILITIES = st.lists(st.floats(0, 1), min_size=COUNT, max_size=COUNT)


@settings(max_examples=100, deadline=None)
@given(PROBABILITIES, st.sampled_from(RULES))
def test_without_a_rule_only_blocks_that_cite_it_change(probabilities: list[float], rule: str) -> None:
    kept, names = apply_rules(judged(probabilities))
    without, _ = apply_rules(judged(probabilities), [name for name in RULES if name != rule])
    assert all(names[index] == rule for index in np.flatnonzero(kept != without))


@settings(max_examples=60, deadline=None)
@given(PROBABILITIES)
def test_every_block_names_the_model_or_a_rule(probabilities: list[float]) -> None:
    kept, names = apply_rules(judged(probabilities))
    assert len(kept) == len(names) == COUNT
    assert set(names) <= {"model", *RULES}


def decided(text: str, probability: float, others: float = 0.9) -> tuple[bool, str]:
    index = next(block.index for block in FOUND.blocks if text in block.text)
    kept, names = apply_rules(judged([probability if i == index else others for i in range(COUNT)]))
    return bool(kept[index]), names[index]


def test_the_headline_is_no_text_however_likely() -> None:
    assert decided("The keeper who counts", 0.99) == (False, "headline")


def test_a_caption_is_dropped_unless_the_model_is_sure() -> None:
    assert decided("The keeper at his window", 0.85) == (False, "caption")
    assert decided("The keeper at his window", 0.95) == (True, "model")


def test_the_only_text_beside_a_picture_is_a_caption() -> None:
    assert decided("The bell of Sandholm", 0.6) == (False, "caption")


def test_a_step_that_stands_alone_with_its_picture_is_a_step() -> None:
    steps = "".join(f"<li><img src={n}.jpg><p>Turn the wheel of the lamp {n} times.</p></li>" for n in (2, 3))
    marks = marks_of(
        f"<article><h1>The lamp</h1><ol>{steps}</ol><div><img src=k.jpg><p>The lamp.</p></div></article>"
    )
    assert marks["Turn the wheel of the lamp 2 times."] == "listed-item"
    assert marks["The lamp."] == "caption"


def test_a_line_that_is_a_link_is_dropped_unless_the_model_is_sure() -> None:
    assert decided("Why the bell", 0.6) == (False, "link-line")
    assert decided("Why the bell", 0.95) == (True, "model")


def test_a_byline_a_date_and_a_pointer_are_no_text() -> None:
    assert decided("By Mira Haldane", 0.6) == (False, "byline")
    assert decided("Published 8 October", 0.6) == (False, "date-line")
    assert decided("Related stories", 0.6) == (False, "pointer")


def test_a_sentence_that_begins_like_a_byline_is_text() -> None:
    root = parse(
        b"<p>By noon the keeper had counted ten.</p><p>On 8 October 2017 the keeper counted ten ships.</p>"
    ).root
    found = cut(root)
    assert mark_blocks(found, describe(found, read_hints(root)), None, None) == [None, None]


def test_a_date_that_signs_a_quoted_message_or_fills_a_cell_is_no_date_line() -> None:
    root = parse(
        b"<p>Updated 8 October 2017</p><blockquote><p>Ten ships.</p><p>- The keeper, 8 October 2017</p></blockquote>"
        b"<table><tr><th>Ship</th><th>Passed</th></tr><tr><td>Aurora</td><td>8 October 2017</td></tr></table>"
    ).root
    found = cut(root)
    marks = mark_blocks(found, describe(found, read_hints(root)), None, None)
    assert [block.text for block, mark in zip(found.blocks, marks, strict=True) if mark] == [
        "Updated 8 October 2017"
    ]


def test_only_what_is_never_text_is_dropped_whatever_the_model_says() -> None:
    assert {mark for mark, needed in NEEDS.items() if needed > 1} == {
        "headline",
        "furniture",
        "other-article",
        "told-again",
        "hidden-formula",
        "hidden",
        "site-call",
    }
    assert all(needed > THRESHOLD for needed in NEEDS.values())
    assert min(SPARES.values()) >= _MAY_STAY


def test_the_labels_of_a_form_are_marked_and_the_page_inside_one_is_not() -> None:
    story = "<p>The lighthouse keeper of Sandholm has counted the passing ships by hand.</p>" * 20
    form = "<table><tr><td>Name *</td></tr><tr><td><input name=n></td></tr></table>"
    found = cut(parse(f"<form>{story}{form}</form>".encode()).root)
    marks = mark_blocks(found, describe(found, Hints()), None, None)
    assert [block.text for block, mark in zip(found.blocks, marks, strict=True) if mark == "form"] == [
        "Name *"
    ]


def marks_of(html: str, title: str | None = None) -> dict[str, str | None]:
    root = parse(html.encode()).root
    found = cut(root)
    title_at = next((block.index for block in found.blocks if block.text == title), None)
    marks = mark_blocks(found, describe(found, read_hints(root), title_at), title, title_at)
    return {block.text: mark for block, mark in zip(found.blocks, marks, strict=True)}


def test_an_aside_that_holds_the_article_is_none() -> None:
    story = "The lighthouse keeper of Sandholm has counted the passing ships by hand."
    other = "The bell of Sandholm has been silent since the storm of the century had cracked it."
    whole = marks_of(f"<main><aside><article><p>{story}</p><p>{story} Twice.</p></article></aside></main>")
    beside = marks_of(f"<article><p>{story}</p><p>{story} Twice.</p></article><aside><p>{other}</p></aside>")
    assert whole[story] is None
    assert beside[other] == "aside"


def test_comments_are_comments_however_much_longer_than_the_article() -> None:
    story = "The keeper asks his readers what they would count, if the passing ships were none of theirs."
    answers = [
        f"Comment {n}: I should count the gulls, and in winter the days until they return." for n in range(9)
    ]
    comments = "".join(f"<div class=comment><p>{answer}</p></div>" for answer in answers)
    page = f"<article><h1>An open thread</h1><p>{story}</p></article><div class=comments>{comments}</div>"
    marks = marks_of(page, "An open thread")
    assert marks[story] is None
    assert {marks[answer] for answer in answers} == {"comment"}


def test_a_box_around_headline_and_text_is_no_comment_whatever_its_name() -> None:
    story = "The lighthouse keeper of Sandholm has counted the passing ships by hand."
    marks = marks_of(f"<div class=has-comments><h1>The keeper</h1><p>{story}</p></div>", "The keeper")
    assert marks[story] is None


def test_furniture_is_dropped_however_likely() -> None:
    assert decided("Get our stories", 0.99) == (False, "furniture")


def test_furniture_of_one_article_is_none() -> None:
    seen_once = Furniture(articles=1, blocks=FURNITURE.blocks)
    assert "furniture" not in mark_blocks(FOUND, TABLE, None, None, seen_once)


def test_a_page_with_little_text_keeps_what_comes_near_its_best_block() -> None:
    kept, names = apply_rules(judged([0.02] * (COUNT - 1) + [0.0]))
    assert kept.any()
    assert "lone-paragraph" in names


def test_a_page_without_blocks_has_no_decisions() -> None:
    root = parse(b"").root
    found = cut(root)
    table = describe(found, read_hints(root), None)
    kept, names = apply_rules(Judged(np.zeros(0), mark_blocks(found, table, None, None), table))
    assert not len(kept)
    assert not names
