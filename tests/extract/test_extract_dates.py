"""Claims about dates: how they are read, and which one is an article's."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper import extract
from scraper.extract.dates import figure_order
from scraper.extract.datetext import dates_in, day_of_url, machine_stamp
from scraper.extract.months import month

BODY = (
    "<p>The lighthouse keeper has counted the passing ships by hand since the counter failed in March 2016.</p>"
    * 4
)


def page(
    head: str = "", above: str = "", *, lang: str = "en", url: str = "https://news.example/a", below: str = ""
) -> str | None:
    html = (
        f"<html lang={lang}><head><title>The keeper who counts</title>{head}</head><body><div>"
        "<h1>The keeper who counts</h1>"
        f"{above}<div>{BODY}</div>{below}</div></body></html>"
    )
    return extract(html.encode(), url).published


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("2017-10-08", "2017-10-08"),
        ("2017-10-08T14:33:00+01:00", "2017-10-08T14:33:00+01:00"),
        ("2017-10-08T13:33:00Z", "2017-10-08T13:33:00+00:00"),
        ("2017-10-08T13:33:00.123+0000", "2017-10-08T13:33:00+00:00"),
        ("2017-10-08 14:33", "2017-10-08T14:33"),
        ("Sun, 08 Oct 2017 13:41:09 +0200", "2017-10-08T13:41:09+02:00"),
        ("20171008", "2017-10-08"),
        ("Oct 8, 2017 1:41 PM", "2017-10-08T13:41"),
        ("Sun Oct 08 2017", "2017-10-08"),
    ],
)
def test_machine_dates_keep_what_they_state(value: str, text: str) -> None:
    stamp = machine_stamp(value)
    assert stamp is not None
    assert stamp.text == text


@pytest.mark.parametrize(
    "value",
    ["", "0001-01-01T00:00:00Z", "1970-01-01", "2017-13-40", "1507469469", "10/08/2017", "yesterday", "2017"],
)
def test_values_that_are_no_full_date_are_none(value: str) -> None:
    assert machine_stamp(value) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Date of publication: 8 October, 2017", ["2017-10-08"]),
        ("30 June 2017 14:33", ["2017-06-30T14:33"]),
        ("October 8th, 2017 at 2:33 p.m.", ["2017-10-08T14:33"]),
        ("8. Oktober 2017, 14:30 Uhr", ["2017-10-08T14:30"]),
        ("Le 8 octobre 2017 à 14h33", ["2017-10-08T14:33"]),
        ("8 de octubre de 2017", ["2017-10-08"]),
        ("8 октября 2017, 14:33", ["2017-10-08T14:33"]),
        ("8 Ekim 2017 14:33", ["2017-10-08T14:33"]),
        ("2017. október 8.", ["2017-10-08"]),
        ("8 أكتوبر 2017", ["2017-10-08"]),
        ("٨ تشرين الأول ٢٠١٧", ["2017-10-08"]),
        ("8 تشرين الأول / أكتوبر 2017", ["2017-10-08"]),
        ("15 شباط 2019", ["2019-02-15"]),
        ("10 Jumada al-Thani 1440", []),
        ("10 جمادى الثانية 1440", []),
        ("۱۶ مهر ۱۳۹۶", []),
        ("2017年10月8日 14:33", ["2017-10-08T14:33"]),
        ("令和6年3月12日 9時", ["2024-03-12"]),
        ("平成元年1月8日 14:33", ["1989-01-08T14:33"]),
        ("令和6年13月12日", []),
        ("二〇二四年十二月三十一日", ["2024-12-31"]),
        ("二○一七年十月二十日", ["2017-10-20"]),
        ("12 марта 2024 года, 08:30 МСК", ["2024-03-12T08:30+03:00"]),
        ("12 березня 2024 р. 08:30", ["2024-03-12T08:30"]),
        ("За 3 марта 2024 года 17 судов", ["2024-03-03"]),
        ("2017년 10월 8일", ["2017-10-08"]),
        ("September 2017", []),
        ("in 2015", []),
        ("GMT 09:22 2018 Monday ,22 January", []),
        ("25/12/2017", ["2017-12-25"]),
        ("12/25/2017", ["2017-12-25"]),
        ("10/08/2017", []),
        ("08.10.2017", ["2017-10-08"]),
        ("version 10.8.2017.4", []),
        ("31 June 2017", []),
    ],
)
def test_dates_for_readers_are_read_in_many_languages(text: str, found: list[str]) -> None:
    assert [item.stamp.text for item in dates_in(text)] == found


def test_figures_are_read_in_the_order_of_the_country() -> None:
    assert figure_order("en-US") == "mdy"
    assert figure_order("en_GB") == "dmy"
    assert figure_order("en") is None
    assert [item.stamp.text for item in dates_in("10/08/2017", order="mdy")] == ["2017-10-08"]
    assert [item.stamp.text for item in dates_in("10/08/2017", order="dmy")] == ["2017-08-10"]


def test_a_month_that_two_languages_share_needs_its_language() -> None:
    assert month("listopada") is None
    assert month("listopada", "pl") == 11
    assert month("listopada", "hr") == 10


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("/2017/10/08/keeper/", "2017-10-08"),
        ("/english/news/2017/10/8/keeper", "2017-10-08"),
        ("/news/2017-10-08-keeper", "2017-10-08"),
        ("/news/20171008.html", "2017-10-08"),
        ("/2017/10/keeper/", None),
        ("/article/2017100812", None),
        ("/2017/13/45/x", None),
    ],
)
def test_the_day_in_an_address_counts_when_it_is_whole(path: str, day: str | None) -> None:
    found = day_of_url(path)
    assert (found.isoformat() if found else None) == day


@given(st.text(max_size=120))
def test_no_text_raises_and_every_date_is_iso(text: str) -> None:
    for found in dates_in(text, order="dmy"):
        assert found.stamp.text.startswith(found.stamp.day.isoformat())
        assert 0 <= found.start < found.end <= len(text)
    machine_stamp(text)


def test_json_ld_goes_before_everything_and_keeps_its_offset() -> None:
    data = '{"@type":"NewsArticle","datePublished":"2017-10-08T14:33:00+01:00"}'
    head = f'<script type="application/ld+json">{data}</script>'
    assert page(head, "<p>7 October 2017</p>") == "2017-10-08T14:33:00+01:00"


def test_the_time_beside_the_headline_is_taken_and_that_of_another_story_is_not() -> None:
    teaser = '<aside><a href="/b">Harbour cats get a house</a> <time datetime="2018-01-22">22 January</time></aside>'
    assert (
        page("", '<time datetime="2017-10-08T14:33:00+01:00">8 Oct</time>', below=teaser)
        == "2017-10-08T14:33:00+01:00"
    )
    assert page(below=teaser) is None


def test_a_date_without_offset_stays_without_one() -> None:
    assert page("", "<p>30 June 2017 14:33</p>") == "2017-06-30T14:33"


def test_slashed_figures_in_english_of_no_country_are_no_date() -> None:
    assert page("", "<p>10/08/2017</p>") is None
    assert page("", "<p>10/08/2017</p>", lang="en-US") == "2017-10-08"
    assert page("", "<p>10/08/2017</p>", lang="en-GB") == "2017-08-10"


def test_dates_in_the_story_are_not_its_date() -> None:
    story = (
        "<p>The counter was built on 4 October 1999 and repaired twice before it failed in that spring.</p>"
    )
    assert page("", "", below=story) is None


def test_an_archive_strip_beside_the_headline_is_not_a_date() -> None:
    assert (
        page("", "<p><a href=/1>14/02/2019</a> <a href=/2>13/02/2019</a> <a href=/3>12/02/2019</a></p>")
        is None
    )


def test_a_moment_in_utc_falls_on_the_day_of_the_address() -> None:
    head = '<meta property="article:published_time" content="2017-10-09T02:25:54+00:00">'
    assert page(head, url="https://news.example/2017/10/08/keeper").startswith("2017-10-08")  # type: ignore[union-attr]


def test_a_label_below_the_text_gives_the_date_and_a_bare_date_there_does_not() -> None:
    assert page(below="<p>Published: 8 October 2017</p>") == "2017-10-08"
    assert page(below="<p>8 October 2017</p>") is None


def test_modified_is_never_published() -> None:
    html = f"<html lang=en><body><div><h1>The keeper who counts</h1><p>Updated 9 October 2017</p>{BODY}</div>"
    found = extract(html.encode(), "https://news.example/a")
    assert (found.published, found.modified) == (None, "2017-10-09")


def test_the_only_day_that_a_page_marks_is_its_date_and_of_several_none_is() -> None:
    marked = '<div><span class="post-date"><b>8</b> <b>October</b> <b>2017</b></span></div>'
    assert page(below=f"<p>Harbours</p>{marked}") == "2017-10-08"
    assert page(below=marked + marked.replace("October", "May")) is None


def test_of_several_marked_days_the_one_between_headline_and_end_of_the_text_is_taken() -> None:
    head = '<section><div><time datetime="2017-10-08 12:22">8.10.</time></div></section><div>'
    others = '<ul><li><time datetime="2017-05-03">3.5.</time> Cats get a house</li></ul>'
    html = (
        f"<html lang=en><head><title>The keeper who counts</title></head><body>{head}"
        f"<h1>The keeper who counts</h1>{BODY}</div>{others}</body></html>"
    )
    assert extract(html.encode(), "https://news.example/a").published == "2017-10-08T12:22"


def test_a_link_beside_a_day_below_the_text_leads_to_another_story() -> None:
    assert (
        page(below='<p><a href="/b">Cats get a house</a> <time datetime="2018-01-22">22.1.</time></p>')
        is None
    )


def test_a_teaser_of_the_article_itself_gives_its_date() -> None:
    teaser = (
        '<div><p>8 October 2017</p><h3><a href="/a">The keeper who counts</a></h3><p>8 October 2017</p></div>'
    )
    other = teaser.replace('"/a"', '"/b"')
    assert page(below=f"<aside>{teaser}</aside>") == "2017-10-08"
    assert page(below=f"<aside>{other}</aside>") is None


def test_the_state_that_a_page_carries_for_its_scripts_gives_a_date_when_it_names_one_day() -> None:
    state = '<script>window.state = {"item": {"published_at": "2017-10-08T06:22:28+02:00", "id": 7}}</script>'
    assert page(state) == "2017-10-08T06:22:28+02:00"
    assert page(state + state.replace("-08T", "-09T")) is None


def test_a_page_that_dates_its_own_state_alone_is_dated_by_it() -> None:
    footer = "<footer><p>This page was last edited on 8 October 2017, at 13:22.</p></footer>"
    html = f"<html lang=en><body><div><h1>The keeper who counts</h1>{BODY}</div>{footer}</body></html>"
    found = extract(html.encode(), "https://news.example/a")
    assert found.published == found.modified == "2017-10-08T13:22"
    assert found.origins["published"].chosen == "below, as the day of its state"
    assert page("", "<p>Stand: 8. Oktober 2017</p>", lang="de") == "2017-10-08"


def test_the_day_a_site_changed_in_a_footer_is_no_articles() -> None:
    assert page(below="<footer><p>Site last updated 8 October 2017</p></footer>") is None


def test_what_is_declared_long_after_the_day_of_the_address_is_a_second_publication() -> None:
    head = '<meta property="article:published_time" content="2019-06-17T18:28:00+02:00">'
    assert page(head, url="https://news.example/2017/10/08/keeper") == "2017-10-08"


def test_the_dates_of_a_description_that_is_no_json_are_read_where_they_agree() -> None:
    broken = (
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "The "keeper" who counts", '
        '"datePublished": "2017-10-08T14:33:00+01:00"}</script>'
    )
    assert page(broken) == "2017-10-08T14:33:00+01:00"
    assert (
        page(broken + broken.replace("NewsArticle", "Recipe").replace("2017", "2016"))
        == "2017-10-08T14:33:00+01:00"
    )


def test_the_day_of_the_last_change_shown_in_two_places_is_not_taken_for_that_of_publication() -> None:
    head = (
        '<meta property="article:published_time" content="2017-10-08T14:33:00+01:00">'
        '<meta property="article:modified_time" content="2017-10-20T10:00:00+01:00"><meta name=date content=2017-10-20>'
    )
    assert page(head, "<p>20 October 2017</p>") == "2017-10-08T14:33:00+01:00"


def test_a_time_shown_to_readers_says_on_which_day_the_same_moment_fell() -> None:
    head = '<meta property="article:published_time" content="2017-10-09T02:25:00+00:00">'
    assert page(head, "<p>8 October 2017 22:25</p>") == "2017-10-08T22:25:00-04:00"
    assert page(head, "<p>8 October 2017 22:18</p>") == "2017-10-09T02:25:00+00:00"


def test_a_declared_moment_stands_beside_a_neighbouring_day_without_a_time() -> None:
    head = '<meta property="article:published_time" content="2017-10-09T02:25:00Z">'
    assert page(head, "<p>8 October 2017</p>") == "2017-10-09T02:25:00+00:00"


def test_an_offset_shown_to_readers_completes_a_declared_time() -> None:
    head = '<meta property="article:published_time" content="2017-10-08T22:25:31">'
    assert page(head, "<p>8 October 2017 10:25 PM EDT</p>") == "2017-10-08T22:25:31-04:00"


def test_a_day_after_the_capture_is_no_date_of_the_page() -> None:
    html = (
        "<html lang=en><head><title>The keeper who counts</title></head><body><div><h1>The keeper who counts</h1>"
        f"<p>8 October 2017</p><div>{BODY}</div></div></body></html>"
    ).encode()

    def published(captured: datetime | None) -> str | None:
        return extract(html, "https://news.example/2017/10/08/keeper", captured=captured).published

    assert published(datetime(2017, 10, 6, 23, 59, tzinfo=UTC)) is None
    assert published(datetime(2017, 10, 7, 0, 0, tzinfo=UTC)) == "2017-10-08"
    assert published(None) == "2017-10-08"


def test_a_year_long_from_now_is_a_slip_of_the_hand() -> None:
    assert page("", "<p>8 October 2094</p>") is None


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("5 March 2024 3:15 PM EST", "en", "2024-03-05T15:15-05:00"),
        ("March 5, 2024 at 10:15 PM (ET)", "en", "2024-03-05T22:15-05:00"),
        ("5 July 2024 3:15 PM ET", "en", "2024-07-05T15:15-04:00"),
        ("5 July 2024 3:15 PM PT", "en", "2024-07-05T15:15-07:00"),
        ("Tue 5 Mar 2024 22.15 CET", "en", "2024-03-05T22:15+01:00"),
        ("5. März 2024, 10.30 Uhr MEZ", "de", "2024-03-05T10:30+01:00"),
        ("5. Juli 2024, 10.30 Uhr (MESZ)", "de", "2024-07-05T10:30+02:00"),
        ("5 марта 2024, 14:30 МСК", "ru", "2024-03-05T14:30+03:00"),
        ("5 марта 2012, 14:30 (MSK)", "ru", "2012-03-05T14:30+04:00"),
        ("05.03.2024 14:30 TSİ", "tr", "2024-03-05T14:30+03:00"),
        ("2024年3月5日(火) 14:30 JST", "ja", "2024-03-05T14:30+09:00"),
        ("5 March 2024 14:30 GMT+3", "en", "2024-03-05T14:30+03:00"),
        ("5 March 2024 14:30 UTC+5:30", "en", "2024-03-05T14:30+05:30"),
        ("05 آذار/مارس 2024 - 14:30 بتوقيت غرينتش", "ar", "2024-03-05T14:30+00:00"),
        ("14:30 CET, 5 March 2024", "en", "2024-03-05T14:30+01:00"),
        ("5 June 2024 14:30 BST", "en-gb", "2024-06-05T14:30+01:00"),
        ("5 March 2024 14:30 IST", "en-in", "2024-03-05T14:30+05:30"),
        ("3 November 2024 1:30 AM EST", "en", "2024-11-03T01:30-05:00"),
    ],
)
def test_a_named_time_zone_gives_the_offset_it_keeps_that_day(text: str, language: str, found: str) -> None:
    assert [dated.stamp.text for dated in dates_in(text, language=language, order="dmy")] == [found]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("5 March 2024 14:30 IST", "en"),  # Dublin, Jerusalem, Delhi
        ("5 June 2024 14:30 BST", "en"),  # London, Dhaka
        ("5 March 2024 14:30 CST", "zh"),  # Shanghai, Chicago
        ("5 March 2024 14:30 CST", "en-cn"),
        ("5 July 2024 14:30 EST", "en"),  # New York's clocks show EDT then
        ("5 January 2024 14:30 CEST", "en"),
        ("3 November 2024 01:30 ET", "en"),  # an hour that comes twice
        ("5 mars 2024 14:30 est", "fr"),  # a word
        ("5 March 2024 14:30 GMT+33", "en"),
        ("5 March 2024 14:30-15:30", "en"),
    ],
)
def test_a_zone_that_can_mean_several_times_gives_no_offset(text: str, language: str) -> None:
    (found,) = dates_in(text, language=language, order="dmy")
    assert found.stamp.has_time
    assert not found.stamp.has_offset


def test_a_page_tells_its_country_by_its_address_or_its_language() -> None:
    shown = "<p>8 October 2017 14:33 BST</p>"
    assert page("", shown, lang="en-GB") == "2017-10-08T14:33+01:00"
    assert page("", shown, url="https://news.example.co.uk/a") == "2017-10-08T14:33+01:00"
    assert page("", shown) == "2017-10-08T14:33"


@pytest.mark.parametrize(
    "text",
    [
        "5 Mart 2024 Salı 14:30",
        "5 марта 2024, вторник, 14:30",
        "2024年3月5日(火) 14:30",
        "2024년 3월 5일 (화) 14:30",
        "05.03.2024 Di., 14:30",
    ],
)
def test_a_day_of_the_week_may_stand_between_a_date_and_its_time(text: str) -> None:
    assert [found.stamp.text for found in dates_in(text)] == ["2024-03-05T14:30"]


@pytest.mark.parametrize(
    "byline",
    [
        "By Maria Lindqvist and John Price, 8 October 2017",
        "By Maria Lindqvist-Johansson, John Price and Ann Roy | 8 October 2017",
        "Maria Lindqvist and Alexander Featherstone, 8 October 2017",
        "8 October 2017 | By Maria Lindqvist and Alexander Featherstone",
    ],
)
def test_long_names_in_a_byline_do_not_hide_its_date(byline: str) -> None:
    assert page("", f"<p>{byline}</p>") == "2017-10-08"


def test_a_date_in_a_line_of_other_words_is_not_the_articles() -> None:
    assert page("", "<p>The lighthouse at the north end burnt down on 8 October 2017</p>") is None


def test_every_date_is_kept_with_its_origin() -> None:
    html = (
        '<html lang=en><head><meta property="article:published_time" content="2017-10-08T10:00:00Z"></head>'
        f"<body><div><h1>The keeper</h1><p>7 October 2017</p>{BODY}</div></body></html>"
    )
    origin = extract(html.encode(), "https://news.example/2017/10/06/keeper").origins["published"]
    assert [(item.origin, item.value) for item in origin.candidates] == [
        ("article:published_time", "2017-10-08T10:00:00+00:00"),
        ("visible", "2017-10-07"),
        ("url", "2017-10-06"),
    ]
    assert origin.conflicting
