"""What the tests of the pages share: archives, and Datasettes on them that are asked without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette
from datasette.plugins import pm

import archive.web as plugin
from archive.web.attached import PLUGIN, Place
from archive.web.server import make_datasette
from tests.web.kept import HOSTILE, STORIES, keep
from tests.web.linked import keep_linked
from tests.web.served import Served


@pytest.fixture(scope="session")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


@pytest.fixture
def on(loop: asyncio.AbstractEventLoop) -> Iterator[Callable[..., Served]]:
    """A Datasette made as `datasette FILE…` makes it, the plugin in its list as the entry point puts it there."""
    if not pm.is_registered(plugin):
        pm.register(plugin, name=PLUGIN)
    made: list[Datasette] = []

    def make(*files: Path, **options: Any) -> Served:
        made.append(Datasette(files=[str(file) for file in files], **options))
        return Served(made[-1], loop)

    yield make
    for datasette in made:
        close(datasette)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an archive with every story; the hostile one is article and capture 5."""
    place = tmp_path_factory.mktemp("kept")
    keep(place, (*STORIES, HOSTILE))
    return place


@pytest.fixture(scope="session")
def site(folder: Path, loop: asyncio.AbstractEventLoop) -> Iterator[Served]:
    """What `archive serve` serves."""
    datasette = make_datasette(
        folder / "data" / "archive.db", Place("The Harbour File", folder / "data" / "warc")
    )
    yield Served(datasette, loop)
    close(datasette)


@pytest.fixture(scope="session")
def linked_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the archive of `linked`."""
    place = tmp_path_factory.mktemp("linked")
    keep_linked(place)
    return place


@pytest.fixture(scope="session")
def linked(linked_folder: Path, loop: asyncio.AbstractEventLoop) -> Iterator[Served]:
    """What `archive serve` serves of it."""
    place = Place("The Harbour File", linked_folder / "data" / "warc")
    datasette = make_datasette(linked_folder / "data" / "archive.db", place)
    yield Served(datasette, loop)
    close(datasette)


def close(datasette: Datasette) -> None:
    """Close what 0.65 leaves open and 1.0 closes by itself."""
    if hasattr(datasette, "close"):
        datasette.close()
        return
    if datasette.executor is not None:
        datasette.executor.shutdown()
    for database in datasette.databases.values():
        database.close()
