"""Queries that ask for more than words: filters, joined with them in any way. Pure.

FTS5 knows of words alone. So a query is parted into the words that a match has in any case, by which it is ranked
and marked, and a condition that says the rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from archive.search.query import AllOf, AnyOf, InTitle, Near, Node, Term


@dataclass(frozen=True, slots=True)
class Filter:
    """A fact of an article. field: of `SearchRequest`. typed: as the reader wrote it."""

    field: str
    value: str
    typed: str = ""


@dataclass(frozen=True, slots=True)
class Every:
    """All of `parts`."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of `parts`."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Without:
    """Not `part`."""

    part: Condition


Condition = Node | Filter | Every | Either | Without


def every(parts: Iterable[Condition]) -> Condition | None:
    """All of some conditions; `None` for none."""
    flat = [one for part in parts for one in (part.parts if isinstance(part, Every) else (part,))]
    return flat[0] if len(flat) == 1 else Every(tuple(flat)) if flat else None


def either(parts: Iterable[Condition]) -> Condition | None:
    """At least one of some conditions; `None` for none. Words alone stay a query of words."""
    some = tuple(parts)
    words = tuple(part for part in some if isinstance(part, Node))
    if len(some) == 1:
        return some[0]
    return AnyOf(words) if words and len(words) == len(some) else Either(some) if some else None


def joined(wanted: Iterable[Condition], unwanted: Iterable[Condition]) -> Condition | None:
    """All of `wanted` and none of `unwanted`; `None` for nothing. Words alone become a query of words."""
    wanted, unwanted = _either_value(wanted), tuple(unwanted)
    words = tuple(part for part in wanted if isinstance(part, Node))
    without: tuple[Node, ...] = ()
    if words:
        without = tuple(part for part in unwanted if isinstance(part, Node))
        unwanted = tuple(part for part in unwanted if not isinstance(part, Node))
    others = [part for part in wanted if not isinstance(part, Node)]
    others += [Without(part) for part in unwanted]
    if not words:
        return every(others)
    said = words[0] if len(words) == 1 and not without else AllOf(words, without)
    return every((said, *others))


def _either_value(parts: Iterable[Condition]) -> tuple[Condition, ...]:
    """Conditions in which the values of one filter are alternatives; two dates both hold."""
    kept: list[Condition] = []
    values: dict[str, list[Filter]] = {}
    for part in parts:
        if isinstance(part, Filter) and part.field not in {"since", "until"}:
            values.setdefault(part.field, []).append(part)
        else:
            kept.append(part)
    for same in values.values():
        kept.append(same[0] if len(same) == 1 else Either(tuple(dict.fromkeys(same))))
    return tuple(kept)


def words_of(condition: Condition) -> Node | None:
    """The words that whatever meets a condition has; `None` where it may have none of them."""
    match condition:
        case Filter() | Without():
            return None
        case Every(parts):
            needed = [words for part in parts if (words := words_of(part)) is not None]
            return needed[0] if len(needed) == 1 else AllOf(tuple(needed)) if needed else None
        case Either(parts):
            some = [words_of(part) for part in parts]
            known = tuple(words for words in some if words is not None)
            return AnyOf(known) if len(known) == len(some) else None
        case _:
            return condition


def beside_words(condition: Condition) -> tuple[Condition, ...]:
    """What a condition asks for besides its `words_of`, all of it."""
    parts = condition.parts if isinstance(condition, Every) else (condition,)
    return tuple(part for part in parts if not isinstance(part, Node))


def is_mixed(condition: Condition) -> bool:
    """Whether words and filters are alternatives to each other somewhere in it."""
    match condition:
        case Either(parts):
            return not all(_has_no_words(part) for part in parts)
        case Every(parts):
            return any(map(is_mixed, parts))
        case Without(part):
            return is_mixed(part)
        case _:
            return False


def _has_no_words(condition: Condition) -> bool:
    match condition:
        case Filter():
            return True
        case Every(parts) | Either(parts):
            return all(map(_has_no_words, parts))
        case Without(part):
            return _has_no_words(part)
        case _:
            return False


def written(condition: Condition, *, inside: bool = False) -> str:
    """A condition as one may type it, every bracket that it has in mind written. inside: another one."""
    match condition:
        case Filter(field, value, typed):
            return typed or f"{field}:{value}"
        case Term(text, prefix):
            return f'"{text}"' if " " in text else text + "*" * prefix
        case InTitle(term):
            return f"title:{written(term)}"
        case Near(words, distance, beginnings):
            return f"NEAR({' '.join(word + '*' * (word in beginnings) for word in words)}, {distance})"
        case Without(part):
            return f"-{written(part, inside=True)}"
        case AllOf(parts, without):
            said = [written(part, inside=True) for part in parts]
            text = " ".join([*said, *(f"-{written(part, inside=True)}" for part in without)])
            return f"({text})" if inside else text
        case Every(parts):
            text = " ".join(
                written(part, inside=len(parts) > 1 and not isinstance(part, AllOf)) for part in parts
            )
            return f"({text})" if inside else text
        case AnyOf(parts) | Either(parts):
            text = " OR ".join(written(part, inside=True) for part in parts)
            return f"({text})" if inside else text
