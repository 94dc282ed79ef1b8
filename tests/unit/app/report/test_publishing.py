"""A report's files reach their directory whole and private, and touch nothing that is not theirs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from migrator.app.report.publishing import MANIFEST, publish, workshop
from migrator.errors import UsageError


def made(directory: Path, *names: str) -> None:
    """A report of files that each hold their own name."""
    with workshop(directory) as folder:
        files = [folder / name for name in names]
        for file in files:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(file.name)
        assert publish(folder, files, directory) == [directory / name for name in names]


def interrupted(directory: Path) -> None:
    """Somebody presses Ctrl-C in the middle."""
    with workshop(directory) as folder:
        (folder / "report.html").write_text("half")
        raise KeyboardInterrupt


def there(directory: Path) -> set[str]:
    return {path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file()} - {MANIFEST}


def test_what_an_older_report_left_goes_and_what_others_put_there_stays(tmp_path: Path) -> None:
    directory = tmp_path / "deep" / "out"
    made(directory, "report.html", "projects/1.html", "projects/2.html")
    (directory / "projects" / "notes.txt").write_text("mine")
    made(directory, "report.html", "projects/2.html")
    assert there(directory) == {"report.html", "projects/2.html", "projects/notes.txt"}
    modes = {path.stat().st_mode & 0o777 for path in directory.rglob("*.html")}
    assert (modes, directory.stat().st_mode & 0o777) == ({0o600}, 0o700)


def test_an_interruption_leaves_neither_halves_nor_the_folder_they_were_made_in(tmp_path: Path) -> None:
    made(tmp_path / "out", "report.html")
    with pytest.raises(KeyboardInterrupt):
        interrupted(tmp_path / "out")
    assert there(tmp_path / "out") == {"report.html"}
    assert (tmp_path / "out" / "report.html").read_text() == "report.html"


def test_a_manifest_that_names_files_elsewhere_makes_nothing_go(tmp_path: Path) -> None:
    victim = tmp_path / "victim.txt"
    victim.write_text("mine")
    directory = tmp_path / "out"
    directory.mkdir()
    (directory / MANIFEST).write_text(json.dumps({"files": ["../victim.txt", str(victim), "a.html"]}))
    made(directory, "report.html")
    assert (victim.read_text(), there(directory)) == ("mine", {"report.html"})


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="expected a directory"), workshop(tmp_path / "file"):
        pass
