"""What a page is, from evidence that can be named: an article, or why it is none.

Conservative on purpose. A page that is wrongly called an article can be removed by its reader; an article that is
wrongly called a cookie wall is lost in silence. So every verdict but `article` needs its own words on the page and
the absence of a story.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from typing import Final, NamedTuple
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from scraper.extract.blocks import FOOTER, HEADER, NAV, Blocks, TextBlock
from scraper.extract.declared import Declared, strings
from scraper.extract.entries import listing_of
from scraper.extract.seen import ENTRIES, FREE_PART, TEASER, TOLD, Seen, count, opens
from scraper.extract.text import count_words
from scraper.extract.walls import (
    LONGEST_ASKING,
    LONGEST_SAYING,
    PHRASES,
    WRITTEN,
    asked_line,
    asks,
    breaks_off,
    key,
    says_alone,
    tells,
    told,
)
from scraper.model import Verdict


class Judgement(NamedTuple):
    """A verdict, and the one line of evidence it rests on; `None` for an article."""

    verdict: Verdict
    reason: str | None


_STORY: Final = 120
"""Words of main content from which a page is an article whatever else stands on it."""

_LEAST: Final = 5
"""Words below which there is nothing to keep."""

_WALL_WORDS: Final = 40
_WALL_BLOCKS: Final = 40
_INDEX_LINKS: Final = 12

_OF_ENTRIES: Final = 0.8
"""Of these, so many must be dated for the dates to speak; and of a list's text, so much must stand under headlines."""

_DEEPEST_SECTION: Final = 2
"""Folders of the address of a section: `/news/politics/`."""

_LINK: Final = 0.5

_TOLD_IN_A_BLOCK: Final = 10
"""Words of a paragraph: headings and the lines of an offer have fewer."""


def judge(
    found: Blocks, kept: Sequence[TextBlock], declared: Declared, title: str | None, url: str
) -> Judgement:
    """The verdict on a parsed page.

    kept: the blocks of its text. url: where it was found; the front page is at `/`.
    """
    seen = Seen(found, kept, declared, title, url)
    if not found.blocks:
        return Judgement("empty", "the page shows no text at all")
    for check in (_bot_wall, _soft_404, _notice, _index, _list, _paywall, _consent, _frame, _nothing):
        judgement = check(seen)
        if judgement is not None:
            return judgement
    return Judgement("article", None)


def _bot_wall(seen: Seen) -> Judgement | None:
    if seen.count >= _STORY:
        return None
    phrase = seen.titled("bot-wall")
    if phrase is None and seen.count < _WALL_WORDS and len(seen.blocks) < _WALL_BLOCKS:
        phrase = next(filter(seen.says_alone, seen.said("bot-wall")), None)
    return (
        Judgement("bot-wall", f"the page says “{phrase}” and has {seen.count} words of text")
        if phrase and not seen.tells("bot-wall")
        else None
    )


def _soft_404(seen: Seen) -> Judgement | None:
    """A title that says so, and no story: the latest news, which many such pages offer instead, are none."""
    phrase = seen.titled("soft-404")
    if phrase is None:
        return None
    story = seen.count >= _STORY or (seen.declares_article and seen.tells("soft-404"))
    if story and (len(seen.linked) < ENTRIES or seen.longest_run >= TEASER):
        return None
    return Judgement("soft-404", f"its title says “{phrase}”, and it has {seen.count} words of text")


def _notice(seen: Seen) -> Judgement | None:
    """A page of a few words that says why no article is here: it is gone, or out of order, or its domain is for sale
    (soft 404s: Bar-Yossef et al., Sic transit gloria telae, WWW 2004); it is kept from this country, or from who blocks
    advertising or gives no age; it leads on; it lists files."""
    if seen.declares_article or (seen.count >= _STORY and len(seen.linked) < ENTRIES):
        return None
    for verdict in _NOTICES:
        phrases = PHRASES[f"{verdict}-notice"]
        for phrase in phrases:
            if phrase not in seen.text or (at := seen.notice(phrase)) is None:
                continue
            text = seen.own_text(at)
            if told(text, phrases, PHRASES["notice-words"], to_nobody=True) < TOLD and count(text) < _STORY:
                words = f"has {seen.count} words of text" if text is seen.kept else "goes on to other stories"
                return Judgement(verdict, f"the page says “{WRITTEN[phrase]}” and {words}")
    return None


_NOTICES: Final[tuple[Verdict, ...]] = ("soft-404", "bot-wall", "consent", "non-article", "index")


def _index(seen: Seen) -> Judgement | None:
    """Mostly headlines that lead elsewhere, and no stretch of text that could be a story."""
    if seen.declares_article or len(seen.linked) < _INDEX_LINKS:
        return None
    longest = seen.longest_run
    if longest >= (_STORY if seen.front else TEASER):
        return None
    return Judgement(
        "index",
        f"{len(seen.linked)} linked headlines, and no more than {longest} words of text between two",
    )


def _list(seen: Seen) -> Judgement | None:
    """A few headlines that lead elsewhere, each with text under it, no text beside, and a sign that this is a list."""
    if seen.declares_article or len(seen.linked) < ENTRIES:
        return None
    section = _section(seen)
    text = seen.shown if section and seen.longest_run < TEASER else seen.kept
    if len({bisect(seen.linked, block.index) for block in text}) < ENTRIES:
        return None
    listing = listing_of(seen.blocks, text, seen.url, seen.own)
    listed = sum(entry.words for entry in listing.entries)
    if len(listing.entries) < ENTRIES or listed < _OF_ENTRIES * (listed + listing.own_words):
        return None
    dated = sum(entry.dated for entry in listing.entries)
    if seen.url and seen.front:
        sign = "it is the front page"
    elif phrase := _listing_title(seen):
        sign = f"its title says “{phrase}”"
    elif part := _listing_address(urlsplit(seen.url)):
        sign = f"its address says “{part}”"
    elif section:
        sign = f"its title names the folder “{section}” that it stands at"
    elif dated >= _OF_ENTRIES * len(listing.entries):
        sign = f"{dated} of them have a date of their own"
    else:
        return None
    return Judgement("index", f"{len(listing.entries)} linked headlines with text under each, and {sign}")


def _listing_title(seen: Seen) -> str | None:
    """The phrase by which a title names a list: a part of the title, or of several words and its beginning."""
    return next(
        (
            WRITTEN[phrase]
            for phrase in PHRASES["index"]
            if phrase in seen.title_parts
            or (" " in phrase and any(opens(part, phrase) for part in seen.title_parts))
        ),
        None,
    )


def _listing_address(url: SplitResult) -> str | None:
    """The part of an address that names a list: a folder of the path, or the field of a search."""
    folders = [key(folder) for folder in url.path.split("/")]
    named = next((part for part in PHRASES["index-path"] if part in folders), None)
    return named or next((key for key in ("s", "q", "query") if key in parse_qs(url.query)), None)


def _section(seen: Seen) -> str | None:
    """The folder that a page stands at when that is its title, or a part of it: a section of a site, of which more may
    be shown than is kept as text."""
    folders = [folder for folder in unquote(urlsplit(seen.url).path).split("/") if folder]
    if not 0 < len(folders) <= _DEEPEST_SECTION:
        return None
    named = key(folders[-1].replace("-", " ").replace("_", " "))
    return folders[-1] if named and named in seen.title_parts else None


def _paywall(seen: Seen) -> Judgement | None:
    if seen.count >= FREE_PART:
        return None
    free = _free(seen.declared)
    line = _asked_to_pay(seen) if free is not True else None
    if line is not None:
        return Judgement("paywall", f"the page says “{line}” after {seen.count} free words")
    if free is False and seen.count < _STORY:
        return Judgement("paywall", f"it declares isAccessibleForFree false, and {seen.count} words are free")
    return None


def _asked_to_pay(seen: Seen) -> str | None:
    """What the page says to those who have not paid, or the line that says how to read on; `None` where it is said in
    the midst of the text, or by the story itself.

    That subscribers may log in is said over and under free articles too: of itself it is a wall's where the text
    breaks off, or is no more than a teaser.
    """
    phrases = [phrase for phrase in PHRASES["paywall"] if phrase in seen.text]
    to_read = any(phrase in seen.text for phrase in PHRASES["paywall-to-read"])
    if not phrases and not to_read:
        return None
    kept = {block.index for block in seen.kept}
    prose = [block for block in seen.kept if _is_told(block, phrases)]
    cut_short = seen.count < TEASER or not prose or breaks_off(prose[-1].text)
    for block, line in seen.short_blocks:
        in_text = block.index in kept
        if prose and block.index < prose[-1].index and (in_text or block.index > prose[0].index):
            continue
        if line not in phrases and any(line in title for title in seen.titles):
            continue
        longest = LONGEST_SAYING if in_text else LONGEST_ASKING
        for phrase in phrases:
            if phrase not in line or not (cut_short or phrase not in PHRASES["paywall-login"]):
                continue
            alone = in_text or block.link_density > _LINK
            if says_alone(block.text, phrase) if alone else asks(block.text, phrase, longest):
                return WRITTEN[phrase]
        if to_read and (asked := asked_line(block.text, longest)):
            return asked
    return None


def _is_told(block: TextBlock, phrases: Sequence[str]) -> bool:
    """Whether a kept block is of the story: a paragraph, and neither a wall's nor an offer."""
    if count_words(block.text) < _TOLD_IN_A_BLOCK:
        return False
    offer = (PHRASES["paywall-by"], PHRASES["paywall-words"], phrases)
    return tells(block.text, *offer, to_nobody=True) and asked_line(block.text) is None


def _consent(seen: Seen) -> Judgement | None:
    """A page that asks for consent and tells nothing: what it says besides is a banner's over a short story."""
    if seen.count >= FREE_PART:
        return None
    phrases = list(seen.said("consent"))
    prose = sum(1 for block in seen.blocks if block.text.count(" ") >= 25 and block.link_density < 0.3)
    if (
        not phrases
        or told(seen.kept, PHRASES["consent-words"]) >= TOLD
        or (seen.count >= TEASER and (len(phrases) < 2 or seen.declares_article))
    ):
        return None
    if seen.count < TEASER and prose >= 3:
        return None
    return Judgement("consent", f"the page says “{phrases[0]}” and tells no story")


def _frame(seen: Seen) -> Judgement | None:
    """A page of which a script was to write the text: nothing is there but what the site puts around it."""
    if seen.count >= _WALL_WORDS or not seen.kept or not all(map(_is_frame, seen.kept)):
        return None
    return Judgement("empty", "no text but in its header and footer")


def _is_frame(block: TextBlock) -> bool:
    return (
        bool(block.place.context & (FOOTER | NAV))
        or "©" in block.text
        or (bool(block.place.context & HEADER) and count_words(block.text) < _LEAST)
    )


def _nothing(seen: Seen) -> Judgement | None:
    if seen.count >= _LEAST:
        return None
    whole = sum(count_words(block.text) for block in seen.blocks)
    if whole < 2 * _LEAST:
        return Judgement("empty", f"{whole} words on the whole page")
    return Judgement("non-article", f"{seen.count} words of main content among {whole} on the page")


def _free(declared: Declared) -> bool | None:
    """What the page declares of its access (schema.org `isAccessibleForFree`); `None` where it says nothing."""
    for node in [*declared.articles, *declared.pages]:
        value = node.get("isAccessibleForFree")
        if isinstance(value, bool):
            return value
        for said in strings(value):
            if said.lower() in ("true", "false"):
                return said.lower() == "true"
    tier = (declared.first("article:content_tier") or "").lower()
    return {"free": True, "locked": False}.get(tier)
