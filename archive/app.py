"""An archive, opened: `open_archive(config)` and what one can do with it from Python."""

from __future__ import annotations

import itertools
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Self
from urllib.parse import urlsplit

from archive.config import Config, load_config
from archive.errors import ArchiveError, ConfigError, DiskFull, NotFound, StoreError
from archive.model import OUTCOMES, REREADINGS, Article, ItemResult, Reread, SearchRequest, SearchResult
from archive.rules import load_rules, rules_for
from archive.search.synonyms import load_synonyms
from archive.store import Status, Store
from archive.store.likeness import Origins
from scraper.errors import BadUrl, ExtractionFailed, WarcError
from scraper.urls import normalise, with_scheme

if TYPE_CHECKING:
    from archive.exchange.export import Exported
    from archive.exchange.quotation import Answer
    from archive.intake import Intake
    from archive.jobs.crawl import CrawlEvent
    from archive.jobs.model import Order
    from archive.pipeline import Pipeline
    from scraper.extract.pool import ExtractionPool
    from scraper.extract.settings import ExtractSettings
    from scraper.fetch.client import Fetcher
    from scraper.fetch.health import HostHealth
    from scraper.fetch.pool import FetchPool
    from scraper.fetch.robots import RobotsAnswer
    from scraper.fetch.wire import Resolver
    from scraper.model import Furniture, Page, SiteRules
    from scraper.warc import Recovery

EXTRACTION_PACKAGES = ("article-archive", "trafilatura")
"""What decides how a page is read: an article's `extractor` names their versions."""


def extractor_version(settings: ExtractSettings) -> str:
    """The names and versions of what reads pages, and the setting where it is not the default."""
    named = " ".join(f"{name}/{version(name)}" for name in EXTRACTION_PACKAGES)
    return named if settings.setting == "accurate" else f"{named} setting/{settings.setting}"


def utc_now() -> datetime:
    """The time, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Plan:
    """What `add` would do with a URL. action: `fetch`, `known`, or `refuse` with its `error`."""

    url: str
    action: str
    article_id: int | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Tools:
    """What asks and what reads, for one run or for several on end."""

    fetcher: Fetcher
    fetch: FetchPool
    extraction: ExtractionPool


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


class Archive:
    """One archive: a database, WARC files and a configuration. Reading needs no lock; `add` holds it while it runs.

    notice: called with one line for the reader when something was repaired or must be known.
    resolver: finds the addresses of a host name, in place of the system's.
    """

    def __init__(
        self,
        config: Config,
        *,
        now: Callable[[], datetime] = utc_now,
        notice: Callable[[str], None] = lambda _: None,
        resolver: Resolver | None = None,
    ) -> None:
        self.config = config
        self._now = now
        self._notice = notice
        self._reader: Store | None = None
        self._pipeline: Pipeline | None = None
        self._on_stop: Callable[[], None] | None = None
        self._fetcher_options: dict[str, Any] = {} if resolver is None else {"resolver": resolver}
        self._rereading = False
        self.was_stopped = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database. A run that is under way is ended by `stop`."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    # -- reading ------------------------------------------------------------------------------------------

    @property
    def exists(self) -> bool:
        """Whether anything was ever stored here."""
        return self.config.database.exists()

    @property
    def store(self) -> Store:
        """The database, for reading. Raises: ArchiveError, when there is none yet; StoreError."""
        if self._reader is None:
            if not self.exists:
                raise ArchiveError(
                    f"no archive here yet ({self.config.database} does not exist): `archive add URL` makes one"
                )
            self._reader = Store.open(self.config.database, read_only=True)
        return self._reader

    def search(self, query: str, **filters: object) -> SearchResult:
        """Articles for a query, best first. Filters are the fields of `SearchRequest`."""
        return self.store.search(self._request(query, filters))

    def origins(self, query: str, **filters: object) -> Origins:
        """How many articles a query finds, copies included, and of how many origins. Filters as in `search`."""
        return self.store.origins(self._request(query, filters))

    def _request(self, query: str, filters: Mapping[str, object]) -> SearchRequest:
        return SearchRequest(query, **{"synonyms": self._synonyms(), **filters})  # type: ignore[arg-type]  # the class checks

    def _synonyms(self) -> tuple[tuple[str, ...], ...]:
        file = self.config.synonyms_file
        return load_synonyms(file) if file is not None else ()

    def article(self, id_or_url: int | str, version: int | None = None) -> Article:
        """One article by id or URL. Raises: NotFound."""
        return self.store.article(self.locate(id_or_url), version)

    def locate(self, id_or_url: int | str) -> int | str:
        """An id as a number; a URL as the id of the article it leads to, a hop of a redirect included."""
        text = str(id_or_url).strip()
        if text.isdecimal():
            return int(text)
        key = normalise(with_scheme(text))
        known = self.store.known(key)
        return known.article_id if known is not None else key

    def read_page(self, payload: bytes, url: str, *, content_type: str | None = None) -> Page:
        """What a page says, and why: read in a worker process with its limits. Raises: ExtractionFailed."""
        from scraper.extract.pool import ExtractionPool  # noqa: PLC0415  -- other reading needs no extractor

        rules = rules_for(urlsplit(url).hostname or "", self.rules)
        with ExtractionPool(self.config.extract) as pool:
            return pool.submit(payload, url, content_type=content_type, rules=rules).result()

    @property
    def rules(self) -> tuple[SiteRules, ...]:
        """The reader's own rules for sites, as their file says now. Raises: ConfigError, with every fault."""
        file = self.config.rules_file
        return load_rules(file) if file is not None else ()

    def furniture(self, site: str) -> Furniture | None:
        """What a site is known to repeat around its articles; `None` where nothing is learnt of it yet."""
        return self.store.furniture(site).furniture

    def explain(self, id_or_url: int | str) -> Page:
        """An article's page, read again from its latest capture, with what its site repeats and the reader's own rules.

        Raises: NotFound, ExtractionFailed, ConfigError.
        """
        from archive.rereading import SiteReader, captured_page  # noqa: PLC0415
        from scraper.extract.pool import ExtractionPool  # noqa: PLC0415
        from scraper.fetch.client import Fetcher  # noqa: PLC0415

        article = self.article(id_or_url)
        with Fetcher(self.config.fetch) as fetcher:
            captured = captured_page(
                self.config.warc_folder, self.store.captures(article.id), fetcher.decoded
            )
        with ExtractionPool(self.config.extract) as pool:
            reader = SiteReader(
                pool, self.store.furniture, self.rules, extractor_version(self.config.extract)
            )
            return reader.submit(captured)[0].result()

    def markdown(self, article: Article) -> str | None:
        """The text of an article with its headings, lists, quotes, links and tables, from the blocks of its page.

        `None` where the page cannot be read again, or reads otherwise than what is held.
        """
        from scraper.extract.markdown import to_markdown  # noqa: PLC0415  -- needs what reads pages

        try:
            page = self.explain(article.id)
        except (NotFound, ExtractionFailed, WarcError, ConfigError):
            return None
        return to_markdown(page, with_title=False) if page.text == article.text else None

    def status(self) -> Status:
        """Counts of everything held."""
        return self.store.status()

    # -- out ----------------------------------------------------------------------------------------------

    def export(
        self,
        kind: str,
        target: Path | BinaryIO,
        *,
        where: str | None = None,
        query: str | None = None,
        tag: str | None = None,
        **options: Any,
    ) -> Exported:
        """Write chosen articles in a format (`archive.exchange.export.KINDS`) to a file, a folder or a stream.

        where: an SQL condition on `articles`. query, tag: as of a search. All that are given must hold.
        options: `bom`, `raw` and `progress` of `archive.exchange.out.export_from`.
        Raises: BadCondition, ExportError, DiskFull, StoreError.
        """
        from archive.exchange.out import export_from  # noqa: PLC0415  -- who adds needs none of it
        from archive.store.snapshot import Choice  # noqa: PLC0415

        return export_from(self, kind, target, Choice(where, query, tag, self._synonyms()), **options)

    def take_in(self, kind: str, path: Path | str, *, tags: Iterable[str] = ()) -> Iterator[ItemResult]:
        """The pages or articles of another archive: `warc`, `wacz` or `jsonl` (`archive.exchange.taking`).

        Raises: UnreadableFile; else as `add`.
        """
        from archive.exchange.taking import KINDS, Importing  # noqa: PLC0415

        yield from KINDS[kind](self, Path(path), Importing(self._notice), tags=tuple(tags))

    def quote(self, quotation: str, *, limit: int = 20) -> Answer:
        """Who says this, however it is set, with what proves it; else the nearest. Raises: NothingToFind."""
        from archive.exchange.out import quote_from  # noqa: PLC0415

        return quote_from(self, quotation, limit)

    # -- adding -------------------------------------------------------------------------------------------

    def add(self, urls: Iterable[str], *, tags: Iterable[str] = (), force: bool = False) -> list[ItemResult]:
        """Fetch, keep, read and store; the results in the order in which they were done.

        Raises: LockHeld, DiskFull, StoreError, WarcError. One bad URL is a result, not an error.
        """
        if isinstance(urls, str):
            raise TypeError("add takes a list of URLs, not one: add([url])")
        return list(self.iter_add(urls, tags=tags, force=force))

    def iter_add(
        self,
        urls: Iterable[str],
        *,
        tags: Iterable[str] = (),
        force: bool = False,
        on_host: Callable[[str], None] | None = None,
    ) -> Iterator[ItemResult]:
        """As `add`, each result as soon as it is safe on disk."""
        with self.run_alone("add", tuple(tags), force=force, on_host=on_host) as (pipeline, counts):
            for result in pipeline.run(urls):
                counts[result.outcome] += 1
                yield result

    def add_saved_page(
        self, payload: bytes, url: str, *, mime: str = "text/html", tags: Iterable[str] = ()
    ) -> ItemResult:
        """Take in a page that the reader's own browser saved. Raises: as `add`, and BadUrl."""
        with self.run_alone("add --html", tuple(tags), force=True) as (pipeline, counts):
            (result,) = pipeline.add_saved_page(payload, with_scheme(url), mime)
            counts[result.outcome] += 1
            return result

    def plan(self, urls: Iterable[str], *, force: bool = False) -> Iterator[Plan]:
        """What `add` would do; asks no host and writes nothing."""
        for url in urls:
            try:
                key = normalise(with_scheme(url))
            except BadUrl as error:
                yield Plan(url, "refuse", error=str(error))
                continue
            known = self.store.known(key) if self.exists and not force else None
            yield Plan(url, "known", known.article_id) if known else Plan(url, "fetch")

    def reextract(self, where: str | None = None, *, dry_run: bool = False) -> Iterator[Reread]:
        """Read captured pages again with the extractor, furniture and rules of today; no host is asked.

        where: an SQL condition on `articles`; without one, all of them. Every version is read, and what reads
        otherwise becomes a version with the reason `re-extracted`. Then come articles that would read otherwise
        with what was learnt of their sites on the way. dry_run: only say what would change.
        Raises: BadCondition; else as `add`.
        """
        from archive.rereading import Rereader, SiteReader  # noqa: PLC0415
        from scraper.extract.pool import ExtractionPool  # noqa: PLC0415
        from scraper.fetch.client import Fetcher  # noqa: PLC0415

        config, rules = self.config, self.rules
        with ExitStack() as stack:
            if dry_run or not self.exists:
                store = self.store
            else:
                stack.enter_context(self.lock("reextract"))
                self.check_room()
                store = stack.enter_context(Store.open(config.database))
            chosen = store.articles_where(where)
            fetcher = stack.enter_context(Fetcher(config.fetch))
            pool = stack.enter_context(ExtractionPool(config.extract))
            reader = SiteReader(pool, store.furniture, rules, extractor_version(config.extract))
            rereader = Rereader(store, reader, config.warc_folder, fetcher.decoded)
            counts: dict[str, int] = dict.fromkeys(REREADINGS, 0)
            if not dry_run:
                run_id = store.start_run("reextract", self._now())
                stack.callback(lambda: store.end_run(run_id, self._now(), counts))
            self.was_stopped, self._rereading = False, True
            stack.callback(setattr, self, "_rereading", False)
            rounds = itertools.chain([chosen], () if dry_run else _until_empty(store))
            for ids in rounds:
                for one in rereader.run(ids, write=not dry_run, stopping=lambda: self.was_stopped):
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

    def now(self) -> datetime:
        """The time, as this archive is told it."""
        return self._now()

    def crawl(
        self,
        jobs: Iterable[str] = (),
        *,
        due: bool = False,
        limit: int | None = None,
        max_time: timedelta | None = None,
        on_host: Callable[[str], None] | None = None,
    ) -> Iterator[CrawlEvent]:
        """Carry out jobs of the configuration, all where none is named; what is done, as soon as it is safe on disk.

        due: only those that are due, and do not wait for another run to end. limit: pages to ask at most.
        max_time: begin nothing new after so long. What is left over is still due.
        Raises: as `add`; JobError, for a name that no job has.
        """
        from archive.jobs.crawl import crawl  # noqa: PLC0415  -- nothing else needs it

        yield from crawl(self, jobs, due=due, limit=limit, max_time=max_time, on_host=on_host)

    @contextmanager
    def tools(self, *, spare: bool = False) -> Iterator[Tools]:
        """What asks and what reads, ended when the context is left. spare: sites that did not answer earlier runs."""
        from scraper.extract.pool import ExtractionPool  # noqa: PLC0415
        from scraper.fetch.client import Fetcher  # noqa: PLC0415
        from scraper.fetch.pool import FetchPool  # noqa: PLC0415

        robots, health = self._known_hosts()
        with ExitStack() as stack:
            fetcher = Fetcher(self.config.fetch, now=self._now, robots=robots, **self._fetcher_options)
            fetch = FetchPool(fetcher, self.config.fetch, health=health if spare else None)
            stack.callback(fetch.close, cancel=True)
            extraction = ExtractionPool(self.config.extract)
            stack.callback(extraction.close)
            yield Tools(fetcher, fetch, extraction)

    def _known_hosts(self) -> tuple[tuple[RobotsAnswer, ...], dict[str, HostHealth]]:
        """What earlier runs learnt of hosts; nothing, where there is no database or one that is brought up to date."""
        if not self.exists:
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

        config, rules = self.config, self.rules
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
            fetch = self.config.fetch
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


def open_archive(
    config: str | Path | Config | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    notice: Callable[[str], None] = lambda _: None,
    resolver: Resolver | None = None,
) -> Archive:
    """The archive that a `config.toml` describes; without one, the archive of the working folder.

    Nothing is made until something is added. Raises: ConfigError.
    """
    if not isinstance(config, Config):
        config = load_config(Path(config) if config is not None else None, environment=environment)
    return Archive(config, notice=notice, resolver=resolver)
