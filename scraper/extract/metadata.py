"""The smaller fields: site name, canonical URL, section, tags, captions and images of the article."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from urllib.parse import urlsplit

from scraper.extract.blocks import Blocks, Mark, TextBlock
from scraper.extract.datetext import dates_in
from scraper.extract.declared import Declared, JsonObject, absolute, strings, types
from scraper.extract.gallery import GALLERY
from scraper.extract.model.judge import Decision
from scraper.extract.seams import parts_of
from scraper.extract.text import count_words, line, squeeze
from scraper.model import Candidate, FieldOrigin, Image

_MOST_TAGS: Final = 50
_LONGEST_TAG: Final = 80
_SMALLEST_IMAGE: Final = 100
"""Pixels. What is declared smaller is a button, a face beside a byline, or a counter."""

_LONGEST_PERSON: Final = 3
"""Words. A caption says more than a name does."""

_NO_PICTURE = re.compile(
    r"logo|icon|avatar|sprite|pixel|spacer|blank\.|1x1|badge|button|emoji|captcha|tracking|share", re.I
)
_SOURCES: Final = ("data-src", "data-original", "data-lazy-src", "data-src-medium", "src")
_PARTS = re.compile(r"\s*[,;،]\s*")


def site_names(declared: Declared, url: str) -> list[str]:
    """Every name the page gives its site or publisher, the most telling first, and the host's own word last."""
    found = [
        value
        for _, value in declared.values(
            "og:site_name", "application-name", "apple-mobile-web-app-title", "dc.publisher", "copyright"
        )
    ]
    publishers = [article.get("publisher") for article in declared.articles[:2]]
    found += [name for publisher in publishers for name in _names(publisher)]
    for node in declared.nodes:
        if any(kind in ("WebSite", "NewsMediaOrganization", "Organization") for kind in types(node)):
            found += strings(node.get("name"))
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    if host:
        found += [host, host.split(".")[0]]
    return list(dict.fromkeys(name for name in found if len(name) <= 80))


def choose_site_name(
    declared: Declared, title_parts: Iterable[str], logo_texts: Iterable[str], url: str
) -> tuple[str | None, FieldOrigin]:
    """The site's name for a reader.

    title_parts: what stands beside the headline in the `title` element. logo_texts: what leads to the site's front
    page. Where nothing is declared, either is taken when it matches the host's name.
    """
    candidates = [Candidate(value, name) for name, value in declared.values("og:site_name")]
    for article in declared.articles[:2]:
        candidates += [Candidate(name, "json-ld") for name in _names(article.get("publisher"))]
    for node in declared.nodes:
        if "WebSite" in types(node):
            candidates += [Candidate(name, "json-ld") for name in strings(node.get("name"))]
    candidates += [
        Candidate(value, name) for name, value in declared.values("application-name", "dc.publisher")
    ]
    host = squeeze((urlsplit(url).hostname or "").removeprefix("www.").split(".")[0])
    for origin, texts in (("title", title_parts), ("logo", logo_texts)):
        for text in map(_once, texts):
            if host and squeeze(text) and (squeeze(text) in host or host in squeeze(text)):
                candidates.append(Candidate(line(text), origin))
    candidates = list(dict.fromkeys(candidate for candidate in candidates if len(candidate.value) <= 80))
    chosen = candidates[0] if candidates else None
    return (chosen.value if chosen else None), FieldOrigin(
        chosen.origin if chosen else None, tuple(candidates)
    )


def _once(name: str) -> str:
    """A name that is written several times over, with commas between, written once."""
    parts = [part for part in _PARTS.split(name) if part]
    return parts[0] if parts and len({squeeze(part) for part in parts}) == 1 else name


def choose_canonical(declared: Declared) -> tuple[str | None, FieldOrigin]:
    """What the page claims to be its URL: absolute, http or https, or nothing."""
    offers = [("canonical", value) for value in declared.links.get("canonical", ())]
    offers += [(name, value) for name, value in declared.values("og:url")]
    candidates = [
        Candidate(target, origin)
        for origin, value in offers
        if (target := absolute(value, declared.base)) is not None
    ]
    chosen = candidates[0] if candidates else None
    return (chosen.value if chosen else None), FieldOrigin(
        chosen.origin if chosen else None, tuple(candidates)
    )


def choose_section(declared: Declared) -> tuple[str | None, FieldOrigin]:
    """The section of the site that the article stands in."""
    candidates = [
        Candidate(value, name)
        for name, value in declared.values("article:section", "parsely-section", "og:article:section")
    ]
    for article in declared.articles[:1]:
        candidates += [Candidate(value, "json-ld") for value in strings(article.get("articleSection"))]
    chosen = candidates[0] if candidates else None
    return (chosen.value if chosen else None), FieldOrigin(
        chosen.origin if chosen else None, tuple(candidates)
    )


def choose_tags(declared: Declared) -> tuple[tuple[str, ...], FieldOrigin]:
    """The keywords the page gives its article, each once, from the first source that has any."""
    offers: list[tuple[str, list[str]]] = [("article:tag", list(declared.meta.get("article:tag", ())))]
    for article in declared.articles[:1]:
        offers.append(("json-ld", list(strings(article.get("keywords")))))
    for name in ("news_keywords", "parsely-tags", "sailthru.tags", "keywords"):
        offers.append((name, list(declared.meta.get(name, ()))))
    candidates: list[Candidate] = []
    chosen: tuple[str, ...] = ()
    origin = None
    for source, values in offers:
        parts = [part for value in values for part in _PARTS.split(value) if 0 < len(part) <= _LONGEST_TAG]
        candidates += [Candidate(part, source) for part in parts[:_MOST_TAGS]]
        if parts and not chosen:
            chosen, origin = tuple(dict.fromkeys(parts))[:_MOST_TAGS], source
    return chosen, FieldOrigin(origin, tuple(dict.fromkeys(candidates)))


def captions_and_images(
    found: Blocks, decisions: Sequence[Decision], declared: Declared, title_at: int | None
) -> tuple[tuple[str, ...], tuple[Image, ...]]:
    """The captions of the article's images, and the images themselves, in document order.

    Those that stand between the headline and the end of the text; others belong to other stories.
    """
    kept = [index for index, decision in enumerate(decisions) if decision.kept]
    if not kept:
        return (), ()
    first = kept[0] if title_at is None else min(kept[0], title_at)
    while first > 0 and found.blocks[first - 1].kind == "caption":  # a picture above the headline
        first -= 1
    last = kept[-1]
    captions = {
        block.index: _caption_of(block)
        for block, decision in zip(found.blocks, decisions, strict=True)
        if decision.rule in ("caption", GALLERY)
        and first <= block.index <= last + 3
        and _is_about_a_picture(block)
    }
    images: dict[str, Image] = {}
    for mark in found.images:
        if not first <= mark.at <= last + 1:
            continue
        target = _source(mark, declared.base)
        if target is None or target in images:
            continue
        caption = next((captions[at] for at in (mark.at, mark.at + 1) if at in captions), None)
        images[target] = Image(target, caption, line(mark.element.get("alt") or "") or None)
    return tuple(dict.fromkeys(captions.values())), tuple(images.values())


def _caption_of(block: TextBlock) -> str:
    """A caption as readers see it: with a space where a style sheet alone parts it from its credit."""
    return block.text if "\n" in block.text else " ".join(parts_of(block))


def _is_about_a_picture(block: TextBlock) -> bool:
    """Whether a caption is one: beside a face stands a name, beside a teaser's picture a date or a link."""
    if block.link_density > 0.5:
        return False
    if block.kind == "caption":
        return True
    return count_words(block.text) > _LONGEST_PERSON and next(dates_in(block.text, order="dmy"), None) is None


def _source(mark: Mark, base: str) -> str | None:
    element = mark.element
    for side in (element.get("width"), element.get("height")):
        if side and side.isdigit() and int(side) < _SMALLEST_IMAGE:
            return None
    for attribute in _SOURCES:
        value = element.get(attribute)
        if value and not value.startswith("data:"):
            target = absolute(value, base)
            if target is not None:
                return None if _NO_PICTURE.search(target) else target
    return None


def _names(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for member in value[:5]:
            yield from _names(member)
    elif isinstance(value, dict):
        node: JsonObject = value
        yield from strings(node.get("name"))
    else:
        yield from strings(value)
