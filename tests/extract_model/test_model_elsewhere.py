"""A second article on the page is not the page's, and a part of its own article is no second one."""

from __future__ import annotations

from scraper.extract.blocks import cut
from scraper.extract.model.features import describe
from scraper.extract.model.hints import read_hints
from scraper.extract.model.marks import mark_blocks
from scraper.extract.page import parse

STORY = [
    "The lighthouse keeper of Sandholm has counted the passing ships by hand since the counter failed in March. "
    "He writes each name in a ledger, with the hour and the colour of the hull.",
    "On Sundays he sends the pages to the mainland, where a clerk of the harbour office types them into a table "
    "that nobody has opened since the year in which the bell fell silent.",
    "Nobody at the office could say what the table is for, and the keeper says that this is no concern of his.",
]
OTHER = [
    "The bell of Sandholm rang again on Tuesday, for the first time since the storm of the century had cracked it.",
    "A founder from the mainland had mended it over the winter, and asked for no more than the fare of the ferry.",
]


def paragraphs(texts: list[str]) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def marked(html: str, mark: str = "other-article") -> set[str]:
    root = parse(f"<html><head><title>The keeper</title></head><body>{html}</body></html>".encode()).root
    found = cut(root)
    title_at = next(block.index for block in found.blocks if block.text == "The keeper")
    table = describe(found, read_hints(root), title_at)
    marks = mark_blocks(found, table, "The keeper", title_at)
    return {block.text for block, given in zip(found.blocks, marks, strict=True) if given == mark}


def test_what_an_endless_scroll_appends_is_another_article() -> None:
    for tag in ("article", "div", "section"):
        first = f"<{tag}><header><h1 class=head>The keeper</h1></header>{paragraphs(STORY)}</{tag}>"
        second = f"<{tag}><header><h1 class=head>The bell</h1></header>{paragraphs(OTHER)}</{tag}>"
        assert marked(f"<main>{first}{second}</main>") == {"The bell", *OTHER}


def test_posts_below_the_post_are_other_articles_whatever_their_headings_level() -> None:
    first = f"<article class='post single'><h1>The keeper</h1>{paragraphs(STORY)}</article>"
    second = f"<article class='post'><h2><a href=/2>The bell</a></h2>{paragraphs(OTHER)}</article>"
    assert marked(f"<main>{first}{second}</main>") == {"The bell", *OTHER}


def test_a_section_of_the_article_is_no_other_article() -> None:
    sections = f"<div><h2>The bell</h2>{paragraphs(OTHER)}</div>"
    assert not marked(f"<article><h1>The keeper</h1>{paragraphs(STORY)}{sections}</article>")
    assert not marked(f"<article><h1>The keeper</h1>{paragraphs(STORY)}<h1>The bell</h1></article>")


def test_the_article_after_a_headline_without_text_is_the_pages_own() -> None:
    first = f"<article class=part><h1>The keeper</h1>{paragraphs(STORY[2:])}</article>"
    second = f"<article class=part><h2>How he counts</h2>{paragraphs(STORY)}</article>"
    assert not marked(f"<main>{first}{second}</main>")


def test_what_stands_before_the_headline_is_not_asked() -> None:
    before = f"<article><h1>The bell</h1>{paragraphs(OTHER)}</article>"
    assert not marked(f"{before}<article><h1>The keeper</h1>{paragraphs(STORY)}</article>")


def test_comments_beside_the_text_are_marked_and_text_in_a_box_called_so_is_not() -> None:
    comments = f"<ol class=comment-list><li>{paragraphs(OTHER)}</li></ol>"
    text = f"<h1>The keeper</h1>{paragraphs(STORY)}"
    assert marked(f"<div><div>{text}</div>{comments}</div>", "comment") == set(OTHER)
    assert not marked(f"<div class=commentary-comments>{text}</div>", "comment")
