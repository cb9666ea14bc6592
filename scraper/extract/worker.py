"""A process that extracts pages, one after another, under limits: `python -m scraper.extract.worker`.

Started by `pool`, never by hand. It reads requests from standard input and writes answers to standard output, each
a length (8 bytes, big-endian) and that many bytes; a request is a JSON head and the payload of the page. Whatever
libraries print goes nowhere. It ends at the end of its input, and with its parent.

Limits are set here, before the first page: memory (`RLIMIT_DATA`), the size of files (`RLIMIT_FSIZE`), and CPU as a
backstop behind the parent's deadline (`RLIMIT_CPU`, moved on for each page). Of the two limits on memory `RLIMIT_DATA`
is the one that means what the setting says: it counts private memory, while `RLIMIT_AS` counts the address space,
which the interpreter and its libraries fill with half a gigabyte of mappings that hold nothing. What is mapped as data
and never touched (OpenBLAS sets 32 MB aside) holds nothing either, and is allowed on top.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import resource
import signal
import struct
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from scraper.extract.wire import furniture_from_json, page_to_json, rules_from_json

_LENGTH: Final = struct.Struct(">Q")
_PR_SET_PDEATHSIG: Final = 1
_ALLOCATIONS_BETWEEN_SEARCHES: Final = 20_000
"""Python's own figure is 700, which an average page passes three times, though it frees all it made by itself."""
_FILE_BYTES: Final = 80_000_000
"""The one file ever written is the unnamed one into which `langmodel` unpacks its model, of 68 MB."""

READY: Final = b'{"ready":true}'
OUT_OF_MEMORY: Final = b'{"failed":"memory"}'
"""Made beforehand: there may be no room left to make it in."""


def write_message(stream: BinaryIO, message: bytes) -> None:
    """Write one message and see it off."""
    stream.write(_LENGTH.pack(len(message)))
    stream.write(message)
    stream.flush()


def read_message(stream: BinaryIO) -> bytes | None:
    """The next message; `None` at the end of the stream, also when that comes within a message."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    message = stream.read(length)
    return message if len(message) == length else None


def main(arguments: list[str]) -> int:
    """Serve until the input ends. arguments: memory in bytes, CPU seconds a page, process id of the parent."""
    memory_bytes, cpu_seconds, parent = int(arguments[0]), float(arguments[1]), int(arguments[2])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's Ctrl-C is for the parent, which ends us
    _die_with(parent)
    source = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    from scraper.extract.core import extract  # noqa: PLC0415 - outside the limits and the deadline of the first page

    _collect_seldom()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE_BYTES, _FILE_BYTES))
    data_bytes = memory_bytes + _untouched_bytes()
    resource.setrlimit(resource.RLIMIT_DATA, (data_bytes, data_bytes))
    write_message(answers, READY)
    while (head := read_message(source)) is not None and (payload := read_message(source)) is not None:
        _allow_cpu(cpu_seconds)
        request: dict[str, Any] = json.loads(head)
        try:
            answer = page_to_json(
                extract(
                    payload,
                    request["url"],
                    content_type=request["content_type"],
                    furniture=furniture_from_json(request["furniture"]),
                    rules=rules_from_json(request["rules"]),
                    witness=request["witness"],
                    setting=request["setting"],
                    captured=datetime.fromisoformat(request["captured"]) if request["captured"] else None,
                )
            )
        except MemoryError:
            write_message(answers, OUT_OF_MEMORY)
            return 1  # what is left of the heap is in pieces
        except Exception as error:  # noqa: BLE001 - the wall between a page and the program: told to the parent, not hidden
            if type(error).__module__ == "lxml.etree" and "unknown error" in str(
                error
            ):  # so libxml2 runs out of memory
                write_message(answers, OUT_OF_MEMORY)
                return 1
            answer = json.dumps(
                {"failed": "crash", "message": f"{type(error).__name__}: {error}"[:500]}
            ).encode()
        write_message(answers, answer)
    return 0


def _untouched_bytes() -> int:
    """Private memory that is mapped and holds nothing, as proc(5) knows it; 0 elsewhere than on Linux."""
    try:
        lines = Path("/proc/self/status").read_text("ascii", "replace").splitlines()
    except OSError:
        return 0
    kilobytes = {
        name: int(value.split()[0])
        for name, _, value in (line.partition(":") for line in lines)
        if name in ("VmData", "RssAnon")
    }
    return max(0, kilobytes.get("VmData", 0) - kilobytes.get("RssAnon", 0)) * 1024


def _collect_seldom() -> None:
    """Spare the search for cycles of garbage: what a page leaves has hardly any, and libraries stay for good.

    A full search of 120,000 objects of the libraries, every 36 pages, and the small ones between took 1.1 ms of a
    page's 21; they take .02 ms now.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS_BETWEEN_SEARCHES, 10, 10)


def _allow_cpu(seconds: float) -> None:
    """Let the kernel end this process when it has used twice a page's CPU time from now on."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime + 2 * seconds) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent dies, which it may do in the middle of a page (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
