"""Articles linked to those they are like: near-duplicates, clusters, borrowed passages.

Every function runs inside the transaction that writes the article, so that what is linked is what is held. What
comes of it does not depend on the order in which articles came, nor on those that came and went: a link rests on
two texts and on which of their fingerprints are standing text, and when that changes the links that rest on it are
made again. Nothing is deleted for being similar.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from archive.dedup.origins import agency_marks
from archive.dedup.passages import Witness, as_passages, coverage, is_source, shared_stretches
from archive.dedup.sketches import SKETCH_VERSION, Sketch
from archive.store.clustering import join_cluster, split_cluster
from archive.store.keys import KeyIndex
from archive.store.rows import Row, rows_of
from scraper.minhash import PARAMS, estimated_jaccard, jaccard
from scraper.similarity import words
from scraper.winnow import PASSAGES

if TYPE_CHECKING:
    from sqlite_utils import Database

MARGIN = 0.15
"""How far an estimate may fall below the threshold and the pair is still compared: 3.4 standard errors."""

_ARTICLE = """
    SELECT id, url, site, title, text, authors, source, dateline, published, first_captured, text_sha256
    FROM articles WHERE id = ? AND duplicate_of IS NULL
"""

Common = dict[int, bool]


class Linker:
    """Links articles of one open database. Make a new one after a transaction that failed."""

    def __init__(self, db: Database) -> None:
        self._connection = db.conn
        self._keys = KeyIndex(db.conn)
        self._sketch = lru_cache(maxsize=128)(_sketch_of_text)

    def is_current(self) -> bool:
        """Whether everything held was compared by the rules of today."""
        return self._meta("sketch_version") == SKETCH_VERSION

    def link_more(self, limit: int) -> int:
        """Compare some of the articles that were held before they could be compared by the rules of today.

        Returns: how many; 0 when that was all. How far it came stands in `meta`, part of the same transaction.
        """
        if self._meta("sketching") != SKETCH_VERSION:
            self.clear()
            self._note("sketching", SKETCH_VERSION)
            self._note("sketched_through", "0")
        found = self._connection.execute(
            "SELECT id FROM articles WHERE id > ? AND duplicate_of IS NULL ORDER BY id LIMIT ?",
            [int(self._meta("sketched_through") or 0), limit],
        )
        ids = [article_id for (article_id,) in found]
        for article_id in ids:
            self.link(article_id)
        if ids:
            self._note("sketched_through", str(ids[-1]))
        else:
            self._note("sketch_version", SKETCH_VERSION)
        return len(ids)

    def link(self, article_id: int) -> None:
        """Compare an article with all that are held. One that is linked already, or has no text, is left."""
        row = self._row(article_id)
        if row is None or self._has_sketch(article_id):
            self._join_copies(article_id)
            return
        sketch = self._sketch(row["text"])
        marks = agency_marks(
            row["text"], authors=json.loads(row["authors"]), source=row["source"], dateline=row["dateline"]
        )
        comparable = sketch.is_comparable
        self._connection.execute(
            "INSERT INTO sketches (article_id, signature, agencies) VALUES (?, ?, ?)",
            [article_id, sketch.signature.astype("<u4").tobytes() if comparable else b"", json.dumps(marks)],
        )
        if comparable:
            known = self._keys.lookup(sketch.keys)
            near = self._link_near(article_id, sketch, known)
            self._keys.add(article_id, sketch.keys, known)
            self._link_passages(article_id, sketch, known)
            join_cluster(self._connection, article_id, near)
        self._join_copies(article_id)

    def forget(self, article_id: int, text: str) -> None:
        """Undo `link`, before an article's text changes or goes. text: the one that was compared."""
        if not self._has_sketch(article_id):
            split_cluster(self._connection, article_id)
            return
        sketch = self._sketch(text)
        freed: set[frozenset[int]] = set()
        if sketch.is_comparable:
            postings = self._with(article_id, self._keys.lookup(sketch.fingerprints))
            common = self._common(postings)
            without = {key: [one for one in ids if one != article_id] for key, ids in postings.items()}
            still = self._common(without)
            freed = {
                frozenset((a, b))
                for key, ids in without.items()
                if common[key] and not still[key]
                for a in ids
                for b in ids
                if a < b
            }
            self._keys.remove(article_id, sketch.keys)
        for table in ("near_duplicates", "passages"):
            other = "other_article_id" if table == "near_duplicates" else "source_article_id"
            self._connection.execute(
                f"DELETE FROM {table} WHERE article_id = :id OR {other} = :id",  # noqa: S608 - our own words
                {"id": article_id},
            )
        self._connection.execute("DELETE FROM sketches WHERE article_id = ?", [article_id])
        split_cluster(self._connection, article_id)
        for pair in freed:
            self._link_pair(*sorted(pair))

    def clear(self) -> None:
        """Forget everything, to be linked anew: the rules have changed."""
        self._connection.execute("UPDATE articles SET cluster_id = NULL WHERE cluster_id IS NOT NULL")
        for table in (
            "clusters",
            "near_duplicates",
            "passages",
            "sketches",
            "sketch_keys_waiting",
            "sketch_runs",
            "sketch_chunks",
        ):
            self._connection.execute(f"DELETE FROM {table}")  # noqa: S608 - our own words
        self._connection.execute(
            "DELETE FROM meta WHERE key IN ('sketch_version', 'sketching', 'sketched_through')"
        )
        self._keys = KeyIndex(self._connection)

    # -- near-duplicates ----------------------------------------------------------------------------------

    def _link_near(self, article_id: int, sketch: Sketch, known: dict[int, list[int]]) -> list[int]:
        """Confirm the candidates; those that are near."""
        candidates = {other for key in sketch.bands.tolist() for other in known.get(key, ())} - {article_id}
        near = []
        for other in sorted(candidates):
            found = self._connection.execute(
                "SELECT s.signature, a.text FROM sketches AS s JOIN articles AS a ON a.id = s.article_id "
                "WHERE s.article_id = ?",
                [other],
            ).fetchone()
            if found is None:
                continue
            held = np.frombuffer(found[0], "<u4")
            if estimated_jaccard(sketch.signature, held) < PARAMS.threshold - MARGIN:
                continue
            similarity = jaccard(sketch.shingles, self._sketch(found[1]).shingles)
            if similarity >= PARAMS.threshold:
                near.append(other)
                self._connection.execute(
                    "INSERT INTO near_duplicates (article_id, other_article_id, jaccard) VALUES (?, ?, ?)",
                    [*sorted((article_id, other)), round(similarity, 4)],
                )
        return near

    def _join_copies(self, article_id: int) -> None:
        """Put exact copies into the cluster of their head."""
        copies = [
            one
            for (one,) in self._connection.execute(
                "SELECT id FROM articles WHERE duplicate_of = :id "
                "UNION SELECT duplicate_of FROM articles WHERE id = :id AND duplicate_of IS NOT NULL",
                {"id": article_id},
            )
        ]
        join_cluster(self._connection, article_id, copies)

    # -- passages -----------------------------------------------------------------------------------------

    def _link_passages(self, article_id: int, sketch: Sketch, before: dict[int, list[int]]) -> None:
        prints = set(sketch.fingerprints.tolist())
        known = {key: ids for key, ids in before.items() if key in prints}
        if not known:
            return
        postings = {key: sorted({*ids, article_id}) for key, ids in known.items()}
        common, was_common = self._common(postings), self._common(known)
        counts: dict[int, int] = {}
        for key, ids in known.items():
            if not common[key]:
                for other in ids:
                    counts[other] = counts.get(other, 0) + 1
        for other, count in sorted(counts.items()):
            if count >= PASSAGES.shared:
                self._link_pair(article_id, other)
        spoilt = {one for key, ids in known.items() if common[key] and not was_common[key] for one in ids}
        for a, b in self._pairs_with_passages(spoilt):
            self._link_pair(a, b)

    def _link_pair(self, a: int, b: int) -> None:
        """Write the passages that two articles share, anew."""
        self._connection.execute(
            "DELETE FROM passages WHERE (article_id = :a AND source_article_id = :b) "
            "OR (article_id = :b AND source_article_id = :a)",
            {"a": a, "b": b},
        )
        row_a, row_b = self._row(a), self._row(b)
        if row_a is None or row_b is None or self._is_near(a, b):
            return
        one, other = self._sketch(row_a["text"]), self._sketch(row_b["text"])
        shared = np.intersect1d(one.fingerprints, other.fingerprints, assume_unique=True)
        if len(shared) < PASSAGES.shared:
            return
        common = self._common(self._with(a, self._with(b, self._keys.lookup(shared))))
        telling = [key for key in shared.tolist() if not common[key]]
        if len(telling) < PASSAGES.shared:
            return
        stretches = shared_stretches(one, other, telling, one_site=row_a["site"] == row_b["site"])
        if not stretches:
            return
        from_a, basis = is_source(_witness(row_a), _witness(row_b), coverage(stretches, one, other))
        found = as_passages(stretches, one, other)
        for passage in found:
            here, there = (passage.start, passage.end), (passage.source_start, passage.source_end)
            if from_a:
                here, there = there, here
            self._connection.execute(
                'INSERT OR REPLACE INTO passages (article_id, source_article_id, start, "end", source_start, '
                "source_end, words, basis) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [b if from_a else a, a if from_a else b, *here, *there, passage.words, basis],
            )

    def _common(self, postings: dict[int, list[int]]) -> Common:
        """For each fingerprint, whether it is standing text: of too many articles, or titles of one site."""
        few = {key: ids for key, ids in postings.items() if len(ids) <= PASSAGES.most_articles}
        titles = self._titles({one for ids in few.values() if len(ids) > PASSAGES.most_titles for one in ids})
        verdicts = dict.fromkeys(postings, True)
        for key, ids in few.items():
            by_site: dict[str, set[str]] = {}
            if len(ids) > PASSAGES.most_titles:
                for one in ids:
                    site, title = titles[one]
                    by_site.setdefault(site, set()).add(title)
            verdicts[key] = any(len(found) > PASSAGES.most_titles for found in by_site.values())
        return verdicts

    def _titles(self, ids: Collection[int]) -> dict[int, tuple[str, str]]:
        found: dict[int, tuple[str, str]] = {}
        for one in ids:
            site, title = self._connection.execute(
                "SELECT site, coalesce(title, '') FROM articles WHERE id = ?", [one]
            ).fetchone()
            found[one] = site, " ".join(words(title))
        return found

    def _with(self, article_id: int, postings: dict[int, list[int]]) -> dict[int, list[int]]:
        return {key: sorted({*ids, article_id}) for key, ids in postings.items()}

    def _pairs_with_passages(self, ids: Iterable[int]) -> set[tuple[int, int]]:
        wanted = set(ids)
        found = set()
        for one in wanted:
            for (other,) in self._connection.execute(
                "SELECT DISTINCT source_article_id FROM passages WHERE article_id = ?", [one]
            ):
                if other in wanted:
                    found.add((one, other))
        return found

    # -- what is held -------------------------------------------------------------------------------------

    def _meta(self, key: str) -> str | None:
        found = self._connection.execute("SELECT value FROM meta WHERE key = ?", [key]).fetchone()
        return found[0] if found else None

    def _note(self, key: str, value: str) -> None:
        self._connection.execute(
            "INSERT INTO meta (key, value) VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = :value",
            {"key": key, "value": value},
        )

    def _row(self, article_id: int) -> Row | None:
        found = rows_of(self._connection.execute(_ARTICLE, [article_id]))
        return found[0] if found else None

    def _has_sketch(self, article_id: int) -> bool:
        found = self._connection.execute("SELECT 1 FROM sketches WHERE article_id = ?", [article_id])
        return found.fetchone() is not None

    def _is_near(self, a: int, b: int) -> bool:
        found = self._connection.execute(
            "SELECT 1 FROM near_duplicates WHERE article_id = ? AND other_article_id = ?", sorted((a, b))
        )
        return found.fetchone() is not None


def _sketch_of_text(text: str) -> Sketch:
    return Sketch(text)


def _witness(row: Row) -> Witness:
    return Witness(row["id"], row["published"], row["first_captured"])
