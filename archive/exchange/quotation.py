"""A quotation found in the archive, with what proves it: where its page stands, byte for byte, and since when."""

from __future__ import annotations

import hashlib
import html
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from archive.citation import cite, passage_link
from archive.errors import ArchiveError, NotFound
from archive.exchange.quotes import Nearest, find, key_of, nearest, parts_of
from archive.model import Article
from archive.rereading import Decode, page_at
from archive.store.quoting import Held, capture_at, copies_of, with_phrases, with_words
from archive.store.reading import as_it_stood, read_article, read_versions
from archive.store.rows import ArticleVersion
from scraper.errors import WarcError
from scraper.extract.charset import decode as decode_page
from scraper.model import RecordLocation
from scraper.warc.reader import read_octets

Place = Literal["text", "title"]

_MARKUP: Final = re.compile(r"<!--.*?-->|<[^<>]*>", re.S)


class NothingToFind(ArchiveError):
    """A quotation without a single letter or figure."""

    def __init__(self) -> None:
        super().__init__("there is no word in that quotation")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where the page that says it is kept.

    sha256: of the record, the `length` bytes of the file from `offset` on as they stand there. payload_digest: as the
    record states it. in_payload: whether the words stand in the page's own bytes, read again now; `None`, with
    `error`, where the record cannot be read.
    """

    warc_file: str
    offset: int
    length: int
    sha256: str | None
    payload_digest: str | None
    in_payload: bool | None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Quotation:
    """An article, as it stood in one version, that says what was asked for.

    sentence: as the article has it; characters `start` to `end` of its text (or title). citation, text_link: to copy.
    captured_at: of that version, by us or by the web archive that the copy at `archive_url` is of. first_seen: when a
    version that says it was first captured. stands: whether the article says it as it stands now. copies: other
    articles with the same text.
    """

    article: Article
    place: Place
    sentence: str
    start: int
    end: int
    citation: str
    text_link: str | None
    captured_at: datetime
    archive_url: str | None
    first_seen: datetime
    stands: bool
    evidence: Evidence | None
    copies: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Near:
    """The article with the passage that is most like what was asked for, and how it differs."""

    article: Article
    passage: str
    nearest: Nearest


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found: articles that say it, the earliest first; else the nearest, if any is near."""

    found: tuple[Quotation, ...]
    near: Near | None = None


@dataclass(frozen=True, slots=True)
class Finder:
    """Looks for quotations. warc_folder: where records stand. decode: a payload after content decoding, capped."""

    connection: sqlite3.Connection
    warc_folder: Path
    decode: Decode

    def answer(self, quotation: str, *, limit: int) -> Answer:
        """Who says it, as articles stand; else who said it; else who says nearly that. Raises: NothingToFind."""
        if not key_of(quotation).letters:
            raise NothingToFind
        ids = list(self._standing(quotation, limit))
        if not ids:
            ids = list(self._ever(quotation, limit))
        found = tuple(
            one for one in (self._quotation(number, quotation) for number in ids) if one is not None
        )
        return Answer(found) if found else Answer((), self._near(quotation))

    def _standing(self, quotation: str, limit: int) -> Iterator[int]:
        """Articles that say it as they stand. By its words in order first; hyphens may have parted or joined them."""
        given = 0
        for ask in (self._by_phrase, self._by_words):
            for held in ask(quotation):
                if find(held.text, quotation) or find(held.title, quotation):
                    yield held.article_id
                    given += 1
                    if given >= limit:
                        return
            if given:
                return

    def _ever(self, quotation: str, limit: int) -> list[int]:
        """Articles with most of the words, a version of which says it."""
        said = (
            held.article_id
            for held in self._by_words(quotation)
            for one in read_versions(self.connection, held.article_id)
            if not one.standing and find(one.text, quotation)
        )
        return list(dict.fromkeys(said))[:limit]

    def _by_phrase(self, quotation: str) -> Iterator[Held]:
        return with_phrases(self.connection, parts_of(quotation))

    def _by_words(self, quotation: str) -> Iterator[Held]:
        return with_words(self.connection, quotation)

    def _quotation(self, article_id: int, quotation: str) -> Quotation | None:
        versions = read_versions(self.connection, article_id)
        saying = [(one, place) for one in versions if (place := _place_in(one, quotation)) is not None]
        if not saying:
            return None
        version, (where, start, end) = next(((one, at) for one, at in saying if one.standing), saying[-1])
        article = as_it_stood(read_article(self.connection, article_id, None), version)
        said = (article.text if where == "text" else article.title or "")[start:end]
        capture = capture_at(self.connection, version.warc) if version.warc else None
        sentence = " ".join(said.split())
        cited = cite(article, replace(capture, requested_at=version.captured_at) if capture else None)
        digest = capture.payload_digest if capture else None
        return Quotation(
            article=article,
            place=where,
            sentence=sentence,
            start=start,
            end=end,
            citation=cited.plain,
            text_link=passage_link(article.url, said),
            captured_at=version.stood_at,
            archive_url=version.archive_url,
            first_seen=min(one.stood_at for one, _ in saying),
            stands=version.standing,
            evidence=self._evidence(version.warc, article.url, digest, quotation) if version.warc else None,
            copies=copies_of(self.connection, article_id),
        )

    def _evidence(self, at: RecordLocation, url: str, digest: str | None, quotation: str) -> Evidence:
        try:
            sha256 = hashlib.sha256(read_octets(self.warc_folder, at)).hexdigest()
            page = page_at(self.warc_folder, at, url, self.decode)
        except (NotFound, WarcError, OSError) as error:
            why = str(error)
            return Evidence(at.warc_file, at.offset, at.length, None, digest, None, why)
        said = None if page is None else _says(page.payload, page.content_type, quotation)
        return Evidence(at.warc_file, at.offset, at.length, sha256, digest, said)

    def _near(self, quotation: str) -> Near | None:
        best: tuple[int, str, Nearest] | None = None
        for held in self._by_words(quotation):
            one = nearest(held.text, quotation)
            if one is not None and (best is None or one.share > best[2].share):
                best = (held.article_id, held.text, one)
        if best is None:
            return None
        number, text, one = best
        passage = " ".join(text[one.start : one.end].split())
        return Near(read_article(self.connection, number, None), passage, one)


def _place_in(version: ArticleVersion, quotation: str) -> tuple[Place, int, int] | None:
    if span := find(version.text, quotation):
        return "text", *span
    if version.title and (span := find(version.title, quotation)):
        return "title", *span
    return None


def _says(payload: bytes, content_type: str | None, quotation: str) -> bool:
    """Whether the words stand in a page, its markup left out."""
    text, _ = decode_page(payload, content_type)
    bare = html.unescape(_MARKUP.sub(" ", text))
    joined = html.unescape(_MARKUP.sub("", text))  # <b>W</b>ords
    return find(bare, quotation) is not None or find(joined, quotation) is not None
