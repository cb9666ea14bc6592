"""How fast many sites are asked when some are slow and some are dead, and whether any of them was hurried.

    python benchmarks/politeness.py [--pages 5] [--delay 0.5] [--connections 16] [--spare 48] [--stalls S]

A server in a process of its own stands for the sites, an address of 127.0.0.0/8 each: most answer within 20 ms, some
take up to five seconds, some take the connection and never answer. Its own log is what the figures are of. The ideal
is what no scheduler can be faster than: every host by itself, one request after another with the delay between two.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any

from scraper.fetch.client import Fetcher
from scraper.fetch.pool import FetchPool
from scraper.fetch.settings import FetchSettings
from scraper.model import Fetched

MIX = ((0.02, 0.60), (0.2, 0.25), (1.0, 0.09), (5.0, 0.04), (None, 0.02))
"""Seconds to answer (`None`: never) and the share of hosts that take so long."""

IDLE_TIMEOUT = 5.0
BODY = (
    b"<html><body>" + b"<p>A paragraph of a page that is as long as many are.</p>" * 600 + b"</body></html>"
)


def hosts_of(count: int) -> dict[str, float | None]:
    """Addresses and how long each takes, mixed as `MIX` says; the slow ones come first, where they do most harm."""
    pace = [seconds for seconds, share in reversed(MIX) for _ in range(round(share * count))]
    pace += [MIX[0][0]] * (count - len(pace))
    return {
        f"127.1.{number // 250}.{number % 250 + 1}": seconds for number, seconds in enumerate(pace[:count])
    }


async def serve(hosts: dict[str, float | None]) -> None:
    """Answer until the input ends, then print the log: address, begin and end of each request."""
    log: list[tuple[str, float, float]] = []
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(BODY)}\r\n\r\n".encode()
    none = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = writer.get_extra_info("sockname")[0]
        try:
            while asked := await reader.readuntil(b"\r\n\r\n"):
                begun = time.monotonic()
                seconds = hosts[address]
                if seconds is None:
                    await reader.read()
                    log.append((address, begun, time.monotonic()))
                    return
                await asyncio.sleep(seconds)
                log.append((address, begun, time.monotonic()))
                writer.write(none if b" /robots.txt " in asked else head + BODY)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    first = await asyncio.start_server(answer, next(iter(hosts)), 0)
    port = first.sockets[0].getsockname()[1]
    servers = [first] + [await asyncio.start_server(answer, host, port) for host in list(hosts)[1:]]
    print(port, flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    print(json.dumps(log), flush=True)
    for server in servers:
        server.close()
    os._exit(0)


def fetch(urls: list[str], settings: FetchSettings) -> dict[str, float]:
    """When each URL had its result, in seconds from the beginning."""
    begin, found = time.monotonic(), {}
    with Fetcher(settings) as fetcher, FetchPool(fetcher) as pool:
        waiting: set[Future[Fetched]] = {pool.submit(url) for url in urls}
        while waiting:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                found[future.result().url] = time.monotonic() - begin
                pool.release()
    return found


def ideal_of(seconds: float | None, pages: int, delay: float) -> float:
    """Seconds that a host takes by itself: robots.txt and its pages. One that never answers is given up at once."""
    return IDLE_TIMEOUT if seconds is None else (pages + 1) * seconds + pages * delay


def report(
    hosts: dict[str, float | None], found: dict[str, float], log: list[Any], pages: int, delay: float
) -> None:
    """Print what came of it."""
    ends: dict[str, float] = defaultdict(float)
    for url, when in found.items():
        host = url.split("/")[2].split(":")[0]
        ends[host] = max(ends[host], when)
    print(f"{'takes':>8} {'hosts':>6} {'ideal s':>8} {'last host s':>12} {'mean s':>8} {'of ideal':>9}")
    for seconds, _ in MIX:
        own = [ends[host] for host, pace in hosts.items() if pace == seconds]
        ideal = ideal_of(seconds, pages, delay)
        name = "for ever" if seconds is None else f"{seconds:g} s"
        if own:
            mean = sum(own) / len(own)
            print(
                f"{name:>8} {len(own):>6} {ideal:>8.1f} {max(own):>12.1f} {mean:>8.1f} {ideal / mean:>9.0%}"
            )
    longest = max(ideal_of(pace, pages, delay) for pace in hosts.values())
    print(f"all: {max(ends.values()):.1f} s, ideal {longest:.1f} s")
    quick = [host for host, pace in hosts.items() if pace is not None and pace <= 0.2]
    best = sum(pages / ideal_of(hosts[host], pages, delay) for host in quick)
    held = sum(pages / ends[host] for host in quick)
    print(f"quick hosts: {held:.0f} pages a second of {best:.0f} that the delay allows ({held / best:.0%})")
    gaps, at_once = [], 0
    for host in hosts:
        own_log = sorted((begun, ended) for address, begun, ended in log if address == host)
        gaps += [later[0] - earlier[1] for earlier, later in itertools.pairwise(own_log)]
        at_once += sum(later[0] < earlier[1] for earlier, later in itertools.pairwise(own_log))
    print(
        f"requests {len(log)}, gap between two to one host: least {min(gaps):.3f} s, median "
        f"{sorted(gaps)[len(gaps) // 2]:.3f} s for a delay of {delay:g} s; two at once: {at_once}"
    )


def main() -> None:
    """Serve in a child, fetch here, compare."""
    words = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    words.add_argument("--hosts", type=int, default=200)
    words.add_argument("--pages", type=int, default=5)
    words.add_argument("--delay", type=float, default=0.5)
    words.add_argument("--connections", type=int, default=FetchSettings.connections)
    words.add_argument("--spare", type=int, default=FetchSettings.spare_connections)
    words.add_argument("--stalls", type=float, default=FetchSettings.stalls_after)
    words.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    said = words.parse_args()
    hosts = hosts_of(said.hosts)
    if said.serve:
        asyncio.run(serve(hosts))
        return
    child = subprocess.Popen(
        [sys.executable, __file__, "--serve", "--hosts", str(said.hosts)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    port = int(child.stdout.readline() if child.stdout else 0)
    settings = FetchSettings(
        allow_networks=("127.0.0.0/8",),
        delay=said.delay,
        connections=said.connections,
        spare_connections=said.spare,
        stalls_after=said.stalls,
        idle_timeout=IDLE_TIMEOUT,
    )
    urls = [f"http://{host}:{port}/{page}" for page in range(said.pages) for host in hosts]
    before = time.process_time()
    found = fetch(urls, settings)
    cpu = time.process_time() - before
    log = json.loads(child.communicate()[0])
    report(hosts, found, log, said.pages, said.delay)
    print(f"CPU {cpu / max(len(log), 1) * 1000:.1f} ms a request")


if __name__ == "__main__":
    main()
