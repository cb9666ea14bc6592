"""Articles as an Atom feed (RFC 4287), an entry at a time. Pure; the browser's feed is written here too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring
from xml.sax.saxutils import quoteattr

from archive.model import Article
from archive.phrases import web_link
from archive.rendering import body_html

MIME: Final = "application/atom+xml"

_ATOM: Final = "http://www.w3.org/2005/Atom"
_NOT_XML: Final = dict.fromkeys((*range(9), 11, 12, *range(14, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF))
"""Characters that XML 1.0 cannot say."""


def feed(
    articles: Iterable[Article],
    *,
    title: str,
    identity: str,
    updated: datetime,
    own: str | None = None,
    alternate: str | None = None,
) -> Iterator[str]:
    """A feed in pieces, every article with its whole text.

    identity: an IRI that stays. own, alternate: where the feed itself and the page that shows the same are found.
    """
    yield feed_head(title=title, identity=identity, updated=updated, own=own, alternate=alternate)
    for one in articles:
        yield entry(one, identity=one.url, page=one.url, full=True)
    yield FEED_END


FEED_END: Final = "</feed>\n"


def feed_head(
    *,
    title: str,
    identity: str,
    updated: datetime,
    own: str | None = None,
    alternate: str | None = None,
    subtitle: str | None = None,
) -> str:
    """Everything before the first entry. Parameters as of `feed`. subtitle: what else there is to say of it."""
    head = Element("head")
    _say(head, "title", title)
    if subtitle:
        _say(head, "subtitle", subtitle)
    _say(head, "id", identity)
    if own:
        SubElement(head, "link", rel="self", type=MIME, href=own)
    if alternate:
        SubElement(head, "link", rel="alternate", type="text/html", href=alternate)
    _say(head, "updated", _instant(updated))
    parts = "\n".join(tostring(one, encoding="unicode") for one in head)
    return f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns={quoteattr(_ATOM)}>\n{parts}\n'


def entry(article: Article, *, identity: str, page: str, full: bool) -> str:
    """One article. page: where it is read. full: its whole text, else the beginning of it as a summary."""
    root = Element("entry")
    if article.language:
        root.set("xml:lang", article.language.translate(_NOT_XML))
    _say(root, "title", article.title or article.url)
    _say(root, "id", identity)
    if web_link(page):
        SubElement(root, "link", rel="alternate", type="text/html", href=page.translate(_NOT_XML))
    if web_link(article.url) and article.url != page:
        SubElement(root, "link", rel="via", href=article.url.translate(_NOT_XML))
    _say(root, "updated", _instant(article.last_captured))
    if published := _published(article.published):
        _say(root, "published", published)
    for author in article.authors or ((article.source or article.site_name or article.site),):
        _say(SubElement(root, "author"), "name", author)
    for tag in article.tags:
        SubElement(root, "category", term=tag.translate(_NOT_XML))
    if full:
        _say(root, "content", body_html(article), type="html")
    else:
        _say(root, "summary", article.text[:2000])
    return tostring(root, encoding="unicode") + "\n"


def _say(parent: Element, name: str, text: str, **attributes: str) -> None:
    SubElement(parent, name, attributes).text = text.translate(_NOT_XML)


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _published(stated: str | None) -> str | None:
    """A published date as RFC 3339 has it; `None` where the page states no day, or a time without its offset."""
    try:
        moment = datetime.fromisoformat(stated or "")
    except ValueError:
        return None
    if len(stated or "") == len("2017-10-08"):
        return f"{stated}T00:00:00Z"
    return _instant(moment) if moment.tzinfo else None
