"""What a site repeats around its articles is learnt from two of them on, and no article becomes its own furniture."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper import extract, learn_furniture
from scraper.extract.blocks import TextBlock, cut
from scraper.extract.furniture import (
    MOST_BLOCKS,
    Survey,
    block_key,
    is_furniture,
    learn,
    merge,
    survey_blocks,
)
from scraper.extract.learn import survey_page
from scraper.extract.page import parse
from scraper.extract.scoring import for_seeds_group
from scraper.model import Furniture, Page
from tests.extract import SEED_PAGES, SEED_TRUTH, needs_shared

SAMPLES = Path(__file__).resolve().parents[2] / "archive" / "demo" / "pages"
SITE = "http://www.almaghribtoday.example/en/page/"


def sample(name: str) -> tuple[bytes, str]:
    return (SAMPLES / f"{name}.html").read_bytes(), SITE + name


HARBOUR, LIBRARY, MARATHON, ALMONDS = (
    sample(name)
    for name in ("almaghrib-1-harbour", "almaghrib-2-library", "almaghrib-3-marathon", "almaghrib-4-almonds")
)
CLUTTER = "US Christian tourists see deep meaning"

WORDS = [first + last for first in "bcdfghklmnprstvw" for last in ("ale", "ort", "ine", "usk")]


def prose(seed: int, paragraphs: int = 4) -> list[str]:
    """Paragraphs of 30 words that no other seed has."""
    chance = Random(seed)  # noqa: S311 - a story, not a secret
    return [" ".join(chance.choices(WORDS, k=30)).capitalize() + "." for _ in range(paragraphs)]


def page(texts: list[str], *, title: str = "", frame: str = "", below: str = "") -> Survey:
    """A page as a witness: its paragraphs are its content, the frame and what stands below are not."""
    body = "".join(f"<p>{text}</p>" for text in texts)
    blocks = cut(parse(f"<body>{frame}<main>{body}</main>{below}</body>".encode()).root).blocks
    content = {block.index for block in blocks if block.text in texts}
    return survey_blocks(title, blocks, frozenset(), content)


def block(html: str) -> TextBlock:
    return cut(parse(f"<body>{html}</body>".encode()).root).blocks[0]


FRAME = "<div>Reach us by post</div><p><a href=/a>Most read</a></p>"
POST, MOST_READ = block("<div>Reach us by post</div>"), block("<p><a href=/a>Most read</a></p>")


# the whole way, on pages


def recipe(name: str, story: str, ingredients: list[str], steps: list[str]) -> tuple[bytes, str]:
    lists = [f"<li>{'</li><li>'.join(some)}</li>" for some in (ingredients, steps)]
    html = f"""<title>{name}</title><article><h1>{name}</h1><p>{story}</p>
        <h2>Ingredients</h2><ul>{lists[0]}</ul><h2>Method</h2><ol>{lists[1]}</ol></article>"""
    return html.encode(), f"https://cook.example/{name.replace(' ', '-')}"


def test_recipes_keep_the_ingredients_and_steps_that_they_share() -> None:
    oven, serve = "Preheat the oven to 180°C.", "Serve at once."
    pages = [
        recipe(
            "Grandma's pancakes",
            "My grandmother made these every Sunday, and never once wrote the recipe down, so I had to watch.",
            ["200 g flour", "2 eggs", "butter, to fry"],
            [oven, "Whisk the eggs into the flour.", "Leave for an hour.", serve],
        ),
        recipe(
            "Cheese scones",
            "Scones should be made in a hurry, and eaten in one, says my aunt, who has made ten thousand.",
            ["250 g flour", "2 eggs", "100 g cheese"],
            [oven, "Rub the butter into the flour.", "Bake for fifteen minutes.", serve],
        ),
        recipe(
            "Plum cake",
            "Plums come all at once, and the only answer to that is cake, of which this is the plainest.",
            ["300 g flour", "2 eggs", "500 g plums"],
            [oven, "Stone the plums with a knife.", "Bake for an hour.", serve],
        ),
        recipe(
            "Beef stew",
            "In winter nothing will do but stew, and this one can be left alone from noon until night.",
            ["500 g beef", "2 eggs", "2 onions"],
            [oven, "Brown the beef on all sides.", "Stew for three hours.", serve],
        ),
    ]
    for known in (2, 4):
        text = extract(*pages[0], furniture=learn_furniture(pages[:known])).text
        for line in ("200 g flour", "2 eggs", "butter, to fry", "Leave for an hour.", oven, serve):
            assert line in text, (known, line)


def test_learning_from_siblings_takes_a_sites_lists_out_of_the_text() -> None:
    known = extract(*MARATHON, furniture=learn_furniture([MARATHON, HARBOUR]))
    lists = [found for found in known.blocks if CLUTTER in found.text]
    assert [(found.kept, found.rule) for found in lists] == [(False, "furniture")] * len(lists)
    assert lists
    assert CLUTTER not in known.text


def test_a_page_that_was_not_learnt_from_is_read_with_what_the_others_repeat() -> None:
    furniture = learn_furniture([HARBOUR, LIBRARY, MARATHON])
    text = extract(*ALMONDS, furniture=furniture).text
    assert CLUTTER not in text
    assert "The upper terraces were spared because they flower ten days later" in text


def test_furniture_takes_no_field_from_a_page() -> None:
    furniture = learn_furniture([HARBOUR, LIBRARY, MARATHON, ALMONDS])
    fields = [
        name for name in Page.__slots__ if name not in ("text", "blocks", "captions", "images", "origins")
    ]
    for payload, url in (HARBOUR, LIBRARY, MARATHON, ALMONDS):
        alone, known = extract(payload, url), extract(payload, url, furniture=furniture)
        assert {name: getattr(alone, name) for name in fields} == {
            name: getattr(known, name) for name in fields
        }


def test_one_page_teaches_nothing() -> None:
    furniture = learn_furniture([MARATHON])
    assert furniture.articles == 1
    assert extract(*MARATHON, furniture=furniture) == extract(*MARATHON)


def test_no_page_teaches_nothing() -> None:
    assert learn_furniture([]) == Furniture()


def test_the_same_page_under_two_addresses_is_one_article() -> None:
    assert learn_furniture([MARATHON, (MARATHON[0], SITE + "print/marathon")]).articles == 1


def test_a_page_that_is_no_article_is_no_witness() -> None:
    missing = (
        b"<html><title>404 Not Found</title><body><h1>Not Found</h1><p>The page is gone.</p></body></html>"
    )
    assert learn_furniture([MARATHON, (missing, SITE + "gone"), (b"%PDF-1.4", SITE + "file")]).articles == 1


def test_what_is_learnt_does_not_depend_on_the_order_of_pages() -> None:
    pages = [HARBOUR, LIBRARY, MARATHON, ALMONDS, (MARATHON[0], SITE + "again")]
    expected = learn_furniture(pages)
    for seed in range(3):
        Random(seed).shuffle(pages)  # noqa: S311 - an order, not a secret
        again = learn_furniture(pages)
        assert again == expected
        assert list(again.blocks) == list(expected.blocks)


def test_a_page_already_extracted_need_not_be_extracted_again() -> None:
    known = survey_page(*MARATHON, page=extract(*MARATHON))
    fresh = survey_page(*MARATHON)
    assert known is not None
    assert fresh is not None
    assert known.order == fresh.order


def test_a_page_extracted_with_furniture_is_the_same_witness() -> None:
    furniture = learn_furniture([HARBOUR, LIBRARY, MARATHON, ALMONDS])
    before, after = (
        survey_page(*MARATHON),
        survey_page(*MARATHON, page=extract(*MARATHON, furniture=furniture)),
    )
    assert before is not None
    assert after is not None
    assert before.order == after.order


@needs_shared
def test_the_seed_pages_read_by_site_leak_nothing_and_lose_nothing() -> None:
    truth = json.loads(SEED_TRUTH.read_text(encoding="utf-8"))["pages"]
    said = for_seeds_group(
        (name, (SEED_PAGES / name).read_bytes(), case["url"]) for name, case in truth.items()
    )
    assert len(said) == 18
    for name, case in truth.items():
        flat = " ".join(said[name]["text"].split())
        assert [line for line in case["clutter"] if " ".join(line.split()) in flat] == [], name
        for paragraph in case["paragraphs"]:
            if paragraph.get("keep", "yes") == "yes":
                assert " ".join(paragraph["text"].split()).removeprefix("- ") in flat, name


@needs_shared
def test_a_story_with_its_print_version_and_one_sibling_keeps_its_text() -> None:
    story, print_version, sibling = (
        (SEED_PAGES / f"almaghrib-{name}.html").read_bytes()
        for name in ("0-mayadeen", "0-mayadeen-print", "3-marathon")
    )
    furniture = learn_furniture(
        [(story, SITE + "a"), (print_version, SITE + "print/a"), (sibling, SITE + "b")]
    )
    assert furniture.articles == 2
    text = extract(story, SITE + "a", furniture=furniture).text
    for paragraph in extract(story, SITE + "a").text.split("\n\n"):
        assert paragraph in text or paragraph == "Source: AFP"
    assert CLUTTER not in extract(sibling, SITE + "b", furniture=furniture).text


# which pages count


def test_two_articles_suffice() -> None:
    furniture = learn([page(prose(1), frame=FRAME), page(prose(2), frame=FRAME)])
    assert furniture.articles == 2
    assert is_furniture(furniture, POST)
    assert is_furniture(furniture, MOST_READ)


def test_furniture_stands_on_half_of_the_articles_or_more() -> None:
    framed, bare = [page(prose(n), frame=FRAME) for n in (1, 2)], [page(prose(n)) for n in (3, 4)]
    assert is_furniture(learn(framed + bare), POST)
    assert not is_furniture(learn([*framed, *bare, page(prose(5))]), POST)


def test_copies_of_a_story_are_one_article() -> None:
    story = prose(1, 6)
    copies = [page(story), page(story[:4]), page([*story, *prose(7, 2)]), page(story[::-1])]
    furniture = learn([*copies, page(prose(2))])
    assert furniture.articles == 2
    assert not any(is_furniture(furniture, block(f"<p>{text}</p>")) for text in story)


def test_copies_alone_teach_nothing() -> None:
    story = prose(1, 6)
    furniture = learn([page([*story, *prose(n, 1)], frame=FRAME) for n in (11, 12, 13)])
    assert furniture.articles == 1
    assert not is_furniture(furniture, POST)


def test_a_story_that_stands_below_another_makes_both_one_witness() -> None:
    story, other = prose(1), prose(2)
    endless = page(other, below="".join(f"<p>{text}</p>" for text in story))
    furniture = learn([page(story), endless])
    assert furniture.articles == 1


def test_standing_text_taken_for_content_does_not_make_briefs_alike() -> None:
    standing = prose(99, 3)
    briefs = [page([*prose(n, 3), *standing], title=f"Brief {word}") for n, word in enumerate(WORDS[:4])]
    assert learn(briefs).articles == 4


def test_a_page_with_too_little_text_is_no_witness() -> None:
    assert learn([page(["Watch the match here."], frame=FRAME), page(prose(1), frame=FRAME)]).articles == 1


def test_lots_learnt_apart_are_merged_by_counting() -> None:
    lots = [[page(prose(n), frame=FRAME) for n in lot] for lot in ((1, 2), (3,), (4, 5))]
    together = learn([witness for lot in lots for witness in lot])
    merged = merge(*(learn(lot) for lot in lots))
    assert merged == together
    assert merge() == Furniture()


# what follows for a block


def test_numbers_and_case_do_not_part_blocks() -> None:
    assert block_key("Last updated: GMT 09:03:51") == block_key("LAST UPDATED  GMT 14:24:04")
    assert block_key("Posted on 8 October") != block_key("Posted on 8 November")


def test_a_block_without_letters_is_never_furniture() -> None:
    furniture = Furniture(4, {"": 4, "0 0": 4})
    assert not is_furniture(furniture, block("<p>12 3</p>"))
    assert not is_furniture(furniture, block("<p>* * *</p>"))


def test_a_headline_among_the_links_of_others_stays_text_in_its_own_article() -> None:
    related = "<ul><li><a href=/7>The bell of Sandholm rings again</a></li></ul>"
    furniture = learn([page(prose(n), frame=related) for n in (1, 2, 3)])
    assert is_furniture(furniture, block(related))
    assert not is_furniture(furniture, block("<h3>The bell of Sandholm rings again</h3>"))


def test_a_standfirst_in_the_teasers_of_others_stays_where_it_is_surely_content() -> None:
    teaser = "<p>After nine silent years the bell of the lighthouse was heard on both shores.</p>"
    furniture = learn([page(prose(n), frame=teaser) for n in (1, 2, 3)])
    assert is_furniture(furniture, block(teaser), 0.3)
    assert not is_furniture(furniture, block(teaser), 0.95)


def test_a_list_taken_for_text_in_several_articles_is_furniture_all_the_same() -> None:
    ticker = "GMT Tuesday charm and blue skies are brought to the northern shore"
    around = [page(prose(n), frame=f"<p>{ticker}</p>") for n in (1, 2, 3)]
    inside = [page([*prose(n), ticker]) for n in (4, 5)]
    assert is_furniture(learn(around + inside), block(f"<p>{ticker}</p>"), 0.95)
    assert not is_furniture(learn(around + inside[:1]), block(f"<p>{ticker}</p>"), 0.95)


def test_a_paragraph_that_is_surely_content_gives_way_to_four_witnesses_only() -> None:
    shared = "More than forty ships have gone down on the bar since the light was first lit, the harbour board says."
    lots = [page([*prose(n), shared]) for n in range(4)]
    assert not is_furniture(learn(lots[:3]), block(f"<p>{shared}</p>"), 0.95)
    assert is_furniture(learn(lots), block(f"<p>{shared}</p>"), 0.95)
    assert is_furniture(learn(lots[:2]), block(f"<p>{shared}</p>"), 0.5)


def test_a_heading_that_is_surely_content_stays_however_often_it_is_seen() -> None:
    lots = [page([*prose(n), "Ingredients"]) for n in range(6)]
    assert not is_furniture(learn(lots), block("<h2>Ingredients</h2>"), 0.7)
    assert is_furniture(learn(lots), block("<h2>Ingredients</h2>"), 0.5)


# laws

PAGES = st.lists(
    st.tuples(st.integers(0, 5), st.lists(st.text(max_size=300), max_size=6)), min_size=0, max_size=6
)


@settings(max_examples=40, deadline=None)
@given(PAGES, st.randoms(use_true_random=False))
def test_furniture_is_bounded_and_the_order_of_pages_does_not_matter(
    pages: list[tuple[int, list[str]]], chance: Random
) -> None:
    surveys = []
    for story, extras in pages:
        frame = "".join(f"<div>{text}</div>" for text in extras)
        surveys.append(page(prose(story), frame=frame))
    furniture = learn(surveys)
    assert furniture.articles <= len({story for story, _ in pages})
    assert len(furniture.blocks) <= MOST_BLOCKS
    assert all(1 <= count <= furniture.articles for count in furniture.blocks.values())
    assert all(len(key) < 200 for key in furniture.blocks)
    chance.shuffle(surveys)
    assert learn(surveys) == furniture


@given(st.text())
def test_folding_a_key_twice_is_folding_it_once(text: str) -> None:
    key = block_key(text)
    if "#" not in key:
        assert block_key(key) == key


def test_of_too_many_blocks_those_seen_on_fewest_articles_go() -> None:
    many = page(prose(1), frame=FRAME + "".join(f"<div>{a} {b}</div>" for a in WORDS for b in WORDS))
    lots = [many, page(prose(2), frame=FRAME)]
    furniture = learn(lots)
    assert len(furniture.blocks) == MOST_BLOCKS
    assert is_furniture(furniture, POST)
    assert is_furniture(furniture, MOST_READ)


@pytest.mark.parametrize("bad", [b"", b"\x00\xff" * 50, b"<html>" * 3000])
def test_a_hostile_page_does_not_keep_the_others_from_teaching(bad: bytes) -> None:
    assert learn_furniture([HARBOUR, (bad, "http://["), LIBRARY]).articles == 2
