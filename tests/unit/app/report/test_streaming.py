"""Long lists go to disk as they come: never more than a few of their lines are alive."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import ClassVar

import pytest

from migrator.app.report.csv_files import write_csv
from migrator.app.report.wording import Language
from migrator.app.report.xlsx import write_xlsx
from migrator.core.compare import DifferenceKind
from migrator.core.report.figures import Figures
from migrator.core.report.line import Exceptional, Lines, RecordLine
from tests.support.reports import a_line, a_troubled_report, exceptions_of

MANY = 300


class Alive(RecordLine):
    """A line that counts how many of its kind there are."""

    __slots__ = ()
    living: ClassVar[int] = 0
    most: ClassVar[int] = 0

    def __del__(self) -> None:
        Alive.living -= 1


class Waiting(Exceptional):
    """The same for what waits."""

    __slots__ = ()

    def __del__(self) -> None:
        Alive.living -= 1


def born() -> None:
    Alive.living += 1
    Alive.most = max(Alive.most, Alive.living)


@dataclass(frozen=True, slots=True)
class Endless:
    """Lines that are made when they are asked for."""

    def differences(self) -> Iterator[RecordLine]:
        like = a_line(1, difference=DifferenceKind.CHANGED)
        for _ in range(MANY):
            born()
            yield Alive(*(getattr(like, each.name) for each in fields(like)))

    def of_project(self, project_id: int) -> Iterator[RecordLine]:
        return iter(())

    def every(self) -> Iterator[RecordLine]:
        return iter(())

    def exceptions(self) -> Iterator[Exceptional]:
        like = exceptions_of(a_troubled_report()[1].lines)[0]
        for _ in range(MANY):
            born()
            yield Waiting(*(getattr(like, each.name) for each in fields(like)))


@pytest.mark.parametrize("write", [write_xlsx, write_csv])
def test_only_a_few_lines_are_alive_at_once(
    tmp_path: Path, write: Callable[[Path, Figures, Lines, Language], list[Path]]
) -> None:
    figures, _ = a_troubled_report()
    Alive.most = 0
    written = write(tmp_path, figures, Endless(), Language.EN)
    assert all(path.stat().st_size for path in written)
    assert 1 <= Alive.most <= 3
    assert Alive.living == 0
