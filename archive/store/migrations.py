"""The schema, in ordered steps. A step that was released is never edited; the next one comes after it.

Each step is one transaction, recorded by sqlite-utils in `_sqlite_migrations` under `MIGRATION_SET`. The header
of the file says whose it is (`application_id`) and how many steps it has seen (`user_version`); a new step raises
`archive.store.connection.SCHEMA_VERSION`.

Text columns hold what `archive.store.sanitise` let through; times are `YYYY-MM-DDTHH:MM:SS.ffffffZ`, UTC, so that
their order is the order of text; lists are JSON arrays. Tables are named and linked so that Datasette shows the
title of an article and the name of a site in place of a number.

Do not `transform` the table `articles`: it would take the triggers of the index with it.
"""

from __future__ import annotations

from typing import Final

from sqlite_utils import Database, Migrations

from archive.search.fold import FOLD_VERSION
from archive.store.bitmap_making import block_sql
from archive.store.fact_making import captured_sql, fact_sql, linked_sql
from archive.store.index import create_index, side_indexes_sql, title_index_sql
from scraper.similarity import TEXT_DIGEST_VERSION

MIGRATION_SET: Final = "article-archive"

MIGRATIONS: Final = Migrations(MIGRATION_SET)

_M001: Final = (
    # What the rest of the database was made with: versions of digests, folds and sketches.
    """
    CREATE TABLE meta (
        key TEXT PRIMARY KEY,
        value TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE sites (
        site TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        first_captured TEXT NOT NULL,
        last_captured TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE jobs (
        name TEXT PRIMARY KEY,
        first_run TEXT,
        last_run TEXT
    )
    """,
    """
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        command TEXT NOT NULL,
        job TEXT REFERENCES jobs (name),
        started_at TEXT NOT NULL,
        ended_at TEXT,
        counts TEXT NOT NULL DEFAULT '{}'
    )
    """,
    """
    CREATE TABLE clusters (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        head_id INTEGER REFERENCES articles (id)
    )
    """,
    # text is empty for a duplicate and never NULL: the text of duplicate_of is its text.
    """
    CREATE TABLE articles (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        url TEXT NOT NULL UNIQUE,
        canonical_url TEXT,
        site TEXT NOT NULL REFERENCES sites (site),
        title TEXT,
        authors TEXT NOT NULL DEFAULT '[]',
        published TEXT,
        modified TEXT,
        language TEXT,
        text TEXT NOT NULL,
        word_count INTEGER NOT NULL,
        text_sha256 TEXT NOT NULL,
        source TEXT,
        cluster_id INTEGER REFERENCES clusters (id),
        first_captured TEXT NOT NULL,
        last_captured TEXT NOT NULL,
        version INTEGER NOT NULL DEFAULT 1,
        duplicate_of INTEGER REFERENCES articles (id) CHECK (duplicate_of <> id),
        site_name TEXT,
        dateline TEXT,
        section TEXT,
        keywords TEXT NOT NULL DEFAULT '[]',
        captions TEXT NOT NULL DEFAULT '[]',
        images TEXT NOT NULL DEFAULT '[]',
        extractor TEXT NOT NULL DEFAULT '',
        CHECK (duplicate_of IS NULL OR text = '')
    )
    """,
    "CREATE INDEX articles_site ON articles (site)",
    "CREATE INDEX articles_published ON articles (published)",
    "CREATE INDEX articles_text_sha256 ON articles (text_sha256)",
    "CREATE INDEX articles_duplicate_of ON articles (duplicate_of) WHERE duplicate_of IS NOT NULL",
    "CREATE INDEX articles_cluster_id ON articles (cluster_id) WHERE cluster_id IS NOT NULL",
    """
    CREATE TABLE captures (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        url TEXT NOT NULL,
        key TEXT NOT NULL,
        requested_at TEXT NOT NULL,
        status INTEGER,
        outcome TEXT NOT NULL,
        mime TEXT,
        warc_file TEXT,
        warc_offset INTEGER,
        warc_length INTEGER,
        payload_digest TEXT,
        article_id INTEGER REFERENCES articles (id),
        job TEXT REFERENCES jobs (name),
        run_id INTEGER REFERENCES runs (id),
        error TEXT
    )
    """,
    "CREATE INDEX captures_key ON captures (key)",
    "CREATE INDEX captures_article_id ON captures (article_id) WHERE article_id IS NOT NULL",
    "CREATE INDEX captures_requested_at ON captures (requested_at)",
    "CREATE INDEX captures_job ON captures (job) WHERE job IS NOT NULL",
    "CREATE INDEX captures_outcome ON captures (outcome)",
    # One record, one capture: what is taken in again after a crash cannot stand here twice.
    """
    CREATE UNIQUE INDEX captures_record ON captures (warc_file, warc_offset) WHERE warc_file IS NOT NULL
    """,
    # The text of the version that stands is the article's; it moves here, whole, when another takes its place.
    """
    CREATE TABLE versions (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        article_id INTEGER NOT NULL REFERENCES articles (id),
        version INTEGER NOT NULL,
        captured_at TEXT NOT NULL,
        capture_id INTEGER REFERENCES captures (id),
        reason TEXT NOT NULL CHECK (reason IN ('captured', 're-extracted')),
        title TEXT,
        authors TEXT NOT NULL DEFAULT '[]',
        published TEXT,
        modified TEXT,
        language TEXT,
        text TEXT,
        word_count INTEGER NOT NULL,
        text_sha256 TEXT NOT NULL,
        extractor TEXT NOT NULL DEFAULT ''
    )
    """,
    "CREATE INDEX versions_article_id ON versions (article_id, version)",
    """
    CREATE UNIQUE INDEX versions_captured ON versions (article_id, version) WHERE reason = 'captured'
    """,
    "CREATE UNIQUE INDEX versions_standing ON versions (article_id) WHERE text IS NULL",
    """
    CREATE VIEW article_versions AS SELECT
        versions.id, versions.article_id, versions.version, versions.captured_at, versions.capture_id,
        versions.reason, versions.title, versions.authors, versions.published, versions.modified,
        versions.language, coalesce(versions.text, head.text, articles.text) AS text,
        versions.word_count, versions.text_sha256, versions.extractor
    FROM versions
    JOIN articles ON articles.id = versions.article_id
    LEFT JOIN articles AS head ON head.id = articles.duplicate_of
    """,
    """
    CREATE TABLE passages (
        article_id INTEGER NOT NULL REFERENCES articles (id),
        source_article_id INTEGER NOT NULL REFERENCES articles (id),
        start INTEGER NOT NULL,
        "end" INTEGER NOT NULL,
        source_start INTEGER NOT NULL,
        source_end INTEGER NOT NULL,
        words INTEGER NOT NULL,
        PRIMARY KEY (article_id, source_article_id, start)
    )
    """,
    "CREATE INDEX passages_source_article_id ON passages (source_article_id)",
    """
    CREATE TABLE field_origins (
        article_id INTEGER NOT NULL REFERENCES articles (id),
        field TEXT NOT NULL,
        position INTEGER NOT NULL,
        value TEXT NOT NULL,
        origin TEXT NOT NULL,
        chosen INTEGER NOT NULL CHECK (chosen IN (0, 1)),
        PRIMARY KEY (article_id, field, position)
    )
    """,
    """
    CREATE TABLE tags (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE
    )
    """,
    """
    CREATE TABLE article_tags (
        article_id INTEGER NOT NULL REFERENCES articles (id),
        tag_id INTEGER NOT NULL REFERENCES tags (id),
        PRIMARY KEY (article_id, tag_id)
    )
    """,
    "CREATE INDEX article_tags_tag_id ON article_tags (tag_id)",
)


@MIGRATIONS()
def m001_spine(db: Database) -> None:
    """Articles with their versions, captures, origins and tags, and the index over them."""
    for statement in _M001:
        db.execute(statement)
    db.table("meta").insert_all(
        [
            {"key": "text_digest_version", "value": str(TEXT_DIGEST_VERSION)},
            {"key": "fold_version", "value": str(FOLD_VERSION)},
        ]
    )
    create_index(db.conn)


_M002: Final = (
    # The kinds of change against the version before, weightiest first, as `archive.versions.KINDS` names them.
    "ALTER TABLE versions ADD COLUMN changes TEXT NOT NULL DEFAULT '[]'",
    # A capture whose payload another one holds: its record is a revisit, and the payload stands in that one's.
    "ALTER TABLE captures ADD COLUMN revisit_of INTEGER REFERENCES captures (id)",
    """
    CREATE INDEX captures_payload_digest ON captures (payload_digest)
    WHERE warc_file IS NOT NULL AND revisit_of IS NULL
    """,
    # head_id is the likely origin, and origin_basis says why; earliest_id was captured first.
    "ALTER TABLE clusters ADD COLUMN origin_basis TEXT",
    "ALTER TABLE clusters ADD COLUMN earliest_id INTEGER REFERENCES articles (id)",
    "ALTER TABLE clusters ADD COLUMN articles INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE clusters ADD COLUMN agencies TEXT NOT NULL DEFAULT '[]'",
    # Why the source is taken for the source: published, whole, captured or unknown.
    "ALTER TABLE passages ADD COLUMN basis TEXT NOT NULL DEFAULT 'unknown'",
    # One row for each article that holds a text of its own and was compared. A row of 0 octets: too short.
    """
    CREATE TABLE sketches (
        article_id INTEGER PRIMARY KEY REFERENCES articles (id),
        signature BLOB NOT NULL,
        agencies TEXT NOT NULL DEFAULT '[]'
    )
    """,
    # Keys of the newest articles wait here, one row an article, until a batch of them is sorted into sketch_keys.
    """
    CREATE TABLE sketch_keys_waiting (
        article_id INTEGER PRIMARY KEY REFERENCES articles (id),
        keys BLOB NOT NULL
    )
    """,
    """
    CREATE TABLE sketch_keys (
        key INTEGER NOT NULL,
        article_id INTEGER NOT NULL,
        PRIMARY KEY (key, article_id)
    ) WITHOUT ROWID
    """,
    # Confirmed pairs, the smaller id first.
    """
    CREATE TABLE near_duplicates (
        article_id INTEGER NOT NULL REFERENCES articles (id),
        other_article_id INTEGER NOT NULL REFERENCES articles (id) CHECK (other_article_id > article_id),
        jaccard REAL NOT NULL,
        PRIMARY KEY (article_id, other_article_id)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX near_duplicates_other ON near_duplicates (other_article_id)",
)


@MIGRATIONS()
def m002_links(db: Database) -> None:
    """Revisits, kinds of change, sketches of texts, and the pairs that they are found alike by.

    Articles that are held already are compared by the next run that writes.
    """
    for statement in _M002:
        db.execute(statement)


_M003: Final = (
    # One row for each article whose page is known as a witness of what its site repeats (scraper.extract.witness).
    # blocks: 0 octets once enough newer ones speak for the site. stale: read otherwise with what is known now.
    """
    CREATE TABLE witnesses (
        article_id INTEGER PRIMARY KEY REFERENCES articles (id),
        site TEXT NOT NULL REFERENCES sites (site),
        blocks BLOB NOT NULL,
        stale INTEGER NOT NULL DEFAULT 0 CHECK (stale IN (0, 1))
    )
    """,
    "CREATE INDEX witnesses_site ON witnesses (site, article_id)",
    "CREATE INDEX witnesses_stale ON witnesses (article_id) WHERE stale = 1",
    # blocks: key -> number of articles. waiting: witnesses that came since it was learnt.
    """
    CREATE TABLE site_furniture (
        site TEXT PRIMARY KEY REFERENCES sites (site),
        articles INTEGER NOT NULL DEFAULT 0,
        blocks TEXT NOT NULL DEFAULT '{}',
        revision INTEGER NOT NULL DEFAULT 0,
        heard INTEGER NOT NULL DEFAULT 0,
        waiting INTEGER NOT NULL DEFAULT 0
    )
    """,
)


@MIGRATIONS()
def m003_site_learning(db: Database) -> None:
    """What each site repeats around its articles, and the pages it was learnt from.

    Articles that are held already teach nothing until `archive reextract` reads them again.
    """
    for statement in _M003:
        db.execute(statement)


_FRONTIER: Final = (
    # One row for each address that was ever announced. state: waiting, held, refused (rejected, robots, gone), failed
    # or given-up. due_at: NULL where it is never asked again. attempts: since the last answer that was held.
    """
    CREATE TABLE frontier (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        key TEXT NOT NULL UNIQUE,
        url TEXT NOT NULL,
        title TEXT,
        published TEXT,
        first_seen TEXT NOT NULL,
        last_seen TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('waiting', 'held', 'refused', 'failed', 'given-up')),
        outcome TEXT,
        error TEXT,
        attempts INTEGER NOT NULL DEFAULT 0,
        asked_at TEXT,
        due_at TEXT,
        article_id INTEGER REFERENCES articles (id)
    )
    """,
    "CREATE INDEX frontier_due ON frontier (due_at) WHERE due_at IS NOT NULL",
    "CREATE INDEX frontier_article_id ON frontier (article_id) WHERE article_id IS NOT NULL",
    # Which job saw an address, and where. source: the key of a source, or what was imported.
    # left_out: why the job does not ask for it. matches: whether the announcement holds a word the job wants.
    # told: whether the job has had an answer for it, or was told that it is held.
    """
    CREATE TABLE sightings (
        job TEXT NOT NULL REFERENCES jobs (name),
        url_id INTEGER NOT NULL REFERENCES frontier (id),
        source TEXT NOT NULL,
        first_seen TEXT NOT NULL,
        last_seen TEXT NOT NULL,
        tags TEXT NOT NULL DEFAULT '[]',
        matches INTEGER NOT NULL DEFAULT 1 CHECK (matches IN (0, 1)),
        left_out TEXT,
        told INTEGER NOT NULL DEFAULT 0 CHECK (told IN (0, 1)),
        PRIMARY KEY (job, url_id, source)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX sightings_url_id ON sightings (url_id)",
    "CREATE INDEX sightings_source ON sightings (source, first_seen)",
    # Where a job looks for addresses: declared in its configuration (depth 0), or named by another source.
    # root: the declared one it was come to from. failures: in a row. seen, new: of the last reading.
    # title, tags: as imported from a feed reader, and what its articles are filed under besides the job's tags.
    """
    CREATE TABLE sources (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        job TEXT NOT NULL REFERENCES jobs (name),
        key TEXT NOT NULL,
        url TEXT NOT NULL,
        kind TEXT NOT NULL DEFAULT 'auto',
        found_kind TEXT,
        root TEXT NOT NULL,
        parent TEXT,
        depth INTEGER NOT NULL DEFAULT 0,
        declared INTEGER NOT NULL DEFAULT 0 CHECK (declared IN (0, 1)),
        title TEXT,
        tags TEXT NOT NULL DEFAULT '[]',
        rules TEXT NOT NULL DEFAULT '',
        first_asked TEXT,
        asked_at TEXT,
        answered_at TEXT,
        news_at TEXT,
        due_at TEXT,
        pause_seconds REAL,
        failures INTEGER NOT NULL DEFAULT 0,
        outcome TEXT,
        error TEXT,
        seen INTEGER NOT NULL DEFAULT 0,
        new INTEGER NOT NULL DEFAULT 0,
        moved_to TEXT,
        UNIQUE (job, key)
    )
    """,
    "CREATE INDEX sources_key ON sources (key)",
    # Sites (registrable domains) that failed when they were asked last. failures: in a row, since then.
    # until: they are left alone; see scraper.fetch.health.
    """
    CREATE TABLE hosts (
        host TEXT PRIMARY KEY,
        failures INTEGER NOT NULL,
        since TEXT,
        until TEXT,
        error TEXT
    )
    """,
    # What robots.txt files said; it holds for a day. octets: NULL where an origin has none.
    """
    CREATE TABLE robots (
        origin TEXT PRIMARY KEY,
        octets BLOB,
        asked_at TEXT NOT NULL
    )
    """,
)


@MIGRATIONS()
def m004_frontier(db: Database) -> None:
    """Addresses that were announced, where they were, and the sources and hosts they came from."""
    for statement in _FRONTIER:
        db.execute(statement)


_SORTED_RUNS: Final = (
    "DROP TABLE sketch_keys",
    # Keys of many articles, sorted, in chunks of a page (archive.store.runs). fences: the first key of each chunk, 8
    # octets each. filter: which keys it probably has.
    """
    CREATE TABLE sketch_runs (
        id INTEGER PRIMARY KEY,
        level INTEGER NOT NULL,
        postings INTEGER NOT NULL,
        fences BLOB NOT NULL,
        filter BLOB NOT NULL
    )
    """,
    # id: the run's times 2**32, and the place in the run. postings: keys, 8 octets each, then an article for each, 4.
    """
    CREATE TABLE sketch_chunks (
        id INTEGER PRIMARY KEY,
        postings BLOB NOT NULL
    )
    """,
    "DELETE FROM meta WHERE key IN ('sketch_version', 'sketching')",
)


@MIGRATIONS()
def m005_sorted_runs(db: Database) -> None:
    """Keys of sketches in sorted runs. The next run that writes compares everything anew."""
    for statement in _SORTED_RUNS:
        db.execute(statement)


_MEMENTOS: Final = (
    # Of a copy from a web archive: where it was had, and when that archive captured it. NULL for our own captures.
    "ALTER TABLE captures ADD COLUMN archive_url TEXT",
    "ALTER TABLE captures ADD COLUMN memento_at TEXT",
)


@MIGRATIONS()
def m006_mementos(db: Database) -> None:
    """Copies that were had from web archives, apart from captures of our own."""
    for statement in _MEMENTOS:
        db.execute(statement)


_NAMES: Final = (
    # Words of the archive that may be names. capitalised, small: how many articles write it so (archive.search.terms).
    """
    CREATE TABLE terms (
        term TEXT PRIMARY KEY,
        capitalised INTEGER NOT NULL DEFAULT 0,
        small INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID
    """,
    # Their consonants (archive.search.skeletons), by which spellings of one name are found.
    """
    CREATE TABLE term_skeletons (
        skeleton TEXT NOT NULL,
        term TEXT NOT NULL,
        PRIMARY KEY (skeleton, term)
    ) WITHOUT ROWID
    """,
    # Words of the newest articles, one row an article, until a batch of them is sorted into the tables above.
    """
    CREATE TABLE terms_waiting (
        article_id INTEGER PRIMARY KEY REFERENCES articles (id),
        keyed TEXT NOT NULL,
        names TEXT NOT NULL,
        small TEXT NOT NULL
    )
    """,
)


@MIGRATIONS()
def m007_names(db: Database) -> None:
    """The words by which other spellings of a name are found; indexes of authors and of texts without spaces.

    The words of articles that are held already are noted by the next run that writes.
    """
    for statement in (*_NAMES, *side_indexes_sql()):
        db.execute(statement)


_BITMAPS: Final = (
    *block_sql(),
    # With what each is a copy of, so that the articles of a site are listed without a look at each.
    "DROP INDEX articles_site",
    "CREATE INDEX articles_site ON articles (site, duplicate_of)",
)


@MIGRATIONS()
def m008_word_bitmaps(db: Database) -> None:
    """The articles that very common words stand in, as bits. They are made by runs that write, as they end."""
    for statement in _BITMAPS:
        db.execute(statement)


_STRUCTURES: Final = (
    # How the text is built: headings, lists, tables, links, by characters (scraper.extract.wire). NULL: unknown.
    "ALTER TABLE versions ADD COLUMN structure TEXT",
)


@MIGRATIONS()
def m009_structures(db: Database) -> None:
    """The structure of texts. Those that are held already have none until `archive reextract` reads them again."""
    for statement in _STRUCTURES:
        db.execute(statement)


_FACT_BITMAPS: Final = fact_sql()


@MIGRATIONS()
def m010_fact_bitmaps(db: Database) -> None:
    """The facts of articles as bits, for filters that very many pass. They are made by runs that write, as they end."""
    for statement in _FACT_BITMAPS:
        db.execute(statement)


_ORDER: Final = (
    *linked_sql(),
    *captured_sql(),
    *title_index_sql(),
    # With the job and the outcome, so that the captures of thousands of matches are counted without a look at each.
    "DROP INDEX captures_article_id",
    "CREATE INDEX captures_article_id ON captures (article_id, job, outcome) WHERE article_id IS NOT NULL",
)


@MIGRATIONS()
def m011_order(db: Database) -> None:
    """An index of titles, and more facts as bits, which the next run makes: clusters, days, jobs, outcomes, tags."""
    for statement in _ORDER:
        db.execute(statement)
