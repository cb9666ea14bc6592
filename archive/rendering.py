"""One article as text, Markdown, HTML or a dictionary. Pure; nothing of the page's own markup is used."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from archive.model import Article, Hit
from archive.store.rows import ArticleVersion
from scraper.extract.hypertext import blocks_to_html
from scraper.extract.markdown import blocks_to_markdown, escape_heading, escape_line
from scraper.extract.wire import structure_from_json
from scraper.model import Block

RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "syr", "ug", "ur", "yi"})
"""Languages written from right to left (Unicode CLDR, character orientation)."""


def direction(language: str | None) -> str:
    """`rtl` or `ltr`, by language."""
    return "rtl" if (language or "").split("-")[0].lower() in RIGHT_TO_LEFT else "ltr"


def byline(article: Article) -> str:
    """Authors, source, site and date, on one line."""
    parts = [", ".join(article.authors), article.source or "", article.site_name or article.site]
    said = dict.fromkeys(part for part in (*parts, (article.published or "")[:10]) if part)
    return " · ".join(said)  # a blog is often called as its writer is


def as_text(article: Article) -> str:
    """Title, byline, address, then the text, as plain text."""
    head = [article.title or article.url, byline(article), article.url]
    return "\n".join(head) + "\n\n" + article.text + "\n"


def blocks_of(article: Article) -> tuple[Block, ...] | None:
    """The blocks of an article's text with its headings, lists, quotes, tables and links.

    `None` where only the text is known: of articles that were stored before their structure was, or came without.
    """
    return None if article.structure is None else structure_from_json(article.structure, article.text)


def held_blocks(article: Article) -> tuple[Block, ...]:
    """The same, or where only the text is known a paragraph a block."""
    blocks = blocks_of(article)
    return (
        blocks if blocks is not None else tuple(Block(part, True, "") for part in article.text.split("\n\n"))
    )


def as_markdown(article: Article, blocks: Iterable[Block] | None = None) -> str:
    """CommonMark with GitHub's tables: the title as a heading, the byline in italics, then the text.

    blocks: of the text; without them, those that are held with it, else a paragraph a block. Nothing in it is markup.
    """
    body = blocks_to_markdown(held_blocks(article) if blocks is None else blocks)
    title = escape_heading(article.title or article.url)
    return f"# {title}\n\n*{escape_line(byline(article))}*\n\n<{article.url}>\n\n{body}"


def as_html(article: Article, blocks: Iterable[Block] | None = None) -> str:
    """A whole HTML document in the article's own language and direction; every text is escaped. blocks: as above."""
    language = html.escape(article.language or "", quote=True)
    attributes = f' lang="{language}"' if language else ""
    title = html.escape(article.title or article.url)
    address = html.escape(article.url, quote=True)
    return (
        f'<!doctype html>\n<html{attributes} dir="{direction(article.language)}">\n<head><meta charset="utf-8">'
        f"<title>{title}</title></head>\n<body>\n<article>\n<h1>{title}</h1>\n"
        f"<p>{html.escape(byline(article), quote=False)}</p>\n{body_html(article, blocks)}\n"
        f'<p><a href="{address}" rel="noreferrer">{address}</a></p>\n</article>\n</body>\n</html>\n'
    )


def body_html(article: Article, blocks: Iterable[Block] | None = None) -> str:
    """The text of an article as HTML, a line a block, every character of it escaped. blocks: as of `as_markdown`."""
    return blocks_to_html(held_blocks(article) if blocks is None else blocks)


def as_dict(article: Article) -> dict[str, Any]:
    """Every field but the packed structure, times as ISO 8601 in UTC ending in `Z`, ready for JSON."""
    fields = asdict(article)
    del fields["structure"]
    for name in ("first_captured", "last_captured"):
        fields[name] = fields[name].isoformat().replace("+00:00", "Z")
    return fields


def hit_as_dict(hit: Hit) -> dict[str, Any]:
    """A search result with the contract's keys, and where the matches stand in the snippet."""
    return {
        "article_id": hit.article_id,
        "url": hit.url,
        "title": hit.title,
        "site": hit.site,
        "published": hit.published,
        "language": hit.language,
        "snippet": hit.snippet,
        "score": hit.score,
        "marks": [list(mark) for mark in hit.marks],
        "cluster_id": hit.cluster_id,
        "more": hit.more,
    }


def version_as_dict(one: ArticleVersion) -> dict[str, Any]:
    """A version without its text, and what changed in it; `captured_at` stays a time."""
    return {
        "version": one.version,
        "captured_at": one.captured_at,
        "reason": one.reason,
        "changes": list(one.changes),
        "standing": one.standing,
        "title": one.title,
        "published": one.published,
        "word_count": one.word_count,
        "text_sha256": one.text_sha256,
    }
