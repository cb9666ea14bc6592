"""From what the web said to an outcome word, and from a page to what is stored of it. Pure."""

from __future__ import annotations

import os.path
from collections.abc import Sequence

from archive.model import ArticleDraft, CaptureRow, Outcome, Supporting
from scraper.errors import BadStatus, BadUrl, FetchError, RobotsDenied
from scraper.model import Exchange, Fetched, Page, RecordLocation
from scraper.similarity import text_digest, word_count
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
    locations: Sequence[tuple[RecordLocation | None, str | None]],
    outcome: Outcome,
    error: str | None,
    *,
    job: str | None = None,
    unanswered: CaptureRow | None = None,
) -> tuple[CaptureRow, ...]:
    """One row for each exchange of a fetch, support first, the outcome on the last.

    locations: record location and payload digest of each exchange, support first, in order.
    unanswered: the row to end with when the last thing asked for was not answered at all.
    """
    support = len(fetched.support)
    exchanges = (*fetched.support, *fetched.exchanges)
    rows = []
    for index, (exchange, (location, digest)) in enumerate(zip(exchanges, locations, strict=True)):
        last = index == len(exchanges) - 1 and index >= support and unanswered is None
        rows.append(
            CaptureRow(
                url=exchange.target_uri,
                key=key_of(exchange.target_uri),
                requested_at=exchange.requested_at,
                outcome=outcome if last else _supporting(exchange, index < support),
                status=exchange.status,
                mime=exchange.mime,
                location=location,
                payload_digest=digest,
                job=job,
                error=error if last else None,
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


def draft_of(page: Page, url: str, extractor: str) -> ArticleDraft:
    """What is stored of an article page that was found at `url`."""
    return ArticleDraft(
        url=normalise(url),
        site=site_of(url),
        title=page.title,
        text=page.text,
        text_sha256=text_digest(page.text),
        word_count=word_count(page.text),
        authors=page.authors,
        published=page.published,
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
        origins=tuple(page.origins.items()),
        extractor=extractor,
    )


def saved_page_type(path: str) -> str:
    """The media type of a page that a browser saved, by the ending of its file name."""
    ending = os.path.splitext(path)[1].lower()
    return "application/xhtml+xml" if ending in {".xhtml", ".xht"} else "text/html"
