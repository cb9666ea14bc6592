"""config.toml, the environment and the defaults, as one frozen `Config`; every fault reported at once.

Precedence: command-line flag, `ARCHIVE_<TABLE>_<KEY>`, `config.toml`, default. Each room owns the settings it
obeys; this module finds them, checks them and says what is wrong with them, and where.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping, Set
from dataclasses import Field as DataclassField
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Annotated, Any, get_origin, get_type_hints

from annotated_types import Ge, Le

from archive.errors import ConfigError
from archive.jobs.settings import CrawlSettings, Job, read_jobs
from scraper.extract.settings import ExtractSettings
from scraper.fetch.settings import FetchSettings

FILE_NAME = "config.toml"


@dataclass(frozen=True, slots=True)
class ArchiveSettings:
    """Where the archive lies. Paths are relative to the folder of `config.toml`.

    name: what this archive calls itself, on its pages and in its WARC files.
    min_free_bytes: a run stops, with nothing lost, before the disk has less room than this.
    lock_wait: seconds that `add` waits for another run to end.
    """

    name: str = ""
    database: str = "data/archive.db"
    warc: str = "data/warc"
    lock: str = "data/archive.lock"
    min_free_bytes: Annotated[int, Ge(0)] = 200_000_000
    lock_wait: Annotated[float, Ge(0)] = 60.0

    def __post_init__(self) -> None:
        places = {"database": self.database, "warc": self.warc, "lock": self.lock}
        for name, value in places.items():
            if not value.strip() or "\0" in value:
                raise ValueError(f"{name} must be a path")
            if any(Path(value) == Path(other) for key, other in places.items() if key != name):
                raise ValueError(f"{name} must be a path of its own")


@dataclass(frozen=True, slots=True)
class WarcSettings:
    """How WARC files are written.

    prefix: the beginning of every file name. max_bytes: a file is closed before it grows over this.
    level: of compression, 0 (fastest) to 9 (smallest). 2 costs an eighth of the CPU of gzip's level 9 for files a
    sixth larger (`../shared/facts/fetch-store.md`, section 2). operator: a name and address for `warcinfo`.
    """

    prefix: str = "article-archive"
    max_bytes: Annotated[int, Ge(1_000_000)] = 1_000_000_000
    level: Annotated[int, Ge(0), Le(9)] = 2
    operator: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_]*(-[A-Za-z0-9_]+)*", self.prefix):
            raise ValueError("prefix must be letters, digits and single hyphens: it begins file names")


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """What `archive serve --public` shows to strangers.

    full_text: whole texts; else the first `excerpt_chars` characters of each, and no other way to the rest:
    a search tells which words a text has, but not in which order.
    """

    full_text: bool = True
    excerpt_chars: Annotated[int, Ge(1), Le(100_000)] = 300


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """What a search knows besides the archive.

    synonyms: a file of names that mean one thing, one group a line, parted by commas; it adds to those that ship.
    """

    synonyms: str = "synonyms.txt"


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting of one archive, and where it came from.

    root: the folder that relative paths start from. file: the `config.toml` read, or `None`.
    origins: `table.key` -> `environment` or `config.toml`; what is not named has its default.
    passed_over: a `config.toml` nearer than `file` that is no archive's; `None` where there is none.
    """

    root: Path
    file: Path | None = None
    archive: ArchiveSettings = field(default_factory=ArchiveSettings)
    fetch: FetchSettings = field(default_factory=FetchSettings)
    warc: WarcSettings = field(default_factory=WarcSettings)
    extract: ExtractSettings = field(default_factory=ExtractSettings)
    search: SearchSettings = field(default_factory=SearchSettings)
    serve: ServeSettings = field(default_factory=ServeSettings)
    crawl: CrawlSettings = field(default_factory=CrawlSettings)
    jobs: tuple[Job, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict)
    passed_over: Path | None = None

    @property
    def database(self) -> Path:
        """The SQLite database."""
        return self.root / self.archive.database

    @property
    def warc_folder(self) -> Path:
        """The folder of the WARC files."""
        return self.root / self.archive.warc

    @property
    def lock_file(self) -> Path:
        """The file that one writing run holds a lock on."""
        return self.root / self.archive.lock

    @property
    def rules_file(self) -> Path | None:
        """The reader's own rules for sites; `None` where there are none, and no file was named."""
        return self._named_file("extract.rules", self.extract.rules)

    @property
    def synonyms_file(self) -> Path | None:
        """The reader's own synonyms; `None` where there are none, and no file was named."""
        return self._named_file("search.synonyms", self.search.synonyms)

    def _named_file(self, setting: str, name: str) -> Path | None:
        """The file of a setting, unless it is not there and nobody named it."""
        file = self.root / name
        return file if name and (file.exists() or setting in self.origins) else None


TABLES: dict[str, type] = {
    "archive": ArchiveSettings,
    "fetch": FetchSettings,
    "warc": WarcSettings,
    "extract": ExtractSettings,
    "search": SearchSettings,
    "serve": ServeSettings,
    "crawl": CrawlSettings,
}

JOBS = "job"
"""The array of tables with the standing orders: `[[job]]`."""


def find_config(start: Path, environment: Mapping[str, str]) -> Path | None:
    """The configuration that governs `start`.

    `$ARCHIVE_CONFIG`, else the nearest `config.toml` from `start` upward that is an archive's, else `None`.
    """
    return _search(start, environment)[0]


def _search(start: Path, environment: Mapping[str, str]) -> tuple[Path | None, Path | None]:
    """The configuration that governs `start`, and the nearest `config.toml` that was passed over for it."""
    named = environment.get("ARCHIVE_CONFIG", "").strip()
    if named:
        return Path(named), None
    passed_over: Path | None = None
    for folder in (start, *start.parents):
        candidate = folder / FILE_NAME
        if not candidate.is_file():
            continue
        if _is_ours(candidate):
            return candidate, passed_over
        if passed_over is None and _says_something(candidate):
            passed_over = candidate
    return None, passed_over


def _is_ours(path: Path) -> bool:
    """Whether a file is an archive's: many programs call theirs `config.toml`, and some have tables of our names.

    It is one where it has the table `[archive]`, no name but ours, or a setting of ours. (Zola's has a `[search]`,
    beside names and with keys that are its own.) One that cannot be parsed is judged by its lines: its fault must be
    shown.
    """
    try:
        text = path.read_text("utf-8", errors="replace")
    except OSError:
        return False
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        top = re.split(r"^\s*\[", text, maxsplit=1, flags=re.M)[0]
        names = set(re.findall(r"^\s*\[+\s*[\"']?([\w-]+)", text, re.M))
        return "archive" in names or _all_ours(names | set(re.findall(r"^\s*([\w-]+)[\w.-]*\s*=", top, re.M)))
    return isinstance(values.get("archive"), dict) or _all_ours(values.keys()) or _has_setting(values)


def _says_something(path: Path) -> bool:
    """Whether a file has more than comments; passing over one that has not changes nothing."""
    try:
        lines = path.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return True
    return any(line.strip() and not line.lstrip().startswith("#") for line in lines)


def _all_ours(names: Set[str]) -> bool:
    return bool(names) and names <= {*TABLES, JOBS}


def _has_setting(values: Mapping[str, Any]) -> bool:
    tables = ((values.get(name), {one.name for one in fields(kind)}) for name, kind in TABLES.items())
    jobs = values.get(JOBS)
    listed = jobs if isinstance(jobs, list) else []
    return any(isinstance(table, dict) and not known.isdisjoint(table) for table, known in tables) or any(
        isinstance(job, dict) and "sources" in job for job in listed
    )


def load_config(
    path: Path | None = None,
    *,
    start: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Config:
    """The configuration to work with: `path` when given, else the one that `find_config` finds, else the defaults.

    Raises: ConfigError, with every fault of file and environment: line, key, what is wrong, what is allowed.
    """
    environment = os.environ if environment is None else environment
    start = Path.cwd() if start is None else start
    file, passed_over = (path, None) if path is not None else _search(start, environment)
    if file is None:
        return replace(_build(Path(start), None, "", {}, environment), passed_over=passed_over)
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError as error:
        raise ConfigError((f"{file}: no such file",)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError((f"{file}: cannot be read: {error}",)) from error
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError((f"{file}: not TOML: {error}",)) from error
    return replace(_build(file.resolve().parent, file, text, values, environment), passed_over=passed_over)


def _build(
    root: Path, file: Path | None, text: str, values: dict[str, Any], environment: Mapping[str, str]
) -> Config:
    faults: list[str] = []
    origins: dict[str, str] = {}
    settings: dict[str, Any] = {}
    for name in values.keys() - TABLES.keys() - {JOBS}:
        faults.append(
            _where(file, text, name, None)
            + _unknown("table", f"[{name}]", name, {**TABLES, f"[{JOBS}]": Job})
        )
    jobs, wrong = read_jobs(values.get(JOBS, []), lambda nth, key: _where(file, text, JOBS, key, nth))
    faults += wrong
    for table, kind in TABLES.items():
        given = values.get(table, {})
        if not isinstance(given, dict):
            faults.append(_where(file, text, None, table) + f"{table} must be a table: [{table}]")
            continue
        known = {one.name: one for one in fields(kind)}
        faults.extend(
            _where(file, text, table, key) + _unknown("key", f"{table}.{key}", key, known)
            for key in given
            if key not in known
        )
        merged = {key: value for key, value in given.items() if key in known}
        origins |= {f"{table}.{key}": FILE_NAME for key in merged}
        prefix = f"ARCHIVE_{table}_".upper()
        for variable in environment:
            key = variable.removeprefix(prefix).lower()
            if not variable.startswith(prefix):
                continue
            if key not in known:
                faults.append(_unknown("setting", variable, key, known))
                continue
            merged[key] = _from_text(environment[variable], kind, known[key])
            origins[f"{table}.{key}"] = "environment"
        checked = _checked(kind, merged) if merged else kind()
        if isinstance(checked, kind):
            settings[table] = checked
        else:
            faults.extend(_told(one, table, kind, file, text, origins) for one in checked)
    fetch = settings.get("fetch")
    if isinstance(fetch, FetchSettings) and fetch.ca_file:
        authorities = root / fetch.ca_file
        settings["fetch"] = replace(fetch, ca_file=str(authorities))
        if not authorities.is_file():
            faults.append(
                f"{_where(file, text, 'fetch', 'ca_file')}fetch.ca_file: {authorities} is not a file"
            )
    if faults:
        in_order = sorted(faults, key=lambda fault: re.sub(r"\d+", lambda number: number[0].zfill(9), fault))
        raise ConfigError(tuple(in_order))
    return Config(root=root, file=file, jobs=jobs, origins=origins, **settings)


def _checked(kind: type, values: dict[str, Any]) -> Any:
    """The settings of one table, or pydantic's list of what is wrong with them."""
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415  -- most calls have nothing to check

    try:
        return TypeAdapter(kind).validate_python(values)
    except ValidationError as error:
        return error.errors(include_url=False)


def _from_text(value: str, kind: type, one: DataclassField[Any]) -> object:
    """An environment variable as the setting's type wants it: lists are separated by commas."""
    wanted = get_type_hints(kind)[one.name]
    if get_origin(wanted) in (tuple, list, frozenset):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value.strip()


def _told(
    fault: Mapping[str, Any], table: str, kind: type, file: Path | None, text: str, origins: Mapping[str, str]
) -> str:
    message = fault["msg"].removeprefix("Value error, ")
    named = re.match(r"\w+", message)
    key = str(fault["loc"][0]) if fault["loc"] else ""
    if not key and named and named[0] in {one.name for one in fields(kind)}:
        key, message = named[0], message.removeprefix(named[0]).lstrip(": ")
        fault = {
            **fault,
            "input": fault["input"].get(key) if isinstance(fault["input"], dict) else fault["input"],
        }
    name = f"{table}.{key}" if key else f"[{table}]"
    if origins.get(name) == "environment":
        place = f"ARCHIVE_{table}_{key}: ".upper()
    else:
        place = _where(file, text, table, key or None)
    if not key:
        return f"{place}{name}: {message}"
    return (
        f"{place}{name} = {_shown(fault['input'])}: {message} (default: {_shown(getattr(kind(), key, None))})"
    )


def _shown(value: object) -> str:
    if isinstance(value, tuple | list):
        return "[" + ", ".join(map(_shown, value)) + "]"
    return (
        f'"{value}"'
        if isinstance(value, str)
        else str(value).lower()
        if isinstance(value, bool)
        else str(value)
    )


def _unknown(what: str, shown: str, name: str, known: Mapping[str, object]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    meant = f"; did you mean {near[0]}?" if near else f"; known are: {', '.join(known)}"
    return f"{shown}: no such {what}{meant}"


def _where(file: Path | None, text: str, table: str | None, key: str | None, nth: int = 0) -> str:
    """`config.toml, line 7: `, as well as a reading of the lines can tell. nth: of the tables of that name, from 0."""
    if file is None:
        return ""
    current: str | None = None
    begun = ""
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[+\s*([^\]]+?)\s*\]+\s*(?:#.*)?$", line)
        if header:
            current = header.group(1).strip("\"' ")
            if current == table and nth:
                nth, current = nth - 1, None
            elif current == table:
                begun = f"{file}, line {number}: "
                if key is None:
                    return begun
        elif key is not None and current == table and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
            return f"{file}, line {number}: "
    return begun or f"{file}: "
