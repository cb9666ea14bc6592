"""A Datasette that is asked for pages without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from datasette.app import Datasette


class Served:
    """A Datasette, asked for pages."""

    def __init__(self, datasette: Datasette, loop: asyncio.AbstractEventLoop) -> None:
        self.datasette = datasette
        self._loop = loop

    def get(self, path: str, method: str = "get", **options: Any) -> Any:
        """The answer to a request, as httpx gives it."""
        return self._loop.run_until_complete(getattr(self.datasette.client, method)(path, **options))

    def get_together(self, paths: Iterable[str]) -> list[Any]:
        """The answers to requests that are made at once."""

        async def all_of_them() -> list[Any]:
            return await asyncio.gather(*map(self.datasette.client.get, paths))

        return self._loop.run_until_complete(all_of_them())

    def text(self, path: str) -> str:
        """The page, which must be there."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return str(answer.text)

    def json(self, path: str) -> dict[str, Any]:
        """The page as JSON, which must be there."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        value: dict[str, Any] = answer.json()
        return value
