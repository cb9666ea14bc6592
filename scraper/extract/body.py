"""Which blocks are the main content: every block gets one decision, and every decision names its rule.

The order is the argument. First the site's own furniture and what can be no content whoever keeps it (`veto`); then
trafilatura's precision mode; then what that mode lost is recovered where it stands between kept blocks, or above
them as the standfirst. Rules are functions of a block and its surroundings, each with its name, so that `explain`
can show them and a test can take one out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from scraper.extract.align import align
from scraper.extract.blocks import (
    ASIDE,
    CAPTION,
    CONTROL,
    DATA,
    DIALOG,
    FOOTER,
    GRAPHIC,
    HIDDEN,
    NAV,
    Blocks,
    Place,
    TextBlock,
    sum_up,
)
from scraper.extract.declared import Declared
from scraper.extract.sources import is_agency
from scraper.extract.text import count_words, fold, squeeze
from scraper.model import Furniture


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a block is kept, and the name of the rule that says so."""

    kept: bool
    rule: str


def decide(
    found: Blocks,
    declared: Declared,
    title: str | None,
    title_at: int | None,
    opinion: str,
    furniture: Furniture | None = None,
) -> list[Decision]:
    """One decision for each block, in order.

    opinion: the text that trafilatura kept. title_at: the block that shows the title. furniture: what the site is
    known to repeat.
    """
    blocks = found.blocks
    page = _Page(found, title, title_at, align([block.text for block in blocks], opinion), furniture)
    decisions = [page.first_look(block) for block in blocks]
    if page.short_of_text(decisions):
        page.densest_box(decisions)
    page.recover(decisions)
    page.standfirst(decisions, declared)
    return decisions


_OUTSIDE: Final = NAV | ASIDE | FOOTER | CONTROL | GRAPHIC | DIALOG | HIDDEN
_LINK_DENSE: Final = 0.8
_SHORTEST_RECOVERED: Final = 6
_SHORTEST_DESCRIBED: Final = 6
_SHORTEST_LEAD: Final = 10
_MOST_LEADS: Final = 3
_ABOVE: Final = 8
_LEADS: Final = frozenset(["p", "h2", "h3", "h4", "quote"])
_PROMPT = re.compile(
    r"\b(?:subscri|sign up|sign in|log in|newsletter|create an account|bookmark|your inbox|cookie|full access|abonn"
    r"|anmelden|registr|suscr|assin[ae])",
    re.I,
)
_TOO_SHORT: Final = 60
_INNER: Final = frozenset(["p", "li", "quote", "h1", "h2", "h3", "h4", "h5", "h6"])
_CROSSHEADS: Final = frozenset(["h2", "h3", "h4", "h5", "h6"])
_TEASER: Final = 0.4
_LONGEST_TEASER: Final = 45
_RUN: Final = 3
_LONGEST_CAPTION: Final = 40
_LONGEST_FORM: Final = 150
_RELATED = re.compile(
    r"(?:read (?:more|also|next)|see also|also read|related|more on this|recommended|watch|listen"
    r"|lesen sie (?:auch|mehr)|mehr dazu|mehr zum thema|siehe auch|lire aussi|à lire|voir aussi|lee también|ver también"
    r"|leia (?:também|mais)|leggi anche|lees ook|czytaj (?:też|także)|zobacz|läs (?:också|mer)"
    r"|les også|læs også|lue myös|ayrıca oku|okumaya devam|читайте (?:также|ещё)|читайте також"
    r"|اقرأ (?:أيضا|أيضًا|المزيد)|شاهد أيضا|طالع أيضا"
    r"|相关阅读|相關閱讀|関連記事)\b",
    re.I,
)
"""How a line begins that leads to another story."""

_CAPTION_NAMES = re.compile(
    r"caption|legende|bildunter|photo-?credit|image-?credit|img-?desc|foto-?text", re.I
)
_CREDIT = re.compile(r"[\[(/\u00a9](?:photo |foto |image )?(?P<name>[^\[\](){}/\u00a9]{2,30})[\])]?$")
_SENTENCE_END = re.compile(r"[.!?…。！？؟۔।]['\"”’»\u203a“)\]]*$")


class _Page:
    """The blocks of one page with what the rules need to know of all of them together."""

    def __init__(
        self,
        found: Blocks,
        title: str | None,
        title_at: int | None,
        agreed: set[int],
        furniture: Furniture | None,
    ) -> None:
        self.blocks = found.blocks
        self.agreed = agreed
        self.furniture = furniture.blocks if furniture is not None and furniture.articles >= 2 else {}
        self.title = squeeze(title) if title else ""
        self.title_at = title_at
        self.beside_images = {mark.at + step for mark in found.images for step in range(-1, 5)}
        self.link_runs = self.runs_of_links()
        self.first_agreed = min(agreed, default=len(self.blocks))
        self.counts = [count_words(block.text) for block in self.blocks]
        sum_up(found, self.counts)

    def first_look(self, block: TextBlock) -> Decision:
        rule = self.veto(block)
        if rule is not None:
            return Decision(False, rule)
        if block.index in self.agreed:
            return Decision(True, "trafilatura-precision")
        return Decision(False, "trafilatura-dropped")

    def veto(self, block: TextBlock) -> str | None:
        """The rule by which this block is never main content, if there is one."""
        context = block.place.context
        if self.is_headline(block):
            return "headline"
        if self.furniture and self.furniture.get(fold(block.text), 0) >= 2:
            return "furniture"
        if self.is_caption(block):
            return "caption"
        if context & (CONTROL | GRAPHIC):
            return "control"
        if self.in_form(block):
            return "form"
        if block.index in self.agreed and self.is_item_of_prose(block):
            return None
        if block.link_density >= _LINK_DENSE:
            return "link-density"
        if block.index in self.link_runs:
            return "link-run"
        if block.link_density >= _TEASER and _RELATED.match(block.text):
            return "related"
        return None

    def is_item_of_prose(self, block: TextBlock) -> bool:
        """An item or row whose list or table is by and large no links, however linked it is itself."""
        around = block.place.parent
        return block.kind in ("li", "cell") and around is not None and around.link_words < 0.5 * around.words

    def is_headline(self, block: TextBlock) -> bool:
        """The title, where it stands before or at the head of the text."""
        if not self.title or len(block.text) > 2 * len(self.title) + 20 or squeeze(block.text) != self.title:
            return False
        return block.index == self.title_at or block.kind in ("h1", "h2") or block.index <= self.first_agreed

    def is_caption(self, block: TextBlock) -> bool:
        """A caption: marked as one, or the only short text in a box with an image."""
        if block.kind == "caption" or block.place.context & CAPTION:
            return not block.place.context & DATA
        if block.link_density > 0.5 or self.counts[block.index] > _LONGEST_CAPTION:
            return False
        if block.index not in self.agreed and block.index in self.beside_images and _is_named_caption(block):
            return True
        for place in block.place.ancestors()[:5]:
            if place.blocks > 1 or place.kind[0] == "h":
                return False
            if place.images_inside:
                return block.index not in self.agreed or not _SENTENCE_END.search(block.text)
        return False

    def in_form(self, block: TextBlock) -> bool:
        """A label or note among the fields of a form: the nearest box with a field in it holds little else."""
        place: Place | None = block.place
        for _ in range(3):
            if place is None or place.words > _LONGEST_FORM:
                return False
            if place.controls:
                return True
            place = place.parent
        return False

    def runs_of_links(self) -> set[int]:
        """Blocks that stand three or more in a row and are links for a good part each: teasers with their dates."""
        found: set[int] = set()
        run: list[int] = []
        for block in [*self.blocks, None]:
            if (
                block is not None
                and block.link_density >= _TEASER
                and (1 - block.link_density) * len(block.text) <= _LONGEST_TEASER
            ):
                run.append(block.index)
                continue
            if len(run) >= _RUN:
                found.update(run)
            run = []
        return found

    def short_of_text(self, decisions: Sequence[Decision]) -> bool:
        """Whether so little is kept that the second opinion cannot have seen the text."""
        kept = sum(self.counts[index] for index, decision in enumerate(decisions) if decision.kept)
        return kept < _TOO_SHORT

    def densest_box(self, decisions: list[Decision]) -> None:
        """Keep the prose of the box that holds most of it, where that is more than was kept.

        A paragraph speaks fully for its own box, half for the one around, as in Readability (Arc90, 2009).
        """
        scores: dict[int, float] = {}
        boxes: dict[int, Place] = {}
        prose = [
            block
            for block in self.blocks
            if self.counts[block.index] >= _SHORTEST_LEAD
            and block.link_density < 0.3
            and not block.place.context & _OUTSIDE
            and decisions[block.index].rule == "trafilatura-dropped"
        ]
        for block in prose:
            own = block.place if block.kind not in _INNER else block.place.parent or block.place
            weight = float(self.counts[block.index])
            for place in own.ancestors()[:3]:
                scores[id(place)] = scores.get(id(place), 0.0) + weight
                boxes[id(place)] = place
                weight /= 2
        if not scores:
            return
        best = boxes[max(scores, key=lambda key: scores[key])]
        inside = [block for block in prose if any(place is best for place in block.place.ancestors())]
        if sum(self.counts[block.index] for block in inside) < 2 * _TOO_SHORT // 3:
            return
        for block in inside:
            decisions[block.index] = Decision(True, "densest-box")

    def recover(self, decisions: list[Decision]) -> None:
        """Keep what stands between two kept blocks of the same box, and looks like them."""
        kept = [index for index, decision in enumerate(decisions) if decision.kept]
        for before, after in pairwise(kept):
            if not 1 < after - before <= 4:
                continue
            gap = range(before + 1, after)
            if any(
                decisions[index].rule != "trafilatura-dropped" and decisions[index].rule != "caption"
                for index in gap
            ):
                continue
            for index in gap:
                block = self.blocks[index]
                if decisions[index].rule == "trafilatura-dropped" and self.fits(
                    block, self.blocks[before], self.blocks[after]
                ):
                    decisions[index] = Decision(True, "recovered")

    def fits(self, block: TextBlock, before: TextBlock, after: TextBlock) -> bool:
        if block.place.context & _OUTSIDE or block.link_density > 0.5:
            return False
        boxes = {id(place) for place in block.place.ancestors()[:2]}
        near = {id(place) for other in (before, after) for place in other.place.ancestors()[:2]}
        if not boxes & near:
            return False
        if block.kind in _CROSSHEADS:
            return after.kind not in _CROSSHEADS and block.index + 1 == after.index
        return (
            self.counts[block.index] >= _SHORTEST_RECOVERED and _SENTENCE_END.search(block.text) is not None
        )

    def standfirst(self, decisions: list[Decision], declared: Declared) -> None:
        """Keep the paragraph above the text that the page itself gives as its description."""
        first = next((index for index, decision in enumerate(decisions) if decision.kept), None)
        if first is None:
            return
        described = [
            squeeze(value)
            for _, value in declared.values("og:description", "description", "twitter:description")
        ]
        headed = self.title_at is not None and self.title_at < first
        start = self.title_at + 1 if headed and self.title_at is not None else max(0, first - _ABOVE)
        leads: list[int] = []
        for index in range(start, first):
            block = self.blocks[index]
            if (
                decisions[index].rule != "trafilatura-dropped"
                or block.place.context & _OUTSIDE
                or block.link_density > 0.3
            ):
                continue
            count = self.counts[index]
            if count >= _SHORTEST_DESCRIBED and _described(squeeze(block.text), described):
                decisions[index] = Decision(True, "description")
            elif (
                headed
                and count >= _SHORTEST_LEAD
                and block.kind in _LEADS
                and _SENTENCE_END.search(block.text)
                and not _PROMPT.search(block.text)
            ):
                leads.append(index)
        if len(leads) <= _MOST_LEADS:
            for index in leads:
                decisions[index] = Decision(True, "standfirst")


def _is_named_caption(block: TextBlock) -> bool:
    """Whether a block is called a caption by its class, or ends in the credit of a picture."""
    element = block.place.element
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    if _CAPTION_NAMES.search(names):
        return True
    credit = _CREDIT.search(block.text)
    return credit is not None and is_agency(credit["name"])


def _described(own: str, descriptions: Sequence[str]) -> bool:
    """Whether a squeezed block is the page's description of itself, whole or as far as that goes."""
    return any(own in value or (len(value) > 40 and value[:60] == own[:60]) for value in descriptions)
