"""Claims about worker processes: what a hostile page may take, and what it cannot take along."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest

from scraper import extract
from scraper.errors import ExtractionFailed
from scraper.extract.pool import ExtractionPool, cpu_seconds
from scraper.extract.settings import ExtractSettings
from scraper.model import Furniture, Page

URL = "https://news.example/story"
STORY = (
    "<html lang=en><head><title>The keeper who counts</title></head><body><article><h1>The keeper who counts</h1>"
    + "<p>The lighthouse keeper has counted the passing ships by hand since the counter failed in March.</p>"
    * 4
    + "</article></body></html>"
).encode()

CROWDED = b"<p " + b" ".join(b"a%d=1" % n for n in range(990)) + b">word</p>"
"""An element of as many attributes as are read at all: some 5 ms of CPU."""

LIMITS = ExtractSettings(workers=1, cpu_seconds=1, memory_bytes=200 * 1024 * 1024)
ROOMY = replace(LIMITS, memory_bytes=1 << 30)


@pytest.fixture(scope="module")
def pool() -> Iterator[ExtractionPool]:
    with ExtractionPool(LIMITS) as opened:
        yield opened


@pytest.fixture(scope="module")
def roomy() -> Iterator[ExtractionPool]:
    """One whose pages run out of time before memory."""
    with ExtractionPool(ROOMY) as opened:
        yield opened


def outcome(pool: ExtractionPool, payload: bytes, content_type: str | None = None) -> Page | ExtractionFailed:
    try:
        return pool.submit(payload, URL, content_type=content_type).result(timeout=60)
    except ExtractionFailed as failure:
        return failure


def children() -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == os.getpid() and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def test_a_worker_says_what_the_function_says(pool: ExtractionPool) -> None:
    assert outcome(pool, STORY) == extract(STORY, URL)


def test_the_setting_reaches_the_worker() -> None:
    page = b"<html><nav><a href=/>Home</a></nav><p>The keeper counts the ships by hand.</p></html>"
    with ExtractionPool(replace(LIMITS, setting="fast")) as fast:
        assert fast.submit(page, URL).result(timeout=60) == extract(page, URL, setting="fast")
        assert fast.submit(page, URL).result(timeout=60).blocks[0].rule == "menu"


def test_content_type_and_furniture_reach_the_worker(pool: ExtractionPool) -> None:
    repeated = Furniture(
        4, {"every reader of the coast knows this line by heart and yet it is printed again": 4}
    )
    line = "Every reader of the coast knows this line by heart, and yet it is printed again."
    payload = STORY.replace(b"</article>", f"<p>{line}</p></article>".encode())
    page = pool.submit(payload, URL, content_type="text/html; charset=koi8-r", furniture=repeated).result(
        timeout=60
    )
    assert page.encoding == "koi8-r"
    assert line not in page.text
    assert ("furniture", line) in [(block.rule, block.text) for block in page.blocks]


LD_JSON = b'<script type="application/ld+json">'

BILLION_LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + "".join(f'<!ENTITY lol{n} "{f"&lol{n - 1 if n > 1 else str()};" * 10}">' for n in range(1, 9))
    + "]><html><body><p>&lol8;</p></body></html>"
)

HOSTILE = {
    "a-million-attributes": b"<body>" + CROWDED * 600 + STORY,
    "half-a-million-links": b"<body>" + b"<a href=/x>link</a> " * 60_000,
    "two-million-tags": b"<b>" * 300_000,
    "boxes-side-by-side": b"<div>x</div>" * 20_000,
    "deep-nesting": b"<div>" * 100_000 + b"text" + b"</div>" * 100_000,
    "deep-lists": b"<ul><li>a" * 5_000,
    "deep-tables": b"<table><tr><td>a" * 5_000,
    "character-references": b"<p>" + b"&#x1F600;" * 100_000,
    "one-huge-reference": b"<p>&#" + b"9" * 1_000_000 + b";",
    "nul-bytes": b"<p>one\x00two " * 5_000,
    "lone-surrogates": b"<p>&#xD800; \xed\xa0\x80 text</p>" * 1_000,
    "wrong-charset": b'<meta charset="utf-16">' + STORY,
    "codec-that-inflates": b'<meta charset="zip">' + STORY,
    "empty": b"",
    "white-space": b" \n" * 100_000,
    "binary": bytes(range(256)) * 1_000,
    "one-giant-word": b"<p>" + b"x" * 3_000_000,
    "billion-laughs": BILLION_LAUGHS.encode(),
    "svg-entities": b"<svg>" + BILLION_LAUGHS.encode() + b"</svg>",
    "endless-comment": b"<p>text</p><!--" + b"-" * 2_000_000,
    "unclosed-script": STORY + b"<script>" + b"var a = '<p>';" * 100_000,
    "bidi-controls": ("<p>\u202eabc\u2066 def" * 5_000).encode(),
    "regex-bait-dates": b"<h1>t</h1><p>" + b"1 " * 100_000 + b"</p><div>" + b"1.1.1." * 25 + b"</div>",
    "regex-bait-authors": b'<h1>t</h1><p class="byline">by ' + b"a, " * 50 + b"- " * 50 + b"</p>" + STORY,
    "regex-bait-titles": b"<title>" + b"a - | " * 20_000 + b"</title>" + STORY,
    "giant-table": b"<table>" + (b"<tr>" + b"<td>1" * 100) * 400 + b"</table>",
    "nested-json-ld": LD_JSON + b'{"a":[' * 200_000 + b"</script>" + STORY,
    "big-json-ld": LD_JSON + b'{"@graph":[' + b'{"@type":"Article","name":"x"},' * 60_000 + b"{}]}</script>" + STORY,
    "json-ld-of-surrogates": LD_JSON + b'{"@type":"NewsArticle","headline":"\\ud800 x \\u0000"}</script>' + STORY,
    "meta-refresh": b'<meta http-equiv="refresh" content="0;url=file:///etc/passwd">' + STORY,
    "inline-base64": b'<p><img src="data:image/png;base64,' + b"A" * 3_000_000 + b'"></p>' + STORY,
    "title-of-a-megabyte": b"<title>" + b"word " * 200_000 + b"</title>" + STORY,
    "a-hundred-thousand-headings": b"<h1>heading</h1>" * 20_000,
    "a-hundred-thousand-metas": b'<meta property="og:title" content="x">' * 30_000,
    "repeated-paragraph": b"<p>the same twelve words stand here again and again and once more</p>" * 5_000,
    "styles-of-many-classes": b"".join(b'<p class="date-%d author">x</p>' % n for n in range(8_000)),
}  # fmt: skip


@pytest.fixture(scope="module")
def attempts() -> Iterator[dict[str, Future[Page]]]:
    with ExtractionPool(replace(LIMITS, workers=2)) as opened:
        yield {name: opened.submit(payload, URL) for name, payload in HOSTILE.items()}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_ends_within_its_limits(name: str, attempts: dict[str, Future[Page]]) -> None:
    """It gives a page or a failure that names the limit; nothing else comes out, and nothing is left behind."""
    found: Page | BaseException
    found = attempts[name].exception(timeout=90) or attempts[name].result()
    if not isinstance(found, Page):
        assert isinstance(found, ExtractionFailed), found
        assert found.reason in ("time", "memory"), found
        assert "\n" not in str(found)
        assert "Traceback" not in str(found)
    else:
        for value in (found.text, found.title or "", *found.authors):
            value.encode("utf-8")
            assert "\x00" not in value


def test_the_time_limit_is_named_and_the_next_page_goes_on(roomy: ExtractionPool) -> None:
    began = time.monotonic()
    failure = outcome(roomy, HOSTILE["a-million-attributes"])
    assert isinstance(failure, ExtractionFailed)
    assert failure.reason == "time"
    assert "1 s of CPU time" in str(failure)
    assert time.monotonic() - began >= LIMITS.cpu_seconds
    assert outcome(roomy, STORY) == extract(STORY, URL)


def test_memory_beyond_the_limit_is_named() -> None:
    with ExtractionPool(ExtractSettings(workers=1, cpu_seconds=20, memory_bytes=110 * 1024 * 1024)) as small:
        failure = outcome(small, HOSTILE["half-a-million-links"])
        assert isinstance(failure, ExtractionFailed)
        assert failure.reason == "memory"
        assert isinstance(outcome(small, STORY), Page)


def test_a_page_above_the_size_limit_is_not_tried() -> None:
    with ExtractionPool(ExtractSettings(max_html_bytes=100)) as small:
        failure = outcome(small, STORY)
        assert isinstance(failure, ExtractionFailed)
        assert failure.reason == "size"
        assert children() == children()
        assert not small._threads, "no worker is started for it"


def test_workers_start_with_the_first_page_and_end_with_the_pool() -> None:
    before = set(children())
    pool = ExtractionPool(LIMITS)
    assert set(children()) == before
    assert isinstance(outcome(pool, STORY), Page)
    started = set(children()) - before
    assert len(started) == 1
    began = time.monotonic()
    pool.close()
    assert time.monotonic() - began < 2
    assert not started & set(children())
    with pytest.raises(RuntimeError):
        pool.submit(STORY, URL)


def test_closing_does_not_wait_for_a_page_that_takes_long() -> None:
    pool = ExtractionPool(ExtractSettings(workers=1, cpu_seconds=60, memory_bytes=1 << 30))
    assert isinstance(outcome(pool, STORY), Page)
    future = pool.submit(HOSTILE["a-million-attributes"], URL)
    waiting = pool.submit(STORY, URL)
    while not future.running():
        time.sleep(0.01)
    began = time.monotonic()
    pool.close()
    assert time.monotonic() - began < 2
    assert isinstance(future.exception(timeout=5), ExtractionFailed)
    assert waiting.cancelled()


def test_a_worker_that_is_killed_is_a_crash_and_is_replaced() -> None:
    """The page is tried again in a fresh worker, for the killed one's earlier pages may have been its end."""
    others = set(children())
    with ExtractionPool(ROOMY) as pool:
        assert isinstance(outcome(pool, STORY), Page)
        killed = set(children()) - others
        future = pool.submit(HOSTILE["a-million-attributes"], URL)
        while not future.running():
            time.sleep(0.01)
        time.sleep(0.3)
        for pid in killed:
            os.kill(pid, signal.SIGSEGV)
        failure = future.exception(timeout=60)
        assert isinstance(failure, ExtractionFailed)
        assert failure.reason == "time", "what it comes to in a fresh worker"
        assert isinstance(outcome(pool, STORY), Page)
        assert len(killed) == 1
        assert not killed & set(children())


def test_a_worn_worker_is_replaced() -> None:
    others = set(children())
    with ExtractionPool(ExtractSettings(workers=1, pages_per_worker=1)) as pool:
        outcome(pool, STORY)
        outcome(pool, STORY)
        deadline = time.monotonic() + 5  # a page is handed over before its worker is ended
        while set(children()) - others:
            assert time.monotonic() < deadline
            time.sleep(0.01)


SCRIPT = """
import os, signal, sys, time
from scraper.extract.pool import ExtractionPool
from scraper.extract.settings import ExtractSettings
print("main runs", flush=True)
pool = ExtractionPool(ExtractSettings(workers=1, cpu_seconds=60, memory_bytes=1 << 30))
page = pool.submit({story!r}, "https://news.example/s").result()
slow = pool.submit({slow}, "https://news.example/s")
while not slow.running():
    time.sleep(0.01)
time.sleep(0.3)
children = [p for p in os.listdir("/proc") if p.isdigit() and os.path.exists(f"/proc/{{p}}/stat")
            and open(f"/proc/{{p}}/stat").read().rpartition(")")[2].split()[1] == str(os.getpid())]
print(page.verdict, *children, flush=True)
{end}
"""


@pytest.mark.parametrize(
    "end", ["os.kill(os.getpid(), signal.SIGKILL)", "os.killpg(os.getpgrp(), signal.SIGINT); time.sleep(5)"]
)
def test_workers_die_with_their_parent_and_say_nothing(end: str, tmp_path: Path) -> None:
    """Neither kill -9 nor Ctrl-C in the terminal leaves a worker, and none of them writes a traceback of its own."""
    slow = f"b'<body>' + {CROWDED!r} * 600"
    script = tmp_path / "program.py"
    script.write_text(textwrap.dedent(SCRIPT).format(story=STORY, slow=slow, end=end))
    root = str(Path(__file__).resolve().parents[2])
    run = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        timeout=60,
        start_new_session=True,
        check=False,
        env={**os.environ, "PYTHONPATH": root},
    )
    lines = run.stdout.split("\n")
    assert lines[0] == "main runs"
    assert "main runs" not in lines[1:], "the worker must not run the caller's main module again"
    verdict, *pids = lines[1].split()
    assert verdict == "article"
    assert run.stderr.count("Traceback") <= 1, run.stderr
    deadline = time.monotonic() + 5
    while any(
        Path(f"/proc/{pid}/stat").exists()
        and Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        for pid in pids
    ):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_cpu_time_of_a_process_that_is_gone_is_unknown() -> None:
    assert cpu_seconds(2**22 + 12345) is None
    assert (cpu_seconds(os.getpid()) or 0) > 0
