"""What a site repeats is learnt as its articles come, earlier ones are read again, and no article loses any text."""

from __future__ import annotations

import signal
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from archive.app import Archive, open_archive
from archive.errors import BadCondition
from archive.model import REREADINGS
from tests.cluttered import MASTHEAD, TEASERS, cluttered, printed, told
from tests.loopback import Loopback
from tests.program import archive, rows
from tests.test_crash import KILLED_AT

LOOPBACK = {"ARCHIVE_FETCH_ALLOW_NETWORKS": "127.0.0.0/8", "ARCHIVE_FETCH_DELAY": "0"}
VERSIONS = "SELECT article_id, version, reason, text IS NULL FROM versions ORDER BY id"


def opened(folder: Path, **settings: str) -> Archive:
    (folder / "config.toml").touch()
    return open_archive(
        folder / "config.toml", environment={**LOOPBACK, "ARCHIVE_EXTRACT_WORKERS": "1", **settings}
    )


class Moment(NamedTuple):
    """An archive after a run."""

    texts: dict[int, list[str]]
    versions: list[tuple[Any, ...]]
    counted: list[tuple[Any, ...]]
    indexed: list[tuple[Any, ...]]
    asked: int


@pytest.fixture(scope="module")
def moments(tmp_path_factory: pytest.TempPathFactory) -> list[Moment]:
    """The archive after one, two and four articles of a cluttered site."""
    folder, found = tmp_path_factory.mktemp("site"), []
    with Loopback({f"/{number}": cluttered(number) for number in range(1, 5)}) as server:
        for lot in ([1], [2], [3, 4]):
            with opened(folder) as one:
                done = one.add([server.url(f"/{number}") for number in lot])
                assert [item.outcome for item in done] == ["new"] * len(lot)
                held = [one.article(at) for at in range(1, lot[-1] + 1)]
            found.append(
                Moment(
                    {article.id: article.text.split("\n\n") for article in held},
                    rows(folder, VERSIONS),
                    [(article.id, article.version, article.versions) for article in held],
                    rows(
                        folder,
                        "SELECT rowid FROM articles_fts WHERE articles_fts MATCH 'text: \"northern harbours\"'",
                    ),
                    len(server.hits),
                )
            )
    return found


def test_one_page_alone_keeps_the_clutter(moments: list[Moment]) -> None:
    assert moments[0].texts[1][:5] == [MASTHEAD, *told(1), TEASERS[0]]


def test_the_second_article_is_read_with_what_both_repeat_and_the_first_is_read_again(
    moments: list[Moment],
) -> None:
    assert MASTHEAD not in moments[1].texts[1] + moments[1].texts[2]
    assert (1, 1, "re-extracted", 1) in moments[1].versions
    assert (1, 1, "captured", 0) in moments[1].versions


def test_what_passes_for_content_everywhere_goes_when_four_articles_bear_witness(
    moments: list[Moment],
) -> None:
    assert all(TEASERS[0] in text for text in moments[1].texts.values())
    assert moments[2].texts == {number: told(number) for number in range(1, 5)}


def test_reading_again_is_no_change_by_the_publisher(moments: list[Moment]) -> None:
    assert all(one.counted == [(at, 1, 1) for at in one.texts] for one in moments)
    assert sum(reason == "captured" for _, _, reason, _ in moments[2].versions) == 4


def test_the_index_follows_what_is_read_again(moments: list[Moment]) -> None:
    assert moments[0].indexed == [(1,)]
    assert all(one.indexed == [] for one in moments[1:])


def test_nothing_is_asked_for_to_read_again(moments: list[Moment]) -> None:
    assert moments[2].asked == 4 + 1, "four pages, and robots.txt once: what it says holds for a day"


def test_a_story_and_its_print_version_are_one_witness(tmp_path: Path) -> None:
    routes = {
        "/1": cluttered(1),
        "/print/1": printed(1),
        "/mobile/1": cluttered(1, comment="m"),
        "/2": cluttered(2),
    }
    learnt = "SELECT articles, blocks FROM site_furniture"
    with Loopback(routes) as server, opened(tmp_path) as one:
        one.add([server.url("/1"), server.url("/print/1"), server.url("/mobile/1")])
        assert rows(tmp_path, learnt) == [(1, "{}")]
        one.add([server.url("/2")])
        assert rows(tmp_path, "SELECT articles FROM site_furniture") == [(2,)]
        texts = [one.article(server.url(path)).text.split("\n\n") for path in routes]
    assert all(set(told(1)) <= set(text) for text in texts[:3])
    assert texts[0] == texts[2]
    assert rows(tmp_path, "SELECT duplicate_of FROM articles ORDER BY id") == [
        (None,),
        (None,),
        (1,),
        (None,),
    ]


STALE = "SELECT article_id FROM witnesses WHERE stale = 1"


@pytest.mark.parametrize(
    ("step", "side"),
    [
        ("archive.store.rewriting.insert", "after"),
        pytest.param("archive.store.Store.save_reading", "before", marks=pytest.mark.slow),
    ],
)
def test_a_kill_while_reading_again_leaves_it_to_the_next_run(tmp_path: Path, step: str, side: str) -> None:
    with Loopback({"/1": cluttered(1), "/2": cluttered(2)}) as server:
        with opened(tmp_path) as one:
            one.add([server.url("/1")])
        killed = archive(tmp_path, step, side, "1", "add", "--json", server.url("/2"), program=KILLED_AT)
        assert killed.code == -signal.SIGKILL
        assert rows(tmp_path, STALE) == [(1,), (2,)]
        assert rows(tmp_path, VERSIONS) == [(1, 1, "captured", 1), (2, 1, "captured", 1)]
        assert is_finished_by_the_next_run(tmp_path) == 2


def test_a_run_that_is_stopped_while_reading_again_leaves_it_to_the_next_run(tmp_path: Path) -> None:
    with Loopback({"/1": cluttered(1), "/2": cluttered(2)}) as server, opened(tmp_path) as one:
        one.add([server.url("/1")])
        for item in one.iter_add([server.url("/2")]):
            assert item.outcome == "new"
            began = time.monotonic()
            assert one.stop()
        assert time.monotonic() - began < 5
        left = len(rows(tmp_path, STALE))
        assert is_finished_by_the_next_run(tmp_path) == left


def is_finished_by_the_next_run(folder: Path) -> int:
    """Have the next run do nothing but finish; how many pages it said were read again."""
    said: list[str] = []
    with open_archive(folder / "config.toml", environment=LOOPBACK, notice=said.append) as one:
        assert one.add([]) == []
    assert sorted(rows(folder, VERSIONS))[::2] == [(1, 1, "captured", 0), (2, 1, "captured", 0)]
    assert sorted(rows(folder, VERSIONS))[1::2] == [(1, 1, "re-extracted", 1), (2, 1, "re-extracted", 1)]
    assert rows(folder, STALE) == []
    assert rows(folder, "PRAGMA integrity_check") == [("ok",)]
    return sum(int(line.split()[0]) for line in said)


def test_our_own_progress_is_no_change_by_the_publisher(tmp_path: Path) -> None:
    with Loopback({"/1": cluttered(1), "/2": cluttered(2)}) as server:
        with opened(tmp_path) as one:
            one.add([server.url("/1"), server.url("/2")])
        (tmp_path / "rules.toml").write_text(
            '[site."127.0.0.1"]\ndrop = ["body > div > div:nth-of-type(3)"]\n', "utf-8"
        )
        server.routes["/1"] = cluttered(1, comment="another visitor")
        server.routes["/2"] = cluttered(2, extra=" Dogs pay half.")
        with opened(tmp_path) as one:
            done = one.add([server.url("/1"), server.url("/2")], force=True)
            texts = [one.article(at).text for at in (1, 2)]
            second = one.store.versions(2)
    assert [item.outcome for item in done] == ["unchanged", "changed"]
    assert all(told(at)[0] not in text for at, text in enumerate(texts, 1))
    assert rows(tmp_path, "SELECT version, reason FROM versions WHERE article_id = 1 ORDER BY id")[-1] == (
        1,
        "re-extracted",
    )
    assert [one.reason for one in second if one.version == 2] == ["captured"]
    assert second[-1].changes == ("addition",), (
        "what our rules took away is not told as the publisher's deletion"
    )


def test_reextract_reads_what_a_condition_chooses_with_the_rules_of_today(tmp_path: Path) -> None:
    with (
        Loopback({f"/{number}": cluttered(number) for number in (1, 2, 3)}) as server,
        opened(tmp_path) as one,
    ):
        one.add([server.url(f"/{number}") for number in (1, 2, 3)])
        asked = len(server.hits)
        (tmp_path / "rules.toml").write_text(
            '[site."127.0.0.1"]\ndrop = ["div > div:nth-of-type(6)"]\nauthor = "div > div:nth-of-type(2)"\n',
            "utf-8",
        )
        before = rows(tmp_path, VERSIONS)
        dry = list(one.reextract("id < 3", dry_run=True))
        assert [(said.article_id, said.outcome, said.changes) for said in dry] == [
            (1, "re-extracted", ("deletion",)),
            (2, "re-extracted", ("deletion",)),
        ]
        assert rows(tmp_path, VERSIONS) == before
        done = archive(tmp_path, "reextract", "--where", "id < 3", "--json")
        assert [line | {"changes": tuple(line["changes"])} for line in done.lines[:-1]] == [
            {"type": "reextract", **asdict(said)} for said in dry
        ]
        assert done.summary == {
            "type": "summary",
            "dry_run": False,
            **dict.fromkeys(REREADINGS, 0),
            "re-extracted": 2,
        }
        assert len(rows(tmp_path, VERSIONS)) == len(before) + 2
        assert rows(tmp_path, "SELECT json_array_length(authors) FROM articles ORDER BY id") == [
            (1,),
            (1,),
            (0,),
        ]
        explained = archive(tmp_path, "explain", "--json", "1")
        assert len(server.hits) == asked
    blocks = {line["text"]: line for line in explained.lines if line["type"] == "block"}
    assert blocks[TEASERS[0]]["rule"] == "site-rule:127.0.0.1 drop[0]"
    assert (blocks[MASTHEAD]["rule"], blocks[MASTHEAD]["seen_on"]) == ("furniture", 3)
    assert explained.summary["articles_learnt_from"] == 3


@pytest.mark.parametrize(
    ("condition", "tells"),
    [
        ("colour = 1", "no such column: colour"),
        ("1) ; DELETE FROM articles; --", "one statement"),
        ("load_extension('x')", "not authorized"),
        ("1 = (SELECT 1 FROM pragma_user_version)", "not authorized"),
        ("id IN (", "syntax error"),
        ("1) UNION SELECT url FROM articles WHERE (1", "no condition"),
    ],
)
def test_a_condition_that_is_none_is_told_in_one_line(kept: Path, condition: str, tells: str) -> None:
    with opened(kept) as one, pytest.raises(BadCondition, match=tells):
        list(one.reextract(condition, dry_run=True))


def test_a_bad_condition_is_a_fault_of_usage(kept: Path) -> None:
    said = archive(kept, "reextract", "--where", "colour = 1")
    assert (said.code, said.out) == (2, "")
    assert said.err.splitlines() == ["archive: --where 'colour = 1': no such column: colour"]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept")
    with Loopback({"/1": cluttered(1)}) as server, opened(folder) as one:
        one.add([server.url("/1")])
    return folder
