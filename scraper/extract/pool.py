"""Extraction in long-lived worker processes, so that no page can take the program with it.

A hostile page can hold a parser for minutes in one C call, or fill the memory; nothing inside the process can stop
that. So each worker has limits of its own, and the parent keeps a deadline in CPU time that it reads from outside.
A worker that breaks a limit is killed and replaced, the page's future says why, and the next page goes on.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import queue
import selectors
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Future, InvalidStateError
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple

from scraper.errors import ExtractionFailed
from scraper.extract.settings import ExtractSettings
from scraper.extract.wire import furniture_to_json, page_from_json, rules_to_json
from scraper.model import Furniture, Page, SiteRules

_LOOK_SECONDS: Final = 0.1
"""How often a deadline is looked at."""

_START_SECONDS: Final = 60.0
"""Wall-clock time for a worker to import its libraries, on however loaded a machine."""

_WALL_FACTOR: Final = 8.0
"""Wall-clock seconds allowed for each CPU second: a page that waits is as stuck as one that works."""

_PIPE_BYTES: Final = 1024 * 1024
"""What Linux grants any user (pipe(7), /proc/sys/fs/pipe-max-size)."""

_LONGEST_ANSWER: Final = 128 * 1024 * 1024
_LENGTH_BYTES: Final = 8


_WORN = frozenset({"memory", "crash"})
"""Failures that a worker's earlier pages may have had a part in: only a fresh worker's is the page's own."""


class _Job(NamedTuple):
    future: Future[Page]
    head: bytes
    payload: bytes
    url: str


class _Closed(Exception):
    """The pool is closing: whatever is being waited for is no longer wanted."""


class ExtractionPool:
    """Worker processes that extract pages.

    The first `submit` starts them. A pool is closed with `close`, or by leaving a `with` block.
    """

    def __init__(self, settings: ExtractSettings | None = None) -> None:
        self._settings = settings or ExtractSettings()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._closing = threading.Event()

    def submit(
        self,
        payload: bytes,
        url: str,
        *,
        content_type: str | None = None,
        furniture: Furniture | None = None,
        rules: SiteRules | None = None,
        witness: bool = False,
        captured: datetime | None = None,
    ) -> Future[Page]:
        """Extract a page, as `scraper.extract` does, in a worker.

        The future raises `ExtractionFailed` when the page broke a limit (`time`, `memory`, `size`) or the worker
        (`crash`). Raises: RuntimeError, after `close`.
        """
        future: Future[Page] = Future()
        if self._closing.is_set():
            raise RuntimeError("the extraction pool is closed")
        if len(payload) > self._settings.max_html_bytes:
            future.set_exception(
                ExtractionFailed(
                    "size",
                    f"the page has {len(payload):,} bytes, "
                    f"more than the {self._settings.max_html_bytes:,} that are tried",
                )
            )
            return future
        head = json.dumps(
            {
                "url": url,
                "content_type": content_type,
                "furniture": furniture_to_json(furniture),
                "rules": rules_to_json(rules),
                "witness": witness,
                "setting": self._settings.setting,
                "captured": captured.isoformat() if captured is not None else None,
            }
        ).encode("ascii")
        with self._lock:
            if self._closing.is_set():
                raise RuntimeError("the extraction pool is closed")
            if not self._threads:
                self._start()
            self._jobs.put(_Job(future, head, bytes(payload), url))
        return future

    def close(self) -> None:
        """End all workers, within two seconds. Pages not begun are cancelled; one being worked on fails."""
        with self._lock:
            self._closing.set()
            threads = self._threads
        for _ in threads:
            self._jobs.put(None)
        for thread in threads:
            thread.join(timeout=2.0)
        while True:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return
            if job is not None:
                job.future.cancel()

    def __enter__(self) -> ExtractionPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start(self) -> None:
        for number in range(self._settings.processes):
            thread = threading.Thread(target=self._serve, name=f"extract-{number}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self) -> None:
        """One thread: owns one worker process, and gives it one job at a time."""
        worker: _Worker | None = None
        try:
            while (job := self._jobs.get()) is not None:
                if self._closing.is_set():
                    job.future.cancel()
                elif job.future.set_running_or_notify_cancel():
                    worker = self._answer(job, worker)
        finally:
            _end(worker)

    def _answer(self, job: _Job, worker: _Worker | None) -> _Worker | None:
        """Settle one job; the worker to go on with, or `None` when it is worn or broken."""
        is_fresh = worker is None
        try:
            worker = worker or _Worker(self._settings, self._closing)
            page = worker.extract(job)
        except ExtractionFailed as failure:
            _end(worker)
            if failure.reason in _WORN and not is_fresh:
                return self._answer(job, None)
            _settle(job.future, failure)
            return None
        except _Closed:
            _end(worker)
            _settle(job.future, ExtractionFailed("crash", "the run ended before the page was read"))
            return None
        if isinstance(page, ExtractionFailed):
            _settle(job.future, page)
        else:
            job.future.set_result(page)
        if worker.pages < self._settings.pages_per_worker:
            return worker
        _end(worker)
        return None


def _settle(future: Future[Page], failure: ExtractionFailed) -> None:
    try:
        future.set_exception(failure)
    except InvalidStateError:  # cancelled by its owner in the meantime
        return


def _end(worker: _Worker | None) -> None:
    if worker is not None:
        worker.end()


class _Worker:
    """One worker process, seen from the parent. Every wait looks at the deadline and at whether the pool closes."""

    def __init__(self, settings: ExtractSettings, closing: threading.Event) -> None:
        self._settings = settings
        self._closing = closing
        self.pages = 0
        self._process = start_worker(settings)
        if self._process.stdin is None or self._process.stdout is None:
            raise ExtractionFailed("crash", "no pipes to the worker")
        self._in = self._process.stdin.fileno()
        self._out = self._process.stdout.fileno()
        for pipe in (self._in, self._out):
            os.set_blocking(pipe, False)
            _widen(pipe)
        answer = self._exchange(b"", time.monotonic() + _START_SECONDS, None)
        if "ready" not in _json_object(answer):
            raise ExtractionFailed("crash", "the worker did not start")

    def extract(self, job: _Job) -> Page | ExtractionFailed:
        """The page; or, as a value, a failure that leaves the worker fit for the next one."""
        self.pages += 1
        request = b"".join(
            len(part).to_bytes(_LENGTH_BYTES, "big") + part for part in (job.head, job.payload)
        )
        began = cpu_seconds(self._process.pid) or 0.0
        limit = self._settings.cpu_seconds
        answer = self._exchange(request, time.monotonic() + _WALL_FACTOR * limit, began + limit)
        if answer.startswith(b'{"failed"'):
            value = _json_object(answer)
            reason = str(value["failed"])
            if reason == "memory":
                raise self._memory()
            return ExtractionFailed(reason, f"the extractor failed on this page: {value.get('message', '')}")
        try:
            return page_from_json(answer)
        except (ValueError, KeyError, TypeError) as error:
            raise ExtractionFailed("crash", f"the worker's answer cannot be read: {error}") from error

    def end(self) -> None:
        """Kill the process and take back its pipes; never waits long, for nothing in it is worth saving."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:  # bytes not yet written to a process that is gone
                    continue
        self._process.kill()
        try:
            self._process.wait(timeout=1.5)
        except (
            subprocess.TimeoutExpired
        ):  # in an uninterruptible wait of the kernel; it is dead when that ends
            return

    def _exchange(self, request: bytes, wall: float, cpu: float | None) -> bytes:
        """Write a request, read an answer; `wall` and `cpu` are the clock readings by which it must be there."""
        unsent = memoryview(request)
        received = bytearray()
        wanted: int | None = None
        next_look = time.monotonic() + _LOOK_SECONDS
        with selectors.DefaultSelector() as selector:
            selector.register(self._out, selectors.EVENT_READ)
            if unsent:
                selector.register(self._in, selectors.EVENT_WRITE)
            while True:
                for key, _ in selector.select(_LOOK_SECONDS):
                    if key.fd == self._in:
                        unsent = self._send(unsent)
                        if not unsent:
                            selector.unregister(self._in)
                    else:
                        received += self._receive()
                if wanted is None and len(received) >= _LENGTH_BYTES:
                    wanted = _LENGTH_BYTES + int.from_bytes(received[:_LENGTH_BYTES], "big")
                    if wanted > _LONGEST_ANSWER:
                        raise ExtractionFailed("crash", "the worker's answer has no end")
                if wanted is not None and len(received) >= wanted:
                    return bytes(received[_LENGTH_BYTES:wanted])
                if self._closing.is_set():
                    raise _Closed
                if time.monotonic() >= next_look:
                    self._look_at_clocks(wall, cpu)
                    next_look = time.monotonic() + _LOOK_SECONDS

    def _send(self, unsent: memoryview) -> memoryview:
        try:
            return unsent[os.write(self._in, unsent[: 1 << 20]) :]
        except BlockingIOError:
            return unsent
        except OSError as error:
            raise self._gone() from error

    def _receive(self) -> bytes:
        try:
            chunk = os.read(self._out, 1 << 20)
        except BlockingIOError:
            return b""
        if not chunk:
            raise self._gone()
        return chunk

    def _look_at_clocks(self, wall: float, cpu: float | None) -> None:
        if cpu is not None:
            used = cpu_seconds(self._process.pid)
            if used is not None and used > cpu:
                raise ExtractionFailed(
                    "time", f"the page took more than {self._settings.cpu_seconds:g} s of CPU time"
                )
        if time.monotonic() > wall:
            raise ExtractionFailed("time", "the page kept the extractor waiting past its wall-clock limit")

    def _gone(self) -> ExtractionFailed:
        """Why a worker went away, from how it ended."""
        try:
            code = self._process.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            return ExtractionFailed("crash", "the worker closed its pipes")
        if code == -signal.SIGXCPU:
            return ExtractionFailed(
                "time", f"the page took more than {self._settings.cpu_seconds:g} s of CPU time"
            )
        if code == 1:
            return self._memory()
        name = signal.Signals(-code).name if -code in set(signal.Signals) else f"exit code {code}"
        return ExtractionFailed("crash", f"the extractor ended on this page with {name}")

    def _memory(self) -> ExtractionFailed:
        return ExtractionFailed(
            "memory", f"the page needed more than {self._settings.memory_bytes // (1024 * 1024)} MB of memory"
        )


def start_worker(settings: ExtractSettings) -> subprocess.Popen[bytes]:
    """A worker process that has begun, with pipes to its standard input and output."""
    return subprocess.Popen(  # noqa: S603  -- our own interpreter, module and numbers
        [
            sys.executable,
            "-P",  # the working folder is the reader's, and may hold a json.py
            "-m",
            "scraper.extract.worker",
            str(settings.memory_bytes),
            str(settings.cpu_seconds),
            str(os.getpid()),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        env=_environment(),
        start_new_session=True,  # a Ctrl-C in the terminal reaches the parent alone
    )


def cpu_seconds(pid: int) -> float | None:
    """CPU time that a process has used, all its threads together; `None` where it is gone or cannot be asked.

    Source: proc(5), `/proc/pid/stat`, fields 14 and 15. Elsewhere than on Linux the worker's own RLIMIT_CPU stands
    behind the deadline.
    """
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    fields = text[text.rfind(")") + 2 :].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _widen(pipe: int) -> None:
    """Let a pipe hold a whole page, so that it is written and read in one go: 64 kB is a third of one.

    Where the system knows no such thing, or grants no more, it stays as it is.
    """
    size = getattr(fcntl, "F_SETPIPE_SZ", None)  # Linux
    if size is not None:
        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe, size, _PIPE_BYTES)


def _json_object(answer: bytes) -> dict[str, object]:
    try:
        value = json.loads(answer)
    except ValueError as error:
        raise ExtractionFailed("crash", "the worker's answer is no JSON") from error
    return value if isinstance(value, dict) else {}


def _environment() -> dict[str, str]:
    """The parent's environment, this very package first in line, libraries kept to one thread and one arena."""
    package_root = str(Path(__file__).resolve().parents[2])
    inherited = os.environ.get("PYTHONPATH")
    return {
        **os.environ,
        "PYTHONPATH": package_root + (os.pathsep + inherited if inherited else ""),
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "1",
        "MALLOC_MMAP_THRESHOLD_": str(
            256 * 1024
        ),  # fixed, so that a large page's blocks go back to the system
        "PYTHONIOENCODING": "utf-8",
    }
