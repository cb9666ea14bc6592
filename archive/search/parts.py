"""First and last parts of names that are written apart or in one word with the rest: Abu Kamal, Nur al-Din. Pure."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_HEADS: Final = tuple(
    tuple(forms.split())
    for forms in (
        "abu abou aboo bu bou albu albou ebu ابو ابي ابا البو бу абу",
        "deir dayr deyr dair der دير дейр",
        "tell tel tal tall تل телль тель",
        "umm oum um ام умм",
        "beit bayt bait beyt beth بيت бейт",
        "ain ayn ein aïn عين айн",
        "abd abdul abdel abdal abdur abder عبد абд абдул абдель",
        "ibn bin ben بن ابن бин ибн бен",
        "jabal jebel djebel gebel jbeil جبل джебель",
        "kafr kfar kefar كفر кафр",
        "khan خان хан",
        "ras rass راس рас",
        "wadi ouadi oued uadi وادي вади",
        "bab باب баб",
    )
)
"""First parts of names, in all their spellings: father, monastery, hill, mother, house, spring, servant, son, …"""


class Tail(NamedTuple):
    """A last part of names. apart, joined: how it is written in a word of its own, and at the end of one."""

    apart: tuple[str, ...]
    joined: tuple[str, ...]


_TAILS: Final = tuple(
    Tail(tuple(apart.split()), tuple(joined.split()))
    for apart, joined in (
        ("الله allah аллах", "الله allah ollah ullah алла аллах оллах улла уллах"),
        ("الدين din dine дин", "الدين addin eddin uddin addine eddine uddine аддин эддин уддин"),
    )
)
"""Nasrallah and نصر الله, Nureddin and Nur al-Din."""

TAIL_OF: Final = {form: tail for tail in _TAILS for form in tail.apart}
TAIL_JOINED: Final = {form: tail for tail in _TAILS for form in tail.joined}
WITH_TAIL: Final = re.compile(f"(.{{2,}}?)({'|'.join(sorted(TAIL_JOINED, key=len, reverse=True))})")

HEAD_OF: Final = {form: forms for forms in _HEADS for form in forms}
JOINED: Final = re.compile(
    "(?:al)?(?:" + "|".join(sorted((form for form in HEAD_OF if len(form) > 1), key=len, reverse=True)) + ")"
)
