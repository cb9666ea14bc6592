"""From what is kept of a site's pages follow the same furniture and the same readings as from the pages themselves."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper import extract, learn_furniture
from scraper.extract.furniture import block_key, number_of
from scraper.extract.witness import (
    Telling,
    Witness,
    is_one_title,
    learn_from,
    reads_otherwise,
    told_of,
    unpack,
)
from scraper.model import Furniture
from tests.cluttered import MASTHEAD, TEASERS, cluttered, headline, printed, told

from .test_extract_furniture import ALMONDS, HARBOUR, LIBRARY, MARATHON

URL = "http://paper.example/"


def witness(html: str | bytes, furniture: Furniture | None = None, url: str = URL) -> Witness:
    payload = html.encode() if isinstance(html, str) else html
    packed = extract(payload, url, furniture=furniture, witness=True).witness
    assert packed is not None
    found = unpack(packed)
    assert found is not None
    return found


def telling(number: int, story: int | None = None, html: str | None = None) -> Telling:
    return Telling(witness(html or cluttered(number)), headline(number), number if story is None else story)


PAGES = [telling(number) for number in range(1, 5)]


def test_a_page_is_kept_in_ten_bytes_a_block() -> None:
    page = extract(cluttered(1).encode(), URL, witness=True)
    assert page.witness is not None
    assert len(page.witness) <= 3 + 10 * len(page.blocks)
    assert extract(cluttered(1).encode(), URL).witness is None


def test_what_two_articles_repeat_is_furniture_and_what_one_says_is_not() -> None:
    furniture = learn_from(PAGES[:2])
    assert furniture.articles == 2
    assert told_of(furniture, MASTHEAD) == told_of(furniture, TEASERS[0]) == 2
    assert [told_of(furniture, text) for text in (*told(1), headline(2))] == [0, 0, 0, 0]


@pytest.mark.parametrize("count", [2, 3, 4])
def test_a_page_reads_as_with_what_is_learnt_from_the_pages_themselves(count: int) -> None:
    kept = learn_from(PAGES[:count])
    pages = learn_furniture([(cluttered(n).encode(), URL) for n in range(1, count + 1)])
    assert (
        kept.articles == pages.articles or count == 2
    )  # at two, shingles cannot tell these stories in their clutter
    for number in range(1, count + 1):
        payload = cluttered(number).encode()
        if kept.articles == pages.articles:
            assert extract(payload, URL, furniture=kept) == extract(payload, URL, furniture=pages)


def test_real_pages_read_the_same_either_way() -> None:
    lot = [HARBOUR, LIBRARY, MARATHON, ALMONDS]
    kept = learn_from(
        Telling(witness(payload, url=url), str(at), at) for at, (payload, url) in enumerate(lot)
    )
    pages = learn_furniture(lot)
    assert kept.articles == pages.articles == 4
    for payload, url in lot:
        assert extract(payload, url, furniture=kept) == extract(payload, url, furniture=pages)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_which_pages_would_read_otherwise_is_known_without_reading_them(count: int) -> None:
    furniture = learn_from(PAGES[:count])
    for number in range(1, 5):
        alone = extract(cluttered(number).encode(), URL)
        known = extract(cluttered(number).encode(), URL, furniture=furniture, witness=True)
        assert reads_otherwise(PAGES[number - 1].page, furniture) == (alone.text != known.text)
        assert not reads_otherwise(witness(cluttered(number), furniture), furniture)
        assert reads_otherwise(witness(cluttered(number), furniture), Furniture()) == (
            alone.text != known.text
        )


def test_pages_of_one_story_are_one_article() -> None:
    copies = [
        telling(1),
        telling(1, story=7, html=cluttered(1, comment="seen elsewhere")),
        telling(1, story=1, html=printed(1)),  # its paragraphs are one block: the archive knows it for a copy
    ]
    assert learn_from(copies).articles == 1
    assert not learn_from(copies).blocks
    assert learn_from([*copies, telling(2)]).articles == 2


def test_a_story_that_stands_below_another_makes_both_one_article() -> None:
    below = "".join(f"<div>{text}</div>" for text in told(1))
    endless = cluttered(2).replace("</div></div></body>", f"</div>{below}</div></body>")
    assert learn_from([telling(1), telling(2, html=endless)]).articles == 1


def test_what_is_learnt_does_not_depend_on_the_order_of_pages() -> None:
    lot = [*PAGES, telling(1, story=9, html=cluttered(1, extra=" Dogs swim."))]
    expected = learn_from(lot)
    for seed in range(3):
        Random(seed).shuffle(lot)  # noqa: S311 - an order, not a secret
        assert learn_from(lot) == expected


def test_what_a_reader_keeps_by_rule_is_no_furniture() -> None:
    from scraper.model import SiteRules

    furniture = learn_from(PAGES)
    rules = SiteRules("paper.example", keep=("div > div:nth-of-type(1)",))
    page = extract(cluttered(1).encode(), URL, furniture=furniture, rules=rules, witness=True)
    assert page.text.startswith(MASTHEAD)
    found = unpack(page.witness or b"")
    assert found is not None
    assert not reads_otherwise(found, furniture)


@given(st.binary(max_size=60))
def test_what_is_no_witness_is_none(octets: bytes) -> None:
    found = unpack(octets)
    assert found is None or found.pack() == octets


@given(st.text(max_size=300))
def test_the_hash_of_a_block_is_that_of_its_key(text: str) -> None:
    key = block_key(text)
    assert (number_of(text) == 0) == (key == "")
    if "#" not in key:
        assert number_of(key) == number_of(text)


def test_titles_that_share_half_of_their_words_are_one() -> None:
    assert is_one_title("Ferry sails again", "FERRY sails, again (print)")
    assert is_one_title(None, None)
    assert not is_one_title("Ferry sails again", "Wolves cross the sound")
