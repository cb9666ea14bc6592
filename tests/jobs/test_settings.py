"""`[[job]]` tables: what they say, and everything that is wrong with them at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from archive.config import load_config
from archive.errors import ConfigError
from archive.jobs.choice import has_words, left_out, read_pattern

GOOD = """
[archive]
name = "front"
[crawl]
timezone = "Asia/Beirut"
poll_longest = "6h"
[[job]]
name = "front"
schedule = "*/30 6-22 * * *"
sources = ["example.org/feed", { url = "https://example.net/", kind = "site" }]
include = ["/news/*"]
exclude = ["re:/tag/[a-z]+$"]
match = ["Mayadin", "الميادين"]
tags = ["front"]
delay = "5s"
[[job]]
name = "daily"
schedule = "1d"
sources = ["https://example.com/sitemap.xml"]
max_pages = 5
revisit = false
"""


def faults_of(folder: Path, text: str) -> list[str]:
    file = folder / "config.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as raised:
        load_config(file, environment={})
    return [fault.removeprefix(f"{file}, ") for fault in raised.value.faults]


def test_a_job_is_read_as_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(GOOD, "utf-8")
    config = load_config(file, environment={})
    front, daily = config.jobs
    assert [source.url for source in front.sources] == ["https://example.org/feed", "https://example.net/"]
    assert [source.kind for source in front.sources] == ["auto", "site"]
    assert (front.delay, front.tags, front.schedule.every) == (5.0, ("front",), None)
    assert (daily.max_pages, daily.revisit, daily.max_depth) == (5, False, 3)
    assert str(config.crawl.zone()) == "Asia/Beirut"
    assert config.crawl.policy.poll_longest.total_seconds() == 6 * 3600


def test_every_fault_of_every_job_is_told_at_once_with_its_line_and_key(tmp_path: Path) -> None:
    text = GOOD.replace('"*/30 6-22 * * *"', '"*/30 6-25 * * *"').replace("include", "inclde")
    text = text.replace("max_pages = 5", "max_pages = 0").replace('"daily"', '"front"')
    text = text.replace('"example.org/feed"', '"ftp://example.org"').replace('"site" }', '"sight" }')
    text = text.replace("[a-z]+$", "[a-z").replace("revisit = false", 'revisit = "no"')
    found = faults_of(tmp_path, text)
    places = [re.match(r"line (\d+): job\.(\w+):", fault) for fault in found]
    assert [(int(at[1]), at[2]) for at in places if at] == [
        (9, "schedule"), (10, "sources"), (10, "sources"), (11, "inclde"), (12, "exclude"),
        (17, "name"), (20, "max_pages"), (21, "revisit"),
    ]  # fmt: skip
    assert "did you mean include?" in found[3]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[jobs]]\nname = 'a'\n", "[jobs]: no such table; did you mean"),
        ("[job]\nname = 'a'\n", "job must be a list of tables: [[job]]"),
        ("[[job]]\nname = 'a'\nsources = ['a.example']\n", "line 1: job.schedule is missing"),
        ("[[job]]\nname = 'import'\nschedule = '1h'\nsources = ['a.example']\n", "take another"),
        ("[crawl]\ntimezone = 'Mars/Phobos'\n", "there is no time zone 'Mars/Phobos'"),
        ("[crawl]\nrevisit_first = 'soon'\n", "crawl.revisit_first"),
    ],
)
def test_what_cannot_be_meant_is_a_fault(tmp_path: Path, text: str, said: str) -> None:
    assert any(said in fault for fault in faults_of(tmp_path, text))


def test_an_address_must_fit_one_include_and_no_exclude() -> None:
    include, exclude = [read_pattern("/news/*.html")], [read_pattern("re:/live-\\d+")]
    assert left_out("https://a.example/news/2024/x.html", include, exclude) is None
    assert left_out("https://a.example/sport/x.html", include, exclude) == "no include fits"
    assert left_out("https://a.example/news/live-7.html", include, exclude) == r"exclude: re:/live-\d+"
    assert left_out("https://a.example/anything", [], []) is None


@pytest.mark.parametrize(
    ("word", "text", "held"),
    [
        ("mayadin", "The road to MAYADIN, open", True),
        ("mayadin", "Mayadinian", False),
        ("Mayadin", "the fall of Al-Mayadeen", True),
        ("Mayadin", "سقوط الميادين", True),
        ("Deir ez-Zor", "in deir ez zor today", True),
        ("مدينة", "مَدِينَةُ الميادين", True),
        ("Škoda", "skoda", True),
        ("harbour", None, False),
    ],
)
def test_words_are_found_whatever_their_case_accents_and_marks(
    word: str, text: str | None, held: bool
) -> None:
    assert has_words([word], text, "a title of no use") is held


def test_without_words_every_text_fits() -> None:
    assert has_words([], None)


def test_a_word_to_match_that_no_text_can_have_is_a_fault(tmp_path: Path) -> None:
    faults = faults_of(tmp_path, GOOD.replace('"Mayadin"', '"Mayadin", "!?"'))
    assert faults == [
        'line 13: job.match: "!?" has no letter and no digit, so that no text ever has it',
    ]
