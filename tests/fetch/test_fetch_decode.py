"""Content codings: undone, and never beyond what was asked for."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import textwrap
import zlib
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.errors import DecodeError
from scraper.fetch.decode import decode_content
from tests.loopback import bomb, encoded

CODINGS = ("gzip", "deflate", "br", "zstd")
TEXT = ("Der Bär läuft. " * 20_000).encode()


@given(st.binary(max_size=3000), st.lists(st.sampled_from(CODINGS), max_size=2), st.integers(1, 40))
@settings(deadline=None)
def test_what_was_encoded_is_decoded(data: bytes, codings: list[str], repeat: int) -> None:
    whole = data * repeat
    payload = whole
    for coding in codings:
        payload = encoded(payload, coding)
    assert decode_content(payload, codings, 10_000_000) == (whole, False)


@pytest.mark.parametrize("coding", CODINGS)
def test_no_more_is_given_than_was_asked_for(coding: str) -> None:
    payload = encoded(TEXT, coding)
    for limit in (0, 1, 65_536, 65_537, len(TEXT) - 1):
        assert decode_content(payload, [coding], limit) == (TEXT[:limit], True)
    assert decode_content(payload, [coding], len(TEXT)) == (TEXT, False)


@pytest.mark.parametrize("coding", CODINGS)
def test_a_cut_body_is_damaged_unless_it_is_known_to_be_cut(coding: str) -> None:
    whole = bytes(range(256)) * 3000 + TEXT
    payload = encoded(whole, coding)
    for cut in (1, 3, 7, len(payload) // 2, len(payload) - 1):
        with pytest.raises(DecodeError):
            decode_content(payload[:cut], [coding], 10_000_000)
        found, truncated = decode_content(payload[:cut], [coding], 10_000_000, partial=True)
        assert truncated
        assert whole.startswith(found)


@pytest.mark.parametrize("coding", CODINGS)
def test_a_body_in_another_form_than_it_says_is_damaged(coding: str) -> None:
    with pytest.raises(DecodeError):
        decode_content(b"<!DOCTYPE html><p>not encoded at all</p>" * 10, [coding], 1000)


@pytest.mark.parametrize("coding", ["gzip", "zstd", "deflate"])
def test_a_wrong_checksum_is_damage(coding: str) -> None:
    payload = bytearray(
        zstandard.ZstdCompressor(write_checksum=True).compress(TEXT)
        if coding == "zstd"
        else encoded(TEXT, coding)
    )
    payload[-2] ^= 0x55
    with pytest.raises(DecodeError):
        decode_content(bytes(payload), [coding], 10_000_000)


def test_bare_deflate_is_read_under_the_name_of_zlib() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    assert decode_content(packer.compress(TEXT) + packer.flush(), ["deflate"], 10_000_000).data == TEXT


def test_gzip_members_follow_each_other_and_rubbish_after_them_is_ignored() -> None:
    two = gzip.compress(b"one ") + gzip.compress(b"two")
    assert decode_content(two, ["x-gzip"], 100) == (b"one two", False)
    assert decode_content(two + b"\0\0\0rubbish", ["gzip"], 100) == (b"one two", False)


def test_zstd_frames_follow_each_other_and_skippable_ones_are_skipped() -> None:
    skippable = (0x184D2A53).to_bytes(4, "little") + (5).to_bytes(4, "little") + b"hello"
    payload = encoded(b"one ", "zstd") + skippable + zstandard.compress(b"two") + skippable
    assert decode_content(payload, ["zstd"], 100) == (b"one two", False)


def test_a_zstd_window_above_the_limit_is_refused() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=25, compression_level=3)
    packer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    payload = packer.compress(bytes(1000)) + packer.flush()
    with pytest.raises(DecodeError):
        decode_content(payload, ["zstd"], 10_000)
    assert decode_content(payload, ["zstd"], 10_000, zstd_window=1 << 25).data == bytes(1000)


@pytest.mark.parametrize("codings", [["compress"], ["gzip", "exi"], ["gzip"] * 3, ["x" * 5000]])
def test_unknown_and_stacked_codings_are_refused(codings: list[str]) -> None:
    with pytest.raises(DecodeError) as refused:
        decode_content(b"octets", codings, 1000)
    assert len(str(refused.value)) < 200


def test_nothing_under_a_coding_is_nothing() -> None:
    assert decode_content(b"", ["gzip"], 10) == (b"", False)


@pytest.mark.parametrize(
    ("coding", "part"),
    [
        ("gzip", gzip.compress(b"", mtime=0)),
        ("zstd", (0x184D2A50).to_bytes(4, "little") + bytes(4)),
        ("zstd", zstandard.compress(b"x")),
    ],
)
def test_an_endless_row_of_tiny_parts_is_damage(coding: str, part: bytes) -> None:
    with pytest.raises(DecodeError, match="parts"):
        decode_content(part * 120_000, [coding], 1_000_000)


BOMBS = (("gzip",), ("deflate",), ("br",), ("zstd",), ("gzip", "gzip"), ("zstd", "gzip"), ("br", "zstd"))

BOMB_CHILD = textwrap.dedent(
    """
    import json, sys
    from pathlib import Path
    from scraper.fetch.decode import decode_content
    def peak():
        return int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])
    start, results = peak(), {}
    for file in sorted(Path(sys.argv[1]).iterdir()):
        found = decode_content(file.read_bytes(), file.name.split(","), 5_000_000)
        results[file.name] = (len(found.data), found.truncated, peak() - start)
        del found
    print(json.dumps(results))
    """
)


def test_memory_stays_flat_while_bombs_are_read(tmp_path: Path) -> None:
    for codings in BOMBS:
        payload = bomb(codings[0], 100 << 20)
        for coding in codings[1:]:
            payload = encoded(payload, coding)
        (tmp_path / ",".join(codings)).write_bytes(payload)
    child = subprocess.run(
        [sys.executable, "-c", BOMB_CHILD, str(tmp_path)],
        capture_output=True,
        check=True,
        timeout=60,
        cwd=Path(__file__).parents[2],
    )
    results = json.loads(child.stdout)
    assert len(results) == len(BOMBS)
    for name, (size, truncated, grown_kib) in results.items():
        assert (size, truncated) == (5_000_000, True), name
        assert grown_kib < 50_000, name  # 5 MB wanted, windows of 8 MB; undone whole each is 100 MB
