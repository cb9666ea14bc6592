"""One archive for all tests of exports: they only read it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.app import Archive
from archive.model import Article
from tests.exchange.fetched import fetched_archive
from tests.exchange.nasty import NASTY, nasty_archive


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("nasty")


@pytest.fixture(scope="session")
def archive(folder: Path) -> Iterator[Archive]:
    with nasty_archive(folder) as opened:
        yield opened


@pytest.fixture(scope="session")
def articles(archive: Archive) -> tuple[Article, ...]:
    return tuple(archive.article(number) for number in range(1, len(NASTY) + 1))


@pytest.fixture(scope="session")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with fetched_archive(tmp_path_factory.mktemp("fetched")) as opened:
        yield opened
