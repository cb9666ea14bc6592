"""What each site repeats around its articles, learnt as they come; and which of them would read otherwise now.

Runs inside the transaction that writes the article, so that what is learnt is what is held. Of every article the hashes
of its page's blocks are kept while it is among the newest `MOST_WITNESSES` of its site: what a site repeated years
ago its pages of today do not show. Learning anew reads those rows, so it waits until half as many more have come:
on average an article pays for three, however many the site has.

Articles are counted, not addresses: copies and near-duplicates, which `linking` has found by then, are one witness; but
not those that are alike only in the clutter (`archive.dedup.stories`).
"""

from __future__ import annotations

import json
import sqlite3
from collections import OrderedDict
from collections.abc import Iterable
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from archive.model import SiteFurniture, SiteWitness
from scraper.model import Furniture

if TYPE_CHECKING:
    from scraper.extract.witness import Telling

MOST_WITNESSES: Final = 100
"""Newest pages of a site that speak for it. Two do nearly all of the good (`facts/dedup-search.md`, same-site
learning); a hundred tell a standing notice from a story that ran for a week, and cost 200 kB a site."""

_FEWEST: Final = 2
"""Pages from which on anything can be learnt (`scraper.extract.furniture.FEWEST_ARTICLES`)."""

_GROWTH: Final = 2
"""It is learnt anew when one has come since for so many that it was learnt from."""

_MOST_COMPARED: Final = 10
"""Stories of one cluster that a page is compared with: more than a few are there only in clutter not yet known."""

_REMEMBERED: Final = 500
"""Sites whose furniture stays in memory: some 10 kB each."""

NOTHING: Final = SiteFurniture(None, 0)


class Furnishing:
    """The furniture of the sites of one open database. Make a new one after a transaction that failed."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._known: OrderedDict[str, SiteFurniture] = OrderedDict()

    def of(self, site: str) -> SiteFurniture:
        """What a site is known to repeat."""
        if site not in self._known:
            self._known[site] = read_furniture(self._connection, site)
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        self._known.move_to_end(site)
        return self._known[site]

    def note(self, article_id: int, witness: SiteWitness, *, settled: bool = False) -> None:
        """Keep what the page of an article shows, in place of what it showed before, and learn from it in time.

        settled: whether it was read with what is known of the site now, and so has nothing left to gain from it.
        """
        from scraper.extract.witness import reads_otherwise, unpack  # noqa: PLC0415 - numpy; who reads needs none

        found = self._connection.execute("SELECT site FROM articles WHERE id = ?", [article_id]).fetchone()
        page = unpack(witness.packed)
        if found is None or page is None:
            return
        (site,) = found
        known = self.of(site)
        stale = (
            known.furniture is not None
            and not (settled and witness.revision == known.revision)
            and reads_otherwise(page, known.furniture)
        )
        is_new = (
            self._connection.execute(
                "SELECT 1 FROM witnesses WHERE article_id = ? AND site = ?", [article_id, site]
            ).fetchone()
            is None
        )
        self._connection.execute(
            "INSERT INTO witnesses (article_id, site, blocks, stale) VALUES (?, ?, ?, ?) ON CONFLICT (article_id) "
            "DO UPDATE SET site = excluded.site, blocks = excluded.blocks, stale = excluded.stale",
            [article_id, site, witness.packed, int(stale)],
        )
        if is_new:
            self._count(site)

    def _count(self, site: str) -> None:
        """Note that one more page speaks for a site, and learn anew when enough have come."""
        heard, waiting = self._connection.execute(
            "INSERT INTO site_furniture (site, waiting) VALUES (?, 1) "
            "ON CONFLICT (site) DO UPDATE SET waiting = waiting + 1 RETURNING heard, waiting",
            [site],
        ).fetchone()
        if heard + waiting >= _FEWEST and waiting >= max(1, heard // _GROWTH):
            self.learn(site)

    def learn(self, site: str) -> None:
        """Learn anew what a site repeats, and mark the articles that would read otherwise with it."""
        from scraper.extract.witness import learn_from, reads_otherwise  # noqa: PLC0415 - as above

        pages = self._witnesses(site)
        before = self.of(site)
        furniture = learn_from(told for _, told in pages)
        blocks = json.dumps(dict(furniture.blocks), separators=(",", ":"))
        stored = self._connection.execute(
            "SELECT articles, blocks FROM site_furniture WHERE site = ?", [site]
        ).fetchone()
        is_other = stored != (furniture.articles, blocks)
        self._connection.execute(
            "UPDATE site_furniture SET articles = ?, blocks = ?, revision = revision + ?, heard = ?, waiting = 0 "
            "WHERE site = ?",
            [furniture.articles, blocks, int(is_other), len(pages), site],
        )
        if not is_other:
            return
        self._known[site] = SiteFurniture(furniture if furniture.blocks else None, before.revision + 1)
        stale = {article_id for article_id, told in pages if reads_otherwise(told.page, furniture)}
        self._mark(site, stale)

    def _witnesses(self, site: str) -> list[tuple[int, Telling]]:
        """The newest pages of a site with the story each is known to tell; older ones are let go."""
        from scraper.extract.witness import Telling, unpack  # noqa: PLC0415 - as above

        rows = self._connection.execute(
            """
            SELECT w.article_id, w.blocks, a.title, a.cluster_id, coalesce(a.duplicate_of, a.id)
            FROM witnesses AS w JOIN articles AS a ON a.id = w.article_id
            WHERE w.site = ? AND length(w.blocks) > 0 ORDER BY w.article_id DESC
            """,
            [site],
        ).fetchall()
        for article_id, *_ in rows[MOST_WITNESSES:]:
            self._connection.execute(
                "UPDATE witnesses SET blocks = x'', stale = 0 WHERE article_id = ?", [article_id]
            )
        clusters: dict[int, set[int]] = {}
        for _, _, _, cluster_id, head_id in rows[:MOST_WITNESSES]:
            if cluster_id is not None:
                clusters.setdefault(cluster_id, set()).add(head_id)
        story_of = {one: head for heads in clusters.values() for one, head in self._stories(heads).items()}
        found = []
        for article_id, blocks, title, _, head_id in rows[:MOST_WITNESSES]:
            page = unpack(blocks)
            if page is not None:
                found.append((article_id, Telling(page, title, story_of.get(head_id, head_id))))
        return found

    def _stories(self, heads: set[int]) -> dict[int, int]:
        """Near-duplicates of one site by the first that tells the same story."""
        from archive.dedup.stories import is_one_story  # noqa: PLC0415 - as above

        first: dict[int, tuple[str, str | None]] = {}
        story_of: dict[int, int] = {}
        for one in sorted(heads):
            text, title = self._connection.execute(
                "SELECT text, title FROM articles WHERE id = ?", [one]
            ).fetchone()
            story_of[one] = one
            for head, (other_text, other_title) in list(first.items())[:_MOST_COMPARED]:
                if is_one_story(text, other_text, title, other_title):
                    story_of[one] = head
                    break
            else:
                first[one] = text, title
        return story_of

    def _mark(self, site: str, stale: Iterable[int]) -> None:
        self._connection.execute("UPDATE witnesses SET stale = 0 WHERE site = ? AND stale = 1", [site])
        self._connection.executemany(
            "UPDATE witnesses SET stale = 1 WHERE article_id = ?", [(one,) for one in sorted(stale)]
        )


def read_furniture(connection: sqlite3.Connection, site: str) -> SiteFurniture:
    """What a site is known to repeat; `NOTHING` of one that is not known."""
    found = connection.execute(
        "SELECT articles, blocks, revision FROM site_furniture WHERE site = ?", [site]
    ).fetchone()
    if found is None:
        return NOTHING
    articles, stored, revision = found
    blocks = json.loads(stored)
    return SiteFurniture(Furniture(articles, MappingProxyType(blocks)) if blocks else None, revision)


def read_stale(connection: sqlite3.Connection, limit: int) -> list[int]:
    """Articles that would read otherwise with what is known of their sites now, the oldest first."""
    return [
        one
        for (one,) in connection.execute(
            "SELECT article_id FROM witnesses WHERE stale = 1 ORDER BY article_id LIMIT ?", [limit]
        )
    ]


def is_stale(connection: sqlite3.Connection, article_id: int) -> bool:
    """Whether an article is one of those."""
    found = connection.execute(
        "SELECT 1 FROM witnesses WHERE article_id = ? AND stale = 1", [article_id]
    ).fetchone()
    return found is not None


def settle(connection: sqlite3.Connection, article_id: int) -> None:
    """Note that an article cannot be read otherwise: its page is not there any more."""
    connection.execute("UPDATE witnesses SET stale = 0 WHERE article_id = ?", [article_id])
