"""Who wrote it: people, as the page names them.

JSON-LD persons first, then the metas that name an article's author, the visible byline near the headline, and the
meta `author`, which themes fill with their own maker. The publisher, the site, desks, agencies and role words ("By",
"Von", "Redaktion", "Admin") are not people. A blogger's pen name is one, even where the blog is named after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Final, NamedTuple

from scraper.extract.blocks import Blocks, TextBlock
from scraper.extract.bylines import BELOW, bylines, introduced, linked, marked_near, only_one, signatures
from scraper.extract.declared import Declared, JsonObject, strings, types
from scraper.extract.names import is_person, names_in, people
from scraper.extract.seams import all_parted
from scraper.extract.text import squeeze
from scraper.model import Candidate, FieldOrigin

_METAS: Final = (
    "article:author",
    "og:article:author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
    "dc.contributor",
    "citation_author",
    "byl",
    "article:author_name",
)
_FULL = re.compile(r"[^\W\d_]+ [^\W\d_][^\W\d_'’-]+")
"""A first name and a family name."""


class _Offer(NamedTuple):
    """Bylines from one place; `explicit` where the page says that they are the author's name and nothing else."""

    origin: str
    names: list[str]
    explicit: bool = False


class _Said(NamedTuple):
    """The people that an offer names."""

    offer: _Offer
    names: list[str]


_KIND: Final = {"rel-author": "byline-class"}
"""Origins that read the same elements, and so agree with each other for no reason."""

_COMPLETE: Final = frozenset(
    [
        "json-ld",
        "author",
        "article:author",
        "article:author_name",
        "citation_author",
        "dc.creator",
        "rel-author",
        "byline",
    ]
)


def choose_authors(
    declared: Declared,
    found: Blocks,
    around: Sequence[TextBlock],
    kept: Sequence[int],
    site_names: Sequence[str],
) -> tuple[tuple[str, ...], FieldOrigin]:
    """The people who wrote the article, every candidate, and where they came from.

    around: the blocks near the headline, where a byline stands. kept: the blocks of the text, under which one may
    stand with a label. site_names: what is no person, however often the page says so.
    """
    nobody = {squeeze(name) for name in site_names if name}
    organisations: set[str] = set()
    persons: set[str] = set()
    for node in declared.nodes:
        kinds = types(node)
        if "Person" in kinds:
            persons.update(map(squeeze, strings(node.get("name"))))
        elif any("Organization" in kind for kind in kinds):
            organisations.update(map(squeeze, strings(node.get("name"))))
    offers = [offer for offer in _offers(declared, found, around, kept) if offer.names]
    said = [_Said(offer, theirs) for offer in offers if (theirs := people(offer.names, nobody))]
    if not said:
        far = [offer for offer in _far_offers(found, around, kept, nobody) if offer.names]
        said = [_Said(offer, theirs) for offer in far if (theirs := people(offer.names, nobody))]
        offers += far
    candidates = [Candidate(name, offer.origin) for offer in offers for name in offer.names]
    if not said:  # a blog may bear its author's name
        for offer in offers:
            pen_names = nobody - organisations if offer.explicit else frozenset()
            own = people(offer.names, nobody, pen_names=pen_names, persons=persons)
            said += [_Said(offer, own)] if own else []
    if not said:
        return (), FieldOrigin(None, tuple(dict.fromkeys(candidates)))
    offer, chosen = _more_complete(said, _most_credible(said))
    names = tuple(dict.fromkeys(_in_full(name, offers) for name in chosen))
    return names, FieldOrigin(offer.origin, tuple(dict.fromkeys(candidates)))


def _more_complete(said: Sequence[_Said], chosen: _Said) -> _Said:
    """The offer that names the same people and more, as bylines do where a description holds one author."""
    own = set(map(squeeze, chosen.names))
    for one in said:
        theirs = {squeeze(name): name for name in one.names}
        more = [name for key, name in theirs.items() if key not in own]
        if own < theirs.keys() and one.offer.origin in _COMPLETE and all(" " in name for name in more):
            return one
    return chosen


def _in_full(name: str, offers: Sequence[_Offer]) -> str:
    """A name as some offer parts its words; a first name alone with the family name that one offer adds."""
    if " " in name:
        return name
    lines = [byline for offer in offers for byline in offer.names]
    spelled = {squeeze(other): other for byline in lines for other in names_in(byline) if " " in other}
    key = squeeze(name)
    if key in spelled:
        return spelled[key]
    fuller = {
        other
        for other in spelled.values()
        if _FULL.fullmatch(other) and other.split()[0] == name and is_person(other)
    }
    return fuller.pop() if len(fuller) == 1 else name


def _most_credible(said: Sequence[_Said]) -> _Said:
    """The first offer; unless it stands alone with its names and two other kinds of evidence agree on others."""
    first = said[0]
    own = set(map(squeeze, first.names))
    kinds: dict[frozenset[str], list[_Said]] = {}
    for one in said:
        kinds.setdefault(frozenset(map(squeeze, one.names)), []).append(one)
    if len(kinds[frozenset(own)]) == 1:
        for names, ones in kinds.items():
            apart = not any(name in mine or mine in name for name in names for mine in own)
            if apart and len({_KIND.get(one.offer.origin, one.offer.origin) for one in ones}) > 1:
                return ones[0]
    return first


def _offers(
    declared: Declared, found: Blocks, around: Sequence[TextBlock], kept: Sequence[int]
) -> Iterator[_Offer]:
    """What the page declares, what stands near the headline, and labelled bylines below the text."""
    nodes = {
        node["@id"]: node for node in declared.nodes if isinstance(node.get("@id"), str) and len(node) > 2
    }
    for article in declared.articles[:2]:
        yield _Offer(
            "json-ld", list(_persons(article.get("author") or article.get("creator"), nodes)), explicit=True
        )
    for name in _METAS:
        yield _Offer(name, list(_unlinked(declared, name)))
    near = {block.index for block in around}
    named, spoken = marked_near(found, near)
    yield _Offer("rel-author", named, explicit=True)
    yield _Offer("byline", list(bylines(around, found.blocks)), explicit=True)
    yield _Offer("byline-class", spoken, explicit=True)
    for page in declared.pages[:1]:
        yield _Offer("json-ld", list(_persons(page.get("author"), nodes)))
    yield _Offer("author", list(_unlinked(declared, "author")))
    yield _Offer("author-page", list(linked(around)), explicit=True)
    yield _Offer("below", list(bylines(_below(found, kept), found.blocks, labelled=True)))


def _far_offers(
    found: Blocks, around: Sequence[TextBlock], kept: Sequence[int], nobody: Set[str]
) -> Iterator[_Offer]:
    """What is asked only of a page that names nobody otherwise."""
    below = _below(found, kept)
    writers = dict.fromkeys(name for text in linked(below) for name in names_in(text) if is_person(name))
    yield _Offer("author-page", list(writers) if len(writers) == 1 else [])
    yield _Offer("introduced", list(introduced(around, found, kept)))
    yield _Offer("marked", only_one(found, nobody))
    yield _Offer("signature", list(signatures(found.blocks, kept)))


def _below(found: Blocks, kept: Sequence[int]) -> Sequence[TextBlock]:
    return all_parted(found.blocks[kept[-1] + 1 : kept[-1] + 1 + BELOW] if kept else [])


def _unlinked(declared: Declared, name: str) -> Iterator[str]:
    """The values of a meta that are no addresses."""
    return (value for value in declared.meta.get(name, ()) if not value.lower().startswith(("http", "www.")))


def _persons(value: object, nodes: Mapping[str, JsonObject], depth: int = 0) -> Iterator[str]:
    if isinstance(value, str):
        yield from strings(value)
    elif isinstance(value, list) and depth < 3:
        for member in value[:20]:
            yield from _persons(member, nodes, depth + 1)
    elif isinstance(value, dict):
        if "name" not in value and isinstance(value.get("@id"), str):
            value = nodes.get(value["@id"], value)
        kinds = types(value)
        if not kinds or "Person" in kinds:
            yield from strings(value.get("name"))
