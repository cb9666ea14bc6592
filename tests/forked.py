"""Processes of the `archive` program that need no start: forked from one that has done its imports.

The program's imports take 0.2 s of CPU before a command that reads and 0.4 s before one that writes, and as much again
in the process in which it reads pages, which hundreds of runs in the tests need not pay each. A run is still a process
of its own, with its own folder, environment, arguments, pipes and exit code, and ends when its threads have; and so are
its first extraction workers. A test may have the text of another program run, to be killed at a certain function. What
belongs to a start or an end (streams closed or in a foreign encoding, what is imported when) is tested with
`tests.program.COMMAND`, which starts Python.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Self

IMPORTED = (
    "archive.app",
    "archive.cli.main",
    "archive.exchange.adopt",
    "archive.exchange.export",
    "archive.exchange.out",
    "archive.health",
    "archive.intake",
    "archive.jobs.crawl",
    "archive.lock",
    "archive.running",
    "archive.store.linking",
    "archive.store.migrating",
    "scraper.extract.core",
    "scraper.extract.pool",
    "scraper.extract.worker",
    "scraper.fetch.memento",
    "scraper.fetch.pool",
    "scraper.warc",
)
"""What most commands import sooner or later."""


class Forked:
    """The process that forks, seen from the tests. It ends with the process that made it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._channel, theirs = socket.socketpair()
        one_thread = {"OPENBLAS_NUM_THREADS": "1"}  # a process with more is not one to fork
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.forked", str(theirs.fileno())],
            env={**environment, **one_thread}, pass_fds=[theirs.fileno()],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,  # as a fork will have
        )  # fmt: skip
        theirs.close()

    def run(
        self,
        program: str,
        arguments: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        given: bytes = b"",
        timeout: float = 120,
    ) -> tuple[int, bytes, bytes]:
        """A run of a program text with these arguments: its exit code, what it wrote to standard output and error.

        Raises: TimeoutError, when it takes longer than `timeout` seconds; it is killed then.
        """
        given_to = {"program": program, "cwd": str(cwd), "env": dict(env), "arguments": list(arguments)}
        order = json.dumps(given_to).encode()
        (stdin, feed), (out, stdout), (err, stderr) = os.pipe(), os.pipe(), os.pipe()
        socket.send_fds(self._channel, [len(order).to_bytes(8, "big")], [stdin, stdout, stderr])
        self._channel.sendall(order)
        for descriptor in (stdin, stdout, stderr):
            os.close(descriptor)
        pid = int(self._line())
        said: dict[int, bytes] = {}
        threads = [
            threading.Thread(target=_feed, args=(feed, given)),
            *(threading.Thread(target=_drain, args=(one, said)) for one in (out, err)),
        ]
        for thread in threads:
            thread.start()
        self._channel.settimeout(timeout)
        try:
            code = int(self._line())
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            self._channel.settimeout(None)
            self._line()
            raise
        finally:
            for thread in threads:
                thread.join()
        return code, said[out], said[err]

    def _line(self) -> bytes:
        line = b""
        while not line.endswith(b"\n"):
            piece = b""
            with suppress(ConnectionResetError):
                piece = self._channel.recv(1)
            if not piece:
                _, told = self._process.communicate(timeout=10)
                raise EOFError(f"the process that forks has ended: {told.decode()}")
            line += piece
        return line


def _feed(descriptor: int, given: bytes) -> None:
    with suppress(BrokenPipeError), open(descriptor, "wb") as stream:
        stream.write(given)


def _drain(descriptor: int, said: dict[int, bytes]) -> None:
    with open(descriptor, "rb") as stream:
        said[descriptor] = stream.read()


def wait_for_orders(channel: socket.socket) -> str:
    """Fork for each order that comes, and say with what code the fork ended.

    Returns: the program to run, in a fork only, whose folder, environment, arguments and streams are the program's.
    """
    while True:
        head, descriptors, _, _ = socket.recv_fds(channel, 8, 3)
        if not head:
            os._exit(0)
        order: dict[str, Any] = json.loads(_exactly(channel, int.from_bytes(head, "big")))
        pid = os.fork()
        if pid == 0:
            channel.close()
            for number, descriptor in enumerate(descriptors):
                os.dup2(descriptor, number)
                os.close(descriptor)
            os.chdir(order["cwd"])
            os.environ.clear()
            os.environ.update(order["env"])
            sys.argv = ["archive", *order["arguments"]]
            return str(order["program"])
        for descriptor in descriptors:
            os.close(descriptor)
        channel.sendall(b"%d\n" % pid)
        _, status = os.waitpid(pid, 0)
        channel.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))


class ForkedWorker:
    """An extraction worker that has done its imports before it is wanted; then it looks like a `subprocess.Popen`."""

    def __init__(self) -> None:
        folder = Path.cwd()
        (stdin, self._stdin), (self._stdout, stdout) = os.pipe(), os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            nowhere = os.open(os.devnull, os.O_RDWR)
            for number, descriptor in enumerate((stdin, stdout, nowhere)):
                os.dup2(descriptor, number)
            os.closerange(3, max(stdin, self._stdin, stdout, self._stdout, nowhere) + 1)
            code = 70
            try:
                os.chdir(
                    "/"
                )  # unused it may outlive the run by a moment, whose folder may lie on a disk to be unmounted
                code = _serve_pages(folder)
            finally:
                os._exit(code)
        os.close(stdin)
        os.close(stdout)
        self._ended = os.pidfd_open(self.pid)
        self._code: int | None = None

    def begin(self, *arguments: str) -> Self:
        """Let it serve. It ends unused with the process that made it otherwise."""
        self.stdin: IO[bytes] = os.fdopen(self._stdin, "wb", buffering=0)
        self.stdout: IO[bytes] = os.fdopen(self._stdout, "rb", buffering=0)
        self.stdin.write(" ".join(arguments).encode() + b"\n")
        return self

    def kill(self) -> None:
        """As `Popen.kill`."""
        if self._code is None:
            signal.pidfd_send_signal(self._ended, signal.SIGKILL)

    def wait(self, timeout: float) -> int:
        """As `Popen.wait`."""
        if self._code is None:
            if not select.select([self._ended], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("extraction worker", timeout)
            self._code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self._code


def _serve_pages(folder: Path) -> int:
    """Wait for a line of arguments, and be the worker they tell of in that folder. Returns: an exit code."""
    line = b""
    while not line.endswith(b"\n"):
        piece = os.read(0, 1)
        if not piece:
            return 0
        line += piece
    os.chdir(folder)
    code: int = importlib.import_module("scraper.extract.worker").main(line.decode().split())
    return code


def prepare_workers(count: int) -> None:
    """Let this process's first extraction workers be forks. To be called while it has one thread."""
    if not hasattr(os, "pidfd_open"):  # it is Linux's
        return
    pool: Any = importlib.import_module("scraper.extract.pool")
    prepared, start = [ForkedWorker() for _ in range(count)], pool.start_worker

    def started(settings: Any) -> Any:
        try:
            worker = prepared.pop()
        except IndexError:
            return start(settings)
        return worker.begin(str(settings.memory_bytes), str(settings.cpu_seconds), str(os.getpid()))

    pool.start_worker = started


def _exactly(channel: socket.socket, count: int) -> bytes:
    received = b""
    while len(received) < count and (piece := channel.recv(count - len(received))):
        received += piece
    return received


def make_ready() -> None:
    """Do what most runs do first: imports, also those done late, certificates, the checks of settings, the model."""
    for module in IMPORTED:
        importlib.import_module(module)
    cli: Any = importlib.import_module("archive.cli.base")
    fetch: Any = importlib.import_module("scraper.fetch.client")
    config: Any = importlib.import_module("archive.config")
    scraper: Any = importlib.import_module("scraper")
    typer: Any = importlib.import_module("typer.main")
    typer.get_command(cli.app).make_context("archive", ["show", "1"])
    fetch.Fetcher().close()
    config.load_config(start=Path("/"))
    scraper.extract(b"<h1>Ready</h1><p>To read pages, of which this is the first.", "https://ready.example/")
    assert threading.active_count() == 1
    gc.collect()
    gc.freeze()  # a fork that looks through these objects would copy them


class End:
    """The end of a run, but for the taking apart of its modules, which costs 40 ms and says nothing of the run."""

    code = 1

    def __init__(self) -> None:
        atexit.register(self._end)  # the first is the last to be called, when threads are over too

    def _end(self) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(self.code)


if __name__ == "__main__":
    end = End()
    make_ready()
    program = wait_for_orders(socket.socket(fileno=int(sys.argv[1])))
    prepare_workers(int(os.environ["ARCHIVE_EXTRACT_WORKERS"]))
    try:
        exec(compile(program, "<program>", "exec"), {"__name__": "__main__"})  # noqa: S102  -- a test's own
        end.code = 0
    except SystemExit as ended:
        end.code = int(ended.code or 0)
        raise
