"""Bytes to tree, once. Everything that extraction says about a page is read from the tree made here.

lxml rather than a faster parser: trafilatura needs an lxml tree, and parsing is 2 ms of some 40. `huge_tree` lifts
libxml2's limit of 256 nested elements, which real old pages break (300 nested `div` gave an empty text); the
harder limit of 2,048 stays, and what lies deeper is parsed again with the excess of nesting left out.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Final

from lxml import etree, html
from lxml.html import HtmlElement

from scraper.extract.charset import decode
from scraper.extract.text import REPLACEMENT

_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,1000}\?>")
_FLATTENED_DEPTH: Final = 512
"""How deep a tree is built the second time: twice what libxml2 allows by default, far from what it cannot do."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A parsed page. root: its `html` element. encoding: how its bytes were read."""

    root: HtmlElement
    encoding: str


def parse(payload: bytes, content_type: str | None = None) -> Tree:
    """The tree of a page, whatever the bytes are: an empty document has an empty body.

    Raises: MemoryError.
    """
    text, encoding = decode(payload, content_type)
    if encoding == "utf-8" and REPLACEMENT not in text and not _is_mended(payload, text):
        return Tree(_build(payload), encoding)
    text = _XML_DECLARATION.sub("", text.replace("\x00", REPLACEMENT), count=1)
    # surrogates never come out of a decoder that replaces, but the parser would refuse the whole page for one
    return Tree(_build(text.encode("utf-8", "replace")), encoding)


def _is_mended(payload: bytes, text: str) -> bool:
    """Whether UTF-8 holds what the parser must not see: a NUL, a byte order mark or an XML declaration."""
    return (
        b"\x00" in payload or payload.startswith(codecs.BOM_UTF8) or _XML_DECLARATION.match(text) is not None
    )


_ELEMENTS: Final = etree.ElementDefaultClassLookup(element=HtmlElement)
"""lxml.html's own look-up of a class for forms and inputs is a call of Python for every element that is touched; all
that is read here, and by trafilatura, every `HtmlElement` has."""


_LONG_TAG: Final = 20_000
"""Octets of a start tag from which on its attributes are counted. Shorter ones hold few enough: a page made of them
takes time by its length alone."""

_MOST_ATTRIBUTES: Final = 1_000
"""Attributes of one element that are read. libxml2 compares each with all before it, and so does lxml when it is asked
for them: 20,000 took 2.3 s, 200,000 minutes. No element of the development pages has more than 73."""

_CROWDED = re.compile(
    rb"""<[A-Za-z][\w:-]*(?:\s+[\w:@.-]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>]+))?){%d}(?=\s)"""
    % _MOST_ATTRIBUTES
)


def sparse(octets: bytes) -> bytes:
    """The page without what follows the first thousand attributes of an element, up to the next angle bracket.

    Looked at is where no bracket stands for 20 kB, so a page made to be slow can still be: `pool` has a limit of time.
    """
    parts: list[bytes] = []
    copied = at = 0
    while at + _LONG_TAG < len(octets):
        last = octets.rfind(b"<", at + 1, at + _LONG_TAG)
        if last >= 0:  # no tag that begins before it is long
            at = last
            continue
        following = octets.find(b"<", at + _LONG_TAG)
        end = following if following >= 0 else len(octets)
        crowd = _CROWDED.match(octets, at, end) if octets.find(b">", at, at + _LONG_TAG) < 0 else None
        if crowd:
            parts.append(octets[copied : crowd.end()])
            closing = octets.find(b">", crowd.end(), end)
            copied = closing if closing >= 0 else end
        at = end
    return b"".join([*parts, octets[copied:]]) if parts else octets


def _build(octets: bytes) -> HtmlElement:
    """The tree of a page in UTF-8."""
    octets = _without_early_ends(sparse(octets))
    parser = html.HTMLParser(huge_tree=True, remove_comments=True, remove_pis=True, encoding="utf-8")
    parser.set_element_class_lookup(_ELEMENTS)
    try:
        root = html.document_fromstring(octets, parser=parser)
    except etree.ParserError:  # no element and no text: nothing, white space, a lone comment
        return html.document_fromstring("<html><body></body></html>")
    except (
        etree.XMLSyntaxError
    ) as error:  # a parser that recovers from everything fails for want of memory alone
        raise MemoryError("libxml2 could not build the tree") from error
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        root = _flattened(octets)
    _end_head(root)
    return root


_ENDS = re.compile(rb"</(?:body|html)(?:\s[^<>]*)?>", re.I)
_NOTHING_MORE = re.compile(rb"(?:\s+|</(?:body|html)\b[^<>]*>|<!--(?:(?!-->).)*-->)*+\Z", re.I | re.S)


def _without_early_ends(octets: bytes) -> bytes:
    """The page without the end tags of `body` and `html`, where anything comes after the first of them.

    It is a part of the body for browsers (HTML Living Standard, 13.2.6.4.19, "after body") and lost to libxml2.
    """
    first = _ENDS.search(octets)
    if first is None or _NOTHING_MORE.match(octets, first.end()):
        return octets
    return octets[: first.start()] + _ENDS.sub(b"", octets[first.start() :])


_OF_HEAD: Final = frozenset(
    [
        "base",
        "basefont",
        "bgsound",
        "link",
        "meta",
        "noframes",
        "noscript",
        "script",
        "style",
        "template",
        "title",
    ]
)
"""What a head may hold; whatever else comes ends it (HTML Living Standard, 13.2.6.4.4, "in head")."""


def _end_head(root: HtmlElement) -> None:
    """Move into the body what libxml2 leaves in the head of a page that writes neither `</head>` nor `<body>`: it does
    not know `article`, `main`, `header` and custom elements, and so does not see that the body begins with them."""
    head = root.find("head")
    strays = [] if head is None else [child for child in head if child.tag not in _OF_HEAD]
    if not strays:
        return
    body = root.find("body")
    if body is None:
        body = root.makeelement("body")
        root.append(body)
    first, body.text = body.text, None
    for at, stray in enumerate(strays):
        body.insert(at, stray)
    strays[-1].tail = (strays[-1].tail or "") + (first or "") or None


def _flattened(octets: bytes) -> HtmlElement:
    """The tree of a page nested deeper than libxml2 builds, with the innermost wrappers left out and all text kept."""
    parser = html.HTMLParser(target=_Shallow(), huge_tree=True, encoding="utf-8")  # type: ignore[arg-type]  # see there
    root: HtmlElement = etree.fromstring(octets, parser)
    return root


_makeelement = html.HTMLParser().makeelement


def _make(tag: str, attributes: dict[str | bytes, str | bytes]) -> etree._Element:
    """An element of the class that lxml.html gives a tag."""
    element = _makeelement(tag)
    for name, value in attributes.items():
        element.set(name, value)
    return element


class _Shallow:
    """A parser target that builds a tree no deeper than `_FLATTENED_DEPTH`: deeper elements give only their text.

    It has no `comment` method, so that lxml leaves comments out, as the first parser does.
    """

    def __init__(self) -> None:
        self._builder = etree.TreeBuilder(element_factory=_make)
        self._depth = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Open an element, if there is room."""
        self._depth += 1
        if self._depth <= _FLATTENED_DEPTH:
            self._builder.start(tag, {name: value for name, value in attributes.items()})  # noqa: C416 - widens the type

    def end(self, tag: str) -> None:
        """Close an element, if it was opened."""
        if self._depth <= _FLATTENED_DEPTH:
            self._builder.end(tag)
        else:
            self._builder.data(" ")
        self._depth -= 1

    def data(self, text: str) -> None:
        """Text, wherever it stands."""
        self._builder.data(text)

    def close(self) -> HtmlElement:
        """The tree."""
        root: HtmlElement = self._builder.close()
        return root
