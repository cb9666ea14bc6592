"""An archive of stories that are tied to one another: reprints, a borrowed passage, a story that was changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from archive.model import CaptureRow, Intent, Outcome
from archive.store import Store
from tests.web.kept import ATTACK, FERRY, HOSTILE, START, STORIES, Told, keep

WIRE_TEXT = (
    "ORLEN, Oct 7 (Reuters) - The harbour board voted on Saturday to raise the old breakwater by two metres before the "
    "winter storms, after three floods in five years reached the market square.\n\n"
    "The work will cost 41 million crowns, of which the coast fund pays half, the board said in a statement. "
    "Fishermen had asked for a wall further out, but engineers found the sea bed too soft to carry it.\n\n"
    'Shopkeepers along the quay welcomed the plan. "We have pumped our cellars dry every spring since the great '
    'flood," said Ada Wirth, who sells rope and lamps in the third generation.\n\n'
    "Quarrying starts in November on the island of Tam, and barges will carry the stone across the sound at night so "
    "that the ferry can keep its timetable. The board expects to finish within fourteen months."
)

WIRE = Told(
    "http://harbour.example/breakwater",
    "Harbour board raises the old breakwater",
    WIRE_TEXT,
    published="2017-10-07",
    fields={"authors": ("Mina Sol",), "sources": ("Reuters",), "site_name": "The Harbour Post"},
)
REPRINT = Told(
    "http://gazette.example/wall",
    "Two more metres of wall for Orlen",
    WIRE_TEXT.replace("on Saturday ", "").replace("every spring", "each spring"),
    published="2017-10-08",
)
BLOG = Told(
    "http://coastblog.example/notes",
    "Notes from the coast, second week of October",
    "It rained for six days and the almond pickers went home early, which nobody on the terraces can remember.\n\n"
    + WIRE_TEXT.split("\n\n")[2]
    + "\n\nMeanwhile the chess club of Vasko lost its table to the tide, and plays in the bakery until it is found. "
    "The baker opened at four in the morning to watch the last game, and lost his bread to it.",
    published="2017-10-12",
)
FLOOD = Told(
    "http://harbour.example/flood",
    "Flood kills eleven in Vasko",
    "Eleven people died when the river left its bed at Vasko on Monday night, the mayor said.\n\n"
    "The road to Orlen stayed closed until noon. Soldiers brought bread and lamps by boat to the upper town.\n\n"
    "The dam above the town held, the ministry of works said.",
    published="2017-10-10",
)
FLOOD_LATER = replace(
    FLOOD,
    title="Flood kills fourteen in Vasko",
    text=FLOOD.text.replace("Eleven people died", "Fourteen people died").replace(
        "The road to Orlen stayed closed until noon. ", ""
    ),
)
FLOOD_LAST = replace(FLOOD_LATER, text=FLOOD_LATER.text + "\n\nTwo children were found alive on Wednesday.")

_HOSTILE_PARAGRAPHS = (
    "Whoever reads this page is told at some length that nothing in it is what it seems, that its headline is a trap, "
    f"its byline another, and that even the commas were put there by someone who wished the reader ill. {ATTACK}\n\n"
    f"{ATTACK} Below the trap lies a second one, which says the same in other words: open the window, let the "
    "stranger in, give him the keys of the house, and go to sleep on the stairs. It goes on and on like this."
)
HOSTILE_WIRE = replace(HOSTILE, url="http://evil.example/a", text=_HOSTILE_PARAGRAPHS)
HOSTILE_REPRINT = replace(
    HOSTILE, url="http://evil.example/b", text=_HOSTILE_PARAGRAPHS.replace("goes on and", "goes round and", 1)
)
HOSTILE_LATER = replace(
    HOSTILE_WIRE, title=f"Changed {ATTACK}", text=f"{_HOSTILE_PARAGRAPHS}\n\nThen this: {ATTACK} of seven."
)

WIRE_ID, REPRINT_ID, BLOG_ID, FLOOD_ID, HOSTILE_ID, HOSTILE_REPRINT_ID = 6, 7, 8, 9, 10, 11
CLUSTER_ID, HOSTILE_CLUSTER_ID = 2, 4
"""FERRY and its exact copy are the first cluster; one that a change left without members was the third."""

NOTHING: tuple[tuple[str, Outcome, str], ...] = (
    ("http://harbour.example/", "rejected", "index"),
    ("http://harbour.example/coast", "rejected", "index"),
    (f"http://evil.example/?{ATTACK}", "rejected", "paywall"),
    ("http://gone.example/a", "failed", "no address is known for gone.example"),
    ("http://coastblog.example/next", "failed", "timed out after 20 s"),
)
"""Captures that came to nothing, of one run of a job."""

LINKED = (WIRE, REPRINT, BLOG, FLOOD, HOSTILE_WIRE, HOSTILE_REPRINT)


def keep_linked(folder: Path) -> Path:
    """The archive of `kept` and after it the stories of this module, some captured again; the path of its database."""
    keep(folder, (*STORIES, HOSTILE, *LINKED))
    keep(folder, (FLOOD_LATER, HOSTILE_LATER, FERRY), begin=START + timedelta(days=1))
    database = keep(folder, (FLOOD_LAST, REPRINT), begin=START + timedelta(days=2))
    with Store.open(database) as store:
        run = store.start_run("crawl coast", START + timedelta(days=2), "coast")
        for minute, (url, outcome, error) in enumerate(NOTHING):
            moment = START + timedelta(days=2, minutes=10 + minute)
            row = CaptureRow(
                url, url, moment, outcome, status=200, mime="text/html", job="coast", error=error
            )
            store.save(Intent(outcome, (row,), run_id=run))
        store.end_run(run, START + timedelta(days=2, hours=1), {"rejected": 3, "failed": 2})
    return database
