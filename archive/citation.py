"""How an article is cited: a line to copy, a link into the original's text, schema.org's description of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from archive.model import Article, CaptureRow
from archive.phrases import day_name, moment_name, web_link

FRAGMENT_WORDS: Final = 6
"""Words at each end of the first paragraph that a link into the text names: enough to be found once."""


@dataclass(frozen=True, slots=True)
class Citation:
    """What proves that a page said this. payload_digest: of the capture's WARC record. warc_offset: in bytes.

    captured_at: by us, or by the web archive that the copy is of; archive_url: then where it was had.
    text_link: leads a browser to the passage in the page as it is now; `None` where the address is none of the web.
    """

    plain: str
    captured_at: datetime
    payload_digest: str | None
    warc_file: str | None
    warc_offset: int | None
    text_link: str | None
    archive_url: str | None = None


def cite(article: Article, capture: CaptureRow | None) -> Citation:
    """The citation of one version of an article. capture: the one whose record holds it, where that is known."""
    captured_at = capture.requested_at if capture else article.last_captured
    copied = capture.archive_url if capture else None
    if capture is not None and capture.memento_at is not None:
        captured_at = capture.memento_at
    by = ", ".join(article.authors) or article.source
    parts = [
        *([by] if by else []),
        f"“{article.title}”" if article.title else "Untitled",
        article.site_name or article.site,
    ]
    if article.published:
        parts.append(day_name(article.published))
    by_whom = f" by {copied}" if copied else ""
    plain = ". ".join(part.rstrip(".") for part in parts)
    return Citation(
        plain=f"{plain}. {article.url} (captured {moment_name(captured_at)}{by_whom}).",
        captured_at=captured_at,
        payload_digest=capture.payload_digest if capture else None,
        warc_file=article.warc.warc_file if article.warc else None,
        warc_offset=article.warc.offset if article.warc else None,
        text_link=text_fragment_link(article.url, article.text),
        archive_url=copied,
    )


def text_fragment_link(url: str, text: str) -> str | None:
    """The address with a text fragment of the first paragraph (WICG, Scroll To Text Fragment)."""
    return passage_link(url, text.rstrip("…").split("\n\n", 1)[0].split("\n", 1)[0])


def passage_link(url: str, passage: str) -> str | None:
    """The address with a text fragment of a passage: all of it where it is short, else its beginning and end.

    A browser looks for neither of them across two paragraphs, only for one in each (WICG, Scroll To Text Fragment,
    "find a range from a text directive").
    """
    address, lines = web_link(url), [line.split() for line in passage.split("\n") if line.strip()]
    if address is None or not lines:
        return None
    base = address.partition("#")[0]
    if len(lines) == 1 and len(lines[0]) <= 2 * FRAGMENT_WORDS:
        return f"{base}#:~:text={_fragment(lines[0])}"
    return f"{base}#:~:text={_fragment(lines[0][:FRAGMENT_WORDS])},{_fragment(lines[-1][-FRAGMENT_WORDS:])}"


def _fragment(words: list[str]) -> str:
    # A hyphen is syntax there, and quote() leaves it as it is.
    return quote(" ".join(words), safe="").replace("-", "%2D")


def news_article(article: Article, *, text: str | None) -> dict[str, Any]:
    """The article as schema.org describes one, for reference managers. text: its words, unless they are kept back."""
    described = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "url": article.url,
        "mainEntityOfPage": article.canonical_url if web_link(article.canonical_url) else article.url,
        "datePublished": article.published,
        "dateModified": article.modified,
        "inLanguage": article.language,
        "articleSection": article.section,
        "keywords": list(article.keywords),
        "author": [{"@type": "Person", "name": name} for name in article.authors],
        "publisher": {"@type": "Organization", "name": article.site_name or article.site},
        "wordCount": article.word_count,
        "articleBody": text,
    }
    return {name: value for name, value in described.items() if value not in (None, [], "")}
