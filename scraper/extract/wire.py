"""A `Page` as JSON and back: what a worker process hands to its parent; and the structure of a text, to be kept.

JSON rather than pickle: a worker reads hostile input, and unpickling is running what it sends.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import asdict
from itertools import takewhile
from types import MappingProxyType
from typing import Any, Final

from scraper.model import (
    Block,
    Candidate,
    Cell,
    Container,
    FieldOrigin,
    Furniture,
    Image,
    Link,
    Page,
    SiteRules,
)

_TUPLES = ("authors", "sources", "tags", "captions")


def page_to_json(page: Page) -> bytes:
    """The page as one ASCII JSON document."""
    value: dict[str, Any] = {
        name: getattr(page, name)
        for name in Page.__slots__
        if name not in ("blocks", "images", "origins", "witness")
    }
    value["blocks"] = page.blocks  # tuples, and tuples of tuples: arrays to JSON
    value["images"] = [[image.url, image.caption, image.alt] for image in page.images]
    value["origins"] = {
        name: [origin.chosen, [[candidate.value, candidate.origin] for candidate in origin.candidates]]
        for name, origin in page.origins.items()
    }
    value["witness"] = base64.b64encode(page.witness).decode("ascii") if page.witness is not None else None
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def page_from_json(document: bytes | str) -> Page:
    """The page that `page_to_json` wrote. Raises ValueError, KeyError or TypeError for anything else."""
    value = json.loads(document)
    for name in _TUPLES:
        value[name] = tuple(value[name])
    value["blocks"] = tuple(
        Block(
            text,
            kept,
            rule,
            kind,
            score,
            tuple(Link(*link) for link in links),
            tuple(Container(*container) for container in within),
            tuple(Cell(*cell) for cell in cells),
        )
        for text, kept, rule, kind, score, links, within, cells in value["blocks"]
    )
    if value["witness"] is not None:
        value["witness"] = base64.b64decode(value["witness"], validate=True)
    value["images"] = tuple(Image(*image) for image in value["images"])
    value["origins"] = MappingProxyType(
        {
            name: FieldOrigin(chosen, tuple(Candidate(*candidate) for candidate in candidates))
            for name, (chosen, candidates) in value["origins"].items()
        }
    )
    return Page(**value)


def furniture_to_json(furniture: Furniture | None) -> dict[str, Any] | None:
    """What a site repeats, as a JSON value."""
    if furniture is None:
        return None
    return {"articles": furniture.articles, "blocks": dict(furniture.blocks)}


def furniture_from_json(value: dict[str, Any] | None) -> Furniture | None:
    """The furniture that `furniture_to_json` wrote."""
    return None if value is None else Furniture(value["articles"], MappingProxyType(value["blocks"]))


def rules_to_json(rules: SiteRules | None) -> dict[str, Any] | None:
    """A site's rules, as a JSON value."""
    return None if rules is None else asdict(rules)


def rules_from_json(value: dict[str, Any] | None) -> SiteRules | None:
    """The rules that `rules_to_json` wrote."""
    return (
        None
        if value is None
        else SiteRules(**{**value, "drop": tuple(value["drop"]), "keep": tuple(value["keep"])})
    )


_BETWEEN: Final = "\n\n"


def structure_to_json(blocks: Iterable[Block]) -> str:
    """How the text of a page's kept blocks is built, without the text: to be kept beside it.

    A JSON array, empty where there are paragraphs and nothing else. Of each block: the number of its characters, if it
    is a plain paragraph; else an array of that, its kind, its links, what it stands in and its cells, as in `Block`.
    What is empty or as usual at the end of an array is left out. What a block stands in begins with the number of
    containers that it shares with the block before, where there are any.
    """
    kept: list[int | list[Any]] = []
    before: tuple[Container, ...] = ()
    for block in blocks:
        if block.kept:
            shared = sum(1 for _ in takewhile(_is_one, zip(before, block.within, strict=False)))
            within: list[Any] = [
                [kind, number] if at is None else [kind, number, at] for kind, number, at in block.within
            ]
            within = [shared, *within[shared:]] if shared else within
            before = block.within
            said = [len(block.text), block.kind, block.links, within, list(map(_short, block.cells))]
            while len(said) > 1 and not said[-1]:
                said.pop()
            kept.append(len(block.text) if said[1:] == ["p"] else said)
    if all(isinstance(one, int) for one in kept):
        kept.clear()
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def _is_one(pair: tuple[Container, Container]) -> bool:
    return pair[0] == pair[1]


def _short(cell: Cell) -> list[Any]:
    usual = Cell(cell.column)
    last = max((at for at, value in enumerate(cell) if value != usual[at]), default=0)
    return list(cell[: last + 1])


def structure_from_json(structure: str, text: str) -> tuple[Block, ...] | None:
    """The blocks of a text, by what `structure_to_json` wrote; `None` where that was written of another text."""
    said = json.loads(structure)
    if not said:
        return tuple(Block(part, True, "") for part in text.split(_BETWEEN) if part)
    blocks: list[Block] = []
    before: tuple[Container, ...] = ()
    at = 0
    for one in said:
        length, kind, links, within, cells = [*([one, "p"] if isinstance(one, int) else one), [], [], []][:5]
        end = at + length
        if end > len(text) or (end < len(text) and not text.startswith(_BETWEEN, end)):
            return None
        shared, own = (within[0], within[1:]) if within and isinstance(within[0], int) else (0, within)
        before = (*before[:shared], *(Container(*container) for container in own))
        blocks.append(
            Block(
                text[at:end],
                True,
                "",
                kind,
                None,
                tuple(Link(*link) for link in links),
                before,
                tuple(Cell(*cell) for cell in cells),
            )
        )
        at = end + len(_BETWEEN)
    return tuple(blocks) if at == len(text) + len(_BETWEEN) else None
