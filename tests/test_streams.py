"""The program's standard streams, its arguments and its odd ends: closed, broken, foreign, interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.loopback import Loopback, page, redirect
from tests.program import COMMAND, archive, environment, rows
from tests.stories import story, title


@pytest.fixture
def site() -> Iterator[Loopback]:
    with Loopback({"/one": story(1), "/arabic": story(2, headline="قرية تعيد فتح بئرها القديمة")}) as server:
        yield server


def shell(folder: Path, line: str, **settings: str) -> subprocess.CompletedProcess[bytes]:
    """A line of bash in which $A is the program."""
    program = f"{COMMAND[0]} -c '{COMMAND[2]}'"
    return subprocess.run(
        ["bash", "-c", line.replace("$A", program)], cwd=folder, env=environment(**settings), capture_output=True,
        timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_open_standard_input_does_not_hold_up_the_end(tmp_path: Path, site: Loopback, number: int) -> None:
    with subprocess.Popen(
        [*COMMAND, "add", "--json", "-"], cwd=tmp_path, env=environment(),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as run:  # fmt: skip
        assert run.stdin is not None
        assert run.stdout is not None
        assert run.stderr is not None
        run.stdin.write(site.url("/one").encode() + b"\n")
        run.stdin.flush()
        assert b'"new"' in run.stdout.readline()
        run.send_signal(number)
        assert run.wait(timeout=10) == 130
        assert b"Fatal" not in run.stderr.read()


@pytest.mark.parametrize("locale", ["latin-1", "ascii"])
def test_any_title_fits_any_output(tmp_path: Path, site: Loopback, locale: str) -> None:
    settings = {"PYTHONIOENCODING": locale, "PYTHONUTF8": "0", "LC_ALL": "C"}
    said = archive(tmp_path, "add", "--json", site.url("/arabic"), command=COMMAND, **settings)
    assert said.lines[0]["title"] == "قرية تعيد فتح بئرها القديمة"
    assert "قرية" in archive(tmp_path, "search", "قرية", command=COMMAND, **settings).out


@pytest.mark.parametrize("line", ["$A add {} >&-", "$A add {} >&- 2>&-", "$A add {} <&-"])
def test_a_closed_stream_costs_no_article(tmp_path: Path, site: Loopback, line: str) -> None:
    done = shell(tmp_path, line.format(site.url("/one")))
    assert (done.returncode, done.stderr) == (0, b"")
    assert rows(tmp_path, "SELECT title FROM articles") == [(title(1),)]


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path, site: Loopback) -> None:
    archive(tmp_path, "add", site.url("/one"), site.url("/arabic"))
    for command in ("search ferry", "search --json ferry", "show 1"):
        done = shell(tmp_path, f"set -o pipefail; $A {command} | true")
        assert (done.returncode, done.stderr) == (0, b"")


def test_one_odd_host_ends_nobody_else_s_journey(tmp_path: Path) -> None:
    odd = "http://xn--zzzzzz.invalid/"
    with Loopback({"/one": story(1), "/away": redirect(odd)}) as server:
        said = archive(tmp_path, "add", "--json", odd, server.url("/away"), server.url("/one"))
    assert sorted(said.outcomes) == ["failed", "failed", "new"]
    assert all("host name" in line["error"] for line in said.lines if line.get("outcome") == "failed")


def test_half_a_page_is_no_article(tmp_path: Path) -> None:
    half = page(story(1)[:1500], code=206, headers=(("Content-Range", "bytes 0-1499/3000"),))
    with Loopback({"/half": half}) as server:
        said = archive(tmp_path, "add", "--json", server.url("/half"))
    assert said.outcomes == ["failed"]
    assert "206" in said.lines[0]["error"]


def test_noise_is_no_article(tmp_path: Path) -> None:
    with Loopback(
        {"/noise": page(os.urandom(20_000)), "/film": page(b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 9)}
    ) as server:
        said = archive(tmp_path, "add", "--json", server.url("/noise"), server.url("/film"))
    assert [line.get("error") for line in said.lines[:-1]] == ["not-html", "not-html"]


def test_a_tag_reaches_an_article_that_is_known(tmp_path: Path, site: Loopback) -> None:
    archive(tmp_path, "add", site.url("/one"))
    said = archive(tmp_path, "add", "--json", "--tag", "later", site.url("/one"))
    assert said.outcomes == ["known"]
    assert archive(tmp_path, "search", "--json", "--tag", "later", "ferry").summary["total"] == 1


@pytest.mark.parametrize(
    ("since", "until", "count"),
    [("2017-10-02", "2017-10-02", 1), ("20171002", "2017", 2), ("2017-10", "2017-10", 2), ("2017-10-04", None, 0),
     ("2017-W40-2", "2017-10-04", 1)],
)  # fmt: skip
def test_dates_are_days_months_or_years(
    tmp_path_factory: pytest.TempPathFactory, since: str, until: str | None, count: int
) -> None:
    folder = tmp_path_factory.getbasetemp() / "dates"
    if not folder.exists():
        folder.mkdir()
        with Loopback({"/one": story(1), "/two": story(2)}) as server:
            archive(folder, "add", server.url("/one"), server.url("/two"))
    limits = ["--since", since, *(["--until", until] if until else [])]
    assert archive(folder, "search", "--json", "ferry", *limits).summary["total"] == count


def test_a_date_after_the_capture_is_no_date_of_publication(tmp_path: Path) -> None:
    future = story(1).replace("2017-10-", "2999-10-")
    with Loopback({"/one": future}) as server:
        archive(tmp_path, "add", server.url("/one"))
    assert rows(tmp_path, "SELECT published FROM articles") == [(None,)]
    assert rows(tmp_path, "SELECT count(*) FROM field_origins WHERE field = 'published' AND chosen") == [(0,)]


def test_an_address_without_scheme_is_understood_everywhere(tmp_path: Path) -> None:
    saved = tmp_path / "saved.html"
    saved.write_text(story(3), "utf-8")
    assert archive(tmp_path, "add", "--json", "--html", "saved.html", "--url", "news.example/a").outcomes == [
        "new"
    ]
    assert title(3) in archive(tmp_path, "show", "news.example/a").out


def test_a_database_folder_of_one_s_own_is_made(tmp_path: Path, site: Loopback) -> None:
    (tmp_path / "config.toml").write_text('[archive]\ndatabase = "other/kept.db"\n')
    assert archive(tmp_path, "add", site.url("/one")).code == 0
    assert (tmp_path / "other/kept.db").is_file()


def test_doctor_finds_a_damaged_database_and_its_remedy_works(tmp_path: Path, site: Loopback) -> None:
    archive(tmp_path, "add", site.url("/one"))
    database = tmp_path / "data/archive.db"
    for companion in database.parent.glob("archive.db-*"):
        companion.unlink()
    database.write_bytes(b"noise" * 10_000)
    said = archive(tmp_path, "doctor")
    assert said.code == 2
    assert "aside and keep them" in said.out
    database.unlink()
    requests = len(site.hits)
    again = archive(tmp_path, "add", "--json", site.url("/one"))
    assert again.outcomes == ["known"]
    assert len(site.hits) == requests, "everything came back from the WARC files"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a disk")
def test_an_archive_on_a_read_only_disk_can_be_searched(tmp_path: Path, site: Loopback) -> None:
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(place)], check=False)
    if mounted.returncode:
        pytest.skip("no disk can be mounted here")
    try:
        archive(place, "add", site.url("/one"), ARCHIVE_ARCHIVE_MIN_FREE_BYTES="1000")
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        assert title(1) in archive(place, "search", "ferry").out
        assert archive(place, "doctor").code == 2
        said = archive(place, "add", site.url("/arabic"), ARCHIVE_ARCHIVE_MIN_FREE_BYTES="1000")
        assert said.code != 0
        assert "internal error" not in said.err
    finally:
        subprocess.run(["umount", str(place)], check=True)
