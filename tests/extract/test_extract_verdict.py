"""Claims about what a page is, and about the evidence that is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import Element

from scraper import extract
from scraper.extract.blocks import Place, TextBlock
from scraper.extract.near import is_prose
from scraper.extract.text import count_words, words
from scraper.model import Page

STORY = "<p>The keeper has counted the passing ships by hand since the counter failed in March, the office said.</p>"
MONTHS = ("March", "May", "June", "July")


def story(paragraphs: int) -> str:
    """So many paragraphs, no two of them the same."""
    return "".join(STORY.replace("March", month) for month in MONTHS[:paragraphs])


def html_of(body: str, title: str = "The keeper") -> str:
    return f"<html><head><title>{title}</title></head><body>{body}</body></html>"


def judged(html: str | bytes, content_type: str | None = None, url: str = "https://coast.example/a") -> Page:
    return extract(html.encode() if isinstance(html, str) else html, url, content_type=content_type)


@pytest.mark.parametrize(
    ("payload", "content_type"),
    [
        (b"%PDF-1.7 ...", "text/html"),
        (b"\x89PNG\r\n\x1a\n....", None),
        (b'{"title": "The keeper"}', "application/json"),
        (b'{"title": "The keeper"}', "text/html"),
        (
            b'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>x</title></feed>',
            "text/html",
        ),
        (
            b"<?xml version='1.0'?><!-- made by hand --><urlset><url><loc>x</loc></url></urlset>",
            "application/xml",
        ),
        (b"PK\x03\x04....", "application/octet-stream"),
        (b"body { color: red }", "text/css"),
        (b"\x00\x01\x02\x00" * 500, None),
    ],
)
def test_what_is_no_page_is_named_by_its_bytes(payload: bytes, content_type: str | None) -> None:
    page = judged(payload, content_type)
    assert page.verdict == "not-html"
    assert page.reason
    assert page.text == ""


def test_a_page_with_a_wrong_content_type_is_a_page() -> None:
    assert (
        judged(
            f"<html><body><h1>The keeper</h1>{STORY * 3}</body></html>", "application/octet-stream"
        ).verdict
        == "article"
    )


def test_a_page_in_utf16_is_a_page() -> None:
    payload = ("\ufeff" + f"<html><body><h1>The keeper</h1>{STORY * 3}</body></html>").encode("utf-16-le")
    assert judged(payload, "text/html").verdict == "article"


@pytest.mark.parametrize(
    ("title", "verdict"),
    [
        ("Just a moment...", "bot-wall"),
        ("Access Denied", "bot-wall"),
        ("404 Not Found", "soft-404"),
        ("Seite nicht gefunden | Küste", "soft-404"),
    ],
)
def test_titles_that_say_so_are_believed_when_there_is_no_story(title: str, verdict: str) -> None:
    page = judged(
        f"<html><head><title>{title}</title></head><body><h1>{title}</h1><p>Sorry.</p></body></html>"
    )
    assert page.verdict == verdict
    assert "“" in (page.reason or "")


@pytest.mark.parametrize("title", ["Access Denied", "404 Not Found", "Just a moment"])
def test_a_story_with_such_a_title_is_an_article(title: str) -> None:
    """Somebody writes about cookie walls, and about a film called Access Denied."""
    body = "".join(story(4).replace("keeper", who) for who in ("keeper", "pilot", "warden"))
    assert judged(html_of(f"<article><h1>{title}</h1>{body}</article>", title)).verdict == "article"


def test_a_short_story_with_many_links_beside_it_is_an_article() -> None:
    links = "".join(f'<li><a href="/{n}">Headline number {n} of the islands</a></li>' for n in range(40))
    body = f"<ul>{links}</ul><div><h1>The keeper</h1>{story(4)}</div><ul>{links}</ul>"
    assert judged(html_of(body)).verdict == "article"


def test_a_paywalled_page_keeps_its_free_part() -> None:
    page = judged(
        html_of(f"<article><h1>The keeper</h1>{story(2)}<div>Subscribe to continue reading</div></article>")
    )
    assert page.verdict == "paywall"
    assert "counted the passing ships" in page.text


def test_no_verdict_but_article_and_paywall_has_text() -> None:
    for html in ("", "<p>hi", "<title>404 Not Found</title><p>gone"):
        page = judged(html)
        assert (page.verdict in ("article", "paywall")) == bool(page.text)


@given(
    st.lists(st.sampled_from(["ship", "l'été", "a_b", "港口", "— ", "…"]), max_size=150),
    st.sampled_from(["", " "]),
)
def test_a_paragraph_is_one_by_all_its_words_however_few_are_counted(words: list[str], between: str) -> None:
    text = between.join(words)
    block = TextBlock(0, text, "p", Place(Element("p"), {}, None, 0, "p", 0), 1, 0, (), False, 0.0)
    assert is_prose(block) == (len(text) >= 20 and count_words(text) >= 20)


def test_a_page_of_few_words_is_told_how_many_whatever_a_long_one_counts() -> None:
    words = count_words(judged(html_of(STORY)).text)
    wall = judged(html_of(STORY + "<p><a href=/s>Subscribe to continue reading</a></p>"))
    assert wall.reason is not None
    assert f"after {words} free words" in wall.reason
    assert judged(html_of(story(4) * 9)).verdict == "article"


WORDS = words("ship harbour keeper pilot warden ferry bridge quay lantern storm captain island office market")


def teaser(number: int, length: int = 30) -> str:
    """So many words under a headline, other ones for each number."""
    return " ".join(WORDS[(number * 5 + at * (1 + number)) % len(WORDS)] for at in range(length)) + "."


def entries(count: int, *, below: str = "", length: int = 30) -> str:
    """So many linked headlines, each with a teaser."""
    return "".join(
        f'<h2><a href="/news/{number}">The {WORDS[number]} of the coast today</a></h2>{below}'
        f"<p>{teaser(number, length)}</p>"
        for number in range(count)
    )


LISTS = {
    "results of a search": ("Search results for herring", "https://coast.example/find", entries(10)),
    "results in German": ("Suchergebnisse für Hering", "https://coast.example/find", entries(6)),
    "a tag, by its title": ("Tag: harbour", "https://coast.example/harbour", entries(5)),
    "a tag, by its address": ("Harbour", "https://coast.example/tag/harbour", entries(5)),
    "a search, by its address": ("The coast", "https://coast.example/index?s=herring", entries(5)),
    "dated entries": ("Harbour", "https://coast.example/harbour", entries(5, below="<p>5 March 2024</p>")),
    "a later page of its front": ("The keeper", "https://coast.example/page/2/", entries(5, length=150)),
    "the front of a blog": ("The keeper", "https://coast.example/", entries(5, length=150)),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_few_headlines_with_text_under_each_and_a_sign_are_a_list(name: str) -> None:
    title, url, body = LISTS[name]
    page = judged(html_of(f"<h1>{title}</h1><main>{body}</main>", title), url=url)
    assert page.verdict == "index", page.text
    assert "linked headlines with text under each" in (page.reason or "")


@pytest.mark.parametrize(
    ("title", "url", "body"),
    [
        ("Ten walks", "https://coast.example/walks", entries(6, length=50)),  # nothing says it is a list
        ("Walks", "https://coast.example/tag/walks", entries(4, length=50)),  # too few
        ("Ten walks", "https://coast.example/", story(4) + entries(5, length=12)),  # a text of its own before
    ],
)
def test_linked_headings_alone_make_no_list(title: str, url: str, body: str) -> None:
    assert judged(html_of(f"<h1>{title}</h1><main>{body}</main>", title), url=url).verdict == "article"


def listed(count: int, target: str, length: int = 18, heading: str = "h2") -> str:
    """So many linked headings, each over a paragraph; `{}` in the target is the number of the heading."""
    return "".join(
        f'<{heading}><a href="{target.format(number)}">The {WORDS[number]} of the east coast</a></{heading}>'
        f"<p>{teaser(number, length)}</p>"
        for number in range(count)
    )


ELSEWHERE = ("https://beach{}.example/", "//tool{}.example.net", "http://www.shop.example.de/item/{}")


@pytest.mark.parametrize("length", [18, 54])
@pytest.mark.parametrize("target", ELSEWHERE)
def test_links_that_leave_the_site_are_no_entries_of_a_list(target: str, length: int) -> None:
    intro = (
        "<h1>Twelve walks</h1><p>By Jane Cole</p><p>From shingle to sand, the coast has more to offer.</p>"
    )
    html = html_of(f"<article>{intro}{listed(12, target, length)}</article>", "Twelve walks")
    page = judged(html, url="https://www.coast.example/walks")
    assert page.verdict == "article", page.reason
    assert teaser(7, length) in page.text


@pytest.mark.parametrize("target", ["/news/{}", "https://news.coast.example/{}", "//coast.example/{}"])
def test_links_within_the_site_are(target: str) -> None:
    html = html_of(f"<h1>Walks</h1><main>{listed(12, target)}</main>", "Walks")
    assert judged(html, url="https://www.coast.example/walks").verdict == "index"


def test_a_page_that_was_redirected_to_is_of_the_site_that_it_names() -> None:
    html = html_of(f"<h1>Walks</h1><main>{listed(12, ELSEWHERE[2])}</main>", "Walks")
    named = html.replace("<head>", '<head><link rel="canonical" href="https://shop.example.de/">')
    assert judged(html, url="https://feed.example/~r/1").verdict == "article"
    assert judged(named, url="https://feed.example/~r/1").verdict == "index"


def days(line: str, count: int) -> str:
    """A list of so many lines, `{day}` and `{link}` filled in."""
    link = '<a href="/n/{0}">The {1} of the coast and its people</a>'
    return "".join(
        f"<li>{line.format(day=day, link=link.format(day, WORDS[day % len(WORDS)]))}</li>"
        for day in range(1, count + 1)
    )


@pytest.mark.parametrize(
    "line",
    [
        "{link}",
        "{day} March: {link}",
        "{link} ({day}.3.2024)",
        "{day} марта {link}",
        "<time>3月{day}日</time> {link}",
    ],
)
def test_the_links_of_a_month_are_a_list_with_their_days_or_without(line: str) -> None:
    html = html_of(f"<main><h1>March 2024</h1><ul>{days(line, 29)}</ul></main>", "March 2024")
    page = judged(html, url="https://coast.example/2024/03/")
    assert page.verdict == "index", page.text
    beside = html_of(f"<main><h1>The keeper</h1>{story(4)}<ul>{days(line, 29)}</ul></main>")
    assert judged(beside).verdict == "article"


SECTIONS = [
    ("Politik - Tagblatt", "https://coast.example/politik"),
    ("Tagblatt | Leben & Wissen", "https://coast.example/de/leben-wissen/"),
    ("Экономика — Маяк", "https://coast.example/%D1%8D%D0%BA%D0%BE%D0%BD%D0%BE%D0%BC%D0%B8%D0%BA%D0%B0"),
]


@pytest.mark.parametrize(("title", "url"), SECTIONS)
def test_six_teasers_under_the_name_of_their_folder_are_a_section(title: str, url: str) -> None:
    page = judged(html_of(f"<main>{entries(6, length=12)}</main>", title), url=url)
    assert page.verdict == "index", page.text
    assert "folder" in (page.reason or "")


@pytest.mark.parametrize(("title", "url"), SECTIONS)
def test_a_story_that_is_named_like_its_address_is_an_article(title: str, url: str) -> None:
    body = f"<main><h1>{title}</h1>{story(4)}<aside>{entries(6, length=12)}</aside></main>"
    assert judged(html_of(body, title), url=url).verdict == "article"
    assert judged(html_of(f"<main><h1>{title}</h1>{STORY}</main>", title), url=url).verdict == "article"


def test_a_front_page_of_links_to_other_sites_is_a_list() -> None:
    html = html_of(f"<main>{listed(14, ELSEWHERE[0])}</main>", "What others write")
    assert judged(html, url="https://coast.example/").verdict == "index"


def test_a_list_that_declares_an_article_is_one() -> None:
    html = html_of(f"<h1>Tag: walks</h1><main>{entries(6, length=50)}</main>", "Tag: walks")
    assert judged(html).verdict == "index"
    html = html.replace("<head>", '<head><meta property="og:type" content="article">')
    assert judged(html).verdict == "article"


@pytest.mark.parametrize(
    "title", ["Oops! 404", "404 - File gone", "صفحه یافت نشد", "Страница не найдена | Берег"]
)
def test_a_missing_page_stays_one_whatever_news_it_offers_instead(title: str) -> None:
    page = judged(html_of(f"<h1>{title}</h1><p>It is gone.</p><h2>Latest news</h2>{entries(8)}", title))
    assert page.verdict == "soft-404", page.reason


@pytest.mark.parametrize("title", ["Test drive: the old Peugeot 404", "Found after flight 404"])
def test_a_number_at_the_end_of_a_title_is_no_error(title: str) -> None:
    assert judged(html_of(f"<h1>{title}</h1>{story(2)}", title)).verdict == "article"


@pytest.mark.parametrize(
    "wall",
    [
        "Mit Werbung und Cookies weiterlesen oder im Abo ohne Werbetracking. Wir und unsere Partner verarbeiten "
        "personenbezogene Daten. Zustimmen und weiter.",
        "Nous et nos partenaires utilisons des cookies pour la publicité. Accepter et fermer, ou s'abonner et refuser.",
        "Noi e i nostri partner usiamo cookie per la pubblicità. Accetta e continua oppure rifiuta e abbonati.",
        "Nosotros y nuestros socios usamos cookies. Aceptar y continuar, o rechazar y suscribirse.",
        "My i nasi partnerzy zapisujemy pliki cookie w celach reklamowych. Przejdź do serwisu.",
        "Мы используем файлы cookie для рекламы. Принять все или настроить согласие на обработку.",
        "Biz ve iş ortaklarımız çerezleri reklam için kullanıyoruz. Tümünü kabul et.",
    ],
)
def test_consent_or_pay_is_asked_for_in_many_languages(wall: str) -> None:
    page = judged(html_of(f"<h1>Gazette</h1><p>{wall}</p><button>OK</button>", "Gazette"))
    assert page.verdict == "consent", page.text


def test_a_long_wall_is_one_where_every_paragraph_asks() -> None:
    wall = (
        "We and our 842 partners store cookies on your device. ",
        "Reject all or accept all cookies; with your consent we show advertising that fits you. " * 3,
        "Your data may be read by each partner named in the list of partners, for as long as it says. " * 2,
    )
    page = judged(html_of("<h1>Gazette</h1>" + "".join(f"<p>{part}</p>" for part in wall), "Gazette"))
    assert count_words("".join(wall)) > 60
    assert page.verdict == "consent", page.text


def test_a_short_story_under_a_cookie_banner_is_an_article() -> None:
    banner = (
        "<div><p>This site uses cookies to give you the best service.</p><button>Accept all</button></div>"
    )
    page = judged(html_of(f"{banner}<h1>The keeper</h1>{story(2)}"))
    assert page.verdict == "article", page.reason


@pytest.mark.parametrize(
    "line",
    [
        "To read the full story, sign in or create a free account.",
        "Sign in or create a free account to keep reading",
        "Um weiterzulesen, melden Sie sich mit Ihrem Konto an.",
        "Pour lire la suite, abonnez-vous.",
        "Чтобы читать дальше, оформите подписку.",
        "برای ادامه مطالعه ثبت نام کنید",
    ],
)
def test_a_line_that_says_how_to_read_on_is_a_paywalls(line: str) -> None:
    page = judged(html_of(f"<article><h1>The keeper</h1>{story(2)}<p>{line}</p></article>"))
    assert page.verdict == "paywall"


@pytest.mark.parametrize(
    "line", ["Scroll to continue reading", "Sign in or create a free account", "Il vous reste deux jours."]
)
def test_lines_that_hold_half_of_it_are_no_paywalls(line: str) -> None:
    page = judged(html_of(f"<article><h1>The keeper</h1>{story(2)}<p>{line}</p></article>"))
    assert page.verdict == "article", page.reason


def test_a_page_whose_text_a_script_was_to_write_is_empty() -> None:
    body = "<header>News</header><h1>The keeper</h1><div id=root></div><footer><p>© 2024 Coast Gazette.</p></footer>"
    page = judged(html_of(body))
    assert page.verdict == "empty", page.text


@pytest.mark.parametrize(("mode", "verdict"), [("open", "article"), ("closed", "article"), ("", "empty")])
def test_a_declarative_shadow_tree_is_read(mode: str, verdict: str) -> None:
    template = f'<template shadowrootmode="{mode}">{story(4)}</template>'
    page = judged(html_of(f"<h1>The keeper</h1><div>{template}</div><footer>© 2024 Coast Gazette</footer>"))
    assert page.verdict == verdict
    assert ("counted the passing ships" in page.text) == (verdict == "article")
