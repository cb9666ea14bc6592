"""Citations as BibTeX, UTF-8: `@misc`, which every style knows, with `url` and `urldate` for those that print them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from archive.exchange.export import Order
from archive.exchange.fields import instant
from archive.exchange.names import Name, date_parts, evidence, key_of, responsible
from archive.model import Article

_ESCAPES: Final = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "$": r"\$", "&": r"\&",
    "#": r"\#", "%": r"\%", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
}  # fmt: skip
r"""What LaTeX would take for syntax. A brace is never `\{`: BibTeX counts it all the same."""

_TRANSLATION: Final = str.maketrans(_ESCAPES)
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def write(order: Order, target: BinaryIO) -> None:
    """An entry after the other."""
    for one in order.articles():
        lines = ",\n".join(f"  {name} = {value}" for name, value in _fields(one))
        target.write(f"@misc{{{key_of(one)},\n{lines}\n}}\n\n".encode())


def _fields(article: Article) -> Iterator[tuple[str, str]]:
    if authors := " and ".join(map(_name, responsible(article))):
        yield "author", f"{{{authors}}}"
    yield "title", f"{{{{{escaped(article.title or article.url)}}}}}"
    yield "howpublished", f"{{{escaped(article.site_name or article.site)}}}"
    parts = date_parts(article.published)
    if parts:
        yield "year", f"{{{parts[0]:04}}}"
    if len(parts) > 1 and 1 <= parts[1] <= len(_MONTHS):
        yield "month", _MONTHS[parts[1] - 1]
    if article.published and len(parts) == 3:
        yield "date", f"{{{article.published[:10]}}}"
    yield "url", f"{{{_address(article.url)}}}"
    yield "urldate", f"{{{instant(article.last_captured)[:10]}}}"
    if article.language:
        yield "language", f"{{{escaped(article.language)}}}"
    if note := evidence(article):
        yield "note", f"{{{escaped(note)}}}"


def escaped(text: str) -> str:
    """Text on one line that LaTeX prints as it is."""
    return " ".join(text.split()).translate(_TRANSLATION)


def _name(name: Name) -> str:
    """`Family, Given`; in braces where it is to be kept whole."""
    return f"{escaped(name.family)}, {escaped(name.given)}" if name.given else f"{{{escaped(name.family)}}}"


def _address(url: str) -> str:
    """A URL is printed as it is, so only what would end the field is written in another way."""
    return re.sub(r"[{}\\\s]", lambda found: f"%{ord(found.group()):02X}", url)
