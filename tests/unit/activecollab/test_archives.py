"""What an archive gives, and what it is stopped at."""

from __future__ import annotations

import gzip
import tracemalloc
import warnings
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.activecollab.archives import (
    DEFAULT_LIMITS,
    Contents,
    Limits,
    Member,
    UnpackError,
    Unusable,
    open_members,
    unpack_gzip,
)
from tests.unit.activecollab.packing import a_zip
from tests.unit.activecollab.reading import a_record

TINY = Limits(document=5_000, archive=8_000, ratio=20, unsuspected=1_000, members=10)
NOISE = bytes(range(256)) * 4  # packs badly within 1,024 bytes, but well when repeated


def zipped(tmp_path: Path, members: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    return a_zip(tmp_path / "a.zip", members, method=method).read_bytes()


def opened(raw: bytes, limits: Limits = DEFAULT_LIMITS) -> tuple[Contents, dict[str, bytes | str]]:
    """What is said of the archive, and the content of each member or why there is none."""
    contents, *members = [
        (part, part.stream.read()) if isinstance(part, Member) else (part, b"")
        for part in open_members(BytesIO(raw), len(raw), limits)
    ]
    assert isinstance(contents[0], Contents)
    given: dict[str, bytes | str] = {}
    for part, content in members:
        assert not isinstance(part, Contents)
        given[part.name] = part.reason if isinstance(part, Unusable) else content
    return contents[0], given


def test_members_are_unpacked_by_name(tmp_path: Path) -> None:
    raw = zipped(tmp_path, {"b.xml": b"B", "sub/a.json": b"A", "A.XML": b""})
    assert opened(raw) == (Contents(), {"A.XML": b"", "b.xml": b"B", "sub/a.json": b"A"})


def test_a_name_that_stands_twice_gives_two_documents(tmp_path: Path) -> None:
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.xml", b"1")
        archive.writestr("a.xml", b"2")
    assert opened((tmp_path / "a.zip").read_bytes())[1] == {"a.xml": b"1", "a.xml#2": b"2"}


@pytest.mark.parametrize(
    ("members", "problem"),
    [({}, "no XML or JSON document"), ({"a.txt": b"x"}, "no XML or JSON document"), ({"a.xml": b"x"}, "")],
)
def test_an_archive_without_documents_is_never_an_empty_export(
    tmp_path: Path, members: dict[str, bytes], problem: str
) -> None:
    assert problem in opened(zipped(tmp_path, members))[0].problem
    assert bool(problem) is bool(opened(zipped(tmp_path, members))[0].problem)


def test_long_lists_of_what_is_left_out_are_shortened(tmp_path: Path) -> None:
    contents, _ = opened(zipped(tmp_path, {f"{number:02}.txt": b"" for number in range(14)}))
    assert contents.note.endswith("08.txt, 09.txt and 4 more")
    assert len(contents.left_out) == 14


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_cannot_be_unpacked_a_little_at_a_time_are_refused(tmp_path: Path, method: int) -> None:
    assert "not supported" in str(opened(zipped(tmp_path, {"a.xml": b"x"}, method=method))[1]["a.xml"])


def test_encrypted_members_are_refused(tmp_path: Path) -> None:
    raw = bytearray(zipped(tmp_path, {"a.xml": b"x"}))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(signature) + flags] |= 1
    assert "encrypted" in str(opened(bytes(raw))[1]["a.xml"])


@pytest.mark.parametrize("name", ["a.zip", "b.GZ", "c.tar", "d.7z", "e.tgz"])
def test_archives_inside_archives_are_named_and_not_read(tmp_path: Path, name: str) -> None:
    assert "inside an archive" in str(opened(zipped(tmp_path, {name: b"x", "a.xml": b"x"}))[1][name])


def test_an_honest_document_passes_its_limits(tmp_path: Path) -> None:
    assert opened(zipped(tmp_path, {"a.xml": NOISE * 4}), TINY)[1] == {"a.xml": NOISE * 4}


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"a.xml": b"x" * 4_000}, "the document unpacks to more than 20 times its size, as a bomb does"),
        ({"a.xml": NOISE * 5}, "the document unpacks to more than 5,000 bytes"),
        ({"a.xml": NOISE * 4, "b.xml": NOISE * 4}, "the archive unpacks to more than 8,000 bytes"),
    ],
)
def test_a_bomb_is_stopped_and_told(tmp_path: Path, members: dict[str, bytes], words: str) -> None:
    with pytest.raises(UnpackError) as stopped:
        opened(zipped(tmp_path, members), replace(TINY, ratio=20))
    assert words in str(stopped.value.strerror)


def test_members_that_share_their_bytes_are_stopped_by_the_size_of_the_archive(tmp_path: Path) -> None:
    # One packed member, which the directory names many times: each is honest, all together are a bomb.
    path = a_zip(tmp_path / "a.zip", {"a.xml": NOISE * 4}, method=zipfile.ZIP_DEFLATED)
    with zipfile.ZipFile(path, "a") as archive:
        first = archive.infolist()[0]
        archive.filelist.extend([first] * 30)
        archive.comment = b"x"  # makes the directory be written anew
    raw = path.read_bytes()
    limits = replace(TINY, archive=10**9, members=1_000, ratio=15)
    with pytest.raises(UnpackError, match="the archive unpacks to more than 15 times its size"):
        opened(raw, limits)


def test_an_archive_of_very_many_members_is_not_read(tmp_path: Path) -> None:
    contents, members = opened(zipped(tmp_path, {f"{number}.xml": b"" for number in range(11)}), TINY)
    assert "more than 10 members" in contents.problem
    assert members == {}


@pytest.mark.parametrize(
    ("content", "words"), [(b"x" * 4_000, "more than 20 times"), (NOISE * 5, "more than 5,000 bytes")]
)
def test_a_bomb_in_gz_is_stopped_too(content: bytes, words: str) -> None:
    packed = gzip.compress(content)
    with pytest.raises(UnpackError) as stopped:
        unpack_gzip(BytesIO(packed), len(packed), TINY).read()
    assert words in str(stopped.value.strerror)


def test_the_usual_limits_let_a_real_export_pass_and_no_bomb() -> None:
    two_gigabytes = 2_000_000_000
    assert two_gigabytes < DEFAULT_LIMITS.document < DEFAULT_LIMITS.archive
    record = a_record(body="Meeting with the client about the new site").encode()
    listing = b"".join(record.replace(b"<id>1</id>", b"<id>%d</id>" % number) for number in range(20_000))
    assert len(listing) / len(gzip.compress(listing)) < DEFAULT_LIMITS.ratio / 2
    zeros = bytes(20_000_000)
    packed = gzip.compress(zeros)
    with pytest.raises(UnpackError, match="as a bomb does"):
        unpack_gzip(BytesIO(packed), len(packed)).read()


def test_a_long_member_is_never_whole_in_memory(tmp_path: Path) -> None:
    raw = zipped(tmp_path, {"a.xml": b"".join(b"%d," % number for number in range(1_500_000))})
    tracemalloc.start()
    try:
        length = 0
        for part in open_members(BytesIO(raw), len(raw)):
            if isinstance(part, Member):
                while piece := part.stream.read(65_536):
                    length += len(piece)
        assert length > 10_000_000
        assert tracemalloc.get_traced_memory()[1] < len(raw) + 1_500_000
    finally:
        tracemalloc.stop()


@st.composite
def damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    at = draw(st.integers(0, len(whole)))
    bit = draw(st.binary(min_size=1, max_size=4))
    return draw(st.sampled_from([whole[:at], whole[:at] + bit + whole[at:], whole[:at] + bit + whole[at + len(bit) :]]))


@pytest.mark.parametrize(
    ("name", "damaged_name"), [(b"a.xml", b"a.xm/"), (b"a.xml", b"\0.xml"), (b"b.json", b"\0.json")]
)
def test_a_member_whose_name_is_damaged_does_not_vanish(name: bytes, damaged_name: bytes) -> None:
    head, tail = WHOLE.rsplit(b"PK\x01\x02", 1) if name == b"b.json" else WHOLE.split(b"PK\x01\x02", 1)
    contents, members = opened(head + b"PK\x01\x02" + tail.replace(name, damaged_name, 1))
    assert (len(contents.left_out), len(members)) == (1, 1)


@given(st.data())
@settings(max_examples=300)
def test_no_damage_raises_anything_but_words(data: st.DataObject) -> None:
    raw = data.draw(damaged(WHOLE))
    try:
        contents, members = opened(raw)
    except UnpackError:
        return
    # What has no checksum may be damaged: times, flags, and names, which only tell what is read.
    assert contents.problem or contents.left_out or len(members) == 2


def whole_zip() -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (("a.xml", a_record()), ("deep/b.json", "[]")):
            # The same bytes every day, so that what is drawn damages the same places.
            archive.writestr(zipfile.ZipInfo(name, (2024, 5, 1, 12, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


WHOLE = whole_zip()


@given(st.binary(max_size=60))
def test_any_bytes_behind_the_mark_of_gzip_raise_only_words(rest: bytes) -> None:
    raw = b"\x1f\x8b\x08" + rest
    with pytest.raises(UnpackError, match=r"cut off|damaged"):
        unpack_gzip(BytesIO(raw), len(raw)).read()
