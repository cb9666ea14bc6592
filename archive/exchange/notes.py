"""A folder of Markdown, a file an article with its fields as front matter: for Obsidian, Hugo and every editor."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from archive.exchange.export import Order
from archive.exchange.fields import instant
from archive.model import Article
from archive.rendering import as_markdown

_SLUG_BYTES: Final = 120
"""Of a title in a file name. File systems take 255 bytes, encrypted ones 143."""

_YAML_BREAKS: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""What YAML takes for a line break, or does not take at all; JSON writes it as it is."""


def write(order: Order, target: Path) -> None:
    """The files, in a folder that is made when it is missing. A file of the same article is replaced."""
    target.mkdir(parents=True, exist_ok=True)
    for one in order.articles():
        (target / file_name(one)).write_text(note_of(one), encoding="utf-8", newline="\n")


def note_of(article: Article) -> str:
    """Front matter in YAML, then the article as Markdown."""
    lines = "".join(f"{name}: {_yaml(value)}\n" for name, value in _front_matter(article).items())
    return f"---\n{lines}---\n\n{as_markdown(article)}"


def file_name(article: Article) -> str:
    """`2017-10-08-the-ferry-sails-again-12.md`: date, title and number.

    Letters, digits and hyphens of any script; whole characters; never a name that Windows keeps for itself, and never
    another one's but for case, since the number is in it.
    """
    title = unicodedata.normalize("NFC", article.title or article.site).lower()
    words = "".join(one if _is_of_word(one) else " " for one in title).split()
    slug = "-".join(word for word in words if any(map(str.isalnum, word)))
    while len(slug.encode()) > _SLUG_BYTES:
        slug = slug[:-1]
    day = re.match(r"\d{4}-\d\d-\d\d", article.published or "")
    parts = (day.group() if day else "undated", slug.strip("-"), str(article.id))
    return "-".join(part for part in parts if part) + ".md"


def _is_of_word(character: str) -> bool:
    """A letter, a figure, or a mark on one: half the vowels of Hindi and Thai are marks."""
    if character.isalnum():
        return True
    return unicodedata.category(character) in ("Mn", "Mc") and not "\ufe00" <= character <= "\ufe0f"


def _front_matter(article: Article) -> Mapping[str, Any]:
    fields = {
        "title": article.title or article.url,
        "authors": list(article.authors),
        "source": article.source,
        "site": article.site,
        "site_name": article.site_name,
        "url": article.url,
        "published": article.published,
        "modified": article.modified,
        "captured": instant(article.last_captured),
        "language": article.language,
        "section": article.section,
        "keywords": list(article.keywords),
        "tags": list(article.tags),
        "words": article.word_count,
        "archive_id": article.id,
        "text_sha256": article.text_sha256,
        "warc": f"{article.warc.warc_file}@{article.warc.offset}" if article.warc else None,
    }
    return {name: value for name, value in fields.items() if value not in (None, [], "")}


def _yaml(value: Any) -> str:
    """A value as JSON, which YAML reads too."""
    return _YAML_BREAKS.sub(
        lambda found: f"\\u{ord(found.group()):04x}", json.dumps(value, ensure_ascii=False)
    )
