"""What the store promises about articles, captures, versions and copies, on real files."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from archive.errors import NotFound, StoreError
from archive.model import Intent
from archive.store import Store
from scraper.model import Candidate, FieldOrigin, Image, RecordLocation
from scraper.similarity import text_digest

from .conftest import START, Keeper

A, B, C = "https://a.example/1", "https://b.example/1", "https://c.example/1"


def test_an_article_comes_back_as_it_was_saved(keeper: Keeper) -> None:
    _, saved = keeper.keep(
        A,
        "First paragraph.\n\nSecond.",
        "Headline",
        authors=("Jane Doe", "فاطمة"),
        published="2017-10-08T14:33:00+03:00",
        modified="2017-10-09",
        language="en",
        canonical_url="https://a.example/c",
        site_name="The A",
        sources=("AFP", "Reuters"),
        dateline="Beirut",
        section="World",
        keywords=("war",),
        captions=("A caption",),
        images=(Image("https://a.example/i.jpg", "A caption", None),),
        tags=("syria", "2017"),
    )
    article = keeper.store.article(saved.article_id or 0)
    assert (article.id, article.url, article.site, article.site_name) == (1, A, "a.example", "The A")
    assert (article.title, article.text) == ("Headline", "First paragraph.\n\nSecond.")
    assert (article.authors, article.source) == (("Jane Doe", "فاطمة"), "AFP, Reuters")
    assert (article.published, article.modified) == ("2017-10-08T14:33:00+03:00", "2017-10-09")
    assert (article.language, article.dateline, article.section) == ("en", "Beirut", "World")
    assert (article.keywords, article.captions, article.tags) == (("war",), ("A caption",), ("2017", "syria"))
    assert article.images == (Image("https://a.example/i.jpg", "A caption", None),)
    assert (article.word_count, article.text_sha256) == (3, text_digest("first paragraph second"))
    assert (article.first_captured, article.last_captured) == (START, START)
    assert (article.version, article.versions, article.duplicate_of) == (1, 1, None)
    assert article.warc == RecordLocation("one.warc.gz", 0, 100)


def test_the_same_url_twice_is_one_article(keeper: Keeper) -> None:
    assert keeper.keep(A, "One text.")[0] == "new"
    assert keeper.keep(A, "One text.")[0] == "unchanged"
    article = keeper.store.article(A)
    assert (article.id, article.version) == (1, 1)
    assert article.last_captured == START + timedelta(minutes=1)
    assert len(keeper.store.captures(1)) == 2


def test_a_changed_text_is_a_version_and_the_old_one_stays_whole(keeper: Keeper) -> None:
    keeper.keep(A, "Twelve were killed.", "Old title")
    outcome, saved = keeper.keep(A, "Thirteen were killed.", "New title")
    assert (outcome, saved.article_id, saved.version) == ("changed", 1, 2)
    old, new = keeper.store.versions(1)
    assert (old.version, old.title, old.text, old.standing) == (1, "Old title", "Twelve were killed.", False)
    assert (new.version, new.title, new.text, new.standing) == (2, "New title", "Thirteen were killed.", True)
    assert (old.reason, old.warc) == ("captured", RecordLocation("one.warc.gz", 0, 100))
    assert keeper.store.article(1, version=1).text == "Twelve were killed."
    assert keeper.store.article(1).versions == 2


def test_the_text_of_the_standing_version_is_stored_once(keeper: Keeper, store: Store) -> None:
    keeper.keep(A, "Twelve were killed.")
    keeper.keep(A, "Thirteen were killed.")
    held = store._connection.execute("SELECT version, text FROM versions ORDER BY id").fetchall()
    assert held == [(1, "Twelve were killed."), (2, None)]


def test_a_copy_has_its_own_row_and_the_text_of_its_head(keeper: Keeper, store: Store) -> None:
    keeper.keep(A, "The same words.", "Head", authors=("One",))
    outcome, saved = keeper.keep(B, "The same words!", "Copy", authors=("Two",))
    assert (outcome, saved.duplicate_of) == ("duplicate", 1)
    copy = store.article(B)
    assert (copy.id, copy.title, copy.authors, copy.duplicate_of) == (2, "Copy", ("Two",), 1)
    assert copy.text == "The same words."
    assert store._connection.execute("SELECT text FROM articles WHERE id = 2").fetchone() == ("",)
    assert store.status().duplicates == 1


def test_a_head_that_changes_leaves_its_text_to_the_oldest_copy(keeper: Keeper, store: Store) -> None:
    for url in (A, B, C):
        keeper.keep(url, "The same words.")
    keeper.keep(A, "Other words.")
    assert (store.article(A).duplicate_of, store.article(A).text) == (None, "Other words.")
    assert (store.article(B).duplicate_of, store.article(B).text) == (None, "The same words.")
    assert (store.article(C).duplicate_of, store.article(C).text) == (2, "The same words.")
    assert store.article_with_text(text_digest("The same words.")) == 2


def test_a_copy_that_changes_gets_a_text_of_its_own(keeper: Keeper, store: Store) -> None:
    keeper.keep(A, "The same words.")
    keeper.keep(B, "The same words.")
    assert keeper.keep(B, "Words of its own.")[0] == "changed"
    assert (store.article(B).duplicate_of, store.article(B).text) == (None, "Words of its own.")
    assert [version.text for version in store.versions(2)] == ["The same words.", "Words of its own."]
    assert store.article(A).text == "The same words."


def test_an_article_that_becomes_a_copy_is_one(keeper: Keeper, store: Store) -> None:
    keeper.keep(A, "The same words.")
    keeper.keep(B, "Words of its own.")
    outcome, saved = keeper.keep(B, "The same words.")
    assert (outcome, saved.duplicate_of, saved.version) == ("changed", 1, 2)
    assert (store.article(B).text, store.article(B, version=1).text) == (
        "The same words.",
        "Words of its own.",
    )


def test_a_head_with_copies_that_becomes_a_copy_leaves_no_copy_of_a_copy(
    keeper: Keeper, store: Store
) -> None:
    keeper.keep(A, "First words.")
    keeper.keep(B, "Second words.")
    keeper.keep(C, "Second words.")
    keeper.keep(B, "First words.")
    assert [store.article(url).duplicate_of for url in (A, B, C)] == [None, 1, None]
    assert [store.article(url).text for url in (A, B, C)] == ["First words.", "First words.", "Second words."]


def test_a_copy_whose_title_changes_stays_a_copy(keeper: Keeper, store: Store) -> None:
    keeper.keep(A, "The same words.")
    keeper.keep(B, "The same words.", "One")
    outcome, saved = keeper.keep(B, "The same words.", "Two")
    assert (outcome, saved.duplicate_of, store.article(B).title) == ("changed", 1, "Two")


def test_redirect_hops_lead_to_the_article(keeper: Keeper, store: Store) -> None:
    hop = keeper.capture("https://short.example/x", "redirect", status=301)
    robots = keeper.capture("https://a.example/robots.txt", "robots-txt")
    draft = keeper.draft(A, "One text.")
    saved = store.save(Intent("new", (robots, hop, keeper.capture(A, "new")), draft))
    known = store.known("https://short.example/x")
    assert known is not None
    assert known.article_id == saved.article_id
    assert store.known("https://a.example/robots.txt") is None
    assert {capture.outcome for capture in store.captures(1)} == {"redirect", "robots-txt", "new"}


@pytest.mark.parametrize("outcome", ["rejected", "robots", "gone", "failed"])
def test_what_came_to_nothing_is_recorded_and_harms_no_article(keeper: Keeper, store: Store, outcome) -> None:
    keeper.keep(A, "One text.")
    before = store.article(A)
    assert keeper.fail(A, outcome).article_id == 1
    assert keeper.fail(B, outcome).article_id is None
    assert store.article(A) == before
    assert store.known(B) is None
    assert [capture.outcome for capture in store.captures(1)] == ["new", outcome]


def test_a_hop_to_a_page_that_is_gone_does_not_become_known(keeper: Keeper, store: Store) -> None:
    keeper.keep(A, "One text.")
    hop = keeper.capture("https://short.example/x", "redirect", status=301)
    store.save(Intent("gone", (hop, keeper.capture(A, "gone", status=404))))
    assert store.known("https://short.example/x") is None
    assert store.known(A) is not None


def test_a_page_that_moved_keeps_its_id_and_is_found_by_both_urls(keeper: Keeper, store: Store) -> None:
    keeper.keep(A, "One text.")
    hop = keeper.capture(A, "redirect", status=301)
    moved = keeper.draft(B, "Another text.")
    store.save(Intent("changed", (hop, keeper.capture(B, "changed")), moved, article_id=1))
    assert (store.article(A).id, store.article(B).id) == (1, 1)
    assert (store.article(1).url, store.article(1).site) == (B, "b.example")


def test_a_page_that_moved_onto_another_article_keeps_its_own_url(keeper: Keeper, store: Store) -> None:
    keeper.keep(A, "One text.")
    keeper.keep(B, "Another text.")
    store.save(
        Intent("changed", (keeper.capture(A, "changed"),), keeper.draft(B, "Third text."), article_id=1)
    )
    assert (store.article(1).url, store.article(2).url) == (A, B)


def test_origins_of_the_standing_version_replace_the_old_ones(keeper: Keeper, store: Store) -> None:
    def origins(chosen: str) -> tuple[tuple[str, FieldOrigin], ...]:
        candidates = (Candidate("A title", "og:title"), Candidate("A title – Site", "title"))
        return (("title", FieldOrigin(chosen, candidates)),)

    keeper.keep(A, "One.", origins=origins("title"))
    keeper.keep(A, "Two.", origins=origins("og:title"))
    rows = store._connection.execute(
        "SELECT field, value, origin, chosen FROM field_origins ORDER BY position"
    ).fetchall()
    assert rows == [("title", "A title", "og:title", 1), ("title", "A title – Site", "title", 0)]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda _: Intent("new", ()),
        lambda keeper: Intent("new", (keeper.capture(B, "new"),)),
        lambda keeper: Intent("unchanged", (keeper.capture(A, "unchanged"),)),
        lambda keeper: Intent("unchanged", (keeper.capture(A, "unchanged"),), article_id=99),
        lambda keeper: Intent("duplicate", (keeper.capture(B, "duplicate"),), keeper.draft(B, "One text.")),
        lambda keeper: Intent("new", (keeper.capture(A, "new"),), keeper.draft(A, "Second text.")),
        lambda keeper: Intent(
            "duplicate", (keeper.capture(B, "duplicate"),), keeper.draft(B, "Not that text."), duplicate_of=1
        ),
        lambda keeper: Intent(
            "failed", (keeper.capture(B, "failed", location=RecordLocation("one.warc.gz", 0, 100)),)
        ),
        lambda keeper: Intent("new", (keeper.capture(B, "new"),), keeper.draft(B, "Text."), run_id=99),
    ],
    ids=["no-capture", "no-draft", "no-article", "no-such-article", "no-head", "url-held", "other-text",
         "record-held", "no-such-run"],
)  # fmt: skip
def test_an_intent_that_cannot_be_kept_changes_nothing(keeper: Keeper, store: Store, wrong) -> None:
    keeper.keep(A, "One text.")
    before = (store.status(), store.article(1))
    with pytest.raises(StoreError):
        store.save(wrong(keeper))
    after = store.status()
    assert (replace(after, size_bytes=before[0].size_bytes), store.article(1)) == before


def test_no_article_is_said_so(keeper: Keeper, store: Store) -> None:
    keeper.keep(A, "One text.")
    with pytest.raises(NotFound, match="id 7"):
        store.article(7)
    with pytest.raises(NotFound, match=r"b\.example"):
        store.article(B)
    with pytest.raises(NotFound, match="no version 3"):
        store.article(1, version=3)
    for wrong in (0, -1, 2**63, 10**30):
        with pytest.raises(NotFound):
            store.article(wrong)
    with pytest.raises(NotFound):
        store.article("https://a.example/\udcff\x00")
    assert store.known("\udcff") is None


def test_extents_are_the_ends_of_the_last_records(keeper: Keeper, store: Store) -> None:
    keeper.keep(A, "One text.")
    keeper.keep(B, "Two texts.")
    keeper.fail(C, "failed")
    assert store.extents() == {"one.warc.gz": 200}
    assert store.has_capture_at("one.warc.gz", 100)
    assert not store.has_capture_at("one.warc.gz", 200)


def test_runs_keep_what_came_of_them(keeper: Keeper, store: Store) -> None:
    run = store.start_run("crawl", START, job="daily")
    store.save(Intent("failed", (keeper.capture(A, "failed", job="daily"),), run_id=run))
    store.end_run(run, START + timedelta(hours=1), {"new": 0, "failed": 1})
    rows = store._connection.execute("SELECT command, job, started_at, ended_at, counts FROM runs").fetchall()
    assert rows == [
        (
            "crawl",
            "daily",
            "2017-10-08T12:00:00.000000Z",
            "2017-10-08T13:00:00.000000Z",
            '{"new": 0, "failed": 1}',
        )
    ]
    with pytest.raises(StoreError, match="no run 99"):
        store.end_run(99, START, {})


def test_status_counts_what_is_there(keeper: Keeper, store: Store) -> None:
    assert store.status().first_capture is None
    keeper.keep(A, "One text.", language="ar")
    keeper.keep(B, "Two texts.", language="ar")
    keeper.keep(C, "Two texts.")
    keeper.fail(A, "gone")
    status = store.status()
    assert (status.articles, status.duplicates, status.versions, status.sites) == (3, 1, 3, 3)
    assert status.captures == {"new": 2, "duplicate": 1, "gone": 1}
    assert list(status.languages.items()) == [("ar", 2), ("", 1)]
    assert status.first_capture == START
    assert status.last_capture == START + timedelta(minutes=3)
    assert status.size_bytes > 0
    assert [article.id for article in store.recent(2)] == [3, 2]


def test_a_time_without_its_offset_is_refused(keeper: Keeper, store: Store) -> None:
    naive = keeper.capture(A, "failed", requested_at=datetime(2017, 10, 8))
    with pytest.raises(ValueError, match="without its offset"):
        store.save(Intent("failed", (naive,)))
    assert store.status().captures == {}


def test_times_in_columns_sort_as_times(keeper: Keeper, store: Store) -> None:
    whole = datetime(2017, 10, 8, tzinfo=UTC)
    for at in (whole + timedelta(microseconds=5), whole):
        store.save(Intent("failed", (keeper.capture(A, "failed", requested_at=at),)))
    assert (store.status().first_capture, store.status().last_capture) == (
        whole,
        whole + timedelta(microseconds=5),
    )


def test_control_characters_reach_no_column(keeper: Keeper, store: Store) -> None:
    keeper.keep(
        A, "be\x00fore\x1b[31m\r\nafter\ud800", "ti\x07tle\nline", authors=("A\x00B",), tags=("t\x9b",)
    )
    article = store.article(A)
    assert (article.title, article.text) == ("title line", "be\ufffdfore[31m\nafter\ufffd")
    assert (article.authors, article.tags) == (("A\ufffdB",), ("t",))
    assert store._connection.execute("SELECT length(text) FROM articles").fetchone() == (len(article.text),)
    assert keeper.keep(A, "be\x00fore\x1b[31m\r\nafter\ud800", "ti\x07tle\nline")[0] in {
        "unchanged",
        "changed",
    }
