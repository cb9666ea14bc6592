"""The pages about one story: an article, why it reads as it does, what changed in it, and who else has it."""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import asdict
from itertools import groupby
from typing import Any

from datasette import Response

from archive.citation import cite, news_article
from archive.errors import NotFound
from archive.rendering import as_dict, version_as_dict
from archive.store.likeness import read_cluster
from archive.store.reading import MAX_ID, read_article, read_versions
from archive.versions import difference, differs, paragraphs
from archive.web.answers import json_page
from archive.web.body import body_of
from archive.web.mementos import memento_headers
from archive.web.reading import (
    MAX_CAPTURES,
    by_number,
    find_capture,
    read_captures,
    read_copies,
    read_origins,
)
from archive.web.relations import BASES, read_members, read_passages
from archive.web.rereading import explained
from archive.web.visit import Visit
from archive.web.words import origin_rows


async def article(visit: Visit) -> Response:
    """One article to read, as it stands or (`?version=N`) as it stood, and everything known about it."""
    asked = _version_number(visit, "version")

    def everything(connection: sqlite3.Connection) -> tuple[Any, ...]:
        shown = read_article(connection, visit.number, asked)
        versions = read_versions(connection, shown.id)
        stands = next((one.version == shown.version for one in versions if one.standing), True)
        return (
            shown,
            read_origins(connection, shown.id),
            read_captures(connection, shown.id),
            read_copies(connection, shown),
            versions,
            find_capture(connection, shown.warc) if shown.warc else None,
            read_passages(connection, shown) if stands else (),
            read_cluster(connection, shown.cluster_id) if shown.cluster_id is not None else None,
        )

    shown, origins, captures, copies, versions, record, passages, cluster = await visit.read(everything)
    origins = visit.shown_origins(origins)
    capture = next((one for number, one in captures if number == record), None)
    if visit.place.excerpt_chars is not None:
        shown, passages = visit.shown(shown), ()
    citation = cite(shown, capture)
    if visit.as_json:
        return json_page(
            {
                **as_dict(shown),
                "record": visit.urls(f"/record/{record}")
                if record and visit.place.excerpt_chars is None
                else None,
                "origins": {field: asdict(origin) for field, origin in origins.items()},
                "captures": [{"id": number, **asdict(capture)} for number, capture in captures],
                "copies": [asdict(copy) for copy in copies],
                "history": [version_as_dict(one) for one in versions],
                "passages": [asdict(one) for one in passages],
                "cluster": asdict(cluster) if cluster else None,
                "citation": asdict(citation),
            }
        )
    version = next((one for one in by_number(versions) if one.version == shown.version), None)
    return visit.page(
        "article.html",
        headers=memento_headers(visit, shown, version if asked else None),
        article=shown,
        body=body_of(shown, passages),
        origins=origin_rows(origins),
        captures=captures,
        more_captures=len(captures) == MAX_CAPTURES,
        copies=copies,
        cluster=cluster,
        asked_version=asked,
        versions=by_number(versions),
        readings=len(versions) - len(by_number(versions)),
        borrowed=_by_article(one for one in passages if one.borrowed),
        lent=_by_article(one for one in passages if not one.borrowed),
        bases=BASES,
        record=record,
        citation=citation,
        described=news_article(shown, text=shown.text if visit.place.excerpt_chars is None else None),
    )


async def explain(visit: Visit) -> Response:
    """Every block of an article's page in order, kept or dropped, with the rule or the score that decided."""
    visit.refuse_excerpted("the blocks of a page")
    shown = await visit.read(lambda connection: read_article(connection, visit.number, None))
    only = visit.argument("only")
    if only not in {None, "kept", "dropped"}:
        raise NotFound("only is kept or dropped")
    page = await explained(visit, shown.id)
    blocks = [block for block in page.blocks if only is None or block.kept == (only == "kept")]
    kept = sum(block.kept for block in page.blocks)
    rules = Counter((block.rule, block.kept) for block in page.blocks)
    if visit.as_json:
        return json_page(
            {
                "article_id": shown.id,
                "url": shown.url,
                "verdict": page.verdict,
                "reason": page.reason,
                "kept": kept,
                "dropped": len(page.blocks) - kept,
                "blocks": [block._asdict() for block in blocks],
                "text": page.text,
                "origins": {field: asdict(origin) for field, origin in page.origins.items()},
            }
        )
    return visit.page(
        "explain.html",
        article=shown,
        page=page,
        blocks=blocks,
        kept=kept,
        only=only,
        rules=sorted(
            ((rule, is_kept, count) for (rule, is_kept), count in rules.items()),
            key=lambda one: (-one[2], one[0]),
        ),
        as_held=page.text == shown.text,
    )


async def diff(visit: Visit) -> Response:
    """What changed from version `a` to version `b`; else from the last but one to the one that stands."""
    visit.refuse_excerpted("what was changed in it")
    older, newer = _version_number(visit, "a"), _version_number(visit, "b")

    def both(connection: sqlite3.Connection) -> tuple[Any, ...]:
        standing = read_article(connection, visit.number, None)
        b = newer if newer is not None else standing.version
        a = older if older is not None else b - 1
        if a < 1:
            raise NotFound(f"article {standing.id} has no version before {b}: nothing was changed yet")
        return (
            standing,
            read_article(connection, standing.id, a),
            read_article(connection, standing.id, b),
            read_versions(connection, standing.id),
        )

    standing, old, new, versions = await visit.read(both)
    found = difference(old, new)
    if visit.as_json:
        return json_page(
            {
                "article_id": standing.id,
                "a": old.version,
                "b": new.version,
                "kinds": list(found.kinds),
                "changes": [asdict(change) for change in found.changes],
                "title": [asdict(run) for run in found.title],
                "text": [asdict(run) for run in found.text],
            }
        )
    numbered = {one.version: one for one in by_number(versions)}
    return visit.page(
        "diff.html",
        article=standing,
        old=old,
        new=new,
        old_version=numbered[old.version],
        new_version=numbered[new.version],
        versions=tuple(numbered.values()),
        found=found,
        counts=Counter(change.kind for change in found.changes),
        paragraphs=[(differs(part), part) for part in paragraphs(found.text)],
    )


async def cluster(visit: Visit) -> Response:
    """Every article of a cluster by site and date, which one is likely the origin, and why."""
    if visit.number > MAX_ID:
        raise NotFound(f"no cluster with the number {visit.number}")
    summary, members = await visit.read(lambda connection: read_members(connection, visit.number))
    if visit.as_json:
        return json_page(
            {
                **asdict(summary),
                "origins": 1,
                "origin_reason": BASES.get(summary.origin_basis, summary.origin_basis),
                "members": [asdict(one) for one in members],
            }
        )
    numbered = {one.id: one for one in members}
    return visit.page(
        "cluster.html",
        cluster=summary,
        origin=numbered.get(summary.origin_id),
        earliest=numbered.get(summary.earliest_id),
        sites=[(site, tuple(some)) for site, some in groupby(members, key=lambda one: one.site)],
        more=summary.articles > len(members),
        bases=BASES,
    )


def _by_article(passages: Any) -> list[tuple[Any, ...]]:
    """Passages grouped by the other article, in the order of the text."""
    groups: dict[int, list[Any]] = {}
    for one in passages:
        groups.setdefault(one.article_id, []).append(one)
    return [tuple(group) for group in groups.values()]


def _version_number(visit: Visit, name: str) -> int | None:
    asked = visit.argument(name)
    if asked is None:
        return None
    if not (asked.isdecimal() and len(asked) < 10):
        raise NotFound(f"no version {asked}")
    return int(asked)
