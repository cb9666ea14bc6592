"""What a draft is to what is held."""

from __future__ import annotations

from dataclasses import replace

import pytest

from archive.dedup.decide import decide
from archive.model import ArticleDraft, Known
from scraper.similarity import text_digest, word_count

URL = "https://a.example/1"


def draft(text: str = "One text.", title: str | None = "Title", published: str | None = None) -> ArticleDraft:
    return ArticleDraft(
        url=URL,
        site="a.example",
        title=title,
        text=text,
        text_sha256=text_digest(text),
        word_count=word_count(text),
        published=published,
    )


HEAD = Known(1, URL, "Title", None, text_digest("One text."), 1, None)
COPY = replace(HEAD, article_id=2, duplicate_of=1)


def test_an_unknown_text_at_an_unknown_url_is_new() -> None:
    assert decide(None, None, draft()) == ("new", None, None)


def test_a_held_text_at_an_unknown_url_is_a_duplicate() -> None:
    assert decide(None, 7, draft()) == ("duplicate", None, 7)


def test_texts_without_words_are_no_copies() -> None:
    assert decide(None, 7, draft("…")) == ("new", None, None)


def test_the_same_again_is_unchanged() -> None:
    assert decide(HEAD, 1, draft()) == ("unchanged", 1, None)
    assert decide(COPY, 1, draft()) == ("unchanged", 2, 1)
    assert decide(HEAD, 1, draft("ONE   text")) == ("unchanged", 1, None)
    assert decide(HEAD, 1, draft(title=" Title\n")) == ("unchanged", 1, None)


@pytest.mark.parametrize(
    "changed", [draft(title="Other"), draft(title=None), draft(published="2017-10-08"), draft("Other text.")]
)
def test_another_title_date_or_text_is_a_change(changed: ArticleDraft) -> None:
    twin = 1 if changed.text_sha256 == HEAD.text_sha256 else None
    assert decide(HEAD, twin, changed) == ("changed", 1, None)


def test_a_copy_with_another_title_is_still_a_copy() -> None:
    assert decide(COPY, 1, draft(title="Other")) == ("changed", 2, 1)


def test_a_change_to_a_held_text_makes_a_copy() -> None:
    assert decide(HEAD, 9, draft("Text of nine.")) == ("changed", 1, 9)


def test_no_title_and_an_empty_title_are_one() -> None:
    assert decide(replace(HEAD, title=None), 1, draft(title=" "))[0] == "unchanged"
