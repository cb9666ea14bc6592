"""What very common words find by their bits is what the index finds."""

from __future__ import annotations

import importlib
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from archive.errors import StoreError
from archive.model import SearchRequest
from archive.search.parsing import parse_query
from archive.search.query import Term
from archive.store import Store, bitmap_making, bitmaps, fact_making, story_facts
from archive.store.bitmaps import MADE_OF_FACTS, bits_of, least_of, made_of, word_of_index
from archive.store.connection import transaction
from archive.store.finding import search_articles
from archive.store.likeness import count_origins
from archive.store.matching import searched
from archive.store.memo import Memo
from archive.store.newest import newest_matches
from archive.web.facets import count_facets

SMALL = 4
WORDS = ("harbour", "the", "für", "daß", "dass", "Маяк", "ميناء", "café", "bridge", "quay", "seldom")
SHARES = (0.9, 0.8, 0.5, 0.4, 0.4, 0.5, 0.5, 0.6, 0.3, 0.2, 0.02)
QUERIES = (
    "harbour",
    "the harbour",
    "THE -harbour",
    "für",
    "Daß",
    "dass",
    "маяк",
    "ميناء OR bridge",
    "cafe the",
)
OTHERS = (
    "seldom the",
    '"the harbour"',
    "har* the",
    "quay",
)
FILTERS = (
    {},
    {"site": "a.example"},
    {"since": "2013", "until": "2017"},
    {"author": "lee"},
    {"language": "de"},
)
MANY_FILTERS = (
    {"site": "a.example", "month": "2015"},
    {"author": "lee", "language": "de"},
    {"site": "example", "since": "2013-05", "until": "2016-05-01"},
    {"month": "2014-05-01", "language": "DE"},
    {"since": "2012-05-01T10", "site": "b.example"},
)
WIDE_FILTERS = (
    {},
    {"tag": "north"},
    {"job": "daily", "outcome": "new"},
    {"language": "de"},
    {"site": "example", "since": "2013-05", "until": "2016-05-01"},
)
TYPED = (
    "the (bridge OR -quay)",
    "für (the OR bridge) -harbour",
    "(site:a.example the) OR (site:b.example harbour)",
    "the -lang:de",
    "harbour -(site:a.example bridge) before:2016",
    "the (lang:en OR after:2015-05-01) -seldom",
    "(author:lee OR lang:en) quay",
    '("the harbour" site:a.example) OR (seldom -site:c.example)',
    "lang:de -site:a.example",
    "-lang:de",
    "",
    "the -tag:north",
    "harbour (job:daily OR outcome:changed)",
)


@pytest.fixture
def small_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[sqlite3.Connection]:
    """An archive of blocks of 16 articles, the last of which is not full."""
    monkeypatch.setattr(bitmaps, "BLOCK_BITS", SMALL)
    monkeypatch.setattr(story_facts, "_SINGLY", 2)
    with Store.open(tmp_path / "archive.db") as store:
        connection = store._connection
        connection.execute("DROP TABLE word_bitmaps")
        connection.execute("DROP TABLE fact_bitmaps")
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name GLOB 'fact_bitmaps_*ed'"
        ).fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        for name in ("insert", "update", "delete"):
            connection.execute(f"DROP TRIGGER word_bitmaps_{name}")
            connection.execute(f"DROP TRIGGER fact_bitmaps_{name}")
        for statement in (
            *bitmap_making.block_sql(SMALL),
            *fact_making.fact_sql(SMALL),
            *fact_making.linked_sql(SMALL),
            *fact_making.captured_sql(SMALL),
        ):
            connection.execute(statement)
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.executemany(
            "INSERT INTO sites VALUES (?, '', '', '')", [(f"{one}.example",) for one in "abc"]
        )
        connection.execute("INSERT INTO tags VALUES (1, 'north'), (2, 'south')")
        yield connection


def _text(chance: random.Random) -> str:
    some = [word for word, share in zip(WORDS, SHARES, strict=True) if chance.random() < share]
    chance.shuffle(some)
    return " ".join(some)


def _insert(connection: sqlite3.Connection, chance: random.Random, number: int) -> None:
    heads = [one for (one,) in connection.execute("SELECT id FROM articles WHERE duplicate_of IS NULL")]
    head = chance.choice(heads) if heads and chance.random() < 0.15 else None
    connection.execute(
        "INSERT INTO articles (id, url, site, title, authors, published, language, text, word_count, text_sha256, "
        "first_captured, last_captured, duplicate_of, cluster_id) VALUES (?,?,?,?,?,?,?,?,0,'','','',?,?)",
        [
            number,
            f"https://x.example/{number}",
            f"{chance.choice('abc')}.example",
            _text(chance) if chance.random() < 0.2 else f"Number {number}",
            '["Ann Lee"]' if chance.random() < 0.3 else "[]",
            _published(chance),
            chance.choice(("de", "de-AT", "DE", "den", "en", None)),
            "" if head else _text(chance),
            head,
            chance.choice((None, None, 1, 2, 3)),
        ],
    )
    _capture(connection, chance, number)


def _capture(connection: sqlite3.Connection, chance: random.Random, number: int) -> None:
    connection.execute(
        "INSERT INTO captures (url, key, requested_at, outcome, article_id, job) VALUES ('', '', '', ?, ?, ?)",
        [chance.choice(("new", "changed")), number, chance.choice(("daily", None))],
    )
    if chance.random() < 0.3:
        connection.execute("INSERT OR IGNORE INTO article_tags VALUES (?, 1)", [number])


def _published(chance: random.Random) -> str | None:
    day = f"{chance.randint(2010, 2019)}-05-{chance.choice(('01', '02'))}"
    time = chance.choice(("", "", "T10:30:00+02:00", "T23:59"))
    stated = chance.choice((day, day + time, day[:7], day[:4]))
    return chance.choices((stated, None, f"{day[:4]}, in May"), (0.9, 0.08, 0.02))[0]


def _change(connection: sqlite3.Connection, chance: random.Random) -> None:  # noqa: PLR0912 - a list
    ids = [one for (one,) in connection.execute("SELECT id FROM articles")]
    heads = {one for (one,) in connection.execute("SELECT duplicate_of FROM articles")}
    free = [one for one in ids if one not in heads]
    match chance.randrange(14):
        case 9:
            _capture(connection, chance, chance.choice(ids))
        case 10:
            connection.execute(
                "UPDATE captures SET job = ?, article_id = ? WHERE id IN (SELECT id FROM captures LIMIT 1)",
                [chance.choice(("daily", None)), chance.choice(ids)],
            )
        case 11:
            connection.execute("DELETE FROM captures WHERE id IN (SELECT max(id) FROM captures)")
        case 12:
            connection.execute(
                "INSERT OR IGNORE INTO article_tags VALUES (?, ?)",
                [chance.choice(ids), chance.choice((1, 2))],
            )
        case 13:
            connection.execute("UPDATE tags SET name = name || 'n' WHERE id = 2")
            connection.execute("DELETE FROM article_tags WHERE article_id = ?", [chance.choice(ids)])
        case 8:
            connection.execute(
                "UPDATE articles SET cluster_id = ? WHERE id = ?",
                [chance.choice((None, 1)), chance.choice(ids)],
            )
        case 5:
            connection.execute(
                "UPDATE articles SET published = ?, language = 'en' WHERE id = ?",
                [_published(chance), chance.choice(ids)],
            )
        case 6:
            site = f"{chance.choice('abc')}.example"
            connection.execute("UPDATE articles SET site = ? WHERE id = ?", [site, chance.choice(ids)])
        case 7:
            head = chance.choice([one for one in ids if one not in free] or ids)
            connection.execute(
                "UPDATE articles SET duplicate_of = ?, text = '' WHERE id = ? AND id <> ? AND "
                "(SELECT duplicate_of FROM articles WHERE id = ?) IS NULL",
                [head, chance.choice(free), head, head],
            )
        case 0:
            connection.execute("DELETE FROM articles WHERE id = ?", [chance.choice(free)])
        case 1:
            connection.execute(
                "UPDATE articles SET title = ? WHERE id = ?", [_text(chance), chance.choice(ids)]
            )
        case 2:
            text = "UPDATE articles SET text = ? WHERE duplicate_of IS NULL AND id = ?"
            connection.execute(text, [_text(chance), chance.choice(ids)])
        case 3:
            number = chance.randrange(1, max(ids))
            if number not in ids:
                _insert(connection, chance, number)
        case _:
            number = chance.randrange(1, max(ids) + 20)
            if number not in ids:
                connection.execute("UPDATE articles SET id = ? WHERE id = ?", [number, chance.choice(free)])


def _make_all(connection: sqlite3.Connection) -> int:
    made = 0
    with transaction(connection):
        while bitmap_making.make_next(connection, from_articles=0) is not None:
            made += 1
        while fact_making.make_next(connection, from_articles=0) is not None:
            pass
    return made


def _answers(connection: sqlite3.Connection) -> list[object]:
    answers: list[object] = []
    for query in (*QUERIES, *OTHERS):
        for filters in (*FILTERS, *MANY_FILTERS):
            request = SearchRequest(query, exact=True, limit=200, **filters)  # type: ignore[arg-type]  # any filter
            answers.append(search_articles(connection, request, ranked_matches=60, very_common=50))
        for filters in WIDE_FILTERS:
            request = SearchRequest(query, exact=True, **filters)  # type: ignore[arg-type]  # any filter
            answers.append(count_origins(connection, request))
        answers.append(count_facets(connection, SearchRequest(query, exact=True, author="lee")))
    for query in TYPED:
        for filters in WIDE_FILTERS:
            request = SearchRequest(query, exact=True, limit=200, **filters)  # type: ignore[arg-type]  # any filter
            answers.append(search_articles(connection, request, ranked_matches=200, very_common=50))
            answers.append(count_origins(connection, request))
        answers.append(count_facets(connection, SearchRequest(query, exact=True)))
    return answers


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 4))])
def test_bits_and_index_give_the_same_answers(
    small_blocks: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    for number in range(1, 100):
        if chance.random() < 0.95:
            _insert(small_blocks, chance, number)
    for changes in (0, 1, 6):
        _make_all(small_blocks)
        for _ in range(changes):
            _change(small_blocks, chance)
        bitmap_making.check(small_blocks)
        fact_making.check(small_blocks)
        by_bits = _answers(small_blocks)
        with monkeypatch.context() as without:
            without.setattr("archive.store.newest.bits_of", lambda *_: None)
            without.setattr("archive.store.newest.least_of", lambda *_: None)
            without.setattr("archive.store.passing.facts_of", lambda *_: None)
            without.setattr("archive.store.story_facts.made_of", lambda *_: None)
            assert by_bits == _answers(small_blocks)


@pytest.mark.parametrize("filters", WIDE_FILTERS)
def test_words_in_titles_come_first_however_old_they_are(
    small_blocks: sqlite3.Connection, filters: dict[str, str]
) -> None:
    chance = random.Random(8)  # noqa: S311 - as above
    for number in range(1, 100):
        _insert(small_blocks, chance, number)
    _make_all(small_blocks)

    def ids(query: str, ranked: int) -> list[int]:
        request = SearchRequest(query, exact=True, fold=False, limit=200, **filters)  # type: ignore[arg-type]  # any
        found = search_articles(small_blocks, request, ranked_matches=ranked, very_common=ranked + 1)
        return [heads[hit.article_id] for hit in found.hits]  # a copy may stand for its head

    heads = dict(small_blocks.execute("SELECT id, coalesce(duplicate_of, id) FROM articles").fetchall())
    titled = set(ids("title:harbour", 200))
    first = set(ids("harbour", 2))
    assert titled
    assert first <= titled or titled < first
    assert min(titled) < 80


ALTERNATIVES = (
    "the OR harbour",
    "seldom OR the",
    "quay OR für OR (seldom -the)",
    "har* OR bridge OR cafe",
    '"the harbour" OR dass OR seldom',
)


@pytest.mark.parametrize("seed", range(3))
def test_the_newest_of_alternatives_are_found_by_bits_and_index_together(
    small_blocks: sqlite3.Connection, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    for number in range(1, 150):
        if chance.random() < 0.95:
            _insert(small_blocks, chance, number)
    by_bits = 0
    for changes in (0, 1, 3, 0):
        _make_all(small_blocks)
        for _ in range(changes):
            _change(small_blocks, chance)
        for query in ALTERNATIVES:
            root = parse_query(query).root
            assert root is not None
            every = [
                number
                for (number,) in small_blocks.execute(
                    "SELECT rowid FROM articles_fts WHERE articles_fts MATCH ? ORDER BY rowid DESC",
                    [searched(root)],
                )
            ]
            memo = Memo()
            for wanted, most in chance.sample(
                [(a, b) for a in (0, 1, 9, 40, 70) for b in (0, 20, 50, 300)], 9
            ):
                least = least_of(small_blocks, root, memo)
                by_bits += least is not None and least.bits.total >= max(wanted, most)
                for one in (memo, Memo()):
                    found = newest_matches(small_blocks, root, wanted, most, one)
                    assert found == (every[:wanted], min(len(every), most)), (query, wanted, most)
    assert by_bits > 50


def test_of_articles_that_matter_bits_say_the_same(small_blocks: sqlite3.Connection) -> None:
    chance = random.Random(5)  # noqa: S311 - as above
    for number in range(1, 100):
        _insert(small_blocks, chance, number)
    _make_all(small_blocks)
    small_blocks.execute("UPDATE articles SET title = 'Another' WHERE id = 20")
    root = parse_query("the OR harbour").root
    assert root is not None
    every = bits_of(small_blocks, root, Memo())
    assert every is not None
    for first, last in ((1, 99), (3, 18), (17, 40), (60, 97), (98, 99)):
        some = bits_of(small_blocks, root, Memo(), (first, last))
        assert some is not None
        ids = range(first, last + 1)
        assert some.among(ids) == every.among(ids)


def test_full_blocks_are_made_once_and_lost_when_they_change(small_blocks: sqlite3.Connection) -> None:
    chance = random.Random(1)  # noqa: S311 - as above
    for number in range(1, 60):
        _insert(small_blocks, chance, number)
    blocks = "SELECT block FROM word_bitmaps WHERE word = '' ORDER BY block"
    assert _make_all(small_blocks) == 3  # 1 to 15, 16 to 31, 32 to 47
    assert _make_all(small_blocks) == 0
    small_blocks.execute("UPDATE articles SET last_captured = 'later', title = title WHERE id = 20")
    assert small_blocks.execute(blocks).fetchall() == [(0,), (1,), (2,)]
    small_blocks.execute("UPDATE articles SET title = 'Another' WHERE id = 20")
    assert small_blocks.execute(blocks).fetchall() == [(0,), (2,)]
    assert not small_blocks.execute("SELECT 1 FROM word_bitmaps WHERE block = 1").fetchone()
    assert _make_all(small_blocks) == 1


def test_only_common_words_that_stand_alone_are_answered_by_bits(small_blocks: sqlite3.Connection) -> None:
    chance = random.Random(2)  # noqa: S311 - as above
    for number in range(1, 100):
        _insert(small_blocks, chance, number)
    assert bits_of(small_blocks, Term("harbour"), Memo()) is None  # nothing is made
    _make_all(small_blocks)
    answered = {
        query: bits_of(small_blocks, root, Memo()) is not None
        for query in (*QUERIES, *OTHERS)
        if (root := parse_query(query).root) is not None
    }
    assert all(answered[query] for query in QUERIES), answered
    assert not any(answered[query] for query in ("seldom the", '"the harbour"', "har* the"))


def test_a_small_archive_has_no_bits(tmp_path: Path) -> None:
    with Store.open(tmp_path / "archive.db") as store:
        assert store.make_bitmaps() == 0


@pytest.mark.parametrize(
    ("text", "word"),
    [("The", "the"), ("daß", "daß"), ("Café", "cafe"), ("a_b", None), ("für", "fur"), ("–", None)],
)
def test_a_word_is_looked_up_as_the_index_has_it(text: str, word: str | None) -> None:
    assert word_of_index(text) == word


def test_bits_that_differ_from_the_index_are_found(small_blocks: sqlite3.Connection) -> None:
    chance = random.Random(3)  # noqa: S311 - as above
    for number in range(1, 40):
        _insert(small_blocks, chance, number)
    _make_all(small_blocks)
    bitmap_making.check(small_blocks)
    small_blocks.execute("UPDATE word_bitmaps SET articles = zeroblob(2) WHERE word = 'the' AND block = 1")
    with pytest.raises(sqlite3.DatabaseError, match="word_bitmaps of 'the', block 1"):
        bitmap_making.check(small_blocks)
    fact_making.check(small_blocks)
    small_blocks.execute("DELETE FROM fact_bitmaps WHERE fact = 'site' AND value = 'b.example' AND block = 1")
    with pytest.raises(sqlite3.DatabaseError, match=r"fact_bitmaps of site 'b.example', block 1"):
        fact_making.check(small_blocks)


def test_a_block_that_loses_its_facts_amid_a_search_is_answered_from_the_articles(
    small_blocks: sqlite3.Connection,
) -> None:
    chance = random.Random(5)  # noqa: S311 - as above
    for number in range(1, 80):
        _insert(small_blocks, chance, number)
    _make_all(small_blocks)
    request = SearchRequest("", language="de", limit=200)
    before = search_articles(small_blocks, request)
    memo = Memo()
    assert made_of(small_blocks, memo, MADE_OF_FACTS) is not None
    small_blocks.execute("DELETE FROM fact_bitmaps WHERE block IN (1, 2)")
    assert search_articles(small_blocks, request, memo=memo) == before


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE articles SET duplicate_of = NULL, text = 'harbour' WHERE duplicate_of IS NOT NULL",
        "UPDATE articles SET text = 'nothing', title = 'nothing' WHERE language = 'de' AND duplicate_of IS NULL",
        "UPDATE articles SET language = 'fr' WHERE id % 3 = 0",
    ],
)
@pytest.mark.parametrize("at", ["passing.newest_passing", "passing.heads_of", "ranking._weights"])
def test_what_changes_amid_a_search_is_no_error(
    small_blocks: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, at: str, change: str
) -> None:
    chance = random.Random(7)  # noqa: S311 - as above
    for number in range(1, 100):
        _insert(small_blocks, chance, number)
    _make_all(small_blocks)
    module, name = at.split(".")
    where = {"passing.newest_passing": "candidates"}.get(at, module)
    asked = getattr(importlib.import_module(f"archive.store.{module}"), name)

    def late(*args: object, **options: object) -> object:
        small_blocks.execute(change)
        return asked(*args, **options)

    monkeypatch.setattr(f"archive.store.{where}.{name}", late)
    for query in ("harbour", "the -lang:en", "quay site:a.example"):
        request = SearchRequest(query, exact=True, language="de")
        search_articles(small_blocks, request)
        count_origins(small_blocks, request)
        count_facets(small_blocks, request)


def test_a_rebuilt_index_forgets_its_bits_and_a_check_names_what_is_wrong(tmp_path: Path) -> None:
    with Store.open(tmp_path / "archive.db") as store:
        for table, row in (("word_bitmaps", "'the', 0, x'01'"), ("fact_bitmaps", "'article', '', 0, x'01'")):
            store._connection.execute(f"INSERT INTO {table} VALUES ({row})")  # noqa: S608 - as above
            with pytest.raises(StoreError, match=table):
                store.check_integrity()
            store.rebuild_index()
            store.check_integrity()
    with closing(sqlite3.connect(tmp_path / "archive.db")) as connection:
        assert connection.execute("SELECT count(*) FROM word_bitmaps").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM fact_bitmaps").fetchone() == (0,)
