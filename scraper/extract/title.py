"""The headline: which of the titles a page offers is the one over the article.

The rule was measured on the development pages (`facts/extraction.md`): some source on the page is right on .99 of
them, the declared titles alone on .70, for they carry the site's name or a shorter headline for sharing. So: a
visible heading that a declared title confirms; else the only `h1`, where it shares half its words with one; else a
declared title without the site's name. A heading inside a breadcrumb trail is the trail's last step, often written
for search engines; the headline that readers see is elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from scraper.extract.blocks import ASIDE, FOOTER, HIDDEN, NAV, Place, TextBlock
from scraper.extract.declared import Declared, strings
from scraper.extract.seams import parts_of
from scraper.extract.text import fold, squeeze
from scraper.model import Candidate, FieldOrigin

_SEPARATOR = re.compile(r"\s+(?:[|–—»«•·~<>]|-{1,2}|::?)\s+|\s*[|\u00a6]\s*|\s*::\s*|:\s+(?=\S+$)")
_TAIL = re.compile(r"\s*[-_|ㅣ\u00a6–—»«•·:]")
"""What parts a headline from the site's name behind it where no space does, as in Chinese and Korean titles."""

_LEADING = re.compile(r"^[\s:;|–—»•·,/-]+")
_KICKER_END = re.compile(r"[:：|–—/-]\s*[\"'“„«‘]?$")
_FRONT_PAGE = re.compile(r"https?://[^/?#]+/?$")
_TRAIL: Final = ("breadcrumb", "brotkrume")
_TRAIL_BOXES: Final = 4
"""How many boxes around a heading are looked at for a breadcrumb trail: list item, list, box, `nav`."""

_NOTHING_IN_COMMON: Final = 4
"""Letters from which a word that a heading shares with a declared title says that they are of one page."""

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
    all_offered = list(_declared_titles(declared))
    front = front_page(declared.base)
    declared_names = {fold(name) for name in site_names}
    site_names = [*site_names, *_named_for_site(all_offered, blocks, declared.base)]
    called = {fold(name) for name in site_names}
    offered = [
        candidate
        for candidate in all_offered
        if fold(candidate.value) not in called and fold(candidate.value) not in _PLACEHOLDERS
    ]
    headings = [
        block
        for block in blocks
        if block.kind in ("h1", "h2", "h3")
        and len(block.text) <= _LONGEST
        and not block.place.context & HIDDEN
        and not (
            block.link_density > 0.8
            and any(target in front or _FRONT_PAGE.search(target) for target in block.targets)
        )
    ][:_HEADINGS_LOOKED_AT]
    candidates = [*all_offered, *(Candidate(one_line(block.text), block.kind) for block in headings[:12])]
    headlines = [block for block in headings if not in_trail(block.place)]
    chosen = _headline(headlines, offered, site_names) or _confirmed(headings, offered, site_names)
    if chosen is not None:
        better = _without_kicker(chosen, offered) or _as_declared(chosen, offered, site_names)
        if better is not None:
            value = _PILCROW.sub("", better.value)
            return value, FieldOrigin(better.origin, tuple(candidates)), chosen.index
        title = _LEADING.sub("", _spelled(chosen, offered))
        return title, FieldOrigin(chosen.kind, tuple(candidates)), chosen.index
    for candidate in offered:
        title = _shorter(candidate, offered) or without_site(candidate.value, site_names)
        shown = _shown(title, blocks)
        if shown is not None:
            title = one_line(shown.text)
            candidates.append(Candidate(title, "visible"))
        return title, FieldOrigin(candidate.origin, tuple(candidates)), shown.index if shown else None
    first = next((block for block in headings if block.kind == "h1"), None)
    if first is not None:
        return _spelled(first, offered), FieldOrigin("h1", tuple(candidates)), first.index
    for candidate in all_offered:
        if fold(candidate.value) not in declared_names:
            return candidate.value, FieldOrigin(candidate.origin, tuple(candidates)), None
    return None, FieldOrigin(None, tuple(candidates)), None


_PLACEHOLDERS: Final = frozenset(
    fold(title)
    for title in (
        *(
            "Untitled",
            "Untitled Document",
            "Untitled Page",
            "New Page 1",
            "Document",
            "Home",
            "Index",
            "No title",
        ),
        *("Unbenanntes Dokument", "Document sans titre", "Documento sin título", "Documento senza titolo"),
        *("Без названия", "Adsız Belge", "无标题文档", "無題ドキュメント", "مستند بدون عنوان"),
    )
)
"""What editors of pages write for a title that nobody gave."""


def _named_for_site(offered: Sequence[Candidate], blocks: Sequence[TextBlock], url: str) -> list[str]:
    """Parts of the declared titles that name the site: its host is called so, or its link to the front page is."""
    front = front_page(url)
    host = squeeze((urlsplit(url).hostname or "").removeprefix("www.").split(".")[0])
    logos = {
        squeeze(block.text)
        for block in blocks[:_BLOCKS_LOOKED_AT]
        if block.link_density > 0.8
        and len(block.text) <= _LONGEST_LOGO
        and block.kind != "h1"
        and any(target in front or _FRONT_PAGE.search(target) for target in block.targets)
    }
    parts = {part.strip() for candidate in offered for _, part in _parts(candidate.value)}
    return [part for part in sorted(parts) if (own := squeeze(part)) and (own == host or own in logos)]


_LONGEST_LOGO: Final = 60
"""Characters of a link to the front page that may be the site's name."""


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


def in_trail(place: Place) -> bool:
    """Whether a box stands in a breadcrumb trail."""
    around: Place | None = place
    for _ in range(_TRAIL_BOXES):
        if around is None:
            return False
        for name, value in around.element.items():
            if _speaks_of_trail(name) or (name in _TRAIL_SAYS and _speaks_of_trail(value)):
                return True
        around = around.parent
    return False


def _speaks_of_trail(text: str) -> bool:
    low = text.lower()
    return any(word in low for word in _TRAIL)


_TRAIL_SAYS: Final = frozenset(["class", "id", "aria-label", "itemtype", "typeof"])


def _headline(
    headings: Sequence[TextBlock], offered: Sequence[Candidate], site_names: Sequence[str]
) -> TextBlock | None:
    """The heading over the article, if the page has one that its declared titles do not contradict."""
    return (
        _confirmed(headings, offered, site_names)
        or _exact(headings, offered, site_names)
        or _lone(headings, offered, site_names)
        or _lone(headings, offered, site_names, akin=True)
    )


def _exact(
    headings: Sequence[TextBlock], offered: Sequence[Candidate], site_names: Sequence[str]
) -> TextBlock | None:
    """The only `h1`, however short, where it is what a declared title begins with, or all of it but the site's name.

    A section's name over a story stands behind the headline in the title, if at all.
    """
    names = {squeeze(name) for name in site_names}
    ones = {squeeze(block.text): block for block in reversed(headings) if block.kind == "h1"}
    outside = NAV | ASIDE | FOOTER
    inside = [
        own
        for own, block in ones.items()
        if own and not block.place.context & outside and not is_slug(block.text)
    ]
    for candidate in offered:
        whole = [squeeze(part) for _, part in _parts(candidate.value)]
        if len(inside) == 1 and whole[:1] == inside and whole.count(inside[0]) > 1:
            return ones[inside[0]]  # a blog and its story have one name
    inside = [own for own in inside if own not in names]
    if len(inside) != 1:
        return None
    for candidate in offered:
        parts = [own for _, part in _parts(candidate.value) if (own := squeeze(part)) not in names]
        heading = ones[inside[0]]
        if (parts and parts[0] == inside[0]) or candidate.value.startswith(f"{heading.text}_"):
            return heading
    return None


def _confirmed(
    headings: Sequence[TextBlock], offered: Sequence[Candidate], site_names: Sequence[str]
) -> TextBlock | None:
    """The first heading, `h1` before `h2`, that stands in a declared title, or ends with one; never the site's name.

    It makes up two fifths of the title, or begins it; a lower heading begins it only as far as a separator. An `h1`
    may also go on after a separator: the title for sharing is often the shorter one.
    """
    declared = [squeeze(candidate.value) for candidate in offered]
    parts = {part.strip() for candidate in offered for _, part in _parts(candidate.value)}
    squeezed = {squeeze(part) for part in parts}
    whole = {squeeze(candidate.value) for candidate in offered if candidate.origin in ("og:title", "json-ld")}
    names = {squeeze(name) for name in site_names}
    for kind in ("h1", "h2", "h3"):
        for block in headings:
            if block.kind != kind:
                continue
            own = squeeze(block.text)
            if len(own.encode()) < _SHORTEST_CONFIRMED or own in names or is_slug(block.text):
                continue
            for title in declared:
                if own in title and (
                    len(own) >= 0.4 * len(title)
                    or (title.startswith(own) and (kind == "h1" or own in squeezed))
                ):
                    return block
            if any(own.endswith(title) and 2 * len(title) >= len(own) for title in whole):
                return block
            if kind == "h1" and any(
                block.text.startswith(part)
                and 2 * len(part) >= len(block.text)
                and _TAIL.match(block.text[len(part) :])
                and squeeze(part) not in names
                for part in parts
            ):
                return block
    return None


def _without_kicker(heading: TextBlock, offered: Sequence[Candidate]) -> Candidate | None:
    """The declared title, where the heading is that title with a kicker before it ("Culture: What Manila reads")."""
    own = squeeze(heading.text)
    for candidate in offered:
        declared = squeeze(candidate.value)
        if candidate.origin in ("og:title", "json-ld") and own != declared and own.endswith(declared):
            return candidate if len(declared) >= 0.5 * len(own) else None
    return None


_PERMALINK = re.compile(r"\s*[¶§#🔗]$")
_PILCROW = re.compile(r"\s*¶$")
"""The sign with which generators of documentation link a heading to itself."""


def _spelled(heading: TextBlock, offered: Sequence[Candidate]) -> str:
    """A heading's text as readers see it: parted at its seams, and without a kicker that no declared title has."""
    parts = [*parts_of(heading)]
    is_linked = any(target.startswith("#") for target in heading.targets)
    parts[-1] = (_PERMALINK if is_linked else _PILCROW).sub("", parts[-1])
    parts = [part for part in parts if part]
    if not parts or parts == heading.text.split("\n"):
        return one_line(heading.text)
    declared = {squeeze(part) for candidate in offered for _, part in _parts(candidate.value)}
    declared.update(squeeze(candidate.value) for candidate in offered)
    for start in range(1, len(parts)):
        rest = " ".join(parts[start:])
        if squeeze(rest) in declared:
            return rest
    return " ".join(parts)


def _as_declared(
    heading: TextBlock, offered: Sequence[Candidate], site_names: Sequence[str]
) -> Candidate | None:
    """The declared headline, where it parts with a colon what the heading only sets in two lines.

    Or where `og:title` and JSON-LD both put a kicker before it ("Kenya: Nairobi from below"), which then is part of
    the headline for its publisher.
    """
    own = squeeze(heading.text)
    sharing = [candidate for candidate in offered if candidate.origin == "og:title"]
    described = {squeeze(candidate.value) for candidate in offered if candidate.origin == "json-ld"}
    names = {squeeze(name) for name in site_names}
    for candidate in sharing:
        declared = squeeze(candidate.value)
        if declared == own and ":" in candidate.value and ":" not in heading.text:
            return candidate
        if (
            declared != own
            and declared in described
            and declared.endswith(own)
            and 5 * len(own) >= 2 * len(declared)
        ):
            before = _before(candidate.value, own)
            if before is not None and _KICKER_END.search(before) and squeeze(before) not in names:
                return candidate
    return None


def _before(declared: str, own: str) -> str | None:
    """What a declared title says before a heading that it ends with. own: the heading, squeezed."""
    for start in range(len(declared) - 1, 0, -1):
        if declared[start].isalnum() and squeeze(declared[start:]) == own:
            return declared[:start]
    return None


def _shorter(candidate: Candidate, offered: Sequence[Candidate]) -> str | None:
    """Another declared title that this one begins with before it names the site."""
    longest = ""
    for other in offered:
        rest = candidate.value[len(other.value) :]
        if (
            rest
            and candidate.value.startswith(other.value)
            and 2 * len(other.value) >= len(candidate.value)
            and _TAIL.match(rest)
            and len(other.value) > len(longest)
        ):
            longest = other.value
    return longest or None


def _lone(
    headings: Sequence[TextBlock],
    offered: Sequence[Candidate],
    site_names: Sequence[str],
    *,
    akin: bool = False,
) -> TextBlock | None:
    """The only `h1` of the page, where it shares half its words with a declared title, or nothing is declared.

    akin: one word in common is enough; for pages of which no heading is confirmed.
    """
    names = {fold(name) for name in site_names}
    ones = {
        squeeze(block.text): block
        for block in reversed(headings)
        if block.kind == "h1" and fold(block.text) not in names
    }
    outside = NAV | ASIDE | FOOTER
    inside = [block for block in ones.values() if not block.place.context & outside] or list(ones.values())
    if len(inside) != 1 or len(inside[0].text) < 12:
        return None
    heading = inside[0]
    own = set(fold(heading.text).split())
    if not own or is_slug(heading.text):
        return None
    if not offered:
        return heading
    for candidate in offered:
        common = own & set(fold(candidate.value).split())
        if 2 * len(common) >= len(own):
            return heading
        if akin and len(own) >= _FEW_WORDS and any(len(word) >= _NOTHING_IN_COMMON for word in common):
            return heading
    return None


_FEW_WORDS: Final = 3
"""Words below which a heading that nothing confirms may be that of a section."""


def is_slug(text: str) -> bool:
    """Whether a title is an address written as words: several, all lower case, in a script that has capitals."""
    if any(ch.isupper() for ch in text) or not any(ch.islower() for ch in text):
        return False
    return len(text.split()) > 3 and re.search(r"[^\w\s]", text) is None


def _shown(title: str, blocks: Sequence[TextBlock]) -> TextBlock | None:
    """The block, of whatever element, that shows a declared title, perhaps with better capitals and punctuation.

    Or shows all of it but a tail after a separator, with no space around it: the site's name, in scripts without
    spaces.
    """
    wanted = squeeze(title)
    if len(wanted.encode()) < _SHORTEST_CONFIRMED:
        return None
    shown: list[TextBlock] = []
    for block in blocks[:_BLOCKS_LOOKED_AT]:
        text = block.text
        if len(text) > 1.5 * len(title) + 10 or 2 * len(text) < len(title) or block.link_density > 0.5:
            continue
        if squeeze(text) == wanted or (title.startswith(text) and _TAIL.match(title[len(text) :])):
            shown.append(block)
    return next((block for block in shown if not is_slug(block.text)), shown[0] if shown else None)
