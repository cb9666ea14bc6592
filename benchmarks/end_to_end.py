"""`archive add -` against `trafilatura -i`: the same pages, served on loopback as 50 sites, in turn.

    python benchmarks/end_to_end.py [FOLDER] [--pages N] [--rounds 3]

FOLDER holds pages as files, gzipped or not (default: ../shared/extraction-dev/pages). A server in a process of its
own answers for 127.0.0.1 to 127.0.0.50; pauses between requests are 0 on both sides. Each round runs both programs
once, in alternating order. Printed are pages a second, CPU milliseconds a page and peak memory of the process tree,
and the ratios of ours to trafilatura's; ratios of one run on one machine are the result, absolute figures are not.
Ours does more in its time: robots.txt, WARC files, database and search index.
"""

from __future__ import annotations

import argparse
import gzip
import http.server
import multiprocessing
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import ClassVar

import trafilatura

SITES = 50
ROOT = Path(__file__).parents[1]
TRAFILATURA_SETTINGS = {"SLEEP_TIME": "0", "SSRF_PROTECTION": "off"}


@dataclass(frozen=True)
class Measure:
    """One run of one program."""

    pages: int
    seconds: float
    cpu_seconds: float
    peak_bytes: int

    @property
    def pages_a_second(self) -> float:
        return self.pages / self.seconds

    @property
    def cpu_ms_a_page(self) -> float:
        return self.cpu_seconds / self.pages * 1000


class Handler(http.server.BaseHTTPRequestHandler):
    """Page N of the folder at /N; everything may be asked for."""

    protocol_version = "HTTP/1.1"
    pages: ClassVar[list[bytes]] = []

    def do_GET(self) -> None:
        name = self.path.strip("/").partition(".")[0]
        if name.isdigit() and int(name) < len(self.pages):
            self._send(200, "text/html", self.pages[int(name)])
        else:
            self._send(404, "text/plain", b"not here\n")

    def _send(self, status: int, kind: str, body: bytes) -> None:
        head = f"HTTP/1.1 {status} OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        self.wfile.write(head.encode() + body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def read_pages(folder: Path, most: int | None) -> list[bytes]:
    """The pages of a folder, in order of name, unpacked."""
    files = sorted(one for one in folder.iterdir() if one.is_file())[:most]
    return [gzip.decompress(one.read_bytes()) if one.suffix == ".gz" else one.read_bytes() for one in files]


def serve(folder: Path, most: int | None, ready: Connection) -> None:
    """Serve the pages on every address until the process is ended."""
    Handler.pages = read_pages(folder, most)
    port = 0
    for number in range(1, SITES + 1):
        server = http.server.ThreadingHTTPServer((f"127.0.0.{number}", port), Handler)
        port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
    ready.send((port, len(Handler.pages)))
    threading.Event().wait()


def tree_bytes(root: int) -> int:
    """Resident bytes of a process and all that descend from it, in whatever session: what they share counts twice."""
    parents: dict[int, int] = {}
    pages: dict[int, int] = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            fields = Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
            parents[int(entry)], pages[int(entry)] = int(fields[1]), int(fields[21])
        except (OSError, IndexError, ValueError):
            continue  # it ended while we looked
    total = 0
    for process, resident in pages.items():
        ancestor = process
        while ancestor != root and ancestor in parents:
            ancestor = parents[ancestor]
        total += resident if ancestor == root else 0
    return total * os.sysconf("SC_PAGE_SIZE")


def run(
    command: list[str], folder: Path, stdin: Path | None, environment: dict[str, str], pages: int
) -> Measure:
    """Run a program to its end; its own CPU time and that of all its children."""
    began = time.perf_counter()
    with (stdin or Path(os.devnull)).open("rb") as given, (folder / "out").open("wb") as out:
        process = subprocess.Popen(
            command, cwd=folder, stdin=given, stdout=out, stderr=subprocess.DEVNULL, env=environment,
            start_new_session=True,
        )  # fmt: skip
        peak = 0
        while True:
            ended, _, usage = os.wait4(process.pid, os.WNOHANG)
            if ended:
                break
            peak = max(peak, tree_bytes(process.pid))
            time.sleep(0.05)
    seconds = time.perf_counter() - began
    return Measure(pages, seconds, usage.ru_utime + usage.ru_stime, peak)


def ours(urls: Path, pages: int) -> Measure:
    """`archive add -` in an empty folder."""
    folder = Path(tempfile.mkdtemp())
    environment = {
        **os.environ,
        "ARCHIVE_FETCH_ALLOW_NETWORKS": "127.0.0.0/8",
        "ARCHIVE_FETCH_DELAY": "0",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-c", "from archive.cli import main; main()", "add", "--json", "-"]
    try:
        measure = run(command, folder, urls, environment, pages)
        last = (folder / "out").read_text().splitlines()[-1]
        print(f"    {last}", file=sys.stderr)
        return measure
    finally:
        shutil.rmtree(folder)


def theirs(urls: Path, pages: int) -> Measure:
    """`trafilatura -i … --json --with-metadata --parallel 2`, results into files."""
    folder = Path(tempfile.mkdtemp())
    settings = (Path(trafilatura.__file__).parent / "settings.cfg").read_text()
    lines = []
    for line in settings.splitlines():
        name = line.partition("=")[0].strip()
        lines.append(f"{name} = {TRAFILATURA_SETTINGS[name]}" if name in TRAFILATURA_SETTINGS else line)
    named = {line.partition("=")[0].strip() for line in lines}
    lines.extend(f"{name} = {value}" for name, value in TRAFILATURA_SETTINGS.items() if name not in named)
    (folder / "settings.cfg").write_text("\n".join(lines))
    command = [
        sys.executable, "-m", "trafilatura.cli", "-i", str(urls), "--json", "--with-metadata", "--parallel", "2",
        "-o", str(folder / "results"), "--config-file", str(folder / "settings.cfg"),
    ]  # fmt: skip
    try:
        measure = run(command, folder, None, dict(os.environ), pages)
        found = sum(1 for one in (folder / "results").rglob("*.json")) if (folder / "results").is_dir() else 0
        print(f"    {found} results", file=sys.stderr)
        return measure
    finally:
        shutil.rmtree(folder)


def main() -> None:
    """Run the rounds and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "../shared/extraction-dev/pages")
    parser.add_argument("--pages", type=int, help="no more than so many")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()

    ready, other = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(
        target=serve, args=(options.folder, options.pages, other), daemon=True
    )
    server.start()
    port, pages = ready.recv()
    with tempfile.TemporaryDirectory() as temporary:
        urls = Path(temporary) / "urls.txt"
        urls.write_text("".join(f"http://127.0.0.{n % SITES + 1}:{port}/{n}.html\n" for n in range(pages)))
        measures: dict[str, list[Measure]] = {"ours": [], "trafilatura": []}
        for number in range(options.rounds):
            order = ["ours", "trafilatura"] if number % 2 == 0 else ["trafilatura", "ours"]
            for name in order:
                print(f"  round {number + 1}, {name}", file=sys.stderr)
                measures[name].append((ours if name == "ours" else theirs)(urls, pages))
    server.terminate()

    print(f"{pages} pages, {SITES} sites, {options.rounds} rounds\n")
    print("| program | round | pages/s | CPU ms/page | peak MiB |\n| --- | --- | --- | --- | --- |")
    for name, runs in measures.items():
        for number, one in enumerate(runs, 1):
            print(
                f"| {name} | {number} | {one.pages_a_second:.1f} | {one.cpu_ms_a_page:.1f} | {one.peak_bytes >> 20} |"
            )
    for label, value in (
        ("pages a second", lambda one: one.pages_a_second),
        ("CPU", lambda one: one.cpu_ms_a_page),
        ("peak memory", lambda one: one.peak_bytes),
    ):
        ratios = [value(a) / value(b) for a, b in zip(measures["ours"], measures["trafilatura"], strict=True)]
        shown = ", ".join(f"{ratio:.2f}" for ratio in ratios)
        print(f"\n{label}, ours / trafilatura: median {statistics.median(ratios):.2f} ({shown})")


if __name__ == "__main__":
    main()
