from __future__ import annotations

from datetime import UTC, date
from pathlib import Path

import pytest

from migrator.activecollab.export import find_documents, read_documents
from migrator.core.model import DocumentProblem, FoundEntry
from migrator.errors import UsageError
from tests.unit.activecollab.reading import a_record


@pytest.fixture
def base(tmp_path: Path) -> Path:
    for name in ("a.xml", "b.XML", "sub/c.xml", "sub/deep/d.xml", "sub/notes.txt", "old.json", "e[1].xml"):
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
        (["."], ["a.xml", "b.XML", "e[1].xml", "sub/c.xml", "sub/deep/d.xml"]),
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


def test_a_format_that_cannot_be_read_is_never_passed_over(base: Path) -> None:
    with pytest.raises(UsageError, match=r"old\.json: \.json files are not available yet"):
        find_documents(["*"], base)


def test_documents_are_named_relative_to_the_base_and_one_that_cannot_be_opened_hides_no_other(base: Path) -> None:
    paths = [base / "gone.xml", base / "sub" / "c.xml"]
    problem, found = read_documents(paths, base, timezone=UTC, today=date(2026, 11, 21))
    assert isinstance(problem, DocumentProblem)
    assert str(problem.origin) == "gone.xml"
    assert problem.message == "cannot be read: No such file or directory"
    assert isinstance(found, FoundEntry)
    assert found.origin.document == "sub/c.xml"
