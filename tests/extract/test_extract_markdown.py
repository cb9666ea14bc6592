"""Claims about Markdown and about pages as JSON."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scraper import extract
from scraper.extract.markdown import to_markdown
from scraper.extract.wire import furniture_from_json, furniture_to_json, page_from_json, page_to_json
from scraper.model import Block, Candidate, FieldOrigin, Furniture, Image, Link, Page


def page_of(*blocks: tuple[str, str]) -> Page:
    made = tuple(Block(text, True, "test", kind) for kind, text in blocks)
    return Page("article", text="\n\n".join(block.text for block in made), title="A *title*", blocks=made)


def test_kinds_become_their_marks() -> None:
    page = page_of(
        ("p", "First."),
        ("h3", "Head"),
        ("li", "one"),
        ("li", "two"),
        ("quote", "said"),
        ("pre", "x = 1"),
        ("cell", "a\tb"),
        ("cell", "c\td|e"),
    )
    assert to_markdown(page) == (
        "# A \\*title\\*\n\nFirst.\n\n### Head\n\n- one\n- two\n\n> said\n\n```\nx = 1\n```\n\n"
        "| a | b |\n| --- | --- |\n| c | d\\|e |\n"
    )


def test_marks_in_the_text_stay_text() -> None:
    page = page_of(("p", "# 5 * 3 _is_ [not] <b>"), ("p", "1. of May"), ("p", "- Civilians killed -"))
    assert (
        to_markdown(page, with_title=False)
        == "\\# 5 \\* 3 \\_is\\_ \\[not\\] \\<b\\>\n\n1\\. of May\n\n\\- Civilians killed -\n"
    )


def test_a_line_break_stays_one() -> None:
    assert to_markdown(page_of(("p", "one\ntwo")), with_title=False) == "one\\\ntwo\n"


def test_a_fence_is_longer_than_any_in_the_text() -> None:
    assert to_markdown(page_of(("pre", "```")), with_title=False) == "````\n```\n````\n"


def markdown_of(html: str, url: str = "https://example.org/2017/keeper") -> str:
    story = (
        "The lighthouse keeper of Sandholm has counted the passing ships by hand since the counter failed."
    )
    page = f"<html><head><base href=/2017/></head><body><article><h1>The keeper</h1><p>{story}</p>{html}<p>{story} \
        Each name stands in a ledger, with the hour, and the colour of the hull.</p></article></body></html>"
    return to_markdown(extract(page.encode(), url), with_title=False)


def test_links_of_the_text_are_links() -> None:
    written = markdown_of(
        "<p>He asked <a href='bell?a=(1)'>the founder <b>of *bells*</b></a> of the mainland, and "
        "<a href='https://office.example/|'>the office</a>, for <a href='javascript:x()'>more</a> than the fare.</p>"
    )
    assert (
        "He asked [the founder of \\*bells\\*](https://example.org/2017/bell?a=%281%29) of the mainland, and "
        "[the office](https://office.example/%7C), for more than the fare."
    ) in written


def test_a_word_that_stands_in_another_is_not_its_link() -> None:
    written = markdown_of(
        "<p>The other keepers of the coast asked for <a href=/the>the</a> fare, all of them.</p>"
    )
    assert "asked for [the](https://example.org/the) fare" in written


def test_links_stand_in_cells_items_and_quotes() -> None:
    page = Page(
        "article",
        text="x",
        blocks=(
            Block("a\tb|c", True, "t", "cell", links=(Link(2, 5, "https://a.example/"),)),
            Block("one", True, "t", "li", links=(Link(0, 3, "https://b.example/"),)),
            Block("said\nso", True, "t", "quote", links=(Link(5, 7, "https://c.example/"),)),
        ),
    )
    assert to_markdown(page) == (
        "| a | [b\\|c](https://a.example/) |\n| --- | --- |\n\n- [one](https://b.example/)\n\n"
        "> said\\\n> [so](https://c.example/)\n"
    )


def test_dropped_blocks_and_empty_pages_give_nothing() -> None:
    assert to_markdown(Page("empty")) == ""
    assert to_markdown(Page("article", text="x", blocks=(Block("no", False, "r"),))) == ""


text = st.text(max_size=20)
origins = st.dictionaries(
    st.sampled_from(["title", "published"]),
    st.builds(FieldOrigin, st.one_of(st.none(), text), st.lists(st.builds(Candidate, text, text)).map(tuple)),
)
pages = st.builds(
    Page,
    verdict=st.just("article"),
    text=text,
    title=st.one_of(st.none(), text),
    authors=st.lists(text).map(tuple),
    blocks=st.lists(
        st.builds(
            Block,
            text,
            st.booleans(),
            text,
            text,
            st.one_of(st.none(), st.floats(0, 1)),
            st.lists(st.builds(Link, st.integers(0), st.integers(0), text)).map(tuple),
        )
    ).map(tuple),
    images=st.lists(st.builds(Image, text, st.one_of(st.none(), text))).map(tuple),
    origins=origins,
)


@given(pages)
def test_a_page_written_and_read_is_the_same_page(page: Page) -> None:
    assert page_from_json(page_to_json(page)) == page


def test_a_real_page_survives_the_wire() -> None:
    page = extract(
        b"<html lang=en><title>x</title><body><h1>Head</h1><p>" + b"words and more words. " * 40,
        "https://a.example/",
    )
    assert page_from_json(page_to_json(page)) == page


@given(
    st.one_of(st.none(), st.builds(Furniture, st.integers(0, 9), st.dictionaries(text, st.integers(0, 9))))
)
def test_furniture_written_and_read_is_the_same(furniture: Furniture | None) -> None:
    assert furniture_from_json(furniture_to_json(furniture)) == furniture
