"""Claims about how a page is cut into blocks."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import HtmlElement, tostring

from scraper.extract import extract
from scraper.extract.blocks import Blocks, cut
from scraper.extract.elements import UNSEEN
from scraper.extract.page import parse, sparse
from scraper.extract.text import collapse, storable

from . import SEED_PAGES, needs_shared

SENTENCE = "The old ferry crossed the harbour for the last time on Friday, and hundreds came to see it off."


def blocks_of(html: str) -> Blocks:
    return cut(parse(html.encode()).root)


def texts(html: str) -> list[str]:
    return [block.text for block in blocks_of(html).blocks]


def kinds(html: str) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in blocks_of(html).blocks]


def text_nodes(root: HtmlElement) -> list[str]:
    """Every non-blank text node a reader could see, by a walk of our own that knows nothing of blocks."""
    body = root.find("body")
    found: list[str] = []
    for node in (body if body is not None else root).xpath(".//text()"):
        holder = node.getparent()
        around = [*holder.iterancestors()] if node.is_tail else [holder, *holder.iterancestors()]
        if not any(element.tag in UNSEEN for element in around) and (clean := collapse(storable(node))):
            found.append(clean)
    return found


def assert_each_node_is_in_one_block(root: HtmlElement) -> None:
    nodes = text_nodes(root)
    letters_in_nodes = "".join("".join(node.split()) for node in nodes)
    for brief in (False, True):
        found = cut(root, brief=brief).blocks
        assert sum(block.nodes for block in found) >= len(nodes)
        letters_in_blocks = "".join("".join(block.text.split()) for block in found)
        assert letters_in_blocks == letters_in_nodes


@needs_shared
def test_every_text_node_of_every_seed_page_is_in_one_block() -> None:
    for path in sorted(SEED_PAGES.glob("*.html")):
        assert_each_node_is_in_one_block(parse(path.read_bytes()).root)


TAGS = st.sampled_from(
    [
        "p",
        "div",
        "span",
        "a",
        "li",
        "ul",
        "b",
        "td",
        "tr",
        "table",
        "h2",
        "pre",
        "script",
        "figure",
        "figcaption",
        "x-y",
        "label",
        "br",
        "svg",
        "form",
        "nav",
        "footer",
        "article",
    ]
)


@st.composite
def fragments(draw: st.DrawFn, depth: int = 0) -> str:
    parts: list[str] = []
    for _ in range(draw(st.integers(0, 4))):
        if depth > 4 or draw(st.booleans()):
            parts.append(draw(st.text("ab \n\t\u00a0\u200bé1.", max_size=8)))
        else:
            tag = draw(TAGS)
            hidden = draw(
                st.sampled_from(["", ' hidden=""', ' style="display:none"', ' role="presentation"'])
            )
            parts.append(f"<{tag}{hidden}>{draw(fragments(depth + 1))}</{tag}>")
    return "".join(parts)


@given(fragments())
def test_every_text_node_of_any_tree_is_in_one_block_in_order(html: str) -> None:
    assert_each_node_is_in_one_block(parse(f"<html><body>{html}</body></html>".encode()).root)


def briefly(html: str) -> list[tuple[str, str, float, tuple[str, ...]]]:
    """Of each block of a brief cut the box it is in, its text, and how far and where it leads."""
    found = cut(parse(html.encode()).root, brief=True).blocks
    return [(block.place.element.tag, block.text, block.link_density, block.targets) for block in found]


def test_a_brief_cut_takes_a_menu_of_links_as_one_box() -> None:
    menu = "<nav><ul><li><a href=/n>News</a><li><div><a href=/w> The <b>weather</b></a></div></ul></nav>"
    assert briefly(menu) == [("nav", "News", 1.0, ("/n",)), ("nav", "The weather", 1.0, ("/w",))]
    assert briefly(menu.replace("nav", "footer"))[0][0] == "footer"
    assert briefly(menu.replace("nav", "aside"))[0][0] == "li"


def test_a_brief_cut_walks_through_what_holds_more_than_links() -> None:
    page = (
        "<footer><article><nav><a href=/a>A</a></nav><p>By Mira Haldane</p></article>"
        "<ul><li><a href=/b>B</a></ul><ul><li><a href=/c>C</a> in words</ul>"
        "<ul><li><h2><a href=/d>D</a></h2></ul></footer>"
    )
    assert briefly(page) == [
        ("nav", "A", 1.0, ("/a",)),
        ("p", "By Mira Haldane", 0.0, ()),
        ("ul", "B", 1.0, ("/b",)),
        ("li", "C in words", 0.1, ("/c",)),
        ("h2", "D", 1.0, ("/d",)),
    ]


def test_a_brief_cut_finds_every_picture_and_passes_over_mute_drawings() -> None:
    pictures = "<img src=a><img src=b hidden><a href=/><img src=c>Home</a><p><img src=d></p>"
    page = f"<nav>{pictures}</nav><svg><g><text>One</text></g></svg><svg><g/></svg>"
    whole, brief = (cut(parse(page.encode()).root, brief=brief) for brief in (False, True))
    assert [mark.element.get("src") for mark in brief.images] == ["a", "b", "c", "d"]
    assert [mark.at for mark in brief.images] == [mark.at for mark in whole.images]
    assert [block.text for block in brief.blocks] == [block.text for block in whole.blocks] == ["Home", "One"]


def test_cutting_does_not_change_the_tree() -> None:
    root = parse(b"<table><tr><td><h1>a</h1><td>b</table><p>c<br><br>d").root
    before = [(element.tag, element.text, element.tail) for element in root.iter()]
    cut(root)
    assert [(element.tag, element.text, element.tail) for element in root.iter()] == before


def test_a_box_begins_and_ends_a_block() -> None:
    assert texts("<div>one<p>two</p>three <b>and</b> four</div>") == ["one", "two", "three and four"]


def test_two_line_breaks_part_blocks_and_one_stays_a_line_break() -> None:
    assert texts("<div>one<br>still one<br><br>two<br> <br>three</div>") == ["one\nstill one", "two", "three"]


def test_white_space_is_collapsed_and_lines_of_source_are_not_lines_of_text() -> None:
    assert texts("<p>  one\n   two\t\tthree&nbsp; four</p>") == ["one two three four"]


def test_preformatted_text_keeps_its_lines() -> None:
    assert kinds("<pre>one\n  two</pre>after") == [("pre", "one\n  two"), ("p", "after")]


def test_an_unknown_element_is_a_box_outside_a_line_and_a_word_inside_one() -> None:
    assert texts("<x-card>one</x-card><x-card>two</x-card>") == ["one", "two"]
    assert texts("<p>the <x-term>castle</x-term> stands") == ["the castle stands"]


def test_kinds_say_what_a_block_is() -> None:
    html = (
        "<h2>head</h2><p>para</p><ul><li>item<li><p>item too</ul><blockquote><p>said</p></blockquote>"
        "<figure><img><figcaption>a boat</figcaption></figure><button>Send</button>"
    )
    assert kinds(html) == [
        ("h2", "head"),
        ("p", "para"),
        ("li", "item"),
        ("li", "item too"),
        ("quote", "said"),
        ("caption", "a boat"),
        ("other", "Send"),
    ]


def test_a_row_of_data_is_one_block_with_a_tab_between_cells() -> None:
    html = "<table><tr><th>Town<th>People<tr><td>Veldermeer<td><p>4,100</p></table>"
    assert kinds(html) == [("cell", "Town\tPeople"), ("cell", "Veldermeer\t4,100")]


def test_a_table_that_lays_the_page_out_is_no_table() -> None:
    inner = "<table><tr><td>a<td>b<tr><td>c<td>d</table>"
    html = f"<table><tr><td><h1>Head</h1></td><td>side</td></tr><tr><td>{inner}</td></tr></table>"
    assert kinds(html) == [("h1", "Head"), ("p", "side"), ("cell", "a\tb"), ("cell", "c\td")]


def test_links_are_measured_and_their_targets_kept() -> None:
    block = blocks_of('<p>see <a href="/a">this page</a></p>').blocks[0]
    assert block.targets == ("/a",)
    assert 0.6 < block.link_density < 0.8


def test_unseen_text_is_in_no_block() -> None:
    unseen = "".join(f"<{tag}>no</{tag}>" for tag in ("script", "style", "noscript", "template", "iframe"))
    assert texts(f"<p>seen</p>{unseen}") == ["seen"]


def test_hidden_text_is_in_a_block_that_says_so() -> None:
    from scraper.extract.blocks import HIDDEN

    found = blocks_of("<p>seen <span hidden>not seen</span></p>").blocks
    assert [(block.text, bool(block.place.context & HIDDEN)) for block in found] == [
        ("seen", False),
        ("not seen", True),
    ]


@pytest.mark.parametrize(
    ("html", "fields"),
    [
        ("<li><input type=checkbox> 2 eggs</li>", 0),
        ("<form><p><input type=checkbox> Remember me</p></form>", 1),
        ("<div><input type=checkbox role=button>Contents</div>", 1),
        ("<div><input type=checkbox style='display:none'>Contents</div>", 1),
        ("<p>Your name <input></p>", 1),
        ("<p><input type=hidden></p>", 0),
    ],
)
def test_a_box_to_tick_outside_of_a_form_is_no_field(html: str, fields: int) -> None:
    assert len(blocks_of(html).fields) == fields


@pytest.mark.parametrize(
    ("anchor", "density"),
    [
        ("<a name=top>", 0.0),
        ("<a id=p1>", 0.0),
        ("<a>", 0.0),
        ("<a href='#top'>", 1.0),
        ("<a href>", 1.0),
        ("<a class=share role=button>", 1.0),
    ],
)
def test_an_anchor_that_leads_nowhere_is_no_link(anchor: str, density: float) -> None:
    (block,) = blocks_of(f"<p>{anchor}The ferry sails again.</a></p>").blocks
    assert block.link_density == density


@pytest.mark.parametrize(
    "html",
    [
        "<html><body><p>one</p></body><p>two</p></html>",
        "<html><body><p>one</p></body></html><p>two</p>",
        "<html><body><p>one</p></body></html>two",
        "<p>one</p></BODY ></HTML><html><body class=other><p>two",
        "<p>one</p></body><!-- the end --></html><script>x()</script><p>two</p></body></html>",
    ],
)
def test_what_comes_after_the_end_of_the_body_is_of_the_body(html: str) -> None:
    assert texts(html) == ["one", "two"]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>He said <q>no</q>, and left.</p>", "He said “no”, and left."),
        ("<p><q>No, <q>never</q> again</q>.</p>", "“No, ‘never’ again”."),
        ("<p><q>„Nein“</q>, sagte er.</p>", "„Nein“, sagte er."),
        ("<p>Nothing <q></q>is quoted.</p>", "Nothing “”is quoted."),
    ],
)
def test_a_quotation_keeps_the_marks_that_browsers_put_around_it(html: str, text: str) -> None:
    assert texts(html) == [text]


def test_three_hundred_nested_boxes_keep_their_text() -> None:
    assert texts("<div>" * 300 + "<p>deep</p>" + "</div>" * 300) == ["deep"]


def test_nesting_beyond_the_parsers_limit_keeps_its_text() -> None:
    html = "<div>" * 3000 + '<p>deep <a href="/x">link</a></p>' + "</div>" * 3000 + "<p>after</p>"
    found = texts(html)
    assert " ".join(found).split() == ["deep", "link", "after"]


@given(
    st.text(alphabet="ab \x00\ufffdé漢<>/p?xml&;\n", max_size=60),
    st.sampled_from(["", "<?xml version='1.0'?>"]),
)
def test_the_bytes_of_a_page_in_utf_8_are_parsed_as_its_text_is(text: str, before: str) -> None:
    page = f"{before}<!doctype html><p>{text}"
    of_bytes, of_text = parse(page.encode()), parse(page.encode("utf-16"))
    assert tostring(of_bytes.root) == tostring(of_text.root)
    assert of_bytes.encoding == "utf-8"


@pytest.mark.parametrize("form", ["a{}=1", "a{}", "a{}='x y'", 'data-a{} = "x=y"'])
def test_of_an_element_a_thousand_attributes_are_read(form: str) -> None:
    """All of them cost two minutes: whoever compares each with all before it takes time by their square."""
    many = " ".join(form.format(number) for number in range(200_000))
    before = process_time()
    found = cut(parse(f"<p>One</p><p {many}>Two</p><p>Three</p>".encode()).root)
    assert process_time() - before < 2
    assert [block.text for block in found.blocks] == ["One", "Two", "Three"]
    assert len(found.blocks[1].place.attributes) == 1_000


@pytest.mark.parametrize(
    "html",
    [
        "<img src='data:image/png;base64," + "A" * 60_000 + "'><p id=one>One",
        '<script type="application/ld+json">{"text": "a <b, and '
        + "more words, " * 5_000
        + '"}</script><p>One',
        "<p id=one>" + "word " * 20_000,
        "a < " + "b " * 20_000,
    ],
)
def test_long_tags_scripts_and_texts_are_no_crowds_of_attributes(html: str) -> None:
    assert sparse(html.encode()) == html.encode()


@pytest.mark.parametrize("tag", ["article", "main", "header", "section", "story-text"])
@pytest.mark.parametrize("closed", [True, False])
def test_a_page_without_tags_of_head_and_body_has_a_body(tag: str, closed: bool) -> None:
    """Both tags may be left out (HTML Living Standard, 13.1.2.4), and minifiers leave them out."""
    page = (
        "<!doctype html><html lang=en><meta charset=utf-8><title>The old ferry</title>"
        f"<{tag}><h1>The old ferry</h1><p>{SENTENCE}</p><p>{SENTENCE}</p>"
        + f"</{tag}>" * closed
        + f"<p>{SENTENCE}</p>"
    )
    read = extract(page.encode(), "https://example.org/ferry")
    whole = page.replace("<meta", "<head><meta").replace("</title>", "</title></head><body>")
    assert read.text.count(SENTENCE) >= 2
    assert read == extract(whole.encode(), "https://example.org/ferry")


def test_what_ends_a_head_comes_before_the_text_of_the_body() -> None:
    root = parse(b"<head><title>t</title><main>a</main> b<my-box>c</my-box></head><body>d<p>e</p>").root
    assert "".join(root.find("body").itertext()) == "a bcde"
    assert [child.tag for child in root.find("head")] == ["title"]
