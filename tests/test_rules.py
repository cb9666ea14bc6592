"""A reader's own rules for sites: read whole, every fault told at once, and cited by what they decide."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.config import load_config
from archive.errors import ConfigError
from archive.rules import load_rules, rules_digest, rules_for
from scraper import extract
from scraper.model import Block, SiteRules
from tests.program import archive

PAGE = """<html><head><title>x | Paper</title><meta name="when" content="2017-10-08T14:33:00+03:00"></head><body>
<div class="top"><span class="who">By Jane Doe and Wim de Vries</span></div>
<div class="kicker">The real headline of this page</div>
<div class="story"><p>The ferry between Orlen and Vasko will sail again from Monday, the harbour master said after a
meeting that lasted three hours and filled the small hall behind the customs house.</p>
<div class="box"><p>Readers of this paper can win a trip on the first boat, with lunch and a brass band on board.</p>
<p class="note">Corrected: the boat has two funnels.</p></div>
<p>Engineers had taken her engine apart six times since March. They found a bent shaft and two cracked valves.</p>
<p><a class="share" href="/s">Send this story to a friend</a></p>
<p>The band will be on board <a class="share" href="/s">as always</a>, the mayor said.</p></div>
</body></html>"""
URL = "http://news.paper.example/1"


def page(**rules: object) -> dict[str, Block]:
    found = extract(PAGE.encode(), URL, rules=SiteRules("paper.example", **rules))  # type: ignore[arg-type]  # by name
    return {block.text[:12]: block for block in found.blocks}


def test_what_is_selected_goes_with_all_that_stands_inside_it_and_cites_the_rule() -> None:
    blocks = page(drop=(".nothing", "div.box"))
    for beginning in ("Readers of t", "Corrected: t"):
        assert (blocks[beginning].kept, blocks[beginning].rule) == (False, "site-rule:paper.example drop[1]")
    assert blocks["Engineers ha"].kept


def test_of_two_rules_around_a_block_the_inner_one_counts() -> None:
    blocks = page(drop=(".box",), keep=(".note",))
    assert blocks["Corrected: t"].rule == "site-rule:paper.example keep[0]"
    assert blocks["Corrected: t"].kept
    assert not blocks["Readers of t"].kept
    assert page(drop=(".note",), keep=(".note",))["Corrected: t"].kept, "keeping outranks dropping in one box"


def test_a_link_amid_a_line_goes_only_where_it_is_the_whole_block() -> None:
    blocks = page(keep=("p",), drop=("a.share",))
    assert blocks["Send this st"].rule == "site-rule:paper.example drop[0]"
    assert blocks["The band wil"].text.endswith("as always, the mayor said.")
    assert blocks["The band wil"].kept


def test_fields_are_taken_from_where_a_rule_says_and_the_others_stay_candidates() -> None:
    rules = SiteRules("paper.example", title=".kicker", author=".who", date='meta[name="when"]')
    alone, ruled = extract(PAGE.encode(), URL), extract(PAGE.encode(), URL, rules=rules)
    assert ruled.title == "The real headline of this page"
    assert ruled.authors == ("Jane Doe", "Wim de Vries")
    assert ruled.published == "2017-10-08T14:33:00+03:00"
    for field, rule in (("title", "title"), ("authors", "author"), ("published", "date")):
        assert ruled.origins[field].chosen == f"site-rule:paper.example {rule}"
        assert set(alone.origins[field].candidates) <= set(ruled.origins[field].candidates)
    assert ruled.title not in ruled.text


def test_a_selector_that_finds_nothing_changes_nothing() -> None:
    rules = SiteRules("paper.example", drop=(".no",), keep=(".no",), title=".no", author=".no", date=".box")
    assert extract(PAGE.encode(), URL, rules=rules) == extract(PAGE.encode(), URL)


def test_the_most_particular_site_rules_its_hosts() -> None:
    wide, narrow = SiteRules("paper.example"), SiteRules("news.paper.example")
    assert rules_for("NEWS.paper.example", [wide, narrow]) is narrow
    assert rules_for("www.paper.example", [wide, narrow]) is wide
    assert rules_for("newspaper.example", [wide, narrow]) is None
    assert rules_digest(wide) != rules_digest(narrow)


def test_a_file_of_rules_is_read(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(
        '[site."www.Paper.example"]\ndrop = [".a > b", "#c"]\ntitle = "h2:first-of-type"\n[site."zürich.example"]\n',
        "utf-8",
    )
    assert load_rules(file) == (
        SiteRules("paper.example", drop=(".a > b", "#c"), title="h2:first-of-type"),
        SiteRules("xn--zrich-kva.example"),
    )


def test_every_fault_is_told_at_once_with_its_line_and_what_was_meant(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(
        """[sites."x.example"]
[site."a.example"]
dorp = [".x"]
drop = [".x", "div[", "p::before"]
keep = ".y"
title = ["h1"]
date = ""
[site.b.example]
drop = [".x"]
[site."http://c.example/"]
[site."www.a.example"]
""",
        "utf-8",
    )
    with pytest.raises(ConfigError) as raised:
        load_rules(file)
    faults = [fault.removeprefix(f"{file}, line ") for fault in raised.value.faults]
    assert [fault.split(":")[0] for fault in faults] == ["1", "3", "4", "4", "5", "6", "7", "8", "10", "11"]
    assert "did you mean site?" in faults[0]
    assert 'site."a.example".dorp: no such rule; did you mean drop?' in faults[1]
    assert 'drop[1] = "div["' in faults[2]
    assert "Pseudo-element" in faults[3]
    assert 'keep = [".y"]' in faults[4]
    assert "one selector" in faults[5]
    assert "empty" in faults[6]
    assert "quotation marks" in faults[7]
    assert "not the name of a host" in faults[8]
    assert "has rules already" in faults[9]


def test_a_fault_in_the_rules_ends_the_program_as_a_fault_of_configuration(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(PAGE, "utf-8")
    (tmp_path / "rules.toml").write_text('[site."a.example"]\ndrop = ["div["]\n', "utf-8")
    said = archive(tmp_path, "explain", "page.html")
    assert (said.code, said.out) == (2, "")
    assert len(said.err.splitlines()) == 1
    assert "rules.toml, line 2: " in said.err


def test_the_file_need_not_be_there_unless_it_is_named(tmp_path: Path) -> None:
    assert load_config(start=tmp_path, environment={}).rules_file is None
    named = load_config(start=tmp_path, environment={"ARCHIVE_EXTRACT_RULES": "mine.toml"}).rules_file
    assert named == tmp_path / "mine.toml"
    with pytest.raises(ConfigError, match=r"mine\.toml"):
        load_rules(named)
