"""Claims about lines by which a site calls on its readers, and about sentences that only speak of such things."""

from __future__ import annotations

import time

import pytest

from scraper import extract
from scraper.extract.model.calls import is_call

CALLS = [
    "Sign up for our free newsletter",
    "SIGN UP FOR OUR NEWSLETTER to get the news of the harbour every morning.",
    "Article continues below",
    "Article continues after this advertisement",
    "Download our app for Android and iPhone",
    "Follow us on Twitter, Facebook and Instagram",
    "Advertisement",
    "© AFP 2024",
    "© 2024 Harrow Bay Gazette. All rights reserved.",
    "Copyright 2019 Hawaii News Now. All rights reserved.",
    "Do you have a story? Write to us at tips@gazette.example",
    "Folgen Sie uns auf Facebook!",
    "Suivez-nous sur X",
    "Síguenos en Facebook y Twitter",
    "Seguici su Google News",
    "Siga-nos no Instagram",
    "Volg ons op Instagram",
    "Obserwuj nas na Facebook",
    "İlgili haberler",
    "Подписывайтесь на наш канал в Telegram",
    "Читайте также",
    "تابعونا على فيسبوك",
]
TEXT = [
    "This article was amended on 6 March 2024 to correct the year of the hall.",
    "With reporting by AFP and Reuters.",
    "He told readers to sign up for our newsletter, and nobody did.",
    "The newsletter of the harbour is read by twelve thousand people.",
    "Follow us on our way to the islands, she said, and took the oars.",
    "Do you have a story about that?",
    "Advertising pays for the lighthouse.",
    "Copyright is a matter for the courts.",
    "Related claims were made by the pilot.",
    "Share the bread.",
    "Read more books, the teacher said.",
]


@pytest.mark.parametrize("line", CALLS)
def test_a_line_that_calls_on_readers_is_one_as_a_whole(line: str) -> None:
    assert is_call(line, links=False)


@pytest.mark.parametrize("line", TEXT)
@pytest.mark.parametrize("links", [False, True])
def test_a_sentence_that_holds_such_words_is_none(line: str, links: bool) -> None:
    assert not is_call(line, links=links)


@pytest.mark.parametrize(
    "line",
    [
        "Read more: The ledger",
        "READ ALSO | The ledger",
        "(Lire aussi\u00a0: Le registre)",
        "Lesen Sie auch: Das Buch",
    ],
)
def test_what_leads_to_a_link_is_a_call_with_a_link_in_it_alone(line: str) -> None:
    assert is_call(line, links=True)
    assert not is_call(line, links=False)


@pytest.mark.parametrize("setting", ["accurate", "fast"])
def test_calls_amid_a_text_are_dropped_by_their_rule_and_notes_stay(setting: str) -> None:
    paragraphs = [
        f"The lighthouse keeper of Sandholm counted {ships} ships by hand in {month}, and wrote each name in a ledger "
        "with the hour, as the office of the coast had asked him to do since the counter failed."
        for ships, month in [("ninety", "March"), ("seventy", "April"), ("sixty", "May"), ("forty", "June")]
    ]
    lines = [paragraphs[0], CALLS[0], paragraphs[1], CALLS[2], *paragraphs[2:], CALLS[4], CALLS[7], TEXT[0]]
    body = "".join(f"<p>{line}</p>" for line in lines)
    html = f"<html><head><title>The keeper</title></head><body><article><h1>The keeper</h1>{body}</article></body>"
    page = extract(html.encode(), "https://coast.example/a", setting=setting)  # type: ignore[arg-type]
    assert [block.text for block in page.blocks if block.rule == "site-call"] == [
        CALLS[at] for at in (0, 2, 4, 7)
    ]
    assert page.text == "\n\n".join([*paragraphs, TEXT[0]])


def test_a_heading_of_one_word_is_a_part_of_the_text() -> None:
    story = (
        "<p>The office of the coast has paid for the light by what is sold on its walls since the war ended.</p>"
        * 3
    )
    html = f"<h1>The light</h1>{story}<h2>Advertisement</h2>{story.replace('war', 'storm')}"
    page = extract(html.encode(), "https://coast.example/a")
    assert [block.rule for block in page.blocks if block.text == "Advertisement"] != ["site-call"]


def test_long_lines_are_told_apart_at_once() -> None:
    before = time.process_time()
    for line in ("© " + "a" * 280, "© " + "a " * 140, "Follow " + "us " * 90, "Sign up for our " + "x" * 280):
        is_call(line, links=True)
    assert time.process_time() - before < 0.2
