"""WARC files and packages of other tools become captures of the time when they were made."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import shutil
import sqlite3
import stat
import subprocess
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeaders  # type: ignore[import-untyped]  # warcio ships no types
from warcio.warcwriter import WARCWriter  # type: ignore[import-untyped]  # the same

from archive.app import Archive, open_archive
from archive.exchange.adopt import adopt, is_imported
from archive.exchange.model import UnreadableFile
from archive.exchange.package import MAX_MEMBERS, open_package
from archive.exchange.taking import Importing, import_articles, import_wacz, import_warc
from archive.model import ItemResult
from archive.recovery import exchange_of
from archive.store import Store
from scraper.fetch.memento import Memento
from scraper.model import Exchange
from scraper.warc import Problem, WarcWriter, iter_records
from tests.loopback import Loopback, page, redirect
from tests.program import archive as run
from tests.program import environment
from tests.stories import story


def opened(folder: Path) -> Archive:
    folder.mkdir(exist_ok=True)
    (folder / "config.toml").write_text("[archive]\n")
    return open_archive(folder / "config.toml", environment=environment())


def check(folder: Path) -> None:
    with Store.open(folder / "data" / "archive.db") as store:
        store.check_integrity()


def taken(archive: Archive, path: Path, view: Importing | None = None) -> list[ItemResult]:
    take = import_wacz if path.suffix == ".wacz" else import_warc
    return list(take(archive, path, view or Importing(), tags=("old",)))


class Crawl:
    """A WARC file as other tools write one, through warcio: SHA-1 digests, requests first, images beside pages."""

    def __init__(self, *, compressed: bool = True) -> None:
        self.buffer = io.BytesIO()
        self.writer = WARCWriter(self.buffer, gzip=compressed, warc_version="1.0")

    def response(self, url: str, body: str, date: str, *, status: str = "200 OK", **headers: str) -> None:
        fields = [
            ("Content-Type", "text/html; charset=utf-8"),
            *((k.replace("_", "-"), v) for k, v in headers.items()),
        ]
        fields = list(dict(fields).items())
        record = self.writer.create_warc_record(
            url,
            "response",
            payload=io.BytesIO(body.encode()),
            http_headers=StatusAndHeaders(status, fields, protocol="HTTP/1.1"),
            warc_headers_dict={"WARC-Date": date},
        )
        request = self.writer.create_warc_record(
            url,
            "request",
            http_headers=StatusAndHeaders("GET / HTTP/1.1", [("Host", "x")], is_http_request=True),
            warc_headers_dict={"WARC-Date": date, "WARC-Concurrent-To": record.rec_headers["WARC-Record-ID"]},
        )
        self.writer.write_record(request)
        self.writer.write_record(record)

    def revisit(self, url: str, of: str, date: str, of_date: str, digest: str) -> None:
        record = self.writer.create_revisit_record(
            url,
            digest,
            of,
            of_date,
            http_headers=StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1"),
            warc_headers_dict={"WARC-Date": date},
        )
        self.writer.write_record(record)

    def save(self, path: Path) -> Path:
        path.write_bytes(self.buffer.getvalue())
        return path


def crawl(*, compressed: bool = True) -> Crawl:
    made = Crawl(compressed=compressed)
    one, two = "http://harbour.example/one", "https://harbour.example/two"
    made.response(
        "http://harbour.example/old", "moved", "2017-10-07T10:00:00Z", status="301 Moved", Location="/one"
    )
    made.response("http://harbour.example/x.png", "\x89PNG", "2017-10-07T10:00:01Z", Content_Type="image/png")
    made.response(two, story(2, extra=" In the second year."), "2018-10-09T10:00:00Z")
    made.response(one, story(1), "2017-10-07T10:00:02Z")
    made.response(two, story(2), "2017-10-08T10:00:00Z")
    made.response("http://harbour.example/gone", "no", "2017-10-08T10:00:01Z", status="404 Not Found")
    digest = (
        "sha1:" + base64.b32encode(hashlib.sha1(story(1).encode(), usedforsecurity=False).digest()).decode()
    )
    made.revisit(one, one, "2017-12-01T00:00:00Z", "2017-10-07T10:00:02Z", digest)
    return made


def test_pages_come_with_their_times_redirects_revisits_and_versions(tmp_path: Path) -> None:
    source = crawl().save(tmp_path / "crawl.warc.gz")
    with opened(tmp_path / "a") as archive:
        view = Importing()
        results = taken(archive, source, view)
        assert [(one.url.rpartition("/")[2], one.outcome) for one in results] == [
            ("old", "new"),
            ("two", "new"),
            ("one", "unchanged"),
            ("two", "changed"),
        ]
        assert (view.left_out, view.others) == (0, 2)
        (name,) = view.files
        assert is_imported(name)
        assert (archive.config.warc_folder / name).read_bytes() == source.read_bytes()
        one = archive.article("http://harbour.example/old")
        assert one.url == "http://harbour.example/one"
        assert one.first_captured == datetime(2017, 10, 7, 10, 0, 2, tzinfo=UTC)
        assert one.last_captured == datetime(2017, 12, 1, tzinfo=UTC)
        assert one.tags == ("old",)
        two = archive.article("https://harbour.example/two")
        assert (two.versions, "second year" in two.text) == (2, True)
        (quote,) = archive.quote("as the council decided. In the second year.").found
        assert quote.evidence is not None
        assert quote.evidence.in_payload
        assert quote.evidence.payload_digest is not None
        assert quote.evidence.payload_digest.startswith("sha1:")
        assert taken(archive, source) == []  # a second time there is nothing to do
        assert len(list(archive.config.warc_folder.glob("imported-*"))) == 1


def test_an_import_that_was_stopped_goes_on_where_it_was_and_no_other_run_touches_the_rest(
    tmp_path: Path,
) -> None:
    source = crawl().save(tmp_path / "crawl.warc.gz")
    notices: list[str] = []
    with opened(tmp_path / "a") as archive:
        archive._notice = notices.append
        some = import_warc(archive, source, Importing())
        first = next(some)
        archive.stop()
        rest = list(some)
        assert len(rest) < 3
        archive.add_saved_page(story(5).encode(), "http://harbour.example/five")
        assert not notices
        assert len([first, *rest, *taken(archive, source)]) == 4


def test_a_page_kept_decoded_under_the_header_of_its_coding_is_read(tmp_path: Path) -> None:
    made = Crawl()
    made.response("http://harbour.example/six", story(6), "2017-10-07T10:00:00Z", Content_Encoding="br")
    path = made.save(tmp_path / "x.warc.gz")
    (record,) = (one for one in iter_records(path) if one.type == "response")
    exchange = exchange_of(record)
    assert exchange.content_codings == ()
    assert exchange.response == record.block


def test_a_web_archives_copy_stays_one(tmp_path: Path) -> None:
    moment = datetime(2016, 1, 2, tzinfo=UTC)
    memento = Memento(
        "http://harbour.example/six", "http://web.example/2016id_/http://harbour.example/six", moment
    )
    body = story(6).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    exchange = Exchange(
        memento.archive_url, moment.replace(year=2018), None, b"GET / HTTP/1.1\r\n\r\n", head + body, len(head), 200,
        (("Content-Type", "text/html"),), body,
    )  # fmt: skip
    with WarcWriter(tmp_path / "other") as writer:
        (written,) = writer.write_exchanges([exchange])
        writer.write_metadata(memento.archive_url, {"memento": memento.as_dict()}, concurrent_to=written)
    with opened(tmp_path / "a") as archive:
        assert [one.outcome for one in taken(archive, tmp_path / "other")] == ["new"]
        (version,) = archive.store.versions(archive.article(memento.original).id)
        assert (version.archive_url, version.memento_at) == (memento.archive_url, moment)


@pytest.mark.parametrize("kind", ["plain", "one stream"])
def test_a_file_that_is_not_compressed_by_record_is_packed_so(tmp_path: Path, kind: str) -> None:
    octets = crawl(compressed=False).buffer.getvalue()
    source = tmp_path / ("crawl.warc" if kind == "plain" else "crawl.warc.gz")
    source.write_bytes(octets if kind == "plain" else gzip.compress(octets))
    with source.open("rb") as stream:
        held = adopt(stream, source.name, tmp_path / "warc")
    assert gzip.decompress(held.read_bytes()) == octets
    assert len(list(iter_records(held))) == 13


@pytest.mark.parametrize("kind", ["plain", "plain, in a head", "one stream"])
def test_of_a_file_that_was_cut_off_all_but_the_last_record_is_kept(tmp_path: Path, kind: str) -> None:
    octets = crawl(compressed=False).buffer.getvalue()
    whole = [one.block for one in iter_records(crawl().save(tmp_path / "whole.warc.gz"))]
    end = octets.rindex(b"WARC/1.0") + 40 if kind.endswith("head") else len(octets) - 20
    cut = gzip.compress(octets)[:-30] if kind == "one stream" else octets[:end]
    problems: list[Problem] = []
    held = adopt(io.BytesIO(cut), "cut.warc", tmp_path / "warc")
    assert [one.block for one in iter_records(held, on_damage=problems.append)] == whole[:-1]
    assert len(problems) == 1


def test_a_file_that_comes_again_under_another_name_is_held_already(tmp_path: Path) -> None:
    octets = crawl().buffer.getvalue()
    first, again = (adopt(io.BytesIO(octets), name, tmp_path) for name in ("a.warc.gz", "b.warc.gz"))
    assert first == again
    assert first.name.endswith("-a.warc.gz")


def test_impossible_records_do_not_stop_the_others_and_no_password_is_stored(tmp_path: Path) -> None:
    made, told = Crawl(), list[str]()
    made.response("http://[::1/x", story(7), "2017-10-07T10:00:00Z")
    made.response("http://x.example/", story(8), "9999-12-31T23:59:59Z")
    made.response(
        "http://me:secret@x.example/old#top", "", "2017-10-07T10:00:00Z", status="301 X", Location="/a"
    )
    made.response("http://me:secret@x.example/a", story(1), "2017-10-07T10:00:01Z")
    with opened(tmp_path / "a") as archive:
        (result,) = taken(archive, made.save(tmp_path / "x.warc.gz"), Importing(told.append))
    assert result.url == "http://x.example/old"
    assert ["IPv6" in told[0], "time to come" in told[1], len(told)] == [True, True, 2]
    assert b"secret" not in (tmp_path / "a" / "data" / "archive.db").read_bytes()


def test_what_is_older_than_what_stands_is_a_version_beside_it(tmp_path: Path) -> None:
    newer, older = Crawl(), Crawl()
    url = "http://harbour.example/one"
    newer.response(url, story(1, extra=" Later."), "2018-01-01T00:00:00Z")
    older.response(url, story(1), "2017-01-01T00:00:00Z")
    with opened(tmp_path / "a") as archive:
        taken(archive, newer.save(tmp_path / "newer.warc.gz"))
        (result,) = taken(archive, older.save(tmp_path / "older.warc.gz"))
        assert result.outcome == "changed"
        stands = archive.article(url)
        assert "Later." in stands.text
        assert (stands.first_captured.year, stands.last_captured.year, stands.versions) == (2017, 2018, 2)
        assert "Later." not in archive.article(url, version=2).text
        archive.add_saved_page(story(1, extra=" Much later.").encode(), url)
        assert [one.version for one in archive.store.versions(stands.id)] == [1, 2, 3]
    check(tmp_path / "a")


def test_a_page_whose_digest_it_does_not_have_is_left_out(tmp_path: Path) -> None:
    octets = crawl(compressed=False).buffer.getvalue()
    at = octets.index(b"<h1>", octets.index(b"http://harbour.example/one"))
    (tmp_path / "crawl.warc").write_bytes(octets[: at + 4] + b"X" + octets[at + 5 :])
    said: list[str] = []
    with opened(tmp_path / "a") as archive:
        results = taken(archive, tmp_path / "crawl.warc", Importing(said.append))
    assert {one.url.rpartition("/")[2] for one in results} == {"two"}
    assert "its payload has the digest sha1:" in said[0]
    assert "neither held nor in these files" in said[1]  # what revisits it


@pytest.mark.skipif(shutil.which("wget") is None, reason="wget is not installed")
def test_wgets_warc_gives_the_articles_that_adding_gives(tmp_path: Path) -> None:
    routes = {
        "/one": page(story(1), chunk=700),
        "/two": page(story(2)),
        "/moved": redirect("/two"),
        "/three": page(story(3)),
        "/none": page("<html><body><p>Hi", code=404),
    }
    with Loopback(routes) as server:
        urls = [server.url(path) for path in ("/one", "/moved", "/three", "/none")]
        command = ["wget", "-q", "--no-proxy", "--warc-file=site", "--warc-cdx=off", "-O", "/dev/null", *urls]
        command.remove("--warc-cdx=off")
        subprocess.run(command, cwd=tmp_path, timeout=60, check=False)
        with opened(tmp_path / "added") as added, opened(tmp_path / "imported") as imported:
            added.add(urls)
            results = taken(imported, tmp_path / "site.warc.gz")
            assert [one.outcome for one in results] == ["new", "new", "new"]
            for path in ("/one", "/moved", "/three"):
                a, b = added.article(server.url(path)), imported.article(server.url(path))
                assert (a.url, a.title, a.text, a.authors, a.published, a.text_sha256) == (
                    *(b.url, b.title, b.text, b.authors, b.published, b.text_sha256),
                )
            with sqlite3.connect(imported.config.database) as connection:
                hops = connection.execute(
                    "SELECT count(*) FROM captures WHERE outcome = 'redirect'"
                ).fetchone()
            assert hops == (1,)


def wacz(path: Path, change: Callable[[zipfile.ZipFile], None] | None = None) -> Path:
    """A package in the style of Browsertrix."""
    octets = crawl().buffer.getvalue()
    import hashlib

    stated = {
        "path": "archive/rec.warc.gz",
        "hash": f"sha256:{hashlib.sha256(octets).hexdigest()}",
        "bytes": len(octets),
    }
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("archive/rec.warc.gz", octets)
        lines = [{"format": "json-pages-1.0", "id": "pages"}, {"url": "https://harbour.example/two"}]
        package.writestr("pages/pages.jsonl", "\n".join(map(json.dumps, lines)))
        package.writestr("datapackage.json", json.dumps({"profile": "data-package", "resources": [stated]}))
        if change:
            change(package)
    return path


def test_of_a_package_the_pages_that_it_lists_are_taken(tmp_path: Path) -> None:
    with opened(tmp_path / "a") as archive:
        results = taken(archive, wacz(tmp_path / "crawl.wacz"))
        assert [one.url for one in results] == ["https://harbour.example/two"] * 2


def _link(package: zipfile.ZipFile) -> None:
    info = zipfile.ZipInfo("archive/link.warc.gz")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    package.writestr(info, "/etc/passwd")


def _bomb(package: zipfile.ZipFile) -> None:
    package.writestr(
        zipfile.ZipInfo("archive/bomb.warc"), bytes(30_000_000), compress_type=zipfile.ZIP_DEFLATED
    )


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda package: package.writestr("../evil.warc.gz", b""), "leads out"),
        (lambda package: package.writestr("archive/../../evil", b""), "leads out"),
        (lambda package: package.writestr("/etc/evil", b""), "absolute"),
        (lambda package: package.writestr("C:evil", b""), "absolute"),
        (lambda package: package.writestr("archive\\..\\evil", b""), "absolute"),
        (_link, "a link"),
        (_bomb, "would become 30000000"),
        (lambda package: package.writestr("archive/rec.warc.gz", b"again"), "twice"),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_package_with_a_snare_in_it_is_refused_whole(
    tmp_path: Path, change: Callable[[zipfile.ZipFile], None], why: str
) -> None:
    path = wacz(tmp_path / "crawl.wacz", change)
    with opened(tmp_path / "a") as archive:
        with pytest.raises(UnreadableFile, match=why):
            taken(archive, path)
        assert not archive.exists
    assert sorted(one.name for one in tmp_path.rglob("*")) == ["a", "config.toml", "crawl.wacz"]


def test_a_package_with_too_many_files_is_refused(tmp_path: Path) -> None:
    def many(package: zipfile.ZipFile) -> None:
        for number in range(MAX_MEMBERS):
            package.writestr(f"archive/{number}", b"")

    with (
        pytest.raises(UnreadableFile, match="more than 10000"),
        open_package(wacz(tmp_path / "a.wacz", many)),
    ):
        pass


def test_a_package_whose_bytes_are_not_those_it_states_is_refused(tmp_path: Path) -> None:
    path = wacz(tmp_path / "crawl.wacz")
    octets = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as package:
        at = package.getinfo("archive/rec.warc.gz").header_offset + 200
    octets[at] ^= 1
    path.write_bytes(octets)
    with opened(tmp_path / "a") as archive:
        with pytest.raises(UnreadableFile, match="CRC"):
            taken(archive, path)
        assert not list(archive.config.warc_folder.glob("*"))


def test_a_damaged_list_of_what_is_in_a_package_is_read_or_refused(tmp_path: Path) -> None:
    path = wacz(tmp_path / "crawl.wacz")
    whole = path.read_bytes()
    refused = 0
    for at in range(whole.index(b"PK\x01\x02"), len(whole)):
        for octet in (0, 255):
            path.write_bytes(whole[:at] + bytes([octet]) + whole[at + 1 :])
            try:
                with open_package(path) as held:
                    assert isinstance(list(held.pages()), list)
            except UnreadableFile:
                refused += 1
    assert refused > (len(whole) - whole.index(b"PK\x01\x02")) / 4


def test_a_packed_file_that_cannot_be_unpacked_is_said_and_no_fault_of_the_reader_is(tmp_path: Path) -> None:
    def pack(package: zipfile.ZipFile) -> None:
        package.writestr("pages/more.jsonl", "x" * 5000, compress_type=zipfile.ZIP_DEFLATED)

    path = wacz(tmp_path / "crawl.wacz", pack)
    with zipfile.ZipFile(path) as package:
        info = package.getinfo("pages/more.jsonl")
    octets = bytearray(path.read_bytes())
    at = info.header_offset + 30 + len(info.filename)
    octets[at : at + info.compress_size] = b"\xff" * info.compress_size
    path.write_bytes(octets)
    with open_package(path) as held:
        with (
            pytest.raises(UnreadableFile, match=r"pages/more\.jsonl"),
            held.open("pages/more.jsonl") as stream,
        ):
            stream.read()
        with pytest.raises(RuntimeError, match="ours"), held.open("archive/rec.warc.gz"):
            raise RuntimeError("ours")


@pytest.mark.slow
def test_a_bomb_in_a_record_is_left_out_and_the_rest_is_taken(tmp_path: Path) -> None:
    made = Crawl()
    made.response("http://harbour.example/one", story(1), "2017-10-07T10:00:02Z")
    made.response("http://harbour.example/bomb", "0" * 70_000_000, "2017-10-07T10:00:03Z")
    made.response("http://harbour.example/two", story(2), "2017-10-07T10:00:04Z")
    said: list[str] = []
    with opened(tmp_path / "a") as archive:
        results = taken(archive, made.save(tmp_path / "x.warc.gz"), Importing(said.append))
    assert [one.outcome for one in results] == ["new", "new"]
    assert "longer than" in said[0]


def test_what_is_no_warc_file_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[archive]\n")
    for name, octets in (
        ("a.warc", b"%PDF-1.4"),
        ("b.warc.gz", gzip.compress(b"hello")),
        ("c.wacz", b"PK no"),
    ):
        (tmp_path / name).write_bytes(octets)
        said = run(tmp_path, "import", name.split(".")[1], name)
        assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
        assert name in said.err
    assert run(tmp_path, "import", "warc", "nowhere.warc").code == 2


def test_the_archives_own_export_comes_back_with_tags_and_saved_pages(
    fetched: Archive, tmp_path: Path
) -> None:
    fetched.export("warc", tmp_path / "all.warc.gz")
    with opened(tmp_path / "a") as archive:
        outcomes = [one.outcome for one in import_warc(archive, tmp_path / "all.warc.gz", Importing())]
        assert sorted(outcomes) == ["new"] * fetched.status().articles + ["unchanged"]
        for number in range(1, fetched.status().articles + 1):
            before = fetched.article(number)
            after = archive.article(before.url)
            assert (after.title, after.text, after.tags, after.first_captured, after.last_captured) == (
                *(before.title, before.text, before.tags, before.first_captured, before.last_captured),
            )


def test_json_lines_come_back_as_they_went(archive: Archive, tmp_path: Path) -> None:
    archive.export("jsonl", tmp_path / "all.jsonl")
    folder = tmp_path / "a"
    with opened(folder) as other:
        assert (
            len(list(import_articles(other, tmp_path / "all.jsonl", Importing())))
            == archive.status().articles
        )
        again = import_articles(other, tmp_path / "all.jsonl", Importing())
        assert {one.outcome for one in again} == {"known"}
        other.export("jsonl", tmp_path / "back.jsonl")
    check(folder)
    before, after = (
        [json.loads(line) for line in (tmp_path / name).read_text().splitlines()]
        for name in ("all.jsonl", "back.jsonl")
    )
    for one in (*before, *after):
        for name in ("warc_file", "warc_offset", "warc_length", "text_sha256"):
            one.pop(name)
    assert before == after


def test_a_line_that_is_no_article_is_named_and_passed_over(tmp_path: Path) -> None:
    good = {"url": "http://a.example/x", "text": "A text of a few words.", "title": "=1+1", "unknown": 1}
    bad = ["{", "[]", '{"url": "http://a.example/y"}', '{"url": "ftp://a", "text": "x"}', '{"text": "x"}']
    bad.append("[" * 100_000)
    strange = {"text": " "}, {"published": "2017-13-01"}, {"first_captured": "0001-01-01T00:00:00+14:00"}
    bad += [json.dumps(good | one) for one in strange]
    (tmp_path / "x.jsonl").write_text("\n".join([json.dumps(good), "", *bad]))
    said: list[str] = []
    with opened(tmp_path / "a") as archive:
        (result,) = import_articles(archive, tmp_path / "x.jsonl", Importing(said.append))
    assert (result.outcome, result.title) == ("new", "=1+1")
    assert [line.split(":")[0] for line in said] == [f"x.jsonl line {number}" for number in range(3, 12)]
