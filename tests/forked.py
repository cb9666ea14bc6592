"""Processes of the `archive` program that need no start: forked from one that has done its imports.

The program's imports take 0.2 s of CPU before a command that reads and 0.4 s before one that writes, which two hundred
runs in the tests need not pay each. A run is still a process of its own, with its own folder, environment, arguments,
pipes and exit code, and ends as Python ends. What belongs to a start (streams closed or in a foreign encoding, a
kill at a certain function, what is imported when) is tested with `tests.program.COMMAND`, which starts Python.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

IMPORTED = (
    "archive.cli.main",
    "archive.exchange.adopt",
    "archive.exchange.export",
    "archive.intake",
    "archive.jobs.crawl",
    "archive.store.migrating",
    "scraper.extract.pool",
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
        arguments: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        given: bytes = b"",
        timeout: float = 120,
    ) -> tuple[int, bytes, bytes]:
        """A run with these arguments: its exit code, and what it wrote to its standard output and error.

        Raises: TimeoutError, when it takes longer than `timeout` seconds; it is killed then.
        """
        order = json.dumps({"cwd": str(cwd), "env": dict(env), "arguments": list(arguments)}).encode()
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


def wait_for_orders(channel: socket.socket) -> None:
    """Fork for each order that comes, and say with what code the fork ended. Returns only in a fork, made ready."""
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
            return
        for descriptor in descriptors:
            os.close(descriptor)
        channel.sendall(b"%d\n" % pid)
        _, status = os.waitpid(pid, 0)
        channel.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))


def _exactly(channel: socket.socket, count: int) -> bytes:
    received = b""
    while len(received) < count and (piece := channel.recv(count - len(received))):
        received += piece
    return received


if __name__ == "__main__":
    for module in IMPORTED:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()  # a fork that looks through these objects would copy them
    wait_for_orders(socket.socket(fileno=int(sys.argv[1])))
    importlib.import_module("archive.cli.main").main()
