"""A page of links as what it announces: the links that look like articles, by address, words and place. Pure.

A link counts as an article's by what its address says (`addresses`), by anchor text that reads like a headline, by
standing in a heading or in a list of its likes, and against it by standing in navigation. Every other link of the
site is refused with its reason; of further pages of the list the next one alone is named.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from scraper.discover.addresses import Address, judge_address
from scraper.discover.links import iso_time, joined, says_other_scheme
from scraper.discover.model import Announced, DiscoveryLimits, Found, Refused
from scraper.extract.page import parse
from scraper.extract.text import word_set
from scraper.urls import registrable_domain

_ENOUGH: Final = 4
"""Points at which a link is an article's: a dated slug alone, a slug with a headline for its anchor, a headline in a
heading of a repeated structure. Set on pages of our own; what it lets through by mistake costs a request and is told as
`rejected`, what it leaves out is shown by `archive jobs test`."""

_NAVIGATION_TAGS: Final = frozenset(["nav", "footer", "form", "menu"])
_HEADINGS: Final = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_NAVIGATION_NAMES: Final = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|breadcrumbs?|footer|cookie|social|share|pagination|pager|tags?|tagcloud"
    r"|calendar|login|toolbar|skip)(?:$|[\s_-])",
    re.I,
)
_NEXT_WORDS: Final = word_set("next older » › > → weiter suivant siguiente далее التالي sonraki 下一页 次へ")
_CLIMB: Final = 6
"""Elements around a link that are looked at: further out, all links of a page share their surroundings."""

_REPEATED: Final = 3
"""Links of one structure from which on they are a list."""


@dataclass(slots=True)
class _Link:
    """All anchors of one address."""

    url: str
    address: Address
    anchors: list[HtmlElement] = field(default_factory=list)
    text: str = ""
    shape: str = ""
    in_navigation: bool = True
    in_heading: bool = False


def read_page(payload: bytes, url: str, content_type: str | None, limits: DiscoveryLimits) -> Found:
    """The articles that a page of HTML leads to."""
    root = parse(payload, content_type).root
    base = next((joined(one.get("href"), url, limits.url_length) for one in root.iter("base")), None) or url
    links, refused, following = _links(root, url, base, limits)
    shapes = Counter(one.shape for one in links if _is_headline(one.text))
    items: list[Announced] = []
    for link in links:
        if link.address.reason is not None:
            refused.append(Refused(link.url, link.address.reason))
        elif _points(link, shapes) < _ENOUGH:
            refused.append(
                Refused(link.url, "navigation" if link.in_navigation else "does not look like an article")
            )
        elif len(items) >= limits.page_links:
            refused.append(Refused(link.url, f"more than {limits.page_links} articles on one page"))
        else:
            items.append(
                Announced(link.url, title=link.text or None, published=_time_beside(link), source=url)
            )
    return Found("page", tuple(items), (following,) if following else (), tuple(refused))


def _links(
    root: HtmlElement, url: str, base: str, limits: DiscoveryLimits
) -> tuple[list[_Link], list[Refused], str | None]:
    own = registrable_domain(urlsplit(url).hostname or "")
    links: dict[str, _Link] = {}
    refused: dict[str, Refused] = {}
    following: str | None = None
    here = url.partition("#")[0]
    for number, anchor in enumerate(_anchors(root)):
        if number >= limits.page_anchors and not _is_next(anchor):
            more = f"more than {limits.page_anchors} links on one page: the rest is left out"
            refused.setdefault(url, Refused(url, more))
            continue
        href = anchor.get("href")
        if href is None or says_other_scheme(href):
            continue
        address = joined(href, base, limits.url_length)
        if address is None or address == here:
            continue
        if registrable_domain(urlsplit(address).hostname or "") != own:
            refused.setdefault(address, Refused(address, "another site"))
            continue
        text = " ".join(anchor.text_content().split())[: limits.summary_length] if anchor.tag == "a" else ""
        if following is None and _leads_on(anchor, text, address):
            following = address
        if anchor.tag != "a":
            continue
        link = links.get(address) or links.setdefault(address, _Link(address, judge_address(address)))
        _add(link, anchor, text)
    links.pop(following or "", None)
    return list(links.values()), list(refused.values()), following


def _anchors(root: HtmlElement) -> Iterator[HtmlElement]:
    for element in root.iter("a", "link"):
        if element.tag == "a" or _is_next(element):
            yield element


def _is_next(element: HtmlElement) -> bool:
    """Whether a link says of itself that it leads to the next page."""
    return "next" in (element.get("rel") or "").lower().split()


def _add(link: _Link, anchor: HtmlElement, text: str) -> None:
    link.anchors.append(anchor)
    shape, in_navigation, in_heading = _place(anchor)
    link.in_heading = link.in_heading or in_heading
    link.in_navigation = link.in_navigation and in_navigation
    if (len(text), in_heading) > (len(link.text), False) and (
        in_heading or not link.in_heading or not link.text
    ):
        link.text, link.shape = text, shape


def _place(anchor: HtmlElement) -> tuple[str, bool, bool]:
    """The structure a link stands in (tags and classes around it), whether that is navigation, or a heading."""
    shape, in_navigation = [], False
    in_heading = any(isinstance(one.tag, str) and one.tag in _HEADINGS for one in anchor.iterdescendants())
    for height, around in enumerate(anchor.iterancestors()):
        tag = around.tag if isinstance(around.tag, str) else ""
        names = f"{around.get('class') or ''} {around.get('id') or ''}"
        if height < _CLIMB:
            if height < 3:
                shape.append(f"{tag}.{' '.join(sorted((around.get('class') or '').split()))}")
            in_heading = in_heading or tag in _HEADINGS
            if tag not in ("body", "html", "main", "article") and _NAVIGATION_NAMES.search(names):
                in_navigation = True
        if tag in _NAVIGATION_TAGS or around.get("role") == "navigation":
            in_navigation = True
    return "/".join(shape), in_navigation, in_heading


def _points(link: _Link, shapes: Counter[str]) -> int:
    points = link.address.points
    if _is_headline(link.text):
        points += 2
    if link.in_heading:
        points += 1
    if shapes[link.shape] >= _REPEATED and _is_headline(link.text):
        points += 1
    if link.in_navigation:
        points -= 3
    return points


def _is_headline(text: str) -> bool:
    """Whether a link's words are as many as a headline's: four, or as long in scripts that write none apart."""
    if text.isascii() or " " in text:
        return len(text.split()) >= 4 or len(text) >= 30
    return len(text) >= 9


def _leads_on(anchor: HtmlElement, text: str, address: str) -> bool:
    """Whether a link leads to the next page of a list."""
    relations = (anchor.get("rel") or "").lower().split()
    if _is_next(anchor):
        return True
    if judge_address(address).reason != "pagination" or "prev" in relations:
        return False
    words = text.lower().split()
    label = f"{anchor.get('aria-label') or ''} {anchor.get('class') or ''}".lower()
    return bool(words and len(words) <= 3 and _NEXT_WORDS & set(words)) or bool(re.search(r"\bnext\b", label))


def _time_beside(link: _Link) -> str | None:
    """The time that stands beside a link, in the largest element around it that holds no other article."""
    for anchor in link.anchors:
        for height, around in enumerate(anchor.iterancestors()):
            if height >= _CLIMB or _holds_others(around, anchor.get("href")):
                break
            for mark in around.iter("time"):
                found = iso_time(mark.get("datetime"))
                if found is not None:
                    return found
    return None


def _holds_others(around: HtmlElement, own: str | None) -> bool:
    """Whether an element has links to more than two other addresses. Looks no further than the third of them."""
    others: set[str | None] = set()
    for one in around.iter("a"):
        if (href := one.get("href")) != own:
            others.add(href)
            if len(others) > 2:
                return True
    return False
