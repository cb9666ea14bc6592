"""A quotation is found however it is set, and not found when its sense was changed."""

from __future__ import annotations

import hashlib
import io
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]  # warcio ships no types

from archive.app import Archive, open_archive
from archive.exchange.quotation import NothingToFind
from archive.exchange.quotes import find, key_of, nearest
from archive.versions import Run
from tests.program import archive as run
from tests.web.kept import FERRY, Told, keep

TEXT = (
    "The “well\u00adknown” engi\nneer’s sluice-gate opened at half past nine – not 1.5 hours later.\n\n"
    "Her cafe\u0301 cost −5% of $10. وقال المهندسُ إنّ الماء صالحٌ للشرب في القريةِ. Æsir straße. In 2017, 30 came."
)


@pytest.mark.parametrize(
    ("quotation", "said"),
    [
        ("well-known", "well\u00adknown"),
        ('"THE WELL KNOWN engineer\'s sluice gate"', "The “well\u00adknown” engi\nneer’s sluice-gate"),
        (
            "half past nine -- not 1.5 hours later! Her café",
            "half past nine – not 1.5 hours later.\n\nHer cafe\u0301",
        ),
        ("cost -5% of $10", "cost −5% of $10"),
        ("وقال المهندس ان الماء", "وقال المهندسُ إنّ الماء"),
        ("في القريه", "في القريةِ"),
        ("AESIR STRASSE", "Æsir straße"),
        ("In 2017", "In 2017"),
        ("30 came", "30 came"),
        ("opened … later", "opened at half past nine – not 1.5 hours later"),
        ("[...] the well known […] gate opened...", "The “well\u00adknown” engi\nneer’s sluice-gate opened"),
    ],
)
def test_a_quotation_is_found_however_it_is_set(quotation: str, said: str) -> None:
    span = find(TEXT, quotation)
    assert span is not None
    assert TEXT[span[0] : span[1]] == said


@pytest.mark.parametrize(
    "quotation",
    ["sluice-gates", "luice-gate", "15 hours", "1,5 hours", "cost 5%", "-5 of", "cost −5% of 10", "of £10",
     "half past ten", "later … opened", "gate opened half", "2017 3", "سيقال المهندس", "Æ sir s", "", "…"],
)  # fmt: skip
def test_a_changed_one_is_not(quotation: str) -> None:
    assert find(TEXT, quotation) is None


WORDS = [
    "well-known",
    "5%",
    "1.5",
    "−5",
    "القرية",
    "straße",
    "cafe\u0301",
    "“quoted”",
    "x",
    "$10",
    "(a)",
    "Æsir,",
]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=12), st.data())
def test_every_passage_of_whole_words_is_found_in_its_text(words: list[str], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(words) - 1))
    end = data.draw(st.integers(start + 1, len(words)))
    span = find("\n".join(words), " ".join(words[start:end]))
    assert span is not None
    assert key_of(" ".join(words)[span[0] : span[1]]).letters == key_of(" ".join(words[start:end])).letters


def test_the_nearest_passage_shows_the_words_that_differ() -> None:
    near = nearest(TEXT * 5, "the sluice gate closed at half past ten – not 1.5 hours later")
    assert near is not None
    assert [(run.op, run.text.strip()) for run in near.runs if run.op != "same"] == [
        ("new", "“well\u00adknown” engi neer’s"),
        ("old", "closed"),
        ("new", "opened"),
        ("old", "ten"),
        ("new", "nine"),
    ]
    assert nearest(TEXT, "nothing of this kind was ever printed here by anybody") is None


SENTENCE = """"We'll open the sluice gate at half-past nine - not a minute later," she said, and nobody in the hall"""


def test_what_is_named_can_be_cut_out_and_holds_the_sentence(fetched: Archive) -> None:
    said = run(fetched.config.root, "quote", SENTENCE, "--json")
    assert said.code == 0
    found, summary = said.lines
    assert summary == {"type": "summary", "quotation": SENTENCE, "found": 1}
    with (fetched.config.warc_folder / found["warc_file"]).open("rb") as warc:
        warc.seek(found["warc_offset"])
        record = warc.read(found["warc_length"])
    assert hashlib.sha256(record).hexdigest() == found["sha256"]
    read = next(iter(ArchiveIterator(io.BytesIO(record))))
    payload = read.content_stream().read()
    assert "sluice-gate at half past nine &ndash; not a minute\nlater" in payload.decode()
    assert f"sha256:{hashlib.sha256(payload).hexdigest()}" == found["payload_digest"]
    assert found["in_payload"] is True
    assert read.rec_headers["WARC-Date"] == found["captured_at"]
    assert "captured" in found["citation"]
    assert found["url"] in found["citation"]
    assert re.search(r"#:~:text=We%E2%80%99ll%20open%20the%20sluice%2Dgate%20at%20half,", found["text_link"])


def test_a_link_into_two_paragraphs_names_words_of_each(fetched: Archive) -> None:
    (found,) = fetched.quote("would keep her word. Her café stayed open").found
    assert (found.text_link or "").endswith(
        "#:~:text=would%20keep%20her%20word.,Her%20caf%C3%A9%20stayed%20open"
    )


def test_an_altered_quotation_gets_the_nearest_with_its_differences(fetched: Archive) -> None:
    said = run(fetched.config.root, "quote", SENTENCE.replace("nine", "eleven"))
    assert said.code == 4
    assert said.err == "not found, nearest is:\n"
    assert "[-eleven-] {+nine+}" in said.out
    near = fetched.quote(SENTENCE.replace("nine", "eleven")).near
    assert near is not None
    assert ("old", "eleven ") in [(run.op, run.text) for run in near.nearest.runs]


def test_a_sentence_of_a_page_in_gzip_is_found_in_its_payload(fetched: Archive) -> None:
    answer = fetched.quote("They found a bent shaft, two cracked valves")
    assert len(answer.found) >= 3
    assert all(one.evidence and one.evidence.in_payload for one in answer.found)
    times = [one.first_seen for one in answer.found]
    assert times == sorted(times)


def test_a_revisit_names_the_record_that_holds_the_payload(fetched: Archive) -> None:
    (one,) = (
        found
        for found in fetched.quote("ferry number 1 sails again").found
        if found.article.url.endswith("/one")
    )
    assert one.place == "title"
    assert one.evidence is not None
    assert one.evidence.in_payload


def test_what_was_taken_back_is_found_in_the_version_that_said_it(tmp_path: Path) -> None:
    later = Told(
        FERRY.url,
        FERRY.title,
        FERRY.text.replace("eleven crowns", "twelve crowns"),
        published=FERRY.published,
    )
    keep(tmp_path, (FERRY, later))
    (tmp_path / "config.toml").write_text("[archive]\n")
    with open_archive(tmp_path / "config.toml", environment={}) as archive:
        (before,) = archive.quote("Passengers will pay eleven crowns for a crossing").found
        assert (before.stands, before.article.version) == (False, 1)
        assert before.evidence is not None
        assert before.evidence.in_payload
        (now,) = archive.quote("Passengers will pay twelve crowns").found
        assert (now.stands, now.article.version) == (True, 2)
        (both,) = archive.quote("They found a bent shaft.").found
        assert both.first_seen < both.captured_at


@pytest.mark.parametrize(
    "quotation", ["渡轮将从下周一起恢复航行", "“恢复航行，乘客每次需付十一元”", "往返于两岸的渡轮……乘客"]
)
def test_a_sentence_without_blanks_is_found(archive: Archive, quotation: str) -> None:
    (found,) = archive.quote(quotation).found
    assert found.article.language == "zh"


def test_an_altered_sentence_without_blanks_gets_its_letters_marked(archive: Archive) -> None:
    near = archive.quote("往返于两岸的渡轮将从下周三起恢复航行").near
    assert near is not None
    assert [run for run in near.nearest.runs if run.op != "same"] == [Run("old", "三 "), Run("new", "一 ")]


def test_copies_are_named_with_the_article_they_copy(archive: Archive) -> None:
    (found,) = archive.quote(
        "Engineers had taken the engine apart five times since spring. They found a bent shaft"
    ).found
    assert (found.article.id, found.copies) == (1, (2,))


def test_a_quotation_without_a_word_is_refused(archive: Archive) -> None:
    with pytest.raises(NothingToFind):
        archive.quote("“…” —")


def test_a_missing_file_is_said_and_the_citation_stands(tmp_path: Path) -> None:
    from tests.exchange.nasty import nasty_archive

    with nasty_archive(tmp_path) as archive:
        for path in archive.config.warc_folder.iterdir():
            path.unlink()
        (found,) = archive.quote("They found a bent shaft.").found
    assert found.evidence is not None
    assert found.evidence.sha256 is None
    assert "missing" in (found.evidence.error or "")
    assert "Mina Sol" in found.citation
