"""An archive, opened: `open_archive(config)` and what one can do with it from Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Self
from urllib.parse import urlsplit

from archive.config import Config, load_config
from archive.errors import ArchiveError, ConfigError, NotFound
from archive.model import Article, ItemResult, Reread, SearchRequest, SearchResult
from archive.rules import rules_for
from archive.running import Runs, configured_rules, extractor_version
from archive.search.synonyms import load_synonyms
from archive.store import Status, Store
from archive.store.likeness import Origins
from scraper.errors import BadUrl, ExtractionFailed, WarcError
from scraper.urls import normalise, with_scheme

if TYPE_CHECKING:
    from archive.exchange.export import Exported
    from archive.exchange.quotation import Answer
    from archive.jobs.crawl import CrawlEvent
    from scraper.fetch.wire import Resolver
    from scraper.model import Block, Furniture, Page, SiteRules


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
        self.runs = Runs(config, now=now, notice=notice, resolver=resolver)

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
        """An id as a number; a URL as the id of the article it leads to, a hop of a redirect included.

        Raises: NotFound, for what is neither.
        """
        text = str(id_or_url).strip()
        if text.isdecimal():
            return int(text)
        if "." not in text and "/" not in text:
            raise NotFound(f"{text!r} is neither an article's number nor an address")
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
        return configured_rules(self.config)

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

    def blocks(self, article: Article) -> tuple[Block, ...] | None:
        """The text of an article in blocks with its headings, lists, quotes, links and tables.

        As they are held with it; of an article that was stored before they were, from its page. `None` where that
        cannot be read again, or reads otherwise than what is held.
        """
        from archive.rendering import blocks_of  # noqa: PLC0415

        held = blocks_of(article)
        if held is not None:
            return held
        try:
            page = self.explain(article.id)
        except (NotFound, ExtractionFailed, WarcError, ConfigError):
            return None
        return tuple(block for block in page.blocks if block.kept) if page.text == article.text else None

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
        with self.runs.run_alone("add", tuple(tags), force=force, on_host=on_host) as (pipeline, counts):
            for result in pipeline.run(urls):
                counts[result.outcome] += 1
                yield result

    def add_saved_page(
        self, payload: bytes, url: str, *, mime: str = "text/html", tags: Iterable[str] = ()
    ) -> ItemResult:
        """Take in a page that the reader's own browser saved. Raises: as `add`, and BadUrl."""
        with self.runs.run_alone("add --html", tuple(tags), force=True) as (pipeline, counts):
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
        yield from self.runs.reread(where, self.store if dry_run or not self.exists else None)

    def stop(self) -> bool:
        """End the run that is under way: within five seconds, with everything saved. Safe in a signal handler.

        Returns: whether there was one.
        """
        return self.runs.stop()

    @property
    def was_stopped(self) -> bool:
        """Whether `stop` ended the latest run."""
        return self.runs.was_stopped

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
