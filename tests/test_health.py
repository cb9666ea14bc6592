"""Claims about `archive doctor`."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.config import load_config
from archive.health import Check, examine, is_wal_reset_safe
from tests.program import archive


@pytest.mark.parametrize(
    ("release", "safe"),
    [((3, 6, 23), True), ((3, 40, 1), False), ((3, 44, 5), False), ((3, 44, 6), True), ((3, 50, 4), False),
     ((3, 50, 7), True), ((3, 51, 2), False), ((3, 51, 3), True), ((3, 52, 0), True), ((4, 0, 0), True)],
)  # fmt: skip
def test_the_wal_race_is_known_by_release(release: tuple[int, int, int], safe: bool) -> None:
    assert is_wal_reset_safe(release) is safe


def checks(folder: Path) -> dict[str, Check]:
    return {check.name: check for check in examine(load_config(start=folder, environment={}))}


def test_an_empty_folder_is_fit_for_an_archive(tmp_path: Path) -> None:
    assert not [check for check in checks(tmp_path).values() if check.state == "bad"]
    assert not list(tmp_path.iterdir())


def test_a_file_where_a_folder_must_be_is_named_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    found = checks(tmp_path)["database"]
    assert (found.state, str(tmp_path / "data") in found.found) == ("bad", True)
    assert found.remedy


def test_doctor_says_what_is_wrong_and_exits_so(tmp_path: Path) -> None:
    assert archive(tmp_path, "doctor").code == 0
    said = archive(tmp_path, "doctor", "--json", ARCHIVE_ARCHIVE_MIN_FREE_BYTES=str(10**18))
    assert said.code == 2
    assert [line["name"] for line in said.lines if line.get("state") == "bad"] == ["disk"]
    assert said.summary == {"type": "summary", "bad": 1}
