"""The headline: which of the titles a page offers is the one over the article.

The rule was measured on the development pages (`facts/extraction.md`): some source on the page is right on .99 of
them, the declared titles alone on .70, for they carry the site's name or a shorter headline for sharing. So: a
visible heading that a declared title confirms; else the only `h1`, where it shares half its words with one; else a
declared title without the site's name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from scraper.extract.blocks import ASIDE, FOOTER, HIDDEN, NAV, TextBlock
from scraper.extract.declared import Declared, strings
from scraper.extract.text import fold, squeeze
from scraper.model import Candidate, FieldOrigin

_SEPARATOR = re.compile(r"\s+(?:[|–—»«•·~<>]|-{1,2}|::?)\s+|\s*[|\u00a6]\s*|\s*::\s*|:\s+(?=\S+$)")
_TRAILING = re.compile(r"[\s|–—»«•·:\-/,(]+$")
_SHORTEST_CONFIRMED: Final = 8
"""Bytes of a heading, squeezed, that a declared title may confirm: `News` stands in many, four ideographs in few."""

_LONGEST: Final = 500
"""Characters. Longer headings are paragraphs in the wrong element."""

_HEADINGS_LOOKED_AT: Final = 60
_BLOCKS_LOOKED_AT: Final = 400


def choose_title(
    declared: Declared, blocks: Sequence[TextBlock], site_names: Sequence[str]
) -> tuple[str | None, FieldOrigin, int | None]:
    """The title, every candidate, and the index of the block that shows it (`None` where none does)."""
    offered = list(_declared_titles(declared))
    front = front_page(declared.base)
    headings = [
        block
        for block in blocks
        if block.kind in ("h1", "h2", "h3")
        and len(block.text) <= _LONGEST
        and not block.place.context & HIDDEN
        and not (block.link_density > 0.8 and any(target in front for target in block.targets))
    ][:_HEADINGS_LOOKED_AT]
    candidates = [*offered, *(Candidate(one_line(block.text), block.kind) for block in headings[:12])]
    chosen = _confirmed(headings, offered, site_names) or _lone(headings, offered, site_names)
    if chosen is not None:
        bare = _without_kicker(chosen, offered)
        if bare is not None:
            return bare.value, FieldOrigin(bare.origin, tuple(candidates)), chosen.index
        return one_line(chosen.text), FieldOrigin(chosen.kind, tuple(candidates)), chosen.index
    for candidate in offered:
        if fold(candidate.value) in {fold(name) for name in site_names}:
            continue
        title = without_site(candidate.value, site_names)
        shown = _shown(title, blocks)
        if shown is not None:
            title = one_line(shown.text)
            candidates.append(Candidate(title, "visible"))
        return title, FieldOrigin(candidate.origin, tuple(candidates)), shown.index if shown else None
    first = next((block for block in headings if block.kind == "h1"), None)
    if first is not None:
        return one_line(first.text), FieldOrigin("h1", tuple(candidates)), first.index
    return None, FieldOrigin(None, tuple(candidates)), None


def front_page(url: str) -> frozenset[str]:
    """The ways a page can link to the front page of its site."""
    parts = urlsplit(url)
    root = f"{parts.scheme}://{parts.netloc}"
    return frozenset(["/", "./", root, root + "/"])


def one_line(text: str) -> str:
    """A heading's text without its line breaks."""
    return " ".join(text.split())


def without_site(title: str, site_names: Sequence[str]) -> str:
    """A declared title without the site's name at its end or start.

    Where the name is known it goes, whatever parts it from the rest; where it is not, the shorter side of a
    separator goes when it is the shorter by far.
    """
    names = [name for name in site_names if name]
    parts = _parts(title)
    known = {fold(name) for name in names}
    while len(parts) > 1 and fold(parts[-1][1]) in known:
        parts.pop()
    while len(parts) > 1 and fold(parts[0][1]) in known:
        parts.pop(0)
    if len(parts) < len(_parts(title)):
        return title[parts[0][0] : parts[-1][0] + len(parts[-1][1])].strip()
    if len(parts) > 1:
        longest = max(parts, key=lambda part: len(part[1]))
        if len(longest[1]) > 0.45 * len(title) and len(longest[1]) >= 2.5 * max(
            len(part[1]) for part in parts if part is not longest
        ):
            return longest[1].strip()
    return title


def beside_title(declared: str | None, title: str | None) -> list[str]:
    """What stands beside the headline in the `title` element: mostly the site's name."""
    if not declared or not title:
        return []
    own = squeeze(title)
    return [part for _, part in _parts(declared) if squeeze(part) and squeeze(part) not in own]


def _parts(title: str) -> list[tuple[int, str]]:
    """The stretches of a title between separators, with where they begin."""
    found: list[tuple[int, str]] = []
    start = 0
    for match in _SEPARATOR.finditer(title):
        if match.start() > start:
            found.append((start, title[start : match.start()]))
        start = match.end()
    if start < len(title):
        found.append((start, title[start:]))
    return found


def _declared_titles(declared: Declared) -> list[Candidate]:
    found: list[Candidate] = []
    for name, value in declared.values("og:title"):
        found.append(Candidate(value, name))
    for article in declared.articles[:3]:
        found.extend(
            Candidate(value, "json-ld") for value in strings(article.get("headline") or article.get("name"))
        )
    for name, value in declared.values(
        "twitter:title", "dc.title", "dcterms.title", "sailthru.title", "parsely-title"
    ):
        found.append(Candidate(value, name))
    if declared.title:
        found.append(Candidate(declared.title, "title"))
    unique: dict[tuple[str, str], Candidate] = {(c.value, c.origin): c for c in found}
    return list(unique.values())


def _confirmed(
    headings: Sequence[TextBlock], offered: Sequence[Candidate], site_names: Sequence[str]
) -> TextBlock | None:
    """The first heading, `h1` before `h2`, whose words stand in a declared title; never the site's own name."""
    declared = [squeeze(candidate.value) for candidate in offered]
    names = {squeeze(name) for name in site_names}
    for kind in ("h1", "h2", "h3"):
        for block in headings:
            if block.kind != kind:
                continue
            own = squeeze(block.text)
            if len(own.encode()) < _SHORTEST_CONFIRMED or own in names:
                continue
            if any(_holds(title, own) for title in declared) and not is_slug(block.text):
                return block
    return None


def _holds(title: str, own: str) -> bool:
    return own in title and (len(own) >= 0.4 * len(title) or title.startswith(own))


def _without_kicker(heading: TextBlock, offered: Sequence[Candidate]) -> Candidate | None:
    """The declared title, where the heading is that title with a kicker before it ("Culture: What Manila reads")."""
    own = squeeze(heading.text)
    for candidate in offered:
        declared = squeeze(candidate.value)
        if candidate.origin in ("og:title", "json-ld") and own != declared and own.endswith(declared):
            return candidate if len(declared) >= 0.5 * len(own) else None
    return None


def _lone(
    headings: Sequence[TextBlock], offered: Sequence[Candidate], site_names: Sequence[str]
) -> TextBlock | None:
    """The only `h1` of the page, where it shares half its words with a declared title, or nothing is declared."""
    names = {fold(name) for name in site_names}
    ones = [block for block in headings if block.kind == "h1" and fold(block.text) not in names]
    outside = NAV | ASIDE | FOOTER
    ones = [block for block in ones if not block.place.context & outside] or ones
    if len(ones) != 1 or len(ones[0].text) < 12:
        return None
    own = set(fold(ones[0].text).split())
    if not own or is_slug(ones[0].text):
        return None
    if not offered or any(
        2 * len(own & set(fold(candidate.value).split())) >= len(own) for candidate in offered
    ):
        return ones[0]
    return None


def is_slug(text: str) -> bool:
    """Whether a title is an address written as words: several, all lower case, in a script that has capitals."""
    if any(ch.isupper() for ch in text) or not any(ch.islower() for ch in text):
        return False
    return len(text.split()) > 3 and re.search(r"[^\w\s]", text) is None


def _shown(title: str, blocks: Sequence[TextBlock]) -> TextBlock | None:
    """The block, of whatever element, that shows a declared title, perhaps with better capitals and punctuation."""
    wanted = squeeze(title)
    if len(wanted.encode()) < _SHORTEST_CONFIRMED:
        return None
    shown = [
        block
        for block in blocks[:_BLOCKS_LOOKED_AT]
        if len(block.text) <= 1.5 * len(title) + 10
        and block.link_density <= 0.5
        and squeeze(block.text) == wanted
    ]
    return next((block for block in shown if not is_slug(block.text)), shown[0] if shown else None)
