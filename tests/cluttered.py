"""A made-up site whose pages give no hint: text, masthead and teasers are boxes of one kind, without names.

Read alone, its masthead passes for the first line of the article, and teasers of other stories for its last
paragraphs. Only what stands on other articles of the site, too, tells them apart.
"""

from __future__ import annotations

MASTHEAD = "News of the northern harbours, printed on the quay every morning but Sunday"
TEASERS = (
    "The bakers of Pendry have asked the council for a longer night, since the new ovens need more time to warm up "
    "before dawn than the old ones did.",
    "A choir of forty post carriers sang on the steps of the station in Missel until the last train had left without "
    "them.",
    "Nobody has claimed the piano that was washed ashore below the lighthouse of Corvo in the first week of spring.",
)

_STORIES = (
    (
        "Ferry sails again after a spring in the dock",
        "The ferry between Orlen and Vasko will sail again from Monday, the harbour master said after a meeting that "
        "lasted three hours and filled the small hall behind the customs house.",
        "Engineers had taken her engine apart six times since March. They found a bent shaft, two cracked valves and, "
        "in the oil, the wedding ring that a mate had lost on his first crossing.",
        "Passengers will pay twelve crowns, a little less than before the repair. Children, bicycles and anyone who "
        "can name all the lighthouses of the bay travel for nothing.",
    ),
    (
        "Beldow opens its first school of bell founding",
        "Eleven apprentices began their lessons in Beldow this week, in a workshop that smells of clay and beeswax and "
        "has had no pupils since the war.",
        "Their teacher, who is eighty-one, cast the bells of four cathedrals and says that every one of them is a "
        "little too loud for his taste.",
        "The course takes five winters. At its end each of them must make a bell that can be heard in the next valley, "
        "which the neighbours there have agreed to confirm in writing.",
    ),
    (
        "Wolves cross the frozen sound to Halvard",
        "Tracks of a pack of seven were found on the southern beach by a woman who was walking her geese, and rangers "
        "have since counted them twice from the air.",
        "It is the first time in a century that the ice has been thick enough. The oldest islanders remember only "
        "stories in which the wolves had to come by boat.",
        "Sheep farmers will be paid for their losses out of the fund for storm damage, although nobody could say at "
        "the meeting which kind of weather a wolf is.",
    ),
    (
        "Museum finds a map where its door should be",
        "Restorers who peeled nine coats of paint from a cupboard in Zurnal came upon a survey of the old town, drawn "
        "in ink on the bare wood and signed by a clerk of the salt office.",
        "According to the drawing the main entrance was bricked up by mistake and has been behind the coat racks all "
        "along, a few steps from where visitors queue in the rain.",
        "An architect will look at the wall in autumn. Until then guests are asked to use the window, as they have "
        "done since the building was given to the city.",
    ),
)


def headline(number: int) -> str:
    """The headline of a story, 1 to 4."""
    return _STORIES[number - 1][0]


def told(number: int, extra: str = "") -> list[str]:
    """Its three paragraphs. extra: ends the last."""
    *paragraphs, last = _STORIES[number - 1][1:]
    return [*paragraphs, last + extra]


def cluttered(number: int, *, comment: str = "", extra: str = "") -> str:
    """The page of a story among the clutter. comment: an HTML comment, which no reader sees."""
    lines = [MASTHEAD, headline(number), *told(number, extra), *TEASERS, "Write to us: 12 Quay Street"]
    boxes = "".join(f"<div>{line}</div>" for line in lines)
    head = f"<head><title>{headline(number)}</title><!--{comment}--></head>"
    return f"<html>{head}<body><div>{boxes}</div></body></html>"


def printed(number: int) -> str:
    """Its print version: the story in one box, its paragraphs parted by line breaks."""
    text = "<br><br>".join(told(number))
    head = f"<head><title>{headline(number)}</title></head>"
    return f"<html>{head}<body><h1>{headline(number)}</h1><div>{text}</div></body></html>"
