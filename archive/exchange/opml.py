"""Feeds as feed readers exchange them: OPML 2.0 (opml.org). Pure: no entity is expanded and nothing is fetched."""

from __future__ import annotations

import re

from lxml import etree

from archive.exchange.model import Collector, Listing, UnreadableFile

_ENTITY = re.compile(rb"<!ENTITY\b", re.I)


def read_opml(payload: bytes) -> Listing:
    """The feeds of a file, and the pages it links to, filed under the outlines they stand in and their categories.

    Raises: UnreadableFile.
    """
    if _ENTITY.search(payload.replace(b"\0", b"")):
        raise UnreadableFile("it declares entities, which no list of feeds needs")
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, recover=True
    )
    try:
        root = etree.fromstring(payload, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableFile(f"not XML that can be read: {str(error)[:200]}") from error
    if root is None or _name(root) != "opml":
        raise UnreadableFile("not OPML: feed readers export it under Export or Subscriptions")
    found = Collector()
    for outline in root.iter(etree.Element):
        if _name(outline) != "outline":
            continue
        values = {str(name).lower(): str(value) for name, value in outline.attrib.items()}
        feed, page = values.get("xmlurl"), values.get("url")
        if feed is None and page is None:
            continue
        found.add(
            f"line {outline.sourceline}",
            feed or page,
            title=values.get("title") or values.get("text"),
            tags=(*_folders(outline), *_categories(values.get("category"))),
            feed=bool(feed),
        )
    return found.listing()


def _folders(outline: etree._Element) -> tuple[str, ...]:
    """What the outlines around an outline say, the outermost first."""
    around = [one for one in outline.iterancestors() if _name(one) == "outline"]
    words = (one.get("title") or one.get("text") or "" for one in reversed(around) if not one.get("xmlUrl"))
    return tuple(word for word in words if word.strip())


def _categories(said: str | None) -> tuple[str, ...]:
    """`/Boston/Weather,/Harvard` as words: OPML 2.0, "category attribute"."""
    return tuple(word.strip() for one in (said or "").split(",") for word in one.split("/") if word.strip())


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""
