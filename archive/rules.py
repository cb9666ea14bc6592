"""`rules.toml`: a reader's own rules for sites, checked whole, every fault reported at once.

    [site."example.org"]                  # the host and its subdomains
    drop = [".share", "#newsletter"]      # CSS selectors: what goes, whatever the extractor says
    keep = ["div.summary"]                # what stays
    title = "h1.headline"                 # where a field stands
    author = ".byline a"
    date = "time.published"

What is decided by them cites them by name in `archive explain`: `site-rule:example.org drop[0]`.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Final

from archive.errors import ConfigError
from scraper.errors import BadUrl
from scraper.model import Page, SiteRules
from scraper.urls import site_of

_LISTS: Final = ("drop", "keep")
_KEYS: Final = tuple(one.name for one in fields(SiteRules) if one.name != "site")


def rules_for(host: str, rules: Iterable[SiteRules]) -> SiteRules | None:
    """The rules for a host: those of the site that it is or is part of, the most particular one."""
    host = host.lower().rstrip(".")
    fitting = [one for one in rules if host == one.site or host.endswith(f".{one.site}")]
    return max(fitting, key=lambda one: len(one.site), default=None)


def idle_rules(rules: SiteRules, page: Page) -> tuple[str, ...]:
    """The rules that decided nothing of a page, by the names that explanations cite (`site-rule:example.org title`)."""
    names = [f"{word}[{at}]" for word in _LISTS for at in range(len(getattr(rules, word)))]
    names += [field for field in _KEYS if field not in _LISTS and getattr(rules, field) is not None]
    cited = {block.rule for block in page.blocks} | {origin.chosen for origin in page.origins.values()}
    return tuple(whole for name in names if (whole := f"site-rule:{rules.site} {name}") not in cited)


def rules_digest(rules: SiteRules) -> str:
    """Eight hexadecimal digits that stand for these very rules: part of an article's `extractor`."""
    return hashlib.sha256(json.dumps(asdict(rules), sort_keys=True).encode()).hexdigest()[:8]


def load_rules(path: Path) -> tuple[SiteRules, ...]:
    """The rules in a file. Raises: ConfigError, with every fault: line, key, what is wrong, what was meant."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError((f"{path}: cannot be read: {error}",)) from error
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError((f"{path}: not TOML: {error}",)) from error
    rules: dict[str, SiteRules] = {}
    faults: list[tuple[int, str]] = []
    lines = _Lines(text)
    for name in values.keys() - {"site"}:
        faults.append(
            (
                lines.of_table(name),
                f'{_shown(name)}: no such table{_meant(name, ["site"])}, as in [site."example.org"]',
            )
        )
    sites = values.get("site", {})
    if not isinstance(sites, dict):
        faults.append((lines.of_key("", "site"), 'site must be tables: [site."example.org"]'))
        sites = {}
    for host, given in sites.items():
        for key, fault in _faults_of(host, given):
            faults.append((lines.of_key(host, key) if key else lines.of_site(host), fault))
        site = _site(host) if isinstance(given, dict) else None
        if site is not None and site in rules:
            faults.append((lines.of_site(host), f"[site.{_shown(host)}]: {site} has rules already"))
        elif site is not None:
            rules[site] = _built(site, given)
    if faults:
        raise ConfigError(
            tuple(f"{path}{f', line {line}' if line else ''}: {fault}" for line, fault in sorted(faults))
        )
    return tuple(rules.values())


def _built(site: str, given: dict[str, Any]) -> SiteRules:
    return SiteRules(
        site,
        drop=tuple(given.get("drop", ())),
        keep=tuple(given.get("keep", ())),
        title=given.get("title"),
        author=given.get("author"),
        date=given.get("date"),
    )


def _faults_of(host: str, given: Any) -> Iterator[tuple[str, str]]:
    """Key and fault of everything that is wrong with the rules of one site."""
    from scraper.extract.site_rules import fault_of  # noqa: PLC0415 - lxml: where there are no rules, none is needed

    where = f"site.{_shown(host)}"
    if not isinstance(given, dict):
        yield "", f"{where} must be a table: [{where}]"
        return
    if any(isinstance(value, dict) for value in given.values()) and "." not in host:
        yield "", f'[{where}.…]: a host with dots is written in quotation marks, as in [site."{host}.org"]'
        return
    if _site(host) is None:
        yield "", f"[{where}]: not the name of a host"
    for key, value in given.items():
        if key not in _KEYS:
            yield key, f"{where}.{key}: no such rule{_meant(key, _KEYS)}"
        elif key in _LISTS:
            if not isinstance(value, list):
                yield key, f"{where}.{key} must be a list of selectors: {key} = [{_shown(str(value))}]"
                continue
            for at, selector in enumerate(value):
                fault = fault_of(selector) if isinstance(selector, str) else "it must be text"
                if fault:
                    yield key, f"{where}.{key}[{at}] = {_shown(selector)}: {fault}"
        else:
            fault = fault_of(value) if isinstance(value, str) else "it must be one selector, as text"
            if fault:
                yield key, f"{where}.{key} = {_shown(value)}: {fault}"


def _site(host: str) -> str | None:
    """The host as articles have it as their site."""
    if re.search(r"[/:@?#\s*]", host):
        return None
    try:
        return site_of(f"http://{host}/")
    except BadUrl:
        return None


def _meant(name: str, known: Iterable[str]) -> str:
    names = list(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else f"; known are: {', '.join(names)}"


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


class _Lines:
    """Where tables and keys stand in a file, as well as a reading of its lines can tell; 0 where it cannot."""

    def __init__(self, text: str) -> None:
        self._headers: dict[str, int] = {}
        self._keys: dict[tuple[str, str], int] = {}
        current = ""
        for number, line in enumerate(text.splitlines(), 1):
            header = re.match(r"\s*\[+\s*([^\]]+?)\s*\]+\s*(?:#.*)?$", line)
            key = re.match(r"\s*[\"']?([\w-]+)[\"']?\s*=", line)
            if header:
                current = re.sub(r"[\"'\s]", "", header[1])
                self._headers.setdefault(current, number)
            elif key:
                self._keys.setdefault((current, key[1]), number)

    def of_table(self, name: str) -> int:
        """The line of a table or of a key outside of all."""
        first = (number for header, number in self._headers.items() if header.split(".")[0] == name)
        return next(first, self._keys.get(("", name), 0))

    def of_site(self, host: str) -> int:
        """The line of a site's table."""
        first = (number for header, number in self._headers.items() if header.startswith(f"site.{host}"))
        return self._headers.get(f"site.{host}", next(first, 0))

    def of_key(self, host: str, key: str) -> int:
        """The line of a key of a site."""
        return self._keys.get((f"site.{host}", key), 0) or self.of_site(host)
