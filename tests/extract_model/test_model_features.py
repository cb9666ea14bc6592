"""Every page, however odd, is described by finite numbers, and always by the same ones."""

from __future__ import annotations

import json
from importlib.resources import files

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.extract.blocks import cut
from scraper.extract.model.features import Table, describe, feature_names
from scraper.extract.model.hints import Hints, read_hints
from scraper.extract.model.words import NAME_GROUPS, PHRASE_GROUPS, name_groups, phrase_groups
from scraper.extract.page import parse

TABLE = json.loads((files("scraper.extract.model") / "words.json").read_text("utf-8"))
TAGS = [
    "div",
    "p",
    "article",
    "section",
    "ul",
    "li",
    "h1",
    "h2",
    "a",
    "span",
    "em",
    "table",
    "tr",
    "td",
    "figure",
    "form",
]
WORDS = st.sampled_from(
    [
        "Read more",
        "The keeper counted ships, and wrote.",
        "©",
        "اقرأ أيضا",
        "延伸阅读：港口",
        "…",
        "1",
        "\xad",
        "A" * 300,
    ]
)
CLASSES = st.sampled_from(["", "article-body", "relatedStories", "share_bar x", "сайт", "caption"])


def nested(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def element(tag: str, name: str, inner: list[str]) -> str:
        return f"<{tag} class='{name}'>{' '.join(inner)}</{tag}>"

    return st.builds(element, st.sampled_from(TAGS), CLASSES, st.lists(children, max_size=5))


PAGES = st.recursive(WORDS | st.just("<img src=a>") | st.just("<br>"), nested, max_leaves=40)


def table_of(html: str) -> Table:
    tree = parse(f"<html><head><title>The keeper</title></head><body>{html}</body></html>".encode())
    return describe(cut(tree.root), read_hints(tree.root), None)


@settings(max_examples=150, deadline=None)
@given(PAGES)
def test_every_feature_of_every_block_is_a_finite_number(html: str) -> None:
    table = table_of(html)
    assert table.matrix.shape == (len(table.words), len(feature_names()))
    assert np.isfinite(table.matrix).all()
    assert table.names == feature_names()


@settings(max_examples=40, deadline=None)
@given(PAGES, PAGES)
def test_describing_a_page_depends_on_that_page_alone(one: str, other: str) -> None:
    before = table_of(one).matrix
    table_of(other)
    assert (table_of(one).matrix == before).all()


def test_an_empty_page_has_no_rows_and_all_columns() -> None:
    assert table_of("").matrix.shape == (0, len(feature_names()))


def test_no_feature_is_named_twice() -> None:
    assert len(set(feature_names())) == len(feature_names())


def groups(found: int, names: tuple[str, ...]) -> set[str]:
    return {name for bit, name in enumerate(names) if found >> bit & 1}


def names_of(html: str) -> set[str]:
    root = parse(f"<body>{html}</body>".encode()).root
    return groups(name_groups("div", dict(root.find("body")[0].items())), NAME_GROUPS)


def test_class_names_are_read_by_their_words_however_they_are_joined() -> None:
    assert "related" in names_of("<div class='c-relatedStories__list'>x</div>")
    assert "artbody" in names_of("<div class='single ArticleBody'>x</div>")
    assert "ad" in names_of("<div id='ad-slot-3'>x</div>")
    assert "ad" not in names_of("<div class='shadow loader'>x</div>")
    assert names_of("<div>x</div>") == set()


STEMS = [stem.removeprefix("=") for line in TABLE["names"].values() for stem in line.split()]


@given(
    st.lists(st.sampled_from([*STEMS, "x", ""]), min_size=1, max_size=3),
    st.sampled_from(["-", "_", "__", "x"]),
)
def test_a_stem_is_found_wherever_it_stands_in_a_name(parts: list[str], joint: str) -> None:
    name = joint.join(parts)[:32]
    plain = name.replace("_", "-")
    wanted = {
        group
        for group, line in TABLE["names"].items()
        for stem in line.split()
        if (stem[1:] in (plain, *plain.split("-")) if stem.startswith("=") else stem in plain)
    }
    assert groups(name_groups("div", {"class": name}), NAME_GROUPS) == wanted


def phrases_of(text: str) -> tuple[set[str], set[str]]:
    beginning, found = phrase_groups(text.lower().split(), text)
    return groups(beginning, PHRASE_GROUPS), groups(found, PHRASE_GROUPS)


def test_boilerplate_speaks_in_many_languages() -> None:
    for text in (
        "Read more about it",
        "Lire aussi",
        "Читайте также",
        "اقرأ المزيد",
        "延伸阅读",
        "İlgili haberler".replace("İ", "i"),
    ):
        assert "more" in phrases_of(text)[0], text
    assert "copyright" in phrases_of("Süddeutsche © 2024")[1]
    assert "copyright" in phrases_of("جميع الحقوق محفوظة")[0]


def test_what_a_long_paragraph_says_in_its_midst_is_its_subject() -> None:
    assert "newsletter" not in phrases_of("word " * 40 + "newsletter " + "word " * 40)[1]


def test_words_of_scripts_without_spaces_are_counted_by_characters() -> None:
    table = table_of("<p>" + "港口办公室星期二说" * 5 + "</p>")
    assert table.words[0] > 20


def test_hints_are_read_from_the_head_alone() -> None:
    root = parse(
        b"<head><title>A</title><meta property='og:title' content='B'><meta name=description content='C d'></head>"
        b"<body><svg><title>icon</title></svg></body>"
    ).root
    assert read_hints(root) == Hints(("A", "B"), "C d")
