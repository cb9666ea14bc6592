"""Claims about what walls say, and what stories say about walls."""

from __future__ import annotations

import pytest

from scraper import extract
from scraper.extract.walls import addresses, asks, breaks_off, reports
from scraper.model import Page

DECLARED = (
    '<meta property="og:type" content="article"><script type="application/ld+json">{"@context":"https://schema.org",'
    '"@type":"NewsArticle","headline":"x","datePublished":"2024-03-12T08:30:00Z"}</script>'
)
PROSE = (
    "The keeper has counted the passing ships by hand since the counter failed in March.",
    "Two pilots left the harbour in May and came back with the ferry at noon.",
    "The warden lit the lantern an hour before dusk, as on every day of the storm.",
    "Nobody had asked the captain of the bridge, whose office stands empty.",
)


def judged(title: str, *paragraphs: str, head: str = "", after: str = "", lang: str = "en") -> Page:
    """The page of one article of these paragraphs."""
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    html = (
        f'<html lang="{lang}"><head><meta charset="utf-8"><title>{title} | Coast Gazette</title>{head}</head><body>'
        f'<nav><a href="/news">News</a> <a href="/sport">Sport</a></nav><article><h1>{title}</h1>{body}{after}'
        "</article><footer><p>© 2024 Coast Gazette</p></footer></body></html>"
    )
    return extract(html.encode(), "https://coast.example/2024/story")


ABOUT_WALLS = {
    "a film named like a wall": (
        "Musk film asks: are you a robot?",
        "The documentary “Are you a robot?” opens in Lowestoft on Friday. It follows engineers who build machines.",
        "Its director, Li Wen, will answer questions after the first showing.",
    ),
    "the history of a test": (
        "Are you a robot? The captcha turns 25",
        "Please verify you are human. The sentence has become one of the most read on the web.",
        "The first captcha was put up in 1997 by a search engine that wanted to keep machines from adding addresses.",
        "Access denied is what the unlucky read, and people now fail more often than programs do.",
    ),
    "a fine for a banner": (
        "Regulator fines publisher over cookie banners",
        "The regulator fined a publisher two million euros because its website made it hard to refuse cookies.",
        "“We use cookies to improve your experience. Accept all,” said the banner, and hid the button to reject all.",
        "Under the law, consent must be freely given. The publisher says that it will appeal.",
        "We value your privacy, the notice began; the regulator said that it did not.",
    ),
    "a fine, in German": (
        "Behörde straft Verlag wegen Cookies",
        "Die Behörde hat einen Verlag bestraft, weil auf der Seite „alle akzeptieren“ groß und ablehnen klein stand.",
        "Die Einwilligung müsse freiwillig sein, sagte ihr Leiter, und „Zustimmen und weiter“ sei es nicht.",
        "Der Verlag erklärte, er werde gegen den Bescheid klagen; Cookies setzten alle.",
    ),
    "a fine, in French": (
        "Amende pour un bandeau de cookies",
        "Le bouton « tout accepter » était plus grand que l’autre, a déclaré le régulateur, et « accepter et fermer ».",
        "L’éditeur a annoncé un recours ; la publicité et les cookies paient la rédaction.",
    ),
    "the end of a paywall": (
        "Newspaper drops its paywall",
        "The Evening Star takes down its paywall, after readers were told for years to subscribe to continue reading.",
        "Already a subscriber? Log in, said the page; fewer than one reader in a hundred did.",
        "“To continue reading, subscribe today,” was the most hated sentence in town, its editor said.",
        "It has 12,000 subscribers, who will be asked to stay with the paper.",
    ),
}


@pytest.mark.parametrize("head", ["", DECLARED], ids=["undeclared", "declared"])
@pytest.mark.parametrize("name", ABOUT_WALLS)
def test_a_story_about_a_wall_is_an_article(name: str, head: str) -> None:
    title, *paragraphs = ABOUT_WALLS[name]
    page = judged(title, *paragraphs, head=head)
    assert page.verdict == "article", page.reason
    assert page.text.count("\n\n") >= len(paragraphs) - 1


@pytest.mark.parametrize("head", ["", DECLARED], ids=["undeclared", "declared"])
@pytest.mark.parametrize(
    "quotation",
    [
        "“Register for free to continue reading” was what the passengers of the ferry read on the screens.",
        "„Nur für Abonnenten“ stand auf den Bildschirmen der Fähre.",
        "« Déjà abonné ? La suite est réservée aux abonnés », lisait-on sur les écrans.",
        "«Материал доступен по подписке» — прочли пассажиры парома.",
        "「購読者限定」と画面に出た。",
        "The screens told those who had paid for a crossing that they must subscribe to read on, said the captain.",
    ],
)
def test_the_words_of_a_wall_amid_a_story_are_the_storys(quotation: str, head: str) -> None:
    assert judged("Ferry sails again", *PROSE[:2], quotation, head=head).verdict == "article"
    assert judged("Ferry sails again", quotation, *PROSE[:2], head=head).verdict == "article"


def test_what_asks_stands_at_the_end_of_the_text() -> None:
    asking = "Subscribe to continue reading"
    assert judged("Ferry sails again", *PROSE[:2], asking).verdict == "paywall"
    assert judged("Ferry sails again", PROSE[0], asking, *PROSE[1:]).verdict == "article"


def test_subscribers_may_log_in_under_a_free_article() -> None:
    login = "<div class=pitch><p>Already a subscriber? Log in</p><a href=/s>Subscribe</a></div>"
    whole = (*PROSE, *(paragraph.replace("The", "One") for paragraph in PROSE))
    assert judged("Ferry sails again", *whole, after=login).verdict == "article"
    assert (
        judged(
            "Ferry sails again",
            *whole,
            "The ferry, which since the storm of March has not sailed to the",
            after=login,
        ).verdict
        == "paywall"
    )
    assert judged("Ferry sails again", PROSE[0], after=login).verdict == "paywall"


OFFERS = {
    "Subscribe to continue reading": "Get unlimited access to all our journalism, on any device, from £1 a week.",
    "Weiterlesen mit Küste+": "Testen Sie unser Angebot vier Wochen lang für einen Euro, auf allen Geräten.",
    "La suite est réservée aux abonnés.": "Profitez de tous les articles en illimité dès 1 € le premier mois.",
    "Suscríbete para seguir leyendo": "Lee sin límites desde 1 € al mes, en todos tus dispositivos, y apoya el oficio.",
    "Чтобы читать дальше, оформите подписку": "Доступ ко всем материалам без рекламы на сайте всего за сто рублей.",
    "Please log in, or sign up for a new account and purchase a subscription to continue reading.": "",
}


@pytest.mark.parametrize("head", ["", DECLARED], ids=["undeclared", "declared"])
@pytest.mark.parametrize("asking", OFFERS)
def test_an_offer_after_what_asks_is_none_of_the_story(asking: str, head: str) -> None:
    assert judged("Ferry sails again", *PROSE[:2], asking, OFFERS[asking], head=head).verdict == "paywall"
    assert judged("Ferry sails again", *PROSE[:2], asking, *PROSE[2:], head=head).verdict == "article"


@pytest.mark.parametrize("head", ["", DECLARED], ids=["undeclared", "declared"])
@pytest.mark.parametrize(
    ("title", "last"),
    [
        ("Subscribe to continue reading: the end of free news", PROSE[2]),
        (
            "Premium content creators",
            "Makers of premium content earn less than bakers, a survey of them shows.",
        ),
        (
            "Zeitung baut um",
            "Nur für Abonnenten war bisher der Lokalteil, künftig steht er allen in der Stadt offen.",
        ),
        (
            "Газета меняется",
            "Только для подписчиков останется архив за прошлый век, который хранится в подвале.",
        ),
    ],
)
def test_a_headline_or_a_line_that_has_such_words_asks_for_nothing(title: str, last: str, head: str) -> None:
    assert judged(title, *PROSE[:2], last, head=head).verdict == "article"


def test_a_story_of_a_missing_page_need_not_be_long() -> None:
    title = "Page not found: how libraries lose the web"
    assert judged(title, *PROSE, head=DECLARED).verdict == "article"
    assert (
        judged("Page not found", "Sorry, this page is gone. Try our search.", head=DECLARED).verdict
        == "soft-404"
    )


@pytest.mark.parametrize(
    ("title", "paragraph"),
    [
        (
            "Just a moment...",
            "coast.example needs to review the security of your connection before proceeding.",
        ),
        (
            "Are you a robot?",
            "Please make sure that your browser supports JavaScript and cookies.",
        ),
        (
            "Pardon Our Interruption",
            "As you were browsing something about your browser made us think you were a bot. There are a few reasons "
            "this might happen: you are moving through this website with super-human speed.",
        ),
        (
            "Attention Required! | Cloudflare",
            "This website is using a security service to protect itself from online attacks. There are several actions "
            "that could trigger this block including submitting a certain word or phrase, or malformed data. You can "
            "email the site owner to let them know you were blocked.",
        ),
        ("Access Denied", "You do not have permission to access this page on this server."),
    ],
)
def test_a_wall_speaks_to_its_reader(title: str, paragraph: str) -> None:
    html = f"<html><head><title>{title}</title></head><body><h1>{title}</h1><p>{paragraph}</p></body></html>"
    assert extract(html.encode(), "https://coast.example/a").verdict == "bot-wall"


def test_a_phrase_is_said_in_a_short_sentence_and_outside_quotation_marks() -> None:
    assert asks("Already a member? Log in.", "already a member log in")
    assert asks("Enjoy the paper. Subscribe to read.", "subscribe to read")
    assert not asks("“Subscribe to read,” it said.", "subscribe to read")
    assert not asks(
        "Few were ready to subscribe to read " + "what they had read free " * 4, "subscribe to read"
    )


@pytest.mark.parametrize(
    "told",
    [
        "He said so.",
        "Das sagte er.",
        "Elle a dit non.",
        "Он сказал это.",
        "وقال الوزير",
        "彼はそうだと述べた",
        "港口宣布",
    ],
)
def test_a_story_says_who_said_it(told: str) -> None:
    assert reports(told)


@pytest.mark.parametrize(
    "asked", ["As you said, accept all.", "Click “Accept all”.", "Subscribe to read.", "登录"]
)
def test_a_wall_speaks_for_itself(asked: str) -> None:
    assert not reports(asked)


def test_youth_and_bottles_speak_to_nobody() -> None:
    assert not addresses("The youth of the pleasant port sold bottles on Sunday.")
    assert addresses("Veuillez patienter.")
    assert addresses("Verify that your browser is up to date.")
    assert not addresses("“You are late,” the captain said.")


def test_a_paragraph_breaks_off_before_its_last_full_stop() -> None:
    assert breaks_off("The ferry sails. It was the first to")
    assert breaks_off("The ferry sails …")
    assert not breaks_off("“The ferry sails.”")
    assert not breaks_off("船が出る。")
