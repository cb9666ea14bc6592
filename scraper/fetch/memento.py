"""The copy that a web archive has of a page that is gone: what to ask it, and what its answers say. Pure.

An archive is asked by its CDX index where it has one (the Wayback Machine's CDX server, pywb's), else by the Memento
protocol: its TimeGate, then its TimeMap (RFC 7089). A copy is asked for in the octets that the archive captured
(`id_`), without what it writes into pages for its readers, and taken only if the answer says when it was captured.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from types import MappingProxyType
from typing import Any, Final, Literal
from urllib.parse import quote, urlencode, urljoin

from scraper.model import Exchange, Fetched

MOST_COPIES: Final = 3
"""Copies that are asked for before an archive is taken to have none: of some it has the index entry alone."""

_LINK = re.compile(r'<([^<>]*)>((?:\s*;\s*[\w-]+\s*=\s*(?:"[^"]*"|[^\s,;"]+))*)')
_PARAMETER = re.compile(r'([\w-]+)\s*=\s*(?:"([^"]*)"|([^\s,;"]+))')
_PLAYBACK = re.compile(r"/(\d{14})(?:[a-z]{2}_)?/(?=https?:/)")

Step = Literal["cdx", "timegate", "timemap", "memento"]


@dataclass(frozen=True, slots=True)
class Memento:
    """A copy of a page in a web archive.

    original: URL of the page. archive_url: that the archive answered with it. captured_at: by the archive, aware.
    """

    original: str
    archive_url: str
    captured_at: datetime

    def as_dict(self) -> dict[str, str]:
        """For a metadata record."""
        moment = self.captured_at.isoformat().replace("+00:00", "Z")
        return {"original": self.original, "archive_url": self.archive_url, "captured_at": moment}


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask an archive next about a page. copies: playback URLs to try after this one."""

    step: Step
    url: str
    original: str
    near: datetime
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    copies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WebArchive:
    """A web archive with the addresses of the Wayback Machine. root: before `/cdx/…` and `/web/…`, without a slash."""

    root: str

    def owns(self, url: str) -> bool:
        """Whether a URL is one of the archive's."""
        return url.startswith(self.root + "/")

    def copy_in(self, answer: Exchange) -> Memento | None:
        """The copy that an answer of the archive is, in the octets it captured; `None` where it is none."""
        behind = _PLAYBACK.search(answer.target_uri)
        if behind is None or answer.status != 200 or not behind[0].endswith("id_/"):
            return None
        links = _links(_header(answer, "link"), answer.target_uri)
        named = (url for url, parameters in links if "original" in _relations(parameters))
        return memento_of(answer, next(named, answer.target_uri[behind.end() :]))

    def first(self, original: str, near: datetime) -> Question:
        """What to ask first about a page, for the copy closest to a time."""
        asked = {
            "url": original,
            "output": "json",
            "filter": "statuscode:200",
            "closest": _stamp(near),
            "sort": "closest",
            "limit": "20",
        }
        return Question("cdx", f"{self.root}/cdx/search/cdx?{urlencode(asked)}", original, near)

    def after(self, question: Question, fetched: Fetched, body: bytes) -> Question | Memento | None:
        """What to ask next, the copy that has come, or `None` where the archive has none to give.

        fetched: what came of the question. body: of its last answer after content decoding, empty where there is none.
        """
        answer = fetched.exchanges[-1] if fetched.exchanges else None
        if question.step == "memento":
            found = memento_of(answer, question.original) if answer and fetched.error is None else None
            return found or _next_copy(question)
        if question.step == "cdx":
            captures = read_cdx(body) if fetched.error is None else None
            if captures is None:
                return self._timegate(question)
            return self._copies(question, captures)
        if question.step == "timegate":
            return self._after_timegate(question, fetched, answer)
        if fetched.error is not None:
            return None
        return _closest(question, _mementos_in(body.decode("utf-8", "replace"), question.url))

    def _timegate(self, question: Question) -> Question:
        when = format_datetime(question.near.astimezone(UTC).replace(microsecond=0), usegmt=True)
        url = f"{self.root}/web/{_as_path(question.original)}"
        return replace(
            question, step="timegate", url=url, headers=MappingProxyType({"Accept-Datetime": when})
        )

    def _after_timegate(
        self, question: Question, fetched: Fetched, answer: Exchange | None
    ) -> Question | None:
        links = _links(_header(answer, "link"), answer.target_uri) if answer else []
        if fetched.error is None and answer is not None and answer.header("memento-datetime"):
            raw = _original_octets(answer.target_uri)
            if raw is not None:
                return _next_copy(replace(question, copies=(raw,)))
        named = next((url for url, parameters in links if "timemap" in _relations(parameters)), None)
        url = named or f"{self.root}/web/timemap/link/{_as_path(question.original)}"
        return replace(question, step="timemap", url=url, headers=MappingProxyType({}))

    def _copies(self, question: Question, captures: list[tuple[datetime, str]]) -> Question | None:
        playback = [
            (moment, f"{self.root}/web/{_stamp(moment)}id_/{_as_path(url)}") for moment, url in captures
        ]
        return _closest(question, playback)


def memento_of(answer: Exchange, original: str) -> Memento | None:
    """The copy that an answer is, by its own `Memento-Datetime` (RFC 7089, 2.1.1); `None` where it says none."""
    said = answer.header("memento-datetime")
    captured_at = _http_date(said) if said is not None else None
    return Memento(original, answer.target_uri, captured_at) if captured_at is not None else None


def memento_from(said: object) -> Memento | None:
    """What `Memento.as_dict` gave; `None` where it is anything else."""
    if not isinstance(said, dict):
        return None
    original, archive_url, moment = (said.get(name) for name in ("original", "archive_url", "captured_at"))
    if not (isinstance(original, str) and isinstance(archive_url, str) and isinstance(moment, str)):
        return None
    try:
        captured_at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return Memento(original, archive_url, captured_at) if captured_at.tzinfo is not None else None


def read_cdx(body: bytes) -> list[tuple[datetime, str]] | None:
    """Times and URLs of the captures with status 200 in an answer of a CDX index; `None` where it is none.

    Both forms that are in use: an array whose first row names the columns (Wayback Machine), an object a line (pywb).
    """
    text = body.decode("utf-8", "replace").strip()
    rows: list[Mapping[str, Any]] = []
    try:
        if text.startswith("["):
            names, *values = json.loads(text) or [[]]
            rows = [dict(zip(names, one, strict=False)) for one in values]
        elif text.startswith("{"):
            rows = [json.loads(line) for line in text.splitlines() if line.strip()]
        elif text:
            return None
    except (ValueError, TypeError, RecursionError):
        return None
    found = []
    for row in rows:
        if not isinstance(row, dict):
            return None
        url, moment = row.get("original") or row.get("url"), _moment(str(row.get("timestamp")))
        status = str(row.get("statuscode") or row.get("status") or "200")
        if isinstance(url, str) and moment is not None and status == "200":
            found.append((moment, url))
    return found


def _closest(question: Question, playback: list[tuple[datetime, str]]) -> Question | None:
    """The question for the copies closest in time, in the octets that were captured."""
    order = sorted(playback, key=lambda one: abs(one[0] - question.near))
    raw = (_original_octets(url) for _, url in order)
    return _next_copy(replace(question, copies=tuple(dict.fromkeys(url for url in raw if url))[:MOST_COPIES]))


def _next_copy(question: Question) -> Question | None:
    if not question.copies:
        return None
    url, *others = question.copies
    return replace(question, step="memento", url=url, headers=MappingProxyType({}), copies=tuple(others))


def _original_octets(url: str) -> str | None:
    """The address of the captured octets of a memento; `None` where the archive's addresses give no way to them."""
    found, count = _PLAYBACK.subn(r"/\1id_/", url, count=1)
    return found if count else None


def _mementos_in(text: str, base: str) -> list[tuple[datetime, str]]:
    """The mementos of a TimeMap in link-format (RFC 7089, 5)."""
    found = []
    for url, parameters in _links(text, base):
        moment = _http_date(parameters.get("datetime", ""))
        if "memento" in _relations(parameters) and moment is not None:
            found.append((moment, url))
    return found


def _links(text: str, base: str) -> list[tuple[str, dict[str, str]]]:
    """Targets and parameters of links as RFC 8288 writes them."""
    found = []
    for target, parameters in _LINK.findall(text):
        said = {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(parameters)}
        try:
            found.append((urljoin(base, target.strip()), said))
        except ValueError:
            continue
    return found


def _relations(parameters: Mapping[str, str]) -> list[str]:
    return parameters.get("rel", "").lower().split()


def _header(answer: Exchange, name: str) -> str:
    return ", ".join(value for key, value in answer.headers if key.lower() == name)


def _as_path(url: str) -> str:
    """A URL as the rest of a path: its own query stays one, a fragment goes."""
    return quote(url.partition("#")[0], safe=":/?#[]@!$&'()*+,;=%~")


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%S")


def _moment(stamp: str) -> datetime | None:
    try:
        return datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC) if len(stamp) == 14 else None
    except ValueError:
        return None


def _http_date(text: str) -> datetime | None:
    try:
        when = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return when.astimezone(UTC) if when.tzinfo is not None else when.replace(tzinfo=UTC)
