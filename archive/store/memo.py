"""What the index of words has answered in the course of one request, so that it is asked once for the same."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

T = TypeVar("T")


class Memo:
    """The answers of one request: a search and the counts beside it look for the same words.

    It is gone with the request. An article that is written or deleted meanwhile is there or not, as it would be of two
    questions, and one that is gone is left out where its facts are read.
    """

    def __init__(self) -> None:
        self._answers: dict[Hashable, Any] = {}

    def once(self, question: Hashable, answer: Callable[[], T]) -> T:
        """The answer to a question, found at its first asking. question: whatever the answer depends on."""
        if question not in self._answers:
            self._answers[question] = answer()
        return cast("T", self._answers[question])

    def last(self, question: Hashable) -> Any:
        """The answer that was kept last, `None` where none was."""
        return self._answers.get(question)

    def keep(self, question: Hashable, answer: Any) -> None:
        """Keep an answer in place of an earlier one."""
        self._answers[question] = answer
