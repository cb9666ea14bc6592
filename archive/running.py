"""The making of a run: the lock, what asks and what reads, the pipeline over them, and the end of all of it in order.

What a reader of an archive calls is `archive.app`; jobs, imports and the commands make their runs with what is here.
"""

from __future__ import annotations

import itertools
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.config import Config
from archive.errors import DiskFull, StoreError
from archive.model import OUTCOMES, REREADINGS, Reread
from archive.rules import load_rules
from archive.store import Store

if TYPE_CHECKING:
    from archive.intake import Intake
    from archive.jobs.model import Order
    from archive.pipeline import Pipeline
    from scraper.extract.pool import ExtractionPool
    from scraper.extract.settings import ExtractSettings
    from scraper.fetch.client import Fetcher
    from scraper.fetch.health import HostHealth
    from scraper.fetch.pool import FetchPool
    from scraper.fetch.robots import RobotsAnswer
    from scraper.fetch.wire import Resolver
    from scraper.model import SiteRules
    from scraper.warc import Recovery

EXTRACTION_PACKAGES = ("article-archive", "trafilatura")
"""What decides how a page is read: an article's `extractor` names their versions."""


def extractor_version(settings: ExtractSettings) -> str:
    """The names and versions of what reads pages, and the setting where it is not the default."""
    named = " ".join(f"{name}/{version(name)}" for name in EXTRACTION_PACKAGES)
    return named if settings.setting == "accurate" else f"{named} setting/{settings.setting}"


@dataclass(frozen=True, slots=True)
class Tools:
    """What asks and what reads, for one run or for several on end."""

    fetcher: Fetcher
    fetch: FetchPool
    extraction: ExtractionPool


def configured_rules(config: Config) -> tuple[SiteRules, ...]:
    """The reader's own rules for sites, as their file says now. Raises: ConfigError, with every fault."""
    file = config.rules_file
    return load_rules(file) if file is not None else ()


def make_parent(path: Path) -> None:
    """The folder that a file will lie in. Raises: StoreError, when it cannot be made."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{path.parent}: cannot be made: {error.strerror or error}") from error


MOST_ROUNDS = 3
"""What is learnt in a round of reading again may make other articles read otherwise; the next run reads the rest."""


def _until_empty(store: Store) -> Iterator[list[int]]:
    """The articles that would read otherwise, as often as there are some."""
    for _ in range(MOST_ROUNDS):
        ids = store.stale(sys.maxsize)
        if not ids:
            return
        yield ids


class Runs:
    """The runs of one archive: one that writes at a time, under its lock, and each with a way to stop it.

    now: the time. notice: called with one line for the reader. resolver: as `archive.app.Archive` takes it.
    """

    def __init__(
        self,
        config: Config,
        *,
        now: Callable[[], datetime],
        notice: Callable[[str], None],
        resolver: Resolver | None = None,
    ) -> None:
        self.config = config
        self.was_stopped = False
        self._now = now
        self._notice = notice
        self._fetcher_options: dict[str, Any] = {} if resolver is None else {"resolver": resolver}
        self._pipeline: Pipeline | None = None
        self._on_stop: Callable[[], None] | None = None
        self._rereading = False

    @contextmanager
    def tools(self, *, spare: bool = False) -> Iterator[Tools]:
        """What asks and what reads, ended when the context is left. spare: sites that did not answer earlier runs."""
        from scraper.extract.pool import ExtractionPool  # noqa: PLC0415
        from scraper.fetch.client import Fetcher  # noqa: PLC0415
        from scraper.fetch.pool import FetchPool  # noqa: PLC0415

        robots, health = self._known_hosts()
        with ExitStack() as stack:
            fetcher = stack.enter_context(
                Fetcher(self.config.fetch, now=self._now, robots=robots, **self._fetcher_options)
            )
            fetch = FetchPool(fetcher, self.config.fetch, health=health if spare else None)
            stack.callback(fetch.close, cancel=True)
            extraction = ExtractionPool(self.config.extract)
            stack.callback(extraction.close)
            yield Tools(fetcher, fetch, extraction)

    def _known_hosts(self) -> tuple[tuple[RobotsAnswer, ...], dict[str, HostHealth]]:
        """What earlier runs learnt of hosts; nothing, where there is no database or one that is brought up to date."""
        if not self.config.database.exists():
            return (), {}
        try:
            with Store.open(self.config.database, read_only=True) as store:
                return store.frontier.robots(self._now()), store.frontier.health()
        except StoreError:
            return (), {}

    @contextmanager
    def lock(self, command: str, wait_seconds: float | None = None) -> Iterator[None]:
        """Hold the archive's lock, and tell other runs of which command. Raises: LockHeld, after `wait_seconds`."""
        from archive.lock import writer_lock  # noqa: PLC0415

        config = self.config
        wait = config.archive.lock_wait if wait_seconds is None else wait_seconds
        with writer_lock(config.lock_file, command=f"archive {command}", wait_seconds=wait, now=self._now()):
            yield

    @contextmanager
    def writing(self, command: str) -> Iterator[Store]:
        """The store for what needs no pipeline, under the lock. Raises: LockHeld, DiskFull, StoreError."""
        with self.lock(command):
            self.check_room()
            make_parent(self.config.database)
            with Store.open(self.config.database, policy=self.config.crawl.policy) as store:
                yield store

    @contextmanager
    def run_alone(
        self,
        command: str,
        tags: tuple[str, ...] = (),
        *,
        force: bool = False,
        on_host: Callable[[str], None] | None = None,
    ) -> Iterator[tuple[Intake, dict[str, int]]]:
        """A writing run by itself: under the lock, with tools of its own."""
        with (
            self.lock(command),
            self.tools() as tools,
            self.run(command, tools, tags, force=force, on_host=on_host) as run,
        ):
            yield run

    @contextmanager
    def run(
        self,
        command: str,
        tools: Tools,
        tags: tuple[str, ...] = (),
        *,
        force: bool = False,
        job: str | None = None,
        on_host: Callable[[str], None] | None = None,
    ) -> Iterator[tuple[Intake, dict[str, int]]]:
        """Everything else that a writing run needs, made in order and ended in the opposite one. Hold the lock."""
        from archive.exchange.adopt import imported_extents  # noqa: PLC0415
        from archive.intake import Intake  # noqa: PLC0415  -- reading an archive needs none of these
        from archive.rereading import SiteReader  # noqa: PLC0415
        from scraper.fetch.memento import WebArchive  # noqa: PLC0415
        from scraper.warc import WarcWriteError, WarcWriter, recover  # noqa: PLC0415

        config, rules = self.config, configured_rules(self.config)
        counts: dict[str, int] = dict.fromkeys(OUTCOMES, 0)
        with ExitStack() as stack:
            self.check_room()
            make_parent(config.database)
            store = stack.enter_context(Store.open(config.database, policy=config.crawl.policy))
            recovery = recover(
                config.warc_folder,
                store.extents() | imported_extents(config.warc_folder),
                now=self._now,
            )
            writer = stack.enter_context(
                WarcWriter(
                    config.warc_folder,
                    prefix=config.warc.prefix,
                    max_bytes=config.warc.max_bytes,
                    level=config.warc.level,
                    software=f"article-archive/{version('article-archive')}",
                    operator=config.warc.operator or None,
                    user_agent=config.fetch.agent,
                    robots="obey" if config.fetch.robots else "ignore",
                    now=self._now,
                )
            )
            run_id = store.start_run(command, self._now(), job)
            stack.callback(lambda: store.end_run(run_id, self._now(), counts))
            fetch = config.fetch
            self._pipeline = pipeline = Intake(
                store=store,
                writer=writer,
                fetch=tools.fetch,
                reader=SiteReader(
                    tools.extraction, store.furniture, rules, extractor_version(config.extract)
                ),
                decode=tools.fetcher.decoded,
                now=self._now,
                check_room=self.check_room,
                run_id=run_id,
                tags=tags,
                force=force,
                job=job,
                on_host=on_host,
                order_for=partial(self._order_for, store),
                archive=WebArchive(fetch.wayback_url.rstrip("/")) if fetch.wayback != "never" else None,
                archive_only=fetch.wayback == "only",
            )
            stack.callback(setattr, self, "_pipeline", None)
            if self._on_stop is None:
                self.was_stopped = False
            store.note_unnoted()
            linked = store.link_unlinked()
            if linked:
                self._notice(f"{linked} articles that were held already are compared with each other now")
            try:
                self._put_in_order(pipeline, recovery, store)
                yield pipeline, counts
                self._tell_of_rereading(pipeline.reread)
            except WarcWriteError as error:
                if error.no_room:
                    raise DiskFull(str(error)) from error
                raise

    def _order_for(self, store: Store, url: str) -> Order | None:
        """What a job had asked an address for, when a dead run left its capture behind."""
        from archive.jobs.crawl import jobs_of, period_of_job  # noqa: PLC0415  -- after a crash alone
        from archive.jobs.runner import order_for  # noqa: PLC0415

        find = order_for(store, jobs_of(self.config), partial(period_of_job, self.config, self._now()))
        return find(url)

    def _put_in_order(self, pipeline: Intake, recovery: Recovery, store: Store) -> None:
        """Say what a dead run left behind, and go on with it."""
        from archive.recovery import captures_left_behind  # noqa: PLC0415

        for torn in recovery.torn:
            self._notice(
                f"{torn.warc_file}: an earlier run was cut off in the middle of a record; "
                f"its {torn.length} bytes are kept in {torn.kept_in}"
            )
        for problem in recovery.damage:
            self._notice(f"damaged, and left as it is: {problem}")
        taken = sum(
            1
            for left in captures_left_behind(self.config.warc_folder, recovery, store.capture_of)
            for _ in pipeline.take_in(left)
        )
        if taken:
            self._notice(
                f"{taken} {'page' if taken == 1 else 'pages'} that an earlier run had kept but not read: done now"
            )

    def _tell_of_rereading(self, counts: Mapping[str, int]) -> None:
        read, better = sum(counts.values()), counts.get("re-extracted", 0)
        if read:
            pages = "1 earlier page was" if read == 1 else f"{read} earlier pages were"
            self._notice(
                f"{pages} read again, since their sites are known better now: {better} read otherwise"
            )

    def check_room(self) -> None:
        """Raises: DiskFull, before the disk has less room than the configuration asks for."""
        folder = self.config.root
        least = self.config.archive.min_free_bytes
        free = shutil.disk_usage(folder).free
        if free < least:
            raise DiskFull(
                f"{free / 1e6:.0f} MB are free on the disk of {folder}, fewer than archive.min_free_bytes "
                f"({least / 1e6:.0f} MB): make room and start again; nothing that was said to be saved is lost"
            )

    def reread(self, where: str | None, read_only: Store | None = None) -> Iterator[Reread]:
        """What comes of reading captured pages again, page by page, as `archive.app.Archive.reextract` says.

        read_only: the store of a run that only says what would change; without it, what reads otherwise is written.
        """
        from archive.rereading import Rereader, SiteReader  # noqa: PLC0415
        from scraper.extract.pool import ExtractionPool  # noqa: PLC0415
        from scraper.fetch.client import Fetcher  # noqa: PLC0415

        config, rules = self.config, configured_rules(self.config)
        with ExitStack() as stack:
            store = stack.enter_context(self.writing("reextract")) if read_only is None else read_only
            chosen = store.articles_where(where)
            fetcher = stack.enter_context(Fetcher(config.fetch))
            pool = stack.enter_context(ExtractionPool(config.extract))
            reader = SiteReader(pool, store.furniture, rules, extractor_version(config.extract))
            rereader = Rereader(store, reader, config.warc_folder, fetcher.decoded)
            counts: dict[str, int] = dict.fromkeys(REREADINGS, 0)
            if read_only is None:
                run_id = store.start_run("reextract", self._now())
                stack.callback(lambda: store.end_run(run_id, self._now(), counts))
            self.was_stopped, self._rereading = False, True
            stack.callback(setattr, self, "_rereading", False)
            rounds = itertools.chain([chosen], _until_empty(store) if read_only is None else ())
            for ids in rounds:
                for one in rereader.run(ids, write=read_only is None, stopping=lambda: self.was_stopped):
                    counts[one.outcome] += 1
                    yield one

    def stop(self) -> bool:
        """End the run that is under way: within five seconds, with everything saved. Safe in a signal handler.

        Returns: whether there was one.
        """
        if self._pipeline is None and self._on_stop is None:
            self.was_stopped = self._rereading
            return self._rereading
        self.was_stopped = True
        if self._on_stop is not None:
            self._on_stop()
        if self._pipeline is not None:
            self._pipeline.stop()
        return True

    def on_stop(self, step: Callable[[], None] | None) -> None:
        """What `stop` does besides ending the run that is under way; `None` for nothing."""
        self._on_stop = step
