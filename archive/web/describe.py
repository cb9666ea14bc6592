"""What every table and column of an archive means, in the words that Datasette shows above them. Data alone.

The meanings are those of `CONTRACT.md`, "Tables", and of `archive/store/migrations.py`.
"""

from __future__ import annotations

from typing import Any, Final

DATABASE: Final = {
    "title": "Article archive",
    "description": "News articles: the clean text of each, its versions, and every capture it was read from.",
    "source": "The pages named in articles.url, as captured",
    "about": "article-archive",
}

TABLES: Final = {
    "articles": "The articles as they stand now, one row for each URL.",
    "versions": "Every version of an article, oldest first. The text of the standing one is in articles.",
    "article_versions": "Every version of an article with its text, the standing one included.",
    "captures": "One row for each fetch of one URL at one instant, with its place in the WARC files.",
    "sites": "The hosts that articles came from.",
    "field_origins": "Every value that a page offered for a field, where it stood, and which one was taken.",
    "clusters": "Groups of articles that are near-duplicates of one another.",
    "passages": "Stretches of text that one article has from another.",
    "near_duplicates": "Pairs of articles whose texts were found alike, word for word.",
    "sketches": "Sketches of texts, by which near-duplicates are looked for.",
    "sketch_keys_waiting": "Keys of sketches: articles that share one are compared. Those that are not in a run yet.",
    "sketch_runs": "Keys of sketches in order, many articles together.",
    "sketch_chunks": "What each run consists of.",
    "witnesses": "What the pages of articles show of their sites, as hashes.",
    "site_furniture": "What each site repeats around its articles, as hashes; learnt from two articles on.",
    "tags": "The tags that articles were given.",
    "article_tags": "Which article has which tag.",
    "jobs": "Standing orders to crawl.",
    "frontier": "Every address that was ever announced, what became of it, and when it is due again.",
    "sightings": "Which job saw an address, in which source, and why it does not ask for it where it does not.",
    "sources": "Feeds, sitemaps and pages of links: what jobs are given, and what those lead to.",
    "hosts": "Sites that did not answer when they were asked last, and until when they are left alone.",
    "robots": "What robots.txt files said; it holds for a day.",
    "runs": "Each time that something was added or crawled, and what came of it.",
    "articles_folded": "Title and text as they are searched: case, accents and spellings folded.",
    "articles_fts": "The full-text index of articles.",
    "meta": "The versions of what this database was made with.",
}

_WHEN = "UTC, ISO 8601."

COLUMNS: Final[dict[str, dict[str, str]]] = {
    "articles": {
        "id": "The number of the article; it never changes.",
        "url": "Final URL after redirects, normalised.",
        "canonical_url": "What the page claims as its canonical URL. Evidence, not identity.",
        "site": "Host of the URL, without www.",
        "title": "Headline.",
        "authors": "People only, as a JSON array.",
        "published": "Date, or date and time with its offset, as the page states it.",
        "modified": "When the page says it was changed.",
        "language": "ISO 639 code of the text.",
        "text": "Main content; paragraphs are parted by a blank line. Empty for a duplicate.",
        "word_count": "Words of the main content.",
        "text_sha256": "Digest of the words of the text: equal for equal texts.",
        "source": "Agencies and outlets named as the source, never a person.",
        "cluster_id": "Articles with the same cluster are near-duplicates.",
        "first_captured": f"First capture that held this article. {_WHEN}",
        "last_captured": f"Latest capture that held this article. {_WHEN}",
        "version": "Number of the version that stands.",
        "duplicate_of": "The article whose text this one has exactly; the text is held there, once.",
        "site_name": "What the page calls its site.",
        "dateline": "Place that the text opens with.",
        "section": "Section of the site.",
        "keywords": "The page's own keywords, as a JSON array.",
        "captions": "Captions of images, as a JSON array.",
        "images": "Images of the main content: URL, caption and alternative text, as a JSON array.",
        "extractor": "Names and versions of the programs that read the page.",
    },
    "versions": {
        "id": "The number of this row.",
        "article_id": "The article.",
        "version": "1 for the first.",
        "captured_at": f"When this version was captured. {_WHEN}",
        "capture_id": "The capture it was read from.",
        "reason": "captured: the publisher changed it. re-extracted: we read the same capture better.",
        "title": "Headline of this version.",
        "authors": "Authors of this version, as a JSON array.",
        "published": "Date that this version states.",
        "modified": "Change that this version states.",
        "language": "ISO 639 code of the text.",
        "text": "Text of this version; NULL for the one that stands, whose text is in articles.",
        "word_count": "Words of this version.",
        "text_sha256": "Digest of the words of this version.",
        "extractor": "Names and versions of the programs that read the page.",
        "changes": "Kinds of change against the version before, as a JSON array.",
    },
    "article_versions": {
        "id": "The number of the row in versions.",
        "article_id": "The article.",
        "version": "1 for the first.",
        "captured_at": f"When this version was captured. {_WHEN}",
        "capture_id": "The capture it was read from.",
        "reason": "captured: the publisher changed it. re-extracted: we read the same capture better.",
        "title": "Headline of this version.",
        "authors": "Authors of this version, as a JSON array.",
        "published": "Date that this version states.",
        "modified": "Change that this version states.",
        "language": "ISO 639 code of the text.",
        "text": "Text of this version.",
        "word_count": "Words of this version.",
        "text_sha256": "Digest of the words of this version.",
        "extractor": "Names and versions of the programs that read the page.",
    },
    "captures": {
        "id": "The number of the capture; /record/ID gives its WARC record.",
        "url": "Target URI as it was requested.",
        "key": "The URL normalised: equal for every spelling of it.",
        "requested_at": f"When the request was sent. {_WHEN}",
        "status": "HTTP status code; NULL where no answer came.",
        "outcome": "What became of it: new, changed, unchanged, duplicate, rejected, robots, gone, failed, "
        "or a step on the way (redirect, robots-txt, retried, lookup in a web archive).",
        "mime": "Media type that the server stated.",
        "warc_file": "File that holds the record; NULL where nothing was received.",
        "warc_offset": "Where in that file the record begins, in bytes.",
        "warc_length": "Length of the record as stored, in bytes.",
        "archive_url": "Where a web archive's copy was had; NULL for our own captures.",
        "memento_at": "When that web archive captured the copy.",
        "payload_digest": "WARC-Payload-Digest: over the body, transfer coding undone, content coding kept.",
        "article_id": "The article that this capture led to.",
        "job": "The job it was fetched for.",
        "run_id": "The run it was fetched in.",
        "revisit_of": "The capture that holds the payload, where this one is a revisit record.",
        "error": "For rejected the verdict on the page, else what went wrong.",
    },
    "sites": {
        "site": "Host without www.",
        "name": "What its pages call it, else the host.",
        "first_captured": f"First capture of an article of this site. {_WHEN}",
        "last_captured": f"Latest capture of an article of this site. {_WHEN}",
    },
    "field_origins": {
        "article_id": "The article.",
        "field": "Name of the field.",
        "position": "Order in which the candidates were found.",
        "value": "The value on offer.",
        "origin": "Where in the page it stands: json-ld, og:title, …",
        "chosen": "1 for the value that was taken.",
    },
    "clusters": {
        "id": "The number of the cluster.",
        "head_id": "The article that stands for it: the likely origin.",
        "origin_basis": "Why that one is likely the origin.",
        "earliest_id": "The article of it that was captured first.",
        "articles": "How many articles it has.",
        "agencies": "Agencies named in its texts or bylines, as a JSON array.",
    },
    "passages": {
        "article_id": "The article that has the passage.",
        "source_article_id": "The article it is likely from.",
        "start": "First character in the article's text.",
        "end": "Character after the last in the article's text.",
        "source_start": "First character in the source's text.",
        "source_end": "Character after the last in the source's text.",
        "words": "Words of the passage.",
        "basis": "Why the source is taken for the source: published, whole, captured or unknown.",
    },
    "near_duplicates": {
        "article_id": "The article of the pair with the smaller number.",
        "other_article_id": "The other article.",
        "jaccard": "Share of their three-word shingles that both have, 0 to 1.",
    },
    "sketches": {
        "article_id": "The article.",
        "signature": "MinHash signature of its text; empty where that is too short to compare.",
        "agencies": "Agencies that its text or byline names, as a JSON array.",
    },
    "sketch_keys_waiting": {
        "article_id": "An article compared lately.",
        "keys": "Its keys, until they are sorted in.",
    },
    "sketch_runs": {
        "id": "Number of the run.",
        "level": "Size of the run: runs of one size become one of the next.",
        "postings": "How many pairs of a key and an article it has.",
        "fences": "The first key of each of its chunks, 8 octets each.",
        "filter": "Bits that tell which keys it probably has.",
    },
    "sketch_chunks": {
        "id": "Number of the run times 2**32, and the place in it.",
        "postings": "Keys in order, 8 octets each, then the article of each, 4 octets.",
    },
    "witnesses": {
        "article_id": "The article.",
        "site": "Its site.",
        "blocks": "Hashes of the blocks of its page; empty once newer pages speak for the site.",
        "stale": "1 where the page would read otherwise with what is known of the site now: it is read again.",
    },
    "site_furniture": {
        "site": "The site.",
        "articles": "How many different articles it was learnt from.",
        "blocks": "Hash of a block -> how many of them it stands on, as JSON.",
        "revision": "How often it was learnt anew.",
        "heard": "Pages it was learnt from, copies included.",
        "waiting": "Pages that came since.",
    },
    "tags": {
        "id": "The number of the tag.",
        "name": "The tag.",
    },
    "article_tags": {
        "article_id": "The article.",
        "tag_id": "The tag.",
    },
    "jobs": {
        "name": "Name of the job.",
        "first_run": f"Its first run. {_WHEN}",
        "last_run": f"Its latest run. {_WHEN}",
    },
    "frontier": {
        "id": "The number of the address.",
        "key": "The URL normalised: equal for every spelling of it.",
        "url": "The URL as it was announced first.",
        "title": "Title as announced.",
        "published": "Date as announced; of a plain sitemap the last change.",
        "first_seen": f"When it was announced first. {_WHEN}",
        "last_seen": f"When it was announced last. {_WHEN}",
        "state": "waiting, held, refused (rejected, robots, gone), failed (to be tried again) or given-up.",
        "outcome": "Outcome of the last asking.",
        "error": "What went wrong then.",
        "attempts": "Askings since the last answer that was held.",
        "asked_at": f"When it was asked last. {_WHEN}",
        "due_at": f"When it is asked again; NULL: never. {_WHEN}",
        "article_id": "The article it led to.",
    },
    "sightings": {
        "job": "The job.",
        "url_id": "The address, by its number in frontier.",
        "source": "The source that announced it, or what it was imported from.",
        "first_seen": f"When it stood there first. {_WHEN}",
        "last_seen": f"When it stood there last. {_WHEN}",
        "tags": "What its article is filed under, as a JSON array.",
        "matches": "Whether the announcement holds a word that the job wants.",
        "left_out": "Why the job does not ask for it; NULL where it does.",
        "told": "Whether the job has had an answer for it.",
    },
    "sources": {
        "id": "The number of the source.",
        "job": "The job.",
        "key": "Its URL normalised.",
        "url": "Its URL.",
        "title": "What it calls itself, or was called where it was imported.",
        "kind": "What it is said to be: auto, feed, sitemap, news-sitemap, page or site.",
        "found_kind": "What it turned out to be.",
        "root": "The declared source that it was come to from.",
        "parent": "The source that names it; NULL for a declared one.",
        "depth": "Steps from the declared source; 0 for that itself.",
        "declared": "Whether the configuration names it.",
        "tags": "What its articles are filed under, as a JSON array, where it was imported.",
        "rules": "Digest of what the job chooses by: when that changes, the source is read anew.",
        "first_asked": f"When it was asked first. {_WHEN}",
        "asked_at": f"When it was asked last. {_WHEN}",
        "answered_at": f"When it answered last. {_WHEN}",
        "news_at": f"When it announced something new last. {_WHEN}",
        "due_at": f"When it is asked again. {_WHEN}",
        "pause_seconds": "From the last asking to the next.",
        "failures": "Failures in a row.",
        "outcome": "What came of the last asking: read, unchanged, gone, robots or failed.",
        "error": "What went wrong then.",
        "seen": "Addresses that the last reading found.",
        "new": "Those of them that nobody had announced before.",
        "moved_to": "Where it has moved for good.",
    },
    "hosts": {
        "host": "Registrable domain, or address.",
        "failures": "Failures in a row.",
        "since": f"When the first of them was. {_WHEN}",
        "until": f"Until when it is left alone; NULL while it is asked as ever. {_WHEN}",
        "error": "The last of them.",
    },
    "robots": {
        "origin": "Scheme, host and port.",
        "octets": "The robots.txt; NULL where there is none.",
        "asked_at": f"When it was asked for. {_WHEN}",
    },
    "runs": {
        "id": "The number of the run.",
        "command": "The command that was given.",
        "job": "The job it was for.",
        "started_at": f"When it began. {_WHEN}",
        "ended_at": f"When it ended; NULL while it runs, or where it was cut off. {_WHEN}",
        "counts": "How often each outcome came of it, as JSON.",
    },
    "articles_folded": {
        "id": "The article.",
        "title": "Title as it is searched.",
        "text": "Text as it is searched.",
        "spelling": "Title and text as written, where folding changes them.",
    },
    "articles_fts": {
        "title": "Words of the title.",
        "text": "Words of the text.",
        "spelling": "Words as written, where folding changes them.",
    },
    "meta": {
        "key": "What.",
        "value": "Its version.",
    },
}

SETTINGS_OF_TABLES: Final[dict[str, dict[str, Any]]] = {
    "articles": {"label_column": "title", "sort_desc": "id"},
    "captures": {"label_column": "url", "sort_desc": "id"},
    "runs": {"label_column": "command", "sort_desc": "id"},
    "sites": {"label_column": "name"},
    "tags": {"label_column": "name"},
    "meta": {"hidden": True},
    "sketches": {"hidden": True},
    "sketch_keys_waiting": {"hidden": True},
    "sketch_runs": {"hidden": True},
    "sketch_chunks": {"hidden": True},
    "witnesses": {"hidden": True},
    "site_furniture": {"hidden": True},
    "_sqlite_migrations": {"hidden": True},
}
"""How Datasette shows the tables: what names a row, newest first, and what is not for readers."""


def metadata(database: str) -> dict[str, Any]:
    """Descriptions and settings of every table, in the form that Datasette 0.65 reads; the caller may change it."""
    tables = {
        name: {
            **({"description": TABLES[name], "columns": dict(COLUMNS[name])} if name in TABLES else {}),
            **SETTINGS_OF_TABLES.get(name, {}),
        }
        for name in (*TABLES, *(SETTINGS_OF_TABLES.keys() - TABLES.keys()))
    }
    return {"databases": {database: {**DATABASE, "tables": tables}}}


def settings_of_tables(database: str) -> dict[str, Any]:
    """The settings alone, in the form that both lines take when they are started."""
    return {
        "databases": {
            database: {"tables": {name: dict(one) for name, one in SETTINGS_OF_TABLES.items()}},
        }
    }
