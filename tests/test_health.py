"""Claims about `archive doctor`."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from archive.config import load_config
from archive.health import Check, examine, is_wal_reset_safe
from tests.program import archive
from tests.web.kept import STORIES, keep


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


def test_rules_and_synonyms_are_looked_at_where_there_are_any(tmp_path: Path) -> None:
    assert not {"site rules", "synonyms"} & checks(tmp_path).keys()
    (tmp_path / "rules.toml").write_text('[site."example.org"]\ndropp = ["nav"]\nkeep = ["p["]\n')
    (tmp_path / "synonyms.txt").write_text("Kyiv, Kiev\n")
    found = [
        check for check in examine(load_config(start=tmp_path, environment={})) if check.name == "site rules"
    ]
    assert [check.state for check in found] == ["bad", "bad"]
    assert all("rules.toml, line" in check.found and check.remedy for check in found)
    assert checks(tmp_path)["synonyms"].found.endswith("1 groups")
    assert archive(tmp_path, "doctor").code == 2


def test_a_sound_archive_is_sound_for_the_doctor_and_stays_untouched(tmp_path: Path) -> None:
    database = keep(tmp_path, STORIES)
    before = database.read_bytes()
    with closing(sqlite3.connect(database, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")  # a run is writing meanwhile
        found = checks(tmp_path)["contents"]
        writer.execute("ROLLBACK")
    assert found == Check("contents", "ok", f"{len(STORIES)} articles")
    assert database.read_bytes() == before
    assert archive(tmp_path, "doctor").code == 0


def test_an_archive_on_a_medium_that_cannot_be_written_is_looked_through_too(tmp_path: Path) -> None:
    database = keep(tmp_path, STORIES[:1])
    database.chmod(0o400)
    database.parent.chmod(0o500)
    try:
        assert checks(tmp_path)["contents"].state == "ok"
    finally:
        database.parent.chmod(0o700)


def test_a_damaged_index_is_made_again_and_no_database_moved(tmp_path: Path) -> None:
    database = keep(tmp_path, STORIES[:1])
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("INSERT INTO articles_fts (articles_fts) VALUES ('delete-all')")
    found = checks(tmp_path)["contents"]
    assert (found.state, "move" in found.remedy) == ("bad", False)
    command = found.remedy.partition("python -c ")[2].strip('"')
    exec(command)  # noqa: S102 - the remedy as it is told
    assert checks(tmp_path)["contents"].state == "ok"


def damaged(folder: Path) -> Check:
    """What is said once a row names another that is not there."""
    with closing(sqlite3.connect(folder / "data" / "archive.db")) as connection, connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("INSERT INTO article_tags (article_id, tag_id) VALUES (1, 999)")
    return checks(folder)["contents"]


def test_a_database_is_moved_away_only_where_every_article_is_read_back(tmp_path: Path) -> None:
    keep(tmp_path, STORIES)
    found = damaged(tmp_path)
    assert (found.state, f"all {len(STORIES)} articles" in found.remedy) == ("bad", True)
    assert f"move {tmp_path / 'data' / 'archive.db'}" in found.remedy


def test_a_database_that_alone_holds_an_article_is_kept(tmp_path: Path) -> None:
    database = keep(tmp_path, STORIES)
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE captures SET warc_file = NULL WHERE article_id = 1")
    remedy = damaged(tmp_path).remedy
    assert remedy.startswith(f"keep {database}: 1 of its {len(STORIES)} articles ")
    assert "move" not in remedy


def test_a_database_is_kept_where_its_warc_files_are_gone(tmp_path: Path) -> None:
    keep(tmp_path, STORIES)
    for file in (tmp_path / "data" / "warc").iterdir():
        file.unlink()
    assert damaged(tmp_path).remedy.startswith("keep ")


def test_someone_elses_database_is_not_to_be_moved(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with closing(sqlite3.connect(tmp_path / "data" / "archive.db")) as connection, connection:
        connection.execute("CREATE TABLE shopping (item)")
    found = checks(tmp_path)["contents"]
    assert (found.state, "move" in found.remedy, "[archive] database" in found.remedy) == ("bad", False, True)
