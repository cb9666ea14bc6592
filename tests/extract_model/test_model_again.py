"""A story told twice on its page is read once."""

from __future__ import annotations

from scraper import extract

STORY = (
    "The port authority said on Tuesday that the ferry between Lowestoft and the islands will sail again from April.",
    "Engineers replaced eleven of the forty piles, and divers inspected the remainder last week, residents were told.",
    "The work cost three million pounds, of which the county council paid a third, and the state paid for the rest.",
    "Shopkeepers on the larger island say they lost up to half of their trade, and hope to have it back by Easter.",
)
REFRAIN = "And so the ferry goes, and so the ferry comes, and nobody asks it where it has been."


def read(*parts: tuple[str, ...]) -> str:
    sections = "".join(f"<section>{''.join(f'<p>{text}</p>' for text in part)}</section>" for part in parts)
    page = f"<title>Ferry to sail again</title><article><h1>Ferry to sail again</h1>{sections}</article>"
    return extract(page.encode(), "https://example.org/ferry").text


def test_a_story_that_stands_there_twice_is_kept_once() -> None:
    assert read(STORY, STORY) == "\n\n".join(STORY)
    assert read(STORY[:1], STORY) == "\n\n".join((*STORY[:1], *STORY)), "one paragraph is no story"


def test_what_comes_again_amid_a_text_stays() -> None:
    verses = tuple(line for text in STORY for line in (text, REFRAIN))
    assert read(verses) == "\n\n".join(verses)


def test_in_another_order_it_is_another_text() -> None:
    other = tuple(reversed(STORY))
    assert read(STORY, other) == "\n\n".join((*STORY, *other))
