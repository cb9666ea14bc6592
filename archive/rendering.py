"""One article as text, Markdown, HTML or a dictionary. Pure; nothing of the page's own markup is used."""

from __future__ import annotations

import html
import re
from dataclasses import asdict
from typing import Any

from archive.model import Article, Hit
from archive.store.rows import ArticleVersion

RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "syr", "ug", "ur", "yi"})
"""Languages written from right to left (Unicode CLDR, character orientation)."""

_MARKDOWN_SPECIAL = re.compile(r"([\\`*_&\[\]<>])")
_MARKDOWN_START = re.compile(r"^(\s*\d*)([#+\-=|]|(?<=\d)[.)])", re.M)


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


def as_markdown(article: Article, body: str | None = None) -> str:
    """CommonMark: the title as a heading, the byline in italics, then the text.

    body: the text as Markdown, from its blocks (`scraper.extract.markdown`); without it, a paragraph a block, and
    nothing in it is markup.
    """
    title = _escaped(article.title or article.url)
    if body is None:
        body = "\n\n".join(_escaped(part) for part in article.text.split("\n\n"))
    return f"# {title}\n\n*{_escaped(byline(article))}*\n\n<{article.url}>\n\n{body.rstrip()}\n"


def _escaped(text: str) -> str:
    return _MARKDOWN_START.sub(r"\1\\\2", _MARKDOWN_SPECIAL.sub(r"\\\1", text))


def as_html(article: Article) -> str:
    """A whole HTML document in the article's own language and direction; every text is escaped."""
    language = html.escape(article.language or "", quote=True)
    attributes = f' lang="{language}"' if language else ""
    title = html.escape(article.title or article.url)
    address = html.escape(article.url, quote=True)
    return (
        f'<!doctype html>\n<html{attributes} dir="{direction(article.language)}">\n<head><meta charset="utf-8">'
        f"<title>{title}</title></head>\n<body>\n<article>\n<h1>{title}</h1>\n"
        f"<p>{html.escape(byline(article), quote=False)}</p>\n{paragraphs_html(article.text)}\n"
        f'<p><a href="{address}" rel="noreferrer">{address}</a></p>\n</article>\n</body>\n</html>\n'
    )


def paragraphs_html(text: str) -> str:
    """The paragraphs of a text as HTML, a line each, every character of it escaped."""
    return "\n".join(
        f"<p>{html.escape(part, quote=False).replace(chr(10), '<br>')}</p>"
        for part in text.split("\n\n")
        if part.strip()
    )


def as_dict(article: Article) -> dict[str, Any]:
    """Every field, times as ISO 8601 in UTC ending in `Z`, ready for JSON."""
    fields = asdict(article)
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
