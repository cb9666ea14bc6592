"""Articles as `archive export jsonl` writes them, read back. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from archive.model import ArticleDraft
from scraper.errors import BadUrl
from scraper.model import Image
from scraper.similarity import article_digest, word_count
from scraper.urls import normalise, site_of

MIME: Final = "application/json"
EXTRACTOR: Final = "import/jsonl"

MAX_LINE_BYTES: Final = 64_000_000
"""A longer line is no article."""


def _aware(moment: datetime) -> datetime:
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as error:  # the first hours of the year 1, in another zone
        raise ValueError(str(error)) from error


def _dated(stated: str) -> str:
    """A year, a month, a day or a moment that there is."""
    whole = stated + "2000-01-01"[len(stated) :]
    datetime.fromisoformat(whole.replace("Z", "+00:00"))
    return stated


def _worded(text: str) -> str:
    if not word_count(text):
        raise ValueError("there is no word in it")
    return text


Moment = Annotated[datetime, AfterValidator(_aware)]
Stated = Annotated[str, Field(pattern=r"^\d{4}(-\d\d(-\d\d(T.*)?)?)?$"), AfterValidator(_dated)]


class _Image(BaseModel):
    url: str
    caption: str | None = None
    alt: str | None = None


class _Line(BaseModel):
    """The fields that are taken; `url` and `text` must be there. What else stands in a line is passed over."""

    model_config = ConfigDict(extra="ignore")

    url: str
    text: Annotated[str, AfterValidator(_worded)]
    title: str | None = None
    authors: tuple[str, ...] = ()
    canonical_url: str | None = None
    site_name: str | None = None
    published: Stated | None = None
    modified: Stated | None = None
    language: str | None = None
    source: str | None = None
    dateline: str | None = None
    section: str | None = None
    keywords: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    images: tuple[_Image, ...] = ()
    first_captured: Moment | None = None
    last_captured: Moment | None = None


class BadLine(ValueError):
    """A line that is no article. `str` says why, in a few words."""


@dataclass(frozen=True, slots=True)
class Told:
    """An article as a line tells of it. captured: when it was last captured, `None` where the line does not say;
    first_captured: when first."""

    draft: ArticleDraft
    tags: tuple[str, ...]
    captured: datetime | None
    first_captured: datetime | None


def read_line(line: bytes) -> Told:
    """The article of a line. Digest and word count are made anew from its text. Raises: BadLine."""
    try:
        held = json.loads(line)
        if not isinstance(held, dict):
            raise BadLine("no JSON object")
        said = _Line.model_validate(held)
        url = normalise(said.url)
        site = site_of(url)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "it"
        raise BadLine(f"{where}: {first['msg'].removeprefix('Value error, ')}") from error
    except BadLine:
        raise
    except RecursionError as error:
        raise BadLine("lists within lists without end") from error
    except (ValueError, BadUrl) as error:  # no JSON, no UTF-8, or no address
        raise BadLine(str(error)) from error
    sources = tuple(part for part in (said.source or "").split(", ") if part)
    draft = ArticleDraft(
        url=url,
        site=site,
        title=said.title,
        text=said.text,
        text_sha256=article_digest(said.text, dateline=said.dateline, sources=sources),
        word_count=word_count(said.text),
        authors=said.authors,
        published=said.published,
        modified=said.modified,
        language=said.language,
        canonical_url=said.canonical_url,
        site_name=said.site_name,
        sources=sources,
        dateline=said.dateline,
        section=said.section,
        keywords=said.keywords,
        captions=said.captions,
        images=tuple(Image(one.url, one.caption, one.alt) for one in said.images),
        extractor=EXTRACTOR,
    )
    captured = said.last_captured or said.first_captured
    return Told(draft, said.tags, captured, said.first_captured)
