"""A short block that stands with the text is kept with it; the same block beside the text is not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.extract.blocks import cut
from scraper.extract.model.features import describe
from scraper.extract.model.hints import read_hints
from scraper.extract.model.marks import mark_blocks
from scraper.extract.model.rules import RULES, SPARES, Judged, apply_rules
from scraper.extract.page import parse

FIRST = "The lighthouse keeper of Sandholm has counted the passing ships by hand since the counter failed."
SECOND = "He writes each name in a ledger, with the hour, and sends the pages to the mainland every Friday."
HEADINGS = (
    f"<p>{FIRST}</p><h3>The ledger</h3><p>{SECOND}</p>"
    "<h3>On the coast</h3><ul><li><a href=/2>The bell</a></ul>"
)
LINKED = f"<p>{FIRST}</p>" + "".join(
    f"<h3><a href=/{n}>Page {n}</a></h3><p>{SECOND if n < 4 else FIRST}</p>" for n in (2, 3, 4)
)
AMID = f"<p>{FIRST}</p><p><a href=/2>The ledger, page by page</a></p><p>{SECOND}</p><p><a href=/3>The bell</a></p>"
LISTED = (
    "<p>He counts, in this order:</p><ul><li><p>the freighters</p></li><li><p>the trawlers</p></li></ul>"
    f"<p>{SECOND}</p><ul><li>the harbour</li></ul>"
)
ITEMS = (
    "<ul><li>bread from the bakers of the village</li><li>mail, twice a week</li>"
    f"<li><a href=/5>lamp oil for the tower</a></li></ul><p>{SECOND}</p><ul><li><a href=/6>the bell</a></li></ul>"
)
INTRODUCED = (
    f"<p>{FIRST}</p><p>He sends three papers:</p><ul><li><a href=/7>the ledger of March</a></li>"
    f"<li><a href=/8>the ledger of May</a></li></ul><p>{SECOND}</p>"
)
TIMES = "".join(f"<p>{hour}:10</p><p>{SECOND} {hour}</p>" for hour in (8, 9, 10)) + "<p>Read more</p>"
HIDDEN = f"<p hidden>{FIRST} Unseen.</p>"
FOLDED = (
    f"<p>{FIRST}</p><div hidden><p>{SECOND} Folded.</p><p>{FIRST} Folded.</p></div><button>Read more</button>"
)
EVERYTHING = HEADINGS + LINKED + AMID + LISTED + ITEMS + INTRODUCED + HIDDEN + TIMES + FOLDED


class Page:
    def __init__(self, html: str) -> None:
        root = parse(f"<article>{html}</article>".encode()).root
        self.found = cut(root)
        self.table = describe(self.found, read_hints(root), None)
        self.marks = mark_blocks(self.found, self.table, None, None)

    def judged(self, likely: dict[str, float], others: float = 0.9) -> Judged:
        """The page where the blocks of some texts are as likely as said."""
        probabilities = [likely.get(block.text, others) for block in self.found.blocks]
        return Judged(np.array(probabilities), self.marks, self.table)

    def decided(self, text: str, likely: dict[str, float]) -> tuple[bool, str]:
        kept, names = apply_rules(self.judged(likely))
        at = next(block.index for block in self.found.blocks if block.text == text)
        return bool(kept[at]), names[at]


def test_a_heading_between_paragraphs_is_a_crosshead() -> None:
    page = Page(HEADINGS)
    assert page.decided("The ledger", {"The ledger": 0.25}) == (True, "crosshead")
    assert page.decided("The ledger", {"The ledger": 0.15}) == (False, "model")


def test_a_heading_over_other_stories_is_no_crosshead() -> None:
    heading = "On the coast"
    assert Page(HEADINGS).decided(heading, {heading: 0.35, "The bell": 0.05}) == (False, "model")


def test_a_heading_goes_with_the_paragraph_below_it() -> None:
    assert Page(HEADINGS).decided("The ledger", {"The ledger": 0.35, SECOND: 0.1}) == (False, "model")


def test_a_heading_before_all_text_is_no_crosshead() -> None:
    page = Page(f"<h3>The coast</h3><p>{FIRST}</p>")
    assert page.decided("The coast", {"The coast": 0.35}) == (False, "model")


def test_linked_headings_between_paragraphs_are_crossheads_where_there_are_several() -> None:
    page = Page(LINKED)
    assert page.decided("Page 2", {"Page 2": 0.35}) == (True, "linked-crosshead")
    assert page.decided("Page 2", {"Page 2": 0.35, FIRST: 0.1}) == (False, "link-line")


@pytest.mark.parametrize("tag", ["h2", "h3", "h4"])
def test_another_storys_headline_amid_the_text_is_no_crosshead(tag: str) -> None:
    line = "Rope bridges return to the old village"
    page = Page(f"<p>{FIRST}</p><{tag}><a href=/2>{line}</a></{tag}><p>{SECOND}</p>")
    assert page.decided(line, {line: 0.65}) == (False, "link-line")


def test_a_lone_link_between_paragraphs_is_still_a_link_line() -> None:
    line = "The ledger, page by page"
    assert Page(AMID).decided(line, {line: 0.6}) == (False, "link-line")


@pytest.mark.parametrize("line", [">>> Page 1", "\u2192 Page 1", "Read more: Page 1"])
def test_a_linked_heading_that_leads_away_is_no_crosshead(line: str) -> None:
    page = Page(f"{LINKED}<h3><a href=/1>{line.replace('>', '&gt;')}</a></h3><p>{SECOND}</p>")
    kept, rule = page.decided(line, {line: 0.6})
    assert not kept
    assert rule in ("link-line", "pointer", "site-call")


def test_the_items_that_a_line_introduces_stand_with_it() -> None:
    page = Page(LISTED)
    items = {"the freighters": 0.25, "the trawlers": 0.25, "the harbour": 0.25}
    assert page.decided("the freighters", items) == (True, "introduced-item")
    assert page.decided("the trawlers", items) == (True, "introduced-item")
    assert page.decided("the harbour", items) == (False, "model")
    lost = items | {"He counts, in this order:": 0.1}
    assert page.decided("the trawlers", lost) == (False, "model")


def test_an_item_stands_with_the_items_around_it() -> None:
    page = Page(ITEMS)
    assert page.decided("mail, twice a week", {"mail, twice a week": 0.38}) == (True, "listed-item")
    assert page.decided("mail, twice a week", {"mail, twice a week": 0.3}) == (False, "model")
    alone = {"mail, twice a week": 0.38, "bread from the bakers of the village": 0.1}
    assert page.decided("mail, twice a week", alone) == (False, "model")


def test_a_linked_item_stands_with_items_that_are_text() -> None:
    page = Page(ITEMS)
    assert page.decided("lamp oil for the tower", {"lamp oil for the tower": 0.25}) == (True, "linked-item")
    lost = {"bread from the bakers of the village": 0.1, "lamp oil for the tower": 0.6}
    assert page.decided("lamp oil for the tower", lost) == (False, "link-line")
    assert page.decided("the bell", {"the bell": 0.6}) == (False, "link-line")


@pytest.mark.parametrize("line", ["Read more: lamp oil", "\u2192 Lamp oil"])
def test_a_linked_item_that_leads_away_is_none(line: str) -> None:
    page = Page(f"<ul><li>bread from the bakers of the village</li><li><a href=/5>{line}</a></li></ul>")
    assert not page.decided(line, {line: 0.6})[0]


def test_a_list_of_links_is_not_text_by_its_own_links() -> None:
    links = "".join(f"<li><a href=/{n}>Story {n} of the week</a></li>" for n in range(4))
    page = Page(f"<p>{FIRST}</p><ul>{links}</ul>")
    assert page.decided("Story 1 of the week", {f"Story {n} of the week": 0.65 for n in range(4)}) == (
        False,
        "link-line",
    )


def test_links_that_a_line_introduces_are_text() -> None:
    page = Page(INTRODUCED)
    likely = {"the ledger of March": 0.3, "the ledger of May": 0.12}
    assert page.decided("the ledger of March", likely) == (True, "introduced-link")
    assert page.decided("the ledger of May", likely) == (True, "introduced-link")
    assert page.decided("the ledger of May", likely | {"the ledger of May": 0.05}) == (False, "link-line")
    unsaid = likely | {"He sends three papers:": 0.3}
    assert page.decided("the ledger of March", unsaid) == (False, "link-line")


@pytest.mark.parametrize(
    ("line", "links"),
    [
        ("Related:", 2),
        ("More on this:", 2),
        ("Read also:", 2),
        ("Links to related articles:", 2),
        ("Verwandte Artikel:", 2),
        ("He sends three papers.", 2),
        ("He sends three papers:", 11),
    ],
)
def test_links_under_other_lines_are_none(line: str, links: int) -> None:
    items = "".join(f"<li><a href=/{n}>the ledger of {n}</a></li>" for n in range(links))
    page = Page(f"<p>{FIRST}</p><p>{line}</p><ul>{items}</ul><p>{SECOND}</p>")
    assert page.decided("the ledger of 1", {"the ledger of 1": 0.6}) == (False, "link-line")


def test_links_of_another_box_are_not_introduced() -> None:
    page = Page(INTRODUCED.replace("<ul>", "<div><ul>").replace("</ul>", "</ul></div>"))
    assert page.decided("the ledger of May", {"the ledger of May": 0.6}) == (False, "link-line")


@pytest.mark.parametrize(("later", "kept"), [(0.41, True), (0.1, False)])
def test_the_times_of_a_live_blog_are_kept_or_dropped_alike(later: float, kept: bool) -> None:
    times = ["20:10", "9.41 pm", "18:12 Uhr", "17:13 (CET)"]
    page = Page("".join(f"<p>{time}</p><h3>The ledger of {time}</h3><p>{FIRST} {time}</p>" for time in times))
    likely = dict(zip(times, (0.6, 0.45, later, later), strict=True))
    decided = [page.decided(time, likely) for time in times]
    assert [keeps for keeps, _ in decided] == [kept] * 4
    assert "post-time" in {rule for _, rule in decided}


def test_two_times_of_day_are_judged_by_themselves() -> None:
    page = Page("".join(f"<p>{time}</p><p>{FIRST} {time}</p>" for time in ("20:10", "19:04")))
    assert page.decided("19:04", {"20:10": 0.6, "19:04": 0.3}) == (False, "model")


def test_a_formula_behind_its_picture_is_no_text() -> None:
    formula = "<math><mi>w</mi><annotation>{\\displaystyle w}</annotation></math>"
    page = Page(
        f"<p>{FIRST}</p><div style='display: none'>{formula}</div><p hidden>{SECOND} {formula}</p><p>{formula}</p>"
    )
    marks = [mark for mark in page.marks if mark is not None]
    assert marks == ["hidden-formula", "hidden"]  # the hidden words that hold one are no formula
    assert page.marks[1] == "hidden-formula"


@pytest.mark.parametrize("how", ["hidden", 'style="display:none"', 'style="Visibility: hidden"'])
def test_a_paragraph_alone_in_a_hidden_box_is_no_text(how: str) -> None:
    page = Page(
        f"<p {how}>{SECOND}</p><p>{FIRST}</p><h3>The ledger</h3><p>{FIRST} Nobody reads it. {FIRST}</p>"
    )
    assert page.decided(SECOND, {SECOND: 0.99}) == (False, "hidden")


@pytest.mark.parametrize(
    "html",
    [
        f"<p>{FIRST}</p><div style='display:none'><p>{SECOND}</p><p>{FIRST}</p></div>",  # unfolded by a script
        f"<h3>What does he write?</h3><div style='display:none'><p>{SECOND}</p></div>",  # an answer to unfold
        f"<button>More</button><div style='display:none'><p>{SECOND}</p></div>",
        f"<p>{FIRST} <span style='display:none'>{SECOND}</span></p>",  # the rest of a paragraph
        f"<p style='visibility:hidden'>{SECOND}</p><p>{FIRST}</p>",  # half of the page: shown as one scrolls
    ],
)
def test_hidden_text_that_unfolds_is_text(html: str) -> None:
    page = Page(html)
    assert page.decided(SECOND, {SECOND: 0.99}) == (True, "model")


def test_the_title_of_a_drawing_is_no_text() -> None:
    page = Page(f"<p>{FIRST}</p><p><svg><title>Chart icon</title><path d='M0'/></svg></p><p>{SECOND}</p>")
    assert page.decided("Chart icon", {"Chart icon": 0.99}) == (False, "hidden")


FOLD = f"<div style='display:none'><p>{SECOND}</p><p>{FIRST}</p></div>"


@pytest.mark.parametrize(
    ("html", "unfolds"),
    [
        (f"<p>{FIRST}</p>{FOLD}<button>Read more</button>", True),
        (f"<p>{FIRST}</p>{FOLD}<a href='#'>Weiterlesen</a>", True),
        (f"<p>{FIRST}</p><button>Read more</button>{FOLD}", True),
        (f"<p>{FIRST}</p>{FOLD}<p>{FIRST}</p>", False),
        (f"<section><p>{FIRST}</p></section><div>{FOLD}</div><button>Read more</button>", False),
        (f"{FOLD}<button>Read more</button><p>{FIRST}</p>", False),
        (f"<p>{FIRST}</p><div hidden><p>{SECOND}</p></div><button>Read more</button>", False),
    ],
)
def test_hidden_paragraphs_that_read_more_shows_go_on_with_the_text(html: str, unfolds: bool) -> None:
    decided = Page(html).decided(SECOND, {SECOND: 0.15})
    assert decided == ((True, "unfolded") if unfolds else (False, decided[1]))
    assert Page(html).decided(SECOND, {SECOND: 0.05})[0] is False


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_without_a_rule_that_spares_only_blocks_that_cite_it_change(data: st.DataObject) -> None:
    page = Page(EVERYTHING)
    count = len(page.found.blocks)
    probabilities = np.array(data.draw(st.lists(st.floats(0, 1), min_size=count, max_size=count)))
    rule = data.draw(st.sampled_from([*SPARES, "link-line", "hidden", "site-call", "post-time"]))
    judged = Judged(probabilities, page.marks, page.table)
    kept, names = apply_rules(judged)
    without, _ = apply_rules(judged, [name for name in RULES if name != rule])
    assert all(names[index] == rule for index in np.flatnonzero(kept != without))


def test_the_law_is_tried_on_every_mark_that_spares() -> None:
    assert set(SPARES) <= set(Page(EVERYTHING).marks)
