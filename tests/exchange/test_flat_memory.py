"""Exports of a large archive: memory does not grow with it."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.exchange.export import KINDS
from archive.store import Store
from scraper.model import Exchange
from scraper.warc import WarcWriter
from tests.program import environment
from tests.stories import paragraphs, title

ARTICLES, FEW = 100_000, 1_000
GROWTH_BYTES = 50_000_000
BEGIN = datetime(2017, 10, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of 100,000 articles with a record each, written past the pipeline, which would take an hour."""
    folder = tmp_path_factory.mktemp("large")
    (folder / "config.toml").write_text("[archive]\n")
    (folder / "data").mkdir()
    with (
        Store.open(folder / "data" / "archive.db") as store,
        WarcWriter(folder / "data" / "warc", max_bytes=50_000_000) as writer,
    ):
        connection = store._connection
        connection.execute("BEGIN")
        connection.execute("INSERT INTO sites VALUES ('big.example', 'Big', '2017', '2017')")
        for start in range(1, ARTICLES + 1, 500):
            exchanges = [_exchange(number) for number in range(start, start + 500)]
            for number, written in enumerate(writer.write_exchanges(exchanges), start):
                _insert(connection, number, exchanges[number - start], written)
        connection.execute("COMMIT")
    return folder


def _exchange(number: int) -> Exchange:
    body = f"<h1>{title(number)}</h1><p>{number}".encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    url, moment = f"http://big.example/{number}", BEGIN + timedelta(seconds=number)
    return Exchange(url, moment, None, b"GET / HTTP/1.1\r\n\r\n", head + body, len(head), 200, (), body)


def _insert(connection, number, exchange, written) -> None:  # type: ignore[no-untyped-def]  # rows, not values
    moment = f"{exchange.requested_at.isoformat(timespec='microseconds')[:26]}Z"
    connection.execute(
        "INSERT INTO articles (id, url, site, title, authors, text, word_count, text_sha256, first_captured,"
        " last_captured) VALUES (?, ?, 'big.example', ?, '[\"Mina Sol\"]', ?, 150, ?, ?, ?)",
        [
            number,
            exchange.target_uri,
            title(number),
            "\n\n".join(paragraphs(number)),
            str(number),
            moment,
            moment,
        ],
    )
    place = written.location
    connection.execute(
        "INSERT INTO captures (id, url, key, requested_at, status, outcome, mime, warc_file, warc_offset, warc_length,"
        " payload_digest, article_id) VALUES (?, ?, ?, ?, 200, 'new', 'text/html', ?, ?, ?, ?, ?)",
        [
            *(
                number,
                exchange.target_uri,
                exchange.target_uri,
                moment,
                place.warc_file,
                place.offset,
                place.length,
            ),
            *(written.payload_digest, number),
        ],
    )


REPORTING = """
import sys
from archive.cli import main
try:
    main()
finally:
    status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
    print("peak", status["VmHWM"].split()[0], file=sys.stderr)
"""
"""The program, and then what the kernel says of this very process. (`ru_maxrss` begins with its parent's size.)"""


def _peak(folder: Path, kind: str, target: Path, condition: str) -> int:
    """The largest resident size of an export, in bytes."""
    command = [sys.executable, "-c", REPORTING, "export", kind, "--where", condition, "-o", str(target)]
    done = subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr
    return int(done.stderr.split("peak ")[1]) * 1024


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_memory_does_not_grow_with_the_archive(large: Path, tmp_path: Path, kind: str) -> None:
    few = _peak(large, kind, tmp_path / "few", f"id <= {FEW}")
    all_of_them = _peak(large, kind, tmp_path / "all", "true")
    print(f"{kind}: {few / 1e6:.0f} MB for {FEW}, {all_of_them / 1e6:.0f} MB for {ARTICLES}")  # noqa: T201
    assert all_of_them - few < GROWTH_BYTES
