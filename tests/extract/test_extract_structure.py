"""Claims about the structure that is written: read back by a CommonMark parser, it is that of the page."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import html as lxml_html
from lxml.html import HtmlElement
from markdown_it import MarkdownIt

from scraper import extract
from scraper.extract.hypertext import blocks_to_html
from scraper.extract.markdown import blocks_to_markdown, escape
from scraper.extract.wire import structure_from_json, structure_to_json
from scraper.model import Block, Cell, Container, Link, Page, SiteRules

COMMONMARK = MarkdownIt("commonmark").enable(["table", "strikethrough"])
KEEP_ALL = SiteRules("example.org", keep=("article > *",))
"""So that what is claimed of structure does not hang on what a block of three words looks like."""

STORY = "The lighthouse keeper of Sandholm has counted the passing ships by hand since the counter failed."
SAID = "Nobody who has stood on that gallery in a January storm asks why the lamp was built so high."


def page_of(html: str) -> Page:
    page = f"<html><body><article><h1>The keeper</h1><p>{STORY}</p>{html}<p>{STORY} Each name stands in a \
        ledger, with the hour, and the colour of the hull.</p></article></body></html>"
    return extract(page.encode(), "https://example.org/2017/keeper", rules=KEEP_ALL)


def rendered(markdown: str) -> HtmlElement:
    return lxml_html.fragment_fromstring(COMMONMARK.render(markdown), create_parent="div")


def outline(element: HtmlElement) -> str:
    """The elements with their text, white space apart: `ol(li(p(one)))`."""
    inside = [
        (element.text or "").strip(),
        *(f"{outline(child)}{' '.join((child.tail or '').split())}" for child in element),
    ]
    start = f"@{element.get('start')}" if element.get("start") else ""
    return f"{element.tag}{start}({' '.join(filter(None, inside))})"


def written(html: str, *, as_html: bool = False) -> str:
    """What stands between the two paragraphs of the story, as HTML: our own, or a parser's of our Markdown."""
    blocks = page_of(html).blocks
    root = (
        lxml_html.fragment_fromstring(blocks_to_html(blocks), create_parent="div")
        if as_html
        else rendered(blocks_to_markdown(blocks))
    )
    return " ".join(outline(child) for child in list(root)[2:-1])


CASES = {
    "an ordered list counts from where the page does": (
        "<ol start=3><li>third of the rules</li><li>fourth of the rules</li></ol>",
        "ol@3(li(third of the rules) li(fourth of the rules))",
    ),
    "a list in an item stays in it": (
        "<ul><li>the lamp of the tower<ol><li>its glass was ground in Lyon</li></ol></li><li>the bell</li></ul>",
        "ul(li(the lamp of the tower ol(li(its glass was ground in Lyon))) li(the bell))",
    ),
    "a quote keeps what stands in it": (
        f"<blockquote><h3>From the ledger</h3><p>{SAID}</p><ul><li>one ship of oak</li></ul></blockquote>",
        f"blockquote(h3(From the ledger) p({SAID}) ul(li(one ship of oak)))",
    ),
    "two quotes are two": (
        f"<blockquote><p>{SAID}</p></blockquote><blockquote><p>{SAID} So he said.</p></blockquote>",
        f"blockquote(p({SAID})) blockquote(p({SAID} So he said.))",
    ),
    "two lists are two": (
        "<ul><li>oak was the first wood</li></ul><ul><li>elm was the second wood</li></ul>",
        "ul(li(oak was the first wood)) ul(li(elm was the second wood))",
    ),
    "two paragraphs of an item are two": (
        f"<ol><li><p>{SAID}</p><p>{SAID} So he said.</p></li></ol>",
        f"ol(li(p({SAID}) p({SAID} So he said.)))",
    ),
    "two boxes of preformatted text are one": (
        f"<p>{SAID}</p><pre><div>lamp = 1</div><div>bell = 2</div></pre>",
        f"p({SAID}) pre(code(lamp = 1\nbell = 2))",
    ),
    "an item without a list is one all the same": (
        f"<p>{SAID}</p><div><li>oak was the first of the woods</li></div>",
        f"p({SAID}) ul(li(oak was the first of the woods))",
    ),
    "a list right in a list belongs to the item before": (
        "<ul><li>the lamp of the tower</li><ul><li>its glass was ground in Lyon</li></ul></ul>",
        "ul(li(the lamp of the tower ul(li(its glass was ground in Lyon))))",
    ),
}


@pytest.mark.parametrize(("html", "expected"), CASES.values(), ids=CASES)
def test_structure_is_that_of_the_page(html: str, expected: str) -> None:
    assert written(html) == expected
    assert written(html, as_html=True) == expected.replace("code(", "").replace("bell = 2))", "bell = 2)")


def test_a_countdown_counts_down() -> None:
    html = "<ol reversed><li>the oldest of the towers</li><li>the tallest of them all</li></ol>"
    assert written(html) == "ol@2(li(the oldest of the towers)) ol(li(the tallest of them all))"
    root = lxml_html.fragment_fromstring(blocks_to_html(page_of(html).blocks), create_parent="div")
    assert [item.get("value") for item in root.iter("li")] == ["2", "1"]


def test_terms_and_definitions_stay_together() -> None:
    html = f"<dl><dt>The lamp of the tower</dt><dd>{SAID}</dd></dl><p>{SAID}</p>"
    assert written(html, as_html=True).startswith(f"dl(dt(The lamp of the tower) dd({SAID}))")
    assert written(html).startswith(f"ul(li(p(The lamp of the tower) p({SAID})))")


def test_what_is_indented_by_a_definition_of_nothing_is_a_paragraph() -> None:
    html = f"<ul><li>the lamp of the tower</li></ul><dl><dd>{SAID}</dd></dl><ul><li>the bell of it</li></ul>"
    assert written(html) == f"ul(li(the lamp of the tower)) p({SAID}) ul(li(the bell of it))"


def test_a_list_that_lays_the_page_out_is_none() -> None:
    page = f"<h1>The keeper</h1><ul><li><p>{STORY}</p><p>{SAID}</p><ul><li>one ship</li></ul><p>{STORY}</p>"
    blocks = extract(page.encode(), "https://example.org/2017/keeper").blocks
    assert [child.tag for child in rendered(blocks_to_markdown(blocks))] == ["p", "p", "ul", "p"]


TABLE = """<table><thead>
<tr><th rowspan=2>Year</th><th colspan=2>Ships</th></tr><tr><th>Oak</th><th>Elm</th></tr></thead>
<tr><th rowspan=2>1901</th><td>14</td><td>3</td></tr><tr><td>15</td><td></td></tr>
<tr><td></td><td></td><td>7</td></tr>
</table>"""


def cells_of(root: HtmlElement) -> list[list[str]]:
    return [[cell.text_content().strip() for cell in row] for row in root.iter("tr")]


def test_cells_stand_in_their_columns() -> None:
    assert cells_of(rendered(blocks_to_markdown(page_of(TABLE).blocks))) == [
        ["Year", "Ships", ""],
        ["", "Oak", "Elm"],
        ["1901", "14", "3"],
        ["", "15", ""],
        ["", "", "7"],
    ]


def test_html_has_the_heads_and_spans_of_the_page() -> None:
    root = lxml_html.fragment_fromstring(blocks_to_html(page_of(TABLE).blocks), create_parent="div")
    assert [[outline(cell) for cell in row] for row in root.iter("tr")] == [
        ["th(Year)", "th(Ships)"],
        ["th(Oak)", "th(Elm)"],
        ["th(1901)", "td(14)", "td(3)"],
        ["td(15)", "td()"],
        ["td()", "td()", "td(7)"],
    ]
    assert [(cell.get("rowspan"), cell.get("colspan")) for cell in root.iter("th")] == [
        ("2", None), (None, "2"), (None, None), (None, None), ("2", None),
    ]  # fmt: skip
    assert [row.getparent().tag for row in root.iter("tr")] == ["thead"] * 2 + ["tbody"] * 3


def test_a_table_without_a_head_makes_none_of_its_first_row() -> None:
    two = "<table><tr><td>oak</td><td>14</td></tr><tr><td>elm</td><td>3</td></tr></table>"
    tables = list(
        rendered(blocks_to_markdown(page_of(f"{two}{two.replace('14', '15')}").blocks)).iter("table")
    )
    assert [cells_of(table) for table in tables] == [
        [["", ""], ["oak", "14"], ["elm", "3"]],
        [["", ""], ["oak", "15"], ["elm", "3"]],
    ]


def test_tabs_of_the_source_part_no_cells() -> None:
    page = page_of(
        "<table>\n\t<tr>\n\t\t<td>oak\n\t\t\ttree</td>\n\t\t<td>14</td></tr>\n<tr><td>elm<td>3</table>"
    )
    assert [block.text for block in page.blocks if block.kind == "cell"] == ["oak tree\t14", "elm\t3"]


def test_a_table_that_spans_without_end_is_not_written_without_end() -> None:
    wide = "<td colspan=1000 rowspan=65534>x</td>" * 60
    blocks = page_of(f"<table>{f'<tr>{wide}</tr>' * 60}</table>").blocks
    assert len(blocks_to_markdown(blocks)) < 60 * 60 * 8
    assert len(blocks_to_html(blocks)) < 60 * 60 * 16


@pytest.mark.parametrize("opened", ["<ul><li>", "<blockquote>", "<dl><dd>", "<ol><li><blockquote>"])
def test_what_stands_in_thousands_of_lists_and_quotes_is_written(opened: str) -> None:
    page = page_of(opened * 3_000 + f"<p>{SAID}</p>")
    for write in (blocks_to_markdown, blocks_to_html):
        assert SAID in write(page.blocks)
    deep = Block(SAID, True, "", within=tuple(Container("quote", n) for n in range(5_000)))
    for write in (blocks_to_markdown, blocks_to_html):  # as an earlier version may have stored it
        assert SAID in write([deep, Block(STORY, True, "")])


def test_only_addresses_of_the_web_are_links() -> None:
    block = Block(
        "a <b> c", True, "r", links=(Link(0, 1, "javascript:x"), Link(2, 5, 'https://a.example/"><i>'))
    )
    assert (
        blocks_to_html([block])
        == '<p>a <a href="https://a.example/&quot;&gt;&lt;i&gt;" rel="noreferrer noopener">&lt;b&gt;</a> c</p>'
    )


def test_a_link_after_an_exclamation_mark_is_no_picture() -> None:
    root = rendered(
        blocks_to_markdown([Block("Look!here", True, "r", links=(Link(5, 9, "https://a.example/`"),))])
    )
    assert outline(root) == "div(p(Look! a(here)))"


marks = st.text(
    alphabet=st.sampled_from("ab1 _*`~<>[]()!&;#-+=.:|\\/\"'\n\t$lt\u00e9\u05e9"), min_size=1, max_size=40
)


def tidy(text: str) -> str:
    return "\n".join(filter(None, (" ".join(line.split()) for line in text.split("\n"))))


def shown(element: HtmlElement) -> str:
    for line_break in element.iter("br"):
        line_break.tail = "\n" + (line_break.tail or "").lstrip("\n")
    return tidy(element.text_content())


@given(marks.filter(tidy))
@example("C #")
@example("&amp;lt; ~~no~~ a__b _c_ x_y")
@example("a\n--\n| b |\n:-|-\n1.\n#\n+")
def test_any_text_stays_what_it_is(text: str) -> None:
    text = tidy(text)
    (paragraph,) = rendered(escape(text))
    assert paragraph.tag == "p"
    assert {element.tag for element in paragraph} <= {"br"}
    assert shown(paragraph) == text


@given(marks.filter(tidy), st.sampled_from(["h2", "h6", "li", "quote", "cell", "p"]))
def test_any_text_stays_what_it_is_in_every_kind(text: str, kind: str) -> None:
    text = tidy(text)
    block = Block(
        text, True, "r", kind, links=(Link(0, len(text.split("\n")[0]), "https://a.example/(_*[]"),)
    )
    expected = " ".join(text.split()) if kind in ("cell", "h2", "h6") else text
    root = rendered(blocks_to_markdown([block, Block("after", True, "r")]))
    assert len(root) == 2
    assert shown(root[0]) == expected
    assert len(list(root.iter("a"))) == 1
    own = lxml_html.fragment_fromstring(
        blocks_to_html([block, Block("after", True, "r")]), create_parent="div"
    )
    assert shown(own[0]) == text


kinds = st.sampled_from(["ul", "ol", "li", "quote", "dl", "dt", "dd", "table", "row", "pre"])
paths = st.lists(
    st.builds(Container, kinds, st.integers(1, 3), st.one_of(st.none(), st.integers(-2, 9))), max_size=5
)


@given(
    st.lists(
        st.tuples(st.sampled_from(["p", "h3", "li", "pre", "cell"]), paths.map(tuple)), min_size=1, max_size=6
    )
)
def test_no_path_loses_a_word(page: list[tuple[str, tuple[Container, ...]]]) -> None:
    blocks = [Block(f"word{n} _x_", True, "r", kind, within=within) for n, (kind, within) in enumerate(page)]
    expected = [f"word{n} _x_" for n in range(len(page))]
    own = lxml_html.fragment_fromstring(blocks_to_html(blocks), create_parent="div")
    for root in (rendered(blocks_to_markdown(blocks)), own):
        assert " ".join(root.text_content().split()) == " ".join(expected)


containers = st.builds(
    Container, st.sampled_from(["ul", "li", "quote"]), st.integers(1, 9), st.none() | st.integers(0, 9)
)
blocks_of_text = st.lists(
    st.builds(
        Block,
        st.text("ab\n\t ", min_size=1, max_size=9).filter(
            lambda text: "\n\n" not in text and text.strip() == text
        ),
        st.just(True),
        st.just(""),
        st.sampled_from(["p", "h2", "cell"]),
        st.none(),
        st.lists(st.builds(Link, st.integers(0, 9), st.integers(0, 9), marks), max_size=2).map(tuple),
        st.lists(containers, max_size=3).map(tuple),
        st.lists(st.builds(Cell, st.integers(0, 9)), max_size=2).map(tuple),
    ),
    max_size=5,
).map(tuple)


@given(blocks_of_text)
def test_a_structure_written_and_read_beside_its_text_is_the_same(blocks: tuple[Block, ...]) -> None:
    text = "\n\n".join(block.text for block in blocks)
    assert structure_from_json(structure_to_json(blocks), text) == blocks


def test_the_structure_of_another_text_is_none() -> None:
    structure = structure_to_json([Block("Head", True, "", "h2"), Block("words", True, "")])
    assert structure_from_json(structure, "Head\n\nwords") is not None
    for other in ("Head\n\nword", "Head\n\nwords and", "Headwords ab", "Head", ""):
        assert structure_from_json(structure, other) is None


def test_plain_paragraphs_need_no_structure() -> None:
    assert (
        structure_to_json([Block("One.", True, ""), Block("Gone.", False, ""), Block("Two.", True, "")])
        == "[]"
    )


PAGES = Path(__file__).parents[2].parent / "shared/extraction-dev/pages"
_EVERY = 17
"""Of the pages: some sixty."""


@pytest.mark.skipif(not PAGES.is_dir(), reason="the development pages (../shared) are not here")
def test_real_pages_read_back_have_the_words_lists_and_tables_of_their_blocks() -> None:
    read = 0
    for path in sorted(PAGES.iterdir())[::_EVERY]:
        page = extract(gzip.decompress(path.read_bytes()), f"https://example.org/{path.name}", setting="fast")
        kept = [block for block in page.blocks if block.kept]
        if not kept:
            continue
        read += 1
        said = " ".join(" ".join(block.text for block in kept).split())
        own = lxml_html.fragment_fromstring(blocks_to_html(kept), create_parent="div")
        parsed = rendered(blocks_to_markdown(kept))
        for root in (own, parsed):
            for line_break in root.iter("br"):
                line_break.tail = f" {line_break.tail or ''}"
            for cell in root.iter("td", "th"):
                cell.tail = " "
            assert " ".join(root.text_content().split()) == said, path.name
        for one in own.iter("dl"):
            one.tag = "ul" if one.find("dt") is not None else "dl"  # Markdown has no terms
        for tag in ("table", "ul", "blockquote", "pre", "a", *(f"h{level}" for level in range(2, 7))):
            assert len(list(own.iter(tag))) == len(list(parsed.iter(tag))), (path.name, tag)
        assert [depth(item) for item in own.iter("li")] == [
            depth(item) for item in parsed.iter("li")
        ] or own.find(".//dd") is not None, path.name
    assert read > 40


def depth(item: HtmlElement) -> int:
    return sum(1 for _ in item.iterancestors("ul", "ol", "blockquote"))
