"""Claims about bylines: which of their words are a writer's name, in many languages."""

from __future__ import annotations

import pytest

from scraper import extract

TITLE = "Ferry to sail again in April"
BODY = (
    "<p>The port authority said on Tuesday that the ferry between Lowestoft and the islands will sail again from"
    " April, after a winter of storms.</p><p>Engineers replaced eleven of the forty piles, and divers inspected the"
    " remainder last week.</p>"
)


@pytest.mark.parametrize(
    ("byline", "language", "names"),
    [
        ("Ein Gastbeitrag von Jens Maier", "de", ("Jens Maier",)),
        ("Eine Analyse von Jens Maier und Anna Groß", "de", ("Jens Maier", "Anna Groß")),
        ("Haber: Ayşe Yılmaz / İstanbul, DHA", "tr", ("Ayşe Yılmaz",)),
        ("Haber: Ayşe Yılmaz / DHA", "tr", ("Ayşe Yılmaz",)),
        ("By JANE COLE FOR THE DAILY MAIL", "en", ("JANE COLE",)),
        ("By Jane Cole for the Gazette and Tom Burke", "en", ("Jane Cole", "Tom Burke")),
        ("Analysis by Jane Cole, CNN", "en", ("Jane Cole",)),
        ("Words: Jane Cole; Additional reporting by Tom Burke", "en", ("Jane Cole",)),
        ("Propos recueillis par Jeanne Dupont et Zoé Ba", "fr", ("Jeanne Dupont", "Zoé Ba")),
        ("Беседовала Анна Петрова", "ru", ("Анна Петрова",)),
        ("نویسنده: علی رضایی", "fa", ("علی رضایی",)),
        ("记者 王小明 李雷 报道", "zh-CN", ("王小明", "李雷")),
        ("（记者王小明）", "zh-CN", ("王小明",)),
        ("记者：王小明、李雷", "zh-CN", ("王小明", "李雷")),
        ("文・山田太郎", "ja", ("山田太郎",)),
        ("取材・文＝山田太郎", "ja", ("山田太郎",)),
        ("【記者：山田太郎】", "ja", ("山田太郎",)),
    ],
)
@pytest.mark.parametrize("called", ["author", "x"])
def test_a_byline_gives_its_writers_names_alone(
    byline: str, language: str, names: tuple[str, ...], called: str
) -> None:
    html = f"<html lang={language}><head><title>{TITLE}</title></head><body><article><h1>{TITLE}</h1>"
    html += f"<div class={called}>{byline}</div>{BODY}"
    assert extract(html.encode(), "https://news.example/ferry").authors == names


@pytest.mark.parametrize(
    ("byline", "language"),
    [
        ("By Reuters Staff", "en"),
        ("By Our Foreign Staff", "en"),
        ("Par Le Courrier avec AFP", "fr"),
        ("Ein Beitrag von dpa", "de"),
        ("Analysis: what the port says of the ferry", "en"),
        ("记者 报道", "zh-CN"),
    ],
)
def test_a_byline_without_a_name_gives_nobody(byline: str, language: str) -> None:
    html = f"<html lang={language}><head><title>{TITLE}</title></head><body><article><h1>{TITLE}</h1>"
    html += f"<div class=author>{byline}</div>{BODY}"
    assert extract(html.encode(), "https://news.example/ferry").authors == ()
