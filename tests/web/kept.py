"""Archives for the pages to show: stories of our own, kept by the real store with real WARC records behind them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from archive.dedup.decide import decide
from archive.model import ArticleDraft, CaptureRow, Intent
from archive.store import Store
from scraper.extract.wire import structure_to_json
from scraper.model import Block, Candidate, Container, Exchange, FieldOrigin, Link, RecordLocation
from scraper.similarity import text_digest, word_count
from scraper.warc import WarcWriter

START = datetime(2017, 10, 8, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Told:
    """What a page said. fields: of `ArticleDraft`, beyond these. page: its bytes; else made of title and text."""

    url: str
    title: str | None
    text: str
    language: str | None = "en"
    published: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    page: bytes | None = None


def keep(folder: Path, stories: Iterable[Told], *, begin: datetime = START) -> Path:
    """An archive with these stories, one captured each minute, in the default layout; the path of its database."""
    database = folder / "data" / "archive.db"
    database.parent.mkdir(parents=True, exist_ok=True)
    with Store.open(database) as store, WarcWriter(folder / "data" / "warc") as writer:
        for minute, story in enumerate(stories):
            _keep_one(store, writer, story, begin + timedelta(minutes=minute))
    return database


def _keep_one(store: Store, writer: WarcWriter, story: Told, moment: datetime) -> None:
    exchange = _exchange(story, moment)
    (written,) = writer.write_exchanges([exchange])
    draft = ArticleDraft(
        url=story.url,
        site=(urlsplit(story.url).hostname or "").removeprefix("www."),
        title=story.title,
        text=story.text,
        text_sha256=text_digest(story.text),
        word_count=word_count(story.text),
        language=story.language,
        published=story.published,
        **story.fields,
    )
    outcome, article_id, duplicate_of = decide(
        store.known(story.url), store.article_with_text(draft.text_sha256), draft
    )
    capture = CaptureRow(
        url=story.url,
        key=story.url,
        requested_at=moment,
        outcome=outcome,
        status=200,
        mime="text/html",
        location=written.location,
        payload_digest=written.payload_digest,
    )
    unchanged = outcome == "unchanged"
    store.save(
        Intent(
            outcome,
            (capture,),
            draft=None if unchanged else draft,
            article_id=article_id,
            duplicate_of=None if unchanged else duplicate_of,
            tags=story.tags,
        )
    )


def _exchange(story: Told, moment: datetime) -> Exchange:
    page = story.page
    if page is None:
        title = escape(story.title or "")
        paragraphs = "".join(f"<p>{escape(part)}</p>" for part in story.text.split("\n\n"))
        page = f"<!doctype html><title>{title}</title><h1>{title}</h1>{paragraphs}".encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n" % len(
        page
    )
    parts = urlsplit(story.url)
    request = f"GET {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode("ascii", "replace")
    return Exchange(
        target_uri=story.url,
        requested_at=moment,
        ip_address="192.0.2.7",
        request=request,
        response=head + page,
        head_length=len(head),
        status=200,
        headers=(("Content-Type", "text/html; charset=utf-8"),),
        payload=page,
    )


def fail(database: Path, url: str, error: str, location: RecordLocation | None = None) -> None:
    """A capture that came to nothing."""
    with Store.open(database) as store:
        row = CaptureRow(url, url, START + timedelta(hours=5), "failed", location=location, error=error)
        store.save(Intent("failed", (row,)))


ATTACK = "<script>alert('x')</script><img src=x onerror=alert(1)>\"'><svg/onload=alert(2)>{{7*7}}"
"""What a page would say to run script where its words are shown, in markup, in an attribute or in a template."""

_FERRY_TEXT = (
    "The ferry between Orlen and Vasko will sail again from Monday, the harbour master said.\n\n"
    "Engineers had taken the engine apart five times since spring.\nThey found a bent shaft.\n\n"
    "Passengers will pay eleven crowns for a crossing, less than before the repair."
)


def built(text: str, *looks: tuple[Any, ...]) -> str:
    """The structure of a text. looks: of each of its paragraphs the kind, links and containers, as in `Block`."""
    parts = zip(text.split("\n\n"), looks, strict=True)
    return structure_to_json(
        Block(part, True, "", kind, None, links, within) for part, (kind, links, within) in parts
    )


FERRY = Told(
    "http://harbour.example/ferry",
    "The ferry sails again from Orlen",
    _FERRY_TEXT,
    published="2017-10-08T08:00:00+02:00",
    tags=("boats",),
    fields={
        "authors": ("Mina Sol", "Otto Brandt"),
        "site_name": "The Harbour Post",
        "section": "Coast",
        "sources": ("Coast Press Agency",),
        "captions": ("The ferry at its berth.",),
        "structure": built(
            _FERRY_TEXT,
            ("h2", (Link(4, 9, "http://harbour.example/line"),), ()),
            ("li", (), (Container("ol", 1), Container("li", 2, 5))),
            ("quote", (), (Container("quote", 3),)),
        ),
        "origins": (
            (
                "title",
                FieldOrigin(
                    "h1",
                    (
                        Candidate("The ferry sails again from Orlen", "h1"),
                        Candidate("The ferry sails again from Orlen | The Harbour Post", "title"),
                    ),
                ),
            ),
            ("published", FieldOrigin("json-ld", (Candidate("2017-10-08T08:00:00+02:00", "json-ld"),))),
        ),
    },
)

FERRY_COPIED = Told(
    "http://gazette.example/ferry-again", "Ferry back in service", FERRY.text, published="2017-10-09"
)

WELL = Told(
    "http://riwaq.example/2017/10/03/well",
    "القرية تعيد فتح بئرها القديمة",
    "أعادت القرية فتح بئرها القديمة بعد ثلاثين عاماً، وقال المهندس إن الماء صالح للشرب.\n\n"
    "وحضر الافتتاح سكان ثلاث قرى مجاورة، وغنّى الأطفال حتى المساء.",
    language="ar",
    published="2017-09-30",
    fields={"authors": ("سلمى الحداد",), "site_name": "صحيفة الرواق"},
)

HARVEST = Told(
    "http://gazette.example/harvest",
    "Frost halves the almond harvest",
    "A late frost took half of the almonds. The harbour had none to ship, and the ferry stayed empty.",
    published="2017-09-02",
)

_HOSTILE_TEXT = (
    f"The hostile ferry text begins. {ATTACK} It goes on.\n\njavascript:alert(5)\n\n</p></div></main>{ATTACK}\n\n"
    + "\t".join([ATTACK] * 9)
)

HOSTILE = Told(
    "http://evil.example/%3Cscript%3Ealert(3)%3C/script%3E?q=%22onmouseover=alert(4)",
    f"Breaking {ATTACK} news",
    _HOSTILE_TEXT,
    published=f"2017-10-08{ATTACK}",
    language='en" onmouseover="alert(6)',
    tags=(ATTACK,),
    fields={
        "authors": (f"Mallory {ATTACK}",),
        "site_name": f"Evil {ATTACK} Times",
        "section": ATTACK,
        "sources": (ATTACK,),
        "dateline": ATTACK,
        "keywords": (ATTACK,),
        "captions": (ATTACK,),
        "structure": built(
            _HOSTILE_TEXT,
            ("h3", (), ()),
            (
                "p",
                (Link(0, 19, "javascript:alert(5)"), Link(0, 19, "data:text/html,<script>alert(6)</script>")),
                (),
            ),
            (
                "pre",
                (Link(0, 4, f"http://evil.example/{ATTACK}"),),
                (Container("quote", 1), Container("pre", 2)),
            ),
            ("cell", (), (Container("table", 3), Container("row", 4, 0))),
        ),
        "canonical_url": "javascript:alert(document.domain)",
        "origins": ((ATTACK, FieldOrigin(ATTACK, (Candidate(ATTACK, ATTACK), Candidate(ATTACK, "x")))),),
    },
    page=b"<!doctype html><title>Evil</title><script>alert('from the record')</script>",
)

STORIES = (FERRY, FERRY_COPIED, WELL, HARVEST)
