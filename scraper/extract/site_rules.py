"""A reader's own rules for a site, as CSS selectors: what goes, what stays, where the fields stand. Pure.

They stand above everything else that is decided of a page, and what they decide cites them by name:
`site-rule:example.org drop[0]`. A selector that finds nothing on a page changes nothing there.

An element that is selected stands for the blocks inside it. Of an element amid a line, such as a link, only a block
that is nothing else goes or stays: a block is never cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cssselect import HTMLTranslator, SelectorError
from lxml.etree import XPath, XPathError
from lxml.html import HtmlElement

from scraper.extract.blocks import Blocks, Place, TextBlock
from scraper.extract.datetext import machine_stamp
from scraper.extract.model.judge import Decision
from scraper.extract.names import names_in
from scraper.extract.text import collapse, line
from scraper.model import Candidate, FieldOrigin, SiteRules

PREFIX: Final = "site-rule:"

_LONGEST_VALUE: Final = 500
"""Characters of a title or a byline: beyond, the selector found something else."""

_MOST_NAMES: Final = 20


def fault_of(selector: str) -> str | None:
    """What is wrong with a CSS selector, in words; `None` where nothing is."""
    if not selector.strip():
        return "the selector is empty"
    try:
        _compiled(selector)
    except SelectorError as error:
        return str(error) or "it cannot be read"
    except XPathError as error:
        return f"it cannot be used: {error}"
    return None


@lru_cache(maxsize=512)
def _compiled(selector: str) -> XPath:
    return XPath(HTMLTranslator().css_to_xpath(selector))


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What a rule says of an element. text: of one amid a line, which must be the whole block."""

    kept: bool
    name: str
    text: str | None = None


class Ruled:
    """The rules of one site, on one page."""

    def __init__(self, rules: SiteRules, root: HtmlElement, found: Blocks) -> None:
        self._rules = rules
        self._root = root
        self._found = found

    def decide(self, decisions: Sequence[Decision]) -> list[Decision]:
        """The decisions, with those of the rules in their place."""
        boxes, inside = self._chosen()
        if not boxes and not inside:
            return list(decisions)
        known: dict[int, _Chosen | None] = {}
        return [
            decision
            if (chosen := inside.get(block.index) or _around(block, boxes, known)) is None
            else decision._replace(kept=chosen.kept, rule=chosen.name)
            for block, decision in zip(self._found.blocks, decisions, strict=True)
        ]

    def title(self, origin: FieldOrigin) -> tuple[str, FieldOrigin, int | None] | None:
        """The title, every candidate, and the block that shows it; `None` where no rule finds one."""
        for element in self._select(self._rules.title):
            value = _value(element, "content")
            if value:
                at = next((one.index for one in self._found.blocks if line(one.text) == value), None)
                return value, self._taken("title", [value], origin), at
        return None

    def authors(self, origin: FieldOrigin) -> tuple[tuple[str, ...], FieldOrigin] | None:
        """The authors, and every candidate; `None` where no rule finds one."""
        said = list(filter(None, (_value(one, "content") for one in self._select(self._rules.author))))
        names = [name for value in said for name in (list(names_in(value)) or [value])]
        chosen = tuple(dict.fromkeys(names))[:_MOST_NAMES]
        return (chosen, self._taken("author", chosen, origin)) if chosen else None

    def published(self, origin: FieldOrigin) -> tuple[str, FieldOrigin] | None:
        """The date of publication, and every candidate; `None` where no rule finds one."""
        for element in self._select(self._rules.date):
            for value in (element.get("datetime"), element.get("content"), _value(element, "content")):
                stamp = machine_stamp(value) if value else None
                if stamp is not None:
                    return stamp.text, self._taken("date", [stamp.text], origin)
        return None

    def _name(self, what: str) -> str:
        return f"{PREFIX}{self._rules.site} {what}"

    def _taken(self, what: str, values: Sequence[str], origin: FieldOrigin) -> FieldOrigin:
        name = self._name(what)
        return FieldOrigin(name, (*(Candidate(value, name) for value in values), *origin.candidates))

    def _select(self, selector: str | None) -> Iterator[HtmlElement]:
        found = _compiled(selector)(self._root) if selector is not None else []
        if isinstance(found, list):
            for one in found:
                if isinstance(one, HtmlElement):
                    yield one

    def _chosen(self) -> tuple[dict[HtmlElement, _Chosen], dict[int, _Chosen]]:
        """Boxes that were chosen, by element; and by index blocks that are one chosen element amid a line.

        What is to be kept comes last, and so outranks what is to be dropped in the same box.
        """
        places: set[HtmlElement] = set()
        for block in self._found.blocks:
            step: Place | None = block.place
            while step is not None and step.element not in places:
                places.add(step.element)
                step = step.parent
        boxes: dict[HtmlElement, _Chosen] = {}
        lines: dict[HtmlElement, list[_Chosen]] = {}
        for kept, word, selectors in (
            (False, "drop", self._rules.drop),
            (True, "keep", self._rules.keep),
        ):
            for at, selector in enumerate(selectors):
                name = self._name(f"{word}[{at}]")
                for element in self._select(selector):
                    if element in places:
                        if element not in boxes or boxes[element].kept is not kept:
                            boxes[element] = _Chosen(kept, name)
                        continue
                    box = next((one for one in element.iterancestors() if one in places), None)
                    if box is not None:
                        text = collapse("".join(map(str, element.itertext())))
                        lines.setdefault(box, []).append(_Chosen(kept, name, text))
        inside: dict[int, _Chosen] = {}
        if lines:
            for block in self._found.blocks:
                for chosen in lines.get(block.place.element, ()):
                    if chosen.text == collapse(block.text):
                        inside[block.index] = chosen
        return boxes, inside


def _around(
    block: TextBlock, boxes: dict[HtmlElement, _Chosen], known: dict[int, _Chosen | None]
) -> _Chosen | None:
    """What the innermost chosen box around a block says of it."""
    if id(block.place) not in known:
        known[id(block.place)] = next(
            (boxes[place.element] for place in block.place.ancestors() if place.element in boxes), None
        )
    return known[id(block.place)]


def _value(element: HtmlElement, attribute: str) -> str:
    """What an element says, on one line; an element without text says its attribute, as `meta` does."""
    text = line(" ".join(map(str, element.itertext())))
    return (text or line(element.get(attribute) or ""))[:_LONGEST_VALUE].strip()
