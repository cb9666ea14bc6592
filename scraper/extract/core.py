"""One page from bytes to `Page`: the steps of extraction in order, each the work of a module beside this one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final, get_args
from urllib.parse import urlsplit

from scraper.extract import opinion
from scraper.extract.authors import choose_authors
from scraper.extract.blocks import Blocks, TextBlock, cut
from scraper.extract.containers import Standing, standing_of
from scraper.extract.dates import choose_dates
from scraper.extract.declared import read
from scraper.extract.gallery import keep_captions
from scraper.extract.language import choose_language
from scraper.extract.links import links_of
from scraper.extract.metadata import (
    captions_and_images,
    choose_canonical,
    choose_section,
    choose_site_name,
    choose_tags,
    site_names,
)
from scraper.extract.model.fast import decide_fast
from scraper.extract.model.hints import read_hints
from scraper.extract.model.judge import BEYOND, MOST_BLOCKS, Decision, decide
from scraper.extract.names import names_in
from scraper.extract.near import is_prose, neighbourhood
from scraper.extract.not_html import not_html
from scraper.extract.page import parse
from scraper.extract.seams import all_parted
from scraper.extract.settings import Setting
from scraper.extract.site_rules import Ruled
from scraper.extract.sources import dateline_of, sources_of
from scraper.extract.text import line
from scraper.extract.title import beside_title, choose_title, front_page
from scraper.extract.verdict import judge
from scraper.extract.witness import witness_of
from scraper.model import Block, Candidate, FieldOrigin, Furniture, Page, SiteRules

_NOWHERE: Final = Standing()
_HEAD_BLOCKS: Final = 30
_HEAD_IMAGES: Final = 5
_LONGEST_NAME: Final = 60
"""Where a logo is looked for, and how long the name of a site may be."""


def _usable(url: str) -> str:
    """The URL, or nothing where it is none: a page can be read without one."""
    try:
        urlsplit(url)
    except ValueError:
        return ""
    return url


def extract(
    payload: bytes,
    url: str,
    *,
    content_type: str | None = None,
    furniture: Furniture | None = None,
    rules: SiteRules | None = None,
    witness: bool = False,
    setting: Setting = "accurate",
    captured: datetime | None = None,
) -> Page:
    """What one page says: its main content, its metadata, and why.

    payload: the page after content decoding. url: where it was found, for the day and links in it. content_type:
    the header as sent, for its charset. furniture: what the site repeats around its articles. rules: the reader's own
    for this site, above everything else. witness: also pack what the site's furniture is learnt from. setting: `fast`
    drops lines of menus unseen, judges the rest by smaller trees, and asks for no second opinion. captured: when the
    page was fetched, in UTC: a day after that is none of its dates.
    Pure: no network, no disk beyond the package's own data, no clock; the same bytes give the same page. A page that
    holds no article comes back with another verdict and the reason; nothing is raised for what a page contains.
    Raises: TypeError, ValueError, where the call itself is wrong.
    """
    if setting not in get_args(Setting):
        raise ValueError(f"setting must be one of {', '.join(get_args(Setting))}, not {setting!r}")
    if not isinstance(payload, bytes | bytearray | memoryview):
        raise TypeError(f"payload must be the bytes of a page, not {type(payload).__name__}")
    if not isinstance(url, str):
        raise TypeError(f"url must be a string, not {type(url).__name__}")
    optional = {
        "content_type": (content_type, str),
        "furniture": (furniture, Furniture),
        "rules": (rules, SiteRules),
        "captured": (captured, datetime),
    }
    for name, (given, wanted) in optional.items():
        if not (given is None or isinstance(given, wanted)):
            raise TypeError(f"{name} must be a {wanted.__name__} or None, not a {type(given).__name__}")
    payload, url = bytes(payload), _usable(url)
    refused = not_html(payload, content_type)
    if refused is not None:
        return Page(refused.verdict, reason=refused.reason)
    tree = parse(payload, content_type)
    found = cut(tree.root, brief=setting == "fast")
    declared = read(tree.root, url)
    names = site_names(declared, url)
    title, title_origin, title_at = choose_title(declared, found.blocks, names)
    ruled = Ruled(rules, tree.root, found) if rules is not None else None
    if ruled and (own_title := ruled.title(title_origin)):
        title, title_origin, title_at = own_title
    hints = read_hints(tree.root)
    if setting == "fast":
        decisions = decide_fast(found, hints, title, title_at, furniture)
    else:
        decisions = decide(
            found,
            hints,
            title,
            title_at,
            lambda: opinion.ask(tree.root, found.layout_tables, url),
            furniture,
        )
    decisions = keep_captions(found, ruled.decide(decisions) if ruled else decisions, declared)
    kept = [block for block, decision in zip(found.blocks, decisions, strict=True) if decision.kept]
    text = "\n\n".join(block.text for block in kept)
    language, language_origin = choose_language(declared, text)
    kept_at = [block.index for block in kept]
    around = all_parted(neighbourhood(found.blocks, title_at, kept_at))
    dates = choose_dates(
        declared,
        found,
        around,
        headline_at=title_at,
        kept=kept_at,
        url=url,
        language=language,
        captured=captured,
    )
    site_name, site_origin = choose_site_name(
        declared, beside_title(declared.title, title), _logos(found, url), url
    )
    outlets = [*names, site_name] if site_name else names
    authors, authors_origin = choose_authors(declared, found, around, kept_at, outlets)
    published, published_origin = dates.published, dates.published_origin
    if ruled:
        authors, authors_origin = ruled.authors(authors_origin) or (authors, authors_origin)
        published, published_origin = ruled.published(published_origin) or (published, published_origin)
    sources, sources_origin = _sources(found, kept, authors_origin)
    canonical, canonical_origin = choose_canonical(declared)
    section, section_origin = choose_section(declared)
    tags, tags_origin = choose_tags(declared)
    captions, images = captions_and_images(found, decisions, declared, title_at)
    links = links_of(kept, declared.base)
    standing = standing_of(kept)
    judgement = judge(found, kept, declared, title, url)
    readable = judgement.verdict in ("article", "paywall")
    return Page(
        verdict=judgement.verdict,
        text=text if readable else "",
        title=title,
        authors=authors,
        published=published,
        modified=dates.modified,
        language=language,
        site_name=site_name,
        canonical_url=canonical,
        sources=sources,
        dateline=_dateline(kept, around, outlets),
        section=section,
        tags=tags,
        captions=captions if readable else (),
        images=images if readable else (),
        origins=MappingProxyType(
            {
                "title": title_origin,
                "authors": authors_origin,
                "published": published_origin,
                "modified": dates.modified_origin,
                "language": language_origin,
                "site_name": site_origin,
                "canonical_url": canonical_origin,
                "sources": sources_origin,
                "section": section_origin,
                "tags": tags_origin,
            }
        ),
        blocks=tuple(
            Block(
                block.text,
                decision.kept,
                decision.rule,
                block.kind,
                decision.score,
                links.get(block.index, ()),
                *standing.get(block.index, _NOWHERE),
            )
            for block, decision in zip(found.blocks, decisions, strict=True)
        ),
        reason=judgement.reason or _unread(decisions),
        encoding=tree.encoding,
        witness=witness_of(found.blocks, decisions).pack()
        if witness and judgement.verdict == "article"
        else None,
    )


def _unread(decisions: Sequence[Decision]) -> str | None:
    """What is to be said of an article that was too long to be read to its end."""
    if len(decisions) <= MOST_BLOCKS:
        return None
    left = sum(decision.rule == BEYOND for decision in decisions)
    return f"read in part: the last {left:,} of {len(decisions):,} blocks were left out" if left else None


def _sources(
    found: Blocks, kept: Sequence[TextBlock], authors: FieldOrigin
) -> tuple[tuple[str, ...], FieldOrigin]:
    """The named sources: from lines of the text and right after it, the candidates for the author, the dateline."""
    if not kept:
        return (), FieldOrigin(None, ())
    after = found.blocks[kept[-1].index + 1 : kept[-1].index + 4]
    lines = [part for block in [*kept, *after] for part in block.text.split("\n")]
    bylines = [name for candidate in authors.candidates for name in names_in(candidate.value)]
    named = sources_of(kept[0].text, lines, bylines)
    candidates = tuple(Candidate(name, origin) for name, origin in named)
    return tuple(name for name, _ in named), FieldOrigin(named[0][1] if named else None, candidates)


def _dateline(kept: Sequence[TextBlock], around: Sequence[TextBlock], outlets: Sequence[str]) -> str | None:
    if not kept:
        return None
    lead = next((block.text for block in kept if is_prose(block)), None)
    return dateline_of(lead, [block.text for block in [*around, *kept[:2]] if not is_prose(block)], outlets)


def _logos(found: Blocks, url: str) -> list[str]:
    """The texts of links to the front page, and the alternative texts of images: where a site writes its name."""
    front = front_page(url)
    texts = [
        block.text
        for block in found.blocks[:_HEAD_BLOCKS]
        if len(block.text) <= _LONGEST_NAME and any(target in front for target in block.targets)
    ]
    alternatives = (line(mark.element.get("alt") or "") for mark in found.images[:_HEAD_IMAGES])
    return [*texts, *(alternative for alternative in alternatives if 0 < len(alternative) <= _LONGEST_NAME)]
