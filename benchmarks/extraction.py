"""`scraper.extract.extract` against `trafilatura.extract`: the same pages in the same run, CPU time, page by page.

    python benchmarks/extraction.py [FOLDER] [--pages N] [--rounds 3] [--stages]

FOLDER holds pages as files, gzipped or not, and may have a `truth.jsonl` beside it that says where they were found
(default: ../shared/extraction-dev/pages). Each round reads every page with both, one after the other, in alternating
order, after a warm-up; a page's time is the median of its rounds. Both give body and metadata: trafilatura with
`output_format="json", with_metadata=True`; ours by both settings, accurate and fast. Printed are mean, median and 99th
percentile of each, the ratio of our means to trafilatura's and of our 99th percentile to our median, and what each
stage of ours costs. The ratios are the result.
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import trafilatura

from scraper.extract import core
from scraper.extract.model import fast, judge
from scraper.extract.settings import Setting

ROOT = Path(__file__).parents[1]
WARM_UP = 40
"""Pages read before anything is timed: caches fill, and dateparser compiles its expressions."""

STAGES = {
    core: (
        "parse", "cut", "read", "read_hints", "choose_title", "decide", "choose_language", "choose_dates",
        "choose_authors", "captions_and_images", "judge", "decide_fast",
    ),
    fast: ("without_menus", "describe", "mark_blocks", "apply_rules"),
    judge: ("describe", "second_columns", "align", "mark_blocks", "apply_rules"),
    core.opinion: ("ask",),
    judge.Trees: ("score",),
}  # fmt: skip
"""The functions that are timed as stages, by the module or class in which they are looked up."""

Page = tuple[bytes, str]
Reader = Callable[[bytes, str], object]


def read_pages(folder: Path, most: int | None) -> list[Page]:
    """The pages of a folder with their URLs; of more than `most`, so many evenly chosen ones."""
    truth = folder.parent / "truth.jsonl"
    rows = map(json.loads, truth.read_text("utf-8").splitlines()) if truth.exists() else ()
    urls = {Path(row["page"]).name: row["url"] or "" for row in rows}
    files = sorted(one for one in folder.iterdir() if one.is_file())
    if most is not None and most < len(files):
        files = [files[n * len(files) // most] for n in range(most)]
    return [
        (
            gzip.decompress(one.read_bytes()) if one.suffix == ".gz" else one.read_bytes(),
            urls.get(one.name, f"http://example.org/{number}.html"),
        )
        for number, one in enumerate(files)
    ]


def accurate(payload: bytes, url: str) -> object:
    """One page as we read it."""
    return core.extract(payload, url)


def quick(payload: bytes, url: str) -> object:
    """One page as the fast setting reads it."""
    return core.extract(payload, url, setting="fast")


OURS: dict[Setting, Reader] = {"accurate": accurate, "fast": quick}


def theirs(payload: bytes, url: str) -> object:
    """One page as trafilatura reads it."""
    return trafilatura.extract(payload, url=url, output_format="json", with_metadata=True)


def cpu_ms(reader: Reader, page: Page) -> float:
    """Milliseconds of CPU that reading one page takes."""
    began = time.process_time_ns()
    reader(*page)
    return (time.process_time_ns() - began) / 1e6


def measure(pages: Sequence[Page], rounds: int) -> dict[str, list[float]]:
    """For each reader, the median CPU time of each page."""
    readers: dict[str, Reader] = {**OURS, "trafilatura": theirs}
    for page in pages[:WARM_UP]:
        for reader in readers.values():
            reader(*page)
    times: dict[str, list[list[float]]] = {name: [[] for _ in pages] for name in readers}
    for number in range(rounds):
        for at, page in enumerate(pages):
            for name in sorted(readers, reverse=(number + at) % 2 == 1):
                times[name][at].append(cpu_ms(readers[name], page))
    return {name: [statistics.median(one) for one in found] for name, found in times.items()}


class Stages:
    """CPU time by stage, each without the stages inside it. Timing costs a little time of its own."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self.calls: dict[str, int] = defaultdict(int)
        self._inside: list[float] = []

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, timed."""

        def run(*arguments: Any, **named: Any) -> Any:
            self._inside.append(0.0)
            began = time.process_time_ns()
            try:
                return function(*arguments, **named)
            finally:
                whole = (time.process_time_ns() - began) / 1e6
                self.spent[name] += whole - self._inside.pop()
                self.calls[name] += 1
                if self._inside:
                    self._inside[-1] += whole

        return run

    def measure(self, reader: Reader, pages: Sequence[Page]) -> None:
        """Read the pages once more, with every stage timed."""
        before = [(holder, name, getattr(holder, name)) for holder, names in STAGES.items() for name in names]
        for holder, name, function in before:
            setattr(holder, name, self.timed(name, function))
        try:
            for page in pages:
                self.timed("the rest", reader)(*page)
        finally:
            for holder, name, function in before:
                setattr(holder, name, function)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "../shared/extraction-dev/pages")
    parser.add_argument("--pages", type=int, help="no more than so many, evenly chosen")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--stages", action="store_true", help="only what each stage of ours costs")
    options = parser.parse_args()
    pages = read_pages(options.folder, options.pages)

    if options.stages:
        for page in pages[:WARM_UP]:
            for reader in OURS.values():
                reader(*page)
    else:
        report(measure(pages, options.rounds), options.rounds)
    for setting, reader in OURS.items():
        stages = Stages()
        stages.measure(reader, pages)
        print(f"\n| stage, {setting}, without those inside it | ms a page | on pages |\n| --- | --- | --- |")
        for name, spent in sorted(stages.spent.items(), key=lambda item: -item[1]):
            print(f"| {name} | {spent / len(pages):.2f} | {min(1.0, stages.calls[name] / len(pages)):.0%} |")


def report(times: dict[str, list[float]], rounds: int) -> None:
    """Print what each reader takes, and ours against the other."""
    theirs = times["trafilatura"]
    print(f"{len(theirs)} pages, median of {rounds} rounds, CPU ms a page\n")
    print("| reader | mean | median | p99 | most |\n| --- | --- | --- | --- | --- |")
    for name, found in times.items():
        middle, late = statistics.median(found), percentile(found, 0.99)
        print(f"| {name} | {statistics.mean(found):.1f} | {middle:.1f} | {late:.1f} | {max(found):.1f} |")
    for name in OURS:
        ratio = statistics.mean(times[name]) / statistics.mean(theirs)
        tail = percentile(times[name], 0.99) / statistics.median(times[name])
        print(f"\n{name}: mean CPU / trafilatura's {ratio:.2f}, p99 / median {tail:.1f}")


if __name__ == "__main__":
    main()
