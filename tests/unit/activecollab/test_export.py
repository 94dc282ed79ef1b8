from __future__ import annotations

import gzip
from datetime import UTC, date
from functools import partial
from pathlib import Path

import pytest

from migrator.activecollab.archives import DEFAULT_LIMITS, Limits
from migrator.activecollab.export import Document, find_documents, open_documents, read_documents
from migrator.core.model import DocumentProblem, FoundEntry, Reading, Skimmed
from migrator.errors import UsageError
from tests.unit.activecollab.json_reading import a_json_record, listed
from tests.unit.activecollab.packing import a_zip
from tests.unit.activecollab.reading import TODAY, Sorted, a_record, sort

ALL = ("a.xml", "b.XML", "e[1].xml", "p/f.JSON", "p/g.gz", "p/h.zip")


@pytest.fixture
def base(tmp_path: Path) -> Path:
    for name in (
        "a.xml",
        "b.XML",
        "sub/c.xml",
        "sub/deep/d.xml",
        "sub/notes.txt",
        "e[1].xml",
        "p/f.JSON",
        "p/g.gz",
        "p/h.zip",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(a_record())
    (tmp_path / "empty").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("patterns", "found"),
    [
        (["a.xml"], ["a.xml"]),
        (["./a.xml", "a.xml", "*.xml"], ["a.xml", "e[1].xml"]),
        (["sub"], ["sub/c.xml", "sub/deep/d.xml"]),
        (["sub/*.xml"], ["sub/c.xml"]),
        (["s*"], ["sub/c.xml", "sub/deep/d.xml"]),
        (["**/*.xml"], ["a.xml", "e[1].xml", "sub/c.xml", "sub/deep/d.xml"]),
        (["."], [*ALL, "sub/c.xml", "sub/deep/d.xml"]),
        (["p"], ["p/f.JSON", "p/g.gz", "p/h.zip"]),
        (["p/*.zip"], ["p/h.zip"]),
        (["e[1].xml"], ["e[1].xml"]),
        (["sub/notes.txt"], ["sub/notes.txt"]),
        ([], []),
    ],
)
def test_files_folders_and_patterns_are_found_sorted_and_once(
    base: Path, patterns: list[str], found: list[str]
) -> None:
    assert [path.relative_to(base).as_posix() for path in find_documents(patterns, base)] == found


def test_an_absolute_pattern_is_not_relative_to_the_base(base: Path) -> None:
    assert find_documents([f"{base}/a.xml", f"{base}/s*"], Path("/")) == (
        base / "a.xml",
        base / "sub" / "c.xml",
        base / "sub" / "deep" / "d.xml",
    )


@pytest.mark.parametrize("pattern", ["missing.xml", "*.csv", "empty", "nowhere/*.xml"])
def test_a_pattern_that_matches_nothing_is_wrong_usage(base: Path, pattern: str) -> None:
    with pytest.raises(UsageError) as refused:
        find_documents(["a.xml", pattern], base)
    assert repr(pattern) in refused.value.message


def test_documents_are_named_relative_to_the_base_and_one_that_cannot_be_opened_hides_no_other(base: Path) -> None:
    paths = [base / "gone.xml", base / "sub" / "c.xml"]
    problem, found = read_documents(paths, base, timezone=UTC, today=date(2026, 11, 21))
    assert isinstance(problem, DocumentProblem)
    assert str(problem.origin) == "gone.xml"
    assert problem.message == "cannot be read: No such file or directory"
    assert isinstance(found, FoundEntry)
    assert found.origin.document == "sub/c.xml"


def found_in(path: Path, *, limits: Limits = DEFAULT_LIMITS) -> dict[str, Sorted]:
    """What each document in the file at `path` tells, by its name."""
    documents = open_documents(path, path.parent, timezone=UTC, today=TODAY, limits=limits)
    return {document.name: sort(told(document)) for document in documents}


def told(document: Document) -> list[Reading]:
    """The readings of a document that nobody knows yet, so that none is left unread."""
    readings = list(document.readings)
    return [each for each in readings if not isinstance(each, Skimmed)]


XML = a_record().encode()
JSON = listed([a_json_record()]).encode()
packed = partial(gzip.compress, mtime=0)  # the time would be in the names of the tests
PHP = b"Notice: Undefined index: x in /srv/a.php on line 3\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xml", XML),
        ("a.json", JSON),
        ("a.JSON", JSON),
        ("a.xml", JSON),
        ("a.json", XML),
        ("a.txt", b"\xef\xbb\xbf\n " + JSON),
        ("a.xml", PHP + JSON),
        ("a.json", PHP + XML),
        ("a.xml.gz", packed(XML)),
        ("a.json.gz", packed(JSON)),
        ("a.gz", packed(JSON)),
        ("a.xml", packed(XML)),
        ("a.json", packed(XML[:100]) + packed(XML[100:])),
        ("a.gz", XML),
    ],
)
def test_the_content_decides_how_a_document_is_read(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    ((named, got),) = found_in(tmp_path / name).items()
    assert named == name
    assert [entry.id for entry in got.entries] == [1]
    assert {found.origin.document for found in got.found} == {name}
    assert got.problems == ()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.json", b"", "the document is empty; expected JSON"),
        ("a.xml", b"", "the document is empty; expected XML"),
        ("a.json", b"null garbage", "plain text, not with JSON"),
        ("a.json.gz", packed(b"API key: x"), "plain text, not with JSON"),
        ("a.json", b"<html></html>", "web page"),
        ("a.xml.gz", packed(XML)[:-12], "the archive is cut off"),
        ("a.xml.gz", packed(XML)[:-8] + b"00000000", "the archive is damaged"),
        ("a.xml.gz", packed(packed(XML)), "compressed; unpack it first"),
        ("a.xml.gz", packed(b"a.xml".ljust(257, b"\0") + b"ustar"), "tar archives are not read"),
        ("a.zip", XML, "this is no ZIP archive"),
        ("a.zip", b"", "this is no ZIP archive"),
    ],
)
def test_what_is_no_document_is_told_in_words(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    ((_, got),) = found_in(tmp_path / name).items()
    (told,) = got.problems
    assert words in told.message
    assert told.origin.document == name


def test_what_came_before_the_end_of_a_cut_off_gz_is_read(tmp_path: Path) -> None:
    records = a_record(body="x" * 100_000).removesuffix("</time_records>")
    half = packed((records + records.removeprefix("<time_records>") * 3).encode(), compresslevel=0)
    (tmp_path / "a.xml.gz").write_bytes(half[: len(half) // 2])
    ((_, got),) = found_in(tmp_path / "a.xml.gz").items()
    assert len(got.entries) == 1
    assert got.problems[0].usable_part


def test_a_zip_gives_its_documents_and_names_what_it_leaves_out(tmp_path: Path) -> None:
    members = {
        "time-9.xml": XML,
        "deep/time-7.JSON": JSON,
        "deep/": b"",
        "__MACOSX/._time-9.xml": b"\0\5\x16\7",
        "deep/._time-7.json": b"\0\5\x16\7",
        ".DS_Store": b"\0",
        "notes\x1b.txt": b"x",
    }
    got = found_in(a_zip(tmp_path / "export.zip", members))
    assert list(got) == ["export.zip", "export.zip/deep/time-7.JSON", "export.zip/time-9.xml"]
    assert got["export.zip"].problems == ()
    (note,) = got["export.zip"].notes
    assert note == (
        "left out, being neither XML nor JSON: .DS_Store, __MACOSX/._time-9.xml, deep/._time-7.json, notes\ufffd.txt"
    )
    for name in ("export.zip/deep/time-7.JSON", "export.zip/time-9.xml"):
        assert [found.origin.document for found in got[name].found] == [name]


def test_one_bad_member_hides_no_other(tmp_path: Path) -> None:
    path = a_zip(tmp_path / "a.zip", {"1.xml": XML, "2.xml": b"", "3.xml": XML, "inner.zip": b"PK", "4.json": b"[1"})
    whole = path.read_bytes()
    path.write_bytes(whole.replace(XML, XML[:-20] + b"?" * 20, 1))  # stored, so that only its checksum tells
    got = found_in(path)
    problems = {name: [told.message for told in each.problems] for name, each in got.items()}
    assert [len(got[f"a.zip/{number}.xml"].found) for number in (1, 2, 3)] == [0, 0, 1]
    assert "damaged" in problems["a.zip/1.xml"][0]
    assert problems["a.zip/3.xml"] == problems["a.zip"] == []
    assert "empty" in problems["a.zip/2.xml"][0]
    assert "cut off" in problems["a.zip/4.json"][-1]
    assert "an archive inside an archive" in problems["a.zip/inner.zip"][0]


def test_a_document_in_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    ((name, got),) = found_in(tmp_path / "gone.zip").items()
    assert (name, got.problems[0].message) == ("gone.zip", "cannot be read: No such file or directory")


def test_paths_in_json_lead_to_the_site_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(JSON)
    for document in open_documents(
        tmp_path / "a.json", tmp_path, timezone=UTC, today=TODAY, base_url="https://ac.example.com/api/v1"
    ):
        (entry,) = sort(told(document)).entries
        assert entry.permalink == "https://ac.example.com/projects/7/time-records/1"
