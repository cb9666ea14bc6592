"""Claims about pages of a few words that say why no article is there, in many languages."""

from __future__ import annotations

import pytest

from scraper import extract
from scraper.model import Page

NAV = '<nav><a href="/news">News</a> <a href="/sport">Sport</a></nav>'
FOOT = '<footer><p>© 2024 Coast Gazette</p><a href="/contact">Contact us</a></footer>'


def judged(title: str, body: str, head: str = "", around: bool = True) -> Page:
    html = f"<html><head><meta charset=utf-8><title>{title}</title>{head}</head><body>"
    html += f"{NAV}<main>{body}</main>{FOOT}" if around else body
    return extract(html.encode(), "https://coast.example/news/ferry")


NOTICES = {
    "soft-404": [
        (
            "This story has been removed",
            "The article you are looking for has been removed or its licence has expired.",
        ),
        ("Oops!", "The article you requested could not be found."),
        ("Oops!", "Sorry, we can’t find that page. Try searching."),
        ("お探しのページは見つかりません", "ページが削除されたか、URLが変更された可能性があります。"),
        ("お知らせ", "この記事は掲載期間が終了しました。トップページからお探しください。"),
        ("Küstenblatt", "Dieser Artikel ist nicht mehr verfügbar."),
        ("Le Courrier", "Désolé, cet article n’est plus disponible."),
        ("El Faro", "Lo sentimos, esta noticia ya no está disponible."),
        ("Маяк", "К сожалению, материал не найден."),
        ("Fener", "Aradığınız haber yayından kaldırılmış olabilir."),
        ("المنارة", "عذرا، هذا المقال لم يعد متاحا."),
        ("港口日报", "抱歉，文章已被删除。"),
        ("Site Maintenance", "We’ll be back soon! Sorry for the inconvenience."),
        (
            "503 Service Unavailable",
            "The server is temporarily unable to service your request. Try again later.",
        ),
        ("Küstenblatt", "Diese Meldung ist leider nicht mehr online."),
        ("coast.example", "This domain is for sale. Inquire now."),
    ],
    "bot-wall": [
        ("Ой!", "Подтвердите, что запросы отправляли вы, а не робот. Нам очень жаль."),
        (
            "Минуту",
            "Пожалуйста, подождите. Мы проверяем ваш браузер перед тем, как перейти на сайт. DDoS-Guard",
        ),
        ("港口", "请验证您是真人"),
        ("Nur einen Moment…", "Bestätigen Sie, dass Sie ein Mensch sind."),
        ("Liman", "Ben robot değilim"),
        (
            "451: Unavailable due to legal reasons",
            "We recognize you are attempting to access this website from a country belonging to the European Economic "
            "Area (EEA) including the EU which enforces the General Data Protection Regulation (GDPR) and therefore "
            "access cannot be granted at this time.",
        ),
    ],
    "consent": [
        (
            "Coast Gazette",
            "Please disable your ad blocker. Advertising pays for our journalism; allow ads on our site.",
        ),
        ("Küstenblatt", "Bitte deaktivieren Sie Ihren Adblocker, um unsere Seite zu lesen."),
        ("Age check", "Are you over 18? You must be 18 or older to enter this site."),
        ("Проверка", "Вам есть 18 лет? Подтвердите свой возраст, чтобы войти на сайт."),
    ],
    "non-article": [
        ("Redirecting...", "You are being redirected to the story. Click here if nothing happens."),
        ("Weiter", "Sie werden weitergeleitet."),
    ],
}
CASES = [(verdict, title, said) for verdict, pages in NOTICES.items() for title, said in pages]


@pytest.mark.parametrize(("verdict", "title", "said"), CASES)
def test_a_page_that_is_a_notice_is_no_article(verdict: str, title: str, said: str) -> None:
    page = judged(title, f"<h1>{title}</h1><p>{said}</p>", around=verdict != "bot-wall")
    assert page.verdict == verdict, page.text
    assert "“" in (page.reason or "")


STORY = (
    "<p>The ferry between Lowestoft and the islands sails again from April, the port authority decided.</p>"
    "<p>Storms had damaged the landing stage twice, and divers inspected the piles all winter.</p>"
)


@pytest.mark.parametrize("said", [said for _, _, said in CASES])
def test_a_story_that_quotes_a_notice_is_one(said: str) -> None:
    page = judged("Ferry sails again", f"<h1>Ferry sails again</h1>{STORY}<p>“{said}” stood on a screen.</p>")
    assert page.verdict == "article", page.reason


@pytest.mark.parametrize(
    "line",
    [
        '<p><a href="/old">This page is no longer available</a></p>',
        "<div hidden><p>Page not found</p></div>",
        "<footer><p>Please disable your ad blocker</p></footer>",
    ],
)
def test_a_notice_that_is_hidden_or_a_link_or_under_the_page_says_nothing_of_it(line: str) -> None:
    story = "<h1>Ferry sails again</h1><p>It sails on Monday from the new quay of the harbour.</p>"
    assert judged("Ferry sails again", story + line).verdict == "article"


TEASERS = "".join(
    f'<h2><a href="/n/{n}">Headline number {n} of the harbour</a></h2>{STORY}' for n in range(6)
)


@pytest.mark.parametrize(
    "said", ["The page you are looking for doesn’t exist.", "Dieser Artikel wurde gelöscht."]
)
def test_what_follows_under_other_headlines_is_not_the_pages(said: str) -> None:
    assert judged("Coast Gazette", f"<h1>Oops</h1><p>{said}</p>{TEASERS}").verdict == "soft-404"
    assert judged("Ferry", f"<h1>Ferry</h1>{STORY}<p>{said}</p>{STORY}{TEASERS}").verdict != "soft-404"


@pytest.mark.parametrize(
    "told",
    [
        "A man of 43 was arrested at a security check at the port of Lowestoft and taken to the station.",
        "The bridge is closed for scheduled maintenance from May, and buses go round by the old mill.",
        "Pupils must show that they are over 18 before they may buy a ticket for the night boat.",
        "Are you over 18? Then you may vote.</p><p>Town hall lets all of that age decide on the new bridge on Sunday, "
        "from eight to six, in the school and the ferry hall.",
        "The old house on the quay is for sale, and with it the only bakery of the island.",
    ],
)
def test_a_line_of_news_that_has_such_words_is_news(told: str) -> None:
    assert judged("In short", f"<h1>In short</h1><p>{told}</p>", around=False).verdict == "article"


@pytest.mark.parametrize("said", ["This story is no longer available.", "Are you over 18?"])
def test_a_declared_article_is_no_notice(said: str) -> None:
    head = '<meta property="og:type" content="article">'
    body = f"<h1>Ferry sails again</h1><p>{said}</p><p>It sails on Monday from the new quay.</p>"
    assert judged("Ferry sails again", body, head).verdict == "article"


WALLS = {
    "ja": (
        "運輸相は12日夜、融資を受けていたことが明らかになり、辞任した。",
        "この記事は有料会員限定です。残り1,204文字",
    ),
    "zh": (
        "运输部长周一晚间辞职，此前有消息称他曾从一家运输公司获得贷款。",
        "您已阅读本月免费文章，订阅后继续阅读",
    ),
    "tr": (
        "Ulaştırma bakanı bir nakliyeciden borç almasının ardından pazartesi akşamı istifa etti.",
        "Haberin devamını okumak için abone olun",
    ),
    "fr": (
        "Le ministre a démissionné lundi soir après un prêt.",
        "Il vous reste 82 % de cet article à lire.",
    ),
}


@pytest.mark.parametrize("language", WALLS)
def test_a_paywall_is_one_in_its_language(language: str) -> None:
    free, wall = WALLS[language]
    page = judged("Resigned", f"<article><h1>Resigned</h1><p>{free}</p><div><p>{wall}</p></div></article>")
    assert page.verdict == "paywall"
    assert free in page.text


@pytest.mark.parametrize(
    "teaser",
    [
        '<h4><a href="/2">Captain of the island ferry leaves after forty years</a> [for subscribers only]</h4>',
        '<ul><li><a href="/2">Captain of the island ferry leaves after forty years [for subscribers only]</a></ul>',
    ],
)
def test_a_label_on_another_story_is_no_paywall(teaser: str) -> None:
    body = f"<h1>Ferry sails again</h1>{STORY}<aside><h3>Related</h3>{teaser}</aside>"
    assert judged("Ferry sails again", body).verdict == "article"
