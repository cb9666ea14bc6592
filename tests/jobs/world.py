"""A small world of sites on loopback addresses: feeds and sitemaps of every kind, and hosts of every temper.

Every site is an address of its own, 127.0.2.1 and so on, and announces articles of its own. What is asked of it stands
in the server's log, which is the proof that nobody was hurried and nothing asked twice.
"""

from __future__ import annotations

import gzip
import itertools
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from html import escape

from tests.loopback import Answer, Asked, Hit, Loopback, page, raw, redirect, status
from tests.stories import story, title

RSS = "application/rss+xml"
XML = "application/xml"
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
MAP = "http://www.sitemaps.org/schemas/sitemap/0.9"


@dataclass
class Site:
    """One site. source: what a job names. expected: its articles; forbidden: what robots.txt forbids."""

    address: str
    kind: str
    source: str
    expected: set[str] = field(default_factory=set)
    forbidden: set[str] = field(default_factory=set)
    is_listening: bool = True


class World:
    """Sites with their routes. base: a function from address and path to a URL."""

    def __init__(self, sites: int, stories: int) -> None:
        self.stories = stories
        self.routes: dict[str, Callable[[Asked], str | bytes | Answer]] = {}
        self.sites: list[Site] = []
        self._numbers = itertools.count(1)
        self._asked: Counter[str] = Counter()
        self._lock = threading.Lock()
        self.port = 0
        kinds = list(KINDS)
        for number in range(sites):
            address = f"127.0.2.{number + 1}"
            kind = kinds[number % len(kinds)]
            self.sites.append(KINDS[kind](self, address, kind))

    @property
    def addresses(self) -> list[str]:
        """Where somebody listens."""
        return [site.address for site in self.sites if site.is_listening]

    def url(self, address: str, path: str) -> str:
        """The URL of a path of a site, known once the server listens."""
        return f"http://{address}:{self.port}{path}"

    def put(
        self, address: str, path: str, body: Callable[[], str | bytes], mime: str = "text/html; charset=utf-8"
    ) -> None:
        """A page with validators: 304 for who has it already."""

        def answer(asked: Asked) -> Answer:
            octets = body()
            octets = octets.encode() if isinstance(octets, str) else octets
            tag = f'"{sha256(octets).hexdigest()[:12]}"'
            if asked.headers.get("if-none-match") == tag:
                return status(304, ("ETag", tag))
            return page(octets, content_type=mime, headers=(("ETag", tag),))

        self.routes[address + path] = answer

    def first(self, address: str, path: str, times: int, early: Callable[[], Answer]) -> None:
        """Let a path answer otherwise the first few times."""
        later = self.routes[address + path]

        def answer(asked: Asked) -> str | bytes | Answer:
            with self._lock:
                self._asked[address + path] += 1
                count = self._asked[address + path]
            return early() if count <= times else later(asked)

        self.routes[address + path] = answer

    def articles(
        self, address: str, form: str = "/2017/10/{n}/ferry-sails-again-{n}"
    ) -> list[tuple[str, str]]:
        """New articles of a site: paths and titles."""
        made = []
        for n in itertools.islice(self._numbers, self.stories):
            path = form.format(n=n)
            self.put(address, path, lambda n=n: story(n))  # type: ignore[misc]
            made.append((path, title(n)))
        return made

    def rss(self, address: str, path: str, items: list[tuple[str, str]]) -> None:
        """An RSS feed of articles."""

        def body() -> str:
            entries = "".join(
                f"<item><title>{escape(name)}</title><link>{self.url(address, at)}</link></item>"
                for at, name in items
            )
            return (
                f'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>{entries}</channel></rss>'
            )

        self.put(address, path, body, RSS)

    def sitemap(self, address: str, path: str, items: list[tuple[str, str]], *, packed: bool = False) -> None:
        """A sitemap of articles, gzip if wanted."""

        def body() -> bytes:
            entries = "".join(f"<url><loc>{self.url(address, at)}</loc></url>" for at, _ in items)
            octets = f'<urlset xmlns="{MAP}">{entries}</urlset>'.encode()
            return gzip.compress(octets, mtime=0) if packed else octets

        self.put(address, path, body, "application/gzip" if packed else XML)

    def robots(self, address: str, text: Callable[[], str]) -> None:
        """A robots.txt."""
        self.put(address, "/robots.txt", text, "text/plain")


def _site(address: str, kind: str, source: str, items: list[tuple[str, str]]) -> Site:
    return Site(address, kind, source, {path for path, _ in items})


def rss(world: World, address: str, kind: str) -> Site:
    items = world.articles(address)
    world.rss(address, "/feed.xml", items)
    return _site(address, kind, "/feed.xml", items)


def atom(world: World, address: str, kind: str) -> Site:
    items = world.articles(address)
    half = len(items) // 2

    def body(part: list[tuple[str, str]], more: str) -> str:
        entries = "".join(
            f'<entry><title>{escape(name)}</title><link href="{at}"/></entry>' for at, name in part
        )
        return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title>{more}{entries}</feed>'

    world.put(
        address,
        "/atom.xml",
        lambda: body(items[half:], '<link rel="next" href="/atom2.xml"/>'),
        "application/atom+xml",
    )
    world.put(address, "/atom2.xml", lambda: body(items[:half], ""), "application/atom+xml")
    return _site(address, kind, "/atom.xml", items)


def json_feed(world: World, address: str, kind: str) -> Site:
    items = world.articles(address)
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [{"id": at, "url": at, "title": name} for at, name in items],
    }
    world.put(address, "/feed.json", lambda: json.dumps(feed), "application/feed+json")
    return _site(address, kind, "/feed.json", items)


def sitemap_index(world: World, address: str, kind: str) -> Site:
    items = world.articles(address)
    half = len(items) // 2
    world.sitemap(address, "/one.xml", items[:half])
    world.sitemap(address, "/two.xml.gz", items[half:], packed=True)
    world.put(
        address,
        "/sitemap.xml",
        lambda: (
            f'<sitemapindex xmlns="{MAP}"><sitemap><loc>{world.url(address, "/one.xml")}</loc></sitemap>'
            f"<sitemap><loc>{world.url(address, '/two.xml.gz')}</loc></sitemap></sitemapindex>"
        ),
        XML,
    )
    return _site(address, kind, "/sitemap.xml", items)


def news_sitemap(world: World, address: str, kind: str) -> Site:
    items = world.articles(address)

    def body() -> str:
        entries = "".join(
            f"<url><loc>{world.url(address, at)}</loc><n:news><n:title>{escape(name)}</n:title>"
            "<n:publication_date>2017-10-20</n:publication_date></n:news></url>"
            for at, name in items
        )
        return f'<urlset xmlns="{MAP}" xmlns:n="{NEWS}">{entries}</urlset>'

    world.put(address, "/news.xml", body, XML)
    return _site(address, kind, "/news.xml", items)


def _list(items: list[tuple[str, str]], more: str = "") -> str:
    rows = "".join(f'<li><h2><a href="{at}">{escape(name)}</a></h2></li>' for at, name in items)
    menu = '<nav><a href="/">Home</a><a href="/tag/ferries">Ferries</a></nav>'
    return f"<html><body>{menu}<ul>{rows}</ul>{more}</body></html>"


def list_page(world: World, address: str, kind: str) -> Site:
    items = world.articles(address)
    half = len(items) // 2
    world.put(
        address, "/latest", lambda: _list(items[half:], '<a rel="next" href="/latest?page=2">Older</a>')
    )
    world.put(address, "/latest?page=2", lambda: _list(items[:half]))
    return _site(address, kind, "/latest", items)


def calendar_trap(world: World, address: str, kind: str) -> Site:
    """A list beside a calendar without end, of which every day leads to the next."""
    items = world.articles(address)
    days = "".join(
        f'<td><a href="/2017/{month:02}/{day:02}/">{day}</a></td>'
        for month in range(1, 13)
        for day in range(1, 29)
    )
    world.put(
        address,
        "/latest",
        lambda: _list(
            items, f"<table class=calendar><tr>{days}</tr></table><a href='/calendar?month=11'>November</a>"
        ),
    )
    return _site(address, kind, "/latest", items)


def discovered_feed(world: World, address: str, kind: str) -> Site:
    items = world.articles(address)
    world.rss(address, "/found.xml", items)
    world.put(
        address,
        "/",
        lambda: (
            f'<html><head><link rel="alternate" type="{RSS}" href="/found.xml"></head>'
            f"<body>{_list(items[:1])}</body></html>"
        ),
    )
    return _site(address, kind, "/", items)


def discovered_sitemap(world: World, address: str, kind: str) -> Site:
    items = world.articles(address)
    world.sitemap(address, "/map.xml", items)
    world.put(address, "/", lambda: f"<html><body><p>Welcome to {address}</p></body></html>")
    world.robots(
        address, lambda: f"User-agent: *\nDisallow: /private\nSitemap: {world.url(address, '/map.xml')}\n"
    )
    return _site(address, kind, "/", items)


def forbids(world: World, address: str, kind: str) -> Site:
    items = world.articles(address)
    world.rss(address, "/feed.xml", items)
    site = _site(address, kind, "/feed.xml", items[1:])
    site.forbidden = {items[0][0]}
    world.robots(address, lambda: f"User-agent: *\nDisallow: {items[0][0]}\n")
    return site


def crawl_delay(world: World, address: str, kind: str) -> Site:
    site = rss(world, address, kind)
    world.robots(address, lambda: "User-agent: *\nCrawl-delay: 0.2\n")
    return site


def rules_fail(world: World, address: str, kind: str) -> Site:
    """A robots.txt that cannot be had: nothing may be asked."""
    site = rss(world, address, kind)
    world.routes[f"{address}/robots.txt"] = lambda _: status(503)
    site.forbidden, site.expected = {*site.expected, "/feed.xml"}, set()
    return site


def flaky(world: World, address: str, kind: str) -> Site:
    site = rss(world, address, kind)
    first, *_ = sorted(site.expected)
    world.first(address, first, 1, lambda: status(503, ("Retry-After", "1")))
    return site


def breaks_off(world: World, address: str, kind: str) -> Site:
    site = rss(world, address, kind)
    world.first(address, "/feed.xml", 1, lambda: raw(b"HTTP/1.1 200 OK\r\nContent-", reset=True))
    return site


def slow(world: World, address: str, kind: str) -> Site:
    site = rss(world, address, kind)
    for path in site.expected:
        later = world.routes[address + path]
        world.routes[address + path] = lambda asked, later=later: _slowly(later(asked))  # type: ignore[misc]
    return site


def _slowly(answer: str | bytes | Answer) -> Answer:
    assert isinstance(answer, Answer)
    pieces = list(answer.pieces())
    return Answer((0.3, *pieces))


def dead(world: World, address: str, kind: str) -> Site:
    site = rss(world, address, kind)
    site.expected, site.is_listening = set(), False
    return site


def moved(world: World, address: str, kind: str) -> Site:
    site = rss(world, address, kind)
    world.routes[f"{address}/old.xml"] = lambda _: redirect("/feed.xml", 301)
    site.source = "/old.xml"
    return site


def redirects(world: World, address: str, kind: str) -> Site:
    """Articles that are announced under an address which leads to another."""
    items = world.articles(address)
    short = [(f"/s/{n}", name) for n, (_, name) in enumerate(items)]
    for (at, _), (to, _) in zip(short, items, strict=True):
        world.routes[address + at] = lambda _, to=to: redirect(to)  # type: ignore[misc]
    world.rss(address, "/feed.xml", short)
    return _site(address, kind, "/feed.xml", items)


def twice(world: World, address: str, kind: str) -> Site:
    """A feed that names every article under two addresses, one with a tracking parameter."""
    items = world.articles(address)
    tracked = [(f"{at}?utm_source=rss", name) for at, name in items]
    for (plain, _), (at, _) in zip(items, tracked, strict=True):
        world.routes[address + at] = world.routes[address + plain]
    world.rss(address, "/feed.xml", [*tracked, *items])
    return _site(address, kind, "/feed.xml", items)


def gone(world: World, address: str, kind: str) -> Site:
    items = world.articles(address)
    world.rss(address, "/feed.xml", [*items, ("/2017/10/9/nothing-is-here-any-more", "Gone")])
    return _site(address, kind, "/feed.xml", items)


KINDS: dict[str, Callable[[World, str, str], Site]] = {
    one.__name__: one
    for one in (
        rss, atom, json_feed, sitemap_index, news_sitemap, list_page, calendar_trap, discovered_feed,
        discovered_sitemap, forbids, crawl_delay, rules_fail, flaky, breaks_off, slow, dead, moved, redirects,
        twice, gone,
    )
}  # fmt: skip


@contextmanager
def listening(world: World) -> Iterator[Loopback]:
    """The world's server."""
    with Loopback(world.routes, addresses=world.addresses) as server:
        world.port = server.port
        yield server


SLACK = 0.02
"""Seconds by which the server may note the end of an answer later than its reader had it: the cores are shared."""


def hurried(hits: list[Hit], delay: float) -> list[str]:
    """Requests that came to a host while it was busy with another, or sooner than its delay after one."""
    found = []
    for address in {hit.address for hit in hits}:
        own = sorted((hit for hit in hits if hit.address == address), key=lambda hit: hit.began)
        found += [
            f"{address}{later.path}: {later.began - earlier.ended:.3f} s after {earlier.path}"
            for earlier, later in itertools.pairwise(own)
            if later.began < earlier.ended + delay - SLACK
        ]
    return found
