"""Claims about `archive.config`."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from archive.config import TABLES, load_config
from archive.errors import ConfigError
from tests.program import archive

ROOT = Path(__file__).parents[1]


def write(folder: Path, text: str) -> Path:
    file = folder / "config.toml"
    file.write_text(text, "utf-8")
    return file


def faults(file: Path | None = None, **environment: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        load_config(file, environment=environment)
    return caught.value.faults


def test_an_empty_folder_has_every_setting(tmp_path: Path) -> None:
    config = load_config(start=tmp_path, environment={})
    assert config.file is None
    assert config.database == tmp_path / "data/archive.db"
    assert config.warc_folder == tmp_path / "data/warc"
    assert config.lock_file == tmp_path / "data/archive.lock"


def test_the_nearest_config_with_an_archive_table_governs(tmp_path: Path) -> None:
    write(tmp_path, "[archive]\ndatabase = 'kept.db'\n")
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    write(tmp_path / "a", "[tool]\nother = 1\n")
    assert load_config(start=inner, environment={}).database == tmp_path / "kept.db"


@pytest.mark.parametrize(
    "text",
    [
        "[serve]\nfull_text = false\n",
        "[[job]]\nname = 'coast'\nschedule = '1h'\nsources = ['https://a.example/feed']\n",
        "[fetch]\n",
        "[fetch]\ndelay = 2\n[warc]\nlevel = 9\n",
    ],
)
def test_any_table_of_ours_makes_a_configuration(tmp_path: Path, text: str) -> None:
    file = write(tmp_path, text)
    assert (found := load_config(start=tmp_path, environment={})).file == file
    assert found.passed_over is None


@pytest.mark.parametrize(
    "text",
    [
        "[fetch]\ncontct = 'me'\n",
        "[fetch]\ndelay = 2\n[serch]\n",
        "[serve]\nfull_text = maybe\n",
        "[[job]]\nname = 'coast'\nsources = 3\n",
        "archive = true\n",
    ],
)
def test_a_fault_in_a_configuration_of_ours_is_never_passed_over(tmp_path: Path, text: str) -> None:
    write(tmp_path, text)
    with pytest.raises(ConfigError, match=r"config\.toml"):
        load_config(start=tmp_path, environment={})


HUGO = "baseURL = 'https://a.example/'\ntitle = 'A garden'\n[params]\narchive = true\n"
ZOLA = "base_url = 'https://a.example'\n[search]\ninclude_title = true\n[markdown]\nhighlight_code = true\n"
CARGO = "[build]\njobs = 2\n[net]\noffline = false\n"


@pytest.mark.parametrize("text", [HUGO, ZOLA, CARGO, ZOLA + "broken"])
def test_another_programs_configuration_is_passed_over_and_named(tmp_path: Path, text: str) -> None:
    ours = write(tmp_path, "[warc]\nlevel = 9\n")
    (tmp_path / "garden").mkdir()
    theirs = write(tmp_path / "garden", text)
    config = load_config(start=tmp_path / "garden", environment={})
    assert (config.file, config.passed_over) == (ours, theirs)


def test_an_empty_file_is_passed_over_without_a_word(tmp_path: Path) -> None:
    write(tmp_path, "# [fetch]\n\n")
    config = load_config(start=tmp_path, environment={})
    assert (config.file, config.passed_over) == (None, None)


def test_a_run_says_in_one_line_what_it_passed_over(tmp_path: Path) -> None:
    theirs = write(tmp_path, HUGO)
    said = archive(tmp_path, "doctor", "--json")
    assert (said.code, str(theirs) in said.err, said.err.count("\n")) == (0, True, 1)


def test_the_environment_overrules_the_file_and_says_so(tmp_path: Path) -> None:
    file = write(tmp_path, "[archive]\n[fetch]\ndelay = 5\nallow_networks = ['10.0.0.0/8']\n")
    config = load_config(
        file, environment={"ARCHIVE_FETCH_DELAY": "2", "ARCHIVE_FETCH_ALLOW_NETWORKS": "127.0.0.0/8, ::1/128"}
    )
    assert config.fetch.delay == 2
    assert config.fetch.allow_networks == ("127.0.0.0/8", "::1/128")
    assert config.origins["fetch.delay"] == "environment"
    assert load_config(file, environment={}).origins["fetch.delay"] == "config.toml"


def test_archive_config_names_the_file(tmp_path: Path) -> None:
    file = write(tmp_path, "[archive]\nname = 'Here'\n")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    config = load_config(start=elsewhere, environment={"ARCHIVE_CONFIG": str(file)})
    assert (config.archive.name, config.root) == ("Here", tmp_path)


def test_every_fault_is_told_at_once_with_line_and_key(tmp_path: Path) -> None:
    file = write(
        tmp_path, "[archive]\nmin_free_bytes = -1\n\n[fetch]\ndelai = 1\nrobots = 'perhaps'\n\n[wrac]\n"
    )
    told = faults(file, ARCHIVE_WARC_LEVEL="10")
    assert len(told) == 5
    assert any("line 2" in one and "archive.min_free_bytes = -1" in one for one in told)
    assert any("line 5" in one and "fetch.delai" in one and "did you mean delay?" in one for one in told)
    assert any("line 6" in one and 'fetch.robots = "perhaps"' in one for one in told)
    assert any("line 8" in one and "[wrac]" in one and "did you mean warc?" in one for one in told)
    assert any("ARCHIVE_WARC_LEVEL" in one and "warc.level" in one for one in told)


def test_a_misspelt_variable_is_a_fault() -> None:
    assert "did you mean delay?" in faults(None, ARCHIVE_FETCH_DELAI="1")[0]


@pytest.mark.parametrize(
    "text", ["[archive\n", "[archive]\nname = \n", "archive = 1\n", "[archive]\nname = 1\n"]
)
def test_a_broken_file_is_one_clear_line(tmp_path: Path, text: str) -> None:
    told = faults(write(tmp_path, text))
    assert len(told) == 1
    assert "config.toml" in told[0]
    assert "\n" not in told[0]


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    assert "no such file" in faults(tmp_path / "none.toml")[0]


def test_the_shipped_file_shows_true_defaults() -> None:
    """Every commented line of the repository's config.toml, uncommented, is a setting at its default."""
    lines = (ROOT / "config.toml").read_text("utf-8").splitlines()
    shown = tomllib.loads(
        "\n".join(
            line.removeprefix("# ") if " = " in line else line
            for line in lines
            if not line.startswith("# Paths")
        )
    )
    assert shown.keys() == TABLES.keys()
    for table, values in shown.items():
        default = TABLES[table]()
        known = {one.name for one in fields(TABLES[table])}
        for key, value in values.items():
            assert key in known
            held = getattr(default, key)
            assert (list(held) if isinstance(held, tuple) else held) == value, f"{table}.{key}"
