"""What the file of another program says, as frozen values: addresses, and what was noted of them there. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from archive.errors import ArchiveError
from scraper.errors import BadUrl
from scraper.urls import normalise, with_scheme

EARLIEST: Final = datetime(1991, 8, 6, tzinfo=UTC)
"""The first page of the web. What a file says is older was never set."""


class UnreadableFile(ArchiveError):
    """A file that is not what it is said to be. The message says what it should be, and how to get such a one."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An address that a file lists. key: normalised.

    added: when its reader kept it. published: as stated, ISO 8601. feed: whether it is one, and no article.
    """

    url: str
    key: str
    title: str | None = None
    tags: tuple[str, ...] = ()
    added: datetime | None = None
    published: str | None = None
    feed: bool = False


@dataclass(frozen=True, slots=True)
class Skipped:
    """An entry that cannot be asked for. where: `line 7`, or whatever finds it again. reason: in a few words."""

    where: str
    url: str
    reason: str


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything that a file lists, in its order."""

    entries: tuple[Listed, ...] = ()
    skipped: tuple[Skipped, ...] = ()


class Collector:
    """Entries as a reader comes across them; what is no address is taken down as skipped."""

    def __init__(self) -> None:
        self._entries: list[Listed] = []
        self._skipped: list[Skipped] = []

    def add(
        self,
        where: str,
        url: str | None,
        *,
        title: str | None = None,
        tags: tuple[str, ...] = (),
        added: datetime | None = None,
        published: str | None = None,
        feed: bool = False,
    ) -> None:
        """Take down one entry."""
        said = (url or "").strip()
        if not said:
            self.skip(where, title or "", "it names no address")
            return
        address = with_scheme(said)
        try:
            key = normalise(address)
        except BadUrl as error:
            self.skip(where, said, str(error))
            return
        words = tuple(dict.fromkeys(word for one in tags if (word := " ".join(one.split()))))
        name = " ".join((title or "").split())
        # Programs that know no title of a page name it after its address.
        self._entries.append(
            Listed(
                address,
                key,
                title=name if name and name not in (said, address) else None,
                tags=words,
                added=added,
                published=published,
                feed=feed,
            )
        )

    def skip(self, where: str, url: str, reason: str) -> None:
        """Take down what cannot be asked for."""
        self._skipped.append(Skipped(where, url[:500], reason))

    def listing(self) -> Listing:
        """Everything so far."""
        return Listing(tuple(self._entries), tuple(self._skipped))


def text_of(payload: bytes) -> str:
    """A file as text: UTF-8 or UTF-16 where it says so or fits, else what its letters speak for."""
    if payload.startswith((b"\xff\xfe", b"\xfe\xff")):
        return payload.decode("utf-16", "replace")
    try:
        return payload.decode("utf-8-sig")
    except UnicodeDecodeError:
        from scraper.extract.charset import decode  # noqa: PLC0415 - a detector that hardly a file needs

        return decode(payload)[0]


def moment_of(said: object) -> datetime | None:
    """A time as programs note it, aware, UTC: seconds, milliseconds or microseconds since 1970, or ISO 8601.

    `None` for what is no time, or one that was never set.
    """
    text = str(said).strip() if isinstance(said, str | int | float) else ""
    if not text:
        return None
    try:
        if text.replace(".", "", 1).isdigit():
            seconds = float(text)
            for _ in range(2):
                seconds = seconds / 1000 if seconds > 1e11 else seconds  # as seconds, the year 5138
            when = datetime.fromtimestamp(seconds, UTC)
        else:
            when = datetime.fromisoformat(text)
            when = when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return when if when >= EARLIEST else None


def tags_of(said: str | None, separators: str = ",") -> tuple[str, ...]:
    """Tags that stand in one text. separators: characters that part them."""
    text = said or ""
    for one in separators[1:]:
        text = text.replace(one, separators[0])
    return tuple(word.strip() for word in text.split(separators[0]) if word.strip())
