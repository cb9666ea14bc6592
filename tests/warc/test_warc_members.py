"""Members are found where they begin, whole or not at all, whatever they hold."""

from __future__ import annotations

import io
import random
import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.warc.members import (
    BadMember,
    Inflater,
    fast_inflater,
    next_record_offset,
    read_member,
    zlib_inflater,
)

MakeMember = Callable[..., bytes]
INFLATERS = pytest.mark.parametrize("inflater", [fast_inflater, zlib_inflater])
RECORD = b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Warcinfo-ID: <urn:uuid:1>\r\n\r\nblock\r\n\r\n"


@given(contents=st.lists(st.binary(max_size=400), min_size=1), gap=st.binary(max_size=20))
def test_members_one_after_another_are_told_apart(
    make_member: MakeMember, contents: list[bytes], gap: bytes
) -> None:
    members = [make_member(content) for content in contents]
    stream = io.BytesIO(gap + b"".join(members))
    for inflater in (fast_inflater, zlib_inflater):
        offset = len(gap)
        for content, member in zip(contents, members, strict=True):
            found = read_member(stream, offset, inflater=inflater)
            assert found
            assert (found.data, found.length, found.size) == (content, len(member), len(content))
            offset += found.length
        assert read_member(stream, offset, inflater=inflater) is None


@INFLATERS
@pytest.mark.parametrize("size", [65_535, 65_536, 1_048_575, 1_048_576, 1_048_577, 3_000_000])
@pytest.mark.parametrize("compressible", [True, False])
def test_sizes_around_the_buffers_are_read_whole(
    make_member: MakeMember, inflater: Callable[[], Inflater], size: int, compressible: bool
) -> None:
    content = bytes(size) if compressible else random.Random(size).randbytes(size)  # noqa: S311 - no secret
    member = make_member(content)
    found = read_member(io.BytesIO(member + b"tail"), 0, inflater=inflater)
    assert found
    assert found.data == content
    assert (found.length, found.size) == (len(member), size)


@INFLATERS
def test_a_bomb_is_counted_and_not_kept(make_member: MakeMember, inflater: Callable[[], Inflater]) -> None:
    member = make_member(*[bytes(1_000_000)] * 60)
    tracemalloc.start()
    found = read_member(io.BytesIO(member), 0, max_bytes=10, inflater=inflater)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found
    assert (found.data, found.size, found.length) == (bytes(10), 60_000_000, len(member))
    assert peak < 8_000_000


@INFLATERS
def test_a_torn_member_is_told_from_a_damaged_one(
    make_member: MakeMember, inflater: Callable[[], Inflater]
) -> None:
    member = make_member(b"content " * 99)
    with pytest.raises(BadMember) as caught:
        read_member(io.BytesIO(member[:-1]), 0, inflater=inflater)
    assert caught.value.torn
    with pytest.raises(BadMember, match="damaged") as caught:
        read_member(io.BytesIO(member[:-5] + b"\0" + member[-4:]), 0, inflater=inflater)
    assert not caught.value.torn
    with pytest.raises(BadMember, match="no gzip member begins here"):
        read_member(io.BytesIO(b"plain text, and more of it"), 0, inflater=inflater)


@pytest.mark.parametrize("before", [0, 1, 65_534, 65_535, 65_536, 131_073])
def test_the_next_record_is_found_wherever_it_begins(make_member: MakeMember, before: int) -> None:
    noise = b"\x1f\x8b\x08" * (before // 3) + b"\x1f" * (before % 3)
    other = make_member(b"no record")
    stream = io.BytesIO(noise + other + make_member(RECORD))
    assert next_record_offset(stream, 0) == before + len(other)
    assert next_record_offset(stream, before + len(other) + 1) is None


def test_a_record_inside_a_page_is_not_taken_for_one_of_the_file(make_member: MakeMember) -> None:
    inside = make_member(RECORD.replace(b"uuid:1", b"uuid:9"))
    stream = io.BytesIO(b"damaged" + inside + make_member(RECORD))
    assert next_record_offset(stream, 0) == 7
    assert next_record_offset(stream, 0, warcinfo_id="urn:uuid:1") == 7 + len(inside)
