"""What a draft is to what is held: new, changed, unchanged or a duplicate. Pure."""

from __future__ import annotations

from typing import NamedTuple

from archive.model import ArticleDraft, Known, Outcome


class Decision(NamedTuple):
    """The outcome of a captured article, and the articles it concerns, as `Intent` names them."""

    outcome: Outcome
    article_id: int | None
    duplicate_of: int | None


def decide(known: Known | None, twin: int | None, draft: ArticleDraft) -> Decision:
    """What becomes of a draft.

    known: the article its URL leads to. twin: the head article that has exactly the draft's text, which may be
    the known article itself. An article without a word is nobody's copy.
    """
    head = twin if draft.word_count else None
    if known is None:
        return Decision("new" if head is None else "duplicate", None, head)
    if not is_changed(known, draft):
        return Decision("unchanged", known.article_id, known.duplicate_of)
    return Decision("changed", known.article_id, None if head == known.article_id else head)


def is_changed(known: Known, draft: ArticleDraft) -> bool:
    """Whether main content, title or date differ: what makes a version, as the contract says."""
    return (
        draft.text_sha256 != known.text_sha256
        or draft.published != known.published
        or _on_one_line(draft.title) != _on_one_line(known.title)
    )


def _on_one_line(title: str | None) -> str:
    """A title as the store keeps it: a run of white space is one space, and an empty title is none."""
    return " ".join((title or "").split())
