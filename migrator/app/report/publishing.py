"""A report's files from a folder of their own into the one that was asked for: all of them, private, each at once."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from migrator.errors import MigratorError, UsageError

MANIFEST = ".migrator-report.json"
"""Names the files of the report that lies in a directory, so that the next one replaces these and no others."""


@contextmanager
def workshop(directory: Path) -> Iterator[Path]:
    """A private folder beside the files of `directory`, which is made where it is missing; it goes in any case.

    Raises `UsageError` when the directory cannot be made.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".migrator-report-", dir=directory))
    except OSError as error:
        raise UsageError(
            f"{directory}: {error.strerror or error}; expected a directory that can be written to",
            hint="name another one with -o",
        ) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish(folder: Path, files: Iterable[Path], directory: Path) -> list[Path]:
    """Move the finished `files` of a workshop to their place; what an older report left beside them goes.

    Returns the files in their place. Raises `UsageError`, before anything was moved, when a file that is not of a
    report is in the way.
    """
    wanted = [file.relative_to(folder) for file in files]
    before = _told(directory)
    foreign = [name for name in wanted if name not in before and (directory / name).exists()]
    if foreign:
        raise UsageError(
            f"{directory / foreign[0]} is not of a report of this program, and would be replaced",
            hint="move it away, or name another directory with -o",
        )
    try:
        # First the union, so that an interruption leaves nothing behind that the next report would not know.
        _tell(folder, directory, {*before, *wanted})
        for name in wanted:
            place = directory / name
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            (folder / name).chmod(0o600)
            (folder / name).replace(place)
        for name in before - set(wanted):
            (directory / name).unlink(missing_ok=True)
        _tell(folder, directory, set(wanted))
    except OSError as error:
        raise MigratorError(
            f"{directory}: {error.strerror or error}", hint="mend that, or name another directory with -o"
        ) from error
    return [directory / name for name in wanted]


def _told(directory: Path) -> set[Path]:
    """The files of the report that lies there; one that leads out of the directory is nobody's."""
    try:
        names = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))["files"]
        paths = {Path(str(name)) for name in names}
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    return {path for path in paths if not path.is_absolute() and ".." not in path.parts}


def _tell(folder: Path, directory: Path, names: set[Path]) -> None:
    part = folder / MANIFEST
    part.write_text(json.dumps({"files": sorted(map(str, names))}, ensure_ascii=False), encoding="utf-8")
    part.chmod(0o600)
    part.replace(directory / MANIFEST)
