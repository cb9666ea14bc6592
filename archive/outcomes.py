"""From what the web said to an outcome word, and from a page to what is stored of it. Pure."""

from __future__ import annotations

import os.path
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from archive.model import ArticleDraft, CaptureRow, Kept, Outcome, Supporting
from scraper.errors import BadStatus, BadUrl, FetchError, RobotsDenied
from scraper.extract.wire import structure_to_json
from scraper.model import Exchange, Fetched, Page
from scraper.similarity import article_digest, word_count
from scraper.urls import normalise, site_of, target_uri

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_GONE = frozenset({404, 410})


def outcome_of(error: FetchError) -> Outcome:
    """The outcome word of a fetch that gave no page."""
    if isinstance(error, RobotsDenied):
        return "robots"
    if isinstance(error, BadStatus) and error.status in _GONE:
        return "gone"
    return "failed"


def safe_uri(url: str) -> str:
    """A URL as it may be stored: no secret, no fragment; as given where it is none at all."""
    try:
        return target_uri(url)
    except BadUrl:
        return url


def key_of(url: str) -> str:
    """The key of a URL that a server answered for, or the URL itself where no key can be made of it."""
    try:
        return normalise(url)
    except BadUrl:
        return url


def final_uri(fetched: Fetched) -> str:
    """The target URI that the last answer is for, or that the chain broke at; as asked, when nothing answered."""
    if not fetched.exchanges:
        return fetched.url
    if fetched.error is not None:
        return fetched.error.target_uri
    return fetched.exchanges[-1].target_uri


def capture_rows(
    fetched: Fetched,
    locations: Sequence[Kept],
    outcome: Outcome | Supporting,
    error: str | None,
    *,
    job: str | None = None,
    unanswered: CaptureRow | None = None,
) -> tuple[CaptureRow, ...]:
    """One row for each exchange of a fetch, support first, the outcome on the last.

    locations: where each exchange stands, support first, in order.
    unanswered: the row to end with when the last thing asked for was not answered at all.
    """
    support = len(fetched.support)
    exchanges = (*fetched.support, *fetched.exchanges)
    rows = []
    for index, (exchange, kept) in enumerate(zip(exchanges, locations, strict=True)):
        last = index == len(exchanges) - 1 and index >= support and unanswered is None
        rows.append(
            CaptureRow(
                url=exchange.target_uri,
                key=key_of(exchange.target_uri),
                requested_at=exchange.requested_at,
                outcome=outcome if last else _supporting(exchange, index < support),
                status=exchange.status,
                mime=exchange.mime,
                location=kept.location,
                payload_digest=kept.payload_digest,
                job=job,
                error=error if last else None,
                revisit_of=kept.revisit_of,
            )
        )
    return (*rows, unanswered) if unanswered is not None else tuple(rows)


def _supporting(exchange: Exchange, support: bool) -> Supporting:
    if support:
        return "robots-txt"
    return "redirect" if exchange.status in _REDIRECTS else "retried"


def ends_unanswered(fetched: Fetched) -> bool:
    """Whether the last target URI of a fetch has no exchange of its own (refused, forbidden, no answer)."""
    if not fetched.exchanges:
        return True
    return fetched.error is not None and fetched.error.target_uri != fetched.exchanges[-1].target_uri


def draft_of(page: Page, url: str, extractor: str, captured_at: datetime) -> ArticleDraft:
    """What is stored of an article page that was found at `url`.

    A date of publication later than the day after the capture cannot be true; it stays among the candidates only.
    """
    origins = dict(page.origins)
    published = page.published
    if published is not None and published[:10] > (captured_at + timedelta(days=1)).date().isoformat():
        published = None
        if "published" in origins:
            origins["published"] = replace(origins["published"], chosen=None)
    return ArticleDraft(
        url=normalise(url),
        site=site_of(url),
        title=page.title,
        text=page.text,
        text_sha256=article_digest(page.text, dateline=page.dateline, sources=page.sources),
        word_count=word_count(page.text),
        authors=page.authors,
        published=published,
        modified=page.modified,
        language=page.language,
        canonical_url=page.canonical_url,
        site_name=page.site_name,
        sources=page.sources,
        dateline=page.dateline,
        section=page.section,
        keywords=page.tags,
        captions=page.captions,
        images=page.images,
        origins=tuple(origins.items()),
        extractor=extractor,
        structure=structure_to_json(page.blocks),
    )


def saved_page_type(path: str) -> str:
    """The media type of a page that a browser saved, by the ending of its file name."""
    ending = os.path.splitext(path)[1].lower()
    return "application/xhtml+xml" if ending in {".xhtml", ".xht"} else "text/html"
