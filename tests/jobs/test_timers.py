"""The timers that `archive schedule` prints and installs, in the hands of the programs that will read them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from archive.cli.main import app
from archive.cli.schedule import program
from archive.errors import ArchiveError
from archive.jobs.timers import Timer, cron_lines, step_for, systemd_units, with_cron_lines
from archive.jobs.times import read_schedule
from tests.loopback import Loopback, page
from tests.program import ROOT, archive, environment, rows
from tests.stories import story

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MODULE = (sys.executable, "-m", "archive.cli")
JOB = '[archive]\n[fetch]\nallow_networks = ["127.0.0.0/8"]\ndelay = 0\n[[job]]\nname = "coast"\nschedule = "1h"\n'


@pytest.mark.parametrize(
    ("schedules", "minutes"),
    [
        (["30m"], 30), (["1h", "1d"], 30), (["45m"], 15), (["7m"], 1), (["1m"], 1), (["50m"], 10), ([], 30),
        (["0 6 * * *"], 30), (["*/20 6-22 * * *"], 20), (["17 * * * *", "1h"], 1), (["25 4 * * 1"], 5),
    ],
)  # fmt: skip
def test_a_timer_comes_round_as_seldom_as_its_jobs_allow(schedules: list[str], minutes: int) -> None:
    assert step_for(map(read_schedule, schedules), NOON) == minutes


def strange(folder: Path) -> Path:
    """A folder whose name has everything that a shell, cron or systemd would make something of."""
    place = folder / '50% of $HOME\'s "news" \\ é'
    place.mkdir()
    return place


def test_the_cron_line_runs_where_there_is_no_path_no_home_and_no_terminal(tmp_path: Path) -> None:
    place = strange(tmp_path)
    with Loopback({"/1": story(1)}) as server:
        feed = f'<rss version="2.0"><channel><item><link>{server.url("/1")}</link></item></channel></rss>'
        server.routes["/feed"] = page(feed, content_type="application/rss+xml")
        (place / "config.toml").write_text(f'{JOB}sources = ["{server.url("/feed")}"]\n')
        timer = Timer(MODULE, place / "config.toml", 30)
        mark, line = cron_lines(timer, place / "crawl.log").splitlines()
        assert mark.startswith("#")
        fields, command = line.split(" ")[:5], line.split(" ", 5)[5]
        assert fields == ["*/30", "*", "*", "*", "*"]
        done = subprocess.run(
            [
                "/bin/sh",
                "-c",
                command.replace("\\%", "%"),
            ],  # as cron does: an unescaped % would end the command
            cwd="/",
            env={"PYTHONPATH": str(ROOT)},  # the tests run from the sources, without having installed them
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
            start_new_session=True,
        )
    log = (place / "crawl.log").read_text()
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b""), log
    assert rows(place, "SELECT count(*) FROM articles") == [(1,)]
    assert "coast: 1 new" in log


def test_a_crontab_keeps_its_other_lines_and_has_ours_once() -> None:
    timer = Timer(("/bin/archive",), Path("/a/config.toml"), 5)
    other = Timer(("/bin/archive",), Path("/b/config.toml"), 5)
    log = Path("/a/crawl.log")
    once = with_cron_lines("MAILTO=me\n0 0 * * * true", other, log)
    twice = with_cron_lines(once, timer, log)
    later = with_cron_lines(twice, Timer(("/new/archive",), timer.config, 15), log)
    assert once.startswith("MAILTO=me\n0 0 * * * true\n")
    assert later == once + cron_lines(Timer(("/new/archive",), timer.config, 15), log)


CRONTAB = """#!/bin/sh
case "$1" in
-l) cat "$CRONTAB_FILE" 2>/dev/null || { echo "no crontab for me" >&2; exit 1; };;
-) cat >"$CRONTAB_FILE";;
esac
"""


def test_installing_for_cron_changes_our_line_and_no_other(tmp_path: Path) -> None:
    """A stand-in for crontab, on a file: the reader's own is not for tests."""
    tool, table = tmp_path / "bin" / "crontab", tmp_path / "crontab"
    tool.parent.mkdir()
    tool.write_text(CRONTAB)
    tool.chmod(0o755)
    (tmp_path / "config.toml").write_text(f'{JOB}sources = ["example.org/feed"]\n')
    settings = {"PATH": f"{tool.parent}:/usr/bin:/bin", "CRONTAB_FILE": str(table)}
    table.write_text(f"0 0 * * * true\n# article-archive: {tmp_path}/config.toml\n* * * * * an older line\n")
    done = archive(tmp_path, "schedule", "cron", "--install", **settings)
    assert done.code == 0, done.err
    assert table.read_text() == f"0 0 * * * true\n{done.out}"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze here")
def test_systemd_finds_no_fault_in_the_units(tmp_path: Path) -> None:
    for place in (tmp_path, strange(tmp_path)):
        units = tmp_path / f"units-{len(place.name)}"
        units.mkdir()
        for name, text in systemd_units(Timer(MODULE, place / "config.toml", 15)).items():
            (units / name).write_text(text)
        files = sorted(map(str, units.iterdir()))
        verified = subprocess.run(
            ["systemd-analyze", "verify", *files], capture_output=True, text=True, timeout=60, check=False
        )
        assert (verified.returncode, verified.stderr) == (0, "")


def test_systemd_units_are_written_where_systemd_looks_and_the_rest_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(f'{JOB}sources = ["example.org/feed"]\n')
    settings = {"XDG_CONFIG_HOME": str(tmp_path / "home"), "PATH": str(tmp_path)}
    printed = archive(tmp_path, "schedule", "systemd", "--json", **settings)
    assert not (tmp_path / "home").exists(), "printing writes nothing"
    done = archive(tmp_path, "schedule", "systemd", "--install", **settings)
    assert done.code == 2
    assert "systemctl --user daemon-reload && systemctl --user enable --now article-archive-" in done.err
    written = {str(file): file.read_text() for file in (tmp_path / "home/systemd/user").iterdir()}
    assert written == {line["file"]: line["text"] for line in printed.lines}


def test_installing_for_systemd_starts_the_timer(tmp_path: Path) -> None:
    """A stand-in for systemctl, which takes down what it is asked."""
    tool = tmp_path / "systemctl"
    tool.write_text(f'#!/bin/sh\necho "$@" >>"{tmp_path}/asked"\n')
    tool.chmod(0o755)
    (tmp_path / "config.toml").write_text(f'{JOB}sources = ["example.org/feed"]\n')
    done = archive(
        tmp_path, "schedule", "systemd", "--install", XDG_CONFIG_HOME=str(tmp_path), PATH=str(tmp_path)
    )
    timer = next((tmp_path / "systemd/user").glob("*.timer"))
    assert (done.code, "installed: every 30 min" in done.err) == (0, True)
    assert (tmp_path / "asked").read_text() == f"--user daemon-reload\n--user enable --now {timer.name}\n"


def test_a_timer_needs_a_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ARCHIVE_CONFIG", raising=False)
    done = CliRunner().invoke(app, ["schedule", "cron"])
    assert isinstance(done.exception, ArchiveError)
    assert str(done.exception).startswith("no config.toml here")


def test_the_program_is_named_by_its_whole_path() -> None:
    assert os.path.isabs(program()[0])
    said = subprocess.run(
        [*program(), "--version"], env=environment(PATH=""), capture_output=True, timeout=30, check=False
    )
    assert said.stdout.startswith(b"article-archive ")
