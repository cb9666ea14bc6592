from __future__ import annotations
from dataclasses import dataclass
@dataclass(frozen=True, slots=True)
class Announced:
    url: str
    title: str | None = None
    published: str | None = None
    summary: str | None = None
    source: str = ""
    tags: tuple[str, ...] = ()
@dataclass(frozen=True, slots=True)
class Refused:
    url: str
    reason: str
@dataclass(frozen=True, slots=True)
class Found:
    kind: str
    items: tuple[Announced, ...] = ()
    more: tuple[str, ...] = ()
    refused: tuple[Refused, ...] = ()
    fault: str | None = None
