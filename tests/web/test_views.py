"""The pages: what they show, what they answer as JSON, and what no page that was kept can do to them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from warcio.archiveiterator import ArchiveIterator

from archive.store.reading import read_status
from archive.web import counts, reading, stories, views
from archive.web.attached import Place
from archive.web.server import make_datasette
from tests.web.kept import ATTACK, FERRY, HOSTILE, START, STORIES, WELL, Told, fail, keep
from tests.web.served import Served

OUR_PAGES = (
    "/",
    "/search",
    "/search?q=ferry",
    "/article/1",
    "/article/3",
    "/article/5",
    "/article/99",
    "/record/99",
)
HOSTILE_PAGES = (
    "/",
    "/search",
    "/search?q=hostile",
    "/article/5",
    f"/search?q={quote(ATTACK)}",
    f"/search?tag={quote(ATTACK)}&site={quote(ATTACK)}&lang={quote(ATTACK)}&month={quote(ATTACK)}",
)
HARMLESS = {
    "html", "head", "meta", "title", "link", "body", "a", "header", "p", "bdi", "form", "label", "input", "button",
    "nav", "ul", "li", "main", "section", "div", "article", "h1", "h2", "h3", "ol", "dl", "dt", "dd", "time", "span",
    "footer", "mark", "q", "aside", "table", "thead", "tbody", "tr", "th", "td", "code", "em", "strong", "br", "wbr",
    "blockquote", "pre",
}  # fmt: skip
"""Elements that our templates make; whatever else stands in a page came from what was kept."""


def test_the_front_page_counts_what_is_held_and_shows_what_came_last(site: Served) -> None:
    page = BeautifulSoup(site.text("/"), "lxml")
    counts = {one.dt.text: one.dd.text for one in page.select(".counts div")}
    assert counts == {
        "articles": "5", "origins": "4", "sites": "4", "languages": "3", "captures": "5", "exact copy": "1",
    }  # fmt: skip
    assert (site.json("/.json")["status"]["articles"], site.json("/.json")["status"]["origins"]) == (5, 4)
    assert page.select(".latest h3")[-1].text == FERRY.title
    assert page.h1.text == "The Harbour File"


def test_the_front_page_sees_what_is_added_while_it_is_served(
    tmp_path: Path, on: Callable[..., Served]
) -> None:
    served = on(keep(tmp_path, STORIES[:1]))
    assert served.json("/.json")["status"]["articles"] == 1
    keep(tmp_path, STORIES[2:])
    (held,) = [
        values
        for database, values in counts._held.items()
        if database.path == str(tmp_path / "data" / "archive.db")
    ]
    held["status"].until = 0.0  # the rest is over
    assert served.json("/.json")["status"]["articles"] == 3


def test_visitors_who_come_together_count_once(
    folder: Path, on: Callable[..., Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = []
    monkeypatch.setattr(
        counts, "read_status", lambda connection: counted.append(1) or read_status(connection)
    )
    served = on(folder / "data" / "archive.db")
    answers = served.get_together(["/.json"] * 5)
    assert {answer.json()["status"]["articles"] for answer in answers} == {5}
    assert len(counted) == 1


def test_counts_that_take_too_long_are_left_out(
    folder: Path, on: Callable[..., Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    tried = []
    monkeypatch.setattr(
        counts, "read_status", lambda connection: tried.append(1) or connection.execute(endless).fetchone()
    )
    monkeypatch.setattr(counts, "LIMIT_MS", 20)
    served = on(folder / "data" / "archive.db")
    monkeypatch.setattr(counts, "REST", 10_000)
    assert served.json("/.json")["status"] is None
    assert FERRY.title in served.text("/")
    assert len(tried) == 1, "and not tried again at once"


def test_a_search_whose_counts_take_too_long_claims_no_number(
    folder: Path, on: Callable[..., Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    monkeypatch.setattr(views, "count_facets", lambda connection, *_: connection.execute(endless).fetchone())
    value = on(folder / "data" / "archive.db").json("/search.json?q=ferry")
    assert len(value["results"]) == value["total"] > 0
    assert (value["articles"], value["origins"], value["facets_complete"]) == (None, None, False)


def test_how_a_query_was_read_is_said_where_it_is_not_as_it_was_typed(site: Served) -> None:
    address = f"?q={quote('(ferry <b>')}"
    page = BeautifulSoup(site.text(f"/search{address}"), "lxml")
    assert [one.text for one in page.select("p.note")] == ["Read as words: ferry <b>."]
    assert site.json(f"/search.json{address}")["notes"] == ["read as words: ferry <b>"]
    assert site.json("/search.json?q=ferry")["notes"] == []


def test_what_is_typed_and_what_is_chosen_are_both_shown_and_both_hold(site: Served) -> None:
    page = BeautifulSoup(site.text("/search?q=site:gazette.example&site=harbour.example"), "lxml")
    assert "harbour.example" in page.select_one(".chosen").text
    assert page.select_one("h1").text.split() == ["No", "article", "for", "site:gazette.example"]


def test_search_ranks_and_marks_what_matched(site: Served) -> None:
    page = BeautifulSoup(site.text("/search?q=ferry+sails"), "lxml")
    first = page.select_one(".hits article")
    assert first.h2.text.strip() == FERRY.title
    assert {mark.text.lower() for mark in first.select("h2 mark")} == {"ferry", "sails"}


def test_an_arabic_word_is_found_without_its_vowels_and_marked_as_written(site: Served) -> None:
    page = BeautifulSoup(site.text("/search?q=" + quote("عاما")), "lxml")
    assert [mark.text for mark in page.select(".hits mark")] == ["عاماً"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ("site=gazette.example", {2, 4}),
        ("lang=ar", {3}),
        ("month=2017-09", {3, 4}),
        ("tag=boats", {1}),
        ("site=gazette.example&month=2017-09", {4}),
        ("site=nowhere.example", set()),
    ],
)
def test_a_filter_leaves_only_what_passes_it(site: Served, filters: str, expected: set[int]) -> None:
    assert {one["article_id"] for one in site.json(f"/search.json?{filters}")["results"]} == expected


def test_choosing_a_filter_keeps_the_query_and_choosing_it_again_removes_it(site: Served) -> None:
    page = BeautifulSoup(site.text("/search?q=ferry&site=gazette.example"), "lxml")
    chosen = page.select_one('.facet a[aria-current="true"]')
    assert chosen["href"] == "/search?q=ferry"
    other = next(link for link in page.select("#facet-site ~ ul a") if "harbour.example" in link.text)
    assert other["href"] == "/search?q=ferry&site=harbour.example"
    assert (
        page.select_one('.masthead input[type="hidden"]').attrs.items()
        >= {"name": "site", "value": "gazette.example"}.items()
    )


def test_results_are_shown_twenty_a_page(tmp_path: Path, on: Callable[..., Served]) -> None:
    stories = [
        Told(f"http://a.example/{n}", f"Story {n}", f"The harbour story number {n} says {n * 7}.")
        for n in range(45)
    ]
    served = on(keep(tmp_path, stories))
    pages = [served.json(f"/search.json?q=harbour&page={number}") for number in (1, 2, 3, 4)]
    assert [len(page["results"]) for page in pages] == [20, 20, 5, 0]
    assert {page["pages"] for page in pages} == {3}
    found = [one["article_id"] for page in pages for one in page["results"]]
    assert sorted(found) == list(range(1, 46))
    second = BeautifulSoup(served.text("/search?q=harbour&page=2"), "lxml")
    assert second.ol["start"] == "21"
    assert [link["href"] for link in second.select(".pages a")] == [
        "/search?q=harbour&page=1",
        "/search?q=harbour&page=3",
    ]
    for beyond in (4, 999):
        assert "There are but 3 pages" in served.text(f"/search?q=harbour&page={beyond}")


@pytest.mark.parametrize(
    "query",
    [
        '"',
        "a-b",
        "AND",
        "foo:bar",
        "*",
        "NEAR(",
        "((((",
        "%00",
        "\u202e",
        "-",
        "site:",
        "'; DROP TABLE articles",
        "x" * 5000,
    ],
)
def test_whatever_is_typed_is_a_query(site: Served, query: str) -> None:
    assert site.get("/search", params={"q": query}).status_code == 200
    assert (
        site.get(
            "/search.json", params={"q": query, "page": query, "month": query, "lang": query}
        ).status_code
        == 200
    )


def test_an_article_reads_in_its_own_language_and_direction(site: Served) -> None:
    arabic = BeautifulSoup(site.text("/article/3"), "lxml").select_one(".text")
    assert (arabic["lang"], arabic["dir"]) == ("ar", "rtl")
    english = BeautifulSoup(site.text("/article/1"), "lxml").select_one(".text")
    assert (english["lang"], english["dir"]) == ("en", "ltr")
    assert [paragraph.text for paragraph in arabic.select("p")] == WELL.text.split("\n\n")


def test_an_article_is_shown_with_the_structure_that_it_has(site: Served) -> None:
    text = BeautifulSoup(site.text("/article/1"), "lxml").select_one(".text")
    heading, item, quoted = (part.replace("\n", "") for part in FERRY.text.split("\n\n"))
    assert text.h2.text == heading
    assert (text.h2.a.text, text.h2.a["href"]) == ("ferry", "http://harbour.example/line")
    assert (text.ol["start"], [one.text for one in text.select("ol > li")]) == ("5", [item])
    assert text.blockquote.text.strip() == quoted
    assert "structure" not in site.json("/article/1.json")


def test_a_structure_of_another_text_is_not_applied(site: Served) -> None:
    """Article 2 holds the words of article 1 and has nothing but paragraphs."""
    text = BeautifulSoup(site.text("/article/2"), "lxml").select_one(".text")
    assert {element.name for element in text.find_all(True)} <= {"p", "br", "span"}


def test_an_article_says_where_each_field_came_from(site: Served) -> None:
    page = BeautifulSoup(site.text("/article/1"), "lxml")
    rows = {
        row.th.text: [cell.get_text(" ", strip=True) for cell in row.select("td")]
        for row in page.select("#origins ~ div tbody tr")
    }
    assert rows["title"] == [FERRY.title, "h1", f"{FERRY.title} | The Harbour Post title"]
    assert rows["published"] == ["2017-10-08T08:00:00+02:00", "json-ld", ""]


def test_an_article_leads_to_its_original_its_record_and_its_copies(site: Served) -> None:
    page = BeautifulSoup(site.text("/article/1"), "lxml")
    original, record, _ = page.select(".sources a")
    assert original["href"] == FERRY.url
    assert {"noreferrer", "noopener"} <= set(original["rel"])
    assert record["href"] == "/record/1"
    assert [link["href"] for link in page.select(".copies a")] == ["/article/2"]
    assert page.select_one(".copies").get_text(" ").count("word for word") == 1


def test_a_duplicate_is_shown_with_the_text_it_shares(site: Served) -> None:
    page = BeautifulSoup(site.text("/article/2"), "lxml")
    assert "from Monday" in page.select_one(".text").text
    assert page.select_one(".note a")["href"] == "/article/1"


def test_an_earlier_version_is_shown_as_it_stood(tmp_path: Path, on: Callable[..., Served]) -> None:
    changed = Told(
        FERRY.url, "The ferry stays", "The ferry will not sail after all, said the harbour master."
    )
    keep(tmp_path, (FERRY,))
    served = on(keep(tmp_path, (changed,), begin=START.replace(day=9)))
    assert BeautifulSoup(served.text("/article/1"), "lxml").h1.text == changed.title
    earlier = BeautifulSoup(served.text("/article/1?version=1"), "lxml")
    assert earlier.h1.text == FERRY.title
    assert earlier.select_one(".sources a[download]")["href"] == "/record/1"
    assert earlier.select_one(".note a")["href"] == "/article/1"
    assert served.json("/article/1.json?version=1")["version"] == 1
    assert served.get("/article/1?version=3").status_code == 404
    assert served.get("/article/1?version=one").status_code == 404


def test_every_page_answers_json(site: Served) -> None:
    front = site.json("/.json")
    assert front["name"] == "The Harbour File"
    assert front["status"]["captures"] == {"new": 4, "duplicate": 1}
    result = site.json("/search.json?q=almonds")["results"][0]
    start, end = result["marks"][0]
    assert result["snippet"][start:end] == "almonds"
    assert result.keys() >= {
        "article_id",
        "url",
        "title",
        "site",
        "published",
        "language",
        "snippet",
        "score",
        "cluster_id",
        "more",
    }
    article = site.json("/article/1.json")
    assert article["authors"] == ["Mina Sol", "Otto Brandt"]
    assert article["first_captured"] == "2017-10-08T12:00:00Z"
    assert article["captures"][0]["id"] == 1
    assert article["copies"][0]["exact"] is True
    assert site.json("/record/1.json")["capture"]["url"] == FERRY.url
    missing = site.get("/article/99.json")
    assert (missing.status_code, missing.json()["ok"]) == (404, False)


def test_a_record_is_a_file_to_save_and_never_a_page(site: Served) -> None:
    answer = site.get("/record/5")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/warc"
    assert answer.headers["content-disposition"] == 'attachment; filename="record-5.warc"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    (record,) = ArchiveIterator(io.BytesIO(answer.content), check_digests="raise")
    assert record.rec_type == "response"
    assert record.digest_checker is None or record.digest_checker.passed is not False


def test_a_record_is_the_one_in_the_warc_file_octet_for_octet(site: Served, folder: Path) -> None:
    whole = b"".join(_inflated(path) for path in (folder / "data" / "warc").glob("*.warc.gz"))
    assert site.get("/record/3").content in whole


def _inflated(path: Path) -> bytes:
    import gzip

    return gzip.decompress(path.read_bytes())


def test_a_capture_without_a_record_and_one_whose_file_is_gone_say_so(
    tmp_path: Path, on: Callable[..., Served]
) -> None:
    database = keep(tmp_path, STORIES[:1])
    fail(database, "http://nowhere.example/", "no such host")
    served = on(database)
    assert served.get("/record/2").status_code == 404
    for file in (tmp_path / "data" / "warc").iterdir():
        file.unlink()
    gone = served.get("/record/1")
    assert gone.status_code == 503
    assert "the file is missing" in gone.text
    assert str(tmp_path) not in gone.text


@pytest.mark.parametrize("path", OUR_PAGES)
def test_our_pages_allow_no_script_within_them_and_no_other_origin(site: Served, path: str) -> None:
    headers = site.get(path).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy == {
        "default-src": "'none'",
        "style-src": "'self'",
        "script-src": "'self'",
        "connect-src": "'self'",
        "img-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("path", HOSTILE_PAGES)
def test_nothing_that_a_page_said_is_markup(site: Served, path: str) -> None:
    page = BeautifulSoup(site.text(path), "lxml")
    for element in page.find_all(True):
        if element.name == "script" and element.get("src"):
            assert element["src"].startswith("/-/article-archive/search-")
            continue
        if element.name == "script":
            assert element["type"] == "application/ld+json"
            json.loads(element.string)
            continue
        assert element.name in HARMLESS, f"a page made an element: {element.name}"
        assert not [name for name in element.attrs if name.startswith("on") or name == "style"], element
        for name in ("href", "src", "action"):
            address = str(element.get(name, ""))
            assert address.startswith(("/", "http://", "https://", "#")) or not address, address
    assert "49" not in page.get_text() or "{{7*7}}" in page.get_text()


def test_a_hostile_article_is_shown_in_its_own_words(site: Served) -> None:
    page = BeautifulSoup(site.text("/article/5"), "lxml")
    assert page.h1.text == HOSTILE.title
    assert ATTACK in page.select_one(".text").text
    assert page.select_one(".author").text == f"Mallory {ATTACK}"
    canonical = next(one for one in page.select(".facts div") if "Canonical" in one.dt.text)
    assert canonical.a is None, "only addresses of the web are links"


def test_our_pages_can_only_be_read(site: Served) -> None:
    for path in OUR_PAGES:
        assert site.get(path, method="post").status_code in {403, 405}, (
            path
        )  # 403: its guard against forged requests


def test_an_article_captured_again_and_again_lists_its_latest_captures(
    tmp_path: Path, on: Callable[..., Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_CAPTURES", 2)
    monkeypatch.setattr(stories, "MAX_CAPTURES", 2)
    served = on(keep(tmp_path, [FERRY] * 3))
    page = BeautifulSoup(served.text("/article/1"), "lxml")
    assert [row.select("td")[1].text for row in page.select("#captures ~ div tbody tr")] == ["unchanged"] * 2
    assert page.select_one(".more a")["href"] == "/archive/captures?article_id=1"
    assert page.select_one(".sources a[download]")["href"] == "/record/3"


def test_datasettes_own_pages_are_left_as_they_are(site: Served) -> None:
    for path in ("/archive", "/archive/articles", "/archive/articles/1", "/archive/articles?_search=ferry"):
        answer = site.get(path)
        assert answer.status_code == 200, path
        assert "default-src 'none'" not in answer.headers.get("content-security-policy", "")
    assert site.json("/archive/articles.json?_shape=objects&id=1")["rows"][0]["title"] == FERRY.title
    assert site.json("/archive/articles.json?_shape=objects&_search=ferry")["rows"]


def test_tables_are_shown_newest_first_by_name_and_ours_alone_are_hidden(site: Served) -> None:
    rows = site.json("/archive/articles.json?_shape=objects")["rows"]
    assert [row["id"] for row in rows] == [5, 4, 3, 2, 1]
    assert f">{FERRY.title}</a>" in site.text("/archive/captures"), (
        "a row that is pointed at is shown by its title"
    )
    hidden = {table["name"] for table in site.json("/archive.json")["tables"] if table["hidden"]}
    assert {"meta", "_sqlite_migrations", "articles_fts"} <= hidden
    assert not hidden & {"articles", "captures", "versions", "sites", "field_origins", "tags", "runs"}


def test_the_stylesheet_is_kept_until_it_changes(site: Served) -> None:
    address = BeautifulSoup(site.text("/"), "lxml").select_one('link[rel="stylesheet"]')["href"]
    answer = site.get(address)
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith("text/css")
    assert site.get(address, headers={"if-none-match": answer.headers["etag"]}).status_code == 304
    other = site.get("/-/article-archive/page-0123456789abcdef.css")
    assert (other.status_code, other.headers["cache-control"]) == (200, "no-cache")


def test_the_stylesheet_loads_nothing(site: Served) -> None:
    address = BeautifulSoup(site.text("/"), "lxml").select_one('link[rel="stylesheet"]')["href"]
    assert "url(" not in site.text(address)
    assert "@import" not in site.text(address)


def test_every_address_stands_below_the_prefix_it_is_served_under(
    folder: Path, on: Callable[..., Served]
) -> None:
    served = on(folder / "data" / "archive.db", settings={"base_url": "/news/"})
    for path in ("/", "/search?q=ferry", "/article/1"):
        page = BeautifulSoup(served.text(path), "lxml")
        for element in page.select("[href], [action]"):
            address = element.get("href") or element["action"]
            assert address.startswith(("/news/", "http://", "#")), address


def test_the_archive_is_served_as_archive_whatever_its_file_is_called(tmp_path: Path, loop: object) -> None:
    keep(tmp_path, STORIES[:1])
    other = tmp_path / "data" / "archive.db"
    other = other.rename(other.with_name("other-name.db"))
    served = Served(make_datasette(other, Place("", tmp_path / "data" / "warc")), loop)  # type: ignore[arg-type]
    assert served.get("/archive/articles").status_code == 200
    assert served.get("/record/1").status_code == 200
    assert 'href="/archive"' in served.text("/")


def test_a_page_says_no_more_of_a_query_than_its_box_takes(folder: Path, on: Callable[..., Served]) -> None:
    served = on(folder / "data" / "archive.db")
    assert len(served.text("/search?q=" + "a%20" * 9_000)) < 150_000
    assert served.json("/search.json?q=" + "x" * 9_000)["query"] == "x" * 1_000


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("since=2017-10", "q=ferry+after%3A2017-10"),
        ("after=2017-09&before=2017-10", "q=ferry+after%3A2017-09+before%3A2017-10"),
        ("author=brandt", "q=ferry+author%3Abrandt"),
        ("language=en", "q=ferry+lang%3Aen"),
    ],
)
def test_an_address_may_say_whatever_filter_can_be_typed(site: Served, address: str, same: str) -> None:
    chosen, typed = site.json(f"/search.json?q=ferry&{address}"), site.json(f"/search.json?{same}")
    assert [one["article_id"] for one in chosen["results"]] == [one["article_id"] for one in typed["results"]]
    assert chosen["results"]
    assert chosen["filters"]
    assert chosen["notes"] == []


@pytest.mark.parametrize(
    ("address", "note"),
    [
        ("limit=3", "not understood: limit in the address is no filter"),
        (
            "month=2017-1",
            "not understood: month=2017-1 in the address, no date like 2017-10-08, 2017-10 or 2017",
        ),
        ("after=soon", "not understood: after=soon in the address, no date like 2017-10-08, 2017-10 or 2017"),
    ],
)
def test_what_an_address_says_in_vain_is_told(site: Served, address: str, note: str) -> None:
    found = site.json(f"/search.json?q=ferry&{address}")
    assert found["notes"] == [note]
    assert found["total"] == site.json("/search.json?q=ferry")["total"]
    assert note[1:] in site.text(f"/search?q=ferry&{address}")
