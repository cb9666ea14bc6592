"""Claims about title, authors, sources, language and the smaller fields."""

from __future__ import annotations

import pytest

from scraper import extract
from scraper.extract.declared import absolute
from scraper.extract.language import iso_639_1
from scraper.extract.names import is_person, people
from scraper.extract.sources import agency, dateline_of, sources_of
from scraper.extract.text import count_words, fold, squeeze, storable
from scraper.extract.title import is_slug, without_site
from scraper.model import Page

PARAGRAPHS = (
    "<p>The lighthouse keeper has counted the passing ships by hand since the counter failed in March, he said.</p>"
    "<p>He writes each name in a ledger, with the hour and the colour of the hull, and sends it to the mainland.</p>"
    "<p>The office plans to repair the counter in autumn, but has asked him to go on writing in the meantime.</p>"
)


def page(
    head: str = "",
    top: str = "<h1>The keeper who counts</h1>",
    body: str = PARAGRAPHS,
    html: str = "<html lang=en>",
) -> Page:
    return extract(
        f"{html}<head>{head}</head><body><article>{top}{body}</article></body></html>".encode(),
        "https://www.coast.example/a",
    )


class TestTitle:
    def test_a_visible_heading_that_a_declared_title_holds_is_taken_without_the_site_name(self) -> None:
        found = page("<title>The keeper who counts | The Coast</title>")
        assert found.title == "The keeper who counts"
        assert found.origins["title"].chosen == "h1"

    def test_the_sites_own_name_in_the_h1_is_not_the_title(self) -> None:
        head = '<title>The keeper who counts - The Coast</title><meta property="og:site_name" content="The Coast">'
        assert (
            page(head, '<h1><a href="/">The Coast</a></h1><h2>The keeper who counts</h2>').title
            == "The keeper who counts"
        )

    def test_without_a_heading_the_declared_title_loses_the_site_name(self) -> None:
        head = '<title>The keeper who counts - The Coast</title><meta property="og:site_name" content="The Coast">'
        assert page(head, "").title == "The keeper who counts"

    def test_a_kicker_in_the_heading_goes_where_the_declared_title_has_none(self) -> None:
        head = '<meta property="og:title" content="What Manila reads and why">'
        assert (
            page(head, "<h1><span>Culture:</span> What Manila reads and why</h1>").title
            == "What Manila reads and why"
        )

    def test_the_heading_may_write_what_the_address_cannot(self) -> None:
        head = "<title>syria regime enters isheld town in severe blow to is</title>"
        assert page(head, "<h2>Syria regime enters IS-held town in 'severe blow' to IS</h2>").title == (
            "Syria regime enters IS-held town in 'severe blow' to IS"
        )

    def test_a_heading_in_a_breadcrumb_trail_is_a_step_of_the_trail(self) -> None:
        head = (
            '<meta property="og:title" content="The keeper who counts">'
            "<title>Ships: who counts them in autumn</title>"
        )
        step = "<li><h1>Ships: who counts them in autumn</h1></li>"
        trail = f'<ol class="breadcrumb"><li><a href="/c">Coast</a></li>{step}</ol>'
        shown = "<h2><span>Harbours</span> The keeper who counts</h2>"
        assert page(head, trail + shown).title == "The keeper who counts"
        assert (
            page(head.replace("The keeper who counts", "Ships"), trail).title
            == "Ships: who counts them in autumn"
        )

    def test_a_kicker_that_every_declared_headline_has_belongs_to_it(self) -> None:
        headline = "Islands: The keeper who counts"
        head = (
            f'<meta property="og:title" content="{headline}"><script type="application/ld+json">'
            f'{{"@type": "NewsArticle", "headline": "{headline}"}}</script>'
        )
        assert page(head, "<div>Islands</div><h1>The keeper who counts</h1>").title == headline
        assert page(head.split("<script", 1)[0]).title == "The keeper who counts"

    def test_a_heading_may_go_on_after_the_title_for_sharing(self) -> None:
        head = '<meta property="og:title" content="The keeper who counts | The Coast">'
        assert page(head, "<h1>The keeper who counts: a morning at sea</h1>").title == (
            "The keeper who counts: a morning at sea"
        )

    def test_a_title_in_a_script_without_spaces_loses_the_site_that_a_hyphen_parts_off(self) -> None:
        head = "<title>守塔人每天记录过往船只-海岸网</title>"
        assert (
            page(head, "<div>守塔人每天记录过往船只</div>", html="<html lang=zh>").title
            == "守塔人每天记录过往船只"
        )

    def test_the_name_of_an_archived_site_links_to_its_front_page_and_is_no_title(self) -> None:
        head = "<title>Coast notes » Blog » The keeper who counts ships</title>"
        logo = '<h1><a href="/web/2014/http://www.coast.example/">Coast notes</a></h1>'
        assert (
            page(head, logo + "<h2>The keeper who counts ships</h2>").title == "The keeper who counts ships"
        )

    @pytest.mark.parametrize(
        ("title", "names", "bare"),
        [
            ("The keeper who counts | The Coast", ["The Coast"], "The keeper who counts"),
            ("The Coast - The keeper who counts", ["The Coast"], "The keeper who counts"),
            ("Keeper - counter - The Coast", ["The Coast"], "Keeper - counter"),
            ("The keeper who counts all the ships — Islands", [], "The keeper who counts all the ships"),
            ("Half and half - of the same size", [], "Half and half - of the same size"),
            ("No separator at all", ["The Coast"], "No separator at all"),
        ],
    )
    def test_the_site_name_is_known_or_the_far_shorter_side(
        self, title: str, names: list[str], bare: str
    ) -> None:
        assert without_site(title, names) == bare

    def test_a_slug_is_lower_case_words_in_a_script_with_capitals(self) -> None:
        assert is_slug("keeper counts ships by hand")
        assert not is_slug("Keeper counts ships by hand")
        assert not is_slug("حارس المنارة يعد السفن بيده")
        assert not is_slug("keeper counts")


class TestAuthors:
    def test_a_person_in_json_ld_goes_before_an_organisation(self) -> None:
        head = (
            '<script type="application/ld+json">{"@type":"Article","author":['
            '{"@type":"Organization","name":"The Coast"},'
            '{"@type":"Person","name":"Mira Haldane"}]}</script><meta name=author content="The Coast">'
        )
        assert page(head).authors == ("Mira Haldane",)

    def test_the_visible_byline_is_read_when_nothing_is_declared(self) -> None:
        assert page(
            top="<h1>The keeper who counts</h1><p>By Mira Haldane and Idris Bell, Staff Writers</p>"
        ).authors == (
            "Mira Haldane",
            "Idris Bell",
        )

    @pytest.mark.parametrize(
        ("byline", "names"),
        [
            ("By Ji-woo Kim, 5 March 2024", ("Ji-woo Kim",)),
            ("By Ann Lee, March 5, 2024", ("Ann Lee",)),
            ("Von Max Muster, Mo, 5. März 2024", ("Max Muster",)),
            ("By Mira Haldane Updated 5 March 2024", ("Mira Haldane",)),
            ("By Mira Haldane, Berlin", ("Mira Haldane",)),
            ("By Mira Haldane, London and Idris Bell, Paris", ("Mira Haldane", "Idris Bell")),
            ("By Mira Haldane in Berlin", ("Mira Haldane",)),
            ("By Ann Lee, Idris Bell and Zara", ("Ann Lee", "Idris Bell", "Zara")),
            ("Last updated: 5 March 2024", ()),
        ],
    )
    def test_a_byline_gives_the_whole_name_and_neither_place_nor_day(
        self, byline: str, names: tuple[str, ...]
    ) -> None:
        assert page(top=f"<h1>The keeper who counts</h1><p>{byline}</p>").authors == names

    def test_a_byline_inside_a_line_about_the_posting_is_read(self) -> None:
        assert page(
            top="<h1>The keeper who counts</h1><p>Posted on 8 October 2017 by Mira Haldane</p>"
        ).authors == ("Mira Haldane",)

    @pytest.mark.parametrize(
        "byline",
        [
            "By Admin",
            "Von Redaktion",
            "By The Coast",
            "By Reuters Staff",
            "By AFP",
            "Par la rédaction",
            "By news desk",
            "By editor@coast.example",
            "www.coast.example",
            "Posted on",
        ],
    )
    def test_desks_agencies_accounts_and_the_site_are_no_people(self, byline: str) -> None:
        head = '<meta property="og:site_name" content="The Coast">'
        assert page(head, f'<h1>The keeper who counts</h1><p class="byline">{byline}</p>').authors == ()

    def test_a_blogger_may_bear_the_name_of_the_blog(self) -> None:
        head = '<meta property="og:site_name" content="saltyledger">'
        assert page(
            head, '<h1>The keeper who counts</h1><p>by <a rel="author" href="/author/x">saltyledger</a></p>'
        ).authors == ("saltyledger",)

    @pytest.mark.parametrize(
        ("byline", "names"),
        [
            ("By Mira Haldane | Reuters", ["Mira Haldane"]),
            ("Von Jörg Müller, 07. Dezember 2022", ["Jörg Müller"]),
            ("Mira Haldane; Idris Bell", ["Mira Haldane", "Idris Bell"]),
            ("Martin Luther King, Jr.", ["Martin Luther King, Jr"]),
            ("Written by: Mira Haldane on October 8, 2017", ["Mira Haldane"]),
            ("بقلم: إدريس بلخاطر", ["إدريس بلخاطر"]),
            ("Mira Haldane, mira haldane", ["Mira Haldane"]),
            ("ByMira Haldane", ["Mira Haldane"]),
            ("Mira Haldane (mh)", ["Mira Haldane"]),
            ("Mira Haldane, PhD, Idris Bell, M.D.", ["Mira Haldane", "Idris Bell"]),
            ("Mira Haldane/dpa", ["Mira Haldane"]),
            ("Reporter Mira Haldane", ["Mira Haldane"]),
            ("Roving Reporter", ["Roving Reporter"]),
            ("Von Mira.Haldane am Samstag, 19. Oktober 2019 um 11:14 Uhr", ["Mira.Haldane"]),
            ("Mira Haldane | Publicado hace 3 horas", ["Mira Haldane"]),
            ("Alle Artikel von Mira Haldane", ["Mira Haldane"]),
            ("Mira Haldane im Gespräch mit Idris Bell", ["Mira Haldane", "Idris Bell"]),
        ],
    )
    def test_bylines_are_cleaned_and_parted(self, byline: str, names: list[str]) -> None:
        assert people([byline], set()) == names

    @pytest.mark.parametrize(
        "name",
        [
            "",
            "x",
            "1",
            "https://x.example",
            "Ministry of Fisheries",
            "read the whole story here",
            "8 October",
            "Foto: Mira Haldane",
            "Forestry - CFO",
        ],
    )
    def test_what_is_no_name_is_no_person(self, name: str) -> None:
        assert not is_person(name)

    @pytest.mark.parametrize(
        "line",
        [
            "<h5>Autor:</h5><p>Mira Haldane</p>",
            "<h4>Author</h4><p>Mira Haldane</p>",
            "<p>08.10.2017 - Redaktion: Mira Haldane (press officer)</p>",
            '<p><a href="/authors/mira-haldane">Mira Haldane</a></p>',
            '<div class="header-info__author">Mira Haldane</div>',
        ],
    )
    def test_labels_links_and_classes_near_the_headline_name_the_author(self, line: str) -> None:
        assert page(top=f"<h1>The keeper who counts</h1>{line}").authors == ("Mira Haldane",)

    @pytest.mark.parametrize(
        "line",
        [
            "<p>Written by Mira Haldane</p>",
            "<p>By Mira Haldane on 8 October 2017</p>",
            "<p>Text: Mira Haldane</p>",
            '<p>More from <a href="/author/mira">Mira Haldane</a></p>',
            "<p><em>Mira Haldane</em></p>",
            '<p align="right">Mira Haldane</p>',
            '<div><span itemprop="author">Mira Haldane</span></div>',
        ],
    )
    def test_below_the_text_a_byline_needs_a_label_a_date_or_the_look_of_a_signature(self, line: str) -> None:
        assert page(body=f"{PARAGRAPHS}{line}").authors == ("Mira Haldane",)

    @pytest.mark.parametrize("line", ["<p>By Harbour Lane the tide was out</p>", "<p>Further Reading</p>"])
    def test_below_the_text_other_short_lines_name_nobody(self, line: str) -> None:
        assert page(body=f"{PARAGRAPHS}{line}").authors == ()

    def test_a_bare_name_by_the_headline_counts_when_the_page_introduces_its_bearer(self) -> None:
        top = "<h1>The keeper who counts</h1><p>8 October 2017 - Mira Haldane</p>"
        biography = "<p><i>Mira Haldane is a reporter who has lived on this coast for thirty years.</i></p>"
        assert page(top=top, body=PARAGRAPHS + biography).authors == ("Mira Haldane",)
        assert page(top=top).authors == ()

    def test_several_names_marked_far_from_the_headline_are_those_of_other_stories(self) -> None:
        card = '<div><span class="author">Mira Haldane</span></div>'
        assert page(body=PARAGRAPHS + card + card).authors == ("Mira Haldane",)
        assert page(body=PARAGRAPHS + card + card.replace("Mira Haldane", "Idris Bell")).authors == ()

    def test_a_byline_may_name_more_people_than_the_description(self) -> None:
        head = '<script type="application/ld+json">{"@type":"Article","author":"Mira Haldane"}</script>'
        both = page(head, "<h1>The keeper who counts</h1><p>By Idris Bell and Mira Haldane</p>")
        assert both.authors == ("Idris Bell", "Mira Haldane")

    def test_a_first_name_is_completed_by_a_byline(self) -> None:
        head = '<script type="application/ld+json">{"@type":"Article","author":"Mira"}</script>'
        assert page(head, "<h1>The keeper who counts</h1><p>By Mira Haldane</p>").authors == ("Mira Haldane",)

    def test_the_byline_goes_before_the_meta_that_themes_fill_with_their_own_maker(self) -> None:
        head = '<meta name="author" content="Theme Maker">'
        assert page(head, "<h1>The keeper who counts</h1><p>By Mira Haldane</p>").authors == ("Mira Haldane",)

    def test_names_in_elements_of_their_own_are_several(self) -> None:
        names = "<span>Mira Haldane</span> <span>Idris Bell</span>"
        assert page(top=f"<h1>The keeper who counts</h1><div class=byline>{names}</div>").authors == (
            "Mira Haldane",
            "Idris Bell",
        )

    def test_an_outlet_declared_as_a_person_gives_way_to_people(self) -> None:
        head = (
            '<meta property="og:site_name" content="Saltyledger"><script type="application/ld+json">'
            '{"@type":"Article","author":{"@type":"Person","name":"Saltyledger"}}</script>'
        )
        top = "<h1>The keeper who counts</h1>"
        assert page(head, f"{top}<p>By Mira Haldane</p>").authors == ("Mira Haldane",)
        assert page(head, top).authors == ("Saltyledger",)

    def test_every_byline_is_kept_with_its_origin(self) -> None:
        head = '<meta name="author" content="Theme Maker">'
        found = page(head, "<h1>The keeper who counts</h1><p>By Mira Haldane</p>").origins["authors"]
        assert found.chosen == "byline"
        assert {(one.value, one.origin) for one in found.candidates} >= {
            ("By Mira Haldane", "byline"),
            ("Theme Maker", "author"),
        }


class TestSources:
    def test_a_source_line_names_the_source(self) -> None:
        assert page(body=PARAGRAPHS + "<p>Source: AFP</p>").sources == ("AFP",)

    def test_an_agency_in_the_byline_is_the_source_and_no_author(self) -> None:
        found = page(top='<h1>The keeper who counts</h1><p class="byline">By Agence France-Presse</p>')
        assert (found.sources, found.authors) == (("AFP",), ())

    def test_an_agency_that_is_quoted_is_not_the_source(self) -> None:
        assert (
            page(
                body=PARAGRAPHS + "<p>The keeper told AFP and Reuters that he would go on counting.</p>"
            ).sources
            == ()
        )

    def test_the_dateline_names_the_source(self) -> None:
        assert sources_of("SANDHOLM (Reuters) - The keeper counts.", [], []) == [("Reuters", "dateline")]
        assert dateline_of("SANDHOLM (Reuters) - The keeper counts.", [], []) == "SANDHOLM (Reuters)"

    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("المصدر: أ ف ب", "AFP"),
            ("Quelle: dpa", "dpa"),
            ("Источник: ТАСС", "TASS"),
            ("Fuente: EFE", "EFE"),
            ("Source: Coast Radio", "Coast Radio"),
        ],
    )
    def test_source_lines_are_read_in_many_languages(self, text: str, name: str) -> None:
        assert sources_of(None, [text], []) == [(name, "source-line")]

    def test_an_agency_is_known_by_every_spelling(self) -> None:
        assert agency("Agence France-Presse") == agency("فرانس برس") == "AFP"
        assert agency("Mira Haldane") is None


class TestLanguage:
    def test_the_page_is_believed_when_the_text_bears_it_out(self) -> None:
        found = page()
        assert (found.language, found.origins["language"].chosen) == ("en", "lang")

    def test_the_text_goes_before_a_page_that_is_wrong(self) -> None:
        german = (
            "<p>Der Wärter zählt die Schiffe von Hand, weil der Zähler im März ausgefallen ist und fehlt.</p>"
            * 3
        )
        found = page(body=german, html="<html lang=en-US>")
        assert (found.language, found.origins["language"].chosen) == ("de", "text")
        assert found.origins["language"].conflicting

    @pytest.mark.parametrize(
        ("paragraph", "language"),
        [
            (
                "يعد حارس المنارة السفن العابرة بيده منذ تعطل العداد في الربيع الماضي على الجزيرة الصغيرة.",
                "ar",
            ),
            (
                "Смотритель маяка считает проходящие корабли вручную с тех пор, как счётчик сломался весной.",
                "ru",
            ),
            (
                "灯台守は春に計器が壊れてから通り過ぎる船を手で数えている。島では毎日続けられているという。記録は帳面に残る。",
                "ja",
            ),
            (
                "등대지기는 봄에 계수기가 고장 난 뒤로 지나가는 배를 손으로 세고 있다고 항만 당국이 화요일에 밝혔다.",
                "ko",
            ),
        ],
    )
    def test_scripts_settle_what_is_not_declared(self, paragraph: str, language: str) -> None:
        assert page(body=f"<p>{paragraph}</p>" * 4, top="", html="<html>").language == language

    @pytest.mark.parametrize(
        ("tag", "code"),
        [
            ("en-US", "en"),
            ("de_DE", "de"),
            ("eng", "en"),
            ("nb-NO", "no"),
            ("iw", "he"),
            ("x-default", None),
            ("", None),
            (None, None),
        ],
    )
    def test_tags_become_two_letters(self, tag: str | None, code: str | None) -> None:
        assert iso_639_1(tag) == code


class TestSmallerFields:
    def test_canonical_urls_are_absolute_http_or_nothing(self) -> None:
        assert page('<link rel=canonical href="/x?y=1">').canonical_url == "https://www.coast.example/x?y=1"
        assert page('<link rel=canonical href="javascript:alert(1)">').canonical_url is None
        assert page('<link rel=canonical href="http://[::1">').canonical_url is None

    @pytest.mark.parametrize(
        "reference",
        [
            "javascript:x",
            "data:text/html,x",
            "file:///etc/passwd",
            "http://[",
            "mailto:a@b",
            "",
            None,
            "http://a:99999999/",
        ],
    )
    def test_references_that_lead_nowhere_are_none(self, reference: str | None) -> None:
        assert absolute(reference, "https://coast.example/") in (None, "http://a:99999999/")

    def test_images_are_those_of_the_article_and_not_its_buttons(self) -> None:
        body = (
            '<img src="/logo.png">'
            + PARAGRAPHS[: PARAGRAPHS.index("</p>") + 4]
            + '<img src="data:image/gif;base64,AAAA" data-src="/real.jpg" alt="a boat">'
            '<img src="/icon.png" width="16">' + PARAGRAPHS
        )
        found = page(body=body)
        assert [(image.url, image.alt) for image in found.images] == [
            ("https://www.coast.example/real.jpg", "a boat")
        ]

    def test_broken_json_ld_is_passed_over(self) -> None:
        broken, whole = '{"@type":"Article",', '{"@type":"Article","datePublished":"2017-10-08"}'
        head = "".join(f'<script type="application/ld+json">{data}</script>' for data in (broken, whole))
        assert page(head).published == "2017-10-08"

    def test_declared_values_are_unescaped_twice_and_lose_tags(self) -> None:
        assert (
            page('<meta property="article:section" content="Sea &amp;amp; <b>Sky</b>">').section
            == "Sea & Sky"
        )


class TestText:
    def test_what_a_column_cannot_hold_goes_or_is_replaced(self) -> None:
        assert storable("a\x00b\ud800c\x1bd\u202ee\u00adf\ufeffg") == "a\ufffdb\ufffdcdefg"
        assert storable("سلام\u200cها \u200f") == "سلام\u200cها \u200f", (
            "joiners and direction marks are spelling"
        )

    def test_folding_and_squeezing(self) -> None:
        assert fold("Müller’s Öl – IS-held!") == "muller's ol is held"
        assert squeeze("Müller’s “IS-held”") == "mullersisheld"

    def test_scripts_without_spaces_are_counted_by_characters(self) -> None:
        assert count_words("one two three") == 3
        assert count_words("灯台守は船を数える") == 5


def test_the_same_bytes_give_the_same_page() -> None:
    html = f"<html lang=en><body><h1>The keeper who counts</h1>{PARAGRAPHS}</body></html>".encode()
    first = extract(html, "https://coast.example/a")
    extract(b"<html lang=ar><p>" + "حارس المنارة".encode() * 50, "https://other.example/")
    assert extract(html, "https://coast.example/a") == first


def test_what_comes_in_is_not_changed() -> None:
    payload = bytearray(f"<html><body>{PARAGRAPHS}</body></html>".encode())
    before = bytes(payload)
    extract(bytes(payload), "https://coast.example/a")
    assert payload == before


def test_extract_is_callable_however_it_was_imported_first() -> None:
    import subprocess
    import sys

    for program in (
        "from scraper import extract; print(extract(b'', 'http://a.example/').verdict)",
        "import scraper.extract.core; from scraper import extract; print(extract(b'', 'http://a.example/').verdict)",
        "import scraper; print(scraper.extract(b'', 'http://a.example/').verdict)",
    ):
        run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert run.stdout == "empty\n"


@pytest.mark.parametrize(
    ("modules", "unwanted"),
    [
        ("scraper.model, scraper.extract.settings", ("lxml", "trafilatura", "numpy")),
        ("scraper.extract.charset, scraper.warc.reader, archive.exchange.export", ("trafilatura", "numpy")),
    ],
)
def test_what_needs_no_extractor_loads_none(modules: str, unwanted: tuple[str, ...]) -> None:
    import subprocess
    import sys

    program = f"import sys, {modules}; print([m for m in {unwanted} if m in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
        == "[]\n"
    )
