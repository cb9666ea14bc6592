"""The seed pages, as the real extractor reads them: every copy and passage found, none invented."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from archive.dedup.decide import decide
from archive.model import CaptureRow, Intent
from archive.outcomes import draft_of
from archive.store import Store
from scraper import extract
from tests.store.conftest import START

SEEDS = Path(__file__).parents[3] / "shared/seeds"

pytestmark = pytest.mark.skipif(not SEEDS.exists(), reason="the seed pages are not beside this repository")

Pair = frozenset[str]


@pytest.fixture(scope="module")
def held(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[set[Pair], set[tuple[str, str]], dict[str, object]]:
    """Pairs of one cluster, (borrower, source) pairs of passages, and what the truth says."""
    truth = json.loads((SEEDS / "truth.json").read_text("utf-8"))
    names: dict[int, str] = {}
    with Store.open(tmp_path_factory.mktemp("seeds") / "archive.db") as store:
        for minute, (name, facts) in enumerate(truth["pages"].items()):
            at = START + timedelta(days=30, minutes=minute)
            page = extract((SEEDS / "pages" / name).read_bytes(), facts["url"])
            assert page.verdict == "article"
            draft = draft_of(page, facts["url"], "test", at)
            outcome, known, head = decide(
                store.known(draft.url), store.article_with_text(draft.text_sha256), draft
            )
            capture = CaptureRow(draft.url, draft.url, at, outcome, 200)
            saved = store.save(Intent(outcome, (capture,), draft=draft, article_id=known, duplicate_of=head))
            assert saved.article_id is not None
            names[saved.article_id] = name
        ask = store._connection.execute
        near = ask(
            "SELECT a.id, b.id FROM articles AS a JOIN articles AS b USING (cluster_id) WHERE a.id < b.id"
        )
        pairs = {frozenset((names[a], names[b])) for a, b in near}
        lent = ask(
            "SELECT DISTINCT a.id, b.id FROM passages AS p "
            "JOIN articles AS a ON coalesce(a.duplicate_of, a.id) = p.article_id "
            "JOIN articles AS b ON coalesce(b.duplicate_of, b.id) = p.source_article_id"
        )
        copies = ask("SELECT id, duplicate_of FROM articles WHERE duplicate_of IS NOT NULL")
        assert {frozenset((names[a], names[b])) for a, b in copies} == set(
            map(frozenset, truth["dedup"]["exact"])
        )
        return pairs, {(names[a], names[b]) for a, b in lent}, truth["dedup"]


def test_every_copy_is_found_and_none_invented(held) -> None:  # type: ignore[no-untyped-def]  # as the fixture
    pairs, _, truth = held
    assert pairs == {frozenset(pair) for pair in (*truth["exact"], *truth["near_duplicate"])}


def test_every_borrowed_passage_is_found_and_none_invented(held) -> None:  # type: ignore[no-untyped-def]
    _, lent, truth = held
    tolerated = {("quoting-mayadeen.html", "syndicated-mayadeen.html")}
    assert lent - tolerated == {(one["container"], one["part"]) for one in truth["contains"]}
