"""A date as evidence: where it was found, and what it is a date of, by the words beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scraper.extract.datetext import Found, Stamp

UPDATED = re.compile(
    r"updat|modif|edited|aktualisiert|geändert|änderung|stand:|bearbeitet|mis à jour|actualiz|atualiz|aggiorn"
    r"|bijgewerkt|güncelle|обнов|aktualiz|uppdater|opdater|تحديث|更新",
    re.I,
)
PUBLISHED = re.compile(
    r"publi|posted|(?<!up)date|veröffentlicht|erschienen|erstellt|datum|fecha|creado|pubblicato|geplaatst"
    r"|gepubliceerd|yayın|tarih|eklenme|опублик|дата|data|opublikowan|dodano|publicerad"
    r"|نشر|تاريخ|発表|发布|發布",
    re.I,
)
APPEARED = re.compile(
    r"publi|posted|veröffentlicht|online seit|gepubliceerd|yayın|опублик|publicerad|نشر|发布|發布", re.I
)
"""What can be said of an article only. A book has a date of appearance too, and an event its date."""

OF_STATE = re.compile(
    r"\bstand\b|letzte (?:ä|bearb)|zuletzt|last (?:edited|changed|modified|revised|reviewed)|dernière modif"
    r"|última (?:modif|edic|rev)|ultima modif|laatst (?:gew|bew)|senast ändrad|sist endret|последнее изм|最終更新",
    re.I,
)
"""What dates the state of a page, which may be all there is to date it by; an update is one of something earlier."""

PUBLISHED_ON = re.compile(
    r"(?:publi\w*|posted|veröffentlicht|erschienen|erstellt|datum|fecha|pubblicato|gepubliceerd|geplaatst|(?<!up)date|yayın\w*"
    r"|опублик\w*|نشر\w*|mise? en ligne|data|fecha)\s*(?:on|am|le|el|il|de|of)?\s*[:：,]?\s*\w{0,10},?\s*$",
    re.I,
)


LONGEST_LINE: Final = 160
"""Characters of a block that may be a date line. A date in a longer one is part of what it tells."""

DATE_SHARE: Final = 0.3
"""Of the letters and figures of a date line, how many the date makes up, where no word says what date it is."""


@dataclass(frozen=True, slots=True)
class Dated:
    """A date, where it was found, and what it is a date of.

    labelled: whether a word beside it says that the article appeared then, or that its state is of that day.
    """

    stamp: Stamp
    origin: str
    modified: bool = False
    labelled: bool = False


def share(dates: Sequence[Found], text: str) -> float:
    """Of the letters and figures of a text, how many its dates make up: 0 to 1."""
    whole = sum(ch.isalnum() for ch in text)
    return sum(sum(ch.isalnum() for ch in text[found.start : found.end]) for found in dates) / max(1, whole)
