"""The table of odd cases: what stands in `tests/data/activecollab/cases/`, checked for its form and compared."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from migrator.core.model import FoundEntry, Rejected
from tests.unit.activecollab.reading import CORPUS, Sorted

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")

FOLDER = CORPUS / "cases"
EVERY = range(1, 81)
"""The numbers of the cases."""

Said = dict[str, object]
"""Some fields of a value, as the table says them."""


@dataclass(frozen=True, slots=True)
class Case:
    """One variant of a case: a document with what comes out of it, or the test that checks it."""

    number: int
    says: str
    document: str = ""
    generation: int = 0
    records: tuple[Said, ...] = ()
    rejected: tuple[Said, ...] = ()
    masters: tuple[Said, ...] | None = None
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    usable: bool = True
    expenses: int = 0
    timezone: str = "UTC"
    checked_by: str = ""

    @property
    def name(self) -> str:
        return f"{self.number}: {self.says}"

    @property
    def path(self) -> Path:
        return (FOLDER / self.document).resolve()


def load_table(name: str, kind: type[T]) -> tuple[T, ...]:
    """The entries of one table; a misspelt key is an error, not a check that never happens."""
    return tuple(_entry(said, kind) for said in tomllib.loads((FOLDER / name).read_text("utf-8"))["case"])


def _entry(said: dict[str, Any], kind: type[T]) -> T:  # Any: TOML; a value of another type fails in the comparison
    known = {each.name for each in fields(kind)}
    assert said.keys() <= known, f"unknown keys: {sorted(said.keys() - known)}"
    return kind(**{key: tuple(value) if isinstance(value, list) else value for key, value in said.items()})


def check(case: Case, got: Sorted) -> None:
    """Compare what was read with what the case expects."""
    assert len(got.found) == len(case.records), [found.entry.id for found in got.found]
    for said, found in zip(case.records, got.found, strict=True):
        _check_record(said, found)
    assert len(got.rejected) == len(case.rejected), [reject.message for reject in got.rejected]
    for said, reject in zip(case.rejected, got.rejected, strict=True):
        _check_reject(said, reject)
    if case.masters is not None:
        assert len(got.masters) == len(case.masters), got.masters
        for said, master in zip(case.masters, got.masters, strict=True):
            compare(fields_of(master), said)
    _check_parts(case.problems, tuple(problem.message for problem in got.problems))
    assert all(problem.usable_part is case.usable for problem in got.problems)
    _check_parts(case.notes, got.notes)
    assert got.expenses == case.expenses


def _check_record(said: Said, found: FoundEntry) -> None:
    warnings = said.get("warnings", [])
    assert isinstance(warnings, list)
    _check_parts(tuple(warnings), found.warnings)
    compare(fields_of(found.entry), {key: value for key, value in said.items() if key != "warnings"})


def _check_reject(said: Said, reject: Rejected) -> None:
    assert (reject.source_id, reject.field) == (said.get("id"), said["field"])
    assert str(said["says"]) in reject.message


def _check_parts(parts: tuple[str, ...], told: tuple[str, ...]) -> None:
    assert len(told) == len(parts), told
    for part, whole in zip(parts, told, strict=True):
        assert part in whole


def compare(got: Said, said: Said) -> None:
    """The fields that `said` names are as it says; those under `none` have no value."""
    none = said.get("none", [])
    assert isinstance(none, list)
    expected = {**said, **dict.fromkeys(none)}
    expected.pop("none", None)
    compared = {key: got[key] for key in expected}
    assert compared == expected, f"{compared} instead of {expected}"


def fields_of(value: DataclassInstance) -> Said:
    """The fields of a value of the core, and its `kind`."""
    names = [each.name for each in fields(value)]
    return {"kind": type(value).__name__, **{name: _plain(getattr(value, name)) for name in names}}


def _plain(value: object) -> object:
    return value.name.lower() if isinstance(value, Enum) else value
