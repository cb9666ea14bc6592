"""Who wrote it: people, as the page names them.

JSON-LD persons first, then the metas and the visible byline near the headline. The publisher, the site, desks,
agencies and role words ("By", "Von", "Redaktion", "Admin") are not people. A blogger's pen name is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from scraper.extract.blocks import ASIDE, FOOTER, NAV, Blocks, TextBlock
from scraper.extract.declared import Declared, JsonObject, strings, types
from scraper.extract.sources import is_agency
from scraper.extract.text import fold, line
from scraper.extract.title import squeeze
from scraper.model import Candidate, FieldOrigin

_METAS: Final = (
    "author",
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
_BY = re.compile(
    r"^(?:(?:written|posted|published|words?|text|story|reported|report|article|review|interview)\s+)?"
    r"(?:by|von|par|por|di|da|door|av|af|autor(?:in)?|author|verfasst von|geschrieben von|text|texte|texto|testo|tekst|szerz\u0151"
    r"|yazan|yazar|\u0430\u0432\u0442\u043e\u0440|\u0643\u062a\u0628(?:\u0647|\u062a)?|\u0628\u0642\u0644\u0645|\u0625\u0639\u062f\u0627\u062f|\u7b46\u8005|\u4f5c\u8005|\u8bb0\u8005|\u8a18\u8005)"
    r"(?:\s*[:\uff1a]\s*|\s+)(?=\S)",
    re.I,
)
_ROLE: Final = (
    r"(?:staff|senior|chief|political|science|business|sports?|tech(?:nology)?|health|foreign|world|culture|news|associate|managing"
    r"|contributing|freelance|special|national|white house|washington)?\s*"
    r"(?:writer|reporter|correspondent|editor(?:[- ]in[- ]chief)?|columnist|contributor|journalist|author|producer|critic|analyst|redakteur(?:in)?"
    r"|journaliste?|autor(?:in)?|redactora?|periodista)"
)
_AFTER_NAME = re.compile(
    rf"\s*(?:[,|/\u2022\u00b7\u2013\u2014(]|\s-\s)\s*(?:{_ROLE}|for\s|f\u00fcr\s|in\s[A-Z]|@|updated|published|posted|\d).*$"
    rf"|\s+(?:{_ROLE})$|\s+(?:on|am|le|el|il)\s+\S*\d.*$|\s*\bfollow\b.*$",
    re.I,
)
_PARTS = re.compile(
    r"\s*(?:[;|&]|\s/\s|,(?!\s*(?:jr|sr|ph\.?d|m\.?d|ii|iii|m\.?sc|rd|ms|esq)\b)|\s(?:and|und|et|y|e|och|og|en|ve|\u0438|\u0648)\s)\s*",
    re.I,
)
_NOT_PEOPLE: Final = frozenset(
    fold(name)
    for name in """redaktion|die redaktion|online redaktion|onlineredaktion|red|admin|administrator|editor|editors|editorial|editorial board
    |editorial staff|editorial team|the editors|staff|staff writer|staff report|staff reporter|staff writers|webmaster|newsroom|news desk
    |newsdesk|desk|web desk|online desk|agencies|agency|news agencies|guest|guest author|guest post|anonymous|unknown|author|authors|by|von
    |contributor|contributors|correspondent|our correspondent|special correspondent|redaction|la redaction|redaccion|redazione|redacao|redacja
    |redactie|de redactie|toimitus|redaksjonen|redaksjon|redaktionen|null|none|undefined|n a|user|website|web|team|press release
    |pressemitteilung|presse|sponsored|advertorial|partner content|news|wire|wire reports|reuters staff|associated press
    |\u0642\u0633\u0645 \u0627\u0644\u062a\u062d\u0631\u064a\u0631|\u0627\u0644\u062a\u062d\u0631\u064a\u0631
    |\u0440\u0435\u0434\u0430\u043a\u0446\u0438\u044f|\u7f16\u8f91\u90e8|\u7de8\u96c6\u90e8""".replace(
        "\n", ""
    ).split("|")
)
_ORGANISATION = re.compile(
    r"\b(?:redaktion|redaction|redacci[o\u00f3]n|redazione|newsroom|news ?desk|team|staff|agency|agentur|agence|agencia|agenzia|press|media|magazine"
    r"|editorial|foundation|institute|university|department|ministry|gmbh|ltd|inc|llc|verlag|zeitung|online|news|tv|radio|correspondents"
    r"|editors?|desk|bureau)\b",
    re.I,
)
_ADDRESS = re.compile(r"https?:|www\.|@|\.(?:com|de|org|net|fr|co|es|it|pl|ru)\b|/", re.I)
_LONGEST: Final = 60
_MOST_WORDS: Final = 6
_BYLINE_NAMES = re.compile(r"by-?line|author|autor|verfasser|auteur|writer|redakteur|contributor-name", re.I)
_NOT_BYLINE = re.compile(
    r"bio|comment|related|avatar|image|photo|social|share|more|all|list|box|card|follow|date|time", re.I
)
_LONGEST_BYLINE: Final = 160


def choose_authors(
    declared: Declared, found: Blocks, around: Sequence[TextBlock], site_names: Sequence[str]
) -> tuple[tuple[str, ...], FieldOrigin]:
    """The people who wrote the article, every candidate, and where they came from.

    around: the blocks near the headline, where a byline stands.
    """
    nobody = {squeeze(name) for name in site_names if name}
    candidates: list[Candidate] = []
    chosen: tuple[str, ...] = ()
    origin: str | None = None
    for source, names in _offers(declared, found, around):
        offered = list(names)
        candidates += [Candidate(name, source) for name in offered]
        if not chosen:
            chosen = tuple(people(offered, nobody))
            origin = source if chosen else None
    return chosen, FieldOrigin(origin, tuple(dict.fromkeys(candidates)))


def people(names: Iterable[str], nobody: set[str]) -> list[str]:
    """The names of people among candidate bylines, cleaned and parted, each once.

    nobody: squeezed names that are no person here: the site, the publisher.
    """
    found: dict[str, str] = {}
    for byline in names:
        for name in _split(byline):
            key = squeeze(name)
            if key and key not in nobody and is_person(name) and key not in found:
                found[key] = name
    return list(found.values())


def is_person(name: str) -> bool:
    """Whether a cleaned name can be a person's: not a role, a desk, an agency, an address or a sentence."""
    if (
        not 2 <= len(name) <= _LONGEST
        or len(name.split()) > _MOST_WORDS
        or not any(ch.isalpha() for ch in name)
    ):
        return False
    folded = fold(name)
    if folded in _NOT_PEOPLE or is_agency(name) or _ADDRESS.search(name):
        return False
    return not (_ORGANISATION.search(name) or sum(ch.isdigit() for ch in name) > 4)


def _split(byline: str) -> Iterator[str]:
    text = line(byline)
    for _ in range(2):
        text = _BY.sub("", text)
    text = _AFTER_NAME.sub("", text).strip(" ,.;:|-\u2013\u2014/()[]\u2022\u00b7")
    for part in _PARTS.split(text):
        name = _AFTER_NAME.sub("", _BY.sub("", part)).strip(" ,;:|-\u2013\u2014/()[]\u2022\u00b7\"'")
        if name:
            yield name


def _offers(
    declared: Declared, found: Blocks, around: Sequence[TextBlock]
) -> Iterator[tuple[str, Iterator[str]]]:
    nodes = {
        node["@id"]: node for node in declared.nodes if isinstance(node.get("@id"), str) and len(node) > 1
    }
    for article in declared.articles[:2]:
        yield "json-ld", _persons(article.get("author") or article.get("creator"), nodes)
    for name in _METAS:
        yield (
            name,
            (
                value
                for value in declared.meta.get(name, ())
                if not value.lower().startswith(("http", "www."))
            ),
        )
    for page in declared.pages[:1]:
        yield "json-ld", _persons(page.get("author"), nodes)
    near = {block.index for block in around}
    yield "itemprop", _marked(found, near)
    yield "byline", _bylines(around)


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
        if kinds and "Person" not in kinds:
            return
        yield from strings(value.get("name"))


def _marked(found: Blocks, near: set[int]) -> Iterator[str]:
    """Names in elements near the headline that say they hold one: `itemprop`, `rel=author`, a byline class."""
    for mark in found.marks:
        if mark.at not in near:
            continue
        element = mark.element
        properties = (element.get("itemprop") or "").lower()
        names = f"{element.get('class') or ''} {element.get('id') or ''}"
        said = "author" in properties or "author" in (element.get("rel") or "")
        if not said and not (_BYLINE_NAMES.search(names) and not _NOT_BYLINE.search(names)):
            continue
        inner = next(
            (child for child in element.iterdescendants() if "name" in (child.get("itemprop") or "").split()),
            None,
        )
        text = line((inner if inner is not None else element).text_content() or inner_content(element))
        if 0 < len(text) <= _LONGEST_BYLINE:
            yield text


def inner_content(element: object) -> str:
    """The `content` of an element that shows nothing."""
    get = getattr(element, "get", None)
    return (get("content") or "") if get else ""


def _bylines(around: Sequence[TextBlock]) -> Iterator[str]:
    """Visible lines near the headline that begin with "By" in some language."""
    for block in around:
        if len(block.text) > _LONGEST_BYLINE or block.place.context & (NAV | FOOTER | ASIDE):
            continue
        for text in block.text.split("\n"):
            match = _BY.match(text)
            if match and text[match.end() : match.end() + 1].isalpha():
                yield text
